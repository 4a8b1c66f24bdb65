//! Where something stands in the logic of a format: a path of keys in JSON. Worked out only for
//! findings, so that clean files pay nothing, and for all of them in one walk.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::artifact::Window;
use crate::text::{Position, Span, lossless};

/// Deeper places say nothing to a reader, and would cost as much as they are deep.
const DEPTH_MAX: usize = 32;
/// The longest key that is shown, in bytes.
const KEY_MAX: usize = 80;

/// The logical places of one window.
#[derive(Debug)]
pub(super) struct Trace<'w> {
    bytes: Option<&'w [u8]>,
    offsets: Vec<usize>,
    places: OnceCell<BTreeMap<usize, String>>,
}

impl<'w> Trace<'w> {
    /// For those formats where a line says little. A later window begins in the middle of a document,
    /// and what it belongs to cannot be told from there.
    pub(super) fn new(path: &str, window: &Window<'w>, offsets: Vec<usize>) -> Self {
        let extension = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        let is_json = matches!(
            extension.as_str(),
            "json"
                | "har"
                | "ipynb"
                | "postman_collection"
                | "postman_environment"
                | "webmanifest"
                | "geojson"
        );
        let is_first = window.body.start == 0 && window.first == Position { line: 1, column: 1 };
        Self {
            bytes: (is_json && is_first).then_some(window.bytes),
            offsets,
            places: OnceCell::new(),
        }
    }

    /// The logical place of one of the offsets: `log.entries[3].request.url`
    pub(super) fn logical(&self, offset: usize) -> Option<String> {
        let bytes = self.bytes?;
        self.places.get_or_init(|| json(bytes, self.offsets.clone())).get(&offset).cloned()
    }
}

/// The places of all offsets, in one walk.
fn json(bytes: &[u8], mut offsets: Vec<usize>) -> BTreeMap<usize, String> {
    offsets.sort_unstable();
    offsets.dedup();
    let mut out = BTreeMap::new();
    let mut walk = Walk::default();
    for offset in offsets {
        walk.advance(bytes, offset);
        if let Some(place) = walk.place(bytes) {
            out.insert(offset, place);
        }
    }
    out
}

/// How far the walk is, and what is open there.
#[derive(Debug, Default)]
struct Walk {
    at: usize,
    stack: Vec<Frame>,
    last_string: Option<Span>,
    /// Where the string ends that begins at the first of the two.
    known: Option<(usize, usize)>,
}

#[derive(Debug)]
enum Frame {
    Object(Option<Span>),
    Array(usize),
}

impl Walk {
    fn advance(&mut self, bytes: &[u8], offset: usize) {
        while self.at < offset {
            let Some(byte) = bytes.get(self.at) else { return };
            match byte {
                b'"' => {
                    // Many offsets may lie in one long string.
                    let known = self.known.filter(|(start, _)| *start == self.at);
                    let end = known.map_or_else(|| string_end(bytes, self.at + 1), |(_, end)| end);
                    self.known = Some((self.at, end));
                    if end >= offset {
                        return;
                    }
                    self.last_string = Some(Span::new(self.at + 1, end));
                    self.at = end;
                }
                b':' => {
                    if let (Some(Frame::Object(key)), Some(string)) =
                        (self.stack.last_mut(), self.last_string.take())
                    {
                        *key = Some(string);
                    }
                }
                b'{' => self.stack.push(Frame::Object(None)),
                b'[' => self.stack.push(Frame::Array(0)),
                b'}' | b']' => {
                    self.stack.pop();
                }
                b',' => match self.stack.last_mut() {
                    Some(Frame::Array(index)) => *index += 1,
                    Some(Frame::Object(key)) => *key = None,
                    None => {}
                },
                _ => {}
            }
            self.at += 1;
        }
    }

    fn place(&self, bytes: &[u8]) -> Option<String> {
        if self.stack.len() > DEPTH_MAX {
            return None;
        }
        let mut out = String::new();
        for frame in &self.stack {
            match frame {
                Frame::Object(Some(key)) if !key.is_empty() && key.len() <= KEY_MAX => {
                    if !out.is_empty() {
                        out.push('.');
                    }
                    out.push_str(&lossless(key.of(bytes)));
                }
                Frame::Object(_) => {}
                Frame::Array(index) => out.push_str(&format!("[{index}]")),
            }
        }
        (!out.is_empty()).then_some(out)
    }
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

    fn at(text: &[u8], offset: usize) -> Option<String> {
        json(text, vec![offset]).remove(&offset)
    }

    #[test]
    fn json_paths_are_worked_out() {
        let text = br#"{"log": {"entries": [{"a": 1}, {"request": {"url": "X"}}]}}"#;
        let x = text.iter().position(|b| *b == b'X').unwrap();
        assert_eq!(at(text, x).as_deref(), Some("log.entries[1].request.url"));
        assert_eq!(at(b"[1, 2", 5), Some("[1]".to_owned()));
        assert_eq!(at(b"\"abc", 2), None);
        assert_eq!(at("[".repeat(1000).as_bytes(), 1000), None);
        // Each offset for itself gives the same as all in one walk.
        let all = json(text, (0..text.len()).rev().collect());
        for offset in 0..text.len() {
            assert_eq!(all.get(&offset).cloned(), at(text, offset), "{offset}");
        }
    }

    #[test]
    fn many_findings_in_one_string_cost_one_walk() {
        let text = format!("{{\"a\": \"{}\"}}", "token=X&".repeat(1 << 17));
        let places = json(text.as_bytes(), (7..text.len() - 2).step_by(8).collect());
        assert!(places.len() > 100_000 && places.values().all(|p| p == "a"));
    }

    #[test]
    fn a_later_window_tells_no_place() {
        let text = br#"{"b": "X"}"#;
        let whole = Window::whole(text);
        assert_eq!(Trace::new("a.json", &whole, vec![7]).logical(7).as_deref(), Some("b"));
        let later = Window { first: Position { line: 9, column: 1 }, ..Window::whole(text) };
        assert_eq!(Trace::new("a.json", &later, vec![7]).logical(7), None);
    }
}
