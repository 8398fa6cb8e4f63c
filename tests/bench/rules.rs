//! How judging scales with what it finds: accounts of 1,000, 10,000 and 100,000 instances that the
//! internet can open, from the text of a dump to findings, and the exponent of the time from one
//! size to the next. 1 is linear; naming each finding by a walk over all instances would be 2.
//!
//! `cargo bench --no-default-features --bench rules [instances] [-- --enforce]`

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Instant;

use outcrop::inventory::load;
use outcrop::rules::{Context, RULES, judge};

/// An exponent above this is no longer linear in any sense.
const MOST: f64 = 1.3;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let enforce = arguments.iter().any(|argument| argument == "--enforce");
    let only: Option<usize> = arguments.iter().find_map(|argument| argument.parse().ok());
    let sizes = only.map_or(vec![1_000, 10_000, 100_000], |size| vec![size]);
    println!("instances  findings  load s  judge s  exponent");
    let mut before: Option<(usize, f64)> = None;
    let mut held = true;
    for size in sizes {
        let text = dump(size);
        let began = Instant::now();
        let mut findings = 0;
        let mut loaded = 0.0;
        load(&text, |snapshot| {
            loaded = began.elapsed().as_secs_f64();
            let cx = Context::new(&snapshot, jiff::Timestamp::UNIX_EPOCH);
            let found = judge(&cx, RULES).findings;
            findings = found.iter().filter(|one| one.rule == "ec2-port-public-database").count();
        })
        .expect("the dump is valid");
        let judged = began.elapsed().as_secs_f64() - loaded;
        let exponent = before.map(|(smaller, seconds)| {
            (judged / seconds).ln() / (size as f64 / smaller as f64).ln()
        });
        held &= exponent.is_none_or(|exponent| exponent <= MOST);
        let shown = exponent.map_or(String::new(), |exponent| format!("{exponent:.2}"));
        println!("{size:>9}  {findings:>8}  {loaded:>6.2}  {judged:>7.2}  {shown:>8}");
        assert_eq!(findings, size, "each instance is found");
        before = Some((size, judged));
    }
    if enforce && !held {
        eprintln!("judging is not linear in what it finds");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// A region in which every instance has a public address and MongoDB open to the internet.
fn dump(instances: usize) -> String {
    let mut interfaces = String::new();
    let mut machines = String::new();
    for n in 0..instances {
        let comma = if n == 0 { "" } else { "," };
        let (high, low) = (n / 250, n % 250 + 1);
        let _ = write!(
            interfaces,
            r#"{comma}{{"NetworkInterfaceId":"eni-{n:017x}","SubnetId":"subnet-1","VpcId":"vpc-1",
            "Status":"in-use","OwnerId":"111122223333","Groups":[{{"GroupId":"sg-1"}}],
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
        "DescribeSecurityGroups":{{"SecurityGroups":[{{"GroupId":"sg-1","VpcId":"vpc-1",
          "IpPermissions":[{{"IpProtocol":"tcp","FromPort":27017,"ToPort":27017,
          "IpRanges":[{{"CidrIp":"0.0.0.0/0"}}]}}]}}]}},
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
