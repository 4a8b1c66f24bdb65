//! The header carrier: `Authorization` and its kin, in code, config, command lines and traces.

use super::context::{Context, Opener};
use super::literal::{self, Extracted};
use super::{Carried, Name, Reader};
use crate::finding::PlaceKind;
use crate::rule::schema::Tier;
use crate::secret::Secret;
use crate::text::{Span, lossless};
use crate::value::{Braces, ValueKind, classify};

/// Whether the name is that of a header here.
pub fn is_header(name: &Name, opener: Opener) -> bool {
    if matches!(name.folded.as_str(), "authorization" | "proxyauthorization") {
        return opener != Opener::Query;
    }
    match opener {
        Opener::Headers => true,
        Opener::Query | Opener::Body => false,
        Opener::Other => name.tier == Some(Tier::Header) && name.folded.starts_with('x'),
    }
}

/// Reads the header whose separator stands at `at`.
pub fn read(
    reader: &Reader<'_>,
    text: &[u8],
    at: usize,
    name: &Name,
    context: &Context,
) -> Option<Carried> {
    let value = header_value(reader, text, at, name)?;
    let mut carried = of_value(reader, text, value, name);
    carried.call.clone_from(&context.call);
    Some(carried)
}

/// The whole value of the header.
fn header_value(reader: &Reader<'_>, text: &[u8], at: usize, name: &Name) -> Option<Extracted> {
    // `-H "Authorization: Bearer …"`: one literal holds name and value.
    let before = name.span.start.checked_sub(1).and_then(|i| text.get(i)).copied();
    if let Some(quote @ (b'"' | b'\'' | b'`')) = before
        && text.get(name.span.end) != Some(&quote)
        && text.get(name.span.end) != Some(&b'\\')
    {
        let rest = text.get(at + 1..(at + 1 + literal::VALUE_MAX).min(text.len()))?;
        let len = rest.iter().position(|b| *b == quote || *b == b'\n')?;
        let lead = rest.iter().take_while(|b| **b == b' ').count().min(len);
        let span = Span::new(at + 1 + lead, at + 1 + len);
        let prefix = name.span.start.checked_sub(2).and_then(|i| text.get(i));
        let live =
            matches!(prefix, Some(b'f' | b'$')) || literal::format_follows(text, span.end + 1);
        return Some(Extracted {
            span,
            quoted: true,
            braces: if live { Braces::Live } else { Braces::Inert },
            expression: span.is_empty() && literal::joined(text, span.end + 1),
        });
    }
    let extracted = literal::value_after(text, at + 1, reader.bare_values())?;
    if extracted.quoted || extracted.expression {
        return Some(extracted);
    }
    // A bare header value reaches to the end of its line.
    let rest = text
        .get(extracted.span.start..(extracted.span.start + literal::VALUE_MAX).min(text.len()))?;
    let stop = |b: &u8| matches!(b, b'\n' | b'\r' | b'"' | b'\'' | b'`' | b'<' | b'\\' | b'|');
    let len = rest.iter().position(stop).unwrap_or(rest.len());
    let line = rest.get(..len)?.trim_ascii_end();
    // Behind scheme and value, a log line or a command goes on.
    let words: Vec<&[u8]> = line.splitn(3, |b| *b == b' ').collect();
    let len = match words.as_slice() {
        [scheme, value, _] if is_scheme_word(scheme) => scheme.len() + 1 + value.len(),
        [first, _, ..] if !is_scheme_word(first) => first.len(),
        _ => line.len(),
    };
    Some(Extracted {
        span: Span::new(extracted.span.start, extracted.span.start + len),
        ..extracted
    })
}

fn is_scheme_word(word: &[u8]) -> bool {
    !word.is_empty()
        && word.len() <= 24
        && word.first().is_some_and(u8::is_ascii_alphabetic)
        && word.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// Splits scheme and credential, and says what the credential is.
pub fn of_value(reader: &Reader<'_>, text: &[u8], value: Extracted, name: &Name) -> Carried {
    let authorization = name.folded.ends_with("authorization");
    let (scheme, secret) =
        if authorization { split_scheme(text, value.span) } else { (None, value.span) };
    let basic_scheme = scheme.is_some_and(|s| s.of(text).eq_ignore_ascii_case(b"basic"));
    // `Basic …==[\r][\n]` in traces: what is no base64 is not part of it.
    let plain = basic_scheme.then(|| plain_password(text, secret)).flatten();
    let secret = match plain {
        Some(password) => password,
        None if basic_scheme => base64_run(text, secret),
        None => secret,
    };
    // `fmetoken token=${FME_TOKEN:-…}`: the value that is sent when there is no variable.
    let default = literal::telling_default(reader, text, secret, name);
    let secret = default.unwrap_or(secret);
    let raw = secret.of(text);
    let behind = value.span.end + 1;
    let kind = if default.is_some() {
        ValueKind::Literal
    } else if value.expression || (raw.is_empty() && value.quoted && literal::joined(text, behind))
    {
        ValueKind::Variable
    } else {
        match classify(raw, value.braces, &reader.book.lexicon) {
            ValueKind::Literal if basic_scheme && plain.is_none() => basic(reader, raw),
            kind => kind,
        }
    };
    let literal = kind == ValueKind::Literal;
    Carried {
        name: lossless(name.span.of(text)).into_owned(),
        secret: literal.then(|| Secret::new(raw)),
        tier: if plain.is_some() { Some(Tier::Password) } else { name.tier },
        scheme: scheme.map(|s| lossless(s.of(text)).into_owned()),
        ..Carried::of(
            PlaceKind::Header,
            kind,
            if literal {
                secret
            } else {
                Span::new(name.span.start, value.span.end.max(name.span.end))
            },
        )
    }
}

/// `Basic user:password`, as clients take it that encode it themselves.
fn plain_password(text: &[u8], span: Span) -> Option<Span> {
    let bytes = span.of(text);
    let colon = memchr::memchr(b':', bytes)?;
    let word = bytes.iter().all(u8::is_ascii_graphic) && !bytes.contains(&b'{');
    (colon > 0 && word).then(|| Span::new(span.start + colon + 1, span.end))
}

fn base64_run(text: &[u8], span: Span) -> Span {
    let inside = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_');
    let bytes = span.of(text);
    let run = bytes.iter().take_while(|b| inside(b)).count();
    let pad = bytes.iter().skip(run).take_while(|b| **b == b'=').count();
    if run < 4 { span } else { Span::new(span.start, span.start + run + pad) }
}

/// What the credentials of `Basic` are: the password behind the colon decides. What does not decode
/// is none.
fn basic(reader: &Reader<'_>, raw: &[u8]) -> ValueKind {
    use base64::Engine as _;
    let decoded = base64::engine::general_purpose::STANDARD.decode(raw).unwrap_or_default();
    match memchr::memchr(b':', &decoded) {
        Some(colon) => classify(
            decoded.get(colon + 1..).unwrap_or_default(),
            Braces::Inert,
            &reader.book.lexicon,
        ),
        None => ValueKind::Placeholder,
    }
}

/// `Bearer …`, `Basic …`, `fmetoken token=…`, `Token token="…"`.
pub fn split_scheme(text: &[u8], value: Span) -> (Option<Span>, Span) {
    let bytes = value.of(text);
    let word = bytes.iter().take_while(|b| !b.is_ascii_whitespace()).count();
    let gap = bytes
        .get(word..)
        .unwrap_or_default()
        .iter()
        .take_while(|b| b.is_ascii_whitespace())
        .count();
    if gap == 0 || !is_scheme_word(bytes.get(..word).unwrap_or_default()) {
        return (None, value);
    }
    let scheme = Span::new(value.start, value.start + word);
    let mut start = value.start + word + gap;
    let mut end = value.end;
    let rest = Span::new(start, end).of(text);
    for parameter in [b"token=".as_slice(), b"key=", b"apikey=", b"api_key=", b"token ="] {
        if rest.len() >= parameter.len()
            && rest.iter().zip(parameter).all(|(a, b)| a.eq_ignore_ascii_case(b))
        {
            start += parameter.len();
            break;
        }
    }
    let trim = |b: Option<&u8>| matches!(b, Some(b'"' | b'\'' | b'\\' | b' '));
    while start < end && trim(text.get(start)) {
        start += 1;
    }
    while start < end && trim(text.get(end - 1)) {
        end -= 1;
    }
    (Some(scheme), Span::new(start, end))
}
