//! Actions of several accounts as one list, and as much of a list as is shown.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::model::{Action, Finding, Run, Severity};

/// What is better stands first: how bad and how many the findings are, how much is gone for good,
/// how much of what was accepted stays.
fn rank(action: &Action) -> (Vec<u64>, usize, Reverse<usize>, Reverse<&str>) {
    let count = |severity: Severity| action.severities.get(&severity).copied().unwrap_or_default();
    let counts = Severity::ALL.map(count).to_vec();
    let accepted = Reverse(action.accepted.len());
    (counts, action.closes.len(), accepted, Reverse(&action.text))
}

/// The best of several lists, each of which keeps its order: what an action closes was judged after
/// those before it. What two lists close is taken once.
pub fn joined(lists: Vec<Vec<Action>>) -> Vec<Action> {
    let mut lists: Vec<_> = lists.into_iter().map(|list| list.into_iter().peekable()).collect();
    let mut taken: Vec<Action> = Vec::new();
    let mut claimed: BTreeSet<String> = BTreeSet::new();
    while taken.len() < Action::MOST {
        let heads = lists.iter_mut().enumerate().filter_map(|(at, list)| Some((at, list.peek()?)));
        // Of equal ones that of the first list.
        let best = heads.reduce(|best, next| if rank(next.1) > rank(best.1) { next } else { best });
        let Some((at, _)) = best else { break };
        let Some(action) = lists[at].next() else { break };
        if action.settled().any(|fingerprint| !claimed.contains(fingerprint)) {
            claimed.extend(action.settled().cloned());
            taken.push(action);
        }
    }
    taken
}

/// The actions of `run` for what is shown of it: fewer than two open findings need none, and what
/// closes nothing that is shown is left out, but where a later one of the account builds on it.
pub fn shown(run: &Run, all: &[Action]) -> Vec<Action> {
    let counts = |finding: &&Finding| finding.status.is_open() && !finding.is_known();
    let open = run.findings.iter().filter(counts);
    let open: BTreeSet<&str> = open.map(|finding| finding.fingerprint.as_str()).collect();
    if open.len() < Action::FEWEST_OPEN {
        return Vec::new();
    }
    let mut wanted = BTreeSet::new();
    let mut kept: Vec<Action> = Vec::new();
    for action in all.iter().rev() {
        let account = action.resource.account.as_str();
        let closes_some = action.settled().any(|fingerprint| open.contains(fingerprint.as_str()));
        if closes_some || wanted.contains(account) {
            wanted.insert(account);
            kept.push(action.clone());
        }
    }
    kept.reverse();
    kept
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{finding, run_of};
    use super::*;
    use crate::model::{Resource, Standing, Status};

    fn action(account: &str, closes: &[&str], severity: Severity) -> Action {
        Action {
            text: format!("close {}", closes.join(" ")),
            warning: None,
            resource: Resource::of_arn("arn:aws:s3:::b", "aws.s3.bucket", "b", "", account),
            commands: vec![format!("aws close {}", closes.join(" "))],
            closes: closes.iter().map(|one| (*one).to_owned()).collect(),
            shuts: Vec::new(),
            narrows: Vec::new(),
            accepted: Vec::new(),
            severities: [(severity, closes.len() as u64)].into(),
        }
    }

    fn texts(actions: &[Action]) -> Vec<&str> {
        actions.iter().map(|action| action.text.as_str()).collect()
    }

    #[test]
    fn accounts_are_joined_best_first_and_each_keeps_its_order() {
        use Severity::{Critical, High, Low};
        // The second of the first account closes more because the first was done.
        let one = vec![action("1", &["a"], High), action("1", &["b"], Critical)];
        let other = vec![action("2", &["c"], Critical), action("2", &["d"], Low)];
        let lists = vec![one.clone(), other.clone()];
        assert_eq!(texts(&joined(lists)), ["close c", "close a", "close b", "close d"]);
        // What another list closes already is not said again.
        let again = vec![one.clone(), vec![action("1", &["a"], High)], other];
        assert_eq!(joined(again).len(), 4);
        let many = (0..9).map(|n| vec![action("3", &[&n.to_string()], High)]).collect();
        assert_eq!(joined(many).len(), Action::MOST);
        assert!(joined(Vec::new()).is_empty());
    }

    #[test]
    fn what_closes_nothing_that_is_shown_goes_unless_a_later_one_builds_on_it() {
        use Severity::{Critical, Low};
        let of = |name: &str| finding("r", name, Status::Exposed, Critical);
        let run = run_of(vec![of("a"), of("b")]);
        let name = |at: usize| run.findings[at].fingerprint.as_str();
        let all = [
            action("1", &["hidden"], Low),
            action("1", &[name(0)], Critical),
            action("2", &["hidden too"], Low),
            action("1", &["hidden as well"], Low),
        ];
        assert_eq!(texts(&shown(&run, &all)), [all[0].text.as_str(), all[1].text.as_str()]);
        // With one finding there is nothing to put in order, be it that the other one is known.
        let mut one = run.clone();
        one.findings[1].baseline = Some(Standing::Known);
        assert!(shown(&one, &all).is_empty());
        one.findings.pop();
        assert!(shown(&one, &all).is_empty());
    }
}
