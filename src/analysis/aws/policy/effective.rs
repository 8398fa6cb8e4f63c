//! Effective access by a resource policy, for every kind of resource that bears one: the ways in
//! that its grants open, and the controls that stand before each.
//!
//! A grant that the policy's own Deny statements leave nothing of is a way in that is shut.

use std::collections::BTreeSet;

use serde::{Serialize, Serializer};

use super::document::{self, Policy};
use super::services::Kind;
use super::{Access, Context, Ruling, Subject, Verdict, Who, explain};
use crate::inventory::aws::calls::Call;
use crate::model::{Control, Known, Lock, Resource, Status};

/// By what a way in is granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Via {
    /// An access point of a bucket.
    AccessPoint,
    /// The bucket's ACL.
    Acl,
    /// An object's ACL.
    ObjectAcl,
    /// The resource policy.
    Policy,
}

impl Via {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Via::AccessPoint => "access-point",
            Via::Acl => "acl",
            Via::ObjectAcl => "object-acl",
            Via::Policy => "policy",
        }
    }
}

impl Serialize for Via {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// One way in, with what stands in it.
#[derive(Debug, Clone)]
pub struct Path {
    /// By what it is granted.
    pub via: Via,
    /// Access point or object, where there are several.
    pub name: Option<String>,
    /// How bad it is without the locks.
    pub verdict: Verdict,
    /// The widest of those who come in.
    pub who: Option<Who>,
    /// What they may do.
    pub access: BTreeSet<Access>,
    /// On which resources.
    pub resources: BTreeSet<String>,
    /// Outsiders that are named.
    pub outsiders: BTreeSet<String>,
    /// Sentences that prove it.
    pub evidence: Vec<String>,
    /// Controls in the way.
    pub locks: Vec<Lock>,
}

impl Path {
    /// What `ruling` grants at `verdict`, with nothing in the way.
    pub(crate) fn of(via: Via, ruling: &Ruling, verdict: Verdict) -> Path {
        let deciding = || ruling.grants.iter().filter(move |grant| grant.verdict == verdict);
        Path {
            via,
            name: None,
            verdict,
            who: deciding().map(|grant| grant.who.clone()).min(),
            access: deciding().flat_map(|grant| grant.access.iter().copied()).collect(),
            resources: deciding().flat_map(|grant| grant.resources.iter().cloned()).collect(),
            outsiders: deciding().filter_map(|grant| grant.who.outsider()).collect(),
            evidence: deciding().map(explain::sentence).collect(),
            locks: Vec::new(),
        }
    }

    /// Whether it lets somebody in whom nobody named (or may do so).
    pub fn is_public(&self) -> bool {
        self.verdict <= Verdict::Conditional
    }

    /// Whether a control shuts it.
    pub fn is_shut(&self) -> bool {
        self.locks.iter().any(Lock::is_shut)
    }

    /// Whether it is open to the public; `None` where it is granted to named outsiders only. A
    /// condition that cannot be proven to bound it leaves it undetermined, as an unread control
    /// does.
    pub fn status(&self) -> Option<Status> {
        let unknown = self.verdict != Verdict::Public || self.locks.iter().any(Lock::is_unknown);
        self.is_public().then(|| Status::behind(self.is_shut(), unknown))
    }

    /// Names of the controls that shut it.
    pub fn shut_by(&self) -> impl Iterator<Item = &str> {
        self.locks.iter().filter_map(|lock| match lock {
            Lock::Shut(control) => Some(control.control.as_str()),
            _ => None,
        })
    }
}

/// A resource and the policy on it.
#[derive(Debug, Clone)]
pub struct Bearer<'a> {
    /// The resource.
    pub resource: Resource,
    /// Its policy; `Read(None)`: it has none.
    pub policy: Known<Option<&'a str>>,
    /// The call that tells the policy.
    pub asked: &'static Call,
    /// What that call is about, as it names it.
    pub asked_of: &'a str,
    /// Controls besides the policy's own Deny statements.
    pub locks: Vec<Lock>,
}

/// What a policy amounts to.
#[derive(Debug, Clone)]
pub struct Effective {
    /// The ways in, public or not.
    pub paths: Vec<Path>,
    /// The ruling on the policy alone.
    pub ruling: Ruling,
}

/// The ways into `bearer` by its policy, for those outside the zone of trust that `context` draws.
/// Unread where the policy is; a resource without a policy lets nobody in from outside.
pub fn effective(bearer: &Bearer<'_>, context: &Context) -> Known<Option<Effective>> {
    let Resource { kind, uid: arn, account, .. } = &bearer.resource;
    let subject = Subject { kind, arn, owner_account: account, context };
    let kind = Kind::of(kind, arn);
    bearer.policy.map(|text| {
        let policy = document::parse(text?, &kind);
        let judge = |policy: &Policy| super::ruling(policy, &kind, &subject);
        let ruling = judge(&policy);
        let paths = paths(Via::Policy, &ruling, &policy, "policy", &bearer.locks, judge);
        Some(Effective { paths, ruling })
    })
}

/// The ways in by `policy`, on which `judge` gave `ruling`; it is `whose` for people. `locks` stand
/// before all of them but those of AWS services.
pub(crate) fn paths(
    via: Via,
    ruling: &Ruling,
    policy: &Policy,
    whose: &str,
    locks: &[Lock],
    judge: impl Fn(&Policy) -> Ruling,
) -> Vec<Path> {
    let mut paths = Vec::new();
    if ruling.verdict <= Verdict::Conditional {
        let path = Path::of(via, ruling, ruling.verdict);
        paths.push(Path { locks: locks.to_vec(), ..path });
    } else if let Some(alone) = without_denies(policy, judge) {
        let path = Path::of(via, &alone, alone.verdict);
        // Judged without its Deny statements: the sentence must not say that none cuts it.
        let deciding = alone.grants.iter().filter(|grant| grant.verdict == alone.verdict);
        let evidence = deciding.map(explain::allowing).collect();
        let locks = [denied(policy, whose)].into_iter().chain(locks.iter().cloned()).collect();
        paths.push(Path { evidence, locks, ..path });
    }
    for path in not_public(via, ruling) {
        let locks = if path.verdict == Verdict::Service { Vec::new() } else { locks.to_vec() };
        paths.push(Path { locks, ..path });
    }
    paths
}

/// The ruling on the Allow statements alone, if that is public and there is a Deny.
fn without_denies(policy: &Policy, judge: impl Fn(&Policy) -> Ruling) -> Option<Ruling> {
    let alone = allowing(policy);
    if alone.statements.len() == policy.statements.len() {
        return None;
    }
    Some(judge(&alone)).filter(|ruling| ruling.verdict == Verdict::Public)
}

/// A policy without its Deny statements.
pub(crate) fn allowing(policy: &Policy) -> Policy {
    let mut alone = policy.clone();
    alone.statements.retain(|statement| statement.allow);
    alone
}

/// The Deny statements of `policy`, which is `whose`, leave nothing of a grant.
pub(crate) fn denied(policy: &Policy, whose: &str) -> Lock {
    let labels: Vec<String> = policy
        .statements
        .iter()
        .filter(|statement| !statement.allow)
        .map(|statement| format!("`{}`", statement.label))
        .collect();
    Lock::Shut(Control {
        control: "policy:Deny".into(),
        text: format!("the {whose} denies all of it ({})", labels.join(", ")),
    })
}

/// What a ruling gives to whoever is named: to outsiders, to anyone by a fixed way in, and to AWS
/// services, each by itself. They are not public, and reported as such.
pub(crate) fn not_public(via: Via, ruling: &Ruling) -> Vec<Path> {
    let mut verdicts = BTreeSet::new();
    for grant in &ruling.grants {
        if grant.verdict > Verdict::Conditional {
            verdicts.insert(grant.verdict);
        }
    }
    verdicts.into_iter().map(|verdict| Path::of(via, ruling, verdict)).collect()
}
