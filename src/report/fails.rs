//! What fails a run, for formats that say so of each finding.

use crate::model::{Finding, Severity, Status};

/// What fails a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fails {
    /// The least severity that does; `None` where nothing does.
    pub least: Option<Severity>,
    /// The statuses that do.
    pub statuses: Vec<Status>,
    /// Whether something that was not seen does.
    pub incomplete: bool,
}

impl Fails {
    /// Why `finding` does not fail the run; `None` when it does.
    pub fn passes_over(&self, finding: &Finding) -> Option<String> {
        let (status, severity) = (finding.status, finding.severity);
        if finding.is_known() {
            return Some("the baseline has it".to_owned());
        }
        if !self.statuses.contains(&status) {
            return Some(format!("{} does not fail the run", status.as_str()));
        }
        match self.least {
            None => Some("nothing fails the run".to_owned()),
            Some(least) if severity < least => {
                Some(format!("{} is below {}", severity.as_str(), least.as_str()))
            }
            Some(_) => None,
        }
    }
}

impl Default for Fails {
    /// As where nothing is chosen: the public, and what strangers should not find by chance.
    fn default() -> Fails {
        Fails { least: Some(Severity::Medium), statuses: vec![Status::Exposed], incomplete: true }
    }
}
