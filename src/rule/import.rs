//! Reads the rule files of gitleaks and betterleaks (TOML) into credential rules, so that a team
//! brings its rules along. What cannot be carried over is said, rule by rule.
//!
//! Their rules are patterns over raw text. One with a literal beginning becomes a free-text match
//! with that prefix; one that looks for a keyword and a value behind it becomes a match on the
//! lexicon's names with the keyword nearby: the carrier is parsed here, so the part of the pattern
//! that imitates one is dropped and the part that describes the secret is kept.

use regex_syntax::ast::{self, Ast};
use regex_syntax::hir::literal::{ExtractKind, Extractor};
use serde::Deserialize;

use super::credential::CredentialRule;
use super::schema::{
    Class, ConfidenceWord, CredentialWritten, Entropy, Examples, Ignore, LifetimeWritten, Match,
    Tier,
};

/// A rule file as gitleaks and betterleaks write it; what is not read is left alone.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct File {
    rules: Vec<Rule>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Rule {
    id: String,
    description: String,
    regex: Option<String>,
    secret_group: usize,
    entropy: Option<f64>,
    keywords: Vec<String>,
    path: Option<String>,
    allowlist: Option<Allowlist>,
    allowlists: Vec<Allowlist>,
    filter: Option<toml::Value>,
    validate: Option<toml::Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Allowlist {
    regexes: Vec<String>,
    regex_target: Option<String>,
    stopwords: Vec<String>,
    paths: Vec<String>,
}

/// What became of a rule file.
#[derive(Debug, Default)]
pub struct Imported {
    /// Rules that were carried over.
    pub rules: Vec<CredentialWritten>,
    /// What was not, as `id: why`.
    pub left: Vec<String>,
}

/// The most stop words that are carried over as patterns.
const STOPWORDS_MAX: usize = 60;
/// The most beginnings that one pattern may have.
const PREFIXES_MAX: usize = 24;

/// Reads a rule file; the error says where the TOML is wrong.
pub fn read(text: &str, is_taken: impl Fn(&str) -> bool) -> Result<Imported, String> {
    let file: File = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |s| text.get(..s.start).unwrap_or("").lines().count());
        format!("line {}: {}", line.max(1), error.message())
    })?;
    let mut imported = Imported::default();
    for rule in &file.rules {
        let mut id = kebab(&rule.id);
        if id.is_empty() {
            imported.left.push(format!("`{}`: it has no id", rule.id));
            continue;
        }
        if is_taken(&id) || imported.rules.iter().any(|r| r.id == id) {
            id = format!("imported-{id}");
        }
        match convert(rule, &id, &mut imported.left) {
            Ok(written) => imported.rules.push(written),
            Err(why) => imported.left.push(format!("{}: {why}", rule.id)),
        }
    }
    if file.rules.is_empty() {
        return Err("it holds no [[rules]]".to_owned());
    }
    Ok(imported)
}

fn convert(rule: &Rule, id: &str, left: &mut Vec<String>) -> Result<CredentialWritten, String> {
    let Some(pattern) = &rule.regex else {
        return Err("it has no pattern: rules about paths alone are not carried over".to_owned());
    };
    let secret = secret_part(pattern, rule.secret_group)?;
    let written = CredentialWritten {
        id: id.to_owned(),
        name: name(rule),
        since: "imported".to_owned(),
        class: Class::Token,
        confidence: ConfidenceWord::Medium,
        service: None,
        matches: vec![recognised(rule, pattern, &secret)?],
        ignore: ignored(rule, left),
        public_prefix: None,
        lifetime: LifetimeWritten {
            unknown: Some("the imported rule does not tell".to_owned()),
            ..LifetimeWritten::default()
        },
        retired: None,
        publishable: None,
        header: None,
        instead: None,
        revoke: None,
        references: Vec::new(),
        examples: Examples::default(),
    };
    let checked = CredentialRule::compile(written.clone()).and_then(|r| r.check());
    checked.map_err(|(_, why)| why)?;
    let mut lost = Vec::new();
    if rule.path.is_some() {
        lost.push("its condition on paths");
    }
    if rule.filter.is_some() || rule.validate.is_some() {
        lost.push("its filter or validation expression");
    }
    if !lost.is_empty() {
        left.push(format!("{}: carried over without {}", rule.id, lost.join(" and ")));
    }
    Ok(written)
}

fn name(rule: &Rule) -> String {
    let first = rule.description.split(['.', ',']).next().unwrap_or_default().trim();
    if first.is_empty() { rule.id.clone() } else { first.chars().take(80).collect() }
}

/// The part of the pattern that is the secret: the group that is named as such, else the first
/// group, else all of it.
fn secret_part(pattern: &str, group: usize) -> Result<String, String> {
    let parsed = ast::parse::Parser::new()
        .parse(pattern)
        .map_err(|error| format!("its pattern cannot be read: {}", error.kind()))?;
    let mut groups = Vec::new();
    collect(&parsed, &mut groups);
    let wanted = u32::try_from(group.max(1)).unwrap_or(1);
    let span = groups.iter().find(|(index, _)| *index == wanted).map(|(_, span)| *span);
    let part = match span {
        Some((start, end)) => pattern.get(start..end).unwrap_or_default(),
        None => pattern,
    };
    // Word boundaries are the engine's own business.
    let part = part.strip_prefix("\\b").unwrap_or(part);
    Ok(part.strip_suffix("\\b").unwrap_or(part).to_owned())
}

/// The capture groups below `node`, with the span of what they hold.
fn collect(node: &Ast, out: &mut Vec<(u32, (usize, usize))>) {
    match node {
        Ast::Group(group) => {
            if let Some(index) = group.capture_index() {
                let inner = group.ast.span();
                out.push((index, (inner.start.offset, inner.end.offset)));
            }
            collect(&group.ast, out);
        }
        Ast::Repetition(repetition) => collect(&repetition.ast, out),
        Ast::Concat(concat) => concat.asts.iter().for_each(|a| collect(a, out)),
        Ast::Alternation(alternation) => alternation.asts.iter().for_each(|a| collect(a, out)),
        _ => {}
    }
}

/// How the secret is recognised here.
fn recognised(rule: &Rule, pattern: &str, secret: &str) -> Result<Match, String> {
    // The flags before the group hold inside of it.
    let insensitive = pattern.split(secret).next().unwrap_or_default().contains("(?i)");
    if let Some(prefix) = prefixes(secret).filter(|_| !insensitive || secret.contains("(?-i:")) {
        return Ok(Match {
            text: Some(format!("(?<secret>{secret})(?:[^A-Za-z0-9_-]|$)")),
            prefix,
            ..Match::default()
        });
    }
    let near: Vec<String> =
        rule.keywords.iter().map(|k| k.to_lowercase()).filter(|k| !k.trim().is_empty()).collect();
    if near.is_empty() {
        return Err("its pattern has neither a literal beginning nor keywords".to_owned());
    }
    let flag = if insensitive { "i" } else { "" };
    Ok(Match {
        lexicon: vec![Tier::Secret, Tier::ByShape, Tier::ByLongShape, Tier::Header],
        near,
        value: Some(format!("(?{flag}:{secret})")),
        ..Match::default()
    })
}

/// The literal beginnings of a pattern, when it has a few that are long enough to search for.
fn prefixes(pattern: &str) -> Option<Vec<String>> {
    let mut parser = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build();
    let hir = parser.parse(pattern).ok()?;
    let seq = Extractor::new().kind(ExtractKind::Prefix).extract(&hir);
    let literals = seq.literals()?;
    if literals.is_empty() || literals.len() > PREFIXES_MAX {
        return None;
    }
    let texts: Option<Vec<String>> = literals
        .iter()
        .map(|literal| String::from_utf8(literal.as_bytes().to_vec()).ok())
        .map(|text| text.filter(|t| t.len() >= 3))
        .collect();
    let mut texts = texts?;
    texts.sort();
    texts.dedup();
    Some(texts)
}

/// Values that the rule leaves alone.
fn ignored(rule: &Rule, left: &mut Vec<String>) -> Ignore {
    let mut ignore = Ignore { entropy_below: rule.entropy.map(Entropy), ..Ignore::default() };
    let mut say = |what: &str| left.push(format!("{}: carried over without {what}", rule.id));
    for list in rule.allowlists.iter().chain(&rule.allowlist) {
        if list.regex_target.as_deref().is_some_and(|t| t != "secret") && !list.regexes.is_empty() {
            say("its allowlist of lines or matches");
        } else {
            ignore.value.extend(list.regexes.iter().map(|r| format!(".*(?:{r}).*")));
        }
        if list.stopwords.len() > STOPWORDS_MAX {
            say("its long list of stop words: the lexicon has its own");
        } else if !list.stopwords.is_empty() {
            let words: Vec<String> =
                list.stopwords.iter().map(|w| regex_syntax::escape(w)).collect();
            ignore.value.push(format!("(?i:.*(?:{}).*)", words.join("|")));
        }
        if !list.paths.is_empty() {
            say("its allowlist of paths");
        }
    }
    ignore
}

/// Lower-case letters, digits and dashes.
fn kebab(id: &str) -> String {
    let mut out = String::new();
    for c in id.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.ends_with('-') && !out.is_empty() {
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
title = "ours"
[[rules]]
id = "acme_key"
description = "An Acme key, which opens everything."
regex = '''\b(ak-[0-9a-f]{16})(?:['"\s;]|$)'''
entropy = 2.5
keywords = ["ak-"]
[[rules]]
id = "widget"
regex = '''(?i)[\w.-]{0,20}widget(?:[ \t]*)(?:=|:)\s*['"]?([0-9a-f]{32})'''
keywords = ["Widget"]
path = "conf"
[[rules.allowlists]]
stopwords = ["test"]
[[rules]]
id = "only-path"
path = '''\.p12$'''
[[rules]]
id = "ahead"
regex = '''(?=x)y'''
keywords = ["y"]
"#;

    #[test]
    fn rules_are_carried_over_and_the_rest_is_said() {
        let imported = read(FILE, |id| id == "widget").unwrap();
        let ids: Vec<&str> = imported.rules.iter().map(|r| r.id.as_str()).collect();
        assert_eq!(ids, ["acme-key", "imported-widget"]);
        let acme = &imported.rules[0].matches[0];
        assert_eq!(acme.prefix, ["ak-"]);
        assert_eq!(imported.rules[0].name, "An Acme key");
        let widget = &imported.rules[1].matches[0];
        assert_eq!(
            (widget.near.as_slice(), widget.value.as_deref()),
            (["widget".to_owned()].as_slice(), Some("(?i:[0-9a-f]{32})"))
        );
        assert_eq!(imported.left.len(), 3);
        assert!(imported.left[0].contains("condition on paths"));
        assert!(imported.left[1].starts_with("only-path: it has no pattern"));
        assert!(imported.left[2].starts_with("ahead: its pattern cannot be read"));
        assert!(read("[[rules", |_| false).unwrap_err().starts_with("line 1: "));
        assert!(read("x = 1", |_| false).is_err());
    }
}
