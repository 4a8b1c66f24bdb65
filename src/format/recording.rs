//! Recorded calls: which formats hold them, one file each.
//!
//! A recording that must be seen whole is a [`Recording`]; one whose lines stand for themselves is a
//! [`Lined`], and is read as a stream, so that a log of any size costs no more memory than a line.

use crate::exchange::{Exchange, Spot};
use crate::http::message::{Headers, Request, Response};
use crate::secret::Secret;

mod access_log;
pub mod command;
mod fme_job;
pub mod har;
mod http_file;
mod options;
mod postman;
pub mod shell;
mod verbose;

/// Takes the exchanges of a recording, in order, with the place of each.
pub type Each<'f> = dyn FnMut(Spot, Exchange) + 'f;

/// The longest line of a log that is looked into, in bytes; what is longer is cut.
pub const LINE_MAX: usize = 64 * 1024;

/// A format that holds recorded calls.
pub trait Recording: Sync {
    /// Its name for people.
    fn name(&self) -> &'static str;
    /// Whether a source of this name that begins like this is one. A byte-order mark is gone.
    fn recognises(&self, name: &str, head: &[u8]) -> bool;
    /// Reads every call, and returns what could not be read: where, what, and never a value.
    fn read(&self, bytes: &[u8], each: &mut Each<'_>) -> Vec<String>;
}

/// A format whose calls stand in a line each.
pub trait Lined: Sync {
    /// Its name for people.
    fn name(&self) -> &'static str;
    /// Whether a source that begins like this is one.
    fn recognises(&self, name: &str, head: &[u8]) -> bool;
    /// The call of a line, with what the format calls it.
    fn call(&self, line: &[u8]) -> Option<(Exchange, Option<String>)>;
}

/// What a source turned out to be.
#[derive(Clone, Copy)]
pub enum Format {
    /// Read as a whole.
    Whole(&'static dyn Recording),
    /// Read line by line.
    Lined(&'static dyn Lined),
}

impl std::fmt::Debug for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Format {
    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Format::Whole(format) => format.name(),
            Format::Lined(format) => format.name(),
        }
    }
}

/// Formats that are read whole, the most particular first.
pub const RECORDINGS: &[&dyn Recording] =
    &[&har::Har, &postman::Postman, &verbose::Verbose, &http_file::HttpFile, &command::Commands];

/// Formats that are read line by line, the most particular first.
pub const LINED: &[&dyn Lined] = &[&fme_job::FmeJob, &access_log::AccessLog];

/// The format of a source, by its name and its first bytes.
pub fn detect(name: &str, head: &[u8]) -> Option<Format> {
    let head = head.get(..64 * 1024).unwrap_or(head);
    let whole = RECORDINGS.iter().copied().find(|format| format.recognises(name, head));
    let lined = || LINED.iter().copied().find(|format| format.recognises(name, head));
    whole.map(Format::Whole).or_else(|| lined().map(Format::Lined))
}

/// What is known of a source, for an error.
pub fn known() -> String {
    let names: Vec<&str> = RECORDINGS
        .iter()
        .map(|format| format.name())
        .chain(LINED.iter().map(|format| format.name()))
        .collect();
    names.join(", ")
}

/// Whether a status means that somebody was refused: of a whole log, only these are given.
fn is_refusal(status: u16) -> bool {
    matches!(status, 401 | 403 | 407 | 419 | 440 | 495..=499 | 511)
}

/// A call of which a log knows method, target and status, and nothing else.
fn logged(method: &str, target: &[u8], status: u16, headers: Headers) -> Exchange {
    Exchange {
        request: Request {
            method: method.to_owned(),
            target: Secret::new(target),
            headers,
            body: None,
        },
        response: Some(Response { status, headers: Headers::default(), body: Secret::new(b"") }),
        at: None,
    }
}

/// The lines of a text with their number from 1, without their ends.
fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split('\n')
        .enumerate()
        .map(|(index, line)| (index + 1, line.strip_suffix('\r').unwrap_or(line)))
}
