//! What surrounds a named value: inside what is it written, and which call does it belong to?
//!
//! `{"token": t}` means something else behind `params=` than behind `headers=`. The brackets around
//! the name are walked outwards until a word says what they hold.

use std::sync::Arc;

use super::{Call, Name, NameEnd, url};
use crate::artifact::Role;
use crate::format::kind::Kind;
use crate::name::fold;
use crate::text::Span;

/// What a value is written inside of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opener {
    /// Parameters of a query.
    Query,
    /// Request headers.
    Headers,
    /// A form or a message body.
    Body,
    /// Something else, or nothing.
    Other,
}

/// The surroundings of a named value.
#[derive(Debug, Clone)]
pub struct Context {
    /// What it is written inside of.
    pub opener: Opener,
    /// The address of the call, where it stands close by.
    pub call: Option<Arc<Call>>,
}

/// How far brackets are walked outwards, in bytes.
const WALK_MAX: usize = 1500;
/// How far a call's address is looked for, in bytes.
const CALL_MAX: usize = 600;
/// How far a command is followed over its continuation lines, in bytes each way.
const COMMAND_MAX: usize = 2000;
/// How far back the address of a recorded request is looked for, in bytes.
const RECORDED_MAX: usize = 6000;

const QUERY_WORDS: &[&str] = &[
    "query", "querystring", "queryparams", "queryparam", "queryparameters", "queryparameter",
    "querystringparameters", "qs", "searchparams", "urlsearchparams", "urlparams", "urlparameters",
    "uriparams", "urlqueryitem", "queryitems", "httpparams", "webread", "urlread", "withquery",
    "updatequery", "addqueryparameter", "addqueryparam", "setqueryparam",
    "addencodedqueryparameter", "setqueryparameter", "appendqueryparameter", "querymap",
    "urlquery", "httpbuildquery", "urlencode", "buildquery", "encodequery", "addquerystring",
    "getquerystring", "querystringadd", "requesturiparams", "additionalurlparameters",
    "querystringtable", "uriquery", "rawquery", "encodedquery", "addurlparameter", "queryargs",
    "reqperformquery", "requrlquery", "addqueryitem", "addqueryarg", "encodewwwform",
    "customparameters", "qsstringify", "querystringstringify", "addqueryparameters",
    "rawqueryitems", "querystringparameter", "setqueryitems", "queryitem",
];
/// Words which mean a query only in code: in data they name anything.
const QUERY_WORDS_IN_CODE: &[&str] = &["params", "parameters", "params1", "search"];
const HEADER_WORDS: &[&str] = &[
    "headers", "header", "requestheaders", "httpheaders", "extraheaders", "defaultheaders",
    "customheaders", "addheader", "setheader", "setrequestheader", "setrequestproperty",
    "addrequestproperty", "defaultrequestheaders", "requestheadertable", "addheaders",
    "withheader", "addwithoutvalidation", "tryaddwithoutvalidation", "httpheader", "stringheader",
    "setrawheader", "headersadd", "headersset", "forhttpheaderfield", "addvalue", "setvalue",
    "curloptheader",
];
const BODY_WORDS: &[&str] = &[
    "data", "body", "form", "json", "payload", "formdata", "formurlencoded", "postdata",
    "formparams", "content", "urlencoded", "multipart",
];
/// Words that say nothing themselves: what stands before them decides.
const TRANSPARENT: &[&str] = &[
    "", "dict", "list", "map", "mapof", "hashmap", "hash", "object", "new", "array", "of", "to",
    "pair", "tuple", "collections", "immutablemap", "stringstringmap", "vec", "record", "freeze",
    "entry", "mapentry", "hashmapof", "mutablemapof", "linkedmapof", "dictionary", "mutablemap",
    "treemap", "linkedhashmap", "namevaluecollection", "values", "tolist", "arrayof", "setof",
];
/// Methods which put a pair into whatever they are called on.
const PUTTERS: &[&str] = &[
    "set", "append", "add", "put", "addparameter", "setparameter", "param", "with", "insert",
    "addall", "plus", "parameter", "attr", "field", "update", "merge", "assign", "extend",
];
/// What makes a query builder, for receivers that do not say so by their name.
const QUERY_MAKERS: &[&str] = &[
    "url.values", "urlsearchparams", ".query()", "searchparams", "httpparams",
    "uricomponentsbuilder", "uribuilder", "querystring", "parsequerystring", "urlcomponents",
    "httpurl", "newbuilder()", "queryparams", "urlvariables",
];

/// Looks around the name.
pub fn around(text: &[u8], name: &Name, end: NameEnd, kind: Kind) -> Context {
    let start = outer_start(text, name, end);
    let opener = subscripted(text, start, end, kind)
        .or_else(|| flag(text, start, name.span.start))
        .or_else(|| httpie(text, end.at, name.span.start))
        .unwrap_or_else(|| walk(text, start, kind));
    let call = (opener != Opener::Other || kind.role == Role::Script)
        .then(|| call_near(text, name.span, kind))
        .flatten()
        .map(Arc::new);
    Context { opener, call }
}

/// Where the name begins with its quote or bracket.
fn outer_start(text: &[u8], name: &Name, end: NameEnd) -> usize {
    let mut start = name.span.start;
    if end.quoted {
        start = start.saturating_sub(1);
        if start > 0 && text.get(start - 1) == Some(&b'\\') {
            start -= 1;
        }
    }
    if end.subscript { start.saturating_sub(1) } else { start }
}

/// `params["token"] = …`: what the subscript is written behind.
fn subscripted(text: &[u8], start: usize, end: NameEnd, kind: Kind) -> Option<Opener> {
    if !end.subscript {
        return None;
    }
    let (word, word_start) = plain_word(text, start);
    let last = fold(word.rsplit('.').next().unwrap_or_default().as_bytes());
    meaning(&last, kind).or_else(|| {
        let opener = receiver(text, &format!("{word}.set"), word_start, kind);
        (opener != Opener::Other).then_some(opener)
    })
}

/// Options of command-line clients in front of the pair: `-d`, `--data-urlencode`, `-H`.
fn flag(text: &[u8], outer: usize, name: usize) -> Option<Opener> {
    let before = text.get(name.saturating_sub(40)..name)?;
    let before = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'")).unwrap_or(before);
    let before = before.strip_suffix(b"$").unwrap_or(before);
    let word_start =
        before.trim_ascii_end().iter().rposition(u8::is_ascii_whitespace).map_or(0, |i| i + 1);
    let word = before.trim_ascii_end().get(word_start..)?;
    match word {
        b"-d" | b"--data" | b"--data-urlencode" | b"--data-raw" | b"--data-binary"
        | b"--url-query" => {
            let command = command_around(text, outer).of(text);
            let is_get = [b" -G".as_slice(), b" --get", b"--url-query", b"-sG", b"-Gs"]
                .iter()
                .any(|f| memchr::memmem::find(command, f).is_some());
            Some(if is_get { Opener::Query } else { Opener::Body })
        }
        b"-F" | b"--form" | b"--form-string" => Some(Opener::Body),
        b"-H" | b"--header" | b"-Header" | b"--proxy-header" | b"--add-header" => {
            Some(Opener::Headers)
        }
        _ => None,
    }
}

/// `http GET url token==value`: two signs mean a query parameter.
fn httpie(text: &[u8], name_end: usize, name: usize) -> Option<Opener> {
    if text.get(name_end..name_end + 2) != Some(b"==") {
        return None;
    }
    let command = command_around(text, name).of(text).trim_ascii_start();
    [b"http ".as_slice(), b"https ", b"xh ", b"xhs "]
        .iter()
        .any(|c| command.starts_with(c))
        .then_some(Opener::Query)
}

/// The command around `at`, with its continuation lines.
fn command_around(text: &[u8], at: usize) -> Span {
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

/// Walks the brackets outwards.
fn walk(text: &[u8], from: usize, kind: Kind) -> Opener {
    let floor = from.saturating_sub(WALK_MAX);
    let mut at = from;
    let mut depth = 0usize;
    let mut levels = 0;
    while at > floor {
        at -= 1;
        match text.get(at) {
            Some(b')' | b']' | b'}') => depth += 1,
            Some(b'(' | b'[' | b'{') if depth > 0 => depth -= 1,
            Some(b'(' | b'[' | b'{') => {
                levels += 1;
                match opened_by(text, at, kind) {
                    Some(opener) => return opener,
                    None if levels < 5 => {}
                    None => return Opener::Other,
                }
            }
            Some(b';') if depth == 0 => return Opener::Other,
            _ => {}
        }
    }
    Opener::Other
}

/// Whether the object in which the field at `at` stands is that of a query.
pub fn is_query_object(text: &[u8], at: usize, kind: Kind) -> bool {
    let floor = at.saturating_sub(WALK_MAX / 3);
    let mut depth = 0usize;
    for index in (floor..at).rev() {
        match text.get(index) {
            Some(b')' | b']' | b'}') => depth += 1,
            Some(b'{') if depth == 0 => {
                return opens_query(text, index, kind);
            }
            Some(b'(' | b'[') if depth == 0 => return false,
            Some(b'(' | b'[' | b'{') => depth -= 1,
            Some(b';') => return false,
            _ => {}
        }
    }
    false
}

/// Whether the bracket at `at` opens the parameters of a query.
pub fn opens_query(text: &[u8], at: usize, kind: Kind) -> bool {
    opened_by(text, at, kind) == Some(Opener::Query)
}

/// What the bracket at `at` opens, if the word before it says so. `None`: look further out.
fn opened_by(text: &[u8], at: usize, kind: Kind) -> Option<Opener> {
    let (word, word_start) = word_before(text, at);
    let last = word.rsplit('.').next().unwrap_or_default().to_owned();
    let folded = fold(last.as_bytes());
    if let Some(opener) = meaning(&folded, kind).or_else(|| meaning(&fold(word.as_bytes()), kind)) {
        return Some(opener);
    }
    if TRANSPARENT.contains(&folded.as_str()) {
        return match before_transparent(text, word_start) {
            Some(outer) => {
                let folded = fold(outer.rsplit('.').next().unwrap_or_default().as_bytes());
                match meaning(&folded, kind) {
                    Some(opener) => Some(opener),
                    None if folded.is_empty() => None,
                    None => Some(Opener::Other),
                }
            }
            None => None,
        };
    }
    if text.get(at) == Some(&b'(') && PUTTERS.contains(&folded.as_str()) {
        // `AddParameter("token", t, ParameterType.QueryString)`
        let rest = text.get(at..(at + 200).min(text.len())).unwrap_or_default();
        let call = rest.split(|b| matches!(b, b';' | b'\n')).next().unwrap_or_default();
        if memchr::memmem::find(call, b"QueryString").is_some() {
            return Some(Opener::Query);
        }
        return Some(receiver(text, &word, word_start, kind));
    }
    // A named object of another meaning ends the walk; a call may still be inside of one that
    // says more.
    if text.get(at) == Some(&b'(') { None } else { Some(Opener::Other) }
}

fn meaning(folded: &str, kind: Kind) -> Option<Opener> {
    if QUERY_WORDS.contains(&folded)
        || (matches!(kind.role, Role::Code | Role::Workspace)
            && QUERY_WORDS_IN_CODE.contains(&folded))
    {
        Some(Opener::Query)
    } else if HEADER_WORDS.contains(&folded) {
        Some(Opener::Headers)
    } else if BODY_WORDS.contains(&folded) {
        Some(Opener::Body)
    } else {
        None
    }
}

/// Whether `queryItems.append("token", …)` and the like put the pair into a query.
fn receiver(text: &[u8], word: &str, word_start: usize, kind: Kind) -> Opener {
    let mut parts = word.rsplit('.').skip(1);
    let Some(receiver) = parts.next().filter(|r| !r.is_empty()) else {
        // `.append(…)` in a chain: look for the maker in the statement before it.
        let before = text.get(word_start.saturating_sub(400)..word_start).unwrap_or_default();
        return if mentions_maker(before) { Opener::Query } else { Opener::Other };
    };
    if let Some(opener) = meaning(&fold(receiver.as_bytes()), kind) {
        return opener;
    }
    // `v := url.Values{}` … `v.Add("access_token", …)`
    let before = text.get(word_start.saturating_sub(3000)..word_start).unwrap_or_default();
    for at in memchr::memmem::find_iter(before, receiver.as_bytes()) {
        let boundary = at
            .checked_sub(1)
            .and_then(|i| before.get(i))
            .is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'_');
        let rest = before.get(at + receiver.len()..).unwrap_or_default();
        let line = rest.split(|b| *b == b'\n').next().unwrap_or_default();
        let trimmed = line.trim_ascii_start();
        if boundary
            && (trimmed.starts_with(b"=")
                || trimmed.starts_with(b":=")
                || trimmed.starts_with(b":"))
            && mentions_maker(line)
        {
            return Opener::Query;
        }
    }
    Opener::Other
}

fn mentions_maker(bytes: &[u8]) -> bool {
    let lower = bytes.to_ascii_lowercase();
    QUERY_MAKERS.iter().any(|maker| memchr::memmem::find(&lower, maker.as_bytes()).is_some())
}

/// The word before the bracket at `at` (with `=`, `:`, `=>`, `@` and a quote between), and where it
/// begins.
fn word_before(text: &[u8], at: usize) -> (String, usize) {
    let byte = |i: usize| i.checked_sub(1).and_then(|i| text.get(i)).copied();
    let mut end = at;
    let blank = |end: &mut usize| {
        while matches!(byte(*end), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            *end -= 1;
        }
    };
    blank(&mut end);
    // `new Dictionary<string, string> {`: the type's parameters say nothing.
    if byte(end) == Some(b'>') && !matches!(byte(end - 1), Some(b'=' | b'-')) {
        let before = text.get(end.saturating_sub(80)..end).unwrap_or_default();
        if let Some(open) = memchr::memchr(b'<', before) {
            end = end - before.len() + open;
            return plain_word(text, end);
        }
    }
    if byte(end) == Some(b'@') {
        end -= 1;
        blank(&mut end);
    }
    let mut joined = false;
    while matches!(byte(end), Some(b'=' | b':' | b'>' | b'?')) {
        end -= 1;
        joined = true;
    }
    if joined {
        blank(&mut end);
        if matches!(byte(end), Some(b'"' | b'\'' | b'`')) {
            end -= 1;
            if byte(end) == Some(b'\\') {
                end -= 1;
            }
        }
    } else if text.get(at) != Some(&b'(') && end != at {
        // `foo {`: a block; `list [`: an index. Neither names what is inside.
        let (word, start) = plain_word(text, end);
        return (word, start);
    }
    plain_word(text, end)
}

fn plain_word(text: &[u8], end: usize) -> (String, usize) {
    let before = text.get(end.saturating_sub(80)..end).unwrap_or_default();
    let len = before
        .iter()
        .rev()
        .take_while(|b| {
            b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'$' | b':' | b'>')
        })
        .count();
    let word = before.get(before.len() - len..).unwrap_or_default();
    let text = crate::text::lossless(word).replace("->", ".").replace("::", ".");
    (text.trim_matches(['.', ':', '>', '-', '$']).to_owned(), end - len)
}

/// The word that a transparent word's value is given to: `query = list(`, `params: new Map(`.
fn before_transparent(text: &[u8], word_start: usize) -> Option<String> {
    let before = text.get(word_start.saturating_sub(60)..word_start)?.trim_ascii_end();
    let before = before.strip_suffix(b"new").unwrap_or(before).trim_ascii_end();
    let stripped = before
        .strip_suffix(b"=")
        .or_else(|| before.strip_suffix(b":"))
        .or_else(|| before.strip_suffix(b"=>"))?;
    let end = word_start
        - (text.get(word_start.saturating_sub(60)..word_start)?.len()
            - stripped.trim_ascii_end().len());
    let end =
        if matches!(text.get(end.checked_sub(1)?), Some(b'"' | b'\'')) { end - 1 } else { end };
    Some(plain_word(text, end).0)
}

/// The address that stands closest before the name in the same statement, or behind it on the line.
pub fn call_near(text: &[u8], name: Span, kind: Kind) -> Option<Call> {
    if kind.role == Role::Script {
        let command = command_around(text, name.start);
        // `curl -H … URL`: behind the name first, because a pipe may put another call before it.
        let after = Span::new(name.start, command.end);
        let before = Span::new(command.start, name.start);
        let found = memchr::memmem::find(after.of(text), b"://")
            .map(|i| after.start + i)
            .or_else(|| memchr::memmem::rfind(before.of(text), b"://").map(|i| before.start + i))?;
        return url::call_at(text, found);
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
    // A recorded call keeps its address in a field beside its headers and its query.
    (kind.role == Role::Api).then(|| recorded_call(text, name)).flatten()
}

/// Where the call expression around `at` begins: at the outermost parenthesis that is still open,
/// on its line.
fn call_start(text: &[u8], at: usize) -> usize {
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
