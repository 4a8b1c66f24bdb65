//! Every example in every rule is a test.

use authward::rule::load;
use authward::selftest;

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
