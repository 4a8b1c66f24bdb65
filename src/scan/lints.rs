//! From facts to findings: which lints fire. What they say is made in [`super::speech`].

use std::rc::Rc;

use super::facts::Around;
use super::owner::{self, Owned};
use super::pool::{Cause, Pool, Problem};
use super::shown::Signs;
use super::{Scanner, Setting, Sighting, facts, shown};
use crate::artifact::{Environment, EnvironmentEvidence, Window};
use crate::fact::Facts;
use crate::finding::{Confidence, Finding, Location, Place};
use crate::rule::book::{LintRule, RuleBook, ServiceRule};
use crate::rule::schema::About;
use crate::text::LineIndex;
use crate::value::ValueKind;

/// Asks every lint about every sighting of a batch.
pub(super) fn batch<'r, 't>(
    scanner: &Scanner<'r>,
    setting: &Setting<'_>,
    sightings: Vec<Sighting<'t>>,
    (window, lines, signs): (&Window<'_>, &LineIndex<'_>, Signs),
    (pool, is_last): (&mut Pool<'r, 't, '_>, bool),
) {
    let owned: Vec<(Sighting<'t>, Option<Owned<'r>>)> = sightings
        .into_iter()
        .filter_map(|sighting| {
            let owned = owner::of(scanner.book, &sighting, scanner.at);
            let source = owned.as_ref().map_or(sighting.source, |o| o.source);
            // A literal that no rule takes is none.
            ((sighting.carried.kind != ValueKind::Literal || owned.is_some())
                && !pool.has_met(source))
            .then_some((sighting, owned))
        })
        .collect();
    for owned in owned.iter().filter_map(|(_, o)| o.as_ref()) {
        pool.hide(owned);
        *pool.kinds.entry(owned.rule.id()).or_default() += 1;
    }
    let mut out = Vec::new();
    let mut asked = Asked::default();
    for (sighting, owned) in owned {
        let setting = &at_host(scanner, setting, &sighting);
        let crowd = owned
            .as_ref()
            .is_some_and(|o| pool.kinds.get(o.rule.id()).is_some_and(|n| *n >= CROWD_MIN));
        let at = sighting.source.start;
        let mut around = Around { crowd, shown: false, signed: false };
        // Most of what is carried is no problem in any light: only a problem is looked at twice.
        let at_call = asked.of(scanner.book, &sighting);
        let plain = facts::gather(scanner, setting, &sighting, owned.as_ref(), (around, at_call));
        if fired(scanner.book, &plain).is_empty() {
            continue;
        }
        let lexicon = &scanner.book.lexicon;
        around.shown = signs.as_sample(window.bytes, at, setting.role, lexicon);
        around.signed = shown::is_signed(window.bytes, at, &sighting.carried.name);
        let facts = if around.shown || around.signed {
            facts::gather(scanner, setting, &sighting, owned.as_ref(), (around, at_call))
        } else {
            plain
        };
        let cause = Rc::new(Cause { sighting, owned, around });
        for lint in fired(scanner.book, &facts) {
            let finding = unsaid(scanner, setting, lint, &cause, &facts, lines);
            out.push(Problem { finding, lint, cause: Rc::clone(&cause) });
        }
    }
    pool.take(out, is_last);
}

/// The service that answered last: what is full of calls makes the same one again and again.
#[derive(Default)]
struct Asked<'r> {
    host: String,
    path: Vec<u8>,
    service: Option<&'r ServiceRule>,
}

impl<'r> Asked<'r> {
    /// The service at the address to which something is sent.
    fn of(&mut self, book: &'r RuleBook, sighting: &Sighting<'_>) -> Option<&'r ServiceRule> {
        let call = sighting.carried.call.as_ref()?;
        if (&self.host, &self.path) != (&call.host, &call.path) {
            self.host.clone_from(&call.host);
            self.path.clone_from(&call.path);
            self.service = book.service_at(&call.host, &call.path);
        }
        self.service
    }
}

/// The finding, without its words.
fn unsaid(
    scanner: &Scanner<'_>,
    setting: &Setting<'_>,
    lint: &LintRule,
    cause: &Cause<'_, '_>,
    facts: &Facts,
    lines: &LineIndex<'_>,
) -> Finding {
    let Cause { sighting, owned, .. } = cause;
    let credential = owned.as_ref().map(|o| &o.credential);
    Finding {
        lint: lint.written.id.clone(),
        credential: credential.cloned(),
        severity: lint.severity(facts),
        confidence: if lint.is_pedantic(facts) {
            Confidence::Low
        } else {
            credential.map_or(Confidence::Medium, |c| c.confidence)
        },
        message: String::new(),
        location: Location {
            path: String::new(),
            region: lines.region(cause.source()),
            logical: sighting.logical.map(str::to_owned),
        },
        place: Place { kind: facts::place(setting, sighting), name: sighting.carried.name.clone() },
        fingerprint: credential.and_then(|c| c.secret.fingerprint(&scanner.key)),
        help: String::new(),
        next: Vec::new(),
        because: Vec::new(),
        also: Vec::new(),
        excerpt: None,
        suppressed: None,
    }
}

/// How many credentials of one kind may lie in one artifact before they look like a supply of them.
const CROWD_MIN: usize = 4;

/// A host that is production by name makes what is sent to it production.
pub(super) fn at_host<'a>(
    scanner: &Scanner<'_>,
    setting: &Setting<'a>,
    sighting: &Sighting<'_>,
) -> Setting<'a> {
    let environment = setting.environment.clone().or_else(|| {
        let host = &sighting.carried.call.as_ref()?.host;
        let because = scanner.environments.production_host(host)?;
        Some(EnvironmentEvidence { environment: Environment::Production, because })
    });
    Setting {
        artifact: setting.artifact,
        role: setting.role,
        purpose: setting.purpose,
        environment,
    }
}

/// The lints that fire: at most one about the place, all about the state.
fn fired<'b>(book: &'b RuleBook, facts: &Facts) -> Vec<&'b LintRule> {
    let mut placed = false;
    book.lints
        .iter()
        .filter(|lint| lint.when.holds(facts))
        .filter(|lint| match lint.written.about {
            About::State => true,
            About::Place => !std::mem::replace(&mut placed, true),
        })
        .collect()
}
