//! The walk over a region: which endpoints there are, and the rows that each yields.

use std::collections::HashSet;
use std::sync::Arc;

use crate::inventory::aws::Services;
use crate::inventory::aws::calls;
use crate::inventory::aws::ec2::NetworkInterface;
use crate::inventory::aws::elbv2;
use crate::model::Status;

use super::endpoints::{self, instance_id, is_skipped};
use super::facts::Facts;
use super::load_balancers::Type;
use super::protocol::Kind;
use super::rows::{Path, ResourceKind, Row, Via};
use super::services::{self, At, Listener, Listeners, ServiceEndpoint};
use super::verdict::{self, Gate, Memo, Outcome};
use super::{Reachability, Unread};

/// Something that has rows, as the evidence needs it.
#[derive(Debug)]
pub(super) struct Endpoint<'a> {
    pub(super) gates: Vec<Gate<'a>>,
    pub(super) what: What<'a>,
}

/// What an endpoint is.
#[derive(Debug)]
pub(super) enum What<'a> {
    Interface(&'a NetworkInterface),
    Service {
        kind: ResourceKind,
        name: &'a str,
        groups: Vec<&'a str>,
    },
    /// A service's endpoint outside the account's VPCs.
    Outside {
        kind: ResourceKind,
        name: &'a str,
        blocks: Vec<&'a str>,
        why: &'static str,
    },
    Balancer {
        name: &'a str,
        kind: Type,
        dns: Option<&'a str>,
        /// `None` admits everyone.
        groups: Option<Vec<&'a str>>,
        /// Those of the second generation.
        listeners: Vec<&'a elbv2::Listener>,
    },
    /// A target behind a load balancer.
    Behind {
        /// The load balancers that clients may connect to, of the whole region.
        doors: Arc<[Door<'a>]>,
        /// Groups of the load balancer that forwards to it.
        groups: Vec<&'a str>,
        interface: Option<&'a NetworkInterface>,
    },
    /// A group that nothing uses.
    Group(&'a str),
}

/// A load balancer that has rows of its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Door<'a> {
    pub(super) name: &'a str,
    /// Whether it is of the second generation: the first may use the same names.
    pub(super) second: bool,
    pub(super) endpoint: u32,
}

/// The endpoint that the clients of a path connect to.
pub(super) fn door_of<'e, 'a>(
    endpoints: &'e [Endpoint<'a>],
    doors: &[Door<'a>],
    path: &Path<'a>,
) -> Option<&'e Endpoint<'a>> {
    let first = path.first();
    let is =
        |door: &&Door<'a>| door.name == first.balancer && door.second == first.listener.is_some();
    endpoints.get(doors.iter().find(is)?.endpoint as usize)
}

/// Judges a region.
pub(super) fn judge(services: &Services) -> Reachability<'_> {
    let mut judge = Judge {
        facts: Facts::new(services),
        memo: Memo::default(),
        rows: Vec::new(),
        endpoints: Vec::new(),
        unread: Vec::new(),
        used_groups: HashSet::new(),
    };
    let ec2 = &services.ec2;
    judge.services();
    if ec2.describe_security_groups.is_unread() {
        // Nothing can be said of any door in a VPC: what the groups admit is the question.
        judge.note(&calls::ec2::DESCRIBE_SECURITY_GROUPS, None);
    } else {
        judge.interfaces();
        judge.databases();
        judge.load_balancers();
        if ec2.describe_network_interfaces.is_unread() {
            judge.note(&calls::ec2::DESCRIBE_NETWORK_INTERFACES, None);
        } else {
            judge.unattached_groups();
        }
    }
    judge.finish()
}

/// Collects rows while it walks over a region.
pub(super) struct Judge<'a> {
    pub(super) facts: Facts<'a>,
    memo: Memo<'a>,
    pub(super) rows: Vec<Row<'a>>,
    endpoints: Vec<Endpoint<'a>>,
    unread: Vec<Unread>,
    pub(super) used_groups: HashSet<&'a str>,
}

/// Whom the rows of an endpoint name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) resource: &'a str,
    pub(super) kind: ResourceKind,
    pub(super) arn: Option<&'a str>,
    pub(super) eni: Option<&'a str>,
    pub(super) via: Via<'a>,
}

impl<'a> Subject<'a> {
    /// Something that is reached by itself, known by one name.
    pub(super) fn direct(resource: &'a str, kind: ResourceKind) -> Subject<'a> {
        Subject { resource, kind, arn: None, eni: None, via: Via::Direct }
    }
}

impl<'a> Judge<'a> {
    pub(super) fn note(&mut self, call: &'static calls::Call, resource: Option<&str>) {
        self.unread.push(Unread { call, resource: resource.map(str::to_owned) });
    }

    pub(super) fn push<'o>(
        &mut self,
        subject: Subject<'a>,
        endpoint: Endpoint<'a>,
        outcomes: impl IntoIterator<Item = &'o Outcome>,
    ) -> Option<u32> {
        let before = self.rows.len();
        let number = u32::try_from(self.endpoints.len()).unwrap_or(u32::MAX);
        self.rows.extend(outcomes.into_iter().map(|outcome| Row {
            front: None,
            resource: subject.resource,
            kind: subject.kind,
            arn: subject.arn,
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
        (self.rows.len() > before).then(|| {
            self.endpoints.push(endpoint);
            number
        })
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
            let id = interface.network_interface_id.as_str();
            let kind = instance.map_or(ResourceKind::Interface, |_| ResourceKind::Instance);
            let subject =
                Subject { eni: Some(id), ..Subject::direct(instance.unwrap_or(id), kind) };
            let endpoint = Endpoint { gates, what: What::Interface(interface) };
            self.push(subject, endpoint, outcomes.iter().filter(shown));
        }
    }

    fn databases(&mut self) {
        let services = self.facts.services;
        let Some(read) = services.rds.describe_db_instances.read() else {
            return self.note(&calls::rds::DESCRIBE_DB_INSTANCES, None);
        };
        for instance in &read.db_instances {
            // A group counts as used while a membership of any status names it.
            let groups = instance.vpc_security_groups.iter();
            self.used_groups.extend(groups.map(|group| group.vpc_security_group_id.as_str()));
            if services::is_of_multi_az_cluster(&self.facts, instance) {
                continue;
            }
            let (endpoint, assumed) = services::database(&self.facts, instance);
            let (gates, outcomes) = services::verdict(&mut self.facts, &endpoint);
            let open = outcomes.iter().any(|outcome| outcome.status == Status::Exposed);
            let (endpoint, gates, outcomes) = if assumed && !open {
                // Subnets that are only assumed prove nothing when they are shut.
                let endpoint = services::unplaced(endpoint);
                let (gates, outcomes) = services::verdict(&mut self.facts, &endpoint);
                (endpoint, gates, outcomes)
            } else {
                (endpoint, gates, outcomes)
            };
            let name = instance.db_instance_identifier.as_str();
            self.service(name, ResourceKind::Database, endpoint, gates, &outcomes);
        }
    }

    fn services(&mut self) {
        let Listeners { list, used, unread } = Listeners::of(&self.facts);
        self.unread.extend(unread);
        self.used_groups.extend(used);
        let judged = !self.facts.services.ec2.describe_security_groups.is_unread();
        for Listener { resource, kind, at } in list {
            match at {
                At::Inside(endpoint) if judged => {
                    let (gates, outcomes) = services::verdict(&mut self.facts, &endpoint);
                    self.service(resource, kind, endpoint, gates, &outcomes);
                }
                At::Inside(_) => {}
                At::Outside(endpoint) => {
                    let outcomes = services::outside(&self.facts, &endpoint);
                    let subject = Subject::direct(resource, kind);
                    let (blocks, why) = (endpoint.blocks, endpoint.why);
                    let what = What::Outside { kind, name: resource, blocks, why };
                    self.push(subject, Endpoint { gates: Vec::new(), what }, &outcomes);
                }
            }
        }
    }

    fn service(
        &mut self,
        resource: &'a str,
        kind: ResourceKind,
        endpoint: ServiceEndpoint<'a>,
        gates: Vec<Gate<'a>>,
        outcomes: &[Outcome],
    ) {
        let subject = Subject::direct(resource, kind);
        let what = What::Service { kind, name: resource, groups: endpoint.groups };
        self.push(subject, Endpoint { gates, what }, outcomes);
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
            let subject = Subject::direct(id, ResourceKind::SecurityGroup);
            let endpoint = Endpoint { gates: Vec::new(), what: What::Group(id) };
            self.push(subject, endpoint, &outcomes);
        }
    }

    fn finish(mut self) -> Reachability<'a> {
        for list in std::mem::take(&mut self.facts.groups.unread_lists) {
            self.note(&calls::ec2::GET_MANAGED_PREFIX_LIST_ENTRIES, Some(list));
        }
        for group in std::mem::take(&mut self.facts.unread_groups) {
            self.note(&calls::ec2::DESCRIBE_SECURITY_GROUPS, Some(group));
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
