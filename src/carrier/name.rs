//! Names: where one ends before its separator, where it begins, and what it means to the rule book.

use super::Reader;
use crate::name::{Folded, fold};
use crate::rule::schema::Tier;
use crate::text::Span;

/// What a name means to the rule book.
#[derive(Debug, Clone)]
pub struct Name {
    /// Where it stands.
    pub span: Span,
    /// In the form in which names are compared.
    pub folded: String,
    /// Its tier.
    pub tier: Option<Tier>,
}

/// Where a name ends, and what stands between it and the separator.
#[derive(Debug, Clone, Copy)]
pub struct NameEnd {
    /// One past the name's last byte.
    pub at: usize,
    /// The name is in quotes.
    pub quoted: bool,
    /// The name is in brackets: `params["token"] =`.
    pub subscript: bool,
}

impl Reader<'_> {
    /// Reads the name that ends at `end`, when the rule book has a use for it.
    pub fn name(&self, text: &[u8], end: usize) -> Option<Name> {
        let start = name_start(text, end);
        let span = Span::new(start, end);
        // `checksum/secret`: a digest of what the name names.
        let before = text.get(start.saturating_sub(24)..start).unwrap_or_default();
        if [b"checksum/".as_slice(), b"hash/", b"digest/", b"sha256/"]
            .iter()
            .any(|digest| before.ends_with(digest))
        {
            return None;
        }
        let known = self.known(text, span);
        // `API Key: …`: the word before makes it a name.
        if known.as_ref().is_none_or(|name| name.tier == Some(Tier::ByLongShape))
            && let Some(whole) = self.two_words(text, span)
        {
            return Some(whole);
        }
        known.or_else(|| {
            // `config.api.token`: the last part is the name, unless the whole is one.
            let dot = memchr::memrchr(b'.', span.of(text))?;
            self.known(text, Span::new(start + dot + 1, end))
        })
    }

    /// The name that `span` makes with the word before it, when both together are a stronger one.
    fn two_words(&self, text: &[u8], span: Span) -> Option<Name> {
        let before = text.get(span.start.saturating_sub(24)..span.start)?;
        let word = before.strip_suffix(b" ")?;
        let len = word.iter().rev().take_while(|b| b.is_ascii_alphabetic()).count();
        let whole = Span::new(span.start - 1 - len, span.end);
        if len < 2 || !self.book.lists(&Folded::of(whole.of(text))?) {
            return None;
        }
        let name = self.known(text, whole)?;
        (name.tier == Some(Tier::Secret)).then_some(name)
    }

    /// The name under `span`, when the rule book has a use for it.
    pub fn known(&self, text: &[u8], span: Span) -> Option<Name> {
        if span.is_empty() {
            return None;
        }
        let bytes = span.of(text);
        if !self.book.may_know(&Folded::of(bytes)?) {
            return None;
        }
        let folded = fold(bytes);
        let listed = !self.book.by_query_param(&folded).is_empty()
            || !self.book.by_header(&folded).is_empty()
            || !self.book.by_assignment(&folded).is_empty();
        let tier = match self.book.lexicon.tier(bytes) {
            // The rule that lists a name knows it better than its ending does
            // (`VAULT_DEV_ROOT_TOKEN_ID`).
            Some(Tier::Never | Tier::Identity) if listed => None,
            Some(Tier::Never | Tier::Identity) => return None,
            tier => tier,
        };
        let wanted = listed || tier.is_some();
        wanted.then_some(Name { span, folded, tier })
    }
}

/// Whether the word before `end` is a type and not a name: `const apiToken string = "…"`.
pub(super) fn is_type(text: &[u8], end: usize) -> bool {
    matches!(last_three(text, end), [_, b'n', b'g']) && before_type(text, end).is_some()
}

/// The end of the name before a type.
pub(super) fn typed(text: &[u8], end: NameEnd) -> NameEnd {
    let before = if end.quoted { None } else { before_type(text, end.at) };
    before.map_or(end, |at| NameEnd { at, ..end })
}

/// Where the name ends before the type that ends at `end`: `token string`, `token:string`,
/// `token?: String`.
fn before_type(text: &[u8], end: usize) -> Option<usize> {
    let (head, word) = text.get(..end)?.split_last_chunk::<6>()?;
    let name = head.trim_ascii_end();
    match name.strip_suffix(b":") {
        Some(name) if word.eq_ignore_ascii_case(b"string") => {
            let name = name.trim_ascii_end();
            Some(name.strip_suffix(b"?").or(name.strip_suffix(b"!")).unwrap_or(name).len())
        }
        None if word == b"string" && head.ends_with(b" ") => Some(name.len()),
        _ => None,
    }
}

/// Steps back from the separator at `at` to the end of a name.
pub(super) fn name_end(text: &[u8], at: usize, separator: u8) -> Option<NameEnd> {
    let mut end = at;
    let byte = |i: usize| i.checked_sub(1).and_then(|i| text.get(i)).copied();
    if separator == b'=' && byte(end) == Some(b'\\') {
        end -= 1; // `?token\=…` in properties
    }
    // `?=`, `::=`, `+=`, `.=`, `||=`: assignments all the same.
    let mut operators = 0;
    while separator == b'='
        && matches!(byte(end), Some(b'?' | b':' | b'+' | b'.' | b'=' | b'!' | b'~' | b'|'))
        && operators < 3
    {
        end -= 1;
        operators += 1;
    }
    let mut blanks = 0;
    while matches!(byte(end), Some(b' ' | b'\t')) && blanks < 32 {
        end -= 1;
        blanks += 1;
    }
    if separator == b':' && byte(end) == Some(b'?') {
        end -= 1; // `token?: string`
    }
    let mut found = NameEnd { at: end, quoted: false, subscript: false };
    if byte(end) == Some(b']') {
        // `char token[41] =`, `tokens[0] =`: an array of it.
        if let Some(open) = array_before(text, end) {
            return (separator == b'=').then_some(NameEnd { at: open, ..found });
        }
        end -= 1;
        found.subscript = true;
    }
    // `headers("X-Api-Key") = …`: Basic subscribes in parentheses.
    if separator == b'=' && byte(end) == Some(b')') && byte(end - 1) == Some(b'"') {
        end -= 1;
        found.subscript = true;
    }
    match byte(end) {
        Some(b'"' | b'\'' | b'`') => {
            end -= 1;
            let mut escapes = 0;
            while byte(end) == Some(b'\\') && escapes < 3 {
                end -= 1;
                escapes += 1;
            }
            found.quoted = true;
        }
        Some(b';') if text.get(..end).is_some_and(|t| t.ends_with(b"&quot;")) => {
            end -= 6;
            found.quoted = true;
        }
        _ if found.subscript => return None,
        _ => {}
    }
    if separator == b',' && (!found.quoted || blanks > 0 || next_line(text, at + 1)) {
        return None;
    }
    found.at = end;
    Some(found)
}

/// Where the bracket opens before `end` that holds nothing but a number.
pub(super) fn array_before(text: &[u8], end: usize) -> Option<usize> {
    let before = text.get(end.saturating_sub(8)..end.checked_sub(1)?)?;
    let digits = before.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let open = end - 1 - digits;
    (open.checked_sub(1).and_then(|i| text.get(i)) == Some(&b'[')).then(|| open - 1)
}

/// Whether nothing but blanks stands between `at` and the end of the line.
pub(super) fn next_line(text: &[u8], at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    rest.iter().find(|b| !matches!(b, b' ' | b'\t' | b'\r')).is_none_or(|b| *b == b'\n')
}

pub(super) fn last_three(text: &[u8], end: usize) -> [u8; 3] {
    match text.get(..end).and_then(<[u8]>::last_chunk) {
        Some(last) => *last,
        None => [3, 2, 1].map(|back| {
            end.checked_sub(back).and_then(|i| text.get(i)).copied().unwrap_or_default()
        }),
    }
}

/// Where the name that ends at `end` begins.
pub(super) fn name_start(text: &[u8], end: usize) -> usize {
    let limit = end.saturating_sub(crate::name::NAME_MAX);
    let mut start = end;
    while start > limit {
        let Some(byte) = text.get(start - 1) else {
            break;
        };
        // `%66metoken`: a percent-encoded character belongs to the name.
        let encoded = *byte == b'%'
            && crate::text::percent_byte(text, start - 1)
                .is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !(encoded || byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$')) {
            break;
        }
        start -= 1;
    }
    // An escape before the name is not part of it: `\u0026token`, `\ntoken`, `%26token`.
    if start > 0 && text.get(start - 1) == Some(&b'\\') {
        let skip = match text.get(start) {
            Some(b'u')
                if text
                    .get(start + 1..start + 5)
                    .is_some_and(|h| h.iter().all(u8::is_ascii_hexdigit)) =>
            {
                5
            }
            Some(b'x')
                if text
                    .get(start + 1..start + 3)
                    .is_some_and(|h| h.iter().all(u8::is_ascii_hexdigit)) =>
            {
                3
            }
            Some(b'n' | b't' | b'r') => 1,
            _ => 0,
        };
        start = (start + skip).min(end);
    }
    // Leading dashes of an option are not part of the name: `--token=…`.
    while start < end && matches!(text.get(start), Some(b'-' | b'.')) {
        start += 1;
    }
    start
}
