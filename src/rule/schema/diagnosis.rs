//! What explains refused calls, as it is written: causes with their signs, what answers of a service
//! mean, status codes, and the exchanges that are their tests.

use serde::{Deserialize, Serialize};

use super::{Clause, When};

/// `rules/causes/<id>.yaml`: what explains a refused call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CauseWritten {
    /// Kebab-case; an id of the contract's list.
    pub id: String,
    /// The class of the cause.
    pub verdict: VerdictWord,
    /// One sentence.
    pub summary: String,
    /// The version that brought it.
    pub since: String,
    /// What speaks for it: any of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signs: Vec<SignWritten>,
    /// Causes that it beats when both have a sign.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outranks: Vec<String>,
    /// Causes which one exchange often cannot tell from it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub neighbours: Vec<String>,
    /// Experiments that would settle it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub probes: Vec<ProbeWord>,
    /// The cheapest thing that would refute it.
    pub refute: String,
    /// What to do; `{form}`, `{issue}`, `{revoke}`, `{needed}`, `{missing}`, `{skew}`, `{realm}`,
    /// `{name}`, `{parameter}`, `{scheme}`, `{offered}`, `{host}` stand for what is known of the call.
    pub remedy: String,
    /// What it is not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not: Vec<String>,
    /// Sources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    /// Its tests.
    #[serde(default, skip_serializing)]
    pub examples: Vec<ExchangeExample>,
}

/// What speaks for a cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SignWritten {
    /// What it says, in a sentence.
    pub says: String,
    /// How sure the cause is by this sign alone.
    pub confidence: CauseConfidenceWord,
    /// When it holds.
    pub when: When,
}

/// What an answer of a service means: a sign that only counts there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RefusalWritten {
    /// The cause that it speaks for.
    pub cause: String,
    /// What it says, in a sentence.
    pub says: String,
    /// How sure the cause is by this sign alone.
    pub confidence: CauseConfidenceWord,
    /// When it holds.
    pub when: When,
    /// What to do here, where the cause's own remedy says too little.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// A refused call in `curl -v` notation and the cause that must come first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExchangeExample {
    /// Lines `> …` that were sent and `< …` that came back, then a blank line and the body.
    pub exchange: String,
    /// The cause id; `accepted` where the call was not refused.
    pub expect: String,
    /// How sure it must be.
    #[serde(default)]
    pub confidence: Option<CauseConfidenceWord>,
    /// Causes which must be named as well.
    #[serde(default)]
    pub also: Vec<String>,
}

/// The class of a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VerdictWord {
    /// The server does not know who calls.
    NotAuthenticated,
    /// It knows, and says no.
    NotAuthorized,
    /// A gate refused before authentication.
    BlockedBeforeAuth,
    /// It is about something else.
    NotAuthRelated,
    /// It worked.
    Accepted,
}

/// A request of our own that tells causes apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProbeWord {
    /// The same call once more.
    AsItWas,
    /// Without any credential.
    Anonymous,
    /// The same credential in the header which the server wants.
    InHeader,
    /// Without the damage of the value.
    Cleaned,
    /// The service's own page that tells who one is.
    Identity,
    /// With a value that nobody issued.
    Garbage,
    /// The folder above.
    Parent,
    /// A path beside it that nobody has, without a credential.
    Sibling,
    /// Where the redirect leads, without a credential.
    NextHop,
}

/// How sure a cause is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CauseConfidenceWord {
    /// A trial settled it.
    Proved,
    /// The server or the decoded credential says so.
    Certain,
    /// The evidence points there.
    Likely,
    /// It fits.
    Possible,
}

/// An entry of `rules/statuses.yaml`: a status code in plain words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StatusWritten {
    /// The code.
    pub code: u16,
    /// Its name, and whose it is when it is no standard.
    pub name: String,
    /// What it means, for an administrator.
    pub means: String,
    /// What to look at, in this order.
    pub check: Vec<String>,
    /// What it does not prove.
    pub not: Vec<String>,
    /// Sources.
    pub references: Vec<String>,
}

/// How the answers of a service are told and what they mean.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Diagnosed {
    /// How its answers are recognised, where the address says nothing: any of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Clause>,
    /// What its answers mean.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<RefusalWritten>,
    /// The path of a harmless call that tells who one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// Patterns of paths that do something even when they are only read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acts_on_get: Vec<String>,
}

impl Diagnosed {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
