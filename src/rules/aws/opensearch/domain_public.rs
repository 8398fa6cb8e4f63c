//! Domains of OpenSearch Service that the internet may search, change or take over.

use std::collections::BTreeSet;

use crate::analysis::aws::policy::Access;
use crate::analysis::aws::policy::effective::Bearer;
use crate::inventory::aws::calls::opensearch::{DESCRIBE_DOMAINS, LIST_DOMAIN_NAMES};
use crate::inventory::aws::kinds;
use crate::inventory::aws::opensearch::Domain;
use crate::model::{
    self, Category, Control, Exposure, Known, Lock, Remediation, Severity, Status, Step, aws,
};
use crate::rules::change::Change;
use crate::rules::shapes::named::NamedKind;
use crate::rules::shapes::policy::{self, PolicyRule, Said, Ways};
use crate::rules::{Context, Findings, Region, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "opensearch-domain-public",
    title: "A domain of OpenSearch is open to the internet",
    category: Category::Exposure,
    severity: Severity::Critical,
    kind: &kinds::OPENSEARCH_DOMAIN,
    opt_in: false,
    never: &[],
    reads: &[&[&DESCRIBE_DOMAINS, &LIST_DOMAIN_NAMES]],
    reads_more: &[],
    docs: "\
## What it finds
Domains of OpenSearch Service, those of Elasticsearch among them, with an endpoint on the internet and an
access policy that lets anyone in: the service takes requests without a signature where a policy allows
everyone. Conditions are judged, addresses too: a policy that admits an office only is not public, one
that admits half of the internet is. Fine-grained access control asks for a user of the domain whatever
the policy says: such a domain shows a login to the internet, and is medium. No index is read.

## Why it matters
What lies in a search domain is what a company writes down about its customers: logs of calls, messages,
places. Open clusters are found within hours, read in one request an index, and often held to ransom.

## When it is latent
The policy lets anyone in, and the domain sits in a VPC, so that only who is inside reaches it; or a Deny
statement of the policy, or a resource control policy of the organization, leaves nothing of it; or the
domain is being made or deleted.

## How to close it
Name who may use the domain in its policy, or put it into a VPC, and switch fine-grained access control
on. Assume that what was in it was read.
",
    evaluate,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    let zone = cx.zone_of_trust();
    for region in cx.regions() {
        let opensearch = &region.services.opensearch;
        let listed = opensearch.list_domain_names.read();
        if listed.is_none() {
            found.unread(&LIST_DOMAIN_NAMES, region.name);
        }
        let Some(read) = opensearch.describe_domains.read() else {
            if listed.is_some_and(|listed| !listed.domain_names.is_empty()) {
                found.unread(&DESCRIBE_DOMAINS, region.name);
            }
            continue;
        };
        for domain in &read.domain_status_list {
            let bearer = bearer(&region, domain);
            policy::report(found, bearer, &zone, |bearer, ways| {
                let left = own_account(bearer, region.place().account);
                let change = Change::policy(
                    &kinds::OPENSEARCH_DOMAIN,
                    &bearer.resource,
                    bearer.asked_of,
                    Some(left.clone()),
                );
                let first = match ways.status {
                    Status::Latent => {
                        "name who may use the domain in its policy, so that nothing depends on \
                         what keeps others out now"
                    }
                    _ => {
                        "name who may use the domain in its policy, or put it into a VPC, and \
                         switch fine-grained access control on"
                    }
                };
                Said {
                    severity: severity(domain, &ways.access()),
                    title: title(domain, ways),
                    exposure: exposure(domain, ways),
                    verdict: ways.verdict("OpenSearch", &[]),
                    remediation: Remediation {
                        text: format!(
                            "{first}; the command lets the own account in instead of everyone"
                        ),
                        commands: vec![put(bearer, &left)],
                    },
                    changes: change.into_iter().collect(),
                }
            });
        }
    }
}

/// What it lends to the rule about outsiders who are named.
pub static NAMED: NamedKind = NamedKind::of(&RULE, &SHAPE);

const SHAPE: PolicyRule = PolicyRule {
    noun: "domain",
    service: "OpenSearch",
    list: &LIST_DOMAIN_NAMES,
    bearers,
    further: None,
    severity: |_| Severity::Critical,
    closing: Some("the command lets the own account in instead"),
    leaves: Some(|domain| own_account(domain, &domain.resource.account)),
    close: |domain| put(domain, &own_account(domain, &domain.resource.account)),
    put,
};

/// The command that puts another policy in the place of a domain's.
fn put(domain: &Bearer<'_>, policy: &str) -> String {
    let named = ["--region", &domain.resource.region, "--domain-name", domain.asked_of];
    let command = ["opensearch", "update-domain-config"].into_iter().chain(named);
    aws(command.chain(["--access-policies", policy]))
}

fn bearers<'a>(region: &Region<'_, 'a>) -> Known<Vec<Bearer<'a>>> {
    let opensearch = &region.services.opensearch;
    if opensearch.list_domain_names.read().is_some_and(|listed| listed.domain_names.is_empty()) {
        return Known::Read(Vec::new());
    }
    let described = opensearch.describe_domains.as_ref();
    described.map(|read| read.domain_status_list.iter().map(|one| bearer(region, one)).collect())
}

fn bearer<'a>(region: &Region<'_, 'a>, domain: &'a Domain) -> Bearer<'a> {
    let (place, name) = (region.place(), domain.domain_name.as_str());
    let kind = &kinds::OPENSEARCH_DOMAIN;
    let arn = domain.arn.clone().unwrap_or_else(|| kind.arn(&place, name));
    Bearer {
        resource: kind.resource_of(&place, name, &arn),
        policy: Known::Read(domain.access_policies.as_deref().filter(|text| !text.is_empty())),
        asked: &DESCRIBE_DOMAINS,
        asked_of: name,
        further: Vec::new(),
        locks: locks(domain),
    }
}

/// What stands before a domain beside its policy.
fn locks(domain: &Domain) -> Vec<Lock> {
    let name = domain.domain_name.as_str();
    let shut =
        |control: &str, text: String| Lock::Shut(Control { control: control.to_owned(), text });
    let mut locks = Vec::new();
    match domain.vpc() {
        // It has no public endpoint (OpenSearch Service developer guide, "Launching your Amazon
        // OpenSearch Service domains within a VPC").
        Some(vpc) => {
            locks.push(shut("vpc", format!("{name} sits in {vpc} and answers inside of it alone")));
        }
        None => {
            let endpoint = domain.endpoint.as_deref().unwrap_or(name);
            let text = "a public endpoint: no VPC, security group or network ACL is before it";
            locks.push(Lock::Open(Step::of("endpoint", endpoint, text)));
        }
    }
    if domain.deleted == Some(true) {
        locks.push(shut("opensearch-state", format!("{name} is being deleted")));
    } else if domain.created == Some(false) {
        locks.push(shut("opensearch-state", format!("{name} is being made")));
    }
    // Fine-grained access control decides after the policy (OpenSearch Service developer guide,
    // "Fine-grained access control": "if a resource-based access policy allows […], then").
    let options = domain.advanced_security_options.as_ref();
    let text = if domain.asks_for_a_user() {
        "fine-grained access control asks for a user of the domain: this is its login"
    } else if options.is_some_and(|options| options.enabled == Some(true)) {
        "fine-grained access control lets requests without a user through"
    } else {
        "fine-grained access control is off: who passes the policy has all of it"
    };
    locks.push(Lock::Open(Step::of("access-control", name, text)));
    locks
}

/// Who passes the policy of a domain that asks for a user gets to its login and no further.
fn title(domain: &Domain, ways: &Ways<'_>) -> String {
    let name = &domain.domain_name;
    if !domain.asks_for_a_user() {
        return ways.title(&format!("domain {name}"));
    }
    let who = ways.who_says();
    match ways.status {
        Status::Latent => format!("{who} could reach the login of domain {name} but for a control"),
        Status::Undetermined => format!("{who} may be able to reach the login of domain {name}"),
        _ => format!("{who} can reach the login of domain {name}"),
    }
}

fn exposure(domain: &Domain, ways: &Ways<'_>) -> Exposure {
    let mut exposure = ways.exposure();
    if domain.asks_for_a_user() {
        exposure.access = vec![model::Access::Connect];
    }
    exposure
}

fn severity(domain: &Domain, access: &BTreeSet<Access>) -> Severity {
    let data = [Access::Read, Access::Write, Access::Permissions, Access::Other];
    match domain.asks_for_a_user() || !data.iter().any(|class| access.contains(class)) {
        true => Severity::Medium,
        false => Severity::Critical,
    }
}

/// A policy that lets the own account in: a domain with a public endpoint needs one or fine-grained
/// access control (OpenSearch Service developer guide, "Identity and Access Management").
fn own_account(bearer: &Bearer<'_>, account: &str) -> String {
    let arn = &bearer.resource.uid;
    let partition = &bearer.resource.partition;
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:{partition}:iam::{account}:root"}},"Action":"es:*","Resource":"{arn}/*"}}]}}"#
    )
}
