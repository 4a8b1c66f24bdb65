//! The value of a credential, which is asked and never read.
//!
//! A [`Secret`] shows itself only masked, compares only with another secret, and leaves memory
//! overwritten. Whoever must see the bytes calls [`Secret::expose`], which clippy forbids outside
//! the few modules that have a reason.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The fewest characters a value must have for its first four to be shown and for a fingerprint.
pub const FINGERPRINT_MIN: usize = 20;

/// A credential's value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Secret {
    bytes: Box<[u8]>,
    /// How many leading bytes are the documented public prefix of its kind.
    public: usize,
}

impl Secret {
    /// Takes the value in.
    pub fn new(bytes: &[u8]) -> Self {
        Self { bytes: bytes.into(), public: 0 }
    }

    /// The same secret, of which the first `len` bytes are the documented public prefix of its
    /// kind (`ghp_`, `AKIA`) and may be shown.
    #[must_use]
    pub fn with_public_prefix(mut self, len: usize) -> Self {
        self.public = len.min(self.bytes.len());
        self
    }

    /// What may be shown: the public prefix of the kind, else the first four characters of a value
    /// of at least twenty, then an ellipsis.
    pub fn mask(&self) -> String {
        let shown = if self.public > 0 {
            self.public
        } else if self.char_count() >= FINGERPRINT_MIN {
            4
        } else {
            0
        };
        let mut text: String = crate::text::lossless(&self.bytes).chars().take(shown).collect();
        // Only what a token is made of: a mask must not carry escapes or quotes into an output.
        text.retain(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '&' | '"' | '\'' | '`'));
        text.push('…');
        text
    }

    /// Length in characters.
    pub fn char_count(&self) -> usize {
        crate::text::lossless(&self.bytes).chars().count()
    }

    /// The keyed fingerprint, which joins copies of one secret without telling it. `None` for
    /// values under twenty characters, which could be guessed.
    pub fn fingerprint(&self, key: &Key) -> Option<Fingerprint> {
        (self.char_count() >= FINGERPRINT_MIN).then(|| key.digest(&self.bytes))
    }

    /// The value itself. Clippy allows this only where the value must be looked into or sent.
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", self.mask())
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.mask())
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        // Best effort without unsafe code: the fence of `black_box` keeps the write alive.
        self.bytes.fill(0);
        std::hint::black_box(&self.bytes);
    }
}

/// The key of fingerprints.
#[derive(Clone)]
pub struct Key(Box<[u8]>);

impl Key {
    /// The key used when the user named none: fingerprints are then stable, but not private to the
    /// team.
    pub const DEFAULT: &'static str = "authward-fingerprint-v1";

    /// A key from its text.
    pub fn new(text: &str) -> Self {
        Self(text.as_bytes().into())
    }

    /// HMAC-SHA-256 of `bytes`, cut to 128 bits.
    fn digest(&self, bytes: &[u8]) -> Fingerprint {
        let mut short = [0u8; 16];
        // HMAC takes keys of any length, so there is no failure to report.
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) {
            mac.update(bytes);
            for (to, from) in short.iter_mut().zip(mac.finalize().into_bytes()) {
                *to = from;
            }
        }
        Fingerprint(short)
    }
}

impl Default for Key {
    fn default() -> Self {
        Self::new(Self::DEFAULT)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// A keyed hash of a secret: equal for equal secrets under one key, and useless without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 16]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_shows_itself() {
        let secret = Secret::new(b"0123456789abcdefghij");
        assert_eq!(format!("{secret:?} {secret}"), "Secret(0123…) 0123…");
        let short = Secret::new(b"hunter2");
        assert_eq!(short.mask(), "…");
        assert_eq!(short.fingerprint(&Key::default()), None);
        let prefixed = Secret::new(b"pre_0123456789").with_public_prefix(4);
        assert_eq!(prefixed.mask(), "pre_…");
    }

    #[test]
    fn fingerprints_are_keyed() {
        let secret = Secret::new(b"0123456789abcdefghij");
        let one = secret.fingerprint(&Key::new("one"));
        assert_eq!(one, Secret::new(b"0123456789abcdefghij").fingerprint(&Key::new("one")));
        assert_ne!(one, secret.fingerprint(&Key::new("two")));
        assert_eq!(one.map(|f| f.to_string().len()), Some(32));
    }
}
