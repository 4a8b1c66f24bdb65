//! Names: the form in which parameter, header and key names are compared, and their words.

use crate::text::percent_byte;

/// The longest name that is looked up, in bytes.
pub const NAME_MAX: usize = 64;

/// Lower-case, percent-decoded, without separators: the form in which names are compared.
pub fn fold(name: &[u8]) -> String {
    let mut out = String::with_capacity(name.len());
    let mut at = 0;
    while let Some(byte) = name.get(at) {
        let byte = if let Some(decoded) = percent_byte(name, at) {
            at += 3;
            decoded
        } else {
            at += 1;
            *byte
        };
        if !matches!(byte, b'-' | b'_' | b'.' | b' ' | b'[' | b']') {
            out.push(char::from(byte.to_ascii_lowercase()));
        }
    }
    out
}

/// Splits on anything that is no letter or digit, between letters and digits, and at camel humps;
/// lower-case.
pub fn words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let mut previous: Option<char> = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let hump = previous.is_some_and(|p| {
            (p.is_lowercase() && c.is_uppercase())
                || (p.is_uppercase()
                    && c.is_uppercase()
                    && chars.peek().is_some_and(|n| n.is_lowercase()))
                || (p.is_alphabetic() && c.is_ascii_digit())
                || (p.is_ascii_digit() && c.is_alphabetic())
        });
        if (!c.is_alphanumeric() || hump) && !word.is_empty() {
            out.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
            previous = Some(c);
        } else {
            previous = None;
        }
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}
