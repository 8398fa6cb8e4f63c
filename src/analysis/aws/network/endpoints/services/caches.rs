//! Caches of ElastiCache and clusters of MemoryDB. None has a public address: from outside their VPC
//! they are reached through something in it, or through peering and VPN (ElastiCache user guide,
//! "Access patterns for accessing an ElastiCache cache in an Amazon VPC").

use crate::inventory::aws::elasticache::{CacheCluster, SecurityGroupMembership};
use crate::inventory::aws::rds::Endpoint;
use crate::inventory::aws::{calls, kinds};

use super::{Placement, ServiceEndpoint, ServiceListeners, port, tcp};
use crate::analysis::aws::network::controls::Control;
use crate::analysis::aws::network::endpoints::states::{self, State};
use crate::analysis::aws::network::facts::RegionFacts;
use crate::analysis::aws::network::rows::ResourceRef;

/// Caches.
pub(crate) fn elasticache<'a>(facts: &RegionFacts<'a>, all: &mut ServiceListeners<'a>) {
    let Some(read) = facts.services.elasticache.describe_cache_clusters.read() else {
        return all.unread(&calls::elasticache::DESCRIBE_CACHE_CLUSTERS);
    };
    for listed in &read.cache_clusters {
        let state = states::ELASTICACHE.of(listed.cache_cluster_status.as_deref());
        let endpoint = without_address(&listed.security_groups, endpoint(listed), state);
        let placement = Placement::InVpc(endpoint);
        let resource = ResourceRef::new(&kinds::ELASTICACHE_CLUSTER, &listed.cache_cluster_id);
        all.push(resource.with_arn(listed.arn.as_deref()), placement);
    }
}

/// In-memory databases.
pub(crate) fn memorydb<'a>(facts: &RegionFacts<'a>, all: &mut ServiceListeners<'a>) {
    let Some(read) = facts.services.memorydb.describe_clusters.read() else {
        return all.unread(&calls::memorydb::DESCRIBE_CLUSTERS);
    };
    for listed in &read.clusters {
        let state = states::MEMORYDB.of(listed.status.as_deref());
        let endpoint = listed.cluster_endpoint.as_ref();
        let endpoint = without_address(&listed.security_groups, endpoint, state);
        let resource = ResourceRef::new(&kinds::MEMORYDB_CLUSTER, &listed.name);
        all.push(resource.with_arn(listed.arn.as_deref()), Placement::InVpc(endpoint));
    }
}

/// Memcached clusters have an endpoint of their own, nodes of Redis and Valkey theirs.
fn endpoint(cluster: &CacheCluster) -> Option<&Endpoint> {
    let of_node = || cluster.cache_nodes.iter().find_map(|node| node.endpoint.as_ref());
    cluster.configuration_endpoint.as_ref().or_else(of_node)
}

/// Where it sits changes nothing while it has no public address.
fn without_address<'a>(
    groups: &'a [SecurityGroupMembership],
    endpoint: Option<&Endpoint>,
    state: Option<State<'a>>,
) -> ServiceEndpoint<'a> {
    let live = groups.iter().filter(|g| g.status.as_deref().is_none_or(|s| s == "active"));
    ServiceEndpoint {
        subnets: Vec::new(),
        unplaced: None,
        groups: live.map(|group| group.security_group_id.as_str()).collect(),
        listens: tcp(port(endpoint.and_then(|endpoint| endpoint.port))),
        shut: Some(Control::NoPublicIp),
        state,
    }
}
