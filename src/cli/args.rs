//! The command line: which commands there are. What each takes stands with the command.

use clap::{Parser, Subcommand, ValueEnum};

use super::catalogue::RulesArgs;
use super::collect::CollectArgs;
use super::diff::DiffArgs;
use super::doctor::DoctorArgs;
use super::explain::ExplainArgs;
use super::options::Common;
use super::permissions::PermissionsArgs;
use super::policy::PolicyArgs;
use super::reach::ReachArgs;
use super::saved::{BaselineArgs, ConvertArgs, MergeArgs};
use super::scan::ScanArgs;

/// Finds what a cloud account exposes to the internet, and proves it.
///
/// Try it without an account: outcrop scan --demo
#[derive(Debug, Parser)]
#[command(name = "outcrop", version, max_term_width = 100, propagate_version = true)]
#[command(after_help = "Exit codes: 0 nothing found, 1 findings at or above the threshold, \
    2 could not scan,\n3 incomplete, 130 or 143 interrupted (a partial report was written).")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Flags of every command.
    #[command(flatten)]
    pub common: Common,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Collect, judge and report: what does this account expose?
    Scan(Box<ScanArgs>),
    /// Only collect: write a snapshot that `scan --from` judges later
    Collect(CollectArgs),
    /// Show which port of what the internet can open, through which chain
    Reach(ReachArgs),
    /// Tell who may do what under a policy
    Policy(PolicyArgs),
    /// List the rules
    Rules(RulesArgs),
    /// Compare two saved runs: what is new, fixed, changed, no longer visible
    Diff(DiffArgs),
    /// Keep a run as what is known, with date and reason, for `scan --baseline`
    Baseline(Box<BaselineArgs>),
    /// Write a saved run in another format
    Convert(ConvertArgs),
    /// Join saved runs to one
    Merge(MergeArgs),
    /// Show a rule's page, or one finding of a saved run
    Explain(ExplainArgs),
    /// Print the read-only IAM policy that the chosen rules need
    Permissions(PermissionsArgs),
    /// Tell who asks, where, and which of the needed calls are refused
    Doctor(DoctorArgs),
    /// Print the JSON Schema of `--format json`, of `diff -f json`, of `doctor -f json`, or of
    /// outcrop.toml
    Schema {
        /// Of what
        #[arg(default_value = "run", value_name = "WHAT")]
        what: SchemaOf,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// What there is a schema of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// A run, as `scan -f json` writes it.
    Run,
    /// The difference of two runs, as `diff -f json` writes it.
    Diff,
    /// What `doctor -f json` writes.
    Doctor,
    /// outcrop.toml.
    Config,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
