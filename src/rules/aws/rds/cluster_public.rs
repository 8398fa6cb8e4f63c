//! Clusters of RDS whose port the internet can open.

use crate::analysis::aws::network::reads::CONTROLS;
use crate::inventory::aws::calls;
use crate::inventory::aws::kinds;
use crate::model::{Category, Remediation, Severity};
use crate::rules::shapes::port::{self, Listener, PortRule, database, of_port};
use crate::rules::{Context, Findings, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "rds-cluster-public",
    title: "A database cluster is open to the internet",
    category: Category::Exposure,
    severity: Severity::Critical,
    kind: &kinds::RDS_CLUSTER,
    opt_in: false,
    never: &[],
    reads: &[CONTROLS, &[&calls::rds::DESCRIBE_DB_CLUSTERS, &calls::rds::DESCRIBE_DB_INSTANCES]],
    reads_more: &[],
    docs: "\
## What it finds
Multi-AZ clusters of RDS that have a public address and whose port the internet can open: through a
subnet of one of their instances, its route and network ACL, and their security groups. Aurora clusters
behind an internet access gateway (express configuration), which are open to everyone and have no
security group. The gateway can be switched on for a cluster that exists, so the door may appear later;
without it, a cluster whose VPC networking is off has no door at all. Instances of other Aurora clusters have switches of their own and are reported by
`rds-instance-public`.

## Why it matters
The login prompt of the database is on the internet, where passwords are guessed all day and the next
flaw in the engine needs no further way in. Behind an internet access gateway clients must sign in with
IAM, so this is medium.

## When it is latent
The security groups of a Multi-AZ cluster admit the internet and the cluster has no public address, or
a network ACL, the route or VPC block public access keeps the internet out. So is any cluster that is
stopped, which starts again by itself after seven days, or being deleted.

## How to close it
Make the cluster not publicly accessible and narrow its security group to the application's. A cluster
behind an internet access gateway is restored into a VPC instead.
",
    evaluate,
};

const SERVICE: PortRule = PortRule {
    kind: &kinds::RDS_CLUSTER,
    any: |services| {
        let read = services.rds.describe_db_clusters.read();
        read.is_some_and(|read| read.db_clusters.iter().any(|c| c.publicly_accessible.is_some()))
    },
    severity,
    product: of_port,
    close: |_, id| {
        Remediation::in_words(format!(
            "restore {id} into a VPC with VPC networking and without the internet access gateway; \
             until then limit who may connect with IAM (rds-db:connect)"
        ))
    },
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    port::evaluate_service(cx, found, &SERVICE);
}

/// Behind an internet access gateway IAM database authentication is required (RDS API reference,
/// EnableInternetAccessGateway): there is no password to guess.
fn severity(listener: &Listener<'_>) -> Severity {
    if listener.service_managed { Severity::Medium } else { database(listener) }
}
