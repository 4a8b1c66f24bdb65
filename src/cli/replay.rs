//! `authward replay`: recorded calls → diagnoses → report.

use std::path::Path;

use anyhow::{Context, Result, bail};

use super::args::Replay;
use super::{Exit, output};
use crate::config::{self, Source};
use crate::diagnose::Diagnoser;
use crate::exchange::{Certainty, Exchange, Observation};
use crate::fact::{nearest, quoted};
use crate::finding::{Notice, NoticeKind};
use crate::format::recording;
use crate::report::diagnoses::{self, Diagnoses, Told};
use crate::rule::load::Extent;
use crate::sink;
use crate::source;

/// The largest recording that is read, in bytes.
const RECORDING_MAX: u64 = 2 << 30;

/// The most refused calls that are kept for probes: those of a recording are few, or of one cause.
const KEPT_MAX: usize = 500;

/// Runs the verb.
pub(super) fn run(args: &Replay) -> Result<Exit> {
    let format = named_output(&args.format)?;
    let files = args
        .output
        .iter()
        .map(|text| match text.split_once('=') {
            Some((name, file)) if !file.is_empty() => Ok((named_output(name)?, file)),
            _ => bail!("--output wants NAME=FILE, for example json=report.json"),
        })
        .collect::<Result<Vec<_>>>()?;
    let source = match &args.config {
        Some(file) => Source::Named(file.clone()),
        None => config::find(Path::new(".")),
    };
    let settings = config::load(&source, output::environment("AUTHWARD_KEY"), Extent::Whole)?;
    let diagnoser = Diagnoser { book: &settings.book, at: args.at, key: settings.key.clone() };
    let mut told = Diagnoses::default();
    let mut refused = Vec::new();
    for source in &args.sources {
        read(source, &diagnoser, &mut told, &mut refused);
    }
    #[cfg(feature = "replay")]
    super::probing::probe(args, &diagnoser, refused, &mut told)?;
    let scene = diagnoses::Scene {
        color: output::color(args.color),
        book: &settings.book,
        verbosity: if args.quiet { -1 } else { i8::try_from(args.verbose).unwrap_or(1) },
    };
    for (format, file) in files {
        let text = format.write(&told, &diagnoses::Scene { color: false, ..scene });
        sink::write(Path::new(file), text.as_bytes())
            .with_context(|| format!("cannot write {file}"))?;
    }
    output::print(&format.write(&told, &scene))?;
    Ok(exit(&told, args.exit_zero))
}

fn exit(told: &Diagnoses, exit_zero: bool) -> Exit {
    let explained = told.told.iter().any(|t| t.diagnosis.certainty > Certainty::Unknown);
    if explained && !exit_zero {
        Exit::Findings
    } else if told.notices.iter().any(|n| n.kind.is_incomplete()) {
        Exit::Incomplete
    } else if told.told.iter().any(|t| t.diagnosis.certainty == Certainty::Unknown) {
        Exit::Inconclusive
    } else if told.calls == 0 {
        Exit::Nothing
    } else {
        Exit::Clean
    }
}

fn named_output(name: &str) -> Result<&'static dyn diagnoses::Output> {
    diagnoses::output(name).ok_or_else(|| {
        let names: Vec<&str> = diagnoses::OUTPUTS.iter().map(|o| o.name()).collect();
        anyhow::anyhow!(
            "there is no format {}, only {}{}",
            quoted(name, "of this name"),
            names.join(", "),
            nearest(name, names.iter().copied())
        )
    })
}

/// A source as typed: a path, and behind a colon which of its calls is meant.
fn split(source: &str) -> (&str, Option<usize>) {
    match source.rsplit_once(':') {
        Some((path, number)) if !path.is_empty() && !Path::new(source).exists() => {
            match number.parse() {
                Ok(number) => (path, Some(number)),
                Err(_) => (source, None),
            }
        }
        _ => (source, None),
    }
}

fn read(
    source: &str,
    diagnoser: &Diagnoser<'_>,
    told: &mut Diagnoses,
    refused: &mut Vec<(usize, Exchange)>,
) {
    let (path, wanted) = split(source);
    let mut notice = |kind: NoticeKind, message: String| {
        told.notices.push(Notice { kind, path: path.to_owned(), message });
    };
    let bytes = match source::whole(Path::new(path), RECORDING_MAX) {
        Ok(bytes) => bytes,
        Err(why) => return notice(NoticeKind::Unreadable, why),
    };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let Some(format) = recording::detect(path, bytes) else {
        return notice(
            NoticeKind::Unreadable,
            "holds no recorded calls that are known: a HAR is needed".to_owned(),
        );
    };
    let mut calls = 0;
    let first = told.told.len();
    let mut found = Vec::new();
    let result = format.read(bytes, &mut |spot, exchange| {
        let number = spot.entry.or(spot.line);
        calls += 1;
        if wanted.is_some() && number != wanted {
            return;
        }
        let observation = Observation { exchange, trials: Vec::new() };
        if let Some(diagnosis) = diagnoser.diagnose(&observation) {
            found.push(Told { path: path.to_owned(), spot, diagnosis });
            if refused.len() < KEPT_MAX {
                refused.push((first + found.len() - 1, observation.exchange));
            }
        }
    });
    if let Err(why) = result {
        notice(NoticeKind::Unreadable, format!("{why}; what stands before it was read"));
    }
    told.calls += calls;
    told.told.append(&mut found);
}
