//! What is looked at: an artifact (a file, a stream, a member of an archive), what it is for, and
//! whether it belongs to production.

use crate::text::{LineIndex, SourceMap};

/// Where the bytes of an artifact come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A file on disk.
    File,
    /// Standard input.
    Stdin,
    /// A member of an archive; the artifact's path is `archive!member`.
    Member,
    /// A blob of a git repository.
    GitBlob {
        /// The commit it was read from; `None` for the index.
        commit: Option<String>,
    },
}

/// What an artifact is for. It decides which values can be literal and which lints apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Source code: bare words are expressions, variables are the rule.
    Code,
    /// Shell, batch, PowerShell and pipelines: bare words are values.
    Script,
    /// Configuration and data: bare words are values.
    Config,
    /// A description of an API or a recorded collection of calls.
    Api,
    /// An FME workspace, transformer or mapping file.
    Workspace,
    /// A request log or a job log.
    Log,
    /// Prose: variables and placeholders are the point.
    Docs,
    /// A template that is filled in later (`.env.example`, `*.tpl`).
    Template,
    /// Anything else.
    Other,
}

impl Role {
    /// The word that rules use.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Code => "code",
            Role::Script => "script",
            Role::Config => "config",
            Role::Api => "api",
            Role::Workspace => "workspace",
            Role::Log => "log",
            Role::Docs => "docs",
            Role::Template => "template",
            Role::Other => "other",
        }
    }
}

/// Where an artifact runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Environment {
    /// Real work depends on it.
    Production,
    /// Anything that says it is not production.
    NonProduction,
}

impl Environment {
    /// The word that rules use.
    pub fn as_str(self) -> &'static str {
        match self {
            Environment::Production => "production",
            Environment::NonProduction => "non-production",
        }
    }
}

/// The environment of an artifact and what says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentEvidence {
    /// The environment.
    pub environment: Environment,
    /// A clause for people: `the file name says production`.
    pub because: String,
}

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Path as shown: relative to where the command runs, with `/`.
    pub path: String,
    /// Where the bytes come from.
    pub origin: Origin,
}

impl Artifact {
    /// A file on disk, shown as `path`.
    pub fn file(path: impl Into<String>) -> Self {
        Self { path: path.into(), origin: Origin::File }
    }

    /// The last component of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit(['/', '!']).next().unwrap_or(&self.path)
    }
}

/// A view of an artifact that can be searched: the artifact itself, or something decoded from it.
#[derive(Debug, Clone)]
pub struct Text<'a> {
    /// The bytes.
    pub content: std::borrow::Cow<'a, [u8]>,
    /// The way back to the artifact's own bytes.
    pub map: SourceMap,
    /// Where this stands in the logic of the format (`HTTPCaller_2 › TARGET_URL`), where the
    /// format knows it.
    pub logical: Option<String>,
    /// What a bare word means here.
    pub nature: Nature,
}

/// What a text is made of, which decides how a value ends in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// A file or a piece of one: names, separators and values in running text.
    Running,
    /// One value, whole: the text of an attribute or of a field. A URL in it reaches to its end.
    Value,
}

/// A window of an artifact: the bytes at hand and where they stand.
#[derive(Debug)]
pub struct Window<'a> {
    /// The bytes, with context before and after the body.
    pub bytes: &'a [u8],
    /// Only what begins in the body is reported; the rest is context.
    pub body: crate::text::Span,
    /// Position of the first byte in the artifact.
    pub first: crate::text::Position,
    /// Whether this is the first window, and the last.
    pub is_whole: bool,
    /// The beginning of the artifact: what it is for is told there, whatever the window.
    pub head: &'a [u8],
}

/// How much of an artifact its head is, in bytes.
pub const HEAD: usize = 64 << 10;

impl<'a> Window<'a> {
    /// A window that holds the whole artifact.
    pub fn whole(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            body: crate::text::Span::new(0, bytes.len()),
            first: crate::text::Position { line: 1, column: 1 },
            is_whole: true,
            head: bytes.get(..HEAD).unwrap_or(bytes),
        }
    }

    /// Lines and columns of this window.
    pub fn lines(&self) -> LineIndex<'a> {
        LineIndex::new(self.bytes, self.first)
    }
}
