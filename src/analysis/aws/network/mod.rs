//! Effective network exposure: which port of what a host on the internet can open, and why.
//!
//! For everything that owns a network address, the sources that its security groups admit are
//! followed through every control between the internet and it. What passes all of them is exposed;
//! what only the groups admit is latent, with the controls that shut it.
//!
//! It deliberately does not know host firewalls, listening processes or what a middlebox does:
//! those count as letting everything pass. It knows no severities either.

pub mod catalogue;
mod controls;
mod endpoints;
mod evidence;
mod facts;
mod owners;
mod protocol;
pub mod reads;
mod region;
mod rows;
mod sources;
mod verdict;

use crate::inventory::aws::Services;
use crate::inventory::aws::calls::Call;
use crate::inventory::aws::ec2::VpcBlockPublicAccessExclusion;
use crate::inventory::aws::eks::VpcConfig;
use crate::model::{Control as Blocked, Missing, Step};

pub use controls::{Control, Controls, Ports, Unverified};
pub use evidence::Admitting;
pub use protocol::{Family, Proto};
pub use rows::{Asks, Front, Path, ResourceRef, Row, Via};
pub use sources::Sources;

use endpoints::endpoint::{Endpoint, EndpointSubject};
use facts::RegionFacts;

/// A door that could not be judged because its facts were not read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// The call, for instance `ec2:DescribeNetworkInterfaces`.
    pub call: &'static Call,
    /// What the call is about, where it is about one thing.
    pub resource: Option<String>,
}

/// What is reachable in one region.
#[derive(Debug)]
pub struct Reachability<'a> {
    /// The verdicts, sorted by resource.
    pub rows: Vec<Row<'a>>,
    /// Doors that could not be judged.
    pub unread: Vec<Unread>,
    endpoints: Vec<Endpoint<'a>>,
    facts: RegionFacts<'a>,
}

/// Judges everything in a region that has a network address, as `account` sees it. Without an
/// account (an empty one) nothing in the region counts as another's.
pub fn analyse<'a>(account: &'a str, services: &'a Services) -> Reachability<'a> {
    region::judge(account, services)
}

/// The VPC or subnet that an exclusion from VPC block public access opens to the internet; `None`
/// for one that allows egress only or is not in force.
pub fn opened_by_exclusion(exclusion: &VpcBlockPublicAccessExclusion) -> Option<&str> {
    controls::bpa::opened(exclusion)
}

/// The blocks from which the API of a Kubernetes cluster is reached; `None` where it has no public
/// endpoint.
pub fn kubernetes_blocks(access: Option<&VpcConfig>) -> Option<Vec<&str>> {
    endpoints::services::kubernetes_blocks(access)
}

impl<'a> Reachability<'a> {
    /// The proof of a row, in the order in which a packet meets it. For a latent row it ends at the
    /// first control that shuts. Worked out when asked, for rows that are reported.
    pub fn chain(&self, row: &Row<'a>) -> Vec<Step> {
        evidence::chain(&self.facts, &self.endpoints, row)
    }

    /// As [`Reachability::chain`], for one of the ways through the load balancer before the row.
    pub fn chain_through(&self, row: &Row<'a>, path: &Path<'a>) -> Vec<Step> {
        evidence::chain_through(&self.facts, &self.endpoints, row, Some(path))
    }

    /// Whether the row's endpoint stands in no VPC of the account.
    pub fn is_service_managed(&self, row: &Row<'a>) -> bool {
        let endpoint = self.endpoints.get(row.endpoint as usize);
        endpoint.is_some_and(|endpoint| {
            matches!(endpoint.subject, EndpointSubject::ServiceManaged { .. })
        })
    }

    /// The chain as one readable line.
    pub fn line(&self, row: &Row<'a>) -> String {
        evidence::line(&self.chain(row))
    }

    /// The controls that shut a latent row, with how each does.
    pub fn blocks(&self, row: &Row<'a>) -> Vec<Blocked> {
        evidence::blocks(&self.facts, &self.endpoints, row)
    }

    /// The sources of security group rules that open the ports of a row: what to close. Behind a
    /// load balancer those that let clients in to the listeners which forward to these ports.
    pub fn admitting(&self, row: &Row<'a>) -> Vec<Admitting> {
        evidence::admitting(&self.facts, &self.endpoints, row)
    }

    /// The other account that owns a security group: its rules cannot be changed from here.
    pub fn owner_of_group(&self, group: &str) -> Option<&'a str> {
        let group = self.facts.groups.get(group)?;
        self.facts.owners.another(group.owner_id.as_deref())
    }

    /// What would decide a row whose controls were not all read.
    pub fn missing(&self, row: &Row<'a>) -> Vec<Missing> {
        row.unverified.iter().map(evidence::missing).collect()
    }
}
