//! A workload that strangers get to, and where the credentials of its role come from.

use std::collections::{BTreeSet, HashSet};
use std::hash::Hash;

use crate::inventory::aws::iam::RoleDetail;
use crate::model::{Exposure, Lock, Resource, Step, Verdict, Who};

/// A workload that strangers get to.
pub struct Workload {
    pub resource: Resource,
    /// What people call it, for instance `function resize`.
    pub label: String,
    /// To whom it is open, for instance `the internet`.
    pub to: &'static str,
    /// How it gets its role.
    pub role: Assigned,
    pub door: Door,
    /// Controls before the credentials of its role.
    pub locks: Vec<Lock>,
    /// By what its credentials are had more easily.
    pub eased: Vec<Step>,
    /// What takes more than taking rights from the role.
    pub also: &'static str,
}

/// What names the role of a workload.
pub enum Assigned {
    /// The ARN of an instance profile.
    Profile(String),
    /// The role itself, by its ARN; tasks may name it without (ECS API reference, TaskDefinition
    /// `taskRoleArn`). With the proof that the workload acts with it.
    Role(String, Vec<Step>),
}

impl Assigned {
    /// Whether that names `role`.
    pub fn is(&self, role: &RoleDetail) -> bool {
        match self {
            Assigned::Profile(arn) => {
                role.instance_profile_list.iter().any(|profile| profile.arn == *arn)
            }
            Assigned::Role(named, _) => role.arn == *named || role.role_name == *named,
        }
    }

    /// That the workload has the credentials of `role`.
    pub fn proof(self, role: &RoleDetail) -> Vec<Step> {
        match self {
            Assigned::Profile(arn) => {
                let text = format!("gives the instance the credentials of role {}", role.role_name);
                vec![Step::of("instance-profile", arn, text)]
            }
            Assigned::Role(_, proof) => proof,
        }
    }
}

/// A way to a workload.
#[derive(Clone)]
pub struct Door {
    /// What an outsider gets by it.
    pub exposure: Exposure,
    /// That it is open.
    pub verdict: Verdict,
    /// Whether something asks strangers for a login, or for a value that others can learn.
    pub hindered: bool,
}

impl Door {
    /// Those of `doors` that are as open as any, as one; `None` where there are none.
    pub fn widest(mut doors: Vec<Door>) -> Option<Door> {
        let status = doors.iter().map(|door| door.verdict.status).min()?;
        doors.retain(|door| door.verdict.status == status);
        let mut doors = doors.into_iter();
        let first = doors.next()?;
        Some(doors.fold(first, Door::with))
    }

    /// Both, which have one status.
    fn with(self, other: Door) -> Door {
        let (one, two) = (self.exposure, other.exposure);
        let who: Option<Who> = one.who.iter().chain(two.who.iter()).min().cloned();
        let exposure = Exposure {
            who: who.into(),
            access: sorted(one.access, two.access),
            ports: sorted(one.ports, two.ports),
            source: one.source.max(two.source),
            cidrs: sorted(one.cidrs, two.cidrs),
            opened_by: distinct(one.opened_by.into_iter().chain(two.opened_by)),
        };
        let (one, two) = (self.verdict, other.verdict);
        let verdict = Verdict {
            status: one.status,
            // What was shown of the one need not be shown again.
            evidence: distinct(one.evidence.into_iter().chain(two.evidence)),
            blocked_by: sorted(one.blocked_by, two.blocked_by),
            undecided: sorted(one.undecided, two.undecided),
        };
        Door { exposure, verdict, hindered: self.hindered && other.hindered }
    }
}

fn sorted<T: Ord>(one: Vec<T>, two: Vec<T>) -> Vec<T> {
    let all: BTreeSet<T> = one.into_iter().chain(two).collect();
    all.into_iter().collect()
}

/// The items without repetitions, in their order.
fn distinct<T: Clone + Eq + Hash>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    items.into_iter().filter(|item| seen.insert(item.clone())).collect()
}
