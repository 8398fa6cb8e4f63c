//! What single findings must say, where their golden form does not tell why.

use outcrop::model::{Finding, Status};
use outcrop::rules::{RULES, judge};

use super::cases::{bases, context, judged, merged, snapshot};

/// The findings of a rule on one of its fixtures.
fn of_fixture(rule: &str, fixture: &str) -> Vec<Finding> {
    let rule = RULES.iter().find(|known| known.id == rule).unwrap();
    judged(rule, fixture).findings
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
    assert_eq!(of("exposed_by_a_header_value"), case("medium", group, "data", http));
    let kibana = "tcp 5601 (Kibana) of kibana behind dash is open to the internet";
    assert_eq!(of("exposed_login_optional"), case("high", group, "kibana", kibana));
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
    let [command] = found.remediation.commands.as_slice() else { panic!("one command") };
    assert!(command.starts_with("aws elbv2 deregister-targets "), "{command}");
    assert!(command.ends_with(" --targets Id=i-db,Port=9200"), "{command}");
}

#[test]
fn a_port_behind_two_load_balancers_is_one_open_door_with_two_ways() {
    let facts = merged(&bases().join("load-balancer-behind-two-others.json"));
    let snapshot = snapshot(&facts);
    let rule = RULES.iter().find(|rule| rule.id == "elb-public").unwrap();
    let judged = judge(&context(&snapshot), &[rule]);
    assert!(judged.coverage.is_empty(), "{:#?}", judged.coverage);
    let inner: Vec<_> = judged.findings.iter().filter(|one| one.resource.id == "inner").collect();
    let [one] = inner.as_slice() else { panic!("{inner:#?}") };
    assert_eq!(one.status, Status::Exposed, "not latent as well: its scheme is internal");
    let ways = one.evidence.iter().filter(|step| step.kind == "internet").count();
    assert_eq!(ways, 2, "{:#?}", one.evidence);
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
        let coverage = judged(rule, fixture).coverage;
        let [entry] = coverage.as_slice() else { panic!("{fixture}: one call: {coverage:#?}") };
        assert_eq!((entry.service.as_str(), entry.operation.as_str()), ("elbv2", call));
        let about = entry.resource.as_deref().unwrap_or_default();
        assert!(about.contains(part), "{fixture}: {entry:?}");
    }
}

#[test]
fn an_access_point_tells_whose_deny_shuts_it_and_what_aws_calls_its_policy() {
    let rule = RULES.iter().find(|rule| rule.id == "s3-access-point-public").unwrap();
    let of = |case| judged(rule, case).findings.remove(0);
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
