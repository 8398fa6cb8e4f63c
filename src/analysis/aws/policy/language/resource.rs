//! Layers of policies that a request has to pass, and the concrete resources it can be about.

use super::document::Statement;
use crate::analysis::aws::policy::services::Kind;

/// A policy and the resource its statements are about. Requests through an access point have to
/// pass two.
#[derive(Debug, Clone, Copy)]
pub struct Layer<'a> {
    /// Its statements.
    pub statements: &'a [Statement],
    /// Kind and ARN of what the policy belongs to.
    pub kind: &'a Kind,
}

impl Layer<'_> {
    /// The ARN of a sample in this layer's writing.
    pub fn resource(&self, sample: &Sample) -> String {
        match sample {
            Sample::Itself => self.kind.arn.clone(),
            Sample::Below(name) => format!("{}{name}", self.kind.below()),
        }
    }
}

/// A concrete resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sample {
    /// The resource that the policy belongs to.
    Itself,
    /// Something inside of it.
    Below(String),
}
