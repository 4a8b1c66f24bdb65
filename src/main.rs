//! The program: parse, run, exit.

use std::process::ExitCode;

fn main() -> ExitCode {
    authward::panic::quiet();
    authward::cli::run().into()
}
