//! Recorded calls: which formats hold them, one file each.

use crate::exchange::{Exchange, Spot};

/// Takes the exchanges of a recording, in order, with the place of each.
pub type Each<'f> = dyn FnMut(Spot, Exchange) + 'f;

/// A format that holds recorded calls.
pub trait Recording: Sync {
    /// Its name for people.
    fn name(&self) -> &'static str;
    /// Whether a source of this name that begins like this is one. A byte-order mark is gone.
    fn recognises(&self, name: &str, head: &[u8]) -> bool;
    /// Reads every call. What stands before a mistake is given all the same; the error says where
    /// the mistake is and what it is, without any value.
    fn read(&self, bytes: &[u8], each: &mut Each<'_>) -> Result<(), String>;
}

/// Every format, the most particular first.
pub const RECORDINGS: &[&dyn Recording] = &[&super::har::Har];

/// The format of a source, by its name and its first bytes.
pub fn detect(name: &str, bytes: &[u8]) -> Option<&'static dyn Recording> {
    let head = bytes.get(..64 * 1024).unwrap_or(bytes);
    RECORDINGS.iter().copied().find(|format| format.recognises(name, head))
}
