//! Named values that are neither in an address nor in a header: assignments, query objects, form
//! fields.

use super::context::{Context, Opener};
use super::literal::Extracted;
use super::{Carried, Name, NameEnd, Reader, literal, url};
use crate::finding::PlaceKind;
use crate::secret::Secret;
use crate::shape::looks_random;
use crate::text::{Span, lossless};
use crate::value::{Braces, ValueKind, classify};

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
    let extracted = if in_literal && begins_value(text, at + 1) {
        // `Query = "access_token=" + token`
        let span = Span::new(at + 1, at + 1);
        Extracted { span, quoted: true, braces: Braces::Live, expression: true }
    } else {
        literal::value_after(text, at + 1, bare)?
    };
    let mut span = if extracted.quoted { inner(text, extracted.span) } else { extracted.span };
    let lexicon = &reader.book.lexicon;
    let mut kind = if extracted.expression {
        ValueKind::Variable
    } else {
        let braces = if in_literal { Braces::Live } else { extracted.braces };
        classify(span.of(text), braces, lexicon)
    };
    if kind == ValueKind::Variable
        && let Some(default) = literal::default_of(text, span)
        && classify(default.of(text), Braces::Inert, lexicon) == ValueKind::Literal
    {
        (span, kind) = (default, ValueKind::Literal);
    }
    if kind == ValueKind::Variable
        && !lexicon.is_secret_variable(name.tier, name.span.of(text), span.of(text))
    {
        // `?key=${id}`: a name that says so little needs a variable that says more.
        return None;
    }
    let literal = kind == ValueKind::Literal;
    Some(Carried {
        name: lossless(name.span.of(text)).into_owned(),
        secret: literal.then(|| Secret::new(span.of(text))),
        tier: name.tier,
        call: context.call.clone(),
        ..Carried::of(
            place,
            kind,
            if literal { span } else { Span::new(name.span.start, span.end) },
        )
    })
}

/// The value in a string: without blanks at its ends, and without the scheme that some vendors put
/// before it (`FlyV1 …`, `Token …`).
fn inner(text: &[u8], span: Span) -> Span {
    let bytes = span.of(text);
    let start = span.start + bytes.len() - bytes.trim_ascii_start().len();
    let span = Span::new(start, start + bytes.trim_ascii().len());
    let (scheme, rest) = super::header::split_scheme(text, span);
    let alone = !rest.of(text).contains(&b' ') && looks_random(rest.of(text), 20);
    // `Bearer` is one of a header, and found as such.
    let own = scheme.is_some_and(|s| !s.of(text).eq_ignore_ascii_case(b"bearer"));
    if own && alone { rest } else { span }
}

/// Whether the literal ends at `at` and an expression goes on behind it.
fn begins_value(text: &[u8], at: usize) -> bool {
    matches!(text.get(at), Some(b'"' | b'\'' | b'`')) && literal::joined(text, at + 1)
}

/// Whether the unquoted name stands inside a string literal: a quote or a `;` or `&` right before it.
fn in_string(text: &[u8], start: usize, end: NameEnd) -> bool {
    !end.quoted
        && matches!(
            start.checked_sub(1).and_then(|i| text.get(i)),
            Some(b'"' | b'\'' | b'`' | b';' | b'&')
        )
}
