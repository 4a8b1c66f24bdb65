//! `authward rules`: list, show, test, import, new.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::args::{RuleKind, Rules, RulesVerb};
use super::{Exit, output};
use crate::config::{self, Source};
use crate::fact::{nearest, quoted};
use crate::rule::RuleBook;
use crate::rule::credential::CredentialRule;
use crate::rule::import;
use crate::rule::load::{Extent, Kind, SOURCES};
use crate::selftest;
use crate::sink;

/// The largest rule file that is imported, in bytes.
const IMPORT_MAX: u64 = 16 << 20;

/// Runs the verb.
pub(super) fn run(args: &Rules) -> Result<Exit> {
    match &args.verb {
        RulesVerb::List { config } => list(config.as_deref()),
        RulesVerb::Show { id, config } => show(id, config.as_deref()),
        RulesVerb::Test { id, config, rules, clauses } => {
            test(id.as_deref(), config.as_deref(), rules, *clauses)
        }
        RulesVerb::Import { file, into, config } => {
            import(file, into.as_deref(), config.as_deref())
        }
        RulesVerb::New { kind, id } => new(*kind, id),
    }
}

fn source(config: Option<&Path>) -> Source {
    config.map_or_else(|| config::find(Path::new(".")), |file| Source::Named(file.to_owned()))
}

fn list(config: Option<&Path>) -> Result<Exit> {
    let book = config::load(&source(config), None, Extent::Whole)?.book;
    let mut lines: Vec<String> = Vec::new();
    let mut add =
        |kind: &str, id: &str, about: &str| lines.push(format!("{kind:<11} {id:<36} {about}\n"));
    for rule in &book.credentials {
        add("credential", rule.id(), &rule.written.name);
    }
    for rule in &book.lints {
        add("lint", &rule.written.id, &rule.written.summary);
    }
    for rule in &book.causes {
        add("cause", &rule.written.id, &rule.written.summary);
    }
    for rule in &book.services {
        add("service", &rule.written.id, &rule.written.name);
    }
    lines.sort();
    output::print_harmless(&lines.concat())?;
    Ok(Exit::Clean)
}

fn show(id: &str, config: Option<&Path>) -> Result<Exit> {
    let Some((_, text)) = written(id, config)? else {
        bail!(
            "there is no rule {}{}; `authward rules list` shows every id",
            quoted(id, "of this name"),
            nearest(id, SOURCES.iter().map(|(_, id, _)| *id))
        );
    };
    output::print_harmless(&text)?;
    Ok(Exit::Clean)
}

/// A rule as it is written, with its kind: the user's own, which replaces one of the program, or
/// one of the program. Files of the program that are no rules have no kind.
pub(super) fn written(id: &str, config: Option<&Path>) -> Result<Option<(Option<Kind>, String)>> {
    let builtin = SOURCES.iter().find(|(_, known, _)| *known == id);
    let of_builtin = || builtin.map(|(f, _, text)| (Kind::of_folder(f), (*text).to_owned()));
    let folders = match config::load(&source(config), None, Extent::Whole) {
        Ok(settings) => settings.rules,
        // A broken config is no reason not to explain what the program knows.
        Err(_) if builtin.is_some() && config.is_none() => return Ok(of_builtin()),
        Err(error) => return Err(error.into()),
    };
    match config::own_rule(&folders, id)? {
        Some((kind, text)) => Ok(Some((Some(kind), text))),
        None => Ok(of_builtin()),
    }
}

fn test(
    id: Option<&str>,
    config: Option<&Path>,
    folders: &[PathBuf],
    clauses: bool,
) -> Result<Exit> {
    let mut settings = config::load(&source(config), None, Extent::Whole)?;
    let mut cases = selftest::builtin_cases()?;
    for folder in &settings.rules {
        cases.extend(selftest::cases_in(folder)?);
    }
    for folder in folders {
        config::add_rules(&mut settings.book, folder, None)?;
        cases.extend(selftest::cases_in(folder)?);
    }
    settings.book.index();
    let mut untested = Vec::new();
    if let Some(part) = id {
        cases.retain(|case| case.rule.contains(part));
        untested = known(&settings.book, part)?;
        untested.retain(|id| !cases.iter().any(|case| case.rule == *id));
    }
    for id in &untested {
        output::print_harmless(&format!("No examples: {id} (nothing of it was tested)\n"))?;
    }
    let failures: Vec<String> =
        cases.iter().filter_map(|case| selftest::run(&settings.book, case)).collect();
    for failure in &failures {
        output::print_harmless(&format!("{failure}\n\n"))?;
    }
    let found = (clauses && failures.is_empty())
        .then(|| selftest::unneeded_clauses(&mut settings.book, &cases));
    let unneeded = found.as_ref().map_or(0, |found| found.unneeded.len());
    for clause in found.iter().flat_map(|found| &found.unneeded) {
        output::print_harmless(&format!("Unneeded: {clause} (no example fails without it)\n"))?;
    }
    output::print_harmless(&format!("{} examples, {} failed\n", cases.len(), failures.len()))?;
    if let Some(found) = &found {
        output::print_harmless(&format!("{} clauses, {unneeded} unneeded\n", found.tried))?;
    }
    let is_clean = failures.is_empty() && unneeded == 0 && untested.is_empty();
    Ok(if is_clean { Exit::Clean } else { Exit::Findings })
}

/// The rules whose id contains this: testing nothing must not look like success.
fn known(book: &RuleBook, part: &str) -> Result<Vec<String>> {
    let mut ids: Vec<&str> = book.credentials.iter().map(CredentialRule::id).collect();
    ids.extend(book.lints.iter().map(|r| r.written.id.as_str()));
    ids.extend(book.causes.iter().map(|r| r.written.id.as_str()));
    ids.extend(book.services.iter().map(|r| r.written.id.as_str()));
    let found: Vec<String> =
        ids.iter().filter(|id| id.contains(part)).map(|id| (*id).to_owned()).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    bail!(
        "there is no rule {}{}; `authward rules list` shows every id",
        quoted(part, "of this name"),
        nearest(part, ids.into_iter())
    )
}

fn import(file: &Path, into: Option<&Path>, config: Option<&Path>) -> Result<Exit> {
    let settings = config::load(&source(config), None, Extent::Whole)?;
    let text = crate::source::text(file, IMPORT_MAX)
        .map_err(|why| anyhow::anyhow!("cannot read {}: {why}", file.display()))?;
    let is_builtin = |id: &str| SOURCES.iter().any(|(_, known, _)| *known == id);
    let imported = import::read(&text, is_builtin)
        .map_err(|why| anyhow::anyhow!("cannot import {}: {why}", file.display()))?;
    let first = settings.rules.first().cloned();
    let listed = into.is_none() && first.is_some();
    let folder =
        into.map(Path::to_owned).or(first).unwrap_or_else(|| PathBuf::from("authward-rules"));
    let taken = imported
        .rules
        .iter()
        .map(|rule| folder.join("credentials").join(format!("{}.yaml", rule.id)))
        .find(|path| sink::exists(path));
    if let Some(path) = taken {
        bail!(
            "{} is there already; remove the folder first, or name another with --into",
            path.display()
        );
    }
    for rule in &imported.rules {
        let path = folder.join("credentials").join(format!("{}.yaml", rule.id));
        let yaml = serde_yaml::to_string(rule).context("a rule cannot be written as YAML")?;
        let head = format!("# Imported from {}.\n", file.display());
        sink::write_new(&path, format!("{head}{yaml}").as_bytes())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    for line in &imported.left {
        output::print_harmless(&format!("{line}\n"))?;
    }
    let count = imported.rules.len();
    output::print_harmless(&format!("{count} rules written to {}\n", folder.display()))?;
    if !listed {
        let folder = folder.display();
        output::print_harmless(&format!(
            "To use them, add this to authward.yaml: rules: [{folder}]\n"
        ))?;
    }
    Ok(Exit::Clean)
}

fn new(kind: RuleKind, id: &str) -> Result<Exit> {
    let kebab = !id.is_empty()
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !kebab {
        bail!("an id is kebab-case, like my-service-token");
    }
    let template = match kind {
        RuleKind::Credential => include_str!("../../rules/templates/credential.yaml"),
        RuleKind::Lint => include_str!("../../rules/templates/lint.yaml"),
        RuleKind::Cause => include_str!("../../rules/templates/cause.yaml"),
        RuleKind::Service => include_str!("../../rules/templates/service.yaml"),
    };
    output::print_harmless(&template.replace("NEW-ID", id))?;
    Ok(Exit::Clean)
}
