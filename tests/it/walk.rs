//! Which files are read: pipes, links, odd names, and the same file on several ways.

use super::support::{folder, run, token};

fn leak(seed: &str) -> String {
    format!("https://h.example.com/?access_token={}", token(seed))
}

/// Runs the program, and ends it when it hangs.
#[cfg(unix)]
fn run_or_hang(path: &std::path::Path, args: &[&str]) -> (i32, String) {
    let mut child = super::support::command(path, args)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let start = std::time::Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed().as_secs() > 20 {
            child.kill().unwrap();
            panic!("{args:?} hangs");
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let output = child.wait_with_output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap_or(-1), String::from_utf8(text).unwrap())
}

#[cfg(unix)]
fn fifo(path: &std::path::Path) {
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_an_ignore_file_a_config_or_a_rule_does_not_hang() {
    let leak = leak("fifo");
    for name in [".gitignore", ".ignore", "sub/.gitignore", ".git/info/exclude"] {
        let folder = folder(&[
            ("a.txt", leak.as_bytes()),
            ("sub/b.txt", leak.as_bytes()),
            (".git/info/x", b""),
        ]);
        fifo(&folder.path().join(name));
        for from in [".", "sub"] {
            let (code, said) = run_or_hang(&folder.path().join(from), &["check"]);
            assert_eq!(code, 1, "{name}: {said}");
            let above = from == "sub" && !name.starts_with("sub/");
            let wanted = if above { name } else { name.trim_start_matches("sub/") };
            assert!(said.contains(wanted) && said.contains("not honoured"), "{name}: {said}");
        }
        let whole = run(folder.path(), &["check", "--format", "json"]);
        assert_eq!((whole.findings().len(), whole.notices()), (2, vec!["skipped".to_owned()]));
    }
    let folder = folder(&[
        ("a.txt", b"x\n"),
        ("authward.yaml", b"rules: [r]\n"),
        ("r/credentials/.keep", b""),
    ]);
    fifo(&folder.path().join("r/credentials/a.yaml"));
    fifo(&folder.path().join("c.yaml"));
    for args in
        [["check", "--format", "full"], ["rules", "test", "jwt"], ["check", "--config", "c.yaml"]]
    {
        let (code, said) = run_or_hang(folder.path(), &args);
        assert!(code == 2 && said.contains("it is no regular file"), "{said}");
    }
}

#[cfg(unix)]
#[test]
fn each_file_is_read_once_whatever_ways_lead_to_it() {
    use std::os::unix::fs::symlink;
    let folder = folder(&[("a.txt", leak("once").as_bytes()), ("sub/b.txt", b"x\n")]);
    let path = folder.path();
    symlink("a.txt", path.join("link.txt")).unwrap();
    let outside = super::support::folder(&[]);
    let root = outside.path().join("root");
    symlink(path, &root).unwrap();
    let (absolute, linked) = (path.to_str().unwrap(), root.to_str().unwrap());
    for args in [
        &["a.txt", "./a.txt", "sub/../a.txt", "."][..],
        &[".", "sub", "sub/b.txt", ".//a.txt"],
        &[".", absolute],
        &["link.txt", ".", linked],
        &[linked],
    ] {
        let args = [&["check", "--format", "json"], args].concat();
        let json = run(path, &args).json();
        assert_eq!(json["stats"]["files"], 2, "{args:?}");
        assert_eq!(json["stats"]["skipped"], 0, "{args:?}: {json}");
        assert_eq!(json["findings"].as_array().unwrap().len(), 1, "{args:?}");
    }
    let absolute = run(path, &["check", "--format", "json", absolute]);
    assert_eq!(absolute.findings(), ["a.txt:1 credential-in-query"]);
}

#[cfg(unix)]
#[test]
fn links_are_counted_and_environment_files_are_followed() {
    use std::os::unix::fs::symlink;
    let secrets = folder(&[(".env", leak("link").as_bytes()), ("other.txt", b"x\n")]);
    let folder = folder(&[("a.txt", b"x\n"), (".gitignore", b".env*\n"), ("sub/b.txt", b"y\n")]);
    let path = folder.path();
    symlink(secrets.path().join(".env"), path.join(".env")).unwrap();
    symlink(secrets.path().join(".env"), path.join(".env.same")).unwrap();
    symlink(secrets.path().join("other.txt"), path.join("outside.txt")).unwrap();
    symlink(secrets.path(), path.join("folder")).unwrap();
    symlink("..", path.join("sub/up")).unwrap();
    symlink("nowhere", path.join("broken")).unwrap();
    symlink("self", path.join("self")).unwrap();
    symlink("sub/b.txt", path.join("inside.txt")).unwrap();
    symlink("/dev/zero", path.join(".env.zero")).unwrap();
    let run = run(path, &["check", "--format", "json"]);
    assert_eq!(run.findings(), [".env:1 credential-in-query"], "{}", run.out);
    let stats = &run.json()["stats"];
    assert_eq!((run.code, &stats["files"]), (1, &4.into()), "{stats}");
    assert_eq!(stats["reasons"]["links"], 6, "{stats}");
}

#[cfg(unix)]
#[test]
fn the_summary_says_why_files_were_not_searched() {
    let folder = folder(&[
        ("a.txt", b"x\n"),
        ("b.png", b"\x89PNG\x00\x01\x00\x00\x00"),
        ("vendor/.env", b"x\n"),
        ("authward.yaml", b"exclude: ['vendor/**']\n"),
    ]);
    std::os::unix::fs::symlink("vendor", folder.path().join("link")).unwrap();
    fifo(&folder.path().join("pipe"));
    let full = run(folder.path(), &["check"]);
    let wanted = "4 files not searched (1 binary, 1 excluded by the config, 1 symbolic link, 1 no regular file)";
    assert!(full.code == 0 && full.out.contains(wanted), "{}", full.out);
    let stats = run(folder.path(), &["check", "--format", "json"]).json()["stats"].clone();
    assert_eq!((&stats["skipped"], &stats["files"]), (&4.into(), &2.into()), "{stats}");
    // A path named on the command line is read although the config excludes it.
    let named = run(folder.path(), &["check", "--format", "json", ".", "vendor/.env"]).json();
    assert_eq!(named["stats"]["reasons"]["excluded"], 0, "{named}");
}

#[test]
fn what_ignore_files_leave_out_is_counted() {
    let folder = folder(&[
        (".gitignore", b"build/\n*.tmp\n.env\n"),
        (".env", b"x\n"),
        ("a.txt", b"x\n"),
        ("a.tmp", b"x\n"),
        ("sub/b.txt", b"x\n"),
        ("sub/b.tmp", b"x\n"),
        ("sub/c.tmp", b"x\n"),
        ("sub/deep/.gitignore", b"d.txt\n"),
        ("sub/deep/d.txt", b"x\n"),
        ("build/one/two.txt", b"x\n"),
        ("build/three.txt", b"x\n"),
        (".git/config", b"x\n"),
    ]);
    let full = run(folder.path(), &["check"]);
    let wanted =
        "4 files and 1 folder not searched (4 files and 1 folder left out by ignore files)";
    assert!(full.code == 0 && full.out.contains(wanted), "{}", full.out);
    let counts = |args: &[&str]| {
        let stats = run(folder.path(), &[&["check", "--format", "json"], args].concat()).json();
        let number = |pointer: &str| stats["stats"].pointer(pointer).unwrap().as_u64().unwrap();
        [
            number("/files"),
            number("/skipped"),
            number("/reasons/ignored"),
            number("/reasons/ignored_folders"),
        ]
    };
    assert_eq!(counts(&[]), [5, 5, 4, 1]);
    // Another way to the same folder counts nothing twice; what is named is read.
    assert_eq!(counts(&[".", "sub"]), [5, 5, 4, 1]);
    assert_eq!(counts(&[".", "a.tmp"]), [6, 4, 3, 1]);
    assert_eq!(counts(&["sub"]), [2, 3, 3, 0]);
    assert_eq!(counts(&["--no-ignore"]), [11, 0, 0, 0]);
}

#[cfg(unix)]
#[test]
fn names_that_are_no_text_are_told_apart() {
    use std::os::unix::ffi::OsStrExt;
    let folder = folder(&[]);
    for name in [b"a\xff.txt", b"a\xfe.txt"] {
        let path = folder.path().join(std::ffi::OsStr::from_bytes(name));
        std::fs::write(path, leak("bytes")).unwrap();
    }
    assert_eq!(
        run(folder.path(), &["check", "--format", "json"]).findings(),
        ["a\\xfe.txt:1 credential-in-query", "a\\xff.txt:1 credential-in-query"]
    );
}
