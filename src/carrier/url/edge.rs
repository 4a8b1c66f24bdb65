//! Where an address begins and ends in running text.

use crate::http::uri;

/// The longest address that is read to the left of a parameter, in bytes.
pub(super) const LEFT_MAX: usize = 4096;
/// The longest to the right.
const RIGHT_MAX: usize = 16_384;
/// How many variables are stepped over to the left: an address has a few.
const UNITS_MAX: usize = 12;
/// The longest variable that is stepped over to the left, in bytes.
const UNIT_MAX: usize = 300;

/// Where the scheme before `://` at `colon` begins.
pub(super) fn scheme_start(text: &[u8], colon: usize) -> Option<usize> {
    let before = text.get(colon.saturating_sub(24)..colon)?;
    let len = before
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
        .count();
    let start = colon - len;
    uri::is_scheme(text.get(start..colon)?).then_some(start)
}

/// Whether a variable stands in the place of the scheme before `://` at `colon`: `${scheme}://`. In a
/// pattern (`[a-z]{2,5}://`) braces count.
pub(super) fn is_variable_scheme(text: &[u8], colon: usize) -> bool {
    let before = text.get(colon.saturating_sub(UNIT_MAX)..colon).unwrap_or_default();
    let Some(inside) = before.strip_suffix(b"}") else { return false };
    let inside = inside.strip_suffix(b"}").unwrap_or(inside);
    let name = memchr::memrchr(b'{', inside).and_then(|open| inside.get(open + 1..));
    name.is_some_and(|name| {
        let name = name.trim_ascii();
        name.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
            && name.iter().all(|b| b.is_ascii_alphanumeric() || b"_.()".contains(b))
    })
}

/// How far left the address goes that holds the parameter at `from`.
pub(super) fn left_edge(text: &[u8], from: usize) -> usize {
    let floor = from.saturating_sub(LEFT_MAX);
    let mut at = from;
    let mut units = 0;
    while at > floor && units < UNITS_MAX {
        match text.get(at - 1) {
            Some(b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'' | b'`' | b'|' | b'<') | None => break,
            Some(b'(') if opens_address(text, at) => break,
            Some(b'>') if text.get(..at).is_some_and(|t| t.ends_with(b"<amp>")) => at -= 5,
            // A variable counts as one, with the blanks and quotes in it: `?site={{ x }}&token=`.
            Some(b'}' | b')' | b'>') => {
                units += 1;
                match unit_before(text, at, floor) {
                    Some(start) => at = start,
                    None if text.get(at - 1) == Some(&b'>') => break,
                    None => at -= 1,
                }
            }
            Some(_) => at -= 1,
        }
    }
    at
}

/// Whether the `(` before `at` stands before an address and not inside of one (`POINT(1+2)`).
pub(super) fn opens_address(text: &[u8], at: usize) -> bool {
    let before = at.checked_sub(2).and_then(|i| text.get(i));
    let word = before.is_some_and(u8::is_ascii_alphanumeric);
    let head = text.get(at..(at + 24).min(text.len())).unwrap_or_default();
    !word || head.first() == Some(&b'/') || memchr::memmem::find(head, b"://").is_some()
}

/// Where the variable or placeholder in brackets begins that ends at `end`.
pub(super) fn unit_before(text: &[u8], end: usize, floor: usize) -> Option<usize> {
    let floor = floor.max(end.saturating_sub(UNIT_MAX));
    let before = text.get(floor..end)?;
    let line = memchr::memrchr(b'\n', before).map_or(0, |i| i + 1);
    let open = match before.last()? {
        b'}' => b'{',
        b')' => b'(',
        _ => b'<',
    };
    let close = *before.last()?;
    let mut depth = 0usize;
    for (index, byte) in before.iter().enumerate().skip(line).rev() {
        if *byte == close {
            depth += 1;
        } else if *byte == open {
            depth -= 1;
            if depth == 0 {
                let opening = floor + index;
                // The sign before the bracket is part of it: `${`, `#{`, `@Value(`.
                let lead = before
                    .get(..index)?
                    .iter()
                    .rev()
                    .take_while(|b| {
                        matches!(b, b'$' | b'#' | b'@' | b'%' | b'\\')
                            || (open == b'(' && b.is_ascii_alphabetic())
                    })
                    .count();
                let start = opening - lead;
                let len = uri::unit(text, start, end).or_else(|| uri::unit(text, opening, end));
                return (len.is_some() || close == b'}').then_some(start);
            }
        }
    }
    None
}

/// Where the address begins: at its scheme, or at whatever stands at the left edge.
pub(super) fn address_start(text: &[u8], from: usize) -> usize {
    let edge = left_edge(text, from);
    let left = text.get(edge..from).unwrap_or_default();
    // `Endpoint=https://h/;SharedAccessSignature=sv=…&sig=…`: a connection string goes on behind the
    // address, which ends in a slash.
    if let Some(end) = memchr::memmem::rfind(left, b"/;") {
        return edge + end + 2;
    }
    if let Some(colon) = memchr::memmem::rfind(left, b"://")
        && let Some(start) = scheme_start(text, edge + colon)
    {
        return start;
    }
    // `url=/path?token=…`: what stands before the path belongs to the assignment.
    let query = memchr::memchr(b'?', left).unwrap_or(left.len());
    match left.get(..query).and_then(|l| memchr::memrchr(b'=', l)) {
        Some(sign) if query < left.len() => edge + sign + 1,
        _ => edge,
    }
}

/// How far right the address goes that holds the parameter at `from`.
pub fn right_edge(text: &[u8], from: usize) -> usize {
    let limit = (from + RIGHT_MAX).min(text.len());
    let mut at = from;
    let mut value_start = from;
    let mut open = 0usize;
    while at < limit {
        let byte = text.get(at).copied().unwrap_or_default();
        if let Some(len) = uri::separator(text, at).filter(|_| byte != b';') {
            at += len;
            value_start = at;
            continue;
        }
        if let Some(len) = uri::unit(text, at, limit) {
            at += len;
            continue;
        }
        match byte {
            // Controls (the escapes of coloured logs) and characters beyond ASCII end an address: what
            // it may hold of them is percent-encoded.
            // A raw bar stands in some tokens; that of a shell has blanks around it.
            b'|' if at > value_start && text.get(at + 1).is_some_and(u8::is_ascii_alphanumeric) => {
                at += 1;
            }
            0..=b' ' | 127.. | b'"' | b'\'' | b'`' | b'|' | b'>' => break,
            b'/' if text.get(at + 1) == Some(&b';') && at > from => break,
            b'<' => {
                // `<yourToken>` right behind the sign is a placeholder; anything else is markup.
                let tail = text.get(at..(at + 60).min(limit)).unwrap_or_default();
                let behind_sign = at > value_start && text.get(at - 1) == Some(&b'=');
                match memchr::memchr(b'>', tail) {
                    Some(close) if behind_sign && tail.get(1) != Some(&b'/') => at += close + 1,
                    _ => break,
                }
            }
            b'\\' => match text.get(at + 1) {
                Some(b'/' | b'=' | b'?' | b':' | b'-' | b'.' | b'_') => at += 2,
                Some(b'u')
                    if text
                        .get(at + 2..at + 6)
                        .is_some_and(|h| h.eq_ignore_ascii_case(b"003d")) =>
                {
                    at += 6;
                }
                _ => break,
            },
            // `POINT(1+2)`: what was opened inside is closed inside.
            b'(' => {
                open += 1;
                at += 1;
            }
            b')' if open > 0 => {
                open -= 1;
                at += 1;
            }
            b')' | b']' | b'}' => break,
            _ => at += 1,
        }
    }
    // In quotes the sentence ends behind them: what stands at the end belongs to the value.
    let quoted = matches!(text.get(at), Some(b'"' | b'\'' | b'`'));
    if quoted { at } else { trim_punctuation(text, from, at) }
}

/// Sentence punctuation behind an address is not part of it; nor is the `;` of a statement.
pub(super) fn trim_punctuation(text: &[u8], from: usize, end: usize) -> usize {
    let mut end = end;
    while end > from && matches!(text.get(end - 1), Some(b',' | b';' | b'!' | b'*')) {
        end -= 1;
    }
    // Two dots end some tokens; one dot, or three, is a sentence.
    let dots =
        text.get(from..end).unwrap_or_default().iter().rev().take_while(|b| **b == b'.').count();
    if dots == 1 { end - 1 } else { end }
}

/// The bytes behind the quote which ends the literal at `end`.
pub(super) fn behind_quote(text: &[u8], end: usize) -> usize {
    match text.get(end) {
        Some(b'\\') if matches!(text.get(end + 1), Some(b'"' | b'\'')) => end + 2,
        Some(b'"' | b'\'' | b'`') => end + 1,
        _ => end,
    }
}

/// Whether the value goes on in an ellipsis: a documentation sample which was cut.
pub(super) fn is_cut(text: &[u8], end: usize) -> bool {
    text.get(end..).is_some_and(|rest| rest.starts_with("…".as_bytes()) || rest.starts_with(b"..."))
}
