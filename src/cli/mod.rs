//! The command line: typed arguments, one file a verb, exit codes. The only floor that prints, reads
//! the environment and ends the program.

mod args;
mod check;
mod exit;
mod explain;
mod output;
#[cfg(feature = "replay")]
mod probing;
mod replay;
mod rules;
mod token;
mod visit;

use std::panic::AssertUnwindSafe;

use clap::Parser;

pub use exit::Exit;

/// Parses the arguments and runs the verb.
pub fn run() -> Exit {
    let args = match args::Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version are answers, not mistakes; a broken pipe is success.
            if error.use_stderr() {
                output::usage(&error);
                return Exit::Usage;
            }
            let _ = error.print();
            return Exit::Clean;
        }
    };
    let result = std::panic::catch_unwind(AssertUnwindSafe(|| match args.verb {
        None => check::run(&args.check),
        Some(args::Verb::Check(check)) => check::run(&check),
        Some(args::Verb::Replay(replay)) => replay::run(&replay),
        Some(args::Verb::Token(token)) => token::run(&token),
        Some(args::Verb::Explain(explain)) => explain::run(&explain),
        Some(args::Verb::Rules(rules)) => rules::run(&rules),
    }));
    let Ok(result) = result else {
        // A fault inside one file is a notice; this is one around all of them.
        let place = crate::panic::take_place();
        output::error(&anyhow::anyhow!(
            "authward failed inside{place}, and nothing of this run counts; please report it"
        ));
        return Exit::Incomplete;
    };
    result.unwrap_or_else(|error| {
        if error.is::<output::Enough>() {
            return Exit::Clean;
        }
        output::error(&error);
        Exit::Usage
    })
}
