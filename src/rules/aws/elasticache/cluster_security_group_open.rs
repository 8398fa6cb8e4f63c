//! Clusters of ElastiCache whose security groups admit the internet.

use crate::inventory::aws::calls;
use crate::inventory::aws::kinds;
use crate::model::{Category, Severity, Status};
use crate::rules::shapes::port::{self, PortRule, by_groups, of_port};
use crate::rules::{Context, Findings, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "elasticache-cluster-security-group-open",
    title: "A security group of an ElastiCache cluster admits the internet",
    category: Category::Exposure,
    severity: Severity::Low,
    kind: &kinds::ELASTICACHE_CLUSTER,
    opt_in: false,
    // A cache has no public address: that lock is always read, and shut.
    never: &[Status::Exposed, Status::Undetermined],
    reads: &[&[
        &calls::ec2::DESCRIBE_SECURITY_GROUPS,
        &calls::ec2::GET_MANAGED_PREFIX_LIST_ENTRIES,
        &calls::elasticache::DESCRIBE_CACHE_CLUSTERS,
    ]],
    reads_more: &[],
    docs: "\
## What it finds
Clusters of ElastiCache (Valkey, Redis OSS, Memcached) whose security groups admit the internet to their
port. It asks for caches only with `--latent`, since they are never open by themselves.

## Why it matters
Caches have no public address, so nobody outside gets in. But whoever gets a foot into the network, a
load balancer or a NAT instance before the cache, or a peered network, meets no second lock: Memcached
asks for no password, and Valkey and Redis OSS only where one was set.

## When it is latent
Always: a cache has no public address.

## How to close it
Narrow the security group to the application's.
",
    evaluate,
};

const CACHES: PortRule = PortRule {
    kind: &kinds::ELASTICACHE_CLUSTER,
    any: |services| {
        let read = services.elasticache.describe_cache_clusters.read();
        read.is_some_and(|read| !read.cache_clusters.is_empty())
    },
    // Twice removed from the internet: there is no address, and there is no route to one.
    severity: |_| Severity::Low,
    product: of_port,
    close: by_groups,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    port::evaluate_service(cx, found, &CACHES);
}
