//! Load balancers that the internet can open.

use super::balancers;
use crate::inventory::aws::kinds;
use crate::model::{Category, Severity};
use crate::rules::{Context, Findings, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "elb-public",
    title: "A load balancer is open to the internet",
    category: Category::Exposure,
    severity: Severity::Low,
    kind: &kinds::ELB_LOAD_BALANCER,
    opt_in: false,
    never: &[],
    reads: balancers::READS,
    reads_more: &[],
    docs: "\
## What it finds
Application, network and classic load balancers of which the internet can open a listener: through one
of their subnets, its route and network ACLs, VPC block public access and their security groups. A
network load balancer without security groups admits everyone. Internal load balancers that a public
one forwards to are found as well.

## Why it matters
A load balancer is a front door by design, so this is low: a list of the doors that there are. Doors
that nobody remembers are those that nobody watches. What is published through them on sensitive
ports is found by `elb-sensitive-target-public`.

## When it is latent
The security groups admit the internet, and another control keeps it out: the scheme is internal, no
subnet has a route to an attached internet gateway, a network ACL, VPC block public access, an internet
firewall before the VPC.

## How to close it
Narrow the security group to the clients that need it, delete listeners that nobody uses, or make the
load balancer internal (the scheme is fixed when it is made).
",
    evaluate,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    balancers::evaluate(cx, found);
}
