//! What becomes of the windows of one file: findings, judged by the ignore comments beside them.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::adopt::ignores::{Ignores, Run};
use crate::artifact::{Artifact, Window};
use crate::finding::{Finding, Notice, NoticeKind, Report, Severity, Skip, Stats};
use crate::scan::Scanner;
use crate::scan::pool::{Ceiling, rank};
use crate::source::Visitor;
use crate::text::Region;

/// The most findings of one artifact that are told. Nobody reads more of them, and a megabyte that was
/// made for it would give a report of a hundred.
const FINDINGS_MAX: usize = 1000;

/// How grave a finding is for the user; `None` when it is not asked for.
pub(super) type Gravity<'s> = &'s (dyn Fn(&Finding) -> Option<Severity> + Sync);

/// Scans the windows of one file as they come.
pub(super) struct Visit<'s> {
    scanner: &'s Scanner<'s>,
    gravity: Gravity<'s>,
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
    found: Vec<Finding>,
    /// How many findings that were asked for had to be left out.
    cut: usize,
    /// There were more than that.
    cut_more: bool,
}

/// Reads one artifact. A panic is a notice about it.
pub(super) fn visit<'s>(
    scanner: &'s Scanner<'s>,
    gravity: Gravity<'s>,
    shown: &str,
    read: impl FnOnce(&mut Visit<'s>),
) -> Visit<'s> {
    let mut visit = Visit::new(scanner, gravity);
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

fn too_many(artifact: &Artifact, cut: usize, cut_more: bool) -> Notice {
    let least = if cut_more { "at least " } else { "" };
    let message = format!(
        "has {least}{cut} more findings; the gravest {FINDINGS_MAX} are told, so mend them and run again, or \
         ask for some with --select"
    );
    Notice { path: artifact.path.clone(), kind: NoticeKind::Limit, message }
}

impl<'s> Visit<'s> {
    fn new(scanner: &'s Scanner<'s>, gravity: Gravity<'s>) -> Self {
        let lints = scanner.book.lints.iter().map(|l| l.written.id.as_str()).collect();
        Self {
            scanner,
            gravity,
            lints,
            reading: Reading::default(),
            report: Report::default(),
            binaries: Vec::new(),
        }
    }

    /// An artifact has ended, well or not.
    fn close(&mut self) {
        let mut reading = std::mem::take(&mut self.reading);
        let held = std::mem::take(&mut reading.held);
        reading.found.extend(held);
        reading.cut += cap(&mut reading.found, self.gravity);
        self.report.findings.append(&mut reading.found);
        if let Some(artifact) = &reading.artifact {
            reading.ignores.finish(artifact, &mut self.report.notices);
            if reading.cut > 0 {
                self.report.notices.push(too_many(artifact, reading.cut, reading.cut_more));
            }
        }
    }

    /// Adds what was found to the total.
    pub(super) fn into_report(self, report: &mut Report, binaries: &mut Vec<String>) {
        let Stats { files, bytes, skips, .. } = self.report.stats;
        // A picture beside what was searched in an archive is nothing to speak of.
        let speaks = files == 0;
        report.findings.extend(self.report.findings);
        report.notices.extend(self.report.notices);
        let mut secrets = self.report.secrets;
        if secrets.len() > report.secrets.len() {
            std::mem::swap(&mut secrets, &mut report.secrets);
        }
        report.secrets.extend(secrets);
        report.stats.files += files;
        report.stats.bytes += bytes;
        report.stats.skips.merge(skips);
        binaries.extend(self.binaries.into_iter().filter(|_| speaks));
    }
}

/// What the scan of one window is told.
struct Below<'v> {
    gravity: Gravity<'v>,
    ignores: &'v mut Ignores,
    /// See [`Reading::edge`].
    before: BTreeSet<(Region, String)>,
    edge: BTreeSet<(Region, String)>,
    /// The line of the window's edge, if there is more behind it.
    line: Option<u64>,
}

impl Ceiling for Below<'_> {
    fn most(&self) -> usize {
        FINDINGS_MAX
    }

    fn gravity(&self, finding: &Finding) -> Option<Severity> {
        (self.gravity)(finding)
    }

    /// An address on the edge of two windows is read from both, with all its parameters.
    fn look(&mut self, findings: &mut [&mut Finding]) -> Vec<bool> {
        self.ignores.judge(findings);
        let key = |f: &Finding| (f.location.region, f.lint.clone());
        let is_new = |f: &Finding| self.before.is_empty() || !self.before.contains(&key(f));
        let new: Vec<bool> = findings.iter().map(|f| is_new(f)).collect();
        if let Some(line) = self.line {
            let new = findings.iter().zip(&new).filter(|(_, new)| **new).map(|(f, _)| f);
            self.edge.extend(new.filter(|f| f.location.region.start.line == line).map(|f| key(f)));
        }
        new
    }
}

impl Reading {
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

/// Keeps the gravest findings. Returns how many that were asked for had to go.
fn cap(found: &mut Vec<Finding>, gravity: Gravity<'_>) -> usize {
    if found.len() <= FINDINGS_MAX {
        return 0;
    }
    let rank = |f: &Finding| rank(gravity(f), f);
    found.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.order().cmp(&b.order())));
    let asked = |f: &Finding| f.suppressed.is_none() && gravity(f).is_some();
    found.drain(FINDINGS_MAX..).filter(asked).count()
}

impl Visitor for Visit<'_> {
    fn window(&mut self, artifact: &Artifact, window: &Window<'_>) {
        let reading = &mut self.reading;
        reading.artifact.get_or_insert_with(|| artifact.clone());
        let run = Run { artifact, at: self.scanner.at, lints: &self.lints };
        let notices = &mut self.report.notices;
        reading.ignores.gather(window, &run, notices);
        reading.ignores.judge(&mut reading.held.iter_mut().collect::<Vec<_>>());
        // The first window of an artifact has nothing before its body.
        let is_later = !window.is_whole && window.body.start > 0;
        let before = std::mem::take(&mut reading.edge);
        let mut below = Below {
            gravity: self.gravity,
            ignores: &mut reading.ignores,
            before: if is_later { before } else { BTreeSet::new() },
            edge: BTreeSet::new(),
            line: (!window.is_whole).then(|| window.lines().position(window.body.end).line),
        };
        let mut scan = self.scanner.scan_below(artifact, window, &mut below);
        reading.edge = below.edge;
        reading.ignores.pass(window, &run, notices);
        // What is left out, because there is too much of it or nobody asked, is hidden all the same.
        self.report.secrets.extend(scan.secrets);
        reading.cut += scan.cut;
        reading.cut_more |= scan.cut_more;
        let mut findings = std::mem::take(&mut reading.held);
        findings.append(&mut scan.findings);
        reading.hold(window, &mut findings);
        reading.found.append(&mut findings);
        reading.cut += cap(&mut reading.found, self.gravity);
        // On one endless line every finding is held.
        reading.cut += cap(&mut reading.held, self.gravity);
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
