//! What to do first: one change, and what it was judged to close.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Resource, Severity};

/// One change of an account that closes findings. What it closes was judged with this change, and
/// those of the same account that stand before it, applied to what had been read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Action {
    /// What to do, in a sentence.
    pub text: String,
    /// What else it does that may not be wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
    /// What is changed.
    pub resource: Resource,
    /// The commands that do it, in order.
    pub commands: Vec<String>,
    /// Fingerprints of the findings that are gone afterwards.
    #[serde(default)]
    pub closes: Vec<String>,
    /// Fingerprints of the findings that a control shuts afterwards: what opened them is still there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shuts: Vec<String>,
    /// Fingerprints of the findings that stay open, and let in less.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub narrows: Vec<String>,
    /// Fingerprints of findings that somebody accepted (left out by the configuration, or in the
    /// baseline) and that are open no more afterwards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<String>,
    /// How many it closes or shuts, by severity.
    pub severities: BTreeMap<Severity, u64>,
}

impl Action {
    /// Actions that a run has at most.
    pub const MOST: usize = 5;
    /// Findings that have to be open: with fewer of them an action says nothing that the finding
    /// does not say.
    pub const FEWEST_OPEN: usize = 2;

    /// Fingerprints of the findings that are open no more afterwards.
    pub fn settled(&self) -> impl Iterator<Item = &String> {
        self.closes.iter().chain(&self.shuts)
    }
}
