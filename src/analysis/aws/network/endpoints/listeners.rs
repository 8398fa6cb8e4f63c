//! Listeners of load balancers: whom their rules send where.

use crate::inventory::aws::calls;
use crate::inventory::aws::calls::Call;
use crate::inventory::aws::elbv2::{Action, Elbv2, Listener, Rule, TargetGroup};

use crate::analysis::addresses::{AddressSet, parse_cidr};
use crate::analysis::aws::network::controls::{Control, Unverified};
use crate::analysis::aws::network::facts::RegionFacts;
use crate::analysis::aws::network::protocol::{Family, Proto};
use crate::analysis::aws::network::sources::{SetId, everything};

/// A listener with where it sends traffic.
#[derive(Debug)]
pub(crate) struct Listening<'a> {
    pub(crate) port: u16,
    pub(crate) protos: &'static [Proto],
    /// The listener itself, for load balancers of the second generation.
    pub(crate) listener: Option<&'a Listener>,
    pub(crate) forwards: Vec<Forward<'a>>,
    /// What of its rules and target groups was not read. It matters once someone gets in.
    pub(crate) gaps: Vec<Gap<'a>>,
}

/// Where a listener sends the traffic of some sources.
#[derive(Debug)]
pub(crate) struct Forward<'a> {
    pub(crate) to: Destination<'a>,
    /// The clients whom it concerns, by family.
    pub(crate) clients: [SetId; 2],
    /// True when the client has to sign in first.
    pub(crate) authenticated: bool,
    /// The rule that forwards; `None` for the default action.
    pub(crate) rule: Option<&'a Rule>,
    /// What else may take the traffic, if its rules were not read.
    pub(crate) unverified: Option<Unverified>,
}

/// Who takes forwarded traffic.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Destination<'a> {
    Group(&'a TargetGroup),
    /// A classic load balancer's instance, on a port.
    Instance(&'a str, u16),
}

/// Something that was not read, about which resource.
pub(crate) type Gap<'a> = (&'static Call, Option<&'a str>);

/// The protocols of a listener (ELB API reference, Listener `Protocol`).
pub(super) fn protos(protocol: &str) -> &'static [Proto] {
    match protocol.to_ascii_uppercase().as_str() {
        "HTTP" | "HTTPS" | "TCP" | "TLS" | "SSL" => &[Proto::Tcp],
        "UDP" | "QUIC" => &[Proto::Udp],
        "TCP_UDP" | "TCP_QUIC" => &[Proto::Tcp, Proto::Udp],
        _ => &[],
    }
}

/// Where a listener's default actions and rules send traffic. Rules are tried in the order of
/// their priority and the default comes last (ELB user guide, "Listener rules"), so whom an earlier
/// rule takes by address alone never gets to a later one. Every other condition is about what the
/// client chooses to send, and holds for whoever wants it to. Only application load balancers have
/// rules.
pub(super) fn forwards<'a>(
    facts: &mut RegionFacts<'a>,
    elbv2: &'a Elbv2,
    listener: &'a Listener,
    application: bool,
    gaps: &mut Vec<Gap<'a>>,
) -> Vec<Forward<'a>> {
    let arn = listener.listener_arn.as_str();
    let read = elbv2.describe_rules.get(arn);
    let mut unverified = None;
    if read.is_none() && application {
        let call = &calls::elbv2::DESCRIBE_RULES;
        gaps.push((call, Some(arn)));
        let missing = Unverified::of(Control::ListenerRule, call);
        unverified = Some(Unverified { resource: Some(arn.to_owned()), ..missing });
    }
    let rules = read.filter(|_| application).map_or(&[][..], |read| &read.rules);
    let is_default = |rule: &Rule| rule.is_default || rule.priority.as_deref() == Some("default");
    let mut ordered: Vec<(i64, &Rule)> = rules
        .iter()
        .filter(|rule| !is_default(rule))
        .map(|rule| {
            let priority = rule.priority.as_deref().and_then(|p| p.parse().ok());
            (priority.unwrap_or(i64::MAX), rule)
        })
        .collect();
    ordered.sort_by_key(|rule| rule.0);
    let mut left = Family::ALL.map(|family| facts.sets.get(everything(family)).clone());
    let mut found = Vec::new();
    for (_, rule) in ordered {
        let named = rule.conditions.iter().filter(|c| c.field.as_deref() == Some("source-ip"));
        let mut clients = left.clone();
        let mut by_address = 0;
        for condition in named {
            by_address += 1;
            let config = condition.source_ip_config.as_ref().map_or(&[][..], |c| &c.values);
            let values = config.iter().chain(&condition.values).filter_map(|v| parse_cidr(v));
            let values: Vec<_> = values.collect();
            for family in Family::ALL {
                let of = values.iter().filter(|v| v.0 == family).map(|v| v.1);
                let own = &mut clients[family as usize];
                *own = own.intersection(&of.collect());
            }
        }
        send(facts, elbv2, (Some(rule), &rule.actions), &clients, &mut found, gaps);
        if by_address == rule.conditions.len() {
            for family in Family::ALL {
                let own = &mut left[family as usize];
                *own = own.difference(&clients[family as usize]);
            }
        }
    }
    let default = rules.iter().find(|rule| is_default(rule)).map(|rule| &rule.actions);
    let default = default.filter(|actions| !actions.is_empty());
    let default = default.unwrap_or(&listener.default_actions);
    send(facts, elbv2, (None, default), &left, &mut found, gaps);
    for forward in &mut found {
        forward.unverified.clone_from(&unverified);
    }
    found
}

fn send<'a>(
    facts: &mut RegionFacts<'a>,
    elbv2: &'a Elbv2,
    (rule, actions): (Option<&'a Rule>, &'a [Action]),
    clients: &[AddressSet; 2],
    found: &mut Vec<Forward<'a>>,
    gaps: &mut Vec<Gap<'a>>,
) {
    let sets = &mut facts.sets;
    let clients = [0, 1].map(|family: usize| sets.intern(clients[family].clone()));
    // The actions that let only known clients through (ELB API reference, Action `Type`).
    let asks = |kind: &str| kind.starts_with("authenticate-") || kind == "jwt-validation";
    let authenticated = actions.iter().any(|a| a.kind.as_deref().is_some_and(asks));
    for action in actions.iter().filter(|action| action.kind.as_deref() == Some("forward")) {
        let shares = action.forward_config.as_ref().map_or(&[][..], |c| &c.target_groups);
        // A share of 0 takes no traffic (ELB API reference, TargetGroupTuple).
        let shares = shares.iter().filter(|share| share.weight != Some(0));
        let mut arns: Vec<&str> = shares.filter_map(|s| s.target_group_arn.as_deref()).collect();
        if let Some(only) = action.target_group_arn.as_deref().filter(|arn| !arns.contains(arn)) {
            arns.push(only);
        }
        for arn in arns {
            let Some(groups) = elbv2.describe_target_groups.read() else {
                gaps.push((&calls::elbv2::DESCRIBE_TARGET_GROUPS, None));
                continue;
            };
            match groups.target_groups.iter().find(|group| group.target_group_arn == arn) {
                Some(group) => {
                    let to = Destination::Group(group);
                    found.push(Forward { to, clients, authenticated, rule, unverified: None });
                }
                None => gaps.push((&calls::elbv2::DESCRIBE_TARGET_GROUPS, Some(arn))),
            }
        }
    }
}
