//! Whether every clause of a rule is needed: with one taken out, an example of the rule must fail.
//! A clause that no example asks for is a guess that nobody would miss.

use super::{Case, run};
use crate::rule::RuleBook;
use crate::rule::book::LintRule;
use crate::rule::credential::CredentialRule;
use crate::rule::schema::{CredentialWritten, Ignore, LintWritten, Match, When};

/// A clause, by its name, and the rule without it.
type Mutant<R> = (String, R);

/// The clauses of the rules behind `cases` that could go without an example failing.
pub fn unneeded_clauses(book: &mut RuleBook, cases: &[Case]) -> Vec<String> {
    let mut out = Vec::new();
    for index in 0..book.credentials.len() {
        let Some(written) = book.credentials.get(index).map(|r| r.written.clone()) else {
            continue;
        };
        let own: Vec<&Case> = cases.iter().filter(|c| c.rule == written.id).collect();
        for (clause, mutant) in without_each(&written).into_iter().filter(|_| !own.is_empty()) {
            let Ok(rule) = CredentialRule::compile(mutant) else { continue };
            let Some(slot) = book.credentials.get_mut(index) else { continue };
            let kept = std::mem::replace(slot, rule);
            // The look-ups know names and prefixes; they are built anew only when one was taken out.
            let renamed =
                ["names", "query-param", "header", "assignment", "userinfo", "prefix", "inside"]
                    .iter()
                    .any(|field| clause.contains(field));
            if renamed {
                book.index();
            }
            if own.iter().all(|case| run(book, case).is_none()) {
                out.push(format!("{}: {clause}", written.id));
            }
            if let Some(slot) = book.credentials.get_mut(index) {
                *slot = kept;
            }
            if renamed {
                book.index();
            }
        }
    }
    book.index();
    for index in 0..book.lints.len() {
        let Some(written) = book.lints.get(index).map(|r| r.written.clone()) else { continue };
        let own: Vec<&Case> = cases.iter().filter(|c| c.rule == written.id).collect();
        for (clause, mutant) in lint_without_each(&written).into_iter().filter(|_| !own.is_empty())
        {
            let Ok(rule) = LintRule::compile(mutant) else { continue };
            let Some(slot) = book.lints.get_mut(index) else { continue };
            let kept = std::mem::replace(slot, rule);
            if own.iter().all(|case| run(book, case).is_none()) {
                out.push(format!("{}: {clause}", written.id));
            }
            if let Some(slot) = book.lints.get_mut(index) {
                *slot = kept;
            }
        }
    }
    out
}

fn without_each(rule: &CredentialWritten) -> Vec<Mutant<CredentialWritten>> {
    let mut out = Vec::new();
    for (index, m) in rule.matches.iter().enumerate() {
        let mut without = rule.clone();
        let names = !(m.query_param.is_empty() && m.header.is_empty() && m.assignment.is_empty());
        if names {
            without.matches.remove(index);
            out.push((format!("match[{index}] with its names"), without));
        } else {
            // A match that no host fulfils is as good as none, and the look-ups stay as they are.
            if let Some(slot) = without.matches.get_mut(index) {
                slot.host = vec!["\0".to_owned()];
            }
            out.push((format!("match[{index}]"), without));
        }
        for (field, mutant) in match_without_each(m) {
            let mut without = rule.clone();
            if let Some(slot) = without.matches.get_mut(index) {
                *slot = mutant;
            }
            out.push((format!("match[{index}].{field}"), without));
        }
    }
    for (field, mutant) in ignore_without_each(&rule.ignore) {
        out.push((format!("ignore.{field}"), CredentialWritten { ignore: mutant, ..rule.clone() }));
    }
    out
}

/// The match without each of its conditions, and without each of its places when it has several.
fn match_without_each(m: &Match) -> Vec<Mutant<Match>> {
    let mut out: Vec<Mutant<Match>> = Vec::new();
    let mut add = |name: &str, given: bool, mutant: Match| {
        if given {
            out.push((name.to_owned(), mutant));
        }
    };
    let m = || m.clone();
    add("value", m().value.is_some(), Match { value: None, ..m() });
    add("scheme", !m().scheme.is_empty(), Match { scheme: Vec::new(), ..m() });
    add("host", !m().host.is_empty(), Match { host: Vec::new(), ..m() });
    add("path", m().path.is_some(), Match { path: None, ..m() });
    add("companion", !m().companion.is_empty(), Match { companion: Vec::new(), ..m() });
    add("near", !m().near.is_empty(), Match { near: Vec::new(), ..m() });
    add("random", m().random, Match { random: false, ..m() });
    add("place", m().place.is_some(), Match { place: None, ..m() });
    let places = usize::from(!m().query_param.is_empty())
        + usize::from(!m().header.is_empty())
        + usize::from(!m().assignment.is_empty())
        + usize::from(m().userinfo);
    let several = places > 1;
    let given = |names: &[String]| several && !names.is_empty();
    add("query-param", given(&m().query_param), Match { query_param: Vec::new(), ..m() });
    add("header", given(&m().header), Match { header: Vec::new(), ..m() });
    add("assignment", given(&m().assignment), Match { assignment: Vec::new(), ..m() });
    add("userinfo", several && m().userinfo, Match { userinfo: false, ..m() });
    for (index, prefix) in m().prefix.iter().enumerate().filter(|_| m().prefix.len() > 1) {
        let mut mutant = m();
        mutant.prefix.remove(index);
        add(&format!("prefix `{prefix}`"), true, mutant);
    }
    for (index, piece) in m().inside.iter().enumerate().filter(|_| m().inside.len() > 1) {
        let mut mutant = m();
        mutant.inside.remove(index);
        add(&format!("inside `{piece}`"), true, mutant);
    }
    out
}

fn ignore_without_each(ignore: &Ignore) -> Vec<Mutant<Ignore>> {
    let mut out = Vec::new();
    for index in 0..ignore.value.len() {
        let mut mutant = ignore.clone();
        mutant.value.remove(index);
        out.push((format!("value[{index}]"), mutant));
    }
    if ignore.entropy_below.is_some() {
        out.push(("entropy-below".to_owned(), Ignore { entropy_below: None, ..ignore.clone() }));
    }
    if ignore.shorter_than.is_some() {
        out.push(("shorter-than".to_owned(), Ignore { shorter_than: None, ..ignore.clone() }));
    }
    out
}

fn lint_without_each(rule: &LintWritten) -> Vec<Mutant<LintWritten>> {
    let when = when_without_each(&rule.when)
        .into_iter()
        .map(|(clause, when)| (format!("when.{clause}"), LintWritten { when, ..rule.clone() }));
    let pedantic = (!rule.pedantic.is_empty())
        .then(|| LintWritten { pedantic: When::default(), ..rule.clone() })
        .map(|without| ("pedantic".to_owned(), without));
    when.chain(pedantic).collect()
}

fn when_without_each(when: &When) -> Vec<Mutant<When>> {
    let mut out = Vec::new();
    for fact in when.all.keys() {
        let mut mutant = when.clone();
        mutant.all.remove(fact);
        out.push((format!("all.{fact}"), mutant));
    }
    for index in 0..when.any.len() {
        let mut mutant = when.clone();
        mutant.any.remove(index);
        out.push((format!("any[{index}]"), mutant));
    }
    for index in 0..when.none.len() {
        let mut mutant = when.clone();
        mutant.none.remove(index);
        out.push((format!("none[{index}]"), mutant));
    }
    out
}
