//! From admitted sources and gates to exposed and latent ports.

use std::collections::HashMap;
use std::sync::Arc;

use crate::inventory::aws::calls::{self, Call};
use crate::model::Status;

use super::bpa;
use super::control::{Control, Controls, Unverified};
use super::facts::Facts;
use super::nacl::Way;
use super::ports::{Cuts, Ports, Span, at, merge};
use super::protocol::{Family, Kind, Proto};
use super::routes::Edge;
use super::sources::{EMPTY, SetId, Sources, difference, everything};

/// One way to an endpoint: through one subnet, to one kind of local address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Gate<'a> {
    pub(super) family: Family,
    /// The subnet; `None` when nobody knows where the endpoint sits.
    pub(super) place: Option<u32>,
    /// The call that would tell the subnet, where one would.
    pub(super) unplaced: Option<&'static Call>,
    /// Controls that shut this way for every source.
    pub(super) shut: Controls,
    pub(super) edge: Edge<'a>,
    /// Controls of the endpoint itself that were not read.
    pub(super) blind: Controls,
}

/// A gate with the sources that each control lets through.
#[derive(Debug)]
struct Filter {
    shut: Controls,
    route: SetId,
    nacl_in: Option<Arc<[Span]>>,
    nacl_out: Option<Arc<[Span]>>,
    unverified: Vec<Unverified>,
}

/// What passes a filter at a key, by control.
#[derive(Debug, Clone, Copy)]
struct Passing {
    route: SetId,
    nacl_in: SetId,
    nacl_out: SetId,
}

impl Filter {
    fn at(&self, family: Family, key: u16) -> Passing {
        let all = everything(family);
        let acl = |spans: &Option<Arc<[Span]>>| spans.as_ref().map_or(all, |s| at(s, key));
        Passing { route: self.route, nacl_in: acl(&self.nacl_in), nacl_out: acl(&self.nacl_out) }
    }
}

/// What is open, or would be, of one kind of traffic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) kind: Kind,
    /// Ports, or ICMP types; `None` for other protocols.
    pub(super) ports: Option<Arc<[Ports]>>,
    pub(super) sources: Sources,
    pub(super) status: Status,
    pub(super) blocked_by: Controls,
    pub(super) unverified: Arc<[Unverified]>,
}

/// The verdict on one elementary interval of keys.
#[derive(Debug, Clone)]
struct Finding {
    keys: Ports,
    sources: Sources,
    status: Status,
    blocked_by: Controls,
    unverified: Vec<Unverified>,
}

impl Finding {
    /// Open beats shut, the internet beats a part of it.
    fn weight(&self) -> (bool, Sources) {
        (self.status == Status::Exposed, self.sources)
    }
}

/// Answers already given: most endpoints share groups and subnets.
#[derive(Debug, Default)]
pub(super) struct Memo<'a>(HashMap<(u32, Vec<Gate<'a>>), Arc<[Outcome]>>);

impl<'a> Memo<'a> {
    /// The verdict on an endpoint that a set of groups guards.
    pub(super) fn judge(
        &mut self,
        facts: &mut Facts<'a>,
        group_set: u32,
        gates: &[Gate<'a>],
    ) -> Arc<[Outcome]> {
        if facts.groups.admitted(group_set).is_empty() {
            return Arc::from([]);
        }
        let key = (group_set, gates.to_vec());
        if let Some(known) = self.0.get(&key) {
            return Arc::clone(known);
        }
        let mut outcomes = Vec::new();
        for kind in Kind::all() {
            let admitted = facts.groups.admitted(group_set).of(kind).to_vec();
            outcomes.extend(judge(facts, kind, &admitted, gates));
        }
        let outcomes: Arc<[Outcome]> = outcomes.into();
        self.0.insert(key, Arc::clone(&outcomes));
        outcomes
    }
}

/// Fills in what the controls of the gates' subnets let through.
fn filters<'a>(facts: &mut Facts<'a>, kind: Kind, gates: &[Gate<'a>]) -> Vec<Filter> {
    let of_family = gates.iter().filter(|gate| gate.family == kind.family);
    of_family.map(|gate| filter(facts, kind, gate)).collect()
}

fn filter<'a>(facts: &mut Facts<'a>, kind: Kind, gate: &Gate<'a>) -> Filter {
    let mut unverified: Vec<Unverified> = gate
        .blind
        .iter()
        .map(|control| Unverified::of(control, &calls::ec2::DESCRIBE_INSTANCES))
        .collect();
    let mut filter = Filter {
        shut: gate.shut,
        route: everything(kind.family),
        nacl_in: None,
        nacl_out: None,
        unverified: Vec::new(),
    };
    let Some(place) = gate.place.map(|place| facts.at(place)) else {
        for control in [Control::NaclIn, Control::NaclOut, Control::NoIgwRoute, Control::VpcBpa] {
            unverified.push(Unverified { control, call: gate.unplaced, resource: None });
        }
        filter.unverified = unverified;
        return filter;
    };
    let sets = &mut facts.sets;
    let passage = facts.routes.passage(place.subnet, place.vpc, kind.family, gate.edge, sets);
    filter.route = passage.set;
    unverified.extend(passage.unverified);
    if facts.services.ec2.describe_route_tables.is_unread() {
        unverified.push(Unverified::of(Control::EdgeRoute, &calls::ec2::DESCRIBE_ROUTE_TABLES));
    }
    let own = place.described.and_then(|subnet| subnet.block_public_access_states.as_ref());
    match facts.bpa.of(place.subnet, place.vpc, own) {
        bpa::Gate::Open => {}
        bpa::Gate::Shut => filter.shut.insert(Control::VpcBpa),
        bpa::Gate::Unknown(missing) => unverified.push(missing),
    }
    match facts.nacls.of(place.subnet, place.vpc).filter(|_| facts.nacls.read) {
        Some(acl) => {
            filter.nacl_in = Some(facts.nacls.passing(acl, Way::In, kind, sets));
            filter.nacl_out = Some(facts.nacls.replies(acl, kind, sets));
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

/// Keys at which anything can change.
fn intervals(kind: Kind, admitted: &[Span], filters: &[Filter]) -> Vec<Ports> {
    let mut cuts = Cuts::default();
    admitted.iter().for_each(|span| cuts.add(span.keys));
    for filter in filters {
        filter.nacl_in.iter().flat_map(|s| s.iter()).for_each(|span| cuts.add(span.keys));
        if kind.proto == Proto::Other {
            filter.nacl_out.iter().flat_map(|s| s.iter()).for_each(|span| cuts.add(span.keys));
        }
    }
    cuts.intervals()
}

/// The sources that come in through one gate.
#[derive(Debug, Clone)]
pub(super) struct Arrival {
    pub(super) place: Option<u32>,
    pub(super) set: SetId,
    pub(super) unverified: Vec<Unverified>,
}

/// Of the sources that the groups admit at a key, those that pass every control, gate by gate.
pub(super) fn arrivals<'a>(
    facts: &mut Facts<'a>,
    kind: Kind,
    key: u16,
    groups: SetId,
    gates: &[Gate<'a>],
) -> Vec<Arrival> {
    let mut arrivals = Vec::new();
    for gate in gates.iter().filter(|gate| gate.family == kind.family) {
        let filter = filter(facts, kind, gate);
        let set = passing_all(facts, kind, &filter, key, groups);
        if set != EMPTY {
            arrivals.push(Arrival { place: gate.place, set, unverified: filter.unverified });
        }
    }
    arrivals
}

fn passing_all(
    facts: &mut Facts<'_>,
    kind: Kind,
    filter: &Filter,
    key: u16,
    groups: SetId,
) -> SetId {
    if !filter.shut.is_empty() {
        return EMPTY;
    }
    let passing = filter.at(kind.family, key);
    let set = facts.sets.and(groups, passing.route);
    let set = facts.sets.and(set, passing.nacl_in);
    facts.sets.and(set, passing.nacl_out)
}

/// The verdict on one kind of traffic to an endpoint with these gates.
pub(super) fn judge<'a>(
    facts: &mut Facts<'a>,
    kind: Kind,
    admitted: &[Span],
    gates: &[Gate<'a>],
) -> Vec<Outcome> {
    if admitted.is_empty() {
        return Vec::new();
    }
    let filters = filters(facts, kind, gates);
    if filters.is_empty() {
        // Without an address of the family there is nothing to connect to.
        return Vec::new();
    }
    let mut findings = Vec::new();
    for keys in intervals(kind, admitted, &filters) {
        let groups = at(admitted, keys.0);
        if let Some(wanted) = facts.sets.class(kind.family, groups) {
            findings.push(decide(facts, kind, keys, groups, wanted, &filters));
        }
    }
    match kind.proto {
        Proto::Tcp | Proto::Udp => {}
        Proto::Icmp => findings = by_type(&findings),
        Proto::Other => findings = best(&findings).into_iter().collect(),
    }
    gather(kind, &findings)
}

/// Outcomes of a group that nothing is attached to.
pub(super) fn unattached(facts: &Facts<'_>, kind: Kind, admitted: &[Span]) -> Vec<Outcome> {
    let mut findings: Vec<Finding> = admitted
        .iter()
        .filter_map(|span| {
            Some(Finding {
                keys: span.keys,
                sources: facts.sets.class(kind.family, span.set)?,
                status: Status::Latent,
                blocked_by: [Control::NotAttached].into_iter().collect(),
                unverified: Vec::new(),
            })
        })
        .collect();
    match kind.proto {
        Proto::Tcp | Proto::Udp => {}
        Proto::Icmp => findings = by_type(&findings),
        Proto::Other => findings = best(&findings).into_iter().collect(),
    }
    gather(kind, &findings)
}

fn decide(
    facts: &mut Facts<'_>,
    kind: Kind,
    keys: Ports,
    groups: SetId,
    wanted: Sources,
    filters: &[Filter],
) -> Finding {
    let (mut reaching, mut proven, mut unverified) = (EMPTY, EMPTY, Vec::new());
    for filter in filters {
        let part = passing_all(facts, kind, filter, keys.0, groups);
        reaching = facts.sets.or(reaching, part);
        if filter.unverified.is_empty() {
            proven = facts.sets.or(proven, part);
        } else if part != EMPTY {
            unverified.extend(filter.unverified.iter().cloned());
        }
    }
    let class = facts.sets.class(kind.family, reaching);
    if let Some(sources) = class {
        if facts.sets.class(kind.family, proven) == class {
            unverified.clear();
        }
        let (status, blocked_by) = (Status::Exposed, Controls::NONE);
        return Finding { keys, sources, status, blocked_by, unverified };
    }
    let blocked_by = blocking(facts, kind, keys.0, groups, filters);
    let (status, unverified) = (Status::Latent, Vec::new());
    Finding { keys, sources: wanted, status, blocked_by, unverified }
}

/// The controls that shut: each that alone leaves less than a broad part; where none does, each
/// that removes anything, from all ways together or else from any single one.
fn blocking(
    facts: &mut Facts<'_>,
    kind: Kind,
    key: u16,
    groups: SetId,
    filters: &[Filter],
) -> Controls {
    let mut always = Control::ALL.into_iter().collect::<Controls>();
    let mut ever = Controls::NONE;
    let mut sum = Passing { route: EMPTY, nacl_in: EMPTY, nacl_out: EMPTY };
    for filter in filters {
        always = always.intersection(filter.shut);
        ever = ever.union(filter.shut);
        let own = filter.at(kind.family, key);
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
        if facts.sets.class(kind.family, left).is_none() {
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

fn removes(facts: &Facts<'_>, groups: SetId, passing: SetId) -> bool {
    !difference(facts.sets.ranges(groups), facts.sets.ranges(passing)).is_empty()
}

/// The weightiest of the findings, the first of equals.
fn best(findings: &[Finding]) -> Option<Finding> {
    let mut best: Option<&Finding> = None;
    for finding in findings {
        if best.is_none_or(|b| finding.weight() > b.weight()) {
            best = Some(finding);
        }
    }
    best.cloned()
}

/// Findings per ICMP type: a type passes when any of its codes does.
fn by_type(findings: &[Finding]) -> Vec<Finding> {
    let mut types: Vec<Finding> = Vec::new();
    for kind in 0u16..256 {
        let first = findings.partition_point(|f| f.keys.1 < kind << 8);
        let codes = findings[first..].iter().take_while(|f| f.keys.0 <= (kind << 8 | 255));
        let codes: Vec<Finding> = codes.cloned().collect();
        if let Some(found) = best(&codes) {
            types.push(Finding { keys: (kind, kind), ..found });
        }
    }
    types
}

/// One outcome for all keys with the same status, class and controls.
fn gather(kind: Kind, findings: &[Finding]) -> Vec<Outcome> {
    type Group = (Vec<Ports>, Vec<Unverified>);
    let mut grouped: Vec<((Status, Sources, Controls), Group)> = Vec::new();
    for finding in findings {
        let key = (finding.status, finding.sources, finding.blocked_by);
        let group = match grouped.iter().position(|(known, _)| *known == key) {
            Some(index) => &mut grouped[index].1,
            None => {
                grouped.push((key, Group::default()));
                let last = grouped.len() - 1;
                &mut grouped[last].1
            }
        };
        group.0.push(finding.keys);
        group.1.extend(finding.unverified.iter().cloned());
    }
    let outcomes = grouped.into_iter().map(|((status, sources, blocked_by), group)| {
        let (ports, mut unverified) = group;
        unverified.sort();
        unverified.dedup();
        let ports = (kind.proto != Proto::Other).then(|| merge(ports).into());
        Outcome { kind, ports, sources, status, blocked_by, unverified: unverified.into() }
    });
    outcomes.collect()
}
