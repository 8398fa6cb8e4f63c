//! An earlier run whose findings do not count again.

use std::collections::{BTreeMap, BTreeSet};

use super::worse::is_worse;
use super::{Unreadable, parse};
use crate::model::{Accepted, Finding, Run, Standing, Summary};

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

    /// Has every finding of `run` say what it is beside this baseline, and counts that.
    pub fn mark(&self, run: &mut Run) {
        let there: BTreeSet<String> =
            run.findings.iter().map(|finding| finding.fingerprint.clone()).collect();
        for finding in &mut run.findings {
            finding.baseline = Some(self.standing(finding, &there));
        }
        let counted = Summary::of(&run.findings, 0);
        (run.summary.new, run.summary.known) = (counted.new, counted.known);
        run.summary.count_beside_baseline();
    }

    /// Whether it knows `finding`, and no worse than this; `there` are the fingerprints of its run.
    pub fn knows(&self, finding: &Finding, there: &BTreeSet<String>) -> bool {
        self.standing(finding, there) == Standing::Known
    }

    /// What `finding` is beside this baseline; `there` are the fingerprints of its run. A way in
    /// that was shut then and is open now got worse, and so did one that lets in more than it did.
    fn standing(&self, finding: &Finding, there: &BTreeSet<String>) -> Standing {
        let about = self.known.get(&about(finding)).into_iter().flatten();
        // What is still there under its own name is not what came under another one.
        let mut before = about
            .filter(|before| {
                before.fingerprint == finding.fingerprint || !there.contains(&before.fingerprint)
            })
            .filter(|before| is_same(before, finding))
            .map(|before| is_worse(before, finding))
            .peekable();
        if before.peek().is_none() {
            return Standing::New;
        }
        if before.all(|worse| worse) { Standing::Worse } else { Standing::Known }
    }
}

/// A run that is kept as a baseline: it says since when and why, and not what it is beside another
/// one.
pub fn accept(mut run: Run, accepted: Accepted) -> Run {
    for finding in &mut run.findings {
        finding.baseline = None;
    }
    (run.summary.new, run.summary.known) = (None, None);
    // What was accepted is not to be done first.
    Run { accepted: Some(accepted), actions: Vec::new(), ..run }
}

/// How many findings a run counts and does not list: as a baseline it would not know them. Of
/// latent ones that is so wherever they were not asked for, and they are not among these.
pub fn unlisted(run: &Run) -> u64 {
    let of = |summary: &Summary| {
        summary.exposed.values().sum::<u64>() + summary.undetermined + summary.weakness
    };
    of(&run.summary).saturating_sub(of(&Summary::of(&run.findings, 0)))
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
    use super::super::tests::{finding, run_of};
    use super::*;
    use crate::model::Severity;
    use crate::model::Status;

    /// What `finding` is called in a run of nothing else.
    fn standing(baseline: &Baseline, finding: Finding) -> Standing {
        let mut run = run_of(vec![finding]);
        baseline.mark(&mut run);
        let standing = run.findings[0].baseline.expect("a baseline was given");
        let known = u64::from(standing == Standing::Known);
        assert_eq!((run.summary.new, run.summary.known), (Some(1 - known), Some(known)));
        assert_eq!(run.findings[0].is_known(), known == 1);
        standing
    }

    #[test]
    fn what_was_there_and_is_no_worse_does_not_count_again() {
        use Severity::{Critical, High, Medium};
        use Standing::{Known, New, Worse};
        let known = finding("r", "b", Status::Latent, Medium);
        let baseline = Baseline::of(&run_of(vec![known.clone()]));
        for (status, severity, is) in [
            (Status::Latent, Medium, Known),
            (Status::Latent, Severity::Low, Known),
            (Status::Weakness, Medium, Known),
            (Status::Latent, High, Worse),
            (Status::Exposed, Medium, Worse),
            (Status::Undetermined, Critical, Worse),
        ] {
            let now = Finding { status, severity, ..known.clone() };
            assert_eq!(standing(&baseline, now), is, "{status:?} {severity:?}");
        }
        assert_eq!(standing(&baseline, finding("r", "c", Status::Latent, Medium)), New);
        assert_eq!(standing(&baseline, finding("q", "b", Status::Latent, Medium)), New);
        // A second way into the same resource is another finding, unless it is the same one shut.
        let other = |status| Finding {
            fingerprint: "f".to_owned(),
            ..finding("r", "b", status, Severity::Low)
        };
        assert_eq!(standing(&baseline, other(Status::Latent)), New);
        assert_eq!(standing(&baseline, other(Status::Weakness)), Known);
        assert_eq!(standing(&baseline, other(Status::Exposed)), Worse);
        // Where the known one is still there, the other came beside it.
        let mut both = run_of(vec![known, other(Status::Weakness)]);
        baseline.mark(&mut both);
        let said: Vec<_> = both.findings.iter().map(|finding| finding.baseline).collect();
        assert_eq!(said, [Some(Known), Some(New)]);
    }

    #[test]
    fn a_run_without_findings_counts_none_beside_a_baseline() {
        let mut run = run_of(Vec::new());
        Baseline::default().mark(&mut run);
        assert_eq!((run.summary.new, run.summary.known), (Some(0), Some(0)));
    }

    #[test]
    fn a_run_that_hides_findings_is_told_from_one_that_only_counts_what_is_shut() {
        let run = run_of(vec![
            finding("a", "b", Status::Exposed, Severity::High),
            finding("a", "c", Status::Latent, Severity::High),
        ]);
        let without = |status| {
            let mut run = run.clone();
            run.findings.retain(|finding| finding.status != status);
            unlisted(&run)
        };
        assert_eq!(unlisted(&run), 0);
        assert_eq!((without(Status::Latent), without(Status::Exposed)), (0, 1));
    }
}
