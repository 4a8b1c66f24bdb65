//! What the fuzz targets share: the rules, loaded once, and the properties which hold of every
//! input.

use std::sync::OnceLock;

use authward::artifact::{Artifact, Text, Window};
use authward::finding::{Finding, Location};
use authward::rule::{RuleBook, load};
use authward::scan::{Scan, Scanner, environment::Environments};
use authward::secret::Key;
use authward::text::{LineIndex, Position, Region, Span};
use authward::time::Instant;

/// The built-in rules, indexed.
pub fn book() -> &'static RuleBook {
    static BOOK: OnceLock<RuleBook> = OnceLock::new();
    BOOK.get_or_init(|| {
        let mut book = load::builtin().expect("the built-in rules load");
        book.index();
        book
    })
}

/// The moment at which everything is judged, so that a run can be repeated.
pub fn at() -> Instant {
    Instant::parse("2026-11-23T00:00:00Z").expect("a moment")
}

/// A scanner with the built-in rules and the defaults of the command line.
pub fn scanner(book: &RuleBook) -> Scanner<'_> {
    Scanner {
        book,
        at: at(),
        key: Key::default(),
        expiring_within: 14 * 86_400,
        environments: Environments::new(&[], &[], &[], &[]).expect("no patterns, no mistake"),
        purposes: authward::scan::purpose::Purposes::default(),
    }
}

/// Scans `bytes` as one window of a file of this name.
pub fn scan(name: &str, bytes: &[u8]) -> Scan {
    scanner(book()).scan(&Artifact::file(name), &Window::whole(bytes))
}

/// Splits the first line off an input: what the target is told beside the bytes to read.
pub fn first_line(data: &[u8]) -> (&[u8], &[u8]) {
    match data.iter().position(|b| *b == b'\n') {
        Some(end) => (&data[..end], &data[end + 1..]),
        None => (data, &[]),
    }
}

/// A span lies inside a text.
pub fn inside(span: Span, len: usize, what: &str) {
    assert!(span.start <= span.end && span.end <= len, "{what}: {span:?} in {len} bytes");
}

/// A position exists in a text: its line does, and its column is one of the line or right behind it.
pub fn exists(position: Position, text: &[u8], what: &str) {
    let line = usize::try_from(position.line).expect("small");
    assert!(position.line >= 1 && position.column >= 1, "{what}: {position}");
    let Some(content) = text.split(|b| *b == b'\n').nth(line - 1) else {
        panic!("{what}: {position}, but the text has fewer lines");
    };
    // Bytes are never fewer than characters.
    assert!(position.column <= content.len() as u64 + 1, "{what}: {position} is behind its line");
}

/// A region lies in a text, its end not before its start.
pub fn region_inside(region: Region, text: &[u8], what: &str) {
    exists(region.start, text, what);
    exists(region.end, text, what);
    assert!(region.start <= region.end, "{what}: {region:?}");
}

/// Every location of the findings lies in the text.
pub fn findings_inside(findings: &[Finding], text: &[u8]) {
    let check = |location: &Location| region_inside(location.region, text, "finding");
    for finding in findings {
        check(&finding.location);
        finding.also.iter().for_each(check);
        if let Some(excerpt) = &finding.excerpt {
            let chars = excerpt.text.chars().count();
            assert!(excerpt.start <= excerpt.end && excerpt.end <= chars, "excerpt: {excerpt:?}");
        }
    }
}

/// Every offset of a decoded text leads into the artifact, and a longer span never to less of it.
pub fn maps_inside(text: &Text<'_>, len: usize) {
    let size = text.content.len();
    let whole = text.map.to_source(Span::new(0, size));
    inside(whole, len, "whole text");
    // Long texts are sampled: the map is made of few kinds of pieces.
    let step = (size / 512).max(1);
    let mut last = 0;
    for at in (0..size).step_by(step) {
        let byte = text.map.to_source(Span::new(at, at + 1));
        inside(byte, len, "byte of a text");
        assert!(byte.start >= last, "the map runs backwards at {at}");
        assert!(!byte.is_empty(), "the byte at {at} comes from nowhere");
        last = byte.start;
        let rest = text.map.to_source(Span::new(at, size));
        assert!(rest.start == byte.start && rest.end == whole.end, "{at}: {rest:?} of {whole:?}");
    }
    inside(text.map.to_source(Span::new(size, size)), len, "end of a text");
}

/// Two scans of one input say the same.
pub fn same_again(first: &Scan, second: &Scan) {
    assert!(first.findings == second.findings, "findings differ");
    assert!(first.notices == second.notices, "notices differ");
    assert_eq!(first.candidates, second.candidates);
}

/// The lines of a text, for positions.
pub fn lines(text: &[u8]) -> LineIndex<'_> {
    LineIndex::new(text, Position { line: 1, column: 1 })
}
