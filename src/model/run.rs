//! A whole run: what was scanned, what was found, what was not seen.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::{Action, Finding, Outcome, Severity, Standing, Status};

/// Version of the JSON form.
pub const SCHEMA_VERSION: u32 = 1;

/// One run of the scanner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// Version of this form.
    pub schema_version: u32,
    /// Who made it.
    pub tool: Tool,
    /// That its findings do not count again, where it was kept as a baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Accepted>,
    /// What was scanned.
    pub scan: Scan,
    /// Counts of the findings.
    pub summary: Summary,
    /// What to do first, the best first; those of one account build on each other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
    /// Findings, worst first.
    pub findings: Vec<Finding>,
    /// Findings that the user's own configuration left out, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suppressed: Vec<Suppressed>,
    /// What was not seen.
    pub coverage: Vec<Coverage>,
}

/// A finding that the user's own configuration left out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Suppressed {
    /// Its fingerprint.
    pub fingerprint: String,
    /// Rule that found it.
    pub rule: String,
    /// `uid` of what it is about.
    pub resource: String,
    /// Why it was left out, in the words of the configuration.
    pub reason: String,
}

/// Since when, and why, the findings of a run do not count again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Accepted {
    /// The day (RFC 3339, UTC).
    pub date: String,
    /// Why, in the words of who accepted them.
    pub reason: String,
}

/// The program that made a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// `outcrop`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Something that was not looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct NotExamined {
    /// What.
    pub what: String,
    /// Why not, and what helps.
    pub why: String,
    /// Rules that say nothing of it.
    pub affects: Vec<String>,
}

/// Runs of older versions name only what.
fn not_examined<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<NotExamined>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        Name(String),
        Whole(NotExamined),
    }
    let forms: Vec<Form> = Vec::deserialize(from)?;
    let whole = forms.into_iter().map(|form| match form {
        Form::Name(what) => NotExamined { what, why: String::new(), affects: Vec::new() },
        Form::Whole(whole) => whole,
    });
    Ok(whole.collect())
}

/// What was scanned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scan {
    /// `aws`.
    pub provider: String,
    /// Accounts in scope.
    pub accounts: Vec<String>,
    /// Regions in scope.
    pub regions: Vec<String>,
    /// Rules that were applied.
    pub rules: Vec<String>,
    /// What is known not to have been looked at and a reader may take for examined: categories, what
    /// is sampled only, controls that the account cannot read. It makes no run incomplete.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "not_examined")]
    pub not_examined: Vec<NotExamined>,
    /// When the first call was made (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// When the last call was answered (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
    /// False when something that the rules need was not seen.
    pub complete: bool,
    /// Calls to the provider.
    pub api_calls: u64,
}

/// Counts of a run's findings.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Open now, by severity.
    pub exposed: BTreeMap<Severity, u64>,
    /// Open as far as could be read.
    pub undetermined: u64,
    /// Shut by a named control.
    pub latent: u64,
    /// Protections that are missing.
    pub weakness: u64,
    /// Left out by the user's own configuration.
    pub suppressed: u64,
    /// Not in the baseline, or worse than there; absent where none was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<u64>,
    /// In the baseline, and no worse now; absent where none was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<u64>,
}

impl Summary {
    /// Counts `findings`; every severity is there, be it with 0. What is new and what is known is
    /// counted where findings say so.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>, suppressed: u64) -> Summary {
        let mut summary = Summary {
            exposed: Severity::ALL.map(|severity| (severity, 0)).into(),
            suppressed,
            ..Summary::default()
        };
        for finding in findings {
            match finding.status {
                Status::Exposed => *summary.exposed.entry(finding.severity).or_default() += 1,
                Status::Undetermined => summary.undetermined += 1,
                Status::Latent => summary.latent += 1,
                Status::Weakness => summary.weakness += 1,
            }
            if let Some(standing) = finding.baseline {
                summary.count_beside_baseline();
                let counts = match standing {
                    Standing::New | Standing::Worse => &mut summary.new,
                    Standing::Known => &mut summary.known,
                };
                *counts.get_or_insert_default() += 1;
            }
        }
        summary
    }

    /// Has it say how much is new and how much is known, be it 0: a baseline was given.
    pub fn count_beside_baseline(&mut self) {
        self.new.get_or_insert_default();
        self.known.get_or_insert_default();
    }
}

/// A call without an answer, and what it leaves unjudged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Service of the call.
    pub service: String,
    /// Operation of the API.
    pub operation: String,
    /// Account that was asked.
    pub account: String,
    /// Region that was asked.
    pub region: String,
    /// What the call was about, where it was about one resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// The kind of failure.
    pub outcome: Outcome,
    /// The provider's error code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The provider's words.
    pub message: String,
    /// Rules that could not judge because of it.
    pub affects: Vec<String>,
}
