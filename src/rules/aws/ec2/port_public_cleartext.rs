//! Ports that the internet can open: clear text and file sharing.

use crate::inventory::aws::kinds;
use crate::model::{Category, Severity};
use crate::rules::shapes::port::{self, Group};
use crate::rules::{Context, Findings, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "ec2-port-public-cleartext",
    title: "A clear-text or file sharing port is open to the internet",
    category: Category::Exposure,
    severity: Severity::High,
    kind: &kinds::EC2_INSTANCE,
    opt_in: false,
    never: &[],
    reads: port::READS,
    reads_more: &[],
    docs: "\
## What it finds
Instances on which the internet can open a port of file sharing (SMB, NFS, FTP), a directory (LDAP,
Kerberos), or a protocol that sends passwords in the clear (telnet, POP).

## Why it matters
File shares and directories were made for networks where everyone is known. Passwords sent in the
clear can be read on the way, and SMB is what worms spread by.

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
    port::evaluate(cx, found, Group::Cleartext);
}
