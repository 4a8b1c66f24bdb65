//! File formats: bytes of an artifact → texts with positions, and fields that the format knows.
//!
//! A format never fails: what it cannot read becomes a notice, and whatever was readable is still
//! returned. Most artifacts need no format at all, because the carriers read running text of any
//! language; a format exists where the bytes on disk hide what they mean (FME encodings, base64
//! forms, escaped strings), or where it knows more than the text shows (which half of a workspace
//! is a copy of the other).

use std::borrow::Cow;

use crate::artifact::{Nature, Text};
use crate::finding::{NoticeKind, PlaceKind};
use crate::text::SourceMap;

mod base64;
pub mod fmw;
pub mod kind;
pub mod kubernetes;
pub mod recording;

/// A named value which a format knows to be one: a query parameter, a header, a parameter default.
#[derive(Debug, Clone)]
pub struct Field<'a> {
    /// `UrlQuery`/`QueryObject`, `Header`, `Body`, `Assignment` …
    pub place: PlaceKind,
    /// The name, decoded.
    pub name: String,
    /// The whole value, decoded, with the map that leads back to the artifact.
    pub value: Text<'a>,
    /// The address of the call that this belongs to, where the format knows it.
    pub url: Option<String>,
    /// The format says that it is a secret, whatever its name.
    pub secret: bool,
}

/// What a format read.
#[derive(Debug, Default)]
pub struct Reading<'a> {
    /// Texts to search.
    pub texts: Vec<Text<'a>>,
    /// Named values. Their text is searched too: do not list it again in `texts`.
    pub fields: Vec<Field<'a>>,
    /// What could not be read, for people.
    pub notices: Vec<(NoticeKind, String)>,
    /// Something inside says that this is production: a clause for people.
    pub production: Option<String>,
    /// The format stores each value several times: equal findings are copies of one.
    pub keeps_copies: bool,
}

/// A file format.
pub trait Format: Sync {
    /// Its id, as in `fixtures/<id>/`.
    fn id(&self) -> &'static str;

    /// Whether an artifact of this (lower-case) file name that begins with `head` is one.
    fn recognises(&self, name: &str, head: &[u8]) -> bool;

    /// Reads it. `bytes` is the whole artifact, UTF-8 or any ASCII-compatible encoding.
    fn read<'a>(&self, bytes: &'a [u8]) -> Reading<'a>;
}

/// Every format that needs more than running text, the most special first.
pub const FORMATS: &[&dyn Format] = &[&fmw::Fmw, &kubernetes::Kubernetes];

/// The format of an artifact, if it needs one.
pub fn detect(name: &str, head: &[u8]) -> Option<&'static dyn Format> {
    let name = name.to_ascii_lowercase();
    FORMATS.iter().copied().find(|format| format.recognises(&name, head))
}

impl<'a> Text<'a> {
    /// Running text that is a slice of the artifact, beginning at `offset`.
    pub fn slice(content: &'a [u8], offset: usize) -> Self {
        Self {
            content: Cow::Borrowed(content),
            map: SourceMap::slice(offset),
            logical: None,
            nature: Nature::Running,
        }
    }
}
