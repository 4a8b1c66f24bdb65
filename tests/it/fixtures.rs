//! Every fixture is scanned as a user would scan it, and what is found is snapshotted, one compact
//! line a finding. `fixtures/clean` must stay silent.

use super::support::{AT, root, run};

/// What is found in a fixture, in compact lines.
fn compact(fixture: &str) -> String {
    let run = run(
        &root(),
        &["check", "--format", "json", "--exit-zero", "--at", AT, &format!("fixtures/{fixture}")],
    );
    let json = run.json();
    let mut lines = Vec::new();
    for f in json["findings"].as_array().unwrap() {
        let text = |v: &serde_json::Value| v.as_str().unwrap_or("-").to_owned();
        let logical = f["logical"].as_str().map(|l| format!(" {l}")).unwrap_or_default();
        let also: Vec<String> = f["also"]
            .as_array()
            .unwrap()
            .iter()
            .map(|a| format!("{}:{}", a["start"]["line"], a["start"]["column"]))
            .collect();
        let also =
            if also.is_empty() { String::new() } else { format!(" also {}", also.join(" ")) };
        let suppressed = if f["suppressed"].is_null() { "" } else { " suppressed" };
        lines.push(format!(
            "{}:{}:{}-{}{logical} {}[{}] {} {}:{} {}{also}{suppressed}",
            text(&f["path"]).trim_start_matches("fixtures/"),
            f["start"]["line"],
            f["start"]["column"],
            f["end"]["column"],
            text(&f["lint"]),
            text(&f["credential"]),
            text(&f["severity"]),
            text(&f["place"]["kind"]),
            text(&f["place"]["name"]),
            text(&f["lifetime"]["state"]),
        ));
    }
    for n in json["notices"].as_array().unwrap() {
        lines.push(format!(
            "notice {} {}: {}",
            n["kind"].as_str().unwrap(),
            n["path"].as_str().unwrap(),
            n["message"].as_str().unwrap()
        ));
    }
    lines.push(format!(
        "{} files, {} bytes, exit {}",
        json["stats"]["files"], json["stats"]["bytes"], run.code
    ));
    lines.join("\n")
}

/// Fixtures that are snapshotted: the two of the README and one folder a format.
#[test]
fn fixtures_are_found_as_snapshotted() {
    let areas = ["tour", "seed", "fmw", "text", "config", "log", "har", "kubernetes"];
    for area in areas {
        insta::assert_snapshot!(area, compact(area));
    }
}

#[test]
fn clean_fixtures_stay_silent() {
    let run = run(
        &root(),
        &["check", "--format", "concise", "--fail-on", "note", "--at", AT, "fixtures/clean"],
    );
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
}

/// The good halves of the tour: what must stay silent there.
#[test]
fn good_patterns_of_the_tour_stay_silent() {
    let run =
        run(&root(), &["check", "--format", "json", "--exit-zero", "--at", AT, "fixtures/tour"]);
    for silent in [
        "read_permits.fmw", ".env.production", ".env.example", "development.yaml",
        "docs/README.md", "package-lock.json", "feed.xml",
    ] {
        let found: Vec<String> =
            run.findings().into_iter().filter(|f| f.contains(silent)).collect();
        assert!(found.is_empty(), "{found:?}");
    }
}
