//! Ports that the internet can open: all else.

use crate::inventory::aws::kinds;
use crate::model::{Category, Severity};
use crate::rules::shapes::port::{self, Group};
use crate::rules::{Context, Findings, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "ec2-port-public-other",
    title: "A port is open to the internet",
    category: Category::Exposure,
    severity: Severity::Medium,
    kind: &kinds::EC2_INSTANCE,
    opt_in: false,
    never: &[],
    reads: port::READS,
    reads_more: &[],
    docs: "\
## What it finds
Instances on which the internet can open a port of no other class. Web ports (80, 443) are low: they
are open by design.

## Why it matters
A port that nobody can name is often a service that nobody watches. Knowing what is open is the
start of knowing what is exposed.

## When it is latent
The security group admits the internet, and another control keeps it out: no public address, no
route to an attached internet gateway, a network ACL, VPC block public access, an internet
firewall before the VPC, an instance that is stopped. Remove that control and the port is open.

## How to close it
Narrow the security group rule to the addresses that need it, or take the rule away. Reach
machines that only staff needs through a VPN, Session Manager or EC2 Instance Connect Endpoint.
Web ports that are meant to be open are better served by a load balancer or a content network.
",
    evaluate,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    port::evaluate(cx, found, Group::Other);
}
