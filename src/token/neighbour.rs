//! What stands beside an opaque token and tells how long it lives: the keys of a saved token
//! resource, a comment, its own name.
//!
//! A 40-hex FME token says nothing itself. `expirationDate`, `secondsToExpiry` or `enabled: false` in
//! the same object do, and so does a comment that it came from "Get Token". Nothing is guessed: where
//! no neighbour speaks, the lifetime stays unknown.

use super::comment;
pub use super::comment::Phrase;
use crate::text::{Span, lossless};
use crate::time::{Basis, HOUR, Instant, Lifetime, MINUTE};

/// How far around the value neighbours are looked for, in bytes.
const REACH: usize = 1200;

/// The lifetime that the neighbours of `value` tell of.
pub fn lifetime(text: &[u8], value: Span, name: &str, phrases: &[Phrase]) -> Lifetime {
    let object = object_around(text, value);
    if may_tell(object.of(text)) {
        let known = from_keys(&lossless(object.of(text)), value.of(text));
        if known.is_known() {
            return known;
        }
    }
    let known = comment::lifetime(text, value, phrases);
    if known.is_known() { known } else { from_name(name) }
}

/// Whether the object may hold one of the keys that [`from_keys`] asks for. Most hold none, and
/// taking each apart would cost more than the rest of the scan.
fn may_tell(object: &[u8]) -> bool {
    // The rarest letter of each key (`expires`, `validUntil`, `notAfter`, `enabled`) and what follows.
    const PARTS: [([u8; 2], &[u8]); 4] =
        [(*b"xX", b"p"), (*b"vV", b"alid"), (*b"fF", b"ter"), (*b"bB", b"led")];
    PARTS.iter().any(|(letters, rest)| {
        memchr::memchr2_iter(letters[0], letters[1], object).any(|at| {
            object
                .get(at + 1..at + 1 + rest.len())
                .is_some_and(|found| found.eq_ignore_ascii_case(rest))
        })
    })
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
    let before = text.get(floor..at)?;
    let mut depth = 0usize;
    let mut braces = memchr::memrchr2_iter(b'{', b'}', before);
    let open = braces.find(|i| match before.get(*i) {
        Some(b'}') => {
            depth += 1;
            false
        }
        _ if depth > 0 => {
            depth -= 1;
            false
        }
        _ => true,
    });
    open.map(|i| floor + i)
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
fn from_keys(object: &str, value: &[u8]) -> Lifetime {
    let pairs = pairs(object);
    let get = |names: &[&str]| pairs.iter().find(|pair| names.contains(&pair.folded.as_str()));
    let moment = |names: &[&str]| {
        let pair = get(names)?;
        let moment = Instant::parse(&pair.value).or_else(|| {
            Instant::from_epoch(pair.value.parse().ok().filter(|n| *n > 1_000_000_000)?)
        })?;
        Some((pair.name.clone(), moment))
    };
    if is_token_resource(&pairs, value)
        && get(&["enabled"]).is_some_and(|pair| pair.value.eq_ignore_ascii_case("false"))
    {
        return Lifetime::dead(Basis::Neighbour("enabled: false".to_owned()));
    }
    let issued = moment(&["created", "createddate", "issuedat", "iat", "issued"]).map(|(_, m)| m);
    if let Some((name, end)) = moment(&[
        "expirationdate", "expiration", "expires", "expiresat", "expireson", "expiry",
        "validuntil", "notafter", "expirydate", "exp",
    ]) {
        return Lifetime { issued, ..Lifetime::until(end, Basis::Neighbour(name)) };
    }
    // Zero and less are no length of a life.
    let seconds = get(&["secondstoexpiry", "expirationtimeout", "expiresin"]).and_then(|pair| {
        Some((pair.name.clone(), pair.value.parse::<i64>().ok().filter(|n| *n > 0)?))
    });
    match (seconds, issued) {
        (Some((name, seconds)), Some(issued)) => Lifetime {
            issued: Some(issued),
            ..Lifetime::until(issued.plus(seconds), Basis::Neighbour(name))
        },
        (Some((name, seconds)), None) => Lifetime::lasting(seconds, Basis::Neighbour(name)),
        _ => Lifetime::unknown(),
    }
}

/// Whether the object is a token's: `enabled` means the token only there. Elsewhere it means a
/// feature that happens to need one.
fn is_token_resource(pairs: &[Pair], value: &[u8]) -> bool {
    const TELLING: [&str; 7] = [
        "expirationdate", "expiration", "secondstoexpiry", "custompermissions", "restricted",
        "createddate", "owner",
    ];
    const ORDINARY: [&str; 9] = [
        "name", "description", "type", "user", "enabled", "token", "lastsavedate", "created",
        "updated",
    ];
    let tells = |pair: &Pair| TELLING.contains(&pair.folded.as_str());
    let is_fme = value.len() == 40 && value.iter().all(u8::is_ascii_hexdigit);
    let all_known = pairs.iter().all(|p| tells(p) || ORDINARY.contains(&p.folded.as_str()));
    pairs.iter().any(tells) || (is_fme && all_known)
}

/// A name and its value.
struct Pair {
    name: String,
    folded: String,
    value: String,
}

/// `name: value` and `name=value` pairs of a small piece of text.
fn pairs(object: &str) -> Vec<Pair> {
    let mut out = Vec::new();
    let mut rest = object;
    while let Some(at) = rest.find([':', '=']) {
        let (before, after) = rest.split_at(at);
        let after = after.get(1..).unwrap_or_default();
        let name = before.trim_end().trim_end_matches(['"', '\'', '\\']);
        let start = name
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')))
            .map_or(0, |i| i + 1);
        let name = name.get(start..).unwrap_or_default();
        let value = after.trim_start().trim_start_matches(['"', '\'', '\\', '=', '>']);
        let value = value
            .split(['"', '\'', ',', '}', '\n', '\r', '\\', '&', ')'])
            .next()
            .unwrap_or_default();
        let value = value.split(" #").next().unwrap_or_default().trim();
        if !name.is_empty() {
            out.push(Pair {
                name: name.to_owned(),
                folded: crate::name::fold(name.as_bytes()),
                value: value.to_owned(),
            });
        }
        rest = after;
    }
    out
}

/// How a basis begins that rests on the name alone.
const BY_NAME: &str = "its name, ";

/// Whether nothing but the name speaks. What the vendor documents of a kind is worth more.
pub fn is_by_name(life: &Lifetime) -> bool {
    matches!(&life.basis, Basis::Neighbour(what) if what.starts_with(BY_NAME))
}

/// A name that says it is not meant to last.
fn from_name(name: &str) -> Lifetime {
    let words = crate::name::words(name);
    let is = |wanted: &[&str]| words.iter().any(|w| wanted.contains(&w.as_str()));
    let pair = |a: &[&str], b: &str| {
        words.windows(2).any(|w| matches!(w, [x, y] if a.contains(&x.as_str()) && y.starts_with(b)))
    };
    let basis = Basis::Neighbour(format!("{BY_NAME}{name}"));
    let of_fme = is(&["fme", "flow", "fmeflow", "fmeserver", "fmetoken"]);
    // `getToken` is a method; `GET_TOKEN` is what the button on the REST page gave.
    let got = pair(&["get"], "token") && name.contains(['_', '-', ' ']);
    if pair(&["one", "1"], "hour") || (of_fme && got) {
        Lifetime::lasting(HOUR, basis)
    } else if of_fme && pair(&["session"], "token") {
        Lifetime::lasting(30 * MINUTE, basis)
    } else if got
        || is(&["temp", "temporary", "tmp", "shortlived", "ephemeral"])
        || pair(&["short"], "lived")
        || pair(&["session"], "token")
    {
        Lifetime::passing(basis)
    } else {
        Lifetime::unknown()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::LifeState;

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
        assert!(of("<!-- Get Token --><add token=\"VALUE\"/>\n", "VALUE").is_known());
    }

    #[test]
    fn a_token_that_is_switched_off_is_dead_and_a_feature_is_not() {
        let hex = "0a1b2c3d4e".repeat(4);
        let saved = format!(r#"{{"items":[{{"name":"a","enabled":false,"token":"{hex}"}}]}}"#);
        assert!(of(&saved, &hex).dead);
        let feature = format!(r#"{{"channel":"a","enabled":false,"token":"{hex}"}}"#);
        assert!(!of(&feature, &hex).is_known());
        for seconds in ["0", "-1"] {
            let object = format!(r#"{{"secondsToExpiry":{seconds},"token":"VALUE"}}"#);
            assert!(!of(&object, "VALUE").is_known());
        }
        let dated = r#"{"expirationDate":"2022-11-17T20:30:44Z","token":"VALUE"}"#;
        assert_eq!(of(dated, "VALUE").basis, Basis::Neighbour("expirationDate".to_owned()));
    }

    #[test]
    fn names_speak() {
        assert_eq!(from_name("FME_SESSION_TOKEN").life, Some(30 * MINUTE));
        assert_eq!(from_name("FME_GET_TOKEN").life, Some(HOUR));
        for name in ["GET_TOKEN", "SESSION_TOKEN", "tempToken", "short_lived_key"] {
            assert!(from_name(name).passing && is_by_name(&from_name(name)), "{name}");
        }
        for name in ["getToken", "session_secret", "template", "FME_TOKEN"] {
            assert!(!from_name(name).is_known(), "{name}");
        }
    }
}
