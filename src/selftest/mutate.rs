//! Whether every clause of a rule is needed: with one taken out, an example of the rule must fail.
//! A clause that no example asks for is a guess that nobody would miss.
//!
//! What is taken out is the smallest thing that a rule can do without: a condition, one name of
//! several, one word of several. What only people read, what has no other value to fall back to
//! (`class`, `confidence`, `severity`) and how much of a value is shown (`public-prefix`) is no clause.
//! Nor is a part of a pattern: whether each of its branches is needed, nobody asks.

mod credential;
mod lint;
mod service;

use super::{Case, run};
use crate::rule::RuleBook;
use crate::rule::book::{LintRule, ServiceRule};
use crate::rule::credential::CredentialRule;

/// What came of taking out every clause.
#[derive(Debug, Default)]
pub struct Clauses {
    /// How many were taken out.
    pub tried: usize,
    /// Those which no example misses, each with its rule.
    pub unneeded: Vec<String>,
}

/// A rule without one of its clauses.
struct Mutant<R> {
    /// The clause that is missing.
    clause: String,
    rule: R,
    /// Whether the look-ups know of the clause, so that they must be built anew.
    is_indexed: bool,
}

impl<R> Mutant<R> {
    fn new(clause: impl Into<String>, rule: R) -> Self {
        Self { clause: clause.into(), rule, is_indexed: false }
    }

    fn indexed(clause: impl Into<String>, rule: R) -> Self {
        Self { is_indexed: true, ..Self::new(clause, rule) }
    }

    /// The same as a part of something larger.
    fn within<S>(self, path: &str, whole: impl FnOnce(R) -> S) -> Mutant<S> {
        Mutant {
            clause: format!("{path}.{}", self.clause),
            rule: whole(self.rule),
            is_indexed: self.is_indexed,
        }
    }
}

/// Takes out every clause of the rules behind `cases`, one by one.
pub fn unneeded_clauses(book: &mut RuleBook, cases: &[Case]) -> Clauses {
    let mut out = Clauses::default();
    for index in 0..book.credentials.len() {
        let Some(rule) = book.credentials.get(index) else { continue };
        let id = rule.written.id.clone();
        for mutant in credential::without_each(&rule.written) {
            let Ok(rule) = CredentialRule::compile(mutant.rule) else { continue };
            let is_indexed = mutant.is_indexed;
            try_without(book, cases, &mut out, (&id, &mutant.clause), rule, |book, rule| {
                put(&mut book.credentials, index, rule);
                if is_indexed {
                    book.index();
                }
            });
        }
    }
    for index in 0..book.lints.len() {
        let Some(rule) = book.lints.get(index) else { continue };
        let id = rule.written.id.clone();
        for mutant in lint::without_each(&rule.written) {
            let Ok(rule) = LintRule::compile(mutant.rule) else { continue };
            try_without(book, cases, &mut out, (&id, &mutant.clause), rule, |book, rule| {
                put(&mut book.lints, index, rule);
            });
        }
    }
    for index in 0..book.services.len() {
        let Some(rule) = book.services.get(index) else { continue };
        let id = rule.written.id.clone();
        for mutant in service::without_each(&rule.written) {
            let Ok(rule) = ServiceRule::compile(mutant.rule) else { continue };
            try_without(book, cases, &mut out, (&id, &mutant.clause), rule, |book, rule| {
                put(&mut book.services, index, rule);
            });
        }
    }
    out
}

/// Runs the examples of the rule with a mutant in its place, and puts the rule back.
fn try_without<R>(
    book: &mut RuleBook,
    cases: &[Case],
    out: &mut Clauses,
    (id, clause): (&str, &str),
    mut rule: R,
    exchange: impl Fn(&mut RuleBook, &mut R),
) {
    let mut own = cases.iter().filter(|case| case.rule == id).peekable();
    if own.peek().is_none() {
        return;
    }
    exchange(book, &mut rule);
    out.tried += 1;
    if own.all(|case| run(book, case).is_none()) {
        out.unneeded.push(format!("{id}: {clause}"));
    }
    exchange(book, &mut rule);
}

fn put<R>(rules: &mut [R], index: usize, rule: &mut R) {
    if let Some(slot) = rules.get_mut(index) {
        std::mem::swap(slot, rule);
    }
}

/// A list of several without each of its items, and the item. The only item of a list is the list,
/// which is another clause.
fn without_one<T: Clone>(list: &[T]) -> Vec<(T, Vec<T>)> {
    let several = list.iter().enumerate().filter(|_| list.len() > 1);
    several
        .map(|(index, item)| {
            let mut rest = list.to_vec();
            rest.remove(index);
            (item.clone(), rest)
        })
        .collect()
}
