//! Elastic Load Balancing, the first generation: classic load balancers.

use crate::model::Known;

operations! {
    /// Answers of the first generation of Elastic Load Balancing in one region.
    Elb {
        /// Load balancers with their listeners and instances.
        describe_load_balancers: Known<LoadBalancerDescriptions>,
    }
}

responses! {
    /// Response of DescribeLoadBalancers.
    LoadBalancerDescriptions {
        load_balancer_descriptions: Vec<LoadBalancerDescription>,
    }

    /// A classic load balancer.
    LoadBalancerDescription {
        /// Name, unique in the region.
        load_balancer_name: String,
        /// `internet-facing` or `internal`.
        scheme: Option<String>,
        /// VPC of its subnets.
        #[serde(rename = "VPCId")]
        vpc_id: Option<String>,
        /// Name that clients connect to.
        #[serde(rename = "DNSName")]
        dns_name: Option<String>,
        subnets: Vec<String>,
        security_groups: Vec<String>,
        listener_descriptions: Vec<ListenerDescription>,
        /// The instances behind it.
        instances: Vec<InstanceId>,
    }

    /// A listener with its policies.
    ListenerDescription {
        listener: Listener,
    }

    /// A listener: one port in, one port out.
    Listener {
        /// `HTTP`, `HTTPS`, `TCP` or `SSL`.
        protocol: String,
        /// Port of the load balancer.
        load_balancer_port: i32,
        /// Port of the instances.
        instance_port: Option<i32>,
    }

    /// An instance behind a load balancer.
    InstanceId {
        /// `i-…`.
        instance_id: String,
    }
}
