//! Tests of decisions that users make beforehand.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};

use super::exceptions::*;
use super::tests::{finding, instance, run_of};
use super::{NamePattern, diff};
use crate::model::Outcome;
use crate::model::Status;
use crate::model::{Coverage, Exposure, Finding, Severity};
use crate::rules::Trusted;

const TODAY: Date = date(2026, 11, 24);
const RULE: &str = "s3-bucket-block-public-access-off";

fn bucket(name: &str) -> Finding {
    finding(RULE, name, Status::Exposed, Severity::Critical)
}

fn ignore() -> Ignore {
    Ignore {
        place: "outcrop.toml:3".to_owned(),
        rules: Vec::new(),
        resource: None,
        account: None,
        region: None,
        reason: "a website".to_owned(),
        expires: None,
    }
}

/// What is left of `findings` under the ignores, and the warnings.
fn left(
    ignores: Vec<Ignore>,
    findings: &[Finding],
    coverage: &[Coverage],
) -> (Vec<String>, Vec<String>) {
    let set = |name: &str| BTreeSet::from([name.to_owned()]);
    let exceptions = Exceptions { ignores, ..Exceptions::default() };
    let mut findings = findings.to_vec();
    let (accounts, regions) = (set("111111111111"), set("us-east-1"));
    let rules = [RULE.to_owned()];
    let scope = RunScope { accounts: &accounts, regions: &regions, rules: &rules, coverage };
    let applied = exceptions.apply(&mut findings, &scope, TODAY);
    (findings.into_iter().map(|finding| finding.resource.id).collect(), applied.warnings)
}

#[test]
fn an_ignore_leaves_out_what_matches_in_every_part() {
    let pattern = |text: &str| Some(NamePattern::of(text));
    let cases = [
        ("nothing given", ignore(), true),
        ("the rule", Ignore { rules: vec![RULE], ..ignore() }, true),
        ("another rule", Ignore { rules: vec!["s3-bucket-public"], ..ignore() }, false),
        ("the ARN", Ignore { resource: pattern("arn:aws:s3:::b"), ..ignore() }, true),
        ("a glob", Ignore { resource: pattern("arn:aws:s3:::*"), ..ignore() }, true),
        ("a part of the ARN", Ignore { resource: pattern("arn:aws:s3:::"), ..ignore() }, false),
        ("the account", Ignore { account: pattern("111111111111"), ..ignore() }, true),
        ("another account", Ignore { account: pattern("2*"), ..ignore() }, false),
        ("regions", Ignore { region: pattern("us-*"), ..ignore() }, true),
        ("other regions", Ignore { region: pattern("eu-*"), ..ignore() }, false),
        (
            "one part does not match",
            Ignore { rules: vec![RULE], region: pattern("eu-*"), ..ignore() },
            false,
        ),
    ];
    for (what, ignore, out) in cases {
        let (names, _) = left(vec![ignore], &[bucket("b")], &[]);
        assert_eq!(names.is_empty(), out, "{what}");
    }
}

#[test]
fn an_expired_ignore_lets_the_finding_back_and_says_so() {
    let until = |day| Ignore { expires: Some(day), ..ignore() };
    let (names, warnings) = left(vec![until(TODAY)], &[bucket("b")], &[]);
    assert_eq!((names.len(), warnings.len()), (0, 0), "it counts on its last day");
    let (names, warnings) = left(vec![until(date(2026, 11, 23))], &[bucket("b")], &[]);
    assert_eq!(names, ["b"]);
    let says = "outcrop.toml:3: this ignore expired on 2026-11-23, and its finding is back";
    assert_eq!(warnings, [says]);
    let both = vec![until(date(2026, 1, 1)), ignore()];
    let (names, warnings) = left(both, &[bucket("b")], &[]);
    assert_eq!((names.len(), warnings.len()), (0, 1), "another one still counts");
}

#[test]
fn an_ignore_without_a_match_is_told_where_everything_was_read() {
    let gap = |resource: Option<&str>, account: &str| Coverage {
        service: "s3".to_owned(),
        operation: "GetPublicAccessBlock".to_owned(),
        account: account.to_owned(),
        region: "us-east-1".to_owned(),
        resource: resource.map(str::to_owned),
        outcome: Outcome::Denied,
        code: None,
        message: String::new(),
        affects: vec![RULE.to_owned()],
    };
    let arn = |text: &str| Ignore { resource: Some(NamePattern::of(text)), ..ignore() };
    let account = |text: &str| Ignore { account: Some(NamePattern::of(text)), ..ignore() };
    let of_rule = |rule| Ignore { rules: vec![rule], ..ignore() };
    let cases = [
        ("all read", arn("arn:aws:s3:::gone"), vec![], true),
        ("this account", account("111111111111"), vec![], true),
        ("an account not in scope", account("222222222222"), vec![], false),
        ("an ARN of one", arn("arn:aws:rds:us-east-1:222222222222:db:x"), vec![], false),
        ("an ARN of a region not in scope", arn("arn:aws:rds:eu-west-1:*:db:x"), vec![], false),
        ("an ARN in scope", arn("arn:aws:rds:us-*:111111111111:db:x"), vec![], true),
        ("a rule not applied", of_rule("s3-bucket-public"), vec![], false),
        ("something unread", arn("arn:aws:s3:::gone"), vec![gap(None, "111111111111")], false),
        ("unread elsewhere", account("111111111111"), vec![gap(None, "222222222222")], true),
    ];
    for (what, ignore, coverage, told) in cases {
        let (_, warnings) = left(vec![ignore], &[], &coverage);
        assert_eq!(warnings.len(), usize::from(told), "{what}: {warnings:?}");
    }
}

fn nowhere() -> RunScope<'static> {
    static NONE: BTreeSet<String> = BTreeSet::new();
    RunScope { accounts: &NONE, regions: &NONE, rules: &[], coverage: &[] }
}

#[test]
fn a_changed_severity_keeps_what_the_rule_says_and_the_rule_of_latent_findings() {
    let severities = [(RULE.to_owned(), Severity::High)].into();
    let exceptions = Exceptions { severities, ..Exceptions::default() };
    for (status, by_rule, now, shown) in [
        (Status::Exposed, Severity::Critical, Severity::High, Some(Severity::Critical)),
        (Status::Exposed, Severity::High, Severity::High, None),
        (Status::Latent, Severity::Medium, Severity::Low, Some(Severity::Medium)),
    ] {
        let mut findings = vec![finding(RULE, "b", status, by_rule)];
        exceptions.apply(&mut findings, &nowhere(), TODAY);
        assert_eq!((findings[0].severity, findings[0].default_severity), (now, shown));
    }
    let mut other = vec![finding("other", "b", Status::Exposed, Severity::Critical)];
    exceptions.apply(&mut other, &nowhere(), TODAY);
    assert_eq!((other[0].severity, other[0].default_severity), (Severity::Critical, None));
}

#[test]
fn whom_the_user_trusts_is_no_exposure() {
    let trusted = Trusted {
        accounts: ["222222222222".to_owned()].into(),
        organizations: ["o-abc".to_owned()].into(),
        ranges: vec!["198.51.0.0/16".parse().expect("a range")],
        ..Trusted::default()
    };
    let exceptions = Exceptions { trusted, ..Exceptions::default() };
    for (who, cidrs, out) in [
        ("account:222222222222", vec![], true),
        ("account:222222222222, org:o-abc", vec![], true),
        ("account:222222222222, account:333333333333", vec![], false),
        ("principal:arn:aws:iam::222222222222:role/x", vec![], true),
        ("org:o-other", vec![], false),
        ("any-aws", vec![], false),
        ("anyone", vec![], false),
        ("", vec![], false),
        ("anyone", vec!["198.51.7.0/24", "198.51.0.0/16"], true),
        ("anyone", vec!["198.51.7.0/24", "203.0.113.0/24"], false),
        ("anyone", vec!["198.0.0.0/8"], false),
        ("anyone", vec!["pl-12345678"], false),
        ("anyone", vec!["::/0"], false),
    ] {
        let mut one = instance(RULE, "i-1", Status::Exposed, Severity::High);
        one.exposure = Some(Exposure {
            who: who.into(),
            cidrs: cidrs.iter().map(|cidr| (*cidr).to_owned()).collect(),
            ..Exposure::default()
        });
        let mut findings = vec![one];
        let applied = exceptions.apply(&mut findings, &nowhere(), TODAY);
        assert_eq!(findings.is_empty(), out, "{who} {cidrs:?}");
        assert_eq!(applied.suppressed.len(), usize::from(out));
    }
}

#[test]
fn what_was_left_out_is_kept_with_its_reason_and_is_not_fixed_in_a_comparison() {
    let old = run_of(vec![bucket("b")]);
    let mut new = old.clone();
    let exceptions = Exceptions { ignores: vec![ignore()], ..Exceptions::default() };
    let applied = exceptions.apply(&mut new.findings, &nowhere(), TODAY);
    new.suppressed = applied.suppressed;
    assert_eq!(new.suppressed[0].reason, "a website");
    assert_eq!(new.suppressed[0].resource, "arn:aws:s3:::b");
    new.summary = crate::model::Summary::of(&new.findings, 1);
    let drift = diff(&old, &new);
    assert_eq!((drift.suppressed.len(), drift.fixed.len()), (1, 0));
}
