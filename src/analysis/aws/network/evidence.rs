//! Why a row is what it is: the steps of a packet, each with the id of what it meets.
//!
//! The steps are about one packet: from the largest block of sources that passes (or, for a latent
//! row, that is stopped), to the first of the row's ports.

use crate::inventory::aws::ec2::{IpPermission, NetworkInterface};
use crate::model::{self, Status, Step};

use super::control::{Control, Controls};
use super::endpoints::{addresses, instance_id};
use super::facts::{Facts, Place};
use super::group_rules::{admitted, group_step, largest};
use super::nacl::{Way, allows, matches};
use super::protocol::{Family, Kind, Named, Proto};
use super::region::{Endpoint, What, door_of};
use super::routes::{Edge, Target};
use super::rows::{Path, ResourceKind, Row};
use super::sources::{
    Range, Sources, count, difference, everything, internet, intersection, space,
};
use super::verdict::Gate;
use super::wording::{keys_text, more, route_text, text_of};
use super::{Ports, behind, bpa, services};

/// The steps of a row.
pub(super) fn chain<'a>(facts: &Facts<'a>, endpoints: &[Endpoint<'a>], row: &Row<'a>) -> Vec<Step> {
    let path = row.front.as_ref().and_then(|front| front.paths.first());
    chain_through(facts, endpoints, row, path)
}

/// The steps of a row, on one of the ways to it.
pub(super) fn chain_through<'a>(
    facts: &Facts<'a>,
    endpoints: &[Endpoint<'a>],
    row: &Row<'a>,
    path: Option<&Path<'a>>,
) -> Vec<Step> {
    let Some(endpoint) = endpoints.get(row.endpoint as usize) else { return Vec::new() };
    let kind = Kind { family: row.family, proto: row.proto };
    if let (What::Behind { doors, groups, interface }, Some(path)) = (&endpoint.what, path) {
        let front = door_of(endpoints, doors, path);
        return behind::steps(facts, front, row, path, (groups, *interface));
    }
    let key = first_key(facts, endpoint, kind, row.ports.as_deref());
    if let What::Outside { kind: of, name, blocks, why } = &endpoint.what {
        return outside(facts, kind, key, (*of, name), (blocks, why));
    }
    Packet::new(facts, endpoint, kind, key, row.status, row.blocked_by).steps()
}

/// The steps of a packet that gets through to an endpoint's port.
pub(super) fn through<'a>(
    facts: &Facts<'a>,
    endpoint: &Endpoint<'a>,
    kind: Kind,
    port: u16,
) -> Vec<Step> {
    Packet::new(facts, endpoint, kind, port, Status::Exposed, Controls::NONE).steps()
}

/// The controls that shut a row.
pub(super) fn blocks<'a>(
    facts: &Facts<'a>,
    endpoints: &[Endpoint<'a>],
    row: &Row<'a>,
) -> Vec<model::Control> {
    let Some(endpoint) = endpoints.get(row.endpoint as usize) else { return Vec::new() };
    let kind = Kind { family: row.family, proto: row.proto };
    let key = first_key(facts, endpoint, kind, row.ports.as_deref());
    let packet = Packet::new(facts, endpoint, kind, key, row.status, row.blocked_by);
    let text = |control| {
        let (id, text) = packet.shut(control);
        id.map_or(text.clone(), |id| format!("{id}: {text}"))
    };
    let named = |control: Control| model::Control {
        control: control.as_str().to_owned(),
        text: text(control),
    };
    row.blocked_by.iter().map(named).collect()
}

/// One packet on its way to an endpoint.
struct Packet<'p, 'a> {
    facts: &'p Facts<'a>,
    endpoint: &'p Endpoint<'a>,
    kind: Kind,
    key: u16,
    blocked_by: Controls,
    gate: Option<Gate<'a>>,
    /// The packet's sender.
    source: u128,
    /// Who sends such packets: whoever passes or, for a latent row, whom the groups admit.
    senders: Vec<Range>,
    /// What the groups admit at this key.
    admitted: Vec<Range>,
}

impl<'p, 'a> Packet<'p, 'a> {
    fn new(
        facts: &'p Facts<'a>,
        endpoint: &'p Endpoint<'a>,
        kind: Kind,
        key: u16,
        status: Status,
        blocked_by: Controls,
    ) -> Self {
        let admitted = match groups(endpoint) {
            Some(groups) => admitted(facts, &groups, kind, key),
            None => facts.sets.ranges(internet(kind.family)).to_vec(),
        };
        let open = status == Status::Exposed;
        let mut best: Option<(u128, &Gate<'a>, Vec<Range>)> = None;
        for gate in endpoint.gates.iter().filter(|gate| gate.family == kind.family) {
            let passing = passing(facts, gate, kind, key);
            let shown = if open && shut(facts, gate).is_empty() {
                passing.iter().fold(admitted.clone(), |left, (_, set)| intersection(&left, set))
            } else if open {
                Vec::new()
            } else {
                // Of a latent row, senders whom the first control by sources stops.
                let stops = passing.iter().filter(|(control, _)| blocked_by.contains(*control));
                let mut stopped = stops.map(|(_, set)| difference(&admitted, set));
                stopped.find(|set| !set.is_empty()).unwrap_or_default()
            };
            let weight = count(&shown);
            if best.as_ref().is_none_or(|(most, ..)| weight > *most) {
                best = Some((weight, gate, shown));
            }
        }
        let shown = best.as_ref().and_then(|(.., shown)| largest(shown));
        let source = shown.or_else(|| largest(&admitted)).map_or(0, |range| range.0);
        let senders = match &best {
            Some((.., shown)) if open => shown.clone(),
            _ => admitted.clone(),
        };
        let gate = best.map(|(_, gate, _)| *gate);
        Packet { facts, endpoint, kind, key, blocked_by, gate, source, senders, admitted }
    }

    fn place(&self) -> Option<Place<'a>> {
        self.gate?.place.map(|place| self.facts.at(place))
    }

    /// All steps, up to the first control that shuts.
    fn steps(&self) -> Vec<Step> {
        let mut steps = vec![self.internet()];
        type Stage<'s, 'p, 'a> = (&'s [Control], fn(&Packet<'p, 'a>) -> Vec<Step>);
        let stages: [Stage<'_, 'p, 'a>; 7] = [
            (&[Control::VpcBpa], Self::gateway),
            (&[Control::EdgeRoute], Self::edge),
            (
                &[Control::NoPublicIp, Control::InternalScheme, Control::NotPubliclyAccessible],
                Self::address,
            ),
            (&[Control::NaclIn], |p| p.acl(Way::In)),
            (&[Control::NotAttached, Control::InstanceState], Self::listener),
            (&[Control::NoIgwRoute], Self::reply_route),
            (&[Control::NaclOut], |p| p.acl(Way::Out)),
        ];
        for (controls, stage) in stages {
            if controls == [Control::NotAttached, Control::InstanceState] {
                steps.extend(self.security_group());
            }
            if let Some(&control) = controls.iter().find(|c| self.blocked_by.contains(**c)) {
                let (id, text) = self.shut(control);
                steps.push(match id {
                    Some(id) => Step::of("blocked", id.clone(), format!("BLOCKED by {id}: {text}")),
                    None => Step::new("blocked", format!("BLOCKED: {text}")),
                });
                return steps;
            }
            if !matches!(self.endpoint.what, What::Group(_)) {
                steps.extend(stage(self));
            }
        }
        steps
    }

    fn internet(&self) -> Step {
        let family = self.kind.family;
        Step::new("internet", senders_text(self.facts, family, &self.senders, self.source))
    }

    fn gateway(&self) -> Vec<Step> {
        let gateway = self.place().and_then(|place| self.facts.routes.gateway_of(place.vpc));
        let mode = match self.facts.bpa.mode() {
            Some("off") => "VPC block public access is off",
            Some(_) => "left out of VPC block public access",
            None => "VPC block public access was not read",
        };
        gateway.map(|id| Step::of("internet-gateway", id, mode)).into_iter().collect()
    }

    fn edge(&self) -> Vec<Step> {
        let (Some(Edge::Via(id)), Some(place)) = (self.gate.map(|g| g.edge), self.place()) else {
            return Vec::new();
        };
        let Some(table) = self.facts.routes.edge_table(place.vpc) else { return Vec::new() };
        let text = format!("sends the traffic through {id}: inspected there, not analysed");
        vec![Step::of("edge-route", &table.table.route_table_id, text)]
    }

    fn address(&self) -> Vec<Step> {
        match &self.endpoint.what {
            What::Interface(interface) => {
                let found = addresses(self.facts, interface, self.kind.family);
                let public: Vec<&str> = found.iter().filter_map(|a| a.public).collect();
                public
                    .first()
                    .map(|first| {
                        let text = format!("public address of the interface{}", more(public.len()));
                        Step::of("public-address", *first, text)
                    })
                    .into_iter()
                    .collect()
            }
            What::Service { .. } => vec![Step::new("public-address", "publicly accessible")],
            What::Outside { .. } => Vec::new(),
            What::Balancer { dns, .. } => vec![match dns {
                Some(dns) => Step::of("public-address", *dns, "internet-facing"),
                None => Step::new("public-address", "internet-facing"),
            }],
            What::Behind { .. } | What::Group(_) => Vec::new(),
        }
    }

    /// The entry of the subnet's ACL that decides.
    fn acl(&self, way: Way) -> Vec<Step> {
        let kind = if way == Way::In { "network-acl" } else { "reply-network-acl" };
        let Some((id, entry)) = self.entry(way, self.source) else { return Vec::new() };
        vec![Step::of(kind, id, entry)]
    }

    fn entry(&self, way: Way, source: u128) -> Option<(String, String)> {
        let place = self.place()?;
        let acl = self.facts.nacls.acl(self.facts.nacls.of(place.subnet, place.vpc)?);
        let mut entries: Vec<_> = acl
            .entries
            .iter()
            .filter_map(|e| Some((e, matches(e, way, self.kind)?)))
            .filter(|(_, (_, range))| range.0 <= source && source <= range.1)
            .collect();
        entries.sort_by_key(|(entry, _)| entry.rule_number);
        let any_key = way == Way::Out && self.kind.proto != Proto::Other;
        let decides = |key: u16| entries.iter().find(|(_, (k, _))| k.0 <= key && key <= k.1);
        let found = if any_key {
            // Some port will do: the first at which an entry allows, else what denies.
            let lowest = if self.kind.proto == Proto::Icmp { 0 } else { 1 };
            let starts = entries.iter().flat_map(|(_, (k, _))| [Some(k.0), k.1.checked_add(1)]);
            let mut keys: Vec<u16> = starts.flatten().map(|key| key.max(lowest)).collect();
            keys.push(lowest);
            keys.sort_unstable();
            let allowing = keys.iter().filter_map(|&key| decides(key)).find(|(e, _)| allows(e));
            allowing.or_else(|| decides(lowest))
        } else {
            decides(self.key)
        };
        let side = if way == Way::In { "in" } else { "out" };
        let text = match found {
            Some((entry, (keys, range))) => {
                let verb = if allows(entry) { "allows" } else { "denies" };
                let what = if Named::parse(&entry.protocol) == Some(Named::All) {
                    "all traffic".to_owned()
                } else {
                    keys_text(self.kind, *keys)
                };
                let side_word = if way == Way::In { "from" } else { "to" };
                let block = text_of(self.kind.family, *range);
                format!("rule {} {side} {verb} {what} {side_word} {block}", entry.rule_number)
            }
            None => format!("no rule {side} matches, so it denies"),
        };
        Some((acl.network_acl_id.clone(), text))
    }

    fn security_group(&self) -> Vec<Step> {
        let Some(groups) = groups(self.endpoint) else {
            return vec![Step::new("security-group", "no security group: everyone is admitted")];
        };
        let admits = |_: &IpPermission| false;
        group_step(self.facts, &groups, self.kind, self.key, admits).into_iter().collect()
    }

    fn listener(&self) -> Vec<Step> {
        match &self.endpoint.what {
            What::Interface(interface) => interface_steps(self.facts, interface),
            What::Service { kind, name, .. } => {
                let (kind, what) = named(*kind);
                let port = keys_text(self.kind, (self.key, self.key));
                vec![Step::of(kind, *name, format!("{what}, listens on {port}"))]
            }
            What::Balancer { name, kind, listeners, .. } => {
                let mut listeners = listeners.iter();
                let listener = listeners.find(|l| l.port == Some(i32::from(self.key)));
                let port = keys_text(self.kind, (self.key, self.key));
                behind::listener_steps((*name, *kind), listener.copied(), &port)
            }
            What::Outside { .. } | What::Behind { .. } | What::Group(_) => Vec::new(),
        }
    }

    fn reply_route(&self) -> Vec<Step> {
        let (Some(place), Some(gate)) = (self.place(), self.gate) else { return Vec::new() };
        let mut steps = Vec::new();
        let mut at = (place.subnet, place.vpc);
        // At most two tables: the subnet's own, and that of the middlebox before it.
        for _ in 0..2 {
            let Some(table) = self.facts.routes.table_of(at.0, at.1) else { return steps };
            let Some(entry) = table.lookup(self.kind.family, self.source) else { return steps };
            let text = format!("route {}", route_text(entry));
            steps.push(Step::of("reply-route", &table.table.route_table_id, text));
            match (entry.target, gate.edge) {
                (Target::Middlebox(id), Edge::Via(expected)) if id == expected => {
                    let Some(next) = self.facts.routes.hop(id) else { return steps };
                    at = next;
                }
                _ => return steps,
            }
        }
        steps
    }

    /// How a control shuts the way: the id of what does, and a text.
    fn shut(&self, control: Control) -> (Option<String>, String) {
        let place = self.place();
        let source = self.stopped_by(control);
        match control {
            Control::EdgeRoute => {
                let table = place.and_then(|place| self.facts.routes.edge_table(place.vpc));
                let id = table.map(|table| table.table.route_table_id.clone());
                (id, "the internet gateway's route table drops the traffic".to_owned())
            }
            Control::InstanceState => {
                let What::Interface(interface) = self.endpoint.what else {
                    return (None, "does not run".to_owned());
                };
                let id = instance_id(interface);
                let state = id.and_then(|id| self.facts.instance(id)?.state.as_ref());
                let state = state.map_or("not running", |state| state.name.as_str());
                (id.map(str::to_owned), format!("the instance is {state}"))
            }
            // These are never shut by themselves: they decide what a target or a rule admits.
            Control::ClientIpPreservation | Control::ListenerRule => {
                (None, "the load balancer does not forward it".to_owned())
            }
            Control::InternalScheme => (None, "the load balancer's scheme is internal".to_owned()),
            Control::NaclIn => self.denied(Way::In, source),
            Control::NaclOut => self.denied(Way::Out, source),
            Control::NoIgwRoute => self.unrouted(source),
            Control::NoPublicIp => (None, "there is no public address".to_owned()),
            Control::NotAttached => match &self.endpoint.what {
                What::Interface(interface) => {
                    let id = interface.network_interface_id.clone();
                    (Some(id), "the interface is attached to nothing".to_owned())
                }
                _ => (None, "the group is attached to nothing".to_owned()),
            },
            Control::NotPubliclyAccessible => {
                (None, "the service does not make it publicly accessible".to_owned())
            }
            Control::VpcBpa => {
                let mode = self.facts.bpa.mode().unwrap_or("on");
                (None, format!("VPC block public access is {mode}"))
            }
        }
    }

    /// A sender whom a control stops: it need not be the one whom another stops.
    fn stopped_by(&self, control: Control) -> u128 {
        let Some(gate) = self.gate else { return self.source };
        let passing = passing(self.facts, &gate, self.kind, self.key);
        let own = passing.iter().find(|(by, _)| *by == control);
        let stopped = own.map(|(_, set)| difference(&self.admitted, set)).unwrap_or_default();
        largest(&stopped).map_or(self.source, |range| range.0)
    }

    fn denied(&self, way: Way, source: u128) -> (Option<String>, String) {
        match self.entry(way, source) {
            Some((id, text)) => (Some(id), text),
            None => (None, "the network ACL denies the traffic".to_owned()),
        }
    }

    fn unrouted(&self, source: u128) -> (Option<String>, String) {
        let Some(place) = self.place() else { return (None, "no route".to_owned()) };
        let Some(table) = self.facts.routes.table_of(place.subnet, place.vpc) else {
            return (None, "no route table".to_owned());
        };
        let id = Some(table.table.route_table_id.clone());
        let text = match table.lookup(self.kind.family, source) {
            Some(entry) => {
                let why = match entry.target {
                    Target::Blackhole => ", whose target is gone",
                    Target::Gateway(id) if !self.facts.routes.is_attached(id, place.vpc) => {
                        ", which is not attached to the VPC"
                    }
                    Target::Middlebox(_) => ", to which the gateway sends nothing",
                    _ => "",
                };
                format!("{}{why}", route_text(entry))
            }
            None => "no route to the source".to_owned(),
        };
        (id, text)
    }
}

/// The steps to an endpoint outside the account's VPCs.
fn outside(
    facts: &Facts<'_>,
    kind: Kind,
    key: u16,
    (of, name): (ResourceKind, &str),
    (blocks, why): (&[&str], &str),
) -> Vec<Step> {
    let (step, what) = named(of);
    let senders = services::let_in(facts, blocks, kind.family);
    let who = senders_text(facts, kind.family, &senders, 0);
    let listed = format!("{}{}", blocks.first().copied().unwrap_or_default(), more(blocks.len()));
    vec![
        Step::new("internet", who),
        Step::new("public-address", format!("{why}; lets in {listed}")),
        Step::of(step, name, format!("{what}, listens on {}", keys_text(kind, (key, key)))),
    ]
}

/// The kind of step that names a service's endpoint, and what people call it.
fn named(kind: ResourceKind) -> (&'static str, &'static str) {
    match kind {
        ResourceKind::Cluster => ("cluster", "Redshift cluster"),
        ResourceKind::DatabaseCluster => ("cluster", "RDS cluster"),
        ResourceKind::Workgroup => ("workgroup", "Redshift Serverless workgroup"),
        ResourceKind::ReplicationInstance => ("replication-instance", "DMS replication instance"),
        ResourceKind::KafkaCluster => ("cluster", "MSK cluster"),
        ResourceKind::Broker => ("broker", "Amazon MQ broker"),
        ResourceKind::KubernetesCluster => ("cluster", "Kubernetes API of an EKS cluster"),
        ResourceKind::Cache => ("cluster", "ElastiCache cluster"),
        ResourceKind::MemoryCluster => ("cluster", "MemoryDB cluster"),
        _ => ("database", "RDS instance"),
    }
}

/// Who sends, in words.
fn senders_text(facts: &Facts<'_>, family: Family, senders: &[Range], source: u128) -> String {
    let whole = facts.sets.ranges(internet(family));
    let size = count(senders);
    if senders == whole {
        format!("the internet, {}", text_of(family, space(family)))
    } else if Sources::of(family, size) == Some(Sources::Internet) {
        let percent = size / (count(whole) / 100).max(1);
        format!("the internet, {percent} % of its addresses")
    } else {
        let block = largest(senders).unwrap_or((source, source));
        format!("hosts of {}{}", text_of(family, block), more(senders.len()))
    }
}

pub(super) fn interface_steps(facts: &Facts<'_>, interface: &NetworkInterface) -> Vec<Step> {
    let mut text = format!("in {} of {}", interface.subnet_id, interface.vpc_id);
    if instance_id(interface).is_none() && !interface.description.is_empty() {
        // What put it there says so here: a task, a file system, a directory.
        text.push_str(&format!(", \"{}\"", interface.description));
    }
    let mut steps = vec![Step::of("network-interface", &interface.network_interface_id, text)];
    if let Some(id) = instance_id(interface) {
        let instance = facts.instance(id);
        let state = instance.and_then(|instance| instance.state.as_ref());
        let text = state.map_or("its state was not read".to_owned(), |s| format!("is {}", s.name));
        steps.push(Step::of("instance", id, text));
    }
    steps
}

/// The groups of an endpoint; `None` when it admits everyone.
pub(super) fn groups<'a>(endpoint: &Endpoint<'a>) -> Option<Vec<&'a str>> {
    match &endpoint.what {
        What::Interface(interface) => {
            Some(interface.groups.iter().map(|group| group.group_id.as_str()).collect())
        }
        What::Service { groups, .. } => Some(groups.clone()),
        What::Balancer { groups, .. } => groups.clone(),
        What::Outside { .. } | What::Behind { .. } => None,
        What::Group(id) => Some(vec![id]),
    }
}

/// Controls that shut a gate for everyone, block public access among them.
fn shut(facts: &Facts<'_>, gate: &Gate<'_>) -> Controls {
    let mut shut = gate.shut;
    if let Some(place) = gate.place.map(|place| facts.at(place)) {
        let own = place.described.and_then(|subnet| subnet.block_public_access_states.as_ref());
        if facts.bpa.of(place.subnet, place.vpc, own) == bpa::Gate::Shut {
            shut.insert(Control::VpcBpa);
        }
    }
    shut
}

/// What the controls by source let through a gate.
fn passing<'a>(
    facts: &Facts<'a>,
    gate: &Gate<'a>,
    kind: Kind,
    key: u16,
) -> Vec<(Control, Vec<Range>)> {
    let Some(place) = gate.place.map(|place| facts.at(place)) else { return Vec::new() };
    let all = everything(kind.family);
    let passage = facts.routes.known(place.subnet, place.vpc, kind.family, gate.edge);
    let acl = facts.nacls.of(place.subnet, place.vpc);
    let acl = acl.and_then(|acl| facts.nacls.known(acl, kind, key)).unwrap_or((all, all));
    [
        (Control::NaclIn, acl.0),
        (Control::NoIgwRoute, passage.map_or(all, |passage| passage.set)),
        (Control::NaclOut, acl.1),
    ]
    .map(|(control, set)| (control, facts.sets.ranges(set).to_vec()))
    .into()
}

/// The key that stands for a row: its first port, all codes of its first ICMP type tried in turn,
/// or the first protocol that the groups admit from a broad part of the internet.
fn first_key(
    facts: &Facts<'_>,
    endpoint: &Endpoint<'_>,
    kind: Kind,
    ports: Option<&[Ports]>,
) -> u16 {
    let first = ports.and_then(<[Ports]>::first).map_or(0, |ports| ports.0);
    let keys: Box<dyn Iterator<Item = u16>> = match kind.proto {
        Proto::Tcp | Proto::Udp => return first,
        Proto::Icmp => Box::new((0..256).map(move |code| first << 8 | code)),
        Proto::Other => Box::new(0..=255),
    };
    let Some(groups) = groups(endpoint) else { return first };
    let start = if kind.proto == Proto::Icmp { first << 8 } else { 0 };
    let mut best = (0, start);
    for key in keys {
        let weight = count(&admitted(facts, &groups, kind, key));
        if weight > best.0 {
            best = (weight, key);
        }
    }
    best.1
}
