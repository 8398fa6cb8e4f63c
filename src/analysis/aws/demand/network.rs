//! The network of a region: what the first answers name, and nothing that they do not.

use std::collections::BTreeSet;

use super::CollectionPlan;
use crate::inventory::aws::calls::ec2::{
    DESCRIBE_IMAGE_ATTRIBUTE, DESCRIBE_SNAPSHOT_ATTRIBUTE, GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE,
};
use crate::inventory::aws::ec2::{NetworkInterface, Route, SnapshotAttribute, UNBLOCKED};
use crate::inventory::aws::{Ec2, Services};
use crate::model::Known;

/// Whether anything in a region has an interface, or that is not known, so that what guards it
/// matters. A probe learns which calls would be refused, and the guard rails ask for the block
/// wherever they look.
pub fn controls_matter(ec2: &Ec2, plan: &CollectionPlan) -> bool {
    let interfaces = ec2.describe_network_interfaces.read();
    let any = interfaces.is_none_or(|read| !read.network_interfaces.is_empty());
    plan.probe.is_some() || plan.protections || any
}

/// Whether a service tells of an endpoint that may sit in a VPC, whose interface was not told.
pub fn has_endpoints(services: &Services) -> bool {
    fn any<T>(read: &Known<T>, is_empty: fn(&T) -> bool) -> bool {
        read.read().is_some_and(|read| !is_empty(read))
    }
    let Services { rds, redshift, redshift_serverless, dms, kafka, mq, .. } = services;
    let Services { elasticache, memorydb, elb, elbv2, .. } = services;
    any(&rds.describe_db_instances, |read| read.db_instances.is_empty())
        || any(&rds.describe_db_clusters, |read| read.db_clusters.is_empty())
        || any(&redshift.describe_clusters, |read| read.clusters.is_empty())
        || any(&redshift_serverless.list_workgroups, |read| read.workgroups.is_empty())
        || any(&dms.describe_replication_instances, |read| read.replication_instances.is_empty())
        || any(&kafka.list_clusters_v2, |read| read.cluster_info_list.is_empty())
        || any(&mq.list_brokers, |read| read.broker_summaries.is_empty())
        || any(&elasticache.describe_cache_clusters, |read| read.cache_clusters.is_empty())
        || any(&memorydb.describe_clusters, |read| read.clusters.is_empty())
        || any(&elb.describe_load_balancers, |read| read.load_balancer_descriptions.is_empty())
        || any(&elbv2.describe_load_balancers, |read| read.load_balancers.is_empty())
}

/// Exclusions from VPC block public access mean something only while the region's block is on.
pub fn exclusions_matter(ec2: &Ec2) -> bool {
    let mode = ec2.describe_vpc_block_public_access_options.read().and_then(|block| {
        block.vpc_block_public_access_options.internet_gateway_block_mode.as_deref()
    });
    mode.is_some_and(|mode| mode != "off")
}

/// The region's block of public snapshots means something where one is shared with everyone; a probe
/// learns whether it would be refused.
pub fn snapshot_block_matters(ec2: &Ec2, plan: &CollectionPlan) -> bool {
    let shared = ec2.describe_snapshot_attribute.values().any(SnapshotAttribute::is_public);
    shared || plan.probe.is_some()
}

/// Whether the region's blocks of public snapshots and images are judged for their own sake. Only
/// that asks for the images' block: it changes nothing of what is public already.
pub fn sharing_blocks_matter(plan: &CollectionPlan) -> bool {
    plan.wants(&GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE)
}

/// Whether any snapshot of the account's means something, public or not: where the region's block is
/// judged and is off.
pub fn own_snapshots_matter(ec2: &Ec2, plan: &CollectionPlan) -> bool {
    let block = ec2.get_snapshot_block_public_access_state.read();
    sharing_blocks_matter(plan) && block.and_then(|block| block.state.as_deref()) == Some(UNBLOCKED)
}

/// The same of images.
pub fn own_images_matter(ec2: &Ec2, plan: &CollectionPlan) -> bool {
    let block = ec2.get_image_block_public_access_state.read();
    let state = block.and_then(|block| block.image_block_public_access_state.as_deref());
    sharing_blocks_matter(plan) && state == Some(UNBLOCKED)
}

/// Whether it is asked with whom each image, snapshot and snapshot of a database is shared: that is a
/// call for each, which one rule alone asks for.
pub fn shares_matter(plan: &CollectionPlan) -> bool {
    plan.wants(&DESCRIBE_IMAGE_ATTRIBUTE)
}

/// Whether snapshots that everyone may restore are asked for: not where only the block is judged.
pub fn public_snapshots_matter(plan: &CollectionPlan) -> bool {
    !sharing_blocks_matter(plan) || plan.wants(&DESCRIBE_SNAPSHOT_ATTRIBUTE)
}

/// Prefix lists that an ingress rule or a route names.
pub fn prefix_lists(ec2: &Ec2) -> BTreeSet<String> {
    let groups = ec2.describe_security_groups.read().map(|r| r.security_groups.as_slice());
    let sources = groups
        .unwrap_or_default()
        .iter()
        .flat_map(|group| &group.ip_permissions)
        .flat_map(|rule| &rule.prefix_list_ids)
        .map(|list| list.prefix_list_id.clone());
    let destinations = routes(ec2).filter_map(|route| route.destination_prefix_list_id.clone());
    sources.chain(destinations).filter(|id| !id.is_empty()).collect()
}

/// True when traffic may be led through an endpoint (a gateway load balancer's). Gateway endpoints
/// are no such hop: their routes go to a prefix list of their own service.
pub fn endpoints_matter(ec2: &Ec2) -> bool {
    routes(ec2).any(|route| {
        let endpoint = route.gateway_id.as_deref().is_some_and(|id| id.starts_with("vpce-"));
        endpoint && route.destination_prefix_list_id.is_none()
    })
}

/// True where something has a public address. Elastic addresses tell of an internet firewall, which
/// matters to what the internet reaches; a probe learns whether the call would be refused.
pub fn addresses_matter(ec2: &Ec2, plan: &CollectionPlan) -> bool {
    let read = ec2.describe_network_interfaces.read();
    let public = |interface: &NetworkInterface| interface.has_public_address();
    plan.probe.is_some() || read.is_some_and(|read| read.network_interfaces.iter().any(public))
}

fn routes(ec2: &Ec2) -> impl Iterator<Item = &Route> {
    let tables = ec2.describe_route_tables.read().map(|r| r.route_tables.as_slice());
    tables.unwrap_or_default().iter().flat_map(|table| &table.routes)
}
