//! How much the rules of a scanned tree may cost: whoever sends a change must not be able to stop the
//! check of it.

use serde_yaml::Value;

use crate::rule::load::Limits;
use crate::rule::pattern;

/// What is lifted by naming the config, said in every refusal.
const REMEDY: &str =
    "to lift this, put the folder into a config of your own and name that with --config";

/// What all rule folders of a found config have used up together.
#[derive(Debug, Default)]
pub struct Allowance {
    files: usize,
    bytes: usize,
    patterns: usize,
    steps: u64,
}

impl Allowance {
    /// Takes one rule file into account; the error says which limit it goes beyond.
    pub(super) fn take(&mut self, text: &str) -> Result<(), String> {
        let limits = Limits::FOUND;
        self.files += 1;
        self.bytes += text.len();
        // What cannot be parsed is refused by the loader, which knows better why.
        let written: Value = serde_yaml::from_str(text).unwrap_or_default();
        for source in patterns(&written) {
            self.patterns += 1;
            self.steps = self.steps.saturating_add(pattern::steps(source));
        }
        let beyond = |what: &str, most: u64| {
            Err(format!("the rules of a scanned tree may have {most} {what} in all; {REMEDY}"))
        };
        if self.files > limits.files {
            beyond("files", limits.files as u64)
        } else if self.bytes > limits.total {
            beyond("bytes", limits.total as u64)
        } else if self.patterns > limits.patterns {
            beyond("patterns", limits.patterns as u64)
        } else if self.steps > limits.steps {
            beyond("steps of patterns", limits.steps)
        } else {
            Ok(())
        }
    }
}

/// Every regular expression of a rule, of whatever kind. Examples have none.
fn patterns(rule: &Value) -> Vec<&str> {
    let Value::Mapping(map) = rule else {
        let Value::Sequence(list) = rule else { return Vec::new() };
        return list.iter().flat_map(patterns).collect();
    };
    let mut out = Vec::new();
    for (key, value) in map {
        match key.as_str() {
            Some("examples") => {}
            Some(key) if matches!(key, "value" | "text" | "path") || key.ends_with("|re") => {
                match value {
                    Value::Sequence(list) => out.extend(list.iter().filter_map(Value::as_str)),
                    value => out.extend(value.as_str()),
                }
            }
            _ => out.extend(patterns(value)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_of_a_rule_is_counted() {
        let rule = "match: [{value: a, path: b}, {text: c}]\nignore: {value: [d, e]}\n\
                    when: {any: [{body.text|re: [f, g]}]}\napis: [{path: h}]\n\
                    examples: {good: [{text: x}]}\n";
        let value: Value = serde_yaml::from_str(rule).unwrap();
        assert_eq!(patterns(&value).concat().len(), 8);
    }
}
