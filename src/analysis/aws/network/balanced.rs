//! The rows of load balancers, and of what the internet reaches behind them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::inventory::aws::calls;
use crate::model::Status;

use super::control::{Controls, Unverified};
use super::load_balancers::{self, Balancer, Gap};
use super::ports;
use super::protocol::{Family, Kind, Proto};
use super::region::{Door, Endpoint, Judge, Subject, What};
use super::rows::{Front, Path, ResourceKind, Via};
use super::security_groups::Admitted;
use super::sources::{self, Sources};
use super::targets::{Interfaces, Reached, Reaches, Target, Walk};
use super::verdict::{self, Outcome};

impl<'a> Judge<'a> {
    /// The rows of every load balancer, and of what is reached behind it.
    pub(super) fn load_balancers(&mut self) {
        let services = self.facts.services;
        let nodes = load_balancers::nodes(self.facts.interfaces());
        let mut gaps: Vec<Gap<'a>> = Vec::new();
        let mut balancers = Vec::new();
        match services.elbv2.describe_load_balancers.read() {
            None => gaps.push((&calls::elbv2::DESCRIBE_LOAD_BALANCERS, None)),
            Some(read) => {
                for listed in &read.load_balancers {
                    self.used_groups.extend(listed.security_groups.iter().map(String::as_str));
                    balancers.extend(Balancer::v2(&mut self.facts, listed, &nodes, &mut gaps));
                }
            }
        }
        match services.elb.describe_load_balancers.read() {
            None => gaps.push((&calls::elb::DESCRIBE_LOAD_BALANCERS, None)),
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
        let doors = balancers.iter().zip(fronts).filter_map(|(balancer, front)| {
            let second = balancer.known_arn().is_some();
            Some(Door { name: balancer.name, second, endpoint: front? })
        });
        let doors: Arc<[Door<'a>]> = doors.collect();
        for (number, reaches) in reaches.into_iter().enumerate() {
            self.targets(&balancers, number, reaches, &doors);
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
                        let at = (port, kind);
                        let next = walk.follow(balancer, at, &arrivals, None, &mut reaches[number]);
                        chained.extend(next.into_iter().map(|next| (kind, next)));
                    }
                }
            }
        }
        let subject = Subject {
            arn: balancer.known_arn(),
            ..Subject::direct(balancer.name, ResourceKind::LoadBalancer)
        };
        let groups = (!balancer.admits_everyone()).then(|| balancer.groups.clone());
        let what = What::Balancer {
            name: balancer.name,
            kind: balancer.kind,
            dns: balancer.dns,
            groups,
            listeners: balancer.ports.iter().filter_map(|l| l.listener).collect(),
        };
        fronts[number] = self.push(subject, Endpoint { gates, what }, &outcomes);
        for (kind, (next, port, arrivals, path)) in chained {
            let facts = &mut self.facts;
            let mut walk = Walk { facts, interfaces, balancers: all, gaps };
            // An application load balancer has no load balancers as targets: the chain ends here.
            let at = (port, kind);
            walk.follow(&all[next], at, &arrivals, Some(path), &mut reaches[next]);
        }
    }

    /// Rows of what is reached behind a load balancer, its ports gathered by class.
    fn targets(
        &mut self,
        all: &[Balancer<'a>],
        number: usize,
        reaches: Reaches<'a>,
        doors: &Arc<[Door<'a>]>,
    ) {
        let balancer = &all[number];
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
            let direct = match target {
                Target::Interface(eni, Some(id)) => {
                    Subject { eni: Some(eni), ..Subject::direct(id, ResourceKind::Instance) }
                }
                Target::Interface(eni, None) => {
                    Subject { eni: Some(eni), ..Subject::direct(eni, ResourceKind::Interface) }
                }
                Target::Function(arn) => Subject::direct(arn, ResourceKind::Function),
                Target::Balancer(number) => Subject {
                    arn: all[number].known_arn(),
                    ..Subject::direct(all[number].name, ResourceKind::LoadBalancer)
                },
            };
            let subject = Subject { via: Via::LoadBalancer(balancer.name), ..direct };
            let mut unverified: Vec<Unverified> =
                ports.iter().flat_map(|(_, reached)| reached.unverified.clone()).collect();
            unverified.sort();
            unverified.dedup();
            let open = ports.iter().map(|(port, _)| (*port, *port)).collect();
            let outcome = Outcome {
                kind: Kind { family, proto },
                ports: (subject.kind != ResourceKind::Function).then(|| ports::merge(open).into()),
                sources,
                status: Status::Exposed,
                blocked_by: Controls::NONE,
                unverified: unverified.into(),
            };
            let what = What::Behind {
                doors: Arc::clone(doors),
                groups: balancer.groups.clone(),
                interface: ports.iter().find_map(|(_, reached)| reached.interface),
            };
            let endpoint = Endpoint { gates: Vec::new(), what };
            let paths = ports.into_iter().flat_map(|(_, reached)| self.paths(family, reached));
            let application = balancer.kind == load_balancers::Type::Application;
            let through = Front { paths: paths.collect(), application };
            self.push(subject, endpoint, [&outcome]);
            if let Some(row) = self.rows.last_mut() {
                row.front = Some(through.into());
            }
        }
    }

    /// The ways that by themselves let a part of the internet through that counts; where only all
    /// of them together do, all of them.
    fn paths(&self, family: Family, reached: Reached<'a>) -> Vec<Path<'a>> {
        let counts = |set| self.facts.sets.class(family, set).is_some();
        let alone = reached.paths.iter().any(|(_, set)| counts(*set));
        let kept = reached.paths.into_iter().filter(|(_, set)| !alone || counts(*set));
        kept.map(|(path, _)| path).collect()
    }
}
