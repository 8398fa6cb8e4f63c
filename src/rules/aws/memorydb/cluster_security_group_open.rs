//! Clusters of MemoryDB whose security groups admit the internet.

use crate::inventory::aws::calls;
use crate::inventory::aws::kinds;
use crate::model::{Category, Severity, Status};
use crate::rules::shapes::port::{self, PortRule, by_groups, of_port};
use crate::rules::{Context, Findings, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "memorydb-cluster-security-group-open",
    title: "A security group of a MemoryDB cluster admits the internet",
    category: Category::Exposure,
    severity: Severity::Low,
    kind: &kinds::MEMORYDB_CLUSTER,
    opt_in: false,
    // A cluster has no public address: that lock is always read, and shut.
    never: &[Status::Exposed, Status::Undetermined],
    reads: &[&[
        &calls::ec2::DESCRIBE_SECURITY_GROUPS,
        &calls::ec2::GET_MANAGED_PREFIX_LIST_ENTRIES,
        &calls::memorydb::DESCRIBE_CLUSTERS,
    ]],
    reads_more: &[],
    docs: "\
## What it finds
Clusters of MemoryDB whose security groups admit the internet to their port. It asks for clusters only
with `--latent`, since they are never open by themselves.

## Why it matters
Clusters have no public address, so nobody outside gets in. But whoever gets a foot into the network, a
load balancer or a NAT instance before the cluster, or a peered network, meets no second lock where the
cluster has the access control list `open-access`, which asks for no password.

## When it is latent
Always: a cluster has no public address.

## How to close it
Narrow the security group to the application's.
",
    evaluate,
};

const CLUSTERS: PortRule = PortRule {
    kind: &kinds::MEMORYDB_CLUSTER,
    any: |services| {
        let read = services.memorydb.describe_clusters.read();
        read.is_some_and(|read| !read.clusters.is_empty())
    },
    // Twice removed from the internet: there is no address, and there is no route to one.
    severity: |_| Severity::Low,
    product: of_port,
    close: by_groups,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    port::evaluate_service(cx, found, &CLUSTERS);
}
