//! A reader that keeps its error for later: what was read before it is searched all the same.

use std::io::{self, Read};

/// Ends where the inner reader fails, and remembers why.
#[derive(Debug)]
pub(super) struct Patient<R> {
    inner: R,
    failed: Option<io::Error>,
}

impl<R: Read> Patient<R> {
    /// Reads from `inner`.
    pub(super) fn new(inner: R) -> Self {
        Self { inner, failed: None }
    }

    /// Why it ended early, if it did.
    pub(super) fn failure(self) -> Option<io::Error> {
        self.failed
    }
}

impl<R: Read> Read for Patient<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.failed.is_some() {
            return Ok(0);
        }
        match self.inner.read(out) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                self.failed = Some(error);
                Ok(0)
            }
            result => result,
        }
    }
}
