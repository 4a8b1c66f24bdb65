//! What was found: a credential in a place, a finding about it, and notices about the run.

use std::collections::BTreeSet;

use crate::secret::{Fingerprint, Secret};
use crate::text::Region;
use crate::time::Lifetime;

/// Where in the protocol something is carried, with the name it is carried under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlaceKind {
    /// `?name=value`
    UrlQuery,
    /// `#name=value`
    UrlFragment,
    /// `;name=value` in a path
    UrlMatrix,
    /// A segment of a path
    UrlPath,
    /// `user:value@host`
    Userinfo,
    /// A request header
    Header,
    /// A cookie
    Cookie,
    /// A form or message body
    Body,
    /// A query written as data: `params={"name": value}`
    QueryObject,
    /// `name = value`
    Assignment,
    /// A line of a log
    LogLine,
    /// Nowhere in particular
    Bare,
}

impl PlaceKind {
    /// The word of the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            PlaceKind::UrlQuery => "url-query",
            PlaceKind::UrlFragment => "url-fragment",
            PlaceKind::UrlMatrix => "url-matrix",
            PlaceKind::UrlPath => "url-path",
            PlaceKind::Userinfo => "userinfo",
            PlaceKind::Header => "header",
            PlaceKind::Cookie => "cookie",
            PlaceKind::Body => "body",
            PlaceKind::QueryObject => "query-object",
            PlaceKind::Assignment => "assignment",
            PlaceKind::LogLine => "log-line",
            PlaceKind::Bare => "bare",
        }
    }

    /// Whether the value ends up in the address of the call.
    pub fn is_query(self) -> bool {
        matches!(
            self,
            PlaceKind::UrlQuery
                | PlaceKind::UrlFragment
                | PlaceKind::UrlMatrix
                | PlaceKind::QueryObject
        )
    }
}

/// A place and the name used there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Where in the protocol.
    pub kind: PlaceKind,
    /// The parameter, header or key, as written.
    pub name: String,
}

/// Where in the artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// Path as shown.
    pub path: String,
    /// Lines and columns.
    pub region: Region,
    /// The place in the logic of the format (`HTTPCaller_2 › TARGET_URL`).
    pub logical: Option<String>,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good to know.
    Note,
    /// Should be mended.
    Warning,
    /// Must be mended: fails a gate by default.
    Error,
}

impl Severity {
    /// The word of the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// How sure a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// It may well be something else.
    Low,
    /// Probably.
    Medium,
    /// As good as certain.
    High,
}

impl Confidence {
    /// The word of the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }
    }
}

/// A credential that was recognised: what it is, where it travels and how long it lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The id of its rule.
    pub kind: String,
    /// Its name for people.
    pub name: String,
    /// How sure we are that it is one.
    pub confidence: Confidence,
    /// Its value.
    pub secret: Secret,
    /// How long it lives.
    pub lifetime: Lifetime,
}

/// A line of the artifact for the reader, with every secret in it masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The text, masked, cut to a readable width; not yet made safe for a terminal.
    pub text: String,
    /// First character of what is meant, from 0.
    pub start: usize,
    /// One past its last character.
    pub end: usize,
}

/// A problem at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The id of the lint.
    pub lint: String,
    /// The credential, where there is one.
    pub credential: Option<Credential>,
    /// How grave it is.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// One sentence.
    pub message: String,
    /// Where in the artifact.
    pub location: Location,
    /// Where in the protocol.
    pub place: Place,
    /// The keyed fingerprint of the secret.
    pub fingerprint: Option<Fingerprint>,
    /// What to do instead.
    pub help: String,
    /// Ordered next steps.
    pub next: Vec<String>,
    /// The facts that made the lint speak, for people.
    pub because: Vec<String>,
    /// Copies which the format itself keeps.
    pub also: Vec<Location>,
    /// The line, masked.
    pub excerpt: Option<Excerpt>,
    /// The reason given for ignoring it, when it is ignored.
    pub suppressed: Option<Suppression>,
}

/// Why a finding is not counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// What suppresses it: `inline`, `baseline`, `config`.
    pub kind: &'static str,
    /// The reason that was given.
    pub reason: String,
}

impl Finding {
    /// The order of every report: path, line, column, lint.
    pub fn order(&self) -> (&str, crate::text::Position, &str, crate::text::Position) {
        let region = self.location.region;
        (&self.location.path, region.start, &self.lint, region.end)
    }
}

/// What kind of thing a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoticeKind {
    /// Could not be opened or read.
    Unreadable,
    /// Could be read, but not understood; searched as far as possible.
    Undecoded,
    /// Was left out on purpose.
    Skipped,
    /// A limit was reached.
    Limit,
    /// An ignore comment that suppresses nothing any more.
    UnusedIgnore,
    /// An ignore comment whose date has passed.
    ExpiredIgnore,
    /// An ignore comment that cannot be read.
    InvalidIgnore,
    /// Something failed inside the program.
    Internal,
    /// What was asked for is not there.
    NotFound,
}

impl NoticeKind {
    /// The word of the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            NoticeKind::Unreadable => "unreadable",
            NoticeKind::Undecoded => "undecoded",
            NoticeKind::Skipped => "skipped",
            NoticeKind::Limit => "limit",
            NoticeKind::UnusedIgnore => "unused-ignore",
            NoticeKind::ExpiredIgnore => "expired-ignore",
            NoticeKind::InvalidIgnore => "invalid-ignore",
            NoticeKind::Internal => "internal",
            NoticeKind::NotFound => "not-found",
        }
    }

    /// Whether the run is incomplete because of it (exit code 4).
    pub fn is_incomplete(self) -> bool {
        matches!(
            self,
            NoticeKind::Unreadable
                | NoticeKind::Undecoded
                | NoticeKind::Limit
                | NoticeKind::Internal
        )
    }
}

/// A word about the run, not about the code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notice {
    /// Path as shown; empty when it is about the whole run.
    pub path: String,
    /// What it is about.
    pub kind: NoticeKind,
    /// One sentence: what, where, what to do.
    pub message: String,
}

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Artifacts searched.
    pub files: u64,
    /// Bytes searched.
    pub bytes: u64,
    /// Artifacts left out, by reason.
    pub skips: Skips,
    /// Findings suppressed.
    pub suppressed: u64,
}

/// Why an artifact is not searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Skip {
    /// It is no text.
    Binary,
    /// The config leaves it out.
    Excluded,
    /// A symbolic link to a folder, or to what lies outside of what is scanned.
    Link,
    /// A pipe, a socket or a device.
    Special,
    /// An ignore file (`.gitignore` and the like) leaves it out.
    Ignored,
    /// The same of a folder, which counts once with all that is in it.
    IgnoredFolder,
}

/// How many artifacts were left out, by reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Skips {
    /// See [`Skip::Binary`].
    pub binary: u64,
    /// See [`Skip::Excluded`].
    pub excluded: u64,
    /// See [`Skip::Link`].
    pub links: u64,
    /// See [`Skip::Special`].
    pub special: u64,
    /// See [`Skip::Ignored`].
    pub ignored: u64,
    /// See [`Skip::IgnoredFolder`].
    pub ignored_folders: u64,
}

impl Skips {
    /// Counts one more.
    pub fn add(&mut self, why: Skip) {
        *match why {
            Skip::Binary => &mut self.binary,
            Skip::Excluded => &mut self.excluded,
            Skip::Link => &mut self.links,
            Skip::Special => &mut self.special,
            Skip::Ignored => &mut self.ignored,
            Skip::IgnoredFolder => &mut self.ignored_folders,
        } += 1;
    }

    /// Counts those of another part of the run.
    pub fn merge(&mut self, other: Skips) {
        let Skips { binary, excluded, links, special, ignored, ignored_folders } = other;
        self.binary += binary;
        self.excluded += excluded;
        self.links += links;
        self.special += special;
        self.ignored += ignored;
        self.ignored_folders += ignored_folders;
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.files() + self.ignored_folders
    }

    /// Those that are no folders.
    pub fn files(&self) -> u64 {
        self.binary + self.excluded + self.links + self.special + self.ignored
    }
}

/// Everything that a run has to say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// What was found, in order.
    pub findings: Vec<Finding>,
    /// About the run.
    pub notices: Vec<Notice>,
    /// Counts.
    pub stats: Stats,
    /// Every secret that was met, also where its finding is not told: none may be shown.
    pub secrets: BTreeSet<Secret>,
    /// The run follows one credential: its suppressed places are shown, too.
    pub follows_one: bool,
}

impl Report {
    /// The findings that are shown to people.
    pub fn shown(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.suppressed.is_none() || self.follows_one)
    }
}
