//! Signed URLs: the end stands beside the signature, in the same query.

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
    match moment("se") {
        Some(end) => Lifetime {
            issued: moment("st"),
            ..Lifetime::until(end, Basis::Parameter("se".to_owned()))
        },
        // Service Bus and Event Hubs write `se` as an epoch.
        None => {
            match get(parameters, "se").and_then(|v| v.parse().ok()).and_then(Instant::from_epoch) {
                Some(end) => Lifetime::until(end, Basis::Parameter("se".to_owned())),
                None => Lifetime::unknown(),
            }
        }
    }
}

/// A start in the basic form and a number of seconds: AWS and Google signatures, version 4.
pub fn basic_dates(
    parameters: &[(String, String)],
    date: &str,
    expires: &str,
    shown: &str,
) -> Lifetime {
    let issued = get(parameters, date).and_then(Instant::parse_basic);
    let seconds: Option<i64> = get(parameters, expires).and_then(|v| v.parse().ok());
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
    let end = get(parameters, "expires").or_else(|| get(parameters, "exp"));
    match end.and_then(|v| v.parse().ok()).and_then(Instant::from_epoch) {
        Some(end) => Lifetime::until(end, Basis::Parameter("Expires".to_owned())),
        None => Lifetime::unknown(),
    }
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
}
