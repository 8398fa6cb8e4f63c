//! `asff`: the AWS Security Finding Format, for import into Security Hub.
//!
//! One line per batch, each an array for `--findings` of BatchImportFindings: at most 100 findings
//! of one account and region, which is what a call takes. To import them:
//! `split -l 1 run.asff batch-`, then for each file
//! `aws securityhub batch-import-findings --region REGION --findings file://FILE`.
//! Sizes are those of the API reference of Security Hub, type AwsSecurityFinding.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use super::clean::{shorten, visible};
use super::not_seen::{self, NotSeen};
use super::{json, words};
use crate::inventory::aws::kinds;
use crate::model::{Finding, GLOBAL, Run, Severity, Status};

/// Findings that one call takes.
const MOST_IN_BATCH: usize = 100;
const MOST_REQUIREMENTS: usize = 32;
const MOST_STEPS: usize = 20;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SecurityFinding {
    schema_version: &'static str,
    id: String,
    product_arn: String,
    generator_id: String,
    aws_account_id: String,
    created_at: String,
    updated_at: String,
    title: String,
    description: String,
    finding_provider_fields: ProviderFields,
    remediation: Fix,
    product_fields: BTreeMap<String, String>,
    resources: [HubResource; 1],
    compliance: Compliance,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    network_path: Vec<Component>,
    record_state: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ProviderFields {
    severity: SeverityFields,
    types: [&'static str; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SeverityFields {
    label: &'static str,
    original: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Fix {
    recommendation: Recommendation,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Recommendation {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct HubResource {
    r#type: &'static str,
    id: String,
    partition: &'static str,
    region: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Compliance {
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_requirements: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Component {
    component_id: String,
    component_type: String,
}

/// Writes the batches, one a line.
pub fn write(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    let mut places: BTreeMap<(&str, &str), Vec<SecurityFinding>> = BTreeMap::new();
    for finding in &run.findings {
        let resource = &finding.resource;
        let place = (resource.account.as_str(), hub_region(&resource.region));
        places.entry(place).or_default().push(of(finding, run));
    }
    let not_seen = not_seen::of(run);
    for place in &not_seen {
        let at = (place.account, hub_region(place.region));
        places.entry(at).or_default().push(unseen(place, run));
    }
    for findings in places.values() {
        for batch in findings.chunks(MOST_IN_BATCH) {
            json::line(&batch, out)?;
        }
    }
    Ok(())
}

/// A text that the API takes: at most `most` characters, and never blank.
fn text(value: &str, most: usize) -> String {
    let clean = visible(value);
    let text = if clean.chars().count() <= most {
        clean
    } else {
        let keep = clean.char_indices().nth(most - 3).map_or(clean.len(), |(at, _)| at);
        format!("{}...", &clean[..keep])
    };
    if text.trim().is_empty() { "-".into() } else { text }
}

/// Security Hub lives in regions: global resources are reported where global APIs answer.
fn hub_region(region: &str) -> &str {
    if region == GLOBAL { "us-east-1" } else { region }
}

/// The partitions that Security Hub knows (API reference, Resource).
fn hub_partition(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "aws-cn",
        "aws-us-gov" => "aws-us-gov",
        _ => "aws",
    }
}

fn of(finding: &Finding, run: &Run) -> SecurityFinding {
    let resource = &finding.resource;
    let (partition, region) = (hub_partition(&resource.partition), hub_region(&resource.region));
    let account = &resource.account;
    let at = time(run);
    let mut lines = vec![format!("{}: {}", finding.status.as_str(), finding.title)];
    lines.extend(words::details(finding));
    let requirement = |(name, ids): (&String, &Vec<String>)| {
        ids.iter().map(|id| text(&format!("{name} {id}"), 64)).collect::<Vec<_>>()
    };
    let fix = words::fix(&finding.remediation);
    SecurityFinding {
        schema_version: "2018-10-08",
        id: text(&format!("outcrop/{}", finding.fingerprint), 512),
        product_arn: product(partition, region, account),
        generator_id: text(&format!("outcrop/{}", finding.rule), 512),
        aws_account_id: text(account, 12),
        created_at: at.clone(),
        updated_at: at,
        title: text(&finding.title, 256),
        description: text(&shorten(&lines.join("; "), 4_096), 1024),
        finding_provider_fields: ProviderFields {
            severity: SeverityFields {
                label: label(finding.severity),
                original: finding.severity.as_str(),
            },
            types: [finding_type(finding)],
        },
        remediation: Fix { recommendation: Recommendation { text: text(&fix, 512) } },
        product_fields: product_fields(finding),
        resources: [HubResource {
            r#type: resource_type(&resource.kind),
            id: text(&resource.uid, 512),
            partition,
            region: text(region, 16),
        }],
        compliance: Compliance {
            status: match finding.status {
                Status::Exposed => "FAILED",
                Status::Undetermined | Status::Latent | Status::Weakness => "WARNING",
            },
            related_requirements: finding
                .benchmarks
                .iter()
                .flat_map(requirement)
                .take(MOST_REQUIREMENTS)
                .collect(),
        },
        network_path: network_path(finding),
        record_state: "ACTIVE",
    }
}

/// What was not seen, as a finding about the account: `NOT_AVAILABLE` says that a check could not be
/// performed (API reference of Security Hub, Compliance), and its own findings about an account are
/// of the resource `AWS::::Account:…`.
fn unseen(place: &NotSeen<'_>, run: &Run) -> SecurityFinding {
    // An account names no partition; its resources do.
    let same_account = |finding: &&Finding| finding.resource.account == place.account;
    let of_account = run.findings.iter().find(same_account);
    let regions = std::iter::once(place.region).chain(run.scan.regions.iter().map(String::as_str));
    let partition = match of_account {
        Some(finding) => &finding.resource.partition,
        None => regions
            .map(crate::inventory::partition_of)
            .find(|partition| *partition != "aws")
            .unwrap_or("aws"),
    };
    let (partition, region) = (hub_partition(partition), hub_region(place.region));
    let (account, at, title) = (place.account, time(run), place.title());
    let lines = [vec![title.clone()], place.details()].concat();
    let fix =
        "let the scan make these calls; `outcrop permissions` prints the policy that it needs";
    SecurityFinding {
        schema_version: "2018-10-08",
        id: text(&format!("outcrop/{}/{}", not_seen::CHECK, place.fingerprint()), 512),
        product_arn: product(partition, region, account),
        generator_id: format!("outcrop/{}", not_seen::CHECK),
        aws_account_id: text(account, 12),
        created_at: at.clone(),
        updated_at: at,
        title: text(&title, 256),
        description: text(&shorten(&lines.join("; "), 4_096), 1024),
        finding_provider_fields: ProviderFields {
            severity: SeverityFields { label: "INFORMATIONAL", original: not_seen::CHECK },
            types: ["Software and Configuration Checks/AWS Security Best Practices"],
        },
        remediation: Fix { recommendation: Recommendation { text: text(fix, 512) } },
        product_fields: BTreeMap::from([("outcrop/status".to_owned(), not_seen::CHECK.to_owned())]),
        resources: [HubResource {
            r#type: "AwsAccount",
            id: text(&format!("AWS::::Account:{account}"), 512),
            partition,
            region: text(region, 16),
        }],
        compliance: Compliance { status: "NOT_AVAILABLE", related_requirements: Vec::new() },
        network_path: Vec::new(),
        record_state: "ACTIVE",
    }
}

/// The time is required; a run without one is as old as can be.
fn time(run: &Run) -> String {
    let at = run.scan.finished_at.as_deref().or(run.scan.started_at.as_deref());
    at.and_then(|at| at.parse::<jiff::Timestamp>().ok()).unwrap_or_default().to_string()
}

fn product(partition: &str, region: &str, account: &str) -> String {
    let product =
        format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default");
    text(&product, 2048)
}

fn label(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "CRITICAL",
        Severity::High => "HIGH",
        Severity::Medium => "MEDIUM",
        Severity::Low => "LOW",
    }
}

fn finding_type(finding: &Finding) -> &'static str {
    let ports = finding.exposure.as_ref().is_some_and(|exposure| !exposure.ports.is_empty());
    match ports {
        true => {
            "Software and Configuration Checks/AWS Security Best Practices/Network Reachability"
        }
        false => "Software and Configuration Checks/AWS Security Best Practices",
    }
}

fn product_fields(finding: &Finding) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    let mut put = |key: &str, value: &str| {
        if !value.is_empty() {
            fields.insert(format!("outcrop/{key}"), text(value, 2048));
        }
    };
    put("status", finding.status.as_str());
    put("baseline", words::standing(finding));
    put("category", finding.category.as_str());
    put("who", &words::exposure_line(finding));
    let controls: Vec<&str> = finding.blocked_by.iter().map(|c| c.control.as_str()).collect();
    put("blocked_by", &controls.join(", "));
    let unknown: Vec<String> = finding.undecided.iter().map(words::unknown).collect();
    put("undecided", &unknown.join("; "));
    fields
}

/// The steps of a network proof that are things.
fn network_path(finding: &Finding) -> Vec<Component> {
    if finding.exposure.as_ref().is_none_or(|exposure| exposure.ports.is_empty()) {
        return Vec::new();
    }
    let steps = finding.evidence.iter().take(MOST_STEPS);
    steps
        .filter_map(|step| {
            let id = text(step.id.as_deref()?, 512);
            Some(Component { component_id: id, component_type: text(&step.kind, 64) })
        })
        .collect()
}

/// Security Hub takes `Other` for what it has no name for.
fn resource_type(kind: &str) -> &'static str {
    kinds::named(kind).map_or("Other", |kind| kind.asff)
}
