//! Kafka clusters whose public listeners the internet can open.

use crate::analysis::aws::network::Sources;
use crate::analysis::aws::network::reads::CONTROLS;
use crate::inventory::aws::calls;
use crate::inventory::aws::kinds;
use crate::model::{Category, Severity};
use crate::rules::shapes::port::{self, PortRule, by_groups, of_port};
use crate::rules::{Context, Findings, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "msk-cluster-public",
    title: "A Kafka cluster is open to the internet",
    category: Category::Exposure,
    severity: Severity::High,
    kind: &kinds::MSK_CLUSTER,
    opt_in: false,
    never: &[],
    reads: &[CONTROLS, &[&calls::kafka::LIST_CLUSTERS_V2]],
    reads_more: &[],
    docs: "\
## What it finds
Provisioned clusters of MSK with public access whose public listeners (9194 for certificates, 9196 for
passwords, 9198 for IAM, as far as the cluster lets clients sign in so) the internet can open: through
a subnet of the brokers, its route and network ACL, and their security groups.

## Why it matters
Every topic is one stolen credential away, and brokers answer anyone who knocks. AWS allows public
access only with encryption and with clients that sign in, so this is high and not critical.

## When it is latent
Public access is on and a network ACL, the route or VPC block public access keeps the internet out; or
the security groups admit the internet to these ports and public access is off; or the cluster failed
or is being deleted.

## How to close it
Switch public access off and reach the cluster through a VPN, peering or multi-VPC connectivity; or
narrow the security groups to the clients' addresses.
",
    evaluate,
};

const SERVICE: PortRule = PortRule {
    kind: &kinds::MSK_CLUSTER,
    any: |services| {
        let read = services.kafka.list_clusters_v2.read();
        read.is_some_and(|read| !read.cluster_info_list.is_empty())
    },
    severity: |listener| match listener.sources {
        Sources::Internet => Severity::High,
        Sources::Broad | Sources::Narrow => Severity::Medium,
    },
    product: of_port,
    close: by_groups,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    port::evaluate_service(cx, found, &SERVICE);
}
