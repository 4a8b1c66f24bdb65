//! `when:` — all of these facts, any of those clauses, none of others.
//!
//! The semantics are Sigma's: a map is AND, a list is OR, and `fact|re` reads its words as regular
//! expressions. There is nothing else, and no expression language.

use super::pattern::Pattern;
use super::schema::{Clause, When as Written};
use crate::fact::{FactName, Facts, nearest, quoted};

/// A condition over facts, ready to ask.
#[derive(Debug, Default)]
pub struct When {
    all: Vec<Test>,
    any: Vec<Vec<Test>>,
    none: Vec<Vec<Test>>,
}

/// One fact and what it may hold.
#[derive(Debug)]
struct Test {
    fact: FactName,
    words: Vec<String>,
    patterns: Vec<Pattern>,
}

impl When {
    /// Checks the patterns now. Compiling them all costs more than a small check, so those of the
    /// program itself are checked by its tests.
    pub fn check(written: &Written) -> Result<(), (String, String)> {
        let all = std::iter::once(("all", &written.all));
        let any = written.any.iter().map(|clause| ("any", clause));
        let none = written.none.iter().map(|clause| ("none", clause));
        for (name, clause) in all.chain(any).chain(none) {
            check_clause(clause).map_err(|(word, e)| (word, format!("when.{name}: {e}")))?;
        }
        Ok(())
    }

    /// Compiles the written form. The error names the path inside `when:`, for example
    /// ``when.all: unknown fact `…` ``.
    pub fn compile(written: &Written) -> Result<Self, (String, String)> {
        let list = |name: &str, clauses: &[Clause]| -> Result<Vec<Vec<Test>>, (String, String)> {
            clauses
                .iter()
                .map(|c| compile_clause(c).map_err(|(word, e)| (word, format!("when.{name}: {e}"))))
                .collect()
        };
        Ok(Self {
            all: compile_clause(&written.all)
                .map_err(|(word, e)| (word, format!("when.all: {e}")))?,
            any: list("any", &written.any)?,
            none: list("none", &written.none)?,
        })
    }

    /// Whether the facts meet the condition.
    pub fn holds(&self, facts: &Facts) -> bool {
        let clause = |tests: &Vec<Test>| tests.iter().all(|test| test.holds(facts));
        clause(&self.all)
            && (self.any.is_empty() || self.any.iter().any(clause))
            && !self.none.iter().any(clause)
    }

    /// The facts which it asks for.
    pub fn facts(&self) -> impl Iterator<Item = &FactName> {
        self.all.iter().chain(self.any.iter().flatten()).map(|test| &test.fact)
    }

    /// The facts by which it holds, with the value that fits: the evidence.
    pub fn evidence<'f>(
        &'f self,
        facts: &'f Facts,
    ) -> impl Iterator<Item = (&'f FactName, &'f str)> {
        let any = self.any.iter().find(|clause| clause.iter().all(|test| test.holds(facts)));
        let tests = self.all.iter().chain(any.into_iter().flatten());
        tests.filter_map(|test| Some((&test.fact, test.value(facts)?)))
    }

    /// How much it asks for: the more, the more special it is.
    pub fn weight(&self) -> usize {
        self.all.len() + self.any.iter().map(Vec::len).min().unwrap_or(0)
    }
}

impl Test {
    fn holds(&self, facts: &Facts) -> bool {
        self.value(facts).is_some()
    }

    /// The first value of its fact that fits.
    fn value<'f>(&self, facts: &'f Facts) -> Option<&'f str> {
        let fits = |value: &&String| {
            self.words.iter().any(|word| word == *value)
                || self.patterns.iter().any(|pattern| pattern.is_match(value.as_bytes()))
        };
        facts.get(&self.fact).iter().find(fits).map(String::as_str)
    }
}

/// Checks the patterns of a clause.
fn check_clause(clause: &Clause) -> Result<(), (String, String)> {
    for (key, words) in clause {
        let Some((name, "re")) = key.split_once('|') else { continue };
        let name = name.split('[').next().unwrap_or_default();
        for (index, word) in words.iter().enumerate() {
            Pattern::anywhere(word)
                .check()
                .map_err(|e| (key.clone(), format!("fact `{name}`: pattern {}: {e}", index + 1)))?;
        }
    }
    Ok(())
}

fn compile_clause(clause: &Clause) -> Result<Vec<Test>, (String, String)> {
    clause
        .iter()
        .map(|(key, words)| compile_test(key, words).map_err(|e| (key.clone(), e)))
        .collect()
}

fn compile_test(key: &str, words: &[String]) -> Result<Test, String> {
    let (name, modifier) = key.split_once('|').map_or((key, None), |(n, m)| (n, Some(m)));
    let fact = FactName::parse(name)?;
    // A parameter may be anything, so messages go without it.
    let name = name.split('[').next().unwrap_or_default();
    if words.is_empty() {
        return Err(format!("fact `{name}` lists no word"));
    }
    match modifier {
        Some("re") => {
            let patterns: Vec<Pattern> = words.iter().map(|w| Pattern::anywhere(w)).collect();
            Ok(Test { fact, words: Vec::new(), patterns })
        }
        Some(other) => {
            let other = quoted(other, "behind `|`");
            Err(format!("unknown modifier {other} of fact `{name}`, the only one is `re`"))
        }
        None => {
            let allowed = fact.spec().map(|s| s.values).unwrap_or_default();
            if let Some(word) =
                words.iter().find(|w| !allowed.is_empty() && !allowed.contains(&w.as_str()))
            {
                let hint = nearest(word, allowed.iter().copied());
                return Err(format!(
                    "fact `{name}` is never {}, expected one of {}{hint}",
                    quoted(word, "that"),
                    allowed.join(", ")
                ));
            }
            Ok(Test { fact, words: words.to_vec(), patterns: Vec::new() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn when(yaml: &str) -> Result<When, (String, String)> {
        let written = serde_yaml::from_str(yaml).unwrap();
        When::check(&written).and_then(|()| When::compile(&written))
    }

    #[test]
    fn maps_are_and_lists_are_or() {
        let rule = when("all: {credential.value: [literal], credential.place: [url-query, userinfo]}\nnone: [{artifact.role: [log]}]").unwrap();
        let mut facts = Facts::default();
        facts.add("credential.value", "literal");
        assert!(!rule.holds(&facts));
        facts.add("credential.place", "userinfo");
        assert!(rule.holds(&facts));
        facts.add("artifact.role", "log");
        assert!(!rule.holds(&facts));
    }

    #[test]
    fn mistakes_are_named() {
        let text = |yaml| when(yaml).unwrap_err().1;
        assert_eq!(
            text("all: {chalenge.error: [x]}"),
            "when.all: unknown fact `chalenge.error`, did you mean `challenge.error`?"
        );
        assert!(text("any: [{credential.value: [litteral]}]").contains("did you mean `literal`?"));
        assert!(text("all: {response.status|rx: ['4']}").contains("unknown modifier `rx`"));
        assert!(
            text("none: [{body.text|re: ['(']}]")
                .starts_with("when.none: fact `body.text`: pattern 1: ")
        );
    }
}
