//! Access logs: the refused calls of a whole log. Neither headers nor a body are known of them.

use super::{Lined, is_refusal, logged};
use crate::exchange::Exchange;
use crate::http::message::Headers;
use crate::log_format::combined;
use crate::text::lossless;

/// Access logs in the common and combined formats.
#[derive(Debug)]
pub(super) struct AccessLog;

impl Lined for AccessLog {
    fn name(&self) -> &'static str {
        "access log"
    }

    fn recognises(&self, _: &str, head: &[u8]) -> bool {
        // A log may begin with the rest of a line that was cut, or with a remark.
        head.split(|b| *b == b'\n').take(20).any(|line| combined::event(line).is_some())
    }

    fn call(&self, line: &[u8]) -> Option<(Exchange, Option<String>)> {
        let event = combined::event(line)?;
        if !is_refusal(event.status) {
            return None;
        }
        let mut headers = Headers::partial();
        if let Some(host) = event.host {
            headers.add("host", host);
        }
        if let Some(referer) = event.referer {
            headers.add("referer", &unescaped(referer));
        }
        let method = lossless(event.method);
        let mut exchange = logged(&method, &unescaped(event.target), event.status, headers);
        exchange.at = event.at;
        Some((exchange, None))
    }
}

/// The bytes behind `\x22`, `\"` and `\\`.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        match (first, tail) {
            (b'\\', [b'x', high, low, after @ ..]) => {
                let digit = |b: &u8| char::from(*b).to_digit(16).and_then(|d| u8::try_from(d).ok());
                if let (Some(high), Some(low)) = (digit(high), digit(low)) {
                    out.push(high * 16 + low);
                    rest = after;
                } else {
                    out.push(b'\\');
                }
            }
            (b'\\', [next @ (b'"' | b'\\'), after @ ..]) => {
                out.push(*next);
                rest = after;
            }
            _ => out.push(*first),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_refusals_are_calls_and_escapes_are_gone() {
        let line = |status: u16| {
            format!(
                "10.0.0.7 - - [24/Nov/2026:10:00:00 +0100] \"GET /a\\x22b HTTP/1.1\" {status} 1"
            )
        };
        assert!(AccessLog.call(line(200).as_bytes()).is_none());
        let (exchange, _) = AccessLog.call(line(403).as_bytes()).unwrap();
        assert_eq!(exchange.request.target, crate::secret::Secret::new(b"/a\"b"));
        assert_eq!(unescaped(br"\xzz\\x\"), br"\xzz\x\");
    }
}
