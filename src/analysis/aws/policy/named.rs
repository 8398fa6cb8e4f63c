//! What the policies on a resource give to outsiders whom they name: an account, an organization, a
//! canonical id. It is open, or Deny statements leave nothing of it.

use super::document::Policy;
use super::effective::{Bearer, Path, Via, allowing, denied};
use super::organization::{Beside, Guard};
use super::services::Kind;
use super::{Context, Grant, Ruling, Subject, Verdict, explain, ruling_beside};
use crate::model::{Known, Lock, Resource};

/// Whether a grant is to outsiders who are named.
pub fn is_to_named(grant: &Grant) -> bool {
    grant.verdict == Verdict::CrossAccount
}

/// The way in that outsiders have whom the policies on `bearer` name, for those outside the zone of
/// trust that `context` draws. Unread where its own policy is.
pub fn named(bearer: &Bearer<'_>, context: &Context) -> Known<Option<Path>> {
    let Resource { kind, uid: arn, account, .. } = &bearer.resource;
    let subject = Subject { kind, arn, owner_account: account, context };
    let kind = Kind::of(kind, arn);
    bearer.policy.map(|text| {
        let policy = bearer.together(text, &kind)?;
        let guard = context.control_policies.guard(&kind, account);
        let judge =
            |policy: &Policy, beside: &Beside| ruling_beside(policy, &kind, &subject, beside);
        let mut path = by(&policy, "policy", &guard, judge)?;
        path.locks.extend(bearer.locks.iter().cloned());
        Some(path)
    })
}

/// The same by `policy`, which is `whose`; `judge` says what it gives beside what the organization
/// denies.
pub(crate) fn by(
    policy: &Policy,
    whose: &str,
    guard: &Guard,
    judge: impl Fn(&Policy, &Beside) -> Ruling,
) -> Option<Path> {
    let open = judge(policy, &guard.beside());
    if is_left(&open) {
        let path = Path::of(Via::Policy, &open, Verdict::CrossAccount);
        return Some(Path { locks: guard.open().into_iter().collect(), ..path });
    }
    let nothing = Beside::default();
    let by_organization = |policy: &Policy| {
        let beside = |beside: &Beside| judge(policy, beside);
        let shut = !guard.is_empty() && !is_left(&beside(&guard.beside()));
        if shut { guard.leaving_nothing(beside, is_left) } else { Vec::new() }
    };
    let without = (!guard.is_empty()).then(|| judge(policy, &nothing)).filter(is_left);
    let (ruling, controls) = match without {
        Some(ruling) => (ruling, by_organization(policy)),
        None => {
            let alone = allowing(policy);
            if alone.statements.len() == policy.statements.len() {
                return None;
            }
            let ruling = Some(judge(&alone, &nothing)).filter(is_left)?;
            let own = denied(policy, whose);
            (ruling, [own].into_iter().chain(by_organization(&alone)).collect())
        }
    };
    let path = Path::of(Via::Policy, &ruling, Verdict::CrossAccount);
    // Judged without Deny statements: the sentence must not say that none cuts it.
    let grants = ruling.grants.iter().filter(|grant| is_to_named(grant));
    let evidence = grants.map(explain::allowing).collect();
    Some(Path { evidence, locks: controls.into_iter().map(Lock::Shut).collect(), ..path })
}

/// Whether outsiders who are named have anything.
fn is_left(ruling: &Ruling) -> bool {
    ruling.grants.iter().any(is_to_named)
}
