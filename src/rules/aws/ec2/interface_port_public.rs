//! Ports that the internet can open on interfaces that belong to no instance.

use crate::inventory::aws::kinds;
use crate::model::{Category, Severity};
use crate::rules::shapes::port;
use crate::rules::{Context, Findings, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "ec2-interface-port-public",
    title: "A port of a network interface without an instance is open",
    category: Category::Exposure,
    severity: Severity::Critical,
    kind: &kinds::EC2_NETWORK_INTERFACE,
    opt_in: false,
    never: &[],
    reads: port::READS,
    reads_more: &[],
    docs: "\
## What it finds
Network interfaces that belong to no instance and on which the internet can open a port: tasks of ECS
and Fargate with a public address, nodes of managed clusters, file systems, directories, appliances,
and whatever else a service put into a subnet. The interface's description tells what it is. How bad
it is depends on what usually listens on the port.

## Why it matters
Such things are in no list of machines. Their port is as open as that of an instance, and the service's
own console does not say so.

## When it is latent
The security group admits the internet, and another control keeps it out: no public address, no route
to an attached internet gateway, a network ACL, VPC block public access, an internet firewall before
the VPC, attached to nothing.
Interfaces that a service manages are reported only when they are open: shut, they are its business.

## How to close it
Narrow the security group rule to the addresses that need it, or take the rule away. Run tasks in
private subnets without a public address, behind a load balancer.
",
    evaluate,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    port::evaluate_interfaces(cx, found);
}
