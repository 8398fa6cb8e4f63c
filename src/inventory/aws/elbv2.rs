//! Elastic Load Balancing v2: application, network and gateway load balancers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::Known;

/// Answers of Elastic Load Balancing v2 in one region.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Elbv2 {
    /// Load balancers.
    #[serde(skip_serializing_if = "Known::is_unread")]
    pub describe_load_balancers: Known<LoadBalancers>,
    /// Target groups.
    #[serde(skip_serializing_if = "Known::is_unread")]
    pub describe_target_groups: Known<TargetGroups>,
    /// Listeners, by load balancer ARN.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub describe_listeners: BTreeMap<String, Listeners>,
    /// Rules, by listener ARN (application load balancers only).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub describe_rules: BTreeMap<String, Rules>,
    /// Registered targets, by target group ARN.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub describe_target_health: BTreeMap<String, TargetHealthDescriptions>,
    /// Settings, by target group ARN (network load balancers only).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub describe_target_group_attributes: BTreeMap<String, TargetGroupAttributes>,
}

macro_rules! records {
    ($($(#[$doc:meta])* $name:ident {
        $($(#[$attr:meta])* $field:ident: $of:ty),* $(,)?
    })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
        #[serde(default, rename_all = "PascalCase")]
        pub struct $name {
            $($(#[$attr])* pub $field: $of,)*
        }
    )*};
}

records! {
    /// Response of DescribeLoadBalancers.
    LoadBalancers {
        /// All pages together.
        load_balancers: Vec<LoadBalancer>,
    }
    /// Response of DescribeTargetGroups.
    TargetGroups {
        /// All pages together.
        target_groups: Vec<TargetGroup>,
    }
    /// Response of DescribeListeners.
    Listeners {
        /// All pages together.
        listeners: Vec<Listener>,
    }
    /// Response of DescribeRules.
    Rules {
        /// All pages together.
        rules: Vec<Rule>,
    }
    /// Response of DescribeTargetHealth.
    TargetHealthDescriptions {
        /// The targets with their health.
        target_health_descriptions: Vec<TargetHealthDescription>,
    }
    /// Response of DescribeTargetGroupAttributes.
    TargetGroupAttributes {
        /// The settings.
        attributes: Vec<Attribute>,
    }
    /// A load balancer.
    LoadBalancer {
        /// ARN.
        load_balancer_arn: String,
        /// Name, unique in the region.
        load_balancer_name: String,
        /// `application`, `network` or `gateway`.
        #[serde(rename = "Type", skip_serializing_if = "Option::is_none")]
        kind: Option<String>,
        /// `internet-facing` or `internal`.
        #[serde(skip_serializing_if = "Option::is_none")]
        scheme: Option<String>,
        /// VPC of its subnets.
        #[serde(skip_serializing_if = "Option::is_none")]
        vpc_id: Option<String>,
        /// Whether it works.
        #[serde(skip_serializing_if = "Option::is_none")]
        state: Option<LoadBalancerState>,
        /// `ipv4`, `dualstack` or `dualstack-without-public-ipv4`.
        #[serde(skip_serializing_if = "Option::is_none")]
        ip_address_type: Option<String>,
        /// Name that clients connect to.
        #[serde(rename = "DNSName", skip_serializing_if = "Option::is_none")]
        dns_name: Option<String>,
        /// Zones with the subnet in each.
        availability_zones: Vec<AvailabilityZone>,
        /// Security groups.
        security_groups: Vec<String>,
    }
    /// Whether a load balancer works.
    LoadBalancerState {
        /// `active`, `provisioning`, `active_impaired`, `failed`.
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<String>,
    }
    /// A zone of a load balancer.
    AvailabilityZone {
        /// `subnet-…`.
        #[serde(skip_serializing_if = "Option::is_none")]
        subnet_id: Option<String>,
        /// For instance `eu-west-1a`.
        #[serde(skip_serializing_if = "Option::is_none")]
        zone_name: Option<String>,
        /// Fixed addresses (network load balancers).
        load_balancer_addresses: Vec<LoadBalancerAddress>,
    }
    /// A fixed address of a load balancer.
    LoadBalancerAddress {
        /// Elastic address.
        #[serde(skip_serializing_if = "Option::is_none")]
        ip_address: Option<String>,
        /// Private address.
        #[serde(rename = "PrivateIPv4Address", skip_serializing_if = "Option::is_none")]
        private_ipv4_address: Option<String>,
    }
    /// A listener.
    Listener {
        /// ARN.
        listener_arn: String,
        /// Port.
        #[serde(skip_serializing_if = "Option::is_none")]
        port: Option<i32>,
        /// `HTTP`, `HTTPS`, `TCP`, `TLS`, `UDP`, `TCP_UDP`, …
        #[serde(skip_serializing_if = "Option::is_none")]
        protocol: Option<String>,
        /// What happens when no rule matches.
        default_actions: Vec<Action>,
    }
    /// A rule of a listener.
    Rule {
        /// ARN.
        #[serde(skip_serializing_if = "Option::is_none")]
        rule_arn: Option<String>,
        /// A number, or `default`.
        #[serde(skip_serializing_if = "Option::is_none")]
        priority: Option<String>,
        /// All must hold.
        conditions: Vec<RuleCondition>,
        /// What happens then.
        actions: Vec<Action>,
        /// True for the rule of the default actions.
        is_default: bool,
    }
    /// A condition of a rule.
    RuleCondition {
        /// `source-ip`, `host-header`, …
        #[serde(skip_serializing_if = "Option::is_none")]
        field: Option<String>,
        /// Sources, for `source-ip`.
        #[serde(skip_serializing_if = "Option::is_none")]
        source_ip_config: Option<SourceIpConfig>,
        /// The older place of values.
        values: Vec<String>,
    }
    /// Sources of a condition.
    SourceIpConfig {
        /// Blocks, any of which may hold the client.
        values: Vec<String>,
    }
    /// What a listener or rule does.
    Action {
        /// `forward`, `authenticate-oidc`, `redirect`, …
        #[serde(rename = "Type", skip_serializing_if = "Option::is_none")]
        kind: Option<String>,
        /// The only target group of a forward action.
        #[serde(skip_serializing_if = "Option::is_none")]
        target_group_arn: Option<String>,
        /// Target groups of a forward action.
        #[serde(skip_serializing_if = "Option::is_none")]
        forward_config: Option<ForwardConfig>,
    }
    /// Target groups of a forward action.
    ForwardConfig {
        /// The groups with their shares.
        target_groups: Vec<TargetGroupTuple>,
    }
    /// A target group's share.
    TargetGroupTuple {
        /// ARN.
        #[serde(skip_serializing_if = "Option::is_none")]
        target_group_arn: Option<String>,
        /// 0 takes no traffic.
        #[serde(skip_serializing_if = "Option::is_none")]
        weight: Option<i32>,
    }
    /// A target group.
    TargetGroup {
        /// ARN.
        target_group_arn: String,
        /// Name.
        #[serde(skip_serializing_if = "Option::is_none")]
        target_group_name: Option<String>,
        /// As for listeners.
        #[serde(skip_serializing_if = "Option::is_none")]
        protocol: Option<String>,
        /// Port of targets that name none.
        #[serde(skip_serializing_if = "Option::is_none")]
        port: Option<i32>,
        /// `instance`, `ip`, `lambda`, `alb`.
        #[serde(skip_serializing_if = "Option::is_none")]
        target_type: Option<String>,
        /// `ipv4` or `ipv6`.
        #[serde(skip_serializing_if = "Option::is_none")]
        ip_address_type: Option<String>,
        /// VPC of the targets.
        #[serde(skip_serializing_if = "Option::is_none")]
        vpc_id: Option<String>,
        /// Load balancers that use it.
        load_balancer_arns: Vec<String>,
    }
    /// A target with its health.
    TargetHealthDescription {
        /// The target.
        target: Target,
    }
    /// A registered target.
    Target {
        /// Instance id, address, function ARN or load balancer ARN.
        id: String,
        /// Its port, absent for functions.
        #[serde(skip_serializing_if = "Option::is_none")]
        port: Option<i32>,
    }
    /// A setting of a target group.
    Attribute {
        /// For instance `preserve_client_ip.enabled`.
        #[serde(skip_serializing_if = "Option::is_none")]
        key: Option<String>,
        /// Its value as text.
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<String>,
    }
}
