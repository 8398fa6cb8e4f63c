//! Redshift clusters whose port the internet can open.

use crate::analysis::aws::network::reads::CONTROLS;
use crate::inventory::aws::calls;
use crate::inventory::aws::kinds;
use crate::model::{Category, Severity};
use crate::rules::shapes::port::{self, PortRule, by_groups, database, of_port};
use crate::rules::{Context, Findings, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "redshift-cluster-public",
    title: "A data warehouse is open to the internet",
    category: Category::Exposure,
    severity: Severity::Critical,
    kind: &kinds::REDSHIFT_CLUSTER,
    opt_in: false,
    never: &[],
    reads: &[CONTROLS, &[&calls::redshift::DESCRIBE_CLUSTER_SUBNET_GROUPS, &calls::redshift::DESCRIBE_CLUSTERS]],
    reads_more: &[],
    docs: "\
## What it finds
Redshift clusters that have a public address and whose port the internet can open: through a subnet of
their subnet group, its route and network ACL, and their security groups.

## Why it matters
A warehouse holds what a company knows of its customers, and its login prompt is on the internet.

## When it is latent
The cluster is publicly accessible and a network ACL, the route or VPC block public access keeps the
internet out; or the security groups admit the internet and the cluster has no public address. So is a
cluster that is paused, until somebody or a schedule resumes it, and one that failed or is being
deleted.

## How to close it
Make the cluster not publicly accessible and narrow its security group to the tools that query it.
",
    evaluate,
};

const SERVICE: PortRule = PortRule {
    kind: &kinds::REDSHIFT_CLUSTER,
    any: |services| {
        services.redshift.describe_clusters.read().is_some_and(|r| !r.clusters.is_empty())
    },
    severity: database,
    product: of_port,
    close: by_groups,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    port::evaluate_service(cx, found, &SERVICE);
}
