//! The first river: artifact → findings. Pure: bytes come in, findings go out.

mod batches;
mod claims;
pub mod environment;
mod excerpt;
mod facts;
mod lints;
mod merge;
mod owner;
pub mod pool;
pub mod purpose;
mod shown;
mod speech;
mod trace;

use std::borrow::Cow;
use std::sync::Arc;

use self::batches::{Batches, Scene};
use self::pool::{BATCH, Ceiling, Everything};

use crate::artifact::{Artifact, EnvironmentEvidence, Nature, Role, Text, Window};
use crate::carrier::{Carried, Reader, table};
use crate::finding::{Finding, Notice, NoticeKind, PlaceKind};
use crate::format::{self, Field, kind};
use crate::rule::RuleBook;
use crate::rule::book::{MatchRef, ServiceRule};
use crate::rule::schema::Tier;
use crate::secret::{Key, Secret};
use crate::text::{Position, SourceMap, Span};
use crate::time::Instant;
use crate::value::{Braces, ValueKind};

/// How much of a variable is kept for the advice to name it, in bytes.
const WRITTEN_MAX: usize = 160;

/// No token is shorter, in bytes: what stands around a shorter word is not asked for a lifetime.
const TOKEN_MIN: usize = 8;

/// How artifacts are scanned.
#[derive(Debug)]
pub struct Scanner<'s> {
    /// The rules.
    pub book: &'s RuleBook,
    /// The moment of every decision about expiry.
    pub at: Instant,
    /// The key of fingerprints.
    pub key: Key,
    /// A credential that dies within this many seconds is expiring.
    pub expiring_within: i64,
    /// What the config says about environments.
    pub environments: environment::Environments,
    /// What files are for, by their paths.
    pub purposes: purpose::Purposes,
}

/// What one window gave.
#[derive(Debug, Default)]
pub struct Scan {
    /// Findings, in order.
    pub findings: Vec<Finding>,
    /// What could not be read.
    pub notices: Vec<Notice>,
    /// Every secret of a finding, also of one that is not told: none may be shown.
    pub secrets: Vec<Secret>,
    /// How many findings that were asked for are not told.
    pub cut: usize,
    /// There were more than [`Scan::cut`]; how many cannot be told.
    pub cut_more: bool,
    /// Candidates that were looked at: the measure of work which does not depend on the machine.
    pub candidates: usize,
    /// How many findings were kept at a time: the measure of memory.
    pub held: usize,
}

/// Something carried, in the coordinates of the artifact.
#[derive(Debug)]
pub(crate) struct Sighting<'t> {
    pub(crate) carried: Carried,
    /// Where the value stands in the artifact's bytes.
    pub(crate) source: Span,
    /// What a free-text pattern found inside of this value: it knows the kind and the exact span,
    /// the place knows how it travels.
    pub(crate) lent: Option<Lent>,
    /// Where it stands in the logic of the format.
    pub(crate) logical: Option<&'t str>,
    /// What its neighbours say of its lifetime.
    pub(crate) neighbour: crate::time::Lifetime,
    /// Name and value as written, decoded; empty for a literal.
    pub(crate) written: &'t [u8],
    /// The text around it, for rules that ask for words nearby.
    pub(crate) near: &'t [u8],
}

/// The knowledge of a free-text pattern, lent to the place in which it matched.
#[derive(Debug)]
pub(crate) struct Lent {
    pub(crate) rule: MatchRef,
    pub(crate) secret: Secret,
    pub(crate) source: Span,
    /// The pattern knows the place and not the kind.
    pub(crate) idiom: bool,
}

/// What is known of the artifact as a whole.
#[derive(Debug)]
pub(crate) struct Setting<'a> {
    pub(crate) artifact: &'a Artifact,
    pub(crate) role: Role,
    pub(crate) purpose: purpose::Purpose,
    pub(crate) environment: Option<EnvironmentEvidence>,
}

impl Scanner<'_> {
    /// Scans one window of an artifact, and tells everything.
    pub fn scan(&self, artifact: &Artifact, window: &Window<'_>) -> Scan {
        self.scan_below(artifact, window, &mut Everything)
    }

    /// Scans one window of an artifact, and tells what is below the ceiling.
    pub fn scan_below(
        &self,
        artifact: &Artifact,
        window: &Window<'_>,
        ceiling: &mut dyn Ceiling,
    ) -> Scan {
        let head = window.head;
        let kind = kind::of(&artifact.path, head);
        let format = window.is_whole.then(|| format::detect(artifact.name(), head)).flatten();
        let reading = match format {
            Some(format) => format.read(window.bytes),
            None => format::Reading {
                texts: vec![Text {
                    content: Cow::Borrowed(window.bytes),
                    map: SourceMap::identity(),
                    logical: None,
                    nature: Nature::Running,
                }],
                ..format::Reading::default()
            },
        };
        let mut scan = Scan::default();
        if format.is_none()
            && window.body.start == 0
            && window.first == (Position { line: 1, column: 1 })
            && format::detect(artifact.name(), head).is_some()
        {
            scan.notices.push(Notice {
                path: artifact.path.clone(),
                kind: NoticeKind::Limit,
                message: "is too large to be decoded as a whole, so it was read as plain text: \
                          values that its format wraps or encodes were not seen"
                    .to_owned(),
            });
        }
        scan.notices.extend(reading.notices.into_iter().map(|(kind, message)| Notice {
            path: artifact.path.clone(),
            kind,
            message,
        }));
        let reader = Reader { book: self.book, kind };
        let scene = Scene {
            artifact,
            window,
            role: kind.role,
            production: reading.production,
            keeps_copies: reading.keeps_copies,
        };
        let mut batches = Batches::new(self, scene, ceiling);
        // Fields first: where the same bytes are read twice, the one that knows its place wins.
        for field in &reading.fields {
            self.sight_field(&reader, field, &mut batches.pending);
            batches.rest();
        }
        for text in &reading.texts {
            let content = text.content.as_ref();
            let (head, body) = match format {
                Some(_) => (content, Span::new(0, content.len())),
                None => (head, window.body),
            };
            reader.read_in_pieces(content, body, BATCH, |piece, all| {
                self.sight(&reader, text, (head, piece), all, &mut batches.pending);
                batches.rest();
            });
        }
        batches.finish(&mut scan);
        scan
    }

    /// Takes what a piece of a text carries.
    fn sight<'t>(
        &self,
        reader: &Reader<'_>,
        text: &'t Text<'_>,
        (head, body): (&[u8], Span),
        mut all: Vec<Carried>,
        out: &mut Vec<Sighting<'t>>,
    ) {
        let content = text.content.as_ref();
        if body.start > 0 {
            table::read_later(reader, head, content, body, &mut all);
        }
        let is_worth = |kind| {
            matches!(
                kind,
                ValueKind::Literal | ValueKind::Variable | ValueKind::Demanded | ValueKind::Logged
            )
        };
        let worth = all.into_iter().filter(|carried| is_worth(carried.kind));
        out.extend(worth.map(|carried| self.sighting(text, carried)));
    }

    fn sighting<'t>(&self, text: &'t Text<'_>, carried: Carried) -> Sighting<'t> {
        let content = text.content.as_ref();
        let span = carried.span;
        let neighbour = if carried.kind == ValueKind::Literal && span.len() >= TOKEN_MIN {
            crate::token::neighbour::lifetime(
                content,
                span,
                &carried.name,
                self.book.lexicon.temporary_phrases(),
            )
        } else {
            crate::time::Lifetime::unknown()
        };
        let is_literal = carried.kind == ValueKind::Literal;
        let written = Span::new(span.start, span.end.min(span.start + WRITTEN_MAX));
        let near = Span::new(span.start.saturating_sub(300), (span.end + 300).min(content.len()));
        Sighting {
            source: text.map.to_source(span),
            lent: None,
            written: if is_literal { &[] } else { written.of(content) },
            logical: text.logical.as_deref(),
            near: near.of(content),
            neighbour,
            carried,
        }
    }

    /// Reads a field of a format: the value as a whole, then what stands inside it.
    fn sight_field<'t>(
        &self,
        reader: &Reader<'_>,
        field: &'t Field<'_>,
        out: &mut Vec<Sighting<'t>>,
    ) {
        let content = field.value.content.as_ref();
        let before = out.len();
        let name_span = Span::new(0, 0);
        let own = reader.known(field.name.as_bytes(), Span::new(0, field.name.len()));
        let said = || crate::carrier::Name {
            span: name_span,
            folded: crate::name::fold(field.name.as_bytes()),
            tier: Some(Tier::ByShape),
        };
        // What holds an address is not itself the secret.
        let secret = field.secret && !crate::carrier::holds_address(content);
        if let Some(known) = own.or_else(|| secret.then(said)) {
            let whole = Span::new(0, content.len());
            let trimmed = trim(content, whole);
            let mut carried = if crate::carrier::header::is_header(&known, opener(field.place)) {
                let extracted = crate::carrier::literal::Extracted {
                    span: trimmed,
                    quoted: true,
                    braces: Braces::Inert,
                    expression: false,
                };
                let name = crate::carrier::Name { span: name_span, ..known };
                crate::carrier::header::of_value(reader, content, extracted, &name)
            } else {
                let kind =
                    crate::value::classify(trimmed.of(content), Braces::Inert, &self.book.lexicon);
                Carried {
                    name: String::new(),
                    secret: (kind == ValueKind::Literal).then(|| Secret::new(trimmed.of(content))),
                    tier: known.tier,
                    ..Carried::of(field.place, kind, trimmed)
                }
            };
            carried.name.clone_from(&field.name);
            carried.call = field.url.as_deref().map(call_of).map(Arc::new);
            if matches!(carried.kind, ValueKind::Literal | ValueKind::Variable) {
                out.push(self.sighting(&field.value, carried));
            }
        }
        // What the value as a whole is not, it may hold: an address, a header, a script.
        let whole_is_secret =
            out.len() > before && out.last().is_some_and(|s| s.carried.kind == ValueKind::Literal);
        let mut inner = Vec::new();
        let body = Span::new(0, content.len());
        let read = reader.read(content, body);
        self.sight(reader, &field.value, (content, body), read, &mut inner);
        let covered = out.last().filter(|_| whole_is_secret).map(|s| s.source);
        inner.retain(|s: &Sighting<'_>| {
            s.carried.rule.is_some() || covered.is_none_or(|c| !c.overlaps(s.source))
        });
        if inner.iter().any(|s| s.carried.rule.is_none()) && whole_is_secret {
            out.truncate(before);
        }
        out.append(&mut inner);
    }
}

fn opener(place: PlaceKind) -> crate::carrier::context::Opener {
    use crate::carrier::context::Opener;
    match place {
        PlaceKind::Header => Opener::Headers,
        PlaceKind::Body => Opener::Body,
        place if place.is_query() => Opener::Query,
        _ => Opener::Other,
    }
}

/// The service that an address belongs to.
pub fn service_at<'b>(book: &'b RuleBook, url: &str) -> Option<&'b ServiceRule> {
    let call = call_of(url);
    book.service_at(&call.host, &call.path)
}

fn call_of(url: &str) -> crate::carrier::Call {
    let bytes = url.as_bytes();
    let parsed = crate::http::uri::parse(bytes, Span::new(0, bytes.len()));
    crate::carrier::url::call_of(bytes, &parsed)
}

/// The span without blanks and one pair of quotes around it.
fn trim(content: &[u8], span: Span) -> Span {
    let (mut start, mut end) = (span.start, span.end);
    let blank = |b: Option<&u8>| b.is_some_and(u8::is_ascii_whitespace);
    while start < end && blank(content.get(start)) {
        start += 1;
    }
    while start < end && blank(content.get(end - 1)) {
        end -= 1;
    }
    let quotes = (content.get(start), end.checked_sub(1).and_then(|e| content.get(e)));
    if end - start >= 2 && matches!(quotes, (Some(b'"'), Some(b'"')) | (Some(b'\''), Some(b'\''))) {
        return Span::new(start + 1, end - 1);
    }
    Span::new(start, end)
}
