//! Encodings: UTF-16 becomes UTF-8 on the way in; everything else is left as it is, because names
//! and separators are ASCII in all of them and positions count characters.

use std::io::{self, Read};

use encoding_rs::{Decoder, Encoding, UTF_16BE, UTF_16LE};

/// What the first bytes say about the encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guess {
    /// ASCII-compatible; skip this many bytes (a byte-order mark).
    Plain(usize),
    /// UTF-16, and how many bytes its mark takes.
    Utf16(&'static Encoding, usize),
    /// No text.
    Binary,
}

/// Looks at the beginning of an artifact.
pub fn guess(head: &[u8]) -> Guess {
    match head {
        [0xEF, 0xBB, 0xBF, ..] => return Guess::Plain(3),
        [0xFF, 0xFE, 0, 0, ..] => return Guess::Binary,
        [0xFF, 0xFE, ..] => return Guess::Utf16(UTF_16LE, 2),
        [0xFE, 0xFF, ..] => return Guess::Utf16(UTF_16BE, 2),
        _ => {}
    }
    let sample = head.get(..head.len().min(4096)).unwrap_or(head);
    // Most text holds no zero byte.
    if memchr::memchr(0, sample).is_none() {
        return Guess::Plain(0);
    }
    let zeros = |parity: usize| sample.iter().skip(parity).step_by(2).filter(|b| **b == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), sample.len() / 2);
    // Text in UTF-16 without a mark: nearly every other byte is zero, and hardly any of the rest.
    if half >= 4 && odd * 10 > half * 7 && even * 20 < half {
        return Guess::Utf16(UTF_16LE, 0);
    }
    if half >= 4 && even * 10 > half * 7 && odd * 20 < half {
        return Guess::Utf16(UTF_16BE, 0);
    }
    if even + odd > 0 && !mostly_text(sample) { Guess::Binary } else { Guess::Plain(0) }
}

/// A log with a stray zero byte is text all the same.
fn mostly_text(sample: &[u8]) -> bool {
    let odd = sample.iter().filter(|b| matches!(b, 0..=8 | 14..=26 | 28..=31 | 127)).count();
    odd * 100 <= sample.len()
}

/// Turns UTF-16 into UTF-8 while it is read.
#[expect(missing_debug_implementations, reason = "the decoder has none")]
pub struct Utf16<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    ready: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: Read> Utf16<R> {
    /// Reads `inner` as `encoding`.
    pub fn new(inner: R, encoding: &'static Encoding) -> Self {
        Self {
            inner,
            decoder: encoding.new_decoder_without_bom_handling(),
            raw: vec![0; 64 * 1024],
            ready: Vec::new(),
            given: 0,
            ended: false,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        let read = self.inner.read(&mut self.raw)?;
        self.ended = read == 0;
        let chunk = self.raw.get(..read).unwrap_or_default();
        let room = self.decoder.max_utf8_buffer_length(chunk.len()).unwrap_or(chunk.len() * 3 + 16);
        self.ready.clear();
        self.ready.resize(room, 0);
        let (_, _, written, _) = self.decoder.decode_to_utf8(chunk, &mut self.ready, self.ended);
        self.ready.truncate(written);
        self.given = 0;
        Ok(())
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given >= self.ready.len() {
            if self.ended {
                return Ok(0);
            }
            self.refill()?;
        }
        let rest = self.ready.get(self.given..).unwrap_or_default();
        let count = rest.len().min(out.len());
        for (to, from) in out.iter_mut().zip(rest) {
            *to = *from;
        }
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_told_apart() {
        assert_eq!(guess(b"\xef\xbb\xbfabc"), Guess::Plain(3));
        assert_eq!(guess(b"\xff\xfea\0"), Guess::Utf16(UTF_16LE, 2));
        assert_eq!(guess(b"t\0o\0k\0e\0n\0=\0"), Guess::Utf16(UTF_16LE, 0));
        assert_eq!(guess(b"\0t\0o\0k\0e\0n\0="), Guess::Utf16(UTF_16BE, 0));
        assert_eq!(guess(b"\x7fELF\x02\x01\x01\0\0\0\0\0"), Guess::Binary);
        assert_eq!(guess(b"plain"), Guess::Plain(0));
    }

    #[test]
    fn utf16_is_read_in_pieces() {
        let text = "tökén=\u{1F600}\n".repeat(40_000);
        let raw: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut out = String::new();
        Utf16::new(raw.as_slice(), UTF_16LE).read_to_string(&mut out).unwrap();
        assert!(out == text);
    }
}
