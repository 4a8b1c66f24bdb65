//! Time: the one clock, instants, durations in words, and the lifetime of a credential.
//!
//! Nothing else in the program asks the machine what time it is. Every decision about expiry is
//! made against one moment, `--at`, which defaults to now.

use std::fmt;

use jiff::Timestamp;

/// A moment, to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// The machine's clock. The only place where it is read.
    #[expect(clippy::disallowed_methods, reason = "this is the one door of the clock")]
    pub fn now() -> Self {
        Self(Timestamp::now().as_second())
    }

    /// Seconds since 1970-01-01T00:00:00Z; `None` outside the years that can be written.
    pub fn from_epoch(seconds: i64) -> Option<Self> {
        Timestamp::from_second(seconds).ok().map(|_| Self(seconds))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn epoch(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339 (`2026-11-23T00:00:00Z`), also with a blank for the `T`, without seconds, or
    /// a date alone (midnight UTC). A time without offset is UTC.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(stamp) = text.parse::<Timestamp>() {
            return Some(Self(stamp.as_second()));
        }
        let civil = text.strip_suffix('Z').unwrap_or(text);
        let date_time = civil.parse::<jiff::civil::DateTime>().ok().or_else(|| {
            civil
                .parse::<jiff::civil::Date>()
                .ok()
                .map(|d| d.to_datetime(jiff::civil::Time::midnight()))
        })?;
        let offset = jiff::tz::Offset::UTC;
        offset.to_timestamp(date_time).ok().map(|stamp| Self(stamp.as_second()))
    }

    /// Reads the basic form `20260301T101500Z` which signed URLs use.
    pub fn parse_basic(text: &str) -> Option<Self> {
        let digits = |range: std::ops::Range<usize>| text.get(range);
        if text.len() != 16 || !text.ends_with('Z') || text.as_bytes().get(8) != Some(&b'T') {
            return None;
        }
        Self::parse(&format!(
            "{}-{}-{}T{}:{}:{}Z",
            digits(0..4)?,
            digits(4..6)?,
            digits(6..8)?,
            digits(9..11)?,
            digits(11..13)?,
            digits(13..15)?
        ))
    }

    /// Reads the date of HTTP (RFC 9110 §5.6.7), in each of its three forms.
    pub fn parse_http_date(text: &str) -> Option<Self> {
        const MONTHS: &str = "janfebmaraprmayjunjulaugsepoctnovdec";
        let parts: Vec<&str> = text.split([' ', '-', ',']).filter(|p| !p.is_empty()).collect();
        let (day, month, year, clock) = match parts.as_slice() {
            // `Sun Nov  6 08:49:37 1994`
            [_, month, day, clock, year] if clock.contains(':') => (day, month, year, clock),
            // `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`
            [_, day, month, year, clock, ..] => (day, month, year, clock),
            _ => return None,
        };
        let at = MONTHS.find(&month.get(..3)?.to_ascii_lowercase()).filter(|at| at % 3 == 0)?;
        let year: i64 = year.parse().ok()?;
        // Two digits of a year are of this century, unless that lies far ahead.
        let year = if year < 70 {
            year + 2000
        } else if year < 100 {
            year + 1900
        } else {
            year
        };
        let day: u8 = day.parse().ok()?;
        Self::parse(&format!("{year:04}-{:02}-{day:02}T{clock}Z", at / 3 + 1))
    }

    /// This moment and `seconds` more.
    ///
    /// It stays inside of what a calendar can say: no moment lies behind the year 9999.
    #[must_use]
    pub fn plus(self, seconds: i64) -> Self {
        let last = Timestamp::MAX.as_second();
        Self(self.0.saturating_add(seconds).clamp(-last, last))
    }

    /// Seconds from `earlier` to this moment; negative when it lies before.
    pub fn since(self, earlier: Instant) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Instant {
    /// RFC 3339, UTC.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_second(self.0) {
            Ok(stamp) => write!(f, "{stamp}"),
            Err(_) => write!(f, "{}s", self.0),
        }
    }
}

/// Seconds in a minute.
pub const MINUTE: i64 = 60;
/// Seconds in an hour.
pub const HOUR: i64 = 60 * MINUTE;
/// Seconds in a day.
pub const DAY: i64 = 24 * HOUR;

/// A length of time in the largest unit that says enough: `50 s`, `1 hour`, `41 min`, `3 days`.
pub fn in_words(seconds: i64) -> String {
    let seconds = seconds.saturating_abs();
    let plural = |n: i64, unit: &str| format!("{n} {unit}{}", if n == 1 { "" } else { "s" });
    if seconds < 2 * MINUTE && seconds != MINUTE {
        format!("{seconds} s")
    } else if seconds < HOUR {
        format!("{} min", seconds / MINUTE)
    } else if seconds < 2 * DAY && seconds != DAY {
        plural(seconds / HOUR, "hour")
    } else if seconds < 700 * DAY {
        plural(seconds / DAY, "day")
    } else {
        plural(seconds / (365 * DAY), "year")
    }
}

/// Reads a length of time: `45s`, `30m`, `1h`, `14d`, `2w`, `1y`, or a bare number of seconds.
pub fn parse_duration(text: &str) -> Option<i64> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = (text.get(..split)?, text.get(split..)?.trim().to_ascii_lowercase());
    let number: i64 = number.parse().ok()?;
    number.checked_mul(unit_seconds(&unit)?)
}

/// The seconds of a unit by its name, singular or plural, long or short.
pub fn unit_seconds(unit: &str) -> Option<i64> {
    Some(match unit {
        "" | "s" | "sec" | "secs" | "second" | "seconds" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" => MINUTE,
        "h" | "hr" | "hrs" | "hour" | "hours" => HOUR,
        "d" | "day" | "days" => DAY,
        "w" | "week" | "weeks" => 7 * DAY,
        "month" | "months" => 30 * DAY,
        "y" | "year" | "years" => 365 * DAY,
        _ => return None,
    })
}

/// How we know what a [`Lifetime`] says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Basis {
    /// A claim inside the credential itself (`exp`).
    Claim(String),
    /// A parameter beside it in the same URL (`se`, `X-Amz-Expires`).
    Parameter(String),
    /// Something that stands beside it in the artifact: a key, a comment, a name.
    Neighbour(String),
    /// The vendor documents it for this kind.
    Documented(String),
    /// Nothing says anything.
    Unknown,
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Basis::Claim(what) => write!(f, "claim {what}"),
            Basis::Parameter(what) => write!(f, "parameter {what}"),
            Basis::Neighbour(what) => write!(f, "beside it: {what}"),
            Basis::Documented(what) => f.write_str(what),
            Basis::Unknown => f.write_str("nothing here says how long it lives"),
        }
    }
}

/// How long a credential lives, and how we know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifetime {
    /// When it was issued.
    pub issued: Option<Instant>,
    /// When it begins to work.
    pub not_before: Option<Instant>,
    /// When it stops working.
    pub expires: Option<Instant>,
    /// Its whole life in seconds, where that is known without dates (`expiration=1&timeunit=hour`).
    pub life: Option<i64>,
    /// It is said not to last, and not for how long.
    pub passing: bool,
    /// It never expires by itself.
    pub permanent: bool,
    /// It is dead for another reason than the clock (`enabled:false`, a retired form).
    pub dead: bool,
    /// Where this knowledge comes from.
    pub basis: Basis,
}

/// The state of a [`Lifetime`] at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LifeState {
    /// It does not expire by itself.
    Permanent,
    /// It has an end, and the end is ahead.
    Temporary,
    /// Its end has passed, or it was switched off.
    Expired,
    /// Nothing is known.
    Unknown,
}

impl LifeState {
    /// The word of the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            LifeState::Permanent => "permanent",
            LifeState::Temporary => "temporary",
            LifeState::Expired => "expired",
            LifeState::Unknown => "unknown",
        }
    }
}

impl Lifetime {
    /// A life of at most this many seconds counts as short: such a credential dies within a
    /// quarter, so it cannot live in a file that nobody renews.
    pub const SHORT: i64 = 100 * DAY;

    /// Nothing is known.
    pub fn unknown() -> Self {
        Self {
            issued: None,
            not_before: None,
            expires: None,
            life: None,
            passing: false,
            permanent: false,
            dead: false,
            basis: Basis::Unknown,
        }
    }

    /// It never expires by itself.
    pub fn permanent(basis: Basis) -> Self {
        Self { permanent: true, basis, ..Self::unknown() }
    }

    /// It ends at `expires`.
    pub fn until(expires: Instant, basis: Basis) -> Self {
        Self { expires: Some(expires), basis, ..Self::unknown() }
    }

    /// It lives for this many seconds from a moment that is not known.
    pub fn lasting(seconds: i64, basis: Basis) -> Self {
        Self { life: Some(seconds), basis, ..Self::unknown() }
    }

    /// It does not last; how long, nobody says.
    pub fn passing(basis: Basis) -> Self {
        Self { passing: true, basis, ..Self::unknown() }
    }

    /// It is dead already, whatever the clock says.
    pub fn dead(basis: Basis) -> Self {
        Self { dead: true, basis, ..Self::unknown() }
    }

    /// Whether anything at all is known.
    pub fn is_known(&self) -> bool {
        self.basis != Basis::Unknown
    }

    /// Its state at `at`.
    pub fn state(&self, at: Instant) -> LifeState {
        if self.dead || self.expires.is_some_and(|end| end <= at) {
            LifeState::Expired
        } else if self.expires.is_some() || self.life.is_some() || self.passing {
            LifeState::Temporary
        } else if self.permanent {
            LifeState::Permanent
        } else {
            LifeState::Unknown
        }
    }

    /// Its whole life in seconds: as stated, else from issue to end, else from `at` to end.
    pub fn whole_life(&self, at: Instant) -> Option<i64> {
        self.life.or_else(|| {
            let end = self.expires?;
            Some(end.since(self.issued.unwrap_or(at)))
        })
    }

    /// Whether it dies by itself within [`Lifetime::SHORT`], or is dead.
    pub fn is_short(&self, at: Instant) -> bool {
        self.state(at) == LifeState::Expired
            || self.passing
            || self.whole_life(at).is_some_and(|life| life <= Self::SHORT)
    }

    /// One clause for people: `expired 3 days ago (claim exp)`.
    pub fn in_words(&self, at: Instant) -> String {
        let what = match (self.state(at), self.expires) {
            (LifeState::Expired, Some(end)) => format!("expired {} ago", in_words(at.since(end))),
            (LifeState::Expired, None) => "no longer valid".to_owned(),
            (LifeState::Temporary, Some(end)) => match self.issued {
                Some(issued) => format!(
                    "lives {}, dies in {}",
                    in_words(end.since(issued)),
                    in_words(end.since(at))
                ),
                None => format!("dies in {}", in_words(end.since(at))),
            },
            (LifeState::Temporary, None) => match self.life {
                Some(life) => format!("lives {}", in_words(life)),
                None => "not meant to last".to_owned(),
            },
            (LifeState::Permanent, _) => "does not expire by itself".to_owned(),
            (LifeState::Unknown, _) => "lifetime unknown".to_owned(),
        };
        let what = match self.not_before.filter(|begin| *begin > at) {
            Some(begin) => format!("not valid before {begin}, {what}"),
            None => what,
        };
        match (&self.basis, self.expires) {
            (Basis::Unknown, _) => what,
            (basis, Some(end)) => format!("{what} ({basis}, {end})"),
            (basis, None) => format!("{what} ({basis})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_http_are_read_in_their_three_forms() {
        let wanted = Instant::parse("1994-11-06T08:49:37Z");
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(Instant::parse_http_date(text), wanted, "{text}");
        }
        for text in ["", "now", "Sun, 06 Nov", "Sun, 99 Xyz 1994 08:49:37 GMT", "a b c d e f"] {
            assert_eq!(Instant::parse_http_date(text), None, "{text}");
        }
    }

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn reads_the_forms_of_a_moment() {
        assert_eq!(at("2026-11-23T00:00:00Z").to_string(), "2026-11-23T00:00:00Z");
        assert_eq!(at("2026-11-23"), at("2026-11-23T00:00:00Z"));
        assert_eq!(at("2026-11-23T02:00:00+02:00"), at("2026-11-23T00:00:00Z"));
        assert_eq!(Instant::parse_basic("20261123T000000Z"), Some(at("2026-11-23")));
        assert_eq!(Instant::parse("next tuesday"), None);
        assert_eq!(Instant::parse_basic("2026112éT00000Z"), None);
    }

    #[test]
    fn durations_read_and_speak() {
        assert_eq!(parse_duration("14d"), Some(14 * DAY));
        assert_eq!(parse_duration("3600"), Some(HOUR));
        assert_eq!(parse_duration("1 fortnight"), None);
        assert_eq!(in_words(HOUR), "1 hour");
        assert_eq!(in_words(41 * MINUTE), "41 min");
        assert_eq!(in_words(-3 * DAY), "3 days");
    }

    #[test]
    fn state_follows_the_moment() {
        let life = Lifetime::until(at("2026-01-01"), Basis::Claim("exp".to_owned()));
        assert_eq!(life.state(at("2025-12-31")), LifeState::Temporary);
        assert_eq!(life.state(at("2026-01-01")), LifeState::Expired);
        assert!(life.is_short(at("2025-12-31")) && !life.is_short(at("2020-01-01")));
        assert_eq!(Lifetime::unknown().state(at("2026-01-01")), LifeState::Unknown);
        assert_eq!(
            Lifetime::lasting(HOUR, Basis::Unknown).state(at("2026-01-01")),
            LifeState::Temporary
        );
    }
}
