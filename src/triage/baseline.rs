//! An earlier run whose findings do not count again.

use std::collections::BTreeMap;

use super::{Unreadable, parse};
use crate::analysis::verdict::Status;
use crate::findings::{Finding, Run, Severity};

/// The findings of an earlier run.
#[derive(Debug, Default)]
pub struct Baseline {
    known: BTreeMap<String, (Status, Severity)>,
}

impl Baseline {
    /// Takes the findings of a saved run.
    ///
    /// # Errors
    /// When `text` is not such a run; the message says where and what was expected.
    pub fn parse(text: &str) -> Result<Baseline, Unreadable> {
        Ok(Baseline::of(&parse(text)?))
    }

    /// Takes the findings of a run.
    pub fn of(run: &Run) -> Baseline {
        let known = run
            .findings
            .iter()
            .map(|finding| (finding.fingerprint.clone(), (finding.status, finding.severity)))
            .collect();
        Baseline { known }
    }

    /// True when the finding was there before and is no worse now. A way in that was shut then
    /// and is open now is new.
    pub fn holds(&self, finding: &Finding) -> bool {
        self.known
            .get(&finding.fingerprint)
            .is_some_and(|(status, severity)| !worse((*status, *severity), finding))
    }
}

/// Whether a finding is worse now than it was in `before`.
pub(super) fn worse(before: (Status, Severity), now: &Finding) -> bool {
    // Status is ordered worst first, severity worst last.
    now.status < before.0 || now.severity > before.1
}

#[cfg(test)]
mod tests {
    use super::super::tests::finding;
    use super::*;

    #[test]
    fn what_was_there_and_is_no_worse_does_not_count_again() {
        use Severity::{Critical, High, Medium};
        let known = finding("r", "b", Status::Latent, Medium);
        let run = Run { findings: vec![known.clone()], ..super::super::tests::run() };
        let baseline = Baseline::of(&run);
        for (status, severity, holds) in [
            (Status::Latent, Medium, true),
            (Status::Latent, Severity::Low, true),
            (Status::Weakness, Medium, true),
            (Status::Latent, High, false),
            (Status::Exposed, Medium, false),
            (Status::Undetermined, Critical, false),
        ] {
            let now = Finding { status, severity, ..known.clone() };
            assert_eq!(baseline.holds(&now), holds, "{status:?} {severity:?}");
        }
        assert!(!baseline.holds(&finding("r", "c", Status::Latent, Medium)));
    }
}
