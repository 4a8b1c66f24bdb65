//! Ignore comments: `authward: ignore[credential-in-query] reason`, `ignore-next[…]`, `ignore-file[…]`,
//! each with an optional `until 2027-01-31`.
//!
//! A comment that ignores nothing, or whose day has passed, is reported: an ignore nobody needs is a
//! door left open.

use std::collections::BTreeMap;

use memchr::memmem;

use super::comment::{self, Comments};
use crate::artifact::{Artifact, Window};
use crate::fact::{nearest, quoted};
use crate::finding::{Finding, Notice, NoticeKind, Suppression};
use crate::text::{Span, lossless};
use crate::time::{DAY, Instant};

/// What an ignore comment covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Its own line.
    Line,
    /// The line after it.
    Next,
    /// The whole file; only within the first lines.
    File,
}

/// An ignore comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// What it covers.
    pub scope: Scope,
    /// The lints it names.
    pub lints: Vec<String>,
    /// Why.
    pub reason: String,
    /// Until when.
    pub until: Option<Instant>,
}

/// Where `ignore-file` may stand, in lines from the top.
const FILE_LINES: u64 = 20;
/// The longest comment, in bytes.
const TEXT_MAX: usize = 500;
/// The most bytes that may stand before it on its line; behind more, nobody reads it.
const BEFORE_MAX: usize = 4000;
const MARK: &[u8] = b"authward:";
const OUTSIDE: &str = "an ignore counts only in a comment, not in a string, a log or data, which others may have written; to accept a value there, list its fingerprint under `allow:` in authward.yaml";

/// Reads the directive that follows the mark, if it is one. `Err` says what is wrong with it.
pub fn parse(text: &str) -> Option<Result<Directive, String>> {
    let text = text.trim_start();
    let (scope, rest) =
        [("ignore-next", Scope::Next), ("ignore-file", Scope::File), ("ignore", Scope::Line)]
            .into_iter()
            .find_map(|(word, scope)| Some((scope, text.strip_prefix(word)?)))?;
    Some(body(scope, rest))
}

fn body(scope: Scope, rest: &str) -> Result<Directive, String> {
    let inner = rest.strip_prefix('[').and_then(|r| r.split_once(']'));
    let Some((list, reason)) = inner else {
        return Err(
            "name the lints to ignore in brackets: ignore[credential-in-query] reason".to_owned()
        );
    };
    let (list, inside) = split_until(list);
    let (reason, behind) = split_until(reason);
    let lints: Vec<String> =
        list.split(',').map(|l| l.trim().to_owned()).filter(|l| !l.is_empty()).collect();
    if lints.is_empty() {
        return Err(
            "name the lints to ignore: an ignore of everything hides what comes later".to_owned()
        );
    }
    let until = match inside.or(behind) {
        None => None,
        Some(day) => Some(end_of(day).ok_or_else(|| no_day(day))?),
    };
    let reason = reason.trim().trim_end_matches("*/").trim_end_matches("-->").trim();
    Ok(Directive { scope, lints, reason: reason.to_owned(), until })
}

/// The end of a day, which still belongs to it, or a moment.
pub fn end_of(day: &str) -> Option<Instant> {
    let moment = Instant::parse(day)?;
    Some(if day.trim().len() == "2027-01-31".len() { moment.plus(DAY) } else { moment })
}

/// What stands in a comment is shown only when it looks like what it should be: it may be a secret.
fn no_day(typed: &str) -> String {
    let is_date = (8..=10).contains(&typed.len())
        && typed.matches('-').count() == 2
        && typed.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let what = if is_date { format!("`{typed}`") } else { "what follows `until`".to_owned() };
    format!("{what} is no day like 2027-01-31")
}

/// Splits `… until 2027-01-31 …` off. In a reason the word may also be just a word: it is meant as a
/// day when it looks like one, or when nothing else follows.
fn split_until(text: &str) -> (&str, Option<&str>) {
    let meant = text.split_once("until ").filter(|(_, after)| {
        after.starts_with(|c: char| c.is_ascii_digit())
            || after.trim_end_matches("*/").trim_end_matches("-->").split_whitespace().count() <= 1
    });
    match meant {
        Some((before, after)) => {
            let day = after
                .split_whitespace()
                .next()
                .unwrap_or_default()
                .trim_end_matches([']', ',', '.', ')']);
            (before, Some(day))
        }
        None => (text, None),
    }
}

/// What ignores are judged by.
#[derive(Debug, Clone, Copy)]
pub struct Run<'r> {
    /// The artifact they stand in.
    pub artifact: &'r Artifact,
    /// The moment against which `until` is held.
    pub at: Instant,
    /// Every lint there is.
    pub lints: &'r [&'r str],
}

/// An ignore that counts, the line it stands in, and whether it was of use.
#[derive(Debug)]
struct Standing {
    directive: Directive,
    line: u64,
    used: bool,
}

impl Standing {
    /// The line it covers; `None` for the whole file.
    fn target(&self) -> Option<u64> {
        match self.directive.scope {
            Scope::Line => Some(self.line),
            Scope::Next => Some(self.line + 1),
            Scope::File => None,
        }
    }

    fn unused(&self, artifact: &Artifact) -> Notice {
        let word = if self.directive.scope == Scope::File { "ignore-file" } else { "ignore" };
        Notice {
            path: artifact.path.clone(),
            kind: NoticeKind::UnusedIgnore,
            message: format!("line {}: the {word} comment ignores nothing; remove it", self.line),
        }
    }
}

/// Ignores of one artifact, gathered over its windows.
#[derive(Debug, Default)]
pub struct Ignores {
    /// Those whose line may still go on in the next window, and those of the whole file.
    standing: Vec<Standing>,
    comments: Option<Comments>,
    refused: bool,
}

impl Ignores {
    /// Gathers the comments of this window.
    pub fn gather(&mut self, window: &Window<'_>, run: &Run<'_>, notices: &mut Vec<Notice>) {
        // Only the beginning of an artifact tells what it is.
        let head = window.bytes.get(..window.bytes.len().min(8192)).unwrap_or_default();
        let comments = *self.comments.get_or_insert_with(|| comment::of(run.artifact, head));
        // A mark across the edge belongs to the window in which it begins.
        let end = (window.body.end + MARK.len() - 1).min(window.bytes.len());
        let searched = Span::new(window.body.start, end).of(window.bytes);
        let mut marks = memmem::find_iter(searched, MARK).peekable();
        if marks.peek().is_none() {
            return;
        }
        let lines = window.lines();
        for mark in marks {
            let start = window.body.start + mark + MARK.len();
            let around = lines.line_span(start.saturating_sub(1));
            // A comment is short, and so is what may stand before it: in a line of megabytes each
            // mark costs no more than this.
            let end = around.end.max(start).min(start + TEXT_MAX);
            let from = around.start.min(start).max(start.saturating_sub(BEFORE_MAX));
            let before = Span::new(from, start - MARK.len()).of(window.bytes);
            if from > around.start {
                continue;
            }
            let text = lossless(Span::new(start, end).of(window.bytes)).into_owned();
            let line = lines.position(start).line;
            if !comment::leads(comments, before) {
                // Said once: what was sent by others could fill the report.
                if parse(&text).is_some() && !std::mem::replace(&mut self.refused, true) {
                    notices.push(Notice {
                        path: run.artifact.path.clone(),
                        kind: NoticeKind::InvalidIgnore,
                        message: format!("line {line}: {OUTSIDE}"),
                    });
                }
                continue;
            }
            for (kind, what) in self.comment(&text, line, run) {
                let message = format!("line {line}: {what}");
                notices.push(Notice { path: run.artifact.path.clone(), kind, message });
            }
        }
    }

    /// Lets go of the comments that cover nothing behind this window, whose findings were judged.
    pub fn pass(&mut self, window: &Window<'_>, run: &Run<'_>, notices: &mut Vec<Notice>) {
        if self.standing.is_empty() {
            return;
        }
        let lines = window.lines();
        let last = lines.position(window.body.end).line;
        self.standing.retain(|ignore| {
            let may_go_on = ignore.target().is_none_or(|line| line >= last);
            if !may_go_on && !ignore.used {
                notices.push(ignore.unused(run.artifact));
            }
            may_go_on
        });
    }

    /// Holds findings against every ignore that stands; that of a line before that of the file.
    pub fn judge(&mut self, findings: &mut [&mut Finding]) {
        if self.standing.is_empty() {
            return;
        }
        let mut of_line: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        for (index, finding) in findings.iter().enumerate() {
            of_line.entry(finding.location.region.start.line).or_default().push(index);
        }
        for ignore in &mut self.standing {
            let covered = ignore.target().and_then(|line| of_line.get(&line));
            for index in covered.into_iter().flatten() {
                if let Some(finding) = findings.get_mut(*index) {
                    ignore.used |= suppress(&ignore.directive, std::iter::once(&mut **finding));
                }
            }
        }
        for ignore in self.standing.iter_mut().filter(|i| i.target().is_none()) {
            ignore.used |= suppress(&ignore.directive, findings.iter_mut().map(|f| &mut **f));
        }
    }

    /// One comment: what is to be said about it.
    fn comment(&mut self, text: &str, line: u64, run: &Run<'_>) -> Vec<(NoticeKind, String)> {
        let directive = match parse(text) {
            None => return Vec::new(),
            Some(Err(why)) => {
                return vec![(
                    NoticeKind::InvalidIgnore,
                    format!("the ignore comment cannot be read: {why}"),
                )];
            }
            Some(Ok(directive)) => directive,
        };
        let mut say = Vec::new();
        if let Some(unknown) = directive.lints.iter().find(|l| !run.lints.contains(&l.as_str())) {
            let hint = nearest(unknown, run.lints.iter().copied());
            let unknown = quoted(unknown, "of this name");
            say.push((NoticeKind::InvalidIgnore, format!("there is no lint {unknown}{hint}")));
        }
        if directive.until.is_some_and(|end| end <= run.at) {
            let what =
                "the ignore comment has passed its day; remove it or mend what it hides".to_owned();
            say.push((NoticeKind::ExpiredIgnore, what));
            return say;
        }
        if directive.scope == Scope::File && line > FILE_LINES {
            let what = format!("ignore-file counts only within the first {FILE_LINES} lines");
            say.push((NoticeKind::InvalidIgnore, what));
        } else {
            self.standing.push(Standing { directive, line, used: false });
        }
        say
    }

    /// What is left to say when the artifact has ended.
    pub fn finish(self, artifact: &Artifact, notices: &mut Vec<Notice>) {
        let unused = self.standing.iter().filter(|ignore| !ignore.used);
        notices.extend(unused.map(|ignore| ignore.unused(artifact)));
    }
}

/// Marks what the directive covers; whether there was anything.
fn suppress<'f>(directive: &Directive, findings: impl Iterator<Item = &'f mut Finding>) -> bool {
    let mut used = false;
    for finding in findings.filter(|f| directive.lints.contains(&f.lint)) {
        used = true;
        if finding.suppressed.is_none() {
            finding.suppressed =
                Some(Suppression { kind: "inline", reason: directive.reason.clone() });
        }
    }
    used
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_are_read() {
        let read = |text: &str| {
            parse(text).map(|r| {
                r.map(|d| (d.scope, d.lints.join(","), d.reason, d.until.map(|u| u.to_string())))
            })
        };
        assert_eq!(
            read(" ignore[credential-in-query] public feed until 2027-01-31"),
            Some(Ok((
                Scope::Line,
                "credential-in-query".into(),
                "public feed".into(),
                Some("2027-02-01T00:00:00Z".into())
            )))
        );
        assert_eq!(
            read("ignore-next[a, b until 2027-01-31] why -->"),
            Some(Ok((
                Scope::Next,
                "a,b".into(),
                "why".into(),
                Some("2027-02-01T00:00:00Z".into())
            )))
        );
        assert!(read("ignore everything").is_some_and(|r| r.is_err()));
        assert_eq!(
            read("ignore[a] kept until the move"),
            Some(Ok((Scope::Line, "a".into(), "kept until the move".into(), None)))
        );
        assert!(read("ignore[a] until soon").is_some_and(|r| r.is_err()));
        assert!(read("ignore[]").is_some_and(|r| r.is_err()));
        assert_eq!(read(" is a linter"), None);
    }

    #[test]
    fn what_is_no_date_is_not_repeated() {
        assert!(no_day("2027-13-45").starts_with("`2027-13-45` is no day"));
        for typed in ["9f3ab2c4d5", "soon", "", "12345678"] {
            assert!(no_day(typed).starts_with("what follows `until` is no day"));
        }
    }
}
