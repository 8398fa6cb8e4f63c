//! Workgroups of Redshift Serverless whose port the internet can open.

use crate::analysis::aws::network::reads::CONTROLS;
use crate::inventory::aws::calls;
use crate::inventory::aws::kinds;
use crate::model::{Category, Severity};
use crate::rules::shapes::port::{self, PortRule, by_groups, database, of_port};
use crate::rules::{Context, Findings, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "redshift-serverless-workgroup-public",
    title: "A serverless data warehouse is open to the internet",
    category: Category::Exposure,
    severity: Severity::Critical,
    kind: &kinds::REDSHIFT_SERVERLESS_WORKGROUP,
    opt_in: false,
    never: &[],
    reads: &[CONTROLS, &[&calls::redshift_serverless::LIST_WORKGROUPS]],
    reads_more: &[],
    docs: "\
## What it finds
Workgroups of Redshift Serverless that have a public address and whose port the internet can open:
through one of their subnets, its route and network ACL, and their security groups.

## Why it matters
A warehouse holds what a company knows of its customers, and its login prompt is on the internet.

## When it is latent
The workgroup is publicly accessible and a network ACL, the route or VPC block public access keeps the
internet out; or the security groups admit the internet and the workgroup has no public address; or
the workgroup is being deleted.

## How to close it
Make the workgroup not publicly accessible and narrow its security group to the tools that query it.
",
    evaluate,
};

const SERVICE: PortRule = PortRule {
    kind: &kinds::REDSHIFT_SERVERLESS_WORKGROUP,
    any: |services| {
        let read = services.redshift_serverless.list_workgroups.read();
        read.is_some_and(|read| !read.workgroups.is_empty())
    },
    severity: database,
    product: of_port,
    close: by_groups,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    port::evaluate_service(cx, found, &SERVICE);
}
