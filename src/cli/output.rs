//! Standard output and standard error: the one place that prints.

use std::io::{self, IsTerminal, Write};

use anyhow::{Context, Result};

use super::args::When;
use crate::report::sanitize;
use crate::secret::Secret;
use crate::shape::looks_random;
use crate::veil::Veil;

/// The reader of standard output has seen enough: that is success.
#[derive(Debug, thiserror::Error)]
#[error("the reader has gone")]
pub(super) struct Enough;

/// Prints to standard output. What was not written must not look like a success.
pub(super) fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Enough.into()),
        result => result.context("cannot write to standard output"),
    }
}

/// Prints lines that were written by someone else, such as a rule: nothing in them may drive the
/// terminal.
pub(super) fn print_harmless(text: &str) -> Result<()> {
    let lines = text.split_inclusive('\n').map(|line| match line.strip_suffix('\n') {
        Some(line) => sanitize::line(line) + "\n",
        None => sanitize::line(line),
    });
    print(&lines.collect::<String>())
}

/// Says what went wrong, with its causes.
pub(super) fn error(error: &anyhow::Error) {
    let mut text = String::from("error: ");
    for (index, cause) in error.chain().enumerate() {
        if index > 0 {
            text += ": ";
        }
        text += &cause.to_string();
    }
    let text = typed_veil().cover(&text);
    let _ = writeln!(io::stderr().lock(), "{}", sanitize::line(&text));
}

/// Says what is wrong with the arguments, without repeating a credential that was typed there.
pub(super) fn usage(error: &clap::Error) {
    let veil = typed_veil();
    if veil.is_empty() {
        let _ = error.print();
    } else {
        let plain = error.render().to_string();
        let _ = write!(io::stderr().lock(), "{}", veil.cover(&plain));
    }
}

/// From this length on a piece of an argument that looks drawn at random may be a credential, in
/// characters.
const TYPED_MIN: usize = 10;

/// Pieces of the command line that may be credentials: what is typed in the wrong place must not be
/// repeated in an error.
pub(super) fn typed_secrets() -> Vec<Secret> {
    let separators = |c: char| " =&?#/:@,;'\"\\|<>()[]{}".contains(c);
    std::env::args_os()
        .skip(1)
        .flat_map(|argument| {
            let text = argument.to_string_lossy().into_owned();
            text.split(separators).map(str::to_owned).collect::<Vec<_>>()
        })
        .filter(|piece| piece.len() >= TYPED_MIN && looks_random(piece.as_bytes(), TYPED_MIN))
        .map(|piece| Secret::new(piece.trim_start_matches('-').as_bytes()))
        .collect()
}

/// Hides them.
pub(super) fn typed_veil() -> Veil {
    Veil::over(typed_secrets().iter())
}

/// Whether standard output may be coloured.
#[expect(clippy::disallowed_methods, reason = "this is the door of the environment")]
pub(super) fn color(when: When) -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto if set("NO_COLOR") => false,
        When::Auto if set("CLICOLOR_FORCE") || set("FORCE_COLOR") => {
            std::env::var("CLICOLOR_FORCE").map_or(true, |v| v != "0")
        }
        When::Auto => {
            io::stdout().is_terminal()
                && std::env::var("TERM").map_or(true, |t| t != "dumb")
                && std::env::var("CLICOLOR").map_or(true, |v| v != "0")
        }
    }
}

/// A variable of the environment, if it is set to something.
#[expect(clippy::disallowed_methods, reason = "this is the door of the environment")]
pub(super) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
