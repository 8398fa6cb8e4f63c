//! Floor 5: reports. Every output format as a pure function from a run to bytes.
//!
//! One file per format; the structs of foreign formats live only there. Text that comes from an
//! account is hostile until `clean` has been over it, and `clean` is called by the writers alone:
//! findings keep what the account says. It deliberately does not know how rules work (a rule is
//! a [`RuleDoc`] here), where bytes go or what the exit code is.

mod asff;
pub mod clean;
mod csv;
pub mod doctor;
pub mod drift;
mod fails;
mod format;
mod github;
mod gitlab;
mod html;
mod json;
mod junit;
mod markdown;
mod not_seen;
mod ocsf;
pub mod reach;
mod sarif;
mod schema;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod width;
mod words;

use std::collections::BTreeSet;
use std::io;

pub use fails::Fails;
pub use format::{Format, UnknownFormat};
pub use schema::schema;
pub use text::brief::write as brief;

use crate::model::Resource;
use crate::model::{Finding, Run, Severity};

/// What a format may say about a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleDoc {
    /// Its id, for instance `s3-bucket-public`.
    pub id: String,
    /// One line for people.
    pub title: String,
    /// Its page, in Markdown.
    pub help_markdown: String,
    /// How bad an exposure of this kind is at worst.
    pub severity: Severity,
}

/// How a report looks, and what it must say besides the run itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    /// Columns of the terminal.
    pub width: usize,
    /// Whether the terminal takes colours.
    pub colour: bool,
    /// Whether the terminal takes OSC 8 links.
    pub links: bool,
    /// Whether ornaments may leave ASCII; names always keep their letters.
    pub unicode: bool,
    /// Latent findings that the run counts and does not show.
    pub hidden_latent: u64,
    /// Findings below the least severity to show.
    pub hidden_below_severity: u64,
    /// Findings of the baseline, where only others are shown.
    pub hidden_known: u64,
    /// Rules that have findings that are not shown.
    pub hidden_rules: BTreeSet<String>,
    /// What fails the run.
    pub fails: Fails,
    /// Whether every step of every finding is shown.
    pub details: bool,
    /// What findings stand under in a list.
    pub group_by: GroupBy,
    /// What to do after this: lines to type, and what each does.
    pub next: &'static [(&'static str, &'static str)],
}

/// What findings stand under in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GroupBy {
    /// How bad they are.
    #[default]
    Severity,
    /// What found them.
    Rule,
    /// Whose they are.
    Account,
    /// Where they are.
    Region,
    /// What they are on.
    Resource,
}

impl GroupBy {
    /// All of them, in the order of the help.
    pub const ALL: [GroupBy; 5] =
        [GroupBy::Severity, GroupBy::Rule, GroupBy::Account, GroupBy::Region, GroupBy::Resource];

    /// The word used in flags.
    pub fn as_str(self) -> &'static str {
        match self {
            GroupBy::Severity => "severity",
            GroupBy::Rule => "rule",
            GroupBy::Account => "account",
            GroupBy::Region => "region",
            GroupBy::Resource => "resource",
        }
    }
}

impl Default for Style {
    fn default() -> Style {
        Style {
            width: 80,
            colour: false,
            links: false,
            unicode: false,
            hidden_latent: 0,
            hidden_below_severity: 0,
            hidden_known: 0,
            hidden_rules: BTreeSet::new(),
            fails: Fails::default(),
            details: false,
            group_by: GroupBy::default(),
            next: &[],
        }
    }
}

/// Writes `run` in `format`. The only errors are those of `out`.
pub fn write(
    format: Format,
    run: &Run,
    rules: &[RuleDoc],
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        Format::Text => text::write(run, style, out),
        Format::Short => text::write_short(run, style, out),
        Format::Table => table::write(run, style, out),
        Format::Json => json::write(run, out),
        Format::Jsonl => json::write_lines(run, out),
        Format::Sarif => sarif::write(run, rules, out),
        Format::Github => github::write(run, style, out),
        Format::Markdown => markdown::write(run, style, out),
        Format::Junit => junit::write(run, rules, style, out),
        Format::Gitlab => gitlab::write(run, out),
        Format::Csv => csv::write(run, out),
        Format::Html => html::write(run, rules, style, out),
        Format::Asff => asff::write(run, out),
        Format::Ocsf => ocsf::write(run, rules, out),
    }
}

/// Writes one finding as `text` shows it. The only errors are those of `out`.
pub fn finding(finding: &Finding, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    text::Page { style, out }.finding(finding)
}

/// Where a resource stands in reports that ask for a file: a relative path of a URI.
fn place(resource: &Resource) -> String {
    let (account, region) = (&resource.account, &resource.region);
    clean::uri_path(&[resource.provider.as_str(), account, region, &resource.kind, &resource.id])
}
