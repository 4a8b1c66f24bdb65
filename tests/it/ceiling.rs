//! Dense artifacts: what is not told costs no words and no memory, and is hidden and counted all the
//! same. Work is counted here, and never timed.

use authward::artifact::{Artifact, Window};
use authward::finding::{Finding, Severity};
use authward::scan::environment::Environments;
use authward::scan::pool::Ceiling;
use authward::scan::purpose::Purposes;
use authward::scan::{Scan, Scanner};

use super::support::{folder, run, token};

/// More findings than this are not told here.
const MOST: usize = 100;

struct Few;

impl Ceiling for Few {
    fn most(&self) -> usize {
        MOST
    }

    fn gravity(&self, finding: &Finding) -> Option<Severity> {
        Some(finding.severity)
    }

    fn look(&mut self, findings: &mut [&mut Finding]) -> Vec<bool> {
        vec![true; findings.len()]
    }
}

/// The scan below the ceiling, and the whole of it.
fn scans(name: &str, text: &str) -> (Scan, Scan) {
    let mut book = authward::rule::load::builtin().unwrap();
    book.index();
    let scanner = Scanner {
        book: &book,
        at: authward::time::Instant::parse("2026-11-23").unwrap(),
        key: authward::secret::Key::default(),
        expiring_within: 14 * 86_400,
        environments: Environments::new(&[], &[], &[], &[]).unwrap(),
        purposes: Purposes::default(),
    };
    let (artifact, window) = (Artifact::file(name), Window::whole(text.as_bytes()));
    (scanner.scan_below(&artifact, &window, &mut Few), scanner.scan(&artifact, &window))
}

/// Values of forty digits, all different.
fn values(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|index| token(&index.to_string()))
}

#[test]
fn only_what_is_told_is_kept() {
    for (name, separator) in [("a.js", "&"), ("a.sh", "\n")] {
        let mut text = String::new();
        text.extend(values(9000).map(|value| format!("token={value}{separator}")));
        // The gravest comes last.
        text += &format!("\ncurl 'https://h.example.com/?access_token={}'\n", token("last"));
        let (few, all) = scans(name, &text);
        assert_eq!(few.findings.len(), MOST, "{name}");
        assert_eq!(few.cut, all.findings.len() - MOST, "{name}");
        assert!(!few.cut_more && few.candidates == all.candidates && few.candidates > 9000);
        // Without the ceiling all of them are kept until the end.
        assert!(few.held < 7000 && all.held > 9000, "{name}: {} of {}", few.held, all.held);
        let mut told: Vec<Finding> = all.findings[..MOST - 1].to_vec();
        told.extend(all.findings.last().cloned());
        assert_eq!(few.findings, told, "{name}");
        assert_eq!(few.secrets, all.secrets, "{name}");
        assert!(few.secrets.len() > 9000, "{name}");
    }
}

#[test]
fn copies_stay_with_their_homes_below_the_ceiling() {
    const HOMES: usize = 3000;
    let mut text = String::from("#! <?xml version=\"1.0\" ?>\n#! <WORKSPACE\n#!   A=\"1\"\n#! >\n");
    let address = "https:&lt;solidus&gt;&lt;solidus&gt;h.example.com?fmetoken=";
    for (index, value) in values(HOMES).enumerate() {
        text += &format!(
            "#! <TRANSFORMER IDENTIFIER=\"{index}\" TYPE=\"HTTPCaller\">\n\
             #! <XFORM_PARM PARM_NAME=\"XFORMER_NAME\" PARM_VALUE=\"Call_{index}\"/>\n\
             #! <XFORM_PARM PARM_NAME=\"TARGET_URL\" PARM_VALUE=\"{address}{value}\"/>\n#! </TRANSFORMER>\n"
        );
    }
    text += "#! </WORKSPACE>\n";
    let address = "https:<solidus><solidus>h.example.com?fmetoken=";
    for (index, value) in values(HOMES).enumerate() {
        text += &format!(
            "FACTORY_DEF * HTTPFactory FACTORY_NAME \"Call_{index}\" URL \"{address}{value}\"\n"
        );
    }
    let (few, all) = scans("a.fmw", &text);
    assert_eq!(all.findings.len(), HOMES);
    assert_eq!(few.findings, all.findings[..MOST]);
    assert!(few.findings.iter().all(|finding| finding.also.len() == 1));
    assert!(few.cut == HOMES - MOST && few.cut_more, "{}", few.cut);
    assert!(few.held < 5500 && all.held >= 2 * HOMES, "{} of {}", few.held, all.held);
}

/// A secret that is known and not told may stand again beside one that is.
#[test]
fn what_is_not_told_is_hidden_all_the_same() {
    let mut text = String::new();
    text.extend(values(6000).map(|value| format!("token={value}\n")));
    let again = token("5000");
    let leak = format!("https://h.example.com/?access_token={}", token("told"));
    text += &format!("curl '{leak}' # {again}\n");
    let other = format!("curl '{leak}' # {again}\n");
    let folder = folder(&[("a.sh", text.as_bytes()), ("b.sh", other.as_bytes())]);
    for format in ["full", "json"] {
        let told = run(folder.path(), &["check", "-v", "--format", format]);
        assert!(told.out.contains("a.sh") && told.out.contains("b.sh"));
        assert!(!told.out.contains(&again[4..]), "{format}");
    }
    let json = run(folder.path(), &["check", "--format", "json"]).json();
    let notice = json["notices"][0]["message"].as_str().unwrap();
    assert!(notice.starts_with("has 5001 more findings; the gravest 1000"), "{notice}");
}

#[test]
fn an_ignore_counts_for_what_is_not_told() {
    let lint = "hardcoded-credential";
    let mut text = format!("# authward: ignore-file[{lint}] public\n");
    text.extend(values(6000).map(|value| format!("token={value}\n")));
    text += &format!("curl 'https://h.example.com/?access_token={}'\n", token("open"));
    let folder = folder(&[("a.sh", text.as_bytes())]);
    let told = run(folder.path(), &["check", "--format", "json"]);
    // What is ignored is not missed, and the comment is of use.
    assert_eq!(told.notices(), [""; 0], "{}", told.json()["notices"]);
    assert_eq!(told.json()["stats"]["suppressed"], 999);
}
