//! The XML half: lines that begin with `#!`, read by a tokenizer which nothing can stop.
//!
//! Workspaces are cut, merged by hand and written by twenty years of versions. A real XML parser
//! would refuse the first mistake and with it everything behind; this one takes every attribute that
//! it can see and needs no closing tag.

use crate::text::{Decoding, SourceMap, Span};

/// The halves of a workspace.
#[derive(Debug, Default)]
pub(super) struct Halves {
    /// The XML half without its `#!`, and the way back.
    pub(super) xml: Vec<u8>,
    pub(super) xml_map: SourceMap,
    /// Lines of the command-line comment inside the XML half, as spans of the file.
    pub(super) comments: Vec<Span>,
    /// Everything else, as spans of the file, in order.
    pub(super) mapping: Vec<Span>,
}

/// Tells the halves apart.
pub(super) fn halves(bytes: &[u8]) -> Halves {
    let mut out = Halves::default();
    let mut xml = Decoding::default();
    let raw = bytes.trim_ascii_start().first() == Some(&b'<');
    let mut inside = true;
    let mut started = false;
    let mut at = 0;
    while at < bytes.len() {
        let end = memchr::memchr(b'\n', bytes.get(at..).unwrap_or_default())
            .map_or(bytes.len(), |i| at + i + 1);
        let line = Span::new(at, end);
        let text = line.of(bytes);
        let marked = text.strip_prefix(b"#!");
        match marked {
            // `#! START_HEADER` and the like after the workspace are no XML.
            Some(rest) if inside && (started || rest.trim_ascii_start().first() == Some(&b'<')) => {
                started = true;
                xml.push(rest, Span::new(at + 2, end));
                inside = memchr::memmem::find(rest, b"</WORKSPACE>").is_none();
            }
            None if raw && inside => {
                xml.push(text, line);
                inside = memchr::memmem::find(text, b"</WORKSPACE>").is_none();
            }
            None if inside && started && text.first() == Some(&b'#') => out.comments.push(line),
            None if started && inside && text.trim_ascii().is_empty() => {}
            _ => {
                inside = inside && !started;
                out.mapping.push(line);
            }
        }
        at = end;
    }
    (out.xml, out.xml_map) = xml.finish();
    out
}

/// An element with its attributes, or the end of one.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// `<NAME attr="value"`
    Open {
        /// Its name.
        name: Span,
        /// Names and raw values of its attributes.
        attributes: Vec<(Span, Span)>,
        /// It closes itself.
        empty: bool,
    },
    /// `</NAME>`
    Close {
        /// Its name.
        name: Span,
    },
    /// Text between elements.
    Text(Span),
}

/// Walks through the elements of `text`.
pub(super) fn events(text: &[u8]) -> Vec<Event> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let open = memchr::memchr(b'<', rest).map_or(text.len(), |i| at + i);
        let between = Span::new(at, open);
        if !between.of(text).trim_ascii().is_empty() {
            out.push(Event::Text(between));
        }
        if open >= text.len() {
            break;
        }
        at = match text.get(open + 1) {
            Some(b'!' | b'?') => skip_to(text, open, b'>'),
            Some(b'/') => {
                let name = name_at(text, open + 2);
                out.push(Event::Close { name });
                skip_to(text, name.end, b'>')
            }
            _ => element(text, open + 1, &mut out),
        };
    }
    out
}

/// Reads the element whose name begins at `start`; returns where it ends.
fn element(text: &[u8], start: usize, out: &mut Vec<Event>) -> usize {
    let name = name_at(text, start);
    if name.is_empty() {
        return start;
    }
    let mut attributes = Vec::new();
    let mut at = name.end;
    let mut empty = false;
    loop {
        while text.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
        match text.get(at) {
            None => break,
            Some(b'>') => {
                at += 1;
                break;
            }
            Some(b'/') => {
                empty = true;
                at += 1;
            }
            // A new element without the end of this one: the file was cut or merged.
            Some(b'<') => break,
            Some(_) => match attribute(text, at) {
                Some((name, value, end)) => {
                    attributes.push((name, value));
                    at = end;
                }
                None => at += 1,
            },
        }
    }
    out.push(Event::Open { name, attributes, empty });
    at
}

/// `NAME="value"` at `at`: both spans, and where it ends. A value without its closing quote ends
/// with its line.
fn attribute(text: &[u8], at: usize) -> Option<(Span, Span, usize)> {
    let name = name_at(text, at);
    if name.is_empty() {
        return None;
    }
    let mut sign = name.end;
    while text.get(sign).is_some_and(u8::is_ascii_whitespace) {
        sign += 1;
    }
    if text.get(sign) != Some(&b'=') {
        return None;
    }
    let mut open = sign + 1;
    while text.get(open).is_some_and(u8::is_ascii_whitespace) {
        open += 1;
    }
    let quote = *text.get(open).filter(|b| matches!(b, b'"' | b'\''))?;
    let start = open + 1;
    let rest = text.get(start..)?;
    if let Some(len) = memchr::memchr(quote, rest) {
        Some((name, Span::new(start, start + len), start + len + 1))
    } else {
        let len = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        Some((name, Span::new(start, start + len), start + len))
    }
}

fn name_at(text: &[u8], at: usize) -> Span {
    let len = text
        .get(at..)
        .unwrap_or_default()
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b':' | b'.'))
        .count();
    Span::new(at, at + len)
}

fn skip_to(text: &[u8], at: usize, byte: u8) -> usize {
    memchr::memchr(byte, text.get(at..).unwrap_or_default()).map_or(text.len(), |i| at + i + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let cut = |s: &Span| String::from_utf8_lossy(s.of(text.as_bytes())).into_owned();
        events(text.as_bytes())
            .iter()
            .map(|event| match event {
                Event::Open { name, attributes, .. } => {
                    let pairs: Vec<String> =
                        attributes.iter().map(|(n, v)| format!("{}={}", cut(n), cut(v))).collect();
                    format!("<{} {}", cut(name), pairs.join(" "))
                }
                Event::Close { name } => format!("</{}", cut(name)),
                Event::Text(span) => cut(span).trim().to_owned(),
            })
            .collect()
    }

    #[test]
    fn attributes_survive_what_is_broken_around_them() {
        assert_eq!(
            shown("<A x=\"1\" y='2'/><B\n z=\"3\">t</B>"),
            ["<A x=1 y=2", "<B z=3", "t", "</B"]
        );
        assert_eq!(shown("<A x=\"1\" <B y=\"2\""), ["<A x=1", "<B y=2"]);
        assert_eq!(shown("< <> <A 5 = x=\"1\">"), [">", "<A x=1"]);
    }

    #[test]
    fn halves_are_told_apart() {
        let file = b"#! <?xml version=\"1.0\"?>\n#! <WORKSPACE\n#   --P \"v\"\n#!   A=\"1\"\n#! >\n#! </WORKSPACE>\nFME_X 1\n#! START_HEADER\n";
        let halves = halves(file);
        assert!(halves.xml.starts_with(b" <?xml") && halves.comments.len() == 1);
        let mapping: Vec<&[u8]> = halves.mapping.iter().map(|s| s.of(file)).collect();
        assert_eq!(mapping, [b"FME_X 1\n".as_slice(), b"#! START_HEADER\n"]);
    }
}
