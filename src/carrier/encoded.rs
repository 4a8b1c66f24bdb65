//! Encodings inside of encodings: addresses in addresses, and text whose signs are escaped.

use memchr::memmem;

use super::{Carried, Reader, begins_in};
use crate::text::{Span, percent_decode_mapped, unescape_mapped};

/// How deep encodings inside encodings are followed.
pub const DEPTH_MAX: usize = 3;

impl Reader<'_> {
    /// Addresses inside addresses, percent-encoded up to three times.
    pub(super) fn nested(&self, text: &[u8], body: Span, out: &mut Vec<Carried>) {
        let mut done = body.start;
        for at in memchr::memchr_iter(b'%', body.of(text)).map(|i| body.start + i) {
            if at < done || !is_encoded_equals(text, at) {
                continue;
            }
            let run = encoded_run(text, at);
            done = run.end;
            // An encoded `=` alone is padding of base64; an address has a separator before it.
            let lower = run.of(text).to_ascii_lowercase();
            let marks: [&[u8]; 5] = [b"%3f", b"%26", b"%23", b"%2f%2f", b"%25"];
            let before = run.start.checked_sub(1).and_then(|i| text.get(i));
            // `?fmetoken%3D…`: what stands before the run tells that a parameter begins.
            let begins = matches!(before, Some(b'?' | b'&' | b';'));
            if begins || marks.iter().any(|m| memmem::find(&lower, m).is_some()) {
                let start = run.start - usize::from(begins);
                self.decoded(text, Span::new(start, run.end), DEPTH_MAX, out);
            }
        }
        self.escaped(text, body, out);
    }

    /// Text in which the signs themselves are escaped, as some writers of JSON do: `\u003d`.
    fn escaped(&self, text: &[u8], body: Span, out: &mut Vec<Carried>) {
        let mut done = 0;
        for at in memmem::find_iter(begins_in(text, body, 5), b"\\u003").map(|i| body.start + i) {
            let is_equals = text.get(at + 6 - 1).is_some_and(|b| matches!(b, b'd' | b'D'));
            if at < done || !is_equals {
                continue;
            }
            let stop = |b: &u8| matches!(b, b'"' | b'\'' | b'\n' | b' ' | b'<');
            let floor = at.saturating_sub(4096).max(done);
            let start = text
                .get(floor..at)
                .and_then(|t| t.iter().rposition(stop))
                .map_or(floor, |i| floor + i + 1);
            let rest = text.get(at..(at + 16_384).min(text.len())).unwrap_or_default();
            let end = at + rest.iter().position(stop).unwrap_or(rest.len());
            done = end;
            let (bytes, map) = unescape_mapped(text, Span::new(start, end));
            let mut inner = Vec::new();
            self.named(&bytes, Span::new(0, bytes.len()), usize::MAX, &mut inner);
            out.extend(inner.into_iter().map(|mut carried| {
                carried.span = map.to_source(carried.span);
                carried
            }));
        }
    }

    /// Decodes `run` once, reads it, and goes on while it is still encoded.
    fn decoded(&self, text: &[u8], run: Span, depth: usize, out: &mut Vec<Carried>) {
        if depth == 0 {
            return;
        }
        let (bytes, map) = percent_decode_mapped(text, run);
        let mut inner = Vec::new();
        let whole = Span::new(0, bytes.len());
        self.named(&bytes, whole, usize::MAX, &mut inner);
        self.free(&bytes, whole, usize::MAX, &mut inner);
        if memmem::find(&bytes, b"%3").is_some() || memmem::find(&bytes, b"%25").is_some() {
            self.decoded(&bytes, whole, depth - 1, &mut inner);
        }
        out.extend(inner.into_iter().map(|mut carried| {
            carried.span = map.to_source(carried.span);
            carried
        }));
    }
}

/// Whether `%3D` stands at `at`, encoded once or more often.
fn is_encoded_equals(text: &[u8], at: usize) -> bool {
    let tail = text.get(at + 1..(at + 7).min(text.len())).unwrap_or_default().to_ascii_lowercase();
    [b"3d".as_slice(), b"253d", b"25253d"].iter().any(|form| tail.starts_with(form))
}

/// The run of URL characters around `at`, up to the nearest raw separators.
fn encoded_run(text: &[u8], at: usize) -> Span {
    let inside = |b: &u8| {
        b.is_ascii_alphanumeric()
            || matches!(
                b,
                b'%' | b'-'
                    | b'_'
                    | b'.'
                    | b'~'
                    | b'+'
                    | b'*'
                    | b'!'
                    | b'/'
                    | b':'
                    | b'('
                    | b')'
                    | b'$'
                    | b'{'
                    | b'}'
            )
    };
    let before = text.get(..at).unwrap_or_default();
    let start = at - before.iter().rev().take(4096).take_while(|b| inside(b)).count();
    let after = text.get(at..).unwrap_or_default();
    let end = at + after.iter().take(16_384).take_while(|b| inside(b)).count();
    Span::new(start, end)
}
