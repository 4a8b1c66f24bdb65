//! `concise`: one line a finding, for editors and for reading through many.

use super::{Output, Scene, sanitize};
use crate::finding::Report;

/// One line a finding.
#[derive(Debug)]
pub struct Concise;

impl Output for Concise {
    fn name(&self) -> &'static str {
        "concise"
    }

    fn write(&self, report: &Report, scene: &Scene<'_>) -> String {
        let mut out = String::new();
        for finding in report.shown() {
            let location = &finding.location;
            let mask = finding
                .credential
                .as_ref()
                .map(|c| format!(" {}", c.secret.mask()))
                .unwrap_or_default();
            out += &sanitize::start(&format!(
                "{}:{}: {}[{}] {}{mask}",
                location.path,
                location.region.start,
                finding.severity.as_str(),
                finding.lint,
                finding.message,
            ));
            out.push('\n');
        }
        for notice in &report.notices {
            out += &sanitize::start(&super::full::notice_line(notice));
            out.push('\n');
        }
        if scene.verbosity >= 0 {
            out += &super::full::summary(report);
            out.push('\n');
        }
        out
    }
}
