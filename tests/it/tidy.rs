//! The laws of the house that no compiler knows: which module may use which, what every file must
//! open with, and that no secret of a fixture stands in a snapshot.

use std::collections::{BTreeMap, BTreeSet};

use super::support::{files, root};

/// Module → the modules it may use. Whatever is not listed is forbidden; the order is from the
/// ground up, and a module only uses what stands above it in this list.
const EDGES: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("name", &["text"]),
    ("secret", &["text"]),
    ("shape", &["name", "text"]),
    ("veil", &["secret", "text"]),
    ("time", &[]),
    ("artifact", &["text"]),
    ("finding", &["secret", "text", "time"]),
    ("fact", &[]),
    ("http", &["name", "secret", "text"]),
    ("exchange", &["http", "secret", "time"]),
    ("token", &["name", "secret", "shape", "text", "time"]),
    ("rule", &["fact", "finding", "http", "name", "shape", "text", "time"]),
    ("value", &["http", "name", "rule", "shape", "text"]),
    ("log_format", &["time"]),
    (
        "format",
        &["artifact", "exchange", "finding", "http", "log_format", "secret", "text", "time"],
    ),
    (
        "carrier",
        &[
            "artifact", "finding", "format", "http", "name", "rule", "secret", "shape", "text",
            "token", "value",
        ],
    ),
    (
        "scan",
        &[
            "artifact", "carrier", "fact", "finding", "format", "http", "name", "rule", "secret",
            "shape", "text", "time", "token", "value", "veil",
        ],
    ),
    (
        "diagnose",
        &[
            "exchange", "fact", "finding", "http", "name", "rule", "secret", "shape", "text",
            "time", "token", "value", "veil",
        ],
    ),
    ("source", &["artifact", "finding", "format", "text"]),
    ("sink", &[]),
    ("adopt", &["artifact", "fact", "finding", "format", "text", "time"]),
    ("replay", &["diagnose", "exchange", "finding", "http", "rule", "secret", "text"]),
    ("report", &["exchange", "finding", "rule", "secret", "text", "time", "veil"]),
    ("config", &["adopt", "fact", "finding", "rule", "scan", "secret", "source", "time"]),
    (
        "selftest",
        &[
            "artifact", "config", "diagnose", "exchange", "finding", "rule", "scan", "secret",
            "source", "time",
        ],
    ),
    ("panic", &[]),
    (
        "cli",
        &[
            "adopt", "artifact", "config", "diagnose", "exchange", "fact", "finding", "format",
            "http", "panic", "replay", "report", "rule", "scan", "secret", "selftest", "shape",
            "sink", "source", "text", "time", "token", "veil",
        ],
    ),
];

/// The modules that a source file uses through `crate::`.
fn uses(text: &str) -> BTreeSet<String> {
    let code: Vec<&str> = text.lines().filter(|l| !l.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    code.match_indices("crate::")
        .map(|(at, _)| {
            code[at + 7..].chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect()
        })
        .filter(|word: &String| !word.is_empty())
        .collect()
}

/// What breaks the list of edges in these files (path below `src/`, text).
fn violations(sources: &[(String, String)]) -> Vec<String> {
    let allowed: BTreeMap<&str, &[&str]> = EDGES.iter().copied().collect();
    let mut out = Vec::new();
    for (path, text) in sources {
        let module = path.split(['/', '.']).next().unwrap_or_default();
        if matches!(module, "lib" | "main") {
            continue;
        }
        let Some(edges) = allowed.get(module) else {
            out.push(format!("{path}: module {module} is not in the list of edges"));
            continue;
        };
        for used in uses(text).iter().filter(|u| *u != module) {
            if !edges.contains(&used.as_str()) {
                out.push(format!("{path}: {module} must not use {used}"));
            }
        }
    }
    out
}

fn sources() -> Vec<(String, String)> {
    let src = root().join("src");
    files(&src)
        .into_iter()
        .filter(|p| p.extension().is_some_and(|e| e == "rs"))
        .map(|p| {
            let name = p.strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/");
            (name, std::fs::read_to_string(&p).unwrap())
        })
        .collect()
}

#[test]
fn imports_follow_the_list_of_edges() {
    let found = violations(&sources());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A group hides what it holds from the list of edges; so does a climb out of the module.
#[test]
fn imports_are_written_one_by_one() {
    for (path, text) in sources() {
        assert!(!text.contains("crate::{"), "src/{path} imports a group from the root");
        assert!(!text.contains("super::super::super"), "src/{path} climbs out of its module");
    }
}

/// The client stands behind a feature, so that a hook can be built without any network code.
#[test]
fn the_http_client_stands_behind_its_feature() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    for name in ["reqwest", "rustls"] {
        let line = manifest.lines().find(|l| l.starts_with(&format!("{name} = "))).unwrap();
        assert!(line.contains("optional = true"), "{line}");
    }
    for (path, text) in sources() {
        let speaks = ["reqwest::", "rustls::"].iter().any(|name| text.contains(name));
        assert!(!speaks || path == "replay/client.rs", "src/{path} speaks to the network");
    }
}

#[test]
fn a_planted_import_is_found() {
    let planted = [("http/uri.rs".to_owned(), "//! x\nuse crate::report::full;\n".to_owned())];
    assert_eq!(violations(&planted), ["http/uri.rs: http must not use report"]);
    let stranger = [("utils.rs".to_owned(), String::new())];
    assert_eq!(violations(&stranger).len(), 1);
    let comment = [("text.rs".to_owned(), "//! see [`crate::cli`]\n".to_owned())];
    assert!(violations(&comment).is_empty());
}

#[test]
fn edges_point_down_and_have_no_cycle() {
    let rank: BTreeMap<&str, usize> = EDGES.iter().enumerate().map(|(i, (m, _))| (*m, i)).collect();
    for (module, used) in EDGES {
        for other in *used {
            assert!(rank[other] < rank[module], "{module} → {other} points up");
        }
    }
    let listed: BTreeSet<&str> = EDGES.iter().map(|(m, _)| *m).collect();
    let real: BTreeSet<String> = sources()
        .iter()
        .map(|(p, _)| p.split(['/', '.']).next().unwrap().to_owned())
        .filter(|m| m != "lib" && m != "main")
        .collect();
    assert_eq!(real, listed.iter().map(|m| (*m).to_owned()).collect());
}

#[test]
fn every_file_says_what_it_is_for() {
    for (path, text) in sources() {
        assert!(text.starts_with("//! "), "src/{path} does not open with //!");
    }
}

#[test]
fn words_are_not_outputs() {
    // Outputs are frozen structs of their own; the words of the program may change behind them.
    for (path, text) in sources() {
        let is_word = ["text.rs", "secret.rs", "time.rs", "artifact.rs", "finding.rs", "fact.rs"]
            .contains(&path.as_str());
        assert!(!is_word || !text.contains("Serialize"), "src/{path} derives Serialize");
    }
}

/// Every value of the fixtures that could be one: 40 hex digits, and tokens in three parts.
fn fixture_secrets() -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for file in files(&root().join("fixtures")) {
        let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        for word in
            text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')))
        {
            let hex = word.len() == 40 && word.bytes().all(|b| b.is_ascii_hexdigit());
            let jwt = word.starts_with("eyJ") && word.matches('.').count() == 2;
            if hex || jwt {
                out.insert(word.to_owned());
            }
        }
    }
    out.insert("Harbour7Lantern".to_owned());
    out
}

#[test]
fn no_snapshot_and_no_document_holds_a_secret() {
    let secrets = fixture_secrets();
    assert!(secrets.len() > 5);
    let mut shown = files(&root().join("tests/it/snapshots"));
    shown.extend(files(&root().join("docs")));
    shown.extend(["README.md", "ARCHITECTURE.md", "CHANGELOG.md"].map(|n| root().join(n)));
    for file in shown {
        let text = std::fs::read_to_string(&file).unwrap();
        for secret in &secrets {
            assert!(
                !text.contains(secret.as_str()),
                "{} holds a secret of a fixture",
                file.display()
            );
        }
    }
}

#[test]
fn nothing_outside_the_tour_looks_like_a_vendors_secret() {
    let vendors = regex::Regex::new(
        r"\b(gh[opsu]_[A-Za-z0-9]{30,}|AKIA[A-Z2-7]{16}|ASIA[A-Z2-7]{16}|xox[bp]-[0-9A-Za-z-]{20,}|sk_live_[0-9A-Za-z]{20,}|eyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.)",
    )
    .unwrap();
    for folder in ["src", "rules", "tests", "fixtures", "docs"] {
        for file in files(&root().join(folder)) {
            if file.starts_with(root().join("fixtures/tour")) {
                continue;
            }
            let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
            let hit = vendors.find(&text).filter(|m| !m.as_str().ends_with("EXAMPLE"));
            assert!(hit.is_none(), "{} holds what scanners would report", file.display());
        }
    }
}

#[test]
fn the_architecture_names_every_module() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for (module, _) in EDGES {
        assert!(text.contains(&format!("`{module}`")), "ARCHITECTURE.md does not name `{module}`");
    }
    assert!(text.lines().count() <= 200);
}

#[test]
fn every_format_has_fixtures_and_every_output_a_snapshot() {
    for format in authward::format::FORMATS {
        assert!(
            root().join("fixtures").join(format.id()).is_dir(),
            "fixtures/{} is missing",
            format.id()
        );
    }
    for output in authward::report::OUTPUTS {
        let snapshot = format!("tests/it/snapshots/it__outputs__showcase-{}.snap", output.name());
        assert!(root().join(&snapshot).is_file(), "{snapshot} is missing");
    }
}

#[test]
fn snapshot_names_are_safe_everywhere() {
    for file in files(&root().join("tests/it/snapshots")) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        assert!(
            name.bytes().all(|b| b.is_ascii_lowercase()
                || b.is_ascii_digit()
                || matches!(b, b'_' | b'-' | b'.')),
            "{name}"
        );
    }
}
