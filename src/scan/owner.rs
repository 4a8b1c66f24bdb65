//! Ownership: which credential kind a carried value is, when several rules could claim it.

use std::borrow::Cow;

use super::Sighting;
use crate::finding::{Credential, PlaceKind};
use crate::name::fold;
use crate::rule::RuleBook;
use crate::rule::book::MatchRef;
use crate::rule::credential::{CredentialRule, Match, Surroundings};
use crate::rule::schema::Tier;
use crate::secret::Secret;
use crate::shape::{
    is_sign, looks_like_a_name, looks_like_a_short_key, looks_random, looks_strong,
};
use crate::text::{Span, percent_decode};
use crate::time::Instant;

/// A value with its owner.
#[derive(Debug)]
pub(super) struct Owned<'r> {
    pub(super) rule: &'r CredentialRule,
    pub(super) credential: Credential,
    /// Where the secret stands in the artifact: a rule may take only a part of the value.
    pub(super) source: Span,
}

/// The owner of a literal, if any rule takes it.
pub(super) fn of<'r>(
    book: &'r RuleBook,
    sighting: &Sighting<'_>,
    at: Instant,
) -> Option<Owned<'r>> {
    let carried = &sighting.carried;
    let secret = carried.secret.as_ref()?;
    // What patterns know: that of the place itself, and the one that matched inside of it.
    let own = carried.rule.map(|rule| (rule, secret, sighting.source));
    let lent = sighting.lent.as_ref().map(|l| (l.rule, &l.secret, l.source));
    let mut best: Option<(u32, Owned<'r>)> = None;
    for (reference, secret, source) in own.into_iter().chain(lent) {
        let (rule, m) = book.resolve(reference)?;
        let value = bytes(secret);
        if rule.ignores_sample(value) {
            return None;
        }
        let heavier = best.as_ref().is_none_or(|(weight, _)| m.weight() > *weight);
        if heavier && !rule.ignores(value) && m.allows(value, around(sighting)) {
            best = Some((m.weight(), owned(rule, value, source, sighting, at)));
        }
    }
    if carried.rule.is_some() && carried.place == PlaceKind::Bare {
        return best.map(|(_, owned)| owned);
    }
    // One value has one fingerprint, encoded in an address and plain in a header.
    let in_address = carried.place.is_query() || carried.place == PlaceKind::Userinfo;
    let value = if in_address {
        Cow::Owned(percent_decode(bytes(secret)))
    } else {
        Cow::Borrowed(bytes(secret))
    };
    match best_claim(book, sighting, &value) {
        Claim::Sample => None,
        Claim::None => best.map(|(_, owned)| owned),
        Claim::Of(weight, ..) if best.as_ref().is_some_and(|(other, _)| *other >= weight) => {
            best.map(|(_, owned)| owned)
        }
        Claim::Of(_, reference, range) => {
            let rule = book.credentials.get(reference.rule)?;
            let taken = value.get(range.clone())?;
            // Only a span that maps byte for byte can be narrowed; an encoded one is shown whole.
            let exact = sighting.source.len() == value.len();
            let source = if exact {
                Span::new(sighting.source.start + range.start, sighting.source.start + range.end)
            } else {
                sighting.source
            };
            Some(owned(rule, taken, source, sighting, at))
        }
    }
}

/// What the rules say that know a value by its place and shape.
enum Claim {
    /// Nobody takes it.
    None,
    /// A kind knows it as a documented sample: nobody shall take it.
    Sample,
    /// This match takes this part of it, with this weight.
    Of(u32, MatchRef, std::ops::Range<usize>),
}

fn owned<'r>(
    rule: &'r CredentialRule,
    value: &[u8],
    source: Span,
    sighting: &Sighting<'_>,
    at: Instant,
) -> Owned<'r> {
    let prefix = rule.public_prefix_of(value);
    Owned {
        rule,
        source,
        credential: Credential {
            kind: rule.id().to_owned(),
            name: rule.written.name.clone(),
            confidence: rule.confidence(),
            secret: Secret::new(value).with_public_prefix(prefix),
            lifetime: super::facts::lifetime(rule, value, sighting, at),
        },
    }
}

fn around<'s>(sighting: &'s Sighting<'_>) -> Surroundings<'s> {
    let call = sighting.carried.call.as_ref();
    Surroundings {
        scheme: call.map(|c| c.scheme.as_str()).unwrap_or_default(),
        host: call.map(|c| c.host.as_str()).unwrap_or_default(),
        path: call.map(|c| c.path.as_slice()).unwrap_or_default(),
        companions: call.map(|c| c.names.as_slice()).unwrap_or_default(),
        near: sighting.near,
    }
}

/// The weightiest claim.
fn best_claim(book: &RuleBook, sighting: &Sighting<'_>, value: &[u8]) -> Claim {
    let folded = fold(sighting.carried.name.as_bytes());
    let mut best: Option<(u32, MatchRef, std::ops::Range<usize>)> = None;
    for reference in claims(book, sighting, &folded) {
        let Some((rule, m)) = book.resolve(reference) else { continue };
        let Some(range) = m.secret_in(value, around(sighting)) else { continue };
        let Some(taken) = value.get(range.clone()) else { continue };
        if m.lexicon.is_empty() && rule.ignores_sample(taken) {
            return Claim::Sample;
        }
        if rule.ignores(taken) || !shape_fits(book, m, taken, sighting) {
            continue;
        }
        let weight = m.weight();
        // Among equals the first wins, in the order of ids.
        let better = best.as_ref().is_none_or(|(other, at, _)| {
            weight > *other || (weight == *other && reference.rule < at.rule)
        });
        if better {
            best = Some((weight, reference, range));
        }
    }
    best.map_or(Claim::None, |(weight, at, range)| Claim::Of(weight, at, range))
}

#[expect(clippy::disallowed_methods, reason = "rules look into the value to say what it is")]
fn bytes(secret: &Secret) -> &[u8] {
    secret.expose()
}

/// Every match that could claim this name in this place.
fn claims<'b>(
    book: &'b RuleBook,
    sighting: &Sighting<'_>,
    folded: &str,
) -> impl Iterator<Item = MatchRef> + 'b {
    let carried = &sighting.carried;
    let by_place = match carried.place {
        place if place.is_query() => book.by_query_param(folded),
        PlaceKind::Header => book.by_header(folded),
        _ => book.by_assignment(folded),
    };
    let place = carried.place;
    let tier = carried.tier;
    let general = book.general().iter().filter(move |reference| {
        book.resolve(**reference).is_some_and(|(_, m)| {
            m.anywhere
                || (m.userinfo && place == PlaceKind::Userinfo)
                || (place != PlaceKind::Userinfo && tier.is_some_and(|t| m.lexicon.contains(&t)))
        })
    });
    by_place.iter().chain(general).copied()
}

/// Whether a value that only its name betrays looks like a secret at all.
fn shape_fits(book: &RuleBook, m: &Match, value: &[u8], sighting: &Sighting<'_>) -> bool {
    if m.lexicon.is_empty() {
        return true;
    }
    let tier = sighting.carried.tier;
    let place = sighting.carried.place;
    let in_query = place.is_query();
    // `torrent_pass=private_torrent_pass`, `apiKeyLabel = "apiKeyLabel"`: the name once more.
    let (name, said) = (fold(sighting.carried.name.as_bytes()), fold(value));
    if name.len() >= 6 && (said.contains(&name) || (said.len() >= 6 && name.contains(&said))) {
        return false;
    }
    // In the header of a call the place says what the length does not: a key of 64 bits in hex.
    if place == PlaceKind::Header && tier != Some(Tier::Password) && looks_like_a_short_key(value) {
        return true;
    }
    // Outside of calls these names mean anything: `key`, `code`, `sid` of a policy, `signature`.
    let in_call = in_query || matches!(place, PlaceKind::Header | PlaceKind::Cookie);
    if !in_call && book.lexicon.is_only_in_call(&name) {
        return false;
    }
    match tier {
        Some(Tier::Password) => password_fits(value, in_query),
        Some(Tier::Secret) => {
            looks_random(value, if in_query { 8 } else { 12 }) || (!in_query && looks_strong(value))
        }
        Some(Tier::Session) => looks_random(value, if in_query { 8 } else { 12 }),
        Some(Tier::Header) => looks_random(value, 12),
        Some(Tier::ByShape) => {
            looks_random(value, if in_query { 10 } else { 16 })
                || (!in_query && name.ends_with("secret") && looks_strong(value))
        }
        Some(Tier::ByLongShape) => {
            let lone = crate::name::words(&sighting.carried.name).len() == 1;
            let base64 = value.ends_with(b"=") && value.len().is_multiple_of(4);
            (in_call || !lone)
                && looks_random(value, 20)
                && (base64 || !value.contains(&b'/'))
                && !value.contains(&b':')
        }
        _ => false,
    }
}

/// A password can be anything; outside an address a word alone is a label.
fn password_fits(value: &[u8], in_query: bool) -> bool {
    let mixed = value.iter().any(u8::is_ascii_digit) && value.iter().any(u8::is_ascii_alphabetic)
        || value.iter().any(is_sign) && value.len() >= 8;
    let pathlike =
        matches!(value, [b'/', ..] | [b'~', b'/', ..] | [_, b':', ..]) || value.contains(&b'\\');
    let callish = value.contains(&b'(') || value.contains(&b' ');
    let foreign = !value.is_ascii();
    let mail = memchr::memchr(b'@', value).is_some_and(|at| {
        value.get(at + 1..).is_some_and(|host| host.contains(&b'.') && !host.contains(&b'@'))
    });
    if in_query {
        value.len() >= 4 && !pathlike
    } else {
        value.len() >= 6
            && mixed
            && !pathlike
            && !callish
            && !foreign
            && !mail
            && !looks_like_a_name(value)
    }
}
