//! URLs as they stand in text: every part keeps its span, nothing is rewritten.
//!
//! This parser never refuses. Code and config hold half URLs, URLs with variables in any part, and
//! URLs whose separators were escaped by the language around them; each of these is read as far as
//! it goes. RFC 3986 gives the names of the parts.

use crate::text::Span;

/// Which part of the address a parameter stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// After `?`.
    Query,
    /// After `#`.
    Fragment,
    /// After `;` in a path.
    Matrix,
}

/// A `name=value` pair of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// Where it stands.
    pub part: Part,
    /// Its name, raw.
    pub name: Span,
    /// Its value, raw.
    pub value: Span,
}

/// An address with the spans of its parts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Uri {
    /// The scheme, without `:`.
    pub scheme: Option<Span>,
    /// The user name before the first `:` of the userinfo.
    pub user: Option<Span>,
    /// The password after it.
    pub password: Option<Span>,
    /// Host without port; IPv6 with its brackets.
    pub host: Option<Span>,
    /// Path, without matrix parameters' values taken out.
    pub path: Option<Span>,
    /// Parameters in order.
    pub parameters: Vec<Parameter>,
}

/// A separator between parameters at `at`: its length in bytes, in any of the spellings which the
/// languages around a URL force on it.
pub fn separator(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let spellings: &[&[u8]] = match rest.first()? {
        b'&' => &[b"&amp;amp;", b"&amp;", b"&#38;", b"&#x26;", b"&"],
        b'\\' => &[b"\\u0026amp;", b"\\u0026", b"\\x26", b"\\&"],
        b'<' => &[b"<amp>"],
        b'^' => &[b"^&"],
        b';' => &[b";"],
        _ => return None,
    };
    spellings
        .iter()
        .find(|s| {
            rest.len() >= s.len() && rest.iter().zip(**s).all(|(a, b)| a.eq_ignore_ascii_case(b))
        })
        .map(|s| s.len())
}

/// The `=` between a name and its value at `at`: its length in bytes.
pub fn equals(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let spellings: &[&[u8]] = match rest.first()? {
        b'=' => &[b"="],
        b'\\' => &[b"\\u003d", b"\\x3d", b"\\="],
        b'&' => &[b"&#61;", b"&equals;"],
        b'^' => &[b"^="],
        _ => return None,
    };
    spellings
        .iter()
        .find(|s| {
            rest.len() >= s.len() && rest.iter().zip(**s).all(|(a, b)| a.eq_ignore_ascii_case(b))
        })
        .map(|s| s.len())
}

/// Reads the address that fills `span` of `text`.
pub fn parse(text: &[u8], span: Span) -> Uri {
    let mut uri = Uri::default();
    // What stands behind the address must not be read as its continuation: an escape that is cut by
    // the end (`\u003` + `d`) is none.
    let text = text.get(..span.end).unwrap_or(text);
    let bytes = span.of(text);
    let mut at = span.start;
    if let Some(colon) = memchr::memmem::find(bytes, b"://") {
        let head = span.start..span.start + colon;
        if is_scheme(text.get(head.clone()).unwrap_or_default()) {
            uri.scheme = Some(Span::new(head.start, head.end));
            at = head.end + 3;
            at = authority(text, Span::new(at, span.end), &mut uri);
        }
    } else if let Some(rest) = bytes.strip_prefix(b"//") {
        let _ = rest;
        at = authority(text, Span::new(span.start + 2, span.end), &mut uri);
    }
    let path_start = at;
    let mut part = Part::Matrix;
    let mut path_end = None;
    let rest = Span::new(at, span.end).of(text);
    if uri.scheme.is_none() && uri.host.is_none() && is_bare_query(rest) {
        // `&token=…` and `a=1&token=…`: a piece of a query without its address.
        path_end = Some(at);
        part = Part::Query;
        at = parameter(text, Span::new(at, span.end), part, &mut uri);
    }
    while at < span.end {
        match text.get(at) {
            Some(b'?') if part != Part::Fragment && path_end.is_none() => {
                path_end = Some(at);
                part = Part::Query;
                at = parameter(text, Span::new(at + 1, span.end), part, &mut uri);
            }
            Some(b'#') if !opens_unit(text, at) => {
                path_end = path_end.or(Some(at));
                part = Part::Fragment;
                let next = text.get(at + 1).copied().unwrap_or_default();
                // `#/route?token=x`: the route of a single-page application has a query of its own.
                let skip = usize::from(next == b'?');
                at = parameter(text, Span::new(at + 1 + skip, span.end), part, &mut uri);
            }
            // `?next=/y?token=…`: an address inside of an address, not encoded.
            Some(b'?') if part != Part::Matrix => {
                at = parameter(text, Span::new(at + 1, span.end), part, &mut uri);
            }
            Some(_) => match separator(text, at) {
                Some(len) if part != Part::Matrix || text.get(at) == Some(&b';') => {
                    at = parameter(text, Span::new(at + len, span.end), part, &mut uri);
                }
                _ => at += unit(text, at, span.end).unwrap_or(1),
            },
            None => break,
        }
    }
    uri.path = Some(Span::new(path_start, path_end.unwrap_or(span.end)));
    uri
}

/// Whether pairs begin at once: neither a path nor a `?` or `#` stands before the first `=` or `&`.
fn is_bare_query(rest: &[u8]) -> bool {
    let sign = rest.iter().position(|b| matches!(b, b'=' | b'&')).unwrap_or(0);
    let head = rest.get(..sign).unwrap_or_default();
    sign < rest.len()
        && matches!(rest.get(sign), Some(b'=' | b'&'))
        && !head.iter().any(|b| matches!(b, b'?' | b'#' | b'/' | b';'))
}

/// Reads one parameter that begins `span`; returns where it ends.
fn parameter(text: &[u8], span: Span, part: Part, uri: &mut Uri) -> usize {
    let mut at = span.start;
    let mut equals_at = None;
    while at < span.end {
        let byte = text.get(at).copied().unwrap_or_default();
        let ends = separator(text, at).is_some()
            || (byte == b'#' && !opens_unit(text, at))
            || (byte == b'?' && (part == Part::Query) == equals_at.is_some())
            || (byte == b'/' && part == Part::Matrix)
            || (byte == b'?' && part == Part::Matrix);
        if ends {
            break;
        }
        if equals_at.is_none()
            && let Some(len) = equals(text, at)
        {
            equals_at = Some((at, len));
            at += len;
            continue;
        }
        at += unit(text, at, span.end).unwrap_or(1);
    }
    if let Some((sign, len)) = equals_at {
        uri.parameters.push(Parameter {
            part,
            name: Span::new(span.start, sign),
            value: Span::new(sign + len, at),
        });
    }
    at
}

/// Reads userinfo, host and port; returns where the path begins.
fn authority(text: &[u8], span: Span, uri: &mut Uri) -> usize {
    let mut end = span.start;
    let mut sign = None;
    while end < span.end {
        match text.get(end) {
            Some(b'/' | b'?') | None => break,
            Some(b'#')
                if !opens_unit(text, end)
                    && userinfo_at(text, Span::new(end, span.end)).is_none() =>
            {
                break;
            }
            Some(b'@') => {
                sign = Some(end);
                end += 1;
            }
            Some(b'\\') if text.get(end + 1) == Some(&b'/') => break,
            Some(_) => end += unit(text, end, span.end).unwrap_or(1),
        }
    }
    let mut host = span.start;
    if let Some(sign) = sign {
        let info = Span::new(span.start, sign);
        match memchr::memchr(b':', info.of(text)) {
            Some(colon) => {
                uri.user = Some(Span::new(info.start, info.start + colon));
                uri.password = Some(Span::new(info.start + colon + 1, sign));
            }
            None => uri.user = Some(info),
        }
        host = sign + 1;
    }
    let bytes = Span::new(host, end).of(text);
    let host_end = if bytes.first() == Some(&b'[') {
        memchr::memchr(b']', bytes).map_or(end, |i| host + i + 1)
    } else {
        memchr::memchr(b':', bytes).map_or(end, |i| host + i)
    };
    uri.host = Some(Span::new(host, host_end)).filter(|h| !h.is_empty());
    end
}

/// Whether an `@` follows before the authority could end: passwords do hold a raw `#`.
fn userinfo_at(text: &[u8], span: Span) -> Option<usize> {
    let bytes = span.of(text);
    let end = memchr::memchr3(b'/', b'?', b' ', bytes).unwrap_or(bytes.len());
    memchr::memchr(b'@', bytes.get(..end)?)
}

/// Whether the `#` at `at` opens a Ruby or Dart interpolation and not a fragment.
fn opens_unit(text: &[u8], at: usize) -> bool {
    text.get(at) == Some(&b'#') && text.get(at + 1) == Some(&b'{')
}

/// The longest variable or placeholder that is followed to its closing bracket, in bytes.
const UNIT_MAX: usize = 300;

/// A variable or placeholder in brackets that begins at `at`: its length. It counts as one, so that
/// quotes, blanks and separators inside do not end a value: `${{ secrets.X }}`, `#{ENV['K']}`,
/// `$(cat key)`, `\(token)`, `<%= t %>`, `{{ vault_x }}`.
pub fn unit(text: &[u8], at: usize, end: usize) -> Option<usize> {
    let limit = end.min(at + UNIT_MAX).min(text.len());
    let rest = text.get(at..limit)?;
    let (open, close, lead) = match rest {
        [b'$' | b'#' | b'@' | b'%', b'{', ..] => (b'{', b'}', 1),
        [b'{', ..] => (b'{', b'}', 0),
        [b'$' | b'\\', b'(', ..] => (b'(', b')', 1),
        [b'@', next, ..] if next.is_ascii_alphabetic() => {
            // FME functions: `@Value(name)`.
            let word = rest.iter().skip(1).take_while(|b| b.is_ascii_alphanumeric()).count();
            if rest.get(word + 1) != Some(&b'(') {
                return None;
            }
            (b'(', b')', word + 1)
        }
        [b'<', b'%' | b'?', ..] => {
            let close = rest.get(1)?;
            let found = rest.windows(2).position(|w| w == [*close, b'>'])?;
            return Some(found + 2);
        }
        _ => return None,
    };
    let mut depth = 0usize;
    for (index, byte) in rest.iter().enumerate().skip(lead) {
        if *byte == b'\n' {
            return None;
        } else if *byte == open {
            depth += 1;
        } else if *byte == close {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some(index + 1);
            }
        }
    }
    None
}

/// Whether `bytes` can be the scheme of an address.
pub fn is_scheme(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(u8::is_ascii_alphabetic)
        && bytes.len() <= 24
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

/// What kind of host a name or address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostKind {
    /// This machine.
    Loopback,
    /// Any other.
    Remote,
    /// It cannot be told: a variable or nothing.
    Unknown,
}

impl HostKind {
    /// The word that rules use.
    pub fn as_str(self) -> &'static str {
        match self {
            HostKind::Loopback => "loopback",
            HostKind::Remote => "remote",
            HostKind::Unknown => "unknown",
        }
    }
}

/// What kind of host this is.
pub fn host_kind(host: &str) -> HostKind {
    let plain = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    if plain.is_empty()
        || plain.contains(['$', '{', '}', '<', '>', '%', '(', ')', '*', '@', '#', '"', '\''])
    {
        return HostKind::Unknown;
    }
    match url::Host::parse(if host.starts_with('[') { host } else { &plain }) {
        Ok(url::Host::Ipv4(ip)) if ip.is_loopback() || ip.is_unspecified() => HostKind::Loopback,
        Ok(url::Host::Ipv6(ip)) if ip.is_loopback() || ip.is_unspecified() => HostKind::Loopback,
        Ok(url::Host::Domain(name))
            if name == "localhost"
                || name.ends_with(".localhost")
                || name == "host.docker.internal" =>
        {
            HostKind::Loopback
        }
        Ok(_) => HostKind::Remote,
        Err(_) => HostKind::Unknown,
    }
}

/// Whether `host` is `pattern` or lies under it: `example.com` covers its subdomains,
/// `*.example.com` the subdomains alone.
pub fn host_matches(host: &str, pattern: &str) -> bool {
    let host = host.to_ascii_lowercase();
    match pattern.strip_prefix("*.") {
        Some(parent) => host.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.')),
        None => {
            host == pattern || host.strip_suffix(pattern).is_some_and(|rest| rest.ends_with('.'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str) -> String {
        let uri = parse(text.as_bytes(), Span::new(0, text.len()));
        let part = |s: Option<Span>| {
            s.map_or("-".to_owned(), |s| crate::text::lossless(s.of(text.as_bytes())).into_owned())
        };
        let mut out = format!(
            "{} {}:{} {} {}",
            part(uri.scheme),
            part(uri.user),
            part(uri.password),
            part(uri.host),
            part(uri.path)
        );
        for p in &uri.parameters {
            out += &format!(" {:?}[{}={}]", p.part, part(Some(p.name)), part(Some(p.value)));
        }
        out
    }

    #[test]
    fn addresses_fall_into_their_parts() {
        insta::assert_snapshot!(
            [
                "https://u:p%40x@h.example:8443/a/b?x=1&token=abc#frag",
                "https://h.example/a;jsessionid=1f/b?x=1;token=2",
                "?sv=2020&sig=a%2Bb",
                "https://h.example/x?a=1&amp;token=t&amp;b=2",
                "https://h.example/x?a=1\\u0026token=t",
                "https://app.example/#/r?access_token=t&state=1",
                "https://app.example/cb#access_token=t&state=1",
                "${BASE}/x?token=${{ secrets.X }}&y=2",
                "https://[::1]:80/x?k=#{ENV['K']}&z=1",
                "//h.example/x?token=t",
                // authward: ignore-next[credential-in-userinfo] an address to take apart
                "redis://:pa#ss@h.example/0",
                "/rel?token=a=b==",
            ]
            .map(show)
            .join("\n")
        );
    }

    #[test]
    fn nothing_behind_the_span_is_read() {
        let text = b"https://h/#ab\\u003dcd&token=${X}";
        for end in 0..=text.len() {
            let cut = &text[..end];
            assert_eq!(parse(text, Span::new(0, end)), parse(cut, Span::new(0, end)), "{end}");
        }
    }

    #[test]
    fn hosts_are_told_apart() {
        for host in ["localhost", "127.0.0.1", "[::1]", "app.localhost", "127.8.0.1"] {
            assert_eq!(host_kind(host), HostKind::Loopback, "{host}");
        }
        for host in ["10.0.0.1", "fme", "h.example", "[fe80::1]"] {
            assert_eq!(host_kind(host), HostKind::Remote, "{host}");
        }
        assert_eq!(host_kind("${HOST}"), HostKind::Unknown);
        assert!(
            host_matches("a.example.com", "example.com")
                && host_matches("example.com", "example.com")
        );
        assert!(
            !host_matches("badexample.com", "example.com")
                && !host_matches("example.com", "*.example.com")
        );
    }
}
