//! Loads rules: the built-in ones from their embedded form, a user's from YAML.
//!
//! A mistake is refused with file, line, column, what was expected and the nearest valid word.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::book::{CauseRule, LintRule, RuleBook, ServiceRule};
use super::credential::CredentialRule;
use super::lexicon::Lexicon;
use super::schema::{Compact, CredentialWritten, LintWritten, ServiceWritten};

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

/// The built-in rules, not yet indexed: add the user's, then call [`RuleBook::index`].
pub fn builtin() -> Result<RuleBook, RuleError> {
    let ours =
        |message: String| RuleError { file: PathBuf::from("rules"), line: 1, column: 1, message };
    let compact: Compact = serde_json::from_str(COMPACT).map_err(|e| ours(e.to_string()))?;
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
        book.services.push(ServiceRule::compile(written));
    }
    Ok(book)
}

/// Limits for rules which come with a scanned tree.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The largest rule file in bytes.
    pub bytes: usize,
    /// The most rule files.
    pub files: usize,
}

impl Limits {
    /// What a tree that is being scanned may bring along.
    pub const FOUND: Limits = Limits { bytes: 64 * 1024, files: 200 };
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
            book.lints.retain(|r| r.written.id != rule.written.id);
            book.lints.push(rule);
        }
        Kind::Cause => {
            let written: super::schema::CauseWritten = parse(file, text)?;
            same_name(file, text, &written.id)?;
            let rule = CauseRule::compile(written).map_err(at)?;
            book.causes.retain(|r| r.written.id != rule.written.id);
            book.causes.push(rule);
        }
        Kind::Service => {
            let written: ServiceWritten = parse(file, text)?;
            same_name(file, text, &written.id)?;
            let rule = ServiceRule::compile(written);
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
        let (line, column) = error.location().map_or((1, 1), |l| (l.line(), l.column()));
        RuleError { file: file.to_owned(), line, column, message: suggest(&error.to_string()) }
    })
}

/// Adds the nearest valid word to serde's "unknown field `x`, expected one of `a`, `b`", and drops
/// the position, which the error carries itself.
pub fn suggest(message: &str) -> String {
    let message = match message.rsplit_once(" at line ") {
        Some((head, tail)) if tail.contains("column") => head,
        _ => message,
    };
    let Some((_, typed)) =
        message.split_once("unknown field `").or_else(|| message.split_once("unknown variant `"))
    else {
        return message.to_owned();
    };
    let mut quoted = typed.split('`').step_by(2);
    let typed = quoted.next().unwrap_or_default();
    let words: Vec<&str> = message.split('`').skip(3).step_by(2).collect();
    format!("{message}{}", crate::fact::nearest(typed, words.into_iter()))
}

/// The file's name must be the id, so that a rule is found where its id says.
fn same_name(file: &Path, text: &str, id: &str) -> Result<(), RuleError> {
    let stem = file.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
    if stem == id {
        return Ok(());
    }
    Err(locate(file, text, id, format!("id: `{id}` must be the file's name, `{stem}`")))
}

/// Places a mistake that was found after parsing: at the first occurrence of the word in question.
fn locate(file: &Path, text: &str, word: &str, message: String) -> RuleError {
    let offset = text.find(word).unwrap_or(0);
    let before = text.get(..offset).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    RuleError { file: file.to_owned(), line, column, message }
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
             `assignment`, `userinfo`, `lexicon`, `anywhere`, `text`, `prefix`, `place`, `random`, `value`, `host`, `path`, `companion`, `near`, \
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
        assert!(book.has_searchers(), "too many or too short prefixes for the packed searcher");
    }
}
