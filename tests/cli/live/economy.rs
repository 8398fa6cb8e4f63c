//! What a scan asks for: few calls, only reads, and exactly what the printed policy allows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::live::{ask, aws};
use crate::support::judged::found;
use crate::support::loopback::{
    Answer, Call, Loopback, Rule, a_readable_organization, on, snapshots_of_the_emulator,
};
use crate::support::moto::moto;
use crate::support::run::outcrop;

/// What EC2 is asked in a region where something has a public address and nothing calls for more.
const EVERY_REGION: [&str; 12] = [
    "DescribeAddresses",
    "DescribeImages",
    "DescribeInstances",
    "DescribeInternetGateways",
    "DescribeNetworkAcls",
    "DescribeNetworkInterfaces",
    "DescribeRouteTables",
    "DescribeSecurityGroups",
    "DescribeSnapshots",
    "DescribeSubnets",
    "DescribeVpcBlockPublicAccessOptions",
    "DescribeVpcs",
];

#[test]
fn a_mixed_fleet_costs_at_most_3_calls_a_bucket_and_12_ec2_calls_a_region() {
    let filled = moto().filled("fleet", "200000000001");
    let aws = aws(&filled, []);
    let regions = ["us-east-1", "eu-west-1", "ap-southeast-2"];
    let ran = ask(&aws, &filled, ["scan", "-f", "json", "-r", &regions.join(",")]).run();
    let report = ran.exits(1).json();
    let calls = aws.calls();
    assert_eq!(report["scan"]["api_calls"], calls.len(), "{:#?}", aws.counts());

    let buckets = filled.buckets.len();
    let s3 = calls.iter().filter(|call| call.service == "s3" && call.resource.is_some()).count();
    assert_eq!(buckets, 200);
    assert!(s3 <= 3 * buckets, "{s3} calls for {buckets} buckets: {:#?}", aws.counts());
    let twice: Vec<_> = repeated(&calls).into_iter().filter(|(_, n)| *n > 1).collect();
    assert!(twice.is_empty(), "asked twice: {twice:#?}");

    for operation in ["elb:DescribeLoadBalancers", "elbv2:DescribeLoadBalancers"] {
        assert_eq!(aws.counts()[operation], regions.len(), "one list of {operation} a region");
    }
    assert!(!aws.counts().contains_key("elbv2:DescribeTargetGroups"), "there is nothing to follow");
    for region in regions {
        let ec2 = calls.iter().filter(|call| call.service == "ec2" && call.region == region);
        let mut asked: Vec<_> = ec2.map(|call| call.operation.as_str()).collect();
        asked.retain(|operation| *operation != "DescribeRegions");
        asked.sort_unstable();
        assert_eq!(asked, EVERY_REGION, "in {region}");
    }
}

/// How often each bucket was asked the same thing.
fn repeated(calls: &[Call]) -> BTreeMap<(String, String), usize> {
    let mut counts = BTreeMap::new();
    for call in calls {
        if let Some(bucket) = &call.resource {
            *counts.entry((bucket.clone(), call.operation.clone())).or_default() += 1;
        }
    }
    counts
}

#[test]
fn no_bucket_is_asked_anything_where_the_account_shuts_every_way_in() {
    let filled = moto().filled("shut", "400000000001");
    let aws = aws(&filled, []);
    let rules = "s3-bucket-public";
    let arguments = ["scan", "-f", "json", "-r", "us-east-1", "--rule", rules];
    let report = ask(&aws, &filled, arguments).run().exits(0).json();
    let s3: Vec<_> = aws.calls().into_iter().filter(|call| call.resource.is_some()).collect();
    assert_eq!(s3, [], "the listing is enough");
    assert!(found(&report).iter().all(|one| one.status == "latent"), "{:#?}", found(&report));
    assert_eq!(report["scan"]["complete"], true);
    assert_eq!(report["scan"]["api_calls"], aws.calls().len());
}

#[test]
fn what_is_behind_a_load_balancer_is_asked_for_where_the_internet_gets_in_and_once() {
    let filled = moto().filled("balanced", "200000000004");
    let aws = aws(&filled, []);
    let arguments = ["scan", "-f", "json", "-r", "us-east-1", "--rule", "elb"];
    ask(&aws, &filled, arguments).run().exits(1);
    let calls = aws.calls();
    let about = |operation: &str| -> Vec<String> {
        let own =
            calls.iter().filter(|call| call.service == "elbv2" && call.operation == operation);
        // …:loadbalancer/app/shop/50dc… and …:targetgroup/shop-targets/50dc…
        let name = |arn: &String| {
            let parts: Vec<_> = arn.split('/').collect();
            parts[parts.iter().position(|p| ["app", "net"].contains(p)).unwrap_or(0) + 1].to_owned()
        };
        let mut names: Vec<_> =
            own.map(|call| call.resource.as_ref().map_or(String::new(), name)).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(about("DescribeLoadBalancers"), [""]);
    // All but the internal one.
    let facing = [
        "apart-cache",
        "apart-shop",
        "cache",
        "guarded",
        "holed",
        "office",
        "page",
        "partner",
        "search",
        "shop",
    ];
    assert_eq!(about("DescribeListeners"), facing);
    // Nobody but the office gets in to `office`, and nobody at all to the VPC without a gateway.
    let ruled = ["cache", "guarded", "holed", "page", "partner", "search", "shop"];
    assert_eq!(about("DescribeRules"), ruled);
    assert_eq!(about("DescribeTargetGroups"), [""]);
    let groups = ["cache-targets", "guarded-targets", "holed-targets"];
    assert_eq!(about("DescribeTargetGroupAttributes"), groups);
    // A partner's addresses are few, but those of several rules together may be many.
    let followed = [
        "cache-targets",
        "guarded-targets",
        "holed-targets",
        "partner-targets",
        "search-targets",
        "shop-targets",
    ];
    assert_eq!(about("DescribeTargetHealth"), followed);
}

#[test]
fn verbose_output_counts_the_calls() {
    let filled = moto().filled("small", "200000000003");
    let aws = aws(&filled, []);
    let ran = ask(&aws, &filled, ["scan", "-v", "-r", "us-east-1"]).run().exits(1);
    let calls = aws.calls().len().to_string();
    assert!(ran.stderr.contains(&calls) || ran.stdout.contains(&calls), "{calls} calls\n{ran}");
}

/// The IAM action of a call (AWS Service Authorization Reference); none for what needs none.
fn action(call: &Call) -> Option<String> {
    Some(match (call.service.as_str(), call.operation.as_str()) {
        ("sts", "GetCallerIdentity") => return None,
        ("s3", "ListBuckets") => "s3:ListAllMyBuckets".to_owned(),
        ("s3", "ListObjectsV2") => "s3:ListBucket".to_owned(),
        ("s3", "GetPublicAccessBlock") => "s3:GetBucketPublicAccessBlock".to_owned(),
        ("s3control", "GetPublicAccessBlock") => "s3:GetAccountPublicAccessBlock".to_owned(),
        ("s3control", operation) => format!("s3:{operation}"),
        ("elb" | "elbv2", operation) => format!("elasticloadbalancing:{operation}"),
        ("opensearch", operation) => format!("es:{operation}"),
        (service, operation) => format!("{service}:{operation}"),
    })
}

/// Scans that together bring out every call, also those for rare cases.
fn recorded() -> BTreeSet<String> {
    let optional = moto().filled("optional", "400000000002");
    let shut = moto().filled("shut", "400000000001");
    let empty = moto().filled("private", "400000000003");
    let balanced = moto().filled("balanced", "200000000004");
    let services = moto().filled("services", "400000000004");
    let block = on(
        "ec2",
        "DescribeVpcBlockPublicAccessOptions",
        Answer::Recorded("ec2/DescribeVpcBlockPublicAccessOptions.block-bidirectional.xml"),
    );
    let exclusions = on(
        "ec2",
        "DescribeVpcBlockPublicAccessExclusions",
        Answer::Recorded("ec2/DescribeVpcBlockPublicAccessExclusions.xml"),
    );
    let edge =
        on("ec2", "DescribeRouteTables", Answer::Recorded("ec2/DescribeRouteTables.edge.xml"));
    let listed = on("s3", "ListBuckets", Answer::Recorded("s3/ListBuckets.without-region.xml"));
    let place = on("s3", "GetBucketLocation", Answer::Recorded("s3/GetBucketLocation.xml"));
    let points = [
        ("ListAccessPoints", "s3control/ListAccessPoints.one.xml"),
        ("GetAccessPoint", "s3control/GetAccessPoint.xml"),
        ("GetAccessPointPolicy", "s3control/GetAccessPointPolicy.xml"),
        ("ListMultiRegionAccessPoints", "s3control/ListMultiRegionAccessPoints.one.xml"),
        ("GetMultiRegionAccessPointPolicy", "s3control/GetMultiRegionAccessPointPolicy.xml"),
    ]
    .map(|(operation, file)| on("s3control", operation, Answer::Recorded(file)));
    let shared = [
        ("ec2", "DescribeImages", "ec2/DescribeImages.own.xml"),
        ("ec2", "DescribeImageAttribute", "ec2/DescribeImageAttribute.xml"),
        ("lambda", "ListLayers", "lambda/ListLayers.one.json"),
        ("lambda", "ListLayerVersions", "lambda/ListLayerVersions.json"),
        ("lambda", "GetLayerVersionPolicy", "lambda/GetLayerVersionPolicy.json"),
    ]
    .map(|(service, operation, file)| on(service, operation, Answer::Recorded(file)));
    let scans: [(_, Vec<Rule>, &[&str]); 10] = [
        (&balanced, vec![], &[]),
        (&optional, vec![], &[]),
        (&optional, vec![], &["--latent", "--category", "all", "--sample-objects", "5"]),
        (&shut, vec![block, exclusions], &["--latent", "--category", "all"]),
        (&empty, vec![edge], &["--latent"]),
        (&empty, vec![listed, place], &[]),
        (&empty, points.into(), &[]),
        (&empty, a_readable_organization().into(), &["--category", "all"]),
        (&empty, shared.into(), &["--category", "sharing"]),
        (&services, vec![snapshots_of_the_emulator()], &["--latent"]),
    ];
    let mut actions = BTreeSet::new();
    for (filled, rules, arguments) in scans {
        let aws: Loopback = aws(filled, rules);
        // Which regions there are is asked for only when none is named.
        let regions = ["--exclude-region", "*-west-*,*-north-*,*-south*,*-central-*,*-northeast-*"];
        let base = ["scan", "-f", "json"];
        let run = ask(&aws, filled, base).args(regions).args(arguments.iter().copied()).run();
        assert!(matches!(run.status.code(), Some(0 | 1 | 3)), "{run}");
        actions.extend(aws.calls().iter().filter_map(action));
    }
    actions
}

/// How the names of calls begin that change nothing.
const READS: [&str; 4] = ["BatchGet", "Describe", "Get", "List"];

#[test]
fn the_printed_policy_is_exactly_what_scans_use() {
    let everything = ["permissions", "-f", "json", "--category", "all", "--sample-objects", "5"];
    let policy = outcrop(everything).run().exits(0).json();
    let statements = policy["Statement"].as_array().expect("a policy with statements");
    let mut allowed = BTreeSet::new();
    for statement in statements {
        assert_eq!(statement["Effect"], "Allow", "{statement}");
        let actions = match &statement["Action"] {
            Value::String(one) => vec![one.clone()],
            list => serde_json::from_value(list.clone()).expect("actions are texts"),
        };
        allowed.extend(actions);
    }
    for action in &allowed {
        assert!(!action.contains('*'), "{action} is a wildcard");
        let (_, verb) = action.split_once(':').expect("service:Action");
        let read = READS.iter().any(|read| verb.starts_with(read));
        assert!(read, "{action} is no read");
        assert_ne!(action, "s3:GetObject", "what customers stored is not read");
    }
    assert_eq!(allowed, recorded());
}

#[test]
fn nothing_but_reads_is_ever_sent() {
    let filled = moto().filled("company", "200000000002");
    let aws = aws(&filled, []);
    let everything = ["scan", "--latent", "--category", "all", "-f", "json", "-r", "us-east-1"];
    let ran = ask(&aws, &filled, everything).run();
    assert_eq!(ran.status.code(), Some(1), "{ran}");
    for call in aws.calls() {
        assert!(READS.iter().any(|verb| call.operation.starts_with(verb)), "{call:?}");
        if call.service.starts_with("s3") {
            assert!(call.line.starts_with("GET "), "{call:?}");
        }
    }
}
