//! The steps of a row: the one packet that stands for it, and where its steps come from.
//!
//! The packet comes from the largest block of sources that passes (or, for a latent row, that is
//! stopped), and goes to the first of the row's ports.

use crate::model::{self, Step};

use super::forwarding::{self, Behind};
use super::group_rules::admitted;
use super::packet::Packet;
use super::steps::{in_chain, senders_text, service_step};
use super::wording::more;
use crate::analysis::aws::network::controls::{Control, Controls, Ports};
use crate::analysis::aws::network::endpoints::endpoint::{
    Endpoint, EndpointSubject, first_endpoint, groups,
};
use crate::analysis::aws::network::endpoints::services;
use crate::analysis::aws::network::facts::RegionFacts;
use crate::analysis::aws::network::protocol::{Proto, Traffic};
use crate::analysis::aws::network::rows::{Path, Row};

/// The steps of a row.
pub(crate) fn chain<'a>(
    facts: &RegionFacts<'a>,
    endpoints: &[Endpoint<'a>],
    row: &Row<'a>,
) -> Vec<Step> {
    chain_through(facts, endpoints, row, row.paths().next())
}

/// The steps of a row, on one of the ways to it.
pub(crate) fn chain_through<'a>(
    facts: &RegionFacts<'a>,
    endpoints: &[Endpoint<'a>],
    row: &Row<'a>,
    path: Option<&Path<'a>>,
) -> Vec<Step> {
    let Some(endpoint) = endpoints.get(row.endpoint as usize) else { return Vec::new() };
    let traffic = Traffic { family: row.family, proto: row.proto };
    if let (EndpointSubject::Target { judged, groups, nodes, interface }, Some(path)) =
        (&endpoint.subject, path)
    {
        let front = first_endpoint(endpoints, judged, path);
        return forwarding::steps(
            facts,
            front,
            row,
            path,
            Behind { groups, nodes, interface: *interface },
        );
    }
    let port = first_port(facts, endpoint, traffic, row.ports.as_deref());
    let packet = Packet::new(facts, endpoint, traffic, port, row.status, row.blocked_by);
    match &endpoint.subject {
        EndpointSubject::ServiceManaged { .. } => outside(&packet, row.blocked_by),
        _ => packet.steps(),
    }
}

/// The controls that shut a row.
pub(crate) fn blocks<'a>(
    facts: &RegionFacts<'a>,
    endpoints: &[Endpoint<'a>],
    row: &Row<'a>,
) -> Vec<model::Control> {
    let Some(endpoint) = endpoints.get(row.endpoint as usize) else { return Vec::new() };
    let traffic = Traffic { family: row.family, proto: row.proto };
    let port = first_port(facts, endpoint, traffic, row.ports.as_deref());
    let packet = Packet::new(facts, endpoint, traffic, port, row.status, row.blocked_by);
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

/// The steps to an endpoint outside the account's VPCs.
fn outside(packet: &Packet<'_, '_>, blocked_by: Controls) -> Vec<Step> {
    let EndpointSubject::ServiceManaged { resource, blocks, why, state } = &packet.endpoint.subject
    else {
        return Vec::new();
    };
    let family = packet.traffic.family;
    let who = senders_text(family, &services::let_in(blocks, family), 0);
    let listed = format!("{}{}", blocks.first().copied().unwrap_or_default(), more(blocks.len()));
    vec![
        Step::new("internet", who.clone()).in_brief(in_chain(who)),
        Step::new("public-address", format!("{why}; lets in {listed}")),
        match blocked_by.iter().next() {
            Some(control) => packet.blocked(control),
            None => service_step(resource, (packet.traffic, packet.port), *state),
        },
    ]
}

/// The port that stands for a row: its first port, all codes of its first ICMP type tried in turn,
/// or the first protocol that the groups admit from a broad part of the internet.
fn first_port(
    facts: &RegionFacts<'_>,
    endpoint: &Endpoint<'_>,
    traffic: Traffic,
    ports: Option<&[Ports]>,
) -> u16 {
    let first = ports.and_then(<[Ports]>::first).map_or(0, |ports| ports.0);
    let ports: Box<dyn Iterator<Item = u16>> = match traffic.proto {
        Proto::Tcp | Proto::Udp => return first,
        Proto::Icmp => Box::new((0..256).map(move |code| first << 8 | code)),
        Proto::Other => Box::new(0..=255),
    };
    let Some(groups) = groups(endpoint) else { return first };
    let start = if traffic.proto == Proto::Icmp { first << 8 } else { 0 };
    let mut best = (0, start);
    for port in ports {
        let weight = admitted(facts, &groups, traffic, port).count();
        if weight > best.0 {
            best = (weight, port);
        }
    }
    best.1
}
