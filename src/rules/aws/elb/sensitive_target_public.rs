//! Targets on sensitive ports that the internet reaches through load balancers.

use super::balancers;
use crate::inventory::aws::kinds;
use crate::model::{Category, Severity, Status};
use crate::rules::{Context, Findings, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "elb-sensitive-target-public",
    title: "A load balancer publishes a sensitive port of its targets",
    category: Category::Exposure,
    severity: Severity::Critical,
    kind: &kinds::ELB_TARGET_GROUP,
    opt_in: false,
    // What is behind a load balancer that is shut is not followed.
    never: &[Status::Latent],
    reads: balancers::READS_OF_TARGETS,
    reads_more: &[],
    docs: "\
## What it finds
Target groups (of classic load balancers, which have none, the load balancer) whose targets the
internet reaches on a port of a database, queue, administration, file sharing or directory service,
or through anything but an application load balancer on a port of no known service: through a
listener that it can open, the listener's rules with their source conditions, and the network ACLs and
security groups between load balancer and target. Web ports are left to `elb-public`.

The port of the target decides how bad it is, but never more than high behind port 80 or 443 of an
application load balancer, which lets only HTTP through. It is one level less where a login comes
first, unless requests without one are let through (`OnUnauthenticatedRequest` is `allow`), and where
the listener's rule asks for a value in a header or in the query: whoever learns the value gets in.
The health of targets is not looked at: a target that is down today is up tomorrow.

A target may be named by an address of another VPC or on premises. Where a route over peering or a
transit gateway leads to an interface that was read, its security groups and network ACL count; where
nothing that was read has the address, the finding is undetermined, for what guards it is not known.

## Why it matters
The machines behind a load balancer have no public address and are taken for private. The load
balancer publishes them all the same, and their owners do not see it on the machine.

## When it is latent
Never: what the internet cannot open does not forward anything. Load balancers that one control keeps
shut are reported latent by `elb-public`; their targets are not followed.

## How to close it
Take the targets out of the group, or serve them from an internal load balancer. Where some clients
need them, narrow the load balancer's security group or let a rule ask for their addresses or a login.
",
    evaluate,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    balancers::evaluate_targets(cx, found);
}
