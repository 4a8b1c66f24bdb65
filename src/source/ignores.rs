//! Ignore files that must not be opened: a pipe named `.gitignore` would stop the walk for ever, and
//! a link to a device would fill the memory.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The ignore files of a folder which the walk would open.
const NAMES: [&str; 3] = [".gitignore", ".ignore", ".git/info/exclude"];

/// The first ignore file of this folder that is no regular file, if there is one.
pub(super) fn hazard(folder: &Path) -> Option<PathBuf> {
    let found = NAMES.iter().map(|name| folder.join(name)).find(|file| is_special(file));
    found.or_else(|| worktree(folder))
}

/// The same for a folder and everything above it.
pub(super) fn hazard_upwards(folder: &Path) -> Option<PathBuf> {
    let real = folder.canonicalize().ok()?;
    hazard(folder).or_else(|| real.ancestors().skip(1).find_map(hazard))
}

/// There, and neither a file nor a folder.
pub(super) fn is_special(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|meta| !meta.is_file() && !meta.is_dir())
}

/// The folder of a linked worktree: its `.git` is a file that leads to `commondir`, and that to
/// `info/exclude`.
fn worktree(folder: &Path) -> Option<PathBuf> {
    let git = folder.join(".git");
    let line = first_line(&git)?;
    let private = PathBuf::from(line.strip_prefix("gitdir: ")?);
    let common = private.join("commondir");
    if is_special(&common) {
        return Some(common);
    }
    let exclude = private.join(first_line(&common)?).join("info/exclude");
    is_special(&exclude).then_some(exclude)
}

/// The first line of a regular file.
#[expect(clippy::disallowed_methods, reason = "this is the door for ignore files")]
fn first_line(file: &Path) -> Option<String> {
    if !std::fs::metadata(file).ok()?.is_file() {
        return None;
    }
    let mut head = String::new();
    File::open(file).ok()?.take(8192).read_to_string(&mut head).ok()?;
    head.lines().next().map(str::to_owned)
}
