//! Dates as people write them: `2026-12-31`, `31.12.2026`, `Dec 31, 2026`.

use crate::time::Instant;

/// Words that may stand between "expires" and its date.
const BETWEEN: &[&str] = &[
    "on", "at", "am", "den", "the", "date", "le", "el", "om", "op", "in", "is", "ab", "datum", "d",
];

/// The last second of the date that `text` begins with, and how many bytes were read. Only small
/// words may stand before it.
pub(super) fn behind(text: &str) -> Option<(Instant, usize)> {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', ':', '=', '\t', '(', '"', '\'', '~', '-']);
        let at = text.len() - rest.len();
        if let Some((date, taken)) = date(rest) {
            return Some((Instant::parse(&date)?, at + taken));
        }
        let word = rest.split(|c: char| !c.is_alphabetic()).next()?;
        rest = rest.get(word.len()..).filter(|_| BETWEEN.contains(&word))?;
    }
}

/// The date at the start of `text`, as RFC 3339, and its length.
fn date(text: &str) -> Option<(String, usize)> {
    let parts = numbers(text);
    match parts.as_slice() {
        [(year, 4, '-' | '/' | '.'), (month, 1..=2, _), (day, 1..=2, _), ..] => {
            let len = length(text, 3);
            // A time behind it is more exact than the day.
            let stamp = text.split([' ', ')', ',', '"']).next().unwrap_or_default();
            if stamp.len() > len && Instant::parse(&stamp.to_uppercase()).is_some() {
                return Some((stamp.to_uppercase(), stamp.len()));
            }
            civil(*year, *month, *day, len)
        }
        [(a, 1..=2, sign), (b, 1..=2, second), (year, 4, _), ..] if sign == second => {
            let (day, month) = match sign {
                '.' => (*a, *b),
                // Which of the two is the month is known only where the other cannot be.
                '/' | '-' if *a > 12 || a == b => (*a, *b),
                '/' | '-' if *b > 12 => (*b, *a),
                _ => return None,
            };
            civil(*year, month, day, length(text, 3))
        }
        _ => named(text),
    }
}

/// `Dec 31, 2026`, `31 December 2026`, `31. Dezember 2026`.
fn named(text: &str) -> Option<(String, usize)> {
    let mut at = 0;
    let mut words = Vec::new();
    while words.len() < 3 {
        let rest = text.get(at..)?;
        let skip = rest.len() - rest.trim_start_matches([' ', ',', '.', '-']).len();
        let rest = rest.get(skip..)?;
        let len = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        if len == 0 || skip > 3 {
            return None;
        }
        words.push(rest.get(..len)?);
        at += skip + len;
    }
    // `31st`, `2nd`, `3rd`, `4th`
    let day = |word: &str| {
        let ends = ["st", "nd", "rd", "th"];
        let digits = ends.iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
        digits.parse::<u32>().ok()
    };
    let [first, second, year] = words.as_slice() else { return None };
    let year = year.parse().ok().filter(|y| (1990..2200).contains(y))?;
    let ((Some(day), Some(month), ..) | (.., Some(month), Some(day))) =
        (day(first), month(second), month(first), day(second))
    else {
        return None;
    };
    civil(year, month, day, at)
}

/// The month behind a name in one of eight languages, whole or cut to its first letters.
fn month(word: &str) -> Option<u32> {
    const NAMES: [&[&str]; 12] = [
        &["january", "januar", "janvier", "enero", "januari"],
        &["february", "februar", "février", "febrero", "februari"],
        &["march", "märz", "mars", "marzo", "maart", "marts", "mrt"],
        &["april", "avril", "abril"],
        &["may", "mai", "mayo", "maj", "mei"],
        &["june", "juni", "juin", "junio"],
        &["july", "juli", "juillet", "julio"],
        &["august", "août", "agosto", "augusti", "augustus"],
        &["september", "septembre", "septiembre"],
        &["october", "oktober", "octobre", "octubre"],
        &["november", "novembre", "noviembre"],
        &["december", "dezember", "décembre", "diciembre", "desember"],
    ];
    if word.chars().count() < 3 {
        return None;
    }
    let at = NAMES.iter().position(|names| names.iter().any(|name| name.starts_with(word)))?;
    u32::try_from(at + 1).ok()
}

/// The last second of a day, if there is such a day.
fn civil(year: u32, month: u32, day: u32, len: usize) -> Option<(String, usize)> {
    let stamp = format!("{year:04}-{month:02}-{day:02}T23:59:59Z");
    ((1990..2200).contains(&year) && Instant::parse(&stamp).is_some()).then_some((stamp, len))
}

/// The numbers at the start: value, digits, and the sign behind each.
fn numbers(text: &str) -> Vec<(u32, usize, char)> {
    let mut out = Vec::new();
    let mut rest = text;
    while out.len() < 3 {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let Some(number) = rest.get(..digits).and_then(|n| n.parse().ok()) else { break };
        let sign = rest.get(digits..).and_then(|r| r.chars().next()).unwrap_or(' ');
        out.push((number, digits, sign));
        rest = rest.get(digits + sign.len_utf8()..).unwrap_or_default();
    }
    out
}

/// The bytes of the first `count` numbers and the signs between them.
fn length(text: &str, count: usize) -> usize {
    numbers(text)
        .iter()
        .take(count)
        .map(|(_, digits, _)| digits + 1)
        .sum::<usize>()
        .saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<String> {
        behind(text).map(|(end, taken)| format!("{end} {}", text.get(..taken).unwrap()))
    }

    #[test]
    fn dates_of_many_hands_are_read() {
        let end = |words: &str| Some(format!("2026-12-31T23:59:59Z {words}"));
        for text in [
            " 2026-12-31", ": 2026/12/31", " on 31.12.2026", " am 31.12.2026", " 31/12/2026",
            " 12/31/2026", " Dec 31, 2026", " dec. 31st, 2026", " 31 december 2026",
            " 31. dezember 2026", " le 31 décembre 2026", " 31-dec-2026",
        ] {
            assert_eq!(of(&text.to_lowercase()), end(&text.to_lowercase()), "{text}");
        }
        assert_eq!(
            of(" 2026-12-31t10:00:00z, then"),
            Some("2026-12-31T10:00:00Z  2026-12-31t10:00:00z".to_owned())
        );
    }

    #[test]
    fn what_could_be_two_days_or_none_is_no_date() {
        for text in [
            " 03/04/2026", " 31.02.2026", " 2026-13-01", " v1.2.2026.1x",
            " when revoked 2026-12-31", " 31 foo 2026", " 1.2", " in 2026", "", " ma 3 2026",
            " 31 é 2026",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
        assert!(of(" 04/04/2026").is_some());
    }
}
