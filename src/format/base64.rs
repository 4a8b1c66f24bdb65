//! Base64 with the way back: each decoded byte leads to the four characters that hold it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::text::{Decoding, SourceMap, Span};

/// Decodes base64 group by group, so that each byte leads to the four characters that hold it.
/// `None` when it is none. Blanks and line ends between the characters say nothing.
pub(super) fn decode(text: &[u8], span: Span) -> Option<(Vec<u8>, SourceMap)> {
    let (encoded, at): (Vec<u8>, Vec<usize>) = span
        .of(text)
        .iter()
        .zip(span.start..)
        .filter(|(byte, _)| !byte.is_ascii_whitespace())
        .map(|(byte, at)| (*byte, at))
        .unzip();
    if encoded.len() < 8 || !encoded.len().is_multiple_of(4) {
        return None;
    }
    let decoded = STANDARD.decode(encoded).ok()?;
    let mut out = Decoding::default();
    for (group, places) in decoded.chunks(3).zip(at.chunks(4)) {
        let (first, last) = (places.first()?, places.last()?);
        out.push(group, Span::new(*first, last + 1));
    }
    Some(out.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_leads_to_its_groups() {
        let raw = STANDARD.encode("0123456789ab");
        let (bytes, map) = decode(raw.as_bytes(), Span::new(0, raw.len())).unwrap();
        assert_eq!(bytes, b"0123456789ab");
        assert_eq!(map.to_source(Span::new(3, 6)), Span::new(4, 8));
        assert!(decode(b"not base64!!", Span::new(0, 12)).is_none());
    }
}
