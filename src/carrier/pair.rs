//! The pair carrier: name and value in two fields (`"name": "apikey", "value": "…"`), as HAR,
//! Postman, OpenAPI, XML and many configs write them.

use super::context::{self, Context, Opener};
use super::literal::{self, Extracted};
use super::{Carried, Name, NameEnd, Reader, header};
use crate::artifact::Role;
use crate::finding::PlaceKind;
use crate::name::fold;
use crate::secret::Secret;
use crate::text::{Span, lossless};
use crate::value::{ValueKind, classify};

/// Fields that hold the name.
const NAME_FIELDS: &[&str] = &[
    "name", "key", "headername", "header", "param", "paramname", "parameter", "parametername",
    "field", "argumentname", "forhttpheaderfield",
];
/// Fields that hold the value.
const VALUE_FIELDS: &[&str] = &[
    "value", "headervalue", "val", "defaultvalue", "default", "paramvalue", "argumentvalue",
    "initialvalue",
];
/// How far the sibling is looked for, in bytes.
const SIBLING_MAX: usize = 500;

/// Whether a name ending so can be one of a pair: a filter like that of the lexicon.
#[inline]
pub fn allow(last: [u8; 3]) -> bool {
    matches!(&last.map(|b| b | 0x20), b"ame" | b"key" | b"der" | b"ter" | b"ram" | b"eld")
}

/// Whether `request.get("token", default)` asks for a value: nothing is carried.
pub fn is_readers_argument(text: &[u8], name: Span, end: NameEnd) -> bool {
    const READERS: &[&str] = &[
        "get", "getparameter", "getitem", "optstring", "getordefault", "fetch", "pluck", "param",
        "input", "has", "delete", "remove", "pop", "getstring", "requestparam", "getheader",
        "getenv", "env", "getqueryparam", "getfirst", "getattribute", "getproperty", "option",
        "argument", "addargument", "addoption", "column", "charfield", "describe", "it", "test",
        "expect", "t", "i18n", "translate", "getvalue", "setdefault", "field",
    ];
    if !end.quoted || end.subscript {
        return false;
    }
    let Some(before) = text.get(name.start.saturating_sub(60)..name.start.saturating_sub(1)) else {
        return false;
    };
    let Some(before) = before.trim_ascii_end().strip_suffix(b"(") else {
        return false;
    };
    let len = before.iter().rev().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    let word = fold(before.get(before.len() - len..).unwrap_or_default());
    let separator = text.get(end.at..(end.at + 3).min(text.len())).unwrap_or_default();
    separator.contains(&b',') && READERS.contains(&word.as_str())
}

/// Whether the quoted name before a comma is an element of a list (`["user", "password", "port"]`)
/// and not the first half of a pair. A pair has a bracket of its own, or is handed to a call with
/// little else.
pub fn is_list_element(reader: &Reader<'_>, text: &[u8], name: Span, end: NameEnd) -> bool {
    const AROUND: usize = 300;
    if !end.quoted || end.subscript {
        return false;
    }
    let mut depth = 0usize;
    let mut elements = 1;
    let mut opening = None;
    for at in (name.start.saturating_sub(AROUND)..name.start.saturating_sub(1)).rev() {
        match text.get(at) {
            Some(b')' | b']' | b'}') => depth += 1,
            Some(open @ (b'(' | b'[' | b'{')) if depth == 0 => {
                opening = Some((at, *open));
                break;
            }
            Some(b'(' | b'[' | b'{') => depth -= 1,
            Some(b',') if depth == 0 => elements += 1,
            // `.setRequestHeader "X-Api-Key", "…"`: a statement without brackets.
            Some(b'\n') if depth == 0 && ends_statement(text, at) => break,
            _ => {}
        }
    }
    // `INSERT INTO "user"("password", "userType")`: names of columns.
    let floor = opening.map_or(name.start, |(at, _)| at).saturating_sub(AROUND / 2);
    let before = text.get(floor..name.start).unwrap_or_default();
    if [b"SELECT ".as_slice(), b"INSERT INTO"]
        .iter()
        .any(|w| memchr::memmem::find(before, w).is_some())
    {
        return true;
    }
    let mut depth = 0usize;
    let mut strings = 1;
    let mut at = end.at + 1;
    while at < (end.at + AROUND).min(text.len()) {
        match text.get(at) {
            Some(quote @ (b'"' | b'\'' | b'`')) => {
                strings += 1;
                let rest = text.get(at + 1..).unwrap_or_default();
                at += rest.iter().take(AROUND).position(|b| b == quote).map_or(0, |i| i + 1);
            }
            Some(b'(' | b'[' | b'{') => depth += 1,
            Some(b')' | b']' | b'}') if depth == 0 => break,
            // `["token", "…"; "limit", "5"]`: the next pair of a list.
            Some(b';') if depth == 0 => break,
            Some(b')' | b']' | b'}') => depth -= 1,
            Some(b',') if depth == 0 => elements += 1,
            _ => {}
        }
        at += 1;
    }
    match opening {
        // `webread(url, 'lat', 60.1, 'appid', '…')`: the names and values of a query, one by one.
        Some((at, b'(')) => {
            (elements > 4 || strings > 3) && !context::opens_query(text, at, reader)
        }
        Some(_) => elements != 2,
        // No bracket close by: the middle of a long list, or a tuple without one.
        None => elements > 2,
    }
}

/// Whether nothing goes on behind the line that ends at `newline`.
fn ends_statement(text: &[u8], newline: usize) -> bool {
    let line = text.get(newline.saturating_sub(80)..newline).unwrap_or_default();
    !matches!(line.trim_ascii_end().last(), Some(b',' | b'(' | b'[' | b'{' | b'_' | b'\\'))
}

/// Reads the pair whose name field has its separator at `at`.
pub fn read(reader: &Reader<'_>, text: &[u8], at: usize, end: NameEnd) -> Option<Carried> {
    let field = field_name(text, end.at)?;
    if !NAME_FIELDS.contains(&field.as_str()) {
        return None;
    }
    let named = literal::value_after(text, at + 1, true)?;
    // `key: param.key`: in code a bare word is an expression.
    let bare = !named.quoted && reader.kind.role == Role::Code;
    if named.span.len() > crate::name::NAME_MAX || named.expression || bare {
        return None;
    }
    if field == "forhttpheaderfield" {
        return swift_header(reader, text, at, &named);
    }
    if let Some(carried) = apikey_auth(reader, text, at, named.span) {
        return Some(carried);
    }
    let name = reader.known(text, named.span)?;
    let scope = scope(text, at, named.span.end);
    let context = surroundings(reader, text, end, &field, &name, scope);
    match sibling(text, scope, named.span, VALUE_FIELDS) {
        Some(value) => Some(carried(reader, text, &name, value, &context)),
        None => demanded(text, scope, &name),
    }
}

/// `{ key: key, value: value }` in code: both fields of a pair whose name only its run tells.
pub fn is_of_expressions(reader: &Reader<'_>, text: &[u8], at: usize, end: NameEnd) -> bool {
    let field = field_name(text, end.at).unwrap_or_default();
    if reader.kind.role != Role::Code || end.quoted || !NAME_FIELDS.contains(&field.as_str()) {
        return false;
    }
    let rest = text.get(at + 1..(at + 1 + SIBLING_MAX / 2).min(text.len())).unwrap_or_default();
    let stop = |b: &u8| matches!(b, b',' | b'"' | b'\'' | b'`' | b'}');
    let behind = rest.iter().position(stop).and_then(|i| rest.get(i..)).unwrap_or_default();
    let next = behind.strip_prefix(b",").unwrap_or_default().trim_ascii_start();
    VALUE_FIELDS.iter().any(|field| {
        next.strip_prefix(field.as_bytes()).is_some_and(|tail| tail.first() == Some(&b':'))
    })
}

/// `setValue("…", forHTTPHeaderField: "apikey")`: the value stands before the name.
fn swift_header(reader: &Reader<'_>, text: &[u8], at: usize, named: &Extracted) -> Option<Carried> {
    let name = reader.known(text, named.span)?;
    let floor = at.saturating_sub(SIBLING_MAX);
    let open = floor + memchr::memrchr(b'(', text.get(floor..at)?)?;
    let value = literal::value_after(text, open + 1, false)?;
    Some(header::of_value(reader, text, value, &name))
}

/// `[{"key": "key", "value": "api_key"}, {"key": "value", "value": "…"}]`: Postman keeps the name of
/// a key and the key itself in two pairs, and in a third where it is sent.
fn apikey_auth(reader: &Reader<'_>, text: &[u8], at: usize, named: Span) -> Option<Carried> {
    if named.of(text) != b"key" {
        return None;
    }
    let list = text.get(at.saturating_sub(200)..at)?;
    memchr::memmem::rfind(list, b"\"apikey\"")?;
    let own = scope(text, at, named.end);
    let name = reader.known(text, sibling(text, own, named, VALUE_FIELDS)?.span)?;
    let limit = (own.end + SIBLING_MAX).min(text.len());
    let end = own.end + memchr::memchr(b']', text.get(own.end..limit)?)?;
    let begin = at.saturating_sub(SIBLING_MAX);
    let start = begin + memchr::memrchr(b'[', text.get(begin..at)?)?;
    let entry = |wanted: &[u8]| {
        let list = Span::new(start, end);
        let found = memchr::memmem::find(list.of(text), wanted)?;
        let field = Span::new(list.start + found, list.start + found + wanted.len());
        sibling(text, Span::new(field.end, end), Span::new(field.end, field.end), VALUE_FIELDS)
    };
    let value = entry(b": \"value\",").or_else(|| entry(b":\"value\","))?;
    let in_query = entry(b"\"in\",").is_some_and(|place| place.span.of(text) == b"query");
    let mut carried = header::of_value(reader, text, value, &name);
    if in_query {
        carried.place = PlaceKind::QueryObject;
    }
    Some(carried)
}

fn field_name(text: &[u8], end: usize) -> Option<String> {
    let start = super::name_start(text, end);
    (end > start && end - start <= 24).then(|| fold(text.get(start..end).unwrap_or_default()))
}

/// The object, element or mapping in which both fields stand.
fn scope(text: &[u8], at: usize, from: usize) -> Span {
    let limit = (from + SIBLING_MAX).min(text.len());
    let mut end = from;
    let mut depth = 0usize;
    while end < limit {
        match text.get(end) {
            Some(b'{' | b'[' | b'(') => depth += 1,
            Some(b'}' | b']' | b')') if depth == 0 => break,
            Some(b'}' | b']' | b')') => depth -= 1,
            Some(b'/') if text.get(end + 1) == Some(&b'>') => break,
            Some(b'\n') if text.get(end + 1) == Some(&b'\n') => break,
            // The next item of a YAML list begins another mapping.
            Some(b'\n') if is_next_item(text, end + 1) => break,
            _ => {}
        }
        end += 1;
    }
    let floor = at.saturating_sub(SIBLING_MAX / 2);
    let before = text.get(floor..at).unwrap_or_default();
    let start = before
        .iter()
        .rposition(|b| matches!(b, b'{' | b'}' | b'(' | b'<'))
        .map_or(floor, |i| floor + i);
    Span::new(start, end)
}

fn is_next_item(text: &[u8], at: usize) -> bool {
    let line = text.get(at..(at + 40).min(text.len())).unwrap_or_default().trim_ascii_start();
    line.starts_with(b"- ")
}

/// The value of the first of `fields` in `scope`, outside `not`.
fn sibling(text: &[u8], scope: Span, not: Span, fields: &[&str]) -> Option<Extracted> {
    let mut ranges = [Span::new(not.end, scope.end), Span::new(scope.start, not.start)].into_iter();
    ranges.find_map(|range| {
        memchr::memchr2_iter(b':', b'=', range.of(text)).find_map(|i| {
            let at = range.start + i;
            let end = super::name_end(text, at, b'=')?;
            let field = field_name(text, end.at)?;
            fields
                .contains(&field.as_str())
                .then(|| literal::value_after(text, at + 1, !next_is_expression(text, at + 1)))
                .flatten()
        })
    })
}

/// `value: session.accessToken)`: a dotted or called name is an expression even where bare words are
/// values.
fn next_is_expression(text: &[u8], at: usize) -> bool {
    let rest = text.get(at..(at + 80).min(text.len())).unwrap_or_default().trim_ascii_start();
    let len =
        rest.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.')).count();
    let word = rest.get(..len).unwrap_or_default();
    rest.first().is_some_and(u8::is_ascii_alphabetic)
        && (word.contains(&b'.') || rest.get(len) == Some(&b'(') || rest.get(len) == Some(&b')'))
}

/// What both fields are written inside of, and the call they belong to.
fn surroundings(
    reader: &Reader<'_>,
    text: &[u8],
    end: NameEnd,
    field: &str,
    name: &Name,
    scope: Span,
) -> Context {
    let at = super::name_start(text, end.at);
    let outer = Name { span: Span::new(at, at), folded: String::new(), tier: None };
    let mut context = context::around(text, &outer, end, reader);
    if field.starts_with("header") {
        context.opener = Opener::Headers;
    } else if let Some(place) = sibling(text, scope, name.span, &["in"]) {
        context.opener = place_word(place.span.of(text)).unwrap_or(Opener::Other);
    } else if let Some(kind) = sibling(text, scope, name.span, &["type"]) {
        context.opener = place_word(kind.span.of(text)).unwrap_or(context.opener);
    }
    match element_around(text, at).as_deref() {
        Some(tag) if tag.ends_with("queryparam") => context.opener = Opener::Query,
        Some(tag) if tag.ends_with("header") => context.opener = Opener::Headers,
        _ => {}
    }
    context
}

/// `query`, `ParameterLocation.Query`, `url`: where a field says that its pair travels.
fn place_word(value: &[u8]) -> Option<Opener> {
    let word = value.rsplit(|b| matches!(b, b'.' | b':')).next().unwrap_or_default();
    match word.to_ascii_lowercase().as_slice() {
        b"query" | b"querystring" | b"url" => Some(Opener::Query),
        b"header" => Some(Opener::Headers),
        _ => None,
    }
}

/// The folded name of the XML element in whose tag `at` stands.
fn element_around(text: &[u8], at: usize) -> Option<String> {
    let before = text.get(at.saturating_sub(SIBLING_MAX / 2)..at)?;
    let open = memchr::memrchr(b'<', before)?;
    let tag = before.get(open + 1..)?;
    let closed = tag.contains(&b'>');
    let name = tag.split(u8::is_ascii_whitespace).next()?;
    (!closed && name.first()?.is_ascii_alphabetic()).then(|| fold(name))
}

fn carried(
    reader: &Reader<'_>,
    text: &[u8],
    name: &Name,
    value: Extracted,
    context: &Context,
) -> Carried {
    if header::is_header(name, context.opener) {
        let mut carried = header::of_value(reader, text, value, name);
        carried.call.clone_from(&context.call);
        return carried;
    }
    let raw = value.span.of(text);
    let lexicon = &reader.book.lexicon;
    let mut kind =
        if value.expression { ValueKind::Variable } else { classify(raw, value.braces, lexicon) };
    // `name: "key", value: sortKey`: a name that says so little needs a variable that says more.
    if kind == ValueKind::Variable
        && !lexicon.is_secret_variable(name.tier, name.span.of(text), raw)
    {
        kind = ValueKind::Empty;
    }
    let literal = kind == ValueKind::Literal;
    Carried {
        name: lossless(name.span.of(text)).into_owned(),
        secret: literal.then(|| Secret::new(raw)),
        tier: name.tier,
        call: context.call.clone(),
        ..Carried::of(
            match context.opener {
                Opener::Query => PlaceKind::QueryObject,
                Opener::Body => PlaceKind::Body,
                Opener::Headers => PlaceKind::Header,
                Opener::Other => PlaceKind::Assignment,
            },
            kind,
            if literal { value.span } else { name.span },
        )
    }
}

/// `name: access_token, in: query`: the description demands a credential in the query.
fn demanded(text: &[u8], scope: Span, name: &Name) -> Option<Carried> {
    let place = sibling(text, scope, name.span, &["in"])?;
    (place_word(place.span.of(text)) == Some(Opener::Query)).then(|| Carried {
        name: lossless(name.span.of(text)).into_owned(),
        tier: name.tier,
        ..Carried::of(PlaceKind::UrlQuery, ValueKind::Demanded, name.span)
    })
}
