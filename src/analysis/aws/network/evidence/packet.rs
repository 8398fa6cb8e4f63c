//! One packet on its way to an endpoint, and the steps that it takes.

use crate::inventory::aws::ec2::IpPermission;
use crate::model::{Status, Step};

use super::group_rules::{admitted, group_step};
use super::steps::{in_chain, interface_steps, listener_steps, senders_text, service_step};
use super::wording::{more, ports_text, route_text, text_of};
use crate::analysis::addresses::{AddressSet, internet};
use crate::analysis::aws::network::controls::bpa::Effect;
use crate::analysis::aws::network::controls::internet_firewall::Treatment;
use crate::analysis::aws::network::controls::nacl::{Direction, allows, matches};
use crate::analysis::aws::network::controls::routes::{Edge, PoolRoute, RouteTarget, SubnetRef};
use crate::analysis::aws::network::controls::{Control, Controls};
use crate::analysis::aws::network::endpoints::endpoint::{Endpoint, EndpointSubject, groups};
use crate::analysis::aws::network::endpoints::interfaces::addresses;
use crate::analysis::aws::network::facts::{Place, RegionFacts};
use crate::analysis::aws::network::protocol::{Family, NamedProtocol, Proto, Traffic};
use crate::analysis::aws::network::sources::everything;
use crate::analysis::aws::network::verdict::{EntryPoint, before_the_vpc};

/// The entry of a network ACL that decides on a packet.
pub(super) struct Entry {
    /// The ACL.
    pub(super) acl: String,
    /// The entry's number; `None` where nothing matches.
    pub(super) rule: Option<i32>,
    /// What it does.
    pub(super) text: String,
}

/// One packet on its way to an endpoint.
pub(super) struct Packet<'p, 'a> {
    pub(super) facts: &'p RegionFacts<'a>,
    pub(super) endpoint: &'p Endpoint<'a>,
    pub(super) traffic: Traffic,
    pub(super) port: u16,
    blocked_by: Controls,
    pub(super) entry_point: Option<EntryPoint<'a>>,
    /// The packet's sender.
    pub(super) source: u128,
    /// Who sends such packets: whoever passes or, for a latent row, whom the groups admit.
    senders: AddressSet,
    /// What the groups admit at this port.
    pub(super) admitted: AddressSet,
}

impl<'p, 'a> Packet<'p, 'a> {
    pub(super) fn new(
        facts: &'p RegionFacts<'a>,
        endpoint: &'p Endpoint<'a>,
        traffic: Traffic,
        port: u16,
        status: Status,
        blocked_by: Controls,
    ) -> Self {
        let admitted = match groups(endpoint) {
            Some(groups) => admitted(facts, &groups, traffic, port),
            None => internet(traffic.family).clone(),
        };
        let open = status == Status::Exposed;
        let mut best: Option<(u128, &EntryPoint<'a>, AddressSet)> = None;
        for entry_point in
            endpoint.entry_points.iter().filter(|entry_point| entry_point.family == traffic.family)
        {
            let passing = passing(facts, entry_point, traffic, port);
            let shown = if open && shut(facts, entry_point).is_empty() {
                passing.iter().fold(admitted.clone(), |left, (_, set)| left.intersection(set))
            } else if open {
                AddressSet::default()
            } else {
                // Of a latent row, senders whom the first control by sources stops.
                let stops = passing.iter().filter(|(control, _)| blocked_by.contains(*control));
                let mut stopped = stops.map(|(_, set)| admitted.difference(set));
                stopped.find(|set| !set.is_empty()).unwrap_or_default()
            };
            let weight = shown.count();
            if best.as_ref().is_none_or(|(most, ..)| weight > *most) {
                best = Some((weight, entry_point, shown));
            }
        }
        let shown = best.as_ref().and_then(|(.., shown)| shown.largest());
        let source = shown.or_else(|| admitted.largest()).map_or(0, |range| range.0);
        let senders = match &best {
            Some((.., shown)) if open => shown.clone(),
            _ => admitted.clone(),
        };
        let entry_point = best.map(|(_, entry_point, _)| *entry_point);
        Packet {
            facts,
            endpoint,
            traffic,
            port,
            blocked_by,
            entry_point,
            source,
            senders,
            admitted,
        }
    }

    /// Who sends such packets.
    pub(super) fn senders(&self) -> &AddressSet {
        &self.senders
    }

    pub(super) fn place(&self) -> Option<Place<'a>> {
        self.entry_point?.place.map(|place| self.facts.at(place))
    }

    /// All steps, up to the first control that shuts.
    pub(super) fn steps(&self) -> Vec<Step> {
        let mut steps = vec![self.internet()];
        type Stage<'s, 'p, 'a> = (&'s [Control], fn(&Packet<'p, 'a>) -> Vec<Step>);
        let stages: [Stage<'_, 'p, 'a>; 8] = [
            (&[Control::VpcBpa], Self::gateway),
            (&[Control::IgwFirewall], Self::internet_firewall),
            (&[Control::EdgeRoute], Self::edge),
            (
                &[Control::NoPublicIp, Control::InternalScheme, Control::NotPubliclyAccessible],
                Self::address,
            ),
            (&[Control::NaclIn], |p| p.acl(Direction::In)),
            (&Control::OF_LISTENER, Self::listener),
            (&[Control::NoIgwRoute], Self::reply_route),
            (&[Control::NaclOut], |p| p.acl(Direction::Out)),
        ];
        for (controls, stage) in stages {
            if controls == Control::OF_LISTENER {
                steps.extend(self.security_group());
            }
            if let Some(&control) = controls.iter().find(|c| self.blocked_by.contains(**c)) {
                steps.push(self.blocked(control));
                return steps;
            }
            if !matches!(self.endpoint.subject, EndpointSubject::UnusedGroup(_)) {
                steps.extend(stage(self));
            }
        }
        steps
    }

    /// The last step of what a control shuts.
    pub(super) fn blocked(&self, control: Control) -> Step {
        match self.shut(control) {
            (Some(id), text) => {
                let text = format!("BLOCKED by {id}: {text}");
                Step::of("blocked", id, text)
            }
            (None, text) => Step::new("blocked", format!("BLOCKED: {text}")),
        }
    }

    fn internet(&self) -> Step {
        let family = self.traffic.family;
        let who = senders_text(family, &self.senders, self.source);
        Step::new("internet", who.clone()).in_brief(in_chain(who))
    }

    /// Whether it is not known what a control at the VPC's gateway does.
    fn is_unknown(&self, control: Control) -> bool {
        let (Some(entry_point), Some(place)) = (self.entry_point.as_ref(), self.place()) else {
            return true;
        };
        let effects = before_the_vpc(self.facts, entry_point, &place);
        effects.iter().any(|(of, effect)| *of == control && matches!(effect, Effect::Unknown(_)))
    }

    fn gateway(&self) -> Vec<Step> {
        let place = self.place();
        let gateway = place.and_then(|place| self.facts.routes.gateway_of(place.vpc));
        let mode = match self.facts.bpa.mode(place.map_or("", |place| place.subnet)) {
            Some("off") => "VPC block public access is off",
            Some(_) if self.is_unknown(Control::VpcBpa) => {
                "VPC block public access is on; what it leaves out was not read"
            }
            Some(_) => "left out of VPC block public access",
            None => "VPC block public access was not read",
        };
        gateway.map(|id| Step::of("internet-gateway", id, mode).known_by_id()).into_iter().collect()
    }

    fn internet_firewall(&self) -> Vec<Step> {
        let Some(place) = self.place() else { return Vec::new() };
        let kind = "internet-firewall";
        let name = |of: &str| match of.rsplit_once('/') {
            Some((_, name)) => name.to_owned(),
            None => format!("of {of}"),
        };
        match self.facts.firewalls.treatment(place.vpc, place.described) {
            Treatment::Inspects(arn) => {
                let text =
                    format!("inspected by the firewall {}, its rules are not analysed", name(arn));
                vec![Step::of(kind, arn, text)]
            }
            Treatment::Bypassed(arn) => {
                let text = format!("the firewall does not see traffic of {}", place.subnet);
                vec![Step::of(kind, arn, text)]
            }
            Treatment::NoFirewall if self.facts.firewalls.untold && self.blocked_by.is_empty() => {
                let text = "an internet firewall may drop this; this version cannot read it";
                vec![Step::new(kind, text)]
            }
            Treatment::NoFirewall | Treatment::Drops(_) | Treatment::Unknown(_) => Vec::new(),
        }
    }

    fn edge(&self) -> Vec<Step> {
        if let Some(route) = self.pool_route() {
            let block = text_of(Family::Ipv4, route.range);
            let text = format!("hands {block} of {} to the interface", route.pool);
            return vec![Step::of("edge-route", route.table, text)];
        }
        let (Some(Edge::Via(id)), Some(place)) = (self.entry_point.map(|g| g.edge), self.place())
        else {
            return Vec::new();
        };
        let Some(table) = self.facts.routes.edge_table(place.vpc) else { return Vec::new() };
        let text = format!("sends the traffic through {id}: inspected there, not analysed");
        vec![Step::of("edge-route", &table.table.route_table_id, text)]
    }

    /// The route that hands the packet to the interface, where its address is of a pool.
    fn pool_route(&self) -> Option<PoolRoute<'a>> {
        let EndpointSubject::Interface(interface) = self.endpoint.subject else { return None };
        let pool = self.entry_point.is_some_and(|entry_point| entry_point.pool);
        let route = || self.facts.routes.pool_route(&interface.network_interface_id);
        pool.then(route).flatten()
    }

    fn address(&self) -> Vec<Step> {
        if let Some(route) = self.pool_route() {
            let block = text_of(Family::Ipv4, route.range);
            let text = format!("addresses of the public IPv4 pool {}", route.pool);
            return vec![Step::of("public-address", block, text).known_by_id()];
        }
        match &self.endpoint.subject {
            EndpointSubject::Interface(interface) => {
                let found = addresses(self.facts, interface, self.traffic.family);
                let public: Vec<&str> = found.iter().filter_map(|a| a.public).collect();
                public
                    .first()
                    .map(|first| {
                        let text = format!("public address of the interface{}", more(public.len()));
                        Step::of("public-address", *first, text).known_by_id()
                    })
                    .into_iter()
                    .collect()
            }
            EndpointSubject::Service { .. } => {
                let text = "publicly accessible";
                vec![Step::new("public-address", text).in_brief(text)]
            }
            EndpointSubject::ServiceManaged { .. } => Vec::new(),
            EndpointSubject::LoadBalancer { dns, .. } => {
                let text = "internet-facing";
                let step = match dns {
                    Some(dns) => Step::of("public-address", *dns, text),
                    None => Step::new("public-address", text),
                };
                vec![step.in_brief(text)]
            }
            EndpointSubject::Target { .. } | EndpointSubject::UnusedGroup(_) => Vec::new(),
        }
    }

    /// The entry of the subnet's ACL that decides.
    fn acl(&self, direction: Direction) -> Vec<Step> {
        let step = if direction == Direction::In { "network-acl" } else { "reply-network-acl" };
        let Some(Entry { acl, rule, text }) = self.entry(direction, self.source) else {
            return Vec::new();
        };
        let brief = match rule {
            Some(rule) => format!("{acl} rule {rule}"),
            None => acl.clone(),
        };
        vec![Step::of(step, acl, text).in_brief(brief)]
    }

    pub(super) fn entry(&self, direction: Direction, source: u128) -> Option<Entry> {
        let place = self.place()?;
        let acl = self.facts.nacls.acl(self.facts.nacls.of(place.subnet, place.vpc)?);
        let mut entries: Vec<_> = acl
            .entries
            .iter()
            .filter_map(|e| Some((e, matches(e, direction, self.traffic)?)))
            .filter(|(_, (_, range))| range.0 <= source && source <= range.1)
            .collect();
        entries.sort_by_key(|(entry, _)| entry.rule_number);
        let any_port = direction == Direction::Out && self.traffic.proto != Proto::Other;
        let decides = |port: u16| entries.iter().find(|(_, (k, _))| k.0 <= port && port <= k.1);
        let found = if any_port {
            // Some port will do: the first at which an entry allows, else what denies.
            let lowest = if self.traffic.proto == Proto::Icmp { 0 } else { 1 };
            let starts = entries.iter().flat_map(|(_, (k, _))| [Some(k.0), k.1.checked_add(1)]);
            let mut ports: Vec<u16> = starts.flatten().map(|port| port.max(lowest)).collect();
            ports.push(lowest);
            ports.sort_unstable();
            let allowing = ports.iter().filter_map(|&port| decides(port)).find(|(e, _)| allows(e));
            allowing.or_else(|| decides(lowest))
        } else {
            decides(self.port)
        };
        let side = if direction == Direction::In { "in" } else { "out" };
        let text = match found {
            Some((entry, (ports, range))) => {
                let verb = if allows(entry) { "allows" } else { "denies" };
                let what = if NamedProtocol::parse(&entry.protocol) == Some(NamedProtocol::All) {
                    "all traffic".to_owned()
                } else {
                    ports_text(self.traffic, *ports)
                };
                let side_word = if direction == Direction::In { "from" } else { "to" };
                let block = text_of(self.traffic.family, *range);
                format!("rule {} {side} {verb} {what} {side_word} {block}", entry.rule_number)
            }
            None => format!("no rule {side} matches, so it denies"),
        };
        let rule = found.map(|(entry, _)| entry.rule_number);
        Some(Entry { acl: acl.network_acl_id.clone(), rule, text })
    }

    fn security_group(&self) -> Vec<Step> {
        let Some(groups) = groups(self.endpoint) else {
            let text = "no security group: everyone is admitted";
            return vec![Step::new("security-group", text).in_brief("no security group")];
        };
        let admits = |_: &IpPermission| false;
        let senders = (&self.senders, self.source);
        let step = group_step(self.facts, &groups, self.traffic, self.port, senders, admits);
        step.into_iter().collect()
    }

    fn listener(&self) -> Vec<Step> {
        match &self.endpoint.subject {
            EndpointSubject::Interface(interface) => interface_steps(self.facts, interface),
            EndpointSubject::Service { resource, state, .. } => {
                vec![service_step(resource, (self.traffic, self.port), *state)]
            }
            EndpointSubject::LoadBalancer { name, kind: of, listeners, .. } => {
                let mut listeners = listeners.iter();
                let listener = listeners.find(|l| l.port == Some(i32::from(self.port)));
                let port = ports_text(self.traffic, (self.port, self.port));
                listener_steps((*name, *of), listener.copied(), &port)
            }
            EndpointSubject::ServiceManaged { .. }
            | EndpointSubject::Target { .. }
            | EndpointSubject::UnusedGroup(_) => Vec::new(),
        }
    }

    fn reply_route(&self) -> Vec<Step> {
        let (Some(place), Some(entry_point)) = (self.place(), self.entry_point) else {
            return Vec::new();
        };
        let mut steps = Vec::new();
        let mut at = SubnetRef { subnet: place.subnet, vpc: place.vpc };
        // At most two tables: the subnet's own, and that of the middlebox before it.
        for _ in 0..2 {
            let Some(table) = self.facts.routes.table_of(at.subnet, at.vpc) else { return steps };
            let Some(entry) = table.lookup(self.traffic.family, self.source) else { return steps };
            let text = format!("route {}", route_text(entry));
            let step = Step::of("reply-route", &table.table.route_table_id, text.clone());
            steps.push(step.in_brief(format!("{} {text}", table.table.route_table_id)));
            match (entry.target, entry_point.edge) {
                (RouteTarget::Middlebox(id), Edge::Via(expected)) if id == expected => {
                    let Some(next) = self.facts.routes.hop(id) else { return steps };
                    at = next;
                }
                _ => return steps,
            }
        }
        steps
    }
}

/// Controls that shut an entry point for everyone, those at the VPC's gateway among them.
fn shut(facts: &RegionFacts<'_>, entry_point: &EntryPoint<'_>) -> Controls {
    let mut shut = entry_point.shut;
    if let Some(place) = entry_point.place.map(|place| facts.at(place)) {
        let at_gateway = before_the_vpc(facts, entry_point, &place);
        let shutting = at_gateway.iter().filter(|at| at.1 == Effect::Shut);
        shutting.for_each(|at| shut.insert(at.0));
    }
    shut
}

/// What the controls by source let through an entry point.
pub(super) fn passing<'f, 'a>(
    facts: &'f RegionFacts<'a>,
    entry_point: &EntryPoint<'a>,
    traffic: Traffic,
    port: u16,
) -> Vec<(Control, &'f AddressSet)> {
    let Some(place) = entry_point.place.map(|place| facts.at(place)) else { return Vec::new() };
    let all = everything(traffic.family);
    let passage = facts.routes.known(place.subnet, place.vpc, traffic.family, entry_point.edge);
    let acl = facts.nacls.of(place.subnet, place.vpc);
    let acl = acl.and_then(|acl| facts.nacls.known(acl, traffic, port)).unwrap_or((all, all));
    [
        (Control::NaclIn, acl.0),
        (Control::NoIgwRoute, passage.map_or(all, |passage| passage.set)),
        (Control::NaclOut, acl.1),
    ]
    .map(|(control, set)| (control, facts.sets.get(set)))
    .into()
}
