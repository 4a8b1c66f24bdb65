//! Bad input: nothing panics, nothing hangs, nothing is skipped without a word.

use std::io::Read;

use super::support::{folder, run, run_with, token};

fn leak(seed: &str) -> String {
    format!("https://h.example.com/?access_token={}", token(seed))
}

#[test]
fn a_secret_at_the_end_of_a_line_without_end_is_found() {
    // The full size, a gigabyte, is run by a script; memory is bounded by the window in either case.
    let mut text = vec![b'x'; 64 << 20];
    text.extend_from_slice(format!(" {}", leak("long")).as_bytes());
    let folder = folder(&[]);
    let run = run_with(folder.path(), &["check", "-", "--format", "json"], &text);
    assert_eq!(run.findings(), ["stdin:1 credential-in-query"]);
    let json = run.json();
    assert_eq!(json["stats"]["bytes"], text.len());
    let column = json["findings"][0]["start"]["column"].as_u64().unwrap();
    assert_eq!(column, text.len() as u64 - 40 + 1);
}

#[test]
fn an_address_on_the_edge_of_two_windows_is_told_once() {
    // Windows are 4 MiB; wherever the edge cuts the address, both of its credentials are found once.
    let url =
        format!("https://h.example.com/?access_token={}&api_key={}&x=1\n", token("a"), token("b"));
    for back in (5..url.len()).step_by(9) {
        let mut text = "y".repeat((4 << 20) - back - 1);
        text.push('\n');
        text += &url;
        text += &"z\n".repeat(100_000);
        let folder = folder(&[("a.txt", text.as_bytes())]);
        let run = run(folder.path(), &["check", "--format", "json", "a.txt"]);
        assert_eq!(
            run.findings(),
            ["a.txt:2 credential-in-query"; 2],
            "{back} bytes before the edge"
        );
    }
}

#[test]
fn encodings_are_read_and_positions_count_characters() {
    let text = format!("# größe\nurl = \"{}\"\n", leak("enc"));
    let utf16 = |swap: bool, mark: bool| -> Vec<u8> {
        let units = text.encode_utf16();
        let units: Vec<u16> =
            if mark { std::iter::once(0xFEFF).chain(units).collect() } else { units.collect() };
        units.iter().flat_map(|u| if swap { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
    };
    let latin: Vec<u8> = text.chars().map(|c| c as u8).collect();
    let mut bom = b"\xef\xbb\xbf".to_vec();
    bom.extend_from_slice(text.as_bytes());
    let variants = [
        text.clone().into_bytes(),
        bom,
        utf16(false, true),
        utf16(true, true),
        utf16(false, false),
        latin,
    ];
    for (index, bytes) in variants.iter().enumerate() {
        let folder = folder(&[("a.toml", bytes)]);
        let json = run(folder.path(), &["check", "--format", "json", "a.toml"]).json();
        let f = &json["findings"][0];
        assert_eq!(
            (f["start"]["line"].as_u64(), f["start"]["column"].as_u64()),
            (Some(2), Some(44)),
            "variant {index}"
        );
        assert_eq!(f["end"]["column"].as_u64(), Some(84), "variant {index}");
    }
}

#[test]
fn broken_utf8_is_read_as_latin1() {
    let mut bytes = b"\xff\xfb\xe9 ".to_vec();
    bytes.extend_from_slice(leak("latin").as_bytes());
    let folder = folder(&[("a.txt", &bytes)]);
    let json = run(folder.path(), &["check", "--format", "json", "a.txt"]).json();
    assert_eq!(json["findings"][0]["start"]["column"], 5 + 36);
}

#[test]
fn a_binary_is_counted_and_named_when_it_was_named() {
    let folder =
        folder(&[("a.bin", b"\x7fELF\x00\x01\x02\x03\x00\x00\x00\xff\x00\x01"), ("b.txt", b"x\n")]);
    let whole = run(folder.path(), &["check", "--format", "json"]);
    assert_eq!((whole.code, whole.json()["stats"]["skipped"].as_u64()), (0, Some(1)));
    let named = run(folder.path(), &["check", "--format", "json", "a.bin"]);
    assert_eq!((named.code, named.notices()), (3, vec!["skipped".to_owned()]));
}

#[cfg(unix)]
#[test]
fn pipes_loops_and_forbidden_files_do_not_stop_the_run() {
    let folder = folder(&[("a.txt", leak("unix").as_bytes()), ("sub/b.txt", b"x\n")]);
    let path = folder.path();
    std::os::unix::fs::symlink(path, path.join("sub/loop")).unwrap();
    std::os::unix::fs::symlink("self", path.join("self")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(path.join("pipe")).status().unwrap();
    assert!(made.success());
    let whole = run(path, &["check", "--format", "json"]);
    assert_eq!((whole.findings().len(), whole.notices()), (1, vec!["skipped".to_owned()]));
    assert_eq!(run(path, &["check", "--format", "json", "pipe"]).notices(), ["skipped"]);
    let looped = run(path, &["check", "self"]);
    assert_eq!(looped.code, 4, "{}", looped.out);
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_is_a_notice_and_exit_4() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder(&[("secret.txt", b"x\n"), ("b.txt", b"y\n")]);
    let file = folder.path().join("secret.txt");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o000)).unwrap();
    // Root reads everything: there is nothing to see then.
    if std::fs::File::open(&file).is_ok_and(|mut f| f.read(&mut [0]).is_ok()) {
        return;
    }
    let run = run(folder.path(), &["check", "--format", "json"]);
    assert_eq!((run.code, run.notices()), (4, vec!["unreadable".to_owned()]));
}

#[cfg(unix)]
#[test]
fn hostile_names_do_not_drive_the_terminal() {
    use std::os::unix::ffi::OsStrExt;
    let folder = folder(&[]);
    for name in [
        b"a\n::error::x.txt".as_slice(),
        b"b\x1b[2Jc.txt",
        b"c\xff\xfe.txt",
        "d\u{202e}txt.exe".as_bytes(),
    ] {
        std::fs::write(folder.path().join(std::ffi::OsStr::from_bytes(name)), leak("name"))
            .unwrap();
    }
    for format in ["full", "concise", "json"] {
        let run = run(folder.path(), &["check", "--format", format]);
        assert!(
            run.code == 1 && !run.out.contains('\x1b') && !run.out.contains('\u{202e}')
                || format == "json",
            "{}",
            run.out
        );
        assert!(!run.out.lines().any(|l| l.starts_with("::")), "{}", run.out);
    }
}

#[test]
fn a_workspace_too_large_to_decode_says_so() {
    let mut text = format!("#! <WORKSPACE>\nURL {}\n", leak("large")).into_bytes();
    text.resize((64 << 20) + (128 << 10), b'x');
    let folder = folder(&[("w.fmw", &text)]);
    let run = run(folder.path(), &["check", "--format", "json"]);
    assert_eq!(run.findings(), ["w.fmw:2 credential-in-query"]);
    assert_eq!((run.code, run.notices()), (1, vec!["limit".to_owned()]));
}

#[test]
fn a_workspace_is_read_as_far_as_it_goes() {
    let t = token("cut");
    let long = "x".repeat(26_000);
    let cases = [
        format!(
            "#! <WORKSPACE\n#! A=\"1\"\n#! >\n#! <TRANSFORMER IDENTIFIER=\"2\" TYPE=\"HTTPCaller\">\n#! <XFORM_PARM PARM_NAME=\"TARGET_URL\" PARM_VALUE=\"https:&lt;solidus&gt;&lt;solidus&gt;h.example.com?fmetoken={t}"
        ),
        format!(
            "#! <WORKSPACE>\n#! <A><B></A>\n#! <TRANSFORMER TYPE=\"X\"><XFORM_PARM PARM_NAME=\"U\" PARM_VALUE=\"{long}?fmetoken={t}&lt;quote&gt;\"/>\n"
        ),
        format!("FACTORY_DEF {{*}} X URL \"https:<solidus><nosuchname>h?fmetoken={t}<quote>\"\n"),
    ];
    for (index, text) in cases.iter().enumerate() {
        let folder = folder(&[("w.fmw", text.as_bytes())]);
        let json = run(folder.path(), &["check", "--format", "json"]).json();
        let f = &json["findings"][0];
        assert_eq!(f["credential"], "fme-api-token", "case {index}: {json}");
        let width = f["end"]["column"].as_u64().unwrap() - f["start"]["column"].as_u64().unwrap();
        assert_eq!(width, 40, "case {index}");
    }
    let scrambled = folder(&[("p.fmw", &[7, 1, 2, 3, 200, 5, 0, 9, 1, 1, 30, 31][..])]);
    let run = run(scrambled.path(), &["check", "--format", "json"]);
    assert_eq!((run.code, run.notices()), (4, vec!["undecoded".to_owned()]));
}

/// What makes every anchor look around must not make it look far: the work on a text grows with its
/// length, whatever stands in it. Counted in steps of the processor this would be exact; here a
/// generous limit tells minutes from moments.
#[test]
fn repeated_pieces_do_not_multiply_the_work() {
    let pieces = [
        ("a.txt", "};token="),
        ("a.txt", "a://b:c@d"),
        ("a.txt", "token="),
        ("a.txt", "# authward: ignore[x] "),
        ("a.conf", "log_format "),
        ("a.fmw", "HEADERS { "),
        ("a.js", "x.append(\"token\", "),
        ("a.txt", "https://h/?token="),
        ("a.xml", "<token>"),
        ("a.yaml", "token:\n"),
        ("a.yml", "token=${"),
        ("a.yml", "token={{"),
        ("secret.yaml", "data: {"),
        ("secret.yaml", "stringData: {a: \""),
    ];
    for (name, piece) in pieces {
        let mut text = piece.repeat(60_000 / piece.len());
        if name == "secret.yaml" {
            text.insert_str(0, "kind: Secret\n");
        }
        let folder = folder(&[(name, text.as_bytes())]);
        let mut child = super::support::command(folder.path(), &["check", "-q", name])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let mut ended = false;
        for _ in 0..600 {
            if child.try_wait().unwrap().is_some() {
                ended = true;
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        let _ = child.kill();
        assert!(ended, "{piece:?} in {name} did not end");
    }
}

#[test]
fn a_thousand_findings_of_one_file_are_told_and_the_rest_is_counted() {
    let leak = format!("https://h.example.com/?access_token={}", token("cap"));
    let mut text = "curl \"https://h.example.com/?token=${X}\"\n".repeat(1500);
    text += &format!("curl '{leak}'\n");
    let folder = folder(&[("a.sh", text.as_bytes()), ("b.sh", b"# nothing\n")]);
    let json = ["check", "--format", "json"];
    let told = run(folder.path(), &json);
    let findings = told.findings();
    assert_eq!((told.code, findings.len()), (1, 1000));
    // The gravest is the last of the file, and stays.
    assert_eq!(findings.last().unwrap(), "a.sh:1501 credential-in-query");
    assert_eq!(told.notices(), ["limit"]);
    let notice = told.json()["notices"][0]["message"].as_str().unwrap().to_owned();
    assert!(notice.starts_with("has 501 more findings; the gravest 1000 are told"), "{notice}");
    // What was left out makes the run incomplete; what was not asked for is not missed.
    let lint = "credential-variable-in-query";
    assert_eq!(run(folder.path(), &[&json[..], &["--select", lint]].concat()).code, 4);
    let asked = run(folder.path(), &[&json[..], &["--ignore", lint]].concat());
    assert_eq!((asked.findings().len(), asked.notices().len()), (1, 0));
}
