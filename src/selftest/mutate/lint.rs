//! The clauses of a lint.

use super::Mutant;
use crate::rule::schema::{LintWritten, When};

/// The rule without each of its clauses.
pub(super) fn without_each(rule: &LintWritten) -> Vec<Mutant<LintWritten>> {
    let with = |when| LintWritten { when, ..rule.clone() };
    let mut out: Vec<_> =
        parts(&rule.when).into_iter().map(|mutant| mutant.within("when", with)).collect();
    if !rule.pedantic.is_empty() {
        let without = LintWritten { pedantic: When::default(), ..rule.clone() };
        out.push(Mutant::new("pedantic", without));
    }
    out
}

/// The condition without each of its clauses.
fn parts(when: &When) -> Vec<Mutant<When>> {
    let mut out = Vec::new();
    for fact in when.all.keys() {
        let mut without = when.clone();
        without.all.remove(fact);
        out.push(Mutant::new(format!("all.{fact}"), without));
    }
    for index in 0..when.any.len() {
        let mut without = when.clone();
        without.any.remove(index);
        out.push(Mutant::new(format!("any[{index}]"), without));
    }
    for index in 0..when.none.len() {
        let mut without = when.clone();
        without.none.remove(index);
        out.push(Mutant::new(format!("none[{index}]"), without));
    }
    out
}
