//! Windows: an artifact in pieces that overlap, so that nothing on an edge is missed or seen twice.

use std::io::{self, Cursor, Read};

use super::Visitor;
use super::decode::{Guess, Utf16, guess};
use super::patient::Patient;
use crate::artifact::{Artifact, HEAD, Window};
use crate::text::{Position, Span, count_chars};

/// How many bytes are searched at a time. Artifacts up to this size are seen whole.
pub const BODY: usize = 4 << 20;
/// Context kept before and after the searched part: no credential with its surroundings is longer.
pub const CONTEXT: usize = 64 << 10;
/// A format that must see the whole artifact gets it up to this size.
pub const WHOLE_MAX: usize = 64 << 20;

/// How much is read before it is decided how to go on: most files are no longer.
pub const FIRST: usize = 32 << 10;

/// How reading ended.
#[derive(Debug)]
pub struct Outcome {
    /// How many bytes were searched; `None` when it is no text.
    pub searched: Option<u64>,
    /// Why it ended before its end. What came before was searched.
    pub failure: Option<io::Error>,
}

/// Gives each window of the artifact to the visitor.
pub fn each(artifact: &Artifact, reader: impl Read, visitor: &mut dyn Visitor) -> Outcome {
    each_after(artifact, Vec::new(), reader, visitor)
}

/// The same for an artifact of which `first` was read already.
pub fn each_after(
    artifact: &Artifact,
    first: Vec<u8>,
    reader: impl Read,
    visitor: &mut dyn Visitor,
) -> Outcome {
    let mut reader = Patient::new(reader);
    match windows(artifact, first, &mut reader, visitor) {
        Ok(searched) => Outcome { searched, failure: reader.failure() },
        // The reader itself never fails: this is what is in between.
        Err(error) => Outcome { searched: Some(0), failure: Some(error) },
    }
}

fn windows(
    artifact: &Artifact,
    mut first: Vec<u8>,
    mut reader: impl Read,
    visitor: &mut dyn Visitor,
) -> io::Result<Option<u64>> {
    let ended = fill(&mut reader, &mut first, FIRST)?;
    let head = first.get(..8192).unwrap_or(&first);
    let whole = crate::format::detect(artifact.name(), head).is_some();
    match guess(head) {
        // A format says itself what it cannot read.
        Guess::Binary if !whole => Ok(None),
        Guess::Binary => slide(artifact, (first, ended), reader, whole, visitor),
        Guess::Plain(mark) => {
            first.drain(..mark);
            slide(artifact, (first, ended), reader, whole, visitor)
        }
        Guess::Utf16(encoding, mark) => {
            first.drain(..mark);
            let reader = Utf16::new(Cursor::new(first).chain(reader), encoding);
            slide(artifact, (Vec::new(), false), reader, whole, visitor)
        }
    }
}

/// Moves on through the artifact; `buffer` holds its beginning, and whether that is all of it.
fn slide(
    artifact: &Artifact,
    (mut buffer, mut ended): (Vec<u8>, bool),
    mut reader: impl Read,
    whole: bool,
    visitor: &mut dyn Visitor,
) -> io::Result<Option<u64>> {
    let first_size = if whole { WHOLE_MAX } else { BODY };
    if !ended {
        ended = fill(&mut reader, &mut buffer, first_size + CONTEXT)?;
    }
    let mut at = Position { line: 1, column: 1 };
    let mut is_first = true;
    let mut body_start = 0;
    let mut total = 0u64;
    // Most artifacts are seen whole, and are their own head.
    let head = if ended { Vec::new() } else { buffer.get(..HEAD).unwrap_or(&buffer).to_vec() };
    loop {
        let body_end = if ended { buffer.len() } else { buffer.len() - CONTEXT };
        // Windows are cut between characters: one that was cut would make the whole window look
        // like Latin-1, and every column in it wrong.
        let shown = if ended { buffer.len() } else { boundary(&buffer, buffer.len() - 1) };
        let window = Window {
            bytes: buffer.get(..shown).unwrap_or(&buffer),
            body: Span::new(body_start, body_end),
            first: at,
            is_whole: is_first && ended,
            head: if is_first { buffer.get(..HEAD).unwrap_or(&buffer) } else { &head },
        };
        visitor.window(artifact, &window);
        total += (body_end - body_start) as u64;
        if ended {
            return Ok(Some(total));
        }
        is_first = false;
        let cut = boundary(&buffer, body_end.saturating_sub(CONTEXT));
        at = advance(at, buffer.get(..cut).unwrap_or_default());
        buffer.drain(..cut);
        body_start = body_end - cut;
        ended = fill(&mut reader, &mut buffer, body_start + BODY + CONTEXT)?;
    }
}

/// The beginning of the character that holds the byte at `at`, if this is UTF-8.
fn boundary(bytes: &[u8], at: usize) -> usize {
    let continues = |i: &usize| bytes.get(*i).is_some_and(|b| (b & 0xC0) == 0x80);
    (at.saturating_sub(3)..=at).rev().find(|i| !continues(i)).unwrap_or(at)
}

/// Fills the buffer up to `size`; true when the reader has ended.
fn fill(reader: &mut impl Read, buffer: &mut Vec<u8>, size: usize) -> io::Result<bool> {
    let wanted = size.saturating_sub(buffer.len());
    if wanted == 0 {
        return Ok(false);
    }
    // Room for a usual file: without it, reading begins with a probe of a few bytes.
    buffer.reserve(wanted.min(FIRST));
    let read = reader.by_ref().take(wanted as u64).read_to_end(buffer)?;
    Ok(read < wanted)
}

/// The position behind `text` when its first byte stands at `at`.
fn advance(at: Position, text: &[u8]) -> Position {
    let lines = memchr::memchr_iter(b'\n', text).count() as u64;
    let tail = memchr::memrchr(b'\n', text).map_or(text, |i| text.get(i + 1..).unwrap_or_default());
    let chars = count_chars(tail, looks_utf8(tail));
    if lines == 0 {
        Position { line: at.line, column: at.column + chars }
    } else {
        Position { line: at.line + lines, column: 1 + chars }
    }
}

fn looks_utf8(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.valid_up_to() + 4 > bytes.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Notice;

    #[derive(Default)]
    struct Seen {
        body: Vec<u8>,
        places: Vec<(usize, Position)>,
        windows: usize,
    }

    impl Visitor for Seen {
        fn window(&mut self, _: &Artifact, window: &Window<'_>) {
            self.windows += 1;
            let lines = window.lines();
            for at in memchr::memchr_iter(b'@', window.body.of(window.bytes)) {
                let offset = window.body.start + at;
                self.places.push((self.body.len() + at, lines.position(offset)));
            }
            self.body.extend_from_slice(window.body.of(window.bytes));
        }
        fn searched(&mut self, _: &Artifact, _: u64) {}
        fn skipped(&mut self, _: &Artifact, _: crate::finding::Skip) {}
        fn notice(&mut self, _: Notice) {}
    }

    #[test]
    fn windows_cover_everything_once_and_know_their_place() {
        let mut text = "é".repeat(BODY / 3).into_bytes();
        text.extend_from_slice(b"@x\n");
        text.extend(std::iter::repeat_n(b'y', BODY + 10));
        text.extend_from_slice(b"@\n@");
        let mut seen = Seen::default();
        let outcome = each(&Artifact::file("a.txt"), text.as_slice(), &mut seen);
        assert_eq!(outcome.searched, Some(text.len() as u64));
        assert!(outcome.failure.is_none());
        assert!(seen.body == text && seen.windows > 1);
        let columns: Vec<Position> = seen.places.iter().map(|p| p.1).collect();
        assert_eq!(
            columns,
            [
                Position { line: 1, column: BODY as u64 / 3 + 1 },
                Position { line: 2, column: BODY as u64 + 11 },
                Position { line: 3, column: 1 },
            ]
        );
    }
    /// Gives some bytes, then fails.
    struct Broken<'b>(&'b [u8]);

    impl Read for Broken<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            match self.0.read(out)? {
                0 => Err(io::Error::other("torn")),
                read => Ok(read),
            }
        }
    }

    #[test]
    fn what_came_before_an_error_is_seen() {
        let utf16: Vec<u8> = "@xyz\nxyz\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let long = [vec![b'y'; BODY + CONTEXT + 7], b"@".to_vec()].concat();
        for (text, places) in [(b"@x".as_slice(), 1), (b"", 0), (&utf16, 1), (&long, 1)] {
            let mut seen = Seen::default();
            let outcome = each(&Artifact::file("a.txt"), Broken(text), &mut seen);
            assert_eq!(outcome.searched, Some(seen.body.len() as u64));
            assert_eq!(seen.places.len(), places);
            assert!(outcome.failure.is_some_and(|e| e.to_string() == "torn"));
        }
    }

    #[test]
    fn windows_are_cut_between_characters() {
        struct Valid(usize);
        impl Visitor for Valid {
            fn window(&mut self, _: &Artifact, window: &Window<'_>) {
                assert!(std::str::from_utf8(window.bytes).is_ok(), "window {}", self.0);
                self.0 += 1;
            }
            fn searched(&mut self, _: &Artifact, _: u64) {}
            fn skipped(&mut self, _: &Artifact, _: crate::source::Skip) {}
            fn notice(&mut self, _: Notice) {}
        }
        for lead in 0..4 {
            let text = format!("{}{}", "x".repeat(lead), "\u{1F600}".repeat(BODY / 4 * 2));
            let mut valid = Valid(0);
            each(&Artifact::file("a.txt"), text.as_bytes(), &mut valid);
            assert!(valid.0 > 1);
        }
    }
}
