//! Kubernetes secrets: the values under `data:` are base64 and hide nothing, and every key is one of
//! a secret, whatever its name.

use std::borrow::Cow;

use super::{Field, Format, Reading, base64};
use crate::artifact::{Nature, Text};
use crate::finding::PlaceKind;
use crate::text::{SourceMap, Span, lossless};

/// The largest block that is read, in bytes: a secret has no more.
const BLOCK_MAX: usize = 1 << 20;

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
        for (key, encoded) in [(b"data".as_slice(), true), (b"stringData", false)] {
            // Keys inside of a block are its entries, and open none of their own.
            let mut done = 0;
            for at in memchr::memmem::find_iter(bytes, key) {
                if at < done {
                    continue;
                }
                let Some(block) = block_of(bytes, Span::new(at, at + key.len())) else { continue };
                done = block.end;
                let entries = match bytes.get(block.start) {
                    Some(b'{') => in_braces(bytes, block),
                    _ => in_lines(bytes, block),
                };
                reading.fields.extend(entries.into_iter().filter_map(|entry| {
                    if encoded { entry.decoded(bytes) } else { entry.plain(bytes) }
                }));
            }
        }
        reading
    }
}

/// Whether `kind` is `Secret`, in any way of writing it.
fn says_secret(head: &[u8]) -> bool {
    memchr::memmem::find_iter(head, b"kind").any(|at| {
        let rest = head.get(at + 4..(at + 40).min(head.len())).unwrap_or_default();
        let rest = rest.strip_prefix(b"\"").unwrap_or(rest).trim_ascii_start();
        let Some(value) = rest.strip_prefix(b":") else { return false };
        let value = value.trim_ascii_start();
        let value = value.strip_prefix(b"\"").unwrap_or(value);
        value.get(..6).is_some_and(|word| word.eq_ignore_ascii_case(b"Secret"))
            && !value.get(6).is_some_and(u8::is_ascii_alphanumeric)
    })
}

/// What stands behind the key: its braces, or the lines that are indented more.
fn block_of(bytes: &[u8], key: Span) -> Option<Span> {
    let before = key.start.checked_sub(1).and_then(|i| bytes.get(i));
    if !before.is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'{' | b',')) {
        return None;
    }
    let rest = bytes.get(key.end..)?;
    let quote = usize::from(rest.first() == Some(&b'"'));
    let sign = quote + rest.get(quote..)?.iter().take_while(|b| **b == b' ').count();
    if rest.get(sign) != Some(&b':') {
        return None;
    }
    let blanks = rest.get(sign + 1..)?.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let start = key.end + sign + 1 + blanks;
    match bytes.get(start)? {
        b'{' => {
            let rest = bytes.get(start..(start + BLOCK_MAX).min(bytes.len()))?;
            // What nobody closes is read as far as it may reach, and once.
            let end = closing(rest).unwrap_or(rest.len());
            Some(Span::new(start, start + end))
        }
        b'\n' | b'\r' => {
            let line = memchr::memrchr(b'\n', bytes.get(..key.start)?).map_or(0, |i| i + 1);
            let outer = key.start - line;
            let mut end = start;
            for next in bytes.get(start..)?.split_inclusive(|b| *b == b'\n') {
                if end > start && !next.trim_ascii().is_empty() && indent(next) <= outer {
                    break;
                }
                end += next.len();
            }
            Some(Span::new(start, end))
        }
        _ => None,
    }
}

/// Where the brace closes that `text` begins with.
fn closing(text: &[u8]) -> Option<usize> {
    let mut depth = 0usize;
    let mut quoted = false;
    let mut escaped = false;
    for (index, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' if !quoted => depth += 1,
            b'}' if !quoted => {
                depth -= 1;
                if depth == 0 {
                    return Some(index + 1);
                }
            }
            _ => {}
        }
    }
    None
}

fn indent(line: &[u8]) -> usize {
    line.len() - line.trim_ascii_start().len()
}

/// One key with its value, where they stand.
#[derive(Debug, Clone, Copy)]
struct Entry {
    name: Span,
    value: Span,
}

/// `{a: …, "b": "…"}`
fn in_braces(bytes: &[u8], block: Span) -> Vec<Entry> {
    let last = block.of(bytes).last() == Some(&b'}');
    let inner = Span::new(block.start + 1, (block.end - usize::from(last)).max(block.start + 1));
    let mut start = inner.start;
    let mut out = Vec::new();
    // A comma in quotes is one of the value.
    let mut quoted = None;
    let parts = inner.of(bytes).split(|b| match (quoted, b) {
        (None, b'"' | b'\'') => {
            quoted = Some(*b);
            false
        }
        (Some(quote), b) if quote == *b => {
            quoted = None;
            false
        }
        (None, b',') => true,
        _ => false,
    });
    for piece in parts {
        let span = Span::new(start, start + piece.len());
        start = span.end + 1;
        out.extend(entry(bytes, span));
    }
    out
}

/// `a: …` on lines of their own; a block (`a: |`) goes on over the lines that are indented more.
fn in_lines(bytes: &[u8], block: Span) -> Vec<Entry> {
    let mut out: Vec<Entry> = Vec::new();
    let mut start = block.start;
    let mut open: Option<usize> = None;
    for line in block.of(bytes).split_inclusive(|b| *b == b'\n') {
        let span = Span::new(start, start + line.len());
        start = span.end;
        if let (Some(outer), Some(last)) = (open, out.last_mut()) {
            if line.trim_ascii().is_empty() || indent(line) > outer {
                last.value.end = span.end;
                continue;
            }
            open = None;
        }
        let Some(found) = entry(bytes, span) else { continue };
        let is_block = matches!(found.value.of(bytes), [b'|' | b'>', ..]);
        open = is_block.then(|| indent(line));
        let value = if is_block { Span::new(span.end, span.end) } else { found.value };
        out.push(Entry { value, ..found });
    }
    out
}

/// `key: value`, both without their quotes.
fn entry(bytes: &[u8], span: Span) -> Option<Entry> {
    let colon = span.start + memchr::memchr(b':', span.of(bytes))?;
    let name = bare(bytes, Span::new(span.start, colon));
    (!name.is_empty()).then(|| Entry { name, value: bare(bytes, Span::new(colon + 1, span.end)) })
}

/// The span without blanks and quotes around it.
fn bare(bytes: &[u8], span: Span) -> Span {
    let mark = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b',');
    let text = span.of(bytes);
    let lead = text.iter().take_while(|b| mark(b)).count();
    let tail = text.iter().skip(lead).rev().take_while(|b| mark(b)).count();
    Span::new(span.start + lead, span.end - tail)
}

impl Entry {
    fn field<'a>(
        self,
        bytes: &[u8],
        key: &str,
        content: Cow<'a, [u8]>,
        map: SourceMap,
    ) -> Field<'a> {
        let name = lossless(self.name.of(bytes)).into_owned();
        let logical = Some(format!("{key}.{name}"));
        Field {
            place: PlaceKind::Assignment,
            value: Text { content, map, logical, nature: Nature::Running },
            name,
            url: None,
            secret: true,
        }
    }

    /// An entry of `data`, when what it decodes to is text.
    fn decoded(self, bytes: &[u8]) -> Option<Field<'static>> {
        let (content, map) = base64::decode(bytes, self.value)?;
        let readable = std::str::from_utf8(&content)
            .is_ok_and(|t| !t.contains(|c: char| c.is_control() && !c.is_whitespace()));
        readable.then(|| self.field(bytes, "data", Cow::Owned(content), map))
    }

    /// An entry of `stringData`; a block of lines is a file, which is read as one.
    fn plain(self, bytes: &[u8]) -> Option<Field<'_>> {
        let content = self.value.of(bytes);
        (!content.is_empty() && !content.contains(&b'\n')).then(|| {
            let map = SourceMap::slice(self.value.start);
            self.field(bytes, "stringData", Cow::Borrowed(content), map)
        })
    }
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

    #[test]
    fn commas_in_quotes_and_open_braces_are_read() {
        let of = |text: &[u8]| {
            let reading = Kubernetes.read(text);
            let shown = |f: &Field<'_>| format!("{}={}", f.name, lossless(&f.value.content));
            reading.fields.iter().map(shown).collect::<Vec<_>>()
        };
        assert_eq!(
            of(b"kind: Secret\nstringData: {a: \"Kq7v,T2m\", b: 'x, y'}\n"),
            ["a=Kq7v,T2m", "b=x, y"]
        );
        assert_eq!(of(b"kind: Secret\nstringData: {a: Kq7vT2m"), ["a=Kq7vT2m"]);
        // Inside of a block it is a key like any other.
        assert_eq!(of(b"kind: Secret\nstringData:\n  data: x\n  stringData: y\n").len(), 2);
    }

    #[test]
    fn flow_style_and_one_line_are_read() {
        let yaml =
            b"kind: Secret\ndata: {extra: SGFyYm9yNFdpbGxvdw==, b: \"SGFyYm9yNFdpbGxvdw==\"}\n";
        let json = br#"{"kind":"Secret","data":{"extra":"SGFyYm9yNFdpbGxvdw=="},"x":1}"#;
        for (manifest, count) in [(yaml.as_slice(), 2), (json, 1)] {
            assert!(Kubernetes.recognises("a.json", manifest));
            let reading = Kubernetes.read(manifest);
            assert_eq!(reading.fields.len(), count);
            assert_eq!(reading.fields[0].value.content.as_ref(), b"Harbor4Willow");
            assert_eq!(reading.fields[0].name, "extra");
        }
    }

    #[test]
    fn blocks_are_joined_and_plain_values_kept() {
        let manifest = b"kind: Secret\ndata:\n  .dockercfg: |\n    SGFyYm9y\n    NFdpbGxvdw==\n  b: x\nstringData:\n  extra: Kq7v\n  file: |\n    a: b\n";
        let reading = Kubernetes.read(manifest);
        let read: Vec<_> = reading.fields.iter().map(|f| (&*f.name, &*f.value.content)).collect();
        assert_eq!(read, [(".dockercfg", b"Harbor4Willow".as_slice()), ("extra", b"Kq7v")]);
    }

    #[test]
    fn other_kinds_are_none() {
        for other in [b"kind: SecretStore\n".as_slice(), b"kind: ConfigMap\n", b"mankind Secret"] {
            assert!(!Kubernetes.recognises("a.yaml", other));
        }
    }
}
