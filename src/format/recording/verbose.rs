//! What curl tells of its calls: `curl -v` and `--trace-ascii`, one call or many.

use std::collections::BTreeMap;

use super::{Each, Recording, numbered};
use crate::exchange::{Exchange, Spot};
use crate::http::body::BODY_MAX;
use crate::http::message::{Headers, Request, Response};
use crate::secret::Secret;
use crate::text::lossless;

/// `curl -v` and `curl --trace-ascii`.
#[derive(Debug)]
pub(super) struct Verbose;

impl Recording for Verbose {
    fn name(&self) -> &'static str {
        "curl -v"
    }

    fn recognises(&self, _: &str, head: &[u8]) -> bool {
        let text = lossless(head);
        text.split('\n').any(|line| {
            let line = untimed(line.trim_end_matches('\r'));
            let sent =
                without_meter(line).strip_prefix("> ").is_some_and(|l| request_line(l).is_some());
            sent || line.starts_with("=> Send header, ")
        })
    }

    fn read(&self, bytes: &[u8], each: &mut Each<'_>) -> Vec<String> {
        let text = lossless(bytes);
        let mut calls = Calls::new(each);
        if text.split('\n').any(|line| untimed(line).starts_with("=> Send header, ")) {
            trace(&text, &mut calls);
        } else {
            verbose(&text, &mut calls);
        }
        calls.flush();
        Vec::new()
    }
}

/// A line without the time of `--trace-time`.
fn untimed(line: &str) -> &str {
    match line.split_once(' ') {
        Some((time, rest)) if time.len() >= 8 && time.matches(':').count() == 2 => {
            let is_time = time.bytes().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.'));
            if is_time { rest } else { line }
        }
        _ => line,
    }
}

/// A line behind the progress meter, which ends without a line end.
fn without_meter(line: &str) -> &str {
    let line = line.rsplit('\r').next().unwrap_or(line);
    let is_meter =
        |c: char| c.is_ascii_digit() || matches!(c, ' ' | ':' | '-' | '.' | 'k' | 'M' | 'G');
    let end = line.find(|c| !is_meter(c)).unwrap_or(line.len());
    let (meter, rest) = line.split_at_checked(end).unwrap_or(("", line));
    if meter.split_whitespace().count() >= 10 { rest } else { line }
}

fn verbose(text: &str, calls: &mut Calls<'_, '_>) {
    for (number, line) in numbered(text) {
        let line = without_meter(untimed(line));
        if let Some(sent) = marked(line, '>') {
            calls.sent(sent, number);
        } else if let Some(got) = marked(line, '<') {
            calls.got(got, number);
        } else if let Some(info) = line.strip_prefix("* ") {
            calls.info(info);
        } else if is_noise(line) {
        } else {
            calls.body_line(line);
        }
    }
}

/// What stands behind `> ` or `< `; a mark alone is the end of the headers.
fn marked(line: &str, mark: char) -> Option<&str> {
    let rest = line.strip_prefix(mark)?;
    if rest.is_empty() { Some("") } else { rest.strip_prefix(' ') }
}

/// `{ [123 bytes data]` and the head of the progress meter.
fn is_noise(line: &str) -> bool {
    let inner = line.strip_prefix("{ [").or_else(|| line.strip_prefix("} ["));
    inner.is_some_and(|rest| rest.ends_with("bytes data]"))
        || line.trim_start().starts_with("% Total")
        || line.trim_start().starts_with("Dload  Upload")
}

/// The blocks of `--trace-ascii`.
fn trace(text: &str, calls: &mut Calls<'_, '_>) {
    let mut block = "";
    // A long line is written in pieces of 64 bytes: one that begins where the last ended goes on.
    let (mut line, mut first, mut end) = (String::new(), 0, None);
    let mut give = |block: &str, line: &mut String, number: usize| {
        let whole = std::mem::take(line);
        match block {
            "=> Send header" => calls.sent(&whole, number),
            "<= Recv header" => calls.got(&whole, number),
            "<= Recv data" => calls.body_line(&whole),
            "=> Send data" => calls.sent_body(&whole),
            "info" => calls.info(&whole),
            _ => {}
        }
    };
    for (number, raw) in numbered(text) {
        let raw = untimed(raw);
        if let Some(info) = raw.strip_prefix("== Info: ") {
            if end.take().is_some() {
                give(block, &mut line, first);
            }
            give("info", &mut info.to_owned(), number);
            block = "";
        } else if raw.starts_with("=> ") || raw.starts_with("<= ") {
            if end.take().is_some() {
                give(block, &mut line, first);
            }
            block = raw.split(',').next().unwrap_or_default();
        } else if let Some((offset, piece)) =
            raw.split_once(": ").or_else(|| Some((raw.strip_suffix(':')?, "")))
            && let Ok(offset) = usize::from_str_radix(offset, 16)
        {
            if end.is_some_and(|end| end != offset) {
                give(block, &mut line, first);
                end = None;
            }
            if end.is_none() {
                first = number;
            }
            line.push_str(piece);
            end = Some(offset + piece.len());
        }
    }
    if end.is_some() {
        give(block, &mut line, first);
    }
}

/// `GET /path HTTP/1.1`
fn request_line(line: &str) -> Option<(&str, &str)> {
    let (method, rest) = line.split_once(' ')?;
    let (target, version) = rest.rsplit_once(' ')?;
    let is_method =
        !method.is_empty() && method.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-');
    (is_method && version.starts_with("HTTP/") && !target.is_empty()).then_some((method, target))
}

struct Open {
    line: usize,
    request: Request,
    response: Option<Response>,
    body: Vec<u8>,
    sent_ends: bool,
    got_ends: bool,
    body_ends: bool,
}

/// Puts calls together from what curl tells.
struct Calls<'c, 'f> {
    each: &'c mut Each<'f>,
    open: Option<Open>,
    scheme: &'static str,
    /// The scheme of each host that was connected.
    schemes: BTreeMap<String, &'static str>,
    host: String,
    /// `[:method: GET]` and its kin, for a version that shows no request line.
    pseudo: Vec<(String, String)>,
}

impl<'c, 'f> Calls<'c, 'f> {
    fn new(each: &'c mut Each<'f>) -> Self {
        Self {
            each,
            open: None,
            scheme: "",
            schemes: BTreeMap::new(),
            host: String::new(),
            pseudo: Vec::new(),
        }
    }

    fn begin(&mut self, method: &str, target: &str, line: usize) {
        self.flush();
        let request = Request {
            method: method.to_owned(),
            target: Secret::new(target.as_bytes()),
            headers: Headers::default(),
            body: None,
        };
        self.open = Some(Open {
            line,
            request,
            response: None,
            body: Vec::new(),
            sent_ends: false,
            got_ends: false,
            body_ends: false,
        });
        self.pseudo.clear();
    }

    fn sent(&mut self, text: &str, line: usize) {
        let begins =
            self.open.as_ref().is_none_or(|open| open.sent_ends || open.response.is_some());
        if begins {
            if let Some((method, target)) = request_line(text) {
                self.begin(method, target, line);
            }
            return;
        }
        let Some(open) = &mut self.open else { return };
        match text.split_once(':') {
            Some((name, value)) => {
                open.request.headers.add(name.trim(), value.trim().as_bytes());
            }
            None => open.sent_ends |= text.is_empty(),
        }
    }

    fn sent_body(&mut self, text: &str) {
        if let Some(open) = &mut self.open
            && open.response.is_none()
        {
            open.request.body = Some(Secret::new(text.as_bytes()));
        }
    }

    fn got(&mut self, text: &str, line: usize) {
        let status =
            text.strip_prefix("HTTP/").and_then(|rest| rest.split(' ').nth(1)?.parse().ok());
        if let Some(status) = status.filter(|status| (100..=999).contains(status)) {
            if self.open.is_none() {
                self.begin_from_pseudo(line);
            }
            let Some(open) = &mut self.open else { return };
            // `100 Continue` is followed by the answer.
            if open.response.as_ref().is_none_or(|r| r.status < 200) {
                open.response =
                    Some(Response { status, headers: Headers::default(), body: Secret::new(b"") });
                open.got_ends = false;
            }
            return;
        }
        let Some(open) = &mut self.open else { return };
        let Some(response) = &mut open.response else { return };
        match text.split_once(':') {
            Some((name, value)) => response.headers.add(name.trim(), value.trim().as_bytes()),
            None => open.got_ends |= text.is_empty(),
        }
    }

    fn body_line(&mut self, line: &str) {
        let Some(open) = &mut self.open else { return };
        if !open.got_ends || open.body_ends || open.body.len() > BODY_MAX {
            return;
        }
        // Standard output and error are written together: `{"message":"no"}* Connection #0 …`
        let said = [
            "* Connection #", "* Closing connection", "* Issue another request",
            "* Ignoring the response",
        ];
        let cut = said.iter().filter_map(|mark| line.find(mark)).min();
        let own = cut.and_then(|cut| line.get(..cut)).unwrap_or(line);
        open.body_ends = cut.is_some();
        open.body.extend_from_slice(own.as_bytes());
        open.body.push(b'\n');
    }

    fn info(&mut self, text: &str) {
        let text = text.trim();
        let behind = |mark: &str| text.split_once(mark).map(|(_, rest)| rest);
        if let Some(rest) = text.strip_prefix("Connected to ").or_else(|| {
            behind(" host ").filter(|_| text.starts_with("Re-using") || text.starts_with("Reusing"))
        }) {
            self.flush();
            let host = rest.split([' ', '(']).next().unwrap_or_default().to_ascii_lowercase();
            let secure = behind(" port ").is_some_and(|port| port.starts_with("443"));
            let known = self.schemes.get(&host).copied();
            let scheme = if text.starts_with("Connected") && !secure {
                "http"
            } else {
                known.unwrap_or("https")
            };
            self.scheme = if text.starts_with("Re") { known.unwrap_or("") } else { scheme };
            self.host = host;
        } else if ["SSL connection using", "using TLS", "TLS handshake", "ALPN", "schannel"]
            .iter()
            .any(|mark| text.contains(mark))
        {
            self.scheme = "https";
        } else if text.starts_with("Connection #")
            || text.starts_with("Closing connection")
            || text.starts_with("Issue another request")
        {
            if let Some(open) = &mut self.open {
                open.body_ends |= open.response.is_some();
            }
        } else if let Some((name, value)) = pseudo(text) {
            if name == ":method" {
                self.flush();
                self.pseudo.clear();
            }
            self.pseudo.push((name.to_owned(), value.to_owned()));
        }
        if !self.host.is_empty() && !self.scheme.is_empty() {
            self.schemes.insert(self.host.clone(), self.scheme);
        }
    }

    fn begin_from_pseudo(&mut self, line: usize) {
        let fields = std::mem::take(&mut self.pseudo);
        let named =
            |wanted: &str| fields.iter().find(|(n, _)| n == wanted).map(|(_, v)| v.as_str());
        let Some(path) = named(":path") else { return };
        self.begin(named(":method").unwrap_or("GET"), path, line);
        let Some(open) = &mut self.open else { return };
        if let Some(host) = named(":authority") {
            open.request.headers.add("host", host.as_bytes());
        }
        for (name, value) in fields.iter().filter(|(name, _)| !name.starts_with(':')) {
            open.request.headers.add(name, value.as_bytes());
        }
    }

    fn flush(&mut self) {
        let Some(mut open) = self.open.take() else { return };
        if let Some(response) = &mut open.response {
            response.body = Secret::new(open.body.trim_ascii());
        }
        self.address(&mut open.request);
        (self.each)(
            Spot::line(open.line),
            Exchange { request: open.request, response: open.response, at: None },
        );
    }

    /// The whole address: the target of the request line is a path alone.
    #[expect(clippy::disallowed_methods, reason = "an address is put together from its parts")]
    fn address(&self, request: &mut Request) {
        if self.scheme.is_empty() || !request.target.expose().starts_with(b"/") {
            return;
        }
        let Some(host) = request.headers.all("host").next() else { return };
        let mut whole = format!("{}://", self.scheme).into_bytes();
        whole.extend_from_slice(host.expose());
        whole.extend_from_slice(request.target.expose());
        request.target = Secret::new(&whole);
    }
}

/// `[HTTP/2] [1] [:path: /x]`, `h2 [:path: /x]`, `h2h3 [:path: /x]`
fn pseudo(text: &str) -> Option<(&str, &str)> {
    let is_h2 = ["[HTTP/2]", "[HTTP/3]", "h2 ", "h2h3 "].iter().any(|mark| text.starts_with(mark));
    let inner = text.strip_suffix(']')?;
    let field = inner.get(inner.rfind(" [")? + 2..)?;
    let colon = field.get(1..)?.find(": ")? + 1;
    is_h2.then_some((field.get(..colon)?, field.get(colon + 2..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(Spot, Exchange)> {
        let mut all = Vec::new();
        assert!(Verbose.recognises("x", text.as_bytes()), "{text}");
        Verbose.read(text.as_bytes(), &mut |spot, exchange| all.push((spot, exchange)));
        all
    }

    #[test]
    fn redirects_progress_and_bodies() {
        let all = read(
            "* Connected to h.example (10.0.0.1) port 443 (#0)\n* SSL connection using TLSv1.3\n  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0> GET /a HTTP/2\r\n> Host: h.example\r\n> \r\n< HTTP/2 302 \r\n< location: /b\r\n< \r\n{ [5 bytes data]\n* Issue another request to this URL: 'https://h.example/b'\n> GET /b HTTP/2\r\n> Host: h.example\r\n>\r\n< HTTP/2 401 \r\n<\r\n{\"message\":\"no\"}* Connection #0 to host h.example left intact\n",
        );
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].0, Spot::line(3));
        assert_eq!(all[1].1.request.target, Secret::new(b"https://h.example/b"));
        let response = all[1].1.response.as_ref().unwrap();
        assert_eq!((response.status, &response.body), (401, &Secret::new(b"{\"message\":\"no\"}")));
    }

    #[test]
    fn long_lines_of_a_trace_are_joined() {
        let all = read(
            "== Info: Connected to h.example (10.0.0.1) port 80\n=> Send header, 40 bytes (0x28)\n0000: GET /a HTTP/1.1\n0011: Host: h.example\n0022: X-Long: abc\n002d: def\n0032: \n<= Recv header, 24 bytes (0x18)\n0000: HTTP/1.1 403 Forbidden\n<= Recv header, 2 bytes (0x2)\n0000: \n<= Recv data, 2 bytes (0x2)\n0000: no\n",
        );
        assert_eq!(all.len(), 1);
        let exchange = &all[0].1;
        assert_eq!(exchange.request.target, Secret::new(b"http://h.example/a"));
        assert_eq!(exchange.request.headers.all("x-long").next(), Some(&Secret::new(b"abcdef")));
        assert_eq!(exchange.response.as_ref().unwrap().body, Secret::new(b"no"));
    }

    #[test]
    fn a_request_that_only_its_fields_tell() {
        assert_eq!(pseudo("[HTTP/2] [1] [:path: /x]"), Some((":path", "/x")));
        assert_eq!(pseudo("h2 [accept: */*]"), Some(("accept", "*/*")));
        assert_eq!(pseudo("Connected"), None);
    }
}
