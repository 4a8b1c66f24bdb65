//! Outputs of the second river: one file each, all from one [`Diagnoses`].

mod json;
mod markdown;
mod story;

use crate::exchange::{Diagnosis, Spot};
use crate::finding::Notice;
use crate::rule::RuleBook;

/// A diagnosis with where its call stands.
#[derive(Debug, Clone)]
pub struct Told {
    /// The source, as it was given.
    pub path: String,
    /// Where in it.
    pub spot: Spot,
    /// What explains it.
    pub diagnosis: Diagnosis,
}

/// Everything that a run has to say.
#[derive(Debug, Default)]
pub struct Diagnoses {
    /// The refused calls, in order.
    pub told: Vec<Told>,
    /// About the run.
    pub notices: Vec<Notice>,
    /// How many calls were read.
    pub calls: usize,
}

/// What an output may want to know beside the diagnoses.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'s> {
    /// Colours may be used.
    pub color: bool,
    /// The rules, for their number.
    pub book: &'s RuleBook,
    /// How much to say: -1 quiet, 0 normal, 1 more.
    pub verbosity: i8,
}

/// An output format.
pub trait Output: Sync {
    /// Its name on the command line.
    fn name(&self) -> &'static str;
    /// Writes the diagnoses.
    fn write(&self, diagnoses: &Diagnoses, scene: &Scene<'_>) -> String;
}

/// Every output format.
pub const OUTPUTS: &[&dyn Output] = &[&story::Story, &json::Json, &markdown::Markdown];

/// The output of this name.
pub fn output(name: &str) -> Option<&'static dyn Output> {
    OUTPUTS.iter().copied().find(|o| o.name() == name)
}

/// Refused calls that have one credential and one cause.
#[derive(Debug)]
struct Group<'d> {
    /// The first of them.
    first: &'d Told,
    /// All of them.
    all: Vec<&'d Told>,
}

/// Groups what has one cause: the same credential (or the same address, where none tells), the same
/// cause and confidence, the same remedy.
fn groups(diagnoses: &Diagnoses) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut known = std::collections::HashMap::new();
    for told in &diagnoses.told {
        let d = &told.diagnosis;
        let call = d.call.split(['?', '→']).next().unwrap_or_default().trim().to_owned();
        let who = d.fingerprint.map_or(call, |f| f.to_string());
        let alternatives: Vec<&str> = d.alternatives.iter().map(|a| a.cause.as_str()).collect();
        let key = (who, d.cause.clone(), d.certainty, alternatives, d.remedy.clone());
        let same = known.get(&key).copied().and_then(|index: usize| groups.get_mut(index));
        if let Some(group) = same {
            group.all.push(told);
        } else {
            known.insert(key, groups.len());
            groups.push(Group { first: told, all: vec![told] });
        }
    }
    groups
}

/// `x.har:12`
fn spot(told: &Told) -> String {
    let number = told.spot.entry.or(told.spot.line);
    number.map_or_else(|| told.path.clone(), |number| format!("{}:{number}", told.path))
}
