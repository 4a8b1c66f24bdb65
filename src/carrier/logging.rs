//! The logging carrier: server configs which write credentials into their log, because the format
//! names a header or a parameter that carries one.

use super::{Carried, Reader};
use crate::artifact::Role;
use crate::finding::PlaceKind;
use crate::text::{Span, lossless};
use crate::value::ValueKind;

/// Directives that define the format of a log.
const DIRECTIVES: &[&[u8]] = &[
    b"log_format", b"LogFormat", b"CustomLog", b"log-format", b"access_log_format",
    b"AccessLogValve",
];
/// The longest format that is read, in bytes.
const FORMAT_MAX: usize = 2000;
/// Variables that hold the whole query, as nginx and Apache write them.
const WHOLE_QUERY: &[&[u8]] =
    &[b"$request", b"$request_uri", b"$args", b"$query_string", b"%r", b"%q"];
/// Paths of FME Flow, whose services read tokens from the query: there every query is logged with
/// its token.
const FME_PATHS: &[&[u8]] =
    &[b"fmerest", b"fmeapiv4", b"fmedatadownload", b"fmejobsubmitter", b"fmedatastreaming"];

/// Reads every log format in `body`.
pub fn read(reader: &Reader<'_>, text: &[u8], body: Span, out: &mut Vec<Carried>) {
    if !matches!(reader.kind.role, Role::Config | Role::Other | Role::Template) {
        return;
    }
    let mut is_fme = None;
    for directive in DIRECTIVES {
        let mut done = 0;
        for at in
            memchr::memmem::find_iter(super::begins_in(text, body, directive.len()), directive)
                .map(|i| body.start + i)
        {
            if at < done {
                continue;
            }
            let line = text.get(at.saturating_sub(200)..at).unwrap_or_default();
            let start = memchr::memrchr(b'\n', line).map_or(0, |i| i + 1);
            let comment = line.get(start..).unwrap_or_default().contains(&b'#');
            let limit = (at + FORMAT_MAX).min(text.len());
            let rest = text.get(at..limit).unwrap_or_default();
            // nginx ends its directives with a semicolon, Tomcat with its element, the others with
            // their line.
            let sign = match *directive {
                b"log_format" => b';',
                b"AccessLogValve" => b'>',
                _ => b'\n',
            };
            let end = memchr::memchr(sign, rest).unwrap_or(rest.len());
            done = at + end;
            let is_fme = *is_fme.get_or_insert_with(|| {
                FME_PATHS.iter().any(|path| memchr::memmem::find(text, path).is_some())
            });
            if !comment {
                format(reader, text, Span::new(at, at + end), is_fme, out);
            }
        }
    }
}

/// What the format under `span` writes down.
fn format(reader: &Reader<'_>, text: &[u8], span: Span, is_fme: bool, out: &mut Vec<Carried>) {
    let forms: [(&[u8], &[u8], PlaceKind); 4] = [
        (b"$http_", b"", PlaceKind::Header),
        (b"$arg_", b"", PlaceKind::UrlQuery),
        (b"$cookie_", b"", PlaceKind::Cookie),
        (b"%{", b"}i", PlaceKind::Header),
    ];
    for (lead, tail, place) in forms {
        for found in memchr::memmem::find_iter(span.of(text), lead) {
            let start = span.start + found + lead.len();
            let rest = Span::new(start, span.end).of(text);
            let len = rest
                .iter()
                .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
                .count();
            let name = Span::new(start, start + len);
            let ends = rest.get(len..).is_some_and(|r| r.starts_with(tail));
            let cookie = name.of(text).eq_ignore_ascii_case(b"cookie");
            if ends && (cookie || reader.known(text, name).is_some()) {
                out.push(logged(text, name, place));
            }
        }
    }
    if is_fme {
        let whole = WHOLE_QUERY.iter().find_map(|variable| {
            let found = memchr::memmem::find_iter(span.of(text), variable).find(|found| {
                let behind = span.of(text).get(found + variable.len());
                !behind.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
            })?;
            let start = span.start + found;
            Some(Span::new(start, start + variable.len()))
        });
        out.extend(whole.map(|variable| logged(text, variable, PlaceKind::UrlQuery)));
    }
}

fn logged(text: &[u8], name: Span, place: PlaceKind) -> Carried {
    Carried {
        name: lossless(name.of(text)).into_owned(),
        ..Carried::of(place, ValueKind::Logged, name)
    }
}
