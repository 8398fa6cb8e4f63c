//! How judging scales with what it finds: accounts of 1,000, 10,000 and 100,000 instances that the
//! internet can open, from the text of a dump to findings and to what to do first, and the exponents
//! of the times from one size to the next. 1 is linear; naming each finding by a walk over all
//! instances would be 2. One security group opens all of them, or each has its own: then a change
//! closes one finding, and there are as many that may be the best.
//!
//! `cargo bench --no-default-features --bench rules [instances] [-- --enforce]`

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Instant;

use outcrop::inventory::{Snapshot, load};
use outcrop::rules::{Context, RULES, Rule, judge};
use outcrop::triage::actions::{self, Again};

/// An exponent above this is no longer linear in any sense.
const MOST: f64 = 1.3;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let enforce = arguments.iter().any(|argument| argument == "--enforce");
    let only: Option<usize> = arguments.iter().find_map(|argument| argument.parse().ok());
    let sizes = only.map_or(vec![1_000, 10_000, 100_000], |size| vec![size]);
    println!("groups  instances  findings  load s  judge s  exponent  first s  exponent");
    let mut held = true;
    for (groups, own_group) in [("one", false), ("own", true)] {
        let mut before: Option<(usize, f64, f64)> = None;
        for size in &sizes {
            let (judged, first) = measure(groups, *size, own_group, before, &mut held);
            before = Some((*size, judged, first));
        }
    }
    if enforce && !held {
        eprintln!("judging is not linear in what it finds");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Seconds of judging an account, and of finding what to do first in it.
fn measure(
    groups: &str,
    size: usize,
    own_group: bool,
    before: Option<(usize, f64, f64)>,
    held: &mut bool,
) -> (f64, f64) {
    let text = dump(size, own_group);
    let began = Instant::now();
    let (mut loaded, mut judged, mut first, mut findings) = (0.0, 0.0, 0.0, 0);
    load(&text, |snapshot| {
        loaded = began.elapsed().as_secs_f64();
        let context = |snapshot| Context::new(snapshot, jiff::Timestamp::UNIX_EPOCH);
        let judgement = judge(&context(&snapshot), RULES);
        let found = judgement.findings.iter();
        findings = found.clone().filter(|one| one.rule == "ec2-port-public-database").count();
        judged = began.elapsed().as_secs_f64() - loaded;
        let again = |snapshot: &Snapshot, region: Option<&str>, rules: &[&'static Rule]| {
            let cx = Context::new(snapshot, jiff::Timestamp::UNIX_EPOCH).only_in(region);
            judge(&cx, rules).findings
        };
        let counted = found.map(|one| (one.fingerprint.clone(), one.severity)).collect();
        let again = Again { rules: RULES, judge: &again };
        let actions = actions::first(snapshot, &judgement, &counted, &again);
        first = began.elapsed().as_secs_f64() - loaded - judged;
        assert_eq!(actions.len(), if own_group { 5 } else { 1 });
        let each = if own_group { 1 } else { size };
        assert!(actions.iter().all(|action| action.closes.len() == each));
    })
    .expect("the dump is valid");
    let mut exponent = |now: f64, then: fn((usize, f64, f64)) -> f64| {
        let exponent =
            before.map(|before| (now / then(before)).ln() / (size as f64 / before.0 as f64).ln());
        *held &= exponent.is_none_or(|exponent| exponent <= MOST);
        exponent.map_or(String::new(), |exponent| format!("{exponent:.2}"))
    };
    let of_judging = exponent(judged, |before| before.1);
    let of_first = exponent(first, |before| before.2);
    println!(
        "{groups:>6}  {size:>9}  {findings:>8}  {loaded:>6.2}  {judged:>7.2}  {of_judging:>8}  \
         {first:>7.2}  {of_first:>8}"
    );
    assert_eq!(findings, size, "each instance is found");
    (judged, first)
}

/// A region in which every instance has a public address and MongoDB open to the internet, by one
/// security group or by its own.
fn dump(instances: usize, own_group: bool) -> String {
    let mut interfaces = String::new();
    let mut machines = String::new();
    let mut groups = String::new();
    let name = |n: usize| if own_group { format!("sg-{n}") } else { "sg-0".to_owned() };
    for n in 0..if own_group { instances } else { 1 } {
        let comma = if n == 0 { "" } else { "," };
        let group = name(n);
        let _ = write!(
            groups,
            r#"{comma}{{"GroupId":"{group}","VpcId":"vpc-1",
            "IpPermissions":[{{"IpProtocol":"tcp","FromPort":27017,"ToPort":27017,
            "IpRanges":[{{"CidrIp":"0.0.0.0/0"}}]}}]}}"#
        );
    }
    for n in 0..instances {
        let comma = if n == 0 { "" } else { "," };
        let (high, low) = (n / 250, n % 250 + 1);
        let group = name(n);
        let _ = write!(
            interfaces,
            r#"{comma}{{"NetworkInterfaceId":"eni-{n:017x}","SubnetId":"subnet-1","VpcId":"vpc-1",
            "Status":"in-use","OwnerId":"111122223333","Groups":[{{"GroupId":"{group}"}}],
            "Attachment":{{"InstanceId":"i-{n:017x}","DeviceIndex":0,"Status":"attached"}},
            "PrivateIpAddresses":[{{"PrivateIpAddress":"10.{}.{}.{low}","Primary":true,
            "Association":{{"PublicIp":"198.51.100.1"}}}}]}}"#,
            high / 250,
            high % 250
        );
        let _ = write!(
            machines,
            r#"{comma}{{"InstanceId":"i-{n:017x}","State":{{"Name":"running"}},
            "Tags":[{{"Key":"Name","Value":"messages-{n}"}}]}}"#
        );
    }
    format!(
        r#"{{"account":"111122223333","region":"eu-west-1","ec2":{{
        "DescribeNetworkInterfaces":{{"NetworkInterfaces":[{interfaces}]}},
        "DescribeInstances":{{"Reservations":[{{"Instances":[{machines}]}}]}},
        "DescribeSecurityGroups":{{"SecurityGroups":[{groups}]}},
        "DescribeVpcs":{{"Vpcs":[{{"VpcId":"vpc-1"}}]}},
        "DescribeSubnets":{{"Subnets":[{{"SubnetId":"subnet-1","VpcId":"vpc-1",
          "CidrBlock":"10.0.0.0/8"}}]}},
        "DescribeNetworkAcls":{{"NetworkAcls":[{{"NetworkAclId":"acl-1","VpcId":"vpc-1",
          "IsDefault":true,"Entries":[
          {{"RuleNumber":100,"Protocol":"-1","RuleAction":"allow","Egress":false,"CidrBlock":"0.0.0.0/0"}},
          {{"RuleNumber":100,"Protocol":"-1","RuleAction":"allow","Egress":true,"CidrBlock":"0.0.0.0/0"}}]}}]}},
        "DescribeInternetGateways":{{"InternetGateways":[{{"InternetGatewayId":"igw-1",
          "Attachments":[{{"VpcId":"vpc-1","State":"available"}}]}}]}},
        "DescribeRouteTables":{{"RouteTables":[{{"RouteTableId":"rtb-1","VpcId":"vpc-1",
          "Associations":[{{"Main":true}}],"Routes":[{{"DestinationCidrBlock":"0.0.0.0/0",
          "GatewayId":"igw-1","State":"active"}}]}}]}},
        "DescribeVpcBlockPublicAccessOptions":{{"VpcBlockPublicAccessOptions":
          {{"InternetGatewayBlockMode":"off"}}}}}}}}"#
    )
}
