//! The words of the second river: a recorded exchange, our own trials, and what they mean.
//!
//! Rules about causes carry exchanges as their examples, in the notation of `curl -v`: `> ` before
//! what was sent, `< ` before what came back, then a blank line and the body. A line `> …`
//! says that not every field of the request was recorded.

use crate::http::message::{Headers, Request, Response};
use crate::secret::{Fingerprint, Secret};
use crate::time::Instant;

/// A call that somebody recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// What was sent.
    pub request: Request,
    /// What came back, if anything did.
    pub response: Option<Response>,
    /// When, as far as the recording tells.
    pub at: Option<Instant>,
}

/// Where in its source a call stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spot {
    /// The index of the entry, from 0.
    pub entry: Option<usize>,
    /// The line, from 1.
    pub line: Option<usize>,
    /// What the format calls it: the name of a request, a transformer. Safe to show.
    pub logical: Option<String>,
}

impl Spot {
    /// The entry with this index.
    pub fn entry(index: usize) -> Self {
        Self { entry: Some(index), ..Self::default() }
    }

    /// The call that begins in this line.
    pub fn line(line: usize) -> Self {
        Self { line: Some(line), ..Self::default() }
    }
}

/// Why a recorded call cannot be read: the fault of whoever wrote it down.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// No line begins with `> `.
    #[error("no request: a line like `> GET /path HTTP/1.1` is needed")]
    NoRequest,
    /// The request line has no method or no target.
    #[error("line {0}: a request line has a method, a target and a version")]
    RequestLine(usize),
    /// The status line has no number.
    #[error("line {0}: a status line has a version and a three-digit status")]
    StatusLine(usize),
    /// A header line has no colon.
    #[error("line {0}: a header line has a name and a colon")]
    HeaderLine(usize),
}

impl Exchange {
    /// Reads the notation of `curl -v`.
    pub fn parse(text: &str) -> Result<Self, ExchangeError> {
        let mut request: Option<Request> = None;
        let mut response: Option<Response> = None;
        let mut body = Vec::new();
        let mut in_body = false;
        for (index, line) in text.lines().enumerate().map(|(i, line)| (i + 1, line)) {
            in_body |= response.is_some() && line.trim().is_empty();
            if in_body {
                body.push(line);
            } else if let Some(sent) = line.strip_prefix('>').map(str::trim) {
                match &mut request {
                    None => request = Some(request_line(sent, index)?),
                    Some(request) if sent == "…" => request.headers.set_partial(),
                    Some(request) => header(&mut request.headers, sent, index)?,
                }
            } else if let Some(got) = line.strip_prefix('<').map(str::trim) {
                match &mut response {
                    None => response = Some(status_line(got, index)?),
                    Some(response) => header(&mut response.headers, got, index)?,
                }
            } else if response.is_some() {
                body.push(line);
            }
        }
        if let Some(response) = &mut response {
            response.body = Secret::new(body.join("\n").trim().as_bytes());
        }
        let request = request.ok_or(ExchangeError::NoRequest)?;
        Ok(Self { request, response, at: None })
    }
}

fn request_line(line: &str, index: usize) -> Result<Request, ExchangeError> {
    let mut parts = line.split(' ');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(method), Some(target), Some(version)) if version.starts_with("HTTP/") => {
            Ok(Request {
                method: method.to_owned(),
                target: Secret::new(target.as_bytes()),
                headers: Headers::default(),
                body: None,
            })
        }
        _ => Err(ExchangeError::RequestLine(index)),
    }
}

fn status_line(line: &str, index: usize) -> Result<Response, ExchangeError> {
    let status = line
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .filter(|code| (100..=999).contains(code));
    let status = status.ok_or(ExchangeError::StatusLine(index))?;
    Ok(Response { status, headers: Headers::default(), body: Secret::new(b"") })
}

fn header(headers: &mut Headers, line: &str, index: usize) -> Result<(), ExchangeError> {
    if line.is_empty() {
        return Ok(());
    }
    let (name, value) = line.split_once(':').ok_or(ExchangeError::HeaderLine(index))?;
    headers.add(name.trim(), value.trim().as_bytes());
    Ok(())
}

/// A call of our own, made to learn something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The id of the experiment.
    pub probe: String,
    /// What was sent.
    pub sent: Request,
    /// What came back, or why nothing did.
    pub got: Result<Response, String>,
}

/// All that is known of one refused call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// The recorded call.
    pub exchange: Exchange,
    /// Our own calls, in order.
    pub trials: Vec<Trial>,
}

/// The class of a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The server does not know who calls.
    NotAuthenticated,
    /// It knows, and says no.
    NotAuthorized,
    /// A gate refused before authentication.
    BlockedBeforeAuth,
    /// It is about something else.
    NotAuthRelated,
    /// It worked.
    Accepted,
}

/// How sure a cause is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// Nothing can be said.
    Unknown,
    /// It fits.
    Possible,
    /// The evidence points there.
    Likely,
    /// The server or the decoded credential says so.
    Certain,
    /// A trial settled it.
    Proved,
}

impl Verdict {
    /// The contract's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::NotAuthenticated => "not-authenticated",
            Verdict::NotAuthorized => "not-authorized",
            Verdict::BlockedBeforeAuth => "blocked-before-auth",
            Verdict::NotAuthRelated => "not-auth-related",
            Verdict::Accepted => "accepted",
        }
    }
}

impl Certainty {
    /// The contract's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Certainty::Unknown => "unknown",
            Certainty::Possible => "possible",
            Certainty::Likely => "likely",
            Certainty::Certain => "certain",
            Certainty::Proved => "proved",
        }
    }

    /// One step less sure, but still something that fits.
    #[must_use]
    pub fn weaker(self) -> Self {
        match self {
            Certainty::Proved | Certainty::Certain => Certainty::Likely,
            Certainty::Likely | Certainty::Possible => Certainty::Possible,
            Certainty::Unknown => Certainty::Unknown,
        }
    }
}

/// A fact that speaks for a cause, and where it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The fact's word.
    pub fact: String,
    /// Its value, safe to show.
    pub value: String,
    /// Where it comes from: the request, the answer, the credential, a trial.
    pub from: String,
}

/// Another cause that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    /// Its id.
    pub cause: String,
    /// What it means, in a few words.
    pub summary: String,
    /// The cheapest thing that would refute it.
    pub refute: String,
}

/// A probe as it is told. Every text in it is safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeTold {
    /// The experiment.
    pub probe: String,
    /// The call: method, address without its query.
    pub call: String,
    /// The status that came back.
    pub status: Option<u16>,
    /// What it came to: `accepted`, `same`, `differs`, `failed`, `planned`, `left-out`.
    pub result: String,
    /// What it tells, or why there is no answer.
    pub tells: String,
}

/// What explains a refused call. Every text in it is safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// The call in a few words: method, address without its query, status.
    pub call: String,
    /// The class of the cause.
    pub verdict: Verdict,
    /// The id of the cause; `unknown` where nothing can be said.
    pub cause: String,
    /// What the cause means, in a sentence.
    pub summary: String,
    /// How sure it is.
    pub certainty: Certainty,
    /// What speaks for it, in sentences.
    pub because: Vec<String>,
    /// The exchange cannot tell the cause from its alternatives.
    pub one_of: bool,
    /// Other causes that fit, best first.
    pub alternatives: Vec<Alternative>,
    /// The facts that speak for it.
    pub evidence: Vec<Evidence>,
    /// What it is not.
    pub not: Vec<String>,
    /// What to do.
    pub remedy: String,
    /// Who the server thinks that we are, where the answer tells.
    pub identity: Option<String>,
    /// How the credential was sent, masked.
    pub sent: Vec<String>,
    /// The services that were recognised, by their ids.
    pub services: Vec<String>,
    /// The call as a line for a shell, with variables for what is secret.
    pub reproduce: String,
    /// Our own calls, in order, or those that are planned.
    pub probes: Vec<ProbeTold>,
    /// The keyed fingerprint of the credential, by which failures are grouped.
    pub fingerprint: Option<Fingerprint>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notation_of_curl_is_read() {
        let exchange = Exchange::parse(
            "> GET /fmerest/v3/info?fmetoken=0123456789abcdef0123 HTTP/1.1\n> Host: h.example\n>\n< HTTP/1.1 401 Unauthorized\n< WWW-Authenticate: Basic\n< WWW-Authenticate: Bearer\n\n{\"what\": \"no\"}\n",
        )
        .unwrap();
        assert_eq!(exchange.request.method, "GET");
        let response = exchange.response.clone().unwrap();
        assert_eq!((response.status, response.headers.all("www-authenticate").count()), (401, 2));
        // A message never tells its values.
        assert!(!format!("{exchange:?}").contains("0123456789abcdef"));
        assert_eq!(Exchange::parse("< HTTP/1.1 401 x"), Err(ExchangeError::NoRequest));
        assert_eq!(Exchange::parse("> GET"), Err(ExchangeError::RequestLine(1)));
        assert_eq!(
            Exchange::parse("> GET / HTTP/1.1\n< HTTP/1.1 no"),
            Err(ExchangeError::StatusLine(2))
        );
        assert_eq!(
            Exchange::parse("> GET / HTTP/1.1\n> nothing"),
            Err(ExchangeError::HeaderLine(2))
        );
    }
}
