//! Ports that the internet can open: administration.

use crate::inventory::aws::kinds;
use crate::model::{Category, Severity};
use crate::rules::shapes::port::{self, Group};
use crate::rules::{Context, Findings, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "ec2-port-public-admin",
    title: "An administration port is open to the internet",
    category: Category::Exposure,
    severity: Severity::Critical,
    kind: &kinds::EC2_INSTANCE,
    opt_in: false,
    never: &[],
    reads: port::READS,
    reads_more: &[],
    docs: "\
## What it finds
Instances on which the internet can open a port for remote access (SSH, RDP, VNC), orchestration
(Docker, Kubernetes, etcd), an administration console (Kibana, Jenkins, Grafana) or industrial
control.

## Why it matters
Docker, kubelet and etcd give the machine to whoever connects. Consoles and remote logins are one
leaked or guessed password, or one missed patch, away from the same.

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
    port::evaluate(cx, found, Group::Admin);
}
