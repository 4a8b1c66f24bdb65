//! The address of a call, taken apart into words.

use crate::http::message::Request;
use crate::http::uri::{self, Uri};
use crate::secret::Secret;
use crate::text::{Span, lossless};
use crate::veil::Veil;

/// The address of a call, in words.
#[derive(Debug, Default)]
pub struct Address {
    /// Lower-case.
    pub scheme: String,
    /// Lower-case, without port.
    pub host: String,
    /// As written, or empty.
    pub port: String,
    /// As written.
    pub path: String,
    /// Names and values of the query, as written.
    pub parameters: Vec<(String, String)>,
}

impl Address {
    /// Of a request: from its target, and from `Host` where the target is a path alone.
    pub fn of(request: &Request) -> Self {
        let target = expose(&request.target);
        let mut address = Self::parse(target);
        if address.host.is_empty()
            && let Some(host) = request.headers.all("host").next()
        {
            let host = lossless(expose(host)).to_ascii_lowercase();
            let (name, port) = split_port(&host);
            name.clone_into(&mut address.host);
            port.clone_into(&mut address.port);
        }
        address
    }

    /// Of an address as written.
    pub fn parse(text: &[u8]) -> Self {
        let uri: Uri = uri::parse(text, Span::new(0, text.len()));
        let word = |span: Option<Span>| {
            span.map(|s| lossless(s.of(text)).into_owned()).unwrap_or_default()
        };
        let port = uri.host.map(|host| {
            let behind = text.get(host.end..).unwrap_or_default();
            let digits = behind.strip_prefix(b":").unwrap_or_default();
            let end = digits.iter().position(|b| !b.is_ascii_digit()).unwrap_or(digits.len());
            lossless(digits.get(..end).unwrap_or_default()).into_owned()
        });
        Self {
            scheme: word(uri.scheme).to_ascii_lowercase(),
            host: word(uri.host).to_ascii_lowercase(),
            port: port.unwrap_or_default(),
            path: word(uri.path),
            parameters: uri
                .parameters
                .iter()
                .map(|p| (word(Some(p.name)), word(Some(p.value))))
                .collect(),
        }
    }

    /// Scheme, host, port and path, without what these credentials hold and what looks like one.
    pub fn shown(&self, sent: &[super::sent::Sent]) -> String {
        let scheme =
            if self.scheme.is_empty() { String::new() } else { format!("{}://", self.scheme) };
        let port = if self.port.is_empty() { String::new() } else { format!(":{}", self.port) };
        let mut path = String::new();
        for (index, piece) in self.path.split('/').enumerate() {
            path += if index > 0 { "/" } else { "" };
            let is_random = piece.len() >= 12 && crate::shape::looks_random(piece.as_bytes(), 12);
            path += if is_random { "…" } else { piece };
        }
        let veil = Veil::over(sent.iter().flat_map(|s| [&s.secret, &s.raw]));
        veil.cover(&format!("{scheme}{}{port}{path}", self.host))
    }

    /// Scheme, host and port, with the port of the scheme where none is written.
    pub fn origin(&self) -> (String, String, String) {
        let default = match self.scheme.as_str() {
            "https" | "wss" => "443",
            "http" | "ws" => "80",
            _ => "",
        };
        let port = if self.port.is_empty() { default } else { &self.port };
        (self.scheme.clone(), self.host.clone(), port.to_owned())
    }
}

pub(super) fn split_port(host: &str) -> (&str, &str) {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !name.ends_with(':') => {
            (name, port)
        }
        _ => (host, ""),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "what was recorded is looked into to say what is wrong"
)]
pub(super) fn expose(secret: &Secret) -> &[u8] {
    secret.expose()
}

pub(super) fn text_of(secret: &Secret) -> String {
    lossless(expose(secret)).into_owned()
}
