//! The form of published parameters: JSON in base64, in which every default stands once more.

use super::encoding;
use crate::text::{Decoding, SourceMap, Span, lossless};

/// A parameter and its default, as spans of the JSON.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Frame {
    name: Option<String>,
    default: Option<Span>,
}

/// A parameter's name and the text of its default with the way back to the base64 characters.
pub(super) type ParameterDefault = (String, Vec<u8>, SourceMap);

/// Every default in the form that stands at `span` of `text`.
pub(super) fn defaults(text: &[u8], span: Span) -> Option<Vec<ParameterDefault>> {
    let (json, map) = crate::format::base64::decode(text, span)?;
    let decoded = found(&json)
        .into_iter()
        .map(|(name, raw)| {
            let (value, inner) = unescape(&json, raw);
            let (value, deep) = encoding::fme(&value, Span::new(0, value.len()));
            (name, value, deep.then(&inner).then(&map))
        })
        .collect();
    Some(decoded)
}

/// Walks the JSON and collects objects that have both a name and a default. Order of keys, nesting
/// and mistakes do not matter.
fn found(json: &[u8]) -> Vec<(String, Span)> {
    let mut out = Vec::new();
    let mut stack: Vec<Frame> = Vec::new();
    let mut key: Option<Span> = None;
    let mut last: Option<Span> = None;
    let mut at = 0;
    while let Some(byte) = json.get(at) {
        match byte {
            b'"' => {
                let span = Span::new(at + 1, string_end(json, at + 1));
                at = span.end;
                if let (Some(key), Some(frame)) = (key.take(), stack.last_mut()) {
                    match key.of(json) {
                        b"name" => frame.name = Some(lossless(span.of(json)).into_owned()),
                        b"defaultValue" | b"value" => frame.default = Some(span),
                        _ => {}
                    }
                } else {
                    last = Some(span);
                }
            }
            b':' => key = last.take(),
            b'{' => {
                key = None;
                stack.push(Frame::default());
            }
            b'}' => {
                key = None;
                if let Some(Frame { name: Some(name), default: Some(span) }) = stack.pop() {
                    out.push((name, span));
                }
            }
            b',' | b'[' | b']' => key = None,
            _ => {}
        }
        at += 1;
    }
    // A form that was cut still gives what it holds.
    out.extend(stack.into_iter().filter_map(|f| Some((f.name?, f.default?))));
    out
}

fn string_end(json: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(byte) = json.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at,
            _ => at += 1,
        }
    }
    json.len()
}

/// Undoes the escapes of a JSON string.
fn unescape(json: &[u8], span: Span) -> (Vec<u8>, SourceMap) {
    let mut out = Decoding::default();
    let mut at = span.start;
    while at < span.end {
        let byte = json.get(at).copied().unwrap_or_default();
        if byte != b'\\' {
            out.push(&[byte], Span::new(at, at + 1));
            at += 1;
            continue;
        }
        let (decoded, len) = match json.get(at + 1) {
            Some(b'n') => ('\n', 2),
            Some(b't') => ('\t', 2),
            Some(b'r') => ('\r', 2),
            Some(b'u') => {
                let hex = json.get(at + 2..at + 6).and_then(|h| std::str::from_utf8(h).ok());
                let code =
                    hex.and_then(|h| u32::from_str_radix(h, 16).ok()).and_then(char::from_u32);
                code.map_or(('\\', 1), |c| (c, 6))
            }
            Some(other) => (char::from(*other), 2),
            None => ('\\', 1),
        };
        out.push(
            decoded.encode_utf8(&mut [0; 4]).as_bytes(),
            Span::new(at, (at + len).min(span.end)),
        );
        at += len;
    }
    out.finish()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;

    use super::*;

    #[test]
    fn defaults_are_found_with_their_place() {
        let token = "0a1b2c3d4e".repeat(4);
        let json = format!(
            r#"{{"parameters":[{{"type":"group","parameters":[{{"defaultValue":"https:<solidus><solidus>h<solidus>x?fmetoken={token}","name":"URL"}}]}},{{"name":"B","defaultValue":"a\"b"}}]}}"#
        );
        let encoded = base64::engine::general_purpose::STANDARD.encode(&json);
        let text = format!("FORM=\"{encoded}\"");
        let found = defaults(text.as_bytes(), Span::new(6, 6 + encoded.len())).unwrap();
        assert_eq!(found.len(), 2);
        let (name, value, map) = &found[0];
        let value = String::from_utf8(value.clone()).unwrap();
        assert!(name == "URL" && value == format!("https://h/x?fmetoken={token}"));
        let at = value.find(&token).unwrap();
        let source = map.to_source(Span::new(at, at + 40));
        // The groups that hold the token, and no more than a group on either side.
        assert!(source.len() >= 53 && source.len() <= 60 && source.end < text.len());
        assert_eq!(found[1].1, b"a\"b");
    }
}
