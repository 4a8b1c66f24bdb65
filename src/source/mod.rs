//! Where bytes come from: files, standard input, archives. Bytes come in windows, never whole, so
//! that a line of a gigabyte costs no more memory than a short one.

pub mod archive;
pub mod decode;
mod ignores;
pub mod path;
mod patient;
mod tar;
pub mod walk;
pub mod window;

use std::fs::File;
use std::io::{BufRead, Cursor, Read, Seek};
use std::path::{Path, PathBuf};

use crate::artifact::{Artifact, Origin};
use crate::finding::{Notice, NoticeKind, Skip};

/// What reading gives, artifact by artifact.
pub trait Visitor {
    /// One window of an artifact, in order.
    fn window(&mut self, artifact: &Artifact, window: &crate::artifact::Window<'_>);
    /// An artifact was searched: to its end, or as far as it could be read.
    fn searched(&mut self, artifact: &Artifact, bytes: u64);
    /// An artifact was left out.
    fn skipped(&mut self, artifact: &Artifact, why: Skip);
    /// Something to say about the run.
    fn notice(&mut self, notice: Notice);
}

/// Reads the file at `path`, shown as `shown`.
#[expect(clippy::disallowed_methods, reason = "this is the door for files that are read")]
pub fn file(path: &Path, shown: &str, visitor: &mut dyn Visitor) {
    let artifact = Artifact::file(shown);
    let notice = |kind, message: String| Notice { path: shown.to_owned(), kind, message };
    // A FIFO or a device would block or never end: look before opening.
    match std::fs::metadata(path) {
        Err(error) => {
            let message = format!("cannot be read: {}", reason(&error));
            return visitor.notice(notice(NoticeKind::Unreadable, message));
        }
        Ok(meta) if !meta.is_file() => {
            visitor.notice(notice(NoticeKind::Skipped, walk::SPECIAL.to_owned()));
            return visitor.skipped(&artifact, Skip::Special);
        }
        Ok(_) => {}
    }
    match File::open(path) {
        Ok(file) => opened(file, &artifact, visitor),
        Err(error) => {
            let message = format!("cannot be opened: {}", reason(&error));
            visitor.notice(notice(NoticeKind::Unreadable, message));
        }
    }
}

fn opened(mut file: File, artifact: &Artifact, visitor: &mut dyn Visitor) {
    let mut head = Vec::with_capacity(window::FIRST);
    // An error while reading is met again, and told, where the file is searched.
    let read = file.by_ref().take(window::FIRST as u64).read_to_end(&mut head);
    if let Some(kind) = archive::kind_of(artifact.name(), &head) {
        return match file.rewind() {
            Ok(()) => archive::read(kind, file, artifact, visitor),
            Err(error) => unfinished(artifact, &error, visitor),
        };
    }
    // Most files are read by now: asking for more would be one call to the system too many.
    let outcome = if read.is_ok() && head.len() < window::FIRST {
        window::each_after(artifact, head, std::io::empty(), visitor)
    } else {
        window::each_after(artifact, head, file, visitor)
    };
    tell(artifact, &outcome, visitor);
}

/// Reads standard input, shown as `name`.
pub fn stdin(name: &str, visitor: &mut dyn Visitor) {
    let artifact = Artifact { path: name.to_owned(), origin: Origin::Stdin };
    let mut reader = patient::Patient::new(std::io::stdin().lock());
    let mut head = Vec::with_capacity(archive::HEAD);
    // The patient reader does not fail: why it ended is asked below.
    let _ = reader.by_ref().take(archive::MAGIC).read_to_end(&mut head);
    let kind = archive::kind_of(artifact.name(), &head);
    let mut whole = Cursor::new(head).chain(reader.by_ref());
    let searched = match kind {
        Some(kind) => {
            archive::stream(kind, &mut whole, &artifact, visitor);
            None
        }
        None => Some(window::each(&artifact, whole, visitor).searched),
    };
    let failure = reader.failure();
    if let Some(searched) = searched {
        report(&artifact, searched, failure.is_some(), visitor);
    }
    if let Some(error) = failure {
        unfinished(&artifact, &error, visitor);
    }
}

/// Reads a stream of bytes as one artifact.
pub fn stream(artifact: &Artifact, reader: impl Read, visitor: &mut dyn Visitor) {
    let outcome = window::each(artifact, reader, visitor);
    tell(artifact, &outcome, visitor);
}

fn tell(artifact: &Artifact, outcome: &window::Outcome, visitor: &mut dyn Visitor) {
    report(artifact, outcome.searched, outcome.failure.is_some(), visitor);
    if let Some(error) = &outcome.failure {
        unfinished(artifact, error, visitor);
    }
}

fn unfinished(artifact: &Artifact, error: &std::io::Error, visitor: &mut dyn Visitor) {
    let message =
        format!("could not be read to its end: {}; what came before was searched", reason(error));
    let path = artifact.path.clone();
    visitor.notice(Notice { path, kind: NoticeKind::Unreadable, message });
}

/// Tells the visitor how reading ended: `None` was searched of what is no text.
fn report(artifact: &Artifact, searched: Option<u64>, failed: bool, visitor: &mut dyn Visitor) {
    match searched {
        None => visitor.skipped(artifact, Skip::Binary),
        // Nothing could be read at all.
        Some(0) if failed => {}
        Some(bytes) => visitor.searched(artifact, bytes),
    }
}

/// Why the system refused, without its error number.
pub fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.rfind(" (os error") {
        Some(at) => text.get(..at).unwrap_or(&text).to_lowercase(),
        None => text,
    }
}

/// The whole of a text file of at most `most` bytes; the error says why not.
#[expect(clippy::disallowed_methods, reason = "this is the door for files that are read")]
pub fn text(path: &Path, most: u64) -> Result<String, String> {
    let meta = std::fs::metadata(path).map_err(|error| reason(&error))?;
    if !meta.is_file() {
        return Err("it is no regular file".to_owned());
    }
    let too_large = |size: u64| format!("it is {size} bytes large; at most {most} are read");
    if meta.len() > most {
        return Err(too_large(meta.len()));
    }
    let mut text = String::new();
    let read = File::open(path).and_then(|f| f.take(most + 1).read_to_string(&mut text));
    match read {
        Ok(size) if size as u64 > most => Err(too_large(size as u64)),
        Ok(_) => Ok(text),
        Err(error) => Err(reason(&error)),
    }
}

/// A file, or standard input for `-`, to be read from its beginning; the error says why not.
#[expect(clippy::disallowed_methods, reason = "this is the door for files that are read")]
pub fn open(path: &Path) -> Result<Box<dyn Read>, String> {
    if path == Path::new("-") {
        return Ok(Box::new(std::io::stdin()));
    }
    let meta = std::fs::metadata(path).map_err(|error| reason(&error))?;
    if !meta.is_file() {
        return Err("it is no regular file".to_owned());
    }
    File::open(path).map(|file| Box::new(file) as Box<dyn Read>).map_err(|error| reason(&error))
}

/// The files of a folder and of those in it, by name, at most `depth` folders deep. No link is
/// followed.
#[expect(clippy::disallowed_methods, reason = "this is the door for folders that are read")]
pub fn files(folder: &Path, depth: usize) -> Result<Vec<PathBuf>, String> {
    let mut entries = std::fs::read_dir(folder)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| reason(&error))?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    let mut out = Vec::new();
    for entry in entries {
        match entry.file_type() {
            Ok(kind) if kind.is_file() => out.push(entry.path()),
            Ok(kind) if kind.is_dir() && depth > 1 => out.extend(files(&entry.path(), depth - 1)?),
            _ => {}
        }
    }
    Ok(out)
}

/// Gives the lines of a stream with their number from 1. A line that is longer than `most` is cut,
/// and the rest of it costs no memory.
pub fn lines(
    from: impl Read,
    most: usize,
    each: &mut dyn FnMut(usize, &[u8]),
) -> Result<(), String> {
    let mut from = std::io::BufReader::with_capacity(256 * 1024, from);
    let mut line = Vec::new();
    let mut number = 1;
    loop {
        let buffer = from.fill_buf().map_err(|error| reason(&error))?;
        if buffer.is_empty() {
            break;
        }
        let end = memchr::memchr(b'\n', buffer);
        let piece = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
        let room = most.saturating_sub(line.len()).min(piece.len());
        line.extend_from_slice(piece.get(..room).unwrap_or_default());
        let used = piece.len() + usize::from(end.is_some());
        from.consume(used);
        if end.is_some() {
            each(number, line.strip_suffix(b"\r").unwrap_or(&line));
            line.clear();
            number += 1;
        }
    }
    if !line.is_empty() {
        each(number, &line);
    }
    Ok(())
}

/// The whole of a file of at most `most` bytes, or of standard input for `-`; the error says why not.
#[expect(clippy::disallowed_methods, reason = "this is the door for files that are read")]
pub fn whole(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(most + 1).read_to_end(&mut bytes)
    } else {
        let meta = std::fs::metadata(path).map_err(|error| reason(&error))?;
        if !meta.is_file() {
            return Err("it is no regular file".to_owned());
        }
        File::open(path).and_then(|f| f.take(most + 1).read_to_end(&mut bytes))
    };
    match read {
        Ok(size) if size as u64 > most => {
            Err(format!("it is too large; at most {most} bytes are read"))
        }
        Ok(_) => Ok(bytes),
        Err(error) => Err(reason(&error)),
    }
}
