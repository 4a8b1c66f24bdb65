//! `authward.yaml`: as it is written, and as it is meant.
//!
//! Found in the nearest folder upwards, as far as the root of the repository. Unknown keys are
//! errors with a suggestion. A config found in the scanned tree can only narrow: it never permits a
//! request to anywhere.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use globset::{Glob, GlobSet, GlobSetBuilder};
use serde::Deserialize;

use crate::adopt::allow::Allowed;
use crate::finding::Severity;
use crate::rule::load::{self, Kind, Limits, RuleError};
use crate::rule::{RuleBook, book};
use crate::scan::environment::Environments;
use crate::secret::Key;
use crate::time::{DAY, Instant, parse_duration};

/// The names under which a config is found.
pub const NAMES: [&str; 3] = ["authward.yaml", ".authward.yaml", ".config/authward.yaml"];
/// The largest config that is read, in bytes.
const CONFIG_MAX: u64 = 1 << 20;

/// The config as written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
struct Written {
    environments: WrittenEnvironments,
    rules: Vec<String>,
    severity: BTreeMap<String, WrittenSeverity>,
    exclude: Vec<String>,
    allow: Vec<WrittenAllow>,
    expiring_within: Option<String>,
    fingerprint_key: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
struct WrittenEnvironments {
    production: WrittenEnvironment,
    non_production: WrittenEnvironment,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
struct WrittenEnvironment {
    paths: Vec<String>,
    hosts: Vec<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum WrittenSeverity {
    Error,
    Warning,
    Note,
    Off,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenAllow {
    fingerprint: String,
    reason: String,
    #[serde(default)]
    until: Option<String>,
}

/// The config as meant.
#[derive(Debug)]
pub struct Settings {
    /// The file it came from.
    pub file: Option<PathBuf>,
    /// The rule book with the user's own rules.
    pub book: RuleBook,
    /// Which artifacts are production.
    pub environments: Environments,
    /// Severities by lint; `None` switches it off.
    pub severity: BTreeMap<String, Option<Severity>>,
    /// Paths that are left out.
    pub exclude: GlobSet,
    /// Values that may stay.
    pub allow: Vec<Allowed>,
    /// The window of `expiring-credential`, in seconds.
    pub expiring_within: i64,
    /// The key of fingerprints.
    pub key: Key,
}

/// A config that cannot be used: the user's fault.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {}: {why}", file.display())]
    Unreadable {
        /// The config or rule file.
        file: PathBuf,
        /// Why the system refused.
        why: String,
    },
    /// The file, or a rule file it names, is wrong at a place.
    #[error("{0}")]
    Wrong(#[from] RuleError),
    /// A rule of the program itself is wrong: our fault.
    #[error("a built-in rule is broken: {0}; please report this")]
    BuiltIn(RuleError),
}

/// Where a config comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Named with `--config`.
    Named(PathBuf),
    /// Found in the scanned tree.
    Found(PathBuf),
    /// None.
    None,
}

/// Looks for a config from `folder` upwards, to the root of the repository.
pub fn find(folder: &Path) -> Source {
    let Ok(mut folder) = folder.canonicalize() else { return Source::None };
    loop {
        if let Some(file) = NAMES.iter().map(|name| folder.join(name)).find(|file| file.is_file()) {
            return Source::Found(file);
        }
        if folder.join(".git").exists() || !folder.pop() {
            return Source::None;
        }
    }
}

/// Reads the config and loads the rules. `key` is the key from the environment, which wins.
pub fn load(source: &Source, key: Option<String>) -> Result<Settings, ConfigError> {
    let mut book = load::builtin().map_err(ConfigError::BuiltIn)?;
    let (file, text) = match source {
        Source::None => (None, String::new()),
        Source::Named(file) | Source::Found(file) => (Some(file.clone()), read(file, CONFIG_MAX)?),
    };
    let shown = file.clone().unwrap_or_default();
    let written: Written =
        if text.trim().is_empty() { Written::default() } else { load::parse(&shown, &text)? };
    let found = matches!(source, Source::Found(_));
    let base = shown.parent().map(Path::to_owned).unwrap_or_default();
    let base = if base.ends_with(".config") {
        base.parent().map(Path::to_owned).unwrap_or_default()
    } else {
        base
    };
    for folder in &written.rules {
        add_rules(&mut book, &base.join(folder), found)?;
    }
    book.index();
    let at = |word: &str, message: String| ConfigError::Wrong(place(&shown, &text, word, message));
    let known: Vec<&str> = book.lints.iter().map(|l| l.written.id.as_str()).collect();
    if let Some(unknown) = written.severity.keys().find(|id| !known.contains(&id.as_str())) {
        let hint = crate::fact::nearest(unknown, known.iter().copied());
        return Err(at(unknown, format!("severity: there is no lint `{unknown}`{hint}")));
    }
    let window = match &written.expiring_within {
        None => 14 * DAY,
        Some(text) => parse_duration(text).ok_or_else(|| {
            at(text, format!("expiring-within: `{text}` is no duration like 14d"))
        })?,
    };
    let environments = Environments::new(
        &written.environments.production.paths,
        &written.environments.non_production.paths,
        &written.environments.production.hosts,
    )
    .map_err(|e| at("environments", format!("environments: {e}")))?;
    let exclude = globs(&written.exclude).map_err(|e| at("exclude", format!("exclude: {e}")))?;
    let allow = written
        .allow
        .iter()
        .map(|a| allowed(a).map_err(|e| at(&a.fingerprint, e)))
        .collect::<Result<_, _>>()?;
    let key = key.or(written.fingerprint_key).map_or_else(Key::default, |text| Key::new(&text));
    let severity =
        written.severity.iter().map(|(id, word)| (id.clone(), severity(*word))).collect();
    Ok(Settings {
        file,
        book,
        environments,
        severity,
        exclude,
        allow,
        expiring_within: window,
        key,
    })
}

fn severity(word: WrittenSeverity) -> Option<Severity> {
    use crate::rule::schema::SeverityWord;
    match word {
        WrittenSeverity::Error => Some(book::severity(SeverityWord::Error)),
        WrittenSeverity::Warning => Some(book::severity(SeverityWord::Warning)),
        WrittenSeverity::Note => Some(book::severity(SeverityWord::Note)),
        WrittenSeverity::Off => None,
    }
}

fn allowed(written: &WrittenAllow) -> Result<Allowed, String> {
    if written.fingerprint.len() != 32
        || !written.fingerprint.bytes().all(|b| b.is_ascii_hexdigit())
    {
        return Err("allow.fingerprint: take the 32 hex digits that `--format json` prints; a value itself never stands here".to_owned());
    }
    let until = match &written.until {
        None => None,
        Some(day) => Some(
            Instant::parse(day)
                .ok_or_else(|| format!("allow.until: `{day}` is no day like 2027-01-31"))?,
        ),
    };
    Ok(Allowed {
        fingerprint: written.fingerprint.to_ascii_lowercase(),
        reason: written.reason.clone(),
        until,
    })
}

fn globs(patterns: &[String]) -> Result<GlobSet, String> {
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        builder.add(Glob::new(pattern).map_err(|e| e.to_string())?);
    }
    builder.build().map_err(|e| e.to_string())
}

/// Adds the rules under `folder`: `credentials/`, `lints/`, `causes/`, `services/`.
pub fn add_rules(book: &mut RuleBook, folder: &Path, limited: bool) -> Result<usize, ConfigError> {
    let mut count = 0;
    if !folder.is_dir() {
        return Err(ConfigError::Unreadable {
            file: folder.to_owned(),
            why: "there is no such rule folder".to_owned(),
        });
    }
    for (kind, name) in Kind::FOLDERS {
        for file in yaml_files(&folder.join(name)) {
            count += 1;
            if limited && count > Limits::FOUND.files {
                let message = format!(
                    "a scanned tree may bring {} rules at most; name the config with --config to lift this",
                    Limits::FOUND.files
                );
                return Err(RuleError { file, line: 1, column: 1, message }.into());
            }
            let most = if limited { Limits::FOUND.bytes as u64 } else { CONFIG_MAX };
            let text = read(&file, most)?;
            load::add(book, kind, &file, &text)?;
        }
    }
    Ok(count)
}

/// The YAML files of a folder, sorted.
#[expect(clippy::disallowed_methods, reason = "this is the door for rule folders")]
pub fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "yaml" || e == "yml"))
        .collect();
    files.sort();
    files
}

#[expect(clippy::disallowed_methods, reason = "this is the door for configs and rules")]
fn read(file: &Path, most: u64) -> Result<String, ConfigError> {
    let refuse = |why: String| ConfigError::Unreadable { file: file.to_owned(), why };
    let size = std::fs::metadata(file).map_err(|e| refuse(crate::source::reason(&e)))?.len();
    if size > most {
        return Err(refuse(format!("it is {size} bytes large; at most {most} are read")));
    }
    std::fs::read_to_string(file).map_err(|e| refuse(crate::source::reason(&e)))
}

fn place(file: &Path, text: &str, word: &str, message: String) -> RuleError {
    let before = text.find(word).and_then(|at| text.get(..at)).unwrap_or_default();
    RuleError {
        file: file.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before.rsplit('\n').next().unwrap_or_default().chars().count() + 1,
        message,
    }
}
