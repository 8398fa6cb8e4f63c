//! The command line: what can be asked for. Flags beat environment variables beat the file.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::diff::DiffArgs;
use super::explain::ExplainArgs;
use super::saved::{ConvertArgs, MergeArgs};
use crate::model::Status;
use crate::model::{Category, Severity};
use crate::report::Format;

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

/// Flags of every command.
#[derive(Debug, Args)]
pub struct Common {
    /// Say more on stderr: once for API calls and progress, twice for requests
    #[arg(short, long, global = true, action = clap::ArgAction::Count, env = "OUTCROP_VERBOSE")]
    pub verbose: u8,
    /// Say nothing on stderr but errors
    #[arg(short, long, global = true, conflicts_with = "verbose", env = "OUTCROP_QUIET")]
    pub quiet: bool,
    /// Form of log lines on stderr
    #[arg(long, global = true, value_name = "FORM", default_value = "text")]
    #[arg(env = "OUTCROP_LOG_FORMAT")]
    pub log_format: LogFormat,
    /// When to use colours; `auto` heeds NO_COLOR and FORCE_COLOR
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    #[arg(env = "OUTCROP_COLOR")]
    pub color: When,
    /// Configuration file instead of the one that is found (outcrop.toml here, up to the root of
    /// the repository, or in ~/.config/outcrop)
    #[arg(short, long, global = true, value_name = "FILE", env = "OUTCROP_CONFIG")]
    pub config: Option<PathBuf>,
    /// Read no configuration file
    #[arg(long, global = true, env = "OUTCROP_NO_CONFIG")]
    pub no_config: bool,
}

/// Form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// When to use something that not every terminal takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// Where the terminal takes it.
    Auto,
    /// In any case.
    Always,
    /// Not at all.
    Never,
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

/// Where to look: accounts and regions.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Where to look")]
pub struct Scope {
    /// Profile of the AWS configuration files
    #[arg(short, long, value_name = "NAME", env = "OUTCROP_PROFILE")]
    pub profile: Option<String>,
    /// Role to assume; repeat it for several accounts
    #[arg(long = "role", value_name = "ARN", env = "OUTCROP_ROLE", value_delimiter = ',')]
    pub roles: Vec<String>,
    /// External id for the roles
    #[arg(long, value_name = "ID", env = "OUTCROP_EXTERNAL_ID", requires = "roles")]
    pub external_id: Option<String>,
    /// Regions or globs (`eu-*`); all enabled regions if not given
    #[arg(short = 'r', long = "region", value_name = "REGION", env = "OUTCROP_REGION")]
    #[arg(value_delimiter = ',')]
    pub regions: Vec<String>,
    /// Regions or globs to leave out
    #[arg(long, value_name = "REGION", env = "OUTCROP_EXCLUDE_REGION", value_delimiter = ',')]
    pub exclude_region: Vec<String>,
    /// Where the API is, for emulators and proxies
    #[arg(long, value_name = "URL", env = "OUTCROP_ENDPOINT_URL")]
    pub endpoint_url: Option<String>,
    /// Calls in flight at once
    #[arg(long, value_name = "N", env = "OUTCROP_CONCURRENCY", default_value_t = 64)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub concurrency: u16,
    /// Calls per second at most
    #[arg(long, value_name = "N", env = "OUTCROP_MAX_RPS", value_parser = rate)]
    pub max_rps: Option<f64>,
    /// Longest wait for one call with its retries, for instance 30s or 2m
    #[arg(long, value_name = "TIME", env = "OUTCROP_TIMEOUT", default_value = "120s")]
    #[arg(value_parser = duration)]
    pub timeout: Duration,
    /// Do not show progress
    #[arg(long, env = "OUTCROP_NO_PROGRESS")]
    pub no_progress: bool,
}

/// What to look for.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "What to look for")]
pub struct Selection {
    /// Rules, globs (`s3-*`) or families (`ec2-port-public`)
    #[arg(long = "rule", value_name = "RULE", env = "OUTCROP_RULE", value_delimiter = ',')]
    pub rules: Vec<String>,
    /// Rules, globs or families to leave out
    #[arg(long, value_name = "RULE", env = "OUTCROP_EXCLUDE_RULE", value_delimiter = ',')]
    pub exclude_rule: Vec<String>,
    /// Categories: exposure, sharing, guardrail, hygiene, all
    #[arg(long = "category", value_name = "NAME", env = "OUTCROP_CATEGORY")]
    #[arg(value_delimiter = ',', default_value = "exposure", value_parser = categories())]
    pub categories: Vec<String>,
    /// Also look at the ACLs of up to N objects of each bucket (rule s3-object-public)
    #[arg(long, value_name = "N", env = "OUTCROP_SAMPLE_OBJECTS")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub sample_objects: Option<u16>,
}

/// Objects of a bucket that are looked at when the number is not given.
pub const SAMPLED_OBJECTS: u16 = 100;

impl Selection {
    /// The categories meant by the names.
    pub fn categories(&self) -> Vec<Category> {
        let all = self.categories.iter().any(|name| name == "all");
        let named = |c: &Category| self.categories.iter().any(|name| name == c.as_str());
        Category::ALL.into_iter().filter(|c| all || named(c)).collect()
    }
}

/// What `scan` takes.
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// Judge snapshots or AWS dumps instead of an account; `-` is stdin
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "demo")]
    pub from: Vec<PathBuf>,
    /// Judge an inventory that is built in: no account, no network
    #[arg(long)]
    pub demo: bool,
    /// Where to look
    #[command(flatten)]
    pub scope: Scope,
    /// What to look for
    #[command(flatten)]
    pub selection: Selection,
    /// Also find and show what is shut by a control now
    #[arg(long, env = "OUTCROP_LATENT", help_heading = "What to look for")]
    pub latent: bool,
    /// How to report
    #[command(flatten)]
    pub output: Output,
    /// When to fail
    #[command(flatten)]
    pub gate: Gate,
    /// Earlier JSON run whose findings do not count again
    #[arg(long, value_name = "FILE", env = "OUTCROP_BASELINE", help_heading = "When to fail")]
    pub baseline: Option<PathBuf>,
}

/// How to report.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "How to report")]
pub struct Output {
    /// Format of the report
    #[arg(short, long, value_name = "FORMAT", env = "OUTCROP_FORMAT", default_value = "text")]
    #[arg(value_parser = format())]
    pub format: Format,
    /// File for the report instead of stdout
    #[arg(short, long, value_name = "FILE", env = "OUTCROP_OUTPUT")]
    pub output: Option<PathBuf>,
    /// A further report, for instance sarif=outcrop.sarif; repeatable
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = report)]
    pub reports: Vec<(Format, PathBuf)>,
    /// Show only findings at least this bad (changes nothing but the display)
    #[arg(long, value_name = "SEVERITY", env = "OUTCROP_MIN_SEVERITY", value_parser = severity())]
    pub min_severity: Option<Severity>,
    /// When to write links
    #[arg(long, value_name = "WHEN", default_value = "auto", env = "OUTCROP_HYPERLINKS")]
    pub hyperlinks: When,
}

/// When to fail.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "When to fail")]
pub struct Gate {
    /// Exit with 1 on findings at least this bad: critical, high, medium, low or none
    #[arg(long, value_name = "SEVERITY", env = "OUTCROP_FAIL_ON", default_value = "medium")]
    #[arg(value_parser = threshold())]
    pub fail_on: Threshold,
    /// Statuses that count: exposed, undetermined, latent, weakness
    #[arg(long, value_name = "STATUS", env = "OUTCROP_FAIL_STATUS", default_value = "exposed")]
    #[arg(value_delimiter = ',', value_parser = status())]
    pub fail_status: Vec<Status>,
    /// What an incomplete scan means: fail exits with 3
    #[arg(long, value_name = "MEANS", env = "OUTCROP_INCOMPLETE", default_value = "fail")]
    pub incomplete: Incomplete,
    /// Exit with 0 whatever was found
    #[arg(long, env = "OUTCROP_EXIT_ZERO")]
    pub exit_zero: bool,
}

/// The severity from which findings fail a run; `None` never.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold(pub Option<Severity>);

/// What an incomplete scan means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Incomplete {
    /// Exit with 3.
    Fail,
    /// Only say so.
    Warn,
}

/// What `collect` takes.
#[derive(Debug, Args)]
pub struct CollectArgs {
    /// File for the snapshot (`.json` or `.json.zst`)
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Where to look
    #[command(flatten)]
    pub scope: Scope,
    /// What to look for
    #[command(flatten)]
    pub selection: Selection,
    /// Also collect what only latent findings need
    #[arg(long, env = "OUTCROP_LATENT", help_heading = "What to look for")]
    pub latent: bool,
}

/// What `doctor` takes.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 every call was answered, 2 nobody to ask, 3 some were not.")]
pub struct DoctorArgs {
    /// Form of the answer
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub format: DoctorFormat,
    /// Where to look
    #[command(flatten)]
    pub scope: Scope,
    /// What to look for
    #[command(flatten)]
    pub selection: Selection,
}

/// Form of what `doctor` answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DoctorFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// What `reach` takes.
#[derive(Debug, Args)]
pub struct ReachArgs {
    /// Judge snapshots or AWS dumps instead of an account; `-` is stdin
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub from: Vec<PathBuf>,
    /// Form of the answer
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub format: ReachFormat,
    /// Also show what is shut by a control now
    #[arg(long, env = "OUTCROP_LATENT")]
    pub latent: bool,
    /// Where to look
    #[command(flatten)]
    pub scope: Scope,
}

/// Form of what `reach` answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReachFormat {
    /// For people.
    Text,
    /// One object with all rows, exposed and latent.
    Json,
    /// One object a line for each file or account.
    Jsonl,
}

/// What `policy` takes.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 not public, 1 public, 2 could not read, 3 cannot be decided."
)]
pub struct PolicyArgs {
    /// Policy documents; stdin if not given, or `-`
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Kind of resource, for instance aws.sqs.queue; by the policy's actions if not given
    #[arg(long = "type", value_name = "KIND")]
    pub kind: Option<String>,
    /// ARN of the resource; by the policy's own resources if not given
    #[arg(long, value_name = "ARN")]
    pub arn: Option<String>,
    /// Account that owns it
    #[arg(long, value_name = "ID")]
    pub account: Option<String>,
    /// Organization of that account, for instance o-a1b2c3d4e5
    #[arg(long, value_name = "ID")]
    pub organization: Option<String>,
    /// Accounts that are no outsiders
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub trusted_accounts: Vec<String>,
    /// Form of the answer
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub format: PolicyReport,
    /// Read cases from stdin, one JSON object a line, and answer each with one
    #[arg(long, conflicts_with = "files")]
    pub jsonl: bool,
}

/// Form of what `policy` answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PolicyReport {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// What `rules` takes.
#[derive(Debug, Args)]
pub struct RulesArgs {
    /// Form of the list
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub format: ListFormat,
}

/// Form of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// What `permissions` takes.
#[derive(Debug, Args)]
pub struct PermissionsArgs {
    /// Form of the policy
    #[arg(short, long, value_name = "FORMAT", default_value = "json")]
    pub format: PolicyFormat,
    /// What to look for
    #[command(flatten)]
    pub selection: Selection,
}

/// Form of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PolicyFormat {
    /// An IAM policy document.
    Json,
    /// A Terraform `aws_iam_policy`.
    Terraform,
    /// A CloudFormation template with a managed policy.
    Cloudformation,
}

/// A parser that takes only the words of `all`, so that help and errors name them.
fn words<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    word: fn(T) -> &'static str,
) -> impl clap::builder::TypedValueParser<Value = T> {
    use clap::builder::{PossibleValuesParser, TypedValueParser};
    PossibleValuesParser::new(all.iter().map(|value| word(*value))).map(move |given| {
        *all.iter().find(|value| word(**value) == given).expect("only words of the list pass")
    })
}

/// The formats by name.
pub fn format() -> impl clap::builder::TypedValueParser<Value = Format> {
    words(&Format::ALL, Format::as_str)
}

fn severity() -> impl clap::builder::TypedValueParser<Value = Severity> {
    words(&Severity::ALL, Severity::as_str)
}

fn status() -> impl clap::builder::TypedValueParser<Value = Status> {
    words(&Status::ALL, Status::as_str)
}

fn threshold() -> impl clap::builder::TypedValueParser<Value = Threshold> {
    static ALL: [Threshold; 5] = [
        Threshold(Some(Severity::Critical)),
        Threshold(Some(Severity::High)),
        Threshold(Some(Severity::Medium)),
        Threshold(Some(Severity::Low)),
        Threshold(None),
    ];
    words(&ALL, |threshold| threshold.0.map_or("none", Severity::as_str))
}

fn categories() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(
        Category::ALL.iter().map(|category| category.as_str()).chain(["all"]),
    )
}

fn report(given: &str) -> Result<(Format, PathBuf), String> {
    let (format, path) = given.split_once('=').ok_or("expected FORMAT=FILE")?;
    let format = Format::ALL.iter().find(|f| f.as_str() == format).ok_or_else(|| {
        let known: Vec<_> = Format::ALL.iter().map(|f| f.as_str()).collect();
        format!("unknown format `{format}`; known are {}", known.join(", "))
    })?;
    if path.is_empty() {
        return Err("the file's name is missing after `=`".into());
    }
    Ok((*format, PathBuf::from(path)))
}

fn rate(given: &str) -> Result<f64, String> {
    match given.parse::<f64>() {
        Ok(rate) if rate.is_finite() && rate > 0.0 => Ok(rate),
        _ => Err("expected a number above 0".into()),
    }
}

/// Seconds, or a number with `ms`, `s` or `m`.
fn duration(given: &str) -> Result<Duration, String> {
    let digits = given.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: f64 = digits.parse().map_err(|_| "expected a time such as 30s or 2m")?;
    let unit = match &given[digits.len()..] {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        other => return Err(format!("unknown unit `{other}`; use ms, s or m")),
    };
    match Duration::try_from_secs_f64(number * unit) {
        Ok(duration) if !duration.is_zero() => Ok(duration),
        _ => Err("expected a time above 0".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn durations_have_units() {
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("7"), Ok(Duration::from_secs(7)));
        for wrong in ["", "0s", "-1s", "3h", "x", "1e400"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_further_report_names_format_and_file() {
        assert!(matches!(report("json=a.json"), Ok((Format::Json, _))));
        for wrong in ["json", "json=", "yaml=a"] {
            assert!(report(wrong).is_err(), "{wrong}");
        }
    }
}
