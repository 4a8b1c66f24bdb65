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

/// An example that cannot fail proves nothing: without its rule, each bad example must fail.
#[test]
fn a_bad_example_fails_without_its_rule() {
    use authward::rule::load::Kind;
    use authward::selftest::Expect;
    let cases = selftest::builtin_cases().unwrap();
    for case in cases.iter().filter(|c| matches!(c.expect, Expect::Bad(_))) {
        let mut book = load::builtin().unwrap();
        match case.kind {
            Kind::Credential => book.credentials.retain(|r| r.id() != case.rule),
            Kind::Lint => book.lints.retain(|r| r.written.id != case.rule),
            Kind::Cause | Kind::Service => continue,
        }
        book.index();
        assert!(
            selftest::run(&book, case).is_some(),
            "{} example {} passes without its rule",
            case.rule,
            case.number
        );
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
}
