//! Rules about one setting that is off: a protection that is missing, and no way in by itself.

use crate::model::{Door, Remediation, Resource, Severity, Step};
use crate::rules::{Findings, Found};

/// A setting that is off.
pub struct Off {
    /// Where it is off.
    pub resource: Resource,
    /// Tells it apart from other settings of the same rule and resource.
    pub way_in: &'static str,
    /// How bad that is.
    pub severity: Severity,
    /// One line for people.
    pub title: String,
    /// What was read.
    pub evidence: Vec<Step>,
    /// How to switch it on.
    pub remediation: Remediation,
}

impl Off {
    /// Reports the missing protection.
    pub fn report(self, found: &mut Findings) {
        let Off { resource, way_in, severity, title, evidence, remediation } = self;
        let verdict = Door::open(evidence).behind([]);
        found.push_weakness(Found {
            resource,
            way_in,
            severity,
            title,
            exposure: None,
            verdict,
            remediation,
        });
    }
}
