//! The mapping half: the directives which FME executes. Every value of the XML half that is in use
//! stands here again.

use super::slot::{Keeper, Slot};
use super::{Collector, encoding, pairs};
use crate::finding::PlaceKind;
use crate::text::Span;

/// Keywords of lists, in both halves, and what the lists hold.
pub(super) const LISTS: &[(&str, List)] = &[
    ("ADDITIONAL_URL_PARAMETERS", List::Pairs(PlaceKind::QueryObject)),
    ("QUERY_STRING_TABLE", List::Pairs(PlaceKind::QueryObject)),
    ("QUERY_PARAMETERS", List::Pairs(PlaceKind::QueryObject)),
    ("REQUEST_HEADER_TABLE", List::Pairs(PlaceKind::Header)),
    ("CUSTOM_HEADERS", List::Pairs(PlaceKind::Header)),
    ("HTTP_REQUEST_HEADER", List::Pairs(PlaceKind::Header)),
    ("HEADERS", List::Pairs(PlaceKind::Header)),
    ("MULTIPARTS", List::Multipart),
    ("COMBINED_MULTIPART_TABLE", List::Multipart),
];

/// What a list holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum List {
    /// `name;value name;value`
    Pairs(PlaceKind),
    /// `name StringUpload SOURCE_EXPRESSION;value;MIME_TYPE;text`
    Multipart,
}

impl List {
    /// Names and values.
    pub(super) fn split(self, text: &[u8], span: Span) -> Vec<(Span, Span)> {
        match self {
            List::Pairs(_) => pairs::split(text, span),
            List::Multipart => pairs::multipart(text, span),
        }
    }

    /// Where they travel.
    pub(super) fn place(self) -> PlaceKind {
        match self {
            List::Pairs(place) => place,
            List::Multipart => PlaceKind::Body,
        }
    }
}

/// The list that a parameter of this name is.
pub(super) fn list(name: &[u8]) -> Option<List> {
    LISTS.iter().find(|(keyword, _)| keyword.as_bytes() == name).map(|(_, list)| *list)
}

/// Reads the lines of the mapping half.
pub(super) fn read(bytes: &[u8], lines: &[Span], out: &mut Collector<'_>) {
    let mut running: Option<Span> = None;
    let mut parameter = String::new();
    for line in lines {
        let text = line.of(bytes);
        if directive(bytes, *line, text, out) || definition(bytes, *line, &mut parameter, out) {
            flush(bytes, running.take(), out);
            continue;
        }
        // Neighbouring lines are one text, so that scripts and line continuations stay whole. A new
        // factory is another transformer.
        let begins = text.starts_with(b"FACTORY_DEF") || text.starts_with(b"Tcl2 proc ");
        running = match running {
            Some(span) if span.end == line.start && !begins => {
                Some(Span::new(span.start, line.end))
            }
            other => {
                flush(bytes, other, out);
                Some(*line)
            }
        };
    }
    flush(bytes, running, out);
}

fn flush(bytes: &[u8], span: Option<Span>, out: &mut Collector<'_>) {
    let Some(span) = span else { return };
    let owner = owner(span.of(bytes));
    let owner = owner.as_deref();
    lists(bytes, span, owner, out);
    let logical = owner.map(|_| Slot::Executed { owner, parameter: None }.to_string());
    out.running(encoding::fme(bytes, span), logical);
}

/// The transformer that a factory or procedure was made of: `FACTORY_NAME { HTTPCaller_5 }`,
/// `Tcl2 proc StringConcatenator_3_evaluator`.
fn owner(text: &[u8]) -> Option<String> {
    let name = if let Some(rest) = text.strip_prefix(b"Tcl2 proc ") {
        rest.split(u8::is_ascii_whitespace).next()?
    } else {
        let at = memchr::memmem::find(text, b"FACTORY_NAME")?;
        let rest = text.get(at + b"FACTORY_NAME".len()..)?;
        let rest = rest.get(..rest.len().min(200))?;
        let start = rest.iter().position(|b| !b.is_ascii_whitespace())?;
        let rest = rest.get(start..)?;
        match rest.first()? {
            b'{' => rest.get(1..)?.split(|b| *b == b'}').next()?,
            b'"' => rest.get(1..)?.split(|b| *b == b'"').next()?,
            _ => rest.split(u8::is_ascii_whitespace).next()?,
        }
    };
    let name = crate::text::lossless(name);
    let name = unprefixed(name.trim().trim_matches('"'));
    (!name.is_empty()).then(|| name.to_owned())
}

/// Names inside a custom transformer carry a prefix: `$(X_WORKSPACE_NAME)_SERVER_TOKEN`.
fn unprefixed(name: &str) -> &str {
    name.rsplit(')').next().unwrap_or(name).trim_start_matches('_')
}

/// `PARAMETER_NAME: X` and `PARAMETER_DEFAULT: value` of a classic transformer definition: whether
/// it was one of the two.
fn definition(bytes: &[u8], line: Span, parameter: &mut String, out: &mut Collector<'_>) -> bool {
    let Some((keyword, rest)) = word(line, line.of(bytes)) else {
        return false;
    };
    let value = trimmed(bytes, rest);
    match keyword.of(bytes) {
        b"PARAMETER_NAME:" => *parameter = crate::text::lossless(value.of(bytes)).into_owned(),
        b"PARAMETER_DEFAULT:" | b"PARAMETER_DEFAULT_VALUE:" if !parameter.is_empty() => {
            out.published(Keeper::Definition, parameter.clone(), encoding::fme(bytes, value));
        }
        _ => return false,
    }
    true
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
            let name = unprefixed(&name).to_owned();
            let is_macro = keyword.of(bytes) == b"MACRO";
            let keeper = if is_macro { Keeper::Macro } else { Keeper::DefaultMacro };
            out.published(keeper, name, encoding::fme(bytes, value));
            true
        }
        b"USER_PARAMETERS" => {
            let value = trimmed(bytes, rest);
            out.form(bytes, value, None)
        }
        _ => false,
    }
}

/// Lists anywhere in a text, which may hold a whole factory.
fn lists(bytes: &[u8], span: Span, owner: Option<&str>, out: &mut Collector<'_>) {
    let text = span.of(bytes);
    for (keyword, list) in LISTS {
        let mut done = 0;
        for at in memchr::memmem::find_iter(text, keyword.as_bytes()) {
            // What stands inside of a list is not the beginning of another.
            if span.start + at < done {
                continue;
            }
            let begins = at.checked_sub(1).and_then(|i| text.get(i));
            if begins.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_') {
                continue;
            }
            let start = span.start + at + keyword.len();
            let end = memchr::memchr(b'\n', bytes.get(start..span.end).unwrap_or_default())
                .map_or(span.end, |i| start + i);
            let logical = Slot::Executed { owner, parameter: Some(keyword) }.to_string();
            let Some(value) = value_after(bytes, Span::new(start, end)) else {
                continue;
            };
            done = value.end;
            for (name, value) in list.split(bytes, value) {
                let name = encoding::fme(bytes, name).0;
                let name = crate::text::lossless(&name).into_owned();
                let value = encoding::fme(bytes, value);
                out.field(list.place(), name, value, Some(logical.clone()), None);
            }
        }
    }
}

/// The value of a keyword: `"…"`, `{ "…" "…" }`, or bare items as long as they are pairs.
fn value_after(bytes: &[u8], span: Span) -> Option<Span> {
    let text = span.of(bytes);
    if !text.first()?.is_ascii_whitespace() {
        return None;
    }
    let blanks = text.iter().take_while(|b| b.is_ascii_whitespace()).count();
    let start = span.start + blanks;
    let rest = bytes.get(start..span.end)?;
    if rest.first() == Some(&b'{') {
        // Braces inside are encoded; `{}` of an array index and the like are not.
        let mut depth = 0usize;
        let end = rest.iter().position(|b| {
            match b {
                b'{' => depth += 1,
                b'}' => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        return Some(trimmed_blanks(
            bytes,
            Span::new(start + 1, end.map_or(span.end, |e| start + e)),
        ));
    }
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

fn trimmed_blanks(bytes: &[u8], span: Span) -> Span {
    let text = span.of(bytes);
    let lead = text.len() - text.trim_ascii_start().len();
    Span::new(span.start + lead, span.start + lead + text.trim_ascii().len())
}

/// Without blanks and one pair of quotes around it.
pub(super) fn trimmed(bytes: &[u8], span: Span) -> Span {
    let span = trimmed_blanks(bytes, span);
    match span.of(bytes) {
        [b'"', .., b'"'] => Span::new(span.start + 1, span.end - 1),
        _ => span,
    }
}
