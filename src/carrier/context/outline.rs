//! Where there are no brackets: the mapping above in YAML, the section above in an INI or Hurl file,
//! the command before the name.

use super::{Opener, meaning, openers};
use crate::artifact::Role;
use crate::carrier::Reader;
use crate::name::fold;

/// How far up is looked, in bytes.
const ABOVE_MAX: usize = 2500;
/// How many levels of a mapping are climbed.
const LEVELS_MAX: usize = 3;
/// How many elements of markup are climbed.
const ELEMENTS_MAX: usize = 6;
/// Keys that stand beside the parameters of a call.
const CALLS: &[&[u8]] = &[b"url", b"uri", b"endpoint", b"method", b"metrics_path"];

/// What the name at `at` is written under.
pub(super) fn above(text: &[u8], at: usize, reader: &Reader<'_>) -> Opener {
    let before = text.get(at.saturating_sub(ABOVE_MAX)..at).unwrap_or_default();
    let line_start = memchr::memrchr(b'\n', before).map_or(0, |i| i + 1);
    let own = before.get(line_start..).unwrap_or_default();
    if reader.kind.role == Role::Code {
        return command(own, reader);
    }
    // `- "access_token:…"`: an entry that is a string.
    let own = own.strip_suffix(b"\"").or_else(|| own.strip_suffix(b"'")).unwrap_or(own);
    if !own.iter().all(|b| b.is_ascii_whitespace() || *b == b'-') {
        return Opener::Other;
    }
    let mut indent = own.len();
    let mut levels = 0;
    let mut end = line_start;
    while let Some(line_end) = end.checked_sub(1) {
        let head = before.get(..line_end).unwrap_or_default();
        let begin = memchr::memrchr(b'\n', head).map_or(0, |i| i + 1);
        end = begin;
        let line = head.get(begin..).unwrap_or_default();
        let trimmed = line.trim_ascii();
        if let Some(section) = trimmed.strip_prefix(b"[").and_then(|s| s.strip_suffix(b"]")) {
            return meaning(&fold(section), reader).unwrap_or(Opener::Other);
        }
        let start = line.len() - line.trim_ascii_start().len();
        let Some(key) = trimmed.strip_suffix(b":").filter(|_| start < indent) else { continue };
        let column = line.len() - trimmed.len() + usize::from(trimmed.starts_with(b"- ")) * 2;
        let key = key.strip_prefix(b"- ").unwrap_or(key);
        let folded = fold(key);
        if let Some(opener) = meaning(&folded, reader) {
            return opener;
        }
        let parameters = openers(reader).query_in_code.contains(folded.as_str());
        let key_at = at - before.len() + begin;
        if parameters && belongs_to_a_call(text, key_at, column) {
            return Opener::Query;
        }
        indent = start;
        levels += 1;
        if levels == LEVELS_MAX || indent == 0 {
            break;
        }
    }
    Opener::Other
}

/// Whether the mapping that has a key in the line at `line`, in this column, describes a call: an
/// address stands beside the key.
pub(super) fn belongs_to_a_call(text: &[u8], line: usize, column: usize) -> bool {
    let dash = |line: &[u8]| usize::from(line.trim_ascii_start().starts_with(b"- ")) * 2;
    let column_of = |line: &[u8]| line.len() - line.trim_ascii_start().len() + dash(line);
    let is_own = |line: &&[u8]| column_of(line) >= column;
    let calls = |line: &[u8]| {
        let key = line.trim_ascii_start().get(dash(line)..).unwrap_or_default();
        let word = key.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
        let (name, behind) = key.split_at_checked(word).unwrap_or_default();
        let assigned = matches!(behind.trim_ascii_start().first(), Some(b':' | b'='));
        column_of(line) == column && assigned && CALLS.contains(&name)
    };
    let before = text.get(line.saturating_sub(ABOVE_MAX / 4)..line).unwrap_or_default();
    let behind = text.get(line..(line + ABOVE_MAX / 4).min(text.len())).unwrap_or_default();
    before.rsplit(|b| *b == b'\n').skip(1).take_while(is_own).any(calls)
        || behind.split(|b| *b == b'\n').skip(1).take_while(is_own).any(calls)
}

/// The innermost element of markup around `at` whose name says something.
pub fn element(text: &[u8], at: usize, reader: &Reader<'_>) -> Option<Opener> {
    let before = text.get(at.saturating_sub(ABOVE_MAX / 4)..at)?;
    let mut closed = 0usize;
    for open in memchr::memrchr_iter(b'<', before).take(2 * ELEMENTS_MAX) {
        let rest = before.get(open + 1..)?;
        let tag = rest.get(..memchr::memchr(b'>', rest)?)?;
        if tag.starts_with(b"/") {
            closed += 1;
        } else if tag.ends_with(b"/") || tag.starts_with(b"!") {
            // It holds nothing.
        } else if closed > 0 {
            closed -= 1;
        } else {
            let name = tag.split(u8::is_ascii_whitespace).next()?;
            let local = name.rsplit(|b| *b == b':').next()?;
            if let Some(opener) = meaning(&fold(local), reader) {
                return Some(opener);
            }
        }
    }
    None
}

/// `default_params api_key: "…"`: a call without brackets.
fn command(own: &[u8], reader: &Reader<'_>) -> Opener {
    let own = own.trim_ascii_start();
    let len = own.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    let word = own.get(..len).unwrap_or_default();
    let blank = own.get(len) == Some(&b' ');
    if blank { meaning(&fold(word), reader).unwrap_or(Opener::Other) } else { Opener::Other }
}
