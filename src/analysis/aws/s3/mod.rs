//! Everything that decides who reaches a bucket, together: policy, ACLs, access points; and the
//! controls that cut them. What was not read stays open as such.

mod account;
mod acl;
mod facts;
mod locks;
mod paths;
mod points;

use std::collections::BTreeSet;

use super::policy::effective::{Path, Via};
use super::policy::{Access, Ruling, Who};
use crate::inventory::aws::calls::Call;
use crate::model::Status;

pub use account::{Account, Judged, JudgedNamed, JudgedPoint, JudgedSample, resource};
pub use facts::{AclGrant, Bucket, Grantee, Object, Point};

/// Everything about one bucket.
#[derive(Debug, Clone)]
pub struct Exposure {
    /// The ways in, public or not.
    pub paths: Vec<Path>,
    /// Calls without whose answer a way in may be missing here.
    pub unread_doors: BTreeSet<&'static Call>,
    /// What people should know besides.
    pub notes: Vec<String>,
    /// The ruling on the bucket policy alone, if there is one.
    pub policy: Option<Ruling>,
}

/// The answer in one line: the worst status, and what the ways in of that status add up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Worst status; `None` when it is not public.
    pub status: Option<Status>,
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

impl Summary {
    /// The word for the status: that of reports, or `none`.
    pub fn status_word(&self) -> &'static str {
        self.status.map_or("none", Status::as_str)
    }
}

impl Exposure {
    /// Sums up.
    pub fn summary(&self) -> Summary {
        // Statuses are ordered worst first.
        let status = self.paths.iter().filter_map(Path::status).min();
        let reported: Vec<&Path> = self
            .paths
            .iter()
            .filter(|path| match status {
                None => !path.is_public() && !path.is_shut(),
                some => path.status() == some,
            })
            .filter(|path| !path.access.is_empty())
            .collect();
        let public = self.paths.iter().filter(|path| path.is_public());
        Summary {
            status,
            who: status.and_then(|_| reported.iter().filter_map(|path| path.who.clone()).min()),
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
