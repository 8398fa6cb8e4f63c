//! Load balancers end to end: application, network and classic ones before private machines, holes in
//! network ACLs, a VPC without a gateway.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::live::{ask, aws};
use crate::support::judged::{assert_true, unseen};
use crate::support::loopback::{Answer, on};
use crate::support::moto::moto;
use crate::support::run::outcrop;

const ACCOUNT: &str = "200000000004";

fn finding<'a>(report: &'a Value, rule: &str, id: &str) -> &'a Value {
    let findings = report["findings"].as_array().expect("a list");
    let mut own = findings.iter().filter(|f| f["rule"] == rule && f["resource"]["id"] == id);
    own.next().unwrap_or_else(|| panic!("no {rule} about {id}"))
}

#[test]
fn every_door_is_found_open_or_shut_and_what_is_published_through_it() {
    let filled = moto().filled("balanced", ACCOUNT);
    let aws = aws(&filled, []);
    let arguments = ["scan", "--latent", "-f", "json", "-r", "us-east-1"];
    let report = ask(&aws, &filled, arguments).run().exits(1).json();
    assert_eq!(unseen(&report), [], "everything was read");
    assert_true(&report, &filled.truth, &["exposed", "undetermined", "latent"]);

    let rule = "elb-sensitive-target-public";
    for (id, severity, port) in [
        // Only HTTP comes through the web port of an application load balancer.
        ("shop-targets", "high", 8080),
        ("cache-targets", "critical", 6379),
        ("search-targets", "critical", 9200),
        ("old", "critical", 3306),
    ] {
        let found = finding(&report, rule, id);
        assert_eq!(found["severity"], severity, "{found:#}");
        assert_eq!(
            found["exposure"]["ports"],
            json!([{"protocol": "tcp", "from": port, "to": port}])
        );
    }
    let shop = finding(&report, rule, "shop-targets");
    let kinds: Vec<_> =
        shop["evidence"].as_array().expect("steps").iter().map(|step| &step["kind"]).collect();
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
    let front = finding(&report, "elb-public", "cache");
    assert_eq!(front["severity"], "low");
    let arn = front["resource"]["arn"].as_str().expect("an ARN");
    assert!(arn.contains(":loadbalancer/") && arn.contains("/cache/"), "{arn}");
    for (id, control) in [("inner", "internal-scheme"), ("apart-shop", "no-igw-route")] {
        let found = finding(&report, "elb-public", id);
        assert_eq!(found["blocked_by"][0]["control"], control, "{found:#}");
    }
}

#[test]
fn without_latent_the_same_doors_are_open() {
    let filled = moto().filled("balanced", ACCOUNT);
    let aws = aws(&filled, []);
    let report =
        ask(&aws, &filled, ["scan", "-f", "json", "-r", "us-east-1"]).run().exits(1).json();
    assert_true(&report, &filled.truth, &["exposed", "undetermined"]);
}

#[test]
fn a_load_balancer_whose_listeners_are_refused_is_named_with_the_rules_it_leaves_unjudged() {
    let filled = moto().filled("balanced", ACCOUNT);
    let all = aws(&filled, []);
    let arguments = ["scan", "-f", "json", "-r", "us-east-1", "--rule", "elb"];
    ask(&all, &filled, arguments).run().exits(1);
    let shop = all.calls().into_iter().filter(|call| call.operation == "DescribeListeners");
    let shop = shop.filter_map(|call| call.resource).find(|arn| arn.contains("app/shop/"));
    let shop = shop.expect("its listeners are asked for");

    let aws = aws(&filled, [on("elbv2", "DescribeListeners", Answer::Denied).of(&shop)]);
    let report = ask(&aws, &filled, arguments).run().exits(1).json();
    let unseen = unseen(&report);
    let [entry] = unseen.as_slice() else { panic!("one call is refused: {unseen:#?}") };
    assert_eq!(entry.call, "elbv2:DescribeListeners");
    assert_eq!(entry.resource.as_ref(), Some(&shop));
    assert_eq!(entry.affects, ["elb-public", "elb-sensitive-target-public"]);
    let mut truth = filled.truth.clone();
    truth.retain(|line| !line["id"].as_str().is_some_and(|id| id.starts_with("shop")));
    assert_true(&report, &truth, &["exposed", "undetermined"]);
}

#[test]
fn refused_targets_leave_the_front_door_judged() {
    let filled = moto().filled("balanced", ACCOUNT);
    let aws = aws(&filled, [on("elbv2", "DescribeTargetHealth", Answer::Denied)]);
    let arguments = ["scan", "-f", "json", "-r", "us-east-1", "--rule", "elb", "--fail-on", "low"];
    let report = ask(&aws, &filled, arguments).run().exits(1).json();
    let refused = unseen(&report);
    assert_eq!(refused.len(), 6, "one entry a target group: {refused:#?}");
    for entry in &refused {
        // A target may be another load balancer, which is then open as well.
        assert_eq!(entry.affects, ["elb-public", "elb-sensitive-target-public"]);
        assert!(entry.resource.as_ref().is_some_and(|arn| arn.contains(":targetgroup/")));
    }
    let mut truth = filled.truth.clone();
    // Classic load balancers list their instances themselves.
    truth.retain(|line| line["rule"] == "elb-public" || line["id"] == "old");
    assert_true(&report, &truth, &["exposed", "undetermined"]);
}

fn rows(text: &str) -> BTreeSet<String> {
    let answer: Value = serde_json::from_str(text).expect("one object");
    let rows = answer["exposures"].as_array().expect("a list");
    rows.iter().map(Value::to_string).collect()
}

#[test]
fn reach_says_live_what_it_says_of_a_collected_file() {
    let filled = moto().filled("balanced", ACCOUNT);
    let aws = aws(&filled, []);
    let live = ask(&aws, &filled, ["reach", "-f", "json", "-r", "us-east-1", "--latent"]);
    let live = rows(&live.run().exits(0).stdout);
    let through: Vec<_> = live.iter().filter(|row| row.contains("\"via\":\"lb:cache\"")).collect();
    let [row] = through.as_slice() else { panic!("one row behind `cache`: {live:#?}") };
    for part in ["\"ports\":[[6379,6379]]", "\"sources\":\"internet\"", "\"status\":\"exposed\""] {
        assert!(row.contains(part), "{row}");
    }

    let collect =
        ask(&aws, &filled, ["collect", "-r", "us-east-1", "--latent", "-o", "taken.json"]);
    let taken = collect.run().exits(0);
    let snapshot = std::fs::read_to_string(taken.wrote("taken.json")).expect("a snapshot");
    let from = |arguments: &[&str]| {
        let run = outcrop(["reach", "--from", "taken.json"]).args(arguments.iter().copied());
        run.file("taken.json", &snapshot);
        run.run().exits(0).stdout
    };
    assert_eq!(rows(&from(&["-f", "json"])), live);

    let text = from(&[]);
    let line = text.lines().find(|line| line.contains(":targetgroup/cache-targets/"));
    let line = line.unwrap_or_else(|| panic!("a path in a line:\n{text}"));
    for part in ["the internet, 0.0.0.0/0 -> ", "-> cache (network load balancer) -> ", "; reply: "]
    {
        assert!(line.contains(part), "{part} in {line}");
    }
}
