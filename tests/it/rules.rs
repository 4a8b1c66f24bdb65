//! Every example in every rule is a test.

use std::path::Path;

use authward::rule::load;
use authward::rule::schema::CredentialWritten;
use authward::selftest;

/// Citations that say what sort of text they are from and not where it stands. To be replaced by
/// addresses: the number falls, and never rises.
const WITHOUT_ADDRESS: usize = 92;

#[test]
fn every_example_of_every_rule_holds() {
    let mut book = load::builtin().unwrap();
    book.index();
    let cases = selftest::builtin_cases().unwrap();
    let failures: Vec<String> =
        cases.iter().filter_map(|case| selftest::run(&book, case)).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    assert!(cases.len() > 60);
}

/// A clause that no example asks for is a guess: taken out, it must make an example fail.
#[test]
fn every_clause_of_every_rule_is_needed() {
    let mut book = load::builtin().unwrap();
    book.index();
    let cases = selftest::builtin_cases().unwrap();
    let found = selftest::unneeded_clauses(&mut book, &cases);
    assert!(found.tried > 1500, "{} clauses", found.tried);
    assert!(found.unneeded.is_empty(), "{}", found.unneeded.join("\n"));
}

/// What a rule finds, and what it must leave alone, was seen in texts that others wrote: otherwise
/// the rule and its examples share one imagination.
#[test]
fn every_credential_is_known_from_texts_of_others() {
    let rules: Vec<CredentialWritten> = load::SOURCES
        .iter()
        .filter(|(folder, ..)| *folder == "credentials")
        .map(|(_, id, text)| load::parse(Path::new(id), text).unwrap())
        .collect();
    assert!(rules.len() > 200);
    let mut without_address = 0;
    for rule in &rules {
        let bad: Vec<&str> = rule.examples.bad.iter().filter_map(|e| e.source.as_deref()).collect();
        let good: Vec<&str> =
            rule.examples.good.iter().filter_map(|e| e.source.as_deref()).collect();
        assert!(!bad.is_empty(), "{} cites no credential that was found elsewhere", rule.id);
        assert!(good.len() >= 2, "{} cites {} near misses, wanted two", rule.id, good.len());
        without_address += bad.iter().chain(&good).filter(|source| !is_address(source)).count();
    }
    assert_eq!(without_address, WITHOUT_ADDRESS, "citations without an address");
}

/// Whether it says where to look: a URL, or a repository with a path in it.
fn is_address(source: &str) -> bool {
    let first = source.split(' ').next().unwrap_or_default();
    let repository = first.split_once('/').is_some_and(|(owner, name)| {
        let word = |s: &str| {
            !s.is_empty() && s.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        };
        word(owner) && word(name)
    });
    first.starts_with("https://") || first.starts_with("http://") || repository
}

#[test]
fn addresses_are_told_from_descriptions() {
    for source in ["https://example.org/a", "owner/name", "owner/na.me src/a.rs (line 3)"] {
        assert!(is_address(source), "{source}");
    }
    for source in ["", "public code", "public JavaScript and/or PHP", "/etc/passwd", "a/b/c"] {
        assert!(!is_address(source), "{source}");
    }
}

#[test]
fn every_rule_has_examples_of_both_kinds() {
    use authward::selftest::Expect;
    let cases = selftest::builtin_cases().unwrap();
    let mut book = load::builtin().unwrap();
    book.index();
    let ids = book
        .credentials
        .iter()
        .map(authward::rule::credential::CredentialRule::id)
        .chain(book.lints.iter().map(|l| l.written.id.as_str()));
    for id in ids {
        let has = |bad: bool| {
            cases.iter().any(|c| c.rule == id && matches!(c.expect, Expect::Bad(_)) == bad)
        };
        assert!(has(true) && has(false), "{id} lacks bad or good examples");
    }
    for service in book.services.iter().map(|s| &s.written) {
        let told = !service.host.is_empty() || service.path.is_some();
        let has = |wanted: bool| {
            cases.iter().any(|case| {
                case.rule == service.id
                    && matches!(case.expect, Expect::Address { own, .. } if own == wanted)
            })
        };
        assert!(!told || (has(true) && has(false)), "{} lacks addresses", service.id);
    }
}

/// What a service says of its answers was seen in one: each of its causes is the answer to an
/// exchange, or named beside it, and one exchange has another answer.
#[test]
fn every_refusal_of_a_service_has_an_exchange() {
    use authward::rule::schema::ServiceWritten;
    let mut told = 0;
    for (_, id, text) in load::SOURCES.iter().filter(|(folder, ..)| *folder == "services") {
        let service: ServiceWritten = load::parse(Path::new(id), text).unwrap();
        let exchanges = &service.examples.exchanges;
        for refusal in &service.diagnosis.refusals {
            told += 1;
            let cause = &refusal.cause;
            let is_seen = exchanges.iter().any(|e| e.expect == *cause || e.also.contains(cause));
            let is_missed = exchanges.iter().any(|e| e.expect != *cause);
            assert!(is_seen, "{id}: no exchange has the cause {cause}");
            assert!(is_missed, "{id}: every exchange has the cause {cause}");
        }
    }
    assert!(told > 40, "{told} refusals");
}
