//! The network of a region: what has an address, and everything that decides who reaches it.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::Client;
use futures_util::{StreamExt, stream};

use super::Wanted;
use super::calls::Calls;
use super::catalog::{Collector, Learnt, Scope};
use super::site::{Site, configured};
use crate::inventory::aws::Ec2;
use crate::inventory::aws::calls::{self, Call};
use crate::inventory::aws::ec2::{
    InternetGateways, NetworkAcls, NetworkInterfaces, PrefixListEntries, PrefixListEntry,
    Reservations, RouteTables, SecurityGroups, Subnets, VpcBlockPublicAccess,
    VpcBlockPublicAccessExclusions, VpcBlockPublicAccessOptions, VpcEndpoints,
};
use crate::model::Known;

mod convert;

pub(super) static COLLECTOR: Collector = Collector {
    service: "ec2",
    scope: Scope::Region,
    calls: &[
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
        &calls::ec2::GET_MANAGED_PREFIX_LIST_ENTRIES,
    ],
    collect: |site, wanted| Box::pin(collect(site, wanted)),
};

/// Reads every page of one operation, if it is wanted. A page size is always sent: without one
/// EC2's throttle is tighter (EC2 developer guide, request throttling).
macro_rules! list {
    ($ec2:ident, $calls:ident, $wanted:ident, $declared:expr, $call:ident, $size:literal,
     $items:ident => $response:ident { $field:ident: $convert:path }) => {
        async {
            if !$wanted.has($declared) {
                return Known::Unread;
            }
            let pages = $ec2.$call().into_paginator().page_size($size).send();
            let listed =
                $calls.list($declared, None, pages, |page| (page.$items, page.next_token)).await;
            listed.map(|all| $response { $field: all.into_iter().map($convert).collect() })
        }
    };
}

async fn collect(site: &Site<'_>, wanted: &Wanted) -> Learnt {
    let ec2 = Client::from_conf(configured!(aws_sdk_ec2, site).build());
    let calls = site.calls("ec2");
    // Page sizes are the largest that the API reference allows for each operation.
    let (interfaces, groups, tables, acls, gateways, instances, subnets, block) = tokio::join!(
        list!(ec2, calls, wanted, &calls::ec2::DESCRIBE_NETWORK_INTERFACES, describe_network_interfaces, 1000,
            network_interfaces => NetworkInterfaces { network_interfaces: convert::interface }),
        list!(ec2, calls, wanted, &calls::ec2::DESCRIBE_SECURITY_GROUPS, describe_security_groups, 1000,
            security_groups => SecurityGroups { security_groups: convert::group }),
        list!(ec2, calls, wanted, &calls::ec2::DESCRIBE_ROUTE_TABLES, describe_route_tables, 100,
            route_tables => RouteTables { route_tables: convert::route_table }),
        list!(ec2, calls, wanted, &calls::ec2::DESCRIBE_NETWORK_ACLS, describe_network_acls, 1000,
            network_acls => NetworkAcls { network_acls: convert::network_acl }),
        list!(ec2, calls, wanted, &calls::ec2::DESCRIBE_INTERNET_GATEWAYS, describe_internet_gateways, 1000,
            internet_gateways => InternetGateways { internet_gateways: convert::gateway }),
        list!(ec2, calls, wanted, &calls::ec2::DESCRIBE_INSTANCES, describe_instances, 1000,
            reservations => Reservations { reservations: convert::reservation }),
        list!(ec2, calls, wanted, &calls::ec2::DESCRIBE_SUBNETS, describe_subnets, 1000,
            subnets => Subnets { subnets: convert::subnet }),
        block_options(&ec2, &calls, wanted),
    );
    let mut facts = Ec2 {
        describe_network_interfaces: interfaces,
        describe_security_groups: groups,
        describe_route_tables: tables,
        describe_network_acls: acls,
        describe_internet_gateways: gateways,
        describe_instances: instances,
        describe_subnets: subnets,
        describe_vpc_block_public_access_options: block,
        ..Ec2::default()
    };
    // What the first answers name, and nothing that they do not.
    let endpoints = routes_name_an_endpoint(&facts);
    let (exclusions, entries, endpoints) = tokio::join!(
        exclusions(&ec2, &calls, wanted, &facts),
        prefix_lists(&ec2, &calls, wanted, named_prefix_lists(&facts)),
        async {
            if !endpoints {
                return Known::Unread;
            }
            list!(ec2, calls, wanted, &calls::ec2::DESCRIBE_VPC_ENDPOINTS, describe_vpc_endpoints, 1000,
                vpc_endpoints => VpcEndpoints { vpc_endpoints: convert::endpoint })
            .await
        },
    );
    facts.describe_vpc_block_public_access_exclusions = exclusions;
    facts.get_managed_prefix_list_entries = entries;
    facts.describe_vpc_endpoints = endpoints;
    Box::new(|services| services.ec2 = facts)
}

async fn block_options(
    ec2: &Client,
    calls: &Calls,
    wanted: &Wanted,
) -> Known<VpcBlockPublicAccess> {
    const CALL: &Call = &calls::ec2::DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_OPTIONS;
    if !wanted.has(CALL) {
        return Known::Unread;
    }
    let call = ec2.describe_vpc_block_public_access_options().send();
    let answer = calls.get(CALL, None, call).await;
    answer.and_then(|answer| match answer.vpc_block_public_access_options {
        Some(options) => Known::Read(VpcBlockPublicAccess {
            vpc_block_public_access_options: VpcBlockPublicAccessOptions {
                internet_gateway_block_mode: options
                    .internet_gateway_block_mode
                    .map(|mode| mode.as_str().to_owned()),
            },
        }),
        None => calls.malformed(CALL, None, "an answer without options"),
    })
}

/// Exclusions mean something only while the region's block is on.
async fn exclusions(
    ec2: &Client,
    calls: &Calls,
    wanted: &Wanted,
    facts: &Ec2,
) -> Known<VpcBlockPublicAccessExclusions> {
    const CALL: &Call = &calls::ec2::DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_EXCLUSIONS;
    let mode = facts.describe_vpc_block_public_access_options.read().and_then(|block| {
        block.vpc_block_public_access_options.internet_gateway_block_mode.as_deref()
    });
    let on = mode.is_some_and(|mode| mode != "off");
    if !on || !wanted.has(CALL) {
        return Known::Unread;
    }
    // The SDK has no paginator for this operation.
    let mut all = Vec::new();
    let mut token = None;
    loop {
        let call = ec2
            .describe_vpc_block_public_access_exclusions()
            .max_results(1000)
            .set_next_token(token.clone())
            .send();
        let Known::Read(page) = calls.get(CALL, None, call).await else {
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
                return calls.malformed(CALL, None, "the same page again and again");
            }
            Some(next) => token = Some(next),
        }
    }
}

/// Prefix lists that an ingress rule or a route names.
fn named_prefix_lists(facts: &Ec2) -> BTreeSet<String> {
    let groups = facts.describe_security_groups.read().map(|r| r.security_groups.as_slice());
    let sources = groups
        .unwrap_or_default()
        .iter()
        .flat_map(|group| &group.ip_permissions)
        .flat_map(|rule| &rule.prefix_list_ids)
        .map(|list| list.prefix_list_id.clone());
    let tables = facts.describe_route_tables.read().map(|r| r.route_tables.as_slice());
    let destinations = tables
        .unwrap_or_default()
        .iter()
        .flat_map(|table| &table.routes)
        .filter_map(|route| route.destination_prefix_list_id.clone());
    sources.chain(destinations).filter(|id| !id.is_empty()).collect()
}

async fn prefix_lists(
    ec2: &Client,
    calls: &Calls,
    wanted: &Wanted,
    ids: BTreeSet<String>,
) -> BTreeMap<String, PrefixListEntries> {
    const CALL: &Call = &calls::ec2::GET_MANAGED_PREFIX_LIST_ENTRIES;
    if !wanted.has(CALL) {
        return BTreeMap::new();
    }
    let read = stream::iter(ids).map(|id| async move {
        let pages = ec2
            .get_managed_prefix_list_entries()
            .prefix_list_id(&id)
            .into_paginator()
            .page_size(100)
            .send();
        let entries =
            calls.list(CALL, Some(&id), pages, |page| (page.entries, page.next_token)).await;
        let entries = entries.into_option()?.into_iter();
        let entries = entries.map(|entry| PrefixListEntry { cidr: entry.cidr.unwrap_or_default() });
        Some((id, PrefixListEntries { entries: entries.collect() }))
    });
    read.buffer_unordered(calls.width()).filter_map(|entry| async { entry }).collect().await
}

/// True when traffic may be led through an endpoint (a gateway load balancer's). Gateway endpoints
/// are no such hop: their routes go to a prefix list of their own service.
fn routes_name_an_endpoint(facts: &Ec2) -> bool {
    let tables = facts.describe_route_tables.read().map(|r| r.route_tables.as_slice());
    tables.unwrap_or_default().iter().flat_map(|table| &table.routes).any(|route| {
        let endpoint = route.gateway_id.as_deref().is_some_and(|id| id.starts_with("vpce-"));
        endpoint && route.destination_prefix_list_id.is_none()
    })
}
