//! What to tell of a diagnosis: evidence, alternatives, what it is not, the remedy, and the call as
//! a line for a shell. Nothing here lets a secret out: every word passes the veil.

mod phrase;

use std::collections::HashSet;

use super::Diagnoser;
use super::address::{Address, expose};
use super::facts::Scene;
use super::rank::Candidate;
use super::sent::{Form, Sent};
use crate::exchange::{
    Alternative, Certainty, Diagnosis, Evidence, Exchange, Observation, ProbeTold, Trial, Verdict,
};
use crate::finding::PlaceKind;
use crate::http::message::UNKNOWN;
use crate::rule::schema::{ProbeWord, VerdictWord};
use crate::shape::looks_random;
use crate::text::lossless;
use crate::veil::Veil;

/// The longest value of a fact that is shown, in characters.
const SHOWN_MAX: usize = 160;
/// The most alternatives that are named.
const ALTERNATIVES_MAX: usize = 3;
/// Runs of this length that look random are masked wherever they come from, in characters.
const RANDOM_MIN: usize = 12;

/// The diagnosis for a ranking; without any candidate, the cause is unknown.
pub(super) fn diagnosis(
    diagnoser: &Diagnoser<'_>,
    observation: &Observation,
    scene: &Scene<'_>,
    ranking: &[Candidate<'_>],
) -> Diagnosis {
    let exchange = &observation.exchange;
    let teller = Teller::new(observation, scene);
    let status = exchange.response.as_ref().map(|r| r.status).filter(|s| *s != UNKNOWN);
    let first = ranking.first();
    let mut alternatives = first.map_or_else(Vec::new, |_| alternatives(diagnoser, ranking));
    for alternative in &mut alternatives {
        alternative.refute = teller.filled(&alternative.refute);
    }
    let certainty = first.map_or(Certainty::Unknown, |c| c.certainty);
    Diagnosis {
        call: teller.call(exchange, status),
        verdict: first.map_or_else(|| by_status(status), |c| verdict(c.cause.written.verdict)),
        cause: first.map_or_else(|| "unknown".to_owned(), |c| c.cause.written.id.clone()),
        summary: first.map_or_else(
            || "nothing in this call or its answer says why".to_owned(),
            |c| teller.filled(&c.cause.written.summary),
        ),
        certainty,
        because: first.into_iter().flat_map(|c| &c.says).map(|s| teller.filled(s)).collect(),
        one_of: certainty == Certainty::Possible && !alternatives.is_empty(),
        alternatives,
        evidence: first.map(|c| teller.evidence(c)).unwrap_or_default(),
        not: first
            .into_iter()
            // What is merely possible rules nothing out.
            .filter(|c| c.certainty >= Certainty::Likely)
            .flat_map(|c| &c.cause.written.not)
            .map(|s| teller.filled(s))
            .filter(|s| !s.is_empty())
            .collect(),
        remedy: first.map_or_else(
            || COLLECT.to_owned(),
            |c| teller.filled(c.remedy.unwrap_or(&c.cause.written.remedy)),
        ),
        identity: teller.identity(exchange),
        sent: scene.sent.iter().map(|s| teller.sent(s)).collect(),
        services: scene.services.iter().map(|s| s.written.id.clone()).collect(),
        reproduce: teller.reproduce(exchange),
        probes: observation.trials.iter().map(|trial| teller.probe(trial)).collect(),
        fingerprint: scene.credential().and_then(|s| s.secret.fingerprint(&diagnoser.key)),
    }
}

/// A name from a recording, safe to show.
pub(super) fn name(observation: &Observation, scene: &Scene<'_>, text: &str) -> String {
    Teller::new(observation, scene).shown(text)
}

/// What to collect where nothing can be said.
const COLLECT: &str = "Record the same call once more with its answer: headers and body too (a HAR \
of the browser or of a proxy, or `curl -v`), and look into the server's own log at that second.";

fn by_status(status: Option<u16>) -> Verdict {
    match status {
        Some(401 | 407 | 419 | 440 | 498) => Verdict::NotAuthenticated,
        Some(495 | 496 | 511) => Verdict::BlockedBeforeAuth,
        _ => Verdict::NotAuthorized,
    }
}

fn verdict(word: VerdictWord) -> Verdict {
    match word {
        VerdictWord::NotAuthenticated => Verdict::NotAuthenticated,
        VerdictWord::NotAuthorized => Verdict::NotAuthorized,
        VerdictWord::BlockedBeforeAuth => Verdict::BlockedBeforeAuth,
        VerdictWord::NotAuthRelated => Verdict::NotAuthRelated,
        VerdictWord::Accepted => Verdict::Accepted,
    }
}

/// Others that fit: those with a sign of their own first, then the neighbours which one exchange
/// cannot tell from the first. What is certain needs none, unless its rule names neighbours.
fn alternatives(diagnoser: &Diagnoser<'_>, ranking: &[Candidate<'_>]) -> Vec<Alternative> {
    let Some((first, rest)) = ranking.split_first() else { return Vec::new() };
    if first.certainty >= Certainty::Certain {
        return Vec::new();
    }
    let own = rest.iter().map(|c| c.cause.written.id.as_str());
    let neighbours = first.cause.written.neighbours.iter().map(String::as_str);
    let mut seen = HashSet::from([first.cause.written.id.as_str()]);
    own.chain(neighbours)
        .filter(|id| seen.insert(id))
        .filter_map(|id| diagnoser.book.cause(id))
        .take(ALTERNATIVES_MAX)
        .map(|cause| Alternative {
            cause: cause.written.id.clone(),
            summary: cause.written.summary.clone(),
            refute: cause.written.refute.clone(),
        })
        .collect()
}

/// Makes sentences about one exchange.
struct Teller<'s> {
    scene: &'s Scene<'s>,
    veil: Veil,
}

impl<'s> Teller<'s> {
    fn new(observation: &Observation, scene: &'s Scene<'s>) -> Self {
        let exchange = &observation.exchange;
        let sent = scene.sent.iter().flat_map(|s| [&s.secret, &s.raw]);
        // A cookie that the server sets is a credential too, and so is what it hands out.
        let cookies = exchange.response.iter().flat_map(|r| r.headers.all("set-cookie"));
        Self { scene, veil: Veil::over(sent.chain(cookies)) }
    }

    /// A text of the exchange, safe to show.
    fn shown(&self, text: &str) -> String {
        let covered = self.veil.cover(text);
        let mut out = String::new();
        let mut run = String::new();
        for c in covered.chars().map(Some).chain(std::iter::once(None)) {
            let is_of_run = |c: &char| {
                c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '/' | '=' | '.')
            };
            if let Some(c) = c.filter(is_of_run) {
                run.push(c);
                continue;
            }
            // Pieces of a path or of a name stay; one long random piece does not.
            for (index, piece) in run.split('/').enumerate() {
                out += if index > 0 { "/" } else { "" };
                let is_random =
                    piece.len() >= RANDOM_MIN && looks_random(piece.as_bytes(), RANDOM_MIN);
                out += if is_random { "…" } else { piece };
            }
            run.clear();
            // Every character stays: one that went away would join the halves of a secret.
            out.extend(c);
        }
        if out.chars().count() > SHOWN_MAX {
            out = out.chars().take(SHOWN_MAX).chain(['…']).collect();
        }
        out
    }

    fn evidence(&self, candidate: &Candidate<'_>) -> Vec<Evidence> {
        let from = |fact: &str| match fact.split('.').next().unwrap_or_default() {
            "claims" => "credential",
            "credential" | "request" => "request",
            "trial" => "trial",
            _ => "answer",
        };
        candidate
            .evidence
            .iter()
            .map(|(fact, value)| {
                let fact = fact.to_string();
                Evidence { value: self.shown(value), from: from(&fact).to_owned(), fact }
            })
            .collect()
    }

    /// Method, address without its query, status.
    fn call(&self, exchange: &Exchange, status: Option<u16>) -> String {
        let place = self.place(&exchange.request.method, &self.scene.address);
        match status {
            Some(status) => format!("{place} → {status}"),
            None => place,
        }
    }

    fn place(&self, method: &str, address: &Address) -> String {
        let Address { scheme, host, port, path, .. } = address;
        let scheme = if scheme.is_empty() { String::new() } else { format!("{scheme}://") };
        let port = if port.is_empty() { String::new() } else { format!(":{port}") };
        let place = self.shown(&format!("{scheme}{host}{port}{path}"));
        format!("{} {place}", self.shown(method))
    }

    /// A call of our own, as it is told.
    fn probe(&self, trial: &Trial) -> ProbeTold {
        let result = self.scene.facts.first(&format!("trial.result[{}]", trial.probe));
        let tells = match &trial.got {
            Ok(_) => probe_tells(&trial.probe).to_owned(),
            Err(why) => self.shown(why),
        };
        ProbeTold {
            probe: trial.probe.clone(),
            call: self.place(&trial.sent.method, &Address::of(&trial.sent)),
            status: trial.got.as_ref().ok().map(|response| response.status),
            result: result.unwrap_or("failed").to_owned(),
            tells,
        }
    }

    /// How one credential was sent, masked.
    fn sent(&self, sent: &Sent) -> String {
        let name = self.shown(&sent.name);
        let has_scheme = sent.scheme.is_some() && sent.place == PlaceKind::Header;
        let scheme =
            if has_scheme { format!("{} ", self.shown(&sent.written)) } else { String::new() };
        let what = match sent.value {
            super::sent::Value::Literal if sent.form == Form::Basic => match &sent.user {
                Some(user) => format!("user {} and a password", self.shown(user)),
                None => "…".to_owned(),
            },
            super::sent::Value::Literal => sent.secret.mask(),
            other => format!("({})", other.as_str()),
        };
        match sent.place {
            PlaceKind::Header => format!("header {name}: {scheme}{what}"),
            PlaceKind::UrlQuery => format!("query {name}={what}"),
            place => format!("{} {name} {what}", place.as_str()),
        }
    }

    /// Who the server thinks that we are, else who the credential says.
    fn identity(&self, exchange: &Exchange) -> Option<String> {
        let header = |name: &str| {
            let value = exchange.response.as_ref()?.headers.all(name).next()?;
            Some(lossless(expose(value)).into_owned())
        };
        let named =
            ["x-you-are-authenticated-as", "x-remote-user", "x-authenticated-user", "x-ausername"]
                .iter()
                .find_map(|name| header(name));
        if let Some(user) = named {
            return Some(format!("the server sees {}", self.shown(&user)));
        }
        if let Some(user) = self.scene.body.sentences.iter().find_map(|s| named_user(s)) {
            return Some(format!("the server names {}", self.shown(user)));
        }
        let claimed = self
            .scene
            .credential()
            .and_then(|s| s.user.clone())
            .or_else(|| self.scene.known.subject.clone())?;
        Some(format!("the credential says {}", self.shown(&claimed)))
    }

    /// A sentence of a rule with what is known of this call.
    fn filled(&self, text: &str) -> String {
        let text = text.trim();
        if !text.contains('{') {
            return text.to_owned();
        }
        phrase::words(self)
            .into_iter()
            .fold(text.to_owned(), |text, (word, value)| text.replace(word, &value))
    }

    /// The call as a line for a shell, with variables for what is secret.
    fn reproduce(&self, exchange: &Exchange) -> String {
        let address = &self.scene.address;
        let scheme = if address.scheme.is_empty() { "https" } else { &address.scheme };
        let port =
            if address.port.is_empty() { String::new() } else { format!(":{}", address.port) };
        let mut url =
            format!("{scheme}://{}{port}{}", self.plain(&address.host), self.plain(&address.path));
        for (index, (name, value)) in address.parameters.iter().enumerate() {
            let is_secret = self.scene.sent.iter().any(|s| {
                s.place.is_query()
                    && s.name.eq_ignore_ascii_case(name.strip_prefix("amp;").unwrap_or(name))
            });
            let value = if is_secret { "$CREDENTIAL".to_owned() } else { self.plain(value) };
            url += &format!("{}{}={value}", if index == 0 { '?' } else { '&' }, self.plain(name));
        }
        let mut line = "curl -i".to_owned();
        let method = exchange.request.method.as_str();
        if method != "GET" && method.bytes().all(|b| b.is_ascii_alphabetic()) {
            line += &format!(" -X {method}");
        }
        for sent in &self.scene.sent {
            line += &match (sent.place, sent.scheme.as_deref()) {
                (PlaceKind::Header, Some("basic")) | (PlaceKind::Userinfo, _) => {
                    let user = self.plain(sent.user.as_deref().unwrap_or("$USER"));
                    let option = if sent.name == "proxy-authorization" { "-U" } else { "-u" };
                    format!(" {option} \"{user}:$PASSWORD\"")
                }
                (PlaceKind::Header, Some("fmetoken")) => {
                    format!(" -H \"{}: fmetoken token=$CREDENTIAL\"", self.plain(&sent.name))
                }
                (PlaceKind::Header, Some(_)) => {
                    format!(
                        " -H \"{}: {} $CREDENTIAL\"",
                        self.plain(&sent.name),
                        self.plain(&sent.written)
                    )
                }
                (PlaceKind::Header, None) => {
                    format!(" -H \"{}: $CREDENTIAL\"", self.plain(&sent.name))
                }
                (PlaceKind::Cookie, _) => format!(" -b \"{}=$COOKIE\"", self.plain(&sent.name)),
                _ => String::new(),
            };
        }
        format!("{line} \"{url}\"")
    }

    /// A piece of a command line: covered, and with `_` for what a shell would take for its own. A
    /// character that went away would join the halves of a secret.
    fn plain(&self, text: &str) -> String {
        let is_ours = text == "$USER";
        let shown = self.shown(text);
        let plain = shown.chars().map(|c| match c {
            '"' | '`' | '\\' | '!' => '_',
            '$' if !is_ours => '_',
            c if c.is_control() => '_',
            c => c,
        });
        plain.collect()
    }
}

/// What the probe of this name tells.
fn probe_tells(name: &str) -> &'static str {
    ProbeWord::ALL.iter().find(|probe| probe.as_str() == name).map_or("", |probe| probe.tells())
}

/// The user in `User "x" cannot …`, `for user [x]`, `User: arn:… is not …`, `by user x due`.
fn named_user(sentence: &str) -> Option<&str> {
    let lower = sentence.to_ascii_lowercase();
    let at =
        lower.find("user: ").map(|at| at + 6).or_else(|| lower.find("user ").map(|at| at + 5))?;
    let rest = sentence.get(at..)?;
    let (rest, closing) = match rest.chars().next()? {
        '"' => (rest.get(1..)?, "\""),
        '\'' => (rest.get(1..)?, "'"),
        '[' => (rest.get(1..)?, "]"),
        _ => (rest, " "),
    };
    let end = rest.find(closing)?;
    let name = rest.get(..end)?.trim_end_matches(['.', ',', ':']);
    // `user name is empty`, `user and password`: words, and no names.
    let is_word = matches!(
        name,
        "name"
            | "and"
            | "or"
            | "is"
            | "id"
            | "does"
            | "not"
            | "has"
            | "was"
            | "inactive"
            | "due"
            | "account"
    );
    (!name.is_empty() && name.len() <= 128 && !is_word && !name.contains(char::is_whitespace))
        .then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_in_a_sentence_is_found() {
        for (sentence, user) in [
            ("pods is forbidden: User \"x:y\" cannot list", Some("x:y")),
            (
                "User: arn:aws:iam::1:user/alice is not authorized",
                Some("arn:aws:iam::1:user/alice"),
            ),
            ("Unauthorized request by user admin due to lack", Some("admin")),
            ("unauthorized for user [bob] with roles", Some("bob")),
            ("etcdserver: user name is empty", None),
            ("User inactive or deleted.", None),
        ] {
            assert_eq!(named_user(sentence), user, "{sentence}");
        }
    }
}
