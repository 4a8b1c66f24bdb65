//! JSON Web Tokens (RFC 7519): claims are read, signatures are not judged. What a token claims is
//! reported as a claim.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::secret::Secret;
use crate::shape::looks_random;
use crate::time::{Basis, Instant, Lifetime};

/// The largest token that is decoded, in bytes.
const TOKEN_MAX: usize = 64 * 1024;
/// From this length on a part of a claim that looks drawn at random is not shown, in bytes.
const PART_MAX: usize = 12;

/// What a token claims about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// `alg` of the header.
    pub algorithm: Option<String>,
    /// `iss`
    pub issuer: Option<String>,
    /// `aud`, or the first of several
    pub audience: Option<String>,
    /// `iat`
    pub issued: Option<Instant>,
    /// `nbf`
    pub not_before: Option<Instant>,
    /// `exp`
    pub expires: Option<Instant>,
    /// There is an `exp`, and it is no moment.
    pub unreadable_end: bool,
}

/// A token taken apart.
#[derive(Debug)]
pub struct Jwt {
    header: serde_json::Map<String, serde_json::Value>,
    payload: serde_json::Map<String, serde_json::Value>,
}

impl Jwt {
    /// Takes a token apart; `None` for what is none.
    #[expect(clippy::disallowed_methods, reason = "claims are read from the value itself")]
    pub fn read(secret: &Secret) -> Option<Self> {
        let bytes = secret.expose();
        if bytes.len() > TOKEN_MAX {
            return None;
        }
        let mut parts = bytes.split(|b| *b == b'.');
        Some(Self { header: object(parts.next()?)?, payload: object(parts.next()?)? })
    }

    /// A word of the header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.header.get(name)?.as_str()
    }

    /// A claim as it is written.
    pub fn claim(&self, name: &str) -> Option<&serde_json::Value> {
        self.payload.get(name)
    }

    /// A claim that is one word.
    pub fn word(&self, name: &str) -> Option<&str> {
        self.payload.get(name)?.as_str()
    }

    /// A claim that is a list of words, or one word.
    pub fn words(&self, name: &str) -> Vec<&str> {
        match self.payload.get(name) {
            Some(serde_json::Value::String(word)) => vec![word],
            Some(serde_json::Value::Array(list)) => {
                list.iter().filter_map(|w| w.as_str()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// A claim that is a moment.
    pub fn moment(&self, name: &str) -> Option<Instant> {
        self.payload.get(name).and_then(number).and_then(date)
    }
}

/// Decodes header and payload.
pub fn claims(secret: &Secret) -> Option<Claims> {
    let Jwt { header, payload } = Jwt::read(secret)?;
    let word = |map: &serde_json::Map<String, serde_json::Value>, name: &str| {
        map.get(name).and_then(|v| v.as_str()).map(str::to_owned)
    };
    let moment = |name: &str| payload.get(name).and_then(number).and_then(date);
    let expires = moment("exp");
    Some(Claims {
        algorithm: word(&header, "alg"),
        issuer: word(&payload, "iss"),
        audience: word(&payload, "aud").or_else(|| {
            payload.get("aud")?.as_array()?.iter().find_map(|a| a.as_str()).map(str::to_owned)
        }),
        issued: moment("iat"),
        not_before: moment("nbf"),
        expires,
        unreadable_end: expires.is_none() && payload.contains_key("exp"),
    })
}

/// A NumericDate, which may carry a fraction or stand in quotes.
fn number(value: &serde_json::Value) -> Option<i64> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a date beyond i64 saturates and is refused as a moment"
    )]
    value
        .as_i64()
        .or_else(|| value.as_f64().map(|f| f as i64))
        .or_else(|| value.as_str()?.parse().ok())
}

/// A claim without the user, the password and the query of an address, and without any part that looks
/// like a secret.
pub fn harmless(text: &str) -> String {
    let address = text.get(..text.find(['?', '#']).unwrap_or(text.len())).unwrap_or(text);
    let parts = address.split('/').map(|part| {
        let own = part.rsplit('@').next().unwrap_or_default();
        if looks_random(own.as_bytes(), PART_MAX) { "…" } else { own }
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Seconds, as the standard has it, or the milliseconds of a common mistake.
fn date(number: i64) -> Option<Instant> {
    const LAST_SECOND: i64 = 100_000_000_000;
    Instant::from_epoch(if number > LAST_SECOND { number / 1000 } else { number })
}

fn object(part: &[u8]) -> Option<serde_json::Map<String, serde_json::Value>> {
    let trimmed: &[u8] =
        part.strip_suffix(b"==").or_else(|| part.strip_suffix(b"=")).unwrap_or(part);
    let json = URL_SAFE_NO_PAD.decode(trimmed).ok()?;
    match serde_json::from_slice(&json).ok()? {
        serde_json::Value::Object(map) => Some(map),
        _ => None,
    }
}

/// From issue to `exp`; without `exp` it does not expire by itself.
pub fn lifetime(secret: &Secret) -> Lifetime {
    let Some(claims) = claims(secret) else {
        return Lifetime::unknown();
    };
    match claims.expires {
        Some(expires) => Lifetime {
            issued: claims.issued,
            not_before: claims.not_before,
            ..Lifetime::until(expires, Basis::Claim("exp".to_owned()))
        },
        None if claims.unreadable_end => Lifetime::unknown(),
        None => Lifetime::permanent(Basis::Claim("no exp".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(payload: &str) -> Secret {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        Secret::new(format!("{}.{}.c2ln", part(r#"{"alg":"HS256"}"#), part(payload)).as_bytes())
    }

    #[test]
    fn claims_become_a_lifetime() {
        let life = lifetime(&token(r#"{"iat":1700000000,"exp":1700003600}"#));
        assert_eq!(life.expires.map(Instant::epoch), Some(1_700_003_600));
        assert_eq!(life.whole_life(life.expires.unwrap()), Some(3600));
        assert!(lifetime(&token("{}")).permanent);
        assert_eq!(
            lifetime(&token(r#"{"exp":"1700003600"}"#)).expires.map(Instant::epoch),
            Some(1_700_003_600)
        );
        assert!(!lifetime(&Secret::new(b"no.jwt.here")).is_known());
        for odd in ["9e99", "\"soon\"", "1e30", "null", "[]"] {
            assert!(!lifetime(&token(&format!(r#"{{"exp":{odd}}}"#))).is_known(), "{odd}");
        }
        let later = lifetime(&token(r#"{"nbf":1900000000,"exp":1900003600}"#));
        let at = Instant::from_epoch(1_800_000_000).unwrap();
        assert_eq!(later.issued, None);
        assert!(
            later
                .in_words(at)
                .starts_with("not valid before 2030-03-17T17:46:40Z, dies in 3 years")
        );
        let after = Instant::from_epoch(1_900_000_001).unwrap();
        assert!(later.in_words(after).starts_with("dies in 59 min"), "{}", later.in_words(after));
        let milliseconds = lifetime(&token(r#"{"exp":1795564800000}"#));
        assert_eq!(milliseconds.expires.map(Instant::epoch), Some(1_795_564_800));
    }
}
