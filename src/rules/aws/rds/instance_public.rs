//! Databases of RDS whose port the internet can open.

use crate::analysis::aws::network::reads::CONTROLS;
use crate::inventory::aws::calls;
use crate::inventory::aws::kinds;
use crate::model::{Category, Severity};
use crate::rules::shapes::port::{self, PortRule, by_groups, database, of_port};
use crate::rules::{Context, Findings, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "rds-instance-public",
    title: "A managed database is open to the internet",
    category: Category::Exposure,
    severity: Severity::Critical,
    kind: &kinds::RDS_INSTANCE,
    opt_in: false,
    never: &[],
    reads: &[CONTROLS, &[&calls::rds::DESCRIBE_DB_INSTANCES]],
    // Which instances are of a Multi-AZ cluster, that answers for them.
    reads_more: &[&calls::rds::DESCRIBE_DB_CLUSTERS],
    docs: "\
## What it finds
Database instances of RDS, Aurora, DocumentDB and Neptune, but for those of Multi-AZ clusters (see
`rds-cluster-public`), that have a public address and whose port
the internet can open: through a subnet of their subnet group, its route and network ACL, and their
security groups.

## Why it matters
The login prompt of the database is on the internet, where passwords are guessed all day and the next
flaw in the engine needs no further way in.

## When it is latent
The instance is publicly accessible and a network ACL, the route or VPC block public access keeps the
internet out; or the security groups admit the internet and the instance has no public address. So is
an instance that is stopped, which starts again by itself after seven days, and one that failed or is
being deleted.

## How to close it
Make the instance not publicly accessible and narrow its security group to the application's:
databases are for applications in the VPC, and people reach them through a VPN or a tunnel.
",
    evaluate,
};

const SERVICE: PortRule = PortRule {
    kind: &kinds::RDS_INSTANCE,
    any: |services| {
        let read = services.rds.describe_db_instances.read();
        read.is_some_and(|read| !read.db_instances.is_empty())
    },
    severity: database,
    product: of_port,
    close: by_groups,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    port::evaluate_service(cx, found, &SERVICE);
}
