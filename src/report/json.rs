//! `json`: the contract's JSON, version 1. The structs here are frozen: they are the format, and the
//! words of the program may change behind them.

use serde::Serialize;

use super::{Output, Scene};
use crate::finding::{Finding, Location, Notice, Report, Skips};
use crate::rule::RuleBook;
use crate::rule::load::SOURCES;
use crate::text::Region;

/// The contract's JSON.
#[derive(Debug)]
pub struct Json;

impl Output for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn write(&self, report: &Report, scene: &Scene<'_>) -> String {
        let document = Document {
            version: 1,
            tool: tool(scene.book),
            findings: report.findings.iter().map(|f| JsonFinding::of(f, scene)).collect(),
            notices: notices(&report.notices),
            stats: JsonStats {
                files: report.stats.files,
                bytes: report.stats.bytes,
                skipped: report.stats.skips.total(),
                reasons: JsonSkips::of(report.stats.skips),
                suppressed: report.stats.suppressed,
            },
        };
        // Plain structs with string keys: serialising them cannot fail.
        let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
        text.push('\n');
        text
    }
}

/// The program, and the version of its rule book: that of the program, and how many rules of each
/// kind.
pub(super) fn tool(book: &RuleBook) -> Tool {
    // A check does not load the causes, and has the same rule book all the same.
    let builtin = SOURCES.iter().filter(|(folder, ..)| *folder == "causes").count();
    let rules = format!(
        "{}+{}.{}.{}.{}",
        env!("CARGO_PKG_VERSION"),
        book.credentials.len(),
        book.lints.len(),
        book.causes.len().max(builtin),
        book.services.len()
    );
    Tool { name: "authward", version: env!("CARGO_PKG_VERSION"), rules }
}

/// Notices of a run.
pub(super) fn notices(notices: &[Notice]) -> Vec<JsonNotice<'_>> {
    notices
        .iter()
        .map(|n| JsonNotice { kind: n.kind.as_str(), path: &n.path, message: &n.message })
        .collect()
}

#[derive(Serialize)]
struct Document<'r> {
    version: u32,
    tool: Tool,
    findings: Vec<JsonFinding<'r>>,
    notices: Vec<JsonNotice<'r>>,
    stats: JsonStats,
}

#[derive(Serialize)]
pub(super) struct Tool {
    name: &'static str,
    version: &'static str,
    rules: String,
}

#[derive(Serialize)]
struct JsonFinding<'r> {
    lint: &'r str,
    credential: Option<&'r str>,
    severity: &'static str,
    confidence: &'static str,
    message: &'r str,
    path: &'r str,
    start: JsonPosition,
    end: JsonPosition,
    logical: Option<&'r str>,
    place: JsonPlace<'r>,
    secret: Option<JsonSecret>,
    lifetime: JsonLifetime,
    because: &'r [String],
    help: &'r str,
    next: &'r [String],
    also: Vec<JsonLocation<'r>>,
    suppressed: Option<JsonSuppression<'r>>,
}

#[derive(Serialize)]
struct JsonPosition {
    line: u64,
    column: u64,
}

#[derive(Serialize)]
struct JsonPlace<'r> {
    kind: &'static str,
    name: &'r str,
}

#[derive(Serialize)]
struct JsonSecret {
    masked: String,
    length: usize,
    fingerprint: Option<String>,
}

#[derive(Serialize)]
struct JsonLifetime {
    state: &'static str,
    expires: Option<String>,
    basis: String,
}

#[derive(Serialize)]
struct JsonLocation<'r> {
    path: &'r str,
    start: JsonPosition,
    end: JsonPosition,
    logical: Option<&'r str>,
}

#[derive(Serialize)]
struct JsonSuppression<'r> {
    kind: &'static str,
    reason: &'r str,
}

#[derive(Serialize)]
pub(super) struct JsonNotice<'r> {
    kind: &'static str,
    path: &'r str,
    message: &'r str,
}

#[derive(Serialize)]
struct JsonStats {
    files: u64,
    bytes: u64,
    skipped: u64,
    reasons: JsonSkips,
    suppressed: u64,
}

/// Why files were skipped.
#[derive(Serialize)]
struct JsonSkips {
    binary: u64,
    excluded: u64,
    links: u64,
    special: u64,
    ignored: u64,
    ignored_folders: u64,
}

impl JsonSkips {
    fn of(skips: Skips) -> Self {
        let Skips { binary, excluded, links, special, ignored, ignored_folders } = skips;
        Self { binary, excluded, links, special, ignored, ignored_folders }
    }
}

fn positions(region: Region) -> (JsonPosition, JsonPosition) {
    let of = |p: crate::text::Position| JsonPosition { line: p.line, column: p.column };
    (of(region.start), of(region.end))
}

impl<'r> JsonLocation<'r> {
    fn of(location: &'r Location) -> Self {
        let (start, end) = positions(location.region);
        Self { path: &location.path, start, end, logical: location.logical.as_deref() }
    }
}

impl<'r> JsonFinding<'r> {
    fn of(finding: &'r Finding, scene: &Scene<'_>) -> Self {
        let (start, end) = positions(finding.location.region);
        let credential = finding.credential.as_ref();
        let lifetime = credential.map(|c| &c.lifetime);
        Self {
            lint: &finding.lint,
            credential: credential.map(|c| c.kind.as_str()),
            severity: finding.severity.as_str(),
            confidence: finding.confidence.as_str(),
            message: &finding.message,
            path: &finding.location.path,
            start,
            end,
            logical: finding.location.logical.as_deref(),
            place: JsonPlace { kind: finding.place.kind.as_str(), name: &finding.place.name },
            secret: credential.map(|c| JsonSecret {
                masked: c.secret.mask(),
                length: c.secret.char_count(),
                fingerprint: finding.fingerprint.map(|f| f.to_string()),
            }),
            lifetime: JsonLifetime {
                state: lifetime.map_or("unknown", |l| l.state(scene.at).as_str()),
                expires: lifetime.and_then(|l| l.expires).map(|e| e.to_string()),
                basis: lifetime.map_or_else(String::new, |l| l.basis.to_string()),
            },
            because: &finding.because,
            help: &finding.help,
            next: &finding.next,
            also: finding.also.iter().map(JsonLocation::of).collect(),
            suppressed: finding
                .suppressed
                .as_ref()
                .map(|s| JsonSuppression { kind: s.kind, reason: &s.reason }),
        }
    }
}
