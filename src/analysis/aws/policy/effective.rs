//! Effective access by a resource policy, for every kind of resource that bears one: the ways in
//! that its grants open, and the controls that stand before each.
//!
//! A grant that the policy's own Deny statements leave nothing of is a way in that is shut.

use std::collections::BTreeSet;

use serde::{Serialize, Serializer};

use super::document::{self, Policy};
use super::organization::{Beside, Guard};
use super::services::Kind;
use super::{Access, Context, Grant, Locked, Ruling, Subject, Verdict, Who, explain, locked};
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
    /// Each of those who come in.
    pub holders: BTreeSet<Who>,
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
            holders: deciding().map(|grant| grant.who.clone()).collect(),
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
    /// Policies that hold for it as well, by what people call them. A request needs an Allow in any
    /// of all and no Deny in any (IAM user guide, "Policy evaluation logic").
    pub further: Vec<(&'static str, &'a str)>,
    /// Controls besides the policy's own Deny statements.
    pub locks: Vec<Lock>,
}

impl Bearer<'_> {
    /// Its policy, of which this is the text, with those that hold for it as well; `None`: there is
    /// none at all.
    pub(super) fn together(&self, text: Option<&str>, kind: &Kind) -> Option<Policy> {
        let own = text.map(|text| document::parse(text, kind));
        let further = self.further.iter();
        let further = further.map(|(name, text)| document::parse(text, kind).called(name));
        let policies: Vec<Policy> = own.into_iter().chain(further).collect();
        (!policies.is_empty()).then(|| policies.into_iter().collect())
    }
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
    effective_for(bearer, context, &|_| true)
}

/// The same by those grants alone that `keep` keeps, where a rule is about some of those who may
/// get in. What cannot be decided of the policy as a whole is kept.
pub fn effective_for(
    bearer: &Bearer<'_>,
    context: &Context,
    keep: &dyn Fn(&Grant) -> bool,
) -> Known<Option<Effective>> {
    let Resource { kind, uid: arn, account, .. } = &bearer.resource;
    let subject = Subject { kind, arn, owner_account: account, context };
    let kind = Kind::of(kind, arn);
    bearer.policy.map(|text| {
        let policy = bearer.together(text, &kind)?;
        let guard = context.control_policies.guard(&kind, account);
        if kind.url(context).is_some() {
            return Some(by_url(&policy, &kind, &subject, &bearer.locks));
        }
        let judge = |policy: &Policy, beside: &Beside| {
            super::ruling_beside(policy, &kind, &subject, beside).keeping(keep)
        };
        let ruling = judge(&policy, &guard.beside());
        let before = Before { locks: &bearer.locks, guard: &guard };
        let paths = paths(Via::Policy, &ruling, &policy, "policy", &before, judge);
        Some(Effective { paths, ruling })
    })
}

/// The way in by a function's URL, which asks for two permissions: where one is missing, what the
/// other grants is shut by that.
fn by_url(policy: &Policy, kind: &Kind, subject: &Subject<'_>, locks: &[Lock]) -> Effective {
    let judge = |policy: &Policy| locked::judged(policy, kind, subject);
    let Locked { ruling, controls, without, .. } = judge(policy);
    let Some(without) = without.filter(|_| !controls.is_empty()) else {
        let before = Before { locks, guard: &Guard::default() };
        let alone = |policy: &Policy, _: &Beside| judge(policy).ruling;
        let paths = paths(Via::Policy, &ruling, policy, "policy", &before, alone);
        return Effective { paths, ruling };
    };
    let path = Path::of(Via::Policy, &without, without.verdict);
    let locks = controls.into_iter().map(Lock::Shut).chain(locks.iter().cloned()).collect();
    let shut = Path { locks, ..path };
    let paths = [shut].into_iter().chain(not_public(Via::Policy, &ruling)).collect();
    Effective { paths, ruling }
}

/// The statements that let the public in by the policy on `bearer`, open or shut, by their Sids:
/// without them it lets nobody in whom nobody named. `None` where they cannot be told apart, or one
/// has no Sid.
pub fn opening(bearer: &Bearer<'_>, context: &Context) -> Option<BTreeSet<String>> {
    let Resource { kind, uid: arn, account, .. } = &bearer.resource;
    let subject = Subject { kind, arn, owner_account: account, context };
    let kind = Kind::of(kind, arn);
    let text = bearer.policy.into_option().flatten()?;
    let open = |policy: &Policy| {
        let open = |policy: &Policy| {
            let locked = locked::judged(policy, &kind, &subject);
            let is_open = locked.ruling.verdict <= Verdict::Conditional;
            if is_open { Some(locked.ruling) } else { locked.without }
        };
        open(policy).or_else(|| open(&allowing(policy)))
    };
    let mut gone = BTreeSet::new();
    without(text, &kind, open, Verdict::Conditional, &mut gone)?;
    gone.into_iter().collect()
}

/// What is left of the policy of `bearer` without the statements that grant at `widest` or at a worse
/// verdict what `keep` keeps; `shut`: or would, but for its own Deny statements. What the organization
/// denies is not counted on. `None` where it has no policy, or nobody read it.
pub fn closed_for(
    bearer: &Bearer<'_>,
    context: &Context,
    keep: &dyn Fn(&Grant) -> bool,
    widest: Verdict,
    shut: bool,
) -> Option<Closed> {
    closed_in(bearer, context, keep, widest, shut, &mut BTreeSet::new())
}

/// The Sids of the statements that [`closed_for`] takes away. `None` where they cannot be told apart,
/// or one has no Sid.
pub fn closing_for(
    bearer: &Bearer<'_>,
    context: &Context,
    keep: &dyn Fn(&Grant) -> bool,
    widest: Verdict,
    shut: bool,
) -> Option<BTreeSet<String>> {
    let mut gone = BTreeSet::new();
    closed_in(bearer, context, keep, widest, shut, &mut gone)?;
    let gone: Option<BTreeSet<String>> = gone.into_iter().collect();
    gone.filter(|gone| !gone.is_empty())
}

fn closed_in(
    bearer: &Bearer<'_>,
    context: &Context,
    keep: &dyn Fn(&Grant) -> bool,
    widest: Verdict,
    shut: bool,
    gone: &mut BTreeSet<Option<String>>,
) -> Option<Closed> {
    let Resource { kind, uid: arn, account, .. } = &bearer.resource;
    let subject = Subject { kind, arn, owner_account: account, context };
    let kind = Kind::of(kind, arn);
    let text = bearer.policy.read().copied().flatten()?;
    let judge = |policy: &Policy| {
        let ruling = match shut {
            true => super::ruling(&allowing(policy), &kind, &subject),
            false => super::ruling(policy, &kind, &subject),
        };
        ruling.keeping(keep)
    };
    Some(closed_to(text, &kind, judge, widest, gone))
}

/// What stands before the ways in by a policy.
pub(crate) struct Before<'l> {
    /// Controls before all of them but those of AWS services.
    pub(crate) locks: &'l [Lock],
    /// What the organization denies.
    pub(crate) guard: &'l Guard,
}

/// The ways in by `policy`, on which `judge` gave `ruling` beside all that the organization denies;
/// it is `whose` for people.
pub(crate) fn paths(
    via: Via,
    ruling: &Ruling,
    policy: &Policy,
    whose: &str,
    before: &Before<'_>,
    judge: impl Fn(&Policy, &Beside) -> Ruling,
) -> Vec<Path> {
    let Before { locks, guard } = *before;
    let mut paths = Vec::new();
    if ruling.verdict <= Verdict::Conditional {
        let path = Path::of(via, ruling, ruling.verdict);
        let locks = locks.iter().cloned().chain(guard.open()).collect();
        paths.push(Path { locks, ..path });
    } else if let Some(shut) = shut(via, policy, whose, guard, judge) {
        let locks = shut.locks.iter().chain(locks).cloned().collect();
        paths.push(Path { locks, ..shut });
    }
    for path in not_public(via, ruling) {
        let locks = if path.verdict == Verdict::Service { Vec::new() } else { locks.to_vec() };
        paths.push(Path { locks, ..path });
    }
    paths
}

/// What is left of a policy when the statements that let the public in are taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closed {
    /// Nothing, or nothing that could be told apart: the policy as a whole has to go.
    Nothing,
    /// This policy, which lets nobody in whom nobody named.
    Policy(String),
}

/// The policy of `text` without the statements by which `judge` finds it open to the public, those
/// of them first that the answer names; what they covered up comes to light when they are gone.
pub(crate) fn closed(text: &str, kind: &Kind, judge: impl Fn(&Policy) -> Ruling) -> Closed {
    closed_to(text, kind, judge, Verdict::Conditional, &mut BTreeSet::new())
}

/// The same, where what is granted at `widest` or at a worse verdict has to go; the Sids of what
/// went go to `gone`.
pub(crate) fn closed_to(
    text: &str,
    kind: &Kind,
    judge: impl Fn(&Policy) -> Ruling,
    widest: Verdict,
    gone: &mut BTreeSet<Option<String>>,
) -> Closed {
    let open = |policy: &Policy| {
        let ruling = judge(policy);
        (ruling.verdict <= widest).then_some(ruling)
    };
    match without(text, kind, open, widest, gone) {
        Some(left) if left["Statement"].as_array().is_none_or(|all| !all.is_empty()) => {
            Closed::Policy(left.to_string())
        }
        Some(_) => Closed::Nothing,
        None => {
            gone.insert(None);
            Closed::Nothing
        }
    }
}

/// The policy of `text` without the statements that `open` finds to grant at `widest` or at a worse
/// verdict, whose Sids go to `gone`. `None` where they cannot be told apart.
fn without(
    text: &str,
    kind: &Kind,
    open: impl Fn(&Policy) -> Option<Ruling>,
    widest: Verdict,
    gone: &mut BTreeSet<Option<String>>,
) -> Option<serde_json::Value> {
    let mut json = serde_json::from_str::<serde_json::Value>(text).ok()?;
    while let Some(ruling) = open(&document::parse(&json.to_string(), kind)) {
        let grants = ruling.grants.iter().filter(|grant| grant.verdict <= widest);
        let labels: BTreeSet<&str> =
            grants.flat_map(|grant| &grant.via).map(String::as_str).collect();
        let statements = json.get_mut("Statement")?.as_array_mut()?;
        let before = statements.len();
        let mut place = 0;
        statements.retain(|statement| {
            place += 1;
            let sid = statement.get("Sid").and_then(|sid| sid.as_str());
            let sid = sid.filter(|sid| !sid.is_empty()).map(str::to_owned);
            let label = sid.clone().unwrap_or_else(|| format!("#{place}"));
            let stays = !labels.contains(label.as_str());
            if !stays {
                gone.insert(sid);
            }
            stays
        });
        if statements.len() == before {
            return None;
        }
        if statements.is_empty() {
            break;
        }
    }
    Some(json)
}

/// What is public but for Deny statements, of the organization or of the policy itself.
fn shut(
    via: Via,
    policy: &Policy,
    whose: &str,
    guard: &Guard,
    judge: impl Fn(&Policy, &Beside) -> Ruling,
) -> Option<Path> {
    let nothing = Beside::default();
    let by_organization = |policy: &Policy| {
        let beside = |beside: &Beside| judge(policy, beside);
        let shut = !guard.is_empty() && beside(&guard.beside()).verdict > Verdict::Conditional;
        if shut { guard.shutting(beside) } else { Vec::new() }
    };
    let without = (!guard.is_empty()).then(|| judge(policy, &nothing));
    let (alone, controls) = match without {
        Some(without) if without.verdict == Verdict::Public => (without, by_organization(policy)),
        // Whether its own Deny statements leave something cannot be decided.
        Some(without) if without.verdict <= Verdict::Conditional => return None,
        _ => {
            let allowing = allowing(policy);
            if allowing.statements.len() == policy.statements.len() {
                return None;
            }
            let alone = judge(&allowing, &nothing);
            let own = denied(policy, whose);
            (alone, [own].into_iter().chain(by_organization(&allowing)).collect())
        }
    };
    if alone.verdict != Verdict::Public {
        return None;
    }
    let path = Path::of(via, &alone, alone.verdict);
    // Judged without Deny statements: the sentence must not say that none cuts it.
    let deciding = alone.grants.iter().filter(|grant| grant.verdict == alone.verdict);
    let evidence = deciding.map(explain::allowing).collect();
    Some(Path { evidence, locks: controls.into_iter().map(Lock::Shut).collect(), ..path })
}

/// A policy without its Deny statements.
pub(crate) fn allowing(policy: &Policy) -> Policy {
    let mut alone = policy.clone();
    alone.statements.retain(|statement| statement.allow);
    alone
}

/// The Deny statements of `policy`, which is `whose`, leave nothing of a grant.
pub(crate) fn denied(policy: &Policy, whose: &str) -> Control {
    let labels: Vec<String> = policy
        .statements
        .iter()
        .filter(|statement| !statement.allow)
        .map(|statement| format!("`{}`", statement.label))
        .collect();
    Control {
        control: "policy:Deny".into(),
        text: format!("the {whose} denies all of it ({})", labels.join(", ")),
    }
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
