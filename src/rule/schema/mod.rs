//! Rules as they are written: the YAML, field by field.
//!
//! Structs of optional fields and plain enums only. Untagged, flattened or tagged enums would lose
//! the line and column of a mistake, so "exactly one of" is checked when the written form is
//! compiled into the meant form. The build script includes these very files to check the built-in
//! rules and to embed their compact form, so it depends on nothing but serde.

mod diagnosis;
mod lexicon;
mod service;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use diagnosis::{
    CauseConfidenceWord, CauseWritten, Diagnosed, ExchangeExample, ProbeWord, RefusalWritten,
    SignWritten, StatusWritten, VerdictWord,
};
pub use lexicon::LexiconWritten;
pub use service::{AddressExamples, ApiState, ApiWritten, ServiceWritten};

/// A clause of `when:`: a fact (or `fact|re`) and the words it may hold.
pub type Clause = BTreeMap<String, Vec<String>>;

/// `when:` — all of a clause, any of some, none of others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// Every fact in it must hold one of its words.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub all: Clause,
    /// At least one of these clauses must hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub any: Vec<Clause>,
    /// None of these clauses may hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub none: Vec<Clause>,
}

impl When {
    /// Whether it asks for nothing.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty() && self.any.is_empty() && self.none.is_empty()
    }
}

/// `error`, `warning` or `note`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeverityWord {
    /// Must be mended.
    Error,
    /// Should be mended.
    Warning,
    /// Good to know.
    Note,
}

/// `high`, `medium` or `low`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConfidenceWord {
    /// As good as certain.
    High,
    /// Probably.
    Medium,
    /// It may well be something else.
    Low,
}

/// What sort of credential it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// A bearer token.
    #[default]
    Token,
    /// An API key.
    Key,
    /// A password.
    Password,
    /// A signature that makes a URL a capability.
    Signature,
    /// A session id.
    Session,
    /// Names a principal and grants nothing alone.
    Identity,
    /// A secret in a reversible disguise.
    Obfuscated,
}

/// How the end of a credential is read from itself or from what stands beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Inspect {
    /// JSON Web Token claims.
    Jwt,
    /// Azure shared access signature parameters.
    AzureSas,
    /// AWS presigned URL parameters.
    AwsPresign,
    /// Google Cloud signed URL parameters.
    GoogleSignedUrl,
    /// `Expires=` as an epoch beside the signature.
    ExpiresParameter,
    /// FME token service parameters beside the password.
    FmeTokenService,
}

/// How a credential is recognised. Everything that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Match {
    /// Names of query parameters (also in fragments, matrix parameters and query objects).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub query_param: Vec<String>,
    /// Names of headers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub header: Vec<String>,
    /// Names of keys it is assigned to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assignment: Vec<String>,
    /// The password of a URL's userinfo.
    #[serde(skip_serializing_if = "is_false")]
    pub userinfo: bool,
    /// Names of the lexicon's tiers: any place whose name is in one of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lexicon: Vec<Tier>,
    /// Any named place at all: the value alone decides.
    #[serde(skip_serializing_if = "is_false")]
    pub anywhere: bool,
    /// A free-text pattern with a group `secret`; needs `prefix` or `inside`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Literal beginnings of `text` (case-sensitive, three characters or more): the prefilter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prefix: Vec<String>,
    /// Literal pieces inside of what `text` matches, for tokens that begin as they like: the pattern
    /// is tried where the run of token characters around the piece begins.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inside: Vec<String>,
    /// Where a free-text match stands in the protocol, when the text around it says so
    /// (`.bearer_auth("…")` is a header).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<PlaceWord>,
    /// The value must look as if a machine had drawn it: for patterns that say little themselves.
    #[serde(skip_serializing_if = "is_false")]
    pub random: bool,
    /// The whole value; a group `secret` narrows what is the secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Schemes of the address, where they matter: `https`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scheme: Vec<String>,
    /// Hosts: `example.com` with its subdomains, or `*.example.com` for the subdomains alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub host: Vec<String>,
    /// A pattern in the path of the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Parameters of which at least one must stand in the same URL.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub companion: Vec<String>,
    /// Words of which one must stand close by (same line or the lines around it).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub near: Vec<String>,
}

/// Where in the protocol, for free-text matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlaceWord {
    /// `?name=value`
    UrlQuery,
    /// A segment of a path.
    UrlPath,
    /// `user:value@host`
    Userinfo,
    /// A request header.
    Header,
    /// A cookie.
    Cookie,
    /// A form or message body.
    Body,
    /// `name = value`
    Assignment,
}

/// A tier of the lexicon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// Nearly always a secret.
    Secret,
    /// A secret when its value looks like one.
    ByShape,
    /// A secret when its value is long and looks like one.
    ByLongShape,
    /// A password.
    Password,
    /// A session id.
    Session,
    /// A header that carries a credential.
    Header,
    /// A user name beside a password.
    Identity,
    /// Looks secret and is not.
    Never,
}

/// Values which are no credential although they match.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Ignore {
    /// Patterns of the whole value: documented samples and the like.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub value: Vec<String>,
    /// Values with less Shannon entropy (bits per character) than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entropy_below: Option<Entropy>,
    /// Values shorter than this many characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shorter_than: Option<usize>,
}

/// Bits per character, compared exactly as written.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Entropy(pub f64);

impl Eq for Entropy {}

/// How long it lives: exactly one of these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct LifetimeWritten {
    /// Nothing tells; the text says why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
    /// Every one lives this long (`1h`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed: Option<String>,
    /// It can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inspect: Option<Inspect>,
    /// It does not expire by itself; the text says why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permanent: Option<String>,
}

/// A form that the vendor retired.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Retired {
    /// The day from which it does not work (`2026-06-27`).
    pub on: String,
    /// What happened and what to use now.
    pub note: String,
}

/// One `bad` example: it must be found, exactly so.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct BadExample {
    /// The text; templates (`${hex:40}`) are expanded from a seed.
    pub text: String,
    /// The name of the file it stands in; decides role, format and environment.
    pub file: Option<String>,
    /// The exact secret that must be captured, as a template.
    pub secret: Option<String>,
    /// The place it must be found in, with its name: `url-query:fmetoken`.
    pub place: Option<String>,
    /// Every lint that must fire on it, and no other.
    pub lints: Vec<String>,
    /// How grave it must be (for the examples of lints with `unless`).
    pub severity: Option<SeverityWord>,
    /// The credential kind that must own it (for the examples of lints).
    pub credential: Option<String>,
    /// More examples of the same form: a piece of the text, and each word that stands in its place in
    /// one of them (in the file's name, the secret and the place, too). Each is asserted in full.
    pub also_as: BTreeMap<String, Vec<String>>,
    /// Where the example comes from, when it is not ours.
    pub source: Option<String>,
}

/// Examples of a credential or a lint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Examples {
    /// Must be found.
    pub bad: Vec<BadExample>,
    /// Must stay silent, as far as this rule is concerned.
    pub good: Vec<GoodExample>,
}

/// One `good` example.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct GoodExample {
    /// The text.
    pub text: String,
    /// The credential kind that must own it instead, for a near miss which is still a credential.
    pub owner: Option<String>,
    /// The name of the file it stands in.
    pub file: Option<String>,
    /// Where the example comes from, when it is not ours.
    pub source: Option<String>,
}

/// `rules/credentials/<id>.yaml`: what it is, how it travels, how long it lives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CredentialWritten {
    /// Kebab-case; the file's name.
    pub id: String,
    /// For people.
    pub name: String,
    /// The version that brought it.
    pub since: String,
    /// What sort it is.
    #[serde(default)]
    pub class: Class,
    /// How sure a match is.
    pub confidence: ConfidenceWord,
    /// The service it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Any of these.
    #[serde(rename = "match")]
    pub matches: Vec<Match>,
    /// Values that are none.
    #[serde(default)]
    pub ignore: Ignore,
    /// How many leading characters are the documented public prefix of the kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_prefix: Option<usize>,
    /// How long it lives.
    #[serde(default)]
    pub lifetime: LifetimeWritten,
    /// The vendor retired the form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired: Option<Retired>,
    /// Why it may be public, for kinds made to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publishable: Option<String>,
    /// The header to use instead of a query parameter, with `<credential>` for the value, where this
    /// kind has a form of its own; else that of the service counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// What to do where there is no header form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<String>,
    /// Where it is revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoke: Option<String>,
    /// Sources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    /// Its tests.
    #[serde(default, skip_serializing)]
    pub examples: Examples,
}

/// `rules/lints/<id>.yaml`: when it is a problem, why, what instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LintWritten {
    /// Kebab-case; reads after "allow …".
    pub id: String,
    /// A noun phrase: what was found.
    pub summary: String,
    /// What a finding says; `{name}`, `{credential}`, `{host}`, `{lifetime}`, `{environment}`,
    /// `{service}`, `{detail}` stand for what is known of it.
    pub message: String,
    /// The version that brought it.
    pub since: String,
    /// Its default severity.
    pub severity: SeverityWord,
    /// Whether it names the place of a credential (one fires) or its state (all fire).
    pub about: About,
    /// When it fires.
    pub when: When,
    /// Severities for special cases, first match wins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unless: Vec<Grade>,
    /// When it is true, and yet hardly anybody would mend it: shown with `--pedantic` alone.
    #[serde(default, skip_serializing_if = "When::is_empty")]
    pub pedantic: When,
    /// Why it is a problem, for an administrator.
    pub why: String,
    /// What to do instead; `{form}` stands for the header form of the service.
    pub instead: String,
    /// Ordered next steps; `{issue}` and `{revoke}` stand for the pages of the service.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<String>,
    /// Sources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    /// Its tests.
    #[serde(default, skip_serializing)]
    pub examples: Examples,
}

/// Another severity for some facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Grade {
    /// When it applies.
    pub when: When,
    /// The severity then.
    pub severity: SeverityWord,
}

/// What a lint speaks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// Where the credential stands: at most one such lint on one secret.
    Place,
    /// What state it is in: all that hold.
    State,
}

/// The compact form of the built-in rules, without prose, as the build script embeds it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Compact {
    /// Credentials, by id.
    pub credentials: Vec<CredentialWritten>,
    /// Lints, by id.
    pub lints: Vec<LintWritten>,
    /// Causes, by id.
    pub causes: Vec<CauseWritten>,
    /// Services, by id.
    pub services: Vec<ServiceWritten>,
    /// The lexicon.
    pub lexicon: LexiconWritten,
}

/// The rest of it, which only refused calls need.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Causes, by id.
    pub causes: Vec<CauseWritten>,
    /// What the answers of the services mean, in their order.
    pub answers: Vec<Diagnosed>,
}

/// For `skip_serializing_if`.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}
