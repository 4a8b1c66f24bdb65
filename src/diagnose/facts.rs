//! From an exchange to its facts: everything that rules about causes may ask, computed once.

use super::address::{Address, expose, split_port, text_of};
use super::claims::{self, Known, LEEWAY};
use super::sent::{self, Form, Sent, Value};
use crate::exchange::Observation;
use crate::fact::Facts;
use crate::finding::PlaceKind;
use crate::http::body::Body;
use crate::http::challenge::{self, Challenge};
use crate::http::message::{Request, Response, UNKNOWN};
use crate::http::uri;
use crate::name::fold;
use crate::rule::RuleBook;
use crate::rule::book::{Form as Reads, ServiceRule};
use crate::rule::schema::Tier;
use crate::time::Instant;

/// The most values of a JSON body that become facts.
const POINTERS_MAX: usize = 200;

/// What is known of one exchange.
#[derive(Debug)]
pub struct Scene<'b> {
    /// The facts.
    pub facts: Facts,
    /// Every credential that was sent.
    pub sent: Vec<Sent>,
    /// The one which the refusal is about, as an index into `sent`.
    pub question: Option<usize>,
    /// What it says of itself.
    pub known: Known,
    /// What the server asks for.
    pub challenges: Vec<Challenge>,
    /// The scopes which it asks for.
    pub needed: Vec<String>,
    /// The services that were recognised, best first.
    pub services: Vec<&'b ServiceRule>,
    /// The body of the answer.
    pub body: Body,
    /// The moment of the call.
    pub at: Option<Instant>,
    /// The clock of the server minus the clock of the call, in seconds.
    pub skew: Option<i64>,
    /// The address of the call, taken apart.
    pub address: Address,
    /// Not every field of the request was recorded.
    pub partial: bool,
}

impl<'b> Scene<'b> {
    /// Reads an exchange. `at` is the moment which the user gave; else that of the answer counts,
    /// else that of the record.
    pub fn read(book: &'b RuleBook, observation: &Observation, at: Option<Instant>) -> Self {
        let exchange = &observation.exchange;
        let request = &exchange.request;
        let address = Address::of(request);
        let response = exchange.response.as_ref();
        let header = |name: &str| {
            response.and_then(|r| r.headers.all(name).next()).map(text_of).unwrap_or_default()
        };
        let answered = Instant::parse_http_date(&header("date"));
        let sent = sent::credentials(book, request);
        let status = response.map_or(0, |r| r.status);
        let question = question(&sent, status);
        let field = if status == 407 { "proxy-authenticate" } else { "www-authenticate" };
        let challenges: Vec<Challenge> = response
            .into_iter()
            .flat_map(|r| r.headers.all(field))
            .flat_map(|value| challenge::parse(&text_of(value)))
            .collect();
        let known = question
            .and_then(|index| sent.get(index))
            .map(|sent| match sent.form {
                Form::Jwt => Known::of_jwt(&sent.secret),
                Form::Signature => Known::of_signed_address(&address.parameters),
                _ => Known::default(),
            })
            .unwrap_or_default();
        let body = response.map_or_else(
            || Body::read(b"", ""),
            |r| Body::read(expose(&r.body), &header("content-type")),
        );
        let mut scene = Self {
            facts: Facts::default(),
            needed: claims::needed(&challenges),
            sent,
            question,
            known,
            challenges,
            services: Vec::new(),
            body,
            at: at.or(answered).or(exchange.at),
            skew: answered.zip(exchange.at).map(|(server, call)| server.since(call)),
            address,
            partial: request.headers.is_partial(),
        };
        scene.about_request(request);
        if let Some(response) = response {
            scene.about_response(response);
        } else {
            scene.facts.add("response.kind", "none");
        }
        scene.about_services(book);
        scene.about_trials(observation);
        scene.about_credential(book);
        scene
    }

    /// The credential which the refusal is about.
    pub fn credential(&self) -> Option<&Sent> {
        self.sent.get(self.question?)
    }

    fn about_request(&mut self, request: &Request) {
        let facts = &mut self.facts;
        let address = &self.address;
        facts.add("request.method", request.method.to_ascii_uppercase());
        facts.add("request.host", address.host.as_str());
        facts.add("request.path", address.path.as_str());
        let scheme = match address.scheme.as_str() {
            known @ ("http" | "https" | "ws" | "wss") => known,
            "" => "unknown",
            _ => "other",
        };
        facts.add("request.scheme", scheme);
        facts.add("request.port", address.origin().2);
        for (name, _) in &address.parameters {
            facts.add("request.parameter", fold(name.as_bytes()));
        }
        for name in request.headers.names() {
            facts.add("request.header", name);
        }
        if let Some(host) = request.headers.all("host").next() {
            let sent = text_of(host).to_ascii_lowercase();
            let is_same = split_port(&sent).0 == address.host;
            facts.add("request.host-sent", if is_same { "same" } else { "other" });
        }
        let host_kind = uri::host_kind(&address.host);
        facts.add("request.host-kind", host_kind.as_str());
        facts.add("request.body", if request.body.is_some() { "yes" } else { "no" });
        // A field that was not recorded may have been sent all the same.
        if request.headers.is_partial() {
            return;
        }
        let has_cookie = request.headers.all("cookie").next().is_some();
        let has_session = self.sent.iter().any(|s| s.place == PlaceKind::Cookie);
        let cookie = match (has_session, has_cookie) {
            (true, _) => "session",
            (false, true) => "other",
            (false, false) => "none",
        };
        facts.add("request.cookie", cookie);
    }

    fn about_response(&mut self, response: &Response) {
        let facts = &mut self.facts;
        if response.status != UNKNOWN {
            facts.add("response.status", response.status.to_string());
        }
        let kind = match response.status {
            UNKNOWN | 401 | 403 | 407 | 419 | 440 | 495..=499 | 511 => "refused",
            400 | 422 => "bad-request",
            100..=299 => "success",
            300..=399 => "redirect",
            400..=499 => "client-error",
            _ => "server-error",
        };
        facts.add("response.kind", kind);
        for (name, value) in response.headers.iter() {
            facts.add(format!("response.header[{name}]"), text_of(value));
        }
        for name in ["server", "via", "proxy-status", "x-powered-by"] {
            for value in response.headers.all(name) {
                for product in products(&text_of(value)) {
                    facts.add("server.product", product);
                }
            }
        }
        self.about_challenges();
        self.about_body(response);
        self.about_redirect(response);
    }

    fn about_challenges(&mut self) {
        let facts = &mut self.facts;
        for challenge in &self.challenges {
            facts.add("challenge.scheme", challenge.scheme.to_ascii_lowercase());
            for (name, value) in &challenge.parameters {
                let named = !name.contains(']');
                match name.as_str() {
                    "realm" => facts.add("challenge.realm", value.as_str()),
                    "scope" => facts.add("challenge.scope", value.as_str()),
                    "error" => {
                        facts.add("challenge.error", value.as_str());
                        facts.add("refusal.code", value.as_str());
                    }
                    "error_description" | "error-description" => {
                        facts.add("refusal.words", value.as_str());
                    }
                    _ if named => {
                        facts.add(format!("challenge.parameter[{name}]"), value.as_str());
                    }
                    _ => {}
                }
            }
        }
        let scheme =
            self.sent.get(self.question.unwrap_or(usize::MAX)).map(|s| s.scheme.as_deref());
        let offered =
            |scheme: &str| self.challenges.iter().any(|c| c.scheme.eq_ignore_ascii_case(scheme));
        let word = match scheme {
            None if self.partial => return,
            None => "none-sent",
            Some(_) if self.challenges.is_empty() => "none-offered",
            Some(Some(scheme)) if offered(scheme) => "offered",
            Some(_) => "other",
        };
        self.facts.add("challenge.match", word);
    }

    fn about_body(&mut self, response: &Response) {
        let facts = &mut self.facts;
        let body = &self.body;
        // A log line has neither fields nor a body: that is no empty body.
        let kind = if response.headers.is_empty() && expose(&response.body).is_empty() {
            "unknown"
        } else {
            body.kind.as_str()
        };
        facts.add("body.kind", kind);
        if body.asks_for_password {
            facts.add("body.asks-for-password", "yes");
        }
        if (1..300).contains(&response.status) && body.json().is_none() {
            return;
        }
        facts.add("body.text", body.text.as_str());
        for code in &body.codes {
            facts.add("refusal.code", code.as_str());
        }
        if response.status >= 300 || response.status == UNKNOWN {
            for sentence in &body.sentences {
                facts.add("refusal.words", sentence.as_str());
            }
        }
        if let Some(json) = body.json() {
            let mut left = POINTERS_MAX;
            pointers(json, &mut String::new(), facts, &mut left);
        }
        for (name, text) in body.elements() {
            let name = name.to_ascii_lowercase();
            if !name.contains(']') {
                facts.add(format!("body.xml[{name}]"), text.as_str());
            }
        }
        // Vendors put codes and reasons into headers of their own.
        for (name, value) in response.headers.iter() {
            let value = text_of(value);
            if name.contains("error") || name.contains("reason") || name == "grpc-message" {
                let list = if value.contains(' ') { "refusal.words" } else { "refusal.code" };
                facts.add(list, value);
            }
        }
    }

    fn about_redirect(&mut self, response: &Response) {
        let Some(location) = response.headers.all("location").next() else { return };
        if !(300..400).contains(&response.status) {
            return;
        }
        let target = Address::parse(expose(location));
        let same = target.host.is_empty() || target.origin() == self.address.origin();
        let downgraded = self.address.scheme == "https" && target.scheme == "http";
        let word = match (downgraded, same) {
            (true, _) => "downgraded",
            (false, true) => "same",
            (false, false) => "other",
        };
        self.facts.add("redirect.origin", word);
        self.facts.add("redirect.path", target.path.as_str());
        let in_header = self.sent.iter().any(|s| s.name.eq_ignore_ascii_case("authorization"));
        if in_header {
            self.facts.add("redirect.credential", if same { "kept" } else { "dropped" });
        }
    }

    /// What our own calls came to, each held against the same call as it was.
    fn about_trials(&mut self, observation: &Observation) {
        let original = observation.trials.iter().find(|t| t.probe == "as-it-was");
        let original = original.and_then(|t| t.got.as_ref().ok());
        let before = original.or(observation.exchange.response.as_ref());
        for trial in &observation.trials {
            // The same call is held against the record, the others against the same call.
            let recorded = observation.exchange.response.as_ref();
            let before = if trial.probe == "as-it-was" { recorded } else { before };
            let result = match (&trial.got, before) {
                (Err(_), _) => "failed",
                (Ok(got), _) if (200..300).contains(&got.status) => "accepted",
                (Ok(got), Some(before)) if is_same(got, before) => "same",
                (Ok(_), _) => "differs",
            };
            self.facts.add(format!("trial.result[{}]", trial.probe), result);
            if let Ok(got) = &trial.got {
                self.facts.add(format!("trial.status[{}]", trial.probe), got.status.to_string());
            }
        }
    }

    /// The header which the server wants: the form of its service, else that of its challenge.
    pub fn form(&self) -> Option<String> {
        let of_service = self.services.iter().find_map(|s| s.written.header.clone());
        of_service.or_else(|| {
            let offered = self.challenges.iter().map(|c| c.scheme.as_str());
            let usable = |scheme: &&str| {
                ["bearer", "token"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
            };
            Some(format!("Authorization: {} <credential>", offered.into_iter().find(usable)?))
        })
    }

    fn about_services(&mut self, book: &'b RuleBook) {
        let path = self.address.path.as_bytes();
        let by_address = book.service_at(&self.address.host, path);
        self.services.extend(by_address);
        for service in &book.services {
            let known = self.services.iter().any(|s| s.written.id == service.written.id);
            if !known && service.is_recognised(&self.facts) {
                self.services.push(service);
            }
        }
        for service in &self.services {
            self.facts.add("service.id", service.written.id.as_str());
            if let Some(state) = service.state(path) {
                let word = match state {
                    crate::rule::schema::ApiState::Retiring => "retiring",
                    crate::rule::schema::ApiState::Retired => "retired",
                };
                self.facts.add("service.state", word);
            }
        }
    }

    fn about_credential(&mut self, book: &RuleBook) {
        let count = match self.sent.iter().filter(|s| s.place != PlaceKind::Body).count() {
            0 => "none",
            1 => "one",
            _ => "several",
        };
        if !self.partial {
            self.facts.add("credential.carriers", count);
        }
        let Some(sent) = self.question.and_then(|index| self.sent.get(index)) else {
            self.facts.add("credential.sent", if self.partial { "unknown" } else { "no" });
            return;
        };
        let facts = &mut self.facts;
        facts.add("credential.sent", "yes");
        facts.add("credential.place", sent.place.as_str());
        facts.add("credential.name", fold(sent.name.as_bytes()));
        facts.add("credential.value", sent.value.as_str());
        facts.add("credential.form", sent.form.as_str());
        if sent.name.ends_with("authorization") {
            facts
                .add("credential.scheme", sent.scheme.clone().unwrap_or_else(|| "none".to_owned()));
        }
        for damage in &sent.damage {
            facts.add("credential.damage", *damage);
        }
        facts.add("credential.class", class(book, sent));
        let path = self.address.path.as_bytes();
        facts.add("request.form", reads(&self.services, path, sent));
        self.about_claims();
    }

    fn about_claims(&mut self) {
        let facts = &mut self.facts;
        let known = &self.known;
        if let Some(word) = known.expiry(self.at) {
            facts.add("claims.expiry", word);
        }
        if let Some(word) = known.start(self.at) {
            facts.add("claims.start", word);
        }
        if let Some(word) = known.audience(&self.challenges) {
            facts.add("claims.audience", word);
        }
        if let Some(word) = known.kind {
            facts.add("claims.type", word);
        }
        if let Some(word) = &known.algorithm {
            facts.add("claims.algorithm", word.as_str());
        }
        if let Some(missing) = known.missing(&self.needed) {
            facts.add("claims.scope", if missing.is_empty() { "enough" } else { "lacking" });
        }
        if let Some(skew) = self.skew {
            facts.add("clock.skew", if skew.abs() > LEEWAY { "large" } else { "small" });
        }
    }
}

/// Whether two answers say the same: status and sentences, without numbers and ids that change.
fn is_same(one: &Response, other: &Response) -> bool {
    let said = |response: &Response| {
        let body = Body::read(expose(&response.body), "");
        let plain: String = body.text.chars().filter(|c| !c.is_ascii_digit()).collect();
        let is_word = |word: &&str| word.len() < 20;
        plain.split_whitespace().filter(is_word).collect::<Vec<_>>().join(" ")
    };
    one.status == other.status && said(one) == said(other)
}

/// Whether a service that was recognised reads the form in which a credential was sent.
fn reads(services: &[&ServiceRule], path: &[u8], sent: &Sent) -> &'static str {
    let one = |service: &&ServiceRule| match (&sent.scheme, sent.place.is_query()) {
        (_, true) => service.reads_parameter(path, &fold(sent.name.as_bytes())),
        (Some(scheme), _) => service.reads_scheme(path, scheme),
        _ => Reads::Unknown,
    };
    match services.iter().map(one).find(|reads| *reads != Reads::Unknown) {
        Some(Reads::Read) => "read",
        Some(Reads::Unread) => "unread",
        Some(Reads::Unknown) | None => "unknown",
    }
}

/// The credential which a refusal is about: a 407 asks for the proxy's, everything else for the
/// strongest of the others. A session cookie only counts where nothing else was sent.
fn question(sent: &[Sent], status: u16) -> Option<usize> {
    let rank = |one: &Sent| -> Option<u8> {
        let of_proxy = one.name == "proxy-authorization";
        match one.place {
            _ if (status == 407) != of_proxy && (status == 407 || of_proxy) => {
                // Another header in front of a proxy is the wrong place, and still what was sent.
                (status == 407).then_some(9)
            }
            PlaceKind::Header if one.name == "authorization" || of_proxy => Some(0),
            PlaceKind::Header => Some(1),
            PlaceKind::UrlQuery | PlaceKind::UrlMatrix => Some(2),
            PlaceKind::Userinfo => Some(3),
            PlaceKind::Body => Some(4),
            _ => Some(5),
        }
    };
    let ranked = sent.iter().enumerate().filter_map(|(index, one)| Some((rank(one)?, index)));
    // An empty or damaged one explains more than a second that is whole.
    ranked
        .min_by_key(|(rank, index)| {
            let whole = sent.get(*index).is_some_and(|s| s.value == Value::Literal);
            (*rank, whole, *index)
        })
        .map(|(_, index)| index)
}

fn class(book: &RuleBook, sent: &Sent) -> &'static str {
    match sent.form {
        Form::Basic => "password",
        Form::Signature | Form::Parameters => "signature",
        Form::Jwt => "token",
        _ => match book.lexicon.tier(sent.name.as_bytes()) {
            Some(Tier::Password) => "password",
            Some(Tier::Session) => "session",
            _ if fold(sent.name.as_bytes()).ends_with("key") => "key",
            _ => "token",
        },
    }
}

/// The products of a `Server` field: `nginx/1.22.1 (Debian)` → `nginx`; a pseudonym of `Via` with
/// its comment gives both.
fn products(field: &str) -> Vec<String> {
    field
        .split([' ', ',', '(', ')', ';'])
        .map(|word| word.split('/').next().unwrap_or_default().to_ascii_lowercase())
        .filter(|word| word.len() > 1 && word.bytes().any(|b| b.is_ascii_alphabetic()))
        .take(8)
        .collect()
}

/// Every plain value of a JSON document under its pointer.
fn pointers(value: &serde_json::Value, at: &mut String, facts: &mut Facts, left: &mut usize) {
    let len = at.len();
    match value {
        serde_json::Value::Object(map) => {
            for (key, value) in map {
                *at += &format!("/{}", key.replace('~', "~0").replace('/', "~1"));
                pointers(value, at, facts, left);
                at.truncate(len);
            }
        }
        serde_json::Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                *at += &format!("/{index}");
                pointers(value, at, facts, left);
                at.truncate(len);
            }
        }
        plain if *left > 0 && !at.contains(']') => {
            *left -= 1;
            let text = plain.as_str().map_or_else(|| plain.to_string(), str::to_owned);
            facts.add(format!("body.json[{at}]"), text);
        }
        _ => {}
    }
}
