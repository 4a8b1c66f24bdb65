//! Job logs of FME: the transfers that were refused, each under the name of its transformer.

use super::{Lined, is_refusal, logged};
use crate::exchange::Exchange;
use crate::http::message::{Headers, UNKNOWN};
use crate::secret::Secret;
use crate::text::lossless;
use crate::time::Instant;

/// Translation and job logs of FME.
#[derive(Debug)]
pub(super) struct FmeJob;

impl Lined for FmeJob {
    fn name(&self) -> &'static str {
        "FME job log"
    }

    fn recognises(&self, _: &str, head: &[u8]) -> bool {
        head.split(|b| *b == b'\n').take(50).filter(|line| message(line).is_some()).count() > 0
    }

    fn call(&self, line: &[u8]) -> Option<(Exchange, Option<String>)> {
        let (at, text) = message(line)?;
        let text = lossless(text);
        let mut found =
            transfer(&text).or_else(|| of_python(&text)).or_else(|| permission(&text))?;
        found.0.at = at;
        Some(found)
    }
}

/// Time and message of `time| cpu| cpu|LEVEL |message`.
fn message(line: &[u8]) -> Option<(Option<Instant>, &[u8])> {
    let mut fields = line.splitn(5, |b| *b == b'|');
    let time = fields.next()?;
    let level = fields.nth(2)?.trim_ascii();
    if !matches!(level, b"INFORM" | b"WARN" | b"ERROR" | b"FATAL" | b"STATS") {
        return None;
    }
    // The clock is that of the machine, in its own zone: good enough for an order, not for an end.
    let _ = time;
    Some((None, fields.next()?))
}

/// `Name(HTTPFactory): HTTP transfer summary - status code: 401, … url: '…'`
fn transfer(text: &str) -> Option<(Exchange, Option<String>)> {
    let (name, rest) = text.split_once("HTTP transfer summary")?;
    let status = rest.split_once("status code: ")?.1;
    let digits: String = status.chars().take_while(char::is_ascii_digit).collect();
    let status = digits.parse().ok().filter(|status| is_refusal(*status))?;
    let url = rest.split_once("url: '")?.1;
    let url = url.rfind('\'').and_then(|end| url.get(..end)).unwrap_or(url);
    let name = name.trim().trim_end_matches(':').split('(').next().unwrap_or_default().trim();
    let name = (!name.is_empty()).then(|| name.to_owned());
    Some((logged("GET", url.as_bytes(), status, Headers::partial()), name))
}

/// `401 Client Error: Unauthorized for url: …`, as Python's clients say it.
fn of_python(text: &str) -> Option<(Exchange, Option<String>)> {
    let (before, rest) = text.split_once(" Client Error: ")?;
    let status = before.rsplit(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
    let at = rest.to_ascii_lowercase().find("for url: ")?;
    let url = rest.get(at + 9..)?.split_whitespace().next()?;
    is_refusal(status).then(|| (logged("GET", url.as_bytes(), status, Headers::partial()), None))
}

/// `Unauthorized request by user … due to lack of proper permissions`: the server says so itself, and
/// the line knows neither status nor address.
fn permission(text: &str) -> Option<(Exchange, Option<String>)> {
    if !text.contains("Unauthorized request by user") || !text.contains("proper permissions") {
        return None;
    }
    let mut exchange = logged("GET", b"", UNKNOWN, Headers::partial());
    if let Some(response) = &mut exchange.response {
        response.body = Secret::new(text.trim().as_bytes());
    }
    Some((exchange, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_transfers_are_found_under_their_transformer() {
        let line = |code: u16| {
            format!(
                "2026-11-24 02:00:11|   1.2|  0.0|INFORM|Read_Permits(HTTPFactory): HTTP transfer summary - status code: {code}, download size: '0 bytes', url: 'https://fme.example/x?a=1'"
            )
        };
        let (exchange, name) = FmeJob.call(line(401).as_bytes()).unwrap();
        assert_eq!(name.as_deref(), Some("Read_Permits"));
        assert_eq!(exchange.request.target, Secret::new(b"https://fme.example/x?a=1"));
        assert!(FmeJob.call(line(200).as_bytes()).is_none());
        let said = "2026-11-24 02:00:11|1.2|0.0|ERROR |requests: 401 Client Error: Unauthorized for url: https://h.example/y";
        assert!(FmeJob.call(said.as_bytes()).is_some());
        assert!(FmeJob.recognises("job_1.log", said.as_bytes()));
        assert!(!FmeJob.recognises("x", b"a|b|c|d|e"));
    }
}
