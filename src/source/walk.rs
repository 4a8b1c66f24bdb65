//! Which files are read: paths named on the command line always, folders through their ignore files,
//! environment files even when git ignores them. Each file once, whatever ways lead to it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use globset::GlobSet;
use ignore::WalkBuilder;

use super::ignores;
use super::path::shown;
use crate::finding::{Notice, NoticeKind, Skip, Skips};

/// What is said of a pipe, a socket or a device.
pub(super) const SPECIAL: &str = "is no regular file (a pipe, socket or device) and was not opened";

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
    /// Files and folders that were left out.
    pub skips: Skips,
}

/// How folders are walked.
#[derive(Debug)]
pub struct Options<'o> {
    /// Read what `.gitignore` and friends leave out.
    pub no_ignore: bool,
    /// Globs of the config.
    pub exclude: &'o GlobSet,
    /// The real path of the folder that the globs are relative to; `None` for where the command
    /// runs.
    pub base: Option<&'o Path>,
}

/// Collects the files under `paths`.
pub fn walk(paths: &[PathBuf], options: &Options<'_>) -> Walked {
    let mut walk = Walk {
        options,
        files: BTreeMap::new(),
        links: BTreeMap::new(),
        skipped: BTreeMap::new(),
        entered: BTreeSet::new(),
        notices: Vec::new(),
    };
    for path in paths {
        match std::fs::metadata(path) {
            Err(error) => walk.notices.push(Notice {
                path: shown(path),
                kind: NoticeKind::Unreadable,
                message: format!("cannot be read: {}", super::reason(&error)),
            }),
            Ok(meta) if meta.is_dir() => walk.tree(path),
            Ok(_) => walk.take(real(path), path.clone()),
        }
    }
    walk.finish()
}

/// The path without links: what tells whether two paths lead to the same file.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// What is gathered on the way. Keys are real paths.
struct Walk<'o> {
    options: &'o Options<'o>,
    files: BTreeMap<PathBuf, Entry>,
    links: BTreeMap<PathBuf, PathBuf>,
    skipped: BTreeMap<PathBuf, Skip>,
    /// Folders that were walked although another way leads past them.
    entered: BTreeSet<PathBuf>,
    notices: Vec<Notice>,
}

/// What lies in a folder.
#[derive(Default)]
struct There {
    folders: Vec<PathBuf>,
    /// How many things are no folders.
    files: usize,
}

/// Compares how many files a folder has with how many the walk gives, so that only folders in which
/// something is ignored are looked at again.
#[derive(Default)]
struct Tally {
    /// The folders on the way down to where the walk is, and how many files of each are to come.
    way: Vec<(PathBuf, usize)>,
    short: Vec<PathBuf>,
}

impl Tally {
    fn enter(&mut self, folder: &Path, depth: usize, files: usize) {
        self.leave(depth);
        self.way.push((folder.to_owned(), files));
    }

    fn meet(&mut self, depth: usize) {
        self.leave(depth);
        if let Some((_, left)) = self.way.last_mut() {
            *left = left.saturating_sub(1);
        }
    }

    fn leave(&mut self, depth: usize) {
        let left = self.way.drain(depth.min(self.way.len())..).filter(|(_, files)| *files > 0);
        self.short.extend(left.map(|(folder, _)| folder));
    }

    /// The folders of which the walk gave fewer files than there are.
    fn short(mut self) -> Vec<PathBuf> {
        self.leave(0);
        self.short
    }
}

/// The walk of one folder; folders with an ignore file that must not be opened go to `hazards`.
fn builder(folder: &Path, honour: bool, hazards: Arc<Mutex<Vec<PathBuf>>>) -> WalkBuilder {
    let mut builder = WalkBuilder::new(folder);
    builder
        .hidden(false)
        .ignore(honour)
        .git_ignore(honour)
        .git_global(honour)
        .git_exclude(honour)
        .parents(honour)
        .require_git(false)
        .follow_links(false)
        .filter_entry(move |entry| {
            let is_folder = entry.file_type().is_some_and(|t| t.is_dir());
            if entry.file_name() == ".git" {
                return false;
            }
            let hazard = honour && is_folder && ignores::hazard(entry.path()).is_some();
            if hazard {
                let mut found = hazards.lock().unwrap_or_else(PoisonError::into_inner);
                found.push(entry.path().to_owned());
            }
            !hazard
        });
    builder
}

/// How deep environment files are looked for in folders that git ignores.
const IGNORED_DEPTH: usize = 4;

/// Folders that git ignores because programs fill them: nobody keeps an environment there, and they
/// hold more files than everything else.
fn is_heavy(folder: &Path) -> bool {
    const HEAVY: &[&str] = &[
        ".git", "node_modules", "bower_components", "vendor", "target", ".venv", "venv",
        "__pycache__", "site-packages", ".tox", ".gradle", ".m2", ".cache", ".cargo", ".terraform",
        ".next", ".nuxt", "Pods", "DerivedData",
    ];
    folder.file_name().and_then(|n| n.to_str()).is_some_and(|name| HEAVY.contains(&name))
}

/// A folder that is walked: as named, and without links.
struct Root<'r> {
    named: &'r Path,
    real: PathBuf,
}

impl Root<'_> {
    /// The real path of what was found below. Links below are not followed, so that there is no
    /// need to ask the system.
    fn key(&self, path: &Path) -> PathBuf {
        path.strip_prefix(self.named).map_or_else(|_| real(path), |below| self.real.join(below))
    }
}

impl Walk<'_> {
    /// A folder named on the command line, and those below it whose ignore files cannot be read.
    fn tree(&mut self, named: &Path) {
        let root = Root { named, real: real(named) };
        let mut folders = vec![(named.to_owned(), !self.options.no_ignore)];
        if let Some(file) = ignores::hazard_upwards(named).filter(|_| !self.options.no_ignore) {
            self.say_hazard(&file);
            folders = vec![(named.to_owned(), false)];
        }
        while let Some((folder, honour)) = folders.pop() {
            for below in self.folder(&folder, &root, honour) {
                if let Some(file) = ignores::hazard(&below) {
                    self.say_hazard(&file);
                }
                folders.push((below, false));
            }
        }
    }

    fn say_hazard(&mut self, file: &Path) {
        let message = format!(
            "{SPECIAL}; the ignore files of its folder are not honoured, so all of it is read"
        );
        self.notices.push(Notice { path: shown(file), kind: NoticeKind::Skipped, message });
    }

    /// Walks a folder; returns the folders below that must be walked without their ignore files.
    fn folder(&mut self, folder: &Path, root: &Root<'_>, honour: bool) -> Vec<PathBuf> {
        let hazards = Arc::new(Mutex::new(Vec::new()));
        let mut entered = BTreeSet::new();
        let mut seen = Vec::new();
        let mut tally = Tally::default();
        for entry in builder(folder, honour, Arc::clone(&hazards)).build() {
            match entry {
                Err(error) => self.notices.push(refusal(&error, folder)),
                Ok(entry) => {
                    let Some(kind) = entry.file_type() else {
                        continue;
                    };
                    // The folder itself may be a link, which is followed because it was named.
                    let is_folder = kind.is_dir() || entry.depth() == 0;
                    if is_folder && honour {
                        // The walk leaves ignored files out, and environment files are ignored for
                        // the very reason that they hold tokens.
                        entered.insert(entry.path().to_owned());
                        let there = self.environment_files(entry.path(), root);
                        tally.enter(entry.path(), entry.depth(), there.files);
                        seen.extend(there.folders);
                    } else if !is_folder {
                        tally.meet(entry.depth());
                        self.meet(entry.path(), kind, root);
                    }
                }
            }
        }
        let mut hazards = hazards.lock().unwrap_or_else(PoisonError::into_inner);
        // What git ignores is not read, but for the environment files in it.
        seen.retain(|folder| !entered.contains(folder) && !hazards.contains(folder));
        self.entered.extend(entered.iter().map(|folder| root.key(folder)));
        self.count_ignored(&seen, &tally.short(), root);
        seen.retain(|folder| !is_heavy(folder));
        for _ in 0..IGNORED_DEPTH {
            let below: Vec<PathBuf> = seen
                .iter()
                .flat_map(|folder| self.environment_files(folder, root).folders)
                .collect();
            seen = below.into_iter().filter(|folder| !is_heavy(folder)).collect();
        }
        std::mem::take(&mut *hazards)
    }

    #[expect(clippy::disallowed_methods, reason = "this is the door for folders that are walked")]
    fn environment_files(&mut self, folder: &Path, root: &Root<'_>) -> There {
        let mut there = There::default();
        let Ok(entries) = std::fs::read_dir(folder) else {
            return there;
        };
        for entry in entries.flatten().filter(|entry| entry.file_name() != ".git") {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => there.folders.push(entry.path()),
                Ok(kind) => {
                    there.files += 1;
                    if is_environment(&entry.path()) {
                        self.meet(&entry.path(), kind, root);
                    }
                }
                Err(_) => {}
            }
        }
        there
    }

    /// Counts what ignore files leave out: a folder once, whatever is in it, and the files of folders
    /// from which the walk gave fewer than there are.
    #[expect(clippy::disallowed_methods, reason = "this is the door for folders that are walked")]
    fn count_ignored(&mut self, folders: &[PathBuf], short: &[PathBuf], root: &Root<'_>) {
        for folder in folders {
            self.skipped.entry(root.key(folder)).or_insert(Skip::IgnoredFolder);
        }
        for entry in short.iter().filter_map(|f| std::fs::read_dir(f).ok()).flatten().flatten() {
            let key = root.key(&entry.path());
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if !is_folder && entry.file_name() != ".git" && !self.links.contains_key(&key) {
                self.skipped.entry(key).or_insert(Skip::Ignored);
            }
        }
    }

    /// Something in a folder that is no folder.
    fn meet(&mut self, path: &Path, kind: std::fs::FileType, root: &Root<'_>) {
        let key = root.key(path);
        if self.is_excluded(&key, path) {
            self.skipped.insert(key, Skip::Excluded);
        } else if kind.is_file() {
            self.take(key, path.to_owned());
        } else if kind.is_symlink() {
            self.links.insert(key, path.to_owned());
        } else if self.skipped.insert(key, Skip::Special).is_none() {
            let path = shown(path);
            // An ignore file has been spoken of already.
            if !self.notices.iter().any(|n| n.path == path && n.kind == NoticeKind::Skipped) {
                let message = SPECIAL.to_owned();
                self.notices.push(Notice { path, kind: NoticeKind::Skipped, message });
            }
        }
    }

    fn is_excluded(&self, key: &Path, path: &Path) -> bool {
        let below = self.options.base.and_then(|base| key.strip_prefix(base).ok());
        self.options.exclude.is_match(below.map_or_else(|| shown(path), shown))
    }

    fn take(&mut self, key: PathBuf, path: PathBuf) {
        self.files.entry(key).or_insert_with(|| Entry { shown: shown(&path), path });
    }

    /// Links are looked at when all files are known: one that leads to a file which is read anyway
    /// hides nothing. Of the others only environment files are followed.
    fn finish(mut self) -> Walked {
        for (key, path) in std::mem::take(&mut self.links) {
            let target = path.canonicalize().ok();
            let is_file = target.as_ref().is_some_and(|t| t.is_file());
            match target {
                Some(target) if is_file && self.files.contains_key(&target) => {}
                Some(target) if is_file && is_environment(&path) => self.take(target, path),
                _ => {
                    self.skipped.insert(key, Skip::Link);
                }
            }
        }
        let mut walked = Walked { notices: self.notices, ..Walked::default() };
        for (key, why) in self.skipped {
            // A path named on the command line is read although the config or git leaves it out.
            if !self.files.contains_key(&key) && !self.entered.contains(&key) {
                walked.skips.add(why);
            }
        }
        walked.entries = self.files.into_values().collect();
        walked.entries.sort();
        walked
    }
}

/// `.env` and its kin.
fn is_environment(path: &Path) -> bool {
    path.file_name().and_then(|n| n.to_str()).is_some_and(|name| name.starts_with(".env"))
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
