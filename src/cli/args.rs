//! Arguments as typed. What they mean is worked out by the verbs.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use crate::finding::Severity;
use crate::time::Instant;

/// Finds credentials where they leak or die, and says why a call was refused.
#[derive(Debug, Parser)]
#[command(name = "authward", version, args_conflicts_with_subcommands = true, after_help = EXIT_HELP)]
pub(super) struct Args {
    /// What to do; without a verb, `check .`
    #[command(subcommand)]
    pub verb: Option<Verb>,
    /// Options of `check`.
    #[command(flatten)]
    pub check: Check,
}

const EXIT_HELP: &str = "Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 wrong usage, config or rule, \
3 nothing was searched, 4 something could not be read.";

/// The verbs.
#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Lint files, folders, archives or standard input (-)
    Check(Check),
    /// Say why recorded calls were refused
    Replay(Replay),
    /// Say what a token is: its kind, its life, its claims, how to send it
    Token(Token),
    /// Say in plain words what a lint, a credential kind, a service or a status code is
    Explain(Explain),
    /// The rule book: list, show, test, new
    Rules(Rules),
}

/// `authward check`
#[derive(Debug, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct Check {
    /// Files, folders, archives (.fmwt .fpkg .fsproject .fsconfig .zip .gz .tar), or - for standard input
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// What standard input is called, so that it is read like a file of that name
    #[arg(long, value_name = "NAME", default_value = "stdin")]
    pub stdin_filename: String,
    /// The format of standard output: full, concise or json
    #[arg(long, value_name = "NAME", default_value = "full")]
    pub format: String,
    /// Also write a report to a file; may be given several times
    #[arg(long, value_name = "NAME=FILE")]
    pub output: Vec<String>,
    /// The config; without it, the nearest authward.yaml upwards
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = When::Auto)]
    pub color: When,
    /// The moment of every decision about expiry (RFC 3339); now, if not given
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub at: Option<Instant>,
    /// How many threads read
    #[arg(long, short, value_name = "N")]
    pub jobs: Option<usize>,
    /// Fail at findings of this severity or above
    #[arg(long, value_enum, default_value_t = FailOn::Error)]
    pub fail_on: FailOn,
    /// Exit with 0 where findings would make 1
    #[arg(long)]
    pub exit_zero: bool,
    /// Having nothing to search is no failure
    #[arg(long)]
    pub allow_empty: bool,
    /// Read what .gitignore leaves out
    #[arg(long)]
    pub no_ignore: bool,
    /// Only these lints (comma-separated)
    #[arg(long, value_name = "IDS", value_delimiter = ',', value_parser = id)]
    pub select: Vec<String>,
    /// Not these lints (comma-separated)
    #[arg(long, value_name = "IDS", value_delimiter = ',', value_parser = id)]
    pub ignore: Vec<String>,
    /// Show findings of low confidence too
    #[arg(long)]
    pub pedantic: bool,
    /// Show every place of one credential, by its fingerprint
    #[arg(long = "where", value_name = "FINGERPRINT")]
    pub where_is: Option<String>,
    /// Say less
    #[arg(long, short)]
    pub quiet: bool,
    /// Say more
    #[arg(long, short, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// `authward replay`
#[derive(Debug, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct Replay {
    /// Recorded calls: a HAR (x.har, or x.har:12 for one entry), what curl -v or --trace-ascii said,
    /// a script with curl commands, a .http file, a Postman collection with saved answers, an access
    /// log or FME job log (x.log:88213 for one line), a folder of these, or - for standard input; or
    /// the call itself: 'curl …' in quotes, or an address
    #[arg(value_name = "SOURCE", required = true)]
    pub sources: Vec<String>,
    /// Send nothing
    #[arg(long)]
    pub offline: bool,
    /// Show which probes would be sent, and send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Permit calls to this host, exactly; may be given several times
    #[arg(long, value_name = "HOST[:PORT]")]
    pub allow_host: Vec<String>,
    /// Take the credential from this variable of the environment
    #[arg(long, value_name = "NAME")]
    pub env: Option<String>,
    /// Also repeat calls that may change something; asks first
    #[arg(long)]
    pub unsafe_method: bool,
    /// Write down each request that is sent, as JSON lines without any secret
    #[arg(long, value_name = "FILE")]
    pub audit: Option<PathBuf>,
    /// The format of standard output: full, json or markdown
    #[arg(long, value_name = "NAME", default_value = "full")]
    pub format: String,
    /// Also write a report to a file; may be given several times
    #[arg(long, value_name = "NAME=FILE")]
    pub output: Vec<String>,
    /// The config; one that merely lies in the folder is not read, it could say what is called
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = When::Auto)]
    pub color: When,
    /// The moment of every decision about expiry (RFC 3339); that of the call, if not given
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub at: Option<Instant>,
    /// Exit with 0 where a refused call would make 1
    #[arg(long)]
    pub exit_zero: bool,
    /// Say less
    #[arg(long, short)]
    pub quiet: bool,
    /// Say more
    #[arg(long, short, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// `authward token`
#[derive(Debug, ClapArgs)]
pub(super) struct Token {
    /// Take it from this variable of the environment; without it, from standard input
    #[arg(long, value_name = "NAME")]
    pub env: Option<String>,
    /// The moment of every decision about expiry (RFC 3339); now, if not given
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub at: Option<Instant>,
    /// The config whose rules are asked too
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `authward explain`
#[derive(Debug, ClapArgs)]
pub(super) struct Explain {
    /// The id of a lint, a credential kind or a service, or a status code
    pub id: String,
    /// The config whose rules are looked at too
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `authward rules`
#[derive(Debug, ClapArgs)]
pub(super) struct Rules {
    /// What to do with them.
    #[command(subcommand)]
    pub verb: RulesVerb,
}

/// The verbs of `authward rules`.
#[derive(Debug, Subcommand)]
pub(super) enum RulesVerb {
    /// Every rule, one a line
    List {
        /// The config whose rules are listed too
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// One rule as it is written
    Show {
        /// Its id
        id: String,
        /// The config whose rules are looked at too
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Run the examples of the built-in rules and of the user's
    Test {
        /// Only rules whose id contains this
        id: Option<String>,
        /// The config whose rules are tested too
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// A folder of rules to test: credentials/, lints/, causes/, services/
        #[arg(long, value_name = "DIR")]
        rules: Vec<PathBuf>,
        /// Also say which clauses no example asks for: taken out, each must make one fail
        #[arg(long)]
        clauses: bool,
    },
    /// Read the rules of gitleaks or betterleaks (TOML) into a folder of your own
    Import {
        /// The rule file
        #[arg(value_name = "FILE.toml")]
        file: PathBuf,
        /// The folder; without it, the first of the config, else authward-rules
        #[arg(long, value_name = "DIR")]
        into: Option<PathBuf>,
        /// The config whose folder is taken
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Print a template for a new rule
    New {
        /// Its kind
        kind: RuleKind,
        /// Its id, kebab-case
        id: String,
    },
}

/// The kinds of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum RuleKind {
    /// What it is, how it travels, how long it lives
    Credential,
    /// When it is a problem
    Lint,
    /// What explains a refused call
    Cause,
    /// What belongs to a vendor
    Service,
}

/// When to do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    /// In a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// From which severity a run fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// At errors
    Error,
    /// At warnings and errors
    Warning,
    /// At anything
    Note,
    /// Not at findings
    Never,
}

impl FailOn {
    /// The severity behind the word.
    pub(super) fn severity(self) -> Option<Severity> {
        match self {
            FailOn::Error => Some(Severity::Error),
            FailOn::Warning => Some(Severity::Warning),
            FailOn::Note => Some(Severity::Note),
            FailOn::Never => None,
        }
    }
}

fn moment(text: &str) -> Result<Instant, String> {
    Instant::parse(text).ok_or_else(|| format!("`{text}` is no moment like 2026-11-23T00:00:00Z"))
}

/// An id of a list: blanks around it do not belong to it.
fn id(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("an id is missing between the commas".to_owned()),
        id => Ok(id.to_owned()),
    }
}
