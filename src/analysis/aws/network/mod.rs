//! Effective network exposure: which port of what a host on the internet can open, and why.
//!
//! For everything that owns a network address, the sources that its security groups admit are
//! followed through every control between the internet and it. What passes all of them is exposed;
//! what only the groups admit is latent, with the controls that shut it.
//!
//! It deliberately does not know host firewalls, listening processes or what a middlebox does:
//! those count as letting everything pass. It knows no severities either.

mod bpa;
pub mod catalogue;
mod control;
mod endpoints;
mod facts;
mod nacl;
mod ports;
mod prefix_lists;
mod protocol;
mod routes;
mod rows;
mod security_groups;
mod sources;
mod verdict;

#[cfg(test)]
mod vectors;

use std::collections::HashSet;

use crate::analysis::verdict::Status;
use crate::inventory::aws::Services;

pub use control::{Control, Controls, Unverified};
pub use ports::Ports;
pub use protocol::{Family, Proto};
pub use rows::{ResourceKind, Row, Via, rows_json};
pub use sources::Sources;

use endpoints::{instance_id, is_skipped};
use facts::Facts;
use protocol::Kind;
use verdict::{Gate, Memo, Outcome};

/// A door that could not be judged because its facts were not read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// The call, for instance `ec2:DescribeNetworkInterfaces`.
    pub operation: &'static str,
    /// What the call is about, where it is about one thing.
    pub resource: Option<String>,
}

/// Something that listens.
#[derive(Debug)]
struct Endpoint<'a> {
    gates: Vec<Gate<'a>>,
    /// Its security groups; `None` admits everyone.
    groups: Option<Vec<&'a str>>,
}

/// What is reachable in one region.
#[derive(Debug)]
pub struct Reachability<'a> {
    /// The verdicts, sorted by resource.
    pub rows: Vec<Row<'a>>,
    /// Doors that could not be judged.
    pub unread: Vec<Unread>,
    endpoints: Vec<Endpoint<'a>>,
    facts: Facts<'a>,
}

/// Judges everything in a region that has a network address.
pub fn analyse(services: &Services) -> Reachability<'_> {
    let mut judge = Judge {
        facts: Facts::new(services),
        memo: Memo::default(),
        rows: Vec::new(),
        endpoints: Vec::new(),
        unread: Vec::new(),
        used_groups: HashSet::new(),
    };
    let ec2 = &services.ec2;
    if ec2.describe_security_groups.is_unread() {
        // Nothing can be said of any door: what the groups admit is the question.
        judge.note("ec2:DescribeSecurityGroups", None);
    } else {
        judge.interfaces();
        if ec2.describe_network_interfaces.is_unread() {
            judge.note("ec2:DescribeNetworkInterfaces", None);
        } else {
            judge.unattached_groups();
        }
    }
    judge.finish()
}

/// Collects rows while it walks over a region.
struct Judge<'a> {
    facts: Facts<'a>,
    memo: Memo<'a>,
    rows: Vec<Row<'a>>,
    endpoints: Vec<Endpoint<'a>>,
    unread: Vec<Unread>,
    used_groups: HashSet<&'a str>,
}

/// Whom the rows of an endpoint name.
#[derive(Debug, Clone, Copy)]
struct Subject<'a> {
    resource: &'a str,
    kind: ResourceKind,
    eni: Option<&'a str>,
    via: Via<'a>,
}

impl<'a> Judge<'a> {
    fn note(&mut self, operation: &'static str, resource: Option<&str>) {
        self.unread.push(Unread { operation, resource: resource.map(str::to_owned) });
    }

    fn push<'o>(
        &mut self,
        subject: Subject<'a>,
        endpoint: Endpoint<'a>,
        outcomes: impl IntoIterator<Item = &'o Outcome>,
    ) {
        let before = self.rows.len();
        let number = u32::try_from(self.endpoints.len()).unwrap_or(u32::MAX);
        self.rows.extend(outcomes.into_iter().map(|outcome| Row {
            resource: subject.resource,
            kind: subject.kind,
            eni: subject.eni,
            via: subject.via,
            family: outcome.kind.family,
            proto: outcome.kind.proto,
            ports: outcome.ports.clone(),
            sources: outcome.sources,
            status: outcome.status,
            blocked_by: outcome.blocked_by,
            unverified: outcome.unverified.clone(),
            endpoint: number,
        }));
        if self.rows.len() > before {
            self.endpoints.push(endpoint);
        }
    }

    fn interfaces(&mut self) {
        for interface in self.facts.interfaces() {
            let groups = interface.groups.iter().map(|group| group.group_id.as_str());
            self.used_groups.extend(groups.clone());
            let state = endpoints::state(&self.facts, interface);
            if is_skipped(interface) || !state.exists {
                continue;
            }
            let gates = endpoints::gates(&mut self.facts, interface, state);
            let group_set = self.facts.group_set(groups.clone());
            let outcomes = self.memo.judge(&mut self.facts, group_set, &gates);
            if outcomes.is_empty() {
                continue;
            }
            let instance = instance_id(interface);
            // What a service owns and shuts off is the service's business.
            let managed = interface.requester_managed && instance.is_none();
            let shown = |outcome: &&Outcome| !managed || outcome.status == Status::Exposed;
            let subject = Subject {
                resource: instance.unwrap_or(&interface.network_interface_id),
                kind: instance.map_or(ResourceKind::Interface, |_| ResourceKind::Instance),
                eni: Some(&interface.network_interface_id),
                via: Via::Direct,
            };
            let endpoint = Endpoint { gates, groups: Some(groups.collect()) };
            self.push(subject, endpoint, outcomes.iter().filter(shown));
        }
    }

    fn unattached_groups(&mut self) {
        for group in self.facts.groups.list {
            let id = group.group_id.as_str();
            if self.used_groups.contains(id) {
                continue;
            }
            let set = self.facts.group_set(std::iter::once(id));
            let admitted = self.facts.groups.admitted(set);
            let outcomes: Vec<Outcome> = Kind::all()
                .flat_map(|kind| verdict::unattached(&self.facts, kind, admitted.of(kind)))
                .collect();
            let kind = ResourceKind::SecurityGroup;
            let subject = Subject { resource: id, kind, eni: None, via: Via::Direct };
            let endpoint = Endpoint { gates: Vec::new(), groups: Some(vec![id]) };
            self.push(subject, endpoint, &outcomes);
        }
    }

    fn finish(mut self) -> Reachability<'a> {
        for list in std::mem::take(&mut self.facts.groups.unread_lists) {
            self.note("ec2:GetManagedPrefixListEntries", Some(list));
        }
        for group in std::mem::take(&mut self.facts.unread_groups) {
            self.note("ec2:DescribeSecurityGroups", Some(group));
        }
        self.unread.sort();
        self.unread.dedup();
        self.rows.sort_by(|a, b| {
            let key = |r: &Row<'a>| (r.resource, r.eni, r.via, r.family, r.proto, r.status);
            key(a).cmp(&key(b)).then_with(|| a.ports.cmp(&b.ports))
        });
        Reachability {
            rows: self.rows,
            unread: self.unread,
            endpoints: self.endpoints,
            facts: self.facts,
        }
    }
}
