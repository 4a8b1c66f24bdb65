//! The first river from end to end: any bytes under any file name, through sources, archives,
//! formats, scan, ignores and reports. Every finding stands in its text, and no report shows a
//! secret.

#![no_main]

use std::io::Cursor;

use authward::adopt::ignores::{Ignores, Run};
use authward::artifact::{Artifact, Window};
use authward::finding::{Notice, Report};
use authward::report::{self, OUTPUTS, Scene};
use authward::rule::load::SOURCES;
use authward::scan::Scanner;
use authward::source::{self, Visitor, archive};
use authward::text::lossless;
use authward_fuzz::{at, book, findings_inside, first_line, same_again, scanner};
use libfuzzer_sys::fuzz_target;

struct Visit<'s> {
    scanner: &'s Scanner<'s>,
    lints: Vec<&'s str>,
    ignores: Ignores,
    report: Report,
}

impl Visitor for Visit<'_> {
    fn window(&mut self, artifact: &Artifact, window: &Window<'_>) {
        let mut scan = self.scanner.scan(artifact, window);
        same_again(&scan, &self.scanner.scan(artifact, window));
        if window.is_whole {
            findings_inside(&scan.findings, window.bytes);
        }
        // As the program does: the veil knows what was found, whatever becomes of the findings.
        let found = scan.findings.iter().filter_map(|f| f.credential.as_ref());
        self.report.secrets.extend(found.map(|c| c.secret.clone()));
        let run = Run { artifact, at: at(), lints: &self.lints };
        self.ignores.gather(window, &run, &mut self.report.notices);
        self.ignores.judge(&mut scan.findings.iter_mut().collect::<Vec<_>>());
        self.ignores.pass(window, &run, &mut self.report.notices);
        self.report.findings.append(&mut scan.findings);
        self.report.notices.append(&mut scan.notices);
    }

    fn searched(&mut self, artifact: &Artifact, bytes: u64) {
        self.report.stats.files += 1;
        self.report.stats.bytes += bytes;
        std::mem::take(&mut self.ignores).finish(artifact, &mut self.report.notices);
    }

    fn skipped(&mut self, _: &Artifact, _: authward::finding::Skip) {
        self.report.stats.skips.add(authward::finding::Skip::Binary);
    }

    fn notice(&mut self, notice: Notice) {
        self.report.notices.push(notice);
    }
}

fuzz_target!(|data: &[u8]| {
    // The first line is the file's name, the rest its bytes.
    let (name, bytes) = first_line(data);
    let name = String::from_utf8_lossy(name);
    let scanner = scanner(book());
    let mut visit = Visit {
        scanner: &scanner,
        lints: book().lints.iter().map(|l| l.written.id.as_str()).collect(),
        ignores: Ignores::default(),
        report: Report::default(),
    };
    let artifact = Artifact::file(name.as_ref());
    match archive::kind_of(&name, bytes) {
        Some(kind) => archive::read(kind, Cursor::new(bytes), &artifact, &mut visit),
        None => source::stream(&artifact, bytes, &mut visit),
    }
    let mut report = visit.report;
    report.findings.sort_by(|a, b| a.order().cmp(&b.order()));
    report::hide_secrets(&mut report);
    let scene = Scene { color: false, at: at(), book: book(), verbosity: 1 };
    for output in OUTPUTS {
        let text = output.write(&report, &scene);
        assert_eq!(text, output.write(&report, &scene));
        hides(&text, &report, output.name());
    }
});

/// No report shows a secret longer than eight bytes, not in a path either. The words of the rules
/// and of the program may happen to be somebody's value.
fn hides(text: &str, report: &Report, output: &str) {
    for finding in &report.findings {
        let Some(credential) = &finding.credential else { continue };
        let value = lossless(credential.secret.expose()).into_owned();
        if value.len() <= 8 || !text.contains(&value) || said_anyway(&value) {
            continue;
        }
        panic!("{output} shows {value:?} of {}", finding.lint);
    }
}

fn said_anyway(value: &str) -> bool {
    // Too few different characters to mean anything: rulers, carets, blanks of the layout.
    let mut kinds: Vec<char> = value.chars().collect();
    kinds.sort_unstable();
    kinds.dedup();
    let folded = value.to_lowercase();
    kinds.len() < 5 || SOURCES.iter().any(|(_, _, text)| text.to_lowercase().contains(&folded))
}
