//! The walk over a region: which endpoints there are, and the rows that each yields.

use std::collections::HashSet;

use crate::inventory::aws::calls::{self, Call};
use crate::inventory::aws::{Services, kinds};
use crate::model::Status;

use super::endpoints::endpoint::{Endpoint, EndpointSubject};
use super::endpoints::interfaces::{self, instance_id, is_skipped};
use super::endpoints::services::{
    self, Placement, ServiceEndpoint, ServiceListener, ServiceListeners, ServiceManagedEndpoint,
};
use super::facts::RegionFacts;
use super::protocol::Traffic;
use super::rows::{ResourceRef, Row, Via};
use super::verdict::{self, EntryPoint, Outcome, VerdictCache};
use super::{Reachability, Unread};

/// Judges a region.
pub(super) fn judge<'a>(account: &'a str, services: &'a Services) -> Reachability<'a> {
    let mut judge = Judge {
        facts: RegionFacts::new(account, services),
        cache: VerdictCache::default(),
        rows: Vec::new(),
        endpoints: Vec::new(),
        unread: Vec::new(),
        used_groups: HashSet::new(),
    };
    judge.lists();
    judge.services();
    // Without groups nothing can be said of any door in a VPC: what they admit is the question.
    if !services.ec2.describe_security_groups.is_unread() {
        judge.interfaces();
        judge.databases();
        judge.load_balancers();
        if !services.ec2.describe_network_interfaces.is_unread() {
            judge.unattached_groups();
        }
    }
    judge.finish()
}

/// Collects rows while it walks over a region.
pub(super) struct Judge<'a> {
    pub(super) facts: RegionFacts<'a>,
    cache: VerdictCache<'a>,
    pub(super) rows: Vec<Row<'a>>,
    endpoints: Vec<Endpoint<'a>>,
    unread: Vec<Unread>,
    pub(super) used_groups: HashSet<&'a str>,
}

/// Whom the rows of an endpoint name.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowHead<'a> {
    pub(super) resource: ResourceRef<'a>,
    pub(super) eni: Option<&'a str>,
    pub(super) via: Via<'a>,
}

impl<'a> RowHead<'a> {
    /// Something that is reached by itself.
    pub(super) fn direct(resource: ResourceRef<'a>) -> RowHead<'a> {
        RowHead { resource, eni: None, via: Via::Direct }
    }
}

impl<'a> Judge<'a> {
    pub(super) fn note(&mut self, call: &'static Call, resource: Option<&str>) {
        self.unread.push(Unread { call, resource: resource.map(str::to_owned) });
    }

    pub(super) fn push<'o>(
        &mut self,
        head: RowHead<'a>,
        endpoint: Endpoint<'a>,
        outcomes: impl IntoIterator<Item = &'o Outcome>,
    ) -> Option<u32> {
        let before = self.rows.len();
        let number = u32::try_from(self.endpoints.len()).unwrap_or(u32::MAX);
        self.rows.extend(outcomes.into_iter().map(|outcome| Row {
            front: None,
            resource: head.resource,
            eni: head.eni,
            via: head.via,
            family: outcome.traffic.family,
            proto: outcome.traffic.proto,
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

    /// Notes every list of what may be reached that nobody read, whatever else is missing. Those of
    /// `services` are noted there.
    fn lists(&mut self) {
        let services = self.facts.services;
        let ec2 = &services.ec2;
        for (unread, call) in [
            (ec2.describe_security_groups.is_unread(), &calls::ec2::DESCRIBE_SECURITY_GROUPS),
            (ec2.describe_network_interfaces.is_unread(), &calls::ec2::DESCRIBE_NETWORK_INTERFACES),
            (services.rds.describe_db_instances.is_unread(), &calls::rds::DESCRIBE_DB_INSTANCES),
            (
                services.elb.describe_load_balancers.is_unread(),
                &calls::elb::DESCRIBE_LOAD_BALANCERS,
            ),
            (
                services.elbv2.describe_load_balancers.is_unread(),
                &calls::elbv2::DESCRIBE_LOAD_BALANCERS,
            ),
        ] {
            if unread {
                self.note(call, None);
            }
        }
    }

    fn interfaces(&mut self) {
        for interface in self.facts.interfaces() {
            let groups = interface.groups.iter().map(|group| group.group_id.as_str());
            self.used_groups.extend(groups.clone());
            let state = interfaces::state(&self.facts, interface);
            if is_skipped(interface) || !state.exists {
                continue;
            }
            let entry_points = interfaces::entry_points(&mut self.facts, interface, state);
            let group_set = self.facts.group_set(groups.clone());
            let outcomes = self.cache.judge(&mut self.facts, group_set, &entry_points);
            if outcomes.is_empty() {
                continue;
            }
            let instance = instance_id(interface);
            // What a service owns and shuts off is the service's business.
            let managed = interface.requester_managed && instance.is_none();
            let shown = |outcome: &&Outcome| !managed || outcome.status == Status::Exposed;
            let id = interface.network_interface_id.as_str();
            let resource = interfaces::resource_of(&self.facts, interface);
            let head = RowHead { eni: Some(id), ..RowHead::direct(resource) };
            let endpoint =
                Endpoint { entry_points, subject: EndpointSubject::Interface(interface) };
            self.push(head, endpoint, outcomes.iter().filter(shown));
        }
    }

    fn databases(&mut self) {
        let services = self.facts.services;
        let read = services.rds.describe_db_instances.read();
        for instance in read.into_iter().flat_map(|read| &read.db_instances) {
            // A group counts as used while a membership of any status names it.
            let groups = instance.vpc_security_groups.iter();
            self.used_groups.extend(groups.map(|group| group.vpc_security_group_id.as_str()));
            if services::cluster_answers_for(&self.facts, instance) {
                continue;
            }
            let (endpoint, assumed) = services::database(&self.facts, instance);
            let (entry_points, outcomes) = services::verdict(&mut self.facts, &endpoint);
            let open = outcomes.iter().any(|outcome| outcome.status == Status::Exposed);
            let (endpoint, entry_points, outcomes) = if assumed && !open {
                // Subnets that are only assumed prove nothing when they are shut.
                let endpoint = services::unplaced(endpoint);
                let (entry_points, outcomes) = services::verdict(&mut self.facts, &endpoint);
                (endpoint, entry_points, outcomes)
            } else {
                (endpoint, entry_points, outcomes)
            };
            let resource = ResourceRef::new(&kinds::RDS_INSTANCE, &instance.db_instance_identifier)
                .with_arn(instance.db_instance_arn.as_deref());
            self.service(resource, endpoint, entry_points, &outcomes);
        }
    }

    fn services(&mut self) {
        let ServiceListeners { list, used, unread } = ServiceListeners::of(&self.facts);
        self.unread.extend(unread);
        self.used_groups.extend(used);
        let judged = !self.facts.services.ec2.describe_security_groups.is_unread();
        for ServiceListener { resource, placement } in list {
            match placement {
                Placement::InVpc(endpoint) if judged => {
                    let (entry_points, outcomes) = services::verdict(&mut self.facts, &endpoint);
                    self.service(resource, endpoint, entry_points, &outcomes);
                }
                Placement::InVpc(_) => {}
                Placement::ServiceManaged(endpoint) => {
                    let outcomes = services::outside(&endpoint);
                    let head = RowHead::direct(resource);
                    let ServiceManagedEndpoint { blocks, why, state, .. } = endpoint;
                    let subject = EndpointSubject::ServiceManaged { resource, blocks, why, state };
                    self.push(head, Endpoint { entry_points: Vec::new(), subject }, &outcomes);
                }
            }
        }
    }

    fn service(
        &mut self,
        resource: ResourceRef<'a>,
        endpoint: ServiceEndpoint<'a>,
        entry_points: Vec<EntryPoint<'a>>,
        outcomes: &[Outcome],
    ) {
        let head = RowHead::direct(resource);
        let ServiceEndpoint { groups, state, .. } = endpoint;
        let subject = EndpointSubject::Service { resource, groups, state };
        self.push(head, Endpoint { entry_points, subject }, outcomes);
    }

    fn unattached_groups(&mut self) {
        for group in self.facts.groups.list {
            let id = group.group_id.as_str();
            // What uses another account's group need not be visible here (VPC user guide, "Share
            // security groups"): whether anything does is that account's to say.
            let another = self.facts.owners.another(group.owner_id.as_deref());
            if self.used_groups.contains(id) || another.is_some() {
                continue;
            }
            let set = self.facts.group_set(std::iter::once(id));
            let admitted = self.facts.groups.admitted(set);
            let outcomes: Vec<Outcome> = Traffic::all()
                .flat_map(|traffic| verdict::unattached(&self.facts, traffic, admitted.of(traffic)))
                .collect();
            let resource = ResourceRef::new(&kinds::EC2_SECURITY_GROUP, id)
                .with_name(group.group_name.as_deref());
            let head = RowHead::direct(resource);
            let endpoint =
                Endpoint { entry_points: Vec::new(), subject: EndpointSubject::UnusedGroup(id) };
            self.push(head, endpoint, &outcomes);
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
            let key = |r: &Row<'a>| (r.resource.id, r.eni, r.via, r.family, r.proto, r.status);
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
