//! Kubernetes APIs of EKS that the internet can open.

use std::collections::HashSet;

use crate::analysis::aws::network::{Sources, kubernetes_blocks};
use crate::inventory::aws::calls;
use crate::inventory::aws::kinds;
use crate::model::{
    Access, Category, Control, Door, Exposure, Lock, Ports, Protocol, Remediation, Resource,
    Severity, Status, Step, Who, aws,
};
use crate::rules::shapes::port::{self, PortRule, Product};
use crate::rules::{Context, Findings, Found, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "eks-endpoint-public",
    title: "A Kubernetes API is open to the internet",
    category: Category::Exposure,
    severity: Severity::Medium,
    kind: &kinds::EKS_CLUSTER,
    opt_in: false,
    // The only lock, the list of blocks, comes in the same answer as the door.
    never: &[Status::Undetermined],
    reads: &[&[&calls::eks::DESCRIBE_CLUSTER, &calls::eks::LIST_CLUSTERS]],
    reads_more: &[],
    docs: "\
## What it finds
EKS clusters whose Kubernetes API has a public endpoint that the internet can open. The blocks of the
public access list count together: two halves of the internet are the internet.

## Why it matters
Whoever gets hold of a credential of the cluster can use it from anywhere, and the next flaw in the API
server needs no further way in. Clients must sign in, so this is medium; whether the cluster lets
anonymous users do something is not visible from AWS.

## When it is latent
The endpoint is public and its list lets in a small part of the internet only; or the creation of the
cluster failed, or it is being deleted.

## How to close it
Switch the public endpoint off and the private one on, or narrow the list to the addresses from which
people and pipelines work.
",
    evaluate,
};

const SERVICE: PortRule = PortRule {
    kind: &kinds::EKS_CLUSTER,
    // It stands outside the account's VPCs.
    any: |_| false,
    severity: |listener| severity(listener.sources),
    product: |_| Product::Named("Kubernetes API"),
    close,
};

fn severity(sources: Sources) -> Severity {
    match sources {
        Sources::Internet => Severity::Medium,
        Sources::Broad | Sources::Narrow => Severity::Low,
    }
}

fn close(region: &str, id: &str) -> Remediation {
    Remediation {
        text: "switch the public endpoint off, or narrow its list of blocks to the addresses that \
               need it"
            .to_owned(),
        commands: vec![aws([
            "eks",
            "update-cluster-config",
            "--region",
            region,
            "--name",
            id,
            "--resources-vpc-config",
            "endpointPublicAccess=false,endpointPrivateAccess=true",
        ])],
    }
}

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    port::evaluate_service(cx, found, &SERVICE);
    for region in cx.regions() {
        let rows = region.network().rows.iter();
        let open: HashSet<&str> = rows
            .filter(|row| row.resource.kind == &kinds::EKS_CLUSTER)
            .map(|row| row.resource.id)
            .collect();
        for (name, described) in &region.services.eks.describe_cluster {
            let access = described.cluster.resources_vpc_config.as_ref();
            let Some(blocks) = kubernetes_blocks(access) else { continue };
            if !open.contains(name.as_str()) {
                let place = region.place();
                let arn = described.cluster.arn.clone();
                let arn = arn.unwrap_or_else(|| kinds::EKS_CLUSTER.arn(&place, name));
                let resource = kinds::EKS_CLUSTER.resource_of(&place, name, &arn);
                found.push(bounded(resource, &blocks));
            }
        }
    }
}

/// A public endpoint whose list lets in a small part of the internet only.
fn bounded(resource: Resource, blocks: &[&str]) -> Found {
    let name = &resource.id;
    let door = Door::open([Step::of("cluster", name, "its Kubernetes API has a public endpoint")]);
    let lock = Lock::Shut(Control {
        control: "public-access-cidrs".to_owned(),
        text: format!("the endpoint lets in {} only", blocks.join(", ")),
    });
    Found {
        title: format!("tcp 443 (Kubernetes API) of {name} would be open to the internet"),
        way_in: "latent",
        severity: severity(Sources::Internet),
        exposure: Some(Exposure {
            who: Who::Anyone.into(),
            access: vec![Access::Connect],
            ports: vec![Ports { protocol: Protocol::Tcp, from: Some(443), to: Some(443) }],
            source: Some(Sources::Narrow),
            cidrs: blocks.iter().map(|block| (*block).to_owned()).collect(),
            ..Exposure::default()
        }),
        verdict: door.behind([lock]),
        remediation: close(&resource.region, name),
        resource,
    }
}
