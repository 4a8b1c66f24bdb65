//! The URL carrier and its neighbours: whatever stands in a text, every span lies inside it, reading
//! twice gives the same, and a literal is exactly what its span says.

#![no_main]

use authward::carrier::{Carried, Reader};
use authward::format::kind;
use authward::http::uri;
use authward::text::{Span, percent_decode, unescape_mapped};
use authward::value::ValueKind;
use authward_fuzz::{book, first_line, inside, lines, region_inside};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // The first line names the file: its extension decides what a bare word is.
    let (name, text) = first_line(data);
    let name = String::from_utf8_lossy(name);
    addresses(text);
    let reader = Reader { book: book(), kind: kind::of(&name, &text[..text.len().min(8192)]) };
    let whole = Span::new(0, text.len());
    let read = reader.read(text, whole);
    let again = reader.read(text, whole);
    assert!(read.iter().map(shape).eq(again.iter().map(shape)), "reading twice differs");
    let index = lines(text);
    for carried in &read {
        inside(carried.span, text.len(), "carried");
        region_inside(index.region(carried.span), text, "carried");
        assert_eq!(carried.kind == ValueKind::Literal, carried.secret.is_some());
        if let Some(secret) = &carried.secret {
            slices_back(secret.expose(), carried.span.of(text));
        }
    }
    // A body that ends in the middle still reads nothing outside of the text.
    let half = Span::new(text.len() / 3, text.len() - text.len() / 3);
    for carried in reader.read(text, half) {
        inside(carried.span, text.len(), "carried in a part");
    }
});

fn shape(carried: &Carried) -> (Span, &str, Option<&[u8]>, ValueKind) {
    let secret = carried.secret.as_ref().map(authward::secret::Secret::expose);
    (carried.span, &carried.name, secret, carried.kind)
}

/// The value is the text under its span, as it stands, without up to three layers of
/// percent-encoding, or with its `\u003d` escapes read, as the carrier reads them. (A span grows to
/// whole escapes, so it may hold more than the value.)
fn slices_back(value: &[u8], span: &[u8]) {
    let (unescaped, _) = unescape_mapped(span, Span::new(0, span.len()));
    for start in [span.to_vec(), unescaped] {
        let mut layer = start;
        for _ in 0..=3 {
            if holds(&layer, value) {
                return;
            }
            layer = percent_decode(&layer);
        }
    }
    panic!("{} is not in {}", value.escape_ascii(), span.escape_ascii());
}

fn holds(text: &[u8], value: &[u8]) -> bool {
    value.is_empty() || text.windows(value.len()).any(|w| w == value)
}

/// Every part of an address lies inside the span that was read, in order and without overlap.
fn addresses(text: &[u8]) {
    let cut = text.first().map_or(0, |b| usize::from(*b) % (text.len() + 1));
    for span in [Span::new(0, text.len()), Span::new(cut, text.len()), Span::new(0, cut)] {
        let parsed = uri::parse(text, span);
        assert_eq!(parsed, uri::parse(text, span));
        let parts = [parsed.scheme, parsed.user, parsed.password, parsed.host, parsed.path];
        let mut at = span.start;
        for part in parts.into_iter().flatten() {
            assert!(at <= part.start && part.end <= span.end, "{part:?} in {span:?}");
            at = part.end;
        }
        for parameter in &parsed.parameters {
            let (name, value) = (parameter.name, parameter.value);
            assert!(span.start <= name.start && name.end <= value.start, "{parameter:?}");
            assert!(value.end <= span.end, "{parameter:?} in {span:?}");
        }
        let values: Vec<Span> = parsed.parameters.iter().map(|p| p.value).collect();
        assert!(values.windows(2).all(|w| w[0].end <= w[1].start), "values overlap: {values:?}");
        let host = parsed.host.map(|h| String::from_utf8_lossy(h.of(text)).into_owned());
        let _ = uri::host_kind(host.as_deref().unwrap_or_default());
    }
    for at in 0..text.len().min(256) {
        for len in
            [uri::separator(text, at), uri::equals(text, at), uri::unit(text, at, text.len())]
        {
            assert!(len.is_none_or(|len| len > 0 && at + len <= text.len()), "at {at}: {len:?}");
        }
    }
}
