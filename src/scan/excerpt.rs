//! Lines for the reader, with every secret in them masked.

use crate::finding::Excerpt;
use crate::shape::looks_random;
use crate::text::{LineIndex, Span};
use crate::veil::{Veil, covered};

/// Characters shown before and after what is meant.
const AROUND: usize = 56;
/// How far beyond what is shown a secret may reach, in bytes.
const WHOLE: usize = 4096;
/// A half word of this length is not shown.
const HALF: usize = 8;
/// A segment of this length is more than the name of a resource.
const SEGMENT: usize = 14;

/// From this length on a word that looks drawn at random is not shown, in characters.
const RANDOM_MIN: usize = 12;

/// Everything that must not be shown of one window.
#[derive(Debug)]
pub(super) struct Hidden {
    /// Spans in the artifact and the masks to show in their place; sorted, with the farthest end of
    /// all spans up to each, so that those which reach into a line are found by halving.
    spans: Vec<(Span, Box<str>, usize)>,
    /// Copies may stand where no carrier was recognised.
    pub(super) veil: Veil,
}

impl Hidden {
    /// Hides these spans, each behind its mask, and everything else that the veil knows.
    pub(super) fn new(secrets: Vec<(Span, Box<str>)>, veil: Veil) -> Self {
        let mut spans: Vec<(Span, Box<str>, usize)> =
            secrets.into_iter().map(|(span, mask)| (span, mask, 0)).collect();
        spans.sort();
        spans.dedup();
        let mut farthest = 0;
        for (span, _, reach) in &mut spans {
            farthest = farthest.max(span.end);
            *reach = farthest;
        }
        Self { spans, veil }
    }

    /// The line around `span`, masked and cut to a readable width.
    pub(super) fn excerpt(&self, bytes: &[u8], lines: &LineIndex<'_>, span: Span) -> Excerpt {
        let line = lines.line_span(span.start);
        // Wider than what is shown: a secret is only known for one when it is looked at whole.
        let from = line.start.max(span.start.saturating_sub(4 * AROUND + WHOLE));
        let to = line.end.min(span.end + 4 * AROUND + WHOLE).max(span.start);
        let end = span.end.min(to);
        let before = self.veiled(bytes, Span::new(from, span.start));
        let meant = self.veiled(bytes, Span::new(span.start, end));
        let after = self.veiled(bytes, Span::new(end, to));
        let before = last(before.trim_start());
        let after = first(&after);
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
                out += &without_random(&covered(&self.veil, Span::new(at, hidden.start).of(bytes)));
            }
            if hidden.end > at {
                out += mask;
                at = hidden.end;
            }
        }
        if at < span.end {
            out += &without_random(&covered(&self.veil, Span::new(at, span.end).of(bytes)));
        }
        out
    }
}

/// The text without the words that look drawn at random. No rule took them for a credential, and
/// still they may be one (`sshpass -p …`): a report goes farther than the file, and is read without
/// them just as well.
fn without_random(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !is_of_value(c)).unwrap_or(rest.len());
        let (word, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
        out += if looks_random(word.as_bytes(), RANDOM_MIN) { "…" } else { word };
        let other = tail.find(is_of_value).unwrap_or(tail.len());
        let (between, tail) = tail.split_at_checked(other).unwrap_or((tail, ""));
        out += between;
        rest = tail;
    }
    out
}

fn is_of_value(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-+~".contains(c)
}

/// The first characters. A word that is cut in two is left out when it is long: were it a secret
/// known from another file, its half could no longer be recognised and masked.
fn first(text: &str) -> String {
    let mut shown: Vec<char> = text.chars().take(AROUND).collect();
    if text.chars().nth(AROUND).is_some_and(is_word) {
        let half = shown.iter().rev().take_while(|c| is_word(**c)).count();
        let start = shown.len() - half;
        if may_be_secret(shown.get(start..).unwrap_or_default()) {
            shown.truncate(start);
        }
    }
    shown.into_iter().collect()
}

/// The last characters, with a sign where there were more; cut as [`first`] cuts.
fn last(text: &str) -> String {
    let skip = text.chars().count().saturating_sub(AROUND);
    if skip == 0 {
        return text.to_owned();
    }
    let shown: Vec<char> = text.chars().skip(skip).collect();
    let half = shown.iter().take_while(|c| is_word(**c)).count();
    let in_word = text.chars().nth(skip - 1).is_some_and(is_word);
    let drop = in_word && may_be_secret(shown.get(..half).unwrap_or_default());
    std::iter::once('…').chain(shown.into_iter().skip(if drop { half } else { 0 })).collect()
}

/// Whether half a word is long enough to be worth hiding. The short segments of a path are not.
fn may_be_secret(half: &[char]) -> bool {
    let longest = half.split(|c| *c == '/').map(<[char]>::len).max().unwrap_or(0);
    longest >= SEGMENT || (half.len() >= HALF && longest == half.len())
}

/// What a token may consist of.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.~+/=%".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_drawn_at_random_is_not_shown_whatever_it_is() {
        let drawn = ["Kq8vTz31", "LmXw9RtB"].concat();
        assert_eq!(without_random(&format!("sshpass -p {drawn} scp x")), "sshpass -p … scp x");
        let plain = "getRepositoryItems/v3 2026-11-23 ÄÖ FME_TOKEN=$X";
        assert_eq!(without_random(plain), plain);
    }
}
