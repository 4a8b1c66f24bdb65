//! A service as it is written: how it is recognised, and what is its own.

use serde::{Deserialize, Serialize};

use super::{Diagnosed, ExchangeExample};

/// `rules/services/<id>.yaml`: how to recognise a service and what is its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ServiceWritten {
    /// Kebab-case; the file's name.
    pub id: String,
    /// For people.
    pub name: String,
    /// The version that brought it.
    pub since: String,
    /// Hosts that are this service.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub host: Vec<String>,
    /// A pattern of paths that only this service has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The header to use instead of a query parameter, with `<credential>` for the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// What to do where there is no header form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<String>,
    /// What its answers look like and mean.
    #[serde(default, skip_serializing_if = "Diagnosed::is_empty")]
    pub diagnosis: Diagnosed,
    /// Its APIs, the most special path first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub apis: Vec<ApiWritten>,
    /// Where and how a new credential is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
    /// Where the old one is revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoke: Option<String>,
    /// Sources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    /// Its tests.
    #[serde(default, skip_serializing)]
    pub examples: AddressExamples,
}

/// Addresses that belong to a service, and such that look as if they did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AddressExamples {
    /// Its own.
    #[serde(default)]
    pub own: Vec<String>,
    /// Somebody else's.
    #[serde(default)]
    pub other: Vec<String>,
    /// Refused calls and what explains them.
    #[serde(default)]
    pub exchanges: Vec<ExchangeExample>,
}

/// One API of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ApiWritten {
    /// A pattern of its paths.
    pub path: String,
    /// Query parameters in which it reads a credential.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub query_param: Vec<String>,
    /// Query parameters in which callers put one in vain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread_param: Vec<String>,
    /// Schemes of `Authorization` that it reads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scheme: Vec<String>,
    /// Schemes in which callers put one in vain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread_scheme: Vec<String>,
    /// What became of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<ApiState>,
    /// What became of it, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What became of an API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApiState {
    /// Its end is announced.
    Retiring,
    /// It is gone.
    Retired,
}
