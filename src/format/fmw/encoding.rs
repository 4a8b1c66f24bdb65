//! The layers in which a workspace wraps its values: XML entities, FME encodings, base64.
//!
//! Every decoder returns the bytes with the map that leads back to what it was given.

use crate::text::{Decoding, SourceMap, Span};

/// Decoded bytes and the way back.
pub(super) type Decoded = (Vec<u8>, SourceMap);

/// How often FME encodings are nested in real workspaces, at most.
const LAYERS: usize = 3;

/// The characters that FME encodes by name. Unknown names stay as they are: they are HTML tags or
/// words like `<Unused>`.
const NAMES: &[(&[u8], u8)] = &[
    (b"amp", b'&'),
    (b"apos", b'\''),
    (b"at", b'@'),
    (b"backslash", b'\\'),
    (b"closebracket", b']'),
    (b"closecurly", b'}'),
    (b"closeparen", b')'),
    (b"comma", b','),
    (b"cr", b'\r'),
    (b"dollar", b'$'),
    (b"gt", b'>'),
    (b"lf", b'\n'),
    (b"lt", b'<'),
    (b"openbracket", b'['),
    (b"opencurly", b'{'),
    (b"openparen", b'('),
    (b"quote", b'"'),
    (b"semicolon", b';'),
    (b"solidus", b'/'),
    (b"space", b' '),
    (b"tab", b'\t'),
];

/// The longest encoded name, with brackets.
const NAME_MAX: usize = 14;

/// Replaces XML entities.
pub(super) fn xml(text: &[u8], span: Span) -> Decoded {
    let mut out = Decoding::default();
    let mut at = span.start;
    while at < span.end {
        let rest = Span::new(at, span.end).of(text);
        let plain = memchr::memchr(b'&', rest).unwrap_or(rest.len());
        out.push(rest.get(..plain).unwrap_or_default(), Span::new(at, at + plain));
        at += plain;
        if at >= span.end {
            break;
        }
        let rest = Span::new(at, span.end).of(text);
        if let Some((decoded, len)) = entity(rest) {
            out.push(decoded.encode_utf8(&mut [0; 4]).as_bytes(), Span::new(at, at + len));
            at += len;
        } else {
            out.push(b"&", Span::new(at, at + 1));
            at += 1;
        }
    }
    out.finish()
}

/// The character that the entity at the start of `rest` stands for, and its length.
fn entity(rest: &[u8]) -> Option<(char, usize)> {
    let end = memchr::memchr(b';', rest.get(..rest.len().min(12))?)?;
    let name = std::str::from_utf8(rest.get(1..end)?).ok()?;
    let decoded = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((decoded, end + 1))
}

/// Replaces FME encodings, layer by layer, as long as there are any and at most three times.
///
/// Only the innermost layer is returned: a value ends at `<quote>` or `<amp>` in the outer ones,
/// which no reader of addresses would know, and whatever can be recognised in an outer layer is
/// recognised in the inner one.
pub(super) fn fme(text: &[u8], span: Span) -> Decoded {
    let mut current = (span.of(text).to_vec(), SourceMap::slice(span.start));
    for _ in 0..LAYERS {
        match layer(&current.0) {
            Some((bytes, map)) => current = (bytes, map.then(&current.1)),
            None => break,
        }
    }
    current
}

/// One layer; `None` when nothing was encoded.
fn layer(text: &[u8]) -> Option<Decoded> {
    let mut out = Decoding::default();
    let mut at = 0;
    let mut changed = false;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let plain = memchr::memchr(b'<', rest).unwrap_or(rest.len());
        out.push(rest.get(..plain).unwrap_or_default(), Span::new(at, at + plain));
        at += plain;
        if at >= text.len() {
            break;
        }
        if let Some((decoded, len)) = named(text.get(at..).unwrap_or_default()) {
            out.push(decoded.encode_utf8(&mut [0; 4]).as_bytes(), Span::new(at, at + len));
            at += len;
            changed = true;
        } else {
            out.push(b"<", Span::new(at, at + 1));
            at += 1;
        }
    }
    changed.then(|| out.finish())
}

/// The character that `<name>` at the start of `rest` stands for, and its length.
fn named(rest: &[u8]) -> Option<(char, usize)> {
    let end = memchr::memchr(b'>', rest.get(..rest.len().min(NAME_MAX))?)?;
    let name = rest.get(1..end)?;
    if let Some((_, byte)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Some((char::from(*byte), end + 1));
    }
    // `<u00e6>`: a character by its number.
    let hex = name.strip_prefix(b"u").filter(|h| matches!(h.len(), 4 | 8))?;
    let code = u32::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?;
    Some((char::from_u32(code)?, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fme_text(text: &str) -> String {
        String::from_utf8(fme(text.as_bytes(), Span::new(0, text.len())).0).unwrap()
    }

    #[test]
    fn encodings_are_undone_layer_by_layer() {
        assert_eq!(
            fme_text("https:<solidus><solidus>h?a=1<amp>b=<openparen>x<closeparen>"),
            "https://h?a=1&b=(x)"
        );
        assert_eq!(fme_text("<lt>at<gt>Value<lt>openparen<gt>x"), "@Value(x");
        assert_eq!(
            fme_text("<Unused> <b> <u00e6> < <unknownname>"),
            "<Unused> <b> æ < <unknownname>"
        );
    }

    #[test]
    fn maps_lead_through_both_layers() {
        let raw = b"x=&lt;quote&gt;tok&lt;amp&gt;";
        let (once, outer) = xml(raw, Span::new(2, raw.len()));
        assert_eq!(once, b"<quote>tok<amp>");
        let (twice, inner) = fme(&once, Span::new(0, once.len()));
        assert_eq!(twice, b"\"tok&");
        let map = inner.then(&outer);
        assert_eq!(map.to_source(Span::new(1, 4)).of(raw), b"tok");
        assert_eq!(map.to_source(Span::new(4, 5)).of(raw), b"&lt;amp&gt;");
    }
}
