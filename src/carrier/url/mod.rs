//! The URL carrier: addresses in running text, with their edges found and their parameters read.

mod edge;
mod form;

use std::sync::Arc;

pub use self::edge::right_edge;
use self::edge::{
    LEFT_MAX, address_start, behind_quote, is_cut, is_variable_scheme, left_edge, scheme_start,
};
pub use self::form::begins_query_string;
use self::form::{POST_MAX, is_form};
use super::literal;
use super::{Call, Carried, Name, Reader};
use crate::artifact::Role;
use crate::finding::PlaceKind;
use crate::http::uri::{self, Part, Uri};
use crate::name::fold;
use crate::rule::schema::Tier;
use crate::secret::Secret;
use crate::shape::looks_random;
use crate::text::{Span, lossless};
use crate::value::{Braces, ValueKind, classify};

/// How much of an address behind its scheme is read for its userinfo and its call, in bytes.
const CALL_MAX: usize = 700;
/// How much of a query is kept to tell what its call is for, in bytes.
const QUERY_MAX: usize = 300;
/// Whether the name at `start` stands where a parameter of an address begins.
pub fn begins_parameter(text: &[u8], start: usize) -> bool {
    let Some(before) = start.checked_sub(1) else {
        return false;
    };
    let ends_with = |suffix: &[u8]| text.get(..start).is_some_and(|t| t.ends_with(suffix));
    match text.get(before) {
        Some(b'?' | b'&') => true,
        Some(b';') => {
            ends_with(b"&amp;") || ends_with(b"&#38;") || ends_with(b"&#x26;") || {
                // A matrix parameter, or the old separator of queries.
                let left = Span::new(left_edge(text, start), start);
                let left = left.of(text);
                let path = memchr::memmem::rfind(left, b"://")
                    .and_then(|colon| left.get(colon + 3..))
                    .is_some_and(|rest| rest.contains(&b'/'));
                path || left.contains(&b'?')
            }
        }
        Some(b'#') => {
            matches!(before.checked_sub(1).and_then(|i| text.get(i)), Some(b) if !b.is_ascii_whitespace() && *b != b'#')
        }
        Some(b'>') => ends_with(b"<amp>"),
        Some(b'6') => ends_with(b"\\u0026") || ends_with(b"\\x26"),
        _ => false,
    }
}

/// Reads the address around the parameter whose name stands at `name`. Returns where it ends.
pub fn read(reader: &Reader<'_>, text: &[u8], name: Span, out: &mut Vec<Carried>) -> usize {
    let start = address_start(text, name.start);
    let end = right_edge(text, name.start);
    let span = Span::new(start, end);
    let parsed = uri::parse(text, span);
    // A one-time password is set up by such an address; it is a picture and no call.
    if parsed.scheme.is_some_and(|s| s.of(text).eq_ignore_ascii_case(b"otpauth"))
        || joined_to_otpauth(text, start)
    {
        return end.max(name.end);
    }
    let call = Arc::new(call_of(text, &parsed));
    let form = is_form(text, span, &parsed);
    let braces = braces_of(text, span);
    for parameter in &parsed.parameters {
        let Some(known) = reader.known(text, parameter.name) else {
            continue;
        };
        if is_member_of_code(reader, text, span, parameter) {
            continue;
        }
        let place = match parameter.part {
            Part::Query if form => PlaceKind::Body,
            Part::Query => PlaceKind::UrlQuery,
            Part::Fragment => PlaceKind::UrlFragment,
            Part::Matrix => PlaceKind::UrlMatrix,
        };
        let Some((value, kind)) = value_of(reader, text, span, parameter.value, &known, braces)
        else {
            continue;
        };
        let literal = kind == ValueKind::Literal;
        out.push(Carried {
            name: lossless(parameter.name.of(text)).into_owned(),
            secret: literal.then(|| Secret::new(value.of(text))),
            tier: known.tier,
            call: Some(Arc::clone(&call)),
            ..Carried::of(
                place,
                kind,
                if literal { value } else { Span::new(parameter.name.start, parameter.value.end) },
            )
        });
    }
    end.max(name.end)
}

/// Whether `a?b.token=c()` is a choice of code, or `;b.token=c()` its next statement, and no address:
/// the name is a member of something, and nothing before it is in quotes.
fn is_member_of_code(
    reader: &Reader<'_>,
    text: &[u8],
    address: Span,
    parameter: &uri::Parameter,
) -> bool {
    let opening = address.start.checked_sub(1).and_then(|i| text.get(i));
    reader.kind.role == Role::Code
        && parameter.name.of(text).contains(&b'.')
        && (parameter.part == Part::Matrix || !address.of(text).contains(&b'/'))
        && !matches!(opening, Some(b'"' | b'\'' | b'`'))
}

/// Whether the piece of an address at `start` is joined to one of a one-time password:
/// `'otpauth://totp/' + user + '?secret='`.
fn joined_to_otpauth(text: &[u8], start: usize) -> bool {
    let before = text.get(start.saturating_sub(POST_MAX)..start).unwrap_or_default();
    let statement = before.rsplit(|b| matches!(b, b';' | b'\n')).next().unwrap_or_default();
    memchr::memmem::find(statement, b"otpauth://").is_some()
}

/// What the parameter of the address under `address` holds, and where exactly.
fn value_of(
    reader: &Reader<'_>,
    text: &[u8],
    address: Span,
    value: Span,
    name: &Name,
    braces: Braces,
) -> Option<(Span, ValueKind)> {
    let lexicon = &reader.book.lexicon;
    // No credential holds a raw comma: there a list or a line of a table goes on.
    let comma = memchr::memchr(b',', value.of(text)).unwrap_or(value.len());
    let mut value = Span::new(value.start, value.start + comma);
    let last = value.end == address.end;
    let mut kind = classify(value.of(text), braces, lexicon);
    // `…?key=%s", key)`: what is filled in stands behind the literal.
    let filled = value.of(text).first() == Some(&b'%');
    let mut expression = Span::new(value.start, value.end + if filled { 80 } else { 0 });
    if kind == ValueKind::Empty && last {
        let behind = behind_quote(text, address.end);
        if let Some(joined) =
            literal::joined_literal(text, behind).or_else(|| quoted_value(text, address))
        {
            value = joined;
            kind = classify(value.of(text), Braces::Inert, lexicon);
        } else if literal::joined(text, behind)
            || (ends_in_sign(text, address, name) && !in_comment(reader, text, address.start))
        {
            kind = ValueKind::Variable;
            expression = Span::new(behind, behind + expression_len(text, behind));
        }
    }
    if kind == ValueKind::Variable
        && let Some(default) = literal::telling_default(reader, text, value, name)
    {
        return Some((default, ValueKind::Literal));
    }
    match kind {
        ValueKind::Literal if last && is_cut(text, address.end) => None,
        // `?key=${id}`: a name that says so little needs a variable that says more.
        ValueKind::Variable
            if !lexicon.is_secret_variable(name.tier, name.span.of(text), expression.of(text)) =>
        {
            None
        }
        _ => Some((value, kind)),
    }
}

/// How long the expression is that is joined at `at`: to the end of its statement or of the call in
/// which it stands.
fn expression_len(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..(at + 160).min(text.len())).unwrap_or_default();
    let mut open = 0usize;
    for (index, byte) in rest.iter().enumerate() {
        match byte {
            b'(' => open += 1,
            b')' if open == 0 => return index,
            b')' => open -= 1,
            b';' | b'\n' => return index,
            _ => {}
        }
    }
    rest.len()
}

/// `"/info?fmetoken="`: whatever is put behind it elsewhere, it is put there.
fn ends_in_sign(text: &[u8], address: Span, name: &Name) -> bool {
    let quote = text.get(address.end).filter(|b| matches!(b, b'"' | b'\'' | b'`'));
    let opening = address.start.checked_sub(1).and_then(|i| text.get(i));
    // A `token` alone is also looked for (`indexOf("?token=")`); behind a path it is sent.
    let sent = match name.tier {
        Some(Tier::Secret) => true,
        Some(Tier::ByShape) => {
            address.of(text).split(|b| *b == b'?').next().is_some_and(|path| path.contains(&b'/'))
        }
        _ => false,
    };
    sent && quote.is_some()
        && (quote == opening || memchr::memmem::find(address.of(text), b"://").is_some())
        && address.of(text).ends_with(b"=")
        && address.of(text).contains(&b'?')
}

/// Whether `at` stands behind the mark of a comment of code, which begins the line.
fn in_comment(reader: &Reader<'_>, text: &[u8], at: usize) -> bool {
    let before = text.get(at.saturating_sub(LEFT_MAX)..at).unwrap_or_default();
    let line = before.rsplit(|b| *b == b'\n').next().unwrap_or_default().trim_ascii_start();
    reader.kind.role == Role::Code
        && [b"//".as_slice(), b"#", b"* ", b"/*", b"--"].iter().any(|mark| line.starts_with(mark))
}

/// `curl https://h.example/?token="…"`: the value is in quotes of its own, and the address is not.
fn quoted_value(text: &[u8], address: Span) -> Option<Span> {
    let quote = *text.get(address.end).filter(|b| matches!(b, b'"' | b'\''))?;
    let opening = address.start.checked_sub(1).and_then(|i| text.get(i));
    if opening == Some(&quote) || text.get(address.end - 1) != Some(&b'=') {
        return None;
    }
    let rest = text.get(address.end + 1..)?;
    let len = rest.iter().take(256).position(|b| *b == quote || b.is_ascii_whitespace())?;
    (rest.get(len) == Some(&quote) && len > 0)
        .then(|| Span::new(address.end + 1, address.end + 1 + len))
}

/// The password (or the lone token) in the userinfo of the address whose `:` of `://` is at
/// `colon`; and where its authority ends.
pub fn userinfo(reader: &Reader<'_>, text: &[u8], colon: usize) -> Option<(Carried, usize)> {
    let authority = text.get(colon + 3..(colon + 3 + 512).min(text.len()))?;
    let stop = authority
        .iter()
        .position(|b| matches!(b, b'/' | b'?' | b' ' | b'"' | b'\t' | b'\n' | b'\r' | b'`' | b'|'))
        .unwrap_or(authority.len());
    memchr::memchr(b'@', authority.get(..stop)?)?;
    let start = match scheme_start(text, colon) {
        Some(start) => start,
        // `{scheme}://user:…@host`: what is known begins with the slashes.
        None if is_variable_scheme(text, colon) => colon + 1,
        None => return None,
    };
    // The rest of the address is of use only as far as it tells the call.
    let end = right_edge(text.get(..(colon + CALL_MAX).min(text.len()))?, colon + 3);
    let parsed = uri::parse(text, Span::new(start, end));
    let call = Arc::new(call_of(text, &parsed));
    // `https://TOKEN:x-oauth-basic@host`, `https://TOKEN:@host`: the user is the credential.
    let random_user = parsed.user.filter(|user| looks_random(user.of(text), 20));
    let says_nothing = |password: Span| password.is_empty() || password.of(text).starts_with(b"x-");
    let (value, name) = match (random_user, parsed.password) {
        (Some(user), None) => (user, String::new()),
        (Some(user), Some(password)) if says_nothing(password) => (user, String::new()),
        // A user that looks like a token may be one: it is not shown.
        (Some(_), Some(password)) => (password, String::new()),
        // `https://$TOKEN:x-oauth-basic@host`: documented to mean nothing, whatever the user is.
        (None, Some(password)) if password.of(text).starts_with(b"x-oauth") => {
            (parsed.user.unwrap_or(password), String::new())
        }
        (None, Some(password)) => {
            let user = parsed.user.map(|u| lossless(u.of(text)).into_owned());
            (password, user.unwrap_or_default())
        }
        (None, None) => return None,
    };
    let raw = value.of(text);
    let kind = classify(raw, braces_of(text, Span::new(start, end)), &reader.book.lexicon);
    let literal = kind == ValueKind::Literal;
    let same = parsed.user.is_some_and(|u| u != value && u.of(text).eq_ignore_ascii_case(raw));
    // `service://user:webhook@hostname`: every part says what is to stand there.
    let spelled = parsed.password.is_some_and(|p| p.of(text).iter().all(u8::is_ascii_alphabetic))
        && parsed.host.is_some_and(|h| {
            let host = lossless(h.of(text)).to_lowercase();
            reader.book.lexicon.is_sample_host(&host)
        });
    let kind = if literal && (spelled || (same && parsed.password.is_some())) {
        ValueKind::Placeholder
    } else {
        kind
    };
    let carried = Carried {
        name,
        secret: (kind == ValueKind::Literal).then(|| Secret::new(raw)),
        call: Some(call),
        ..Carried::of(PlaceKind::Userinfo, kind, value)
    };
    Some((carried, parsed.host.map_or(value.end, |h| h.end)))
}

/// The call whose address has its `://` at `colon`.
pub fn call_at(text: &[u8], colon: usize) -> Option<Call> {
    let start = scheme_start(text, colon)?;
    let end = right_edge(text, colon + 3);
    Some(call_of(text, &uri::parse(text, Span::new(start, end))))
}

/// The call of the address that goes over the byte at `at`, if one does.
pub fn call_around(text: &[u8], at: usize) -> Option<Call> {
    let edge = left_edge(text, at);
    let colon = memchr::memmem::rfind(text.get(edge..at)?, b"://")?;
    call_at(text, edge + colon)
}

/// What is known of the call behind an address.
pub fn call_of(text: &[u8], parsed: &Uri) -> Call {
    let lower = |span: Option<Span>| {
        span.map(|s| lossless(s.of(text)).to_ascii_lowercase()).unwrap_or_default()
    };
    let name =
        |p: &uri::Parameter| fold(p.name.of(text).strip_prefix(b"amp;").unwrap_or(p.name.of(text)));
    let query = match (parsed.parameters.first(), parsed.parameters.last()) {
        (Some(first), Some(last)) => {
            Span::new(first.name.start, last.value.end.min(first.name.start + QUERY_MAX))
        }
        _ => Span::new(0, 0),
    };
    Call {
        query: query.of(text).to_vec(),
        scheme: lower(parsed.scheme),
        host: lower(parsed.host),
        path: parsed.path.map(|p| p.of(text).to_vec()).unwrap_or_default(),
        names: parsed.parameters.iter().map(name).collect(),
        values: parsed
            .parameters
            .iter()
            .map(|p| (name(p), p))
            .filter(|(name, _)| crate::token::tells_lifetime(name))
            .map(|(name, p)| {
                let value = crate::text::percent_decode(p.value.of(text));
                (name, lossless(value.get(..value.len().min(600)).unwrap_or_default()).into_owned())
            })
            .collect(),
    }
}

/// Whether `{name}` is alive in the literal which holds the address.
fn braces_of(text: &[u8], span: Span) -> Braces {
    let before = text.get(span.start.saturating_sub(LEFT_MAX)..span.start).unwrap_or_default();
    // The quote that opens the literal stands right before the address, or before its first word.
    let quote = memchr::memrchr3(b'"', b'\'', b'`', before).max(memchr::memrchr(b'\n', before));
    let prefix = quote.and_then(|q| q.checked_sub(1)).and_then(|i| before.get(i));
    let two = quote.and_then(|q| q.checked_sub(2)).and_then(|i| before.get(i));
    let marked = matches!(prefix, Some(b'f' | b'F' | b'$' | b'&'))
        || (matches!(prefix, Some(b'@' | b'r' | b'R' | b'"'))
            && matches!(two, Some(b'$' | b'f' | b'F')));
    let head = quote
        .and_then(|q| before.get(q.saturating_sub(30)..q))
        .unwrap_or_default()
        .trim_ascii_end();
    let macros: [&[u8]; 9] = [
        b"format!(", b"format(", b"Format(", b"println!(", b"url!(", b"@GET(", b"@POST(",
        b"@DELETE(", b"glue(",
    ];
    let called = macros.iter().any(|m| head.ends_with(m));
    if marked || called || literal::format_follows(text, behind_quote(text, span.end)) {
        Braces::Live
    } else {
        Braces::Inert
    }
}
