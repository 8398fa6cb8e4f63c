//! Replication instances that the internet reaches.

use crate::analysis::aws::network::reads::CONTROLS;
use crate::inventory::aws::calls;
use crate::inventory::aws::kinds;
use crate::model::{Category, Severity};
use crate::rules::shapes::port::{self, PortRule, Product, by_groups};
use crate::rules::{Context, Findings, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "dms-replication-instance-public",
    title: "A replication instance is reachable from the internet",
    category: Category::Exposure,
    severity: Severity::Low,
    kind: &kinds::DMS_REPLICATION_INSTANCE,
    opt_in: false,
    never: &[],
    reads: &[CONTROLS, &[&calls::dms::DESCRIBE_REPLICATION_INSTANCES]],
    reads_more: &[],
    docs: "\
## What it finds
Replication instances of the Database Migration Service that have a public address and to which the
internet can open some port: through a subnet of their subnet group, its route and network ACL, and
their security groups.

## Why it matters
The instance holds the credentials of the databases that it copies. It is low because the instance
only connects out: AWS documents no port on which it listens, so an open port is attack surface of a
machine that AWS runs, and no login prompt of yours.

## When it is latent
The instance is publicly accessible and a network ACL, the route or VPC block public access keeps the
internet out; or the security groups admit the internet and the instance has no public address; or the
instance failed or is being deleted.

## How to close it
Take every inbound rule out of the instance's security group: it needs none. The public address can
only be given up by making a new replication instance.
",
    evaluate,
};

const SERVICE: PortRule = PortRule {
    kind: &kinds::DMS_REPLICATION_INSTANCE,
    any: |services| {
        let read = services.dms.describe_replication_instances.read();
        read.is_some_and(|read| !read.replication_instances.is_empty())
    },
    // It connects out and is documented to listen on nothing (DMS user guide, "Setting up a network
    // for a replication instance"): what is open is a port, and nothing of the customer's behind it.
    severity: |_| Severity::Low,
    product: |_| Product::Unknown,
    close: by_groups,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    port::evaluate_service(cx, found, &SERVICE);
}
