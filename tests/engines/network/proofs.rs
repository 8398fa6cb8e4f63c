//! Why a row of a published scenario is what it is: its chain of evidence, in packet order.

use std::collections::BTreeSet;
use std::path::Path;

use outcrop::analysis::aws::network::{Via, analyse};
use outcrop::inventory::aws::Services;
use outcrop::inventory::aws::ec2::{RouteTable, RouteTableAssociation, RouteTables};
use outcrop::model::Known;
use outcrop::model::Status;
use outcrop::report::reach::rows_json;
use serde_json::Value;

#[test]
fn every_row_of_every_vector_has_a_proof() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/network-vectors");
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let vector: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        outcrop::inventory::load(&vector["inventory"].to_string(), |snapshot| {
            for services in snapshot.regions.values() {
                let reach = analyse("", services);
                for row in &reach.rows {
                    let line = reach.line(row);
                    println!("{} {}", path.file_stem().unwrap().to_string_lossy(), line);
                    for b in reach.blocks(row) {
                        println!("      {b:?}");
                    }
                    let steps = reach.chain(row);
                    assert_eq!(steps[0].kind, "internet", "{line}");
                    let blocked = steps.iter().any(|step| step.kind == "blocked");
                    assert_eq!(blocked, row.status == Status::Latent, "{line}");
                    assert_eq!(reach.blocks(row).len(), row.blocked_by.iter().count());
                    if row.status == Status::Exposed && row.via == Via::Direct {
                        assert!(line.contains("; reply: "), "{line}");
                    }
                }
            }
        })
        .unwrap();
    }
}

fn services_of(name: &str) -> Services {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/network-vectors");
    let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
    let vector: Value = serde_json::from_str(&text).unwrap();
    let mut services = Services::default();
    outcrop::inventory::load(&vector["inventory"].to_string(), |snapshot| {
        services = snapshot.regions.into_values().next().unwrap();
    })
    .unwrap();
    services
}

fn lines(name: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/network-vectors");
    let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
    let vector: Value = serde_json::from_str(&text).unwrap();
    let mut lines = Vec::new();
    outcrop::inventory::load(&vector["inventory"].to_string(), |snapshot| {
        for services in snapshot.regions.values() {
            let reach = analyse("", services);
            lines.extend(reach.rows.iter().map(|row| reach.line(row)));
        }
    })
    .unwrap();
    // What the ids of a vector have in common.
    let common = name.split('-').next().unwrap();
    let ids = vector["inventory"]["ec2"]["DescribeVpcs"]["Vpcs"][0]["VpcId"].as_str().unwrap();
    let part = &ids["vpc-".len()..ids.len() - 4];
    lines.into_iter().map(|line| line.replace(part, common)).collect()
}

#[test]
fn a_chain_names_every_control_in_packet_order() {
    assert_eq!(
        lines("v01-sg-basic"),
        ["the internet, 0.0.0.0/0 -> igw-v010001 (VPC block public access was not read) \
          -> 54.210.0.11 (public address of the interface) \
          -> acl-v010001 (rule 100 in allows all traffic from 0.0.0.0/0) \
          -> sg-v010001 (admits tcp 22 from 0.0.0.0/0) \
          -> eni-v010001 (in subnet-v010001 of vpc-v010001) -> i-v010001 (is running); \
          reply: rtb-v010001 (route 0.0.0.0/0 -> igw-v010001), \
          acl-v010001 (rule 100 out allows all traffic to 0.0.0.0/0)"]
    );
}

#[test]
fn a_latent_chain_ends_where_the_packet_does() {
    let route = lines("v26-route-nat").remove(0);
    assert!(
        route.ends_with("BLOCKED by rtb-v260001: 0.0.0.0/0 -> nat-0aaaaaaaaaaaaaaa1"),
        "{route}"
    );
    let acl = lines("v16-nacl-deny").remove(0);
    let end = "BLOCKED by acl-v160002: rule 50 in denies tcp 22 from 0.0.0.0/0";
    assert!(acl.ends_with(end), "{acl}");
    assert!(!acl.contains("sg-"), "the packet never gets to the group: {acl}");
}

#[test]
fn the_chain_to_a_target_goes_through_its_load_balancer() {
    let lines = lines("v47-lb-alb");
    let target = lines.iter().find(|line| line.contains("i-v470001")).unwrap();
    let between = "-> front (application load balancer) \
         -> arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/front/2f6c9454616d00000000/00000000000001bb \
         (HTTPS on tcp 443) -> the default action forwards \
         -> arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/app/7528c8f26c3200000000 \
         (forwards to tcp 8080 of instance targets, which see the load balancer's address) \
         -> sg-v470002 (admits tcp 8080 from the load balancer's group) \
         -> eni-v470003 (in subnet-v470003 of vpc-v470001) \
         -> i-v470001 (is running, target on tcp 8080; its health is not looked at); reply: ";
    assert!(target.contains(between), "{target}");
    let kinds: Vec<_> = {
        let services = services_of("v47-lb-alb");
        let reach = analyse("", &services);
        let row = reach.rows.iter().find(|row| row.via != Via::Direct).unwrap();
        reach.chain(row).into_iter().map(|step| step.kind.into_owned()).collect()
    };
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
}

#[test]
fn a_middlebox_is_named_and_not_looked_into() {
    let lines = lines("v33-route-middlebox");
    let through = lines.iter().find(|line| line.contains("; reply")).unwrap();
    let part =
        "rtb-v330001 (sends the traffic through vpce-v330001: inspected there, not analysed)";
    assert!(through.contains(part), "{through}");
    assert!(through.contains("rtb-v330005 (route 0.0.0.0/0 -> igw-v330001)"), "{through}");
}

#[test]
fn what_was_not_read_is_passed_and_named() {
    let mut services = services_of("v16-nacl-deny");
    services.ec2.describe_network_acls = Default::default();
    let reach = analyse("", &services);
    let row = &reach.rows[0];
    assert_eq!(row.status, Status::Exposed);
    assert!(!row.is_proven());
    let calls: BTreeSet<_> =
        reach.missing(row).into_iter().filter_map(|missing| missing.operation).collect();
    let expected =
        ["ec2:DescribeNetworkAcls", "ec2:DescribeVpcBlockPublicAccessOptions"].map(str::to_owned);
    assert_eq!(calls, expected.into());
    let json = &rows_json(&reach.rows)[0];
    assert_eq!(json["not_verified"].as_array().unwrap().len(), 2, "block public access apart");

    // A control that was read and shuts decides whatever else was not read.
    let vpc_id = services.ec2.describe_subnets.read().unwrap().subnets[0].vpc_id.clone();
    services.ec2.describe_route_tables = Known::Read(RouteTables {
        route_tables: vec![RouteTable {
            vpc_id,
            associations: vec![RouteTableAssociation { main: true, ..Default::default() }],
            ..Default::default()
        }],
    });
    let reach = analyse("", &services);
    assert_eq!(reach.rows[0].status, Status::Latent);
    assert!(reach.rows[0].unverified.is_empty());

    // Without groups there is no verdict at all.
    services.ec2.describe_security_groups = Default::default();
    let reach = analyse("", &services);
    assert!(reach.rows.is_empty());
    assert!(reach.unread.iter().any(|one| one.call.operation == "DescribeSecurityGroups"));
}
