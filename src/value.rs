//! What a carried value is: a literal, a variable, a placeholder, something redacted, or nothing.
//!
//! This decides more findings than any pattern does. `?token=${TOKEN}` is a habit to mend,
//! `Authorization: Bearer ${TOKEN}` is the good pattern, `?token=<yourToken>` is documentation, and
//! only a literal is a credential.

use crate::http::uri;
use crate::name::{each_word, words};
use crate::rule::lexicon::Lexicon;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValueKind {
    /// The thing itself.
    Literal,
    /// It comes from elsewhere at run time.
    Variable,
    /// It stands for a value which the reader is to fill in, or is a documented sample.
    Placeholder,
    /// It was masked or encrypted.
    Redacted,
    /// Nothing.
    Empty,
    /// No value at all: a description demands one here (`in: query`).
    Demanded,
    /// No value at all: a log format writes down whatever comes here.
    Logged,
}

impl ValueKind {
    /// The word that rules use.
    pub fn as_str(self) -> &'static str {
        match self {
            ValueKind::Literal => "literal",
            ValueKind::Variable => "variable",
            ValueKind::Placeholder => "placeholder",
            ValueKind::Redacted => "redacted",
            ValueKind::Empty => "empty",
            ValueKind::Demanded => "demanded",
            ValueKind::Logged => "logged",
        }
    }
}

/// Whether single braces (`{token}`) are live where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Braces {
    /// An interpolated string, or one that a formatting call follows.
    Live,
    /// Plain text: a template that somebody fills in.
    Inert,
}

/// Classifies the raw bytes of a value, without its quotes.
pub fn classify(raw: &[u8], braces: Braces, lexicon: &Lexicon) -> ValueKind {
    let raw = raw.trim_ascii();
    if raw.is_empty() {
        return ValueKind::Empty;
    }
    if is_redacted(raw) {
        return ValueKind::Redacted;
    }
    match variable(raw) {
        None if is_cmdlet(raw, lexicon) => return ValueKind::Variable,
        Some(Reference::Live) => return ValueKind::Variable,
        Some(Reference::Brace) => {
            return match braces {
                Braces::Live => ValueKind::Variable,
                Braces::Inert => ValueKind::Placeholder,
            };
        }
        None => {}
    }
    if is_placeholder(raw, lexicon) { ValueKind::Placeholder } else { ValueKind::Literal }
}

/// `New-AzStorageContainerSASToken`: a command of PowerShell, which makes the value.
fn is_cmdlet(raw: &[u8], lexicon: &Lexicon) -> bool {
    let Some(dash) = memchr::memchr(b'-', raw) else { return false };
    let (verb, noun) = (raw.get(..dash).unwrap_or_default(), raw.get(dash + 1..));
    noun.is_some_and(|n| n.len() >= 3 && n.iter().all(u8::is_ascii_alphabetic))
        && raw.first().is_some_and(u8::is_ascii_uppercase)
        && lexicon.is_cmdlet_verb(&crate::text::lossless(verb).to_lowercase())
}

/// A reference found at the start of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reference {
    /// Alive in any language that would write it.
    Live,
    /// `{name}`: alive only in an interpolated string.
    Brace,
}

/// Whether the value is, or begins with, a reference to something else.
fn variable(raw: &[u8]) -> Option<Reference> {
    let word = |skip: usize| {
        raw.iter().skip(skip).take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count()
    };
    match raw {
        [b'`', b'"', rest @ ..] => variable(rest),
        // PowerShell's `` `"$secret`" ``, and the default of a shell's variable: `-${SECRET:-…}`.
        [b'"' | b'-', b'$', ..] => raw.get(1..).and_then(variable),
        [b'$' | b'#' | b'%' | b'*', b'{', ..]
        | [b'{', b'{' | b'%' | b'$', ..]
        | [b'(', b'$', ..]
        | [b'<', b'%' | b'?', ..] => Some(Reference::Live),
        [b'$' | b'\\', b'(', ..] => uri::unit(raw, 0, raw.len()).map(|_| Reference::Live),
        [b'$', b'$' | b'@', next, ..] if next.is_ascii_alphabetic() => Some(Reference::Live),
        [b'$', next, ..] if next.is_ascii_alphabetic() || *next == b'_' => Some(Reference::Live),
        [b'$', b'1'..=b'9' | b'*' | b'@'] => Some(Reference::Live),
        [b'@', next, ..] if next.is_ascii_alphabetic() && raw.get(1 + word(1)) == Some(&b'(') => {
            Some(Reference::Live)
        }
        [b'%', b'(', ..] => Some(Reference::Live),
        [b'%', b'%', next, ..] if next.is_ascii_alphabetic() => Some(Reference::Live),
        [b'%' | b'!', next, ..] if next.is_ascii_alphabetic() || *next == b'_' => {
            let len = word(1);
            let hex =
                len == 2 && raw.get(1..3).is_some_and(|h| h.iter().all(u8::is_ascii_hexdigit));
            if raw.get(1 + len) == raw.first() && len >= 2 && !hex {
                return Some(Reference::Live); // %NAME% and !NAME!, but not %F0%9F
            }
            // printf: %s, %v, %d, %@ and the like stand alone.
            (raw.len() == 2 && matches!(next, b's' | b'v' | b'd' | b'q' | b'i' | b'S'))
                .then_some(Reference::Live)
                .or_else(|| named_reference(raw))
        }
        [b'%', b'@'] => Some(Reference::Live),
        [b'%', b'0'..=b'9', b'$', ..] => Some(Reference::Live),
        _ if raw.starts_with(b"{env.") => Some(Reference::Live),
        [b'{', ..] => match uri::unit(raw, 0, raw.len()) {
            Some(len) if raw.get(1) != Some(&b'"') && len <= 80 => Some(Reference::Brace),
            _ => None,
        },
        _ => named_reference(raw).or_else(|| member(raw)),
    }
}

/// `settings.auth.password`, `.Values.auth.rootPassword`, `__ENV.TOKEN`: a member of something.
fn member(raw: &[u8]) -> Option<Reference> {
    let inner = raw.strip_prefix(b".").unwrap_or(raw);
    let path = inner.split(|b| matches!(b, b'(' | b'[')).next().unwrap_or_default();
    let mut parts = 0;
    for part in path.split(|b| *b == b'.') {
        let letters = part.iter().filter(|b| b.is_ascii_alphabetic()).count();
        let plain = part.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$'))
            && part.first().is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'$'));
        if !plain || letters < part.len() * 3 / 4 || part.len() > 32 {
            return None;
        }
        let words = words(&crate::text::lossless(part));
        if words.iter().map(String::len).sum::<usize>() < 3 * words.len() {
            return None;
        }
        parts += 1;
    }
    (parts >= 2).then_some(Reference::Live)
}

/// References that begin with a word: stores, environments, sealed values.
fn named_reference(raw: &[u8]) -> Option<Reference> {
    const HEADS: &[&str] = &[
        "process.env", "os.environ", "os.getenv", "getenv(", "env(", "env.", "import.meta.env",
        "secrets.", "vars.", "var.", "local.", "data.", "op://", "vault:", "vault/", "vault://",
        "ref+", "akv:", "ssm:", "arn:aws:secretsmanager:", "arn:aws:ssm:", "projects/", "!ref",
        "!sub", "!env", "!vault", "!secret", "fn::", "keyring:", "lookup(", "sm://", "awssm://",
        "file:", "file://", "system.getenv", "environment.getenv", "std.env", "config.",
        "settings.", "@microsoft.keyvault", "var(",
    ];
    let starts = |head: &&str| {
        raw.len() >= head.len()
            && raw.iter().zip(head.bytes()).all(|(a, b)| a.to_ascii_lowercase() == b)
    };
    HEADS.iter().any(starts).then_some(Reference::Live)
}

/// Beginnings of hashes of passwords, as crypt, LDAP and frameworks write them.
const HASHES: &[&[u8]] = &[
    b"$1$", b"$2a$", b"$2b$", b"$2y$", b"$5$", b"$6$", b"$apr1$", b"$argon2", b"{ssha", b"{sha",
    b"{bcrypt}", b"{crypt}", b"pbkdf2", b"scrypt:", b"$pbkdf2",
];

/// Masked or encrypted.
fn is_redacted(raw: &[u8]) -> bool {
    const WORDS: &[&[u8]] = &[
        b"redacted", b"masked", b"hidden", b"filtered", b"removed", b"scrubbed", b"censored",
        b"sanitized", b"obfuscated", b"sensitive", b"omitted", b"truncated",
    ];
    let lower = raw.to_ascii_lowercase();
    let inner: &[u8] = trim_brackets(&lower);
    if WORDS.contains(&inner) {
        return true;
    }
    if memchr::memmem::find(raw, b"***").is_some()
        || memchr::memmem::find(raw, "…".as_bytes()).is_some()
        || memchr::memmem::find(raw, "•".as_bytes()).is_some()
        || memchr::memmem::find(&lower, b"%2a%2a").is_some()
        || memchr::memmem::find(raw, b"...").is_some()
        || memchr::memmem::find(&lower, b"redacted").is_some()
    {
        return true;
    }
    if HASHES.iter().any(|hash| lower.starts_with(hash)) {
        return true;
    }
    lower.starts_with(b"enc[") || lower.starts_with(b"enc(") || lower.starts_with(b"$ansible_vault")
        || raw.starts_with(b"Ag") && raw.len() > 100 // sealed secrets: one long armour
        || lower.starts_with(b"!!binary")
}

/// The text between one pair of brackets around it, if there is one.
fn trim_brackets(bytes: &[u8]) -> &[u8] {
    let open = |b: &u8| matches!(b, b'<' | b'[' | b'(' | b'{' | b'*' | b'_' | b'-');
    let close = |b: &u8| matches!(b, b'>' | b']' | b')' | b'}' | b'*' | b'_' | b'-');
    let start = bytes.iter().take_while(|b| open(b)).count();
    let end = bytes.len() - bytes.iter().rev().take_while(|b| close(b)).count();
    bytes.get(start..end.max(start)).unwrap_or(bytes)
}

/// Stands for a value that the reader fills in, or is a sample.
fn is_placeholder(raw: &[u8], lexicon: &Lexicon) -> bool {
    if let [first, .., last] = raw
        && matches!(
            (first, last),
            (b'<', b'>') | (b'[', b']') | (b'{', b'}') | (b'@', b'@') | (b'(', b')')
        )
    {
        return true;
    }
    let decoded = crate::text::percent_decode(raw);
    let raw = decoded.as_slice();
    if raw.first() == Some(&b'<')
        || raw.iter().any(|b| matches!(b, b'[' | b']' | b'|')) && raw.contains(&b'{')
    {
        return true;
    }
    if raw.starts_with(b"[")
        || raw.starts_with(b"(?")
        || raw.starts_with(b"\\w")
        || raw.starts_with(b"(.")
        || raw.starts_with(b"([")
        || raw.starts_with(b":")
    {
        return true; // a pattern or a route, not a value
    }
    // AWS marks its documented samples so.
    raw.ends_with(b"EXAMPLE")
        || raw.ends_with(b"EXAMPLEKEY")
        || is_pattern_like(raw)
        || is_sequence(raw)
        || is_cut(raw)
        || is_code(raw)
        || is_rule_list(raw)
        // `'%s%s:%s'`: a text that is filled in elsewhere.
        || memchr::memmem::find_iter(raw, b"%s").take(2).count() == 2
        || lexicon.is_sample(raw)
        || lexicon.is_public(raw)
        || is_wordy_placeholder(raw, lexicon)
        || is_wordy_base64(raw, lexicon)
}

/// Words that stand for a value, in base64: `example-app-secret`.
fn is_wordy_base64(raw: &[u8], lexicon: &Lexicon) -> bool {
    use base64::Engine as _;
    let padding = raw.iter().rev().take_while(|b| **b == b'=').count();
    let core = raw.get(..raw.len() - padding).unwrap_or_default();
    (12..=120).contains(&core.len())
        && base64::engine::general_purpose::STANDARD_NO_PAD.decode(core).is_ok_and(|decoded| {
            decoded.iter().all(|b| b.is_ascii_lowercase() || matches!(b, b'-' | b'_' | b'.'))
                && is_wordy_placeholder(&decoded, lexicon)
        })
}

/// A sample of which only the beginning is shown: the first part of a JWT, or a value that ends in
/// crosses.
fn is_cut(raw: &[u8]) -> bool {
    use base64::Engine as _;
    let head = raw.starts_with(b"eyJhbGciOi") || raw.starts_with(b"eyJ0eXAiOi");
    let whole = || {
        let decoded = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(raw);
        decoded.is_ok_and(|json| json.ends_with(b"}"))
    };
    (head && raw.len() <= 64 && !raw.contains(&b'.') && !whole())
        || (raw.len() >= 12 && raw.ends_with(b"xxxx"))
}

/// What stands between two literals of one call, as in minified code: `"),a?b.create(`.
fn is_code(raw: &[u8]) -> bool {
    matches!(raw, [b')', b',' | b'.' | b';' | b'+', .., b'(' | b',' | b'+'])
}

/// Rules by which a value is checked, as frameworks write them: `required|string|max:255`.
fn is_rule_list(raw: &[u8]) -> bool {
    let mut rules = 0;
    raw.split(|b| *b == b'|').all(|rule| {
        rules += 1;
        let word = rule.split(|b| *b == b':').next().unwrap_or_default();
        word.len() >= 3 && word.iter().all(|b| b.is_ascii_lowercase() || *b == b'_')
    }) && rules >= 3
}

/// Made of too little to be a secret: one character over and over, or a short piece repeated.
fn is_pattern_like(raw: &[u8]) -> bool {
    let core: Vec<u8> = raw.iter().copied().filter(u8::is_ascii_alphanumeric).collect();
    let Some(first) = core.first() else {
        return true;
    };
    if core.iter().all(|b| b == first) {
        return true;
    }
    // x-runs inside: xxxx-xxxx, 8f3axxxxxxxx
    let longest = longest_run(&core);
    if longest >= 6 && longest * 2 >= core.len() {
        return true;
    }
    core.len() >= 8
        && (1..=core.len() / 2)
            .take(16)
            .any(|period| core.iter().zip(core.iter().skip(period)).all(|(a, b)| a == b))
}

fn longest_run(core: &[u8]) -> usize {
    let mut best = 0;
    let mut run = 0;
    let mut previous = None;
    for byte in core {
        run = if Some(byte) == previous { run + 1 } else { 1 };
        best = best.max(run);
        previous = Some(byte);
    }
    best
}

/// Ascending or descending runs (`abcdef123456`, `0123456789abcdef`) make up most of it.
fn is_sequence(raw: &[u8]) -> bool {
    let lower = raw.to_ascii_lowercase();
    let mut in_runs = 0;
    for direction in [1i16, -1] {
        let mut run = 1;
        for pair in lower.windows(2) {
            let [a, b] = pair else { continue };
            let next = i16::from(*b) - i16::from(*a) == direction
                || (direction == 1 && matches!((a, b), (b'9', b'0' | b'a') | (b'f', b'0')));
            if next && b.is_ascii_alphanumeric() {
                run += 1;
            } else {
                in_runs += if run >= 3 { run } else { 0 };
                run = 1;
            }
        }
        in_runs += if run >= 3 { run } else { 0 };
    }
    in_runs >= 4 && in_runs * 10 >= lower.len() * 7
}

/// Made of words that stand for a value: `your-token`, `INSERT_KEY_HERE`, `changeme`, `FME_TOKEN`.
fn is_wordy_placeholder(raw: &[u8], lexicon: &Lexicon) -> bool {
    let text = crate::text::lossless(raw);
    if text.chars().any(char::is_whitespace) {
        // Prose: a sentence in a label, never a token.
        return text.split_whitespace().count() > 1;
    }
    let Some(first) = each_word(&text).next() else { return true };
    let all_known = each_word(&text).all(|w| {
        lexicon.is_placeholder_word(&w) || w.bytes().all(|b| b.is_ascii_digit()) && w.len() <= 4
    });
    let is_shouted = raw.iter().all(|b| b.is_ascii_uppercase() || *b == b'_');
    // A token falls into dozens of words, and the first of them tell that it is none of these.
    if !all_known && !is_shouted && !lexicon.asks(&first) {
        return false;
    }
    let words = words(&text);
    let named = |w: &String| lexicon.is_placeholder_word(w);
    let names_a_variable = is_shouted && raw.contains(&b'_') && words.iter().any(named);
    let asks = words.len() >= 2
        && lexicon.asks(&first)
        && words
            .iter()
            .all(|w| w.bytes().all(|b| b.is_ascii_alphabetic() || !b.is_ascii()) || w.len() <= 3);
    all_known && words.iter().any(named) || names_a_variable || asks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(raw: &str) -> ValueKind {
        classify(raw.as_bytes(), Braces::Inert, &Lexicon::builtin_for_tests())
    }

    #[test]
    fn references_are_variables() {
        for raw in [
            "${TOKEN}", "$TOKEN", "$env:FLOW", "%TK%", "{{ vault_x }}", "${{ secrets.PUSH }}",
            "#{ENV['K']}", "\\(t)", "$(cat key)", "@Value(token)", "%s", "%(token)s", "<%= t %>",
            "\"$password", "-${OTHER:-word}", "New-AzStorageContainerSASToken", "process.env.T",
            "op://vault/item", "!Ref Token", "$(TOKEN)", "%1$s", "!TOKEN!",
        ] {
            assert_eq!(kind(raw), ValueKind::Variable, "{raw}");
        }
        assert_eq!(
            classify(b"{token}", Braces::Live, &Lexicon::builtin_for_tests()),
            ValueKind::Variable
        );
    }

    #[test]
    fn placeholders_are_told_from_literals() {
        for raw in [
            "<yourToken>", "YOUR_KEY", "INSERT_TOKEN", "{YOUR_API_KEY}", "__KEY__", "fill-me-in",
            "placeholder", "changeme", "abcdef123456", "secret",
            "00000000-0000-0000-0000-000000000000", "deadbeefdeadbeefdeadbeefdeadbeef",
            "[A-Za-z0-9]{20,}", "xxxxxxxxxxxx", "FME_TOKEN", "my-token-here", "%3CyourToken%3E",
            "1234567890", "token", "eyJhbGciOiJIUzI1NiI", "ZXhhbXBsZS1hcHAtc2VjcmV0",
            "nullable|alpha_dash|max:250", "%s%s:%s/login", "00ce77a1b5d94f42xxxx",
            "),j?O.create(",
        ] {
            assert_eq!(kind(raw), ValueKind::Placeholder, "{raw}");
        }
        for raw in [
            "****", "<hidden>", "[REDACTED]", "8f3a…", "abcd***", "ENC[AES256_GCM,data:x]",
            "redacted", "eyJz93a...k4laUWw",
        ] {
            assert_eq!(kind(raw), ValueKind::Redacted, "{raw}");
        }
        for raw in ["a8Kq2LmN4pR7sT9v", "HarborWillow4711", "s3cr3tPa55"] {
            assert_eq!(kind(raw), ValueKind::Literal, "{raw}");
        }
    }
}
