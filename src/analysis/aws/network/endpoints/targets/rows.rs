//! The rows of load balancers, and of what the internet reaches behind them.

use crate::analysis::aws::network::endpoints::interfaces::resource_of;
use crate::inventory::aws::kinds;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::Status;

use super::follow::Forwarding;
use super::index::Interfaces;
use super::reached::{ReachedTargets, Target, TargetClients, TargetPort};
use crate::analysis::addresses::AddressSet;
use crate::analysis::aws::network::controls::ports;
use crate::analysis::aws::network::controls::security_groups::Admitted;
use crate::analysis::aws::network::controls::{Controls, Unverified};
use crate::analysis::aws::network::endpoints::endpoint::{
    Endpoint, EndpointSubject, JudgedBalancer,
};
use crate::analysis::aws::network::endpoints::listeners::Gap;
use crate::analysis::aws::network::endpoints::load_balancers::{self, Balancer};
use crate::analysis::aws::network::protocol::{Family, Traffic};
use crate::analysis::aws::network::region::{Judge, RowHead};
use crate::analysis::aws::network::rows::{Front, Path, ResourceRef, Via};
use crate::analysis::aws::network::sources::{self, Sources};
use crate::analysis::aws::network::verdict::{self, Outcome};

/// What the ports of one row behind a load balancer have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct TargetRow<'a> {
    target: Target<'a>,
    traffic: Traffic,
    sources: Sources,
}

impl<'a> Judge<'a> {
    /// The rows of every load balancer, and of what is reached behind it.
    pub(crate) fn load_balancers(&mut self) {
        let services = self.facts.services;
        let nodes = load_balancers::nodes(self.facts.interfaces());
        let mut gaps: Vec<Gap<'a>> = Vec::new();
        let mut balancers = Vec::new();
        let second = services.elbv2.describe_load_balancers.read();
        for listed in second.into_iter().flat_map(|read| &read.load_balancers) {
            self.used_groups.extend(listed.security_groups.iter().map(String::as_str));
            balancers.extend(Balancer::v2(&mut self.facts, listed, &nodes, &mut gaps));
        }
        let first = services.elb.describe_load_balancers.read();
        for listed in first.into_iter().flat_map(|read| &read.load_balancer_descriptions) {
            self.used_groups.extend(listed.security_groups.iter().map(String::as_str));
            balancers.push(Balancer::classic(listed, &nodes));
        }
        let interfaces = Interfaces::new(self.facts.interfaces());
        let mut reached = Vec::new();
        reached.resize_with(balancers.len(), ReachedTargets::default);
        let mut fronts = vec![None; balancers.len()];
        for number in 0..balancers.len() {
            let all = (&balancers[..], &interfaces);
            self.load_balancer(number, all, &mut gaps, &mut reached, &mut fronts);
        }
        let judged = balancers.iter().zip(fronts).filter_map(|(balancer, front)| {
            let second_generation = balancer.resource().arn.is_some();
            Some(JudgedBalancer { name: balancer.name, second_generation, endpoint: front? })
        });
        let judged: Arc<[JudgedBalancer<'a>]> = judged.collect();
        for (number, reached) in reached.into_iter().enumerate() {
            self.targets(&balancers, number, reached, &judged);
        }
        for (call, resource) in gaps {
            self.note(call, resource);
        }
    }

    /// The rows of a load balancer itself, and what is reached behind it and behind those that it
    /// forwards to.
    fn load_balancer(
        &mut self,
        number: usize,
        (all, interfaces): (&[Balancer<'a>], &Interfaces<'a>),
        gaps: &mut Vec<Gap<'a>>,
        reached: &mut [ReachedTargets<'a>],
        fronts: &mut [Option<u32>],
    ) {
        let balancer = &all[number];
        let entry_points = balancer.entry_points(&mut self.facts);
        let set = self.facts.group_set(balancer.groups.iter().copied());
        let everyone = Admitted::everything();
        let (mut outcomes, mut chained) = (Vec::new(), Vec::new());
        for traffic in Traffic::all() {
            let open = balancer.admits_everyone();
            let groups = if open { &everyone } else { self.facts.groups.admitted(set) };
            let admitted = ports::clip(groups.of(traffic), &balancer.listens(traffic.proto));
            outcomes.extend(verdict::judge(&mut self.facts, traffic, &admitted, &entry_points));
            for &(lo, hi) in &balancer.listens(traffic.proto) {
                for port in lo..=hi {
                    let groups = ports::at(&admitted, port);
                    let facts = &mut self.facts;
                    let arrivals = verdict::arrivals(facts, traffic, port, groups, &entry_points);
                    let all_in = arrivals
                        .iter()
                        .fold(sources::EMPTY, |sum, arrival| facts.sets.or(sum, arrival.set));
                    // Only what an exposed listener forwards is asked for.
                    if facts.sets.class(traffic.family, all_in).is_some() {
                        let mut forwarding = Forwarding { facts, interfaces, balancers: all, gaps };
                        let at = (port, traffic);
                        let next =
                            forwarding.follow(balancer, at, &arrivals, None, &mut reached[number]);
                        chained.extend(next.into_iter().map(|next| (traffic, next)));
                    }
                }
            }
        }
        let head = RowHead::direct(balancer.resource());
        let groups = (!balancer.admits_everyone()).then(|| balancer.groups.clone());
        let subject = EndpointSubject::LoadBalancer {
            name: balancer.name,
            kind: balancer.kind,
            dns: balancer.dns,
            groups,
            listeners: balancer.ports.iter().filter_map(|l| l.listener).collect(),
        };
        fronts[number] = self.push(head, Endpoint { entry_points, subject }, &outcomes);
        for (traffic, to) in chained {
            let facts = &mut self.facts;
            let mut forwarding = Forwarding { facts, interfaces, balancers: all, gaps };
            // An application load balancer has no load balancers as targets: the chain ends here.
            let at = (to.port, traffic);
            let path = Some(&to.path);
            forwarding.follow(&all[to.number], at, &to.arrivals, path, &mut reached[to.number]);
        }
    }

    /// Rows of what is reached behind a load balancer, its ports gathered by class.
    fn targets(
        &mut self,
        all: &[Balancer<'a>],
        number: usize,
        reached: ReachedTargets<'a>,
        judged: &Arc<[JudgedBalancer<'a>]>,
    ) {
        let balancer = &all[number];
        let mut gathered: BTreeMap<TargetRow<'a>, Vec<(u16, TargetClients<'a>)>> = BTreeMap::new();
        for (TargetPort { target, traffic, port }, clients) in reached.0 {
            if let Some(sources) = self.facts.sets.class(traffic.family, clients.set) {
                let row = TargetRow { target, traffic, sources };
                gathered.entry(row).or_default().push((port, clients));
            }
        }
        let places = balancer.places(&mut self.facts);
        let nodes = Arc::new(Family::ALL.map(|family| {
            let of = |place: &u32| balancer.node_addresses(&self.facts, *place, family);
            places.iter().map(of).fold(AddressSet::default(), |all, own| all.union(&own))
        }));
        for (TargetRow { target, traffic, sources }, ports) in gathered {
            let interface = ports.iter().find_map(|(_, clients)| clients.interface);
            let direct = match target {
                Target::Interface(eni, _) => {
                    let bare = ResourceRef::new(&kinds::EC2_NETWORK_INTERFACE, eni);
                    let resource = interface.map_or(bare, |own| resource_of(&self.facts, own));
                    RowHead { eni: Some(eni), ..RowHead::direct(resource) }
                }
                Target::Address(id) => RowHead::direct(ResourceRef::new(&kinds::ELB_TARGET, id)),
                Target::Function(arn) => {
                    let function = ResourceRef::new(&kinds::LAMBDA_FUNCTION, arn);
                    RowHead::direct(function.with_arn(Some(arn)))
                }
                Target::Balancer(number) => RowHead::direct(all[number].resource()),
            };
            let head = RowHead { via: Via::LoadBalancer(balancer.name), ..direct };
            let mut unverified: Vec<Unverified> = Vec::new();
            for (_, clients) in &ports {
                let parts = clients.parts.iter().map(|(set, missing)| (*set, missing.as_slice()));
                let parts: Vec<_> = parts.collect();
                let facts = &mut self.facts;
                unverified.extend(verdict::undecided(facts, traffic.family, sources, &parts));
            }
            unverified.sort();
            unverified.dedup();
            let open = ports.iter().map(|(port, _)| (*port, *port)).collect();
            let outcome = Outcome {
                traffic,
                ports: (head.resource.kind != &kinds::LAMBDA_FUNCTION)
                    .then(|| ports::merge(open).into()),
                sources,
                status: Status::Exposed,
                blocked_by: Controls::NONE,
                unverified: unverified.into(),
            };
            let subject = EndpointSubject::Target {
                judged: Arc::clone(judged),
                groups: balancer.groups.clone(),
                nodes: Arc::clone(&nodes),
                interface,
            };
            let endpoint = Endpoint { entry_points: Vec::new(), subject };
            let paths =
                ports.into_iter().flat_map(|(_, clients)| self.paths(traffic.family, clients));
            let application = balancer.kind == load_balancers::Type::Application;
            let through = Front { paths: paths.collect(), application };
            self.push(head, endpoint, [&outcome]);
            if let Some(row) = self.rows.last_mut() {
                row.front = Some(through.into());
            }
        }
    }

    /// The ways that by themselves let a part of the internet through that counts; where only all
    /// of them together do, all of them.
    fn paths(&self, family: Family, clients: TargetClients<'a>) -> Vec<Path<'a>> {
        let counts = |set| self.facts.sets.class(family, set).is_some();
        let alone = clients.paths.iter().any(|(_, set)| counts(*set));
        let kept = clients.paths.into_iter().filter(|(_, set)| !alone || counts(*set));
        kept.map(|(path, _)| path).collect()
    }
}
