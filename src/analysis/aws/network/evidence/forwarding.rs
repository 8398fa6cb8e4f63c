//! The part of the evidence that lies behind a load balancer: listener, rule, target group, target.

use crate::inventory::aws::ec2::{IpPermission, NetworkInterface};
use crate::inventory::aws::elbv2::RuleCondition;
use crate::inventory::aws::kinds;
use crate::model::{Status, Step, first_few};

use super::group_rules::group_step;
use super::packet::Packet;
use super::steps::{interface_steps, listener_steps};
use super::wording::ports_text;
use crate::analysis::addresses::AddressSet;
use crate::analysis::aws::network::controls::Controls;
use crate::analysis::aws::network::endpoints::endpoint::Endpoint;
use crate::analysis::aws::network::endpoints::load_balancers::Type;
use crate::analysis::aws::network::facts::RegionFacts;
use crate::analysis::aws::network::protocol::{Family, Traffic};
use crate::analysis::aws::network::rows::{Asks, Path, Row};

/// How many values of a condition a step names before it counts the rest.
const NAMED: usize = 3;

/// What is behind a load balancer.
pub(super) struct Behind<'b, 'a> {
    /// The load balancer's groups.
    pub(super) groups: &'b [&'a str],
    /// Addresses of its nodes, by family.
    pub(super) nodes: &'b [AddressSet; 2],
    /// The target's interface.
    pub(super) interface: Option<&'a NetworkInterface>,
}

/// The steps to a target on one way through its load balancer.
pub(super) fn steps<'a>(
    facts: &RegionFacts<'a>,
    front: Option<&Endpoint<'a>>,
    row: &Row<'a>,
    path: &Path<'a>,
    Behind { groups, nodes, interface }: Behind<'_, 'a>,
) -> Vec<Step> {
    let traffic = Traffic { family: row.family, proto: row.proto };
    let packet = front.map(|front| {
        let port = path.first().port;
        Packet::new(facts, front, traffic, port, Status::Exposed, Controls::NONE)
    });
    // What the internet meets before and at the first load balancer, whose replies come last.
    let to_front = packet.as_ref().map(Packet::steps).unwrap_or_default();
    let reply = |step: &Step| step.kind.starts_with("reply");
    let (replies, mut steps): (Vec<Step>, Vec<Step>) = to_front.into_iter().partition(reply);
    if let Some(before) = path.before.as_deref() {
        steps.extend(forwarding(before, traffic));
        let port = ports_text(traffic, (path.port, path.port));
        steps.extend(listener_steps((path.balancer, Type::Application), path.listener, &port));
    }
    steps.extend(forwarding(path, traffic));
    let port = path.to.map(|to| ports_text(traffic, (to, to))).unwrap_or_default();
    match interface {
        Some(interface) => {
            let own: Vec<&str> = interface.groups.iter().map(|g| g.group_id.as_str()).collect();
            let named = |permission: &IpPermission| {
                let mut pairs = permission.user_id_group_pairs.iter();
                pairs.any(|pair| pair.group_id.as_deref().is_some_and(|id| groups.contains(&id)))
            };
            // A node's own address may be of another family than the client's.
            let of_group = path.group.and_then(|group| group.ip_address_type.as_deref());
            let seen = match (path.preserved, of_group) {
                (true, _) => row.family,
                (false, Some("ipv6")) => Family::Ipv6,
                (false, _) => Family::Ipv4,
            };
            let traffic = Traffic { family: seen, proto: row.proto };
            let senders = match &packet {
                Some(packet) if path.preserved => packet.senders(),
                _ => &nodes[seen as usize],
            };
            let source = senders.largest().unwrap_or_default().0;
            let at = path.to.unwrap_or_default();
            steps.extend(group_step(facts, &own, traffic, at, (senders, source), named));
            let mut target = interface_steps(facts, interface);
            if let Some(last) = target.last_mut() {
                last.text.push_str(&format!(", target on {port}; its health is not looked at"));
            }
            steps.extend(target);
        }
        None if row.resource.kind == &kinds::LAMBDA_FUNCTION => {
            steps.push(Step::of("function", row.resource.id, "is called").known_by_id());
        }
        None if row.resource.kind == &kinds::ELB_TARGET => {
            let text = format!(
                "address of a target that no interface which was read has, target on {port}; what \
                 guards it was not read, its health is not looked at"
            );
            steps.push(Step::of("target", row.resource.id, text).known_by_id());
        }
        None => {
            let text = format!("takes the traffic on {port}");
            steps.push(Step::of("load-balancer", row.resource.id, text).known_by_id());
        }
    }
    steps.extend(replies);
    steps
}

/// What a load balancer does with what it took: the rule and the target group.
fn forwarding(path: &Path<'_>, traffic: Traffic) -> Vec<Step> {
    let mut steps = Vec::new();
    let to = path.to.map_or(String::new(), |to| format!(" to {}", ports_text(traffic, (to, to))));
    if path.listener.is_some() {
        let asks = match path.asks {
            Asks::Nothing => "",
            Asks::OptionalLogin => ", with a login that the client may leave out",
            Asks::Value => ", which asks for a value that others can learn",
            Asks::Login => ", after the client has signed in",
        };
        steps.push(match path.rule {
            Some(rule) => {
                let priority = rule.priority.as_deref().unwrap_or("without priority");
                let conditions: Vec<String> = rule.conditions.iter().map(condition).collect();
                let conditions = match conditions.is_empty() {
                    true => "everything".to_owned(),
                    false => conditions.join(" and "),
                };
                let text = format!("rule {priority} forwards {conditions}{asks}");
                let step = match &rule.rule_arn {
                    Some(arn) => Step::of("listener-rule", arn, text),
                    None => Step::new("listener-rule", text),
                };
                step.in_brief(format!("rule {priority}{asks}"))
            }
            None => {
                let text = format!("the default action forwards{asks}");
                Step::new("listener-rule", text).in_brief(format!("default action{asks}"))
            }
        });
    }
    match path.group {
        Some(group) => {
            let by = group.target_type.as_deref().unwrap_or("instance");
            let sees = match (by, path.preserved) {
                ("lambda", _) => "",
                (_, true) => ", which see the client's address",
                (_, false) => ", which see the load balancer's address",
            };
            // A function has no port.
            let of = if to.is_empty() { "to" } else { "of" };
            let text = format!("forwards{to} {of} {by} targets{sees}");
            let step = Step::of("target-group", &group.target_group_arn, text);
            steps.push(step.in_brief(match &group.target_group_name {
                Some(name) => format!("target group {name}"),
                None => "target group".to_owned(),
            }));
        }
        None => {
            let text = format!("forwards{to} of its instances");
            steps.push(Step::new("forward", &*text).in_brief(text));
        }
    }
    steps
}

/// A condition as people say it.
fn condition(condition: &RuleCondition) -> String {
    let field = condition.field.as_deref().unwrap_or("a condition");
    let source = condition.source_ip_config.as_ref();
    let query = condition.query_string_config.as_ref();
    let header = condition.http_header_config.iter().filter_map(|c| c.http_header_name.as_ref());
    let named = source.map_or(&[][..], |config| &config.values).iter();
    let named = named.chain(source.and_then(|config| config.ip_address_type.as_ref()));
    let named = named.chain(&condition.values).chain(header);
    let keys = query.map_or(&[][..], |config| &config.values).iter().filter_map(|v| v.key.as_ref());
    let values = first_few(named.chain(keys), NAMED);
    if values.is_empty() { field.to_owned() } else { format!("{field} {values}") }
}
