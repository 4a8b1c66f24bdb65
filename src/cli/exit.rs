//! Exit codes: the same for every format.

use std::process::ExitCode;

use crate::finding::{Report, Severity};

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Nothing at or above `--fail-on`.
    Clean,
    /// Findings.
    Findings,
    /// Wrong usage, config or rule file.
    Usage,
    /// Nothing was searched.
    Nothing,
    /// Something could not be read.
    Incomplete,
    /// A refused call could not be explained.
    Inconclusive,
}

impl Exit {
    /// The code for the system.
    pub fn code(self) -> u8 {
        match self {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Usage => 2,
            Exit::Nothing => 3,
            Exit::Incomplete => 4,
            Exit::Inconclusive => 5,
        }
    }

    /// What a report comes to: findings before gaps, gaps before emptiness.
    pub fn of(
        report: &Report,
        fail_on: Option<Severity>,
        exit_zero: bool,
        allow_empty: bool,
    ) -> Self {
        let fails = fail_on.is_some_and(|at_least| {
            report.findings.iter().any(|f| f.suppressed.is_none() && f.severity >= at_least)
        });
        if fails && !exit_zero {
            Exit::Findings
        } else if report.notices.iter().any(|n| n.kind.is_incomplete()) {
            Exit::Incomplete
        } else if report.stats.files == 0 && !allow_empty {
            Exit::Nothing
        } else {
            Exit::Clean
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}
