//! `authward check`: files → findings → report.

use std::mem::ManuallyDrop;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, bail};

use super::args::Check;
use super::visit::{Visit, visit};
use super::{Exit, output};
use crate::adopt::allow;
use crate::config::{self, Settings, Source};
use crate::fact::{nearest, quoted};
use crate::finding::{Confidence, Finding, Notice, NoticeKind, Report, Severity};
use crate::report::{self, Output, Scene};
use crate::rule::load::Extent;
use crate::scan::Scanner;
use crate::scan::environment::Environments;
use crate::scan::purpose::Purposes;
use crate::sink;
use crate::source::{self, walk};
use crate::time::Instant;

/// How many hex digits a fingerprint has.
const FINGERPRINT_LEN: usize = 32;
/// How many of them are enough to name one.
const FINGERPRINT_MIN: usize = 4;
/// Fewer files than this are read without threads: starting them would cost more.
const THREADS_FROM: usize = 16;

/// Runs the check.
pub(super) fn run(args: &Check) -> Result<Exit> {
    let at = args.at.unwrap_or_else(Instant::now);
    let format = named_output(&args.format)?;
    let files = args.output.iter().map(|o| split_output(o)).collect::<Result<Vec<_>>>()?;
    // The process ends with this: giving every rule back, piece by piece, takes a seventh of a small
    // check.
    let settings = ManuallyDrop::new(settings(args)?);
    check_lint_names(args, &settings)?;
    check_fingerprint(args)?;
    let mut report = search(args, &settings, at);
    refine(&mut report, args, &settings, at);
    let verbosity = if args.quiet { -1 } else { i8::try_from(args.verbose).unwrap_or(1) };
    let scene = Scene { color: output::color(args.color), at, book: &settings.book, verbosity };
    for (format, file) in files {
        let text = format.write(&report, &Scene { color: false, ..scene });
        sink::write(&file, text.as_bytes())
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    output::print(&format.write(&report, &scene))?;
    Ok(Exit::of(&report, args.fail_on.severity(), args.exit_zero, args.allow_empty))
}

fn named_output(name: &str) -> Result<&'static dyn Output> {
    report::output(name).ok_or_else(|| {
        let names: Vec<&str> = report::OUTPUTS.iter().map(|o| o.name()).collect();
        anyhow::anyhow!(
            "there is no format {}, only {}{}",
            quoted(name, "of this name"),
            names.join(", "),
            nearest(name, names.iter().copied())
        )
    })
}

fn split_output(text: &str) -> Result<(&'static dyn Output, PathBuf)> {
    let Some((name, file)) = text.split_once('=').filter(|(_, file)| !file.is_empty()) else {
        bail!("--output wants NAME=FILE, for example json=report.json, not `{text}`");
    };
    Ok((named_output(name)?, PathBuf::from(file)))
}

fn settings(args: &Check) -> Result<Settings> {
    let source = match &args.config {
        Some(file) => Source::Named(file.clone()),
        None => config::find(std::path::Path::new(".")),
    };
    Ok(config::load(&source, output::environment("AUTHWARD_KEY"), Extent::Check)?)
}

fn check_lint_names(args: &Check, settings: &Settings) -> Result<()> {
    let known: Vec<&str> = settings.book.lints.iter().map(|l| l.written.id.as_str()).collect();
    match args.select.iter().chain(&args.ignore).find(|id| !known.contains(&id.as_str())) {
        Some(id) => bail!(
            "there is no lint {}{}; `authward rules list` shows every id",
            quoted(id, "of this name"),
            nearest(id, known.iter().copied())
        ),
        None => Ok(()),
    }
}

/// What was typed is not repeated: it may be the credential itself.
fn check_fingerprint(args: &Check) -> Result<()> {
    let is_one = |w: &str| {
        (FINGERPRINT_MIN..=FINGERPRINT_LEN).contains(&w.len())
            && w.bytes().all(|b| b.is_ascii_hexdigit())
    };
    if args.where_is.as_deref().is_some_and(|w| !is_one(w)) {
        bail!(
            "--where wants a fingerprint: {FINGERPRINT_MIN} to {FINGERPRINT_LEN} hex digits, as \
             `--format json` prints them under secret.fingerprint; never the value itself"
        );
    }
    Ok(())
}

/// What the config says of environments, with its globs where the config lies.
fn environments(settings: &Settings) -> Environments {
    let environments = settings.environments.clone();
    let Ok(here) = std::env::current_dir().and_then(|here| here.canonicalize()) else {
        return environments;
    };
    let root = config::repository(&here);
    let folders = root.and_then(|root| {
        let below = here.strip_prefix(root).ok()?.components();
        Some(below.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect())
    });
    let environments = environments.inside(folders.unwrap_or_default());
    match &settings.base {
        Some(base) => environments.below(here, base.clone()),
        None => environments,
    }
}

/// The folders that were named: what lies above says nothing, for the user wants to see what is in
/// them. A file that is named is what it is in its folder, or a hook would see another thing than CI.
fn roots(paths: &[PathBuf]) -> Vec<String> {
    paths
        .iter()
        .filter_map(|path| {
            let is_below = source::path::relative(path).is_relative();
            let folder = if path.is_dir() { Some(path.as_path()) } else { path.parent() };
            folder.filter(|_| path.is_dir() || !is_below).map(source::path::shown)
        })
        .collect()
}

/// Reads everything and collects what was found, in order.
fn search(args: &Check, settings: &Settings, at: Instant) -> Report {
    let scanner = Scanner {
        book: &settings.book,
        at,
        key: settings.key.clone(),
        expiring_within: settings.expiring_within,
        environments: environments(settings),
        purposes: Purposes::below(roots(&args.paths)),
    };
    let named = if args.paths.is_empty() { vec![PathBuf::from(".")] } else { args.paths.clone() };
    let (streams, paths): (Vec<PathBuf>, Vec<PathBuf>) =
        named.into_iter().partition(|p| p.as_os_str() == "-");
    let walked = walk::walk(
        &paths,
        &walk::Options {
            no_ignore: args.no_ignore,
            exclude: &settings.exclude,
            base: settings.base.as_deref(),
        },
    );
    let mut report = Report { notices: walked.notices, ..Report::default() };
    report.stats.skips = walked.skips;
    let mut binaries = Vec::new();
    let gravity = |finding: &Finding| severity(args, settings, finding);
    if !streams.is_empty() {
        let name = args.stdin_filename.as_str();
        visit(&scanner, &gravity, name, |v| source::stdin(name, v))
            .into_report(&mut report, &mut binaries);
    }
    let entries = &walked.entries;
    let next = AtomicUsize::new(0);
    let total = Mutex::new((&mut report, &mut binaries));
    let work = || {
        while let Some(entry) = entries.get(next.fetch_add(1, Ordering::Relaxed)) {
            let read = |v: &mut Visit<'_>| source::file(&entry.path, &entry.shown, v);
            let visit = visit(&scanner, &gravity, &entry.shown, read);
            // A poisoned lock means a panic outside of reading: what was collected still counts.
            let mut total = total.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let (report, binaries) = &mut *total;
            visit.into_report(report, binaries);
        }
    };
    let cores = args
        .jobs
        .or_else(|| std::thread::available_parallelism().ok().map(Into::into))
        .unwrap_or(1);
    if entries.len() < THREADS_FROM || cores < 2 {
        work();
    } else {
        std::thread::scope(|scope| {
            for _ in 0..cores {
                scope.spawn(work);
            }
        });
    }
    say_binaries(&mut report, &binaries, &paths);
    report
}

/// Binary files are counted; those named on the command line are named, and so are archives of which
/// nothing could be searched.
fn say_binaries(report: &mut Report, binaries: &[String], named: &[PathBuf]) {
    let named: Vec<String> = named.iter().map(|path| source::path::shown(path)).collect();
    for name in named {
        let is_member =
            |path: &String| path.strip_prefix(&name).is_some_and(|behind| behind.starts_with('!'));
        let message = if binaries.contains(&name) {
            "is binary and was not searched"
        } else if binaries.iter().any(is_member) {
            "holds nothing but binary members and was not searched"
        } else {
            continue;
        };
        let message = message.to_owned();
        report.notices.push(Notice { path: name, kind: NoticeKind::Skipped, message });
    }
}

/// Whether this is the credential that the user follows, if one is followed.
fn is_followed(args: &Check, finding: &Finding) -> bool {
    args.where_is.as_ref().is_none_or(|digits| {
        let digits = digits.to_ascii_lowercase();
        finding.fingerprint.is_some_and(|f| f.to_string().starts_with(&digits))
    })
}

/// How grave a finding is by flags and config; `None` when it is not asked for.
fn severity(args: &Check, settings: &Settings, finding: &Finding) -> Option<Severity> {
    let is_wanted = (args.select.is_empty() || args.select.contains(&finding.lint))
        && !args.ignore.contains(&finding.lint)
        && (args.pedantic || finding.confidence > Confidence::Low)
        && is_followed(args, finding);
    let severity = settings.severity.get(&finding.lint).copied();
    severity.unwrap_or(Some(finding.severity)).filter(|_| is_wanted)
}

/// Reports entries of `allow:` that have no effect, before anything is left out of the report.
fn say_idle(report: &mut Report, args: &Check, settings: &Settings, at: Instant) {
    let met = is_whole(report, args, settings).then(|| allow::fingerprints(&report.findings));
    let path = settings.file.as_deref().map(source::path::shown).unwrap_or_default();
    let said = allow::idle(&settings.allow, at, met.as_ref()).into_iter();
    report.notices.extend(said.map(|(kind, message)| Notice { path: path.clone(), kind, message }));
}

/// Whether the run saw everything that its config is about: only then is what was not met not there.
/// A config that was named may be shared by many trees, and no run knows them all.
fn is_whole(report: &Report, args: &Check, settings: &Settings) -> bool {
    let asks_for_part =
        !args.select.is_empty() || !args.ignore.is_empty() || args.where_is.is_some();
    let is_incomplete = report.notices.iter().any(|n| n.kind.is_incomplete());
    let here = [PathBuf::from(".")];
    let paths = if args.paths.is_empty() { &here[..] } else { &args.paths };
    let covers = |base: &PathBuf| {
        paths.iter().filter_map(|p| p.canonicalize().ok()).any(|p| base.starts_with(p))
    };
    !asks_for_part && !is_incomplete && settings.base.as_ref().is_some_and(covers)
}

/// Applies what the user asked for: selection, severities, allowed values; and puts it in order.
fn refine(report: &mut Report, args: &Check, settings: &Settings, at: Instant) {
    if args.where_is.is_some() && !report.findings.iter().any(|f| is_followed(args, f)) {
        report.notices.push(Notice {
            path: String::new(),
            kind: NoticeKind::NotFound,
            message: "no credential here has the fingerprint of --where; take it from `--format \
                      json`, made with the same key (AUTHWARD_KEY or fingerprint-key)"
                .to_owned(),
        });
    }
    say_idle(report, args, settings, at);
    report.findings.retain_mut(|finding| {
        let severity = severity(args, settings, finding);
        finding.severity = severity.unwrap_or(finding.severity);
        severity.is_some()
    });
    allow::apply(&settings.allow, at, &mut report.findings);
    report.follows_one = args.where_is.is_some();
    report.stats.suppressed =
        report.findings.iter().filter(|f| f.suppressed.is_some()).count() as u64;
    report.findings.sort_by(|a, b| a.order().cmp(&b.order()));
    report.notices.sort();
    report.notices.dedup();
    report.secrets.extend(output::typed_secrets());
    report::hide_secrets(report);
}
