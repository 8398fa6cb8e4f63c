//! The words of evidence: blocks, ports, routes and whole chains as people say them.

use crate::inventory::aws::calls::Call;
use core::net::{Ipv4Addr, Ipv6Addr};

use crate::inventory::aws::ec2::Route;
use crate::model::{Missing, Step};

use crate::analysis::addresses::Range;
use crate::analysis::aws::network::Ports;
use crate::analysis::aws::network::controls::routes::ResolvedRoute;
use crate::analysis::aws::network::controls::{Control, Unverified};
use crate::analysis::aws::network::protocol::{Family, Proto, Traffic};

/// What a control that was not read would have told.
pub(crate) fn missing(unverified: &Unverified) -> Missing {
    let of = unverified.resource.as_ref().map_or(String::new(), |id| format!(" ({id})"));
    let control = unverified.control.as_str();
    let text = match unverified.call {
        None if unverified.control == Control::TargetUnknown => {
            format!(
                "not verified: {control}, because no interface that was read has the address{of}"
            )
        }
        None if unverified.control == Control::IgwFirewall && unverified.resource.is_some() => {
            format!("not verified: {control}{of}, which is not in force or only monitors")
        }
        Some(_) => format!("not verified: {control}{of}"),
        None => format!("not verified: {control}, because the subnet is not known"),
    };
    Missing {
        operation: unverified.call.map(Call::name),
        resource: unverified.resource.clone(),
        text,
    }
}

/// The steps as one line; what the reply meets follows a semicolon.
pub(crate) fn line(steps: &[Step]) -> String {
    let mut line = String::new();
    let mut replies = false;
    for step in steps {
        let reply = step.kind.starts_with("reply");
        if !line.is_empty() {
            line.push_str(match (reply, replies) {
                (true, false) => "; reply: ",
                (true, true) => ", ",
                (false, _) => " -> ",
            });
        }
        replies |= reply;
        match &step.id {
            // A block names what blocks.
            Some(_) if step.kind == "blocked" => line.push_str(&step.text),
            Some(id) => line.push_str(&format!("{id} ({})", step.text)),
            None => line.push_str(&step.text),
        }
    }
    line
}

/// ", +n more" after the first of several.
pub(super) fn more(count: usize) -> String {
    if count > 1 { format!(", +{} more", count - 1) } else { String::new() }
}

/// Ports as people say them: `tcp 22`, `udp 1000-2000`, `icmp type 8`, `protocol 47`.
pub(super) fn ports_text(traffic: Traffic, (lo, hi): Ports) -> String {
    let span = |lo: u16, hi: u16| if lo == hi { lo.to_string() } else { format!("{lo}-{hi}") };
    let name = traffic.proto.name(traffic.family);
    match traffic.proto {
        Proto::Tcp | Proto::Udp if (lo, hi) == (0, u16::MAX) => format!("{name} on all ports"),
        Proto::Tcp | Proto::Udp => format!("{name} {}", span(lo, hi)),
        Proto::Icmp if (lo, hi) == (0, u16::MAX) => name.to_owned(),
        Proto::Icmp => format!("{name} type {}", span(lo >> 8, hi >> 8)),
        Proto::Other => format!("protocol {}", span(lo, hi)),
    }
}

/// A range as a block, or as its two ends.
pub(super) fn text_of(family: Family, (lo, hi): Range) -> String {
    let address = |n: u128| match family {
        Family::Ipv4 => Ipv4Addr::from(u32::try_from(n).unwrap_or(u32::MAX)).to_string(),
        Family::Ipv6 => Ipv6Addr::from(n).to_string(),
    };
    let bits = if family == Family::Ipv4 { 32 } else { 128 };
    let size = (hi - lo).checked_add(1);
    let free = size.map_or(128, u128::trailing_zeros);
    let is_block = size.is_none_or(|n| n.is_power_of_two() && lo.is_multiple_of(n));
    if is_block && free <= bits {
        format!("{}/{}", address(lo), bits - free)
    } else {
        format!("{} - {}", address(lo), address(hi))
    }
}

pub(super) fn route_text(entry: &ResolvedRoute<'_>) -> String {
    let route: &Route = entry.route;
    let block = text_of(entry.family, entry.range);
    let list = route.destination_prefix_list_id.as_ref();
    let list = list.map_or(String::new(), |id| format!(" ({id})"));
    let targets = [
        &route.gateway_id,
        &route.nat_gateway_id,
        &route.egress_only_internet_gateway_id,
        &route.transit_gateway_id,
        &route.vpc_peering_connection_id,
        &route.network_interface_id,
        &route.instance_id,
        &route.local_gateway_id,
        &route.carrier_gateway_id,
        &route.core_network_arn,
        &route.odb_network_arn,
        &route.ip_address,
    ];
    let target = targets.into_iter().flatten().next().map_or("nothing", String::as_str);
    let firewall = route.igw_firewall.as_ref().map_or(String::new(), |firewall| {
        let name = firewall.firewall_arn.as_deref().unwrap_or("an internet firewall");
        let state = firewall.status.as_deref().unwrap_or("in an unknown state");
        format!(" by way of {name}, which is {state}")
    });
    format!("{block}{list} -> {target}{firewall}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::addresses::{parse_cidr, space};

    #[test]
    fn ranges_are_blocks_where_they_can_be() {
        for text in ["0.0.0.0/0", "10.1.0.0/16", "1.2.3.4/32", "::/0", "2600::/12", "2600::1/128"] {
            let (family, range, _) = parse_cidr(text).expect("a block");
            assert_eq!(text_of(family, range), text);
        }
        assert_eq!(text_of(Family::Ipv4, (1, 2)), "0.0.0.1 - 0.0.0.2");
        assert_eq!(text_of(Family::Ipv6, space(Family::Ipv6)), "::/0");
    }

    #[test]
    fn keys_are_named_by_protocol() {
        let text = |family, proto, ports| ports_text(Traffic { family, proto }, ports);
        assert_eq!(text(Family::Ipv4, Proto::Tcp, (22, 22)), "tcp 22");
        assert_eq!(text(Family::Ipv4, Proto::Udp, (0, 65535)), "udp on all ports");
        assert_eq!(text(Family::Ipv6, Proto::Icmp, (128 << 8, 128 << 8 | 255)), "icmpv6 type 128");
        assert_eq!(text(Family::Ipv4, Proto::Other, (47, 47)), "protocol 47");
    }
}
