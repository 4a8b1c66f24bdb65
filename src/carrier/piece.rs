//! Dense texts in pieces: what carries more than can be looked at at once is read piece by piece, so
//! that no more of it need be kept at a time.

use super::{Carried, Reader};
use crate::text::Span;

/// How long a piece is, in bytes.
const PIECE: usize = 128 << 10;

impl Reader<'_> {
    /// Gives everything carried in `body` to `each`, with the piece whose anchors it stands behind:
    /// all at once, unless that is more than `most`.
    pub fn read_in_pieces(
        &self,
        text: &[u8],
        body: Span,
        most: usize,
        mut each: impl FnMut(Span, Vec<Carried>),
    ) {
        if let Some(all) =
            self.read_at_most(text, body, if body.len() > PIECE { most } else { usize::MAX })
        {
            return each(body, all);
        }
        let mut start = body.start;
        while start < body.end {
            let piece = Span::new(start, cut(text, Span::new(start, body.end)));
            each(piece, self.read(text, piece));
            start = piece.end;
        }
    }
}

/// Where the piece ends that begins where `rest` does: behind a line, else behind a blank, so that as
/// little as may be is cut in two.
fn cut(text: &[u8], rest: Span) -> usize {
    if rest.len() <= PIECE {
        return rest.end;
    }
    let half = rest.start + PIECE / 2;
    let second = Span::new(half, rest.start + PIECE);
    let behind = |sign: u8| memchr::memrchr(sign, second.of(text)).map(|at| half + at + 1);
    behind(b'\n').or_else(|| behind(b' ')).unwrap_or(second.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_end_behind_a_line_or_a_blank() {
        let whole = |text: &[u8]| cut(text, Span::new(0, text.len()));
        assert_eq!(whole(b"short"), 5);
        let mut text = vec![b'x'; 3 * PIECE];
        assert_eq!(whole(&text), PIECE);
        text[PIECE - 7] = b' ';
        assert_eq!(whole(&text), PIECE - 6);
        text[PIECE - 9] = b'\n';
        assert_eq!(whole(&text), PIECE - 8);
        // Too near to the beginning to end a piece.
        text[PIECE - 9] = b'x';
        text[PIECE - 7] = b'x';
        text[7] = b'\n';
        assert_eq!(whole(&text), PIECE);
    }
}
