//! The only door to the network: what may be sent is decided in `guard`, what is worth sending in
//! `plan`, how it looks in `edit`, and `client` sends it.

pub mod client;
mod edit;
pub mod guard;
pub mod plan;

use crate::diagnose::Diagnoser;
use crate::exchange::{Certainty, Diagnosis, Exchange, Observation, Trial};
use crate::secret::Secret;

pub use guard::{Guard, Origin, Refused};
pub use plan::{Planned, Step};

/// Whatever sends a request that was permitted.
pub trait Sender {
    /// Sends it once, follows nothing, and gives the answer or why there is none.
    fn send(
        &mut self,
        permitted: &guard::Permitted,
    ) -> Result<crate::http::message::Response, String>;
}

/// Asks servers why they refused.
pub struct Replayer<'r> {
    /// Explains what came back.
    pub diagnoser: &'r Diagnoser<'r>,
    /// Decides what may be sent.
    pub guard: &'r mut Guard,
    /// Sends it.
    pub sender: &'r mut dyn Sender,
    /// A credential that takes the place of the recorded one.
    pub credential: Option<Secret>,
    /// Told of each request before it is sent, and of its answer.
    pub audit: &'r mut dyn FnMut(&Trial),
}

impl std::fmt::Debug for Replayer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Replayer").field("guard", &self.guard).finish_non_exhaustive()
    }
}

/// What a replay came to.
#[derive(Debug)]
pub struct Outcome {
    /// The diagnosis with all that was learned.
    pub diagnosis: Diagnosis,
    /// Why it ended before its plan did, where it did.
    pub stopped: Option<String>,
}

impl Replayer<'_> {
    /// Sends the few probes that tell the remaining causes apart, one after the other, and stops
    /// when nothing is left to learn, when the budget is spent, or at the first sign of a lock.
    pub fn replay(&mut self, exchange: Exchange, first: Diagnosis) -> Outcome {
        let mut observation = Observation { exchange, trials: Vec::new() };
        let mut diagnosis = first;
        // The user's own credential stands in the place of the recorded one from the beginning, so
        // that every probe is made of it: also the one with garbage, and the one with none.
        if let Some(credential) = &self.credential {
            let request = &observation.exchange.request;
            observation.exchange.request =
                edit::with_credential(self.diagnoser.book, request, credential);
        }
        loop {
            let plan = plan::plan(self.diagnoser, &observation, &diagnosis);
            let Some(step) = plan.into_iter().find(|planned| planned.step.is_some()) else {
                return Outcome { diagnosis, stopped: None };
            };
            let Some(request) = step.step.map(|step| step.request) else {
                return Outcome { diagnosis, stopped: None };
            };
            let permitted = match self.guard.permit(&request, diagnosis.fingerprint) {
                Ok(permitted) => permitted,
                Err(refused) => {
                    return Outcome { diagnosis, stopped: Some(refused.to_string()) };
                }
            };
            let got = self.sender.send(&permitted);
            let trial = Trial { probe: step.probe.as_str().to_owned(), sent: request, got };
            (self.audit)(&trial);
            let stop = self.must_stop(&trial);
            observation.trials.push(trial);
            renew(&mut observation);
            if let Some(now) = self.diagnoser.diagnose(&observation) {
                diagnosis = now;
            }
            if let Some((why, lock)) = stop {
                if let Some(lock) = lock {
                    // Whatever it was when it was recorded: now it is the lock.
                    diagnosis = Diagnosis { probes: diagnosis.probes, ..lock };
                }
                return Outcome { diagnosis, stopped: Some(why) };
            }
            if diagnosis.certainty == Certainty::Proved {
                return Outcome { diagnosis, stopped: None };
            }
        }
    }

    /// A lock, a limit, or no answer at all: then nothing more is sent. A lock explains itself.
    fn must_stop(&self, trial: &Trial) -> Option<(String, Option<Diagnosis>)> {
        let response = match &trial.got {
            Ok(response) => response,
            Err(why) => return Some((format!("no answer: {why}"), None)),
        };
        let exchange =
            Exchange { request: trial.sent.clone(), response: Some(response.clone()), at: None };
        let said = self.diagnoser.diagnose(&Observation { exchange, trials: Vec::new() })?;
        let why = match said.cause.as_str() {
            "locked-out" => "the server speaks of a lock; nothing more is sent",
            "rate-limited" => "the server asks to call less often; nothing more is sent",
            _ => return None,
        };
        Some((why.to_owned(), Some(said)))
    }
}

/// What the server answers today explains today's refusal: it takes the place of the record.
fn renew(observation: &mut Observation) {
    let Some(trial) = observation.trials.last().filter(|t| t.probe == "as-it-was") else {
        return;
    };
    if let Ok(response) = &trial.got
        && response.status >= 300
    {
        observation.exchange.response = Some(response.clone());
    }
}
