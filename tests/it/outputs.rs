//! Each output is rendered once, in full, on the showcase.

use super::support::{AT, folder, root, run, token};

#[test]
fn outputs_are_rendered_as_snapshotted() {
    for format in ["full", "concise", "json"] {
        let run = run(
            &root(),
            &["check", "--format", format, "--exit-zero", "--at", AT, "fixtures/outputs/showcase"],
        );
        // How many rules there are changes with every rule.
        insta::with_settings!({filters => vec![(r"\+\d+\.\d+\.\d+\.\d+", "+[rules]")]}, {
            insta::assert_snapshot!(format!("showcase-{format}"), run.out);
        });
    }
}

#[test]
fn no_output_holds_a_secret() {
    let secret = token("outputs");
    let text = format!(
        "a: https://fme.example.com/fmeapiv4/x?fmetoken={secret}\n# the same again: {secret}\npw: https://u:Harbour7Lantern@h.example.com/\n"
    );
    let folder = folder(&[("a.yaml", text.as_bytes())]);
    for format in ["full", "concise", "json"] {
        for verbose in ["-q", "-v"] {
            let run = run(folder.path(), &["check", "--format", format, verbose, "a.yaml"]);
            assert_eq!(run.code, 1);
            let all = format!("{}{}", run.out, run.err);
            assert!(
                !all.contains(&secret)
                    && !all.contains("Harbour7Lantern")
                    && !all.contains(&secret[4..]),
                "{format}: {all}"
            );
        }
    }
}

#[test]
fn one_run_writes_many_reports() {
    let secret = token("many");
    let folder =
        folder(&[("a.sh", format!("curl 'https://h.example.com/?token={secret}'\n").as_bytes())]);
    let run = run(
        folder.path(),
        &["check", "--output", "json=out.json", "--output", "concise=out.txt", "a.sh"],
    );
    assert_eq!(run.code, 1);
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(folder.path().join("out.json")).unwrap())
            .unwrap();
    assert_eq!(json["findings"][0]["lint"], "credential-in-query");
    assert!(std::fs::read_to_string(folder.path().join("out.txt")).unwrap().starts_with("a.sh:1:"));
    let run = super::support::run(
        folder.path(),
        &["check", "--output", "json=no/such/folder/x.json", "a.sh"],
    );
    assert!(run.code == 2 && run.err.contains("cannot write no/such/folder/x.json"), "{}", run.err);
}

#[test]
fn json_is_the_contract() {
    let secret = token("contract");
    let folder = folder(&[(
        "a.sh",
        format!("curl 'https://fme.example.com/fmeapiv4/x?fmetoken={secret}'\n").as_bytes(),
    )]);
    let json = run(folder.path(), &["check", "--format", "json", "a.sh"]).json();
    assert_eq!(json["version"], 1);
    assert_eq!(json["tool"]["name"], "authward");
    let f = &json["findings"][0];
    assert_eq!(f["secret"]["masked"], format!("{}…", &secret[..4]));
    assert_eq!(f["secret"]["length"], 40);
    assert_eq!(f["secret"]["fingerprint"].as_str().map(str::len), Some(32));
    assert_eq!(f["start"]["column"].as_u64().unwrap() + 40, f["end"]["column"].as_u64().unwrap());
    assert_eq!(f["lifetime"]["state"], "unknown");
    for key in [
        "confidence", "message", "path", "place", "help", "also", "suppressed", "severity",
        "credential",
    ] {
        assert!(f.get(key).is_some(), "{key}");
    }
    assert_eq!(json["stats"]["files"], 1);
}

#[test]
fn a_secret_of_one_file_is_not_shown_by_another() {
    let token = "5d1c7e90b2a34f86a0c9e7d41b3f5862d8e0a197";
    let other = format!(
        "note = \"{token} and more\"; url = \"https://h/?fmetoken=0a9b8c7d6e5f40312a3b4c5d6e7f80912b3c4d5e\"\n"
    );
    let named = format!("{token}:\n  api_key: 9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c\n");
    let folder = folder(&[
        (
            "a.sh",
            format!("curl -H 'Authorization: fmetoken token={token}' https://h/\n").as_bytes(),
        ),
        ("b.py", other.as_bytes()),
        ("c.yaml", named.as_bytes()),
    ]);
    for format in ["full", "concise", "json"] {
        let run = run(folder.path(), &["check", "--format", format, "-v"]);
        assert_eq!(run.code, 1, "{}", run.err);
        assert!(!run.out.contains(&token[..12]), "{format}: {}", run.out);
    }
}

/// What a filter or a limit leaves out is still known, and still hidden.
#[test]
fn a_secret_that_is_not_told_is_hidden_all_the_same() {
    let untold = token("untold");
    let other = token("told");
    let leak = format!("curl \"https://h.example/?token={untold}\"\n");
    let crowd = (0..1100).fold(String::new(), |all, i| {
        all + &format!("curl \"https://h.example/?token={}\"\n", token(&format!("c{i}")))
    });
    let beside =
        format!("http://h.town.io/?token={other} {untold}\nTOKEN_{untold}_TOKEN={other}\n");
    let off = "severity: {credential-in-query: off}\n";
    for (first, config, args) in [
        (&leak, "", &["--select", "credential-over-http"][..]),
        (&leak, "", &["--ignore", "credential-in-query"]),
        (&leak, off, &[]),
        (&(crowd + &leak), "", &[]),
    ] {
        let folder = folder(&[
            ("a.sh", first.as_bytes()),
            ("b.sh", beside.as_bytes()),
            ("authward.yaml", config.as_bytes()),
        ]);
        for format in ["full", "concise", "json"] {
            let args = [&["check", "--format", format], args].concat();
            let run = run(folder.path(), &args);
            assert!(run.out.contains("b.sh"), "{}", run.out);
            assert!(!run.out.contains(&untold), "{format} {args:?} shows it");
        }
    }
}
