//! Lines for the reader, with every secret in them masked.

use crate::finding::Excerpt;
use crate::secret::Secret;
use crate::text::{LineIndex, Span};
use crate::veil::{Veil, covered};

/// Characters shown before and after what is meant.
const AROUND: usize = 56;

/// Everything that must not be shown of one window.
#[derive(Debug)]
pub(super) struct Hidden {
    /// Spans in the artifact and the masks to show in their place; sorted, with the farthest end of
    /// all spans up to each, so that those which reach into a line are found by halving.
    spans: Vec<(Span, String, usize)>,
    /// Copies may stand where no carrier was recognised.
    pub(super) veil: Veil,
}

impl Hidden {
    pub(super) fn new<'s>(secrets: impl Iterator<Item = (Span, &'s Secret)>) -> Self {
        let all: Vec<(Span, &Secret)> = secrets.collect();
        let mut spans: Vec<(Span, String, usize)> =
            all.iter().map(|(span, secret)| (*span, secret.mask(), 0)).collect();
        spans.sort();
        spans.dedup();
        let mut farthest = 0;
        for (span, _, reach) in &mut spans {
            farthest = farthest.max(span.end);
            *reach = farthest;
        }
        Self { spans, veil: Veil::over(all.into_iter().map(|(_, secret)| secret)) }
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
        let first = self.spans.partition_point(|(_, _, reach)| *reach <= span.start);
        for (hidden, mask, _) in self.spans.get(first..).unwrap_or_default() {
            if hidden.start >= span.end {
                break;
            }
            if !hidden.overlaps(span) {
                continue;
            }
            if hidden.start > at {
                out += &covered(&self.veil, Span::new(at, hidden.start).of(bytes));
            }
            if hidden.end > at {
                out += mask;
                at = hidden.end;
            }
        }
        if at < span.end {
            out += &covered(&self.veil, Span::new(at, span.end).of(bytes));
        }
        out
    }
}

/// The last `count` characters.
fn tail(text: &str, count: usize) -> String {
    let skip = text.chars().count().saturating_sub(count);
    text.chars().skip(skip).collect()
}
