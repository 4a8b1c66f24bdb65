//! One thing seen twice: overlapping sightings, and the copies which a format keeps.

use std::collections::HashMap;

use super::{Lent, Sighting};
use crate::finding::{Finding, PlaceKind};

/// Drops sightings that another one covers: a free-text match inside a parsed place, and the same
/// place read twice (as it stands and decoded).
pub(super) fn distinct(mut sightings: Vec<Sighting>) -> Vec<Sighting> {
    let is_free = |s: &Sighting| s.carried.rule.is_some();
    // Parsed places first, so that they win over free text at the same position.
    sightings.sort_by_key(|s| (s.source.start, is_free(s), std::cmp::Reverse(s.source.end)));
    let mut kept: Vec<Sighting> = Vec::with_capacity(sightings.len());
    for mut sighting in sightings {
        let free = sighting.carried.rule;
        let covered = kept
            .iter_mut()
            .rev()
            .take(16)
            .find(|k| k.source.overlaps(sighting.source) || k.source == sighting.source);
        match (covered, free, sighting.carried.secret.take()) {
            // A rule that knows the value by its looks lends its knowledge to the place.
            (Some(first), Some(rule), Some(secret)) if first.carried.secret.is_some() => {
                // A prefix says more than an idiom, which only knows the place.
                let idiom = sighting.carried.place != PlaceKind::Bare;
                if first.lent.as_ref().is_none_or(|lent| lent.idiom && !idiom) {
                    first.lent = Some(Lent { rule, secret, source: sighting.source, idiom });
                }
            }
            (Some(first), None, _)
                if first.source == sighting.source
                    && first.carried.kind == sighting.carried.kind => {}
            (Some(first), Some(_), secret) => {
                sighting.carried.secret = secret;
                *first = sighting;
            }
            (_, _, secret) => {
                sighting.carried.secret = secret;
                kept.push(sighting);
            }
        }
    }
    kept
}

/// Folds copies of one secret into the first finding of the same lint.
pub(super) fn copies(findings: Vec<Finding>) -> Vec<Finding> {
    let mut out: Vec<Finding> = Vec::with_capacity(findings.len());
    let mut seen = HashMap::new();
    for finding in findings {
        let secret = finding.credential.as_ref().map(|c| &c.secret);
        let first = secret
            .map(|secret| *seen.entry((finding.lint.clone(), secret.clone())).or_insert(out.len()));
        match first.and_then(|index| out.get_mut(index)) {
            Some(first) => {
                if first.location.region != finding.location.region {
                    first.also.push(finding.location);
                }
            }
            None => out.push(finding),
        }
    }
    out
}
