//! What surrounds a named value: inside what is it written, and which call does it belong to?
//!
//! `{"token": t}` means something else behind `params=` than behind `headers=`. The brackets around
//! the name are walked outwards until a word says what they hold; where there are no brackets, the
//! outline of the text says it. The words are in the lexicon.

mod call;
mod outline;
mod walk;

use std::sync::Arc;

use super::{Call, Name, NameEnd, Reader};
use crate::artifact::Role;
use crate::name::fold;
use crate::rule::lexicon::Openers;
use crate::text::Span;

pub use outline::element;
pub use walk::{is_query_object, opens_query};

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

fn openers<'b>(reader: &Reader<'b>) -> &'b Openers {
    reader.book.lexicon.openers()
}

/// What a folded word before a bracket, a list or a section says of what is in it.
fn meaning(folded: &str, reader: &Reader<'_>) -> Option<Opener> {
    let words = openers(reader);
    let calls = matches!(reader.kind.role, Role::Code | Role::Workspace | Role::Api);
    if words.query.contains(folded) || (calls && words.query_in_code.contains(folded)) {
        Some(Opener::Query)
    } else if words.headers.contains(folded) {
        Some(Opener::Headers)
    } else if words.body.contains(folded) {
        Some(Opener::Body)
    } else {
        None
    }
}

/// Looks around the name.
pub fn around(text: &[u8], name: &Name, end: NameEnd, reader: &Reader<'_>) -> Context {
    let start = outer_start(text, name, end);
    let mut opener = subscripted(text, start, end, reader)
        .or_else(|| member(text, name, end, reader))
        .or_else(|| flag(text, start, name.span.start))
        .or_else(|| httpie(text, end.at, name.span.start))
        // `WHERE a.key = b.key`: a bare name with a dot is no entry of whatever is around it.
        .or_else(|| (!end.quoted && name.span.of(text).contains(&b'.')).then_some(Opener::Other))
        .unwrap_or_else(|| walk::walk(text, start, reader));
    if opener == Opener::Other {
        opener = outline::above(text, start, reader);
    }
    if opener == Opener::Other && reader.kind.markup {
        opener = element(text, start, reader).unwrap_or(opener);
    }
    if opener == Opener::Body && call::is_get(text, start, reader) {
        // What a GET carries in its "body" goes into its address.
        opener = Opener::Query;
    }
    let sends = opener != Opener::Other || matches!(reader.kind.role, Role::Script | Role::Api);
    let call = (sends || name.folded.ends_with("authorization"))
        .then(|| call::near(text, name.span, reader))
        .flatten()
        .map(Arc::new);
    Context { opener, call }
}

/// The call to which what stands under `span` belongs.
pub fn call_of(text: &[u8], span: Span, reader: &Reader<'_>) -> Option<Call> {
    call::near(text, span, reader)
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
fn subscripted(text: &[u8], start: usize, end: NameEnd, reader: &Reader<'_>) -> Option<Opener> {
    if !end.subscript {
        // `query.fmetoken = …`
        let member = start.checked_sub(1).filter(|dot| text.get(*dot) == Some(&b'.'))?;
        let (word, _) = walk::plain_word(text, member);
        let last = fold(word.rsplit('.').next().unwrap_or_default().as_bytes());
        return meaning(&last, reader).filter(|opener| *opener == Opener::Query);
    }
    let (word, word_start) = walk::plain_word(text, start);
    if word.is_empty() {
        return None; // `Headers = { ["X-Api-Key"] = … }`: the brackets around it say more
    }
    let last = fold(word.rsplit('.').next().unwrap_or_default().as_bytes());
    meaning(&last, reader).or_else(|| {
        let opener = walk::receiver(text, &format!("{word}.set"), word_start, reader);
        (opener != Opener::Other).then_some(opener)
    })
}

/// `query.fmetoken = …`, read as one name.
fn member(text: &[u8], name: &Name, end: NameEnd, reader: &Reader<'_>) -> Option<Opener> {
    let whole = name.span.of(text);
    let object = whole.get(..memchr::memrchr(b'.', whole)?)?;
    let last = fold(object.rsplit(|b| *b == b'.').next()?);
    // `query.SeriesUniqueKey`: a key says too little for a query that may be one of a database.
    let says = name.tier != Some(crate::rule::schema::Tier::ByLongShape);
    (says
        && !end.quoted
        && reader.kind.role == Role::Code
        && openers(reader).query.contains(last.as_str()))
    .then_some(Opener::Query)
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
            let command = call::command_around(text, outer).of(text);
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
    let command = call::command_around(text, name).of(text).trim_ascii_start();
    [b"http ".as_slice(), b"https ", b"xh ", b"xhs "]
        .iter()
        .any(|c| command.starts_with(c))
        .then_some(Opener::Query)
}
