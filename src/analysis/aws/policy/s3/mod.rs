//! Everything that decides who reaches a bucket, together: policy, ACLs, access points; and the
//! controls that cut them. What was not read stays open as such.

mod acl;
mod facts;
mod locks;
mod paths;
mod points;

use crate::inventory::aws::calls::Call;
use crate::model::Missing;
use std::collections::BTreeSet;

use serde::Serialize;

pub use facts::{AclGrant, Bucket, Grantee, Object, Point, PublicAccessBlock};

use super::Who;
use super::services::Access;
use super::{Ruling as PolicyRuling, Verdict};

/// The kind of way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// An access point.
    AccessPoint,
    /// The bucket's ACL.
    Acl,
    /// An object's ACL.
    ObjectAcl,
    /// The bucket policy.
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

/// A control that can close a way in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Lock {
    /// It does.
    Shut {
        /// Its stable name, `account:RestrictPublicBuckets`.
        control: String,
        /// For people.
        text: String,
    },
    /// It does not.
    Open {
        /// Its stable name.
        control: String,
        /// For people.
        text: String,
    },
    /// Nobody could look.
    Unread(Missing),
}

/// Whether a way in is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Open, and no control shuts it.
    Exposed,
    /// Open, no control that was read shuts it, and something is not known.
    Undetermined,
    /// Open but for a control.
    Latent,
    /// Not public.
    None,
}

impl Status {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Status::Exposed => "exposed",
            Status::Undetermined => "undetermined",
            Status::Latent => "latent",
            Status::None => "none",
        }
    }
}

/// One way in, with what stands in it.
#[derive(Debug, Clone, Serialize)]
pub struct Path {
    /// Kind.
    pub via: Via,
    /// Access point or object, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How bad it is without the locks.
    pub verdict: Verdict,
    /// Who comes in.
    #[serde(skip_serializing_if = "Option::is_none")]
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
    /// Whether it lets somebody in whom nobody named (or may do so).
    pub fn is_public(&self) -> bool {
        self.verdict <= Verdict::Conditional
    }

    /// Whether a control shuts it.
    pub fn is_shut(&self) -> bool {
        self.locks.iter().any(|lock| matches!(lock, Lock::Shut { .. }))
    }

    /// Its status. One shut lock is enough, whatever else was not read.
    pub fn status(&self) -> Status {
        let unread = self.locks.iter().any(|lock| matches!(lock, Lock::Unread { .. }));
        match () {
            () if !self.is_public() => Status::None,
            () if self.is_shut() => Status::Latent,
            () if unread || self.verdict != Verdict::Public => Status::Undetermined,
            () => Status::Exposed,
        }
    }

    /// Names of the controls that shut it.
    pub fn shut_by(&self) -> impl Iterator<Item = &str> {
        self.locks.iter().filter_map(|lock| match lock {
            Lock::Shut { control, .. } => Some(control.as_str()),
            _ => None,
        })
    }
}

/// Everything about one bucket.
#[derive(Debug, Clone, Serialize)]
pub struct Exposure {
    /// The ways in, public or not.
    pub paths: Vec<Path>,
    /// Calls without whose answer a way in may be missing here.
    pub unread_doors: BTreeSet<&'static Call>,
    /// What people should know besides.
    pub notes: Vec<String>,
    /// The ruling on the bucket policy alone, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyRuling>,
}

/// The answer in one line: the worst status, and what the ways in of that status add up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Worst status.
    pub status: Status,
    /// The widest of those who come in.
    pub who: Option<Who>,
    /// What they may do.
    pub access: BTreeSet<Access>,
    /// By which ways.
    pub via: BTreeSet<Via>,
    /// Controls that shut some public way, also where another is open.
    pub blocked_by: BTreeSet<String>,
    /// Named outsiders that no control keeps out.
    pub cross_account: BTreeSet<String>,
}

impl Exposure {
    /// Sums up.
    pub fn summary(&self) -> Summary {
        let status = self.paths.iter().map(Path::status).min().unwrap_or(Status::None);
        let reported: Vec<&Path> = self
            .paths
            .iter()
            .filter(|path| match status {
                Status::None => !path.is_public() && !path.is_shut(),
                other => path.status() == other,
            })
            .filter(|path| !path.access.is_empty())
            .collect();
        let public = self.paths.iter().filter(|path| path.is_public());
        Summary {
            status,
            who: match status {
                Status::None => None,
                _ => reported.iter().filter_map(|path| path.who.clone()).min(),
            },
            access: reported.iter().flat_map(|path| path.access.iter().copied()).collect(),
            via: reported.iter().map(|path| path.via).collect(),
            blocked_by: public.flat_map(|path| path.shut_by().map(str::to_owned)).collect(),
            cross_account: self
                .paths
                .iter()
                .filter(|path| !path.is_public() && !path.is_shut())
                .flat_map(|path| path.outsiders.iter().cloned())
                .collect(),
        }
    }
}

/// Puts the facts about a bucket together.
pub fn judge(bucket: &Bucket<'_>) -> Exposure {
    paths::Composer::new(bucket).compose()
}
