//! Tests of all parts together, and the runs that the tests of single parts start from.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::model::Outcome;
use crate::model::Status;
use crate::model::{
    Category, Coverage, Exposure, Finding, GLOBAL, Remediation, Resource, Run, SCHEMA_VERSION,
    Scan, Severity, Summary, Suppressed, Tool, Who, fingerprint,
};

/// A finding of `rule` on the bucket `name`.
pub fn finding(rule: &str, name: &str, status: Status, severity: Severity) -> Finding {
    let arn = format!("arn:aws:s3:::{name}");
    Finding {
        fingerprint: fingerprint(rule, &arn, "policy"),
        rule: rule.to_owned(),
        category: Category::Exposure,
        status,
        severity,
        default_severity: None,
        baseline: None,
        resource: Resource::of_arn(&arn, "aws.s3.bucket", name, "us-east-1", "111111111111"),
        title: format!("anyone can read {name}"),
        exposure: Some(Exposure { who: Who::Anyone.into(), ..Exposure::default() }),
        evidence: Vec::new(),
        blocked_by: Vec::new(),
        undecided: Vec::new(),
        remediation: Remediation::default(),
        benchmarks: Default::default(),
    }
}

/// The same on an instance, whose ARN names account and region.
pub fn instance(rule: &str, name: &str, status: Status, severity: Severity) -> Finding {
    let mut finding = finding(rule, name, status, severity);
    let arn = format!("arn:aws:ec2:us-east-1:111111111111:instance/{name}");
    finding.fingerprint = fingerprint(rule, &arn, "ports");
    finding.resource = finding.resource.with_arn(&arn);
    finding
}

/// A complete run with these findings.
pub fn run_of(findings: Vec<Finding>) -> Run {
    Run {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: "outcrop".to_owned(), version: "0.1.0".to_owned() },
        accepted: None,
        scan: Scan {
            provider: "aws".to_owned(),
            accounts: vec!["111111111111".to_owned()],
            regions: vec!["us-east-1".to_owned()],
            rules: vec!["a".to_owned(), "b".to_owned()],
            not_examined: Vec::new(),
            started_at: Some("2026-11-24T02:00:00Z".to_owned()),
            finished_at: Some("2026-11-24T02:00:09Z".to_owned()),
            complete: true,
            api_calls: 7,
        },
        summary: Summary::of(&findings, 0),
        actions: Vec::new(),
        findings,
        suppressed: Vec::new(),
        coverage: Vec::new(),
    }
}

/// A complete run with one finding of each rule.
pub fn run() -> Run {
    run_of(vec![
        finding("a", "open", Status::Exposed, Severity::Critical),
        finding("b", "shut", Status::Latent, Severity::Medium),
    ])
}

fn unread(rule: &str, resource: Option<&str>, region: &str) -> Coverage {
    Coverage {
        service: "s3".to_owned(),
        operation: "GetBucketPolicy".to_owned(),
        account: "111111111111".to_owned(),
        region: region.to_owned(),
        resource: resource.map(str::to_owned),
        outcome: Outcome::Denied,
        code: None,
        message: String::new(),
        affects: vec![rule.to_owned()],
    }
}

fn names(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.resource.id.as_str()).collect()
}

#[test]
fn what_came_went_and_changed_is_told_apart() {
    use Severity::{Critical, High};
    let old = run_of(vec![
        finding("a", "stays", Status::Exposed, Critical),
        finding("a", "goes", Status::Exposed, Critical),
        finding("a", "opens", Status::Latent, High),
        finding("a", "shuts", Status::Exposed, Critical),
    ]);
    let mut wider = finding("a", "wider", Status::Exposed, High);
    let mut old = Run { findings: [old.findings, vec![wider.clone()]].concat(), ..old };
    old.summary = Summary::of(&old.findings, 0);
    wider.exposure = Some(Exposure { who: Who::AnyAws.into(), ..Exposure::default() });
    let new = run_of(vec![
        finding("a", "stays", Status::Exposed, Critical),
        finding("a", "comes", Status::Exposed, High),
        finding("a", "opens", Status::Exposed, Critical),
        finding("a", "shuts", Status::Latent, Severity::Medium),
        wider,
    ]);
    let drift = diff(&old, &new);
    assert_eq!(names(&drift.new), ["comes"]);
    assert_eq!(names(&drift.fixed), ["goes"]);
    assert_eq!(drift.unchanged, 1);
    let changed: Vec<_> = drift
        .changed
        .iter()
        .map(|c| (c.now.resource.id.as_str(), c.fields.clone(), c.is_worse()))
        .collect();
    let both = vec![Field::Status, Field::Severity];
    assert_eq!(
        changed,
        [("opens", both.clone(), true), ("wider", vec![Field::Who], false), ("shuts", both, false)]
    );
    let worse: Vec<_> = drift.worse().map(|f| f.resource.id.as_str()).collect();
    assert_eq!(worse, ["comes", "opens"]);
    assert_eq!(names(&drift.as_run(&new).findings), ["opens", "comes"]);
}

#[test]
fn a_finding_is_fixed_only_where_its_rule_could_look_again() {
    let bucket = || finding("a", "b1", Status::Exposed, Severity::Critical);
    let machine = || instance("a", "i-0123456789abcdef0", Status::Undetermined, Severity::High);
    let latent = || finding("a", "b1", Status::Latent, Severity::Medium);
    let gone = || run_of(Vec::new());
    let with = |coverage| Run { coverage: vec![coverage], ..gone() };
    let ec2 = |resource, region| {
        let service = "ec2".to_owned();
        Coverage { service, ..unread("a", Some(resource), region) }
    };
    let scan = |change: fn(&mut Scan)| {
        let mut run = gone();
        change(&mut run.scan);
        run
    };
    let cases: Vec<(&str, Finding, Run, bool)> = vec![
        ("looked again", bucket(), gone(), true),
        ("this bucket unread", bucket(), with(unread("a", Some("b1"), "eu-west-1")), false),
        ("another bucket unread", bucket(), with(unread("a", Some("b2"), "us-east-1")), true),
        ("another rule unread", bucket(), with(unread("b", Some("b1"), "us-east-1")), true),
        ("the listing unread", bucket(), with(unread("a", None, "eu-west-1")), false),
        ("the region unread", machine(), with(unread("a", None, "us-east-1")), false),
        ("another region unread", machine(), with(unread("a", None, "eu-west-1")), true),
        ("itself unread", machine(), with(ec2("i-0123456789abcdef0", "us-east-1")), false),
        ("another one unread", machine(), with(ec2("i-0fedcba9876543210", "us-east-1")), true),
        ("what it depends on", machine(), with(ec2("pl-0fedcba9876543210", "us-east-1")), false),
        ("the same elsewhere", machine(), with(ec2("pl-0fedcba9876543210", "eu-west-1")), true),
        ("the whole account unread", machine(), with(unread("a", None, GLOBAL)), false),
        ("a name that ends like it", bucket(), with(unread("a", Some("1"), "us-east-1")), true),
        ("shut before", latent(), with(unread("a", Some("b1"), "us-east-1")), false),
        ("shut before, not looked at", latent(), scan(|scan| scan.rules.clear()), true),
        ("rule not applied", bucket(), scan(|scan| scan.rules = vec!["b".to_owned()]), false),
        ("account not scanned", bucket(), scan(|scan| scan.accounts.clear()), false),
        ("region not scanned", machine(), scan(|scan| scan.regions.clear()), false),
        ("bucket of a region not scanned", bucket(), scan(|scan| scan.regions.clear()), true),
    ];
    for (what, finding, new, fixed) in cases {
        let drift = diff(&run_of(vec![finding]), &new);
        assert_eq!(drift.fixed.len(), usize::from(fixed), "{what}");
        assert_eq!(drift.no_longer_visible.len(), usize::from(!fixed), "{what}");
    }
}

#[test]
fn a_finding_that_is_named_by_its_status_is_the_same_one_in_another() {
    let named = |status: Status, severity| Finding {
        fingerprint: fingerprint("a", "arn:aws:s3:::b", status.as_str()),
        ..finding("a", "b", status, severity)
    };
    let latent = run_of(vec![named(Status::Latent, Severity::Low)]);
    let open = run_of(vec![named(Status::Exposed, Severity::High)]);
    let drift = diff(&latent, &open);
    assert_eq!((drift.new.len(), drift.changed.len(), drift.fixed.len()), (0, 1, 0));
    assert_eq!(drift.worse().count(), 1);
    let back = diff(&open, &latent);
    assert_eq!((back.changed.len(), back.worse().count()), (1, 0));
    // One went and two came: nobody knows which is which.
    let both =
        run_of([latent.findings, vec![named(Status::Undetermined, Severity::High)]].concat());
    let drift = diff(&open, &both);
    assert_eq!((drift.new.len(), drift.changed.len(), drift.fixed.len()), (2, 0, 1));
}

#[test]
fn what_a_run_counts_and_does_not_list_is_neither_new_nor_fixed() {
    let latent = finding("a", "shut", Status::Latent, Severity::Medium);
    let listed = run_of(vec![latent.clone()]);
    let counted = Run { findings: Vec::new(), ..listed.clone() };
    for (old, new) in [(&listed, &counted), (&counted, &listed)] {
        let drift = diff(old, new);
        assert!(drift.new.is_empty() && drift.fixed.is_empty(), "{drift:?}");
        assert_eq!(drift.not_compared, 1);
    }
    // It is open now: that is new, whatever was not listed before.
    let open = Finding { status: Status::Exposed, severity: Severity::Critical, ..latent };
    assert_eq!(diff(&counted, &run_of(vec![open])).new.len(), 1);
}

#[test]
fn what_the_configuration_leaves_out_is_not_fixed() {
    let old = run();
    let mut new = run();
    let gone = new.findings.remove(0);
    new.summary = Summary::of(&new.findings, 1);
    new.suppressed.push(Suppressed {
        fingerprint: gone.fingerprint.clone(),
        rule: gone.rule.clone(),
        resource: gone.resource.uid,
        reason: "a website".to_owned(),
    });
    let drift = diff(&old, &new);
    assert_eq!(names(&drift.suppressed), ["open"]);
    assert!(drift.fixed.is_empty() && drift.no_longer_visible.is_empty());
}

#[test]
fn merged_runs_hold_everything_once() {
    let mut east = run();
    east.coverage.push(unread("a", None, "us-east-1"));
    east.scan.complete = false;
    let mut west = run();
    west.scan.regions = vec!["eu-west-1".to_owned()];
    west.scan.accounts = vec!["222222222222".to_owned()];
    west.scan.started_at = Some("2026-11-24T01:00:00Z".to_owned());
    west.scan.finished_at = Some("2026-11-24T03:00:00Z".to_owned());
    west.findings[0].severity = Severity::High;
    west.findings.push(instance("a", "i-1", Status::Exposed, Severity::Low));
    west.summary = Summary::of(&west.findings, 0);
    for runs in [vec![east.clone(), west.clone()], vec![west.clone(), east.clone()]] {
        let merged = merge(runs).expect("of one kind");
        assert_eq!(names(&merged.findings), ["open", "shut", "i-1"]);
        assert_eq!(merged.findings[0].severity, Severity::High, "the later run's form");
        assert_eq!(merged.scan.accounts, ["111111111111", "222222222222"]);
        assert_eq!(merged.scan.regions, ["eu-west-1", "us-east-1"]);
        assert_eq!(merged.scan.started_at.as_deref(), Some("2026-11-24T01:00:00Z"));
        assert_eq!(merged.scan.finished_at.as_deref(), Some("2026-11-24T03:00:00Z"));
        assert_eq!((merged.scan.complete, merged.scan.api_calls), (false, 14));
        assert_eq!(merged.coverage, east.coverage);
        assert_eq!(merged.summary.exposed[&Severity::High], 1);
        assert_eq!(merged.summary.latent, 1);
    }
    let once = merge(vec![east.clone()]).expect("one run");
    assert_eq!(once, east, "a run merged with nothing is itself");
}

#[test]
fn runs_of_different_kinds_are_not_merged() {
    assert_eq!(merge(Vec::new()), Err(NotMergeable::Nothing));
    let other = Run { schema_version: 2, ..run() };
    assert!(matches!(merge(vec![run(), other]), Err(NotMergeable::Versions(..))));
    let mut other = run();
    other.scan.provider = "gcp".to_owned();
    assert!(matches!(merge(vec![run(), other]), Err(NotMergeable::Providers(..))));
    let mut other = run();
    other.scan.rules = vec!["a".to_owned(), "c".to_owned()];
    assert_eq!(not_everywhere(&[run(), other]), ["b", "c"]);
}

fn any_finding() -> impl Strategy<Value = Finding> {
    let rule = prop::sample::select(vec!["a", "b"]);
    let status = prop::sample::select(Status::ALL.to_vec());
    let severity = prop::sample::select(Severity::ALL.to_vec());
    (rule, "[x-z]{1,2}", status, severity, any::<bool>()).prop_map(
        |(rule, name, status, severity, bucket)| match bucket {
            true => finding(rule, &name, status, severity),
            false => instance(rule, &name, status, severity),
        },
    )
}

fn any_run() -> impl Strategy<Value = Run> {
    let coverage = prop::collection::vec(
        (prop::sample::select(vec!["a", "b"]), prop::option::of("[x-z]{1,2}"))
            .prop_map(|(rule, resource)| unread(rule, resource.as_deref(), "us-east-1")),
        0..3,
    );
    (prop::collection::vec(any_finding(), 0..12), coverage).prop_map(|(findings, coverage)| {
        // A run holds a fingerprint once.
        let mut seen = BTreeSet::new();
        let findings: Vec<_> =
            findings.into_iter().filter(|f| seen.insert(f.fingerprint.clone())).collect();
        Run { coverage, ..run_of(findings) }
    })
}

fn fingerprints<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> BTreeSet<&'a str> {
    findings.into_iter().map(|finding| finding.fingerprint.as_str()).collect()
}

proptest! {
    #[test]
    fn two_findings_never_share_a_fingerprint(
        one in ("[a-z-]{0,6}", "[a-z:/]{0,6}", "[a-z:-]{0,6}"),
        other in ("[a-z-]{0,6}", "[a-z:/]{0,6}", "[a-z:-]{0,6}"),
    ) {
        let of = |(rule, arn, way_in): &(String, String, String)| fingerprint(rule, arn, way_in);
        prop_assert_eq!(one == other, of(&one) == of(&other));
        // The same letters with the borders between the parts elsewhere.
        let all = format!("{}{}{}", one.0, one.1, one.2);
        let borders = (0..=all.len()).flat_map(|i| (i..=all.len()).map(move |j| (i, j)));
        let made: BTreeSet<_> =
            borders.map(|(i, j)| fingerprint(&all[..i], &all[i..j], &all[j..])).collect();
        prop_assert_eq!(made.len(), (all.len() + 1) * (all.len() + 2) / 2);
    }

    #[test]
    fn a_run_differs_in_nothing_from_itself(run in any_run()) {
        let drift = diff(&run, &run);
        prop_assert_eq!(drift.unchanged, run.findings.len() as u64);
        prop_assert_eq!(drift, Drift { unchanged: run.findings.len() as u64, ..Drift::default() });
    }

    #[test]
    fn what_is_new_in_one_direction_is_gone_in_the_other(a in any_run(), b in any_run()) {
        let (there, back) = (diff(&a, &b), diff(&b, &a));
        let unseen = back.no_longer_visible.iter().map(|unseen| &unseen.finding);
        let gone = back.fixed.iter().chain(unseen).chain(&back.suppressed);
        prop_assert_eq!(fingerprints(&there.new), fingerprints(gone));
        prop_assert_eq!(there.changed.len(), back.changed.len());
        prop_assert_eq!(there.unchanged, back.unchanged);
    }

    #[test]
    fn merging_in_any_order_and_twice_gives_the_same_findings(a in any_run(), b in any_run()) {
        let all = |runs: Vec<Run>| merge(runs).expect("of one kind");
        let once = all(vec![a.clone(), b.clone()]);
        let turned = all(vec![b.clone(), a]);
        prop_assert_eq!(fingerprints(&once.findings), fingerprints(&turned.findings));
        let again = all(vec![once.clone(), b]);
        prop_assert_eq!(fingerprints(&again.findings), fingerprints(&once.findings));
        prop_assert_eq!(once.summary, Summary::of(&once.findings, 0));
    }

    #[test]
    fn no_text_makes_the_reader_of_runs_panic(text in ".{0,80}") {
        let _ = parse(&text);
    }
}
