//! Managed services, as the emulator holds them.

use crate::live::{ask, aws};
use crate::support::judged::{assert_true, unseen};
use crate::support::loopback::{Answer, on, snapshots_of_the_emulator};
use crate::support::moto::moto;

const ACCOUNT: &str = "400000000004";

#[test]
fn every_managed_service_is_judged_as_it_was_built() {
    let filled = moto().filled("services", ACCOUNT);
    let aws = aws(&filled, [snapshots_of_the_emulator()]);
    let arguments = ["scan", "--latent", "-f", "json", "-r", "us-east-1"];
    let report = ask(&aws, &filled, arguments).run().exits(1).json();
    assert_eq!(unseen(&report), [], "everything was read");
    assert_true(&report, &filled.truth, &["exposed", "undetermined", "latent"]);
}

#[test]
fn what_tells_only_latent_findings_is_asked_only_for_those() {
    let filled = moto().filled("services", ACCOUNT);
    let aws = aws(&filled, [snapshots_of_the_emulator()]);
    let arguments = ["scan", "-f", "json", "-r", "us-east-1,eu-west-1"];
    let report = ask(&aws, &filled, arguments).run().exits(1).json();
    assert_eq!(unseen(&report), [], "what is not asked is not missed");
    assert_true(&report, &filled.truth, &["exposed", "undetermined"]);
    let counts = aws.counts();
    assert!(!counts.keys().any(|call| *call == "elasticache:DescribeCacheClusters"), "{counts:#?}");
    assert!(!counts.keys().any(|call| call.starts_with("memorydb:")), "{counts:#?}");
    let groups: Vec<_> =
        aws.calls().into_iter().filter(|c| c.operation == "DescribeClusterSubnetGroups").collect();
    assert_eq!(groups.len(), 1, "only where a warehouse may be reached: {groups:#?}");
    assert_eq!(groups[0].region, "us-east-1");
    assert_eq!(counts["mq:DescribeBroker"], 3, "{counts:#?}");
    assert_eq!(counts["eks:DescribeCluster"], 4, "{counts:#?}");
    // Where there is a repository; AWS managed keys cost a list, and only open keys a description.
    for (call, times) in [
        ("ecr:DescribeRepositories", 2),
        ("ecr:GetRegistryPolicy", 1),
        ("kms:ListKeys", 2),
        ("kms:ListAliases", 1),
        ("kms:GetKeyPolicy", 5),
        ("kms:DescribeKey", 2),
    ] {
        assert_eq!(counts[call], times, "{call}: {counts:#?}");
    }
}

#[test]
fn a_refused_description_leaves_that_one_unjudged() {
    let filled = moto().filled("services", ACCOUNT);
    let refused = [
        snapshots_of_the_emulator(),
        on("ecr", "GetRegistryPolicy", Answer::Denied),
        on("eks", "DescribeCluster", Answer::Denied).of("kubernetes"),
        on("mq", "ListBrokers", Answer::Denied),
        on("redshift", "DescribeClusterSubnetGroups", Answer::Denied),
    ];
    let aws = aws(&filled, refused);
    let arguments = ["scan", "-f", "json", "-r", "us-east-1"];
    let report = ask(&aws, &filled, arguments).run().exits(1).json();
    let mut truth = filled.truth.clone();
    truth.retain(|line| line["rule"] != "mq-broker-public" && line["id"] != "kubernetes");
    for line in &mut truth {
        let hidden = ["ecr-repository-public", "redshift-cluster-public"];
        let of_hidden = hidden.iter().any(|rule| line["rule"] == *rule);
        if of_hidden && line["status"] == "exposed" {
            line["status"] = "undetermined".into();
        }
    }
    assert_true(&report, &truth, &["exposed", "undetermined"]);
    let unseen: Vec<_> =
        unseen(&report).into_iter().map(|u| (u.call, u.resource, u.outcome)).collect();
    let denied = |call: &str, resource: Option<&str>| {
        (call.to_owned(), resource.map(str::to_owned), "denied".to_owned())
    };
    let expected = [
        denied("ecr:GetRegistryPolicy", None),
        denied("eks:DescribeCluster", Some("kubernetes")),
        denied("mq:ListBrokers", None),
        denied("redshift:DescribeClusterSubnetGroups", None),
    ];
    assert_eq!(unseen, expected);
}
