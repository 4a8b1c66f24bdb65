//! Ownership: which credential kind a carried value is, when several rules could claim it.

use std::borrow::Cow;

use super::Sighting;
use crate::finding::{Confidence, Credential, PlaceKind};
use crate::name::fold;
use crate::rule::RuleBook;
use crate::rule::book::MatchRef;
use crate::rule::credential::{CredentialRule, Match, Surroundings};
use crate::rule::schema::Tier;
use crate::secret::Secret;
use crate::shape::looks_random;
use crate::text::{Span, percent_decode};

/// A value with its owner.
#[derive(Debug)]
pub(super) struct Owned<'r> {
    pub(super) rule: &'r CredentialRule,
    pub(super) credential: Credential,
    /// Where the secret stands in the artifact: a rule may take only a part of the value.
    pub(super) source: Span,
}

/// The owner of a literal, if any rule takes it.
pub(super) fn of<'r>(book: &'r RuleBook, sighting: &Sighting) -> Option<Owned<'r>> {
    let carried = &sighting.carried;
    let secret = carried.secret.as_ref()?;
    // One value has one fingerprint, encoded in an address and plain in a header.
    let in_address = carried.place.is_query() || carried.place == PlaceKind::Userinfo;
    let value = if in_address {
        Cow::Owned(percent_decode(bytes(secret)))
    } else {
        Cow::Borrowed(bytes(secret))
    };
    let value = value.as_ref();
    let folded = fold(carried.name.as_bytes());
    let call = carried.call.as_ref();
    let around = Surroundings {
        host: call.map(|c| c.host.as_str()).unwrap_or_default(),
        path: call.map(|c| c.path.as_slice()).unwrap_or_default(),
        companions: call.map(|c| c.names.as_slice()).unwrap_or_default(),
        near: &sighting.near,
    };
    let (reference, range) =
        match carried.rule {
            Some(reference) => {
                let (rule, m) = book.resolve(reference)?;
                (!rule.ignores(value) && m.allows(value, around))
                    .then_some((reference, 0..value.len()))?
            }
            None => claims(book, sighting, &folded)
                .filter_map(|reference| {
                    let (rule, m) = book.resolve(reference)?;
                    let range = m.secret_in(value, around)?;
                    let taken = value.get(range.clone())?;
                    (!rule.ignores(taken) && shape_fits(m, carried.tier, taken, sighting))
                        .then_some((m.weight(), reference, range))
                })
                // The weightiest claim wins; among equals the first, in the order of ids.
                .max_by(|a, b| a.0.cmp(&b.0).then(b.1.rule.cmp(&a.1.rule)))
                .map(|(_, reference, range)| (reference, range))?,
        };
    let rule = book.credentials.get(reference.rule)?;
    let taken = value.get(range.clone())?;
    // Only a span that maps byte for byte can be narrowed; an encoded one is shown whole.
    let exact = sighting.source.len() == value.len();
    let source = if exact {
        Span::new(sighting.source.start + range.start, sighting.source.start + range.end)
    } else {
        sighting.source
    };
    let prefix = rule.written.public_prefix.unwrap_or(0);
    Some(Owned {
        rule,
        source,
        credential: Credential {
            kind: rule.id().to_owned(),
            name: rule.written.name.clone(),
            confidence: confidence(rule, taken),
            secret: Secret::new(taken).with_public_prefix(prefix),
            lifetime: super::facts::lifetime(rule, taken, sighting),
        },
    })
}

#[expect(clippy::disallowed_methods, reason = "rules look into the value to say what it is")]
fn bytes(secret: &Secret) -> &[u8] {
    secret.expose()
}

/// Every match that could claim this name in this place.
fn claims<'b>(
    book: &'b RuleBook,
    sighting: &Sighting,
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
fn shape_fits(m: &Match, tier: Option<Tier>, value: &[u8], sighting: &Sighting) -> bool {
    if m.lexicon.is_empty() {
        return true;
    }
    let in_query = sighting.carried.place.is_query();
    match tier {
        Some(Tier::Password) => password_fits(value, in_query),
        Some(Tier::Secret | Tier::Session) => looks_random(value, if in_query { 8 } else { 12 }),
        Some(Tier::Header) => looks_random(value, 12),
        Some(Tier::ByShape) => looks_random(value, if in_query { 10 } else { 16 }),
        Some(Tier::ByLongShape) => {
            looks_random(value, 20) && !value.contains(&b'/') && !value.contains(&b':')
        }
        _ => false,
    }
}

/// A password can be anything; outside an address a word alone is a label.
fn password_fits(value: &[u8], in_query: bool) -> bool {
    let mixed = value.iter().any(u8::is_ascii_digit) && value.iter().any(u8::is_ascii_alphabetic)
        || value.iter().any(u8::is_ascii_punctuation) && value.len() >= 8;
    let pathlike =
        value.first() == Some(&b'/') || value.get(1) == Some(&b':') || value.contains(&b'\\');
    let callish = value.contains(&b'(') || value.contains(&b' ');
    if in_query {
        value.len() >= 4 && !pathlike
    } else {
        value.len() >= 6 && mixed && !pathlike && !callish
    }
}

fn confidence(rule: &CredentialRule, _value: &[u8]) -> Confidence {
    rule.confidence()
}
