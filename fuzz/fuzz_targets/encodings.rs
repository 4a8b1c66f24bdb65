//! The layers in which values are wrapped: FME's names, XML entities, base64 forms, percent-encoding,
//! UTF-16; and the maps that lead back through them.

#![no_main]

use std::io::{Cursor, Read};

use authward::artifact::{Artifact, Nature, Text, Window};
use authward::finding::Notice;
use authward::format::{Format, fmw::Fmw};
use authward::source::{Visitor, decode};
use authward::text::{Decoding, SourceMap, Span, percent_decode_mapped as percent_decode};
use authward_fuzz::{inside, maps_inside};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((mode, rest)) = data.split_first() else { return };
    match mode % 5 {
        0 => workspace(&wrapped(b"#! <WORKSPACE\n#!   A=\"", rest, b"\"\n#! >\n")),
        1 => workspace(&wrapped(
            b"#! <WORKSPACE\n#! >\n#! <USER_PARAMETERS\n#!   FORM=\"",
            STANDARD.encode(rest).as_bytes(),
            b"\"\n#! >\n",
        )),
        2 => workspace(&wrapped(b"DEFAULT_MACRO X ", rest, b"\nGUI TEXT X y\n")),
        3 => percent(rest),
        _ => composed(rest),
    }
    utf16(rest);
});

fn wrapped(before: &[u8], inner: &[u8], after: &[u8]) -> Vec<u8> {
    [before, inner, after].concat()
}

fn workspace(bytes: &[u8]) {
    let reading = Fmw.read(bytes);
    for field in &reading.fields {
        maps_inside(&field.value, bytes.len());
    }
    for text in &reading.texts {
        maps_inside(text, bytes.len());
    }
}

fn percent(bytes: &[u8]) {
    let span = Span::new(bytes.len() / 4, bytes.len());
    let (content, map) = percent_decode(bytes, span);
    assert_eq!(content, authward::text::percent_decode(span.of(bytes)));
    let (twice, inner) = percent_decode(&content, Span::new(0, content.len()));
    let map = inner.then(&map);
    let text = Text { content: twice.into(), map, logical: None, nature: Nature::Value };
    maps_inside(&text, bytes.len());
}

/// Maps made of any pieces compose: one step through the composed map leads to where two steps lead,
/// or to a part of it.
fn composed(bytes: &[u8]) {
    let (first, second) = bytes.split_at(bytes.len() / 2);
    let (outer_len, source_len, outer) = any_map(first, usize::MAX);
    let (inner_len, _, inner) = any_map(second, outer_len);
    let both = inner.then(&outer);
    for start in 0..inner_len.min(64) {
        for end in (start + 1)..=inner_len.min(64) {
            let one = both.to_source(Span::new(start, end));
            let two = outer.to_source(inner.to_source(Span::new(start, end)));
            inside(one, source_len, "composed");
            inside(two, source_len, "in two steps");
            assert!(two.start <= one.start && one.end <= two.end, "{one:?} outside of {two:?}");
        }
    }
    let cut = second.first().map_or(0, |b| usize::from(*b) % (outer_len + 1));
    let slice = SourceMap::slice(cut).then(&outer);
    for at in 0..(outer_len - cut).min(64) {
        let direct = outer.to_source(Span::new(cut + at, cut + at + 1));
        assert_eq!(slice.to_source(Span::new(at, at + 1)), direct);
    }
}

/// A map whose pieces are told by the bytes: its decoded length, its source's length, the map. No
/// piece goes beyond `most` bytes of the source.
fn any_map(bytes: &[u8], most: usize) -> (usize, usize, SourceMap) {
    let mut decoding = Decoding::default();
    let (mut text, mut source) = (0, 0);
    for byte in bytes.iter().take(64) {
        let (decoded, encoded) = (usize::from(byte & 3) + 1, usize::from(byte >> 2 & 7) + 1);
        source += usize::from(byte >> 6);
        if most - source.min(most) < encoded {
            break;
        }
        decoding.push(&vec![b'x'; decoded], Span::new(source, source + encoded));
        text += decoded;
        source += encoded;
    }
    (text, source, decoding.finish().1)
}

/// What the source gives to the scan is valid text of the declared encoding, and nothing fails.
fn utf16(bytes: &[u8]) {
    struct Silent;
    impl Visitor for Silent {
        fn window(&mut self, _: &Artifact, window: &Window<'_>) {
            inside(window.body, window.bytes.len(), "body");
        }
        fn searched(&mut self, _: &Artifact, _: u64) {}
        fn skipped(&mut self, _: &Artifact, _: authward::finding::Skip) {}
        fn notice(&mut self, _: Notice) {}
    }
    if let decode::Guess::Utf16(encoding, mark) = decode::guess(bytes) {
        let mut out = Vec::new();
        let read = decode::Utf16::new(Cursor::new(&bytes[mark..]), encoding).read_to_end(&mut out);
        assert!(read.is_ok() && std::str::from_utf8(&out).is_ok());
    }
    authward::source::stream(&Artifact::file("a.txt"), bytes, &mut Silent);
}
