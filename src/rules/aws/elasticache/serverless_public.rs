//! Caches of ElastiCache Serverless with an endpoint on the internet.

use crate::inventory::aws::calls::elasticache::DESCRIBE_SERVERLESS_CACHES;
use crate::inventory::aws::elasticache::ServerlessCache;
use crate::inventory::aws::kinds;
use crate::model::{
    Access, Category, Door, Exposure, Ports, Protocol, Remediation, Severity, Sources, Status,
    Step, Who,
};
use crate::rules::{Context, Findings, Found, Region, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "elasticache-serverless-public",
    title: "A serverless cache is open to the internet",
    category: Category::Exposure,
    severity: Severity::Medium,
    kind: &kinds::ELASTICACHE_SERVERLESS_CACHE,
    opt_in: false,
    // Nothing stands before the endpoint, and the list tells all of it.
    never: &[Status::Latent, Status::Undetermined],
    reads: &[&[&DESCRIBE_SERVERLESS_CACHES]],
    reads_more: &[],
    docs: "\
## What it finds
Caches of ElastiCache Serverless whose connection type is `public`: they have an endpoint on the internet,
without a VPC, security group or network ACL before it. Those of type `vpc`, which is the default, have
none.

## Why it matters
Everyone can open a connection to the cache, and whoever gets hold of a credential can read and change it
from anywhere. ElastiCache asks such caches for TLS and for IAM authentication of all their users, and the
type takes an explicit choice, so this is medium.

## When it is latent
Never. The connection type is set when a cache is made and cannot be changed. A cache that is being made or
deleted, or whose making failed, is no finding.

## How to close it
Make a cache of connection type `vpc` from a snapshot of this one, let its clients use that, and delete this
one. Until then, keep the user group to the users that are needed.
",
    evaluate,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    for region in cx.regions() {
        let listed = &region.services.elasticache.describe_serverless_caches;
        let Some(listed) = listed.read() else {
            found.unread(&DESCRIBE_SERVERLESS_CACHES, region.name);
            continue;
        };
        for cache in &listed.serverless_caches {
            match is_public(cache) {
                // What made the file did not know connection types.
                None => found.unread(&DESCRIBE_SERVERLESS_CACHES, region.name),
                Some(true) if is_there(cache) => found.push(open(&region, cache)),
                Some(_) => {}
            }
        }
    }
}

/// Whether its endpoint is on the internet. The type is `vpc` unless it was chosen (ElastiCache API
/// reference, CreateServerlessCache), but where an answer lacks it only subnets prove that.
fn is_public(cache: &ServerlessCache) -> Option<bool> {
    match cache.connection_type.as_deref() {
        Some(kind) => Some(kind == "public"),
        None => (!cache.subnet_ids.is_empty()).then_some(false),
    }
}

/// Whether clients can connect: not while it is being made or deleted, nor when that failed. What
/// else a status says stops nothing that is known (ElastiCache API reference, ServerlessCache).
fn is_there(cache: &ServerlessCache) -> bool {
    let status = cache.status.as_deref().unwrap_or_default().to_ascii_lowercase();
    !matches!(status.as_str(), "creating" | "create-failed" | "deleting")
}

fn open(region: &Region<'_, '_>, cache: &ServerlessCache) -> Found {
    let name = cache.serverless_cache_name.as_str();
    let place = region.place();
    let kind = &kinds::ELASTICACHE_SERVERLESS_CACHE;
    let told = cache.arn.clone();
    let resource = kind.resource_of(&place, name, &told.unwrap_or_else(|| kind.arn(&place, name)));
    let endpoint = cache.endpoint.as_ref();
    // The port of Valkey, which alone has public endpoints (ElastiCache user guide, serverless
    // caches with a public endpoint).
    let port = endpoint.and_then(|to| to.port).and_then(|port| port.try_into().ok());
    let port = port.unwrap_or(6379);
    let mut evidence = vec![
        Step::new("internet", "anyone on the internet can send packets to a public endpoint"),
        Step::of(
            "cache",
            name,
            "its connection type is `public`: the endpoint is on the internet, without a VPC, \
             security group or network ACL before it",
        ),
    ];
    if let Some(address) = endpoint.and_then(|to| to.address.as_deref()) {
        evidence.push(Step::of("endpoint", address, format!("answers on tcp {port}, with TLS")));
    }
    let text = "ElastiCache asks all users of a public cache for IAM authentication";
    evidence.push(Step::new("note", text));
    Found {
        way_in: "endpoint",
        severity: Severity::Medium,
        title: format!("anyone can connect to serverless cache {name} on tcp {port}"),
        exposure: Some(Exposure {
            who: Who::Anyone.into(),
            access: vec![Access::Connect],
            ports: vec![Ports { protocol: Protocol::Tcp, from: Some(port), to: Some(port) }],
            source: Some(Sources::Internet),
            ..Exposure::default()
        }),
        verdict: Door::open(evidence).behind([]),
        remediation: Remediation::in_words(
            "make a cache of connection type vpc from a snapshot of this one, let its clients use \
             that, and delete this one: the connection type of a cache cannot be changed",
        ),
        resource,
    }
}
