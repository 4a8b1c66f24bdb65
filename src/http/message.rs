//! Requests and responses as they were recorded (RFC 9110): what the second river reads.
//!
//! Every value is a [`Secret`], because any header, target or body may hold a credential: a message
//! can be logged or printed by mistake without telling anything.

use crate::secret::Secret;

/// Header fields in order, duplicates kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers {
    fields: Vec<(String, Secret)>,
    /// The record leaves fields out: that one is not here says nothing.
    partial: bool,
}

impl Headers {
    /// Those of a log line, which names a few fields and leaves the others out.
    pub fn partial() -> Self {
        Self { fields: Vec::new(), partial: true }
    }

    /// Says that the record leaves fields out.
    pub fn set_partial(&mut self) {
        self.partial = true;
    }

    /// Whether the record leaves fields out.
    pub fn is_partial(&self) -> bool {
        self.partial
    }

    /// Adds a field. Names are compared without case and kept in lower case.
    pub fn add(&mut self, name: &str, value: &[u8]) {
        self.fields.push((name.to_ascii_lowercase(), Secret::new(value)));
    }

    /// Every value of a field, in order.
    pub fn all<'h>(&'h self, name: &str) -> impl Iterator<Item = &'h Secret> {
        let name = name.to_ascii_lowercase();
        self.fields.iter().filter(move |(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Every field, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Secret)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Whether no field is known: a log line has none, an answer always has some.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Names in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(name, _)| name.as_str())
    }
}

/// A request as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET` and its kin, as written.
    pub method: String,
    /// The target of the request line: a path with its query, or a whole address.
    pub target: Secret,
    /// Its header fields.
    pub headers: Headers,
    /// Its body, where there was one.
    pub body: Option<Secret>,
}

/// The status of an answer of which only the words are known: a line of a log that says no.
pub const UNKNOWN: u16 = 0;

/// A response as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code, or [`UNKNOWN`].
    pub status: u16,
    /// Its header fields.
    pub headers: Headers,
    /// Its body, as far as it was recorded.
    pub body: Secret,
}
