//! VPC block public access: the region-wide switch before every internet gateway.

use std::collections::BTreeMap;

use crate::analysis::aws::network::opened_by_exclusion;
use crate::inventory::aws::calls;
use crate::inventory::aws::ec2::{NetworkInterface, VpcBlockPublicAccessOptions};
use crate::inventory::aws::kinds;
use crate::model::Known;
use crate::model::Step;
use crate::model::{Category, Remediation, Severity, aws};
use crate::rules::Region;
use crate::rules::shapes::setting;
use crate::rules::{Context, Findings, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "ec2-vpc-block-public-access-off",
    title: "Nothing would stop the next VPC from being opened to the internet",
    category: Category::Guardrail,
    severity: Severity::Low,
    kind: &kinds::EC2_REGION,
    opt_in: false,
    never: &[],
    reads: &[&[
        &calls::ec2::DESCRIBE_NETWORK_INTERFACES,
        &calls::ec2::DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_EXCLUSIONS,
        &calls::ec2::DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_OPTIONS,
    ]],
    reads_more: &[],
    docs: "\
## What it finds
Regions in which VPC block public access is off, and regions in which it is on but leaves out VPCs or
subnets that hold public addresses.

## Why it matters
The switch shuts every internet gateway of a region at once, whatever routes, network ACLs and security
groups say. Without it one change to one of them is enough to put a machine on the internet.

## When it is latent
Never: this is a missing protection, not a way in. What is open now is reported by the rules about
ports.

## How to close it
Switch the block on in the regions in which nothing is to be reached from outside, and leave out only
the VPCs or subnets that must be (an exclusion that allows egress only still keeps the internet out).
Where a declarative policy of the organization manages the switch, it is set there: the account itself
cannot change it.
",
    evaluate,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    for region in cx.regions() {
        let ec2 = &region.services.ec2;
        let Known::Read(options) = &ec2.describe_vpc_block_public_access_options else {
            found.unread(&calls::ec2::DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_OPTIONS, region.name);
            continue;
        };
        let options = &options.vpc_block_public_access_options;
        // An account that never touched the switch has it off (VPC user guide, "Block public access
        // to VPCs and subnets").
        match options.internet_gateway_block_mode.as_deref().unwrap_or("off") {
            "off" => off(cx, &region, options, found),
            mode if options.allows_exclusions() => left_out(cx, &region, mode, options, found),
            // The organization allows none: those that were made before have no effect.
            _ => {}
        }
    }
}

/// The region's switch is off.
fn off(
    cx: &Context<'_>,
    region: &Region<'_, '_>,
    options: &VpcBlockPublicAccessOptions,
    found: &mut Findings,
) {
    let mut evidence =
        vec![Step::new("vpc-block-public-access", format!("off in {}", region.name))];
    if let Known::Read(read) = &region.services.ec2.describe_network_interfaces {
        let with = read.network_interfaces.iter().filter(|one| one.has_public_address()).count();
        evidence.push(Step::new("interfaces", format!("{with} have a public address")));
    }
    evidence.extend(manager(options));
    let text = "switch the block on after leaving out the VPCs and subnets that must be reached \
                from outside";
    let command = aws([
        "ec2",
        "modify-vpc-block-public-access-options",
        "--region",
        region.name,
        "--internet-gateway-block-mode",
        "block-ingress",
    ]);
    let remediation = match options.is_of_organization() {
        // The account's own call would be refused.
        true => Remediation {
            text: format!("set in the organization's declarative policy: {text}"),
            commands: Vec::new(),
        },
        false => Remediation { text: text.to_owned(), commands: vec![command] },
    };
    let title = format!("{} does not block public access to VPCs", region.name);
    push(cx, region, found, ("off", title), evidence, remediation);
}

/// The switch is on, but not for VPCs and subnets with public addresses.
fn left_out(
    cx: &Context<'_>,
    region: &Region<'_, '_>,
    mode: &str,
    options: &VpcBlockPublicAccessOptions,
    found: &mut Findings,
) {
    let ec2 = &region.services.ec2;
    let Known::Read(exclusions) = &ec2.describe_vpc_block_public_access_exclusions else {
        return found.unread(&calls::ec2::DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_EXCLUSIONS, region.name);
    };
    let all = &exclusions.vpc_block_public_access_exclusions;
    let mut excluded: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for exclusion in all {
        if let Some(what) = opened_by_exclusion(exclusion) {
            let state = exclusion.state.as_deref().unwrap_or("in a state that was not told");
            let id = exclusion.exclusion_id.as_deref();
            excluded.entry(what).or_default().extend(id.map(|id| (id, state)));
        }
    }
    if excluded.is_empty() {
        return;
    }
    let Known::Read(read) = &ec2.describe_network_interfaces else {
        return found.unread(&calls::ec2::DESCRIBE_NETWORK_INTERFACES, region.name);
    };
    let mut evidence =
        vec![Step::new("vpc-block-public-access", format!("{mode} in {}", region.name))];
    let mut commands = Vec::new();
    for (id, exclusions) in excluded {
        let inside = |one: &&NetworkInterface| one.subnet_id == id || one.vpc_id == id;
        let with =
            read.network_interfaces.iter().filter(inside).filter(|one| one.has_public_address());
        let with = with.count();
        if with > 0 {
            let mut text = format!("left out, with {with} public addresses");
            for (exclusion, state) in &exclusions {
                text.push_str(&format!("; {exclusion} is {state}"));
            }
            evidence.push(Step::of("exclusion", id, text));
            commands.extend(exclusions.into_iter().map(|(exclusion, _)| {
                let named = ["--region", region.name, "--exclusion-id", exclusion];
                let call = ["ec2", "delete-vpc-block-public-access-exclusion"];
                aws(call.into_iter().chain(named))
            }));
        }
    }
    if evidence.len() > 1 {
        let count = evidence.len() - 1;
        evidence.extend(manager(options));
        let title = format!("{} leaves {count} out of its block of public access", region.name);
        let text = "take the exclusions away, or let them allow egress only, where nothing has to \
                    be reached from outside";
        let remediation = Remediation { text: text.to_owned(), commands };
        push(cx, region, found, ("exclusions", title), evidence, remediation);
    }
}

/// Who decides about the switch, where the answer tells.
fn manager(options: &VpcBlockPublicAccessOptions) -> Option<Step> {
    let managed_by = options.managed_by.as_deref()?;
    let who = match managed_by {
        "account" => "the account",
        _ if options.is_of_organization() => "a declarative policy of the organization",
        other => other,
    };
    Some(Step::new("managed-by", format!("managed by {who}")))
}

fn push(
    cx: &Context<'_>,
    region: &Region<'_, '_>,
    found: &mut Findings,
    (way_in, title): (&'static str, String),
    evidence: Vec<Step>,
    remediation: Remediation,
) {
    let place = cx.snapshot.place(region.name);
    let arn = kinds::EC2_REGION.arn(&place, "");
    setting::Off {
        resource: kinds::EC2_REGION.resource_of(&place, region.name, &arn),
        way_in,
        severity: Severity::Low,
        title,
        evidence,
        remediation,
    }
    .report(found);
}
