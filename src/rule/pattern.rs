//! Regular expressions of rules: bytes, ASCII, compiled at first use.
//!
//! Compiling two hundred patterns would cost more than the whole check of a file, and most runs
//! need a handful of them.

use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};

/// The most memory one compiled pattern may take, in bytes.
const SIZE_LIMIT: usize = 1 << 20;

/// A pattern, compiled when it is first asked.
#[derive(Debug)]
pub struct Pattern {
    source: String,
    /// The fewest and the most bytes that it matches: cheaper to know than to compile it.
    lengths: OnceLock<(usize, usize)>,
    /// It must match the whole of what it is asked about.
    is_whole: bool,
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// A pattern that must match the whole of a value.
    pub fn whole(source: &str) -> Self {
        Self { is_whole: true, ..Self::new(format!("^(?:{source})$")) }
    }

    /// A pattern that must match at the beginning.
    pub fn beginning(source: &str) -> Self {
        Self::new(format!("^(?:{source})"))
    }

    /// A pattern that may match anywhere.
    pub fn anywhere(source: &str) -> Self {
        Self::new(source.to_owned())
    }

    fn new(source: String) -> Self {
        Self { source, lengths: OnceLock::new(), is_whole: false, regex: OnceLock::new() }
    }

    /// Checks the pattern now; the error says what is wrong with it.
    pub fn check(&self) -> Result<(), String> {
        compile(&self.source).map(|_| ()).map_err(|e| match e {
            regex::Error::CompiledTooBig(limit) => {
                format!("the pattern needs more than {limit} bytes; make it simpler")
            }
            other => {
                other.to_string().lines().last().unwrap_or("invalid pattern").trim().to_owned()
            }
        })
    }

    /// The compiled pattern. One that does not compile matches nothing: it was refused on loading.
    pub fn regex(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| compile(&self.source).ok()).as_ref()
    }

    /// Whether it matches.
    pub fn is_match(&self, bytes: &[u8]) -> bool {
        self.fits(bytes) && self.regex().is_some_and(|regex| regex.is_match(bytes))
    }

    /// Whether the length alone lets it match. Most values are told off here, and the pattern need
    /// not be compiled for them.
    fn fits(&self, bytes: &[u8]) -> bool {
        let (fewest, most) = *self.lengths.get_or_init(|| {
            let hir = regex_syntax::ParserBuilder::new()
                .unicode(false)
                .utf8(false)
                .build()
                .parse(&self.source);
            let properties = hir.as_ref().map(Hir::properties);
            properties.map_or((0, usize::MAX), |p| {
                (p.minimum_len().unwrap_or(0), p.maximum_len().unwrap_or(usize::MAX))
            })
        });
        bytes.len() >= fewest && (!self.is_whole || bytes.len() <= most)
    }

    /// The part of `bytes` that is the secret: the group `secret`, else the whole match.
    pub fn capture(&self, bytes: &[u8]) -> Option<std::ops::Range<usize>> {
        if !self.fits(bytes) {
            return None;
        }
        let captures = self.regex()?.captures(bytes)?;
        captures.name("secret").or_else(|| captures.get(0)).map(|m| m.range())
    }

    /// Whether the pattern names the group `secret`.
    pub fn has_secret_group(&self) -> bool {
        self.source.contains("(?<secret>") || self.source.contains("(?P<secret>")
    }
}

/// About how many steps the pattern has when its repetitions are written out, which is what it costs to
/// compile: cheaper to know than to do it. One that cannot be parsed has none.
pub fn steps(source: &str) -> u64 {
    let parsed =
        regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(source);
    parsed.map_or(0, |hir| steps_of(&hir))
}

fn steps_of(hir: &Hir) -> u64 {
    let sum = |parts: &[Hir]| parts.iter().map(steps_of).fold(0, u64::saturating_add);
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(_) => 1,
        HirKind::Literal(literal) => literal.0.len() as u64,
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min.saturating_add(1)).max(1);
            steps_of(&repetition.sub).saturating_mul(u64::from(times))
        }
        HirKind::Capture(capture) => steps_of(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => sum(parts),
    }
}

fn compile(source: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(source)
        .unicode(false)
        .size_limit(SIZE_LIMIT)
        .dfa_size_limit(SIZE_LIMIT)
        .build()
}
