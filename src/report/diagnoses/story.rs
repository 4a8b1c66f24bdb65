//! `full`: a story that one understands in ten seconds, the default in a terminal.

use colored::Colorize;

use super::{Diagnoses, Group, Output, Scene, groups, spot};
use crate::exchange::{Certainty, Diagnosis};
use crate::report::{plural, sanitize, wrap};

/// How wide a line is, in characters.
const WIDTH: usize = 100;
/// How wide the words before a paragraph are.
const LABEL: usize = 10;
/// How many places of one group are named.
const PLACES_MAX: usize = 5;

/// The story.
#[derive(Debug)]
pub(super) struct Story;

impl Output for Story {
    fn name(&self) -> &'static str {
        "full"
    }

    fn write(&self, diagnoses: &Diagnoses, scene: &Scene<'_>) -> String {
        colored::control::set_override(scene.color);
        let mut out = String::new();
        let groups = groups(diagnoses);
        for group in &groups {
            story(&mut out, group, scene);
            out.push('\n');
        }
        for notice in &diagnoses.notices {
            let head = format!("notice[{}]", notice.kind.as_str()).blue();
            out += &format!("{head}: {}: {}\n", shown(&notice.path), shown(&notice.message));
        }
        if scene.verbosity >= 0 {
            out += &summary(diagnoses, &groups);
        }
        out
    }
}

fn shown(text: &str) -> String {
    sanitize::start(text)
}

fn story(out: &mut String, group: &Group<'_>, scene: &Scene<'_>) {
    let d = &group.first.diagnosis;
    *out += &format!("{}\n", shown(&d.call).bold());
    let place = match &group.first.spot.logical {
        Some(logical) => format!("{} › {logical}", spot(group.first)),
        None => spot(group.first),
    };
    paragraph(out, "  at", &place);
    if group.all.len() > 1 {
        let places: Vec<String> =
            group.all.iter().skip(1).take(PLACES_MAX).map(|t| spot(t)).collect();
        let more = group.all.len() - 1 - places.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        paragraph(out, "  also", &format!("{}{more}", places.join(", ")));
    }
    for sent in &d.sent {
        paragraph(out, "  sent", sent);
    }
    if let Some(identity) = &d.identity {
        paragraph(out, "  who", identity);
    }
    out.push('\n');
    probes(out, d);
    verdict(out, d);
    for because in &d.because {
        paragraph(out, "  because", because);
    }
    let tells =
        |fact: &str| scene.verbosity > 0 || !matches!(fact, "response.kind" | "credential.sent");
    for evidence in d.evidence.iter().filter(|e| scene.verbosity >= 0 && tells(&e.fact)) {
        let line = format!("{} = {} ({})", evidence.fact, evidence.value, evidence.from);
        paragraph(out, "  evidence", &line);
    }
    for not in &d.not {
        paragraph(out, "  not", not);
    }
    for alternative in &d.alternatives {
        let word = if d.one_of { "  or" } else { "  perhaps" };
        let refute = if alternative.refute.is_empty() {
            String::new()
        } else {
            format!(" To rule it out: {}", alternative.refute)
        };
        paragraph(out, word, &format!("{}: {}.{refute}", alternative.cause, alternative.summary));
    }
    paragraph(out, "  do", &d.remedy);
    paragraph_as_is(out, "  repeat", &d.reproduce);
}

/// Our own calls, one a line: what was sent, what came back, what it tells.
fn probes(out: &mut String, d: &Diagnosis) {
    for (index, probe) in d.probes.iter().enumerate() {
        let answer = match probe.status {
            Some(status) => format!("{status} {}", probe.result),
            None => probe.result.clone(),
        };
        let line = format!("{:>3}  {:<10} {:<14}", index + 1, probe.probe, answer);
        *out += &format!("{} {}  {}\n", line, shown(&probe.call), shown(&probe.tells).dimmed());
    }
    if !d.probes.is_empty() {
        out.push('\n');
    }
}

fn verdict(out: &mut String, d: &Diagnosis) {
    let line = if d.certainty == Certainty::Unknown {
        format!("CANNOT TELL: {}.", d.summary)
    } else {
        let one_of = if d.one_of { ", one of several" } else { "" };
        format!("{} ({}{one_of}): {}.", d.cause, d.certainty.as_str(), d.summary)
    };
    let lines = wrap(&shown(&line), WIDTH - 2);
    for line in lines {
        let line = match d.certainty {
            Certainty::Proved | Certainty::Certain => line.red().bold(),
            Certainty::Likely => line.yellow().bold(),
            Certainty::Possible | Certainty::Unknown => line.cyan().bold(),
        };
        *out += &format!("  {line}\n");
    }
}

fn paragraph(out: &mut String, label: &str, text: &str) {
    let text = shown(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    for (index, line) in wrap(&text, WIDTH - LABEL - 2).iter().enumerate() {
        let label = if index == 0 { label } else { "" };
        *out += &format!("{} {line}\n", format!("{label:<LABEL$}").dimmed());
    }
}

/// A line to copy: it must not be broken.
fn paragraph_as_is(out: &mut String, label: &str, text: &str) {
    *out += &format!("{} {}\n", format!("{label:<LABEL$}").dimmed(), shown(text));
}

fn summary(diagnoses: &Diagnoses, groups: &[Group<'_>]) -> String {
    let refused = diagnoses.told.len();
    if refused == 0 {
        return format!("{} read, none of them refused.\n", plural(diagnoses.calls as u64, "call"));
    }
    let mut out = format!("{} of {} refused", refused, plural(diagnoses.calls as u64, "call"));
    if let Some(group) = groups.iter().max_by_key(|g| g.all.len()).filter(|g| g.all.len() > 1) {
        let d = &group.first.diagnosis;
        out += &format!("; {} of {refused} have one cause: {}", group.all.len(), d.cause);
    } else if groups.len() > 1 {
        out += &format!(", {}", plural(groups.len() as u64, "cause"));
    }
    out += ".\n";
    if let Some(group) = groups.first() {
        let cause = &group.first.diagnosis.cause;
        if cause != "unknown" {
            out += &format!("Learn more: {}\n", format!("authward explain {cause}").bold());
        }
    }
    out
}
