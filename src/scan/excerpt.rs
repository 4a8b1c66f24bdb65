//! Lines for the reader, with every secret in them masked.

use crate::finding::Excerpt;
use crate::secret::Secret;
use crate::text::{LineIndex, Span, lossless};

/// Characters shown before and after what is meant.
const AROUND: usize = 56;

/// Everything that must not be shown.
#[derive(Debug)]
pub(super) struct Veil<'s> {
    /// Spans in the artifact and the masks to show in their place; sorted.
    hidden: Vec<(Span, String)>,
    secrets: Vec<&'s Secret>,
}

impl<'s> Veil<'s> {
    pub(super) fn new(secrets: impl Iterator<Item = (Span, &'s Secret)>) -> Self {
        let all: Vec<(Span, &Secret)> = secrets.collect();
        let mut hidden: Vec<(Span, String)> =
            all.iter().map(|(span, secret)| (*span, secret.mask())).collect();
        hidden.sort();
        hidden.dedup();
        Self { hidden, secrets: all.into_iter().map(|(_, secret)| secret).collect() }
    }

    /// The line around `span`, masked and cut to a readable width.
    pub(super) fn excerpt(&self, bytes: &[u8], lines: &LineIndex<'_>, span: Span) -> Excerpt {
        let line = lines.line_span(span.start);
        let from = line.start.max(span.start.saturating_sub(4 * AROUND));
        let to = line.end.min(span.end + 4 * AROUND).max(span.start);
        let end = span.end.min(to);
        let before = self.veiled(bytes, Span::new(from, span.start));
        let meant = self.veiled(bytes, Span::new(span.start, end));
        let after = self.veiled(bytes, Span::new(end, to));
        let cut = before.trim_start().chars().count() > AROUND;
        let before = format!("{}{}", if cut { "…" } else { "" }, tail(before.trim_start(), AROUND));
        let after: String = after.chars().take(AROUND).collect();
        let start = before.chars().count();
        let end = start + meant.chars().count();
        Excerpt { text: format!("{before}{meant}{}", after.trim_end()), start, end }
    }

    /// The text under `span` with every secret in it masked.
    fn veiled(&self, bytes: &[u8], span: Span) -> String {
        let mut out = String::new();
        let mut at = span.start;
        for (hidden, mask) in self.hidden.iter().filter(|(h, _)| h.overlaps(span)) {
            if hidden.start > at {
                out += &self.unseen(Span::new(at, hidden.start).of(bytes));
            }
            if hidden.end > at {
                out += mask;
                at = hidden.end;
            }
        }
        if at < span.end {
            out += &self.unseen(Span::new(at, span.end).of(bytes));
        }
        out
    }

    /// Text without any of the secrets: a copy may stand where no carrier was recognised.
    fn unseen(&self, bytes: &[u8]) -> String {
        self.secrets.iter().fold(lossless(bytes).into_owned(), |text, secret| secret.veil(&text))
    }
}

/// The last `count` characters.
fn tail(text: &str, count: usize) -> String {
    let skip = text.chars().count().saturating_sub(count);
    text.chars().skip(skip).collect()
}
