//! Flags, exit codes, config, ignores: the outer face.

use super::support::{command, folder, root, run, run_with, token};

fn leak(seed: &str) -> Vec<u8> {
    format!("curl 'https://h.example.com/?access_token={}'\n", token(seed)).into_bytes()
}

#[test]
fn exit_codes_are_those_of_the_contract() {
    let leak = leak("exit");
    let folder =
        folder(&[("bad.sh", &leak), ("good.sh", b"echo hello\n"), ("empty/.gitkeep", b"")]);
    let code = |args: &[&str]| run(folder.path(), args).code;
    assert_eq!(code(&["check", "good.sh"]), 0);
    assert_eq!(code(&["check", "bad.sh"]), 1);
    assert_eq!(code(&["check", "--exit-zero", "bad.sh"]), 0);
    assert_eq!(code(&["check", "--fail-on", "never", "bad.sh"]), 0);
    assert_eq!(code(&["check", "--no-such-flag"]), 2);
    assert_eq!(code(&["check", "--format", "xml", "good.sh"]), 2);
    assert_eq!(code(&["check", "--select", "no-such-lint", "good.sh"]), 2);
    assert_eq!(code(&["check", "no-such-file"]), 4);
    assert_eq!(code(&["check", "bad.sh", "no-such-file"]), 1);
    assert_eq!(code(&["--version"]), 0);
    assert_eq!(code(&["explain", "no-such-thing"]), 2);
    // Without a verb it is `check .`.
    assert_eq!(code(&[]), 1);
    let nothing = super::support::folder(&[]);
    assert_eq!(run(nothing.path(), &["check"]).code, 3);
    assert_eq!(run(nothing.path(), &["check", "--allow-empty"]).code, 0);
}

#[test]
fn standard_input_is_read_under_its_name() {
    let folder = folder(&[]);
    let text = format!("x = f\"https://h.example.com/?token={{token}}\"\ny = '{}'\n", "z");
    let run = run_with(
        folder.path(),
        &["check", "-", "--stdin-filename", "call.py", "--format", "json"],
        text.as_bytes(),
    );
    assert_eq!(run.findings(), ["call.py:1 credential-variable-in-query"]);
}

#[test]
fn ignored_files_are_left_out_but_environment_files_are_read() {
    let leak = leak("ignored");
    let folder = folder(&[
        (".gitignore", b"*.tmp\n.env*\n/build\nnode_modules\n"),
        ("a.tmp", &leak),
        (".env.local", &leak),
        ("build/.env", &leak),
        ("build/x.sh", &leak),
        ("build/deep/.env.production", &leak),
        ("node_modules/a/.env", &leak),
        (".git/config", &leak),
    ]);
    let found = run(folder.path(), &["check", "--format", "json"]).findings();
    let lint = "credential-in-query";
    assert_eq!(
        found,
        [
            format!(".env.local:1 {lint}"),
            format!("build/.env:1 {lint}"),
            format!("build/deep/.env.production:1 {lint}")
        ]
    );
    // A path named on the command line is always read.
    assert_eq!(run(folder.path(), &["check", "--format", "json", "a.tmp"]).findings().len(), 1);
    assert_eq!(
        run(folder.path(), &["check", "--format", "json", "--no-ignore"]).findings().len(),
        6
    );
}

#[test]
fn the_config_is_found_upwards_and_its_mistakes_are_placed() {
    let leak = leak("config");
    let folder = folder(&[
        ("authward.yaml", b"severity:\n  credential-in-query: warning\nexclude: ['vendor/**']\n"),
        ("vendor/x.sh", &leak),
        ("deep/er/bad.sh", &leak),
        (".git/HEAD", b"ref: refs/heads/main\n"),
    ]);
    let run = run(&folder.path().join("deep/er"), &["check", "--format", "json"]);
    assert_eq!((run.code, run.json()["findings"][0]["severity"].as_str()), (0, Some("warning")));
    let top = super::support::run(folder.path(), &["check", "--format", "json"]);
    assert_eq!(top.findings(), ["deep/er/bad.sh:1 credential-in-query"]);
    for (config, wanted) in [
        ("severty: {}\n", "authward.yaml:1:1: unknown field `severty`"),
        (
            "severity:\n  credential-in-qery: note\n",
            "authward.yaml:2:3: severity: there is no lint `credential-in-qery`, did you mean `credential-in-query`?",
        ),
        (
            "severity:\n  credential-in-query: loud\n",
            "severity.credential-in-query: unknown word `loud`",
        ),
        ("expiring-within: soon\n", "expiring-within: `soon` is no duration like 14d"),
        ("rules: [nowhere]\n", "there is no such rule folder"),
        ("allow:\n  - fingerprint: hunter2\n    reason: x\n", "a value itself never stands here"),
    ] {
        let folder =
            super::support::folder(&[("authward.yaml", config.as_bytes()), ("a.sh", b"x\n")]);
        let run = super::support::run(folder.path(), &["check"]);
        assert!(run.code == 2 && run.err.contains(wanted), "{config}: {}", run.err);
    }
}

#[test]
fn a_users_own_rule_works_and_its_mistake_is_placed() {
    let rule = "id: acme-key\nname: Acme key\nsince: 0.1.0\nconfidence: high\nmatch:\n  - query-param: [acme]\n    value: 'ak-[0-9]{8}'\n";
    let files: &[(&str, &[u8])] = &[
        ("authward.yaml", b"rules: [house]\n"),
        ("house/credentials/acme-key.yaml", rule.as_bytes()),
        ("a.txt", b"https://h.example.com/?acme=ak-40917263\n"),
    ];
    let folder = folder(files);
    let json = run(folder.path(), &["check", "--format", "json", "a.txt"]).json();
    assert_eq!(json["findings"][0]["credential"], "acme-key");
    std::fs::write(
        folder.path().join("house/credentials/acme-key.yaml"),
        rule.replace("query-param", "query-parm"),
    )
    .unwrap();
    let run = run(folder.path(), &["check", "a.txt"]);
    assert!(
        run.code == 2
            && run.err.contains("acme-key.yaml:6:5: match[0]: unknown field `query-parm`"),
        "{}",
        run.err
    );
    assert!(run.err.contains("did you mean `query-param`?"), "{}", run.err);
}

#[test]
fn rules_that_come_with_a_tree_have_limits() {
    let big = format!("id: big\n#{}\n", "x".repeat(70_000));
    let folder = folder(&[
        ("authward.yaml", b"rules: [r]\n"),
        ("r/credentials/big.yaml", big.as_bytes()),
        ("a.txt", b"x\n"),
    ]);
    let run = run(folder.path(), &["check"]);
    assert!(run.code == 2 && run.err.contains("at most 65536 are read"), "{}", run.err);
    let slow = "id: slow\nname: S\nsince: 0.1.0\nconfidence: high\nmatch:\n  - query-param: [a]\n    value: '(?:[a-z]{1,400}){400}'\n";
    let costly = super::support::folder(&[
        ("authward.yaml", b"rules: [r]\n"),
        ("r/credentials/slow.yaml", slow.as_bytes()),
        ("a.txt", b"x\n"),
    ]);
    let run = super::support::run(costly.path(), &["check"]);
    assert!(
        run.code == 2 && run.err.contains("slow.yaml:7:") && run.err.contains("simpler"),
        "{}",
        run.err
    );
}

#[test]
fn ignore_comments_count_only_where_they_should() {
    let t = token("ignores");
    let line = format!("curl 'https://h.example.com/?access_token={t}'");
    let text = format!(
        "{line} # authward: ignore[credential-in-query] a public feed\n\
         # authward: ignore-next[credential-in-query] the same, until 2020-01-01\n{line}\n\
         # authward: ignore[credential-in-query] nothing here\n\
         # authward: ignore[credential-in-qery] typo\n\
         # authward: ignore everything\n"
    );
    let folder = folder(&[("a.sh", text.as_bytes())]);
    let run = run(folder.path(), &["check", "--format", "json", "a.sh"]);
    let json = run.json();
    let suppressed: Vec<bool> =
        json["findings"].as_array().unwrap().iter().map(|f| !f["suppressed"].is_null()).collect();
    assert_eq!((run.code, suppressed), (1, vec![true, false]));
    assert_eq!(json["findings"][0]["suppressed"]["reason"], "a public feed");
    assert_eq!(json["stats"]["suppressed"], 1);
    let mut kinds = run.notices();
    kinds.sort();
    assert_eq!(
        kinds,
        ["expired-ignore", "invalid-ignore", "invalid-ignore", "unused-ignore", "unused-ignore"]
    );
    let whole =
        format!("// authward: ignore-file[credential-in-query] fixtures\n\n{line}\n{line}\n");
    let folder = super::support::folder(&[("a.sh", whole.as_bytes())]);
    assert_eq!(super::support::run(folder.path(), &["check", "a.sh"]).code, 0);
}

#[test]
fn one_credential_is_followed_through_many_files() {
    let t = token("where");
    let files: Vec<(String, Vec<u8>)> = (0..5)
        .map(|i| {
            (
                format!("w{i}.fmw"),
                format!(
                    "DEFAULT_MACRO FME_TOKEN {}\n",
                    if i < 3 { t.clone() } else { token("other") }
                )
                .into_bytes(),
            )
        })
        .collect();
    let borrowed: Vec<(&str, &[u8])> =
        files.iter().map(|(n, b)| (n.as_str(), b.as_slice())).collect();
    let folder = folder(&borrowed);
    let all = run(folder.path(), &["check", "--format", "json"]).json();
    let fingerprint = all["findings"][0]["secret"]["fingerprint"].as_str().unwrap().to_owned();
    let found =
        run(folder.path(), &["check", "--format", "json", "--where", &fingerprint]).findings();
    assert_eq!(
        found,
        [
            "w0.fmw:1 hardcoded-credential", "w1.fmw:1 hardcoded-credential",
            "w2.fmw:1 hardcoded-credential"
        ]
    );
    // Another key gives another fingerprint; the value cannot be guessed from it.
    let keyed = command(folder.path(), &["check", "--format", "json"])
        .env("AUTHWARD_KEY", "ours")
        .output()
        .unwrap();
    assert!(!String::from_utf8(keyed.stdout).unwrap().contains(&fingerprint));
    // And a value can be allowed by it.
    let config = format!("allow:\n  - fingerprint: {fingerprint}\n    reason: public by design\n");
    std::fs::write(folder.path().join("authward.yaml"), config).unwrap();
    let json = run(folder.path(), &["check", "--format", "json"]).json();
    assert_eq!(json["stats"]["suppressed"], 3);
}

#[test]
fn same_input_gives_same_bytes_with_any_number_of_threads() {
    let one = run(
        &root(),
        &[
            "check",
            "--format",
            "json",
            "--exit-zero",
            "--at",
            super::support::AT,
            "--jobs",
            "1",
            "fixtures",
        ],
    );
    for jobs in ["2", "7"] {
        let many = run(
            &root(),
            &[
                "check",
                "--format",
                "json",
                "--exit-zero",
                "--at",
                super::support::AT,
                "--jobs",
                jobs,
                "fixtures",
            ],
        );
        assert!(one.out == many.out);
    }
    assert!(one.out.contains("credential-in-query"));
}

#[test]
fn explain_and_rules_speak() {
    let folder = folder(&[]);
    let out = |args: &[&str]| {
        let run = run(folder.path(), args);
        assert_eq!(run.code, 0, "{args:?} {}", run.err);
        run.out
    };
    assert!(out(&["explain", "credential-in-query"]).contains("Why it is a problem"));
    assert!(out(&["explain", "fme-api-token"]).contains("in a query as fmetoken="));
    assert!(out(&["explain", "fme-flow"]).contains("Authorization: fmetoken token=<credential>"));
    assert!(out(&["rules", "list"]).contains("lint        credential-in-query"));
    assert!(out(&["rules", "show", "jwt"]).starts_with("id: jwt"));
    assert!(out(&["rules", "test", "jwt"]).ends_with("0 failed\n"));
    let run = run(folder.path(), &["explain", "credential-in-qurey"]);
    assert!(run.err.contains("did you mean `credential-in-query`?"));
}

#[test]
fn new_rules_pass_their_own_examples() {
    for (kind, dir) in [
        ("credential", "credentials"),
        ("service", "services"),
        ("lint", "lints"),
        ("cause", "causes"),
    ] {
        let template = run(&root(), &["rules", "new", kind, "my-own"]).out;
        let name = format!("house/{dir}/my-own.yaml");
        let folder = folder(&[(&name, template.as_bytes())]);
        let mut args = vec!["rules", "test", "my-own", "--rules", "house"];
        if kind == "credential" {
            // As the README has it.
            args.push("--clauses");
        }
        let run = run(folder.path(), &args);
        assert_eq!(run.code, 0, "{kind}: {}{}", run.out, run.err);
    }
    assert_eq!(run(&root(), &["rules", "new", "lint", "Not Kebab"]).code, 2);
}

#[test]
fn a_credential_is_followed_where_it_is_allowed_too() {
    let leak = "curl 'https://h.example/?token=9d1c7e90b2a34f86a0c9e7d41b3f5862d8e0a197'";
    let ignored = format!("{leak} # authward: ignore[credential-in-query] a public feed\n");
    let folder = folder(&[("a.sh", ignored.as_bytes()), ("b.sh", format!("{leak}\n").as_bytes())]);
    let json = run(folder.path(), &["check", "--format", "json"]).json();
    let print = json["findings"][0]["secret"]["fingerprint"].as_str().unwrap().to_owned();
    let found = run(folder.path(), &["check", "--where", &print[..8], "--format", "concise"]);
    assert!(found.out.contains("a.sh:1") && found.out.contains("b.sh:1"), "{}", found.out);
    // It stays one that was ignored: not counted, no error.
    let json = run(folder.path(), &["check", "--where", &print[..8], "--format", "json"]).json();
    assert_eq!(json["findings"][0]["suppressed"]["kind"], "inline");
    assert_eq!(
        (json["findings"][1]["suppressed"].is_null(), json["stats"]["suppressed"].as_u64()),
        (true, Some(1))
    );
    let alone = run(folder.path(), &["check", "a.sh", "--where", &print[..8]]);
    assert_eq!(alone.code, 0, "{}", alone.out);
    assert!(
        alone.out.contains("a public feed") && alone.out.contains("Only ignored places"),
        "{}",
        alone.out
    );
    let none = run(folder.path(), &["check", "--where", "000000"]);
    assert!(none.out.contains("Not found in 2 files"), "{}", none.out);
    // The advice names the variable that stands there, and each step is told.
    let folder = super::support::folder(&[
        ("a.yaml", b"password: Kq7vT2mXR9wLp4\n".as_slice()),
        ("b.env", b"FME_TOKEN=9d1c7e90b2a34f86a0c9e7d41b3f5862d8e0a197\n"),
        ("c.sh", b"curl \"$FLOW/fmedatadownload/R/l.fmw?token=$MY_SECRET_THING\"\n"),
    ]);
    let all = run(folder.path(), &["check"]).out;
    assert!(all.contains("token=$MY_SECRET_THING`"), "{all}");
    assert!(all.contains("Manage Tokens"), "{all}");
    // What a variable falls back to may be a secret: the advice does without it.
    let folder = super::support::folder(&[(
        "d.sh",
        b"curl \"https://h.example/x?token=${TOK:-Hq7v}\" \"https://h.example/x?token=${TOK:Hq7w}\"\n".as_slice(),
    )]);
    let json = run(folder.path(), &["check", "--format", "json"]).json();
    for finding in json["findings"].as_array().unwrap() {
        assert!(!finding["help"].as_str().unwrap().contains("Hq7"), "{finding}");
    }
}

#[test]
fn expiry_is_decided_at_the_given_moment() {
    let jwt = authward::selftest::expand("${jwt:exp=+3d}", "at");
    let folder = folder(&[("prod/app.env", format!("A_JWT={jwt}\n").as_bytes())]);
    let lints = |at: &str| -> Vec<String> {
        run(folder.path(), &["check", "--format", "json", "--at", at])
            .findings()
            .iter()
            .map(|f| f.split(' ').nth(1).unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        lints("2026-11-24T00:00:00Z"),
        ["expiring-credential", "hardcoded-credential", "temporary-credential-in-production"]
    );
    assert_eq!(
        lints("2027-11-24T00:00:00Z"),
        ["expired-credential", "hardcoded-credential", "temporary-credential-in-production"]
    );
    assert_eq!(run(folder.path(), &["check", "--at", "soon"]).code, 2);
}

/// Everything that a run says.
fn said(folder: &std::path::Path, args: &[&str]) -> (i32, String) {
    let run = run(folder, args);
    (run.code, format!("{}{}", run.out, run.err))
}

#[test]
fn options_that_ask_for_nothing_say_so() {
    let leak = leak("asked");
    let folder = folder(&[("a.sh", &leak)]);
    let path = folder.path();
    for wrong in ["zz", "abc", &token("asked")] {
        let (code, said) = said(path, &["check", "--where", wrong]);
        assert!(code == 2 && said.contains("--where wants a fingerprint"), "{said}");
        assert!(!said.contains(&token("asked")), "{said}");
    }
    let none = run(path, &["check", "--format", "json", "--where", "ffffffff"]);
    assert_eq!((none.code, none.notices()), (0, vec!["not-found".to_owned()]));
    let all = run(path, &["check", "--format", "json"]).json();
    let fingerprint = all["findings"][0]["secret"]["fingerprint"].as_str().unwrap();
    let upper = fingerprint.to_uppercase();
    let found = run(path, &["check", "--format", "json", "--where", &upper]);
    assert_eq!((found.findings().len(), found.notices().len()), (1, 0));
    // It is there, although another option hides it.
    let hidden =
        ["check", "--format", "json", "--where", &upper, "--ignore", "credential-in-query"];
    assert_eq!(run(path, &hidden).notices().len(), 0);
    let blanks = "credential-in-query, credential-in-log";
    assert_eq!(run(path, &["check", "--select", blanks]).code, 1);
    assert_eq!(run(path, &["check", "--select", "credential-in-query,"]).code, 2);
    let (code, said) = said(path, &["rules", "test", "jtw"]);
    assert!(code == 2 && said.contains("there is no rule `jtw`, did you mean `jwt`?"), "{said}");
    assert_eq!(run(path, &["rules", "test", "zzzz"]).code, 2);
}

#[test]
fn status_codes_are_explained() {
    for code in ["400", "401", "403", "404", "407", "419", "429", "440", "498", "499", "511"] {
        let (exit, said) = said(&root(), &["explain", code]);
        assert_eq!(exit, 0, "{code}: {said}");
        assert!(said.starts_with(code) && said.contains("What to check\n"), "{said}");
    }
    let (_, said) = said(&root(), &["explain", "401"]);
    assert!(said.contains("403"), "{said}");
    let (exit, said) = self::said(&root(), &["explain", "799"]);
    assert!(exit == 2 && said.contains("nothing is known about"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_was_not_written_is_no_success() {
    let folder = folder(&[("a.sh", &leak("full")), ("b.txt", b"x\n")]);
    for file in ["a.sh", "b.txt"] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let mut command = command(folder.path(), &["check", file]);
        let output = command.stdout(full).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.starts_with("error: cannot write to standard output: "), "{said}");
    }
    // A reader that has gone has seen enough.
    let mut command = command(folder.path(), &["check", "-"]);
    let piped = std::process::Stdio::piped;
    let mut child = command.stdin(piped()).stdout(piped()).spawn().unwrap();
    drop(child.stdout.take());
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), &leak("full")).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn paths_of_the_config_count_from_its_folder() {
    let held =
        "# from Get Token, valid for 1 hour\nFME_TOKEN=5d1c7e90b2a34f86a0c9e7d41b3f5862d8e0a197\n";
    let folder = folder(&[
        (".git/HEAD", b"ref: refs/heads/main\n"),
        (
            "authward.yaml",
            b"environments: {production: {paths: ['live/**', far/off]}, non-production: {paths: [live/canary]}}\n",
        ),
        ("live/app.env", held.as_bytes()),
        ("live/canary/app.env", held.as_bytes()),
        ("far/off/app.env", held.as_bytes()),
        ("other/app.env", held.as_bytes()),
    ]);
    for (from, path, production) in [
        (".", "live/app.env", true),
        ("live", "app.env", true),
        ("other", "../live", true),
        (".", "live/canary", false),
        ("far", "off", true),
        ("live", "../other", false),
        ("other", ".", false),
    ] {
        let run = run(&folder.path().join(from), &["check", "--format", "concise", path]);
        assert_eq!(
            run.out.contains("temporary-credential-in-production"),
            production,
            "{path} from {from}: {}",
            run.out
        );
    }
}

#[test]
fn a_file_is_judged_alike_however_it_is_reached() {
    let held =
        "# from Get Token, valid for 1 hour\nFME_TOKEN=5d1c7e90b2a34f86a0c9e7d41b3f5862d8e0a197\n";
    let leak = "curl 'https://h.example/?token=9d1c7e90b2a34f86a0c9e7d41b3f5862d8e0a197'\n";
    let folder = folder(&[
        (".git/HEAD", b"ref: refs/heads/main\n"),
        ("deploy/production/app.env", held.as_bytes()),
        ("tests/call.sh", leak.as_bytes()),
    ]);
    let run = |from: &str, path: &str| {
        let run = run(&folder.path().join(from), &["check", "--format", "concise", path]);
        let lines = run.out.lines().filter_map(|line| line.split_once(": ")).map(|(_, said)| said);
        let mut said: Vec<String> = lines.map(str::to_owned).collect();
        said.retain(|line| line.contains('['));
        said
    };
    // A hook names files, CI the whole tree.
    let absolute = folder.path().join("tests/call.sh");
    assert_eq!(run(".", "tests/call.sh"), run("tests", "../tests/call.sh"));
    assert_eq!(run(".", "tests/call.sh"), run(".", absolute.to_str().unwrap()));
    let whole = run(".", ".");
    for (from, path) in [
        (".", "tests/call.sh"),
        (".", "deploy"),
        (".", "deploy/production/app.env"),
        ("deploy/production", "app.env"),
    ] {
        let said = run(from, path);
        assert!(!said.is_empty());
        assert!(
            said.iter().all(|line| whole.contains(line)),
            "{path} from {from}: {said:?} {whole:?}"
        );
    }
}

#[test]
fn an_allowed_value_that_is_no_longer_needed_or_has_passed_its_day_is_told() {
    let folder = folder(&[("a.sh", &leak("allow")), ("sub/b.sh", b"x\n")]);
    let path = folder.path();
    let found = run(path, &["check", "--format", "json"]).json();
    let used = found["findings"][0]["secret"]["fingerprint"].as_str().unwrap().to_owned();
    let config = format!(
        "allow:\n  - {{fingerprint: {used}, reason: r}}\n  - {{fingerprint: {}, reason: r}}\n  \
         - {{fingerprint: {}, reason: r, until: 2020-01-31}}\n",
        "a".repeat(32),
        "b".repeat(32)
    );
    std::fs::write(path.join("authward.yaml"), config).unwrap();
    let notices = |folder: &str, args: &[&str]| {
        let args = [&["check", "--format", "json"], args].concat();
        let mut kinds = run(&path.join(folder), &args).notices();
        kinds.sort();
        kinds
    };
    let whole = run(path, &["check"]);
    assert_eq!(whole.code, 0, "{}", whole.out);
    assert!(whole.out.contains("authward.yaml: the allow entry aaaaaaaa… allows nothing any more"));
    assert!(whole.out.contains("authward.yaml: the day of allow entry bbbbbbbb… has passed"));
    assert_eq!(notices(".", &[]), ["expired-ignore", "unused-ignore"]);
    assert_eq!(notices("sub", &[".."]), ["expired-ignore", "unused-ignore"]);
    // What sees a part cannot say what is not there.
    for (folder, args) in [
        ("sub", &[][..]),
        (".", &["sub"]),
        (".", &["a.sh"]),
        (".", &["--select", "credential-in-query"]),
        (".", &["--ignore", "credential-in-log"]),
        (".", &["--where", &used]),
        (".", &["--config", "authward.yaml"]),
    ] {
        assert_eq!(notices(folder, args), ["expired-ignore"], "{folder} {args:?}");
    }
    // A lint that is switched off, or a doubt that is not shown, has still met the value.
    std::fs::write(
        path.join("authward.yaml"),
        format!(
            "severity: {{credential-in-query: off}}\nallow: [{{fingerprint: {used}, reason: r}}]\n"
        ),
    )
    .unwrap();
    assert!(notices(".", &[]).is_empty());
}

#[test]
fn a_query_item_with_a_variable_is_one_finding() {
    let text =
        b"URLQueryItem(name: \"token\", value: token)\nURLQueryItem(name: \"a\", value: x)\n";
    let folder = folder(&[("a.swift", text)]);
    assert_eq!(
        run(folder.path(), &["check", "--format", "json"]).findings(),
        ["a.swift:1 credential-variable-in-query"]
    );
}

/// A rule of a user with this pattern, as a file.
fn rule_with(id: &str, patterns: &[&str]) -> (String, String) {
    let matches: Vec<String> =
        patterns.iter().map(|p| format!("  - query-param: [zq]\n    value: '{p}'\n")).collect();
    let matches = matches.concat();
    let text = format!("id: {id}\nname: X\nsince: 0.1.0\nconfidence: high\nmatch:\n{matches}");
    (format!("r/credentials/{id}.yaml"), text)
}

#[test]
fn the_patterns_of_a_scanned_tree_are_limited_together() {
    let many = vec!["[a-z]{8}"; 300];
    let crowd: Vec<(String, String)> = (0..4).map(|i| rule_with(&format!("x{i}"), &many)).collect();
    // Each is allowed, and all of them together cost too much.
    let dear = vec!["(?:[a-z]{1,90}){100}"; 60];
    let costly = vec![rule_with("x0", &dear)];
    for (rules, what) in [(crowd, "1000 patterns"), (costly, "500000 steps of patterns")] {
        let mut files: Vec<(&str, &[u8])> =
            rules.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
        files.push(("authward.yaml", b"rules: [r]\n"));
        files.push(("a.txt", b"x\n"));
        let folder = folder(&files);
        let run = run(folder.path(), &["check"]);
        assert!(run.code == 2 && run.err.contains(what), "{}", run.err);
        assert!(run.err.contains("name that with --config"), "{}", run.err);
    }
}

#[test]
fn the_advice_of_an_import_works() {
    let mut rules = String::new();
    for index in 0..485 {
        rules += &format!(
            "[[rules]]\nid = \"acme-{index}\"\ndescription = \"Acme {index}\"\n\
             regex = '''zq{index}q[a-z0-9]{{30,64}}'''\nkeywords = [\"zq{index}q\"]\n"
        );
    }
    let folder = folder(&[("gitleaks.toml", rules.as_bytes()), ("a.txt", b"x\n")]);
    let said = run(folder.path(), &["rules", "import", "gitleaks.toml"]);
    assert!(said.out.contains("485 rules written"), "{}{}", said.out, said.err);
    let advice = said.out.split("add this to authward.yaml: ").nth(1).unwrap();
    std::fs::write(folder.path().join("authward.yaml"), advice).unwrap();
    for args in [&["check", "a.txt"][..], &["check", "--config", "authward.yaml", "a.txt"]] {
        let run = run(folder.path(), args);
        assert_eq!(run.code, 0, "{}", run.err);
    }
}

#[test]
fn testing_a_rule_without_examples_is_no_success() {
    let folder = folder(&[("a.txt", b"x\n")]);
    let service = run(folder.path(), &["rules", "test", "azure-functions"]);
    assert_eq!(service.code, 1, "{}", service.out);
    assert!(
        service.out.contains("No examples: azure-functions (nothing of it was tested)"),
        "{}",
        service.out
    );
    let credential = run(folder.path(), &["rules", "test", "fme-api-token"]);
    assert_eq!(credential.code, 0, "{}", credential.out);
    assert!(!credential.out.contains("No examples"), "{}", credential.out);
}

#[test]
fn every_cause_is_explained_without_a_gap() {
    let gap = regex::Regex::new(r"\{[a-z]+\}").unwrap();
    for cause in std::fs::read_dir(root().join("rules/causes")).unwrap() {
        let name = cause.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned();
        let run = run(&root(), &["explain", &name]);
        assert_eq!(run.code, 0, "{name}: {}", run.err);
        let (before, _) = run.out.split_once("\nFor example").unwrap_or((&run.out, ""));
        assert!(!gap.is_match(before), "{name}: {before}");
    }
}

#[test]
fn a_token_says_what_it_is_and_never_itself() {
    let token = format!(
        "{}.{}.{}",
        "eyJhbGciOiJIUzI1NiJ9",
        "eyJleHAiOjE3MDAwMDAwMDB9",
        "c2lnbmF0dXJl".repeat(3)
    );
    for (value, wanted) in [
        (token.as_str(), "expired"),
        (&"5ad1c0de".repeat(5), "fmetoken token=<credential>"),
        ("hunter2", "of no kind"),
    ] {
        let args = ["token", "--at", "2026-11-24T00:00:00Z"];
        let run = run_with(&root(), &args, value.as_bytes());
        let said = run.out;
        assert!(run.code == 0 && said.contains(wanted), "{said}");
        assert!(!said.contains(value), "{said}");
    }
    let env =
        command(&root(), &["token", "--env", "MY_TOKEN"]).env("MY_TOKEN", &token).output().unwrap();
    assert!(env.status.success());
    assert_eq!(run(&root(), &["token", "--env", "NOT_SET_AT_ALL"]).code, 2);
}

#[test]
fn what_is_typed_in_the_wrong_place_is_not_repeated() {
    let secret = token("typed");
    let address = format!("https://h.example/x?fmetoken={secret}");
    let long = format!("--{secret}");
    for args in [
        vec!["token", &secret],
        vec!["token", "--env", &secret],
        vec!["check", &secret],
        vec!["check", &address],
        vec!["check", &long],
        vec!["check", "--at", &secret],
        vec!["check", "--config", &secret],
        vec!["rules", &secret],
        vec!["replay", &secret],
        vec!["replay", "--offline", &address],
    ] {
        let run = run(&root(), &args);
        assert!(
            !run.out.contains(&secret) && !run.err.contains(&secret),
            "{} {}",
            run.out,
            run.err
        );
    }
}
