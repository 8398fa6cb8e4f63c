//! Listeners of load balancers: whom their rules send where.

use crate::inventory::aws::calls;
use crate::inventory::aws::calls::Call;
use crate::inventory::aws::elbv2::{Action, Elbv2, Listener, Rule, RuleCondition, TargetGroup};

use crate::analysis::addresses::{AddressSet, parse_cidr, space};
use crate::analysis::aws::network::controls::{Control, Unverified};
use crate::analysis::aws::network::facts::RegionFacts;
use crate::analysis::aws::network::protocol::{Family, Proto};
use crate::analysis::aws::network::rows::Asks;
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
    /// What the client has to show first.
    pub(crate) asks: Asks,
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
/// client chooses to send, and holds for whoever wants it to.
pub(super) fn forwards<'a>(
    facts: &mut RegionFacts<'a>,
    elbv2: &'a Elbv2,
    listener: &'a Listener,
    gaps: &mut Vec<Gap<'a>>,
) -> Vec<Forward<'a>> {
    let arn = listener.listener_arn.as_str();
    let read = elbv2.describe_rules.get(arn);
    let mut unverified = None;
    if read.is_none() {
        let call = &calls::elbv2::DESCRIBE_RULES;
        gaps.push((call, Some(arn)));
        let missing = Unverified::of(Control::ListenerRule, call);
        unverified = Some(Unverified { resource: Some(arn.to_owned()), ..missing });
    }
    let rules = read.map_or(&[][..], |read| &read.rules);
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
            let taken = sources(condition);
            for family in Family::ALL {
                let own = &mut clients[family as usize];
                *own = own.intersection(&taken[family as usize]);
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

/// The clients whom a condition `source-ip` is about, by family. Rules of application load balancers
/// name blocks, those of network load balancers a family (ELB API reference,
/// SourceIpConditionConfig).
fn sources(condition: &RuleCondition) -> [AddressSet; 2] {
    let config = condition.source_ip_config.as_ref();
    let named = config.map_or(&[][..], |config| &config.values).iter().chain(&condition.values);
    let blocks: Vec<_> = named.filter_map(|value| parse_cidr(value)).collect();
    let family_named = config.and_then(|config| config.ip_address_type.as_deref());
    Family::ALL.map(|family| match family_named {
        Some(named) if blocks.is_empty() => {
            let whole = (named == family.as_str()).then(|| space(family));
            whole.into_iter().collect()
        }
        _ => blocks.iter().filter(|block| block.0 == family).map(|block| block.1).collect(),
    })
}

/// What a client has to show before these actions forward what it sent.
fn asks(rule: Option<&Rule>, actions: &[Action]) -> Asks {
    let logins: Vec<Asks> = actions.iter().filter_map(login).collect();
    if logins.contains(&Asks::Login) {
        return Asks::Login;
    }
    // A header or a parameter with a value that only some know is how AWS restricts access to a
    // load balancer (CloudFront guide, "Restrict access to Application Load Balancers").
    let is_value = |condition: &RuleCondition| {
        matches!(condition.field.as_deref(), Some("http-header" | "query-string"))
    };
    if rule.is_some_and(|rule| rule.conditions.iter().any(is_value)) {
        return Asks::Value;
    }
    logins.first().copied().unwrap_or(Asks::Nothing)
}

/// The login that an action asks for (ELB API reference, Action `Type`); one that lets requests
/// without it through asks for nothing (AuthenticateOidcActionConfig,
/// AuthenticateCognitoActionConfig, `OnUnauthenticatedRequest`).
fn login(action: &Action) -> Option<Asks> {
    let config = match action.kind.as_deref()? {
        "authenticate-cognito" => &action.authenticate_cognito_config,
        "authenticate-oidc" => &action.authenticate_oidc_config,
        // There is no such choice: without a valid token the answer is an error (ELB user guide,
        // "Verify JWTs").
        "jwt-validation" => return Some(Asks::Login),
        _ => return None,
    };
    let without = config.as_ref().and_then(|login| login.on_unauthenticated_request.as_deref());
    Some(if without == Some("allow") { Asks::OptionalLogin } else { Asks::Login })
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
    let asks = asks(rule, actions);
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
                    found.push(Forward { to, clients, asks, rule, unverified: None });
                }
                None => gaps.push((&calls::elbv2::DESCRIBE_TARGET_GROUPS, Some(arn))),
            }
        }
    }
}
