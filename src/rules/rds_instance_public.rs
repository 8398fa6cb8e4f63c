//! Databases of RDS whose port the internet can open.

use super::ports;
use super::{Context, Findings, Rule};
use crate::findings::{Category, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "rds-instance-public",
    title: "A managed database is open to the internet",
    category: Category::Exposure,
    severity: Severity::Critical,
    kind: "aws.rds.instance",
    opt_in: false,
    reads: ports::READS_OF_DATABASES,
    reads_more: &[],
    docs: "\
## What it finds
Database instances of RDS, Aurora, DocumentDB and Neptune that have a public address and whose port
the internet can open: through a subnet of their subnet group, its route and network ACL, and their
security groups.

## Why it matters
The login prompt of the database is on the internet, where passwords are guessed all day and the next
flaw in the engine needs no further way in.

## When it is latent
The instance is publicly accessible but its security groups, a network ACL, the route or VPC block
public access keep the internet out; or the security groups admit the internet and the instance has
no public address.

## How to close it
Make the instance not publicly accessible and narrow its security group to the application's:
databases are for applications in the VPC, and people reach them through a VPN or a tunnel.
",
    evaluate,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings<'_>) {
    ports::evaluate_databases(cx, found);
}
