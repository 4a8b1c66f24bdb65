//! Runs the program as its user would, with an environment that says nothing.

pub mod server;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The moment at which fixtures are judged.
pub const AT: &str = "2026-11-24T00:00:00Z";

/// What a run gave.
pub struct Run {
    /// Exit code; -1 when it was killed.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Run {
    /// Standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}{}", self.out, self.err))
    }

    /// `path:line lint` of every finding.
    pub fn findings(&self) -> Vec<String> {
        let json = self.json();
        let list = json["findings"].as_array().unwrap().clone();
        list.iter()
            .map(|f| {
                format!(
                    "{}:{} {}",
                    f["path"].as_str().unwrap(),
                    f["start"]["line"],
                    f["lint"].as_str().unwrap()
                )
            })
            .collect()
    }

    /// Kinds of the notices.
    pub fn notices(&self) -> Vec<String> {
        let json = self.json();
        let list = json["notices"].as_array().unwrap().clone();
        list.iter().map(|n| n["kind"].as_str().unwrap().to_owned()).collect()
    }
}

/// The root of the project.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The program in `folder`.
pub fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_authward"));
    command
        .args(args)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// Runs the program in `folder`.
pub fn run(folder: &Path, args: &[&str]) -> Run {
    finish(command(folder, args).stdin(Stdio::null()).output().unwrap())
}

/// Runs the program in `folder` with bytes on standard input.
pub fn run_with(folder: &Path, args: &[&str], stdin: &[u8]) -> Run {
    let mut child = command(folder, args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let bytes = stdin.to_vec();
    let writer = std::thread::spawn(move || {
        // The program may end before it has read everything.
        let _ = pipe.write_all(&bytes);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    finish(output)
}

fn finish(output: std::process::Output) -> Run {
    Run {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A folder with files in it, gone at the end of the test.
pub fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    folder
}

/// An invented 40-hex token, the same for the same seed.
pub fn token(seed: &str) -> String {
    authward::selftest::expand("${hex:40}", seed)
}

/// Every file under `folder`, sorted, with `/`.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { out.push(path) }
        }
    }
    out.sort();
    out
}
