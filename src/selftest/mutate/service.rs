//! The clauses of a service: by what it is recognised. What its APIs read is asked for by the
//! examples of lints.

use super::{Mutant, without_one};
use crate::rule::schema::ServiceWritten;

/// The rule without each of its clauses.
pub(super) fn without_each(rule: &ServiceWritten) -> Vec<Mutant<ServiceWritten>> {
    let mut out = Vec::new();
    if !rule.host.is_empty() {
        out.push(Mutant::new("host", ServiceWritten { host: Vec::new(), ..rule.clone() }));
    }
    for (word, host) in without_one(&rule.host) {
        out.push(Mutant::new(format!("host `{word}`"), ServiceWritten { host, ..rule.clone() }));
    }
    if rule.path.is_some() {
        out.push(Mutant::new("path", ServiceWritten { path: None, ..rule.clone() }));
    }
    out
}
