//! Which causes explain a refusal, best first.
//!
//! A cause stands as high as its surest sign. Among equals, what a cause outranks by its rule comes
//! after it, then the service's own words count more than everybody's, then the sign that asks for
//! more. Two equals that nothing tells apart make each other less sure.

use super::facts::Scene;
use crate::exchange::Certainty;
use crate::fact::FactName;
use crate::rule::RuleBook;
use crate::rule::book::CauseRule;
use crate::rule::schema::CauseConfidenceWord;
use crate::rule::when::When;

/// A cause with the signs that speak for it.
#[derive(Debug)]
pub(super) struct Candidate<'b> {
    pub(super) cause: &'b CauseRule,
    pub(super) certainty: Certainty,
    /// What its signs say, the surest first.
    pub(super) says: Vec<&'b str>,
    /// The facts of the surest sign.
    pub(super) evidence: Vec<(FactName, String)>,
    /// What the service's own rule says to do.
    pub(super) remedy: Option<&'b str>,
    /// Told by a service's own rule.
    own: bool,
    weight: usize,
}

/// The candidates, best first; the certainty of the first takes its rivals into account.
pub(super) fn rank<'b>(book: &'b RuleBook, scene: &Scene<'b>) -> Vec<Candidate<'b>> {
    let mut all: Vec<Candidate<'b>> = Vec::new();
    for cause in &book.causes {
        for (sign, when) in cause.written.signs.iter().zip(&cause.signs) {
            if when.holds(&scene.facts) {
                add(&mut all, candidate(cause, sign.confidence, &sign.says, when, scene));
            }
        }
    }
    for service in &scene.services {
        let refusals = service.written.diagnosis.refusals.iter().zip(&service.refusals);
        for (refusal, when) in refusals {
            let Some(cause) = book.cause(&refusal.cause) else { continue };
            if when.holds(&scene.facts) {
                let candidate = candidate(cause, refusal.confidence, &refusal.says, when, scene);
                let remedy = refusal.remedy.as_deref();
                add(&mut all, Candidate { own: true, remedy, ..candidate });
            }
        }
    }
    let mut all = ordered(all);
    weaken(&mut all);
    all
}

fn candidate<'b>(
    cause: &'b CauseRule,
    confidence: CauseConfidenceWord,
    says: &'b str,
    when: &When,
    scene: &Scene<'_>,
) -> Candidate<'b> {
    let evidence =
        when.evidence(&scene.facts).map(|(fact, value)| (fact.clone(), value.to_owned())).collect();
    Candidate {
        cause,
        certainty: certainty(confidence),
        says: vec![says],
        evidence,
        remedy: None,
        own: false,
        weight: when.weight(),
    }
}

/// The certainty behind the word of a rule.
pub fn certainty(word: CauseConfidenceWord) -> Certainty {
    match word {
        CauseConfidenceWord::Proved => Certainty::Proved,
        CauseConfidenceWord::Certain => Certainty::Certain,
        CauseConfidenceWord::Likely => Certainty::Likely,
        CauseConfidenceWord::Possible => Certainty::Possible,
    }
}

/// Adds a candidate, or what it says to the one that is there.
fn add<'b>(all: &mut Vec<Candidate<'b>>, mut new: Candidate<'b>) {
    let known = all.iter_mut().find(|c| c.cause.written.id == new.cause.written.id);
    let Some(known) = known else { return all.push(new) };
    if new.rank() > known.rank() {
        std::mem::swap(known, &mut new);
    }
    known.remedy = known.remedy.or(new.remedy);
    // What is weaker adds nothing to what is sure.
    let adds = new.certainty == known.certainty;
    for says in new.says.into_iter().filter(|_| adds) {
        if !known.says.contains(&says) {
            known.says.push(says);
        }
    }
}

impl Candidate<'_> {
    /// How high it stands by itself.
    fn rank(&self) -> (Certainty, bool, usize) {
        (self.certainty, self.own, self.weight)
    }

    /// Whether its rule says that it comes before the other. A mere possibility beats nothing that
    /// is surer than itself, and what a service says of its own answers is only beaten by what is as
    /// sure.
    fn outranks(&self, other: &Candidate<'_>) -> bool {
        let is_own_word = other.own && !self.own && other.certainty >= Certainty::Certain;
        let may = self.certainty >= Certainty::Likely && !is_own_word;
        (may || self.certainty >= other.certainty)
            && self.cause.written.outranks.contains(&other.cause.written.id)
    }
}

fn ordered(all: Vec<Candidate<'_>>) -> Vec<Candidate<'_>> {
    let beaten: Vec<bool> =
        all.iter().map(|one| all.iter().any(|other| other.outranks(one))).collect();
    let mut keyed: Vec<(bool, Candidate<'_>)> = beaten.into_iter().zip(all).collect();
    keyed.sort_by(|(a_beaten, a), (b_beaten, b)| {
        a_beaten
            .cmp(b_beaten)
            .then(b.rank().cmp(&a.rank()))
            .then(a.cause.written.id.cmp(&b.cause.written.id))
    });
    keyed.into_iter().map(|(_, candidate)| candidate).collect()
}

/// A rival as sure as the first, which nothing sets behind it, takes a step of certainty away.
fn weaken(all: &mut [Candidate<'_>]) {
    let Some((first, rest)) = all.split_first_mut() else { return };
    let is_rival = |other: &Candidate<'_>| {
        other.certainty >= first.certainty
            && !first.outranks(other)
            && !first.cause.written.neighbours.contains(&other.cause.written.id)
    };
    if rest.iter().any(is_rival) {
        first.certainty = first.certainty.weaker();
    }
}
