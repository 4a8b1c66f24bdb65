//! One thing seen twice: overlapping sightings, and the copies which a format keeps.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::{Lent, Sighting};
use crate::finding::{Finding, Location, PlaceKind};
use crate::format::fmw::slot::{self, Keeper, Slot};
use crate::secret::Secret;

/// Drops sightings that another one covers: a free-text match inside a parsed place, and the same
/// place read twice (as it stands and decoded).
pub(super) fn distinct(mut sightings: Vec<Sighting>) -> Vec<Sighting> {
    let is_free = |s: &Sighting| s.carried.rule.is_some();
    // Parsed places first, so that they win over free text at the same position.
    sightings.sort_by_key(|s| (s.source.start, is_free(s), Reverse(s.source.end)));
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

/// Folds the copies of one value which a workspace keeps into the finding of its home.
///
/// A copy is what the format itself stores again: the mapping half of a transformer's parameter, the
/// five places of a published parameter's default. The same credential in another parameter is a
/// finding of its own, for it must be mended on its own.
pub(super) fn copies(findings: Vec<Finding>) -> Vec<Finding> {
    let mut groups: Vec<Vec<Finding>> = Vec::new();
    let mut index: HashMap<Carried, usize> = HashMap::new();
    for finding in findings {
        let at = *index.entry(Carried::of(&finding)).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    let mut out: Vec<Finding> = groups.into_iter().flat_map(joined).collect();
    out.sort_by(|a, b| a.order().cmp(&b.order()));
    out
}

/// What is the same in all copies: the secret, or the name of what is no literal.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Carried {
    Secret(Secret),
    Variable(PlaceKind, String),
}

impl Carried {
    fn of(finding: &Finding) -> Self {
        match &finding.credential {
            Some(credential) => Carried::Secret(credential.secret.clone()),
            None => Carried::Variable(finding.place.kind, finding.place.name.clone()),
        }
    }
}

/// One place in the file, with all that the lints say of it.
struct Site {
    findings: Vec<Finding>,
}

impl Site {
    fn first(&self) -> Option<&Finding> {
        self.findings.first()
    }

    fn slot(&self) -> Slot<'_> {
        Slot::read(self.first().and_then(|f| f.location.logical.as_deref()))
    }
}

/// A parameter that holds the value, and its copies.
struct Home {
    sites: Vec<Site>,
    /// How many of them are of the mapping half.
    executed: usize,
}

/// The findings of one secret: one for each lint in each home.
fn joined(group: Vec<Finding>) -> Vec<Finding> {
    let mut homes: Vec<Home> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut copies = Vec::new();
    for site in sites(group) {
        let key = match site.slot() {
            Slot::Published { keeper: Keeper::Macro, .. } | Slot::Executed { .. } => {
                copies.push(site);
                continue;
            }
            Slot::Published { parameter, .. } => parameter.to_owned(),
            slot @ Slot::Element { .. } => slot.to_string(),
        };
        let at = *known.entry(key).or_insert(homes.len());
        match homes.get_mut(at) {
            Some(home) => home.sites.push(site),
            None => homes.push(Home { sites: vec![site], executed: 0 }),
        }
    }
    for copy in copies {
        let fit = homes
            .iter()
            .enumerate()
            .filter_map(|(at, home)| Some((home.fits(&copy)?, home.executed, at)))
            // The best fit; among equals the one that still lacks a copy, then the first.
            .max_by_key(|(fit, executed, at)| (*fit, Reverse(*executed), Reverse(*at)));
        match fit.and_then(|(_, _, at)| homes.get_mut(at)) {
            Some(home) => {
                home.executed += 1;
                home.sites.push(copy);
            }
            None => homes.push(Home { sites: vec![copy], executed: 1 }),
        }
    }
    homes.into_iter().flat_map(Home::findings).collect()
}

/// Findings of one region are of one site.
fn sites(group: Vec<Finding>) -> Vec<Site> {
    let mut out: Vec<Site> = Vec::new();
    for finding in group {
        match out.last_mut() {
            Some(site)
                if site.first().is_some_and(|f| f.location.region == finding.location.region) =>
            {
                site.findings.push(finding);
            }
            _ => out.push(Site { findings: vec![finding] }),
        }
    }
    out
}

impl Home {
    /// How well a copy of the mapping half fits this home; `None` when it cannot be its copy.
    fn fits(&self, copy: &Site) -> Option<usize> {
        let home = self.sites.first()?;
        let (executed, parameter) = match copy.slot() {
            Slot::Executed { owner, parameter } => (owner, parameter),
            slot => (None, slot.parameter()),
        };
        let is_macro = matches!(copy.slot(), Slot::Published { .. });
        let owned = match home.slot() {
            Slot::Element { owner, .. } => {
                // The longest name is the nearest: `HTTPCaller_2` before `HTTPCaller`.
                executed.filter(|e| slot::belongs(e, owner)).map_or(0, |_| 100 + owner.len())
            }
            // The default of a published parameter is executed as a macro and as nothing else.
            Slot::Published { .. } if is_macro => 0,
            // A mapping file has one half only.
            here @ Slot::Executed { .. } => {
                return (here == copy.slot() && executed.is_some()).then_some(0);
            }
            Slot::Published { .. } => return None,
        };
        let named = match (home.slot().parameter(), parameter) {
            (Some(a), Some(b)) if slot::same_parameter(a, b) => 10,
            _ if is_macro => return None,
            _ => 0,
        };
        let placed = usize::from(home.first()?.place == copy.first()?.place);
        Some(owned + named + placed)
    }

    /// One finding a lint, at the place to edit, with all other places beside it.
    fn findings(mut self) -> Vec<Finding> {
        let mut places: Vec<Location> =
            self.sites.iter().filter_map(|s| Some(s.first()?.location.clone())).collect();
        places.sort_by_key(|p| (p.region.start.line, p.region.start.column));
        places.dedup_by(|a, b| a.region == b.region);
        self.sites.sort_by_key(|site| match site.slot() {
            Slot::Element { .. } => None,
            Slot::Published { keeper, .. } => Some(keeper),
            Slot::Executed { .. } => Some(Keeper::Macro),
        });
        let mut out: Vec<Finding> = Vec::new();
        for mut finding in self.sites.into_iter().flat_map(|site| site.findings) {
            if out.iter().any(|f| f.lint == finding.lint) {
                continue;
            }
            let here = finding.location.region;
            finding.also = places.iter().filter(|p| p.region != here).cloned().collect();
            out.push(finding);
        }
        out
    }
}
