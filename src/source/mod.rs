//! Where bytes come from: files, standard input, archives. Bytes come in windows, never whole, so
//! that a line of a gigabyte costs no more memory than a short one.

pub mod archive;
pub mod decode;
pub mod walk;
pub mod window;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::artifact::{Artifact, Origin};
use crate::finding::{Notice, NoticeKind};

/// What reading gives, artifact by artifact.
pub trait Visitor {
    /// One window of an artifact, in order.
    fn window(&mut self, artifact: &Artifact, window: &crate::artifact::Window<'_>);
    /// An artifact was searched to its end.
    fn searched(&mut self, artifact: &Artifact, bytes: u64);
    /// An artifact was left out because it is binary.
    fn binary(&mut self, artifact: &Artifact);
    /// Something to say about the run.
    fn notice(&mut self, notice: Notice);
}

/// Reads the file at `path`, shown as `shown`.
#[expect(clippy::disallowed_methods, reason = "this is the door for files that are read")]
pub fn file(path: &Path, shown: &str, visitor: &mut dyn Visitor) {
    let artifact = Artifact::file(shown);
    let mut fail =
        |kind, message: String| visitor.notice(Notice { path: shown.to_owned(), kind, message });
    // A FIFO or a device would block or never end: look before opening.
    match std::fs::metadata(path) {
        Err(error) => {
            return fail(NoticeKind::Unreadable, format!("cannot be read: {}", reason(&error)));
        }
        Ok(meta) if !meta.is_file() => {
            return fail(
                NoticeKind::Skipped,
                "is no regular file (a pipe, socket or device) and was not opened".to_owned(),
            );
        }
        Ok(_) => {}
    }
    match File::open(path) {
        Err(error) => fail(NoticeKind::Unreadable, format!("cannot be opened: {}", reason(&error))),
        Ok(file) => match archive::kind_of(shown) {
            Some(kind) => archive::read(kind, file, &artifact, visitor),
            None => stream(&artifact, file, visitor),
        },
    }
}

/// Reads standard input, shown as `name`.
pub fn stdin(name: &str, visitor: &mut dyn Visitor) {
    let artifact = Artifact { path: name.to_owned(), origin: Origin::Stdin };
    stream(&artifact, std::io::stdin().lock(), visitor);
}

/// Reads a stream of bytes as one artifact.
pub fn stream(artifact: &Artifact, reader: impl Read, visitor: &mut dyn Visitor) {
    match window::each(artifact, reader, visitor) {
        Ok(window::Outcome::Searched(bytes)) => visitor.searched(artifact, bytes),
        Ok(window::Outcome::Binary) => visitor.binary(artifact),
        Err(error) => visitor.notice(Notice {
            path: artifact.path.clone(),
            kind: NoticeKind::Unreadable,
            message: format!("could not be read to its end: {}", reason(&error)),
        }),
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

/// The whole of a small text file; the error says why the system refused.
#[expect(clippy::disallowed_methods, reason = "this is the door for files that are read")]
pub fn text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| reason(&error))
}
