//! The published scenarios, judged exactly: a missing row is a door overlooked, an extra one a
//! false alarm.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::{Via, analyse, rows_json};
use crate::inventory::aws::Services;
use crate::inventory::aws::ec2::{RouteTable, RouteTableAssociation, RouteTables};
use crate::model::Known;
use crate::model::Status;

fn check(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/network-vectors");
    let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
    let vector: Value = serde_json::from_str(&text).unwrap();
    let mut found = BTreeSet::new();
    crate::inventory::load(&vector["inventory"].to_string(), |snapshot| {
        for services in snapshot.regions.values() {
            let rows = rows_json(&analyse(services).rows);
            found.extend(rows.iter().map(Value::to_string));
        }
    })
    .unwrap();
    let rows = vector["expected"]["exposures"].as_array().unwrap();
    let expected: BTreeSet<String> = rows.iter().map(Value::to_string).collect();
    assert_eq!(found, expected, "{}", vector["title"]);
}

#[test]
fn every_row_of_every_vector_has_a_proof() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/network-vectors");
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let vector: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        crate::inventory::load(&vector["inventory"].to_string(), |snapshot| {
            for services in snapshot.regions.values() {
                let reach = analyse(services);
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
    crate::inventory::load(&vector["inventory"].to_string(), |snapshot| {
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
    crate::inventory::load(&vector["inventory"].to_string(), |snapshot| {
        for services in snapshot.regions.values() {
            let reach = analyse(services);
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
        let reach = analyse(&services);
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
    let reach = analyse(&services);
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
    let reach = analyse(&services);
    assert_eq!(reach.rows[0].status, Status::Latent);
    assert!(reach.rows[0].unverified.is_empty());

    // Without groups there is no verdict at all.
    services.ec2.describe_security_groups = Default::default();
    let reach = analyse(&services);
    assert!(reach.rows.is_empty());
    assert!(reach.unread.iter().any(|one| one.call.operation == "DescribeSecurityGroups"));
}

/// How many random networks, and which: set to repeat a failure or to look for longer.
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

#[test]
fn the_engine_agrees_with_single_packets_on_random_networks() {
    super::simulator::run(setting("OUTCROP_SIM_CASES", 500), setting("OUTCROP_SIM_SEED", 1));
}

macro_rules! vectors {
    ($($test:ident $file:literal)*) => {
        $(#[test] fn $test() { check($file); })*

        #[test]
        fn every_vector_is_tested() {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/network-vectors");
            let files = std::fs::read_dir(folder).unwrap().map(|file| {
                file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned()
            });
            let tested = [$($file),*].map(str::to_owned);
            assert_eq!(files.collect::<BTreeSet<_>>(), tested.into());
        }
    };
}

vectors! {
    sg_basic "v01-sg-basic"
    sg_union "v02-sg-union"
    sg_all_protocols "v03-sg-all-protocols"
    sg_port_range "v04-sg-port-range"
    sg_port_zero "v05-sg-port-zero"
    sg_ipv6 "v06-sg-ipv6"
    sg_split_cidrs "v07-sg-split-cidrs"
    sg_broad "v08-sg-broad"
    sg_narrow "v09-sg-narrow"
    sg_prefix_list "v10-sg-prefix-list"
    sg_reference "v11-sg-reference"
    sg_special_sources "v12-sg-special-sources"
    sg_not_attached "v13-sg-not-attached"
    sg_icmp "v14-sg-icmp"
    sg_other_protocol "v15-sg-other-protocol"
    nacl_deny "v16-nacl-deny"
    nacl_order "v17-nacl-order"
    nacl_partial_source "v18-nacl-partial-source"
    nacl_out "v19-nacl-out"
    nacl_out_source_port "v20-nacl-out-source-port"
    nacl_ipv6 "v21-nacl-ipv6"
    nacl_default_deny "v22-nacl-default-deny"
    nacl_joint "v23-nacl-joint"
    route_none "v24-route-none"
    route_association "v25-route-association"
    route_nat "v26-route-nat"
    route_egress_only "v27-route-egress-only"
    route_blackhole "v28-route-blackhole"
    route_igw_detached "v29-route-igw-detached"
    route_specific "v30-route-specific"
    route_lpm "v31-route-lpm"
    route_prefix_list "v32-route-prefix-list"
    route_middlebox "v33-route-middlebox"
    route_edge "v34-route-edge"
    addr_none "v35-addr-none"
    addr_secondary "v36-addr-secondary"
    addr_ipv6_only "v37-addr-ipv6-only"
    addr_ipv6_private "v38-addr-ipv6-private"
    state_stopped "v39-state-stopped"
    eni_unattached "v40-eni-unattached"
    eni_multi "v41-eni-multi"
    latent_several "v42-latent-several"
    bpa_bidirectional "v43-bpa-bidirectional"
    bpa_ingress "v44-bpa-ingress"
    bpa_exclusion "v45-bpa-exclusion"
    bpa_exclusion_void "v46-bpa-exclusion-void"
    lb_alb "v47-lb-alb"
    lb_listener "v48-lb-listener"
    lb_internal "v49-lb-internal"
    lb_nlb_client_ip "v50-lb-nlb-client-ip"
    lb_nlb_no_client_ip "v51-lb-nlb-no-client-ip"
    lb_target_denied "v52-lb-target-denied"
    lb_subnets "v53-lb-subnets"
    lb_source_class "v54-lb-source-class"
    lb_rule_source_ip "v55-lb-rule-source-ip"
    lb_clb "v56-lb-clb"
    lb_dualstack "v57-lb-dualstack"
    lb_nacl "v58-lb-nacl"
    svc_rds "v59-svc-rds"
    svc_rds_subnets "v60-svc-rds-subnets"
    svc_redshift "v61-svc-redshift"
    svc_eni_skip "v62-svc-eni-skip"
    svc_managed_latent "v63-svc-managed-latent"
    mix_fleet "v64-mix-fleet"
}
