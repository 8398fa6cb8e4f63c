//! Elastic Load Balancing, the first generation: classic load balancers.

use serde::{Deserialize, Serialize};

use crate::model::Known;

/// Answers of the first generation of Elastic Load Balancing in one region.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Elb {
    /// Load balancers with their listeners and instances.
    #[serde(skip_serializing_if = "Known::is_unread")]
    pub describe_load_balancers: Known<LoadBalancerDescriptions>,
}

/// Response of DescribeLoadBalancers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct LoadBalancerDescriptions {
    /// All pages together.
    pub load_balancer_descriptions: Vec<LoadBalancerDescription>,
}

/// A classic load balancer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct LoadBalancerDescription {
    /// Name, unique in the region.
    pub load_balancer_name: String,
    /// `internet-facing` or `internal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// VPC of its subnets.
    #[serde(rename = "VPCId", skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<String>,
    /// Name that clients connect to.
    #[serde(rename = "DNSName", skip_serializing_if = "Option::is_none")]
    pub dns_name: Option<String>,
    /// Its subnets.
    pub subnets: Vec<String>,
    /// Its security groups.
    pub security_groups: Vec<String>,
    /// Its listeners.
    pub listener_descriptions: Vec<ListenerDescription>,
    /// The instances behind it.
    pub instances: Vec<InstanceId>,
}

/// A listener with its policies.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ListenerDescription {
    /// The listener.
    pub listener: Listener,
}

/// A listener: one port in, one port out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Listener {
    /// `HTTP`, `HTTPS`, `TCP` or `SSL`.
    pub protocol: String,
    /// Port of the load balancer.
    pub load_balancer_port: i32,
    /// Port of the instances.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_port: Option<i32>,
}

/// An instance behind a load balancer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct InstanceId {
    /// `i-…`.
    pub instance_id: String,
}
