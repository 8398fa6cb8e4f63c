//! Elastic Load Balancing v2: application, network and gateway load balancers.

use std::collections::BTreeMap;

use crate::model::Known;

operations! {
    /// Answers of Elastic Load Balancing v2 in one region.
    Elbv2 {
        describe_load_balancers: Known<LoadBalancers>,
        describe_target_groups: Known<TargetGroups>,
        /// Listeners, by load balancer ARN.
        describe_listeners: BTreeMap<String, Listeners>,
        /// Rules, by listener ARN (application and network load balancers).
        describe_rules: BTreeMap<String, Rules>,
        /// Registered targets, by target group ARN.
        describe_target_health: BTreeMap<String, TargetHealthDescriptions>,
        /// Settings, by target group ARN (network load balancers only).
        describe_target_group_attributes: BTreeMap<String, TargetGroupAttributes>,
    }
}

responses! {
    /// Response of DescribeLoadBalancers.
    LoadBalancers {
        load_balancers: Vec<LoadBalancer>,
    }

    /// Response of DescribeTargetGroups.
    TargetGroups {
        target_groups: Vec<TargetGroup>,
    }

    /// Response of DescribeListeners.
    Listeners {
        listeners: Vec<Listener>,
    }

    /// Response of DescribeRules.
    Rules {
        rules: Vec<Rule>,
    }

    /// Response of DescribeTargetHealth.
    TargetHealthDescriptions {
        /// The targets with their health.
        target_health_descriptions: Vec<TargetHealthDescription>,
    }

    /// Response of DescribeTargetGroupAttributes.
    TargetGroupAttributes {
        attributes: Vec<Attribute>,
    }

    /// A load balancer.
    LoadBalancer {
        load_balancer_arn: String,
        /// Name, unique in the region.
        load_balancer_name: String,
        /// `application`, `network` or `gateway`.
        #[serde(rename = "Type")]
        kind: Option<String>,
        /// `internet-facing` or `internal`.
        scheme: Option<String>,
        /// VPC of its subnets.
        vpc_id: Option<String>,
        state: Option<LoadBalancerState>,
        /// `ipv4`, `dualstack` or `dualstack-without-public-ipv4`.
        ip_address_type: Option<String>,
        /// Name that clients connect to.
        #[serde(rename = "DNSName")]
        dns_name: Option<String>,
        /// Zones with the subnet in each.
        availability_zones: Vec<AvailabilityZone>,
        security_groups: Vec<String>,
    }

    /// Whether a load balancer works.
    LoadBalancerState {
        /// `active`, `provisioning`, `active_impaired`, `failed`.
        code: Option<String>,
    }

    /// A zone of a load balancer.
    AvailabilityZone {
        /// `subnet-…`.
        subnet_id: Option<String>,
        /// For instance `eu-west-1a`.
        zone_name: Option<String>,
        /// Fixed addresses (network load balancers).
        load_balancer_addresses: Vec<LoadBalancerAddress>,
    }

    /// A fixed address of a load balancer.
    LoadBalancerAddress {
        ip_address: Option<String>,
        #[serde(rename = "PrivateIPv4Address")]
        private_ipv4_address: Option<String>,
    }

    /// A listener.
    Listener {
        listener_arn: String,
        port: Option<i32>,
        /// `HTTP`, `HTTPS`, `TCP`, `TLS`, `UDP`, `TCP_UDP`, …
        protocol: Option<String>,
        /// What happens when no rule matches.
        default_actions: Vec<Action>,
    }

    /// A rule of a listener.
    Rule {
        rule_arn: Option<String>,
        /// A number, or `default`.
        priority: Option<String>,
        conditions: Vec<RuleCondition>,
        actions: Vec<Action>,
        /// True for the rule of the default actions.
        is_default: bool,
    }

    /// A condition of a rule.
    RuleCondition {
        /// `source-ip`, `host-header`, …
        field: Option<String>,
        /// Sources, for `source-ip`.
        source_ip_config: Option<SourceIpConfig>,
        /// The header, for `http-header`.
        http_header_config: Option<HttpHeaderConfig>,
        /// Parameters, for `query-string`.
        query_string_config: Option<QueryStringConfig>,
        /// The older place of values.
        values: Vec<String>,
    }

    /// Sources of a condition.
    SourceIpConfig {
        /// Blocks, any of which may hold the client.
        values: Vec<String>,
        /// `ipv4` or `ipv6`: of network load balancers, the clients whom the rule is about.
        ip_address_type: Option<String>,
    }

    /// A header of a condition. Its values are left where they are: people keep secrets there.
    HttpHeaderConfig {
        http_header_name: Option<String>,
    }

    /// Parameters of a condition.
    QueryStringConfig {
        values: Vec<QueryStringKey>,
    }

    /// A parameter of a condition; its value may be a secret, as that of a header.
    QueryStringKey {
        key: Option<String>,
    }

    /// What a listener or rule does.
    Action {
        /// `forward`, `authenticate-oidc`, `redirect`, …
        #[serde(rename = "Type")]
        kind: Option<String>,
        /// The only target group of a forward action.
        target_group_arn: Option<String>,
        /// Target groups of a forward action.
        forward_config: Option<ForwardConfig>,
        /// The login of an `authenticate-cognito` action.
        authenticate_cognito_config: Option<AuthenticateConfig>,
        /// The login of an `authenticate-oidc` action.
        authenticate_oidc_config: Option<AuthenticateConfig>,
    }

    /// A login that comes before forwarding.
    AuthenticateConfig {
        /// The user pool of an `authenticate-cognito` action.
        user_pool_arn: Option<String>,
        /// What happens to requests without one: `authenticate`, `deny` or `allow`.
        on_unauthenticated_request: Option<String>,
    }

    /// Target groups of a forward action.
    ForwardConfig {
        /// The groups with their shares.
        target_groups: Vec<TargetGroupTuple>,
    }

    /// A target group's share.
    TargetGroupTuple {
        target_group_arn: Option<String>,
        /// 0 takes no traffic.
        weight: Option<i32>,
    }

    /// A target group.
    TargetGroup {
        target_group_arn: String,
        target_group_name: Option<String>,
        protocol: Option<String>,
        /// Port of targets that name none.
        port: Option<i32>,
        /// `instance`, `ip`, `lambda`, `alb`.
        target_type: Option<String>,
        /// `ipv4` or `ipv6`.
        ip_address_type: Option<String>,
        /// VPC of the targets.
        vpc_id: Option<String>,
        /// Load balancers that use it.
        load_balancer_arns: Vec<String>,
    }

    /// A target with its health.
    TargetHealthDescription {
        target: Target,
    }

    /// A registered target.
    Target {
        /// Instance id, address, function ARN or load balancer ARN.
        id: String,
        /// Its port, absent for functions.
        port: Option<i32>,
    }

    /// A setting of a target group.
    Attribute {
        /// For instance `preserve_client_ip.enabled`.
        key: Option<String>,
        /// Its value as text.
        value: Option<String>,
    }
}
