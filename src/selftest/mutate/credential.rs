//! The clauses of a credential kind.

use super::{Mutant, without_one};
use crate::rule::schema::{CredentialWritten, Ignore, LifetimeWritten, Match};
use crate::time::{Lifetime, parse_duration};

/// The rule without each of its clauses.
pub(super) fn without_each(rule: &CredentialWritten) -> Vec<Mutant<CredentialWritten>> {
    let mut out = Vec::new();
    for (index, m) in rule.matches.iter().enumerate() {
        let path = format!("match[{index}]");
        let with = |m: Match| {
            let mut changed = rule.clone();
            if let Some(slot) = changed.matches.get_mut(index) {
                *slot = m;
            }
            changed
        };
        let named = !(m.query_param.is_empty() && m.header.is_empty() && m.assignment.is_empty());
        if named {
            let mut without = rule.clone();
            without.matches.remove(index);
            out.push(Mutant::indexed(format!("{path} with its names"), without));
        } else {
            // A match that no host fulfils is as good as none, and the look-ups stay as they are.
            let never = Match { host: vec!["\0".to_owned()], ..m.clone() };
            out.push(Mutant::new(path.clone(), with(never)));
        }
        let parts = conditions(m).into_iter().chain(places(m)).chain(single_words(m));
        out.extend(parts.map(|mutant| mutant.within(&path, with)));
    }
    let with = |ignore| CredentialWritten { ignore, ..rule.clone() };
    out.extend(ignored(&rule.ignore).into_iter().map(|mutant| mutant.within("ignore", with)));
    out.extend(consequences(rule));
    out
}

/// The rule without each of what it says beside the form and lints ask for. Why one never ends, that it
/// lives for years and whose it is are for people.
fn consequences(rule: &CredentialWritten) -> Vec<Mutant<CredentialWritten>> {
    let r = || rule.clone();
    let fixed = rule.lifetime.fixed.as_deref().and_then(parse_duration);
    let read = rule.lifetime.inspect.is_some() || fixed.is_some_and(|s| s <= Lifetime::SHORT);
    [
        ("lifetime", read, CredentialWritten { lifetime: LifetimeWritten::default(), ..r() }),
        ("retired", r().retired.is_some(), CredentialWritten { retired: None, ..r() }),
        ("publishable", r().publishable.is_some(), CredentialWritten { publishable: None, ..r() }),
    ]
    .into_iter()
    .filter(|(_, given, _)| *given)
    .map(|(name, _, mutant)| Mutant::new(name, mutant))
    .collect()
}

/// The match without each of its conditions.
fn conditions(m: &Match) -> Vec<Mutant<Match>> {
    let m = || m.clone();
    [
        ("value", m().value.is_some(), Match { value: None, ..m() }),
        ("scheme", !m().scheme.is_empty(), Match { scheme: Vec::new(), ..m() }),
        ("host", !m().host.is_empty(), Match { host: Vec::new(), ..m() }),
        ("path", m().path.is_some(), Match { path: None, ..m() }),
        ("companion", !m().companion.is_empty(), Match { companion: Vec::new(), ..m() }),
        ("near", !m().near.is_empty(), Match { near: Vec::new(), ..m() }),
        ("random", m().random, Match { random: false, ..m() }),
        ("place", m().place.is_some(), Match { place: None, ..m() }),
    ]
    .into_iter()
    .filter(|(_, given, _)| *given)
    .map(|(name, _, mutant)| Mutant::new(name, mutant))
    .collect()
}

/// The match without each sort of place that it names, when it names several.
fn places(m: &Match) -> Vec<Mutant<Match>> {
    let m = || m.clone();
    let all = [
        ("query-param", !m().query_param.is_empty(), Match { query_param: Vec::new(), ..m() }),
        ("header", !m().header.is_empty(), Match { header: Vec::new(), ..m() }),
        ("assignment", !m().assignment.is_empty(), Match { assignment: Vec::new(), ..m() }),
        ("userinfo", m().userinfo, Match { userinfo: false, ..m() }),
        ("lexicon", !m().lexicon.is_empty(), Match { lexicon: Vec::new(), ..m() }),
        ("anywhere", m().anywhere, Match { anywhere: false, ..m() }),
        ("text", m().text.is_some(), without_text(m())),
    ];
    let given: Vec<_> = all.into_iter().filter(|(_, given, _)| *given).collect();
    let several = given.len() > 1;
    let mutant = |(name, _, mutant): (&str, bool, Match)| Mutant::indexed(name, mutant);
    given.into_iter().filter(|_| several).map(mutant).collect()
}

fn without_text(m: Match) -> Match {
    Match { text: None, prefix: Vec::new(), inside: Vec::new(), place: None, ..m }
}

/// The match without each single word of its lists of several.
fn single_words(m: &Match) -> Vec<Mutant<Match>> {
    let mut out = Vec::new();
    for (tier, lexicon) in without_one(&m.lexicon) {
        out.push(Mutant::new(format!("lexicon `{tier:?}`"), Match { lexicon, ..m.clone() }));
    }
    let mut add =
        |field: &str, list: &[String], is_indexed: bool, of: fn(&mut Match) -> &mut Vec<String>| {
            for (word, rest) in without_one(list) {
                let mut mutant = m.clone();
                *of(&mut mutant) = rest;
                out.push(Mutant { clause: format!("{field} `{word}`"), rule: mutant, is_indexed });
            }
        };
    add("query-param", &m.query_param, true, |m| &mut m.query_param);
    add("header", &m.header, true, |m| &mut m.header);
    add("assignment", &m.assignment, true, |m| &mut m.assignment);
    add("prefix", &m.prefix, true, |m| &mut m.prefix);
    add("inside", &m.inside, true, |m| &mut m.inside);
    add("scheme", &m.scheme, false, |m| &mut m.scheme);
    add("host", &m.host, false, |m| &mut m.host);
    add("companion", &m.companion, false, |m| &mut m.companion);
    add("near", &m.near, false, |m| &mut m.near);
    out
}

fn ignored(ignore: &Ignore) -> Vec<Mutant<Ignore>> {
    let mut out = Vec::new();
    for index in 0..ignore.value.len() {
        let mut without = ignore.clone();
        without.value.remove(index);
        out.push(Mutant::new(format!("value[{index}]"), without));
    }
    if ignore.entropy_below.is_some() {
        out.push(Mutant::new("entropy-below", Ignore { entropy_below: None, ..ignore.clone() }));
    }
    if ignore.shorter_than.is_some() {
        out.push(Mutant::new("shorter-than", Ignore { shorter_than: None, ..ignore.clone() }));
    }
    out
}
