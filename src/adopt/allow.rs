//! Values that the config allows, by fingerprint: never in plain.

use crate::finding::{Finding, Suppression};
use crate::time::Instant;

/// One allowed value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// The fingerprint as printed by `--format json`.
    pub fingerprint: String,
    /// Why it may stay.
    pub reason: String,
    /// Until when.
    pub until: Option<Instant>,
}

/// Marks findings about allowed values.
pub fn apply(allowed: &[Allowed], at: Instant, findings: &mut [Finding]) {
    for finding in findings.iter_mut().filter(|f| f.suppressed.is_none()) {
        let Some(fingerprint) = finding.fingerprint.map(|f| f.to_string()) else {
            continue;
        };
        let entry = allowed
            .iter()
            .find(|a| a.fingerprint == fingerprint && a.until.is_none_or(|end| at < end));
        if let Some(entry) = entry {
            finding.suppressed = Some(Suppression { kind: "config", reason: entry.reason.clone() });
        }
    }
}
