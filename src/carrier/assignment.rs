//! Named values that are neither in an address nor in a header: assignments, query objects, form
//! fields.

use super::context::{Context, Opener};
use super::{Carried, Name, NameEnd, Reader, literal, url};
use crate::finding::PlaceKind;
use crate::secret::Secret;
use crate::text::{Span, lossless};
use crate::value::{ValueKind, classify};

/// Reads the value behind the separator at `at`.
pub fn read(
    reader: &Reader<'_>,
    text: &[u8],
    at: usize,
    end: NameEnd,
    name: &Name,
    context: &Context,
) -> Option<Carried> {
    let in_literal = !end.quoted && url::begins_query_string(text, name.span.start);
    let mut place = match context.opener {
        Opener::Query => PlaceKind::QueryObject,
        Opener::Headers => PlaceKind::Header,
        Opener::Body => PlaceKind::Body,
        Opener::Other => PlaceKind::Assignment,
    };
    if in_literal {
        place = PlaceKind::UrlQuery;
    }
    // Inside a literal (`"token=abc"`, `"Server=x;Password=y"`) a bare word is a value in any language.
    let bare = reader.bare_values() || in_literal || in_string(text, name.span.start, end);
    let extracted = literal::value_after(text, at + 1, bare)?;
    let raw = extracted.span.of(text);
    let kind = if extracted.expression {
        ValueKind::Variable
    } else {
        let braces = if in_literal { crate::value::Braces::Live } else { extracted.braces };
        classify(raw, braces, &reader.book.lexicon)
    };
    let literal = kind == ValueKind::Literal;
    Some(Carried {
        place,
        name: lossless(name.span.of(text)).into_owned(),
        kind,
        secret: literal.then(|| Secret::new(raw)),
        span: if literal { extracted.span } else { Span::new(name.span.start, extracted.span.end) },
        tier: name.tier,
        call: context.call.clone(),
        scheme: None,
        rule: None,
    })
}

/// Whether the unquoted name stands inside a string literal: a quote or a `;` or `&` right before it.
fn in_string(text: &[u8], start: usize, end: NameEnd) -> bool {
    !end.quoted
        && matches!(
            start.checked_sub(1).and_then(|i| text.get(i)),
            Some(b'"' | b'\'' | b'`' | b';' | b'&')
        )
}
