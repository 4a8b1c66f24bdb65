//! Mistakes in configs, rules and ignore comments: placed, explained, and never repeated when they
//! may be a secret.

use super::support::{folder, run, token};

/// Everything that a run says.
fn said(folder: &std::path::Path, args: &[&str]) -> (i32, String) {
    let run = run(folder, args);
    (run.code, format!("{}{}", run.out, run.err))
}

#[test]
fn mistakes_in_a_config_or_rule_never_repeat_a_value() {
    let t = token("pasted");
    let s = authward::selftest::expand("${base62:32}", "pasted");
    for value in [t.as_str(), s.as_str(), "hunter2", "Xk29fjQpl1"] {
        for config in [
            "allow:\n  - VALUE\n",
            "allow: VALUE\n",
            "VALUE: x\n",
            "VALUE\n",
            "- VALUE\n",
            "severity: {VALUE: error}\n",
            "severity: {VALUE: [x]}\n",
            "severity: {credential-in-query: VALUE}\n",
            "expiring-within: VALUE\n",
            "exclude: ['[VALUE']\n",
            "environments: {production: {paths: ['VALUE[']}}\n",
            "environments: {VALUE: {paths: []}}\n",
            "rules: [VALUE]\n",
            "fingerprint-key: [VALUE]\n",
            "allow: [{fingerprint: VALUE, reason: x}]\n",
            "allow: [{fingerprint: x, reason: x, VALUE: x}]\n",
            "allow: [{fingerprint: 0123456789abcdef0123456789abcdef, reason: x, until: VALUE}]\n",
            "exclude: !VALUE {a: b}\n",
            "exclude: *VALUE\n",
            "exclude: \"VALUE\n",
        ] {
            let text = config.replace("VALUE", value);
            let folder = folder(&[("authward.yaml", text.as_bytes()), ("a.sh", b"x\n")]);
            let (code, said) = said(folder.path(), &["check"]);
            assert!(code == 2 && said.contains("authward.yaml:"), "{config}: {said}");
            assert!(!said.contains(value), "{config}: {said}");
            assert!(!said.contains("Written") && !said.contains("struct "), "{config}: {said}");
            assert_eq!(said.matches("authward.yaml").count(), 1, "{config}: {said}");
        }
        let head = "id: x\nname: X\nsince: 0.1.0\nconfidence: high\n";
        for rule in [
            "id: VALUE\nname: X\nsince: 0.1.0\nconfidence: high\nmatch: [{anywhere: true}]\n",
            "confidence: VALUE\n",
            "VALUE\n",
            "HEADmatch: [VALUE]\n",
            "HEADmatch: [{anywhere: true}]\nlifetime: {fixed: VALUE}\n",
            "HEADmatch: [{anywhere: true}]\nretired: {on: VALUE, note: x}\n",
            "HEADmatch: [{anywhere: true, value: '(VALUE'}]\n",
        ] {
            let text = rule.replace("HEAD", head).replace("VALUE", value);
            let files: &[(&str, &[u8])] =
                &[("authward.yaml", b"rules: [r]\n"), ("r/credentials/x.yaml", text.as_bytes())];
            let folder = folder(files);
            let (code, said) = said(folder.path(), &["check"]);
            assert!(code == 2 && said.starts_with("error: r/credentials/x.yaml:"), "{said}");
            assert!(!said.contains(value), "{rule}: {said}");
            assert_eq!(said.matches("x.yaml").count(), 1, "{rule}: {said}");
        }
    }
}

#[test]
fn mistakes_in_a_config_are_placed_and_explained() {
    for (config, wanted) in [
        ("- a\n", "error: authward.yaml:1:1: this is a list, expected a map of settings"),
        ("exclude:\n  - ok\n  - 'a['\n", "authward.yaml:3:6: exclude[1]: this is no glob: "),
        (
            "environments:\n  production:\n    paths: [ok]\n  non-production:\n    paths: ['x{']\n",
            "authward.yaml:5:14: environments.non-production.paths[0]: this is no glob: ",
        ),
        ("environments: {prod: {paths: []}}\n", "did you mean `production`?"),
        (
            "allow:\n  - abc\n",
            "authward.yaml:2:5: allow[0]: this is a text, expected a map with `fingerprint:`",
        ),
        (
            "# rules: [x]\nexclude: [x]\nrules: [x]\n",
            "authward.yaml:3:9: rules[0]: there is no such rule folder",
        ),
    ] {
        let folder = folder(&[("authward.yaml", config.as_bytes()), ("a.sh", b"x\n")]);
        let (code, said) = said(folder.path(), &["check"]);
        assert!(code == 2 && said.contains(wanted), "{config}: {said}");
    }
    let folder = folder(&[
        ("authward.yaml", b"# nothing yet\n\n"),
        ("sub/a.sh", b"x\n"),
        ("wrong.yaml", b"severty: {}\n"),
    ]);
    assert_eq!(run(folder.path(), &["check"]).code, 0);
    let named = folder.path().join("wrong.yaml");
    let (_, from_here) = said(folder.path(), &["check", "--config", named.to_str().unwrap()]);
    assert!(from_here.starts_with("error: wrong.yaml:1:1: "), "{from_here}");
    std::fs::write(folder.path().join("authward.yaml"), "severty: {}\n").unwrap();
    let (_, from_below) = said(&folder.path().join("sub"), &["check"]);
    assert!(from_below.starts_with("error: ../authward.yaml:1:1: "), "{from_below}");
}

#[test]
fn ignore_comments_are_not_repeated_when_they_hold_a_value() {
    let t = token("comment");
    let text = format!(
        "a # authward: ignore[{t}]\nb # authward: ignore[credential-in-query] until {t}\n\
         c # authward: ignore[credential-in-qery] until 2027-13-45\n\
         d # authward: ignore[credential-in-qery]\n"
    );
    let folder = folder(&[("a.sh", text.as_bytes())]);
    for format in ["full", "json", "concise"] {
        let (_, said) = said(folder.path(), &["check", "--format", format]);
        assert!(!said.contains(&t), "{said}");
        assert!(said.contains("there is no lint of this name"), "{said}");
        assert!(said.contains("what follows `until` is no day like 2027-01-31"), "{said}");
        assert!(said.contains("`2027-13-45` is no day"), "{said}");
        assert!(said.contains("there is no lint `credential-in-qery`, did you mean"), "{said}");
    }
}

#[test]
fn what_others_sent_cannot_switch_a_lint_off() {
    let t = token("sent");
    let url = format!("https://h.example.com/?access_token={t}");
    let request = |query: &str| {
        format!(
            "10.0.0.1 - - [20/Nov/2026:05:00:00 +0000] \"GET /x?token={t}&q={query} HTTP/1.1\" 200 1\n"
        )
    };
    for (name, text) in [
        ("access.log", request("authward:ignore-file[credential-in-log]")),
        ("access.log", request("# authward: ignore[credential-in-log]")),
        ("access", request("x") + &request("\" # authward: ignore[credential-in-log]")),
        ("a.sh", format!("curl \"{url}&authward:ignore[credential-in-query]\"\n")),
        ("a.sh", format!("curl \"{url} # authward: ignore[credential-in-query]\"\n")),
        ("a.json", format!("{{\"u\": \"{url} # authward: ignore[credential-in-query]\"}}\n")),
        ("a.py", format!("x = '{url} // authward: ignore[credential-in-query]'\n")),
    ] {
        let folder = folder(&[(name, text.as_bytes())]);
        let run = run(folder.path(), &["check", "--format", "json"]);
        assert_eq!((run.code, run.notices()), (1, vec!["invalid-ignore".to_owned()]), "{text}");
        assert_eq!(run.json()["stats"]["suppressed"], 0, "{text}");
    }
}

#[test]
fn a_day_counts_to_its_end_and_a_reason_may_say_until() {
    let line = format!("curl 'https://h.example.com/?access_token={}'", token("day"));
    for (comment, at, code) in [
        ("x until 2027-01-31", "2027-01-31T20:00:00Z", 0),
        ("x until 2027-01-31", "2027-02-01T00:00:00Z", 1),
        ("we keep it until the move", "2027-02-01T00:00:00Z", 0),
    ] {
        let text = format!("{line} # authward: ignore[credential-in-query] {comment}\n");
        let folder = folder(&[("a.sh", text.as_bytes())]);
        assert_eq!(run(folder.path(), &["check", "--at", at]).code, code, "{comment} {at}");
    }
}

#[test]
fn a_found_config_cannot_weaken_what_the_program_knows() {
    let jwt = run(&super::support::root(), &["rules", "show", "jwt"]).out;
    let jwt = jwt.replace("confidence: high", "confidence: low");
    let files: &[(&str, &[u8])] = &[
        ("authward.yaml", b"rules: [r]\n"),
        ("r/credentials/jwt.yaml", jwt.as_bytes()),
        ("a.sh", b"x\n"),
    ];
    let folder = folder(files);
    let (code, refused) = said(folder.path(), &["check"]);
    assert!(code == 2 && refused.contains("cannot replace the built-in `jwt`"), "{refused}");
    // The user's own decision is another matter.
    assert_eq!(run(folder.path(), &["check", "--config", "authward.yaml", "a.sh"]).code, 0);
    let outside = super::support::folder(files);
    let inner = outside.path().join("inner");
    std::fs::create_dir_all(inner.join(".git")).unwrap();
    std::fs::write(inner.join("authward.yaml"), "rules: [../r]\n").unwrap();
    let (code, refused) = said(&inner, &["check"]);
    assert!(code == 2 && refused.contains("authward.yaml:1:9: rules[0]: "), "{refused}");
    assert!(refused.contains("of its own repository"), "{refused}");
}

#[test]
fn excludes_are_relative_to_the_config_and_know_folders() {
    let text = format!("curl 'https://h.example.com/?access_token={}'", token("exclude"));
    let leak = text.as_bytes();
    for exclude in ["v/w/**", "v/w", "v/w/", "w", "w/", "*.sh"] {
        let config = format!("exclude: ['{exclude}']\n");
        let folder = folder(&[
            ("authward.yaml", config.as_bytes()),
            ("v/w/c.sh", leak),
            ("v/x.txt", b"x\n"),
        ]);
        for below in ["", "v", "v/w"] {
            let run = run(&folder.path().join(below), &["check", "--allow-empty"]);
            assert_eq!(run.code, 0, "{exclude} in {below}: {}", run.out);
        }
        let absolute = folder.path().to_str().unwrap();
        assert_eq!(run(&folder.path().join("v"), &["check", absolute]).code, 0, "{exclude}");
    }
}

#[test]
fn the_users_own_rules_are_tested_shown_and_explained() {
    let rule = "id: acme-key\nname: Acme key\nsince: 0.1.0\nconfidence: high\nmatch:\n  - query-param: [acme]\n    value: 'ak-[0-9]{8}'\nexamples:\n  bad:\n    - text: nothing here\n";
    let folder = folder(&[
        ("authward.yaml", b"rules: [house]\n"),
        ("house/credentials/acme-key.yaml", rule.as_bytes()),
    ]);
    let (code, tested) = said(folder.path(), &["rules", "test", "acme"]);
    assert!(code == 1 && tested.contains("Missing") && tested.contains("1 examples, 1 failed"));
    assert_eq!(run(folder.path(), &["rules", "show", "acme-key"]).out, rule);
    assert!(run(folder.path(), &["explain", "acme-key"]).out.starts_with("acme-key: Acme key\n"));
    assert!(run(folder.path(), &["explain", "jwt"]).out.starts_with("jwt: "));
    std::fs::write(folder.path().join("house/credentials/acme-key.yml"), rule).unwrap();
    let (code, twice) = said(folder.path(), &["check"]);
    assert!(code == 2 && twice.contains("has the same id"), "{twice}");
    std::fs::create_dir(folder.path().join("house/credential")).unwrap();
    let (code, misspelt) = said(folder.path(), &["check"]);
    assert!(code == 2 && misspelt.contains("did you mean `credentials`?"), "{misspelt}");
}

/// Of two names that a rule lists, each needs an example; `also-as` is one more, asserted in full.
#[test]
fn each_name_of_a_rule_needs_an_example() {
    let rule = |also: &str| {
        format!(
            "id: acme-key\nname: Acme key\nsince: 0.1.0\nconfidence: high\nmatch:\n  - query-param: [acme_a, acme_b]\n    value: 'ak-[0-9]{{8}}'\nexamples:\n  bad:\n    - text: https://api.example.org/x?acme_a=ak-${{digit:8}}\n      secret: ak-${{digit:8}}\n      place: url-query:acme_a\n      lints: [credential-in-query]\n{also}  good:\n    - text: https://api.example.org/x?acme_a=ak-${{digit:4}}\n"
        )
    };
    let tested = |also: &str| {
        let folder = folder(&[("house/credentials/acme-key.yaml", rule(also).as_bytes())]);
        said(folder.path(), &["rules", "test", "--clauses", "acme-key", "--rules", "house"])
    };
    let (code, missing) = tested("");
    assert_eq!(code, 1, "{missing}");
    assert!(missing.contains("Unneeded: acme-key: match[0].query-param `acme_b`"), "{missing}");
    let (code, both) = tested("      also-as: { acme_a: [acme_b] }\n");
    assert!(code == 0 && both.contains("3 examples, 0 failed"), "{both}");
    assert!(both.contains("4 clauses, 0 unneeded"), "{both}");
    // A name that the rule does not know fails like any example.
    let (code, unknown) = tested("      also-as: { acme_a: [acme_b, acme_c] }\n");
    assert!(code == 1 && unknown.contains("?acme_c=") && unknown.contains("Missing"), "{unknown}");
    for idle in ["{ acme_x: [acme_b] }", "{ acme_a: [acme_a] }", "{ acme_a: [] }"] {
        let (code, idle) = tested(&format!("      also-as: {idle}\n"));
        assert!(code == 1 && idle.contains("Idle: also-as exchanges `acme_"), "{idle}");
    }
}
