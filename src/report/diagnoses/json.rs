//! `json`: the contract's JSON, version 1. The structs here are frozen: they are the format, and the
//! words of the program may change behind them.

use serde::Serialize;

use super::{Diagnoses, Output, Scene, Told};
use crate::report::json::{JsonNotice, Tool, notices, tool};

/// The contract's JSON.
#[derive(Debug)]
pub(super) struct Json;

impl Output for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn write(&self, diagnoses: &Diagnoses, scene: &Scene<'_>) -> String {
        let document = Document {
            version: 1,
            tool: tool(scene.book),
            diagnoses: diagnoses.told.iter().map(JsonDiagnosis::of).collect(),
            notices: notices(&diagnoses.notices),
            stats: JsonStats { calls: diagnoses.calls, refused: diagnoses.told.len() },
        };
        // Plain structs with string keys: serialising them cannot fail.
        let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
        text.push('\n');
        text
    }
}

#[derive(Serialize)]
struct Document<'d> {
    version: u32,
    tool: Tool,
    diagnoses: Vec<JsonDiagnosis<'d>>,
    notices: Vec<JsonNotice<'d>>,
    stats: JsonStats,
}

#[derive(Serialize)]
struct JsonStats {
    calls: usize,
    refused: usize,
}

#[derive(Serialize)]
struct JsonDiagnosis<'d> {
    source: JsonSource<'d>,
    call: &'d str,
    verdict: &'static str,
    cause: &'d str,
    summary: &'d str,
    confidence: &'static str,
    one_of: bool,
    because: &'d [String],
    alternatives: Vec<&'d str>,
    refute: Vec<JsonRefute<'d>>,
    evidence: Vec<JsonEvidence<'d>>,
    not: &'d [String],
    remedy: &'d str,
    identity: Option<&'d str>,
    sent: &'d [String],
    services: &'d [String],
    fingerprint: Option<String>,
    reproduce: &'d str,
    probes: Vec<JsonProbe<'d>>,
}

#[derive(Serialize)]
struct JsonSource<'d> {
    path: &'d str,
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logical: Option<&'d str>,
}

#[derive(Serialize)]
struct JsonRefute<'d> {
    cause: &'d str,
    by: &'d str,
}

#[derive(Serialize)]
struct JsonEvidence<'d> {
    fact: &'d str,
    value: &'d str,
    from: &'d str,
}

#[derive(Serialize)]
struct JsonProbe<'d> {
    probe: &'d str,
    call: &'d str,
    status: Option<u16>,
    result: &'d str,
    tells: &'d str,
}

impl<'d> JsonDiagnosis<'d> {
    fn of(told: &'d Told) -> Self {
        let d = &told.diagnosis;
        Self {
            source: JsonSource {
                path: &told.path,
                entry: told.spot.entry,
                line: told.spot.line,
                logical: told.spot.logical.as_deref(),
            },
            call: &d.call,
            verdict: d.verdict.as_str(),
            cause: &d.cause,
            summary: &d.summary,
            confidence: d.certainty.as_str(),
            one_of: d.one_of,
            because: &d.because,
            alternatives: d.alternatives.iter().map(|a| a.cause.as_str()).collect(),
            refute: d
                .alternatives
                .iter()
                .map(|a| JsonRefute { cause: &a.cause, by: &a.refute })
                .collect(),
            evidence: d
                .evidence
                .iter()
                .map(|e| JsonEvidence { fact: &e.fact, value: &e.value, from: &e.from })
                .collect(),
            not: &d.not,
            remedy: &d.remedy,
            identity: d.identity.as_deref(),
            sent: &d.sent,
            services: &d.services,
            fingerprint: d.fingerprint.map(|f| f.to_string()),
            reproduce: &d.reproduce,
            probes: d
                .probes
                .iter()
                .map(|p| JsonProbe {
                    probe: &p.probe,
                    call: &p.call,
                    status: p.status,
                    result: &p.result,
                    tells: &p.tells,
                })
                .collect(),
        }
    }
}
