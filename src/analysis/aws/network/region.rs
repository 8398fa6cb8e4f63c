//! The walk over a region: which endpoints there are, and the rows that each yields.

use std::collections::{BTreeMap, HashSet};

use crate::analysis::verdict::Status;
use crate::inventory::aws::Services;
use crate::inventory::aws::ec2::NetworkInterface;
use crate::inventory::aws::rds::VpcSecurityGroupMembership;

use super::control::{Controls, Unverified};
use super::endpoints::{self, instance_id, is_skipped};
use super::facts::Facts;
use super::load_balancers::{self, Balancer, Gap};
use super::protocol::{Family, Kind, Proto};
use super::rows::{Front, ResourceKind, Row, Via};
use super::security_groups::Admitted;
use super::services::{self, Listener, ServiceEndpoint};
use super::sources::{self, Sources};
use super::targets::{Interfaces, Reached, Reaches, Target, Walk};
use super::verdict::{self, Gate, Memo, Outcome};
use super::{Reachability, Unread, ports};

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
    Balancer {
        name: &'a str,
        dns: Option<&'a str>,
        /// `None` admits everyone.
        groups: Option<Vec<&'a str>>,
    },
    /// A target behind a load balancer.
    Behind {
        /// Number of the load balancer that clients connect to.
        balancer: Option<u32>,
        /// Groups of the load balancer that forwards to it.
        groups: Vec<&'a str>,
        interface: Option<&'a NetworkInterface>,
    },
    /// A group that nothing uses.
    Group(&'a str),
}

/// Judges a region.
pub(super) fn judge<'a>(services: &'a Services, listeners: Vec<Listener<'a>>) -> Reachability<'a> {
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
        judge.databases();
        judge.clusters();
        judge.load_balancers();
        for Listener { resource, kind, endpoint } in listeners {
            let (gates, outcomes) = services::verdict(&mut judge.facts, &endpoint);
            judge.used_groups.extend(endpoint.groups.iter().copied());
            judge.service(resource, kind, endpoint, gates, &outcomes);
        }
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
    ) -> Option<u32> {
        let before = self.rows.len();
        let number = u32::try_from(self.endpoints.len()).unwrap_or(u32::MAX);
        self.rows.extend(outcomes.into_iter().map(|outcome| Row {
            front: None,
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
            let subject = Subject {
                resource: instance.unwrap_or(&interface.network_interface_id),
                kind: instance.map_or(ResourceKind::Interface, |_| ResourceKind::Instance),
                eni: Some(&interface.network_interface_id),
                via: Via::Direct,
            };
            let endpoint = Endpoint { gates, what: What::Interface(interface) };
            self.push(subject, endpoint, outcomes.iter().filter(shown));
        }
    }

    fn databases(&mut self) {
        let services = self.facts.services;
        let Some(read) = services.rds.describe_db_instances.read() else {
            return self.note("rds:DescribeDBInstances", None);
        };
        for instance in &read.db_instances {
            self.used(&instance.vpc_security_groups);
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

    fn clusters(&mut self) {
        let services = self.facts.services;
        let Some(read) = services.redshift.describe_clusters.read() else {
            return self.note("redshift:DescribeClusters", None);
        };
        for cluster in &read.clusters {
            self.used(&cluster.vpc_security_groups);
            let endpoint = services::cluster(&self.facts, cluster);
            let (gates, outcomes) = services::verdict(&mut self.facts, &endpoint);
            let name = cluster.cluster_identifier.as_str();
            self.service(name, ResourceKind::Cluster, endpoint, gates, &outcomes);
        }
    }

    /// A group counts as used while a membership of any status names it.
    fn used(&mut self, groups: &'a [VpcSecurityGroupMembership]) {
        self.used_groups.extend(groups.iter().map(|group| group.vpc_security_group_id.as_str()));
    }

    fn service(
        &mut self,
        resource: &'a str,
        kind: ResourceKind,
        endpoint: ServiceEndpoint<'a>,
        gates: Vec<Gate<'a>>,
        outcomes: &[Outcome],
    ) {
        let subject = Subject { resource, kind, eni: None, via: Via::Direct };
        let what = What::Service { kind, name: resource, groups: endpoint.groups };
        self.push(subject, Endpoint { gates, what }, outcomes);
    }

    fn load_balancers(&mut self) {
        let services = self.facts.services;
        let nodes = load_balancers::nodes(self.facts.interfaces());
        let mut gaps: Vec<Gap<'a>> = Vec::new();
        let mut balancers = Vec::new();
        match services.elbv2.describe_load_balancers.read() {
            None => gaps.push(("elbv2:DescribeLoadBalancers", None)),
            Some(read) => {
                for listed in &read.load_balancers {
                    self.used_groups.extend(listed.security_groups.iter().map(String::as_str));
                    balancers.extend(Balancer::v2(&mut self.facts, listed, &nodes, &mut gaps));
                }
            }
        }
        match services.elb.describe_load_balancers.read() {
            None => gaps.push(("elb:DescribeLoadBalancers", None)),
            Some(read) => {
                for listed in &read.load_balancer_descriptions {
                    self.used_groups.extend(listed.security_groups.iter().map(String::as_str));
                    balancers.push(Balancer::classic(listed, &nodes));
                }
            }
        }
        let interfaces = Interfaces::new(self.facts.interfaces());
        let mut reaches: Vec<Reaches<'a>> = balancers.iter().map(|_| Reaches::new()).collect();
        let mut fronts = vec![None; balancers.len()];
        for number in 0..balancers.len() {
            let all = (&balancers[..], &interfaces);
            self.load_balancer(number, all, &mut gaps, &mut reaches, &mut fronts);
        }
        for ((balancer, reaches), front) in balancers.iter().zip(reaches).zip(fronts) {
            self.targets(balancer, reaches, front);
        }
        for (operation, resource) in gaps {
            self.note(operation, resource);
        }
    }

    /// The rows of a load balancer itself, and what is reached behind it and behind those that it
    /// forwards to.
    fn load_balancer(
        &mut self,
        number: usize,
        (all, interfaces): (&[Balancer<'a>], &Interfaces<'a>),
        gaps: &mut Vec<Gap<'a>>,
        reaches: &mut [Reaches<'a>],
        fronts: &mut [Option<u32>],
    ) {
        let balancer = &all[number];
        let gates = balancer.gates(&mut self.facts);
        let set = self.facts.group_set(balancer.groups.iter().copied());
        let everyone = Admitted::everything();
        let (mut outcomes, mut chained) = (Vec::new(), Vec::new());
        for kind in Kind::all() {
            let open = balancer.admits_everyone();
            let groups = if open { &everyone } else { self.facts.groups.admitted(set) };
            let admitted = ports::clip(groups.of(kind), &balancer.listens(kind.proto));
            outcomes.extend(verdict::judge(&mut self.facts, kind, &admitted, &gates));
            for &(lo, hi) in &balancer.listens(kind.proto) {
                for port in lo..=hi {
                    let groups = ports::at(&admitted, port);
                    let facts = &mut self.facts;
                    let arrivals = verdict::arrivals(facts, kind, port, groups, &gates);
                    let all_in = arrivals
                        .iter()
                        .fold(sources::EMPTY, |sum, arrival| facts.sets.or(sum, arrival.set));
                    // Only what an exposed listener forwards is asked for.
                    if facts.sets.class(kind.family, all_in).is_some() {
                        let mut walk = Walk { facts, interfaces, balancers: all, gaps };
                        let next =
                            walk.follow(balancer, port, kind, &arrivals, &mut reaches[number]);
                        chained.extend(next.into_iter().map(|next| (kind, next)));
                    }
                }
            }
        }
        let kind = ResourceKind::LoadBalancer;
        let subject = Subject { resource: balancer.name, kind, eni: None, via: Via::Direct };
        let groups = (!balancer.admits_everyone()).then(|| balancer.groups.clone());
        let what = What::Balancer { name: balancer.name, dns: balancer.dns, groups };
        let front = self.push(subject, Endpoint { gates, what }, &outcomes);
        fronts[number] = front;
        for (kind, (next, port, arrivals)) in chained {
            let facts = &mut self.facts;
            let mut walk = Walk { facts, interfaces, balancers: all, gaps };
            // An application load balancer has no load balancers as targets: the chain ends here.
            walk.follow(&all[next], port, kind, &arrivals, &mut reaches[next]);
            fronts[next] = fronts[next].or(front);
        }
    }

    /// Rows of what is reached behind a load balancer, its ports gathered by class.
    fn targets(&mut self, balancer: &Balancer<'a>, reaches: Reaches<'a>, front: Option<u32>) {
        let front_number = front;
        type Key<'a> = (Target<'a>, Family, Proto, Sources);
        let mut gathered: BTreeMap<Key<'a>, Vec<(u16, Reached<'a>)>> = BTreeMap::new();
        for ((target, family, proto, port), mut reached) in reaches {
            if let Some(sources) = self.facts.sets.class(family, reached.set) {
                if self.facts.sets.class(family, reached.proven) == Some(sources) {
                    reached.unverified.clear();
                }
                let key = (target, family, proto, sources);
                gathered.entry(key).or_default().push((port, reached));
            }
        }
        for ((target, family, proto, sources), ports) in gathered {
            let (resource, kind, eni) = match target {
                Target::Interface(eni, Some(id)) => (id, ResourceKind::Instance, Some(eni)),
                Target::Interface(eni, None) => (eni, ResourceKind::Interface, Some(eni)),
                Target::Function(arn) => (arn, ResourceKind::Function, None),
                Target::Balancer(name) => (name, ResourceKind::LoadBalancer, None),
            };
            let mut unverified: Vec<Unverified> =
                ports.iter().flat_map(|(_, reached)| reached.unverified.clone()).collect();
            unverified.sort();
            unverified.dedup();
            let mut listeners: Vec<u16> =
                ports.iter().flat_map(|(_, reached)| reached.listeners.clone()).collect();
            listeners.sort_unstable();
            listeners.dedup();
            let front = Front {
                listeners,
                application: balancer.kind == load_balancers::Type::Application,
                authenticated: ports.iter().all(|(_, reached)| reached.authenticated),
            };
            let open = ports.iter().map(|(port, _)| (*port, *port)).collect();
            let outcome = Outcome {
                kind: Kind { family, proto },
                ports: (kind != ResourceKind::Function).then(|| ports::merge(open).into()),
                sources,
                status: Status::Exposed,
                blocked_by: Controls::NONE,
                unverified: unverified.into(),
            };
            let via = Via::LoadBalancer(balancer.name);
            let what = What::Behind {
                balancer: front_number,
                groups: balancer.groups.clone(),
                interface: ports.iter().find_map(|(_, reached)| reached.interface),
            };
            let endpoint = Endpoint { gates: Vec::new(), what };
            self.push(Subject { resource, kind, eni, via }, endpoint, [&outcome]);
            if let Some(row) = self.rows.last_mut() {
                row.front = Some(front.into());
            }
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
            let endpoint = Endpoint { gates: Vec::new(), what: What::Group(id) };
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
