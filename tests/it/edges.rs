//! What happens on the edges: of windows, and between the members of an archive.

use super::support::{folder, run, token};

/// Where the first window ends.
const EDGE: usize = 4 << 20;

fn leak(seed: &str) -> String {
    format!("curl 'https://h.example.com/?access_token={}'", token(seed))
}

/// A script in which `text` stands so that the window's edge lies `within` bytes behind its beginning.
fn around_edge(text: &str, within: usize) -> Vec<u8> {
    let start = EDGE - within;
    let mut out = "echo x\n".repeat(start / 7);
    // The rest of the way is a comment, so that the text begins a line.
    out.truncate(out.len() - 7);
    let rest = start - out.len();
    out += &format!("#{}\n", "y".repeat(rest - 2));
    assert_eq!(out.len(), start);
    out += text;
    out += &"\necho z".repeat(20_000);
    out.into_bytes()
}

#[test]
fn an_ignore_works_across_the_edge_of_a_window() {
    let next = format!("# authward: ignore-next[credential-in-query] public\n{}\n", leak("edge"));
    let same = format!("{} # authward: ignore[credential-in-query] public\n", leak("edge"));
    let first_line = next.find('\n').unwrap();
    let comment = same.find(" # authward").unwrap();
    let mut files = Vec::new();
    for within in [20, first_line + 1, first_line + 60] {
        files.push((format!("next-{within}.sh"), around_edge(&next, within)));
    }
    for within in [50, comment + 8, comment + 30] {
        files.push((format!("same-{within}.sh"), around_edge(&same, within)));
    }
    let unused = "# authward: ignore-next[credential-in-query] public\n\n".to_owned();
    files.push(("unused.sh".to_owned(), around_edge(&unused, 20)));
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let folder = folder(&files);
    let run = run(folder.path(), &["check", "--format", "json"]);
    let json = run.json();
    let open: Vec<&serde_json::Value> =
        json["findings"].as_array().unwrap().iter().filter(|f| f["suppressed"].is_null()).collect();
    assert!(open.is_empty(), "{open:?}");
    assert_eq!(json["stats"]["suppressed"], 6);
    assert_eq!(run.notices(), ["unused-ignore"], "{}", json["notices"]);
    assert_eq!(json["notices"][0]["path"], "unused.sh");
}

#[test]
fn nothing_of_a_member_passes_to_the_next() {
    let ignored = format!("{} # authward: ignore[credential-in-query] public\n", leak("member"));
    let mut packed = super::archives::zip(&[("a.json", b"{}"), ("b.sh", ignored.as_bytes())]);
    // The first member cannot be read from its first byte on, so nothing of it is searched.
    let at = 30 + "a.json".len();
    packed[at] = 0xFF;
    let folder = folder(&[("a.zip", &packed)]);
    let run = run(folder.path(), &["check", "--format", "json"]);
    assert_eq!(run.notices(), ["undecoded"], "{}", run.out);
    assert_eq!(run.json()["stats"]["suppressed"], 1, "{}", run.out);
}

/// Whatever a window ends in the middle of is read from the one side or the other.
#[test]
fn nothing_is_lost_where_a_window_is_cut() {
    use authward::carrier::Reader;
    use authward::format::kind;
    use authward::text::Span;
    let mut book = authward::rule::load::builtin().unwrap();
    book.index();
    let token = "5d1c7e90b2a34f86a0c9e7d41b3f5862d8e0a197";
    let prefixed = authward::selftest::expand("x = call(\"ghp_${base62:36}\")\n", "edges");
    let texts = [
        ("a.py", prefixed),
        ("a.py", format!("q.append(\"token\", \"{token}\")\n")),
        ("a.py", format!("requests.get(u, auth=(\"me\", \"{token}\"))\n")),
        ("a.py", format!("u = \"https%3A%2F%2Fh.example%2F%3Ftoken%3D{token}\"\n")),
        ("a.json", format!("{{\"u\": \"https://h.example/?a=1\\u0026token\\u003d{token}\"}}\n")),
        ("a.sh", format!("curl -u me:{token} https://h.example/x\n")),
        ("a.sh", format!("tool --token {token}\n")),
        ("a.sh", format!("curl 'https://u:{token}@h.example/x'\n")),
        ("a.yaml", format!("api_token: {token}\n")),
    ];
    for (name, text) in texts {
        let text = format!("# before it\n{text}# behind it\n");
        let bytes = text.as_bytes();
        let reader = Reader { book: &book, kind: kind::of(name, bytes) };
        let spans = |from: usize, to: usize| -> Vec<Span> {
            let read = reader.read(bytes, Span::new(from, to));
            read.iter().filter(|c| c.secret.is_some()).map(|c| c.span).collect()
        };
        let whole = spans(0, bytes.len());
        assert!(!whole.is_empty(), "{text}");
        for cut in 0..=bytes.len() {
            let halves = [spans(0, cut), spans(cut, bytes.len())].concat();
            let lost = whole.iter().find(|span| !halves.contains(span));
            assert!(lost.is_none(), "cut at {cut}, {lost:?} is lost: {text}");
        }
    }
}

/// The head of a table names the columns of every window behind it.
#[test]
fn rows_far_behind_the_head_of_a_table_are_read() {
    let row = |key: &str| format!("row of the table,note,{key}\n");
    let count = EDGE / row("").len() + 20_000;
    let mut text = String::from("name,note,api_key\n");
    for index in 0..count {
        text += &row(if index + 10 == count { "Kq7vT2mXR9wLp4ZsH8dB3nYc" } else { "" });
    }
    let folder = folder(&[("a.csv", text.as_bytes())]);
    let found = run(folder.path(), &["check", "--format", "json"]).findings();
    assert_eq!(found, [format!("a.csv:{} hardcoded-credential", count - 8)]);
}
