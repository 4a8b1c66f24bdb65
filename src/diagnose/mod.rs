//! The second river: an observed call → its cause. Pure: what was recorded comes in, a diagnosis
//! goes out; nothing is asked of anybody.
//!
//! The order of things: what was sent (`sent`), what it says of itself (`claims`), everything as
//! facts (`facts`), the causes whose signs hold (`rank`), and what to tell of the first (`tell`).

mod address;
pub mod claims;
pub mod facts;
mod rank;
pub mod sent;
mod tell;

use crate::exchange::{Diagnosis, Exchange, Observation};
use crate::http::message::UNKNOWN;
use crate::rule::RuleBook;
use crate::secret::Key;
use crate::time::Instant;

pub use address::Address;
pub use facts::Scene;
pub use rank::certainty;

/// How calls are diagnosed.
#[derive(Debug)]
pub struct Diagnoser<'b> {
    /// The rules.
    pub book: &'b RuleBook,
    /// The moment of every decision about expiry; without one, that of the exchange counts.
    pub at: Option<Instant>,
    /// The key of fingerprints.
    pub key: Key,
}

impl Diagnoser<'_> {
    /// Says why a call was refused; `None` where it was not, as far as can be seen.
    pub fn diagnose(&self, observation: &Observation) -> Option<Diagnosis> {
        let exchange = &observation.exchange;
        if !may_be_refused(exchange) {
            return None;
        }
        let scene = Scene::read(self.book, observation, self.at);
        let ranking = rank::rank(self.book, &scene);
        if ranking.is_empty() && !is_refused(exchange) {
            return None;
        }
        Some(tell::diagnosis(self, observation, &scene, &ranking))
    }

    /// What a recording calls a call, with whatever of it could be secret taken out.
    pub fn name(&self, observation: &Observation, text: &str) -> String {
        let scene = Scene::read(self.book, observation, self.at);
        tell::name(observation, &scene, text)
    }
}

/// Statuses that mean a refusal of the caller and nothing else.
const REFUSED: &[u16] = &[401, 403, 407, 419, 440, 495, 496, 498, 511];

/// Whether the status alone says that somebody was refused.
fn is_refused(exchange: &Exchange) -> bool {
    exchange.response.as_ref().is_some_and(|r| r.status == UNKNOWN || REFUSED.contains(&r.status))
}

/// Whether there can be a refusal at all: most calls of a recording worked, and are told off here
/// before anything of them is read.
fn may_be_refused(exchange: &Exchange) -> bool {
    let Some(response) = &exchange.response else { return true };
    if response.status == UNKNOWN {
        return true;
    }
    if response.status >= 300 {
        return response.status != 304;
    }
    // An error in a 200 says so in its first words, and a page with a login has a field for it.
    let body = address::expose(&response.body);
    let body = body.get(..crate::http::body::BODY_MAX).unwrap_or(body);
    match body.trim_ascii_start().first() {
        Some(b'{' | b'[') => {
            let head = body.get(..2048).unwrap_or(body);
            [
                b"\"error".as_slice(),
                b"\"ok\":false",
                b"\"ok\": false",
                b"\"fault",
                b"\"statusInfo\"",
            ]
            .iter()
            .any(|mark| memchr::memmem::find(head, mark).is_some())
        }
        Some(b'<') => {
            memchr::memmem::find(body, b"password").is_some()
                || memchr::memmem::find(body, b"Exception").is_some()
        }
        _ => false,
    }
}
