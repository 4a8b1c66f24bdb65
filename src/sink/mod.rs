//! Where bytes go: files are written whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Writes `bytes` to `file`: into a neighbour first, then renamed over it.
#[expect(clippy::disallowed_methods, reason = "this is the door for files that are written")]
pub fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = file
        .file_name()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"))?;
    // A device or a pipe (`/dev/stdout`) cannot be replaced: it is written to.
    if fs::metadata(file).is_ok_and(|meta| !meta.is_file()) {
        return fs::OpenOptions::new().write(true).open(file)?.write_all(bytes);
    }
    let mut neighbour = file.to_owned();
    neighbour.set_file_name(format!(".{}.{}.tmp", name.to_string_lossy(), std::process::id()));
    let written = fs::File::create(&neighbour)
        .and_then(|mut out| out.write_all(bytes))
        .and_then(|()| fs::rename(&neighbour, file));
    if written.is_err() {
        let _ = fs::remove_file(&neighbour);
    }
    written
}

/// Whether something is there already, be it a link that leads nowhere.
pub fn exists(file: &Path) -> bool {
    fs::symlink_metadata(file).is_ok()
}

/// Writes a new file and the folders above it; a file that is there already is not touched.
pub fn write_new(file: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    if exists(file) {
        return Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "it is there already; remove it first, or name another folder",
        ));
    }
    write(file, bytes)
}

/// Adds lines to the end of a file, and makes it where it is not there: what was written before stays.
#[expect(clippy::disallowed_methods, reason = "this is the door for files that are written")]
pub fn append(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut out = fs::OpenOptions::new().append(true).create(true).open(file)?;
    out.write_all(bytes)
}
