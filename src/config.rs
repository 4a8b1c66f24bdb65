//! `authward.yaml`: as it is written, and as it is meant.
//!
//! Found in the nearest folder upwards, as far as the root of the repository. Unknown keys are
//! errors with a suggestion. A config found in the scanned tree can only narrow: it never permits a
//! request to anywhere.

mod allowance;
mod folders;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use globset::{Glob, GlobSet, GlobSetBuilder};
use serde::Deserialize;

use crate::adopt::allow::Allowed;
use crate::adopt::ignores::end_of;
use crate::fact::{nearest, quoted};
use crate::finding::Severity;
use crate::rule::load::{self, Extent, RuleError};
use crate::rule::{RuleBook, book};
use crate::scan::environment::Environments;
use crate::secret::Key;
use crate::source::path::{relative, shown};
use crate::time::{DAY, parse_duration};

pub use allowance::Allowance;
pub use folders::{add_rules, own_rule, yaml_files};

/// The names under which a config is found.
pub const NAMES: [&str; 6] = [
    "authward.yaml", "authward.yml", ".authward.yaml", ".authward.yml", ".config/authward.yaml",
    ".config/authward.yml",
];
/// The largest config that is read, in bytes.
const CONFIG_MAX: u64 = 1 << 20;

/// The config as written.
#[derive(Debug, Default, Deserialize)]
#[serde(
    deny_unknown_fields,
    default,
    rename_all = "kebab-case",
    expecting = "a map of settings, such as `exclude:` and `severity:`"
)]
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
#[serde(
    deny_unknown_fields,
    default,
    rename_all = "kebab-case",
    expecting = "a map with `production:` and `non-production:`"
)]
struct WrittenEnvironments {
    production: WrittenEnvironment,
    non_production: WrittenEnvironment,
}

#[derive(Debug, Default, Deserialize)]
#[serde(
    deny_unknown_fields,
    default,
    rename_all = "kebab-case",
    expecting = "a map with `paths:` and `hosts:`"
)]
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
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "a map with `fingerprint:`, `reason:` and, if it shall end, `until:`"
)]
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
    /// The folder that its paths are relative to; `None` for where the command runs.
    pub base: Option<PathBuf>,
    /// The folders of the user's own rules.
    pub rules: Vec<PathBuf>,
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
    #[error("cannot read {}: {why}", shown(file))]
    Unreadable {
        /// The config or rule file.
        file: PathBuf,
        /// Why the system refused.
        why: String,
    },
    /// The file, or a rule file it names, is wrong at a place.
    #[error(transparent)]
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

/// Looks for a config from `folder` upwards, to the root of the repository. What it finds is named
/// relative to `folder`.
pub fn find(folder: &Path) -> Source {
    let Ok(mut real) = folder.canonicalize() else { return Source::None };
    let mut way = if folder == Path::new(".") { PathBuf::new() } else { folder.to_owned() };
    loop {
        if let Some(name) = NAMES.iter().find(|name| real.join(name).is_file()) {
            return Source::Found(way.join(name));
        }
        if real.join(".git").exists() || !real.pop() {
            return Source::None;
        }
        way.push("..");
    }
}

/// Reads the config and loads the rules. `key` is the key from the environment, which wins.
pub fn load(source: &Source, key: Option<String>, extent: Extent) -> Result<Settings, ConfigError> {
    let mut book = load::builtin_for(extent).map_err(ConfigError::BuiltIn)?;
    let (file, text) = match source {
        Source::None => (None, String::new()),
        Source::Named(file) | Source::Found(file) => {
            let file = relative(file);
            let text = read(&file, CONFIG_MAX)?;
            (Some(file), text)
        }
    };
    let shown = file.clone().unwrap_or_default();
    let is_empty = text.lines().all(|l| l.trim().is_empty() || l.trim().starts_with('#'));
    let written: Written = if is_empty { Written::default() } else { load::parse(&shown, &text)? };
    let found = matches!(source, Source::Found(_));
    let base = shown.parent().map(Path::to_owned).unwrap_or_default();
    let base = if base.ends_with(".config") {
        base.parent().map(Path::to_owned).unwrap_or_default()
    } else {
        base
    };
    let wrong = |keys: &[&str], word: &str, message: String| {
        ConfigError::Wrong(load::place(&shown, &text, keys, word, message))
    };
    let rules = own_rules(&mut book, &written.rules, &base, found, &wrong)?;
    book.index();
    let severity = severities(&written.severity, &book, &wrong)?;
    let window = match &written.expiring_within {
        None => 14 * DAY,
        Some(text) => parse_duration(text).ok_or_else(|| {
            let message =
                format!("expiring-within: {} is no duration like 14d", quoted(text, "this"));
            wrong(&["expiring-within"], text, message)
        })?,
    };
    let environments = environments(&written.environments, &wrong)?;
    let exclude = globs(&["exclude"], &written.exclude, &wrong)?;
    let allow = written
        .allow
        .iter()
        .map(|a| allowed(a).map_err(|(key, word, e)| wrong(&["allow", key], word, e)))
        .collect::<Result<_, _>>()?;
    let key = key.or(written.fingerprint_key).map_or_else(Key::default, |text| Key::new(&text));
    Ok(Settings {
        file,
        base: found.then(|| real(&base)),
        rules,
        book,
        environments,
        severity,
        exclude,
        allow,
        expiring_within: window,
        key,
    })
}

/// Adds the rules under the folders that a config names; returns these folders.
fn own_rules(
    book: &mut RuleBook,
    folders: &[String],
    base: &Path,
    found: bool,
    wrong: Wrong<'_>,
) -> Result<Vec<PathBuf>, ConfigError> {
    let mut rules = Vec::new();
    let mut allowance = found.then(Allowance::default);
    for (index, folder) in folders.iter().enumerate() {
        let path = base.join(folder);
        if !path.is_dir() {
            let message = format!("rules[{index}]: there is no such rule folder");
            return Err(wrong(&["rules"], folder, message));
        }
        if found && !is_inside(&path, base) {
            let message = format!(
                "rules[{index}]: a config that was found may name folders of its own repository \
                 only; name the config with --config to lift this"
            );
            return Err(wrong(&["rules"], folder, message));
        }
        add_rules(book, &path, allowance.as_mut())?;
        rules.push(path);
    }
    Ok(rules)
}

/// The path without links; an empty one is where the command runs.
fn real(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// The root of the repository that holds `folder`.
pub fn repository(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|a| a.join(".git").exists()).map(Path::to_owned)
}

/// Whether a folder lies in the repository of the config whose folder is `base`.
fn is_inside(folder: &Path, base: &Path) -> bool {
    let base = real(base);
    let root = repository(&base);
    let root = root.as_ref().unwrap_or(&base);
    real(folder).starts_with(root)
}

fn severities(
    written: &BTreeMap<String, WrittenSeverity>,
    book: &RuleBook,
    wrong: Wrong<'_>,
) -> Result<BTreeMap<String, Option<Severity>>, ConfigError> {
    let known: Vec<&str> = book.lints.iter().map(|l| l.written.id.as_str()).collect();
    if let Some(unknown) = written.keys().find(|id| !known.contains(&id.as_str())) {
        let hint = nearest(unknown, known.iter().copied());
        let message =
            format!("severity: there is no lint {}{hint}", quoted(unknown, "of this name"));
        return Err(wrong(&["severity"], unknown, message));
    }
    Ok(written.iter().map(|(id, word)| (id.clone(), severity(*word))).collect())
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

/// The error names the key, the word and what is wrong with it.
fn allowed(written: &WrittenAllow) -> Result<Allowed, (&'static str, &str, String)> {
    let fingerprint = &written.fingerprint;
    if fingerprint.len() != 32 || !fingerprint.bytes().all(|b| b.is_ascii_hexdigit()) {
        let message = "allow.fingerprint: take the 32 hex digits that `--format json` prints; a value itself never stands here";
        return Err(("fingerprint", fingerprint, message.to_owned()));
    }
    let until = match &written.until {
        None => None,
        Some(day) => Some(end_of(day).ok_or_else(|| {
            let message = format!("allow.until: {} is no day like 2027-01-31", quoted(day, "this"));
            ("until", day.as_str(), message)
        })?),
    };
    Ok(Allowed {
        fingerprint: fingerprint.to_ascii_lowercase(),
        reason: written.reason.clone(),
        until,
    })
}

/// Makes an error of keys, a word and a message.
type Wrong<'w> = &'w dyn Fn(&[&str], &str, String) -> ConfigError;

fn environments(
    written: &WrittenEnvironments,
    wrong: Wrong<'_>,
) -> Result<Environments, ConfigError> {
    let (production, other) = (&written.production, &written.non_production);
    for (name, list) in [("production", &production.paths), ("non-production", &other.paths)] {
        globs(&["environments", name, "paths"], list, wrong)?;
    }
    let wide = |list: &[String]| -> Vec<String> {
        let wider = list.iter().flat_map(|pattern| widened(pattern));
        list.iter().cloned().chain(wider.filter(|w| Glob::new(w).is_ok())).collect()
    };
    let (paths, other_paths) = (wide(&production.paths), wide(&other.paths));
    Environments::new(&paths, &other_paths, &production.hosts, &other.hosts)
        .map_err(|_| wrong(&["environments"], "", "environments: too many globs".to_owned()))
}

/// Compiles globs; the error says which is wrong, and not how it reads.
fn globs(keys: &[&str], patterns: &[String], wrong: Wrong<'_>) -> Result<GlobSet, ConfigError> {
    let name = keys.join(".");
    let mut builder = GlobSetBuilder::new();
    for (index, pattern) in patterns.iter().enumerate() {
        let glob = Glob::new(pattern).map_err(|e| {
            let why = match e.kind() {
                // The engine's own words repeat the glob.
                globset::ErrorKind::Regex(_) => "it is too large".to_owned(),
                kind => kind.to_string(),
            };
            wrong(keys, pattern, format!("{name}[{index}]: this is no glob: {why}"))
        })?;
        builder.add(glob);
        for wider in widened(pattern).iter().filter_map(|w| Glob::new(w).ok()) {
            builder.add(wider);
        }
    }
    builder.build().map_err(|_| wrong(keys, "", format!("{name}: too many globs")))
}

/// A folder stands for what is in it, and a bare name for every folder of that name, as in
/// `.gitignore`.
fn widened(pattern: &str) -> Vec<String> {
    let name = pattern.trim_end_matches('/').trim_start_matches("./");
    let mut out = vec![name.to_owned(), format!("{name}/**")];
    if !name.contains('/') {
        out.extend([format!("**/{name}"), format!("**/{name}/**")]);
    }
    out
}

fn read(file: &Path, most: u64) -> Result<String, ConfigError> {
    crate::source::text(file, most)
        .map_err(|why| ConfigError::Unreadable { file: file.to_owned(), why })
}
