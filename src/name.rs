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
        if !is_separator(byte) {
            out.push(char::from(byte.to_ascii_lowercase()));
        }
    }
    out
}

/// A name folded without an allocation: for the hot path, where nearly every name is of no use.
#[derive(Debug, Clone, Copy)]
pub struct Folded {
    bytes: [u8; NAME_MAX],
    len: usize,
}

impl Folded {
    /// Folds `name` as [`fold`] does; `None` when it is longer than any name that is looked up.
    pub fn of(name: &[u8]) -> Option<Self> {
        let mut folded = Self { bytes: [0; NAME_MAX], len: 0 };
        let mut at = 0;
        while let Some(byte) = name.get(at) {
            let byte = match *byte {
                b'%' => match percent_byte(name, at) {
                    Some(decoded) => {
                        at += 2;
                        decoded
                    }
                    None => b'%',
                },
                byte => byte,
            };
            at += 1;
            if !is_separator(byte) {
                *folded.bytes.get_mut(folded.len)? = byte.to_ascii_lowercase();
                folded.len += 1;
            }
        }
        Some(folded)
    }

    /// The folded name. Bytes beyond ASCII are kept as they are, where [`fold`] reads Latin-1: no
    /// name of the rule book holds any.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// What names are compared without.
fn is_separator(byte: u8) -> bool {
    matches!(byte, b'-' | b'_' | b'.' | b' ' | b'[' | b']')
}

/// Splits on anything that is no letter or digit, between letters and digits, and at camel humps;
/// lower-case.
pub fn words(text: &str) -> Vec<String> {
    each_word(text).collect()
}

/// The same one by one, for who may know enough after the first.
pub fn each_word(text: &str) -> impl Iterator<Item = String> {
    let mut previous: Option<char> = None;
    let mut chars = text.chars().peekable();
    // The character that ended a word and begins the next.
    let mut begun: Option<char> = None;
    std::iter::from_fn(move || {
        let mut word = String::new();
        word.extend(begun.take().into_iter().flat_map(char::to_lowercase));
        while let Some(c) = chars.next() {
            let hump = previous.is_some_and(|p| {
                (p.is_lowercase() && c.is_uppercase())
                    || (p.is_uppercase()
                        && c.is_uppercase()
                        && chars.peek().is_some_and(|n| n.is_lowercase()))
                    || (p.is_alphabetic() && c.is_ascii_digit())
                    || (p.is_ascii_digit() && c.is_alphabetic())
            });
            let is_part = c.is_alphanumeric();
            previous = is_part.then_some(c);
            if (!is_part || hump) && !word.is_empty() {
                begun = previous;
                return Some(word);
            }
            if is_part {
                word.extend(c.to_lowercase());
            }
        }
        (!word.is_empty()).then_some(word)
    })
}
