//! Where something stands in the logic of a format: a path of keys in JSON, an element in XML, a
//! mapping in YAML. Worked out only for findings, so that clean files pay nothing.

use crate::text::lossless;

/// The farthest that is walked back, in bytes.
const WALK_MAX: usize = 256 * 1024;

/// The logical place of `offset`, for formats where a line says little.
pub(super) fn logical(path: &str, bytes: &[u8], offset: usize) -> Option<String> {
    let extension = path.rsplit('.').next()?.to_ascii_lowercase();
    match extension.as_str() {
        "json"
        | "har"
        | "ipynb"
        | "postman_collection"
        | "postman_environment"
        | "webmanifest"
        | "geojson" => json(bytes, offset),
        _ => None,
    }
}

/// `log.entries[3].request.url`
fn json(bytes: &[u8], offset: usize) -> Option<String> {
    if offset > WALK_MAX {
        return None;
    }
    let mut stack: Vec<Frame> = Vec::new();
    let mut at = 0;
    let mut last_string = None;
    while at < offset {
        match bytes.get(at)? {
            b'"' => {
                let end = string_end(bytes, at + 1);
                if end >= offset {
                    break;
                }
                last_string = Some((at + 1, end));
                at = end;
            }
            b':' => {
                if let (Some(Frame::Object(key)), Some((start, end))) =
                    (stack.last_mut(), last_string.take())
                {
                    *key = lossless(bytes.get(start..end)?).into_owned();
                }
            }
            b'{' => stack.push(Frame::Object(String::new())),
            b'[' => stack.push(Frame::Array(0)),
            b'}' | b']' => {
                stack.pop();
            }
            b',' => match stack.last_mut() {
                Some(Frame::Array(index)) => *index += 1,
                Some(Frame::Object(key)) => key.clear(),
                None => {}
            },
            _ => {}
        }
        at += 1;
    }
    let mut out = String::new();
    for frame in &stack {
        match frame {
            Frame::Object(key) if key.is_empty() || key.len() > 80 => {}
            Frame::Object(key) if out.is_empty() => out.push_str(key),
            Frame::Object(key) => {
                out.push('.');
                out.push_str(key);
            }
            Frame::Array(index) => out.push_str(&format!("[{index}]")),
        }
    }
    (!out.is_empty()).then_some(out)
}

enum Frame {
    Object(String),
    Array(usize),
}

fn string_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_paths_are_worked_out() {
        let text = br#"{"log": {"entries": [{"a": 1}, {"request": {"url": "X"}}]}}"#;
        let at = text.iter().position(|b| *b == b'X').unwrap();
        assert_eq!(json(text, at).as_deref(), Some("log.entries[1].request.url"));
        assert_eq!(json(b"[1, 2", 5), Some("[1]".to_owned()));
        assert_eq!(json(b"\"abc", 2), None);
    }
}
