//! Signed URLs: the end stands beside the signature, in the same query.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::time::{Basis, Instant, Lifetime, unit_seconds};

fn get<'p>(parameters: &'p [(String, String)], name: &str) -> Option<&'p str> {
    parameters.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
}

/// Azure shared access signatures: `st` to `se`. One without `se` rests on a stored access policy,
/// which only the service can tell.
pub fn azure_sas(parameters: &[(String, String)]) -> Lifetime {
    // A `+` in the offset arrives as it was written, or as a blank.
    let moment =
        |name: &str| get(parameters, name).and_then(|v| Instant::parse(&v.replace(' ', "+")));
    // What it permits says how much its end matters.
    let basis = || {
        let allows = get(parameters, "sp").filter(|sp| {
            !sp.is_empty() && sp.len() <= 16 && sp.bytes().all(|b| b.is_ascii_alphabetic())
        });
        Basis::Parameter(allows.map_or("se".to_owned(), |sp| format!("se, with sp={sp}")))
    };
    match moment("se") {
        Some(end) => Lifetime { issued: moment("st"), ..Lifetime::until(end, basis()) },
        // Service Bus and Event Hubs write `se` as an epoch.
        None => {
            match get(parameters, "se").and_then(|v| v.parse().ok()).and_then(Instant::from_epoch) {
                Some(end) => Lifetime::until(end, basis()),
                None => Lifetime::unknown(),
            }
        }
    }
}

/// No signature lives longer, whatever it says, in seconds: ten years.
const LIFE_MAX: i64 = 10 * 365 * crate::time::DAY;

/// A start in the basic form and a number of seconds: AWS and Google signatures, version 4.
pub fn basic_dates(
    parameters: &[(String, String)],
    date: &str,
    expires: &str,
    shown: &str,
) -> Lifetime {
    let issued = get(parameters, date).and_then(Instant::parse_basic);
    let seconds: Option<i64> = get(parameters, expires)
        .and_then(|v| v.parse().ok())
        .filter(|seconds| (1..=LIFE_MAX).contains(seconds));
    match (issued, seconds) {
        (Some(issued), Some(seconds)) => Lifetime {
            issued: Some(issued),
            ..Lifetime::until(issued.plus(seconds), Basis::Parameter(shown.to_owned()))
        },
        (None, Some(seconds)) => Lifetime::lasting(seconds, Basis::Parameter(shown.to_owned())),
        _ => Lifetime::unknown(),
    }
}

/// `Expires=` as seconds since 1970: CloudFront, S3 version 2, Google version 2, Alibaba.
pub fn epoch(parameters: &[(String, String)]) -> Lifetime {
    if let Some(end) = get(parameters, "policy").and_then(policy_end) {
        return Lifetime::until(end, Basis::Parameter("Policy".to_owned()));
    }
    let end = get(parameters, "expires").or_else(|| get(parameters, "exp"));
    match end.and_then(|v| v.parse().ok()).and_then(Instant::from_epoch) {
        Some(end) => Lifetime::until(end, Basis::Parameter("Expires".to_owned())),
        None => Lifetime::unknown(),
    }
}

/// When the custom policy of CloudFront ends: JSON in base64, in an alphabet that an address bears.
fn policy_end(policy: &str) -> Option<Instant> {
    let standard: String = policy
        .chars()
        .map(|c| match c {
            '-' => '+',
            '~' => '/',
            c => c,
        })
        .collect();
    let json = STANDARD_NO_PAD.decode(standard.trim_end_matches(['_', '='])).ok()?;
    let text = crate::text::lossless(&json);
    let condition = text.split("\"DateLessThan\"").nth(1)?;
    let digits = condition.split("\"AWS:EpochTime\"").nth(1)?.trim_start_matches([' ', ':']);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits.get(..end)?.parse().ok().and_then(Instant::from_epoch)
}

/// `expiration=1&timeunit=hour`: the life of the token which the FME token service is asked for.
pub fn fme_token_service(parameters: &[(String, String)]) -> Lifetime {
    let number: Option<i64> = get(parameters, "expiration").and_then(|v| v.parse().ok());
    let unit =
        get(parameters, "timeunit").and_then(|unit| unit_seconds(&unit.to_ascii_lowercase()));
    match (number, unit) {
        (Some(number), Some(unit)) => Lifetime::lasting(
            number.saturating_mul(unit),
            Basis::Parameter("expiration and timeunit".to_owned()),
        ),
        _ => Lifetime::unknown(),
    }
}

/// The parameters that stand around `value` in running text: a signature in a connection string or
/// in a header is written like a query, and no address says so.
pub fn around(text: &[u8], value: &[u8]) -> Vec<(String, String)> {
    let Some(at) = memchr::memmem::find(text, value).filter(|_| !value.is_empty()) else {
        return Vec::new();
    };
    let ends = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`' | b'<' | b'>');
    let start = text.get(..at).and_then(|t| t.iter().rposition(ends)).map_or(0, |i| i + 1);
    let rest = text.get(at..).unwrap_or_default();
    let end = at + rest.iter().position(ends).unwrap_or(rest.len());
    text.get(start..end)
        .unwrap_or_default()
        .split(|b| matches!(b, b'&' | b'?' | b';'))
        .filter_map(|pair| {
            // `SharedAccessSignature=sv=…`: the last name is the one.
            let sign = memchr::memchr(b'=', pair)?;
            let (name, value) = (pair.get(..sign)?, pair.get(sign + 1..)?);
            let nested = memchr::memchr(b'=', value).filter(|i| *i <= 4 && i + 1 < value.len());
            let (name, value) = match nested {
                Some(at) => (value.get(..at)?, value.get(at + 1..)?),
                None => (name, value),
            };
            let name = crate::name::fold(name);
            let value = crate::text::percent_decode(value);
            super::tells_lifetime(&name).then(|| (name, crate::text::lossless(&value).into_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{HOUR, LifeState};

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    }

    #[test]
    fn the_end_is_read_from_its_neighbours() {
        let at = Instant::parse("2026-11-23").unwrap();
        let sas = azure_sas(&pairs(&[("se", "2026-11-24T00:00:00Z"), ("st", "2026-11-20")]));
        assert_eq!(
            (sas.state(at), sas.whole_life(at)),
            (LifeState::Temporary, Some(4 * 24 * HOUR))
        );
        let aws = basic_dates(
            &pairs(&[("xamzdate", "20230101T000000Z"), ("xamzexpires", "900")]),
            "xamzdate",
            "xamzexpires",
            "X-Amz-Expires",
        );
        assert_eq!(aws.expires.map(|e| e.to_string()).as_deref(), Some("2023-01-01T00:15:00Z"));
        assert_eq!(epoch(&pairs(&[("expires", "1700000000")])).state(at), LifeState::Expired);
        let fme = fme_token_service(&pairs(&[("expiration", "1"), ("timeunit", "hour")]));
        assert_eq!(fme.whole_life(at), Some(HOUR));
        assert!(!azure_sas(&pairs(&[("se", "soon")])).is_known());
    }

    #[test]
    fn parameters_are_found_around_a_signature() {
        for text in [
            "a SharedAccessSignature=sv=2020-02-10&sp=r&se=2022-01-01T00%3A00%3A00Z&sig=KKKK;x=1",
            "\"SharedAccessSignature sr=h&sig=KKKK&se=1640995200&skn=send\"",
        ] {
            let life = azure_sas(&around(text.as_bytes(), b"KKKK"));
            assert_eq!(
                life.expires.map(|e| e.to_string()).as_deref(),
                Some("2022-01-01T00:00:00Z"),
                "{text}"
            );
        }
        assert!(around(b"sig=KKKK", b"").is_empty());
    }
}
