//! The annotation carrier: interfaces of HTTP clients which name a query parameter and leave its value
//! to the caller, as Retrofit (`@Query("api_key")`) and Refit (`[AliasAs("api_key")]`) do.

use super::{Carried, Reader};
use crate::artifact::Role;
use crate::finding::PlaceKind;
use crate::text::{Span, lossless};
use crate::value::ValueKind;

/// How far back the annotation of the call is looked for, in bytes.
const CALL_MAX: usize = 800;

/// An annotation, and what the call above it is marked with. A server's readers look alike
/// (`@Query('token')` of a controller), and have another mark.
const ANNOTATIONS: &[(&[u8], &[&[u8]])] = &[
    (b"@Query(\"", &[b"@GET(", b"@POST(", b"@PUT(", b"@DELETE(", b"@HTTP("]),
    (b"[AliasAs(\"", &[b"[Get(", b"[Post(", b"[Put(", b"[Delete("]),
    // A description in code: `FastAPI`.
    (b"APIKeyQuery(name=\"", &[]),
];

/// Reads every such annotation in `body`.
pub fn read(reader: &Reader<'_>, text: &[u8], body: Span, out: &mut Vec<Carried>) {
    if reader.kind.role != Role::Code {
        return;
    }
    for (annotation, calls) in ANNOTATIONS {
        for at in
            memchr::memmem::find_iter(super::begins_in(text, body, annotation.len()), annotation)
                .map(|i| body.start + i)
        {
            let before = text.get(at.saturating_sub(CALL_MAX)..at).unwrap_or_default();
            if !calls.is_empty()
                && !calls.iter().any(|call| memchr::memmem::find(before, call).is_some())
            {
                continue;
            }
            let start = at + annotation.len();
            let rest = text.get(start..(start + crate::name::NAME_MAX).min(text.len()));
            let Some(len) = rest.and_then(|r| memchr::memchr(b'"', r)) else { continue };
            let Some(name) = reader.known(text, Span::new(start, start + len)) else { continue };
            out.push(Carried {
                name: lossless(name.span.of(text)).into_owned(),
                tier: name.tier,
                ..Carried::of(PlaceKind::UrlQuery, ValueKind::Demanded, name.span)
            });
        }
    }
}
