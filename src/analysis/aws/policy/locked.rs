//! What is left of a resource's policies behind the controls that can shut what they grant: resource
//! control policies of the organization, and the second permission that a function's URL asks for.

use super::Verdict;
use super::answer::ruling::Ruling;
use super::budget::Budget;
use super::context::Subject;
use super::document::Policy;
use super::function::{self, Permission};
use super::organization::{Beside, Effect};
use super::services::Kind;
use crate::model::{Control, Status};

/// The answer for one resource behind those controls.
#[derive(Debug, Clone)]
pub struct Locked {
    /// What is left.
    pub ruling: Ruling,
    /// The controls that shut what would be public without them.
    pub controls: Vec<Control>,
    /// What would be public, where they shut it.
    pub without: Option<Ruling>,
    /// What resource control policies do to the resource.
    pub organization: Option<Effect>,
}

impl Locked {
    /// Whether the public gets in; `None` where nothing is granted to it.
    pub fn status(&self) -> Option<Status> {
        match self.ruling.verdict {
            Verdict::Public => Some(Status::Exposed),
            verdict if verdict <= Verdict::Conditional => Some(Status::Undetermined),
            _ if !self.controls.is_empty() => Some(Status::Latent),
            _ => None,
        }
    }
}

/// Judges a policy behind the controls before the resource.
pub(super) fn judged(policy: &Policy, kind: &Kind, subject: &Subject<'_>) -> Locked {
    let policies = &subject.context.control_policies;
    let organization = policies.effect(kind, subject.owner_account);
    if kind.url(subject.context).is_some() {
        return Locked { organization, ..by_url(policy, kind, subject) };
    }
    let guard = policies.guard(kind, subject.owner_account);
    let judge = |beside: &Beside| super::ruling_beside(policy, kind, subject, beside);
    let ruling = judge(&guard.beside());
    let mut locked = Locked { ruling, controls: Vec::new(), without: None, organization };
    if !guard.is_empty() && locked.ruling.verdict > Verdict::Conditional {
        let without = judge(&Beside::default());
        if without.verdict == Verdict::Public {
            locked.controls = guard.shutting(judge);
            locked.without = Some(without);
        }
    }
    locked
}

/// Judges requests to a function's URL. Lambda supports no resource control policies.
fn by_url(policy: &Policy, kind: &Kind, subject: &Subject<'_>) -> Locked {
    let budget = Budget::full(0);
    let about = |permission: &Permission| function::about(permission, policy, &budget).into();
    let both = [about(function::INVOKE_URL), about(function::INVOKE)];
    let ruling = super::layered(&both, policy, kind, subject, None);
    let ruling = function::naming(&[function::INVOKE_URL, function::INVOKE], ruling);
    let mut locked = Locked { ruling, controls: Vec::new(), without: None, organization: None };
    if locked.ruling.verdict <= Verdict::Conditional {
        return locked;
    }
    let alone =
        |permission: &Permission| super::layered(&[about(permission)], policy, kind, subject, None);
    let url = kind.url(subject.context);
    if url.is_some_and(function::may_be_excepted) {
        let by_url = alone(function::INVOKE_URL);
        if by_url.verdict <= Verdict::Conditional {
            locked.ruling = function::excepted(by_url);
            return locked;
        }
    }
    for (control, without) in function::missing(alone) {
        locked.controls.push(control);
        locked.without.get_or_insert(without);
    }
    locked
}
