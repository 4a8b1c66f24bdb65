//! The closed vocabulary of facts: the only words that `when:` in a rule may use.
//!
//! A lint and a cause are both decided by facts. The list is closed on purpose: a rule that needs a
//! new fact gets it here, typed and documented, and not by an expression language. Keep it flat and
//! alphabetical.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// A fact: its word, what it says, and the words it can hold (empty: free text).
#[derive(Debug)]
pub struct FactSpec {
    /// The word used in rules.
    pub word: &'static str,
    /// What it says.
    pub about: &'static str,
    /// The values it can hold; empty means any text.
    pub values: &'static [&'static str],
    /// Whether it takes a parameter in brackets: `response.header[server]`.
    pub parameter: bool,
}

const fn fact(
    word: &'static str,
    about: &'static str,
    values: &'static [&'static str],
) -> FactSpec {
    FactSpec { word, about, values, parameter: false }
}

const fn keyed(word: &'static str, about: &'static str) -> FactSpec {
    FactSpec { word, about, values: &[], parameter: true }
}

/// Every fact, in alphabetical order.
pub const FACTS: &[FactSpec] = &[
    fact("artifact.environment", "where the artifact runs", &["production", "non-production"]),
    fact("artifact.path", "where the artifact lies, from where the command runs", &[]),
    fact(
        "artifact.purpose",
        "what the artifact is part of",
        &["product", "test", "sample", "docs", "manual", "collector", "translation", "generated"],
    ),
    fact(
        "artifact.role",
        "what the artifact is for",
        &["code", "script", "config", "api", "workspace", "log", "docs", "template", "other"],
    ),
    fact("body.asks-for-password", "a page with a field for a password", &["yes"]),
    keyed("body.json", "a value of the JSON in the body, by its pointer (RFC 6901)"),
    fact("body.kind", "what the body is", &["empty", "json", "xml", "html", "text", "unknown"]),
    fact("body.text", "what a reader would see of the body", &[]),
    keyed("body.xml", "the text of an element in the body, by its lower-case name"),
    fact("challenge.error", "the `error` of a challenge (RFC 6750)", &[]),
    fact(
        "challenge.match",
        "the scheme that was sent, against those which the server offers",
        &["offered", "other", "none-sent", "none-offered"],
    ),
    keyed("challenge.parameter", "a parameter of a challenge, by its lower-case name"),
    fact("challenge.realm", "the realm of a challenge", &[]),
    fact("challenge.scheme", "the schemes which the server offers, lower-case", &[]),
    fact("challenge.scope", "the scopes it asks for", &[]),
    fact("claims.algorithm", "the signing algorithm of a token (`alg`)", &[]),
    fact(
        "claims.audience",
        "whom the token is for (`aud`), against the name which the server gives itself",
        &["named", "other"],
    ),
    fact(
        "claims.expiry",
        "the end of a token, at the time of the call",
        &["past", "near", "future", "none"],
    ),
    fact(
        "claims.issuer",
        "who issued the token (`iss`), against whom the server names",
        &["named", "other"],
    ),
    fact(
        "claims.scope",
        "the scopes of the token, against those which are asked for",
        &["enough", "lacking"],
    ),
    fact(
        "claims.start",
        "the start of a token, at the time of the call",
        &["past", "near", "future"],
    ),
    fact("claims.type", "what a token says it is for", &["access", "refresh", "identity"]),
    fact(
        "clock.skew",
        "how far the clocks of the server and of the call are apart",
        &["small", "large"],
    ),
    fact(
        "credential.carriers",
        "in how many places of the call a credential is",
        &["none", "one", "several"],
    ),
    fact(
        "credential.class",
        "what sort of credential it is",
        &["token", "key", "password", "signature", "session", "identity", "obfuscated"],
    ),
    fact(
        "credential.crowd",
        "more than three credentials of its kind are in the same artifact",
        &["yes", "no"],
    ),
    fact(
        "credential.damage",
        "what happened to it on the way",
        &[
            "amp-name", "case-changed", "control", "cut", "double-encoded", "no-base64",
            "no-colon", "no-name", "plus", "quoted", "scheme-inside", "underscore-name",
            "whitespace",
        ],
    ),
    fact("credential.expiring", "dies within the window of the config", &["yes", "no"]),
    fact(
        "credential.form",
        "what it looks like",
        &["jwt", "basic", "signature", "hex", "base64", "opaque", "word", "parameters"],
    ),
    fact("credential.kind", "the id of its rule", &[]),
    fact("credential.life", "its whole life", &["short", "long", "unknown"]),
    fact(
        "credential.lifetime",
        "its state at the moment of the decision",
        &["permanent", "temporary", "expired", "unknown"],
    ),
    fact("credential.name", "the name it is carried under, without case and separators", &[]),
    fact(
        "credential.place",
        "where in the protocol it travels",
        &[
            "url-query", "url-fragment", "url-matrix", "url-path", "userinfo", "header", "cookie",
            "body", "query-object", "assignment", "log-line", "bare", "none",
        ],
    ),
    fact("credential.prefixed", "whether its kind is known by a prefix of its own", &["yes", "no"]),
    fact("credential.publishable", "made to be public by its vendor", &["yes", "no"]),
    fact(
        "credential.retired",
        "the vendor retired this form before the moment of the decision",
        &["yes", "no"],
    ),
    fact("credential.scheme", "the scheme before it, lower-case; `none` for a bare value", &[]),
    fact(
        "credential.sent",
        "whether one was sent at all; `unknown` where the fields were not recorded",
        &["yes", "no", "unknown"],
    ),
    fact(
        "credential.shown",
        "what stands around it says that it is a sample or data of a test",
        &["yes", "no"],
    ),
    fact(
        "credential.signed",
        "a token of OAuth 1, which is of no use without the signature of its call",
        &["yes", "no"],
    ),
    fact(
        "credential.value",
        "what is carried",
        &[
            "literal", "variable", "placeholder", "redacted", "empty", "demanded", "logged",
            "nothing",
        ],
    ),
    fact(
        "redirect.credential",
        "what a client does with the credential there",
        &["kept", "dropped"],
    ),
    fact("redirect.origin", "where a redirect leads", &["same", "other", "downgraded"]),
    fact("redirect.path", "the path to which a redirect leads", &[]),
    fact("refusal.code", "the machine words of an answer: OAuth errors, vendor codes", &[]),
    fact("refusal.words", "the sentences of an answer, from body, challenge and headers", &[]),
    fact("request.body", "whether a body was sent", &["yes", "no"]),
    fact("request.cookie", "whether cookies were sent", &["session", "other", "none"]),
    fact(
        "request.form",
        "whether the service reads this form of credential",
        &["read", "unread", "unknown"],
    ),
    fact("request.header", "header names that were sent, lower-case", &[]),
    fact("request.host", "the host that is called, lower-case", &[]),
    fact("request.host-kind", "what kind of host it is", &["loopback", "remote", "unknown"]),
    fact(
        "request.host-sent",
        "the `Host` that was sent, against the host of the address",
        &["same", "other"],
    ),
    fact("request.method", "the method, upper-case", &[]),
    fact("request.parameter", "names of query parameters that were sent", &[]),
    fact("request.path", "the path that is called", &[]),
    fact("request.port", "the port that is called", &[]),
    fact("request.query", "the query of the address, as it is written", &[]),
    fact(
        "request.scheme",
        "the scheme of the address",
        &["http", "https", "ws", "wss", "other", "unknown"],
    ),
    keyed("response.header", "a header of the response, by its lower-case name"),
    fact(
        "response.kind",
        "what the status says: `refused` is 401, 403, 407 and their kin, `none` no answer at all",
        &["success", "redirect", "refused", "bad-request", "client-error", "server-error", "none"],
    ),
    fact("response.status", "the status code", &[]),
    fact("server.logging", "a server config that writes credentials into its log", &["yes"]),
    fact(
        "server.product",
        "the products named by `Server`, `Via` and `Proxy-Status`, lower-case",
        &[],
    ),
    fact("service.id", "the service that is called", &[]),
    fact(
        "service.state",
        "what became of the API that is called",
        &["current", "retiring", "retired"],
    ),
    keyed(
        "trial.result",
        "what a probe came to, by its name: accepted, same as before, differs, failed",
    ),
    keyed("trial.status", "the status of a probe, by its name"),
];

/// The word of a fact in a rule, checked: it exists, and has a parameter exactly when it must.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactName {
    word: &'static str,
    parameter: Option<String>,
}

impl FactName {
    /// Reads `word` or `word[parameter]`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (word, parameter) = match text.split_once('[') {
            Some((word, rest)) => match rest.strip_suffix(']') {
                Some(parameter) if word == "body.json" => (word, Some(parameter.to_owned())),
                Some(parameter) => (word, Some(parameter.to_ascii_lowercase())),
                None => {
                    return Err(format!(
                        "fact {} lacks its closing bracket",
                        quoted(word, "with `[`")
                    ));
                }
            },
            None => (text, None),
        };
        let Some(spec) = FACTS.iter().find(|f| f.word == word) else {
            return Err(format!(
                "unknown fact {}{}",
                quoted(word, "of another form than `response.status`"),
                nearest(word, FACTS.iter().map(|f| f.word))
            ));
        };
        match (spec.parameter, &parameter) {
            (true, None) => Err(format!("fact `{word}` needs a parameter: `{word}[…]`")),
            (false, Some(_)) => Err(format!("fact `{word}` takes no parameter")),
            _ => Ok(Self { word: spec.word, parameter }),
        }
    }

    /// What is known about this fact.
    pub fn spec(&self) -> Option<&'static FactSpec> {
        FACTS.iter().find(|f| f.word == self.word)
    }
}

impl fmt::Display for FactName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.parameter {
            Some(parameter) => write!(f, "{}[{parameter}]", self.word),
            None => f.write_str(self.word),
        }
    }
}

/// The longest word for which a neighbour is looked up, in bytes: comparing costs its square.
const TYPED_MAX: usize = 64;

/// `, did you mean …?` with the nearest of `words`, or with the one that `typed` begins, or nothing
/// when none is near.
pub fn nearest<'w>(typed: &str, words: impl Iterator<Item = &'w str>) -> String {
    if typed.len() > TYPED_MAX {
        return String::new();
    }
    let near = |word: &str| {
        let distance = strsim::damerau_levenshtein(typed, word);
        let begins = typed.len() >= 3 && word.starts_with(typed);
        (distance <= (word.len() / 3).max(2) || begins).then_some((begins, distance))
    };
    words
        .filter_map(|word| near(word).map(|rank| (rank, word)))
        .min()
        .map(|(_, word)| format!(", did you mean `{word}`?"))
        .unwrap_or_default()
}

/// What was typed, in backticks, when it looks like a word of ours; else `otherwise`. A value that
/// was put in the wrong place may be a secret, and nothing tells the two apart but their looks.
pub fn quoted(typed: &str, otherwise: &str) -> String {
    if looks_like_word(typed) { format!("`{typed}`") } else { otherwise.to_owned() }
}

/// Short words of lower-case letters, joined by `-`, `_` or `.`: an id, a key, a fact.
pub fn looks_like_word(typed: &str) -> bool {
    typed.len() <= 48
        && typed.split(['-', '_', '.']).all(|part| {
            (1..=14).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_lowercase())
        })
}

/// What is known: words and their values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts(BTreeMap<Cow<'static, str>, Vec<String>>);

impl Facts {
    /// Adds a value. `word` is written as in rules, with its parameter.
    pub fn add(&mut self, word: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        let word = word.into();
        debug_assert!(FactName::parse(&word).is_ok(), "unknown fact {word}");
        self.0.entry(word).or_default().push(value.into());
    }

    /// The values of a fact.
    pub fn get(&self, name: &FactName) -> &[String] {
        let values = match name.parameter {
            None => self.0.get(name.word),
            Some(_) => self.0.get(name.to_string().as_str()),
        };
        values.map(Vec::as_slice).unwrap_or_default()
    }

    /// The first value of a fact, by its word.
    pub fn first(&self, word: &str) -> Option<&str> {
        self.0.get(word).and_then(|values| values.first()).map(String::as_str)
    }

    /// Every fact with its values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().map(|(word, values)| (word.as_ref(), values.as_slice()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vocabulary_is_sorted_and_closed() {
        assert!(FACTS.windows(2).all(|pair| pair[0].word < pair[1].word));
        assert_eq!(
            FactName::parse("credential.plase").unwrap_err(),
            "unknown fact `credential.plase`, did you mean `credential.place`?"
        );
        assert!(!FactName::parse("aB3dE5fG7h").unwrap_err().contains("aB3d"));
        assert!(FactName::parse("response.header").is_err());
        assert!(FactName::parse("response.status[x]").is_err());
        assert!(FactName::parse("response.header[Server]").is_ok());
    }

    #[test]
    fn only_words_are_repeated() {
        for word in ["severty", "credential-in-qery", "fingerprint_key", "credential.plase"] {
            assert_eq!(quoted(word, "this"), format!("`{word}`"));
        }
        for value in ["", "hunter2", "9f3ab2c4d5e6", "aBcD", "abcdefghijklmnopqrst", "a b", "-"] {
            assert_eq!(quoted(value, "this"), "this");
        }
    }

    #[test]
    fn the_nearest_word_is_found_by_its_beginning_too() {
        let words = ["production", "non-production"];
        assert_eq!(nearest("prod", words.into_iter()), ", did you mean `production`?");
        assert_eq!(nearest("prodution", words.into_iter()), ", did you mean `production`?");
        assert_eq!(nearest("x", words.into_iter()), "");
        assert_eq!(nearest(&"production".repeat(1000), words.into_iter()), "");
    }
}
