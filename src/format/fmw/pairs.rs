//! Pair lists: `name;value name;value`, in which HTTPCaller keeps headers and query parameters.
//!
//! Blanks and semicolons inside names and values are FME-encoded, so a list is split before it is
//! decoded.

use crate::text::Span;

/// Splits a list into spans of names and values.
///
/// Three forms are in use: `name;value name;value`, the running form `name;value;name;value` without
/// blanks, and a header written as `Name value`.
pub(super) fn split(text: &[u8], span: Span) -> Vec<(Span, Span)> {
    let items = tokens(text, span);
    let mut out = Vec::new();
    let mut index = 0;
    while let Some(item) = items.get(index) {
        let parts = parts(text, *item);
        match parts.as_slice() {
            [] => {}
            [name] => {
                // `Authorization fmetoken<space>token=…`
                if let Some(value) = items.get(index + 1).filter(|v| !v.of(text).contains(&b';')) {
                    out.push((*name, *value));
                    index += 1;
                }
            }
            [name, value] => out.push((*name, *value)),
            many if many.len() % 2 == 0 => {
                out.extend(many.chunks(2).filter_map(|pair| Some((*pair.first()?, *pair.get(1)?))));
            }
            // An odd count: the value itself held semicolons.
            [name, rest @ ..] => {
                if let (Some(first), Some(last)) = (rest.first(), rest.last()) {
                    out.push((*name, Span::new(first.start, last.end)));
                }
            }
        }
        index += 1;
    }
    out.into_iter()
        .map(|(name, value)| (unquote(text, name), unwrap(text, unquote(text, value))))
        .collect()
}

/// Splits a list of the parts of a form: `name StringUpload SOURCE_EXPRESSION;value;MIME_TYPE;text`.
pub(super) fn multipart(text: &[u8], span: Span) -> Vec<(Span, Span)> {
    let items = tokens(text, span);
    let mut out = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let attributes = parts(text, unquote(text, *item));
        let mut pairs = attributes.chunks(2);
        let value = pairs.find_map(|pair| match pair {
            [key, value] if key.of(text) == b"SOURCE_EXPRESSION" => Some(*value),
            _ => None,
        });
        // The name stands before the kind of part.
        let name = index.checked_sub(2).and_then(|i| items.get(i));
        if let (Some(name), Some(value)) = (name, value) {
            out.push((unquote(text, *name), unwrap(text, value)));
        }
    }
    out
}

/// The items between raw blanks and quotes.
fn tokens(text: &[u8], span: Span) -> Vec<Span> {
    let mut out = Vec::new();
    let mut start = None;
    let mut depth = 0usize;
    for at in span.start..span.end {
        let byte = text.get(at).copied().unwrap_or_default();
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let ends = byte.is_ascii_whitespace() && depth == 0;
        match (ends, start) {
            (false, None) => start = Some(at),
            (true, Some(from)) => {
                out.push(Span::new(from, at));
                start = None;
            }
            _ => {}
        }
    }
    out.extend(start.map(|from| Span::new(from, span.end)));
    out
}

fn parts(text: &[u8], item: Span) -> Vec<Span> {
    let mut out = Vec::new();
    let mut from = item.start;
    for at in memchr::memchr_iter(b';', item.of(text)).map(|i| item.start + i) {
        // The `;` that ends an XML entity is none of ours; the list is decoded before it comes here.
        out.push(Span::new(from, at));
        from = at + 1;
    }
    if from < item.end {
        out.push(Span::new(from, item.end));
    }
    out
}

fn unquote(text: &[u8], span: Span) -> Span {
    let bytes = span.of(text);
    let start = span.start + usize::from(bytes.first() == Some(&b'"'));
    let end = if span.end > start && bytes.last() == Some(&b'"') { span.end - 1 } else { span.end };
    Span::new(start, end)
}

/// `@EvaluateExpression(FDIV,STRING_ENCODED,<expression>,Transformer)` holds the value as its third
/// argument.
pub(super) fn unwrap(text: &[u8], span: Span) -> Span {
    const HEAD: &[u8] = b"@EvaluateExpression(";
    let bytes = span.of(text);
    let Some(inner) = bytes.strip_prefix(HEAD) else {
        return span;
    };
    let commas: Vec<usize> = memchr::memchr_iter(b',', inner).collect();
    match (commas.get(1), commas.last()) {
        (Some(second), Some(last)) => {
            let base = span.start + HEAD.len();
            let end = if last > second { base + last } else { span.end };
            Span::new(base + second + 1, end)
        }
        _ => span,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        let cut = |s: Span| String::from_utf8_lossy(s.of(text.as_bytes())).into_owned();
        split(text.as_bytes(), Span::new(0, text.len()))
            .into_iter()
            .map(|(n, v)| (cut(n), cut(v)))
            .collect()
    }

    #[test]
    fn every_form_of_list_is_split() {
        let own = |list: &[(&str, &str)]| {
            list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>()
        };
        assert_eq!(
            pairs("fmetoken;abc detail;high"),
            own(&[("fmetoken", "abc"), ("detail", "high")])
        );
        assert_eq!(pairs("layer;coast;apikey;abc"), own(&[("layer", "coast"), ("apikey", "abc")]));
        assert_eq!(
            pairs("Authorization fmetoken<space>token=x"),
            own(&[("Authorization", "fmetoken<space>token=x")])
        );
        assert_eq!(
            pairs(
                "Authorization;@EvaluateExpression(FDIV,STRING_ENCODED,fmetoken<space>token=$(T$encode),HTTPCaller)"
            ),
            own(&[("Authorization", "fmetoken<space>token=$(T$encode)")])
        );
        assert_eq!(pairs("\"a;b\""), own(&[("a", "b")]));
        assert_eq!(pairs("\"a;b\" \"c;d\""), own(&[("a", "b"), ("c", "d")]));
        assert_eq!(
            pairs("\"Authorization\" \"Bearer<space>x\""),
            own(&[("Authorization", "Bearer<space>x")])
        );
        assert_eq!(pairs(""), own(&[]));
    }

    #[test]
    fn the_parts_of_a_form_are_named() {
        let text = b"grant_type StringUpload SOURCE_EXPRESSION;password;MIME_TYPE;text client_secret StringUpload SOURCE_EXPRESSION;abc;MIME_TYPE;text";
        let cut = |s: Span| String::from_utf8_lossy(s.of(text)).into_owned();
        let found: Vec<_> = multipart(text, Span::new(0, text.len()))
            .into_iter()
            .map(|(n, v)| (cut(n), cut(v)))
            .collect();
        assert_eq!(found[1], ("client_secret".to_owned(), "abc".to_owned()));
    }
}
