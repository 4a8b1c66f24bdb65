//! The template language of examples: `${kind:arg}` becomes an invented value, always the same one
//! for the same seed and the same words. An unknown kind stays as it is; `$${` is a plain `${`.
//!
//! | template | gives |
//! |---|---|
//! | `${hex:N}` `${HEX:N}` | hex digits |
//! | `${base62:N}` `${lower:N}` `${upper:N}` `${digit:N}` `${base32:N}` `${base64url:N}` | characters |
//! | `${uuid:}` | a version 4 UUID |
//! | `${base64:text}` | the text in base64 |
//! | `${basic:user}` | user and an invented password in base64, as `Basic` wants them |
//! | `${jwt:exp=+1h}` `${jwt:exp=-30d}` `${jwt:none}` | a token issued an hour before [`AT`], or before its end |
//! | `${jwt:exp=+1h,aud=name,scope=a b}` | the same with more claims; `nbf` is an offset, `alg` and `typ` go to its header |
//! | `${jwt-head:}` | its first part alone |

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::time::{HOUR, Instant, parse_duration};

/// The moment at which examples are judged.
pub const AT: &str = "2026-11-23T00:00:00Z";

/// Expands every template in `text`. The same template gives the same value everywhere in one rule.
pub fn expand(text: &str, seed: &str) -> String {
    replaced(text, |word| one(word, seed))
}

/// The text with every template in words, for people: `<40 hex digits>`.
pub fn in_words(text: &str) -> String {
    replaced(text, named)
}

/// The text with `with` in the place of each `${word}` that it knows.
fn replaced(text: &str, with: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let escaped = before.strip_suffix('$');
        out.push_str(escaped.unwrap_or(before));
        let known = after.split_once('}').filter(|_| escaped.is_none());
        if let Some((value, tail)) = known.and_then(|(word, tail)| Some((with(word)?, tail))) {
            out.push_str(&value);
            rest = tail;
        } else {
            out.push_str("${");
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

fn named(word: &str) -> Option<String> {
    let (kind, argument) = word.split_once(':')?;
    Some(match kind {
        "hex" | "HEX" => format!("<{argument} hex digits>"),
        "digit" => format!("<{argument} digits>"),
        "lower" | "upper" => format!("<{argument} letters>"),
        "base62" | "base32" | "base64url" => format!("<{argument} characters>"),
        "uuid" => "<a UUID>".to_owned(),
        "base64" => format!("<{argument} in base64>"),
        "basic" => format!("<base64 of {argument}:password>"),
        "jwt" => "<a JWT>".to_owned(),
        "jwt-head" => "<the first part of a JWT>".to_owned(),
        _ => return None,
    })
}

fn one(word: &str, seed: &str) -> Option<String> {
    let (kind, argument) = word.split_once(':')?;
    let draw = |set: &str| {
        let length: usize = argument.parse().ok()?;
        (length <= 4096).then(|| characters(set, length, &format!("{seed}/{word}")))
    };
    match kind {
        "hex" => draw("0123456789abcdef"),
        "HEX" => draw("0123456789ABCDEF"),
        "base62" => draw("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
        "base64url" => draw("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"),
        "base32" => draw("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
        "lower" => draw("abcdefghijklmnopqrstuvwxyz"),
        "upper" => draw("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        "digit" => draw("0123456789"),
        "uuid" => Some(uuid(&format!("{seed}/{word}"))),
        "base64" => Some(STANDARD.encode(argument)),
        "basic" => {
            let password =
                characters("abcdefghjkmnpqrstuvwxyz23456789", 14, &format!("{seed}/{word}"));
            Some(STANDARD.encode(format!("{argument}:{password}")))
        }
        "jwt" => jwt(argument, seed),
        "jwt-head" => jwt("none", seed).and_then(|t| t.split('.').next().map(str::to_owned)),
        _ => None,
    }
}

/// Characters of `set`, drawn by hashing the seed block by block.
fn characters(set: &str, length: usize, seed: &str) -> String {
    let set: Vec<char> = set.chars().collect();
    let limit = 256 / set.len() * set.len();
    (0u64..)
        .flat_map(|block| Sha256::digest(format!("{seed}:{block}")).to_vec())
        .map(usize::from)
        .filter(|byte| *byte < limit)
        .filter_map(|byte| set.get(byte % set.len()).copied())
        .take(length)
        .collect()
}

fn uuid(seed: &str) -> String {
    let hex = characters("0123456789abcdef", 32, seed);
    let part = |range| hex.get(range).unwrap_or_default();
    format!("{}-{}-4{}-a{}-{}", part(0..8), part(8..12), part(13..16), part(17..20), part(20..32))
}

/// A token issued an hour before [`AT`], or an hour before its end where that lies before it.
fn jwt(argument: &str, seed: &str) -> Option<String> {
    let at = Instant::parse(AT)?.epoch();
    let mut issued = at - HOUR;
    let mut header = BTreeMap::from([("alg", json("HS256")), ("typ", json("JWT"))]);
    let subject = json(&format!("svc-{seed}"));
    let mut claims = BTreeMap::from([("iss", json("https://login.example.org")), ("sub", subject)]);
    for option in argument.split(',').filter(|option| *option != "none") {
        let (name, value) = option.split_once('=')?;
        match name {
            "exp" | "nbf" => {
                let moment = at + offset(value)?;
                issued = if name == "exp" { issued.min(moment - HOUR) } else { issued };
                claims.insert(name, moment.into());
            }
            "alg" | "typ" => drop(header.insert(name, value.into())),
            _ => drop(claims.insert(name, value.into())),
        }
    }
    claims.insert("iat", issued.into());
    let part = |map: &BTreeMap<&str, serde_json::Value>| {
        URL_SAFE_NO_PAD.encode(serde_json::to_string(map).unwrap_or_default())
    };
    let signature = characters(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_",
        43,
        &format!("{seed}/{argument}"),
    );
    Some(format!("{}.{}.{signature}", part(&header), part(&claims)))
}

fn json(text: &str) -> serde_json::Value {
    text.into()
}

/// `+1h`, `-30d`: seconds from [`AT`].
fn offset(text: &str) -> Option<i64> {
    match text.split_at_checked(1)? {
        ("+", length) => parse_duration(length),
        ("-", length) => parse_duration(length).map(|seconds| -seconds),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_expand_and_others_stay() {
        let hex = expand("${hex:40}", "x");
        assert!(
            hex.len() == 40 && hex == expand("${hex:40}", "x") && hex != expand("${hex:40}", "y")
        );
        assert_eq!(
            expand("${TOKEN} ${secret:1} $${hex:4} ${{ x }}", "x"),
            "${TOKEN} ${secret:1} ${hex:4} ${{ x }}"
        );
        assert_eq!(expand("${jwt:exp=+1h}", "x").split('.').count(), 3);
        assert_eq!(expand("${base64:a:b}", "x"), "YTpi");
    }
}
