//! Kubernetes secrets: the values under `data:` are base64 and hide nothing.

use std::borrow::Cow;

use super::{Field, Format, Reading, base64};
use crate::artifact::{Nature, Text};
use crate::finding::PlaceKind;
use crate::text::{Span, lossless};

/// A manifest of kind `Secret`, in YAML or JSON, alone or among others.
#[derive(Debug)]
pub struct Kubernetes;

impl Format for Kubernetes {
    fn id(&self) -> &'static str {
        "kubernetes"
    }

    fn recognises(&self, name: &str, head: &[u8]) -> bool {
        [".yaml", ".yml", ".json"].iter().any(|e| name.ends_with(e)) && says_secret(head)
    }

    fn read<'a>(&self, bytes: &'a [u8]) -> Reading<'a> {
        let mut reading = Reading { texts: vec![Text::slice(bytes, 0)], ..Reading::default() };
        let mut block: Option<usize> = None;
        let mut start = 0;
        for line in bytes.split(|b| *b == b'\n') {
            let span = Span::new(start, start + line.len());
            start = span.end + 1;
            let indent = line.len() - line.trim_ascii_start().len();
            let trimmed = line.trim_ascii();
            if matches!(trimmed, b"data:" | b"\"data\": {" | b"\"data\":{") {
                block = Some(indent);
            } else if block.is_some_and(|outer| indent <= outer && !trimmed.is_empty()) {
                block = None;
            } else if block.is_some() {
                reading.fields.extend(entry(bytes, span));
            }
        }
        reading
    }
}

fn says_secret(head: &[u8]) -> bool {
    [
        b"kind: Secret".as_slice(),
        b"kind: \"Secret\"",
        b"\"kind\": \"Secret\"",
        b"\"kind\":\"Secret\"",
    ]
    .iter()
    .any(|mark| memchr::memmem::find(head, mark).is_some())
}

/// `key: base64`, when what it decodes to is text.
fn entry(bytes: &[u8], line: Span) -> Option<Field<'static>> {
    let text = line.of(bytes);
    let colon = memchr::memchr(b':', text)?;
    let name = lossless(text.get(..colon)?.trim_ascii()).trim_matches(['"', '\'']).to_owned();
    let rest = text.get(colon + 1..)?;
    let is_mark = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b',');
    let lead = rest.iter().take_while(|b| is_mark(b)).count();
    let tail = rest.iter().rev().take_while(|b| is_mark(b)).count();
    let value = Span::new(
        line.start + colon + 1 + lead,
        (line.end - tail).max(line.start + colon + 1 + lead),
    );
    let (content, map) = base64::decode(bytes, value)?;
    let readable = std::str::from_utf8(&content)
        .is_ok_and(|t| !t.contains(|c: char| c.is_control() && !c.is_whitespace()));
    readable.then(|| Field {
        place: PlaceKind::Assignment,
        value: Text {
            content: Cow::Owned(content),
            map,
            logical: Some(format!("data.{name}")),
            nature: Nature::Running,
        },
        name,
        url: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded_with_their_names() {
        let manifest = b"kind: Secret\ndata:\n  password: SGFyYm9yNFdpbGxvdw==\n  bin: gIGCg4SFhoc=\nmetadata:\n  x: SGFyYm9yNFdpbGxvdw==\n";
        let reading = Kubernetes.read(manifest);
        assert_eq!(reading.fields.len(), 1);
        assert_eq!(reading.fields[0].value.content.as_ref(), b"Harbor4Willow");
        assert_eq!(reading.fields[0].name, "password");
        let span = reading.fields[0].value.map.to_source(Span::new(0, 13));
        assert_eq!(span.of(manifest), b"SGFyYm9yNFdpbGxvdw==");
    }
}
