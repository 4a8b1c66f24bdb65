//! The clauses of a lint.

use super::{Mutant, without_one};
use crate::rule::schema::{Clause, Grade, LintWritten, When};

/// The rule without each of its clauses.
pub(super) fn without_each(rule: &LintWritten) -> Vec<Mutant<LintWritten>> {
    let mut out = Vec::new();
    let with = |when| LintWritten { when, ..rule.clone() };
    out.extend(parts(&rule.when).into_iter().map(|mutant| mutant.within("when", with)));
    if !rule.pedantic.is_empty() {
        let without = LintWritten { pedantic: When::default(), ..rule.clone() };
        out.push(Mutant::new("pedantic", without));
        let with = |pedantic| LintWritten { pedantic, ..rule.clone() };
        let several = parts(&rule.pedantic).into_iter().filter(|m| !m.rule.is_empty());
        out.extend(several.map(|mutant| mutant.within("pedantic", with)));
    }
    for (index, grade) in rule.unless.iter().enumerate() {
        let path = format!("unless[{index}]");
        let mut without = rule.clone();
        without.unless.remove(index);
        out.push(Mutant::new(path.clone(), without));
        let with = |when| {
            let mut changed = rule.clone();
            if let Some(slot) = changed.unless.get_mut(index) {
                *slot = Grade { when, ..grade.clone() };
            }
            changed
        };
        out.extend(parts(&grade.when).into_iter().map(|mutant| mutant.within(&path, with)));
    }
    out
}

/// The condition without each of its clauses, facts and words.
fn parts(when: &When) -> Vec<Mutant<When>> {
    let mut out = Vec::new();
    let with = |all| When { all, ..when.clone() };
    out.extend(facts(&when.all).into_iter().map(|mutant| mutant.within("all", with)));
    for (list, name) in [(&when.any, "any"), (&when.none, "none")] {
        let with = |clauses: Vec<Clause>| match name {
            "any" => When { any: clauses, ..when.clone() },
            _ => When { none: clauses, ..when.clone() },
        };
        for (index, clause) in list.iter().enumerate() {
            let mut rest = list.clone();
            rest.remove(index);
            out.push(Mutant::new(format!("{name}[{index}]"), with(rest)));
            // A clause without its only fact holds always: that is no deletion.
            let parts = facts(clause).into_iter().filter(|mutant| !mutant.rule.is_empty());
            out.extend(parts.map(|mutant| {
                mutant.within(&format!("{name}[{index}]"), |clause| {
                    let mut changed = list.clone();
                    if let Some(slot) = changed.get_mut(index) {
                        *slot = clause;
                    }
                    with(changed)
                })
            }));
        }
    }
    out
}

/// The clause without each of its facts, and without each word of those that list several.
fn facts(clause: &Clause) -> Vec<Mutant<Clause>> {
    let mut out = Vec::new();
    for (fact, words) in clause {
        let mut without = clause.clone();
        without.remove(fact);
        out.push(Mutant::new(fact, without));
        for (word, rest) in without_one(words) {
            let mut without = clause.clone();
            without.insert(fact.clone(), rest);
            out.push(Mutant::new(format!("{fact} `{word}`"), without));
        }
    }
    out
}
