//! The build script: reads the rule book, refuses a rule that cannot be read, and embeds two forms
//! of it: a compact one which the program loads at every start, and the files themselves, which
//! only `explain`, `rules` and the tests open.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a build script speaks to cargo on standard output, and stops with a message"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[path = "../src/rule/schema/mod.rs"]
#[expect(
    unreachable_pub,
    unused_imports,
    reason = "the types are the library's, which shows and uses them all"
)]
mod schema;

fn main() {
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=src/rule/schema");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let mut compact = schema::Compact::default();
    let mut table = String::from("&[\n");
    for (kind, read) in [
        (
            "credentials",
            &mut (|c: &mut schema::Compact, p: &Path| c.credentials.push(yaml(p))) as Reader<'_>,
        ),
        ("lints", &mut |c, p| c.lints.push(yaml(p))),
        ("causes", &mut |c, p| c.causes.push(yaml(p))),
        ("services", &mut |c, p| c.services.push(yaml(p))),
    ] {
        for path in files(&root.join("rules").join(kind)) {
            let id =
                path.file_stem().and_then(|s| s.to_str()).expect("rule files have UTF-8 names");
            writeln!(
                table,
                "    ({kind:?}, {id:?}, include_str!({:?})),",
                path.display().to_string()
            )
            .expect("a string takes it");
            read(&mut compact, &path);
        }
    }
    let lexicon = root.join("rules/lexicon.yaml");
    compact.lexicon = yaml(&lexicon);
    let statuses = root.join("rules/statuses.yaml");
    let _: Vec<schema::StatusWritten> = yaml(&statuses);
    for (id, path) in [("lexicon", lexicon), ("statuses", statuses)] {
        writeln!(table, "    (\"\", {id:?}, include_str!({:?})),", path.display().to_string())
            .expect("a string takes it");
    }
    table.push(']');
    strip(&mut compact);
    let diagnosis = split(&mut compact);
    let json = serde_json::to_string(&compact).expect("plain data");
    fs::write(out.join("rules.json"), json).expect("OUT_DIR can be written");
    let json = serde_json::to_string(&diagnosis).expect("plain data");
    fs::write(out.join("diagnosis.json"), json).expect("OUT_DIR can be written");
    fs::write(out.join("rules.rs"), table).expect("OUT_DIR can be written");
}

type Reader<'r> = &'r mut dyn FnMut(&mut schema::Compact, &Path);

/// The YAML files of a folder, by name.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "yaml"))
        .collect();
    paths.sort();
    paths
}

fn yaml<T: serde::de::DeserializeOwned>(path: &Path) -> T {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_yaml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Takes out what only refused calls need: a check of a small file must not wait for it.
fn split(compact: &mut schema::Compact) -> schema::Diagnosis {
    let mut diagnosis = schema::Diagnosis::default();
    diagnosis.causes.append(&mut compact.causes);
    for service in &mut compact.services {
        diagnosis.answers.push(std::mem::take(&mut service.diagnosis));
    }
    diagnosis
}

/// Drops what only `explain` needs: it is read from the files.
fn strip(compact: &mut schema::Compact) {
    for lint in &mut compact.lints {
        lint.why.clear();
        lint.references.clear();
    }
    for credential in &mut compact.credentials {
        credential.references.clear();
    }
    for service in &mut compact.services {
        service.references.clear();
    }
    for cause in &mut compact.causes {
        cause.references.clear();
    }
}
