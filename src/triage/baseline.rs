//! An earlier run whose findings do not count again.

use std::collections::BTreeMap;

use super::worse::is_worse;
use super::{Unreadable, parse};
use crate::model::{Finding, Run};

/// The findings of an earlier run, by rule and resource.
#[derive(Debug, Default)]
pub struct Baseline {
    known: BTreeMap<(String, String), Vec<Finding>>,
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
        let mut known: BTreeMap<_, Vec<Finding>> = BTreeMap::new();
        for finding in &run.findings {
            known.entry(about(finding)).or_default().push(finding.clone());
        }
        Baseline { known }
    }

    /// True when the finding was there before and is no worse now. A way in that was shut then
    /// and is open now is new, and so is one that lets in more than it did.
    pub fn holds(&self, finding: &Finding) -> bool {
        self.known.get(&about(finding)).is_some_and(|before| {
            before.iter().any(|before| is_same(before, finding) && !is_worse(before, finding))
        })
    }
}

/// What a finding is about: its rule and its resource.
pub(super) fn about(finding: &Finding) -> (String, String) {
    (finding.rule.clone(), finding.resource.uid.clone())
}

/// Whether two findings about the same thing may be one finding at two times.
///
/// Rules that tell the open ports of a resource from the shut ones give each a fingerprint of its
/// own: when all of them are shut, the finding has another status and another fingerprint.
pub(super) fn is_same(before: &Finding, now: &Finding) -> bool {
    before.fingerprint == now.fingerprint || before.status != now.status
}

#[cfg(test)]
mod tests {
    use super::super::tests::{finding, run};
    use super::*;
    use crate::model::Severity;
    use crate::model::Status;

    #[test]
    fn what_was_there_and_is_no_worse_does_not_count_again() {
        use Severity::{Critical, High, Medium};
        let known = finding("r", "b", Status::Latent, Medium);
        let run = Run { findings: vec![known.clone()], ..run() };
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
        assert!(!baseline.holds(&finding("q", "b", Status::Latent, Medium)));
        // A second way into the same resource is another finding, unless it is the same one shut.
        let other = |status| Finding {
            fingerprint: "f".to_owned(),
            ..finding("r", "b", status, Severity::Low)
        };
        assert!(!baseline.holds(&other(Status::Latent)));
        assert!(baseline.holds(&other(Status::Weakness)));
    }
}
