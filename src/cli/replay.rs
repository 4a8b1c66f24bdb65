//! `authward replay`: recorded calls → diagnoses → report.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::args::Replay;
use super::{Exit, output};
use crate::config::{self, Source};
use crate::diagnose::Diagnoser;
use crate::exchange::{Certainty, Exchange, Observation, Spot};
use crate::fact::{nearest, quoted};
use crate::finding::{Notice, NoticeKind};
use crate::format::recording::command::{self, Commands};
use crate::format::recording::{self, Format, LINE_MAX, Recording};
use crate::report::diagnoses::{self, Diagnoses, Told};
use crate::rule::load::Extent;
use crate::sink;
use crate::source;

/// The largest recording that is read, in bytes.
const RECORDING_MAX: u64 = 2 << 30;

/// How much of a source tells what it is, in bytes.
const HEAD: u64 = 64 * 1024;

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
        // What lies in the folder may be somebody else's, and what its rules say would be called.
        None => Source::None,
    };
    let settings = config::load(&source, output::environment("AUTHWARD_KEY"), Extent::Whole)?;
    let diagnoser = Diagnoser { book: &settings.book, at: args.at, key: settings.key.clone() };
    let mut told = Diagnoses::default();
    let mut refused = Vec::new();
    let mut reader = Reader { diagnoser: &diagnoser, told: &mut told, refused: &mut refused };
    for source in &args.sources {
        reader.source(source);
    }
    #[cfg(feature = "replay")]
    super::probing::probe(args, &diagnoser, refused, &mut told)?;
    let veil = output::typed_veil();
    for notice in &mut told.notices {
        veil.cover_in_place(&mut notice.path);
        veil.cover_in_place(&mut notice.message);
    }
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

/// What a typed call is called where a path would stand: the call itself may hold a secret.
const TYPED: &str = "command line";

/// How deep a folder is read.
const DEPTH_MAX: usize = 3;

/// Calls, and what was not understood of them.
pub(super) type Typed = (Vec<(Spot, Exchange)>, Vec<String>);

/// The calls of a source that is a call itself, with what was not understood; `None` for a path.
pub(super) fn typed(source: &str) -> Option<Typed> {
    let source = source.trim_start();
    let mut calls = Vec::new();
    if ["curl ", "curl.exe "].iter().any(|name| source.starts_with(name)) {
        let notices = Commands
            .read(source.as_bytes(), &mut |_, exchange| calls.push((Spot::default(), exchange)));
        return Some((calls, notices));
    }
    let lower = source.get(..8).unwrap_or(source).to_ascii_lowercase();
    (lower.starts_with("http://") || lower.starts_with("https://")).then(|| {
        calls.push((Spot::default(), command::of_address(source.trim_end())));
        (calls, Vec::new())
    })
}

/// What is read, and where it goes.
struct Reader<'r, 'b> {
    diagnoser: &'r Diagnoser<'b>,
    told: &'r mut Diagnoses,
    refused: &'r mut Vec<(usize, Exchange)>,
}

impl Reader<'_, '_> {
    fn source(&mut self, source: &str) {
        if let Some((calls, notices)) = typed(source) {
            for why in notices {
                self.notice(TYPED, NoticeKind::Undecoded, why);
            }
            if calls.is_empty() {
                let why = "there is no address in it: write it as `curl … https://host/path`";
                self.notice(TYPED, NoticeKind::Unreadable, why.to_owned());
            }
            for (spot, exchange) in calls {
                self.call(TYPED, spot, exchange);
            }
            return;
        }
        let (path, wanted) = split(source);
        if Path::new(path).is_dir() {
            return self.folder(path);
        }
        let before = self.told.told.len();
        let calls = self.told.calls;
        match self.file(path, wanted) {
            Ok(true) => {}
            Ok(false) => {
                let why = format!("holds no calls that are known: one of {}", recording::known());
                self.notice(path, NoticeKind::Unreadable, why);
            }
            Err(why) => self.notice(path, NoticeKind::Unreadable, why),
        }
        if let Some(number) = wanted
            && self.told.calls == calls
            && self.told.told.len() == before
        {
            let why =
                format!("no refused call stands at {number}: entries count from 0, lines from 1");
            self.notice(path, NoticeKind::NotFound, why);
        }
    }

    /// Every file of a folder that is a recording; others are left alone.
    fn folder(&mut self, path: &str) {
        let files = match source::files(Path::new(path), DEPTH_MAX) {
            Ok(files) => files,
            Err(why) => return self.notice(path, NoticeKind::Unreadable, why),
        };
        let mut known = 0;
        for file in files {
            let name = file.to_string_lossy().replace('\\', "/");
            match self.file(&name, None) {
                Ok(is_known) => known += usize::from(is_known),
                Err(why) => self.notice(&name, NoticeKind::Unreadable, why),
            }
        }
        if known == 0 {
            let why =
                format!("no file in it holds calls that are known: one of {}", recording::known());
            self.notice(path, NoticeKind::Unreadable, why);
        }
    }

    /// Reads a file; `Ok(false)` when it is no recording.
    fn file(&mut self, path: &str, wanted: Option<usize>) -> Result<bool, String> {
        let mut from = source::open(Path::new(path))?;
        let mut head = Vec::new();
        from.by_ref()
            .take(HEAD)
            .read_to_end(&mut head)
            .map_err(|_| "it could not be read to its end".to_owned())?;
        let mark = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        head.drain(..mark);
        match recording::detect(path, &head) {
            None => Ok(false),
            Some(Format::Whole(format)) => {
                let mut bytes = head;
                let size = from
                    .take(RECORDING_MAX)
                    .read_to_end(&mut bytes)
                    .map_err(|_| "it could not be read to its end".to_owned())?;
                if size as u64 >= RECORDING_MAX {
                    return Err(format!("it is too large; at most {RECORDING_MAX} bytes are read"));
                }
                let notices = format.read(&bytes, &mut |spot, exchange| {
                    if wanted.is_none() || spot.entry.or(spot.line) == wanted {
                        self.call(path, spot, exchange);
                    }
                });
                for why in notices {
                    self.notice(path, NoticeKind::Unreadable, why);
                }
                Ok(true)
            }
            Some(Format::Lined(format)) => {
                let all = std::io::Cursor::new(head).chain(from);
                source::lines(all, LINE_MAX, &mut |number, line| {
                    if wanted.is_none_or(|wanted| wanted == number)
                        && let Some((exchange, logical)) = format.call(line)
                    {
                        self.call(path, Spot { logical, ..Spot::line(number) }, exchange);
                    }
                })?;
                Ok(true)
            }
        }
    }

    fn call(&mut self, path: &str, mut spot: Spot, exchange: Exchange) {
        self.told.calls += 1;
        let observation = Observation { exchange, trials: Vec::new() };
        let Some(diagnosis) = self.diagnoser.diagnose(&observation) else { return };
        spot.logical = spot.logical.map(|name| self.diagnoser.name(&observation, &name));
        if self.refused.len() < KEPT_MAX {
            self.refused.push((self.told.told.len(), observation.exchange));
        }
        self.told.told.push(Told { path: path.to_owned(), spot, diagnosis });
    }

    fn notice(&mut self, path: &str, kind: NoticeKind, message: String) {
        self.told.notices.push(Notice { kind, path: path.to_owned(), message });
    }
}
