//! The veil: every known secret, masked wherever it stands in a text that is about to be shown.
//!
//! A secret that was found in one place may stand again where no carrier was recognised: in a
//! message, a path, a comment, percent-encoded, in base64. The veil knows the forms in which a value
//! usually travels and hides each of them. Its cost grows with the text, not with the number of
//! secrets: forms are looked up by their last bytes, which differ even among tokens that begin alike.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use crate::secret::Secret;
use crate::text::{SourceMap, Span, lossless, percent_decode_mapped};

/// Values shorter than this are not looked for: they would hide ordinary words.
const VALUE_MIN: usize = 4;
/// A part of a token (the signature of a JWT) is hidden by itself from this length on.
const PART_MIN: usize = 20;
/// How many last bytes of a form find it.
const LONG: usize = 8;

/// Everything that must not be shown.
#[derive(Debug, Default)]
pub struct Veil {
    /// Forms of eight bytes or more, by their last eight.
    long: HashMap<[u8; LONG], Vec<Form>>,
    /// Shorter forms, by their last four.
    short: HashMap<[u8; VALUE_MIN], Vec<Form>>,
    /// What a listening veil has heard.
    heard: Option<RefCell<Heard>>,
}

/// Every end that a form could have in the texts which are to be covered.
#[derive(Debug, Default)]
struct Heard {
    long: HashSet<[u8; LONG]>,
    short: HashSet<[u8; VALUE_MIN]>,
}

/// Makes what to show in the place of a form.
type Mask<'m> = &'m dyn Fn() -> String;

/// A form in which a secret may be written, in lower case.
#[derive(Debug)]
struct Form {
    value: Secret,
    mask: String,
}

impl Veil {
    /// The veil over these secrets. Of two that are written alike the first gives the mask.
    pub fn over<'s>(secrets: impl Iterator<Item = &'s Secret>) -> Self {
        let mut veil = Self::default();
        let mut seen = HashSet::new();
        for secret in secrets.filter(|s| seen.insert(*s)) {
            forms(secret, &mut |bytes, mask| veil.form(bytes, mask));
        }
        veil
    }

    /// A veil that covers nothing yet and listens to what it will have to. A hundred thousand secrets
    /// cost no memory when the veil over them is made for a few texts: first a listening veil is held
    /// over these, then the veil over those secrets that it [has heard](Veil::has_heard).
    pub fn listening() -> Self {
        Self { heard: Some(RefCell::default()), ..Self::default() }
    }

    /// Whether a secret may stand, in any of its forms, in what this listening veil was held over.
    pub fn has_heard(&self, secret: &Secret) -> bool {
        let Some(heard) = self.heard.as_ref().map(RefCell::borrow) else { return true };
        let mut found = false;
        forms(secret, &mut |bytes, _| found = found || heard.may_hold(bytes));
        found
    }

    /// Whether there is nothing to hide.
    pub fn is_empty(&self) -> bool {
        self.long.is_empty() && self.short.is_empty() && self.heard.is_none()
    }

    fn form(&mut self, bytes: &[u8], mask: Mask<'_>) {
        let lower = bytes.to_ascii_lowercase();
        let form = Form { value: Secret::new(&lower), mask: mask() };
        if let Some(tail) = lower.last_chunk::<LONG>() {
            self.long.entry(*tail).or_default().push(form);
        } else if let Some(tail) = lower.last_chunk::<VALUE_MIN>() {
            self.short.entry(*tail).or_default().push(form);
        }
    }

    /// The text with every secret in it masked.
    pub fn cover(&self, text: &str) -> String {
        let spans = self.spans(text.as_bytes());
        if spans.is_empty() {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for (span, mask) in spans {
            if span.end <= at {
                continue;
            }
            // A form is bytes and a text is characters: an edge inside a character moves out.
            let start = floor(text, span.start.max(at));
            out += text.get(at..start).unwrap_or_default();
            out += mask;
            at = ceil(text, span.end);
        }
        out + text.get(at..).unwrap_or_default()
    }

    /// Masks in place; what holds no secret is left alone.
    pub fn cover_in_place(&self, text: &mut String) {
        if !self.is_empty() && !self.spans(text.as_bytes()).is_empty() {
            *text = self.cover(text);
        }
    }

    /// Where secrets stand, in order, with what to show in their place.
    fn spans(&self, text: &[u8]) -> Vec<(Span, &str)> {
        let mut found = Vec::new();
        self.search(text, &SourceMap::identity(), &mut found);
        if memchr::memchr(b'%', text).is_some() {
            let (plain, map) = percent_decode_mapped(text, Span::new(0, text.len()));
            self.search(&plain, &map, &mut found);
        }
        found.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
        found
    }

    fn search<'v>(&'v self, text: &[u8], map: &SourceMap, found: &mut Vec<(Span, &'v str)>) {
        let lower = text.to_ascii_lowercase();
        if let Some(heard) = &self.heard {
            return heard.borrow_mut().hear(&lower);
        }
        for end in VALUE_MIN..=lower.len() {
            let Some(head) = lower.get(..end) else { continue };
            let long = head.last_chunk::<LONG>().and_then(|tail| self.long.get(tail));
            let short = head.last_chunk::<VALUE_MIN>().and_then(|tail| self.short.get(tail));
            for form in long.into_iter().chain(short).flatten() {
                #[expect(clippy::disallowed_methods, reason = "to hide a value one must know it")]
                let value = form.value.expose();
                if head.ends_with(value) {
                    let span = map.to_source(Span::new(end - value.len(), end));
                    found.push((span, form.mask.as_str()));
                }
            }
        }
    }
}

impl Heard {
    fn hear(&mut self, lower: &[u8]) {
        let long = lower.windows(LONG).filter_map(|end| end.first_chunk::<LONG>());
        self.long.extend(long);
        let short = lower.windows(VALUE_MIN).filter_map(|end| end.first_chunk::<VALUE_MIN>());
        self.short.extend(short);
    }

    fn may_hold(&self, form: &[u8]) -> bool {
        let long = form.last_chunk::<LONG>().map(|tail| tail.map(|b| b.to_ascii_lowercase()));
        let short = form.last_chunk::<VALUE_MIN>().map(|tail| tail.map(|b| b.to_ascii_lowercase()));
        match (long, short) {
            (Some(tail), _) => self.long.contains(&tail),
            (None, Some(tail)) => self.short.contains(&tail),
            (None, None) => false,
        }
    }
}

/// Gives every form in which a secret usually travels, with what to show in its place.
#[expect(clippy::disallowed_methods, reason = "to hide a value one must know it")]
fn forms(secret: &Secret, each: &mut impl FnMut(&[u8], Mask<'_>)) {
    let own = secret.expose();
    let (mask, hidden) = (|| secret.mask(), || "…".to_owned());
    if own.len() < VALUE_MIN {
        return;
    }
    each(own, &mask);
    // Bytes that are not UTF-8 are shown as Latin-1.
    let shown = lossless(own);
    if shown.as_bytes() != own {
        each(shown.as_bytes(), &mask);
    }
    let plain = crate::text::percent_decode(own);
    if plain != own {
        each(&plain, &hidden);
    }
    if plain.len() >= LONG {
        for engine in [&STANDARD, &URL_SAFE] {
            let encoded = engine.encode(&plain);
            each(encoded.trim_end_matches('=').as_bytes(), &hidden);
        }
        each(hex(&plain).as_bytes(), &hidden);
    }
    // `user:password` of Basic, and the parts of a token.
    if let Some((_, password)) = decoded_basic(own) {
        each(&password, &hidden);
    }
    for part in own.split(|b| *b == b'.').filter(|p| p.len() >= PART_MIN && p.len() < own.len()) {
        each(part, &hidden);
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// User and password behind the base64 of `Basic`.
fn decoded_basic(bytes: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let decoded = STANDARD.decode(bytes).ok()?;
    let colon = memchr::memchr(b':', &decoded)?;
    let readable = std::str::from_utf8(&decoded).is_ok_and(|t| !t.contains(char::is_control));
    readable.then(|| {
        (
            decoded.get(..colon).map(<[u8]>::to_vec).unwrap_or_default(),
            decoded.get(colon + 1..).map(<[u8]>::to_vec).unwrap_or_default(),
        )
    })
}

fn floor(text: &str, mut at: usize) -> usize {
    while at > 0 && !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn ceil(text: &str, mut at: usize) -> usize {
    while at < text.len() && !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

/// The text under a veil, of bytes in any encoding.
pub fn covered(veil: &Veil, bytes: &[u8]) -> String {
    veil.cover(&lossless(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_form_is_hidden() {
        let value = "k7Qm+2xP/9vRt4Lw8ZsY";
        let secret = Secret::new(value.as_bytes());
        let veil = Veil::over(std::iter::once(&secret));
        for form in [
            value.to_owned(),
            value.to_uppercase(),
            value.replace('+', "%2B").replace('/', "%2f"),
            value.replace('k', "%6b"),
            STANDARD.encode(value),
            URL_SAFE.encode(value),
            hex(value.as_bytes()),
        ] {
            let shown = veil.cover(&format!("ä {} ä", form.trim_end_matches('=')));
            assert!(shown == "ä … ä" || shown == "ä k7Qm… ä", "{shown}");
        }
        assert_eq!(veil.cover("nothing here"), "nothing here");
    }

    #[test]
    fn a_secret_in_latin1_is_hidden_where_it_is_shown_as_text() {
        let veil = Veil::over(std::iter::once(&Secret::new(b"k7Qm\xb32xP9vR")));
        assert_eq!(veil.cover("no lint `k7Qm\u{b3}2xP9vR`"), "no lint `…`");
    }

    #[test]
    fn a_veil_over_what_was_heard_hides_there_what_the_whole_one_does() {
        let secrets: Vec<Secret> =
            ["k7Qm+2xP/9vRt4Lw8ZsY", "K%2F%2BaB9%3D", "lamp", "another-one-of-them"]
                .map(|value| Secret::new(value.as_bytes()))
                .into();
        let plain = "k7Qm+2xP/9vRt4Lw8ZsY";
        let text = format!("{plain} {} K/+aB9= %6camp LAMP {}", STANDARD.encode(plain), "%4b%2F");
        let listening = Veil::listening();
        assert_eq!(listening.cover(&text), text);
        let heard = Veil::over(secrets.iter().filter(|secret| listening.has_heard(secret)));
        let whole = Veil::over(secrets.iter());
        assert_eq!(heard.cover(&text), whole.cover(&text));
        assert!(!heard.cover(&text).contains("k7Qm+") && !heard.is_empty());
        // What was not heard costs nothing.
        let forms = |veil: &Veil| veil.long.len() + veil.short.len();
        assert!(forms(&heard) < forms(&whole));
        assert!(!secrets.iter().any(|secret| Veil::listening().has_heard(secret)));
    }

    #[test]
    fn an_encoded_secret_is_hidden_in_plain_too() {
        let secret = Secret::new(b"K%2F%2BaB9%3D");
        let veil = Veil::over(std::iter::once(&secret));
        assert_eq!(veil.cover("x K/+aB9= y"), "x … y");
        let basic = Secret::new(STANDARD.encode("svc:Harbour9Lamp").as_bytes());
        assert_eq!(Veil::over(std::iter::once(&basic)).cover("pw Harbour9Lamp"), "pw …");
    }
}
