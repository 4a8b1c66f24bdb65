//! Where an ignore may stand: in a comment, written by somebody who may change the file. What was
//! recorded or received (logs, traces, JSON, table data, strings) must not be able to switch a lint
//! off, for anybody can send it.

use crate::artifact::{Artifact, Role};
use crate::format::kind;

/// How an artifact holds comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comments {
    /// It has none: all of it is data.
    None,
    /// Only where a line begins with one.
    OwnLine,
    /// Anywhere outside of strings.
    Anywhere,
}

/// Extensions of formats that are all data.
const DATA: [&str; 13] = [
    "json", "jsonl", "ndjson", "geojson", "topojson", "har", "webmanifest", "map", "ipynb", "csv",
    "tsv", "postman_collection", "postman_environment",
];
/// What opens a comment in some language.
const OPENERS: [&[u8]; 14] = [
    b"#", b"//", b"--", b";", b"/*", b"*", b"<!--", b"%", b"REM", b"rem", b"::", b"{{/*", b"(*",
    b"{#",
];

/// How this artifact, of which `head` is the beginning, holds comments.
pub(super) fn of(artifact: &Artifact, head: &[u8]) -> Comments {
    let name = artifact.name().to_ascii_lowercase();
    let extension = name.rsplit_once('.').map_or("", |(_, e)| e);
    let role = kind::of(&artifact.path, head).role;
    if role == Role::Log || kind::looks_like_log(head) || DATA.contains(&extension) {
        Comments::None
    } else if role == Role::Workspace {
        Comments::OwnLine
    } else {
        Comments::Anywhere
    }
}

/// Whether what stands before the mark on its line leads into a comment.
pub(super) fn leads(comments: Comments, before: &[u8]) -> bool {
    let text = before.trim_ascii_end();
    let Some(code) =
        OPENERS.iter().filter_map(|opener| text.strip_suffix(*opener)).min_by_key(|c| c.len())
    else {
        return false;
    };
    let is_first = code.trim_ascii().is_empty();
    match comments {
        Comments::None => false,
        Comments::OwnLine => is_first,
        // An address has `//` and `#` too, but no blank before it.
        Comments::Anywhere => {
            is_first || (code.ends_with(b" ") || code.ends_with(b"\t")) && !in_string(code)
        }
    }
}

/// Whether a string is open at the end of this piece of a line.
fn in_string(code: &[u8]) -> bool {
    let mut open = None;
    let mut escaped = false;
    for byte in code {
        match (open, *byte) {
            _ if escaped => escaped = false,
            (_, b'\\') => escaped = true,
            (None, quote @ (b'"' | b'\'' | b'`')) => open = Some(quote),
            (Some(quote), byte) if byte == quote => open = None,
            _ => {}
        }
    }
    open.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_comments_count() {
        for (before, wanted) in [
            ("# ", true),
            ("  // ", true),
            ("curl 'x' # ", true),
            ("<!-- ", true),
            ("<a b=\"c\"/> <!--", true),
            (" * ", true),
            ("REM ", true),
            ("GET /?q=", false),
            ("curl 'https://h/# ", false),
            ("curl \"x # ", false),
            ("https://h.example.com/?a=b&c=//", false),
            ("x#", false),
            ("say ", false),
        ] {
            assert_eq!(leads(Comments::Anywhere, before.as_bytes()), wanted, "{before}");
            assert!(!leads(Comments::None, before.as_bytes()));
        }
        assert!(leads(Comments::OwnLine, b"# ") && !leads(Comments::OwnLine, b"a # "));
    }

    #[test]
    fn data_has_no_comments() {
        let of = |path: &str, head: &[u8]| of(&Artifact::file(path), head);
        assert_eq!(of("a.json", b""), Comments::None);
        assert_eq!(of("access.log", b""), Comments::None);
        assert_eq!(of("access", b"2026-11-24 10:00:00 GET /\n"), Comments::None);
        assert_eq!(of("w.fmw", b""), Comments::OwnLine);
        assert_eq!(of("a.sh", b""), Comments::Anywhere);
    }
}
