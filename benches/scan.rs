//! How fast the first river runs, and what a start costs.
//!
//! The corpora are made in memory from a fixed seed, so that two runs measure the same bytes. Rates
//! are bytes of the artifact per second on one core.

#![expect(clippy::expect_used, reason = "a benchmark that cannot be set up has nothing to measure")]

use std::hint::black_box;
use std::io::Read;

use authward::artifact::{Artifact, Window};
use authward::finding::{Notice, Report};
use authward::format::{Format as _, fmw::Fmw};
use authward::report::{OUTPUTS, Scene};
use authward::rule::{RuleBook, load};
use authward::scan::{Scanner, environment::Environments};
use authward::secret::Key;
use authward::source::{self, Visitor};
use authward::time::Instant;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// Bytes of the corpora that are scanned as one file.
const SIZE: usize = 2 << 20;
/// Bytes of the line without end: several windows.
const LINE: usize = 24 << 20;

fn book() -> RuleBook {
    let mut book = load::builtin().expect("the built-in rules load");
    book.index();
    book
}

fn scanner(book: &RuleBook) -> Scanner<'_> {
    Scanner {
        book,
        at: Instant::parse("2026-11-23T00:00:00Z").expect("a moment"),
        key: Key::default(),
        expiring_within: 14 * 86_400,
        environments: Environments::new(&[], &[], &[], &[]).expect("no patterns, no mistake"),
        purposes: authward::scan::purpose::Purposes::default(),
    }
}

/// A small generator of numbers that are the same everywhere: `splitmix64`.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let below = u64::try_from(below).expect("small");
        usize::try_from((z ^ (z >> 31)) % below).expect("below a usize")
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words.get(self.roll(words.len())).copied().unwrap_or_default()
    }

    fn hex(&mut self, digits: usize) -> String {
        (0..digits)
            .filter_map(|_| char::from_digit(u32::try_from(self.roll(16)).ok()?, 16))
            .collect()
    }
}

const NAMES: &[&str] = &[
    "layer", "feature", "reader", "index", "response", "self", "count", "name", "path", "config",
    "session", "buffer", "value", "token_count", "keys", "node", "parser", "output", "job",
];

/// Code as it is: indentation, calls, comments, a few words that look like names of credentials.
fn source_like(size: usize) -> String {
    let mut dice = Dice(7);
    let mut out = String::with_capacity(size + 200);
    while out.len() < size {
        let indent = "    ".repeat(dice.roll(4));
        let (a, b, c) = (dice.pick(NAMES), dice.pick(NAMES), dice.pick(NAMES));
        let number = dice.roll(1000);
        out += &match dice.roll(9) {
            0 => format!(
                "{indent}// {a} of the {b}, see the {c} below: it is done {number} times.\n"
            ),
            1 => format!("{indent}let {a} = {b}.{c}({number});\n"),
            2 => format!("{indent}if {a} == {b} && {c}.len() > {number} {{\n"),
            3 => format!("{indent}}}\n\n"),
            4 => format!("{indent}{a}: {b}<{c}>,\n"),
            5 => format!("{indent}log.info(\"{a} {{}} of {b}\", {c}, {number})\n"),
            6 => format!("{indent}get(\"https://example.com/{a}/{number}?limit=20&page={b}\")\n"),
            7 => format!("{indent}\"{a}\": {{\"{b}\": {number}, \"{c}\": null}},\n"),
            _ => format!("{indent}return {a}[{number}] + {b} - {c};\n"),
        };
    }
    out
}

/// A credential in nearly every line, each in another carrier.
fn dense(size: usize) -> String {
    let mut dice = Dice(11);
    let mut out = String::with_capacity(size + 200);
    while out.len() < size {
        let hex = dice.hex(40);
        out += &match dice.roll(6) {
            0 => format!("curl \"https://h.example/a?limit=20&token={hex}&x=1\"\n"),
            1 => format!("curl -H 'Authorization: fmetoken token={hex}' https://h.example/b\n"),
            2 => format!("requests.get(u, params={{'detail': 'high', 'fmetoken': '{hex}'}})\n"),
            3 => format!("API_KEY={hex}\n"),
            4 => format!("db = \"postgres://app:{}@db.example:5432/x\"\n", dice.hex(24)),
            _ => {
                format!("go https://h.example/r?next=https%3A%2F%2Fi.example%2F%3Ftoken%3D{hex}\n")
            }
        };
    }
    out
}

/// Base64 and commas without a line end, as bundlers and databases write them; one credential at the
/// end.
fn huge_line(size: usize) -> String {
    let mut dice = Dice(13);
    let mut out = String::with_capacity(size + 200);
    while out.len() < size {
        out += &format!("{{a:{},b:\"{}\"}},", dice.roll(9999), dice.hex(60));
    }
    out + "\"https://h.example/?token=" + &dice.hex(40) + "\""
}

/// A workspace of many transformers, encoded as FME does.
fn workspace(size: usize) -> String {
    let mut dice = Dice(17);
    let mut out = String::from(
        "#! <?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n#! <WORKSPACE\n#!   A=\"1\"\n#! >\n",
    );
    let mut number = 0;
    while out.len() < size {
        number += 1;
        out += &format!(
            "#! <TRANSFORMER\n#!   IDENTIFIER=\"{number}\"\n#!   TYPE=\"HTTPCaller\"\n#! >\n"
        );
        for name in ["ATTR_LIST", "ANNOTATION", "GEOMETRY", "PYTHON_SOURCE"] {
            let (a, b) = (dice.pick(NAMES), dice.pick(NAMES));
            out += &format!(
                "#!     <XFORM_PARM PARM_NAME=\"{name}\" PARM_VALUE=\"{a}&lt;space&gt;{b}&lt;comma&gt;&lt;openparen&gt;{}&lt;closeparen&gt;\"/>\n",
                dice.roll(1000)
            );
        }
        let token = if number % 20 == 0 { dice.hex(40) } else { "$(TOKEN)".to_owned() };
        out += &format!(
            "#!     <XFORM_PARM PARM_NAME=\"TARGET_URL\" PARM_VALUE=\"https:&lt;solidus&gt;&lt;solidus&gt;h&lt;solidus&gt;x?limit=1&lt;amp&gt;fmetoken={token}\"/>\n#! </TRANSFORMER>\n"
        );
    }
    out + "#! </WORKSPACE>\n"
}

fn scan(c: &mut Criterion) {
    let book = book();
    let scanner = scanner(&book);
    let mut group = c.benchmark_group("scan");
    group.sample_size(20);
    for (id, name, text) in [
        ("source", "src/main.py", source_like(SIZE)),
        ("dense", "jobs/all.sh", dense(SIZE / 4)),
        ("fmw", "tiles.fmw", workspace(SIZE)),
    ] {
        let artifact = Artifact::file(name);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(id, |b| {
            b.iter(|| scanner.scan(&artifact, &Window::whole(black_box(text.as_bytes()))));
        });
    }
    group.finish();
}

/// Counts what comes, as the command line does.
struct Counter<'s> {
    scanner: &'s Scanner<'s>,
    findings: usize,
}

impl Visitor for Counter<'_> {
    fn window(&mut self, artifact: &Artifact, window: &Window<'_>) {
        self.findings += self.scanner.scan(artifact, window).findings.len();
    }
    fn searched(&mut self, _: &Artifact, _: u64) {}
    fn skipped(&mut self, _: &Artifact, _: authward::finding::Skip) {}
    fn notice(&mut self, _: Notice) {}
}

fn windows(c: &mut Criterion) {
    let book = book();
    let scanner = scanner(&book);
    let line = huge_line(LINE);
    let mut group = c.benchmark_group("windows");
    group.sample_size(10);
    group.throughput(Throughput::Bytes(line.len() as u64));
    group.bench_function("huge-line", |b| {
        b.iter(|| {
            let mut counter = Counter { scanner: &scanner, findings: 0 };
            source::stream(&Artifact::file("a.js"), black_box(line.as_bytes()), &mut counter);
            assert_eq!(counter.findings, 1);
        });
    });
    group.finish();
}

fn parts(c: &mut Criterion) {
    let mut group = c.benchmark_group("parts");
    let text = workspace(SIZE);
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("fmw-reader", |b| b.iter(|| Fmw.read(black_box(text.as_bytes()))));
    let raw: Vec<u8> = source_like(SIZE).encode_utf16().flat_map(u16::to_le_bytes).collect();
    group.throughput(Throughput::Bytes(raw.len() as u64));
    group.bench_function("utf16", |b| {
        b.iter(|| {
            let mut out = Vec::with_capacity(raw.len());
            let mut reader =
                source::decode::Utf16::new(black_box(raw.as_slice()), encoding_rs::UTF_16LE);
            reader.read_to_end(&mut out).expect("memory can be read");
            out
        });
    });
    group.finish();
}

/// What every run pays before it reads a byte: with the hook of a commit, that is most of it.
fn startup(c: &mut Criterion) {
    c.bench_function("startup/rules", |b| b.iter(book));
}

fn reports(c: &mut Criterion) {
    let book = book();
    let scanner = scanner(&book);
    let text = dense(64 << 10);
    let scanned = scanner.scan(&Artifact::file("jobs/all.sh"), &Window::whole(text.as_bytes()));
    let report = Report { findings: scanned.findings, ..Report::default() };
    let scene = Scene { color: false, at: scanner.at, book: &book, verbosity: 0 };
    let mut group = c.benchmark_group("report");
    group.sample_size(20);
    group.throughput(Throughput::Elements(report.findings.len() as u64));
    for output in OUTPUTS {
        group
            .bench_function(output.name(), |b| b.iter(|| output.write(black_box(&report), &scene)));
    }
    group.finish();
}

criterion_group!(benches, startup, scan, windows, parts, reports);
criterion_main!(benches);
