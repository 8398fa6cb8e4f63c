//! What to ask next: which answers can still change a verdict, given those that are in.
//!
//! Collectors ask what stands here and decide nothing of it themselves.

mod cognito;
mod databases;
mod functions;
mod keys;
mod load_balancers;
mod network;
pub mod s3;
mod tasks;
mod warehouses;

use std::collections::BTreeSet;

use crate::inventory::aws::calls::Call;

pub use cognito::pool_roles_matter;
pub use databases::sharing_matters;
pub use functions::{concurrency_matters, urls_matter};
pub use keys::key_state_matters;
pub use load_balancers::{follow_ups, listeners_matter};
pub use network::{
    addresses_matter, controls_matter, endpoints_matter, exclusions_matter, has_endpoints,
    own_images_matter, own_snapshots_matter, prefix_lists, public_snapshots_matter, shares_matter,
    sharing_blocks_matter, snapshot_block_matters,
};
pub use tasks::{definitions_matter, tasks_matter};
pub use warehouses::subnet_groups_matter;

/// What the chosen rules need to know; nothing else is asked.
#[derive(Debug, Clone, Default)]
pub struct CollectionPlan {
    /// Calls that some chosen rule reads.
    pub calls: BTreeSet<&'static Call>,
    /// Also ask what only findings need that a control shuts.
    pub latent: bool,
    /// Also ask for what lets in nobody but outsiders who are named.
    pub named: bool,
    /// Also ask for every bucket's own protections where the account's leave something open.
    pub protections: bool,
    /// Objects of one bucket whose ACLs are asked for.
    pub objects: usize,
    /// Look at the first so many things of every list only: to learn which calls are refused, not
    /// what is exposed.
    pub probe: Option<usize>,
}

impl CollectionPlan {
    /// True when some chosen rule reads the call, and its answer can change what is reported.
    pub fn wants(&self, call: &Call) -> bool {
        self.calls.contains(call) && (self.latent || !call.only_latent)
    }
}

/// A question that other answers raise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FollowUp {
    /// The call to make.
    pub call: &'static Call,
    /// What it is about, where it is about one thing.
    pub resource: Option<String>,
}
