//! Caches whose security groups admit the internet.

use crate::analysis::aws::network::ResourceKind;
use crate::inventory::aws::calls;
use crate::inventory::aws::kinds;
use crate::model::{Category, Severity};
use crate::rules::shapes::port::{self, Service, by_groups, of_port};
use crate::rules::{Context, Findings, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "cache-cluster-security-group-open",
    title: "A security group of a cache admits the internet",
    category: Category::Exposure,
    severity: Severity::Low,
    kind: &kinds::ELASTICACHE_CLUSTER,
    opt_in: false,
    reads: &[&[
        &calls::ec2::DESCRIBE_SECURITY_GROUPS,
        &calls::elasticache::DESCRIBE_CACHE_CLUSTERS,
        &calls::memorydb::DESCRIBE_CLUSTERS,
    ]],
    reads_more: &[&calls::ec2::GET_MANAGED_PREFIX_LIST_ENTRIES],
    docs: "\
## What it finds
Clusters of ElastiCache and MemoryDB whose security groups admit the internet to their port. It asks
for caches only with `--latent`, since they are never open by themselves.

## Why it matters
Caches have no public address, so nobody outside gets in. But whoever gets a foot into the network, a
load balancer or a NAT instance before the cache, or a peered network, meets no second lock; many
caches ask for no password.

## When it is latent
Always: a cache has no public address.

## How to close it
Narrow the security group to the application's.
",
    evaluate,
};

const CACHES: [Service; 2] = [of(ResourceKind::Cache), of(ResourceKind::MemoryCluster)];

const fn of(kind: ResourceKind) -> Service {
    Service {
        kind,
        any: |services| {
            let caches = services.elasticache.describe_cache_clusters.read();
            let memory = services.memorydb.describe_clusters.read();
            caches.is_some_and(|read| !read.cache_clusters.is_empty())
                || memory.is_some_and(|read| !read.clusters.is_empty())
        },
        // Twice removed from the internet: there is no address, and there is no route to one.
        severity: |_, _, _| Severity::Low,
        product: of_port,
        close: by_groups,
    }
}

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    for service in &CACHES {
        port::evaluate_service(cx, found, service);
    }
}
