//! What one value is by its looks: a template, a sample, a mask; a JWT, base64, hex; and what clings
//! to it: quotes, blanks, escapes.

use super::{Form, Value};
use crate::rule::RuleBook;
use crate::secret::Secret;
use crate::shape::looks_random;
use crate::token::jwt::Jwt;
use crate::value::{Braces, ValueKind, classify};

/// What is carried, for the eye of a server: it gets what a program made of a template.
pub(super) fn value(book: &RuleBook, inner: &[u8]) -> Value {
    if inner.is_empty() {
        return Value::Empty;
    }
    if book.lexicon.is_nothing(inner) {
        return Value::Nothing;
    }
    let brackets = |open: &[u8], close: &[u8]| {
        memchr::memmem::find(inner, open).is_some_and(|at| {
            memchr::memmem::find(inner.get(at..).unwrap_or_default(), close).is_some()
        })
    };
    let template = brackets(b"${", b"}")
        || brackets(b"{{", b"}}")
        || brackets(b"$(", b")")
        || brackets(b"<", b">")
        || brackets(b"@Value(", b")")
        || (inner.starts_with(b"{") && inner.ends_with(b"}"))
        || (inner.len() > 2 && inner.starts_with(b"%") && inner.ends_with(b"%"));
    match classify(inner, Braces::Inert, &book.lexicon) {
        _ if template => Value::Variable,
        // A bare `$TOKEN`; other expressions are only an odd literal once they were sent.
        ValueKind::Variable if inner.starts_with(b"$") => Value::Variable,
        ValueKind::Placeholder if is_sample(book, inner) => Value::Placeholder,
        ValueKind::Redacted => Value::Redacted,
        ValueKind::Empty => Value::Empty,
        ValueKind::Literal
        | ValueKind::Variable
        | ValueKind::Placeholder
        | ValueKind::Demanded
        | ValueKind::Logged => Value::Literal,
    }
}

/// Whether a value is a sample beyond doubt: somebody sent it, so that a short word may as well be
/// a wrong password.
fn is_sample(book: &RuleBook, inner: &[u8]) -> bool {
    /// No sample is shorter, in characters.
    const SAMPLE_MIN: usize = 8;
    let words = crate::name::words(&crate::text::lossless(inner));
    let asks = words.iter().any(|word| book.lexicon.asks(word));
    let known = words.iter().all(|word| book.lexicon.is_placeholder_word(word));
    book.lexicon.is_sample(inner) || (inner.len() >= SAMPLE_MIN && (asks || known))
}

pub(super) fn form(secret: &Secret, value: &[u8]) -> Form {
    if Jwt::read(secret).is_some() {
        Form::Jwt
    } else if value.len() >= 16 && value.iter().all(u8::is_ascii_hexdigit) {
        Form::Hex
    } else if value.len() >= 20 && value.len().is_multiple_of(4) && decoded(value).is_some() {
        Form::Base64
    } else if looks_random(value, 12) {
        Form::Opaque
    } else {
        Form::Word
    }
}

pub(super) fn trim(value: &[u8]) -> &[u8] {
    let mut value = value.trim_ascii();
    // A byte-order mark and a no-break space, in UTF-8.
    for hidden in [b"\xef\xbb\xbf".as_slice(), b"\xc2\xa0"] {
        value = value.strip_prefix(hidden).unwrap_or(value);
        value = value.strip_suffix(hidden).unwrap_or(value);
    }
    value
}

/// Blanks that nobody sees: no-break, zero width, byte-order mark.
pub(super) fn has_hidden(value: &[u8]) -> bool {
    [b"\xc2\xa0".as_slice(), b"\xe2\x80\x8b", b"\xe2\x80\x8c", b"\xe2\x80\x8d", b"\xef\xbb\xbf"]
        .iter()
        .any(|hidden| memchr::memmem::find(value, hidden).is_some())
}

const QUOTES: &[(&[u8], &[u8])] = &[
    (b"\"", b"\""),
    (b"'", b"'"),
    (b"`", b"`"),
    (b"\xe2\x80\x9c", b"\xe2\x80\x9d"),
    (b"\xe2\x80\x98", b"\xe2\x80\x99"),
    (b"\\\"", b"\\\""),
];

pub(super) fn is_quoted(value: &[u8]) -> bool {
    value.len() > 1
        && QUOTES.iter().any(|(open, close)| value.starts_with(open) || value.ends_with(close))
}

pub(super) fn unquoted(value: &[u8]) -> &[u8] {
    for (open, close) in QUOTES {
        if let Some(inner) = value.strip_prefix(*open).and_then(|v| v.strip_suffix(*close)) {
            return inner;
        }
    }
    value
}

/// `%252B`: a percent sign that was encoded once more.
pub(super) fn is_double_encoded(raw: &[u8]) -> bool {
    raw.windows(5).any(|w| {
        w.starts_with(b"%25") && w.get(3..).is_some_and(|d| d.iter().all(u8::is_ascii_hexdigit))
    })
}

/// Base64 as servers read it: padded or not.
pub(super) fn decoded(value: &[u8]) -> Option<Vec<u8>> {
    use base64::Engine as _;
    use base64::engine::DecodePaddingMode;
    use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(&base64::alphabet::STANDARD, config).decode(value.trim_ascii()).ok()
}
