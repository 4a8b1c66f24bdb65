//! Folders of a user's own rules.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::allowance::Allowance;
use super::{CONFIG_MAX, ConfigError, read};
use crate::fact::nearest;
use crate::rule::RuleBook;
use crate::rule::load::{self, Kind, Limits, RuleError};

/// Adds the rules under `folder`: `credentials/`, `lints/`, `causes/`, `services/`. Rules which come
/// with a scanned tree have an allowance, and cannot replace those of the program.
pub fn add_rules(
    book: &mut RuleBook,
    folder: &Path,
    mut allowance: Option<&mut Allowance>,
) -> Result<usize, ConfigError> {
    if !folder.is_dir() {
        return Err(ConfigError::Unreadable {
            file: folder.to_owned(),
            why: "there is no such rule folder".to_owned(),
        });
    }
    misspelt(folder)?;
    let mut seen = BTreeSet::new();
    let limited = allowance.is_some();
    for (kind, name) in Kind::FOLDERS {
        for file in yaml_files(&folder.join(name)) {
            let id = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let wrong =
                |message: String| RuleError { file: file.clone(), line: 1, column: 1, message };
            if limited && load::SOURCES.iter().any(|(f, known, _)| *f == name && *known == id) {
                let message = format!(
                    "a rule that comes with the scanned tree cannot replace the built-in `{id}`; \
                     choose another id, or name the config with --config"
                );
                return Err(wrong(message).into());
            }
            if !seen.insert((name, id)) {
                return Err(wrong("another file of this folder has the same id".to_owned()).into());
            }
            let most = if limited { Limits::FOUND.bytes as u64 } else { CONFIG_MAX };
            let text = read(&file, most)?;
            if let Some(allowance) = &mut allowance {
                allowance.take(&text).map_err(wrong)?;
            }
            load::add(book, kind, &file, &text)?;
        }
    }
    Ok(seen.len())
}

/// A folder whose name nearly is that of a kind of rules would be passed over without a word.
#[expect(clippy::disallowed_methods, reason = "this is the door for rule folders")]
fn misspelt(folder: &Path) -> Result<(), ConfigError> {
    let known = || Kind::FOLDERS.iter().map(|(_, name)| *name);
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    for name in names.iter().filter(|name| known().all(|k| k != *name)) {
        let hint = nearest(name, known());
        if !hint.is_empty() {
            let why = format!("no kind of rules has a folder of this name{hint}");
            return Err(ConfigError::Unreadable { file: folder.join(name), why });
        }
    }
    Ok(())
}

/// The user's own rule with this id, as it is written.
pub fn own_rule(folders: &[PathBuf], id: &str) -> Result<Option<(Kind, String)>, ConfigError> {
    for folder in folders.iter().rev() {
        for (kind, name) in Kind::FOLDERS {
            let files = yaml_files(&folder.join(name));
            if let Some(file) = files.iter().find(|f| f.file_stem().is_some_and(|s| s == id)) {
                return Ok(Some((kind, read(file, CONFIG_MAX)?)));
            }
        }
    }
    Ok(None)
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
