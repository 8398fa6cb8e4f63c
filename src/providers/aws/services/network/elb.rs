//! Classic load balancers.

use aws_sdk_elasticloadbalancing::types;

use crate::inventory::aws::calls;
use crate::inventory::aws::elb::{
    InstanceId, Listener, ListenerDescription, LoadBalancerDescription, LoadBalancerDescriptions,
};
use crate::inventory::aws::{Elb, Services};
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Site, client};

pub(crate) static COLLECTOR: Collector = Collector {
    service: "elb",
    scope: Scope::Region,
    calls: &[&calls::elb::DESCRIBE_LOAD_BALANCERS],
    collect: |site| Box::pin(collect(site)),
};

async fn collect(site: &Site) -> Services {
    let elb = client!(aws_sdk_elasticloadbalancing, site);
    // 400 is the most that PageSize allows (Elastic Load Balancing 2012-06-01 API reference).
    let pages = elb.describe_load_balancers().page_size(400).into_paginator().send();
    let listed = site
        .list_apart(
            &calls::elb::DESCRIBE_LOAD_BALANCERS,
            pages,
            |page| (page.load_balancer_descriptions, page.next_marker),
            balancer,
        )
        .await
        .map(|all| LoadBalancerDescriptions { load_balancer_descriptions: all });
    Services { elb: Elb { describe_load_balancers: listed }, ..Services::default() }
}

fn balancer(from: types::LoadBalancerDescription) -> LoadBalancerDescription {
    let listeners = from.listener_descriptions.unwrap_or_default().into_iter();
    let instances = from.instances.unwrap_or_default().into_iter();
    LoadBalancerDescription {
        load_balancer_name: from.load_balancer_name.unwrap_or_default(),
        scheme: from.scheme,
        vpc_id: from.vpc_id,
        dns_name: from.dns_name,
        subnets: from.subnets.unwrap_or_default(),
        security_groups: from.security_groups.unwrap_or_default(),
        listener_descriptions: listeners
            .filter_map(|description| description.listener)
            .map(|listener| ListenerDescription {
                listener: Listener {
                    protocol: listener.protocol,
                    load_balancer_port: listener.load_balancer_port,
                    instance_port: Some(listener.instance_port),
                },
            })
            .collect(),
        instances: instances
            .map(|instance| InstanceId { instance_id: instance.instance_id.unwrap_or_default() })
            .collect(),
    }
}
