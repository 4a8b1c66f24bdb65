//! `full`: code frames for people, the default in a terminal.
//!
//! Findings about one secret stand together, with its places and one remedy; the rest follows in the
//! order of the files.

use std::collections::HashMap;

use colored::{Color, Colorize};

use super::{Output, Scene, bytes, plural, sanitize, wrap};
use crate::finding::{Confidence, Finding, Notice, NoticeKind, Report, Severity, Skips};

/// How much of a fingerprint tells a credential from the others of a tree, in characters.
const FINGERPRINT_SHOWN: usize = 8;

/// Code frames.
#[derive(Debug)]
pub struct Full;

impl Output for Full {
    fn name(&self) -> &'static str {
        "full"
    }

    fn write(&self, report: &Report, scene: &Scene<'_>) -> String {
        colored::control::set_override(scene.color);
        let mut out = String::new();
        let mut told: Vec<&[String]> = Vec::new();
        let problems = problems(report);
        // A single problem was asked for, or is all there is: then every place is of interest.
        let every_place = scene.verbosity > 0 || problems.len() == 1;
        for problem in problems {
            let next = problem.next();
            let first = !told.contains(&next);
            told.push(next);
            frame(&mut out, &problem, first || scene.verbosity > 0, every_place);
        }
        for notice in &report.notices {
            out += &format!("{}\n", sanitize::start(&notice_line(notice)));
        }
        if !report.notices.is_empty() {
            out.push('\n');
        }
        if scene.verbosity >= 0 {
            out += &summary(report);
            out.push('\n');
            if let Some(finding) = report.shown().next() {
                out += &format!(
                    "Learn more: {}\n",
                    format!("authward explain {}", finding.lint).bold()
                );
            }
        }
        out
    }
}

/// One problem: the finding that leads, what else holds of the same value at the same place, and
/// the other places of the same secret.
struct Problem<'r> {
    main: &'r Finding,
    also: Vec<&'r Finding>,
    elsewhere: Vec<&'r Finding>,
}

impl<'r> Problem<'r> {
    /// The steps to take, as the place tells them that knows most of the credential.
    fn next(&self) -> &'r [String] {
        &self.best().next
    }

    fn best(&self) -> &'r Finding {
        let all = std::iter::once(&self.main).chain(&self.elsewhere);
        // `rev` makes the first of equals win.
        all.rev().max_by_key(|finding| knowledge(finding)).unwrap_or(&self.main)
    }
}

/// How much a finding knows of its credential: a kind told by its form says more than a name.
fn knowledge(finding: &Finding) -> Option<Confidence> {
    finding.credential.as_ref().map(|credential| credential.confidence)
}

/// Groups findings: a credential met in several places is one problem. The place with the gravest
/// word leads, because that is what the reader must know first; among equals the one that knows
/// most of the credential.
fn problems(report: &Report) -> Vec<Problem<'_>> {
    let mut groups: Vec<Vec<Vec<&Finding>>> = Vec::new();
    let mut seen = HashMap::new();
    for here in by_place(report) {
        let fingerprint = here.iter().find_map(|f| f.fingerprint);
        let first = fingerprint.map(|f| *seen.entry(f).or_insert(groups.len()));
        match first.and_then(|index| groups.get_mut(index)) {
            Some(group) => group.push(here),
            None => groups.push(vec![here]),
        }
    }
    groups.iter().filter_map(|places| problem(places)).collect()
}

fn problem<'r>(places: &[Vec<&'r Finding>]) -> Option<Problem<'r>> {
    // `rev` makes the first of equals win.
    let gravest = |here: &[&Finding]| here.iter().map(|f| (f.severity, knowledge(f))).max();
    let (lead, _) = places.iter().enumerate().rev().max_by_key(|(_, here)| gravest(here))?;
    let leading = places.get(lead)?;
    let main = leading.iter().copied().rev().max_by_key(|f| f.severity)?;
    let mut also: Vec<&Finding> = leading.iter().copied().filter(|f| f.lint != main.lint).collect();
    let mut elsewhere = Vec::new();
    for (_, here) in places.iter().enumerate().filter(|(index, _)| *index != lead) {
        let Some(there) = here.iter().copied().rev().max_by_key(|f| f.severity) else { continue };
        elsewhere.push(there);
        // What holds only of another place is said once, with that place.
        for finding in here.iter().filter(|f| f.lint != there.lint) {
            if main.lint != finding.lint && also.iter().all(|f| f.lint != finding.lint) {
                also.push(finding);
            }
        }
    }
    Some(Problem { main, also, elsewhere })
}

/// Findings about the same value at the same place, in the order of the report.
fn by_place(report: &Report) -> Vec<Vec<&Finding>> {
    let mut out: Vec<Vec<&Finding>> = Vec::new();
    for finding in report.shown() {
        let same = |f: &&Finding| {
            f.location.path == finding.location.path && f.location.region == finding.location.region
        };
        match out.last_mut().filter(|group| group.first().is_some_and(same)) {
            Some(group) => group.push(finding),
            None => out.push(vec![finding]),
        }
    }
    out
}

fn color(severity: Severity) -> Color {
    match severity {
        Severity::Error => Color::Red,
        Severity::Warning => Color::Yellow,
        Severity::Note => Color::Cyan,
    }
}

fn title(finding: &Finding) -> String {
    let head = format!("{}[{}]", finding.severity.as_str(), finding.lint);
    format!(
        "{}{}",
        head.color(color(finding.severity)).bold(),
        format!(": {}", sanitize::line(&finding.message)).bold()
    )
}

/// Draws one problem. Its next steps are told with the first of its kind.
fn frame(out: &mut String, problem: &Problem<'_>, first: bool, every_place: bool) {
    let main = problem.main;
    let start = main.location.region.start;
    let gutter = start.line.to_string().len().max(3);
    let pad = " ".repeat(gutter);
    let bar = "|".blue().bold();
    let logical = main
        .location
        .logical
        .as_deref()
        .map(|l| format!("  ({})", sanitize::line(l)).dimmed().to_string())
        .unwrap_or_default();
    *out += &format!("{}\n", title(main));
    *out += &format!(
        "{pad}{} {}:{start}{logical}\n",
        "-->".blue().bold(),
        sanitize::line(&main.location.path)
    );
    if let Some(excerpt) = &main.excerpt {
        let text = sanitize::line(&excerpt.text);
        let before: String = excerpt.text.chars().take(excerpt.start).collect();
        let meant: String =
            excerpt.text.chars().skip(excerpt.start).take(excerpt.end - excerpt.start).collect();
        let indent = " ".repeat(sanitize::line(&before).chars().count());
        let carets = "^".repeat(sanitize::line(&meant).chars().count().max(1));
        *out += &format!("{pad} {bar}\n");
        *out += &format!("{:>gutter$} {bar} {text}\n", start.line.to_string().blue().bold());
        *out += &format!("{pad} {bar} {indent}{}\n", carets.color(color(main.severity)).bold());
    }
    notes(out, problem, first, every_place, gutter);
    out.push('\n');
}

/// What is said below the frame.
fn notes(out: &mut String, problem: &Problem<'_>, first: bool, every_place: bool, gutter: usize) {
    let main = problem.main;
    let pad = " ".repeat(gutter);
    let mut say = |word: &str, text: &str| {
        let lead = format!("{pad} {} {word:<9}", "=".blue().bold());
        let hang = " ".repeat(gutter + 3 + 9);
        for (index, line) in wrap(&sanitize::line(text), 92 - gutter).into_iter().enumerate() {
            *out += &if index == 0 { format!("{lead}{line}\n") } else { format!("{hang}{line}\n") };
        }
    };
    for finding in &problem.also {
        let mut text =
            format!("{}[{}] {}", finding.severity.as_str(), finding.lint, finding.message);
        if finding.location != main.location {
            text += &format!(" ({}:{})", finding.location.path, finding.location.region.start);
        }
        say("also:", &text);
    }
    let mut because: Vec<&String> = Vec::new();
    for line in std::iter::once(&main).chain(&problem.also).flat_map(|f| &f.because) {
        if !because.contains(&line) {
            because.push(line);
        }
    }
    for line in because {
        say("because:", line);
    }
    if let Some(suppression) = &main.suppressed {
        say("ignored:", &suppression.reason);
    }
    let places = places(problem);
    for place in places.iter().take(if every_place { usize::MAX } else { 4 }) {
        say("place:", place);
    }
    if every_place && let Some(fingerprint) = main.fingerprint {
        let short: String = fingerprint.to_string().chars().take(FINGERPRINT_SHOWN).collect();
        say("where:", &format!("authward check --where {short}"));
    }
    if !every_place && places.len() > 4 {
        say("place:", &format!("and {} more (-v lists them)", places.len() - 4));
    }
    let mut helps: Vec<&str> = Vec::new();
    let best = problem.best();
    for finding in std::iter::once(&main).chain(&problem.elsewhere) {
        // What a place advises that knows less is no second repair of the same kind.
        let outdone = finding.lint == best.lint && knowledge(finding) < knowledge(best);
        if !outdone && !helps.contains(&finding.help.as_str()) && helps.len() < 3 {
            let help = finding.help.split_whitespace().collect::<Vec<_>>().join(" ");
            let place = format!("{}:{}", finding.location.path, finding.location.region.start.line);
            let of_place = if helps.is_empty() { help } else { format!("{place}: {help}") };
            say("help:", &of_place);
            helps.push(&finding.help);
        }
    }
    if first {
        for (index, step) in problem.next().iter().enumerate() {
            say(if index == 0 { "next:" } else { "" }, &format!("{}. {step}", index + 1));
        }
    }
}

/// Copies in the same file and places in others.
fn places(problem: &Problem<'_>) -> Vec<String> {
    let show = |l: &crate::finding::Location| {
        let logical = l.logical.as_deref().map(|x| format!(" ({x})")).unwrap_or_default();
        format!("{}:{}{logical}", l.path, l.region.start)
    };
    let copies = problem
        .main
        .also
        .iter()
        .map(|l| format!("written again by FME in the same file: {}", show(l)));
    let others = problem.elsewhere.iter().map(|f| {
        // Another lint there is another repair there.
        let word = if f.lint == problem.main.lint {
            String::new()
        } else {
            format!(" ({}[{}])", f.severity.as_str(), f.lint)
        };
        let ignored = f.suppressed.as_ref();
        let ignored = ignored.map(|s| format!(" (ignored: {})", s.reason)).unwrap_or_default();
        format!("the same credential{word}: {}{ignored}", show(&f.location))
    });
    copies.chain(others).collect()
}

/// One line about the run.
pub(super) fn notice_line(notice: &Notice) -> String {
    let path = if notice.path.is_empty() { String::new() } else { format!("{}: ", notice.path) };
    format!("notice[{}]: {path}{}", notice.kind.as_str(), notice.message)
}

/// Counts, always: a green run that read nothing must not look like one that read everything.
pub(super) fn summary(report: &Report) -> String {
    let open: Vec<&Finding> = report.findings.iter().filter(|f| f.suppressed.is_none()).collect();
    let count = |severity| open.iter().filter(|f| f.severity == severity).count() as u64;
    let parts: Vec<String> =
        [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")]
            .into_iter()
            .filter(|(severity, _)| count(*severity) > 0)
            .map(|(severity, word)| plural(count(severity), word))
            .collect();
    let stats = report.stats;
    let read = format!("{} ({})", plural(stats.files, "file"), bytes(stats.bytes));
    let mut extra = Vec::new();
    if stats.suppressed > 0 {
        extra.push(format!("{} ignored", stats.suppressed));
    }
    if stats.skips.total() > 0 {
        extra.push(skipped(&stats.skips));
    }
    let incomplete = report.notices.iter().filter(|n| n.kind.is_incomplete()).count() as u64;
    if incomplete > 0 {
        extra.push(format!("{} incomplete", plural(incomplete, "artifact")));
    }
    let extra = if extra.is_empty() { String::new() } else { format!(" {}.", extra.join(", ")) };
    if open.is_empty() {
        if stats.files == 0 {
            return format!("Nothing was searched.{extra}");
        }
        // Who asked for one credential and did not find it knows nothing of the others.
        let asked = report.notices.iter().any(|n| n.kind == NoticeKind::NotFound);
        let said = match report.shown().next() {
            Some(_) => "Only ignored places",
            None if asked => "Not found",
            None => "No problems",
        };
        return format!("{said} in {read}.{extra}");
    }
    let mut paths: Vec<&str> = open.iter().map(|f| f.location.path.as_str()).collect();
    paths.dedup();
    format!("Found {} in {} of {read}.{extra}", parts.join(", "), paths.len())
}

/// How many files and folders were not searched, and why.
fn skipped(skips: &Skips) -> String {
    let counted = |count: u64, why: &str| (count > 0).then(|| format!("{count} {why}"));
    let ignored = {
        let files = (skips.ignored > 0).then(|| plural(skips.ignored, "file"));
        let folders = (skips.ignored_folders > 0).then(|| plural(skips.ignored_folders, "folder"));
        let parts: Vec<String> = files.into_iter().chain(folders).collect();
        (!parts.is_empty()).then(|| format!("{} left out by ignore files", parts.join(" and ")))
    };
    let reasons: Vec<String> = [
        counted(skips.binary, "binary"),
        counted(skips.excluded, "excluded by the config"),
        (skips.links > 0).then(|| plural(skips.links, "symbolic link")),
        counted(skips.special, "no regular file"),
        ignored,
    ]
    .into_iter()
    .flatten()
    .collect();
    let things = match (skips.files(), skips.ignored_folders) {
        (files, 0) => plural(files, "file"),
        (0, folders) => plural(folders, "folder"),
        (files, folders) => format!("{} and {}", plural(files, "file"), plural(folders, "folder")),
    };
    format!("{things} not searched ({})", reasons.join(", "))
}
