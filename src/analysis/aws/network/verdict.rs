//! From admitted sources and entry points to exposed and latent ports.

use crate::inventory::aws::calls;
use crate::inventory::aws::calls::Call;
use std::collections::HashMap;
use std::sync::Arc;

use crate::model::Status;

use super::controls::bpa::Effect;
use super::controls::nacl::Direction;
use super::controls::ports::{Cuts, Ports, Span, at, merge};
use super::controls::routes::Edge;
use super::controls::{Control, Controls, Unverified};
use super::facts::{Place, RegionFacts};
use super::protocol::{Family, Proto, Traffic};
use super::sources::{EMPTY, SetId, Sources, everything};

/// One way to an endpoint: through one subnet, to one kind of local address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct EntryPoint<'a> {
    pub(super) family: Family,
    /// The subnet; `None` when nobody knows where the endpoint sits.
    pub(super) place: Option<u32>,
    /// The call that would tell the subnet, where one would.
    pub(super) unplaced: Option<&'static Call>,
    /// Controls that shut this way for every source.
    pub(super) shut: Controls,
    pub(super) edge: Edge<'a>,
    /// Controls of the endpoint itself that were not read.
    pub(super) unread: Controls,
    /// True where the gateway's route table hands it addresses of a public IPv4 pool.
    pub(super) pool: bool,
}

/// An entry point with the sources that each control lets through.
#[derive(Debug)]
struct EntryFilter {
    shut: Controls,
    route: SetId,
    nacl_in: Option<Arc<[Span]>>,
    nacl_out: Option<Arc<[Span]>>,
    unverified: Vec<Unverified>,
}

/// What passes a filter at a port, by control.
#[derive(Debug, Clone, Copy)]
struct Passing {
    route: SetId,
    nacl_in: SetId,
    nacl_out: SetId,
}

impl EntryFilter {
    fn at(&self, family: Family, port: u16) -> Passing {
        let all = everything(family);
        let acl = |spans: &Option<Arc<[Span]>>| spans.as_ref().map_or(all, |s| at(s, port));
        Passing { route: self.route, nacl_in: acl(&self.nacl_in), nacl_out: acl(&self.nacl_out) }
    }
}

/// What is open, or would be, of one kind of traffic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) traffic: Traffic,
    /// Ports, or ICMP types; `None` for other protocols.
    pub(super) ports: Option<Arc<[Ports]>>,
    pub(super) sources: Sources,
    pub(super) status: Status,
    pub(super) blocked_by: Controls,
    pub(super) unverified: Arc<[Unverified]>,
}

/// The verdict on one elementary interval of ports.
#[derive(Debug, Clone)]
struct PortVerdict {
    ports: Ports,
    sources: Sources,
    status: Status,
    blocked_by: Controls,
    unverified: Vec<Unverified>,
}

impl PortVerdict {
    /// Open beats shut, the internet beats a part of it.
    fn weight(&self) -> (bool, Sources) {
        (self.status == Status::Exposed, self.sources)
    }
}

/// Answers already given: most endpoints share groups and subnets.
#[derive(Debug, Default)]
pub(super) struct VerdictCache<'a>(HashMap<(u32, Vec<EntryPoint<'a>>), Arc<[Outcome]>>);

impl<'a> VerdictCache<'a> {
    /// The verdict on an endpoint that a set of groups guards.
    pub(super) fn judge(
        &mut self,
        facts: &mut RegionFacts<'a>,
        group_set: u32,
        entry_points: &[EntryPoint<'a>],
    ) -> Arc<[Outcome]> {
        if facts.groups.admitted(group_set).is_empty() {
            return Arc::from([]);
        }
        let asked = (group_set, entry_points.to_vec());
        if let Some(known) = self.0.get(&asked) {
            return Arc::clone(known);
        }
        let mut outcomes = Vec::new();
        for traffic in Traffic::all() {
            let admitted = facts.groups.admitted(group_set).of(traffic).to_vec();
            outcomes.extend(judge(facts, traffic, &admitted, entry_points));
        }
        let outcomes: Arc<[Outcome]> = outcomes.into();
        self.0.insert(asked, Arc::clone(&outcomes));
        outcomes
    }
}

/// Fills in what the controls of the entry points' subnets let through.
fn filters<'a>(
    facts: &mut RegionFacts<'a>,
    traffic: Traffic,
    entry_points: &[EntryPoint<'a>],
) -> Vec<EntryFilter> {
    let of_family = entry_points.iter().filter(|entry_point| entry_point.family == traffic.family);
    of_family.map(|entry_point| filter(facts, traffic, entry_point)).collect()
}

fn filter<'a>(
    facts: &mut RegionFacts<'a>,
    traffic: Traffic,
    entry_point: &EntryPoint<'a>,
) -> EntryFilter {
    let mut unverified: Vec<Unverified> = entry_point
        .unread
        .iter()
        .map(|control| Unverified::of(control, &calls::ec2::DESCRIBE_INSTANCES))
        .collect();
    let mut filter = EntryFilter {
        shut: entry_point.shut,
        route: everything(traffic.family),
        nacl_in: None,
        nacl_out: None,
        unverified: Vec::new(),
    };
    let Some(place) = entry_point.place.map(|place| facts.at(place)) else {
        for control in [
            Control::IgwFirewall,
            Control::NaclIn,
            Control::NaclOut,
            Control::NoIgwRoute,
            Control::VpcBpa,
        ] {
            unverified.push(Unverified { control, call: entry_point.unplaced, resource: None });
        }
        filter.unverified = unverified;
        return filter;
    };
    for (control, effect) in before_the_vpc(facts, entry_point, &place) {
        match effect {
            Effect::Open => {}
            Effect::Shut => filter.shut.insert(control),
            Effect::Unknown(missing) => unverified.push(missing),
        }
    }
    let sets = &mut facts.sets;
    let passage =
        facts.routes.passage(place.subnet, place.vpc, traffic.family, entry_point.edge, sets);
    filter.route = passage.set;
    unverified.extend(passage.unverified);
    if facts.services.ec2.describe_route_tables.is_unread() {
        unverified.push(Unverified::of(Control::EdgeRoute, &calls::ec2::DESCRIBE_ROUTE_TABLES));
    }
    match facts.nacls.of(place.subnet, place.vpc).filter(|_| facts.nacls.read) {
        Some(acl) => {
            filter.nacl_in = Some(facts.nacls.passing(acl, Direction::In, traffic, sets));
            filter.nacl_out = Some(facts.nacls.replies(acl, traffic, sets));
        }
        None => {
            for control in [Control::NaclIn, Control::NaclOut] {
                unverified.push(Unverified::of(control, &calls::ec2::DESCRIBE_NETWORK_ACLS));
            }
        }
    }
    filter.unverified = unverified;
    filter
}

/// What stands at the VPC's gateway and lets everyone through or nobody.
pub(super) fn before_the_vpc(
    facts: &RegionFacts<'_>,
    entry_point: &EntryPoint<'_>,
    place: &Place<'_>,
) -> [(Control, Effect); 2] {
    let own = place.described.and_then(|subnet| subnet.block_public_access_states.as_ref());
    let bpa = match entry_point.pool {
        true => facts.bpa.of_ingress_routing(place.subnet, place.vpc, own),
        false => facts.bpa.of(place.subnet, place.vpc, own),
    };
    let firewall = facts.firewalls.treatment(place.vpc, place.described).effect();
    [(Control::VpcBpa, bpa), (Control::IgwFirewall, firewall)]
}

/// Intervals of ports within which nothing changes.
fn intervals(traffic: Traffic, admitted: &[Span], filters: &[EntryFilter]) -> Vec<Ports> {
    let mut cuts = Cuts::default();
    admitted.iter().for_each(|span| cuts.add(span.ports));
    for filter in filters {
        filter.nacl_in.iter().flat_map(|s| s.iter()).for_each(|span| cuts.add(span.ports));
        if traffic.proto == Proto::Other {
            filter.nacl_out.iter().flat_map(|s| s.iter()).for_each(|span| cuts.add(span.ports));
        }
    }
    cuts.intervals()
}

/// The sources that come in through one entry point.
#[derive(Debug, Clone)]
pub(super) struct Arrival {
    pub(super) place: Option<u32>,
    pub(super) set: SetId,
    pub(super) unverified: Vec<Unverified>,
}

/// Of the sources that the groups admit at a port, those that pass every control, by entry point.
pub(super) fn arrivals<'a>(
    facts: &mut RegionFacts<'a>,
    traffic: Traffic,
    port: u16,
    groups: SetId,
    entry_points: &[EntryPoint<'a>],
) -> Vec<Arrival> {
    let mut arrivals = Vec::new();
    for entry_point in
        entry_points.iter().filter(|entry_point| entry_point.family == traffic.family)
    {
        let filter = filter(facts, traffic, entry_point);
        let set = passing_all(facts, traffic, &filter, port, groups);
        if set != EMPTY {
            arrivals.push(Arrival { place: entry_point.place, set, unverified: filter.unverified });
        }
    }
    arrivals
}

fn passing_all(
    facts: &mut RegionFacts<'_>,
    traffic: Traffic,
    filter: &EntryFilter,
    port: u16,
    groups: SetId,
) -> SetId {
    if !filter.shut.is_empty() {
        return EMPTY;
    }
    let passing = filter.at(traffic.family, port);
    let set = facts.sets.and(groups, passing.route);
    let set = facts.sets.and(set, passing.nacl_in);
    facts.sets.and(set, passing.nacl_out)
}

/// The verdict on one kind of traffic to an endpoint with these entry points.
pub(super) fn judge<'a>(
    facts: &mut RegionFacts<'a>,
    traffic: Traffic,
    admitted: &[Span],
    entry_points: &[EntryPoint<'a>],
) -> Vec<Outcome> {
    if admitted.is_empty() {
        return Vec::new();
    }
    let filters = filters(facts, traffic, entry_points);
    if filters.is_empty() {
        // Without an address of the family there is nothing to connect to.
        return Vec::new();
    }
    let mut verdicts = Vec::new();
    for ports in intervals(traffic, admitted, &filters) {
        let groups = at(admitted, ports.0);
        if let Some(wanted) = facts.sets.class(traffic.family, groups) {
            verdicts.push(decide(facts, traffic, ports, groups, wanted, &filters));
        }
    }
    match traffic.proto {
        Proto::Tcp | Proto::Udp => {}
        Proto::Icmp => verdicts = by_type(&verdicts),
        Proto::Other => verdicts = best(&verdicts).into_iter().collect(),
    }
    gather(traffic, &verdicts)
}

/// Outcomes of a group that nothing is attached to.
pub(super) fn unattached(
    facts: &RegionFacts<'_>,
    traffic: Traffic,
    admitted: &[Span],
) -> Vec<Outcome> {
    let mut verdicts: Vec<PortVerdict> = admitted
        .iter()
        .filter_map(|span| {
            Some(PortVerdict {
                ports: span.ports,
                sources: facts.sets.class(traffic.family, span.set)?,
                status: Status::Latent,
                blocked_by: [Control::NotAttached].into_iter().collect(),
                unverified: Vec::new(),
            })
        })
        .collect();
    match traffic.proto {
        Proto::Tcp | Proto::Udp => {}
        Proto::Icmp => verdicts = by_type(&verdicts),
        Proto::Other => verdicts = best(&verdicts).into_iter().collect(),
    }
    gather(traffic, &verdicts)
}

fn decide(
    facts: &mut RegionFacts<'_>,
    traffic: Traffic,
    ports: Ports,
    groups: SetId,
    wanted: Sources,
    filters: &[EntryFilter],
) -> PortVerdict {
    let (mut reaching, mut parts) = (EMPTY, Vec::new());
    for filter in filters {
        let part = passing_all(facts, traffic, filter, ports.0, groups);
        reaching = facts.sets.or(reaching, part);
        if part != EMPTY {
            parts.push((part, filter.unverified.as_slice()));
        }
    }
    if let Some(sources) = facts.sets.class(traffic.family, reaching) {
        let unverified = undecided(facts, traffic.family, sources, &parts);
        let (status, blocked_by) = (Status::Exposed, Controls::NONE);
        return PortVerdict { ports, sources, status, blocked_by, unverified };
    }
    let blocked_by = blocking(facts, traffic, ports.0, groups, filters);
    let (status, unverified) = (Status::Latent, Vec::new());
    PortVerdict { ports, sources: wanted, status, blocked_by, unverified }
}

/// What leaves open whether so much of the internet gets in: of the parts that do, with what was not
/// read of each. A control matters where the parts that are known to pass it fall short; where each
/// is known to be passed by enough, and no part is known to pass all, any of them may matter.
pub(super) fn undecided(
    facts: &mut RegionFacts<'_>,
    family: Family,
    sources: Sources,
    parts: &[(SetId, &[Unverified])],
) -> Vec<Unverified> {
    let mut fall_short = |passes: &dyn Fn(&[Unverified]) -> bool| {
        let known = parts.iter().filter(|(_, unverified)| passes(unverified));
        let known = known.fold(EMPTY, |known, (part, _)| facts.sets.or(known, *part));
        facts.sets.class(family, known) != Some(sources)
    };
    if !fall_short(&<[Unverified]>::is_empty) {
        return Vec::new();
    }
    let mut any: Vec<Unverified> =
        parts.iter().flat_map(|(_, unverified)| unverified.iter().cloned()).collect();
    any.sort();
    any.dedup();
    let mut matter = any.clone();
    matter.retain(|one| {
        fall_short(&|unverified| unverified.iter().all(|other| other.control != one.control))
    });
    if matter.is_empty() { any } else { matter }
}

/// The controls that shut: each that alone leaves less than a broad part; where none does, each
/// that removes anything, from all ways together or else from any single one.
fn blocking(
    facts: &mut RegionFacts<'_>,
    traffic: Traffic,
    port: u16,
    groups: SetId,
    filters: &[EntryFilter],
) -> Controls {
    let mut always = Control::ALL.into_iter().collect::<Controls>();
    let mut ever = Controls::NONE;
    let mut sum = Passing { route: EMPTY, nacl_in: EMPTY, nacl_out: EMPTY };
    for filter in filters {
        always = always.intersection(filter.shut);
        ever = ever.union(filter.shut);
        let own = filter.at(traffic.family, port);
        let sets = &mut facts.sets;
        sum.route = sets.or(sum.route, own.route);
        sum.nacl_in = sets.or(sum.nacl_in, own.nacl_in);
        sum.nacl_out = sets.or(sum.nacl_out, own.nacl_out);
        for (control, set) in own.by_control() {
            if removes(facts, groups, set) {
                ever.insert(control);
            }
        }
    }
    let (mut alone, mut part) = (always, always);
    for (control, set) in sum.by_control() {
        let left = facts.sets.and(groups, set);
        if facts.sets.class(traffic.family, left).is_none() {
            alone.insert(control);
        }
        if removes(facts, groups, set) {
            part.insert(control);
        }
    }
    [alone, part, ever].into_iter().find(|set| !set.is_empty()).unwrap_or_default()
}

impl Passing {
    fn by_control(self) -> [(Control, SetId); 3] {
        [
            (Control::NoIgwRoute, self.route),
            (Control::NaclIn, self.nacl_in),
            (Control::NaclOut, self.nacl_out),
        ]
    }
}

fn removes(facts: &RegionFacts<'_>, groups: SetId, passing: SetId) -> bool {
    !facts.sets.get(groups).is_subset(facts.sets.get(passing))
}

/// The weightiest of the verdicts, the first of equals.
fn best(verdicts: &[PortVerdict]) -> Option<PortVerdict> {
    let mut best: Option<&PortVerdict> = None;
    for verdict in verdicts {
        if best.is_none_or(|b| verdict.weight() > b.weight()) {
            best = Some(verdict);
        }
    }
    best.cloned()
}

/// Verdicts per ICMP type: a type passes when any of its codes does.
fn by_type(verdicts: &[PortVerdict]) -> Vec<PortVerdict> {
    let mut types: Vec<PortVerdict> = Vec::new();
    for icmp_type in 0u16..256 {
        let first = verdicts.partition_point(|f| f.ports.1 < icmp_type << 8);
        let codes = verdicts[first..].iter().take_while(|f| f.ports.0 <= (icmp_type << 8 | 255));
        let codes: Vec<PortVerdict> = codes.cloned().collect();
        if let Some(found) = best(&codes) {
            types.push(PortVerdict { ports: (icmp_type, icmp_type), ..found });
        }
    }
    types
}

/// Ports with the same status, class and controls.
struct Gathered {
    sources: Sources,
    status: Status,
    blocked_by: Controls,
    ports: Vec<Ports>,
    unverified: Vec<Unverified>,
}

impl Gathered {
    /// As yet without the port of the verdict.
    fn of(verdict: &PortVerdict) -> Gathered {
        let &PortVerdict { sources, status, blocked_by, .. } = verdict;
        Gathered { sources, status, blocked_by, ports: Vec::new(), unverified: Vec::new() }
    }

    fn agrees(&self, verdict: &PortVerdict) -> bool {
        (self.status, self.sources, self.blocked_by)
            == (verdict.status, verdict.sources, verdict.blocked_by)
    }
}

/// One outcome for all ports with the same status, class and controls.
fn gather(traffic: Traffic, verdicts: &[PortVerdict]) -> Vec<Outcome> {
    let mut outcomes: Vec<Gathered> = Vec::new();
    for verdict in verdicts {
        let gathered = match outcomes.iter().position(|known| known.agrees(verdict)) {
            Some(index) => &mut outcomes[index],
            None => outcomes.push_mut(Gathered::of(verdict)),
        };
        gathered.ports.push(verdict.ports);
        gathered.unverified.extend(verdict.unverified.iter().cloned());
    }
    let outcomes = outcomes.into_iter().map(|gathered| {
        let Gathered { sources, status, blocked_by, ports, mut unverified } = gathered;
        unverified.sort();
        unverified.dedup();
        let ports = (traffic.proto != Proto::Other).then(|| merge(ports).into());
        Outcome { traffic, ports, sources, status, blocked_by, unverified: unverified.into() }
    });
    outcomes.collect()
}
