//! Credential rules, compiled: who owns what is carried here?

use super::pattern::Pattern;
use super::schema::{
    Class, ConfidenceWord, CredentialWritten, Inspect, Match as Written, PlaceWord, Tier,
};
use crate::fact::quoted;
use crate::finding::{Confidence, PlaceKind};
use crate::name::fold;
use crate::time::Instant;

/// A credential kind, ready to ask.
#[derive(Debug)]
pub struct CredentialRule {
    /// As written.
    pub written: CredentialWritten,
    /// Its ways of being recognised.
    pub matches: Vec<Match>,
    ignored: Vec<Pattern>,
    /// From when the vendor does not accept the form.
    pub retired_on: Option<Instant>,
}

/// One way of being recognised.
#[derive(Debug)]
pub struct Match {
    /// Folded names of query parameters.
    pub query_param: Vec<String>,
    /// Folded names of headers.
    pub header: Vec<String>,
    /// Folded names of keys.
    pub assignment: Vec<String>,
    /// A userinfo password.
    pub userinfo: bool,
    /// Tiers of the lexicon.
    pub lexicon: Vec<Tier>,
    /// Any named place.
    pub anywhere: bool,
    /// Free text.
    pub text: Option<Pattern>,
    /// Its prefilter.
    pub prefix: Vec<String>,
    /// The same, for what stands in the middle of a token.
    pub inside: Vec<String>,
    /// Where a free-text match stands.
    pub place: Option<PlaceKind>,
    random: bool,
    value: Option<Pattern>,
    scheme: Vec<String>,
    host: Vec<String>,
    path: Option<Pattern>,
    companion: Vec<String>,
    near: Vec<String>,
}

/// What is known around a carried value when a rule is asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Surroundings<'a> {
    /// Scheme of the call, lower-case; empty when unknown.
    pub scheme: &'a str,
    /// Host of the call, lower-case; empty when unknown.
    pub host: &'a str,
    /// Path of the call.
    pub path: &'a [u8],
    /// Folded names of the parameters in the same address.
    pub companions: &'a [String],
    /// The text around, at most a few hundred bytes each way.
    pub near: &'a [u8],
}

impl CredentialRule {
    /// Compiles the written form; the error says which field is wrong and why.
    pub fn compile(written: CredentialWritten) -> Result<Self, (String, String)> {
        let matches: Vec<Match> = written.matches.iter().map(Match::compile).collect();
        let ignored = written.ignore.value.iter().map(|p| Pattern::whole(p)).collect();
        let retired_on = match &written.retired {
            Some(retired) => Some(Instant::parse(&retired.on).ok_or_else(|| {
                (
                    retired.on.clone(),
                    format!(
                        "retired.on: {} is no date like 2026-06-27",
                        quoted(&retired.on, "this")
                    ),
                )
            })?),
            None => None,
        };
        Ok(Self { written, matches, ignored, retired_on })
    }

    /// Checks what compiles lazily; built-in rules are checked by the tests instead of at every start.
    pub fn check(&self) -> Result<(), (String, String)> {
        if self.matches.is_empty() {
            return Err((
                "match".to_owned(),
                "match: at least one way of being recognised is needed".to_owned(),
            ));
        }
        for (m, written) in self.matches.iter().zip(&self.written.matches) {
            m.check(written)?;
        }
        for (pattern, source) in self.ignored.iter().zip(&self.written.ignore.value) {
            pattern.check().map_err(|e| (source.clone(), format!("ignore.value: {e}")))?;
        }
        let life = &self.written.lifetime;
        let given = usize::from(life.unknown.is_some())
            + usize::from(life.fixed.is_some())
            + usize::from(life.inspect.is_some())
            + usize::from(life.permanent.is_some());
        if given > 1 {
            return Err((
                "lifetime".to_owned(),
                "lifetime: give one of unknown, fixed, inspect, permanent".to_owned(),
            ));
        }
        if let Some(fixed) = &life.fixed
            && crate::time::parse_duration(fixed).is_none()
        {
            return Err((
                fixed.clone(),
                format!("lifetime.fixed: {} is no duration like 1h or 30d", quoted(fixed, "this")),
            ));
        }
        Ok(())
    }

    /// Whether a value is a documented sample or too poor to be one of this kind.
    pub fn ignores(&self, value: &[u8]) -> bool {
        let ignore = &self.written.ignore;
        ignore.shorter_than.is_some_and(|n| value.len() < n)
            || ignore.entropy_below.is_some_and(|bits| crate::shape::entropy(value) < bits.0)
            || self.ignores_sample(value)
    }

    /// Whether a value is a documented sample of this kind: then it is no credential of any kind.
    pub fn ignores_sample(&self, value: &[u8]) -> bool {
        self.ignored.iter().any(|pattern| pattern.is_match(value))
    }

    /// The id.
    pub fn id(&self) -> &str {
        &self.written.id
    }

    /// How many leading bytes of this value are the documented public prefix: none when it does not
    /// begin with it, for a kind may know values of several forms.
    pub fn public_prefix_of(&self, value: &[u8]) -> usize {
        let Some(length) = self.written.public_prefix else { return 0 };
        let begins = |known: &[u8]| {
            let head = known.get(..length).unwrap_or(known);
            head.len() >= length.min(4) && value.starts_with(head)
        };
        let by_text = self.matches.iter().flat_map(|m| &m.prefix).any(|p| begins(p.as_bytes()));
        let by_value = self
            .written
            .matches
            .iter()
            .filter_map(|m| m.value.as_deref())
            .any(|pattern| begins(literal_lead(pattern).as_bytes()));
        if by_text || by_value { length } else { 0 }
    }

    /// How sure a match is.
    pub fn confidence(&self) -> Confidence {
        match self.written.confidence {
            ConfidenceWord::High => Confidence::High,
            ConfidenceWord::Medium => Confidence::Medium,
            ConfidenceWord::Low => Confidence::Low,
        }
    }

    /// How its end is read.
    pub fn inspect(&self) -> Option<Inspect> {
        self.written.lifetime.inspect
    }

    /// What sort it is.
    pub fn class(&self) -> Class {
        self.written.class
    }
}

/// The literal beginning of a pattern, with its escaped signs.
fn literal_lead(pattern: &str) -> String {
    let mut out = String::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(sign) if !sign.is_ascii_alphanumeric() => out.push(sign),
                _ => break,
            },
            c if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':' | '/') => out.push(c),
            _ => break,
        }
        // What may be left out or repeated is no fixed beginning.
        if matches!(chars.peek(), Some('?' | '*' | '{' | '+')) {
            out.pop();
            break;
        }
    }
    out
}

impl Class {
    /// The word that rules use.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Class::Token => "token",
            Class::Key => "key",
            Class::Password => "password",
            Class::Signature => "signature",
            Class::Session => "session",
            Class::Identity => "identity",
            Class::Obfuscated => "obfuscated",
        }
    }
}

/// The place behind its word.
fn place(word: PlaceWord) -> PlaceKind {
    match word {
        PlaceWord::UrlQuery => PlaceKind::UrlQuery,
        PlaceWord::UrlPath => PlaceKind::UrlPath,
        PlaceWord::Userinfo => PlaceKind::Userinfo,
        PlaceWord::Header => PlaceKind::Header,
        PlaceWord::Cookie => PlaceKind::Cookie,
        PlaceWord::Body => PlaceKind::Body,
        PlaceWord::Assignment => PlaceKind::Assignment,
    }
}

impl Match {
    fn compile(written: &Written) -> Self {
        let names = |list: &[String]| list.iter().map(|n| fold(n.as_bytes())).collect();
        Self {
            query_param: names(&written.query_param),
            header: names(&written.header),
            assignment: names(&written.assignment),
            userinfo: written.userinfo,
            lexicon: written.lexicon.clone(),
            anywhere: written.anywhere,
            text: written.text.as_deref().map(Pattern::beginning),
            prefix: written.prefix.clone(),
            inside: written.inside.clone(),
            scheme: written.scheme.iter().map(|s| s.to_ascii_lowercase()).collect(),
            place: written.place.map(place),
            random: written.random,
            value: written.value.as_deref().map(Pattern::whole),
            host: written.host.iter().map(|h| h.to_ascii_lowercase()).collect(),
            path: written.path.as_deref().map(Pattern::anywhere),
            companion: names(&written.companion),
            near: written.near.iter().map(|w| w.to_ascii_lowercase()).collect(),
        }
    }

    fn check(&self, written: &Written) -> Result<(), (String, String)> {
        for (pattern, source, field) in [
            (&self.value, &written.value, "value"),
            (&self.path, &written.path, "path"),
            (&self.text, &written.text, "text"),
        ] {
            if let (Some(pattern), Some(source)) = (pattern, source) {
                pattern.check().map_err(|e| (source.clone(), format!("match.{field}: {e}")))?;
            }
        }
        let text = written.text.as_deref().unwrap_or_default();
        if self.text.is_none() && self.place.is_some() {
            return Err((
                "place".to_owned(),
                "match.place: only a text pattern needs one; other matches know their place"
                    .to_owned(),
            ));
        }
        if self.text.is_some() {
            if !self.text.as_ref().is_some_and(Pattern::has_secret_group) {
                return Err((
                    text.to_owned(),
                    "match.text: name what is the secret: (?<secret>…)".to_owned(),
                ));
            }
            let mut pieces = self.prefix.iter().chain(&self.inside).peekable();
            if pieces.peek().is_none() || pieces.any(|p| p.len() < 3) {
                return Err((text.to_owned(), "match.prefix: a text pattern needs literal beginnings of three characters or more".to_owned()));
            }
        }
        let named =
            !self.query_param.is_empty() || !self.header.is_empty() || !self.assignment.is_empty();
        if !(named
            || self.userinfo
            || self.anywhere
            || !self.lexicon.is_empty()
            || self.text.is_some())
        {
            return Err(("match".to_owned(), "match: name a place: query-param, header, assignment, userinfo, lexicon, anywhere or text".to_owned()));
        }
        Ok(())
    }

    /// The part of `value` that is the secret, if everything that this match asks for holds.
    pub fn secret_in(
        &self,
        value: &[u8],
        around: Surroundings<'_>,
    ) -> Option<std::ops::Range<usize>> {
        let host = self.host.is_empty()
            || self.host.iter().any(|p| crate::http::uri::host_matches(around.host, p));
        let companion = self.companion.is_empty()
            || self.companion.iter().any(|c| around.companions.contains(c));
        let scheme = self.scheme.is_empty() || self.scheme.iter().any(|s| s == around.scheme);
        if !host || !companion || !scheme {
            return None;
        }
        let range = match &self.value {
            Some(pattern) => pattern.capture(value)?,
            None => 0..value.len(),
        };
        if self.random && !crate::shape::looks_random(value.get(range.clone())?, 12) {
            return None;
        }
        let path = self.path.as_ref().is_none_or(|p| p.is_match(around.path));
        let near = || {
            let lower = around.near.to_ascii_lowercase();
            self.near.iter().any(|w| memchr::memmem::find(&lower, w.as_bytes()).is_some())
        };
        (path && (self.near.is_empty() || near())).then_some(range)
    }

    /// Whether the name and the value are all that it asks for, wherever the call goes.
    pub fn knows_by_name(&self) -> bool {
        self.host.is_empty()
            && self.path.is_none()
            && self.companion.is_empty()
            && self.near.is_empty()
    }

    /// Whether everything that a free-text match asks for beside its pattern holds.
    pub fn allows(&self, value: &[u8], around: Surroundings<'_>) -> bool {
        self.secret_in(value, around).is_some()
    }

    /// How much this match asks for: the more, the better its claim.
    pub fn weight(&self) -> u32 {
        let named = !self.query_param.is_empty()
            || !self.header.is_empty()
            || !self.assignment.is_empty()
            || self.text.is_some();
        // A prefix tells the kind; an idiom (a text match with a place) only tells that it is one.
        // The longer the prefix, the more it tells.
        let longest = self.prefix.iter().map(String::len).max().unwrap_or(0);
        // A piece inside says less than a rule that knows the whole value by its place.
        let prefix = if longest == 0 { 1 } else { 20 + u32::try_from(longest).unwrap_or(0) };
        u32::from(self.text.is_some() && self.place.is_none()) * prefix
            + u32::from(!self.host.is_empty()) * 16
            + u32::from(self.path.is_some()) * 8
            + u32::from(!self.companion.is_empty()) * 8
            + u32::from(self.value.is_some()) * 4
            + u32::from(!self.near.is_empty())
            + u32::from(named) * 2
            + u32::from(self.userinfo)
    }
}
