//! The element carrier: `<token>…</token>`, `<property name="apiKey">…</property>`, and the pairs of
//! neighbours which property lists and test plans write (`<key>token</key><string>…</string>`).

use super::context::{self, Opener};
use super::literal::Extracted;
use super::{Carried, Name, Reader, header};
use crate::finding::PlaceKind;
use crate::name::fold;
use crate::secret::Secret;
use crate::text::{Span, lossless};
use crate::value::{Braces, ValueKind, classify};

/// The longest tag that is read, in bytes.
const TAG_MAX: usize = 400;
/// The longest content that is taken for a value, in bytes.
const CONTENT_MAX: usize = 8192;

/// How far a value may stand before its name, in bytes.
const NEIGHBOUR_MAX: usize = 200;

/// An element with plain content.
#[derive(Debug, Clone, Copy)]
struct Element {
    /// Its name: the attribute `name`, `key` or `id` where there is one, else that of the tag.
    name: Span,
    /// What stands between its tags, without blanks and CDATA marks.
    content: Span,
}

/// Reads every element whose tag begins in `body`.
pub fn read(reader: &Reader<'_>, text: &[u8], body: Span, out: &mut Vec<Carried>) {
    let mut waiting: Option<(Span, Opener)> = None;
    // Some writers sort the fields of a pair: the value comes before its name.
    let mut early: Option<(Span, Opener)> = None;
    for at in memchr::memchr_iter(b'<', body.of(text)).map(|i| body.start + i) {
        let Some(element) = element_at(text, at) else { continue };
        let folded = fold(element.name.of(text));
        if let Some(kind) = half(&folded, &["name", "key"]) {
            let value = early.take().filter(|(value, other)| {
                *other == kind && element.content.start - value.end < NEIGHBOUR_MAX
            });
            match (value, reader.known(text, element.content)) {
                (Some((value, _)), Some(name)) => {
                    out.extend(carried(reader, text, &name, value, kind));
                }
                _ => waiting = Some((element.content, kind)),
            }
            continue;
        }
        let second = half(&folded, &["value", "string", "data"]);
        early = second.filter(|_| waiting.is_none()).map(|kind| (element.content, kind));
        if let (Some((name, opener)), Some(_)) = (waiting.take(), second) {
            if let Some(name) = reader.known(text, name) {
                out.extend(carried(reader, text, &name, element.content, opener));
            }
        } else if let Some(name) = reader.known(text, element.name) {
            out.extend(carried(reader, text, &name, element.content, Opener::Other));
        }
    }
}

/// `key`, `headerName`, `Argument.name`: whether a name ends in one of `ends`, and what the word
/// before it says of the place.
fn half(folded: &str, ends: &[&str]) -> Option<Opener> {
    let head = ends.iter().find_map(|end| folded.strip_suffix(end))?;
    match head {
        "header" => Some(Opener::Headers),
        "argument" | "queryparam" | "query" | "urlparameter" => Some(Opener::Query),
        "" | "param" | "parameter" | "property" | "item" | "entry" | "attribute" | "variable" => {
            Some(Opener::Other)
        }
        _ => None,
    }
}

/// The element whose tag begins at `at`, when nothing but text is in it.
fn element_at(text: &[u8], at: usize) -> Option<Element> {
    let tag = text.get(at + 1..(at + TAG_MAX).min(text.len()))?;
    if !tag.first()?.is_ascii_alphabetic() {
        return None;
    }
    let close = tag.iter().position(|b| matches!(b, b'>' | b'<'))?;
    if tag.get(close) != Some(&b'>') || tag.get(close.checked_sub(1)?) == Some(&b'/') {
        return None;
    }
    let inner = tag.get(..close)?;
    let len = inner.iter().take_while(|b| !b.is_ascii_whitespace()).count();
    let local = inner.get(..len)?.iter().rposition(|b| *b == b':').map_or(0, |i| i + 1);
    let own = Span::new(at + 1 + local, at + 1 + len);
    let name = attribute(text, Span::new(at + 1 + len, at + 1 + close)).unwrap_or(own);
    let start = at + 1 + close + 1;
    let rest = text.get(start..(start + CONTENT_MAX).min(text.len()))?;
    let content = match rest.strip_prefix(b"<![CDATA[") {
        Some(data) => {
            let len = memchr::memmem::find(data, b"]]>")?;
            Span::new(start + 9, start + 9 + len)
        }
        None => Span::new(start, start + memchr::memchr(b'<', rest)?),
    };
    let content = trimmed(text, content);
    (!content.is_empty()).then_some(Element { name, content })
}

/// The value of the attribute which names the element.
fn attribute(text: &[u8], attributes: Span) -> Option<Span> {
    let bytes = attributes.of(text);
    for key in [b"name=".as_slice(), b"key=", b"id="] {
        for found in memchr::memmem::find_iter(bytes, key) {
            let boundary = found.checked_sub(1).and_then(|i| bytes.get(i));
            let start = found + key.len();
            let quote = bytes.get(start).filter(|b| matches!(b, b'"' | b'\''));
            if let (Some(b' ' | b'\t' | b'\n' | b'\r'), Some(quote)) = (boundary, quote) {
                let len = memchr::memchr(*quote, bytes.get(start + 1..)?)?;
                let from = attributes.start + start + 1;
                return Some(Span::new(from, from + len));
            }
        }
    }
    None
}

fn trimmed(text: &[u8], span: Span) -> Span {
    let bytes = span.of(text);
    let lead = bytes.len() - bytes.trim_ascii_start().len();
    let start = span.start + lead;
    Span::new(start, start + bytes.trim_ascii().len())
}

fn carried(
    reader: &Reader<'_>,
    text: &[u8],
    name: &Name,
    content: Span,
    opener: Opener,
) -> Option<Carried> {
    // `<httpHeaders><property><name>…`: the element around the pair says what it is.
    let opener = match opener {
        Opener::Other => context::element(text, content.start, reader).unwrap_or(opener),
        opener => opener,
    };
    if header::is_header(name, opener) {
        let value =
            Extracted { span: content, quoted: true, braces: Braces::Inert, expression: false };
        return Some(header::of_value(reader, text, value, name));
    }
    let raw = content.of(text);
    if super::holds_address(raw) {
        return None; // the address is read in its turn
    }
    let kind = classify(raw, Braces::Inert, &reader.book.lexicon);
    let literal = kind == ValueKind::Literal;
    Some(Carried {
        name: lossless(name.span.of(text)).into_owned(),
        secret: literal.then(|| Secret::new(raw)),
        tier: name.tier,
        ..Carried::of(
            if opener == Opener::Query { PlaceKind::QueryObject } else { PlaceKind::Assignment },
            kind,
            if literal {
                content
            } else {
                Span::new(name.span.start, content.end.max(name.span.end))
            },
        )
    })
}
