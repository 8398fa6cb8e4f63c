//! The registry, and every rule over its fixtures. A new folder under `fixtures/rules` is a new
//! test; the first word of a file's name says what is expected of it.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::inventory::Snapshot;
use crate::model::Category;
use crate::model::Status;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules")
}

fn judged(path: &Path, rule: &'static Rule) -> Judgement {
    let text = fs::read_to_string(path).unwrap();
    let mut snapshots: Vec<Snapshot> = Vec::new();
    crate::inventory::load(&text, |snapshot| snapshots.push(snapshot))
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let now = "2026-11-01T00:00:00Z".parse().unwrap();
    judge(&Context::new(&snapshots[0], now), &[rule])
}

#[test]
fn every_rule_says_of_its_fixtures_what_their_names_say() {
    let mut wrong = Vec::new();
    for rule in RULES {
        let mut cases: Vec<_> = fs::read_dir(folder().join(rule.id))
            .unwrap_or_else(|error| panic!("fixtures/rules/{}: {error}", rule.id))
            .map(|entry| entry.unwrap().path())
            .collect();
        cases.sort();
        for case in cases {
            let name = case.file_stem().unwrap().to_str().unwrap().to_owned();
            let found = judged(&case, rule);
            let statuses: Vec<_> = found.findings.iter().map(|finding| finding.status).collect();
            let complete = found.coverage.is_empty();
            let as_said = match name.split('_').next().unwrap() {
                "exposed" => statuses == [Status::Exposed] && complete,
                "latent" => statuses == [Status::Latent] && complete,
                "weakness" => statuses == [Status::Weakness] && complete,
                "closed" => statuses.is_empty() && complete,
                "door" => statuses.is_empty() && !complete,
                "lock" => statuses == [Status::Undetermined] && !complete,
                "undetermined" => statuses == [Status::Undetermined] && complete,
                other => panic!("{}: `{other}` says nothing", case.display()),
            };
            if !as_said {
                wrong.push(format!("{}/{name}: {found:#?}", rule.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_the_fixtures_that_can_be() {
    for rule in RULES {
        let names: BTreeSet<_> = fs::read_dir(folder().join(rule.id))
            .unwrap()
            .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        let needed: &[&str] = match rule.category {
            // What these are about is never open by itself.
            Category::Exposure
                if ["cache-cluster-security-group-open", "ec2-security-group-open"]
                    .contains(&rule.id) =>
            {
                &["latent", "closed", "door_unread"]
            }
            // What is behind a load balancer that is shut is not followed.
            Category::Exposure if rule.id == "elb-sensitive-target-public" => {
                &["exposed", "closed", "door_unread", "lock_unread"]
            }
            // Its own list of blocks comes with the door.
            Category::Exposure if rule.id == "eks-endpoint-public" => {
                &["exposed", "latent", "closed", "door_unread"]
            }
            Category::Exposure | Category::Sharing => {
                &["exposed", "latent", "closed", "door_unread", "lock_unread"]
            }
            Category::Guardrail | Category::Hygiene => &["weakness", "closed", "door_unread"],
        };
        for name in needed {
            assert!(names.contains(*name), "{} has no fixture {name}.json", rule.id);
        }
    }
    for folder in fs::read_dir(folder()).unwrap() {
        let name = folder.unwrap().file_name().into_string().unwrap();
        assert!(RULES.iter().any(|rule| rule.id == name), "fixtures/rules/{name} is of no rule");
    }
}

#[test]
fn the_registry_is_sorted_and_every_page_is_whole() {
    assert!(RULES.windows(2).all(|pair| pair[0].id < pair[1].id), "sorted, no id twice");
    for rule in RULES {
        let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(rule.id.chars().all(kebab), "{} is not kebab-case", rule.id);
        assert!(rule.kind.name.starts_with("aws."), "{}", rule.id);
        assert!(!rule.title.ends_with('.') && rule.title.len() <= 72, "{}", rule.title);
        let mut rest = rule.docs;
        for heading in HEADINGS {
            let start = rest.find(heading).unwrap_or_else(|| panic!("{}: {heading}", rule.id));
            rest = &rest[start + heading.len()..];
            let text = rest.split("\n## ").next().unwrap().trim();
            assert!(text.len() > 20, "{}: nothing under {heading}", rule.id);
        }
        assert!(!rule.reads.is_empty(), "{} reads nothing", rule.id);
        let (family, rest) = rule.id.split_once('-').unwrap();
        let file = format!("src/rules/aws/{family}/{}.rs", rest.replace('-', "_"));
        let stands = Path::new(env!("CARGO_MANIFEST_DIR")).join(&file).exists();
        assert!(stands || ["cache", "eni"].contains(&family), "{file} is missing");
    }
}

/// The findings of a rule on one of its fixtures.
fn of_fixture(rule: &str, fixture: &str) -> Vec<crate::model::Finding> {
    let rule = RULES.iter().find(|known| known.id == rule).unwrap();
    judged(&folder().join(rule.id).join(format!("{fixture}.json")), rule).findings
}

#[test]
fn a_published_port_is_as_bad_as_what_listens_and_what_comes_through_allow() {
    let of = |fixture| {
        let found = of_fixture("elb-sensitive-target-public", fixture).remove(0);
        (found.severity.as_str(), found.resource.kind, found.resource.id, found.title)
    };
    let group = "aws.elb.target-group";
    let case = |severity, kind: &str, id: &str, title: &str| {
        (severity, kind.to_owned(), id.to_owned(), title.to_owned())
    };
    assert_eq!(
        of("exposed"),
        case(
            "critical",
            group,
            "data",
            "tcp 5432 (PostgreSQL/PgBouncer) of i-db behind front is open to the internet"
        )
    );
    let http = "tcp 9200 (Elasticsearch/OpenSearch) of i-db behind front is open to the internet";
    assert_eq!(of("exposed_http"), case("high", group, "data", http), "only HTTP comes through");
    assert_eq!(of("exposed_after_login"), case("medium", group, "data", http));
    assert_eq!(
        of("exposed_classic"),
        case(
            "critical",
            "aws.elb.load-balancer",
            "old",
            "tcp 6379 (Redis) of i-db behind old is open to the internet"
        )
    );
}

#[test]
fn the_proof_of_a_published_port_goes_step_by_step_to_the_target() {
    let found = of_fixture("elb-sensitive-target-public", "exposed_by_a_rule").remove(0);
    let kinds: Vec<&str> = found.evidence.iter().map(|step| &*step.kind).collect();
    assert_eq!(
        kinds,
        [
            "internet",
            "internet-gateway",
            "public-address",
            "network-acl",
            "security-group",
            "load-balancer",
            "listener",
            "listener-rule",
            "target-group",
            "security-group",
            "network-interface",
            "instance",
            "reply-route",
            "reply-network-acl"
        ]
    );
    let rule = found.evidence.iter().find(|step| step.kind == "listener-rule").unwrap();
    assert_eq!(rule.text, "rule 10 forwards path-pattern /search*");
    let command = found.remediation.command.unwrap();
    assert!(command.starts_with("aws elbv2 deregister-targets "), "{command}");
    assert!(command.ends_with(" --targets Id=i-db"), "{command}");
}

#[test]
fn what_a_refused_call_about_a_load_balancer_leaves_unjudged_is_named() {
    let rule = RULES.iter().find(|rule| rule.id == "elb-sensitive-target-public").unwrap();
    for (fixture, call, part) in [
        ("door_unread_listeners", "DescribeListeners", "loadbalancer/net/front"),
        ("door_unread_rules", "DescribeRules", "listener/app/front"),
        ("door_unread", "DescribeTargetHealth", "targetgroup/data"),
        ("lock_unread_rules", "DescribeRules", "listener/app/front"),
        ("lock_unread_client_addresses", "DescribeTargetGroupAttributes", "targetgroup/data"),
    ] {
        let path = folder().join(rule.id).join(format!("{fixture}.json"));
        let coverage = judged(&path, rule).coverage;
        let [entry] = coverage.as_slice() else { panic!("{fixture}: one call: {coverage:#?}") };
        assert_eq!((entry.service.as_str(), entry.operation.as_str()), ("elbv2", call));
        let about = entry.resource.as_deref().unwrap_or_default();
        assert!(about.contains(part), "{fixture}: {entry:?}");
    }
}

#[test]
fn findings_of_one_run_never_share_a_fingerprint() {
    let mut seen = BTreeSet::new();
    let demo = include_str!("../../fixtures/demo.json");
    crate::inventory::load(demo, |snapshot| {
        let now = "2026-11-01T00:00:00Z".parse().unwrap();
        for finding in judge(&Context::new(&snapshot, now), RULES).findings {
            assert!(seen.insert(finding.fingerprint.clone()), "{finding:#?}");
        }
    })
    .unwrap();
    assert!(seen.len() > 5);
}

#[test]
fn an_access_point_tells_whose_deny_shuts_it_and_what_aws_calls_its_policy() {
    let rule = RULES.iter().find(|rule| rule.id == "s3-access-point-public").unwrap();
    let of = |case: &str| {
        let found = judged(&folder().join(rule.id).join(format!("{case}.json")), rule);
        found.findings[0].clone()
    };
    let denied = of("latent_denied_by_the_point");
    assert_eq!(denied.blocked_by[0].control, "policy:Deny");
    let text = &denied.blocked_by[0].text;
    assert_eq!(text, "the access point's policy denies all of it (`NoStrangers`)");
    let ruled = of("exposed_aws_does_not_call_it_public");
    let told = ruled.evidence.iter().any(|step| {
        step.text.contains("AWS calls the access point's policy not public; by the wording")
    });
    assert!(told, "{:#?}", ruled.evidence);
}
