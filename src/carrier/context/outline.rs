//! Where there are no brackets: the mapping above in YAML, the section above in an INI or Hurl file,
//! the command before the name.

use super::{Opener, meaning};
use crate::artifact::Role;
use crate::carrier::Reader;
use crate::name::fold;

/// How far up is looked, in bytes.
const ABOVE_MAX: usize = 2500;
/// How many levels of a mapping are climbed.
const LEVELS_MAX: usize = 3;

/// What the name at `at` is written under.
pub(super) fn above(text: &[u8], at: usize, reader: &Reader<'_>) -> Opener {
    let before = text.get(at.saturating_sub(ABOVE_MAX)..at).unwrap_or_default();
    let line_start = memchr::memrchr(b'\n', before).map_or(0, |i| i + 1);
    let own = before.get(line_start..).unwrap_or_default();
    if reader.kind.role == Role::Code {
        return command(own, reader);
    }
    if !own.iter().all(|b| b.is_ascii_whitespace() || *b == b'-') {
        return Opener::Other;
    }
    let mut indent = own.len();
    let mut levels = 0;
    for line in before.get(..line_start).unwrap_or_default().rsplit(|b| *b == b'\n') {
        let trimmed = line.trim_ascii();
        if let Some(section) = trimmed.strip_prefix(b"[").and_then(|s| s.strip_suffix(b"]")) {
            return meaning(&fold(section), reader).unwrap_or(Opener::Other);
        }
        let start = line.len() - line.trim_ascii_start().len();
        let Some(key) = trimmed.strip_suffix(b":").filter(|_| start < indent) else { continue };
        let key = key.strip_prefix(b"- ").unwrap_or(key);
        if let Some(opener) = meaning(&fold(key), reader) {
            return opener;
        }
        indent = start;
        levels += 1;
        if levels == LEVELS_MAX || indent == 0 {
            break;
        }
    }
    Opener::Other
}

/// `default_params api_key: "…"`: a call without brackets.
fn command(own: &[u8], reader: &Reader<'_>) -> Opener {
    let own = own.trim_ascii_start();
    let len = own.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    let word = own.get(..len).unwrap_or_default();
    let blank = own.get(len) == Some(&b' ');
    if blank { meaning(&fold(word), reader).unwrap_or(Opener::Other) } else { Opener::Other }
}
