//! One thing seen twice: overlapping sightings, and the copies which a format keeps.

use std::collections::HashMap;

use super::Sighting;
use crate::finding::{Finding, PlaceKind};

/// Drops sightings that another one covers: a free-text match inside a parsed place, and the same
/// place read twice (as it stands and decoded).
pub(super) fn distinct(mut sightings: Vec<Sighting>) -> Vec<Sighting> {
    // Parsed places first, so that they win over free text at the same position.
    sightings.sort_by_key(|s| {
        (s.source.start, s.carried.place == PlaceKind::Bare, std::cmp::Reverse(s.source.end))
    });
    let mut kept: Vec<Sighting> = Vec::with_capacity(sightings.len());
    for sighting in sightings {
        let is_bare = sighting.carried.place == PlaceKind::Bare;
        let covered = kept
            .iter_mut()
            .rev()
            .take(16)
            .find(|k| k.source.overlaps(sighting.source) || k.source == sighting.source);
        match covered {
            // A rule that knows the value by its shape lends its knowledge to the place: it says
            // what the value is and where exactly, the place says how it travels.
            Some(first) if is_bare && first.carried.secret.is_some() => {
                if first.carried.rule.is_none() && first.carried.secret != sighting.carried.secret {
                    first.source = sighting.source;
                    first.carried.secret = sighting.carried.secret;
                }
                first.carried.rule = first.carried.rule.or(sighting.carried.rule);
            }
            Some(first)
                if first.source == sighting.source
                    && first.carried.kind == sighting.carried.kind => {}
            Some(first) if is_bare => {
                *first = sighting;
            }
            _ => kept.push(sighting),
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
