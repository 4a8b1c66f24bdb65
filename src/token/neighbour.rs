//! What stands beside an opaque token and tells how long it lives: the keys of a saved token
//! resource, a comment, its own name.
//!
//! A 40-hex FME token says nothing itself. `expirationDate`, `secondsToExpiry` or `enabled: false` in
//! the same object do, and so does a comment that it came from "Get Token". Nothing is guessed: where
//! no neighbour speaks, the lifetime stays unknown.

use crate::text::{Span, lossless};
use crate::time::{Basis, Instant, Lifetime, parse_duration};

/// How far around the value neighbours are looked for, in bytes.
const REACH: usize = 1200;

/// A phrase in a comment and the life it tells of, in seconds.
pub type Phrase = (String, i64);

/// The lifetime that the neighbours of `value` tell of.
pub fn lifetime(text: &[u8], value: Span, name: &str, phrases: &[Phrase]) -> Lifetime {
    let object = object_around(text, value);
    let known = from_keys(&lossless(object.of(text)));
    if known.is_known() {
        return known;
    }
    let known = from_comments(text, value, phrases);
    if known.is_known() { known } else { from_name(name) }
}

/// The object or block of lines in which the value stands.
fn object_around(text: &[u8], value: Span) -> Span {
    let floor = value.start.saturating_sub(REACH);
    let limit = (value.end + REACH).min(text.len());
    if let Some(open) = unclosed(text, floor, value.start) {
        let mut depth = 0usize;
        let mut end = value.end;
        while end < limit {
            match text.get(end) {
                Some(b'{' | b'(') => depth += 1,
                Some(b'}' | b')') if depth == 0 => break,
                Some(b'}' | b')') => depth -= 1,
                _ => {}
            }
            end += 1;
        }
        return Span::new(open, end);
    }
    block(text, value, floor, limit)
}

/// The nearest `{` before `at` that is still open.
fn unclosed(text: &[u8], floor: usize, at: usize) -> Option<usize> {
    let mut depth = 0usize;
    (floor..at).rev().find(|i| match text.get(*i) {
        Some(b'}') => {
            depth += 1;
            false
        }
        Some(b'{') if depth > 0 => {
            depth -= 1;
            false
        }
        Some(b'{') => true,
        _ => false,
    })
}

/// Neighbouring lines of the same indentation: a mapping in YAML, a section in a properties file.
fn block(text: &[u8], value: Span, floor: usize, limit: usize) -> Span {
    let line_start = |at: usize| {
        text.get(floor..at).and_then(|t| memchr::memrchr(b'\n', t)).map_or(floor, |i| floor + i + 1)
    };
    let indent = |at: usize| {
        text.get(at..limit)
            .unwrap_or_default()
            .iter()
            .take_while(|b| matches!(b, b' ' | b'\t'))
            .count()
    };
    let here = line_start(value.start);
    let depth = indent(here);
    let mut start = here;
    while start > floor {
        let previous = line_start(start - 1);
        let line = text.get(previous..start).unwrap_or_default();
        if line.trim_ascii().is_empty()
            || indent(previous) != depth
            || line.trim_ascii_start().first() == Some(&b'[')
        {
            break;
        }
        start = previous;
    }
    let mut end = here;
    while end < limit {
        let next = memchr::memchr(b'\n', text.get(end..limit).unwrap_or_default())
            .map_or(limit, |i| end + i + 1);
        let line = text.get(end..next).unwrap_or_default();
        if end > here && (line.trim_ascii().is_empty() || indent(end) != depth) {
            break;
        }
        end = next;
    }
    Span::new(start, end)
}

/// Keys of token resources (FME v3 and v4, OAuth answers) and their values.
fn from_keys(object: &str) -> Lifetime {
    let pairs = pairs(object);
    let get = |names: &[&str]| {
        pairs
            .iter()
            .find(|(name, _)| names.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
    };
    let moment = |names: &[&str]| {
        let (name, value) = get(names)?;
        let moment = Instant::parse(&value)
            .or_else(|| Instant::from_epoch(value.parse().ok().filter(|n| *n > 1_000_000_000)?))?;
        Some((name, moment))
    };
    // `enabled` means the token only where the rest of the object is a token's.
    let is_token = get(&[
        "expirationdate", "expiration", "secondstoexpiry", "custompermissions", "restricted",
        "createddate", "owner",
    ])
    .is_some();
    if is_token && get(&["enabled"]).is_some_and(|(_, value)| value.eq_ignore_ascii_case("false")) {
        return Lifetime::dead(Basis::Neighbour("enabled: false".to_owned()));
    }
    let issued = moment(&["created", "createddate", "issuedat", "iat", "issued"]).map(|(_, m)| m);
    if let Some((name, end)) = moment(&[
        "expirationdate", "expiration", "expires", "expiresat", "expireson", "expiry",
        "validuntil", "notafter", "expirydate", "exp",
    ]) {
        return Lifetime { issued, ..Lifetime::until(end, Basis::Neighbour(name)) };
    }
    let seconds = get(&["secondstoexpiry", "expirationtimeout", "expiresin"])
        .and_then(|(name, value)| Some((name, value.parse::<i64>().ok()?)));
    match (seconds, issued) {
        (Some((name, seconds)), Some(issued)) => Lifetime {
            issued: Some(issued),
            ..Lifetime::until(issued.plus(seconds), Basis::Neighbour(name))
        },
        (Some((name, seconds)), None) => Lifetime::lasting(seconds, Basis::Neighbour(name)),
        _ => Lifetime::unknown(),
    }
}

/// `name: value` and `name=value` pairs of a small piece of text, names folded.
fn pairs(object: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut rest = object;
    while let Some(at) = rest.find([':', '=']) {
        let (before, after) = rest.split_at(at);
        let after = after.get(1..).unwrap_or_default();
        let name = before.trim_end().trim_end_matches(['"', '\'', '\\']);
        let start = name
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')))
            .map_or(0, |i| i + 1);
        let name = crate::name::fold(name.get(start..).unwrap_or_default().as_bytes());
        let value = after.trim_start().trim_start_matches(['"', '\'', '\\', '=', '>']);
        let value = value
            .split(['"', '\'', ',', '}', '\n', '\r', '\\', '&', ')'])
            .next()
            .unwrap_or_default();
        let value = value.split(" #").next().unwrap_or_default().trim();
        if !name.is_empty() {
            out.push((name, value.to_owned()));
        }
        rest = after;
    }
    out
}

/// A comment on the line or right above it which tells of a short life.
fn from_comments(text: &[u8], value: Span, phrases: &[Phrase]) -> Lifetime {
    let before = text.get(value.start.saturating_sub(REACH)..value.start).unwrap_or_default();
    let line_start = memchr::memrchr(b'\n', before)
        .map_or(value.start - before.len(), |i| value.start - before.len() + i + 1);
    let rest = text.get(value.end..(value.end + REACH).min(text.len())).unwrap_or_default();
    let line_end = memchr::memchr(b'\n', rest).map_or(value.end + rest.len(), |i| value.end + i);
    let behind = Span::new(value.end, line_end).of(text);
    let above = lines_above(text, line_start);
    let comments =
        comment_in(behind).into_iter().chain(above.into_iter().filter_map(whole_comment));
    for comment in comments {
        let lower = lossless(comment).to_lowercase();
        if let Some((phrase, life)) =
            phrases.iter().find(|(phrase, _)| contains_words(&lower, phrase))
        {
            return Lifetime::lasting(
                *life,
                Basis::Neighbour(format!("a comment says \"{phrase}\"")),
            );
        }
        if let Some(life) = stated_duration(&lower) {
            return Lifetime::lasting(
                life,
                Basis::Neighbour("a comment says how long it lives".to_owned()),
            );
        }
    }
    Lifetime::unknown()
}

/// Up to two lines above.
fn lines_above(text: &[u8], line_start: usize) -> Vec<&[u8]> {
    let above = text.get(line_start.saturating_sub(400)..line_start).unwrap_or_default();
    let above = above.strip_suffix(b"\n").unwrap_or(above);
    above.rsplit(|b| *b == b'\n').take(2).take_while(|line| whole_comment(line).is_some()).collect()
}

const MARKS: [&[u8]; 8] = [b"#", b"//", b"--", b";", b"<!--", b"/*", b"'", b"%"];

/// The line, if all of it is a comment.
fn whole_comment(line: &[u8]) -> Option<&[u8]> {
    let line = line.trim_ascii();
    let is_rem = line.get(..4).is_some_and(|w| w.eq_ignore_ascii_case(b"rem "));
    (is_rem || line.starts_with(b"*") || MARKS.iter().any(|m| line.starts_with(m))).then_some(line)
}

/// The comment behind a value, on the same line.
fn comment_in(behind: &[u8]) -> Option<&[u8]> {
    [b" #".as_slice(), b"//", b" --", b" ;", b"<!--", b"/*", b"\t#"]
        .iter()
        .filter_map(|mark| memchr::memmem::find(behind, mark))
        .min()
        .and_then(|at| behind.get(at..))
}

/// Whether the words of `phrase` stand in `text` as words.
fn contains_words(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(at, _)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at + phrase.len()..).and_then(|t| t.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

/// `expires in 8 hours`, `valid for 30 min`, `good for 1h`.
fn stated_duration(lower: &str) -> Option<i64> {
    const LEADS: [&str; 8] = [
        "expires in", "expires after", "valid for", "good for", "lives", "lifetime", "dies in",
        "ttl",
    ];
    LEADS.iter().find_map(|lead| {
        let rest = lower.split_once(lead)?.1.trim_start_matches([' ', ':', '=', '~']);
        let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let unit: String = rest
            .get(number.len()..)?
            .trim_start()
            .chars()
            .take_while(char::is_ascii_alphabetic)
            .collect();
        if number.is_empty() || unit.is_empty() {
            return None;
        }
        parse_duration(&format!("{number}{unit}"))
    })
}

/// A name that says it is not meant to last.
fn from_name(name: &str) -> Lifetime {
    let words = crate::name::words(name);
    let says = words.iter().any(|w| matches!(w.as_str(), "temp" | "temporary" | "tmp" | "shortlived" | "ephemeral"))
        || words.windows(2).any(|w| matches!(w, [a, b] if (a == "one" || a == "1") && b.starts_with("hour") || a == "short" && b == "lived"));
    if says {
        Lifetime::lasting(crate::time::HOUR, Basis::Neighbour(format!("its name, {name}")))
    } else {
        Lifetime::unknown()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{HOUR, LifeState};

    fn of(text: &str, value: &str) -> Lifetime {
        let start = text.find(value).unwrap();
        let phrases = [
            ("get token".to_owned(), HOUR),
            ("an hour".to_owned(), HOUR),
            ("temporary".to_owned(), HOUR),
        ];
        lifetime(text.as_bytes(), Span::new(start, start + value.len()), "token", &phrases)
    }

    #[test]
    fn keys_of_a_saved_token_speak() {
        let at = Instant::parse("2026-11-23").unwrap();
        let v3 = r#"{"name":"x","enabled":true,"expirationDate":"2022-11-17T20:30:44Z","token":"VALUE"}"#;
        assert_eq!(of(v3, "VALUE").state(at), LifeState::Expired);
        let v4 = r#"{"owner":"x","enabled":false,"secondsToExpiry":2592000,"token":"VALUE"}"#;
        assert!(of(v4, "VALUE").dead);
        let oauth = "{\n  \"access_token\": \"VALUE\",\n  \"expires_in\": 3600\n}";
        assert_eq!(of(oauth, "VALUE").whole_life(at), Some(3600));
        let other = r#"[{"token":"VALUE"},{"expires_in":3600}]"#;
        assert!(!of(other, "VALUE").is_known());
    }

    #[test]
    fn comments_speak_only_about_their_line() {
        assert_eq!(of("token: VALUE # from \"Get Token\"\n", "VALUE").life, Some(HOUR));
        assert_eq!(of("# expires in 8 hours\ntoken: VALUE\n", "VALUE").life, Some(8 * HOUR));
        assert!(!of("# temporary\n\nother: 1\ntoken: VALUE\n", "VALUE").is_known());
        assert!(!of("token: VALUE\nnext: 1 # temporary\n", "VALUE").is_known());
        assert!(!of("token: VALUE # see temporarywork\n", "VALUE").is_known());
    }
}
