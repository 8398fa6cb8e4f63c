//! The published scenarios, judged exactly: a missing row is a door overlooked, an extra one a
//! false alarm.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::{analyse, rows_json};

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
