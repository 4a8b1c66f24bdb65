//! The directive carrier: name and value with nothing but a blank between them, behind a word that
//! says so: `proxy_set_header X-Api-Key …;`, `ENV API_KEY …`, `--token …`.

use super::context::Opener;
use super::literal::{self, Extracted};
use super::{Carried, Name, Reader, header};
use crate::artifact::Role;
use crate::finding::PlaceKind;
use crate::secret::Secret;
use crate::text::{Span, lossless};
use crate::value::{Braces, ValueKind, classify};

/// Directives that set a request header: nginx, Apache, Caddy, `HAProxy`, Traefik's kin.
const HEADER_DIRECTIVES: &[&[u8]] = &[
    b"proxy_set_header", b"grpc_set_header", b"uwsgi_param", b"fastcgi_param", b"header_up",
    b"RequestHeader set", b"RequestHeader add", b"RequestHeader append", b"set-header",
    b"add-header", b"request_header_add", b"request_header_replace", b"request_header",
];
/// Commands that give a variable its value.
const VARIABLE_COMMANDS: &[&[u8]] =
    &[b"ENV", b"setenv", b"set", b"set -x", b"set -gx", b"set -Ux", b"setx", b"env", b"#define"];

/// Reads every directive and option that begins in `body`.
pub fn read(reader: &Reader<'_>, text: &[u8], body: Span, out: &mut Vec<Carried>) {
    for at in memchr::memmem::find_iter(super::begins_in(text, body, 8), b"#define ")
        .map(|i| body.start + i)
    {
        let line = text.get(at..).and_then(|t| memchr::memchr(b'\n', t)).unwrap_or(text.len() - at);
        out.extend(variable(reader, text, Span::new(at, at + line)));
    }
    if matches!(reader.kind.role, Role::Code | Role::Workspace) {
        return;
    }
    for at in
        memchr::memmem::find_iter(super::begins_in(text, body, 5), b"eader").map(|i| body.start + i)
    {
        out.extend(header_directive(reader, text, at).or_else(|| header_line(reader, text, at)));
    }
    for at in
        memchr::memmem::find_iter(super::begins_in(text, body, 2), b"--").map(|i| body.start + i)
    {
        out.extend(option(reader, text, at + 2));
    }
    for at in memchr::memmem::find_iter(super::begins_in(text, body, 2), b" -")
        .map(|i| body.start + i + 2)
    {
        // PowerShell: `-Password '…'`; Java and Go: `-token …`. A short one is of another kind.
        if text.get(at..at + 5).is_some_and(|name| name.iter().all(u8::is_ascii_alphabetic)) {
            out.extend(option(reader, text, at));
        }
    }
    if reader.kind.role == Role::Script {
        let mut start = body.start;
        for line in body.of(text).split(|b| *b == b'\n') {
            out.extend(variable(reader, text, Span::new(start, start + line.len())));
            start += line.len() + 1;
        }
    }
}

/// `proxy_set_header Authorization "Bearer …";`
fn header_directive(reader: &Reader<'_>, text: &[u8], at: usize) -> Option<Carried> {
    let line_start = at.saturating_sub(40);
    let directive = HEADER_DIRECTIVES.iter().find_map(|directive| {
        let inside = memchr::memmem::find(directive, b"eader")?;
        let start = at.checked_sub(inside)?;
        let end = start + directive.len();
        let whole = matches!(text.get(end), Some(b' ' | b'\t'));
        (whole && start >= line_start && text.get(start..end) == Some(*directive))
            .then_some(start + directive.len())
    })?;
    let name = word(text, directive)?;
    let known = reader.known(text, name)?;
    let value = value_behind(text, name.end)?;
    let mut carried = header::of_value(reader, text, value, &known);
    carried.place = PlaceKind::Header;
    Some(carried)
}

/// `Header X-Api-Key …`, alone on its line.
fn header_line(reader: &Reader<'_>, text: &[u8], at: usize) -> Option<Carried> {
    let before = text.get(at.saturating_sub(40)..at)?;
    let line = before.rsplit(|b| *b == b'\n').next()?.trim_ascii_start();
    let end = at + b"eader".len();
    if !matches!(line, b"h" | b"H") || text.get(end) != Some(&b' ') {
        return None;
    }
    let known = reader.known(text, word(text, end)?)?;
    let value = value_behind(text, known.span.end)?;
    header::is_header(&known, Opener::Headers)
        .then(|| header::of_value(reader, text, value, &known))
}

/// `--token …`: an option of any command.
fn option(reader: &Reader<'_>, text: &[u8], at: usize) -> Option<Carried> {
    let len = text
        .get(at..(at + crate::name::NAME_MAX).min(text.len()))?
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        .count();
    let name = Span::new(at, at + len);
    if text.get(name.end) != Some(&b' ') {
        return None;
    }
    if !reader.book.endings().allow(super::last_three(text, name.end)) {
        return None;
    }
    let known = reader.known(text, name)?;
    assigned(reader, text, &known, value_behind(text, name.end)?)
}

/// `ENV API_KEY …`
fn variable(reader: &Reader<'_>, text: &[u8], line: Span) -> Option<Carried> {
    let bytes = line.of(text).trim_ascii_start();
    let start = line.end - bytes.len();
    let command = VARIABLE_COMMANDS
        .iter()
        .filter(|c| bytes.starts_with(c) && bytes.get(c.len()) == Some(&b' '))
        .max_by_key(|c| c.len())?;
    let name = word(text, start + command.len())?;
    let known = reader.known(text, name)?;
    let value = value_behind(text, name.end)?;
    // A value is the rest of its line; two words are something else.
    (value.span.end + usize::from(value.quoted) >= start + bytes.trim_ascii_end().len())
        .then(|| assigned(reader, text, &known, value))?
}

fn assigned(reader: &Reader<'_>, text: &[u8], name: &Name, value: Extracted) -> Option<Carried> {
    let raw = value.span.of(text);
    let kind = classify(raw, Braces::Inert, &reader.book.lexicon);
    (kind == ValueKind::Literal).then(|| Carried {
        name: lossless(name.span.of(text)).into_owned(),
        secret: Some(Secret::new(raw)),
        tier: name.tier,
        ..Carried::of(PlaceKind::Assignment, kind, value.span)
    })
}

/// The word behind the blanks at `at`.
fn word(text: &[u8], at: usize) -> Option<Span> {
    let start = at + blanks(text, at)?;
    let len = text
        .get(start..(start + crate::name::NAME_MAX).min(text.len()))?
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        .count();
    (len > 0).then(|| Span::new(start, start + len))
}

/// The value behind the blanks at `at`, on the same line.
fn value_behind(text: &[u8], at: usize) -> Option<Extracted> {
    let start = at + blanks(text, at)?;
    if matches!(text.get(start)?, b'-' | b'=' | b'\\' | b'\n' | b'\r' | b'<' | b'[') {
        return None;
    }
    literal::value_after(text, start, true)
}

/// How many blanks stand at `at`; at least one.
fn blanks(text: &[u8], at: usize) -> Option<usize> {
    let count = text.get(at..)?.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    (1..=40).contains(&count).then_some(count)
}
