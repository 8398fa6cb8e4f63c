//! Rules about outsiders whom policies name: an account, an organization, a canonical id. Every rule
//! of the policy shape lends its kind of resource to them.

use std::collections::BTreeSet;

use super::outsiders;
use super::policy::{Further, PolicyRule, steps, title};
use crate::analysis::aws::policy::effective::{Bearer, Closed, Path, closed_for, closing_for};
use crate::analysis::aws::policy::named::{is_to_named, named};
use crate::analysis::aws::policy::{Access, Context as Zone, Verdict as Breadth};
use crate::inventory::aws::calls::Call;
use crate::model::{
    Audience, Door, Exposure, Known, Lock, Remediation, Resource, Severity, Status, Step, Who,
    first_few,
};
use crate::rules::change::Change;
use crate::rules::{Context, Findings, Found, Region, Rule};

/// Those of whom a title names before it counts the rest.
const NAMED: usize = 2;

/// A kind of resource whose policy may name outsiders.
pub struct NamedKind {
    /// The rule about the public, whose calls tell the policies.
    pub rule: &'static Rule,
    /// What people call one.
    pub noun: &'static str,
    /// The call that lists them.
    pub list: &'static Call,
    /// Those of one region; unread where the list is.
    pub bearers: for<'a> fn(&Region<'_, 'a>) -> Known<Vec<Bearer<'a>>>,
    /// The policy that holds for all of a region beside their own.
    pub further: Option<&'static Further>,
    /// What is known of the callers besides.
    pub zone: fn(&Zone) -> Zone,
    /// How statements are taken out of a policy.
    pub close: Close,
}

/// How statements are taken out of the policies of a kind.
pub enum Close {
    /// By another policy in the place of the one that is there.
    Put(&'static PolicyRule),
    /// By their Sids; by `None` where these do not tell them apart. Commands, and what they change.
    Statements(Removal),
}

/// Takes statements out of the policy of a resource.
pub type Removal = fn(&Bearer<'_>, Option<&BTreeSet<String>>) -> (Vec<String>, Vec<Change>);

impl NamedKind {
    /// The kind of a rule of the policy shape.
    pub const fn of(rule: &'static Rule, shape: &'static PolicyRule) -> NamedKind {
        NamedKind {
            rule,
            noun: shape.noun,
            list: shape.list,
            bearers: shape.bearers,
            further: shape.further,
            zone: Zone::clone,
            close: Close::Put(shape),
        }
    }

    /// What to do about the way in `path`, seen from outside `zone`.
    fn fix(&self, bearer: &Bearer<'_>, zone: &Zone, path: &Path) -> (Remediation, Vec<Change>) {
        let shut = is_denied(path);
        // Without what another policy denies, each lets in at least what it does beside it.
        let opens = |alone: Bearer<'_>| matches!(named(&alone, zone), Known::Read(Some(_)));
        let by_further = self.further.filter(|_| {
            let alone = Bearer { policy: Known::Read(None), ..bearer.clone() };
            !bearer.further.is_empty() && opens(alone)
        });
        let by_own =
            bearer.further.is_empty() || opens(Bearer { further: Vec::new(), ..bearer.clone() });
        let (mut commands, mut changes) = (Vec::new(), Vec::new());
        let mut then = BTreeSet::new();
        if by_own {
            let (way, own, change) = self.without_named(bearer, zone, shut);
            then.insert(way);
            commands.extend(own);
            changes.extend(change);
        }
        if let Some(further) = by_further {
            then.insert(format!("{} as a whole", further.name));
            commands.push((further.close)(bearer));
            changes.push((further.change)(&bearer.resource));
        }
        let then = then.into_iter().collect::<Vec<_>>().join(" and ");
        (Remediation { text: advice(path, &then), commands }, changes)
    }

    /// What is taken away, in words, and by which commands.
    fn without_named(
        &self,
        bearer: &Bearer<'_>,
        zone: &Zone,
        shut: bool,
    ) -> (String, Vec<String>, Vec<Change>) {
        let statements = "the statements that let them in, with everybody else whom these name";
        let own = format!("the {}'s whole policy", self.noun);
        match &self.close {
            Close::Statements(remove) => {
                let widest = Breadth::CrossAccount;
                let gone = closing_for(bearer, zone, &is_to_named, widest, shut);
                let (commands, changes) = remove(bearer, gone.as_ref());
                let way = if gone.is_some() { statements.to_owned() } else { own };
                (way, commands, changes)
            }
            Close::Put(shape) => {
                let left = closed_for(bearer, zone, &is_to_named, Breadth::CrossAccount, shut);
                let kind = self.rule.kind;
                let change = |left| Change::policy(kind, &bearer.resource, bearer.asked_of, left);
                let (way, command, change) = match left {
                    Some(Closed::Policy(left)) => {
                        let put = (shape.put)(bearer, &left);
                        (statements.to_owned(), put, change(Some(left)))
                    }
                    _ => {
                        let left = shape.leaves.map(|leaves| leaves(bearer));
                        (own, (shape.close)(bearer), change(left))
                    }
                };
                (way, vec![command], change.into_iter().collect())
            }
        }
    }
}

/// Reports every resource of a kind whose policy lets in outsiders who are named.
pub fn evaluate(cx: &Context<'_>, found: &mut Findings, zone: &Zone, kind: &NamedKind) {
    let zone = (kind.zone)(zone);
    for region in cx.regions() {
        let Known::Read(mut bearers) = (kind.bearers)(&region) else {
            found.unread(kind.list, region.name);
            continue;
        };
        if let Some(further) = kind.further {
            further.beside(&region, &mut bearers, found);
        }
        for bearer in bearers {
            match named(&bearer, &zone) {
                Known::Unread => {
                    found.unread_about(bearer.asked, &bearer.resource.region, bearer.asked_of);
                }
                Known::Read(None) => {}
                Known::Read(Some(path)) => {
                    let (remediation, changes) = kind.fix(&bearer, &zone, &path);
                    let what = format!("{} {}", kind.noun, bearer.resource.id);
                    let way = Way { way_in: "policy", paths: vec![&path], what };
                    report(cx, found, bearer.resource, &way, (remediation, changes));
                }
            }
        }
    }
}

/// How outsiders who are named get in to a resource.
pub struct Way<'p> {
    /// Tells it from others of the same resource.
    pub way_in: &'static str,
    /// The ways in, all of one status.
    pub paths: Vec<&'p Path>,
    /// What they get in to, in words.
    pub what: String,
}

impl<'p> Way<'p> {
    /// Those of `paths` that share the worst status of all that there are; `None` where there are
    /// none.
    pub fn worst(
        way_in: &'static str,
        paths: impl IntoIterator<Item = &'p Path>,
        what: String,
    ) -> Option<Way<'p>> {
        let mut paths: Vec<&Path> = paths.into_iter().collect();
        // Statuses are ordered worst first.
        let worst = paths.iter().map(|path| status(path)).min()?;
        paths.retain(|path| status(path) == worst);
        Some(Way { way_in, paths, what })
    }
}

/// Reports one resource that outsiders get in to who are named.
pub fn report(
    cx: &Context<'_>,
    found: &mut Findings,
    resource: Resource,
    way: &Way<'_>,
    (remediation, changes): (Remediation, Vec<Change>),
) {
    let paths = way.paths.iter();
    let holders: BTreeSet<&Who> = paths.clone().flat_map(|path| &path.holders).collect();
    let access: BTreeSet<Access> = paths.clone().flat_map(|path| path.access.clone()).collect();
    let mut evidence: Vec<Step> = paths.clone().flat_map(|path| steps(path)).collect();
    let accounts: BTreeSet<&str> = holders.iter().filter_map(|who| who.account()).collect();
    evidence.extend(accounts.iter().filter_map(|account| outsiders::vendor(account)));
    evidence.extend(outsiders::not_known(cx, holders.iter().any(|who| may_be_a_member(who))));
    let locks = paths.flat_map(|path| path.locks.iter().cloned());
    let mut verdict = Door::open(evidence).behind(locks);
    let mut seen = BTreeSet::new();
    verdict.evidence.retain(|step| seen.insert(step.clone()));
    let people: BTreeSet<String> = holders.iter().map(|who| outsiders::called(who)).collect();
    let audience: BTreeSet<String> = holders.iter().map(ToString::to_string).collect();
    let audience = audience.into_iter().collect::<Vec<_>>().join(", ");
    let changes_it = access.contains(&Access::Write) || access.contains(&Access::Permissions);
    let finding = Found {
        way_in: way.way_in,
        severity: if changes_it { Severity::High } else { Severity::Medium },
        title: title(verdict.status, &first_few(people, NAMED), &access, &way.what),
        exposure: Some(Exposure {
            who: Audience::from(audience.as_str()),
            access: access.into_iter().collect(),
            ..Exposure::default()
        }),
        verdict,
        remediation,
        resource,
    };
    found.push_closed_by(finding, changes);
}

/// What to do about the way in `path`, whose command takes `then` away.
pub fn advice(path: &Path, then: &str) -> String {
    let what = match status(path) {
        Status::Latent => {
            "see whether they are still meant to have it, so that nothing depends on \
                           the control"
        }
        _ => {
            "ask whether they still need it, and trust them in the configuration if they are yours"
        }
    };
    format!("{what}; to close it is to take away {then}")
}

/// Whether Deny statements of the policy itself leave nothing of it.
pub fn is_denied(path: &Path) -> bool {
    path.shut_by().any(|control| control == "policy:Deny")
}

/// Whether a way in of outsiders who are named is open.
fn status(path: &Path) -> Status {
    Status::behind(path.is_shut(), path.locks.iter().any(Lock::is_unknown))
}

fn may_be_a_member(who: &Who) -> bool {
    matches!(
        who,
        Who::Account(_) | Who::Principal(_) | Who::Canonical(_) | Who::Unique(_) | Who::Source(_)
    )
}
