//! Archives: read in memory, as far as they go, whatever they are called.

use std::io::Write;

use super::support::{folder, run, run_with, token};

fn leak(seed: &str) -> String {
    format!("https://h.example.com/?access_token={}", token(seed))
}

pub(super) fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

pub(super) fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated);
    for (name, bytes) in members {
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn archives_are_read_in_memory() {
    let inner = zip(&[("w.fmw", format!("DEFAULT_MACRO FME_TOKEN {}\n", token("zip")).as_bytes())]);
    let outer = zip(&[
        ("../../evil.sh", leak("zip").as_bytes()),
        ("inner.fmwt", &inner),
        ("pic.png", b"\x89PNG\x00\x00\x01\x00\x00\x00"),
    ]);
    let gz = gz(format!(
        "10.0.0.1 - - [20/Nov/2026:05:00:00 +0000] \"GET /x?token={} HTTP/1.1\" 200 1\n",
        token("gz")
    )
    .as_bytes());
    let folder =
        folder(&[("a.zip", &outer), ("access.log.gz", &gz), ("broken.zip", b"PK\x03\x04nothing")]);
    let run = run(folder.path(), &["check", "--format", "json"]);
    assert_eq!(
        run.findings(),
        [
            "a.zip!../../evil.sh:1 credential-in-query",
            "a.zip!inner.fmwt!w.fmw:1 hardcoded-credential",
            "access.log.gz!access.log:1 credential-in-log"
        ]
    );
    assert_eq!((run.code, run.notices()), (1, vec!["undecoded".to_owned()]));
    assert!(!folder.path().parent().unwrap().join("evil.sh").exists());
}

#[test]
fn a_zip_bomb_is_named_and_the_run_is_incomplete() {
    let bomb = zip(&[("zeros.txt", &vec![b'0'; 64 << 20])]);
    assert!(bomb.len() < 100_000);
    let folder = folder(&[("bomb.zip", &bomb), ("a.txt", b"x\n")]);
    let run = run(folder.path(), &["check", "--format", "json"]);
    let json = run.json();
    assert_eq!((run.code, run.notices()), (4, vec!["limit".to_owned()]));
    assert_eq!(json["notices"][0]["path"], "bomb.zip!zeros.txt");
    assert!(json["notices"][0]["message"].as_str().unwrap().contains("zip bomb"));
}

/// Lines that hardly compress, the first of which leaks.
fn long_log(seed: &str) -> Vec<u8> {
    let mut text = format!("{}\n", leak(seed));
    let mut state = 1u64;
    while text.len() < 300_000 {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text += &format!("line {state}\n");
    }
    text.into_bytes()
}

#[test]
fn what_came_before_a_cut_is_searched_and_counted() {
    let log = long_log("cut");
    let packed = gz(&log);
    let cut = &packed[..packed.len() - 20_000];
    let garbage = [&packed, b"garbage".as_slice()].concat();
    let mut crc = packed.clone();
    let at = crc.len() - 6;
    crc[at] ^= 0xFF;
    let mut torn = zip(&[("a.txt", &log)]);
    // Some bytes in the middle of the member, whose end is damaged by them.
    let middle = torn.len() - torn.len() / 4;
    torn[middle..middle + 64].fill(0xAA);
    let bomb = zip(&[("a.txt", &[leak("cut").as_bytes(), &vec![b'\n'; 64 << 20]].concat())]);
    let nested = zip(&[("a.gz", cut)]);
    for (name, bytes, kind, found) in [
        ("cut.gz", cut, "undecoded", "cut.gz!cut:1 credential-in-query"),
        ("garbage.gz", &garbage, "undecoded", "garbage.gz!garbage:1 credential-in-query"),
        ("crc.gz", &crc, "undecoded", "crc.gz!crc:1 credential-in-query"),
        ("torn.zip", &torn, "undecoded", "torn.zip!a.txt:1 credential-in-query"),
        ("bomb.zip", &bomb, "limit", "bomb.zip!a.txt:1 credential-in-query"),
        ("nested.zip", &nested, "undecoded", "nested.zip!a.gz!a:1 credential-in-query"),
    ] {
        let folder = folder(&[(name, bytes)]);
        let run = run(folder.path(), &["check", "--format", "json"]);
        assert_eq!((run.code, run.notices()), (1, vec![kind.to_owned()]), "{name}: {}", run.out);
        assert_eq!(run.findings(), [found]);
        let stats = &run.json()["stats"];
        assert_eq!(stats["files"], 1, "{name}");
        assert!(stats["bytes"].as_u64().unwrap() > 100_000, "{name}: {stats}");
    }
}

#[test]
fn archives_are_known_by_their_first_bytes_and_from_a_stream() {
    let packed = zip(&[("a.txt", leak("magic").as_bytes())]);
    let gzipped = gz(leak("magic").as_bytes());
    let folder = folder(&[
        ("a.dat", &packed),
        ("b.fmw", &packed),
        ("c.bin", &gzipped),
        ("D.GZ", &gzipped),
        ("e.txt", b"PK\x03\x04 is how a zip begins\n"),
        ("f.zip", &gz(&gz(b"x\n"))),
    ]);
    let whole = run(folder.path(), &["check", "--format", "json"]);
    assert_eq!(
        whole.findings(),
        [
            "D.GZ!D:1 credential-in-query", "a.dat!a.txt:1 credential-in-query",
            "b.fmw!a.txt:1 credential-in-query", "c.bin!c.bin:1 credential-in-query"
        ]
    );
    assert_eq!((whole.code, whole.notices().len()), (1, 0), "{}", whole.out);
    for (name, bytes, found) in [
        ("x.zip", &packed, "x.zip!a.txt:1 credential-in-query"),
        ("stdin", &packed, "stdin!a.txt:1 credential-in-query"),
        ("x.log.gz", &gzipped, "x.log.gz!x.log:1 credential-in-log"),
    ] {
        let args = ["check", "-", "--stdin-filename", name, "--format", "json"];
        assert_eq!(run_with(folder.path(), &args, bytes).findings(), [found]);
    }
}

/// A member of a tar archive: header, body, padding.
fn tar_member(name: &str, kind: u8, bytes: &[u8]) -> Vec<u8> {
    let mut header = vec![0u8; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[124..136].copy_from_slice(format!("{:011o}\0", bytes.len()).as_bytes());
    header[148..156].fill(b' ');
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header.extend_from_slice(bytes);
    header.resize(header.len().next_multiple_of(512), 0);
    header
}

#[test]
fn tar_archives_are_read() {
    let leak = leak("tar");
    let long = format!("{}/c.sh", "d".repeat(120));
    let record = format!("path={long}\n");
    let record = format!("{} {record}", record.len() + 4);
    let tar = [
        tar_member("dir/", b'5', b""),
        tar_member("dir/a.sh", b'0', leak.as_bytes()),
        tar_member("pic.png", b'0', b"\x89PNG\x00\x00\x01\x00\x00\x00"),
        tar_member("link", b'2', b""),
        tar_member("in.zip", b'0', &zip(&[("b.sh", leak.as_bytes())])),
        tar_member("PaxHeader", b'x', record.as_bytes()),
        tar_member("cut", b'0', leak.as_bytes()),
        vec![0; 1024],
    ]
    .concat();
    let cut = &tar[..tar.len() - 1024 - 512 + 20];
    let folder =
        folder(&[("x.tgz", &gz(&tar)), ("y.tar", &tar), ("z.dat", cut), ("t.tar", b"text\n")]);
    let told = run(folder.path(), &["check", "--format", "json"]);
    let line = |path: &str| format!("{path}:1 credential-in-query");
    let members = ["dir/a.sh", "in.zip!b.sh", &long].map(str::to_owned);
    let wanted = |archive: &str| {
        let mut paths: Vec<String> =
            members.iter().map(|m| line(&format!("{archive}!{m}"))).collect();
        paths.sort();
        paths
    };
    let mut found = told.findings();
    found.sort();
    let mut all = [wanted("x.tgz!x.tar"), wanted("y.tar")].concat();
    all.extend(wanted("z.dat").into_iter().filter(|path| !path.contains("c.sh")));
    all.sort();
    assert_eq!(found, all);
    assert_eq!(told.notices(), ["undecoded"], "{}", told.out);
    assert_eq!(told.json()["notices"][0]["path"], "z.dat");
    let args = ["check", "-", "--stdin-filename", "s.tgz", "--format", "json"];
    assert_eq!(run_with(folder.path(), &args, &gz(&tar)).findings().len(), 3);
}

#[test]
fn tar_archives_end_where_they_say() {
    let of = |name: &str| tar_member(name, b'0', leak(name).as_bytes());
    let whole = [of("a.sh"), vec![0; 1024]].concat();
    let folder = folder(&[
        ("joined.tar", &[whole.clone(), of("b.sh"), vec![0; 10_240]].concat()),
        // Nothing but the missing mark tells that there was more.
        ("cut.tar", &of("c.sh")),
        ("zeros.tar", &[whole, vec![0; 2 << 20]].concat()),
    ]);
    let told = run(folder.path(), &["check", "--format", "json"]);
    let mut found = told.findings();
    found.sort();
    let line = |path: &str| format!("{path}:1 credential-in-query");
    let wanted = ["cut.tar!c.sh", "joined.tar!a.sh", "joined.tar!b.sh", "zeros.tar!a.sh"].map(line);
    assert_eq!(found, wanted);
    let json = told.json();
    let notices: Vec<&str> =
        json["notices"].as_array().unwrap().iter().map(|n| n["path"].as_str().unwrap()).collect();
    assert_eq!(notices, ["cut.tar", "zeros.tar"], "{}", told.out);
}

#[test]
fn a_named_archive_of_binary_members_is_not_silent() {
    let png = b"\x89PNG\x00\x00\x01\x00\x00\x00".as_slice();
    let folder = folder(&[
        ("a.zip", &zip(&[("x.png", png), ("y.png", png)])),
        ("b.zip", &zip(&[("x.png", png), ("y.txt", b"x\n")])),
    ]);
    let said = run(folder.path(), &["check", "--format", "json", "a.zip", "b.zip"]);
    assert_eq!(said.notices(), ["skipped"], "{}", said.out);
    let notice = &said.json()["notices"][0];
    assert_eq!(notice["path"], "a.zip");
    assert_eq!(notice["message"], "holds nothing but binary members and was not searched");
    assert!(run(folder.path(), &["check", "--format", "json"]).notices().is_empty());
}
