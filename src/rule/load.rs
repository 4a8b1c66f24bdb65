//! Loads rules: the built-in ones from their embedded form, a user's from YAML.
//!
//! A mistake is refused with file, line, column, what was expected and the nearest valid word.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::book::{CauseRule, LintRule, RuleBook, ServiceRule};
use super::complaint;
use super::credential::CredentialRule;
use super::lexicon::Lexicon;
use super::schema::{Compact, CredentialWritten, Diagnosis, LintWritten, ServiceWritten};
use crate::fact::quoted;

/// A rule that cannot be used. The user's fault (or ours, for a built-in rule).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}:{column}: {message}", file.display())]
pub struct RuleError {
    /// The rule file.
    pub file: PathBuf,
    /// Line from 1.
    pub line: usize,
    /// Column from 1.
    pub column: usize,
    /// What is wrong and what was expected.
    pub message: String,
}

/// The kinds of rules, as named by their folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What it is, how it travels, how long it lives.
    Credential,
    /// When it is a problem.
    Lint,
    /// What explains a refused call.
    Cause,
    /// What belongs to a vendor.
    Service,
}

impl Kind {
    /// Every kind with the folder it lives in.
    pub const FOLDERS: [(Kind, &'static str); 4] = [
        (Kind::Credential, "credentials"),
        (Kind::Lint, "lints"),
        (Kind::Cause, "causes"),
        (Kind::Service, "services"),
    ];

    /// The kind that lives in this folder.
    pub fn of_folder(folder: &str) -> Option<Self> {
        Self::FOLDERS.iter().find(|(_, name)| *name == folder).map(|(kind, _)| *kind)
    }

    /// Its word: `credential`, `lint`, `cause`, `service`.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Credential => "credential",
            Kind::Lint => "lint",
            Kind::Cause => "cause",
            Kind::Service => "service",
        }
    }
}

/// A built-in rule file: folder, id, text.
pub type Source = (&'static str, &'static str, &'static str);

/// Every built-in rule file as it is written.
pub const SOURCES: &[Source] = include!(concat!(env!("OUT_DIR"), "/rules.rs"));

const COMPACT: &str = include_str!(concat!(env!("OUT_DIR"), "/rules.json"));
const DIAGNOSIS: &str = include_str!(concat!(env!("OUT_DIR"), "/diagnosis.json"));

/// How much of the rule book is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What a check needs: a hook must not wait for the rest.
    Check,
    /// All of it.
    Whole,
}

/// The built-in rules, all of them, not yet indexed.
pub fn builtin() -> Result<RuleBook, RuleError> {
    builtin_for(Extent::Whole)
}

/// The built-in rules, not yet indexed: add the user's, then call [`RuleBook::index`].
pub fn builtin_for(extent: Extent) -> Result<RuleBook, RuleError> {
    let ours =
        |message: String| RuleError { file: PathBuf::from("rules"), line: 1, column: 1, message };
    let mut compact: Compact = serde_json::from_str(COMPACT).map_err(|e| ours(e.to_string()))?;
    if extent == Extent::Whole {
        let rest: Diagnosis = serde_json::from_str(DIAGNOSIS).map_err(|e| ours(e.to_string()))?;
        compact.causes = rest.causes;
        for (service, diagnosis) in compact.services.iter_mut().zip(rest.answers) {
            service.diagnosis = diagnosis;
        }
    }
    let mut book = RuleBook::default();
    book.lexicon = Lexicon::new(&compact.lexicon);
    for written in compact.credentials {
        book.credentials.push(CredentialRule::compile(written).map_err(|e| ours(e.1))?);
    }
    for written in compact.lints {
        book.lints.push(LintRule::compile(written).map_err(|e| ours(e.1))?);
    }
    for written in compact.causes {
        book.causes.push(CauseRule::compile(written).map_err(|e| ours(e.1))?);
    }
    for written in compact.services {
        book.services.push(ServiceRule::compile(written).map_err(|e| ours(e.1))?);
    }
    Ok(book)
}

/// Limits for rules which come with a scanned tree, all its folders together.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The largest rule file in bytes.
    pub bytes: usize,
    /// The most rule files.
    pub files: usize,
    /// All rule files together, in bytes.
    pub total: usize,
    /// The most regular expressions.
    pub patterns: usize,
    /// The most steps that all of them have together.
    pub steps: u64,
}

impl Limits {
    /// What a tree that is being scanned may bring along: room for all rules of gitleaks, which are
    /// imported with a pattern or two each, and no more work than a second or so.
    pub const FOUND: Limits =
        Limits { bytes: 64 * 1024, files: 1000, total: 1 << 20, patterns: 1000, steps: 500_000 };
}

/// Reads one rule file of a user and adds it to the book. A rule with the id of a built-in one
/// replaces it.
pub fn add(book: &mut RuleBook, kind: Kind, file: &Path, text: &str) -> Result<(), RuleError> {
    let at = |place: (String, String)| locate(file, text, &place.0, place.1);
    match kind {
        Kind::Credential => {
            let written: CredentialWritten = parse(file, text)?;
            same_name(file, text, &written.id)?;
            let rule = CredentialRule::compile(written).map_err(at)?;
            rule.check().map_err(at)?;
            book.credentials.retain(|r| r.id() != rule.id());
            book.credentials.push(rule);
        }
        Kind::Lint => {
            let written: LintWritten = parse(file, text)?;
            same_name(file, text, &written.id)?;
            let rule = LintRule::compile(written).map_err(at)?;
            rule.check().map_err(at)?;
            book.lints.retain(|r| r.written.id != rule.written.id);
            book.lints.push(rule);
        }
        Kind::Cause => {
            let written: super::schema::CauseWritten = parse(file, text)?;
            same_name(file, text, &written.id)?;
            let rule = CauseRule::compile(written).map_err(at)?;
            rule.check().map_err(at)?;
            book.causes.retain(|r| r.written.id != rule.written.id);
            book.causes.push(rule);
        }
        Kind::Service => {
            let written: ServiceWritten = parse(file, text)?;
            same_name(file, text, &written.id)?;
            let rule = ServiceRule::compile(written).map_err(at)?;
            rule.check().map_err(at)?;
            book.services.retain(|r| r.written.id != rule.written.id);
            book.services.push(rule);
        }
    }
    Ok(())
}

/// Parses YAML; a mistake is placed by the parser.
pub fn parse<T: DeserializeOwned>(file: &Path, text: &str) -> Result<T, RuleError> {
    serde_yaml::from_str(text).map_err(|error| {
        let message = complaint::plain(&error.to_string());
        match error.location() {
            Some(at) => {
                RuleError { file: file.to_owned(), line: at.line(), column: at.column(), message }
            }
            // The reader does not say where the second document begins.
            None => place(file, text.trim_start_matches("---"), &[], "\n---", message),
        }
    })
}

/// The file's name must be the id, so that a rule is found where its id says.
fn same_name(file: &Path, text: &str, id: &str) -> Result<(), RuleError> {
    let stem = file.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
    if stem == id {
        return Ok(());
    }
    let id_shown = quoted(id, "this");
    Err(locate(file, text, id, format!("id: {id_shown} must be the file's name, `{stem}`")))
}

/// Places a mistake that was found after parsing: at the first occurrence of the word in question.
fn locate(file: &Path, text: &str, word: &str, message: String) -> RuleError {
    place(file, text, &[], word, message)
}

/// Places a mistake below these keys, outermost first, at the word in question. What is not found
/// as it stands (a word may be written with escapes) leaves the place at the last that was.
pub fn place(file: &Path, text: &str, keys: &[&str], word: &str, message: String) -> RuleError {
    let mut at = 0;
    for key in keys {
        at = key_after(text, at, key).unwrap_or(at);
    }
    let find = |from: usize| Some(from + text.get(from..)?.find(word)?);
    let at = find(at).unwrap_or(at);
    let before = text.get(..at).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    RuleError { file: file.to_owned(), line, column, message }
}

/// Where `key:` begins, at or after `from`.
fn key_after(text: &str, from: usize, key: &str) -> Option<usize> {
    text.get(from..)?.match_indices(key).map(|(at, _)| from + at).find(|at| {
        let before = text.get(..*at).unwrap_or_default();
        let behind = text.get(at + key.len()..).unwrap_or_default();
        let is_comment = before.rsplit('\n').next().is_some_and(|line| line.contains('#'));
        let before = before.chars().next_back();
        !is_comment
            && before.is_none_or(|c| c.is_whitespace() || matches!(c, '"' | '\'' | '{' | ','))
            && behind.trim_start_matches(['"', '\'', ' ']).starts_with(':')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        let mut book = RuleBook::default();
        add(&mut book, Kind::Credential, Path::new("mine/x.yaml"), text).unwrap_err().to_string()
    }

    #[test]
    fn mistakes_are_placed_and_named() {
        let head = "id: x\nname: X\nsince: 0.1.0\nconfidence: high\n";
        assert_eq!(
            error(&format!("{head}match:\n  - query-parm: [a]\n")),
            "mine/x.yaml:6:5: match[0]: unknown field `query-parm`, expected one of `query-param`, `header`, \
             `assignment`, `userinfo`, `lexicon`, `anywhere`, `text`, `prefix`, `inside`, `place`, `random`, `value`, `scheme`, `host`, `path`, `companion`, `near`, \
             did you mean `query-param`?"
        );
        assert!(
            error(&format!("{head}match:\n  - query-param: [a]\n    value: '('\n"))
                .starts_with("mine/x.yaml:7:")
        );
        assert!(
            error("id: y\nname: X\nsince: 0.1.0\nconfidence: high\nmatch: [{anywhere: true}]\n")
                .contains("must be the file's name")
        );
        assert!(error(&format!("{head}match:\n  - text: abc\n")).contains("(?<secret>…)"));
        assert!(error("confidence: hihg\n").contains("did you mean `high`?"));
        assert!(
            error("id: Xk29fjQpl1\nname: X\nsince: 0.1.0\nconfidence: high\nmatch: []\n")
                .ends_with("id: this must be the file's name, `x`")
        );
    }

    #[test]
    fn a_mistake_is_placed_below_its_key() {
        let text = "# exclude: a[\nrules: ['a[']\nexclude:\n  - ok\n  - 'a['\n";
        let at = |keys: &[&str], word: &str| {
            let error = place(Path::new("c.yaml"), text, keys, word, String::new());
            (error.line, error.column)
        };
        assert_eq!(at(&["rules"], "a["), (2, 10));
        assert_eq!(at(&["exclude"], "ok"), (4, 5));
        assert_eq!(at(&["rules", "exclude"], "a["), (5, 6));
        assert_eq!(at(&["rules", "exclude"], "not there"), (3, 1));
    }

    #[test]
    fn every_builtin_rule_compiles() {
        let mut book = builtin().unwrap();
        book.index();
        for rule in &book.credentials {
            rule.check().unwrap_or_else(|e| panic!("{}: {e:?}", rule.id()));
        }
        for rule in &book.services {
            rule.check().unwrap_or_else(|e| panic!("{}: {e:?}", rule.written.id));
        }
        for rule in &book.lints {
            rule.check().unwrap_or_else(|e| panic!("{}: {e:?}", rule.written.id));
        }
        for rule in &book.causes {
            rule.check().unwrap_or_else(|e| panic!("{}: {e:?}", rule.written.id));
        }
        let written = book
            .credentials
            .iter()
            .flat_map(|r| &r.matches)
            .map(|m| m.prefix.len() + m.inside.len());
        assert_eq!(book.prefixes().len(), written.sum::<usize>(), "a prefix is not searched for");
    }
}
