//! What becomes of the windows of one file: findings, judged by the ignore comments beside them.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::adopt::ignores::{Ignores, Run};
use crate::artifact::{Artifact, Window};
use crate::finding::{Finding, Notice, NoticeKind, Report, Skip, Stats};
use crate::scan::Scanner;
use crate::source::Visitor;
use crate::text::Region;

/// Scans the windows of one file as they come.
pub(super) struct Visit<'s> {
    scanner: &'s Scanner<'s>,
    lints: Vec<&'s str>,
    reading: Reading,
    report: Report,
    binaries: Vec<String>,
}

/// What is known of the artifact that is being read. A file may hold many, and none of this may pass
/// from one to the next.
#[derive(Default)]
struct Reading {
    artifact: Option<Artifact>,
    ignores: Ignores,
    /// What the window before found on the line of its edge, to tell what is found twice.
    edge: BTreeSet<(Region, String)>,
    /// The same findings, which a comment behind the edge may still ignore.
    held: Vec<Finding>,
}

/// Reads one artifact. A panic is a notice about it.
pub(super) fn visit<'s>(
    scanner: &'s Scanner<'s>,
    shown: &str,
    read: impl FnOnce(&mut Visit<'s>),
) -> Visit<'s> {
    let mut visit = Visit::new(scanner);
    if catch_unwind(AssertUnwindSafe(|| read(&mut visit))).is_err() {
        visit.report.notices.push(panicked(shown));
    }
    visit.close();
    visit
}

fn panicked(path: &str) -> Notice {
    let message = format!(
        "reading it failed inside authward{}; please report this",
        crate::panic::take_place()
    );
    Notice { path: path.to_owned(), kind: NoticeKind::Internal, message }
}

impl<'s> Visit<'s> {
    fn new(scanner: &'s Scanner<'s>) -> Self {
        let lints = scanner.book.lints.iter().map(|l| l.written.id.as_str()).collect();
        Self {
            scanner,
            lints,
            reading: Reading::default(),
            report: Report::default(),
            binaries: Vec::new(),
        }
    }

    /// An artifact has ended, well or not.
    fn close(&mut self) {
        let mut reading = std::mem::take(&mut self.reading);
        self.report.findings.append(&mut reading.held);
        if let Some(artifact) = &reading.artifact {
            reading.ignores.finish(artifact, &mut self.report.notices);
        }
    }

    /// Adds what was found to the total.
    pub(super) fn into_report(self, report: &mut Report, binaries: &mut Vec<String>) {
        let Stats { files, bytes, skips, .. } = self.report.stats;
        report.findings.extend(self.report.findings);
        report.notices.extend(self.report.notices);
        report.stats.files += files;
        report.stats.bytes += bytes;
        report.stats.skips.merge(skips);
        binaries.extend(self.binaries);
    }
}

impl Reading {
    /// An address on the edge of two windows is read from both, with all its parameters.
    fn drop_repeated(&mut self, window: &Window<'_>, findings: &mut Vec<Finding>) {
        let before = std::mem::take(&mut self.edge);
        if window.is_whole || findings.is_empty() {
            return;
        }
        let key = |f: &Finding| (f.location.region, f.lint.clone());
        // The first window of an artifact has nothing before its body.
        let is_first = window.body.start == 0;
        findings.retain(|finding| is_first || !before.contains(&key(finding)));
        let line = window.lines().position(window.body.end).line;
        let on_edge = findings.iter().filter(|f| f.location.region.start.line == line);
        self.edge = on_edge.map(key).collect();
    }

    /// Takes the findings on the line of the window's edge aside.
    fn hold(&mut self, window: &Window<'_>, findings: &mut Vec<Finding>) {
        if window.is_whole || findings.is_empty() {
            return;
        }
        let line = window.lines().position(window.body.end).line;
        let (held, done) = std::mem::take(findings)
            .into_iter()
            .partition(|f| f.location.region.start.line >= line);
        self.held = held;
        *findings = done;
    }
}

impl Visitor for Visit<'_> {
    fn window(&mut self, artifact: &Artifact, window: &Window<'_>) {
        let mut scan = self.scanner.scan(artifact, window);
        let reading = &mut self.reading;
        reading.artifact.get_or_insert_with(|| artifact.clone());
        reading.drop_repeated(window, &mut scan.findings);
        let mut findings = std::mem::take(&mut reading.held);
        findings.append(&mut scan.findings);
        let run = Run { artifact, at: self.scanner.at, lints: &self.lints };
        reading.ignores.apply(window, &run, &mut findings, &mut self.report.notices);
        reading.hold(window, &mut findings);
        self.report.findings.append(&mut findings);
        self.report.notices.append(&mut scan.notices);
    }

    fn searched(&mut self, _: &Artifact, bytes: u64) {
        self.report.stats.files += 1;
        self.report.stats.bytes += bytes;
        self.close();
    }

    fn skipped(&mut self, artifact: &Artifact, why: Skip) {
        self.report.stats.skips.add(why);
        if why == Skip::Binary {
            self.binaries.push(artifact.path.clone());
        }
        self.close();
    }

    /// Notices come between artifacts: of one whose very first byte cannot be read, nothing else
    /// tells that it has ended.
    fn notice(&mut self, notice: Notice) {
        self.report.notices.push(notice);
        self.close();
    }
}
