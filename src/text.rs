//! Text with positions: spans, regions, line indexes, and the maps which lead from decoded text
//! back to the bytes of the artifact.
//!
//! Everything is counted in bytes inside the program and in lines and Unicode scalar values at its
//! face. A decoded view (a value inside base64, XML, percent-encoding) carries a [`SourceMap`], so
//! that whatever is found in it can be shown where it really stands.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt;

/// A half-open range of bytes in one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The span from `start` to `end`; an end before the start gives an empty span at `start`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end: end.max(start) }
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether the span holds no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The bytes of `text` under this span; what lies outside `text` is left out.
    pub fn of(self, text: &[u8]) -> &[u8] {
        let end = self.end.min(text.len());
        text.get(self.start.min(end)..end).unwrap_or_default()
    }

    /// Whether the two spans share a byte.
    pub fn overlaps(self, other: Span) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The same span, moved right by `by` bytes.
    #[must_use]
    pub fn shifted(self, by: usize) -> Self {
        Self { start: self.start + by, end: self.end + by }
    }
}

/// A place in an artifact: line from 1, column in Unicode scalar values from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: u64,
    /// Column in Unicode scalar values, from 1.
    pub column: u64,
}

/// A stretch of an artifact; the end is exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region {
    /// The first character.
    pub start: Position,
    /// One past the last character.
    pub end: Position,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// One stretch of a [`SourceMap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    /// Where the stretch begins in the decoded text.
    text: usize,
    /// Its length there.
    text_len: usize,
    /// Where it begins in the source.
    source: usize,
    /// Its length there.
    source_len: usize,
    /// Whether it maps byte for byte (the lengths are then equal); otherwise it maps as a whole.
    /// Lengths alone do not tell: what is left of a cut or composed stretch may be as long by chance.
    linear: bool,
}

/// Leads from offsets in a decoded text to offsets in the text that it was decoded from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceMap {
    /// Sorted by `text`, without gaps. Empty means identity.
    pieces: Vec<Piece>,
    shift: usize,
}

impl SourceMap {
    /// The map of a text that is its own source.
    pub fn identity() -> Self {
        Self::default()
    }

    /// The map of a text that is a byte-for-byte slice of its source, beginning at `offset`.
    pub fn slice(offset: usize) -> Self {
        Self { pieces: Vec::new(), shift: offset }
    }

    /// The source span of a span of the decoded text. A piece which was decoded as a whole maps as
    /// a whole: the span grows to the encoded form of each character it touches.
    pub fn to_source(&self, span: Span) -> Span {
        if self.pieces.is_empty() {
            return span.shifted(self.shift);
        }
        let start = self.edge(span.start, false);
        if span.is_empty() {
            return Span::new(start, start);
        }
        Span::new(start, self.edge(span.end - 1, true))
    }

    /// The source offset at which the byte at `offset` begins, or (with `after`) ends.
    fn edge(&self, offset: usize, after: bool) -> usize {
        let index = self.pieces.partition_point(|p| p.text <= offset).saturating_sub(1);
        let Some(piece) = self.pieces.get(index) else {
            return self.shift;
        };
        let inside = offset.saturating_sub(piece.text).min(piece.text_len);
        let at = if piece.linear {
            piece.source + inside + usize::from(after)
        } else if after || inside >= piece.text_len {
            piece.source + piece.source_len
        } else {
            piece.source
        };
        at + self.shift
    }

    /// The map which first applies `self`, then `outer`.
    #[must_use]
    pub fn then(&self, outer: &SourceMap) -> SourceMap {
        if outer.pieces.is_empty() {
            let mut map = self.clone();
            map.shift += outer.shift;
            return map;
        }
        if self.pieces.is_empty() {
            // A slice of something decoded: cut the outer map.
            let pieces = outer
                .pieces
                .iter()
                .filter(|p| p.text + p.text_len > self.shift)
                .map(|p| {
                    let cut = self.shift.saturating_sub(p.text);
                    Piece {
                        text: (p.text + cut) - self.shift,
                        text_len: p.text_len - cut,
                        source: if p.linear { p.source + cut } else { p.source },
                        source_len: if p.linear { p.source_len - cut } else { p.source_len },
                        linear: p.linear,
                    }
                })
                .collect();
            return SourceMap { pieces, shift: outer.shift };
        }
        let mut builder = MapBuilder::default();
        for piece in &self.pieces {
            let source =
                Span::new(piece.source, piece.source + piece.source_len).shifted(self.shift);
            if piece.linear {
                outer.each_piece(source, |text_len, mapped, linear| {
                    builder.piece(text_len, mapped, linear);
                });
            } else {
                builder.piece(piece.text_len, outer.to_source(source), false);
            }
        }
        builder.finish()
    }

    /// Calls `each` with the pieces that cover `span` of the decoded text, in order.
    fn each_piece(&self, span: Span, mut each: impl FnMut(usize, Span, bool)) {
        let mut at = span.start;
        while at < span.end {
            let index = self.pieces.partition_point(|p| p.text <= at).saturating_sub(1);
            let Some(piece) = self.pieces.get(index) else {
                break;
            };
            let end = (piece.text + piece.text_len).min(span.end);
            if end <= at {
                break;
            }
            each(end - at, self.to_source(Span::new(at, end)), piece.linear);
            at = end;
        }
    }
}

/// Builds the [`SourceMap`] of a text while it is decoded.
#[derive(Debug, Default)]
pub struct MapBuilder {
    pieces: Vec<Piece>,
    text: usize,
}

impl MapBuilder {
    /// Says that the next `text_len` decoded bytes come from `source`. Equal lengths map byte for
    /// byte, and neighbours that do so are joined.
    pub fn push(&mut self, text_len: usize, source: Span) {
        self.piece(text_len, source, text_len == source.len());
    }

    fn piece(&mut self, text_len: usize, source: Span, linear: bool) {
        if text_len == 0 {
            return;
        }
        if let Some(last) = self.pieces.last_mut() {
            let joined = last.linear && linear && last.source + last.source_len == source.start;
            if joined {
                last.text_len += text_len;
                last.source_len += text_len;
                self.text += text_len;
                return;
            }
        }
        self.pieces.push(Piece {
            text: self.text,
            text_len,
            source: source.start,
            source_len: source.len(),
            linear,
        });
        self.text += text_len;
    }

    /// The finished map.
    pub fn finish(self) -> SourceMap {
        if self.pieces.is_empty() {
            // An empty text: any map will do, and identity is the cheapest.
            return SourceMap::identity();
        }
        SourceMap { pieces: self.pieces, shift: 0 }
    }
}

/// A text under construction together with its map: what decoders write into.
#[derive(Debug, Default)]
pub struct Decoding {
    /// The decoded bytes so far.
    pub bytes: Vec<u8>,
    map: MapBuilder,
}

impl Decoding {
    /// Appends decoded bytes and says which span of the encoded text they came from.
    pub fn push(&mut self, bytes: &[u8], source: Span) {
        self.bytes.extend_from_slice(bytes);
        self.map.push(bytes.len(), source);
    }

    /// The decoded bytes and the map that leads back.
    pub fn finish(self) -> (Vec<u8>, SourceMap) {
        (self.bytes, self.map.finish())
    }
}

/// Finds lines and columns in one window of an artifact.
///
/// The window may begin in the middle of a line: `first` says where it stands in the artifact.
#[derive(Debug)]
pub struct LineIndex<'t> {
    text: &'t [u8],
    first: Position,
    /// Made when the first place is asked for: in most texts none ever is.
    table: OnceCell<LineTable>,
}

/// What a [`LineIndex`] knows once it has read its text.
#[derive(Debug)]
struct LineTable {
    /// Offsets at which lines begin; the first is 0.
    starts: Vec<usize>,
    utf8: bool,
    /// How many characters stand before each [`STRIDE`]-th byte, so that a column in a line of
    /// megabytes costs no more than one in a short line.
    chars: Vec<u64>,
}

/// The distance of the places at which [`LineIndex`] has counted characters, in bytes.
const STRIDE: usize = 1024;

impl<'t> LineIndex<'t> {
    /// Indexes `text`, whose first byte stands at `first`.
    ///
    /// A text that is valid UTF-8 counts scalar values; any other counts bytes, which is what
    /// reading it as Latin-1 means.
    pub fn new(text: &'t [u8], first: Position) -> Self {
        Self { text, first, table: OnceCell::new() }
    }

    /// Line and column of a byte offset.
    pub fn position(&self, offset: usize) -> Position {
        let table = self.table();
        let index = table.line(offset);
        let start = table.starts.get(index).copied().unwrap_or(0);
        let before = |offset| table.chars_before(self.text, offset);
        let column = before(offset) - before(start) + 1;
        let base = if index == 0 { self.first.column - 1 } else { 0 };
        Position { line: self.first.line + index as u64, column: base + column }
    }

    /// The region of a span.
    pub fn region(&self, span: Span) -> Region {
        let start = self.position(span.start);
        let table = self.table();
        let is_on_one_line = table.line(span.start) == table.line(span.end);
        if !is_on_one_line || span.end > self.text.len() {
            return Region { start, end: self.position(span.end) };
        }
        let column = start.column + count_chars(span.of(self.text), table.utf8);
        Region { start, end: Position { column, ..start } }
    }

    /// The span of the line (without its line end) that holds `offset`.
    pub fn line_span(&self, offset: usize) -> Span {
        let table = self.table();
        let index = table.line(offset);
        let start = table.starts.get(index).copied().unwrap_or(0);
        let end = table.starts.get(index + 1).map_or(self.text.len(), |next| next - 1);
        let end = if end > start && self.text.get(end - 1) == Some(&b'\r') { end - 1 } else { end };
        Span::new(start, end)
    }

    fn table(&self) -> &LineTable {
        self.table.get_or_init(|| LineTable::new(self.text))
    }
}

impl LineTable {
    fn new(text: &[u8]) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text).map(|i| i + 1));
        let utf8 = std::str::from_utf8(text).is_ok();
        let mut total = 0;
        let chars = text
            .chunks(STRIDE)
            .map(|chunk| {
                let before = total;
                total += count_chars(chunk, utf8);
                before
            })
            .collect();
        Self { starts, utf8, chars }
    }

    /// The number of the line, from 0, that holds `offset`.
    fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|s| *s <= offset).saturating_sub(1)
    }

    /// How many characters begin before `offset`.
    fn chars_before(&self, text: &[u8], offset: usize) -> u64 {
        let offset = offset.min(text.len());
        let index = offset / STRIDE;
        let Some(counted) = self.chars.get(index) else {
            // The end of a text that fills its last stretch exactly, or an empty text.
            let last = self.chars.len().saturating_sub(1);
            return self.chars.get(last).copied().unwrap_or(0)
                + count_chars(Span::new(last * STRIDE, offset).of(text), self.utf8);
        };
        counted + count_chars(Span::new(index * STRIDE, offset).of(text), self.utf8)
    }
}

/// The number of Unicode scalar values in `bytes`, or of bytes when they are not UTF-8.
pub fn count_chars(bytes: &[u8], utf8: bool) -> u64 {
    if utf8 {
        bytes.iter().filter(|b| (**b & 0xC0) != 0x80).count() as u64
    } else {
        bytes.len() as u64
    }
}

/// Bytes as text for people: UTF-8 as it is, anything else read as Latin-1.
pub fn lossless(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|b| char::from(*b)).collect()),
    }
}

/// Decodes percent-encoding once; invalid escapes stay as they are.
pub fn percent_decode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if let Some(decoded) = percent_byte(bytes, at) {
            out.push(decoded);
            at += 3;
        } else {
            out.push(*byte);
            at += 1;
        }
    }
    out
}

/// Decodes percent-encoding once under `span`, with the map that leads back.
pub fn percent_decode_mapped(text: &[u8], span: Span) -> (Vec<u8>, SourceMap) {
    let mut decoding = Decoding::default();
    let mut at = span.start;
    while at < span.end {
        match percent_byte(text, at) {
            Some(byte) if at + 3 <= span.end => {
                decoding.push(&[byte], Span::new(at, at + 3));
                at += 3;
            }
            _ => {
                decoding.push(Span::new(at, at + 1).of(text), Span::new(at, at + 1));
                at += 1;
            }
        }
    }
    decoding.finish()
}

/// Decodes the `\uXXXX` of JSON under `span`, with the map that leads back; other escapes stay.
pub fn unescape_mapped(text: &[u8], span: Span) -> (Vec<u8>, SourceMap) {
    let mut decoding = Decoding::default();
    let mut at = span.start;
    while at < span.end {
        let code = text
            .get(at..at + 6)
            .filter(|_| at + 6 <= span.end)
            .and_then(|unit| unit.strip_prefix(b"\\u"))
            .and_then(|hex| u32::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok())
            .and_then(char::from_u32);
        if let Some(c) = code {
            let mut utf8 = [0; 4];
            decoding.push(c.encode_utf8(&mut utf8).as_bytes(), Span::new(at, at + 6));
            at += 6;
        } else {
            decoding.push(Span::new(at, at + 1).of(text), Span::new(at, at + 1));
            at += 1;
        }
    }
    decoding.finish()
}

/// The byte that `%XX` at `at` stands for.
pub fn percent_byte(bytes: &[u8], at: usize) -> Option<u8> {
    let [b'%', high, low] = bytes.get(at..at + 3)? else {
        return None;
    };
    let digit = |b: &u8| char::from(*b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decoded_piece_maps_to_the_whole_of_its_encoded_form() {
        let mut decoding = Decoding::default();
        decoding.push(b"ab", Span::new(10, 12));
        decoding.push(b"&", Span::new(12, 17));
        decoding.push(b"cd", Span::new(17, 19));
        let (bytes, map) = decoding.finish();
        assert_eq!(bytes, b"ab&cd");
        assert_eq!(map.to_source(Span::new(1, 4)), Span::new(11, 18));
        assert_eq!(map.to_source(Span::new(2, 3)), Span::new(12, 17));
        assert_eq!(map.to_source(Span::new(3, 5)), Span::new(17, 19));
    }

    #[test]
    fn maps_compose() {
        // source "x%253Dy": inner "%3D" decoded once is "%3D" at 1..6, decoded twice is "=".
        let mut once = Decoding::default();
        once.push(b"x", Span::new(0, 1));
        once.push(b"%", Span::new(1, 4));
        once.push(b"3Dy", Span::new(4, 7));
        let (_, outer) = once.finish();
        let mut twice = Decoding::default();
        twice.push(b"x", Span::new(0, 1));
        twice.push(b"=", Span::new(1, 4));
        twice.push(b"y", Span::new(4, 5));
        let (_, inner) = twice.finish();
        let map = inner.then(&outer);
        assert_eq!(map.to_source(Span::new(1, 2)), Span::new(1, 6));
        assert_eq!(map.to_source(Span::new(2, 3)), Span::new(6, 7));
        let slice = SourceMap::slice(1).then(&outer);
        assert_eq!(slice.to_source(Span::new(0, 1)), Span::new(1, 4));
        assert_eq!(slice.to_source(Span::new(1, 4)), Span::new(4, 7));
    }

    #[test]
    fn a_stretch_that_maps_as_a_whole_stays_whole_when_it_is_cut() {
        // Three decoded bytes from two: behind a cut, two are left of it, as many as encoded.
        let mut decoding = Decoding::default();
        decoding.push(b"abc", Span::new(0, 2));
        decoding.push(b"de", Span::new(5, 7));
        let (_, outer) = decoding.finish();
        let slice = SourceMap::slice(1).then(&outer);
        assert_eq!(slice.to_source(Span::new(0, 1)), Span::new(0, 2));
        assert_eq!(slice.to_source(Span::new(2, 3)), Span::new(5, 6));
        // Two bytes that became three, whose source is three bytes long again.
        let mut inner = Decoding::default();
        inner.push(b"xyz", Span::new(2, 4));
        let both = inner.finish().1.then(&outer);
        assert_eq!(both.to_source(Span::new(0, 1)), Span::new(0, 6));
    }

    #[test]
    fn columns_count_characters_in_utf8_and_bytes_elsewhere() {
        let first = Position { line: 1, column: 1 };
        let utf8 = "é=x\né=y".as_bytes();
        let index = LineIndex::new(utf8, first);
        assert_eq!(index.position(3), Position { line: 1, column: 3 });
        assert_eq!(index.position(8), Position { line: 2, column: 3 });
        let latin1 = b"\xe9=x\n";
        assert_eq!(LineIndex::new(latin1, first).position(2), Position { line: 1, column: 3 });
    }

    #[test]
    fn a_window_knows_where_it_stands() {
        // A region is that of its two ends, on one line or on two.
        let text = "ä€x\nüber\r\n\nß".repeat(700);
        let index = LineIndex::new(text.as_bytes(), Position { line: 1, column: 1 });
        for (start, end) in [(0, 3), (2, 9), (4096, 4103), (5000, 5001), (0, text.len()), (7, 7)] {
            let ends = Region { start: index.position(start), end: index.position(end) };
            assert_eq!(index.region(Span::new(start, end)), ends);
        }
        let index = LineIndex::new(b"tail\nnext", Position { line: 7, column: 101 });
        assert_eq!(index.position(2), Position { line: 7, column: 103 });
        assert_eq!(index.position(5), Position { line: 8, column: 1 });
    }
}
