//! Steps that packets to an endpoint and packets behind a load balancer share.

use crate::inventory::aws::ec2::NetworkInterface;
use crate::inventory::aws::elbv2::Listener;
use crate::inventory::aws::kinds::{self, Kind};
use crate::model::Step;

use super::wording::{more, ports_text, text_of};
use crate::analysis::addresses::{AddressSet, internet, space};
use crate::analysis::aws::network::endpoints::interfaces::{instance_id, instance_state};
use crate::analysis::aws::network::endpoints::load_balancers::Type;
use crate::analysis::aws::network::endpoints::states::State;
use crate::analysis::aws::network::facts::RegionFacts;
use crate::analysis::aws::network::protocol::{Family, Traffic};
use crate::analysis::aws::network::rows::ResourceRef;
use crate::analysis::aws::network::sources::Sources;

/// A load balancer that takes traffic, and the listener that does.
pub(super) fn listener_steps(
    (name, kind): (&str, Type),
    listener: Option<&Listener>,
    port: &str,
) -> Vec<Step> {
    let text = match kind {
        Type::Application => "application load balancer",
        Type::Network => "network load balancer",
        Type::Classic => "classic load balancer",
    };
    let Some(listener) = listener else {
        let only = Step::of("load-balancer", name, format!("{text}, listens on {port}"));
        return vec![only.in_brief(format!("{name} {port}"))];
    };
    let protocol = listener.protocol.as_deref().unwrap_or("unknown protocol");
    let own = Step::of("listener", &listener.listener_arn, format!("{protocol} on {port}"));
    let own = own.in_brief(format!("listener {port}"));
    vec![Step::of("load-balancer", name, text).known_by_id(), own]
}

pub(super) fn interface_steps(facts: &RegionFacts<'_>, interface: &NetworkInterface) -> Vec<Step> {
    let mut text = format!("in {} of {}", interface.subnet_id, interface.vpc_id);
    if instance_id(interface).is_none() && !interface.description.is_empty() {
        // What put it there says so here: a task, a file system, a directory.
        text.push_str(&format!(", \"{}\"", interface.description));
    }
    let steps = Step::of("network-interface", &interface.network_interface_id, text);
    let mut steps = vec![steps.known_by_id()];
    if let Some(id) = instance_id(interface) {
        let instance = facts.instance(id);
        let state = instance.and_then(|instance| instance.state.as_ref());
        let text = match state {
            Some(state) => {
                let unknown = instance_state(facts, id).and_then(State::remark);
                unknown.map_or(format!("is {}", state.name), |text| format!("is {text}"))
            }
            None => match facts.owners.of_instance(interface) {
                Some(owner) => format!("of account {owner}, which alone is told its state"),
                None => "its state was not read".to_owned(),
            },
        };
        steps.push(Step::of("instance", id, text).known_by_id());
    }
    steps
}

/// A service's endpoint that takes traffic on a port.
pub(super) fn service_step(
    resource: &ResourceRef<'_>,
    (traffic, port): (Traffic, u16),
    state: Option<State<'_>>,
) -> Step {
    let (what, port) = (resource.kind.noun, ports_text(traffic, (port, port)));
    let remark = state.and_then(State::remark).map_or(String::new(), |text| format!(", {text}"));
    let text = format!("{what}, listens on {port}{remark}");
    let brief = format!("{} {port}", resource.id);
    Step::of(step_kind(resource.kind), resource.id, text).in_brief(brief)
}

/// The kind of step that names a service's endpoint.
fn step_kind(kind: &'static Kind) -> &'static str {
    match kind.name.rsplit('.').next() {
        // "Instance" is a machine of EC2 in proofs.
        _ if kind == &kinds::RDS_INSTANCE => "database",
        last => last.unwrap_or_default(),
    }
}

/// Who sends, at the head of a chain.
pub(super) fn in_chain(who: String) -> String {
    match who.strip_prefix("the internet, ") {
        Some(whole) if !whole.contains('%') => "internet".to_owned(),
        _ => who,
    }
}

/// Who sends, in words.
pub(super) fn senders_text(family: Family, senders: &AddressSet, source: u128) -> String {
    let whole = internet(family);
    let size = senders.count();
    if senders == whole {
        format!("the internet, {}", text_of(family, space(family)))
    } else if Sources::of(family, size) == Some(Sources::Internet) {
        let percent = size / (whole.count() / 100).max(1);
        format!("the internet, {percent} % of its addresses")
    } else {
        let block = senders.largest().unwrap_or((source, source));
        format!("hosts of {}{}", text_of(family, block), more(senders.len()))
    }
}
