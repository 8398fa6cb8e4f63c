//! Exit codes: the same in every format.

pub mod fault;

use crate::cli::options::Gate;
use crate::model::Finding;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Complete, and nothing at or above the threshold.
    Fine,
    /// Findings at or above the threshold.
    Findings,
    /// Could not scan: usage, configuration, credentials.
    Unable,
    /// Something that the chosen rules need was not seen.
    Incomplete,
    /// Stopped by Ctrl-C.
    #[cfg(feature = "aws")]
    Interrupted,
    /// Stopped by SIGTERM.
    #[cfg(feature = "aws")]
    Terminated,
}

impl Exit {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Exit::Fine => 0,
            Exit::Findings => 1,
            Exit::Unable => 2,
            Exit::Incomplete => 3,
            #[cfg(feature = "aws")]
            Exit::Interrupted => 130,
            #[cfg(feature = "aws")]
            Exit::Terminated => 143,
        }
    }

    /// How a finished scan ends: `new` are the findings that are neither suppressed nor in the
    /// baseline.
    pub fn of<'a>(
        gate: &Gate,
        mut new: impl Iterator<Item = &'a Finding>,
        complete: bool,
        stopped: Option<Exit>,
    ) -> Exit {
        let fails = gate.fails();
        let counts = |finding: &Finding| fails.passes_over(finding).is_none();
        match (stopped, gate.exit_zero) {
            (Some(stopped), _) => stopped,
            (None, true) => Exit::Fine,
            (None, false) if new.any(counts) => Exit::Findings,
            (None, false) if !complete && fails.incomplete => Exit::Incomplete,
            (None, false) => Exit::Fine,
        }
    }
}
