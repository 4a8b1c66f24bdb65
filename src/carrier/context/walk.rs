//! Brackets, walked outwards until a word says what they hold.

use super::{Opener, meaning, openers, outline};
use crate::artifact::Role;
use crate::carrier::Reader;
use crate::name::fold;
use crate::text::Span;

/// How far brackets are walked outwards, in bytes.
const WALK_MAX: usize = 1500;

/// How far behind its making the use of a text of pairs is looked for, in bytes.
const USE_MAX: usize = 1200;

/// Walks the brackets outwards.
pub(super) fn walk(text: &[u8], from: usize, reader: &Reader<'_>) -> Opener {
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
                match opened_by(text, at, reader) {
                    // `requests.get("https://…", auth=…)`: a keyword of the call itself.
                    Some(Opener::Query) if levels == 1 && is_keyword_of_get(text, at, from) => {
                        return Opener::Other;
                    }
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

/// Whether the name at `from` is a keyword argument of the `get(` whose bracket is at `open`.
fn is_keyword_of_get(text: &[u8], open: usize, from: usize) -> bool {
    let rest = text.get(from..(from + crate::name::NAME_MAX).min(text.len())).unwrap_or_default();
    let word = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    let mut behind = rest.iter().skip(word).filter(|b| **b != b' ');
    let sign = behind.next() == Some(&b'=') && !matches!(behind.next(), Some(b'=' | b'>'));
    let call = text.get(..open).is_some_and(|t| t.ends_with(b"get"));
    sign && call && word > 0
}

/// Whether the object in which the field at `at` stands is that of a query.
pub fn is_query_object(text: &[u8], at: usize, reader: &Reader<'_>) -> bool {
    let floor = at.saturating_sub(WALK_MAX / 3);
    let mut depth = 0usize;
    for index in (floor..at).rev() {
        match text.get(index) {
            Some(b')' | b']' | b'}') => depth += 1,
            Some(b'{') if depth == 0 => {
                return opens_query(text, index, reader);
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
pub fn opens_query(text: &[u8], at: usize, reader: &Reader<'_>) -> bool {
    opened_by(text, at, reader) == Some(Opener::Query)
}

/// What the bracket at `at` opens, if the word before it says so. `None`: look further out.
fn opened_by(text: &[u8], at: usize, reader: &Reader<'_>) -> Option<Opener> {
    let (word, word_start) = word_before(text, at);
    let last = word.rsplit('.').next().unwrap_or_default().to_owned();
    let folded = fold(last.as_bytes());
    // `'params': { … }` is an entry of some object; `params={…}` and `params: {…}` are arguments.
    let entry = matches!(text.get(word_start + word.len()), Some(b'"' | b'\''));
    if entry
        && reader.kind.role == Role::Code
        && openers(reader).query_in_code.contains(folded.as_str())
    {
        return Some(Opener::Other);
    }
    // `Session::params([…])`: what is kept between two requests.
    if word.to_ascii_lowercase().contains("session.") {
        return Some(Opener::Other);
    }
    if let Some(opener) =
        meaning(&folded, reader).or_else(|| meaning(&fold(word.as_bytes()), reader))
    {
        let either = [&folded, &fold(word.as_bytes())]
            .iter()
            .any(|word| openers(reader).query_or_body.contains(word.as_str()));
        let posted = opener == Opener::Query && either && is_posted(text, at, word_start);
        return Some(if posted { Opener::Body } else { opener });
    }
    // In data `"parameters": [` says nothing alone: what stands around it or beside it does.
    if reader.kind.role != Role::Code && openers(reader).query_in_code.contains(folded.as_str()) {
        return beside_an_address(text, word_start).then_some(Opener::Query);
    }
    // `.get("https://…", { … })`: the second argument is the query.
    if openers(reader).getters.contains(folded.as_str())
        && text.get(at) == Some(&b'(')
        && first_is_address(text, at + 1)
    {
        return Some(Opener::Query);
    }
    if folded.is_empty() || openers(reader).transparent.contains(folded.as_str()) {
        return match before_transparent(text, word_start) {
            Some(outer) => {
                let folded = fold(outer.rsplit('.').next().unwrap_or_default().as_bytes());
                match meaning(&folded, reader) {
                    Some(opener) => Some(opener),
                    None if folded.is_empty() => None,
                    None => Some(Opener::Other),
                }
            }
            None => None,
        };
    }
    if text.get(at) == Some(&b'(') && openers(reader).putters.contains(folded.as_str()) {
        // `AddParameter("token", t, ParameterType.QueryString)`, `('token', t, pkQUERY)`
        let rest = text.get(at..(at + 200).min(text.len())).unwrap_or_default();
        let call = rest.split(|b| matches!(b, b';' | b'\n')).next().unwrap_or_default();
        if memchr::memmem::find(&call.to_ascii_lowercase(), b"query").is_some() {
            return Some(Opener::Query);
        }
        return Some(receiver(text, &word, word_start, reader));
    }
    // A named object of another meaning ends the walk; a call may still be inside of one that
    // says more.
    if text.get(at) == Some(&b'(') { None } else { Some(Opener::Other) }
}

/// Whether the object whose key stands at `key` has an address among the keys before it.
fn beside_an_address(text: &[u8], key: usize) -> bool {
    let floor = key.saturating_sub(WALK_MAX / 3);
    let mut depth = 0usize;
    for index in (floor..key).rev() {
        match text.get(index) {
            Some(b'}' | b']') => depth += 1,
            Some(b'{' | b'[') if depth == 0 => return false,
            Some(b'{' | b'[') => depth -= 1,
            Some(b':') if depth == 0 => {
                let before = text.get(floor..index).unwrap_or_default().to_ascii_lowercase();
                if [b"\"url\"".as_slice(), b"\"uri\"", b"\"endpoint\"", b"\"apiendpoint\""]
                    .iter()
                    .any(|name| before.ends_with(name))
                {
                    return true;
                }
            }
            _ => {}
        }
    }
    // No braces around it: the lines of a TOML table or of a YAML mapping.
    let line = text.get(..key).and_then(|t| memchr::memrchr(b'\n', t)).map_or(0, |i| i + 1);
    let own = text.get(line..key).unwrap_or_default();
    own.iter().all(|b| matches!(b, b' ' | b'-'))
        && outline::belongs_to_a_call(text, line, own.len())
}

/// Whether the pairs that the bracket at `at` opens become the body of a request: the variable which
/// they are given to is used first in a call that posts, and not behind a `?` or as its parameters.
fn is_posted(text: &[u8], at: usize, word_start: usize) -> bool {
    let (word, _) = word_before(text, at);
    let direct =
        matches!(text.get(word_start + word.len()..at), Some(between) if between.contains(&b'='));
    let name = if direct { Some(word) } else { before_transparent(text, word_start) };
    let Some(name) = name.filter(|name| !name.is_empty() && !name.contains('.')) else {
        return false;
    };
    let behind = Span::new(at, (at + USE_MAX).min(text.len()));
    let is_word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let used = memchr::memmem::find_iter(behind.of(text), name.as_bytes())
        .map(|found| behind.start + found)
        .find(|found| {
            let after = text.get(found + name.len());
            // `params.append(…)`, `params["x"] = …`: it is still being made.
            let rest = text.get(found + name.len()..).unwrap_or_default();
            let made =
                [b"[".as_slice(), b".append", b".set(", b".put(", b".add(", b".Add(", b".Set("]
                    .iter()
                    .any(|m| rest.starts_with(m))
                    || rest.trim_ascii_start().first() == Some(&b'=');
            !is_word(found.checked_sub(1).and_then(|i| text.get(i))) && !is_word(after) && !made
        });
    used.is_some_and(|used| is_body_of_post(text, Span::new(used, used + name.len())))
}

/// Whether the call in which the pairs under `used` are handed over sends them as a body.
fn is_body_of_post(text: &[u8], used: Span) -> bool {
    const POSTS: [&[u8]; 6] =
        [b".post(", b".Post(", b"PostForm(", b"\"POST\"", b"'POST'", b"NewRequest(\"POST"];
    const GIVEN: [&[u8]; 6] = [b".form(", b".send(", b".body(", b".write(", b"data=", b"body:"];
    let lead = text.get(super::call::call_start(text, used.start)..used.start).unwrap_or_default();
    let behind = text.get(used.end..(used.end + 120).min(text.len())).unwrap_or_default();
    let rest = behind.split(|b| matches!(b, b';' | b'\n')).next().unwrap_or_default();
    // `.form(&params)`, `data=args`, `request.write(text)`
    let near = lead.trim_ascii_end();
    let bare = near.strip_suffix(b"&").unwrap_or(near);
    if GIVEN.iter().any(|word| bare.ends_with(word)) {
        return true;
    }
    // `"?" + params`, `?${params}`, `params=params`, `{ params }`
    let asks = [b"?\"".as_slice(), b"?'", b"?$", b"?{"].iter().any(|q| holds(lead, q));
    let handed =
        [b"params=".as_slice(), b"params:", b"query=", b"{"].iter().any(|w| near.ends_with(w));
    let posts = POSTS.iter().any(|mark| holds(lead, mark) || holds(rest, mark));
    posts && !asks && !handed
}

/// Whether `queryItems.append("token", …)` and the like put the pair into a query.
pub(super) fn receiver(text: &[u8], word: &str, word_start: usize, reader: &Reader<'_>) -> Opener {
    let mut parts = word.rsplit('.').skip(1);
    let Some(receiver) = parts.next().filter(|r| !r.is_empty()) else {
        // `.append(…)` in a chain: look for the maker in the statement before it.
        let before = text.get(word_start.saturating_sub(400)..word_start).unwrap_or_default();
        return if mentions_maker(before, reader) { Opener::Query } else { Opener::Other };
    };
    let made = made_as(text, receiver, word_start);
    if made.as_ref().is_some_and(|line| holds(line, b"formdata") || holds(line, b"hashmap")) {
        return Opener::Body;
    }
    if let Some(opener) = meaning(&fold(receiver.as_bytes()), reader) {
        return opener;
    }
    // `v := url.Values{}` … `v.Add("access_token", …)`
    match made {
        Some(line) if mentions_maker(&line, reader) => Opener::Query,
        _ => Opener::Other,
    }
}

/// The line, in lower case, in which `name` was made last before `at`.
fn made_as(text: &[u8], name: &str, at: usize) -> Option<Vec<u8>> {
    let before = text.get(at.saturating_sub(3000)..at)?;
    memchr::memmem::rfind_iter(before, name.as_bytes()).find_map(|found| {
        let boundary = found
            .checked_sub(1)
            .and_then(|i| before.get(i))
            .is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'_');
        let rest = before.get(found + name.len()..)?;
        let line = rest.split(|b| *b == b'\n').next()?;
        let sign = line.trim_ascii_start();
        let made = sign.starts_with(b"=") || sign.starts_with(b":=") || sign.starts_with(b":");
        (boundary && made && !sign.starts_with(b"==")).then(|| line.to_ascii_lowercase())
    })
}

fn holds(line: &[u8], word: &[u8]) -> bool {
    memchr::memmem::find(line, word).is_some()
}

fn mentions_maker(bytes: &[u8], reader: &Reader<'_>) -> bool {
    let lower = bytes.to_ascii_lowercase();
    openers(reader)
        .makers
        .iter()
        .any(|maker| memchr::memmem::find(&lower, maker.as_bytes()).is_some())
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
    // `map[string]string{`: a map of Go is what it is given to.
    if byte(end) == Some(b'g') && text.get(at) == Some(&b'{') {
        let before = text.get(end.saturating_sub(40)..end).unwrap_or_default();
        if let Some(map) = memchr::memmem::rfind(before, b"map[string]") {
            return ("map".to_owned(), end - before.len() + map);
        }
    }
    plain_word(text, end)
}

pub(super) fn plain_word(text: &[u8], end: usize) -> (String, usize) {
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

/// Whether the first argument of the call is an address written out.
fn first_is_address(text: &[u8], at: usize) -> bool {
    let rest = text.get(at..(at + 80).min(text.len())).unwrap_or_default().trim_ascii_start();
    matches!(rest.first(), Some(b'"' | b'\'' | b'`'))
        && rest.get(1..).is_some_and(|r| r.starts_with(b"http"))
}
