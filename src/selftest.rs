//! Runs the examples of rules: each asserts the captured secret, the place, the owning credential
//! and exactly the lints that fire.
//!
//! Examples are templates. `${hex:40}` and its kin are expanded from a seed when they run, so that
//! the repository holds no string that a scanner would take for a secret.

mod mutate;
pub mod template;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::artifact::{Artifact, Window};
use crate::config::{ConfigError, yaml_files};
use crate::diagnose::Diagnoser;
use crate::exchange::{Exchange, Observation};
use crate::finding::{Confidence, Finding};
use crate::rule::RuleBook;
use crate::rule::book::severity;
use crate::rule::load::{self, Kind, RuleError, SOURCES};
use crate::rule::schema::{
    BadExample, CauseWritten, CredentialWritten, Examples, ExchangeExample, LintWritten,
    ServiceWritten,
};
use crate::scan::{self, Scanner};
use crate::secret::Key;
use crate::time::{DAY, Instant};

pub use mutate::{Clauses, unneeded_clauses};
pub use template::{AT, expand};

/// The largest rule file whose examples are run, in bytes.
const RULE_MAX: u64 = 1 << 20;

/// One example of one rule.
#[derive(Debug, Clone)]
pub struct Case {
    /// The rule's id.
    pub rule: String,
    /// Its kind.
    pub kind: Kind,
    /// Number of the example, from 1, among the bad or the good ones.
    pub number: usize,
    /// What it expects.
    pub expect: Expect,
}

/// What an example expects.
#[derive(Debug, Clone)]
pub enum Expect {
    /// It must be found, exactly so.
    Bad(BadExample),
    /// The recorded call must be explained so.
    Cause(ExchangeExample),
    /// An address that belongs to this service, or does not.
    Address {
        /// The address.
        url: String,
        /// Whether it is the service's own.
        own: bool,
    },
    /// This rule must stay silent.
    Good {
        /// The text.
        text: String,
        /// The name of the file.
        file: Option<String>,
        /// The credential that must own it instead; without one, nothing may be found.
        owner: Option<String>,
    },
}

/// The examples of the built-in rules.
pub fn builtin_cases() -> Result<Vec<Case>, RuleError> {
    let mut cases = Vec::new();
    for (folder, id, text) in SOURCES {
        if let Some(kind) = Kind::of_folder(folder) {
            cases.extend(cases_of(
                kind,
                &PathBuf::from(format!("rules/{folder}/{id}.yaml")),
                text,
            )?);
        }
    }
    Ok(cases)
}

/// The examples of the rules under `folder`.
pub fn cases_in(folder: &Path) -> Result<Vec<Case>, ConfigError> {
    let mut cases = Vec::new();
    for (kind, name) in Kind::FOLDERS {
        for file in yaml_files(&folder.join(name)) {
            let text = crate::source::text(&file, RULE_MAX)
                .map_err(|why| ConfigError::Unreadable { file: file.clone(), why })?;
            cases.extend(cases_of(kind, &file, &text)?);
        }
    }
    Ok(cases)
}

fn cases_of(kind: Kind, file: &Path, text: &str) -> Result<Vec<Case>, RuleError> {
    let (id, examples) = match kind {
        Kind::Credential => {
            let rule: CredentialWritten = load::parse(file, text)?;
            (rule.id, rule.examples)
        }
        Kind::Lint => {
            let rule: LintWritten = load::parse(file, text)?;
            (rule.id, rule.examples)
        }
        Kind::Cause => {
            let rule: CauseWritten = load::parse(file, text)?;
            let cases = rule.examples.into_iter().enumerate().map(|(index, example)| Case {
                rule: rule.id.clone(),
                kind,
                number: index + 1,
                expect: Expect::Cause(example),
            });
            return Ok(cases.collect());
        }
        Kind::Service => {
            let rule: ServiceWritten = load::parse(file, text)?;
            let of = |list: Vec<String>, own| {
                list.into_iter().enumerate().map(move |(i, url)| (i, Expect::Address { url, own }))
            };
            let exchanges = rule.examples.exchanges.into_iter().enumerate();
            let exchanges = exchanges.map(|(i, example)| (i, Expect::Cause(example)));
            let all =
                of(rule.examples.own, true).chain(of(rule.examples.other, false)).chain(exchanges);
            let case = |(i, expect)| Case { rule: rule.id.clone(), kind, number: i + 1, expect };
            return Ok(all.map(case).collect());
        }
    };
    let Examples { bad, good } = examples;
    let bad = bad.into_iter().enumerate().flat_map(|(i, example)| {
        let others = variants(&example);
        std::iter::once(example).chain(others).map(move |e| (i, Expect::Bad(e)))
    });
    let good = good
        .into_iter()
        .enumerate()
        .map(|(i, e)| (i, Expect::Good { text: e.text, file: e.file, owner: e.owner }));
    Ok(bad
        .chain(good)
        .map(|(i, expect)| Case { rule: id.clone(), kind, number: i + 1, expect })
        .collect())
}

/// The further examples that an example is the pattern of (`also-as`).
fn variants(example: &BadExample) -> Vec<BadExample> {
    let mut out = Vec::new();
    for (piece, words) in &example.also_as {
        for word in words {
            let with = |text: &String| text.replace(piece, word);
            out.push(BadExample {
                text: with(&example.text),
                file: example.file.as_ref().map(with),
                secret: example.secret.as_ref().map(with),
                place: example.place.as_ref().map(with),
                also_as: BTreeMap::new(),
                ..example.clone()
            });
        }
    }
    out
}

/// A piece of `also-as` that changes nothing: its examples would be the same once more.
fn idle_piece(example: &BadExample) -> Option<&str> {
    let changes = |piece: &str, words: &[String]| {
        let stands = example.text.contains(piece)
            || example.file.as_ref().is_some_and(|file| file.contains(piece));
        stands && !words.is_empty() && words.iter().all(|word| word != piece)
    };
    let idle = example.also_as.iter().find(|(piece, words)| !changes(piece, words));
    idle.map(|(piece, _)| piece.as_str())
}

/// Runs one example; what is wrong, if anything.
pub fn run(book: &RuleBook, case: &Case) -> Option<String> {
    match &case.expect {
        Expect::Bad(example) => bad(book, case, example),
        Expect::Cause(example) => cause(book, case, example),
        Expect::Address { url, own } => address(book, case, url, *own),
        Expect::Good { text, file, owner } => {
            good(book, case, text, file.as_deref(), owner.as_deref())
        }
    }
}

/// What is wrong with an example of a refused call.
fn cause(book: &RuleBook, case: &Case, example: &ExchangeExample) -> Option<String> {
    let fail = |what: String| {
        let kind = case.kind.as_str();
        let text = example.exchange.trim_end();
        Some(format!("{kind} {} exchange {}: {what}\n{text}", case.rule, case.number))
    };
    let exchange = match Exchange::parse(&expand(&example.exchange, &case.rule)) {
        Ok(exchange) => exchange,
        Err(error) => return fail(error.to_string()),
    };
    // Without a `Date` of its own, a call of an example was made at the moment of all examples.
    let dated = exchange.response.as_ref().is_some_and(|r| r.headers.all("date").next().is_some());
    let at = Instant::parse(AT).filter(|_| !dated);
    let diagnoser = Diagnoser { book, at, key: Key::default() };
    let diagnosis = diagnoser.diagnose(&Observation { exchange, trials: Vec::new() });
    let Some(diagnosis) = diagnosis else {
        return if example.expect == "accepted" {
            None
        } else {
            fail(format!("nothing was refused, wanted {}", example.expect))
        };
    };
    let others: Vec<&str> = diagnosis.alternatives.iter().map(|a| a.cause.as_str()).collect();
    let seen = format!("{} ({}) or {others:?}", diagnosis.cause, diagnosis.certainty.as_str());
    let wanted = example.confidence.map(crate::diagnose::certainty);
    if diagnosis.cause != example.expect {
        return fail(format!("explained as {seen}, wanted {}", example.expect));
    }
    if wanted.is_some_and(|wanted| wanted != diagnosis.certainty) {
        return fail(format!("explained as {seen}, not as sure as wanted"));
    }
    let lost: Vec<&String> =
        example.also.iter().filter(|id| !others.contains(&id.as_str())).collect();
    (!lost.is_empty()).then(|| fail(format!("explained as {seen}, without {lost:?}"))).flatten()
}

/// What is wrong with an example of a service.
fn address(book: &RuleBook, case: &Case, url: &str, own: bool) -> Option<String> {
    let found = scan::service_at(book, url).map(|s| s.written.id.as_str());
    let wrong = (found == Some(case.rule.as_str())) != own;
    wrong.then(|| {
        let word = if own { "own" } else { "other" };
        let found = found.unwrap_or("no service");
        format!("service {} {word} example {}: {url} belongs to {found}", case.rule, case.number)
    })
}

fn scanned(book: &RuleBook, case: &Case, text: &str, file: Option<&str>) -> (String, Vec<Finding>) {
    let at = Instant::parse(AT).unwrap_or_else(Instant::now);
    let scanner = Scanner {
        book,
        at,
        key: Key::default(),
        expiring_within: 14 * DAY,
        environments: scan::environment::Environments::default(),
        purposes: scan::purpose::Purposes::default(),
    };
    let text = expand(text, &case.rule);
    let artifact = Artifact::file(file.unwrap_or("example.txt"));
    let findings = scanner.scan(&artifact, &Window::whole(text.as_bytes())).findings;
    (text, findings)
}

fn bad(book: &RuleBook, case: &Case, example: &BadExample) -> Option<String> {
    let (text, findings) = scanned(book, case, &example.text, example.file.as_deref());
    let fail = |what: String| {
        Some(format!(
            "{} {} bad example {}: {what}\n{}",
            case.kind.as_str(),
            case.rule,
            case.number,
            example.text.trim_end()
        ))
    };
    if let Some(piece) = idle_piece(example) {
        return fail(format!("Idle: also-as exchanges `{piece}`, which changes nothing"));
    }
    if findings.is_empty() {
        return fail("Missing: nothing was found".to_owned());
    }
    let own = |f: &&Finding| match case.kind {
        // What only the pedantic see is not found by anybody else.
        Kind::Lint => f.lint == case.rule && f.confidence > Confidence::Low,
        _ => f.credential.as_ref().is_some_and(|c| c.kind == case.rule),
    };
    let Some(finding) = findings.iter().find(own) else {
        let seen: Vec<String> = findings.iter().map(describe).collect();
        return fail(format!("Stolen: found as {}", seen.join(", ")));
    };
    if let Some(template) = &example.secret {
        let wanted = expand(template, &case.rule);
        let span = cut(&text, finding);
        if span != wanted {
            return fail(format!(
                "Wrong span: {} characters at {}, wanted {}",
                span.chars().count(),
                finding.location.region.start,
                wanted.chars().count()
            ));
        }
    }
    if let Some(place) = &example.place {
        let seen = format!("{}:{}", finding.place.kind.as_str(), finding.place.name);
        if seen != *place {
            return fail(format!("Wrong place: {seen}, wanted {place}"));
        }
    }
    if let Some(kind) = &example.credential
        && finding.credential.as_ref().map(|c| c.kind.as_str()) != Some(kind)
    {
        return fail(format!("Wrong owner: {}", describe(finding)));
    }
    if let Some(word) = example.severity
        && finding.severity != severity(word)
    {
        return fail(format!("Wrong severity: {}", finding.severity.as_str()));
    }
    let mut lints: Vec<&str> = findings.iter().map(|f| f.lint.as_str()).collect();
    let mut wanted: Vec<&str> = example.lints.iter().map(String::as_str).collect();
    lints.sort_unstable();
    lints.dedup();
    wanted.sort_unstable();
    (lints != wanted)
        .then(|| fail(format!("Wrong lints: {}, wanted {}", lints.join(", "), wanted.join(", "))))
        .flatten()
}

fn good(
    book: &RuleBook,
    case: &Case,
    text: &str,
    file: Option<&str>,
    owner: Option<&str>,
) -> Option<String> {
    let (_, findings) = scanned(book, case, text, file);
    if let Some(owner) = owner {
        let owners: Vec<&str> =
            findings.iter().filter_map(|f| Some(f.credential.as_ref()?.kind.as_str())).collect();
        return (owners.is_empty() || owners.iter().any(|o| *o != owner)).then(|| {
            format!(
                "{} {} good example {}: Stolen: owned by {owners:?}, wanted {owner}\n{}",
                case.kind.as_str(),
                case.rule,
                case.number,
                text.trim_end()
            )
        });
    }
    // The good example of a lint may well be found by another one.
    // What only the pedantic see is silence to everybody else.
    let own = |f: &&Finding| {
        case.kind != Kind::Lint || (f.lint == case.rule && f.confidence > Confidence::Low)
    };
    let noisy: Vec<String> = findings.iter().filter(own).map(describe).collect();
    (!noisy.is_empty()).then(|| {
        format!(
            "{} {} good example {}: Noisy: {}\n{}",
            case.kind.as_str(),
            case.rule,
            case.number,
            noisy.join(", "),
            text.trim_end()
        )
    })
}

fn describe(finding: &Finding) -> String {
    let kind = finding.credential.as_ref().map_or("-", |c| c.kind.as_str());
    format!(
        "{}[{kind}] at {} {}:{}",
        finding.lint,
        finding.location.region.start,
        finding.place.kind.as_str(),
        finding.place.name
    )
}

/// The text under the finding's region.
fn cut(text: &str, finding: &Finding) -> String {
    let region = finding.location.region;
    let line = text
        .split('\n')
        .nth(usize::try_from(region.start.line - 1).unwrap_or(usize::MAX))
        .unwrap_or_default();
    let (from, to) = (region.start.column - 1, region.end.column - 1);
    line.chars()
        .enumerate()
        .filter(|(i, _)| (*i as u64) >= from && (*i as u64) < to)
        .map(|(_, c)| c)
        .collect()
}
