//! Which files are read: paths named on the command line always, folders through their ignore files,
//! environment files even when git ignores them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use globset::GlobSet;
use ignore::WalkBuilder;

use crate::finding::{Notice, NoticeKind};

/// A file to read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// As shown: relative to where the command runs, with `/`.
    pub shown: String,
    /// As opened.
    pub path: PathBuf,
}

/// What was found to read.
#[derive(Debug, Default)]
pub struct Walked {
    /// Files, sorted, each once.
    pub entries: Vec<Entry>,
    /// Paths that could not be looked into.
    pub notices: Vec<Notice>,
    /// Files left out by the config.
    pub excluded: u64,
}

/// How folders are walked.
#[derive(Debug)]
pub struct Options<'o> {
    /// Read what `.gitignore` and friends leave out.
    pub no_ignore: bool,
    /// Globs of the config, on shown paths.
    pub exclude: &'o GlobSet,
}

/// Collects the files under `paths`.
pub fn walk(paths: &[PathBuf], options: &Options<'_>) -> Walked {
    let mut walked = Walked::default();
    let mut files = BTreeSet::new();
    for path in paths {
        match std::fs::metadata(path) {
            Err(error) => walked.notices.push(Notice {
                path: shown(path),
                kind: NoticeKind::Unreadable,
                message: format!("cannot be read: {}", super::reason(&error)),
            }),
            Ok(meta) if meta.is_dir() => folder(path, options, &mut files, &mut walked),
            Ok(_) => {
                files.insert(Entry { shown: shown(path), path: path.clone() });
            }
        }
    }
    walked.entries = files.into_iter().collect();
    walked
}

fn folder(root: &Path, options: &Options<'_>, files: &mut BTreeSet<Entry>, walked: &mut Walked) {
    let mut builder = WalkBuilder::new(root);
    let honour = !options.no_ignore;
    builder
        .hidden(false)
        .ignore(honour)
        .git_ignore(honour)
        .git_global(honour)
        .git_exclude(honour)
        .parents(honour)
        .require_git(false)
        .follow_links(false)
        .filter_entry(|entry| entry.file_name() != ".git");
    for entry in builder.build() {
        match entry {
            Err(error) => walked.notices.push(refusal(&error, root)),
            Ok(entry) => {
                let Some(kind) = entry.file_type() else {
                    continue;
                };
                if kind.is_dir() {
                    // The walk leaves ignored files out, and environment files are ignored for the
                    // very reason that they hold tokens.
                    if honour {
                        environment_files(entry.path(), options, files, walked);
                    }
                } else if kind.is_file() {
                    keep(entry.path(), options, files, walked);
                } else if !kind.is_symlink() {
                    let message =
                        "is no regular file (a pipe, socket or device) and was not opened"
                            .to_owned();
                    walked.notices.push(Notice {
                        path: shown(entry.path()),
                        kind: NoticeKind::Skipped,
                        message,
                    });
                }
            }
        }
    }
}

fn keep(path: &Path, options: &Options<'_>, files: &mut BTreeSet<Entry>, walked: &mut Walked) {
    let shown = shown(path);
    if options.exclude.is_match(&shown) {
        walked.excluded += 1;
    } else {
        files.insert(Entry { shown, path: path.to_owned() });
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the door for folders that are walked")]
fn environment_files(
    folder: &Path,
    options: &Options<'_>,
    files: &mut BTreeSet<Entry>,
    walked: &mut Walked,
) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let is_environment =
            entry.file_name().to_str().is_some_and(|name| name.starts_with(".env"));
        if is_environment && entry.file_type().is_ok_and(|t| t.is_file()) {
            keep(&entry.path(), options, files, walked);
        }
    }
}

fn refusal(error: &ignore::Error, root: &Path) -> Notice {
    let path = match error {
        ignore::Error::WithPath { path, .. } => shown(path),
        ignore::Error::WithDepth { err, .. } => match err.as_ref() {
            ignore::Error::WithPath { path, .. } => shown(path),
            _ => shown(root),
        },
        _ => shown(root),
    };
    let why = error.io_error().map_or_else(|| error.to_string(), super::reason);
    Notice { path, kind: NoticeKind::Unreadable, message: format!("cannot be read: {why}") }
}

/// A path as shown: with `/`, without a leading `./`; bytes that are no UTF-8 are replaced.
pub fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text =
        if std::path::MAIN_SEPARATOR == '\\' { text.replace('\\', "/") } else { text.into_owned() };
    let trimmed = text.trim_start_matches("./");
    if trimmed.is_empty() { ".".to_owned() } else { trimmed.to_owned() }
}
