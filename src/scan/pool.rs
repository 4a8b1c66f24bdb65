//! The pool: problems whose words are not made yet, and no more of them than may be told.
//!
//! What an artifact carries may be a quarter of a million values. It arrives in batches; of each the
//! facts are gathered and the lints asked, which is cheap, and only the gravest so far are kept. Words,
//! excerpts and copies are made of what is left in the end, and the rest is a number.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use super::facts::Around;
use super::merge::{self, Carried};
use super::owner::Owned;
use super::{Scan, Sighting};
use crate::finding::{Finding, Severity};
use crate::rule::book::LintRule;
use crate::secret::Secret;
use crate::text::{Position, Span};

/// How many sightings make a batch. An artifact that carries fewer is seen as a whole.
pub(super) const BATCH: usize = 4096;

/// How many times more than it may tell a pool keeps where copies are still to be folded into their
/// homes.
const COPIES: usize = 4;

/// Who reads the findings, and how many are wanted.
pub trait Ceiling {
    /// The most findings that are told of one window.
    fn most(&self) -> usize;
    /// How grave a finding is for the user; `None` when it is not asked for.
    fn gravity(&self, finding: &Finding) -> Option<Severity>;
    /// Looks at findings without words before any is left out, and marks what is ignored. Tells of
    /// each whether it is new.
    fn look(&mut self, findings: &mut [&mut Finding]) -> Vec<bool>;
}

/// Everything is told.
#[derive(Debug)]
pub struct Everything;

impl Ceiling for Everything {
    fn most(&self) -> usize {
        usize::MAX
    }

    fn gravity(&self, finding: &Finding) -> Option<Severity> {
        Some(finding.severity)
    }

    fn look(&mut self, findings: &mut [&mut Finding]) -> Vec<bool> {
        vec![true; findings.len()]
    }
}

/// The place of a finding among those that may be told: the gravest before the others, literal values
/// before variables, the first before the last. What the user did not ask for is the first to go.
pub type Rank = (Reverse<Option<Severity>>, bool, bool, Position);

/// See [`Rank`].
pub fn rank(gravity: Option<Severity>, finding: &Finding) -> Rank {
    let variable = finding.credential.is_none();
    (Reverse(gravity), finding.suppressed.is_some(), variable, finding.location.region.start)
}

/// A finding whose words are not made yet, and what they are made of.
#[derive(Debug, Clone)]
pub(super) struct Problem<'r, 't> {
    pub(super) finding: Finding,
    pub(super) lint: &'r LintRule,
    pub(super) cause: Rc<Cause<'r, 't>>,
}

/// What was seen, and what the lints were told about it.
#[derive(Debug)]
pub(super) struct Cause<'r, 't> {
    pub(super) sighting: Sighting<'t>,
    pub(super) owned: Option<Owned<'r>>,
    pub(super) around: Around,
}

/// The problems of one window.
pub(super) struct Pool<'r, 't, 'c> {
    ceiling: &'c mut dyn Ceiling,
    keeps_copies: bool,
    problems: Vec<Problem<'r, 't>>,
    /// Where the batches before found something, in the artifact's bytes: where two of them meet,
    /// both may read the same.
    met: HashSet<usize>,
    /// How many credentials of each kind there are so far.
    pub(super) kinds: BTreeMap<&'r str, usize>,
    /// Where every secret stands, with what to show in its place.
    pub(super) hidden: Vec<(Span, Box<str>)>,
    /// Every secret, and whether it is of a finding.
    pub(super) secrets: HashMap<Secret, bool>,
    /// What was left out with all its copies: further ones are left out, too.
    gone: HashSet<Carried>,
    cut: usize,
    held: usize,
}

impl<'r, 't, 'c> Pool<'r, 't, 'c> {
    pub(super) fn new(ceiling: &'c mut dyn Ceiling, keeps_copies: bool) -> Self {
        Self {
            ceiling,
            keeps_copies,
            problems: Vec::new(),
            met: HashSet::new(),
            kinds: BTreeMap::new(),
            hidden: Vec::new(),
            secrets: HashMap::new(),
            gone: HashSet::new(),
            cut: 0,
            held: 0,
        }
    }

    /// Whether a batch before this one found something at `source`.
    pub(super) fn has_met(&self, source: Span) -> bool {
        self.met.contains(&source.start)
    }

    /// Remembers every secret of a batch: what is left out is hidden all the same.
    pub(super) fn hide(&mut self, owned: &Owned<'_>) {
        let secret = &owned.credential.secret;
        self.hidden.push((owned.source, secret.mask().into()));
        if !self.secrets.contains_key(secret) {
            self.secrets.insert(secret.clone(), false);
        }
    }

    /// Takes the problems of a batch. `is_last`: no other comes, so nothing need be remembered.
    pub(super) fn take(&mut self, mut batch: Vec<Problem<'r, 't>>, is_last: bool) {
        for problem in &batch {
            if let Some(credential) = &problem.finding.credential
                && let Some(is_found) = self.secrets.get_mut(&credential.secret)
            {
                *is_found = true;
            }
        }
        if !is_last {
            let starts = batch.iter().map(|p| p.cause.source().start);
            self.met.extend(starts);
        }
        let mut findings: Vec<&mut Finding> = batch.iter_mut().map(|p| &mut p.finding).collect();
        let mut is_new = self.ceiling.look(&mut findings).into_iter();
        batch.retain(|_| is_new.next().unwrap_or(true));
        if !self.gone.is_empty() {
            batch.retain(|problem| !self.gone.contains(&Carried::of(&problem.finding)));
        }
        self.problems.append(&mut batch);
        self.held = self.held.max(self.problems.len());
        let room = self.ceiling.most().saturating_mul(if self.keeps_copies { COPIES } else { 1 });
        if self.problems.len() > room.saturating_mul(2) {
            self.settle();
            if self.keeps_copies { self.drop_values(room) } else { self.keep(room) }
        }
    }

    /// What may be told, in order, and how much more there was.
    pub(super) fn finish(&mut self, scan: &mut Scan) -> Vec<Problem<'r, 't>> {
        self.settle();
        if self.keeps_copies {
            self.problems = merge::copies(std::mem::take(&mut self.problems));
        }
        self.keep(self.ceiling.most());
        self.problems.sort_by(|a, b| a.finding.order().cmp(&b.finding.order()));
        scan.cut = self.cut;
        // The copies of what is gone cannot be told from homes of their own any more.
        scan.cut_more = !self.gone.is_empty();
        scan.held = self.held;
        std::mem::take(&mut self.problems)
    }

    /// Every secret of a finding, told or not.
    pub(super) fn found(&mut self) -> Vec<Secret> {
        let secrets = std::mem::take(&mut self.secrets);
        let found = secrets.into_iter().filter_map(|(secret, found)| found.then_some(secret));
        let mut found: Vec<Secret> = found.collect();
        found.sort_unstable();
        found
    }

    /// Puts the problems in order. One place may be read by two carriers; it is one problem.
    fn settle(&mut self) {
        self.problems.sort_by(|a, b| a.finding.order().cmp(&b.finding.order()));
        self.problems.dedup_by(|a, b| {
            let (a, b) = (&a.finding, &b.finding);
            a.lint == b.lint
                && a.location.region == b.location.region
                && a.credential == b.credential
        });
    }

    fn rank(&self, problem: &Problem<'_, '_>) -> Rank {
        rank(self.ceiling.gravity(&problem.finding), &problem.finding)
    }

    /// Keeps the gravest; those that are left out are counted if they were asked for.
    fn keep(&mut self, most: usize) {
        if self.problems.len() <= most {
            return;
        }
        let mut problems = std::mem::take(&mut self.problems);
        problems.sort_by_cached_key(|problem| {
            (self.rank(problem), problem.finding.lint.clone(), problem.finding.location.region.end)
        });
        self.cut += self.asked(problems.drain(most..));
        self.problems = problems;
    }

    /// Keeps the values of the gravest with all that carries them, for a copy must not outlive its
    /// home.
    fn drop_values(&mut self, room: usize) {
        let mut groups = merge::by_value(std::mem::take(&mut self.problems));
        groups.sort_by_cached_key(|group| group.iter().map(|problem| self.rank(problem)).min());
        for group in groups {
            if self.problems.is_empty() || self.problems.len() + group.len() <= room {
                self.problems.extend(group);
            } else {
                self.gone.extend(group.first().map(|first| Carried::of(&first.finding)));
                self.cut += self.asked(merge::copies(group).into_iter());
            }
        }
    }

    fn asked(&self, problems: impl Iterator<Item = Problem<'r, 't>>) -> usize {
        let is_asked = |finding: &Finding| {
            finding.suppressed.is_none() && self.ceiling.gravity(finding).is_some()
        };
        problems.filter(|problem| is_asked(&problem.finding)).count()
    }
}

impl Cause<'_, '_> {
    /// Where the value stands: a rule may take only a part of it.
    pub(super) fn source(&self) -> Span {
        self.owned.as_ref().map_or(self.sighting.source, |owned| owned.source)
    }
}
