//! Calls of curl as they are typed: alone, or in a script. There is no answer; what is wrong with
//! the call itself can be seen all the same.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::options::{self, Takes};
use super::shell::{self, FILLED, Shell};
use super::{Each, Recording};
use crate::exchange::{Exchange, Spot};
use crate::http::message::{Headers, Request};
use crate::secret::Secret;
use crate::text::lossless;

/// Command lines of curl.
#[derive(Debug)]
pub struct Commands;

impl Recording for Commands {
    fn name(&self) -> &'static str {
        "curl command"
    }

    fn recognises(&self, _: &str, head: &[u8]) -> bool {
        lossless(head).split('\n').any(|line| {
            let line = line.trim_start().trim_start_matches(['$', '>', '#']).trim_start();
            is_curl(line.split([' ', '\t', '\r']).next().unwrap_or_default())
                || line.contains("$(curl ")
                || line.contains("| curl ")
        })
    }

    fn read(&self, bytes: &[u8], each: &mut Each<'_>) -> Vec<String> {
        let text = lossless(bytes);
        let mut notices = Vec::new();
        for command in shell::commands(&text, Shell::of(&text)) {
            let at = command.words.iter().position(|word| is_curl(word));
            let Some(at) = at.filter(|at| leads(command.words.get(..*at).unwrap_or_default()))
            else {
                continue;
            };
            let mut call = Call::default();
            let words = command.words.get(at + 1..).unwrap_or_default();
            for problem in
                call.read(words, &mut |exchange| each(Spot::line(command.line), exchange))
            {
                notices.push(format!("line {}: {problem}", command.line));
            }
        }
        notices
    }
}

fn is_curl(word: &str) -> bool {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    matches!(name, "curl" | "curl.exe")
}

/// Whether these words may stand before a command: a prompt, settings, `sudo` and its kin.
fn leads(words: &[String]) -> bool {
    words.iter().all(|word| {
        matches!(
            word.as_str(),
            "$" | ">"
                | "%"
                | "#"
                | "sudo"
                | "time"
                | "exec"
                | "env"
                | "nice"
                | "if"
                | "while"
                | "until"
                | "!"
                | "then"
                | "do"
                | "else"
                | "{"
                | "command"
                | "-"
        ) || word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        })
    })
}

/// What a command line adds up to, up to `--next`.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of curl")]
struct Call {
    urls: Vec<String>,
    method: Option<String>,
    headers: Vec<String>,
    data: Vec<String>,
    form: bool,
    query: Vec<String>,
    get: bool,
    head: bool,
    upload: bool,
    json: bool,
    user: Option<String>,
    proxy_user: Option<String>,
    bearer: Option<String>,
    /// A scheme that is worked out with the server: the header is not known.
    negotiated: bool,
    cookies: Vec<String>,
    agent: Option<String>,
    referer: Option<String>,
}

impl Call {
    /// Reads the words behind `curl`, gives each call, and says what was not understood.
    fn read(&mut self, words: &[String], each: &mut dyn FnMut(Exchange)) -> Vec<String> {
        let mut problems = Vec::new();
        let mut words = words.iter();
        let mut only_urls = false;
        while let Some(word) = words.next() {
            if only_urls || !word.starts_with('-') || word == "-" {
                self.urls.push(word.clone());
            } else if word == "--" {
                only_urls = true;
            } else if let Some(name) = word.strip_prefix("--") {
                let (name, inline) = match name.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_owned())),
                    None => (name, None),
                };
                match options::long(name) {
                    Some(Takes::Value) => {
                        let value = inline.or_else(|| words.next().cloned());
                        self.take(name, value.unwrap_or_default());
                    }
                    Some(Takes::Nothing) if name == "next" => self.give(each),
                    Some(Takes::Nothing) => self.flag(name),
                    None => problems.push(unknown(name)),
                }
            } else {
                self.short(word, &mut words, each, &mut problems);
            }
        }
        self.give(each);
        problems
    }

    /// `-sSLH value`, `-XPOST`
    fn short<'w>(
        &mut self,
        word: &str,
        words: &mut impl Iterator<Item = &'w String>,
        each: &mut dyn FnMut(Exchange),
        problems: &mut Vec<String>,
    ) {
        let mut letters = word.chars().skip(1);
        while let Some(letter) = letters.next() {
            match options::short(letter) {
                Some((name, Takes::Value)) => {
                    let rest: String = letters.by_ref().collect();
                    let value = if rest.is_empty() {
                        words.next().cloned().unwrap_or_default()
                    } else {
                        rest
                    };
                    self.take(name, value);
                }
                Some(("next", _)) => self.give(each),
                Some((name, Takes::Nothing)) => self.flag(name),
                None => {
                    // What follows may be its value: nothing more of this word is known.
                    problems.push(unknown(&letter.to_string()));
                    return;
                }
            }
        }
    }

    fn flag(&mut self, name: &str) {
        match name {
            "get" => self.get = true,
            "head" => self.head = true,
            "digest" | "ntlm" | "negotiate" | "anyauth" | "ntlm-wb" => self.negotiated = true,
            _ => {}
        }
    }

    fn take(&mut self, name: &str, value: String) {
        match name {
            "request" => self.method = Some(value),
            "header" => self.headers.push(value),
            "data" | "data-ascii" | "data-binary" => self.data.push(of_file(value)),
            "data-raw" => self.data.push(value),
            "json" => {
                self.json = true;
                self.data.push(of_file(value));
            }
            "data-urlencode" => self.data.push(encoded(&value)),
            "form" | "form-string" => self.form = true,
            "url" => self.urls.push(value),
            "url-query" => self.query.push(match value.strip_prefix('+') {
                Some(raw) => raw.to_owned(),
                None => encoded(&value),
            }),
            "user" => self.user = Some(value),
            "proxy-user" => self.proxy_user = Some(value),
            "oauth2-bearer" => self.bearer = Some(value),
            "aws-sigv4" => self.negotiated = true,
            "cookie" if value.contains('=') => self.cookies.push(value),
            "user-agent" => self.agent = Some(value),
            "referer" => self.referer = Some(value.trim_end_matches(";auto").to_owned()),
            "upload-file" => self.upload = true,
            _ => {}
        }
    }

    fn give(&mut self, each: &mut dyn FnMut(Exchange)) {
        let call = std::mem::take(self);
        for url in &call.urls {
            each(Exchange { request: call.request(url), response: None, at: None });
        }
    }

    fn request(&self, url: &str) -> Request {
        let has_body = !self.get && (!self.data.is_empty() || self.form);
        let method = self.method.clone().unwrap_or_else(|| {
            let method = match () {
                () if self.head => "HEAD",
                () if self.upload => "PUT",
                () if has_body => "POST",
                () => "GET",
            };
            method.to_owned()
        });
        let body = self.data.join("&");
        let mut query = self.query.clone();
        if self.get && !body.is_empty() {
            query.push(body.clone());
        }
        let url = address(url, &query);
        Request {
            method: plain(&method),
            target: Secret::new(url.as_bytes()),
            headers: self.headers(has_body),
            body: (has_body && !self.data.is_empty())
                .then(|| Secret::new(hidden(&body).as_bytes())),
        }
    }

    fn headers(&self, has_body: bool) -> Headers {
        let mut headers = Headers::default();
        let mut add = |name: &str, value: &str| headers.add(name, hidden(value).as_bytes());
        let mut named = Vec::new();
        for header in &self.headers {
            // `X-Empty;` sends it empty, `X-Gone:` takes it out, `@file` is not read.
            let (name, value) = match header.split_once(':') {
                Some((name, value)) => (name.trim(), value.trim()),
                None => (header.trim_end_matches(';').trim(), ""),
            };
            named.push(name.to_ascii_lowercase());
            if !value.is_empty() || header.ends_with(';') {
                add(&plain(name), value);
            }
        }
        let absent = |name: &str| !named.iter().any(|known| known == name);
        if absent("authorization") && !self.negotiated {
            if let Some(bearer) = &self.bearer {
                add("authorization", &format!("Bearer {bearer}"));
            } else if let Some(user) = self.user.as_deref().filter(|user| user.contains(':')) {
                add("authorization", &basic(user));
            }
        }
        if absent("proxy-authorization")
            && let Some(user) = self.proxy_user.as_deref().filter(|user| user.contains(':'))
        {
            add("proxy-authorization", &basic(user));
        }
        if !self.cookies.is_empty() && absent("cookie") {
            add("cookie", &self.cookies.join("; "));
        }
        for (name, value) in [("user-agent", &self.agent), ("referer", &self.referer)] {
            if let Some(value) = value.as_ref().filter(|_| absent(name)) {
                add(name, value);
            }
        }
        if has_body && absent("content-type") {
            let kind = match (self.json, self.form) {
                (true, _) => "application/json",
                (_, true) => "multipart/form-data",
                _ => "application/x-www-form-urlencoded",
            };
            add("content-type", kind);
        }
        headers
    }
}

/// The name of an option that is not known, if it can be one.
fn unknown(name: &str) -> String {
    let is_name =
        name.len() <= 24 && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b == b'.');
    let shown = if is_name { format!(" `{name}`") } else { String::new() };
    format!("the option{shown} is not one of curl that is known; it was left out")
}

/// `@file` and `-` are read by curl, and not here.
fn of_file(value: String) -> String {
    if value.starts_with('@') { String::new() } else { value }
}

/// `name=content` of `--data-urlencode`: the content is encoded.
fn encoded(value: &str) -> String {
    let (name, content) = match value.find(['=', '@']) {
        Some(at) if value.get(at..=at) == Some("=") => {
            value.split_at_checked(at).unwrap_or((value, ""))
        }
        Some(_) => return String::new(),
        None => ("", value),
    };
    let content = content.strip_prefix('=').unwrap_or(content);
    let mut out = String::new();
    for byte in hidden(content).bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out += &format!("%{byte:02X}"),
        }
    }
    if name.is_empty() { out } else { format!("{name}={out}") }
}

fn basic(user: &str) -> String {
    format!("Basic {}", STANDARD.encode(hidden(user)))
}

/// The address with its scheme and what is added to its query. A variable in front of the query is
/// kept by its name, which tells where the call goes; one in the query may be the credential.
fn address(url: &str, query: &[String]) -> String {
    let (head, own) = match url.find('?') {
        Some(at) => url.split_at_checked(at).unwrap_or((url, "")),
        None => (url, ""),
    };
    // `user:${PASSWORD}@`: what is in front of an `@` is hidden.
    let head = match head.rfind('@') {
        Some(at) => {
            let (user, rest) = head.split_at_checked(at).unwrap_or(("", head));
            format!("{}{}", hidden(user), plain(rest))
        }
        None => plain(head),
    };
    let scheme = if head.contains("://") || head.starts_with('$') { "" } else { "http://" };
    let mut out = format!("{scheme}{head}{}", hidden(own));
    for more in query {
        out += if out.contains('?') { "&" } else { "?" };
        out += &hidden(more);
    }
    out
}

/// What the shell fills in, hidden: it is not known here, and no mistake of the call.
fn hidden(text: &str) -> String {
    marked(text, |_| "****".to_owned())
}

/// What the shell fills in, by its name.
fn plain(text: &str) -> String {
    marked(text, |name| format!("${{{name}}}"))
}

fn marked(text: &str, with: impl Fn(&str) -> String) -> String {
    if !text.contains(FILLED) {
        return text.to_owned();
    }
    let mut out = String::new();
    for (index, piece) in text.split(FILLED).enumerate() {
        out += &if index % 2 == 1 { with(piece) } else { piece.to_owned() };
    }
    out
}

/// The call of an address that was typed alone.
pub fn of_address(address: &str) -> Exchange {
    let request = Request {
        method: "GET".to_owned(),
        target: Secret::new(address.as_bytes()),
        headers: Headers::default(),
        body: None,
    };
    Exchange { request, response: None, at: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<Exchange>, Vec<String>) {
        let mut all = Vec::new();
        let notices = Commands.read(text.as_bytes(), &mut |_, exchange| all.push(exchange));
        (all, notices)
    }

    #[test]
    fn options_are_read_as_curl_reads_them() {
        let (all, notices) = read(
            "curl -sSLH 'X-Api-Key: abc' -XPUT --url=https://h.example/a -u bob:x --data-urlencode 'q=a b' -d c=1",
        );
        assert!(notices.is_empty(), "{notices:?}");
        let request = &all[0].request;
        assert_eq!(request.method, "PUT");
        assert_eq!(request.target, Secret::new(b"https://h.example/a"));
        assert_eq!(request.headers.all("x-api-key").next(), Some(&Secret::new(b"abc")));
        assert_eq!(
            request.headers.all("authorization").next(),
            Some(&Secret::new(b"Basic Ym9iOng="))
        );
        assert_eq!(request.body, Some(Secret::new(b"q=a%20b&c=1")));
        let (all, _) =
            read("curl -G -d a=1 --url-query b=2 h.example/x?z=0 --next -I https://other.example");
        assert_eq!(all[0].request.target, Secret::new(b"http://h.example/x?z=0&b=2&a=1"));
        assert_eq!(all[1].request.method, "HEAD");
    }

    #[test]
    fn what_the_shell_fills_in_is_not_known() {
        let (all, _) = read("curl -H \"A: $T\" -H 'B: $T' \"https://$HOST/x?k=$K\"");
        let headers = &all[0].request.headers;
        assert_eq!(headers.all("a").next(), Some(&Secret::new(b"****")));
        assert_eq!(headers.all("b").next(), Some(&Secret::new(b"$T")));
        assert_eq!(all[0].request.target, Secret::new(b"https://${HOST}/x?k=****"));
    }

    #[test]
    fn an_unknown_option_is_told_and_not_guessed() {
        let (all, notices) =
            read("curl --colour https://h.example\ncurl --5aD1c0DeX https://h.example");
        assert_eq!(all.len(), 2);
        assert!(notices[0].starts_with("line 1: the option `colour`"), "{notices:?}");
        assert!(!notices[1].contains("5aD1"), "{notices:?}");
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic(text in ".{0,120}") {
            read(&format!("curl {text}"));
        }
    }
}
