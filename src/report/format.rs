//! The names of the formats.

use crate::model::did_you_mean;
use std::fmt;
use std::str::FromStr;

/// A form in which a run can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For people in a terminal.
    Text,
    /// For grep: a line for each finding.
    Short,
    /// For people in a hurry.
    Table,
    /// For programs: one object.
    Json,
    /// For programs that read line by line.
    Jsonl,
    /// For code scanning of GitHub and others.
    Sarif,
    /// Annotations in the log of a GitHub workflow.
    Github,
    /// The job summary of a workflow.
    Markdown,
    /// Test reports of CI systems.
    Junit,
    /// The code quality widget of GitLab.
    Gitlab,
    /// Spreadsheets.
    Csv,
    /// A page for a browser.
    Html,
    /// AWS Security Hub.
    Asff,
    /// Security data lakes.
    Ocsf,
}

impl Format {
    /// All of them, in the order of the help.
    pub const ALL: [Format; 14] = [
        Format::Text,
        Format::Short,
        Format::Table,
        Format::Json,
        Format::Jsonl,
        Format::Sarif,
        Format::Github,
        Format::Markdown,
        Format::Junit,
        Format::Gitlab,
        Format::Csv,
        Format::Html,
        Format::Asff,
        Format::Ocsf,
    ];

    /// The word used in flags.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Short => "short",
            Format::Table => "table",
            Format::Json => "json",
            Format::Jsonl => "jsonl",
            Format::Sarif => "sarif",
            Format::Github => "github",
            Format::Markdown => "markdown",
            Format::Junit => "junit",
            Format::Gitlab => "gitlab",
            Format::Csv => "csv",
            Format::Html => "html",
            Format::Asff => "asff",
            Format::Ocsf => "ocsf",
        }
    }

    /// What it is good for, in a line of help.
    pub fn about(self) -> &'static str {
        match self {
            Format::Text => "findings, what to fix first, proof and fix, for people",
            Format::Short => "one line per finding or unanswered call, for grep",
            Format::Table => "one row per finding",
            Format::Json => "one object with everything; other commands read it back",
            Format::Jsonl => "one finding per line, then one line with the rest",
            Format::Sarif => "SARIF 2.1.0, for GitHub code scanning",
            Format::Github => "workflow commands: annotations on a run of GitHub Actions",
            Format::Markdown => "a job summary, cut before GitHub's limit of 1 MiB",
            Format::Junit => {
                "JUnit XML: a suite per rule, a failed test per finding that fails the run"
            }
            Format::Gitlab => "GitLab's code quality report",
            Format::Csv => "one row per finding for spreadsheets, formulas disarmed",
            Format::Html => "one self-contained page with filters and drawings, offline",
            Format::Asff => "batches of 100 for Security Hub's BatchImportFindings, one a line",
            Format::Ocsf => "OCSF 1.5.0 detection findings, for Security Lake and others",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that is no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown format `{given}`{} (formats: {})", meant(*nearest), names())]
pub struct UnknownFormat {
    given: String,
    nearest: Option<&'static str>,
}

fn meant(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(", did you mean `{name}`?")).unwrap_or_default()
}

fn names() -> String {
    Format::ALL.map(Format::as_str).join(", ")
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(given: &str) -> Result<Format, UnknownFormat> {
        let given = given.trim();
        if let Some(format) = Format::ALL.into_iter().find(|f| f.as_str() == given) {
            return Ok(format);
        }
        let nearest = did_you_mean(given, Format::ALL.map(Format::as_str));
        Err(UnknownFormat { given: super::clean::terminal(given), nearest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_found_by_its_name_and_a_typing_error_gets_the_nearest() {
        for format in Format::ALL {
            assert_eq!(format.as_str().parse(), Ok(format));
            assert!(!format.about().is_empty());
        }
        let error = "jsn".parse::<Format>().expect_err("no such format").to_string();
        assert!(error.starts_with("unknown format `jsn`, did you mean `json`?"), "{error}");
    }
}
