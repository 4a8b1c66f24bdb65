//! What the YAML reader complains of, in the words of the user.
//!
//! Its own messages repeat what stands in the file and name types of the program. In a config or a
//! rule, what stands in the wrong place may well be a credential, so only words that look like ours
//! are ever repeated.

use crate::fact::{nearest, quoted};

/// The complaint in plain words: where in the document, what is wrong, what was expected. The
/// position is left out, the error carries it itself.
pub(super) fn plain(message: &str) -> String {
    let message = without_positions(message);
    let Some((at, mark)) = first_mark(&message) else {
        // The reader's own words on YAML as such; they quote single characters at most.
        let safe = !message.contains(['"', '`']) && message.len() < 200;
        return if safe { message } else { "this is not what is expected here".to_owned() };
    };
    let path = path(message.get(..at).unwrap_or_default());
    let rest = message.get(at + mark.len()..).unwrap_or_default();
    let what = match mark {
        "unknown field `" => unknown("field", rest),
        "unknown variant `" => unknown("word", rest),
        "missing field `" => {
            format!("{} is missing", quoted(rest.trim_end_matches('`'), "a field"))
        }
        "duplicate field `" => {
            let field = rest.trim_end_matches('`');
            format!("{} stands here twice", quoted(field, "a field"))
        }
        _ => mismatch(rest),
    };
    format!("{path}{what}")
}

/// How the reader's messages begin behind the path.
const MARKS: [&str; 7] = [
    "unknown field `", "unknown variant `", "missing field `", "duplicate field `",
    "invalid type: ", "invalid value: ", "invalid length ",
];

fn first_mark(message: &str) -> Option<(usize, &'static str)> {
    MARKS.iter().filter_map(|mark| Some((message.find(mark)?, *mark))).min()
}

/// Drops every ` at line 3 column 5`.
fn without_positions(message: &str) -> String {
    let mut pieces = message.split(" at line ");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let digit = |c: char| c.is_ascii_digit();
        let rest = piece.trim_start_matches(digit);
        match rest.strip_prefix(" column ") {
            Some(rest) if rest.len() < piece.len() => out += rest.trim_start_matches(digit),
            _ => out = format!("{out} at line {piece}"),
        }
    }
    out
}

/// The path in front of a message, `allow[0].until: `. Keys of the user are in it.
fn path(text: &str) -> String {
    let text = text.trim_end_matches(": ");
    if text.is_empty() {
        return String::new();
    }
    let safe = text.split('.').all(|part| {
        let (name, index) = part.split_once('[').unwrap_or((part, "0]"));
        let index = index.strip_suffix(']').unwrap_or("x");
        (name.is_empty() || crate::fact::looks_like_word(name))
            && index.bytes().all(|b| b.is_ascii_digit())
    });
    if safe { format!("{text}: ") } else { String::new() }
}

fn unknown(what: &str, rest: &str) -> String {
    let (typed, expected) = match rest.rfind("`, ") {
        // The list of what is expected is ours and holds no `"`, unlike what was typed.
        Some(_) => rest
            .rfind("`, expected ")
            .or_else(|| rest.rfind("`, there are no "))
            .and_then(|at| Some((rest.get(..at)?, rest.get(at + 3..)?)))
            .unwrap_or((rest, "")),
        None => (rest, ""),
    };
    let words: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let named = quoted(typed, "");
    let blank = if named.is_empty() { "" } else { " " };
    let comma = if expected.is_empty() { "" } else { ", " };
    let hint = nearest(typed, words.into_iter());
    format!("unknown {what}{blank}{named}{comma}{expected}{hint}")
}

/// `invalid type: string "…", expected a sequence`.
fn mismatch(rest: &str) -> String {
    let (found, expected) = rest
        .rfind(", expected ")
        .and_then(|at| Some((rest.get(..at)?, rest.get(at + ", expected ".len()..)?)))
        .unwrap_or((rest, "something else"));
    let starts = |words: &[&str]| words.iter().any(|w| found.starts_with(w));
    let found = if starts(&["string", "character", "byte"]) {
        "a text"
    } else if starts(&["integer", "floating"]) {
        "a number"
    } else if starts(&["boolean"]) {
        "true or false"
    } else if starts(&["sequence", "tuple"]) {
        "a list"
    } else if starts(&["map", "struct"]) {
        "a map"
    } else if starts(&["unit", "null", "Option"]) {
        "nothing"
    } else {
        "something else"
    };
    let expected = match expected {
        "a sequence" => "a list (`- item`)",
        "a map" => "a map (`key: value`)",
        "a string" | "string" => "a text",
        "a boolean" => "true or false",
        "variant identifier" | "field identifier" => "a word",
        "usize" | "u16" | "u32" | "u64" | "i64" | "f64" => "a number",
        other if other.starts_with("struct ") => "a map (`key: value`)",
        other if other.starts_with("enum ") => "a word",
        other => other,
    };
    format!("this is {found}, expected {expected}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_are_plain_and_repeat_no_value() {
        for (message, wanted) in [
            (
                "allow[0]: invalid type: string \"aB3x, expected struct Y\", expected struct \
                 WrittenAllow at line 2 column 5",
                "allow[0]: this is a text, expected a map (`key: value`)",
            ),
            (
                "invalid type: sequence, expected struct Written",
                "this is a list, expected a map (`key: value`)",
            ),
            (
                "rules: invalid type: integer `7`, expected a sequence",
                "rules: this is a number, expected a list (`- item`)",
            ),
            (
                "unknown field `9f3ab2`, expected one of `rules`, `allow` at line 1 column 1",
                "unknown field, expected one of `rules`, `allow`",
            ),
            (
                "unknown field `a`, expected `b`, expected `rule`, `allow`",
                "unknown field, expected `rule`, `allow`",
            ),
            (
                "severity.x: unknown variant `errr`, expected `error` or `off` at line 3 column 2",
                "severity.x: unknown word `errr`, expected `error` or `off`, did you mean `error`?",
            ),
            ("aB3dE.x: missing field `reason`", "`reason` is missing"),
            (
                "did not find expected key at line 2 column 1, while parsing a block mapping at line 1 column 1",
                "did not find expected key, while parsing a block mapping",
            ),
            ("duplicate entry with key \"aB3d\"", "this is not what is expected here"),
            ("duplicate field `rules`", "`rules` stands here twice"),
        ] {
            assert_eq!(plain(message), wanted);
        }
    }
}
