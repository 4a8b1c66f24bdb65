//! Request logs: one file per log format, from a line to what it says of a call. Nothing is
//! allocated: an event borrows from its line.

use crate::time::Instant;

pub mod combined;

/// A logged call, as it stands in its line. Escapes of the log are still in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event<'l> {
    /// The method, as written.
    pub method: &'l [u8],
    /// The target of the request line, raw.
    pub target: &'l [u8],
    /// The status that was answered.
    pub status: u16,
    /// The moment of the call.
    pub at: Option<Instant>,
    /// The virtual host, where the log names it.
    pub host: Option<&'l [u8]>,
    /// The `Referer`, raw.
    pub referer: Option<&'l [u8]>,
    /// Who was authenticated.
    pub user: Option<&'l [u8]>,
}
