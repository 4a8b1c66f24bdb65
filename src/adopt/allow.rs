//! Values that the config allows, by fingerprint: never in plain.

use std::collections::BTreeSet;

use crate::finding::{Finding, NoticeKind, Suppression};
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

/// How many digits of a fingerprint tell which entry is meant.
const DIGITS_SHOWN: usize = 8;

/// The fingerprints of these findings.
pub fn fingerprints(findings: &[Finding]) -> BTreeSet<String> {
    findings.iter().filter_map(|f| f.fingerprint).map(|f| f.to_string()).collect()
}

/// What is to be said of entries: one whose day has passed, and, when `met` holds everything that a
/// whole run has seen, one that nothing needs. A door that nobody uses is better shut.
pub fn idle(
    allowed: &[Allowed],
    at: Instant,
    met: Option<&BTreeSet<String>>,
) -> Vec<(NoticeKind, String)> {
    let mut out = Vec::new();
    for entry in allowed {
        let digits: String = entry.fingerprint.chars().take(DIGITS_SHOWN).collect();
        if entry.until.is_some_and(|end| end <= at) {
            let what = format!(
                "the day of allow entry {digits}… has passed; remove it or mend what it allows"
            );
            out.push((NoticeKind::ExpiredIgnore, what));
        } else if met.is_some_and(|met| !met.contains(&entry.fingerprint)) {
            let what = format!("the allow entry {digits}… allows nothing any more; remove it");
            out.push((NoticeKind::UnusedIgnore, what));
        }
    }
    out
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
