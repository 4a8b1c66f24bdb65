//! The facts of a credential in its place: what the lints ask.

use super::owner::Owned;
use super::{Setting, Sighting};
use crate::artifact::Role;
use crate::fact::Facts;
use crate::finding::PlaceKind;
use crate::http::uri::{HostKind, host_kind};
use crate::name::fold;
use crate::rule::book::{Form, RuleBook, ServiceRule};
use crate::rule::credential::CredentialRule;
use crate::rule::schema::{ApiState, Class, Inspect, Tier};
use crate::secret::Secret;
use crate::time::{Basis, Instant, LifeState, Lifetime, parse_duration};
use crate::token::{jwt, neighbour, signed_url};

/// The lifetime of a value: from itself, else from its neighbours, else as its kind has it.
pub(super) fn lifetime(
    rule: &CredentialRule,
    value: &[u8],
    sighting: &Sighting<'_>,
    at: Instant,
) -> Lifetime {
    if let Some(retired) = rule.written.retired.as_ref()
        && rule.retired_on.is_some_and(|day| day <= at)
    {
        let note = format!("the form was retired on {}: {}", retired.on, retired.note.trim());
        return Lifetime::dead(Basis::Documented(note));
    }
    let parameters =
        sighting.carried.call.as_ref().map(|c| c.values.as_slice()).unwrap_or_default();
    let own = match rule.inspect() {
        Some(Inspect::Jwt) => jwt::lifetime(&Secret::new(value)),
        Some(Inspect::AzureSas) if parameters.is_empty() => {
            signed_url::azure_sas(&signed_url::around(sighting.near, value))
        }
        Some(Inspect::AzureSas) => signed_url::azure_sas(parameters),
        Some(Inspect::AwsPresign) => {
            signed_url::basic_dates(parameters, "xamzdate", "xamzexpires", "X-Amz-Expires")
        }
        Some(Inspect::GoogleSignedUrl) => {
            signed_url::basic_dates(parameters, "xgoogdate", "xgoogexpires", "X-Goog-Expires")
        }
        Some(Inspect::ExpiresParameter) => signed_url::epoch(parameters),
        // A password in the same address outlives the token that it asks for.
        None if rule.class() == Class::Password => Lifetime::unknown(),
        Some(Inspect::FmeTokenService) | None => signed_url::fme_token_service(parameters),
    };
    if own.is_known() {
        return own;
    }
    let documented = documented(rule);
    let beside = &sighting.neighbour;
    // What the vendor says of the kind is worth more than a name which somebody chose.
    let by_name_only = documented.is_known() && neighbour::is_by_name(beside);
    if beside.is_known() && rule.class() != Class::Password && !by_name_only {
        return beside.clone();
    }
    documented
}

/// The lifetime that every credential of the kind has.
fn documented(rule: &CredentialRule) -> Lifetime {
    let written = &rule.written.lifetime;
    if let Some(seconds) = written.fixed.as_deref().and_then(parse_duration) {
        return Lifetime::lasting(
            seconds,
            Basis::Documented(format!("every {} lives that long", rule.written.name)),
        );
    }
    match &written.permanent {
        Some(why) => Lifetime::permanent(Basis::Documented(why.clone())),
        None => Lifetime::unknown(),
    }
}

/// The service that the value is for.
pub(super) fn service<'b>(
    book: &'b RuleBook,
    sighting: &Sighting<'_>,
    owned: Option<&Owned<'_>>,
) -> Option<&'b ServiceRule> {
    // A kind that belongs to a service knows it best: an API and its capability addresses may share
    // a host.
    owned
        .and_then(|o| book.service(o.rule.written.service.as_deref()?))
        .or_else(|| {
            let call = sighting.carried.call.as_ref()?;
            book.service_at(&call.host, &call.path)
        })
        .or_else(|| service_of_parameter(book, sighting))
}

/// The service whose parameter this is, whatever the host: nobody else calls one `fmetoken`.
fn service_of_parameter<'b>(
    book: &'b RuleBook,
    sighting: &Sighting<'_>,
) -> Option<&'b ServiceRule> {
    if !sighting.carried.place.is_query() {
        return None;
    }
    let folded = fold(sighting.carried.name.as_bytes());
    let mut own = book.by_query_param(&folded).iter().map(|reference| {
        let (rule, m) = book.resolve(*reference)?;
        rule.written.service.as_deref().filter(|_| m.knows_by_name())
    });
    let first = own.next()??;
    own.all(|other| other == Some(first)).then(|| book.service(first))?
}

/// What the rest of the artifact says of a credential.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around {
    /// There are many of its kind.
    pub(super) crowd: bool,
    /// It is a sample.
    pub(super) shown: bool,
    /// Its calls are signed.
    pub(super) signed: bool,
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// Gathers what the lints can ask.
pub(super) fn gather(
    scanner: &super::Scanner<'_>,
    setting: &Setting<'_>,
    sighting: &Sighting<'_>,
    owned: Option<&Owned<'_>>,
    (around, at_call): (Around, Option<&ServiceRule>),
) -> Facts {
    let carried = &sighting.carried;
    let mut facts = Facts::default();
    facts.add("artifact.role", setting.role.as_str());
    facts.add("artifact.path", setting.artifact.path.clone());
    facts.add("artifact.purpose", setting.purpose.as_str());
    if let Some(evidence) = &setting.environment {
        facts.add("artifact.environment", evidence.environment.as_str());
    }
    facts.add("credential.place", place(setting, sighting).as_str());
    facts.add("credential.value", carried.kind.as_str());
    facts.add("credential.name", fold(carried.name.as_bytes()));
    if carried.kind == crate::value::ValueKind::Logged {
        facts.add("server.logging", "yes");
    }
    facts.add("credential.crowd", yes_no(around.crowd));
    facts.add("credential.shown", yes_no(around.shown));
    facts.add("credential.signed", yes_no(around.signed));
    if let Some(owned) = owned {
        credential_facts(scanner.at, scanner.expiring_within, owned, &mut facts);
    } else {
        let class =
            if carried.tier == Some(Tier::Password) { Class::Password } else { Class::Token };
        facts.add("credential.class", class.as_str());
    }
    call_facts(at_call, sighting, owned, &mut facts);
    facts
}

/// The place as lints see it: in a log file everything is a line of a log.
pub(super) fn place(setting: &Setting<'_>, sighting: &Sighting<'_>) -> PlaceKind {
    if setting.role == Role::Log { PlaceKind::LogLine } else { sighting.carried.place }
}

fn credential_facts(at: Instant, window: i64, owned: &Owned<'_>, facts: &mut Facts) {
    let life = &owned.credential.lifetime;
    let retired = owned.rule.retired_on.is_some_and(|day| day <= at);
    facts.add("credential.kind", owned.rule.id());
    facts.add("credential.class", owned.rule.class().as_str());
    facts.add("credential.prefixed", yes_no(owned.rule.written.public_prefix.is_some()));
    facts.add("credential.publishable", yes_no(owned.rule.written.publishable.is_some()));
    facts.add("credential.retired", yes_no(retired));
    let state = if retired { LifeState::Expired } else { life.state(at) };
    facts.add("credential.lifetime", state.as_str());
    let short = match state {
        LifeState::Unknown => "unknown",
        // A signed address is made to end: whoever keeps it keeps an end.
        _ if owned.rule.class() == Class::Signature && life.expires.is_some() => "short",
        _ if life.is_short(at) => "short",
        _ => "long",
    };
    facts.add("credential.life", short);
    let soon = life.expires.is_some_and(|end| end > at && end.since(at) <= window);
    facts.add("credential.expiring", yes_no(soon));
}

fn call_facts(
    at_call: Option<&ServiceRule>,
    sighting: &Sighting<'_>,
    owned: Option<&Owned<'_>>,
    facts: &mut Facts,
) {
    let Some(call) = &sighting.carried.call else {
        facts.add("request.scheme", "unknown");
        facts.add("request.host-kind", HostKind::Unknown.as_str());
        return;
    };
    let scheme = match call.scheme.as_str() {
        "" => "unknown",
        scheme @ ("http" | "https" | "ws" | "wss") => scheme,
        _ => "other",
    };
    facts.add("request.scheme", scheme);
    facts.add("request.host", call.host.clone());
    facts.add("request.host-kind", host_kind(&call.host).as_str());
    facts.add("request.path", crate::text::lossless(&call.path).into_owned());
    facts.add("request.query", crate::text::lossless(&call.query).into_owned());
    let Some(service) = at_call else {
        return;
    };
    facts.add("service.id", service.written.id.clone());
    facts.add(
        "service.state",
        match service.state(&call.path) {
            None => "current",
            Some(ApiState::Retiring) => "retiring",
            Some(ApiState::Retired) => "retired",
        },
    );
    let own_kind = owned
        .is_none_or(|o| o.rule.written.service.as_deref().is_none_or(|s| s == service.written.id));
    let form = match (&sighting.carried.scheme, sighting.carried.place) {
        (_, place) if place.is_query() => {
            service.reads_parameter(&call.path, &fold(sighting.carried.name.as_bytes()))
        }
        (Some(scheme), PlaceKind::Header) => service.reads_scheme(&call.path, scheme),
        _ => Form::Unknown,
    };
    facts.add(
        "request.form",
        match form {
            Form::Read => "read",
            Form::Unread if own_kind => "unread",
            _ => "unknown",
        },
    );
}
