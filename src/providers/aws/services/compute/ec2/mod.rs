//! The network of a region: what has an address, and everything that decides who reaches it.

use aws_sdk_ec2::Client;

use crate::analysis::aws::demand;
use crate::inventory::aws::calls::{self, Call};
use crate::inventory::aws::ec2::{
    InternetGateways, NetworkAcls, NetworkInterfaces, PrefixListEntries, PrefixListEntry,
    Reservations, RouteTables, SecurityGroups, Subnets, VpcBlockPublicAccessExclusions,
    VpcEndpoints, Vpcs,
};
use crate::inventory::aws::{Ec2, Services};
use crate::model::Known;
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Site, client};

mod convert;
pub(crate) mod regions;

pub(crate) static COLLECTOR: Collector = Collector {
    service: "ec2",
    scope: Scope::Region,
    calls: &[
        &calls::ec2::DESCRIBE_ADDRESSES,
        &calls::ec2::DESCRIBE_INSTANCES,
        &calls::ec2::DESCRIBE_INTERNET_GATEWAYS,
        &calls::ec2::DESCRIBE_NETWORK_ACLS,
        &calls::ec2::DESCRIBE_NETWORK_INTERFACES,
        &calls::ec2::DESCRIBE_ROUTE_TABLES,
        &calls::ec2::DESCRIBE_SECURITY_GROUPS,
        &calls::ec2::DESCRIBE_SUBNETS,
        &calls::ec2::DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_EXCLUSIONS,
        &calls::ec2::DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_OPTIONS,
        &calls::ec2::DESCRIBE_VPC_ENDPOINTS,
        &calls::ec2::DESCRIBE_VPCS,
        &calls::ec2::GET_MANAGED_PREFIX_LIST_ENTRIES,
    ],
    collect: |site| Box::pin(collect(site)),
};

/// Reads every page of one operation. A page size is always sent: without one EC2's throttle is
/// tighter (EC2 developer guide, request throttling).
macro_rules! list {
    ($ec2:ident, $site:ident, $declared:ident, $call:ident, $size:literal,
     $items:ident => $response:ident { $field:ident: $convert:path }) => {
        async {
            let pages = $ec2.$call().into_paginator().page_size($size).send();
            $site
                .list(
                    &calls::ec2::$declared,
                    pages,
                    |page| (page.$items, page.next_token),
                    $convert,
                )
                .await
                .map(|all| $response { $field: all })
        }
    };
}

/// Most regions of most accounts have nothing that could be reached: two lists tell so.
async fn collect(site: &Site) -> Services {
    let ec2 = client!(aws_sdk_ec2, site);
    // Page sizes are the largest that the API reference allows for each operation.
    let (interfaces, groups) = tokio::join!(
        list!(ec2, site, DESCRIBE_NETWORK_INTERFACES, describe_network_interfaces, 1000,
            network_interfaces => NetworkInterfaces { network_interfaces: convert::interface }),
        list!(ec2, site, DESCRIBE_SECURITY_GROUPS, describe_security_groups, 1000,
            security_groups => SecurityGroups { security_groups: convert::group }),
    );
    let facts = Ec2 {
        describe_network_interfaces: interfaces,
        describe_security_groups: groups,
        ..Ec2::default()
    };
    let services = Services { ec2: facts, ..Services::default() };
    match demand::controls_matter(&services.ec2, site.plan()) {
        true => controls(site, services).await,
        false => services,
    }
}

/// What stands between the internet and the endpoints of a region, beside their groups.
pub(crate) async fn controls(site: &Site, known: Services) -> Services {
    let ec2 = client!(aws_sdk_ec2, site);
    let (tables, acls, gateways, instances, subnets, vpcs, block) = tokio::join!(
        list!(ec2, site, DESCRIBE_ROUTE_TABLES, describe_route_tables, 100,
            route_tables => RouteTables { route_tables: convert::route_table }),
        list!(ec2, site, DESCRIBE_NETWORK_ACLS, describe_network_acls, 1000,
            network_acls => NetworkAcls { network_acls: convert::network_acl }),
        list!(ec2, site, DESCRIBE_INTERNET_GATEWAYS, describe_internet_gateways, 1000,
            internet_gateways => InternetGateways { internet_gateways: convert::gateway }),
        list!(ec2, site, DESCRIBE_INSTANCES, describe_instances, 1000,
            reservations => Reservations { reservations: convert::reservation }),
        list!(ec2, site, DESCRIBE_SUBNETS, describe_subnets, 1000,
            subnets => Subnets { subnets: convert::subnet }),
        list!(ec2, site, DESCRIBE_VPCS, describe_vpcs, 1000,
            vpcs => Vpcs { vpcs: convert::vpc }),
        site.get(
            &calls::ec2::DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_OPTIONS,
            ec2.describe_vpc_block_public_access_options().send(),
            |answer| {
                let options = answer.vpc_block_public_access_options;
                options.map(convert::block).ok_or("an answer without options")
            },
        ),
    );
    let mut facts = Ec2 {
        describe_route_tables: tables,
        describe_network_acls: acls,
        describe_internet_gateways: gateways,
        describe_instances: instances,
        describe_subnets: subnets,
        describe_vpcs: vpcs,
        describe_vpc_block_public_access_options: block,
        ..known.ec2
    };
    let endpoints_matter = demand::endpoints_matter(&facts);
    let addresses_matter = demand::addresses_matter(&facts, site.plan());
    let (exclusions, entries, endpoints, addresses) = tokio::join!(
        exclusions(&ec2, site, &facts),
        site.each_list(
            &calls::ec2::GET_MANAGED_PREFIX_LIST_ENTRIES,
            demand::prefix_lists(&facts),
            |id| {
                let asked = ec2.get_managed_prefix_list_entries().prefix_list_id(id);
                asked.into_paginator().page_size(100).send()
            },
            |page| (page.entries, page.next_token),
            |entry| PrefixListEntry { cidr: entry.cidr.unwrap_or_default() },
        ),
        async {
            if !endpoints_matter {
                return Known::Unread;
            }
            list!(ec2, site, DESCRIBE_VPC_ENDPOINTS, describe_vpc_endpoints, 1000,
                vpc_endpoints => VpcEndpoints { vpc_endpoints: convert::endpoint })
            .await
        },
        async {
            if !addresses_matter {
                return Known::Unread;
            }
            // This operation has no pages.
            let asked = ec2.describe_addresses().send();
            site.get(&calls::ec2::DESCRIBE_ADDRESSES, asked, |answer| {
                Ok(convert::addresses(answer.addresses))
            })
            .await
        },
    );
    let entries = entries.into_iter().map(|(id, entries)| (id, PrefixListEntries { entries }));
    facts.describe_vpc_block_public_access_exclusions = exclusions;
    facts.get_managed_prefix_list_entries = entries.collect();
    facts.describe_vpc_endpoints = endpoints;
    facts.describe_addresses = addresses;
    Services { ec2: facts, ..known }
}

async fn exclusions(
    ec2: &Client,
    site: &Site,
    facts: &Ec2,
) -> Known<VpcBlockPublicAccessExclusions> {
    const CALL: &Call = &calls::ec2::DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_EXCLUSIONS;
    if !demand::exclusions_matter(facts) {
        return Known::Unread;
    }
    // The SDK has no paginator for this operation.
    let mut all = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let call = ec2
            .describe_vpc_block_public_access_exclusions()
            .max_results(1000)
            .set_next_token(token.clone())
            .send();
        let Known::Read(page) = site.get(CALL, call, Ok).await else {
            return Known::Unread;
        };
        let found = page.vpc_block_public_access_exclusions.unwrap_or_default();
        all.extend(found.into_iter().map(convert::exclusion));
        match page.next_token.filter(|next| !next.is_empty()) {
            None => {
                return Known::Read(VpcBlockPublicAccessExclusions {
                    vpc_block_public_access_exclusions: all,
                });
            }
            Some(next) if token.as_ref() == Some(&next) => {
                return site.malformed(CALL, "the same page again and again");
            }
            Some(next) => token = Some(next),
        }
    }
}
