//! The URL carrier: addresses in running text, with their edges found and their parameters read.

use std::sync::Arc;

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

/// The longest address that is read to the left of a parameter, in bytes.
const LEFT_MAX: usize = 4096;
/// The longest to the right.
const RIGHT_MAX: usize = 16_384;
/// How much of an address behind its scheme is read for its userinfo and its call, in bytes.
const CALL_MAX: usize = 700;
/// How much of a query is kept to tell what its call is for, in bytes.
const QUERY_MAX: usize = 300;
/// How many variables are stepped over to the left: an address has a few.
const UNITS_MAX: usize = 12;
/// The longest variable that is stepped over to the left, in bytes.
const UNIT_MAX: usize = 300;

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
            place,
            name: lossless(parameter.name.of(text)).into_owned(),
            kind,
            secret: literal.then(|| Secret::new(value.of(text))),
            span: if literal {
                value
            } else {
                Span::new(parameter.name.start, parameter.value.end)
            },
            tier: known.tier,
            call: Some(Arc::clone(&call)),
            scheme: None,
            rule: None,
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
    let start = scheme_start(text, colon)?;
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
        place: PlaceKind::Userinfo,
        name,
        kind,
        secret: (kind == ValueKind::Literal).then(|| Secret::new(raw)),
        span: value,
        tier: None,
        call: Some(call),
        scheme: None,
        rule: None,
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

/// Where the scheme before `://` at `colon` begins.
fn scheme_start(text: &[u8], colon: usize) -> Option<usize> {
    let before = text.get(colon.saturating_sub(24)..colon)?;
    let len = before
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
        .count();
    let start = colon - len;
    uri::is_scheme(text.get(start..colon)?).then_some(start)
}

/// How far left the address goes that holds the parameter at `from`.
fn left_edge(text: &[u8], from: usize) -> usize {
    let floor = from.saturating_sub(LEFT_MAX);
    let mut at = from;
    let mut units = 0;
    while at > floor && units < UNITS_MAX {
        match text.get(at - 1) {
            Some(b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'' | b'`' | b'|' | b'<') | None => break,
            Some(b'(') if opens_address(text, at) => break,
            Some(b'>') if text.get(..at).is_some_and(|t| t.ends_with(b"<amp>")) => at -= 5,
            // A variable counts as one, with the blanks and quotes in it: `?site={{ x }}&token=`.
            Some(b'}' | b')' | b'>') => {
                units += 1;
                match unit_before(text, at, floor) {
                    Some(start) => at = start,
                    None if text.get(at - 1) == Some(&b'>') => break,
                    None => at -= 1,
                }
            }
            Some(_) => at -= 1,
        }
    }
    at
}

/// Whether the `(` before `at` stands before an address and not inside of one (`POINT(1+2)`).
fn opens_address(text: &[u8], at: usize) -> bool {
    let before = at.checked_sub(2).and_then(|i| text.get(i));
    let word = before.is_some_and(u8::is_ascii_alphanumeric);
    let head = text.get(at..(at + 24).min(text.len())).unwrap_or_default();
    !word || head.first() == Some(&b'/') || memchr::memmem::find(head, b"://").is_some()
}

/// Where the variable or placeholder in brackets begins that ends at `end`.
fn unit_before(text: &[u8], end: usize, floor: usize) -> Option<usize> {
    let floor = floor.max(end.saturating_sub(UNIT_MAX));
    let before = text.get(floor..end)?;
    let line = memchr::memrchr(b'\n', before).map_or(0, |i| i + 1);
    let open = match before.last()? {
        b'}' => b'{',
        b')' => b'(',
        _ => b'<',
    };
    let close = *before.last()?;
    let mut depth = 0usize;
    for (index, byte) in before.iter().enumerate().skip(line).rev() {
        if *byte == close {
            depth += 1;
        } else if *byte == open {
            depth -= 1;
            if depth == 0 {
                let opening = floor + index;
                // The sign before the bracket is part of it: `${`, `#{`, `@Value(`.
                let lead = before
                    .get(..index)?
                    .iter()
                    .rev()
                    .take_while(|b| {
                        matches!(b, b'$' | b'#' | b'@' | b'%' | b'\\')
                            || (open == b'(' && b.is_ascii_alphabetic())
                    })
                    .count();
                let start = opening - lead;
                let len = uri::unit(text, start, end).or_else(|| uri::unit(text, opening, end));
                return (len.is_some() || close == b'}').then_some(start);
            }
        }
    }
    None
}

/// Where the address begins: at its scheme, or at whatever stands at the left edge.
fn address_start(text: &[u8], from: usize) -> usize {
    let edge = left_edge(text, from);
    let left = text.get(edge..from).unwrap_or_default();
    // `Endpoint=https://h/;SharedAccessSignature=sv=…&sig=…`: a connection string goes on behind the
    // address, which ends in a slash.
    if let Some(end) = memchr::memmem::rfind(left, b"/;") {
        return edge + end + 2;
    }
    if let Some(colon) = memchr::memmem::rfind(left, b"://")
        && let Some(start) = scheme_start(text, edge + colon)
    {
        return start;
    }
    // `url=/path?token=…`: what stands before the path belongs to the assignment.
    let query = memchr::memchr(b'?', left).unwrap_or(left.len());
    match left.get(..query).and_then(|l| memchr::memrchr(b'=', l)) {
        Some(sign) if query < left.len() => edge + sign + 1,
        _ => edge,
    }
}

/// How far right the address goes that holds the parameter at `from`.
pub fn right_edge(text: &[u8], from: usize) -> usize {
    let limit = (from + RIGHT_MAX).min(text.len());
    let mut at = from;
    let mut value_start = from;
    let mut open = 0usize;
    while at < limit {
        let byte = text.get(at).copied().unwrap_or_default();
        if let Some(len) = uri::separator(text, at).filter(|_| byte != b';') {
            at += len;
            value_start = at;
            continue;
        }
        if let Some(len) = uri::unit(text, at, limit) {
            at += len;
            continue;
        }
        match byte {
            // Controls (the escapes of coloured logs) and characters beyond ASCII end an address: what
            // it may hold of them is percent-encoded.
            // A raw bar stands in some tokens; that of a shell has blanks around it.
            b'|' if at > value_start && text.get(at + 1).is_some_and(u8::is_ascii_alphanumeric) => {
                at += 1;
            }
            0..=b' ' | 127.. | b'"' | b'\'' | b'`' | b'|' | b'>' => break,
            b'/' if text.get(at + 1) == Some(&b';') && at > from => break,
            b'<' => {
                // `<yourToken>` right behind the sign is a placeholder; anything else is markup.
                let tail = text.get(at..(at + 60).min(limit)).unwrap_or_default();
                let behind_sign = at > value_start && text.get(at - 1) == Some(&b'=');
                match memchr::memchr(b'>', tail) {
                    Some(close) if behind_sign && tail.get(1) != Some(&b'/') => at += close + 1,
                    _ => break,
                }
            }
            b'\\' => match text.get(at + 1) {
                Some(b'/' | b'=' | b'?' | b':' | b'-' | b'.' | b'_') => at += 2,
                Some(b'u')
                    if text
                        .get(at + 2..at + 6)
                        .is_some_and(|h| h.eq_ignore_ascii_case(b"003d")) =>
                {
                    at += 6;
                }
                _ => break,
            },
            // `POINT(1+2)`: what was opened inside is closed inside.
            b'(' => {
                open += 1;
                at += 1;
            }
            b')' if open > 0 => {
                open -= 1;
                at += 1;
            }
            b')' | b']' | b'}' => break,
            _ => at += 1,
        }
    }
    // In quotes the sentence ends behind them: what stands at the end belongs to the value.
    let quoted = matches!(text.get(at), Some(b'"' | b'\'' | b'`'));
    if quoted { at } else { trim_punctuation(text, from, at) }
}

/// Sentence punctuation behind an address is not part of it; nor is the `;` of a statement.
fn trim_punctuation(text: &[u8], from: usize, end: usize) -> usize {
    let mut end = end;
    while end > from && matches!(text.get(end - 1), Some(b',' | b';' | b'!' | b'*')) {
        end -= 1;
    }
    // Two dots end some tokens; one dot, or three, is a sentence.
    let dots =
        text.get(from..end).unwrap_or_default().iter().rev().take_while(|b| **b == b'.').count();
    if dots == 1 { end - 1 } else { end }
}

/// The bytes behind the quote which ends the literal at `end`.
fn behind_quote(text: &[u8], end: usize) -> usize {
    match text.get(end) {
        Some(b'\\') if matches!(text.get(end + 1), Some(b'"' | b'\'')) => end + 2,
        Some(b'"' | b'\'' | b'`') => end + 1,
        _ => end,
    }
}

/// Whether the value goes on in an ellipsis: a documentation sample which was cut.
fn is_cut(text: &[u8], end: usize) -> bool {
    text.get(end..).is_some_and(|rest| rest.starts_with("…".as_bytes()) || rest.starts_with(b"..."))
}

/// Whether `{name}` is alive in the literal which holds the address.
fn braces_of(text: &[u8], span: Span) -> Braces {
    let before = text.get(span.start.saturating_sub(LEFT_MAX)..span.start).unwrap_or_default();
    // The quote that opens the literal stands right before the address, or before its first word.
    let quote = before.iter().rposition(|b| matches!(b, b'"' | b'\'' | b'`' | b'\n'));
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

/// How far behind a string of pairs is looked for the call that posts it, in bytes.
const POST_MAX: usize = 240;

/// Whether a `?` stands before the piece of an address, in the same statement.
fn asks_before(text: &[u8], span: Span) -> bool {
    let before = text.get(span.start.saturating_sub(POST_MAX)..span.start).unwrap_or_default();
    let statement = before.rsplit(|b| matches!(b, b';' | b'{' | b'}')).next().unwrap_or_default();
    statement.contains(&b'?')
}

/// Whether pairs joined by `&` are a form body and not the query of an address: nothing before them
/// looks like one.
fn is_form(text: &[u8], span: Span, parsed: &Uri) -> bool {
    let bytes = span.of(text);
    let behind = text.get(span.end..(span.end + POST_MAX).min(text.len())).unwrap_or_default();
    let posted = [b"POST".as_slice(), b"'post'", b"\"post\"", b"urlencoded", b".send("]
        .iter()
        .any(|mark| memchr::memmem::find(behind, mark).is_some());
    if posted && !bytes.contains(&b'?') && parsed.scheme.is_none() && !asks_before(text, span) {
        return true;
    }
    if continues_body(text, span) {
        return true;
    }
    let has_query = bytes.contains(&b'?')
        || bytes.contains(&b'#')
        || parsed.scheme.is_some()
        || bytes.first() == Some(&b'/')
        || bytes.first() == Some(&b'&');
    // A shared access signature is the query of an address, wherever it is kept.
    let names: Vec<&[u8]> = parsed.parameters.iter().map(|p| p.name.of(text)).collect();
    let has = |name: &[u8]| names.contains(&name);
    let signed = has(b"sig") && has(b"se") && (has(b"sv") || has(b"sp"));
    if has_query || signed {
        return false;
    }
    // `Query = "a=1&token=…"`
    let before = text
        .get(span.start.saturating_sub(60)..span.start)
        .unwrap_or_default()
        .to_ascii_lowercase();
    memchr::memmem::find(&before, b"query").is_none()
}

/// Whether pairs that begin a line with `&` go on a body, as recorded requests show it: no line
/// above them, up to the one that begins it, has an address.
fn continues_body(text: &[u8], span: Span) -> bool {
    let above = text.get(span.start.saturating_sub(LEFT_MAX)..span.start).unwrap_or_default();
    let blanks = above.iter().rev().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let Some(above) = above.get(..above.len() - blanks).and_then(|a| a.strip_suffix(b"\n")) else {
        return false;
    };
    let first = above
        .rsplit(|b| *b == b'\n')
        .map(<[u8]>::trim_ascii)
        .find(|line| line.first() != Some(&b'&'))
        .unwrap_or_default();
    let pairs = first.contains(&b'=') && !first.iter().any(|b| matches!(b, b'?' | b'"' | b'\''));
    span.of(text).first() == Some(&b'&') && pairs && memchr::memmem::find(first, b"://").is_none()
}

/// Whether the string in which the name at `start` comes first is the text of a query:
/// `Query = $"access_token=…"`.
pub fn begins_query_string(text: &[u8], start: usize) -> bool {
    let before = text.get(start.saturating_sub(40)..start).unwrap_or_default();
    let Some(before) = before
        .strip_suffix(b"\"")
        .or_else(|| before.strip_suffix(b"'"))
        .or_else(|| before.strip_suffix(b"`"))
    else {
        return false;
    };
    let before = before.trim_ascii_end();
    let before = before
        .strip_suffix(b"$")
        .or_else(|| before.strip_suffix(b"f"))
        .unwrap_or(before)
        .trim_ascii_end();
    let Some(before) = before
        .strip_suffix(b"=")
        .or_else(|| before.strip_suffix(b":"))
        .or_else(|| before.strip_suffix(b"("))
    else {
        return false;
    };
    let word = before.trim_ascii_end().to_ascii_lowercase();
    [b"query".as_slice(), b"querystring", b"rawquery", b"search", b"percentencodedquery"]
        .iter()
        .any(|w| word.ends_with(w))
}
