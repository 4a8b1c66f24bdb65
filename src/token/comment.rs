//! Comments beside a value which say how long it lives: a phrase of the lexicon, a length of time, a
//! date.
//!
//! A comment is believed only where it affirms. "Not temporary" and "renewed every hour" hold the
//! same words as the opposite.

use super::written_date;
use crate::text::{Span, lossless};
use crate::time::{Basis, Instant, Lifetime, parse_duration, unit_seconds};

/// A phrase in a comment and the life it tells of, in seconds; zero where it tells of an end and not
/// when.
pub type Phrase = (String, i64);

/// How far around the value its line reaches, in bytes.
const REACH: usize = 1200;

/// How much of a comment is read, in bytes: what is said of a token is said at once.
const COMMENT_MAX: usize = 400;

/// What the comments beside `value` say.
pub(super) fn lifetime(text: &[u8], value: Span, phrases: &[Phrase]) -> Lifetime {
    beside(text, value)
        .into_iter()
        .map(|comment| comment.get(..COMMENT_MAX).unwrap_or(comment))
        .map(|comment| said(&lossless(comment), phrases))
        .find(Lifetime::is_known)
        .unwrap_or_else(Lifetime::unknown)
}

/// The pairs of neighbouring bytes in a text, roughly: a hundred phrases are looked for in each
/// comment, and nearly every comment lacks a pair of nearly every phrase.
struct Pairs([u64; 64]);

impl Pairs {
    fn of(text: &str) -> Self {
        let mut pairs = Self([0; 64]);
        for (word, bit) in text.as_bytes().windows(2).filter_map(Self::place) {
            if let Some(bits) = pairs.0.get_mut(word) {
                *bits |= bit;
            }
        }
        pairs
    }

    /// The bit of a pair. Some share one: then a phrase is looked for in vain.
    fn place(pair: &[u8]) -> Option<(usize, u64)> {
        let [one, other] = pair else { return None };
        Some((usize::from(*one) & 63, 1 << (other & 63)))
    }

    fn may_hold(&self, phrase: &str) -> bool {
        let mut pairs = phrase.as_bytes().windows(2).filter_map(Self::place);
        pairs.all(|(word, bit)| self.0.get(word).is_some_and(|bits| bits & bit != 0))
    }
}

/// What one comment says: a date is worth more than a length, a length more than a phrase.
fn said(comment: &str, phrases: &[Phrase]) -> Lifetime {
    let lower = comment.to_lowercase();
    let pairs = Pairs::of(&lower);
    let told = |words: Span| {
        // Lower case can be longer than what was written; then the words are told in lower case.
        let text = if lower.len() == comment.len() { comment } else { &lower };
        let words = text.get(words.start..words.end).unwrap_or_default();
        Basis::Neighbour(format!("a comment says \"{words}\""))
    };
    if let Some((end, words)) = stated_end(&lower, &pairs) {
        return Lifetime::until(end, told(words));
    }
    let phrase = || {
        phrases
            .iter()
            .filter(|(phrase, _)| pairs.may_hold(phrase))
            .filter_map(|(phrase, life)| Some((affirmed(&lower, phrase)?, *life)))
            .max_by_key(|(words, life)| (*life > 0, words.len()))
    };
    match stated_length(&lower, &pairs).or_else(phrase) {
        None => Lifetime::unknown(),
        Some((words, 0)) => Lifetime::passing(told(words)),
        Some((words, life)) => Lifetime::lasting(life, told(words)),
    }
}

/// The comments that speak of the value: on its line, and on up to two lines above.
fn beside(text: &[u8], value: Span) -> Vec<&[u8]> {
    let before = text.get(value.start.saturating_sub(REACH)..value.start).unwrap_or_default();
    let line_start = memchr::memrchr(b'\n', before)
        .map_or(value.start - before.len(), |i| value.start - before.len() + i + 1);
    let rest = text.get(value.end..(value.end + REACH).min(text.len())).unwrap_or_default();
    let line_end = memchr::memchr(b'\n', rest).map_or(value.end + rest.len(), |i| value.end + i);
    let behind = comment_in(Span::new(value.end, line_end).of(text));
    let leading = closed_comment(Span::new(line_start, value.start).of(text));
    let above = lines_above(text, line_start);
    behind.into_iter().chain(leading).chain(above).collect()
}

/// Up to two lines above.
fn lines_above(text: &[u8], line_start: usize) -> Vec<&[u8]> {
    let above = text.get(line_start.saturating_sub(400)..line_start).unwrap_or_default();
    let above = above.strip_suffix(b"\n").unwrap_or(above);
    above.rsplit(|b| *b == b'\n').take(2).map_while(whole_comment).collect()
}

const MARKS: [&[u8]; 8] = [b"#", b"//", b"--", b";", b"<!--", b"/*", b"'", b"%"];

/// The line, if all of it is a comment.
fn whole_comment(line: &[u8]) -> Option<&[u8]> {
    let line = line.trim_ascii();
    let is_rem = line.get(..4).is_some_and(|w| w.eq_ignore_ascii_case(b"rem "));
    (is_rem || line.starts_with(b"*") || MARKS.iter().any(|m| line.starts_with(m))).then_some(line)
}

/// The comment behind a value, on the same line.
fn comment_in(behind: &[u8]) -> Option<&[u8]> {
    [b" #".as_slice(), b"//", b" --", b" ;", b"<!--", b"/*", b"\t#"]
        .iter()
        .filter_map(|mark| memchr::memmem::find(behind, mark))
        .min()
        .and_then(|at| behind.get(at..))
}

/// A comment that begins the line and is closed before the value: `<!-- Get Token --> <add …`.
fn closed_comment(before: &[u8]) -> Option<&[u8]> {
    let before = before.trim_ascii_start();
    [(b"<!--".as_slice(), b"-->".as_slice()), (b"/*", b"*/")].into_iter().find_map(
        |(open, close)| {
            let inside = before.strip_prefix(open)?;
            inside.get(..memchr::memmem::find(inside, close)?)
        },
    )
}

/// Words which turn around what follows them, or speak of a rhythm and not of an end.
const NOT: &[&str] = &[
    "not", "no", "never", "non", "isn't", "isnt", "doesn't", "don't", "won't", "without", "cannot",
    "every", "each", "per", "nicht", "nie", "niemals", "kein", "keine", "keinen", "ohne", "alle",
    "jede", "jeden", "pas", "jamais", "sans", "aucun", "chaque", "toutes", "nunca", "sin",
    "ningún", "jamás", "cada", "ikke", "aldri", "aldrig", "uten", "uden", "hver", "inte", "ej",
    "utan", "varje", "niet", "nooit", "geen", "zonder", "elke", "elk",
];

/// Words which set a limit, so that a "not" before them means that it ends.
const LIMIT: &[&str] = &[
    "after", "beyond", "longer", "more", "past", "nach", "länger", "mehr", "als", "après", "plus",
    "después", "más", "etter", "lenger", "mer", "efter", "længere", "mere", "längre", "na",
    "langer", "meer", "than", "que", "enn", "end", "än", "dan",
];

/// How many words before a phrase can turn it around.
const NOT_REACH: usize = 4;

/// Where the phrase stands in the text, as words, without anything that turns it around.
fn affirmed(text: &str, phrase: &str) -> Option<Span> {
    as_words(text, phrase).find(|words| !is_turned(text.get(..words.start).unwrap_or_default()))
}

/// Where `words` stand as whole words.
fn as_words<'t>(text: &'t str, words: &'t str) -> impl Iterator<Item = Span> + 't {
    text.match_indices(words).map(|(at, found)| Span::new(at, at + found.len())).filter(|span| {
        let before = text.get(..span.start).and_then(|t| t.chars().next_back());
        let after = text.get(span.end..).and_then(|t| t.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

/// Whether the last words before something turn it around.
fn is_turned(before: &str) -> bool {
    let clause = before.rsplit([',', '.', ';', '!', '?', '(']).next().unwrap_or_default();
    let mut limited = false;
    clause
        .rsplit(|c: char| !(c.is_alphanumeric() || c == '\''))
        .filter(|word| !word.is_empty())
        .take(NOT_REACH)
        .any(|word| {
            limited |= LIMIT.contains(&word);
            !limited && NOT.contains(&word)
        })
}

/// `expires in 8 hours`, `valid for 30 min`, `gültig für 1 Stunde`: the words, and the seconds.
fn stated_length(lower: &str, pairs: &Pairs) -> Option<(Span, i64)> {
    const LEADS: &[&str] = &[
        "expires in", "expires after", "valid for", "good for", "lives", "lifetime", "dies in",
        "ttl", "läuft ab nach", "läuft nach", "gültig für", "gilt", "expire après", "expire dans",
        "valable", "valide", "expira en", "caduca en", "válido por", "válido durante",
        "utløper etter", "gyldig i", "går ut etter", "går ut efter", "giltig i", "upphör efter",
        "verloopt na", "geldig voor", "udløber efter",
    ];
    LEADS.iter().filter(|lead| pairs.may_hold(lead)).find_map(|lead| {
        let found = affirmed(lower, lead)?;
        let after = lower.get(found.end..)?;
        let rest = after.trim_start_matches([' ', ':', '=', '~']);
        let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let tail = rest.get(number.len()..)?.trim_start();
        let unit: String = tail.chars().take_while(|c| c.is_alphabetic()).collect();
        if number.is_empty() || unit.is_empty() {
            return None;
        }
        let seconds = parse_duration(&format!("{number}{unit}"))
            .or_else(|| number.parse::<i64>().ok()?.checked_mul(foreign_unit(&unit)?))?;
        let end = lower.len() - tail.len() + unit.len();
        (seconds > 0).then_some((Span::new(found.start, end), seconds))
    })
}

/// The seconds of a unit in German, French, Spanish, Norwegian, Swedish, Danish and Dutch.
fn foreign_unit(word: &str) -> Option<i64> {
    unit_seconds(match word {
        "sekunden" | "secondes" | "segundos" | "sekunder" | "seconden" => "s",
        "minuten" | "minutos" | "minutter" | "minuter" | "minuut" => "m",
        "stunde" | "stunden" | "std" | "heure" | "heures" | "hora" | "horas" | "time" | "timer"
        | "timme" | "timmar" | "uur" | "uren" => "h",
        "tag" | "tage" | "tagen" | "jour" | "jours" | "día" | "días" | "dag" | "dager"
        | "dagar" | "dage" | "dagen" => "d",
        "woche" | "wochen" | "semaine" | "semaines" | "semana" | "semanas" | "uke" | "uker"
        | "vecka" | "veckor" | "uge" | "uger" | "weken" => "w",
        _ => return None,
    })
}

/// `expires 2025-01-01`, `gültig bis 31.12.2026`, `valid until Dec 31, 2026`: the end of that day,
/// and the words.
fn stated_end(lower: &str, pairs: &Pairs) -> Option<(Instant, Span)> {
    const LEADS: &[&str] = &[
        "expires", "expired", "expiry", "expiration", "valid until", "valid till", "valid to",
        "valid through", "good until", "good till", "good through", "ends", "ended", "runs out",
        "dies", "gültig bis", "läuft ab", "läuft am", "abgelaufen", "ablauf", "ablaufdatum",
        "expire", "valable jusqu'au", "valide jusqu'au", "expira", "caduca", "válido hasta",
        "vence", "utløper", "utløpt", "gyldig til", "går ut", "giltig till", "giltigt till",
        "upphör", "verloopt", "geldig tot", "vervalt", "udløber", "gyldig indtil",
    ];
    LEADS.iter().filter(|lead| pairs.may_hold(lead)).find_map(|lead| {
        let mut found = as_words(lower, lead)
            .filter(|words| !is_turned(lower.get(..words.start).unwrap_or_default()));
        found.find_map(|words| {
            let (end, taken) = written_date::behind(lower.get(words.end..)?)?;
            Some((end, Span::new(words.start, words.end + taken)))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{DAY, HOUR, LifeState, MINUTE};

    fn of(comment: &str) -> Lifetime {
        let phrases = [
            ("get token".to_owned(), HOUR),
            ("an hour".to_owned(), HOUR),
            ("1 hour".to_owned(), HOUR),
            ("temporary".to_owned(), 0),
            ("vorübergehend".to_owned(), 0),
        ];
        said(comment, &phrases)
    }

    #[test]
    fn a_text_may_hold_whatever_stands_in_it() {
        let text = "läuft ab am 31.12.2026, ne expire après";
        let pairs = Pairs::of(text);
        for word in text.split(' ').chain([text, " ", "ne expire", "31.12.2", "è"]) {
            let held = text.contains(word);
            assert!(!held || pairs.may_hold(word), "{word}");
        }
        assert!(!pairs.may_hold("valid until") && !Pairs::of("").may_hold("ttl"));
    }

    #[test]
    fn a_comment_is_believed_where_it_affirms() {
        let at = Instant::parse("2026-11-23").unwrap();
        for comment in ["# temporary", "// nur vorübergehend", "# not for tests, temporary"] {
            let life = of(comment);
            assert!(life.is_short(at) && life.whole_life(at).is_none(), "{comment}");
        }
        for comment in [
            "# not temporary", "# never temporary", "# is not a temporary one", "# non-temporary",
            "# nicht vorübergehend", "# not the Get Token kind", "# refreshed every 1 hour",
            "# isn't temporary", "# see temporarywork",
        ] {
            assert!(!of(comment).is_known(), "{comment}");
        }
        assert_eq!(of("# not valid after 1 hour").life, Some(HOUR));
        assert_eq!(of("# no longer than an hour").life, Some(HOUR));
    }

    #[test]
    fn lengths_are_read_in_several_languages() {
        for (comment, life) in [
            ("# expires in 8 hours", 8 * HOUR),
            ("# temporary, valid for 30 min", 30 * MINUTE),
            ("# gültig für 2 Stunden", 2 * HOUR),
            ("# expire après 1 heure", HOUR),
            ("# expira en 3 días", 3 * DAY),
            ("# utløper etter 1 time", HOUR),
            ("# går ut efter 2 timmar", 2 * HOUR),
            ("# verloopt na 1 uur", HOUR),
        ] {
            assert_eq!(of(comment).life, Some(life), "{comment}");
        }
    }

    #[test]
    fn dates_end_a_life_and_are_told_in_their_own_words() {
        let at = Instant::parse("2026-11-23").unwrap();
        let life = of("# Expires 2025-01-01 (ask Kari)");
        assert_eq!(life.state(at), LifeState::Expired);
        let says = |words: &str| Basis::Neighbour(format!("a comment says \"{words}\""));
        assert_eq!(life.basis, says("Expires 2025-01-01"));
        assert_eq!(of("# from Get Token").basis, says("Get Token"));
        assert_eq!(of("# expires in 8 Hours.").basis, says("expires in 8 Hours"));
        for comment in [
            "# valid until 31.12.2026", "# gültig bis 31.12.2026", "# läuft ab am 31.12.2026",
            "# Expires: Dec 31, 2026", "# expires on 31 December 2026",
            "# valable jusqu'au 31/12/2026", "# geldig tot 31 december 2026",
            "# utløper 31. desember 2026",
        ] {
            let life = of(comment);
            assert_eq!(
                life.expires.map(|e| e.to_string()).as_deref(),
                Some("2026-12-31T23:59:59Z"),
                "{comment}"
            );
        }
        assert!(!of("# expires 03/04/2026").is_known());
        assert!(!of("# does not expire, made 2025-01-01").is_known());
        assert!(!of("# expires when revoked; made 2025-01-01").is_known());
    }
}
