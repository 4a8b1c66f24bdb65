//! One thing seen twice: overlapping sightings, and the copies which a format keeps.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use super::pool::Problem;
use super::{Lent, Sighting};
use crate::finding::{Finding, Location, PlaceKind};
use crate::format::fmw::slot::{self, Keeper, Slot};
use crate::secret::Secret;
use crate::value::ValueKind;

/// Drops sightings that another one covers: a free-text match inside a parsed place, and the same
/// place read twice (as it stands and decoded).
pub(super) fn distinct(mut sightings: Vec<Sighting<'_>>) -> Vec<Sighting<'_>> {
    let is_free = |s: &Sighting<'_>| s.carried.rule.is_some();
    // Parsed places first, so that they win over free text at the same position.
    sightings.sort_by_key(|s| (s.source.start, is_free(s), Reverse(s.source.end)));
    let mut kept: Vec<Sighting<'_>> = Vec::with_capacity(sightings.len());
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
            (Some(first), None, _) if is_same(first, &sighting) => {}
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

/// Whether the same place was read twice. The region of what is no literal is no identity: one carrier
/// takes the name of a pair alone, another the pair.
fn is_same(first: &Sighting<'_>, second: &Sighting<'_>) -> bool {
    let (one, other) = (&first.carried, &second.carried);
    let is_one_variable = || {
        one.kind != ValueKind::Literal
            && first.source.start == second.source.start
            && (one.place, &one.name) == (other.place, &other.name)
    };
    one.kind == other.kind && (first.source == second.source || is_one_variable())
}

/// Folds the copies of one value which a workspace keeps into the finding of its home.
///
/// A copy is what the format itself stores again: the mapping half of a transformer's parameter, the
/// five places of a published parameter's default. The same credential in another parameter is a
/// finding of its own, for it must be mended on its own.
pub(super) fn copies<'r, 't>(problems: Vec<Problem<'r, 't>>) -> Vec<Problem<'r, 't>> {
    let mut out: Vec<Problem<'r, 't>> = by_value(problems).into_iter().flat_map(joined).collect();
    out.sort_by(|a, b| a.finding.order().cmp(&b.finding.order()));
    out
}

/// All that carries one value, for each value; the first to be met first.
pub(super) fn by_value<'r, 't>(problems: Vec<Problem<'r, 't>>) -> Vec<Vec<Problem<'r, 't>>> {
    let mut groups: Vec<Vec<Problem<'r, 't>>> = Vec::new();
    let mut index: HashMap<Carried, usize> = HashMap::new();
    for problem in problems {
        let at = *index.entry(Carried::of(&problem.finding)).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.push(problem),
            None => groups.push(vec![problem]),
        }
    }
    groups
}

/// What is the same in all copies: the secret, or the name of what is no literal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Carried {
    Secret(Secret),
    Variable(PlaceKind, String),
}

impl Carried {
    pub(super) fn of(finding: &Finding) -> Self {
        match &finding.credential {
            Some(credential) => Carried::Secret(credential.secret.clone()),
            None => Carried::Variable(finding.place.kind, finding.place.name.clone()),
        }
    }
}

/// One place in the file, with all that the lints say of it.
struct Site<'r, 't> {
    problems: Vec<Problem<'r, 't>>,
}

impl Site<'_, '_> {
    fn first(&self) -> Option<&Finding> {
        self.problems.first().map(|problem| &problem.finding)
    }

    fn slot(&self) -> Slot<'_> {
        Slot::read(self.first().and_then(|f| f.location.logical.as_deref()))
    }
}

/// A parameter that holds the value, and its copies.
struct Home<'r, 't> {
    sites: Vec<Site<'r, 't>>,
    /// How many of them are of the mapping half.
    executed: usize,
}

/// The homes of one secret.
#[derive(Default)]
struct Homes<'r, 't> {
    list: Vec<Home<'r, 't>>,
    keys: HashMap<String, usize>,
    /// The homes in one transformer.
    owners: HashMap<String, Vec<usize>>,
    /// Homes in transformers by their parameter (and all under the empty name): the one with the
    /// fewest copies first.
    waiting: HashMap<String, BTreeSet<(usize, usize)>>,
}

/// The findings of one secret: one for each lint in each home.
fn joined<'r, 't>(group: Vec<Problem<'r, 't>>) -> Vec<Problem<'r, 't>> {
    let mut homes = Homes::default();
    let (copies, originals): (Vec<Site<'r, 't>>, Vec<Site<'r, 't>>) =
        sites(group).into_iter().partition(|site| is_copy(site.slot()));
    for site in originals {
        homes.settle(site);
    }
    for copy in copies {
        homes.join(copy);
    }
    homes.list.into_iter().flat_map(Home::problems).collect()
}

/// Whether FME writes this place itself.
fn is_copy(slot: Slot<'_>) -> bool {
    matches!(slot, Slot::Published { keeper: Keeper::Macro, .. } | Slot::Executed { .. })
}

impl<'r, 't> Homes<'r, 't> {
    /// A place which people edit: a home, or one more keeper of a published parameter.
    fn settle(&mut self, site: Site<'r, 't>) {
        let slot = site.slot();
        let key = match slot {
            Slot::Published { parameter, .. } => parameter.to_owned(),
            slot => slot.to_string(),
        };
        if let Some(home) = self.keys.get(&key).and_then(|at| self.list.get_mut(*at)) {
            home.sites.push(site);
            return;
        }
        let at = self.list.len();
        if let Slot::Element { owner, parameter } = slot {
            self.owners.entry(slot::name_of(owner).to_owned()).or_default().push(at);
            for name in [slot::canonical(parameter), ""] {
                self.waiting.entry(name.to_owned()).or_default().insert((0, at));
            }
        }
        self.keys.insert(key, at);
        self.list.push(Home { sites: vec![site], executed: 0 });
    }

    /// A copy goes to its home; without any it is one itself.
    fn join(&mut self, copy: Site<'r, 't>) {
        let waits = |name: &str| {
            let (_, at) = self.waiting.get(slot::canonical(name))?.first()?;
            Some(*at)
        };
        let home = match copy.slot() {
            Slot::Executed { owner, parameter } => owner
                .and_then(|owner| self.of_owner(owner, parameter, &copy))
                .or_else(|| waits(parameter?))
                .or_else(|| waits("")),
            slot => {
                let name = slot.parameter().unwrap_or_default();
                self.keys.get(name).copied().or_else(|| waits(name))
            }
        };
        let Some(at) = home else {
            return self.alone(copy);
        };
        let Some(home) = self.list.get_mut(at) else { return };
        let before = (home.executed, at);
        let parameter = home.sites.first().and_then(|site| site.slot().parameter());
        for name in [slot::canonical(parameter.unwrap_or_default()), ""] {
            if let Some(waiting) = self.waiting.get_mut(name).filter(|w| w.contains(&before)) {
                waiting.remove(&before);
                waiting.insert((before.0 + 1, at));
            }
        }
        home.executed += 1;
        home.sites.push(copy);
    }

    /// The home in the transformer of which a factory was made: by its parameter, by the place in
    /// the protocol; among equals the one that still lacks a copy, then the first.
    fn of_owner(&self, owner: &str, parameter: Option<&str>, copy: &Site<'r, 't>) -> Option<usize> {
        let own = slot::names_in(owner).find_map(|name| self.owners.get(name))?;
        let place = copy.first().map(|f| &f.place);
        own.iter()
            .filter_map(|at| {
                let home = self.list.get(*at)?;
                let here = home.sites.first()?;
                let named =
                    here.slot().parameter().map(slot::canonical) == parameter.map(slot::canonical);
                let placed = here.first().map(|f| &f.place) == place;
                Some((named, placed, Reverse(home.executed), Reverse(*at)))
            })
            .max()
            .map(|(.., Reverse(at))| at)
    }

    /// A file with a mapping half alone, or a place outside every factory.
    fn alone(&mut self, copy: Site<'r, 't>) {
        match copy.slot() {
            Slot::Executed { owner: None, .. } => {
                self.list.push(Home { sites: vec![copy], executed: 1 });
            }
            _ => self.settle(copy),
        }
    }
}

/// Findings of one region are of one site.
fn sites<'r, 't>(group: Vec<Problem<'r, 't>>) -> Vec<Site<'r, 't>> {
    let mut out: Vec<Site<'r, 't>> = Vec::new();
    for problem in group {
        let region = problem.finding.location.region;
        match out.last_mut() {
            Some(site) if site.first().is_some_and(|f| f.location.region == region) => {
                site.problems.push(problem);
            }
            _ => out.push(Site { problems: vec![problem] }),
        }
    }
    out
}

impl<'r, 't> Home<'r, 't> {
    /// One finding a lint, at the place to edit, with all other places beside it.
    fn problems(mut self) -> Vec<Problem<'r, 't>> {
        let mut places: Vec<Location> =
            self.sites.iter().filter_map(|s| Some(s.first()?.location.clone())).collect();
        places.sort_by_key(|p| (p.region.start.line, p.region.start.column));
        places.dedup_by(|a, b| a.region == b.region);
        self.sites.sort_by_key(|site| match site.slot() {
            Slot::Element { .. } => None,
            Slot::Published { keeper, .. } => Some(keeper),
            Slot::Executed { .. } => Some(Keeper::Macro),
        });
        let mut out: Vec<Problem<'r, 't>> = Vec::new();
        for mut problem in self.sites.into_iter().flat_map(|site| site.problems) {
            if out.iter().any(|p| p.finding.lint == problem.finding.lint) {
                continue;
            }
            let here = problem.finding.location.region;
            problem.finding.also = places.iter().filter(|p| p.region != here).cloned().collect();
            out.push(problem);
        }
        out
    }
}
