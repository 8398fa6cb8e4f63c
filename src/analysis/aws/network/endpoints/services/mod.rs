//! Managed services: endpoints whose own switch, subnets and groups are described by their service.
//!
//! Most sit in subnets of the account and meet every control of the network. A few sit outside its
//! VPCs, where nothing but the service's own list of blocks is before them.

mod brokers;
mod caches;
mod databases;
mod kubernetes;
mod replication;
mod warehouses;

use std::borrow::Cow;

use crate::inventory::aws::calls::Call;
use crate::inventory::aws::rds::{DbSubnet, VpcSecurityGroupMembership};
use crate::model::Status;

use crate::analysis::addresses::{AddressSet, internet, parse_cidr};
use crate::analysis::aws::network::Unread;
use crate::analysis::aws::network::controls::ports::{Ports, clip, merge};
use crate::analysis::aws::network::controls::routes::{Edge, SubnetRef};
use crate::analysis::aws::network::controls::{Control, Controls};
use crate::analysis::aws::network::endpoints::interfaces::edges_of_place;
use crate::analysis::aws::network::endpoints::states::State;
use crate::analysis::aws::network::facts::RegionFacts;
use crate::analysis::aws::network::protocol::{Family, Proto, Traffic};
use crate::analysis::aws::network::rows::ResourceRef;
use crate::analysis::aws::network::sources::Sources;
use crate::analysis::aws::network::verdict::{EntryPoint, Outcome, judge};

pub(crate) use databases::{cluster_answers_for, database, unplaced};
pub(crate) use kubernetes::blocks as kubernetes_blocks;

/// Every IPv4 address.
const ANYWHERE: [&str; 1] = ["0.0.0.0/0"];

/// What a service says of a listener of its own in the account's subnets.
#[derive(Debug, Clone)]
pub(crate) struct ServiceEndpoint<'a> {
    /// Subnets it may sit in.
    pub(crate) subnets: Vec<SubnetRef<'a>>,
    /// The call that would have told the subnets, when there are none.
    pub(crate) unplaced: Option<&'static Call>,
    /// Security groups that guard it.
    pub(crate) groups: Vec<&'a str>,
    /// Ports that it listens on.
    pub(crate) listens: Vec<(Proto, Ports)>,
    /// What the service itself puts between it and the internet.
    pub(crate) shut: Option<Control>,
    /// Its state, where the service tells one.
    pub(crate) state: Option<State<'a>>,
}

/// What a service says of a listener outside the account's VPCs.
#[derive(Debug, Clone)]
pub(crate) struct ServiceManagedEndpoint<'a> {
    /// Blocks that the service lets in.
    pub(crate) blocks: Vec<&'a str>,
    /// TCP ports that it listens on.
    pub(crate) ports: Vec<u16>,
    /// Why nothing else is before it.
    pub(crate) why: Cow<'static, str>,
    /// Its state, where the service tells one.
    pub(crate) state: Option<State<'a>>,
}

/// Where a listener is.
#[derive(Debug, Clone)]
pub(crate) enum Placement<'a> {
    /// In subnets of the account.
    InVpc(ServiceEndpoint<'a>),
    /// In no VPC of the account.
    ServiceManaged(ServiceManagedEndpoint<'a>),
}

/// A listener of a service.
#[derive(Debug, Clone)]
pub(crate) struct ServiceListener<'a> {
    /// What it is of.
    pub(crate) resource: ResourceRef<'a>,
    /// Where it listens.
    pub(crate) placement: Placement<'a>,
}

/// What the services of a region listen on, and what of them was not read.
#[derive(Debug, Default)]
pub(crate) struct ServiceListeners<'a> {
    pub(crate) list: Vec<ServiceListener<'a>>,
    /// Groups that guard something: also those whose membership is not active.
    pub(crate) used: Vec<&'a str>,
    pub(crate) unread: Vec<Unread>,
}

impl<'a> ServiceListeners<'a> {
    /// All but single database instances.
    pub(crate) fn of(facts: &RegionFacts<'a>) -> ServiceListeners<'a> {
        let mut all = ServiceListeners::default();
        databases::clusters(facts, &mut all);
        warehouses::clusters(facts, &mut all);
        warehouses::workgroups(facts, &mut all);
        replication::instances(facts, &mut all);
        brokers::kafka(facts, &mut all);
        brokers::mq(facts, &mut all);
        caches::elasticache(facts, &mut all);
        caches::memorydb(facts, &mut all);
        kubernetes::clusters(facts, &mut all);
        all
    }

    fn push(&mut self, resource: ResourceRef<'a>, placement: Placement<'a>) {
        if let Placement::InVpc(endpoint) = &placement {
            self.used.extend(endpoint.groups.iter().copied());
        }
        self.list.push(ServiceListener { resource, placement });
    }

    fn uses(&mut self, groups: &'a [VpcSecurityGroupMembership]) {
        self.used.extend(groups.iter().map(|group| group.vpc_security_group_id.as_str()));
    }

    fn unread(&mut self, call: &'static Call) {
        self.unread.push(Unread { call, resource: None });
    }

    fn unread_one(&mut self, call: &'static Call, resource: &str) {
        self.unread.push(Unread { call, resource: Some(resource.to_owned()) });
    }
}

/// An endpoint's entry points and the verdict on it.
pub(crate) fn verdict<'a>(
    facts: &mut RegionFacts<'a>,
    endpoint: &ServiceEndpoint<'a>,
) -> (Vec<EntryPoint<'a>>, Vec<Outcome>) {
    let entry_points = entry_points(facts, endpoint);
    let set = facts.group_set(endpoint.groups.iter().copied());
    let mut outcomes = Vec::new();
    for proto in [Proto::Tcp, Proto::Udp] {
        let traffic = Traffic { family: Family::Ipv4, proto };
        let of_proto = endpoint.listens.iter().filter(|(own, _)| *own == proto);
        let ports = merge(of_proto.map(|(_, ports)| *ports).collect());
        let admitted = clip(facts.groups.admitted(set).of(traffic), &ports);
        outcomes.extend(judge(facts, traffic, &admitted, &entry_points));
    }
    (entry_points, outcomes)
}

/// The verdict on an endpoint outside the VPCs: whom its own list lets in.
pub(crate) fn outside(endpoint: &ServiceManagedEndpoint<'_>) -> Vec<Outcome> {
    let ports = merge(endpoint.ports.iter().map(|&port| (port, port)).collect());
    let families = [Family::Ipv4, Family::Ipv6].into_iter();
    let blocked_by: Controls = endpoint.state.and_then(State::shut).into_iter().collect();
    let status = if blocked_by.is_empty() { Status::Exposed } else { Status::Latent };
    let open = families.filter_map(|family| {
        Some(Outcome {
            traffic: Traffic { family, proto: Proto::Tcp },
            ports: Some(ports.clone().into()),
            sources: Sources::of(family, let_in(&endpoint.blocks, family).count())?,
            status,
            blocked_by,
            unverified: [].into(),
        })
    });
    open.collect()
}

/// The part of the internet that a list of blocks names.
pub(crate) fn let_in(blocks: &[&str], family: Family) -> AddressSet {
    let named = blocks.iter().filter_map(|block| parse_cidr(block));
    let of_family = named.filter(|(own, ..)| *own == family).map(|(_, range, _)| range);
    of_family.collect::<AddressSet>().intersection(internet(family))
}

/// One entry point for each subnet; a service that we cannot place may sit behind any controls.
fn entry_points<'a>(
    facts: &mut RegionFacts<'a>,
    endpoint: &ServiceEndpoint<'a>,
) -> Vec<EntryPoint<'a>> {
    let by_state = endpoint.state.and_then(State::shut);
    let open: Controls = endpoint.shut.into_iter().chain(by_state).collect();
    let family = Family::Ipv4;
    let mut entry_points = Vec::new();
    for at in &endpoint.subnets {
        let place = facts.place(at.subnet, at.vpc);
        for edge in edges_of_place(facts, place, family) {
            let mut shut = open;
            if edge == Edge::Dropped {
                shut.insert(Control::EdgeRoute);
            }
            let (place, unplaced, unread) = (Some(place), None, Controls::NONE);
            let pool = false;
            entry_points.push(EntryPoint { family, place, unplaced, shut, edge, unread, pool });
        }
    }
    if entry_points.is_empty() {
        entry_points.push(EntryPoint {
            family,
            place: None,
            unplaced: endpoint.unplaced,
            shut: open,
            edge: Edge::Direct,
            unread: Controls::NONE,
            pool: false,
        });
    }
    entry_points
}

/// Groups count once their membership is active (RDS API reference, VpcSecurityGroupMembership).
fn active(groups: &[VpcSecurityGroupMembership]) -> Vec<&str> {
    let live = groups.iter().filter(|g| g.status.as_deref().is_none_or(|s| s == "active"));
    live.map(|group| group.vpc_security_group_id.as_str()).collect()
}

/// The subnets of a subnet group that lie in a zone. A database sits in one zone; without one, or
/// where the group names none, any of its subnets may hold it.
fn in_zone<'a>(
    facts: &RegionFacts<'a>,
    subnets: &'a [DbSubnet],
    zone: Option<&str>,
    vpc: &'a str,
) -> Vec<SubnetRef<'a>> {
    let zone_of = |subnet: &'a DbSubnet| {
        let named = subnet.subnet_availability_zone.as_ref().and_then(|z| z.name.as_deref());
        named.or_else(|| {
            let place = facts.at(facts.described(&subnet.subnet_identifier)?);
            place.described?.availability_zone.as_deref()
        })
    };
    let all: Vec<_> = subnets
        .iter()
        .map(|s| (s, zone.is_none() || zone_of(s).is_none_or(|z| Some(z) == zone)))
        .collect();
    let any = all.iter().any(|(_, fits)| *fits);
    let chosen = all.into_iter().filter(|(_, fits)| *fits || !any);
    chosen.map(|(subnet, _)| SubnetRef { subnet: &subnet.subnet_identifier, vpc }).collect()
}

/// The VPC that an endpoint's groups belong to: a group guards only things of its own VPC.
fn vpc_of<'a>(facts: &RegionFacts<'a>, groups: &[&str]) -> Option<&'a str> {
    groups.iter().find_map(|id| facts.groups.get(id)?.vpc_id.as_deref())
}

/// Subnets that a service names without their VPC.
fn in_subnets<'a>(
    facts: &RegionFacts<'a>,
    subnets: &'a [String],
    groups: &[&str],
) -> Vec<SubnetRef<'a>> {
    let vpc_of_groups = vpc_of(facts, groups).unwrap_or_default();
    let vpc = |id: &str| facts.described(id).map_or(vpc_of_groups, |place| facts.at(place).vpc);
    subnets.iter().map(|id| SubnetRef { subnet: id, vpc: vpc(id) }).collect()
}

/// A port as APIs give it; none while the endpoint is made.
fn port(port: Option<i32>) -> Option<u16> {
    port.and_then(|port| u16::try_from(port).ok()).filter(|&port| port > 0)
}

/// TCP on single ports.
fn tcp(ports: impl IntoIterator<Item = u16>) -> Vec<(Proto, Ports)> {
    ports.into_iter().map(|port| (Proto::Tcp, (port, port))).collect()
}

/// A service's switch for public access as a control: off where the service says nothing.
fn switch(public: Option<bool>) -> Option<Control> {
    (!public.unwrap_or_default()).then_some(Control::NotPubliclyAccessible)
}
