//! Ports that the internet can open: every port.

use crate::inventory::aws::kinds;
use crate::model::{Category, Severity};
use crate::rules::shapes::port::{self, Group};
use crate::rules::{Context, Findings, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "ec2-port-public-all",
    title: "Every port of a machine is open to the internet",
    category: Category::Exposure,
    severity: Severity::Critical,
    kind: &kinds::EC2_INSTANCE,
    opt_in: false,
    never: &[],
    reads: port::READS,
    reads_more: &[],
    docs: "\
## What it finds
Instances that the internet can open on more than 1,000 ports at once, or by every protocol.

## Why it matters
Whatever listens on the machine now, or will listen one day, is met by scanners within minutes: data
stores, agents, debug ports, services that were meant for the machine itself.
The whole path is judged: address, route, network ACLs in both directions, security groups, state.

## When it is latent
The security group admits the internet, and another control keeps it out: no public address, no
route to an attached internet gateway, a network ACL, VPC block public access, an internet
firewall before the VPC, an instance that is stopped. Remove that control and the port is open.

## How to close it
Narrow the security group rule to the addresses that need it, or take the rule away. Reach
machines that only staff needs through a VPN, Session Manager or EC2 Instance Connect Endpoint.
",
    evaluate,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    port::evaluate(cx, found, Group::All);
}
