//! Rules that a user writes: a wrong one is refused with a place inside the file, a right one can be
//! used, and neither brings the program down.

#![no_main]

use std::path::PathBuf;

use authward::artifact::{Artifact, Window};
use authward::rule::RuleBook;
use authward::rule::load::{self, Kind};
use authward_fuzz::{findings_inside, scanner};
use libfuzzer_sys::fuzz_target;

/// Something for an accepted rule to look at.
const SAMPLE: &[u8] = b"curl -H 'X-Api-Key: 0a1b2c3d4e5f60718293a4b5c6d7e8f9a0b1c2d3' \
https://h.example/a;m=1?token=0a1b2c3d4e5f60718293a4b5c6d7e8f9a0b1c2d3&fmetoken=${T}#k=v\n\
password = \"Correct7Horse\"\n";

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // The file must have the name of the rule's id; then what comes behind that check is reached.
    let id = text.lines().find_map(|l| l.strip_prefix("id: ")).unwrap_or("x").trim();
    let file = PathBuf::from(format!("rules/{id}.yaml"));
    for (kind, _) in Kind::FOLDERS {
        match load::add(&mut RuleBook::default(), kind, &file, text) {
            Err(error) => {
                // YAML breaks lines at a lone carriage return too.
                let lines =
                    text.matches(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).count() + 2;
                assert!(error.line >= 1 && error.line <= lines, "{error} in {lines} lines");
                assert!(error.column >= 1 && !error.message.is_empty(), "{error}");
            }
            Ok(()) => {
                let mut book = load::builtin().expect("the built-in rules load");
                assert!(load::add(&mut book, kind, &file, text).is_ok());
                book.index();
                let window = Window::whole(SAMPLE);
                let found = scanner(&book).scan(&Artifact::file("a.sh"), &window);
                findings_inside(&found.findings, SAMPLE);
            }
        }
    }
});
