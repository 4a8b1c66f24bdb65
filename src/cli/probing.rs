//! The second half of `authward replay`: permits, probes, and the audit of what was sent.

use std::io::Write;

use anyhow::{Context, Result, bail};

use super::args::Replay;
use super::output;
use crate::diagnose::{Address, Diagnoser};
use crate::exchange::{Exchange, Observation, ProbeTold, Trial};
use crate::finding::{Notice, NoticeKind};
use crate::http::message::Request;
use crate::replay::client::Client;
use crate::replay::{Guard, Origin, Replayer, guard, plan};
use crate::report::diagnoses::{Diagnoses, Told};
use crate::secret::Secret;
use crate::sink;
use crate::time::Instant;

/// A refused call, as an index into what is told.
pub(super) type RefusedCall = (usize, Exchange);

/// The origins that were typed: options, and sources that are calls themselves.
fn typed(args: &Replay) -> Result<Vec<Origin>> {
    let mut all = Vec::new();
    for text in &args.allow_host {
        let origins = Origin::typed(text);
        if origins.is_empty() {
            bail!("--allow-host wants HOST or HOST:PORT, exactly, without a path or a wildcard");
        }
        all.extend(origins);
    }
    // Of a typed call only where it goes: an address in a header or a body permits nothing.
    for (calls, _) in args.sources.iter().filter_map(|source| super::replay::typed(source)) {
        for (_, exchange) in calls {
            let Address { scheme, host, port, .. } = Address::of(&exchange.request);
            let port = if port.is_empty() { port } else { format!(":{port}") };
            if !host.is_empty() {
                all.extend(Origin::typed(&format!("{scheme}://{host}{port}")));
            }
        }
    }
    Ok(all)
}

/// Sends probes for the first call of each group, or says what would be sent.
pub(super) fn probe(
    args: &Replay,
    diagnoser: &Diagnoser<'_>,
    refused: Vec<RefusedCall>,
    told: &mut Diagnoses,
) -> Result<()> {
    if args.offline || refused.is_empty() {
        return Ok(());
    }
    let unsafe_methods = args.unsafe_method && confirmed()?;
    let mut guard = Guard::new(typed(args)?, unsafe_methods);
    let credential = own_credential(args)?;
    let mut audit = Audit::open(args)?;
    let mut client = Client::default();
    let mut seen = std::collections::HashSet::new();
    // Servers that spoke of a lock or a limit, or gave no answer.
    let mut closed = std::collections::HashSet::new();
    let mut own = None;
    for (index, exchange) in refused {
        let Some(one) = told.told.get_mut(index) else { continue };
        let d = &one.diagnosis;
        let who = d.fingerprint.map_or_else(|| d.call.clone(), |f| f.to_string());
        if !seen.insert((who, d.cause.clone())) {
            continue;
        }
        guard.next_call();
        let origin =
            guard::address_of(&exchange.request).ok().map(|url| url.origin().ascii_serialization());
        if closed.contains(&origin) {
            continue;
        }
        // One credential is for one server: the first that is called with it.
        if credential.is_some() && *own.get_or_insert_with(|| origin.clone()) != origin {
            let message = "not called: the credential of --env went to another server".to_owned();
            let path = one.path.clone();
            told.notices.push(Notice { kind: NoticeKind::Skipped, path, message });
            continue;
        }
        if args.dry_run {
            planned(diagnoser, &guard, exchange, one);
            continue;
        }
        if let Err(why) = may_call(&guard, &exchange.request) {
            let told_already = told.notices.iter().any(|n| n.message == why);
            if !told_already {
                let path = told.told.get(index).map(|t| t.path.clone()).unwrap_or_default();
                told.notices.push(Notice { kind: NoticeKind::Skipped, path, message: why });
            }
            continue;
        }
        let first = one.diagnosis.clone();
        let mut replayer = Replayer {
            diagnoser,
            guard: &mut guard,
            sender: &mut client,
            credential: credential.clone(),
            audit: &mut |trial| audit.write(diagnoser, trial),
        };
        let outcome = replayer.replay(exchange, first);
        one.diagnosis = outcome.diagnosis;
        if let Some(message) = outcome.stopped {
            closed.insert(origin);
            let path = one.path.clone();
            told.notices.push(Notice { kind: NoticeKind::Skipped, path, message });
        }
    }
    audit.close()
}

/// The credential that the user names, in the place of the recorded one.
fn own_credential(args: &Replay) -> Result<Option<Secret>> {
    let Some(name) = &args.env else { return Ok(None) };
    match output::environment(name) {
        Some(value) => Ok(Some(Secret::new(value.as_bytes()))),
        None => bail!("the variable that --env names is not set or empty"),
    }
}

/// Whether the origin of a recorded call was permitted; the reason says how to permit it.
fn may_call(guard: &Guard, request: &Request) -> Result<(), String> {
    let url = guard::address_of(request).map_err(|refused| refused.to_string())?;
    guard.allows(&url).map_err(|refused| format!("nothing was sent: {refused}"))
}

/// Says what would be sent, and what would be left out and why.
fn planned(diagnoser: &Diagnoser<'_>, guard: &Guard, exchange: Exchange, one: &mut Told) {
    let permitted = may_call(guard, &exchange.request);
    let observation = Observation { exchange, trials: Vec::new() };
    for planned in plan::plan(diagnoser, &observation, &one.diagnosis) {
        let (call, result, tells) = match planned.step {
            None => (String::new(), "left-out", planned.why.to_owned()),
            Some(step) => {
                let address = Address::of(&step.request);
                let sent = crate::diagnose::sent::credentials(
                    diagnoser.book, &observation.exchange.request,
                );
                let call = format!("{} {}", step.request.method, address.shown(&sent));
                match &permitted {
                    Ok(()) => (call, "planned", planned.why.to_owned()),
                    Err(why) => (call, "not-permitted", why.clone()),
                }
            }
        };
        one.diagnosis.probes.push(ProbeTold {
            probe: planned.probe.as_str().to_owned(),
            call,
            status: None,
            result: result.to_owned(),
            tells,
        });
    }
}

/// A person must say yes before anything is sent that may change something.
fn confirmed() -> Result<bool> {
    use std::io::{BufRead, IsTerminal};
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        bail!("--unsafe-method asks a person, and there is no terminal to ask at");
    }
    output::print("Calls that may change something will be sent again. Type yes to go on: ")?;
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer).context("cannot read the answer")?;
    Ok(answer.trim() == "yes")
}

/// One line of JSON for each request that was sent, without any secret.
struct Audit<'a> {
    file: Option<&'a std::path::Path>,
    lines: Vec<u8>,
}

impl<'a> Audit<'a> {
    fn open(args: &'a Replay) -> Result<Self> {
        let file = args.audit.as_deref();
        if let Some(file) = file {
            // Nothing is sent that could not be written down.
            sink::append(file, b"").with_context(|| format!("cannot write {}", file.display()))?;
        }
        Ok(Self { file, lines: Vec::new() })
    }

    fn write(&mut self, diagnoser: &Diagnoser<'_>, trial: &Trial) {
        let address = Address::of(&trial.sent);
        let names: Vec<&str> = trial.sent.headers.names().collect();
        let sent = crate::diagnose::sent::credentials(diagnoser.book, &trial.sent);
        let fingerprint = sent
            .first()
            .and_then(|s| s.secret.fingerprint(&diagnoser.key))
            .map(|fingerprint| fingerprint.to_string());
        let line = serde_json::json!({
            "time": Instant::now().to_string(),
            "probe": trial.probe,
            "method": trial.sent.method,
            "address": address.shown(&sent),
            "headers": names,
            "credential": fingerprint,
            "status": trial.got.as_ref().ok().map(|response| response.status),
            "error": trial.got.as_ref().err(),
        });
        // Writing into memory cannot fail; the file is written at the end of each call.
        let _ = writeln!(self.lines, "{line}");
        if let Some(file) = self.file
            && sink::append(file, &self.lines).is_ok()
        {
            self.lines.clear();
        }
    }

    fn close(self) -> Result<()> {
        match self.file {
            Some(file) if !self.lines.is_empty() => sink::append(file, &self.lines)
                .with_context(|| format!("cannot write {}", file.display())),
            _ => Ok(()),
        }
    }
}
