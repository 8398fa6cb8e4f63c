//! From the SDK's types to the inventory's.

use aws_sdk_elasticloadbalancingv2::operation::describe_target_group_attributes::DescribeTargetGroupAttributesOutput;
use aws_sdk_elasticloadbalancingv2::operation::describe_target_health::DescribeTargetHealthOutput;
use aws_sdk_elasticloadbalancingv2::types;

use crate::inventory::aws::elbv2::{
    Action, Attribute, AuthenticateConfig, AvailabilityZone, ForwardConfig, HttpHeaderConfig,
    Listener, LoadBalancer, LoadBalancerAddress, LoadBalancerState, QueryStringConfig,
    QueryStringKey, Rule, RuleCondition, SourceIpConfig, Target, TargetGroup,
    TargetGroupAttributes, TargetGroupTuple, TargetHealthDescription, TargetHealthDescriptions,
};

fn all<T, U>(from: Option<Vec<T>>, one: fn(T) -> U) -> Vec<U> {
    from.unwrap_or_default().into_iter().map(one).collect()
}

pub(crate) fn balancer(from: types::LoadBalancer) -> LoadBalancer {
    LoadBalancer {
        load_balancer_arn: from.load_balancer_arn.unwrap_or_default(),
        load_balancer_name: from.load_balancer_name.unwrap_or_default(),
        kind: from.r#type.map(|kind| kind.as_str().to_owned()),
        scheme: from.scheme.map(|scheme| scheme.as_str().to_owned()),
        vpc_id: from.vpc_id,
        state: from.state.map(|state| LoadBalancerState {
            code: state.code.map(|code| code.as_str().to_owned()),
        }),
        ip_address_type: from.ip_address_type.map(|kind| kind.as_str().to_owned()),
        dns_name: from.dns_name,
        availability_zones: all(from.availability_zones, zone),
        security_groups: from.security_groups.unwrap_or_default(),
    }
}

fn zone(from: types::AvailabilityZone) -> AvailabilityZone {
    AvailabilityZone {
        subnet_id: from.subnet_id,
        zone_name: from.zone_name,
        load_balancer_addresses: all(from.load_balancer_addresses, |address| LoadBalancerAddress {
            ip_address: address.ip_address,
            private_ipv4_address: address.private_ipv4_address,
        }),
    }
}

pub(crate) fn listener(from: types::Listener) -> Listener {
    Listener {
        listener_arn: from.listener_arn.unwrap_or_default(),
        port: from.port,
        protocol: from.protocol.map(|protocol| protocol.as_str().to_owned()),
        default_actions: all(from.default_actions, action),
    }
}

pub(crate) fn rule(from: types::Rule) -> Rule {
    Rule {
        rule_arn: from.rule_arn,
        priority: from.priority,
        conditions: all(from.conditions, condition),
        actions: all(from.actions, action),
        is_default: from.is_default.unwrap_or_default(),
    }
}

fn condition(from: types::RuleCondition) -> RuleCondition {
    RuleCondition {
        field: from.field,
        source_ip_config: from.source_ip_config.map(|config| SourceIpConfig {
            values: config.values.unwrap_or_default(),
            ip_address_type: config.ip_address_type.map(|kind| kind.as_str().to_owned()),
        }),
        http_header_config: from
            .http_header_config
            .map(|config| HttpHeaderConfig { http_header_name: config.http_header_name }),
        query_string_config: from.query_string_config.map(|config| QueryStringConfig {
            values: all(config.values, |pair| QueryStringKey { key: pair.key }),
        }),
        values: from.values.unwrap_or_default(),
    }
}

fn action(from: types::Action) -> Action {
    Action {
        kind: from.r#type.map(|kind| kind.as_str().to_owned()),
        target_group_arn: from.target_group_arn,
        forward_config: from.forward_config.map(|config| ForwardConfig {
            target_groups: all(config.target_groups, |share| TargetGroupTuple {
                target_group_arn: share.target_group_arn,
                weight: share.weight,
            }),
        }),
        authenticate_cognito_config: from.authenticate_cognito_config.map(|login| {
            let without = login.on_unauthenticated_request;
            AuthenticateConfig {
                user_pool_arn: login.user_pool_arn,
                on_unauthenticated_request: without.map(|word| word.as_str().to_owned()),
            }
        }),
        authenticate_oidc_config: from.authenticate_oidc_config.map(|login| {
            let without = login.on_unauthenticated_request;
            AuthenticateConfig {
                user_pool_arn: None,
                on_unauthenticated_request: without.map(|word| word.as_str().to_owned()),
            }
        }),
    }
}

pub(crate) fn group(from: types::TargetGroup) -> TargetGroup {
    TargetGroup {
        target_group_arn: from.target_group_arn.unwrap_or_default(),
        target_group_name: from.target_group_name,
        protocol: from.protocol.map(|protocol| protocol.as_str().to_owned()),
        port: from.port,
        target_type: from.target_type.map(|kind| kind.as_str().to_owned()),
        ip_address_type: from.ip_address_type.map(|kind| kind.as_str().to_owned()),
        vpc_id: from.vpc_id,
        load_balancer_arns: from.load_balancer_arns.unwrap_or_default(),
    }
}

pub(crate) fn health(from: DescribeTargetHealthOutput) -> TargetHealthDescriptions {
    let targets = from.target_health_descriptions.unwrap_or_default().into_iter();
    let target = |found: types::TargetDescription| TargetHealthDescription {
        target: Target { id: found.id.unwrap_or_default(), port: found.port },
    };
    TargetHealthDescriptions {
        target_health_descriptions: targets.filter_map(|d| d.target).map(target).collect(),
    }
}

pub(crate) fn attributes(from: DescribeTargetGroupAttributesOutput) -> TargetGroupAttributes {
    TargetGroupAttributes {
        attributes: all(from.attributes, |set| Attribute { key: set.key, value: set.value }),
    }
}
