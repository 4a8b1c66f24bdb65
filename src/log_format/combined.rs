//! The common and combined formats of Apache, nginx and Tomcat, and `vhost_combined`.
//!
//! `host ident user [time] "request" status bytes "referer" "agent" …`: the brackets and the first
//! quoted field are looked for, so that a port, a virtual host or an address of IPv6 in front, or
//! more fields behind, do no harm.

use super::Event;
use crate::time::Instant;

/// The event of a line; `None` for any other line.
pub fn event(line: &[u8]) -> Option<Event<'_>> {
    let open = memchr::memchr(b'[', line).and_then(|first| {
        // An address of IPv6 may stand in brackets itself: the time is the one with its colons.
        (first..line.len().min(first + 512))
            .filter(|at| line.get(*at) == Some(&b'['))
            .find(|at| time(line.get(at + 1..).unwrap_or_default()).is_some())
    })?;
    let inside = line.get(open + 1..)?;
    let close = memchr::memchr(b']', inside)?;
    let head = line.get(..open)?;
    let rest = inside.get(close + 1..)?.trim_ascii_start();
    let (request, rest) = quoted(rest)?;
    let mut fields = rest.trim_ascii_start().splitn(3, u8::is_ascii_whitespace);
    let status = number(fields.next()?)?;
    let rest = fields.nth(1).unwrap_or_default().trim_ascii_start();
    let referer = quoted(rest).map(|(referer, _)| referer);
    let (method, target) = request_line(request)?;
    let (host, user) = in_front(head);
    Some(Event {
        method,
        target,
        status,
        at: time(inside),
        host,
        referer: referer.filter(|r| !matches!(*r, b"" | b"-")),
        user,
    })
}

/// What stands between quotes, and what follows. A quote in it is escaped.
fn quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = text.strip_prefix(b"\"")?;
    let mut at = 0;
    loop {
        match inner.get(at)? {
            b'"' => return Some((inner.get(..at)?, inner.get(at + 1..)?)),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

fn number(field: &[u8]) -> Option<u16> {
    let is_status = field.len() == 3 && field.iter().all(u8::is_ascii_digit);
    is_status.then(|| field.iter().fold(0, |n, d| n * 10 + u16::from(d - b'0')))
}

/// `GET /path HTTP/1.1`: the target may hold blanks, which clients should have encoded.
fn request_line(request: &[u8]) -> Option<(&[u8], &[u8])> {
    let blank = memchr::memchr(b' ', request)?;
    let (method, target) = request.split_at_checked(blank)?;
    let target = target.get(1..)?;
    let target = match memchr::memmem::rfind(target, b" HTTP/") {
        Some(end) => target.get(..end)?,
        None => target,
    };
    let is_method =
        !method.is_empty() && method.iter().all(|b| b.is_ascii_alphabetic() || *b == b'-');
    (is_method && !target.is_empty()).then_some((method, target))
}

/// What stands in front of the time: `[vhost:port] remote ident user`.
fn in_front(head: &[u8]) -> (Option<&[u8]>, Option<&[u8]>) {
    let mut fields = head.split(u8::is_ascii_whitespace).filter(|f| !f.is_empty()).rev();
    let user = fields.next().filter(|user| *user != b"-");
    let (_ident, _remote) = (fields.next(), fields.next());
    // One field more: the name of the server, and no address of a proxy chain.
    let host = fields.next().filter(|_| fields.next().is_none());
    let host = host.and_then(|host| host.split(|b| *b == b':').next());
    let is_name = |host: &&[u8]| {
        host.iter().any(u8::is_ascii_alphabetic)
            && host.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
    };
    (host.filter(is_name), user)
}

/// `24/Nov/2026:10:00:00 +0100`, without an allocation.
fn time(text: &[u8]) -> Option<Instant> {
    const MONTHS: &[&[u8]] = &[
        b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov",
        b"Dec",
    ];
    let text = text.get(..26)?;
    let part = |from: usize, to: usize| text.get(from..to);
    let month = MONTHS.iter().position(|m| Some(*m) == part(3, 6))? + 1;
    let tens = u8::try_from(month / 10).ok()?;
    let ones = u8::try_from(month % 10).ok()?;
    let mut out = *b"YYYY-MM-DDTHH:MM:SS+HH:MM";
    out.get_mut(..4)?.copy_from_slice(part(7, 11)?);
    out.get_mut(5..7)?.copy_from_slice(&[b'0' + tens, b'0' + ones]);
    out.get_mut(8..10)?.copy_from_slice(part(0, 2)?);
    out.get_mut(11..19)?.copy_from_slice(part(12, 20)?);
    out.get_mut(19..22)?.copy_from_slice(part(21, 24)?);
    out.get_mut(23..25)?.copy_from_slice(part(24, 26)?);
    Instant::parse(std::str::from_utf8(&out).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_all_servers_are_read() {
        for (line, target, host) in [
            (
                r#"10.0.0.7 - alice [24/Nov/2026:10:00:00 +0100] "GET /a?b=1 HTTP/1.1" 401 12"#,
                "/a?b=1",
                None,
            ),
            (
                r#"::1 - - [24/Nov/2026:10:00:00 +0100] "GET /a HTTP/2.0" 401 0 "https://h.example/p" "agent \"x\"""#,
                "/a",
                None,
            ),
            (
                r#"fme.example:443 10.0.0.7 - - [24/Nov/2026:10:00:00 +0000] "POST /a b HTTP/1.1" 401 - "-" "-""#,
                "/a b",
                Some("fme.example"),
            ),
            (
                r#"[2001:db8::1] - - [24/Nov/2026:10:00:00 +0000] "GET /a\"b HTTP/1.1" 401 5"#,
                r#"/a\"b"#,
                None,
            ),
        ] {
            let event = event(line.as_bytes()).unwrap();
            assert_eq!(event.target, target.as_bytes(), "{line}");
            assert_eq!(event.host, host.map(str::as_bytes), "{line}");
            assert_eq!(event.status, 401, "{line}");
            assert!(event.at.is_some(), "{line}");
        }
        assert_eq!(event(b"").map(|e| e.status), None);
        assert_eq!(event(b"10.0.0.7 - - [x] \"GET / HTTP/1.1\" 401 1").map(|e| e.status), None);
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic(line in "[ -~]{0,80}") {
            let _ = event(line.as_bytes());
            let framed = format!("h - - [24/Nov/2026:10:00:00 +0000] \"{line}\" 401 {line}");
            let _ = event(framed.as_bytes());
        }
    }
}
