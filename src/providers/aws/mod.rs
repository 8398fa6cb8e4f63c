//! AWS: identity and regions first ([`connect`]), then everything the chosen rules need
//! ([`collect`]), one account at a time.
//!
//! A refused call never ends a collection: it becomes a gap of the snapshot.

mod account;
mod calls;
mod catalog;
mod collect;
mod credentials;
mod dms;
mod ec2;
mod eks;
mod elasticache;
mod elb;
mod elbv2;
mod errors;
mod failure;
mod guard;
mod http;
mod kafka;
mod memorydb;
mod mq;
mod offered;
mod points;
mod profile;
mod rds;
mod redshift;
mod redshift_serverless;
mod regions;
mod retry;
mod s3;
mod session;
mod site;
#[cfg(test)]
mod tests;
mod watch;

use std::collections::BTreeSet;

use crate::inventory::aws::Services;
use crate::inventory::aws::calls::Call;

pub use account::Account;
pub use catalog::{COLLECTORS, Collector, FOLLOWERS, Follower, Scope};
pub use collect::collect;
pub use errors::ConnectError;
pub use session::{Connected, Options, connect};
pub use watch::{Event, Watch};

/// What the chosen rules need to know; nothing else is asked.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Calls.
    pub calls: BTreeSet<&'static Call>,
    /// Also ask what only findings need that a control shuts.
    pub latent: bool,
    /// Also ask for every bucket's own protections where the account's leave something open.
    pub protections: bool,
    /// Objects of one bucket whose ACLs are asked for.
    pub objects: usize,
    /// Look at the first so many things of every list only: to learn which calls are refused, not
    /// what is exposed.
    pub probe: Option<usize>,
    /// What else is worth asking once the first answers of a region are in. Whoever judges knows;
    /// it is asked again after each round of answers, until nothing new comes up.
    pub further: Option<fn(&Services) -> Vec<Question>>,
}

/// A question that other answers raise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Question {
    /// The call.
    pub call: &'static Call,
    /// What it is about, where it is about one thing.
    pub about: Option<String>,
}

impl Wanted {
    /// True when some chosen rule reads the call.
    pub fn has(&self, call: &Call) -> bool {
        self.calls.contains(call)
    }
}
