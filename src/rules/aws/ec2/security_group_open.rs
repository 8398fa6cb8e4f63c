//! Security groups that admit the internet and guard nothing.

use crate::inventory::aws::calls;
use crate::inventory::aws::kinds;
use crate::model::{Category, Severity, Status};
use crate::rules::shapes::port;
use crate::rules::{Context, Findings, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "ec2-security-group-open",
    title: "An unused security group admits the internet",
    category: Category::Exposure,
    severity: Severity::High,
    kind: &kinds::EC2_SECURITY_GROUP,
    opt_in: false,
    // A group by itself opens nothing, so nothing before it is looked at.
    never: &[Status::Exposed, Status::Undetermined],
    reads: &[&[
        &calls::ec2::DESCRIBE_NETWORK_INTERFACES,
        &calls::ec2::DESCRIBE_SECURITY_GROUPS,
        &calls::ec2::GET_MANAGED_PREFIX_LIST_ENTRIES,
    ]],
    // A group that one of these names is in use, with or without an interface that shows it.
    reads_more: &[
        &calls::dms::DESCRIBE_REPLICATION_INSTANCES,
        &calls::elasticache::DESCRIBE_CACHE_CLUSTERS,
        &calls::elb::DESCRIBE_LOAD_BALANCERS,
        &calls::elbv2::DESCRIBE_LOAD_BALANCERS,
        &calls::kafka::LIST_CLUSTERS_V2,
        &calls::memorydb::DESCRIBE_CLUSTERS,
        &calls::mq::DESCRIBE_BROKER,
        &calls::mq::LIST_BROKERS,
        &calls::rds::DESCRIBE_DB_CLUSTERS,
        &calls::rds::DESCRIBE_DB_INSTANCES,
        &calls::redshift::DESCRIBE_CLUSTERS,
        &calls::redshift_serverless::LIST_WORKGROUPS,
    ],
    docs: "\
## What it finds
Security groups that admit the internet on some port and are attached to no network interface. A group
in use is never reported by itself: what it opens is reported on the machine that it opens. A rule about
ICMP for IPv6 sources, or about ICMPv6 for IPv4 sources, is void: AWS takes it and it lets nothing in.

## Why it matters
Such a group is one attachment away from an exposure. It was made for something, and the next machine
that needs a group may get this one.

## When it is latent
Always: a group by itself opens nothing.

## How to close it
Delete the group if nothing needs it, or narrow its rules.
",
    evaluate,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    port::evaluate_unused_groups(cx, found);
}
