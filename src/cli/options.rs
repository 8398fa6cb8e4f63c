//! Flags that several commands share, and what their values may be. Flags beat environment
//! variables beat the file.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::model::{Category, Severity, Status};
use crate::report::{Fails, Format, GroupBy};

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
    /// When to use colours; `auto` heeds NO_COLOR and FORCE_COLOR. Files of -o and --report never get any
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    #[arg(env = "OUTCROP_COLOR")]
    pub color: When,
    /// Configuration file instead of the one that is found (outcrop.toml here, up to the root of
    /// the repository, or in ~/.config/outcrop)
    #[arg(short, long, global = true, value_name = "FILE", env = "OUTCROP_CONFIG")]
    #[arg(conflicts_with = "no_config")]
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

/// Flags of [`Scope`] that say how an account is asked: they are nothing to a file. Regions are.
pub const LIVE: [&str; 7] =
    ["profile", "roles", "external_id", "endpoint_url", "concurrency", "max_rps", "timeout"];

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

/// How to report.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "How to report")]
pub struct Output {
    /// Format of the report
    #[arg(short, long, value_name = "FORMAT", env = "OUTCROP_FORMAT", default_value = "text")]
    #[arg(value_parser = format())]
    pub format: Format,
    /// File for the report instead of stdout; `-` is stdout
    #[arg(short, long, value_name = "FILE", env = "OUTCROP_OUTPUT")]
    pub output: Option<PathBuf>,
    /// A further report, for instance sarif=outcrop.sarif; repeatable. `-` is stdout, after the
    /// report itself
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = report)]
    #[arg(env = "OUTCROP_REPORT")]
    pub reports: Vec<(Format, PathBuf)>,
    /// Show only findings at least this bad (changes nothing but the display)
    #[arg(long, value_name = "SEVERITY", env = "OUTCROP_MIN_SEVERITY", value_parser = severity())]
    pub min_severity: Option<Severity>,
    /// Show proof and fix of every finding, with every step of the proof
    #[arg(long, env = "OUTCROP_DETAILS")]
    pub details: bool,
    /// What findings stand under in a list: severity, rule, account, region, resource
    #[arg(long, value_name = "WHAT", env = "OUTCROP_GROUP_BY", default_value = "severity")]
    #[arg(value_parser = group_by())]
    pub group_by: GroupBy,
    /// When to write links. Files of -o and --report never get any
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

impl Gate {
    /// What it lets fail.
    pub fn fails(&self) -> Fails {
        Fails {
            least: self.fail_on.0,
            statuses: self.fail_status.clone(),
            incomplete: self.incomplete == Incomplete::Fail,
        }
    }
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

fn group_by() -> impl clap::builder::TypedValueParser<Value = GroupBy> {
    words(&GroupBy::ALL, GroupBy::as_str)
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
