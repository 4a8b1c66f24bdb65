//! What a credential says of itself, held against what the server asks for and against the time of
//! the call: one bucket of a server (`invalid_token`) holds seven causes, and only this tells them
//! apart.

use crate::http::challenge::Challenge;
use crate::name::fold;
use crate::secret::Secret;
use crate::text::percent_decode;
use crate::time::Instant;
use crate::token::jwt::Jwt;
use crate::token::signed_url;

/// Clocks that differ by less than this explain nothing, in seconds: servers allow so much.
pub(super) const LEEWAY: i64 = 60;
/// An end or a start this close to the call may be the clocks, in seconds.
pub(super) const NEAR: i64 = 300;

/// What is known of a credential by itself.
#[derive(Debug, Default)]
pub struct Known {
    /// Its end.
    pub expires: Option<Instant>,
    /// Its start.
    pub starts: Option<Instant>,
    /// It says how long it lives, and there is no end.
    pub endless: bool,
    /// `alg`
    pub algorithm: Option<String>,
    /// `iss`
    pub issuer: Option<String>,
    /// `aud`
    pub audience: Vec<String>,
    /// Scopes, roles and the like.
    pub scopes: Vec<String>,
    /// Whether it carries scopes at all.
    pub has_scopes: bool,
    /// `access`, `refresh` or `identity`, where it says so.
    pub kind: Option<&'static str>,
    /// Whom it is about.
    pub subject: Option<String>,
}

impl Known {
    /// Of a token that can be taken apart.
    pub fn of_jwt(secret: &Secret) -> Self {
        let Some(jwt) = Jwt::read(secret) else { return Self::default() };
        let mut scopes = Vec::new();
        let mut has_scopes = false;
        for name in ["scope", "scp", "scopes", "permissions", "roles", "authorities", "groups"] {
            has_scopes |= jwt.claim(name).is_some();
            for words in jwt.words(name) {
                scopes.extend(words.split([' ', ',']).filter(|w| !w.is_empty()).map(str::to_owned));
            }
        }
        // The registry's token: `access: [{type, name, actions: […]}]`.
        if let Some(serde_json::Value::Array(list)) = jwt.claim("access") {
            has_scopes = true;
            for entry in list {
                let word =
                    |name: &str| entry.get(name).and_then(|v| v.as_str()).unwrap_or_default();
                let actions = entry.get("actions").and_then(|v| v.as_array());
                for action in actions.into_iter().flatten().filter_map(|a| a.as_str()) {
                    scopes.push(format!("{}:{}:{action}", word("type"), word("name")));
                }
            }
        }
        let expires = jwt.moment("exp");
        Self {
            expires,
            starts: jwt.moment("nbf"),
            endless: expires.is_none() && jwt.claim("exp").is_none(),
            algorithm: jwt.header("alg").map(str::to_owned),
            issuer: jwt.word("iss").map(str::to_owned),
            audience: jwt.words("aud").into_iter().map(str::to_owned).collect(),
            scopes,
            has_scopes,
            kind: kind(&jwt),
            subject: ["preferred_username", "username", "email", "upn", "user_name", "sub"]
                .iter()
                .find_map(|name| jwt.word(name))
                .map(str::to_owned),
        }
    }

    /// Of the parameters beside a signature in an address, as they are written there.
    pub fn of_signed_address(parameters: &[(String, String)]) -> Self {
        let plain: Vec<(String, String)> = parameters
            .iter()
            .map(|(name, value)| {
                let name = name.strip_prefix("amp;").unwrap_or(name);
                let value = percent_decode(value.as_bytes());
                (fold(name.as_bytes()), crate::text::lossless(&value).into_owned())
            })
            .collect();
        let named = |wanted: &str| plain.iter().find(|(name, _)| name == wanted);
        if let Some((_, end)) = named("se") {
            return Self {
                expires: Instant::parse(end),
                starts: named("st").and_then(|(_, start)| Instant::parse(start)),
                ..Self::default()
            };
        }
        let life = [
            signed_url::basic_dates(&plain, "xamzdate", "xamzexpires", "X-Amz-Expires"),
            signed_url::basic_dates(&plain, "xgoogdate", "xgoogexpires", "X-Goog-Expires"),
            signed_url::epoch(&plain),
        ];
        let life = life.into_iter().find(|life| life.expires.is_some());
        Self {
            expires: life.as_ref().and_then(|l| l.expires),
            starts: life.and_then(|l| l.issued),
            ..Self::default()
        }
    }

    /// The word of `claims.expiry` at the time of the call.
    pub fn expiry(&self, at: Option<Instant>) -> Option<&'static str> {
        match (self.expires, at) {
            (Some(end), Some(at)) if at.since(end) >= 0 => Some("past"),
            (Some(end), Some(at)) if end.since(at) < LEEWAY => Some("near"),
            (Some(_), Some(_)) => Some("future"),
            (None, _) if self.endless => Some("none"),
            _ => None,
        }
    }

    /// The word of `claims.start` at the time of the call.
    pub fn start(&self, at: Option<Instant>) -> Option<&'static str> {
        let (start, at) = (self.starts?, at?);
        Some(match start.since(at) {
            ahead if ahead >= NEAR => "future",
            ahead if ahead > 0 => "near",
            _ => "past",
        })
    }

    /// The word of `claims.audience`: whom it is for, against the name the server gives itself.
    pub fn audience(&self, challenges: &[Challenge]) -> Option<&'static str> {
        let names: Vec<&str> = ["service", "resource", "audience"]
            .iter()
            .flat_map(|name| challenges.iter().filter_map(|c| c.parameter(name)))
            .filter(|name| !name.is_empty())
            .collect();
        if names.is_empty() || self.audience.is_empty() {
            return None;
        }
        let named = self.audience.iter().any(|aud| names.contains(&aud.as_str()));
        Some(if named { "named" } else { "other" })
    }

    /// The scopes that a challenge asks for and the token lacks. `None`: it cannot be told.
    pub fn missing(&self, needed: &[String]) -> Option<Vec<String>> {
        if needed.is_empty() || !self.has_scopes {
            return None;
        }
        let lacks = |scope: &&String| !self.scopes.iter().any(|own| own == *scope);
        Some(needed.iter().filter(lacks).cloned().collect())
    }
}

/// What a token says that it is for.
fn kind(jwt: &Jwt) -> Option<&'static str> {
    let typ = jwt.header("typ").unwrap_or_default().to_ascii_lowercase();
    for name in ["token_type", "token_use", "typ", "tokenType", "type", "use"] {
        match jwt.word(name).map(str::to_ascii_lowercase).as_deref() {
            Some("refresh" | "offline" | "refresh_token" | "refreshtoken") => {
                return Some("refresh");
            }
            Some("id" | "id_token" | "identity") => return Some("identity"),
            Some("access" | "access_token" | "bearer" | "accesstoken") => return Some("access"),
            _ => {}
        }
    }
    if typ == "at+jwt" || typ == "application/at+jwt" {
        return Some("access");
    }
    // What OpenID Connect puts into identity tokens alone.
    let is_identity = jwt.claim("at_hash").is_some()
        || (jwt.claim("nonce").is_some()
            && jwt.claim("scope").is_none()
            && jwt.claim("scp").is_none());
    is_identity.then_some("identity")
}

/// The scopes in the `scope` of a challenge: by blanks, and the registry's `kind:name:a,b` taken
/// apart into its actions.
pub(super) fn needed(challenges: &[Challenge]) -> Vec<String> {
    let mut out = Vec::new();
    for scope in challenges.iter().filter_map(|c| c.parameter("scope")) {
        for word in scope.split_whitespace() {
            match word.rsplit_once(':') {
                Some((what, actions)) if actions.contains(',') && what.contains(':') => {
                    out.extend(actions.split(',').map(|action| format!("{what}:{action}")));
                }
                _ => out.push(word.to_owned()),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    fn token(payload: &str) -> Secret {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        Secret::new(format!("{}.{}.c2ln", part(r#"{"alg":"RS256"}"#), part(payload)).as_bytes())
    }

    #[test]
    fn claims_are_held_against_the_call() {
        let at = Instant::from_epoch(1_800_000_000);
        let known = Known::of_jwt(&token(
            r#"{"exp":1799990000,"nbf":1799980000,"aud":["a","b"],"scope":"read write","token_type":"refresh"}"#,
        ));
        assert_eq!((known.expiry(at), known.start(at)), (Some("past"), Some("past")));
        assert_eq!(known.kind, Some("refresh"));
        let challenge = crate::http::challenge::parse(r#"Bearer service="b", scope="write admin""#);
        assert_eq!(known.audience(&challenge), Some("named"));
        assert_eq!(known.missing(&needed(&challenge)), Some(vec!["admin".to_owned()]));
        let other = crate::http::challenge::parse(r#"Bearer service="c""#);
        assert_eq!(known.audience(&other), Some("other"));
        assert_eq!(Known::of_jwt(&token("{}")).expiry(at), Some("none"));
        assert_eq!(Known::of_jwt(&Secret::new(b"x")).expiry(at), None);
    }

    #[test]
    fn the_actions_of_a_registry_are_scopes() {
        let known = Known::of_jwt(&token(
            r#"{"access":[{"type":"repository","name":"team/app","actions":["pull"]}]}"#,
        ));
        let challenge =
            crate::http::challenge::parse(r#"Bearer scope="repository:team/app:pull,push""#);
        let missing = known.missing(&needed(&challenge));
        assert_eq!(missing, Some(vec!["repository:team/app:push".to_owned()]));
    }
}
