//! The shape of a value: how random it looks, and whether it reads like a name.
//!
//! Shape alone never makes a credential; it decides among values that stand under a telling name.

/// Shannon entropy in bits per byte.
pub fn entropy(raw: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    for byte in raw {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a value is far shorter than 2^52")]
    let total = raw.len() as f64;
    counts
        .iter()
        .filter(|n| **n > 0)
        .map(|n| {
            let p = f64::from(*n) / total;
            -p * p.log2()
        })
        .sum()
}

/// Whether a value looks like something a machine drew at random.
pub fn looks_random(raw: &[u8], at_least: usize) -> bool {
    let decoded = crate::text::percent_decode(raw);
    let raw = decoded.as_slice();
    if raw.len() < at_least || raw.len() > 16_384 {
        return false;
    }
    let token_like = raw.iter().all(|b| {
        b.is_ascii_alphanumeric()
            || matches!(
                b,
                b'-' | b'_' | b'.' | b'~' | b'+' | b'/' | b'=' | b':' | b'!' | b'|' | b'$' | b'*'
            )
    });
    if !token_like || looks_like_a_name(raw) {
        return false;
    }
    let digits = raw.iter().filter(|b| b.is_ascii_digit()).count();
    let letters = raw.iter().filter(|b| b.is_ascii_alphabetic()).count();
    if digits == raw.len() {
        return false;
    }
    if reads_as_words(raw) {
        return false;
    }
    let bits = entropy(raw);
    // A long value may hold no digit, or one alone: then both cases take turns.
    let upper = raw.iter().filter(|b| b.is_ascii_uppercase()).count();
    let mixed = raw.len() >= 24 && upper > 2 && upper + 2 < letters && humps(raw) >= 6;
    if digits == 0 {
        return mixed && bits >= 3.5;
    }
    let needed = if raw.len() < 16 { 2.8 } else { 3.0 };
    (bits >= needed && changes(raw) >= 2) || (mixed && bits >= 4.0)
}

/// Whether a value is made of pronounceable words in camel case: `componentWillReceiveProps`.
fn reads_as_words(raw: &[u8]) -> bool {
    let digits = raw.iter().filter(|b| b.is_ascii_digit()).count();
    if digits > 1 {
        return false;
    }
    let text = crate::text::lossless(raw);
    let words = crate::name::words(&text);
    let vowels = |w: &String| w.bytes().filter(|b| b"aeiouy".contains(b)).count();
    let pronounceable = |w: &String| {
        w.len() >= 3
            && w.bytes().all(|b| b.is_ascii_lowercase())
            && vowels(w) > 0
            && w.len() / vowels(w) <= 6
    };
    let odd: usize = words.iter().filter(|w| !pronounceable(w)).map(String::len).sum();
    let all: usize = words.iter().map(String::len).sum();
    let upper = raw.iter().filter(|b| b.is_ascii_uppercase()).count();
    // One capital a word, and hardly a digit: `render2FaUserSettings`.
    words.len() >= 2 && upper <= words.len() && odd * 4 <= all
}

/// Whether a value has what generators of secrets put in: length, signs, and no blank.
pub fn looks_strong(raw: &[u8]) -> bool {
    let has = |class: fn(&u8) -> bool| usize::from(raw.iter().any(class));
    let classes = has(u8::is_ascii_lowercase)
        + has(u8::is_ascii_uppercase)
        + has(u8::is_ascii_digit)
        + has(is_sign);
    raw.len() >= 16
        && classes >= 3
        && raw.iter().all(u8::is_ascii_graphic)
        && entropy(raw) >= 3.5
        && !looks_like_a_name(raw)
}

/// Sixteen digits of hex or more, letters among them: less than chance asks of a value that may stand
/// anywhere.
pub fn looks_like_a_short_key(raw: &[u8]) -> bool {
    raw.len() >= 16
        && raw.len() <= 64
        && raw.iter().all(u8::is_ascii_hexdigit)
        && changes(raw) >= 3
        && entropy(raw) >= 2.5
}

/// A sign that people and generators put into passwords, and names have none of.
pub fn is_sign(byte: &u8) -> bool {
    byte.is_ascii_punctuation()
        && !matches!(byte, b'-' | b'_' | b'.' | b'/' | b':' | b',' | b';' | b'"' | b'\'' | b'`')
}

/// How often letters and digits take turns.
fn changes(raw: &[u8]) -> usize {
    raw.windows(2).filter(|p| matches!(p, [a, b] if a.is_ascii_digit() != b.is_ascii_digit() && a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric())).count()
}

/// How often upper and lower case take turns.
fn humps(raw: &[u8]) -> usize {
    raw.windows(2).filter(|p| matches!(p, [a, b] if a.is_ascii_uppercase() != b.is_ascii_uppercase() && a.is_ascii_alphabetic() && b.is_ascii_alphabetic())).count()
}

/// A file name, a path, a version, a date, a dotted or dashed name: readable, hence no secret.
pub fn looks_like_a_name(raw: &[u8]) -> bool {
    // A path has more than one segment; a token may begin with any sign of base64.
    let one_segment = raw.strip_prefix(b"/").is_some_and(|rest| {
        rest.len() >= 24
            && rest.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'+' || *b == b'=')
    });
    if (raw.first() == Some(&b'/') && !one_segment)
        || raw.starts_with(b"./")
        || memchr::memmem::find(raw, b"://").is_some()
    {
        return true;
    }
    if raw.iter().any(is_sign) {
        return false;
    }
    let segments: Vec<&[u8]> =
        raw.split(|b| !b.is_ascii_alphanumeric()).filter(|s| !s.is_empty()).collect();
    if segments.len() < 2 {
        return false;
    }
    let readable = |s: &&&[u8]| {
        let digits = s.iter().filter(|b| b.is_ascii_digit()).count();
        (digits == 0 && s.len() <= 14 && humps(s) <= 2)
            || (digits == s.len() && s.len() <= 8)
            || s.len() <= 2
    };
    let unreadable: usize = segments.iter().filter(|s| !readable(s)).map(|s| s.len()).sum();
    // One short odd segment (`v2`, `x86`) does not make a name a secret.
    unreadable == 0 || (unreadable <= 5 && segments.len() > 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_is_told_from_readable() {
        for raw in [
            "Hhwo_4XmVScdpDjdlIBQFnFBNleBmi", "9f86d081884c7d65", "K7QW2M9ZX4B8T1VN",
            "x8Jq-2LmN4pR7sT9v_a", "q%2BdX9f%2F8Zk3hTb71mQ%3D",
        ] {
            assert!(looks_random(raw.as_bytes(), 10), "{raw}");
        }
        for raw in [
            "2026-11-23T10:00", "users/list/page-2.html", "build-1234", "v1.2.3",
            "com.example.app2", "123456789012", "next-page",
        ] {
            assert!(!looks_random(raw.as_bytes(), 10), "{raw}");
        }
    }
}
