//! The README shows what the program prints: as a picture, kept in step here. To draw it again,
//! run the tests with `AUTHWARD_DRAW=1`.

use super::support::{AT, root, run};

/// Lines shown of the beginning; then an ellipsis and the summary.
const HEAD: usize = 46;

fn picture() -> String {
    let run =
        run(&root(), &["check", "--exit-zero", "--color", "always", "--at", AT, "fixtures/tour"]);
    let lines: Vec<&str> = run.out.lines().collect();
    let mut shown: Vec<String> =
        vec!["\u{1b}[2m$\u{1b}[0m authward check fixtures/tour".to_owned()];
    shown.extend(lines.iter().take(HEAD).map(|l| (*l).to_owned()));
    shown.push("\u{1b}[2m  …\u{1b}[0m".to_owned());
    shown.extend(lines.iter().rev().take(2).rev().map(|l| (*l).to_owned()));
    svg(&shown)
}

/// A terminal as SVG: one text element a line, one span a colour.
fn svg(lines: &[String]) -> String {
    let height = lines.len() * 18 + 40;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"900\" height=\"{height}\" viewBox=\"0 0 900 {height}\" role=\"img\">\n\
         <title>What authward check prints for fixtures/tour</title>\n\
         <rect width=\"900\" height=\"{height}\" rx=\"8\" fill=\"#16181d\"/>\n\
         <g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, monospace\" font-size=\"12.5\" fill=\"#d6d9e0\" xml:space=\"preserve\">\n"
    );
    for (index, line) in lines.iter().enumerate() {
        out += &format!("<text x=\"20\" y=\"{}\">{}</text>\n", 32 + index * 18, spans(line));
    }
    out + "</g>\n</svg>\n"
}

fn spans(line: &str) -> String {
    let mut out = String::new();
    let mut style = String::new();
    for (index, piece) in line.split('\u{1b}').enumerate() {
        let text = if index == 0 {
            piece
        } else {
            let (codes, text) = piece[1..].split_once('m').unwrap();
            style = codes.split(';').filter_map(attribute).collect::<Vec<_>>().join(" ");
            text
        };
        if !text.is_empty() {
            let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            out += &if style.is_empty() { text } else { format!("<tspan {style}>{text}</tspan>") };
        }
    }
    out
}

fn attribute(code: &str) -> Option<&'static str> {
    Some(match code {
        "1" => "font-weight=\"bold\"",
        "2" => "opacity=\"0.6\"",
        "31" => "fill=\"#ff6b6b\"",
        "33" => "fill=\"#f2c14e\"",
        "34" => "fill=\"#6ea8fe\"",
        "36" => "fill=\"#5fd3d3\"",
        _ => return None,
    })
}

#[test]
fn the_picture_shows_what_is_printed() {
    let file = root().join("docs/tour.svg");
    let drawn = picture();
    if std::env::var_os("AUTHWARD_DRAW").is_some() {
        std::fs::write(&file, &drawn).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
    assert!(kept == drawn, "docs/tour.svg is out of step: run the tests with AUTHWARD_DRAW=1");
}

/// The rule book as a page: what is known, how it travels, how long it lives, what to send instead.
fn rule_page() -> String {
    let mut book = authward::rule::load::builtin().unwrap();
    book.index();
    let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ").trim().to_owned();
    let mut out = String::from(
        "# The rule book\n\nMade from `rules/` by the tests; `authward explain ID` tells more.\n\n## Lints\n\n| lint | what |\n|---|---|\n",
    );
    for lint in &book.lints {
        out += &format!("| `{}` | {} |\n", lint.written.id, cell(&lint.written.summary));
    }
    out += &format!(
        "\n## Credentials\n\n{} kinds.\n\n| kind | name | how long it lives | send it as |\n|---|---|---|---|\n",
        book.credentials.len()
    );
    for rule in &book.credentials {
        let written = &rule.written;
        let service = written.service.as_deref().and_then(|s| book.service(s));
        let header = written.header.clone().or_else(|| service?.written.header.clone());
        let life = &written.lifetime;
        let lives = match (&life.fixed, &life.inspect, &life.permanent) {
            (Some(fixed), ..) => fixed.clone(),
            (_, Some(_), _) => "its end can be read".to_owned(),
            (.., Some(_)) => "until it is revoked".to_owned(),
            _ => "cannot be told".to_owned(),
        };
        let retired = written.retired.as_ref().map(|r| format!("; retired {}", r.on));
        out += &format!(
            "| `{}` | {} | {lives}{} | {} |\n",
            written.id,
            cell(&written.name),
            retired.unwrap_or_default(),
            header.map(|h| format!("`{}`", cell(&h))).unwrap_or_default()
        );
    }
    out += &format!(
        "\n## Services\n\n{} services.\n\n| service | name | hosts |\n|---|---|---|\n",
        book.services.len()
    );
    for service in &book.services {
        let hosts = service.written.host.join(", ");
        out += &format!(
            "| `{}` | {} | {} |\n",
            service.written.id,
            cell(&service.written.name),
            cell(&hosts)
        );
    }
    out
}

#[test]
fn the_rule_page_is_in_step() {
    let file = root().join("docs/rules.md");
    let made = rule_page();
    if std::env::var_os("AUTHWARD_DRAW").is_some() {
        std::fs::write(&file, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
    assert!(kept == made, "docs/rules.md is out of step: run the tests with AUTHWARD_DRAW=1");
}

/// Whoever copies the config of the README must not be refused.
#[test]
fn the_readmes_config_is_accepted() {
    let text = std::fs::read_to_string(root().join("README.md")).unwrap();
    let blocks: Vec<&str> =
        text.split("```yaml\n").skip(1).map(|b| b.split("```").next().unwrap()).collect();
    assert!(!blocks.is_empty());
    for block in blocks {
        let folder = super::support::folder(&[
            ("authward.yaml", block.as_bytes()),
            ("a.sh", b"echo hello\n"),
            ("house-rules/credentials/.keep", b""),
        ]);
        let run = run(folder.path(), &["check"]);
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    }
}

#[test]
fn the_readme_opens_with_its_two_commands() {
    let text = std::fs::read_to_string(root().join("README.md")).unwrap();
    let commands: Vec<&str> = text.lines().filter(|l| l.starts_with("cargo ")).take(2).collect();
    assert_eq!(commands, ["cargo run --release -- check --exit-zero fixtures/tour", "cargo test"]);
    assert!(text.contains("docs/tour.svg"));
}

#[test]
fn the_readme_shows_what_replay_says() {
    let call = "fixtures/tour/captures/refused.har:0";
    let run = run(&root(), &["replay", "--offline", call, "--color", "never"]);
    let (story, _) = run.out.split_once("\n\n1 of 1").unwrap();
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap().replace("\r\n", "\n");
    assert!(readme.contains(story), "the README is out of step with:\n{story}");
}
