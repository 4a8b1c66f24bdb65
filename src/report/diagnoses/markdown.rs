//! `markdown`: a ticket for whoever has to mend it.

use super::{Diagnoses, Output, Scene, groups, spot};
use crate::report::{plural, sanitize};

/// The ticket.
#[derive(Debug)]
pub(super) struct Markdown;

impl Output for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn write(&self, diagnoses: &Diagnoses, _scene: &Scene<'_>) -> String {
        let refused = plural(diagnoses.told.len() as u64, "refused call");
        let mut out = format!("# {refused}\n");
        for group in groups(diagnoses) {
            let d = &group.first.diagnosis;
            out += &format!("\n## {}\n\n", escaped(&d.call));
            out += &format!(
                "**{}** ({}): {}.\n\n",
                d.cause,
                d.certainty.as_str(),
                escaped(&d.summary)
            );
            let places: Vec<String> =
                group.all.iter().map(|told| format!("`{}`", code(&spot(told)))).collect();
            list(&mut out, "Where", &[places.join(", ")], false);
            list(&mut out, "Sent", &d.sent, true);
            list(&mut out, "Who", d.identity.as_slice(), true);
            let probes: Vec<String> = d
                .probes
                .iter()
                .map(|p| {
                    let status = p.status.map_or_else(String::new, |s| format!("{s} "));
                    format!("{}: {} → {status}{} ({})", p.probe, p.call, p.result, p.tells)
                })
                .collect();
            list(&mut out, "Tried", &probes, true);
            list(&mut out, "Because", &d.because, true);
            let evidence: Vec<String> = d
                .evidence
                .iter()
                .map(|e| format!("`{}` = `{}` ({})", code(&e.fact), code(&e.value), e.from))
                .collect();
            list(&mut out, "Evidence", &evidence, false);
            let others: Vec<String> = d
                .alternatives
                .iter()
                .map(|a| format!("{}: {}. {}", a.cause, a.summary, a.refute))
                .collect();
            list(&mut out, if d.one_of { "Or one of" } else { "Or perhaps" }, &others, true);
            list(&mut out, "It is not", &d.not, true);
            list(&mut out, "What to do", &[d.remedy.trim().replace('\n', " ")], true);
            out += &format!("\n```sh\n{}\n```\n", code(&d.reproduce));
        }
        for notice in &diagnoses.notices {
            out += &format!("\n> {}: {}\n", escaped(&notice.path), escaped(&notice.message));
        }
        out
    }
}

fn list(out: &mut String, title: &str, lines: &[String], escape: bool) {
    for line in lines {
        let line = if escape { escaped(line) } else { line.clone() };
        *out += &format!("- {title}: {line}\n");
    }
}

/// What stands between backticks: nothing in it may end them.
fn code(text: &str) -> String {
    sanitize::line(text).replace('`', "'")
}

/// What an answer said must not become markup of the ticket.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in sanitize::line(text).chars() {
        if matches!(c, '<' | '>' | '*' | '_' | '[' | ']' | '|' | '#' | '\\' | '@' | '!') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
