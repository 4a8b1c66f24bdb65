//! The call to which a named value belongs: the address closest to it in the same statement, command
//! or recorded request.

use crate::artifact::Role;
use crate::carrier::{Call, Reader, url};
use crate::text::Span;

/// How far a call's address is looked for, in bytes.
const CALL_MAX: usize = 600;
/// How far a command is followed over its continuation lines, in bytes each way.
const COMMAND_MAX: usize = 2000;
/// The longest variable that an address begins with, in bytes.
const BASE_MAX: usize = 80;
/// How far back the address of a recorded request is looked for, in bytes.
const RECORDED_MAX: usize = 6000;

/// The command around `at`, with its continuation lines.
pub(super) fn command_around(text: &[u8], at: usize) -> Span {
    let continued = |line_end: usize| {
        let line = text.get(line_end.saturating_sub(COMMAND_MAX)..line_end).unwrap_or_default();
        matches!(line.trim_ascii_end(), [.., b'\\' | b'^' | b'`'])
    };
    let floor = at.saturating_sub(COMMAND_MAX);
    let mut start = at;
    loop {
        let before = text.get(floor..start).unwrap_or_default();
        let Some(newline) = memchr::memrchr(b'\n', before).map(|i| floor + i) else {
            start = floor;
            break;
        };
        if !continued(newline) {
            start = newline + 1;
            break;
        }
        start = newline;
    }
    let limit = (at + COMMAND_MAX).min(text.len());
    let mut end = at;
    while let Some(newline) = memchr::memchr(b'\n', text.get(end..limit).unwrap_or_default()) {
        end += newline;
        if !continued(end) {
            return Span::new(start, end);
        }
        end += 1;
    }
    Span::new(start, limit)
}

/// The address that stands closest before the name in the same statement, or behind it on the line.
pub(super) fn near(text: &[u8], name: Span, reader: &Reader<'_>) -> Option<Call> {
    let command = command_around(text, name.start);
    // A command that goes over several lines is one wherever it is shown.
    let shown = reader.kind.role == Role::Docs && command.of(text).contains(&b'\n');
    if reader.kind.role == Role::Script || shown {
        // `curl -H … URL`: behind the name first, because a pipe may put another call before it.
        let after = Span::new(name.start, command.end);
        let before = Span::new(command.start, name.start);
        let found = memchr::memmem::find(after.of(text), b"://")
            .map(|i| after.start + i)
            .or_else(|| memchr::memmem::rfind(before.of(text), b"://").map(|i| before.start + i));
        return match found {
            Some(found) => url::call_at(text, found),
            None => below_variable(text, command),
        };
    }

    let from = call_start(text, name.start);
    let before = text.get(from..name.start)?;
    if let Some(found) = memchr::memmem::rfind(before, b"://") {
        return url::call_at(text, from + found);
    }
    let limit = (name.end + CALL_MAX).min(text.len());
    let rest = text.get(name.end..limit)?;
    let line = memchr::memchr(b'\n', rest).map_or(rest, |i| rest.get(..i).unwrap_or(rest));
    if let Some(found) = memchr::memmem::find(line, b"://") {
        return url::call_at(text, name.end + found);
    }
    // A recorded call keeps its address in a field beside its headers and its query, or in the line
    // above them.
    (reader.kind.role == Role::Api)
        .then(|| recorded_call(text, name))
        .flatten()
        .or_else(|| request_line_above(text, name.start))
        .or_else(|| below_variable(text, Span::new(from, name.end + line.len())))
}

/// The address in `span` that begins with a variable, as most scripts write theirs:
/// `"$FLOW/fmerest/v3/info"`, `f"{base}/fmeapiv4/jobs"`. Its host is unknown, its path is not.
fn below_variable(text: &[u8], span: Span) -> Option<Call> {
    let ends =
        |b: &u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`' | b'?' | b';' | b',');
    let in_reference = |b: u8| b.is_ascii_alphanumeric() || b"_.:-{}()[]$%@".contains(&b);
    memchr::memchr_iter(b'/', span.of(text)).find_map(|slash| {
        let before = span.of(text).get(slash.saturating_sub(BASE_MAX)..slash)?;
        let start = before.iter().rposition(|b| !in_reference(*b)).map_or(0, |i| i + 1);
        let base = before.get(start..)?;
        // `${{ vars.FLOW }}` holds blanks: its end will do.
        let joined = || {
            // `base + "/fmerest/v3/info"`
            let quoted = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'"));
            quoted.is_some_and(|t| t.trim_ascii_end().ends_with(b"+"))
        };
        let refers = match base.first() {
            None => joined(),
            Some(first) => base == b"}}" || (base.len() > 1 && b"$%{@".contains(first)),
        };
        let path = span.of(text).get(slash..)?;
        let path = path.get(..path.iter().position(ends).unwrap_or(path.len()))?;
        (refers && path.len() > 3).then(|| Call { path: path.to_vec(), ..Call::default() })
    })
}

/// Where the call expression around `at` begins: at the outermost parenthesis that is still open,
/// on its line.
pub(super) fn call_start(text: &[u8], at: usize) -> usize {
    let floor = at.saturating_sub(CALL_MAX);
    let line_start = |at: usize| {
        let before = text.get(floor..at).unwrap_or_default();
        memchr::memrchr(b'\n', before).map_or(floor, |i| floor + i + 1)
    };
    let mut depth = 0usize;
    let mut start = line_start(at);
    for index in (floor..at).rev() {
        match text.get(index) {
            Some(b')' | b'}' | b']') => depth += 1,
            Some(b'(' | b'{' | b'[') if depth > 0 => depth -= 1,
            Some(b'(') => start = start.min(line_start(index)),
            Some(b';') if depth == 0 && index < line_start(at) => break,
            _ => {}
        }
    }
    start
}

/// The request line above a header line, as in `.http` files and traces.
fn request_line_above(text: &[u8], at: usize) -> Option<Call> {
    const METHODS: &[&[u8]] =
        &[b"GET ", b"POST ", b"PUT ", b"DELETE ", b"PATCH ", b"HEAD ", b"OPTIONS ", b"CONNECT "];
    let floor = at.saturating_sub(COMMAND_MAX);
    let before = text.get(floor..at)?;
    let mut end = before.len();
    let mut host = String::new();
    for _ in 0..40 {
        let head = before.get(..end)?;
        let start = memchr::memrchr(b'\n', head).map_or(0, |i| i + 1);
        let line = head.get(start..)?;
        let line = line.strip_prefix(b"> ").unwrap_or(line).trim_ascii();
        if let Some(value) = line.strip_prefix(b"Host:").or_else(|| line.strip_prefix(b"host:")) {
            host = crate::text::lossless(value.trim_ascii()).to_ascii_lowercase();
        }
        if let Some(method) = METHODS.iter().find(|m| line.starts_with(m)) {
            if let Some(colon) = memchr::memmem::find(head.get(start..)?, b"://") {
                return url::call_at(text, floor + start + colon);
            }
            let target = line.get(method.len()..)?;
            let path = target.split(|b| matches!(b, b' ' | b'?')).next()?;
            let name = host.split(':').next().unwrap_or_default().to_owned();
            return Some(Call { host: name, path: path.to_vec(), ..Call::default() });
        }
        // A blank line parts a request from the one before it.
        if start == 0 || (line.is_empty() && end < before.len()) {
            return None;
        }
        end = start - 1;
    }
    None
}

/// The `url` of the recorded request in which the name stands.
fn recorded_call(text: &[u8], name: Span) -> Option<Call> {
    const FIELD: &[u8] = b"\"url\"";
    let from = name.start.saturating_sub(RECORDED_MAX);
    let field = memchr::memmem::rfind(text.get(from..name.start)?, FIELD)?;
    let after = from + field + FIELD.len();
    let value = text.get(after..(after + CALL_MAX).min(text.len()))?;
    let found = memchr::memmem::find(value.get(..value.len().min(60))?, b"://")?;
    url::call_at(text, after + found)
}

/// Whether the call around `at` says that it is a GET, or says nothing where that means the same.
pub(super) fn is_get(text: &[u8], at: usize, reader: &Reader<'_>) -> bool {
    let span = if reader.kind.role == Role::Script {
        command_around(text, at)
    } else {
        Span::new(call_start(text, at), (at + CALL_MAX).min(text.len()))
    };
    let lower = span.of(text).to_ascii_lowercase();
    let behind = |word: &[u8]| {
        let found = memchr::memmem::find(&lower, word)?;
        let rest = lower.get(found + word.len()..)?;
        let signs = rest.iter().take(6).take_while(|b| !b.is_ascii_alphabetic()).count();
        rest.get(signs..)
    };
    // jQuery calls the method a type.
    let typed = || behind(b"type:").filter(|method| method.starts_with(b"get"));
    let method = behind(b"method").or_else(typed);
    match method {
        Some(method) => {
            method.starts_with(b"get") && !method.get(3).is_some_and(u8::is_ascii_alphanumeric)
        }
        None => [b"invoke-restmethod".as_slice(), b"invoke-webrequest"]
            .iter()
            .any(|command| memchr::memmem::find(&lower, command).is_some()),
    }
}
