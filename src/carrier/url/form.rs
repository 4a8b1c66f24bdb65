//! Pairs that look like a query and become the body of a request.

use super::edge::LEFT_MAX;
use crate::http::uri::Uri;
use crate::text::Span;

/// How far behind a string of pairs is looked for the call that posts it, in bytes.
pub(super) const POST_MAX: usize = 240;

/// Whether a `?` stands before the piece of an address, in the same statement.
pub(super) fn asks_before(text: &[u8], span: Span) -> bool {
    let before = text.get(span.start.saturating_sub(POST_MAX)..span.start).unwrap_or_default();
    let statement = before.rsplit(|b| matches!(b, b';' | b'{' | b'}')).next().unwrap_or_default();
    statement.contains(&b'?')
}

/// Whether pairs joined by `&` are a form body and not the query of an address: nothing before them
/// looks like one.
pub(super) fn is_form(text: &[u8], span: Span, parsed: &Uri) -> bool {
    let bytes = span.of(text);
    let behind = text.get(span.end..(span.end + POST_MAX).min(text.len())).unwrap_or_default();
    let posted = [b"POST".as_slice(), b"'post'", b"\"post\"", b"urlencoded", b".send("]
        .iter()
        .any(|mark| memchr::memmem::find(behind, mark).is_some());
    if posted && !bytes.contains(&b'?') && parsed.scheme.is_none() && !asks_before(text, span) {
        return true;
    }
    if continues_body(text, span) {
        return true;
    }
    let has_query = bytes.contains(&b'?')
        || bytes.contains(&b'#')
        || parsed.scheme.is_some()
        || bytes.first() == Some(&b'/')
        || bytes.first() == Some(&b'&');
    // A shared access signature is the query of an address, wherever it is kept.
    let names: Vec<&[u8]> = parsed.parameters.iter().map(|p| p.name.of(text)).collect();
    let has = |name: &[u8]| names.contains(&name);
    let signed = has(b"sig") && has(b"se") && (has(b"sv") || has(b"sp"));
    if has_query || signed {
        return false;
    }
    // `Query = "a=1&token=…"`
    let before = text
        .get(span.start.saturating_sub(60)..span.start)
        .unwrap_or_default()
        .to_ascii_lowercase();
    memchr::memmem::find(&before, b"query").is_none()
}

/// Whether pairs that begin a line with `&` go on a body, as recorded requests show it: no line
/// above them, up to the one that begins it, has an address.
pub(super) fn continues_body(text: &[u8], span: Span) -> bool {
    let above = text.get(span.start.saturating_sub(LEFT_MAX)..span.start).unwrap_or_default();
    let blanks = above.iter().rev().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let Some(above) = above.get(..above.len() - blanks).and_then(|a| a.strip_suffix(b"\n")) else {
        return false;
    };
    let first = above
        .rsplit(|b| *b == b'\n')
        .map(<[u8]>::trim_ascii)
        .find(|line| line.first() != Some(&b'&'))
        .unwrap_or_default();
    let pairs = first.contains(&b'=') && !first.iter().any(|b| matches!(b, b'?' | b'"' | b'\''));
    span.of(text).first() == Some(&b'&') && pairs && memchr::memmem::find(first, b"://").is_none()
}

/// Whether the string in which the name at `start` comes first is the text of a query:
/// `Query = $"access_token=…"`.
pub fn begins_query_string(text: &[u8], start: usize) -> bool {
    let before = text.get(start.saturating_sub(40)..start).unwrap_or_default();
    let Some(before) = before
        .strip_suffix(b"\"")
        .or_else(|| before.strip_suffix(b"'"))
        .or_else(|| before.strip_suffix(b"`"))
    else {
        return false;
    };
    let before = before.trim_ascii_end();
    let before = before
        .strip_suffix(b"$")
        .or_else(|| before.strip_suffix(b"f"))
        .unwrap_or(before)
        .trim_ascii_end();
    let Some(before) = before
        .strip_suffix(b"=")
        .or_else(|| before.strip_suffix(b":"))
        .or_else(|| before.strip_suffix(b"("))
    else {
        return false;
    };
    let word = before.trim_ascii_end().to_ascii_lowercase();
    [b"query".as_slice(), b"querystring", b"rawquery", b"search", b"percentencodedquery"]
        .iter()
        .any(|w| word.ends_with(w))
}
