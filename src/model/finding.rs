//! One exposed resource, with the proof and the fix.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Control, Exposure, Missing, Remediation, Resource, Severity, Status, Step};

/// A step of the proof.
pub type Evidence = Step;

/// What a rule is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// What the public, or any AWS account, can reach.
    Exposure,
    /// What is shared with named outsiders.
    Sharing,
    /// Protections that keep the next mistake from becoming an exposure.
    Guardrail,
    /// Good housekeeping.
    Hygiene,
}

impl Category {
    /// All of them.
    pub const ALL: [Category; 4] =
        [Category::Exposure, Category::Sharing, Category::Guardrail, Category::Hygiene];

    /// The word used in reports and flags.
    pub fn as_str(self) -> &'static str {
        match self {
            Category::Exposure => "exposure",
            Category::Sharing => "sharing",
            Category::Guardrail => "guardrail",
            Category::Hygiene => "hygiene",
        }
    }
}

/// What a finding is beside those of the baseline.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Not there.
    New,
    /// There, and it was less then: shut, less severe, or letting in less.
    Worse,
    /// There, and no worse now.
    Known,
}

impl Standing {
    /// All of them, what counts first.
    pub const ALL: [Standing; 3] = [Standing::New, Standing::Worse, Standing::Known];

    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::New => "new",
            Standing::Worse => "worse",
            Standing::Known => "known",
        }
    }
}

/// One exposure of one resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Stable across runs and machines: rule, resource and way in.
    pub fingerprint: String,
    /// Rule that found it.
    pub rule: String,
    /// What the rule is about.
    pub category: Category,
    /// Whether it is open now.
    pub status: Status,
    /// How bad it is.
    pub severity: Severity,
    /// How bad it is by its rule, where the user's own configuration says something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_severity: Option<Severity>,
    /// What it is beside the baseline, where one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Standing>,
    /// What is exposed.
    pub resource: Resource,
    /// One line for people.
    pub title: String,
    /// What an outsider gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposure: Option<Exposure>,
    /// The proof, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// Controls that shut it (latent findings).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocked_by: Vec<Control>,
    /// What is missing for a decision (undetermined findings).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undecided: Vec<Missing>,
    /// How to close it.
    pub remediation: Remediation,
    /// Controls of public benchmarks, by benchmark.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub benchmarks: BTreeMap<String, Vec<String>>,
}

impl Finding {
    /// Whether somebody accepted it beforehand: it is in the baseline and no worse now.
    pub fn is_known(&self) -> bool {
        self.baseline == Some(Standing::Known)
    }

    /// The order of reports: worst first, then rule, then resource.
    pub fn report_order(&self, other: &Finding) -> Ordering {
        other
            .severity
            .cmp(&self.severity)
            .then_with(|| self.rule.cmp(&other.rule))
            .then_with(|| self.resource.uid.cmp(&other.resource.uid))
            .then_with(|| self.status.cmp(&other.status))
            .then_with(|| self.fingerprint.cmp(&other.fingerprint))
    }
}

/// The name of a finding that stays the same from run to run.
///
/// The parts are joined by a separator that none of them can hold, so that two findings share a
/// fingerprint only where rule, `uid` and way in are all the same.
pub fn fingerprint(rule: &str, uid: &str, way_in: &str) -> String {
    let digest = Sha256::digest(format!("{rule}\u{0}{uid}\u{0}{way_in}").as_bytes());
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_depends_on_every_part_and_on_nothing_else() {
        let one = fingerprint("r", "arn:aws:s3:::b", "policy");
        assert_eq!(one, fingerprint("r", "arn:aws:s3:::b", "policy"));
        assert_eq!(one.len(), 32);
        for other in [
            fingerprint("q", "arn:aws:s3:::b", "policy"),
            fingerprint("r", "arn:aws:s3:::c", "policy"),
            fingerprint("r", "arn:aws:s3:::b", "acl"),
            fingerprint("r", "arn:aws:s3:::bpolicy", ""),
        ] {
            assert_ne!(one, other);
        }
    }
}
