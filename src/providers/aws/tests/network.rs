//! EC2: lists that tell whether there is anything, what guards it, and what the answers name beyond
//! that.

use super::replay::{Asked, Cloud, Said, ec2_error, ok, wanted};
use crate::analysis::aws::demand::CollectionPlan;
use crate::inventory::aws::calls::ec2::GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE;
use crate::model::Known;
use crate::providers::aws::Watch;

fn empty(asked: &Asked) -> Said {
    ok(format!("<{0}Response></{0}Response>", asked.what))
}

fn quiet(asked: &Asked) -> Said {
    match asked.what.as_str() {
        "DescribeVpcBlockPublicAccessOptions" => mode("off"),
        "GetImageBlockPublicAccessState" => state(asked, "imageBlockPublicAccessState"),
        "GetSnapshotBlockPublicAccessState" => state(asked, "state"),
        _ => empty(asked),
    }
}

fn state(asked: &Asked, field: &str) -> Said {
    ok(format!("<{0}Response><{field}>block-new-sharing</{field}></{0}Response>", asked.what))
}

fn mode(mode: &str) -> Said {
    ok(format!(
        "<DescribeVpcBlockPublicAccessOptionsResponse><vpcBlockPublicAccessOptions>\
         <internetGatewayBlockMode>{mode}</internetGatewayBlockMode>\
         </vpcBlockPublicAccessOptions></DescribeVpcBlockPublicAccessOptionsResponse>"
    ))
}

/// A region with one interface, without a public address.
fn inhabited(asked: &Asked) -> Said {
    match asked.what.as_str() {
        "DescribeNetworkInterfaces" => {
            ok("<DescribeNetworkInterfacesResponse><networkInterfaceSet><item>\
             <networkInterfaceId>eni-1</networkInterfaceId></item></networkInterfaceSet>\
             </DescribeNetworkInterfacesResponse>")
        }
        _ => quiet(asked),
    }
}

/// What every rule reads but the guard rail of snapshots and images, which adds both blocks.
fn plan() -> CollectionPlan {
    let mut plan = wanted(&["ec2"]);
    plan.calls.remove(&GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE);
    plan
}

#[test]
fn a_region_with_nothing_in_it_costs_a_call_for_each_list_of_things() {
    let cloud = Cloud::new(quiet);
    let snapshot = cloud.collect_with(&plan(), &Watch::silent());
    assert_eq!(snapshot.gaps, []);
    let lists = ["Images", "NetworkInterfaces", "SecurityGroups", "Snapshots"];
    assert_eq!(cloud.asked(), lists.map(|list| (format!("Describe{list}"), 1)).into());
    // The guard rails ask for the block wherever they look.
    let cloud = Cloud::new(quiet);
    cloud.collect_with(&CollectionPlan { protections: true, ..plan() }, &Watch::silent());
    assert_eq!(cloud.asked().get("DescribeVpcBlockPublicAccessOptions"), Some(&1));
}

#[test]
fn a_service_whose_interfaces_are_not_told_has_what_guards_it_asked_for_all_the_same() {
    let cloud = Cloud::new(|asked| match asked.what.as_str() {
        "DescribeDBInstances" => ok("<DescribeDBInstancesResponse><DescribeDBInstancesResult>\
             <DBInstances><DBInstance><DBInstanceIdentifier>db</DBInstanceIdentifier></DBInstance>\
             </DBInstances></DescribeDBInstancesResult></DescribeDBInstancesResponse>"),
        _ => quiet(asked),
    });
    let mut plan = wanted(&["ec2", "rds:DescribeDBInstances"]);
    plan.calls.remove(&GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE);
    let snapshot = cloud.collect_with(&plan, &Watch::silent());
    let services = &snapshot.regions["us-east-1"];
    assert!(services.rds.describe_db_instances.read().is_some(), "{:?}", snapshot.gaps);
    assert!(services.ec2.describe_network_interfaces.read().is_some());
    assert!(services.ec2.describe_route_tables.read().is_some(), "{:?}", cloud.asked());
    assert_eq!(cloud.asked()["DescribeSecurityGroups"], 1);
}

#[test]
fn a_quiet_region_costs_ten_calls_and_the_block() {
    let cloud = Cloud::new(inhabited);
    let snapshot = cloud.collect_with(&plan(), &Watch::silent());
    assert_eq!(snapshot.gaps, []);
    assert_eq!(snapshot.calls.values().sum::<u64>(), 11, "{:?}", snapshot.calls);
    assert_eq!(snapshot.calls.len(), 11);
    for asked in cloud.seen.lock().unwrap().iter() {
        let paged = asked.form.contains("MaxResults=1000") || asked.form.contains("MaxResults=100");
        assert!(paged || asked.what.ends_with("Options"), "{asked:?}");
    }
    let ec2 = &snapshot.regions["us-east-1"].ec2;
    assert_eq!(ec2.describe_instances, Known::Read(Default::default()));
}

#[test]
fn exclusions_are_asked_for_only_while_the_block_is_on_and_in_pages() {
    let cloud = Cloud::new(|asked| match asked.what.as_str() {
        "DescribeVpcBlockPublicAccessOptions" => mode("block-bidirectional"),
        "DescribeVpcBlockPublicAccessExclusions" => {
            let (id, next) = match asked.form.contains("NextToken=2") {
                false => ("one", "<nextToken>2</nextToken>"),
                true => ("two", ""),
            };
            ok(format!(
                "<{0}Response><vpcBlockPublicAccessExclusionSet><item><exclusionId>{id}\
                 </exclusionId></item></vpcBlockPublicAccessExclusionSet>{next}</{0}Response>",
                asked.what
            ))
        }
        _ => inhabited(asked),
    });
    let snapshot = cloud.collect(&["ec2"]);
    let ec2 = &snapshot.regions["us-east-1"].ec2;
    let Known::Read(read) = &ec2.describe_vpc_block_public_access_exclusions else {
        panic!("unread: {:?}", snapshot.gaps)
    };
    let ids =
        read.vpc_block_public_access_exclusions.iter().filter_map(|e| e.exclusion_id.as_deref());
    assert_eq!(ids.collect::<Vec<_>>(), ["one", "two"]);
}

#[test]
fn elastic_addresses_are_asked_for_where_something_has_a_public_address() {
    let cloud = Cloud::new(|asked| match asked.what.as_str() {
        "DescribeNetworkInterfaces" => {
            ok("<DescribeNetworkInterfacesResponse><networkInterfaceSet><item>\
             <networkInterfaceId>eni-1</networkInterfaceId><association><publicIp>54.1.2.3\
             </publicIp></association></item></networkInterfaceSet>\
             </DescribeNetworkInterfacesResponse>")
        }
        "DescribeAddresses" => ok("<DescribeAddressesResponse><addressesSet><item><publicIp>\
             54.1.2.4</publicIp><serviceManaged>igw-firewall</serviceManaged></item>\
             </addressesSet></DescribeAddressesResponse>"),
        _ => quiet(asked),
    });
    let snapshot = cloud.collect(&["ec2"]);
    assert_eq!(snapshot.gaps, []);
    let ec2 = &snapshot.regions["us-east-1"].ec2;
    let read = ec2.describe_addresses.read().expect("asked for");
    assert_eq!(read.addresses[0].service_managed.as_deref(), Some("igw-firewall"));
}

#[test]
fn prefix_lists_and_endpoints_are_asked_for_where_they_are_named() {
    let cloud = Cloud::new(|asked| match asked.what.as_str() {
        "DescribeSecurityGroups" => ok("<DescribeSecurityGroupsResponse><securityGroupInfo><item>\
             <groupId>sg-1</groupId><ipPermissions><item><ipProtocol>tcp</ipProtocol>\
             <prefixListIds><item><prefixListId>pl-1</prefixListId></item><item>\
             <prefixListId>pl-2</prefixListId></item></prefixListIds></item></ipPermissions></item>\
             </securityGroupInfo></DescribeSecurityGroupsResponse>"),
        "DescribeRouteTables" => ok("<DescribeRouteTablesResponse><routeTableSet><item>\
             <routeTableId>rtb-1</routeTableId><routeSet><item><destinationCidrBlock>0.0.0.0/0\
             </destinationCidrBlock><gatewayId>vpce-1</gatewayId></item></routeSet></item>\
             </routeTableSet></DescribeRouteTablesResponse>"),
        "GetManagedPrefixListEntries" if asked.form.contains("PrefixListId=pl-2") => {
            ec2_error(400, "InvalidPrefixListID.NotFound")
        }
        "GetManagedPrefixListEntries" => {
            ok("<GetManagedPrefixListEntriesResponse><entrySet><item>\
             <cidr>203.0.113.0/24</cidr></item></entrySet></GetManagedPrefixListEntriesResponse>")
        }
        _ => inhabited(asked),
    });
    let snapshot = cloud.collect(&["ec2"]);
    let ec2 = &snapshot.regions["us-east-1"].ec2;
    assert_eq!(ec2.get_managed_prefix_list_entries["pl-1"].entries[0].cidr, "203.0.113.0/24");
    assert!(!ec2.get_managed_prefix_list_entries.contains_key("pl-2"));
    let gaps: Vec<_> = snapshot.gaps.iter().map(|g| (g.call(), g.resource.clone())).collect();
    assert_eq!(gaps, [("ec2:GetManagedPrefixListEntries".to_owned(), Some("pl-2".to_owned()))]);
    assert!(ec2.describe_vpc_endpoints.read().is_some());
}
