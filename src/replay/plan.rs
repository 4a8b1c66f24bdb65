//! Which probes tell the remaining causes apart: each cause names in its rule what would settle it,
//! and the plan takes what helps most of those that are left.

use super::{edit, guard};
use crate::diagnose::{Diagnoser, Scene};
use crate::exchange::{Certainty, Diagnosis, Observation};
use crate::http::message::Request;
use crate::rule::schema::ProbeWord;

/// A request of a plan.
#[derive(Debug, Clone)]
pub struct Step {
    /// What would be sent.
    pub request: Request,
}

/// A probe with its request, or why it is left out.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The experiment.
    pub probe: ProbeWord,
    /// What is sent; `None` where it cannot be or must not be.
    pub step: Option<Step>,
    /// What it would tell, or why it is left out.
    pub why: &'static str,
}

/// The most probes that are worth their requests.
const PROBES_MAX: usize = 4;

/// What is still worth sending, best first. Empty when nothing is left to learn.
pub fn plan(
    diagnoser: &Diagnoser<'_>,
    observation: &Observation,
    diagnosis: &Diagnosis,
) -> Vec<Planned> {
    let done = |probe: ProbeWord| observation.trials.iter().any(|t| t.probe == probe.as_str());
    let mut plan: Vec<Planned> = wanted(diagnoser, diagnosis)
        .into_iter()
        .filter(|probe| !done(*probe))
        .map(|probe| planned(diagnoser, observation, probe))
        .collect();
    let left = PROBES_MAX.saturating_sub(observation.trials.len());
    let mut room = left;
    plan.retain(|planned| {
        let keeps = planned.step.is_none() || room > 0;
        room = room.saturating_sub(usize::from(planned.step.is_some()));
        keeps
    });
    plan
}

/// The probes that the first cause and its alternatives ask for: first whether it still fails at
/// all, then by how many of them ask.
fn wanted(diagnoser: &Diagnoser<'_>, diagnosis: &Diagnosis) -> Vec<ProbeWord> {
    let alternatives = diagnosis.alternatives.iter().map(|a| a.cause.as_str());
    let ids: Vec<&str> = std::iter::once(diagnosis.cause.as_str()).chain(alternatives).collect();
    let asked: Vec<ProbeWord> = ids
        .iter()
        .filter_map(|id| diagnoser.book.cause(id))
        .flat_map(|cause| cause.written.probes.iter().copied())
        .collect();
    let is_settled = diagnosis.certainty >= Certainty::Certain;
    // What is certain only needs the probe that proves it by mending it.
    let asked: Vec<ProbeWord> =
        asked.into_iter().filter(|probe| !is_settled || probe.is_repair()).collect();
    if asked.is_empty() && is_settled {
        return Vec::new();
    }
    let mut out = vec![ProbeWord::AsItWas];
    let mut rest: Vec<ProbeWord> = if asked.is_empty() {
        vec![ProbeWord::Anonymous, ProbeWord::Identity]
    } else {
        asked.clone()
    };
    rest.sort_by_key(|probe| {
        (std::cmp::Reverse(asked.iter().filter(|a| *a == probe).count()), *probe)
    });
    rest.dedup();
    out.extend(rest.into_iter().filter(|probe| *probe != ProbeWord::AsItWas));
    out
}

fn planned(diagnoser: &Diagnoser<'_>, observation: &Observation, probe: ProbeWord) -> Planned {
    let exchange = &observation.exchange;
    let request = &exchange.request;
    let book = diagnoser.book;
    let scene = Scene::read(book, observation, diagnoser.at);
    let service = scene.services.first();
    let path = scene.address.path.as_bytes();
    let acts = book.acts_on_get(&scene.services, path);
    let is_reading = matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS");
    let keeps_path = matches!(
        probe,
        ProbeWord::AsItWas
            | ProbeWord::Anonymous
            | ProbeWord::Garbage
            | ProbeWord::InHeader
            | ProbeWord::Cleaned
    );
    let none = |why| Planned { probe, step: None, why };
    if keeps_path && acts {
        return none(
            "this address does something when it is called, so it is never called by a probe",
        );
    }
    if keeps_path && !is_reading {
        return none("the recorded method may change something, so it is not repeated");
    }
    // One more refusal may lock the account, and tells nothing new.
    let is_password = scene.facts.first("credential.class") == Some("password");
    let was_refused = matches!(scene.facts.first("response.status"), Some("401" | "407"));
    let carries = !matches!(probe, ProbeWord::Anonymous | ProbeWord::Sibling | ProbeWord::NextHop);
    if is_password && was_refused && carries {
        return none("a password that was refused is never tried again");
    }
    let step = match probe {
        ProbeWord::AsItWas => Some(edit::as_it_was(request)),
        ProbeWord::Anonymous => Some(edit::anonymous(book, request)),
        ProbeWord::Garbage => edit::garbage(book, request),
        ProbeWord::Cleaned => edit::cleaned(book, request),
        ProbeWord::InHeader => scene.form().and_then(|form| edit::in_header(book, request, &form)),
        ProbeWord::Identity => service
            .and_then(|service| service.written.diagnosis.identity.as_deref())
            .and_then(|path| edit::to_path(request, path)),
        ProbeWord::Parent => {
            parent(&scene.address.path).and_then(|path| edit::to_path(request, &path))
        }
        ProbeWord::Sibling => {
            let path = sibling(&scene.address.path);
            edit::to_path(&edit::anonymous(book, request), &path)
        }
        ProbeWord::NextHop => scene
            .facts
            .first("response.header[location]")
            .and_then(|location| edit::to_location(book, request, location)),
    };
    // Whatever a probe calls, also what a recorded `Location` or a rule names, must not act.
    let does = step.as_ref().is_some_and(|request| does_something(diagnoser, &scene, request));
    match step {
        Some(_) if does => none("what it would call does something when it is called"),
        Some(request) => Planned { probe, step: Some(Step { request }), why: probe.tells() },
        None => none("it does not fit this call"),
    }
}

/// Whether calling this address may do something: by its path as a server reads it, or by a word of
/// its query (`?action=delete`).
fn does_something(diagnoser: &Diagnoser<'_>, scene: &Scene<'_>, request: &Request) -> bool {
    let Ok(url) = guard::address_of(request) else { return true };
    let plain = |text: &str| {
        let once = crate::text::percent_decode(text.as_bytes());
        crate::text::percent_decode(&once)
    };
    let book = diagnoser.book;
    let path = plain(url.path());
    let pairs = url.query().unwrap_or_default().split('&');
    book.acts_on_get(&scene.services, &path)
        || book.acts_on_get(&[], &path.to_ascii_lowercase())
        || pairs.filter_map(|pair| pair.split_once('=')).any(|(name, value)| {
            let says = ["action", "do", "cmd", "command", "op", "operation", "method", "_method"];
            says.contains(&name.to_ascii_lowercase().as_str())
                && book.acts_on_get(&[], &plain(value))
        })
}

/// The folder above a path.
fn parent(path: &str) -> Option<String> {
    let trimmed = path.trim_end_matches('/');
    let (head, _) = trimmed.rsplit_once('/')?;
    (!head.is_empty()).then(|| format!("{head}/"))
}

/// A path beside this one that nobody has.
fn sibling(path: &str) -> String {
    let (head, _) = path.trim_end_matches('/').rsplit_once('/').unwrap_or_default();
    format!("{head}/authward-no-such-path")
}
