//! The mapping half: the directives which FME executes. Every value of the XML half that is in use
//! stands here again.

use super::{Collector, encoding, pairs};
use crate::finding::PlaceKind;
use crate::text::Span;

/// Keywords of pair lists, and what they hold.
const LISTS: &[(&[u8], PlaceKind)] = &[
    (b"ADDITIONAL_URL_PARAMETERS", PlaceKind::QueryObject),
    (b"QUERY_STRING_TABLE", PlaceKind::QueryObject),
    (b"QUERY_PARAMETERS", PlaceKind::QueryObject),
    (b"REQUEST_HEADER_TABLE", PlaceKind::Header),
    (b"CUSTOM_HEADERS", PlaceKind::Header),
    (b"HTTP_REQUEST_HEADER", PlaceKind::Header),
];

/// Reads the lines of the mapping half.
pub(super) fn read(bytes: &[u8], lines: &[Span], out: &mut Collector<'_>) {
    let mut running: Option<Span> = None;
    for line in lines {
        let text = line.of(bytes);
        if directive(bytes, *line, text, out) {
            flush(bytes, running.take(), out);
        } else {
            lists(bytes, *line, out);
            // Neighbouring lines are one text, so that scripts and line continuations stay whole.
            running = match running {
                Some(span) if span.end == line.start => Some(Span::new(span.start, line.end)),
                other => {
                    flush(bytes, other, out);
                    Some(*line)
                }
            };
        }
    }
    flush(bytes, running, out);
}

fn flush(bytes: &[u8], span: Option<Span>, out: &mut Collector<'_>) {
    if let Some(span) = span {
        let decoded = encoding::fme(bytes, span);
        out.running(decoded, None);
    }
}

/// `DEFAULT_MACRO NAME value`, `MACRO NAME value`, `USER_PARAMETERS <base64>`: whether it was one.
fn directive(bytes: &[u8], line: Span, text: &[u8], out: &mut Collector<'_>) -> bool {
    let Some((keyword, rest)) = word(line, text) else {
        return false;
    };
    match keyword.of(bytes) {
        b"DEFAULT_MACRO" | b"MACRO" => {
            let Some((name, rest)) = word(rest, rest.of(bytes)) else {
                return false;
            };
            let value = trimmed(bytes, rest);
            let value = pairs::unwrap(bytes, value);
            let name = crate::text::lossless(name.of(bytes)).into_owned();
            // Macros of a custom transformer carry a prefix: `$(X_WORKSPACE_NAME)_SERVER_TOKEN`.
            let name = name.rsplit(')').next().unwrap_or(&name).trim_start_matches('_').to_owned();
            let logical = format!("{} {name}", crate::text::lossless(keyword.of(bytes)));
            out.field(
                PlaceKind::Assignment,
                name,
                encoding::fme(bytes, value),
                Some(logical),
                None,
            );
            true
        }
        b"USER_PARAMETERS" => {
            let value = trimmed(bytes, rest);
            out.form(bytes, value, None)
        }
        _ => false,
    }
}

/// Pair lists anywhere in a line, which may hold a whole factory.
fn lists(bytes: &[u8], line: Span, out: &mut Collector<'_>) {
    let text = line.of(bytes);
    for (keyword, place) in LISTS {
        for at in memchr::memmem::find_iter(text, keyword) {
            let start = line.start + at + keyword.len();
            let logical = crate::text::lossless(keyword).into_owned();
            for (name, value) in value_after(bytes, Span::new(start, line.end))
                .map(|v| pairs::split(bytes, v))
                .unwrap_or_default()
            {
                let name = encoding::fme(bytes, name).0;
                let name = crate::text::lossless(&name).into_owned();
                out.field(*place, name, encoding::fme(bytes, value), Some(logical.clone()), None);
            }
        }
    }
}

/// The value of a keyword: `"…"`, `{ "…" }`, or bare items as long as they are pairs.
fn value_after(bytes: &[u8], span: Span) -> Option<Span> {
    let text = span.of(bytes);
    if !text.first()?.is_ascii_whitespace() {
        return None;
    }
    let skip = text.iter().take_while(|b| b.is_ascii_whitespace() || **b == b'{').count();
    let start = span.start + skip;
    let rest = bytes.get(start..span.end)?;
    if rest.first() == Some(&b'"') {
        let len = memchr::memchr(b'"', rest.get(1..)?).unwrap_or(rest.len() - 1);
        return Some(Span::new(start + 1, start + 1 + len));
    }
    let mut end = start;
    for item in rest.split_inclusive(u8::is_ascii_whitespace) {
        if !item.contains(&b';') {
            break;
        }
        end += item.len();
    }
    (end > start).then(|| trimmed(bytes, Span::new(start, end)))
}

/// The first word of `text` (which fills `span`), and what follows it.
fn word(span: Span, text: &[u8]) -> Option<(Span, Span)> {
    let lead = text.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let rest = text.get(lead..)?;
    let len = rest.iter().take_while(|b| !b.is_ascii_whitespace()).count();
    (len > 0).then(|| {
        (
            Span::new(span.start + lead, span.start + lead + len),
            Span::new(span.start + lead + len, span.end),
        )
    })
}

/// Without blanks and one pair of quotes around it.
pub(super) fn trimmed(bytes: &[u8], span: Span) -> Span {
    let text = span.of(bytes);
    let lead = text.len() - text.trim_ascii_start().len();
    let inner = text.trim_ascii();
    let span = Span::new(span.start + lead, span.start + lead + inner.len());
    match inner {
        [b'"', .., b'"'] => Span::new(span.start + 1, span.end - 1),
        _ => span,
    }
}
