//! Databases of RDS, Aurora, DocumentDB and Neptune, the networks they sit in, and their snapshots.

use aws_sdk_rds::types;

use std::collections::BTreeMap;

use crate::analysis::aws::demand;
use crate::inventory::aws::calls;
use crate::inventory::aws::rds::{
    AvailabilityZone, DbCluster, DbClusterSnapshot, DbClusterSnapshotAttributes,
    DbClusterSnapshotAttributesResult, DbClusterSnapshots, DbClusters, DbInstance, DbInstances,
    DbSnapshot, DbSnapshotAttribute, DbSnapshotAttributes, DbSnapshotAttributesResult, DbSnapshots,
    DbSubnet, DbSubnetGroup, Endpoint, VpcSecurityGroupMembership,
};
use crate::inventory::aws::{Rds, Services};
use crate::model::Known;
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Site, client};

pub(crate) static COLLECTOR: Collector = Collector {
    service: "rds",
    scope: Scope::Region,
    calls: &[
        &calls::rds::DESCRIBE_DB_CLUSTER_SNAPSHOT_ATTRIBUTES,
        &calls::rds::DESCRIBE_DB_CLUSTER_SNAPSHOTS,
        &calls::rds::DESCRIBE_DB_CLUSTERS,
        &calls::rds::DESCRIBE_DB_INSTANCES,
        &calls::rds::DESCRIBE_DB_SNAPSHOT_ATTRIBUTES,
        &calls::rds::DESCRIBE_DB_SNAPSHOTS,
    ],
    collect: |site| Box::pin(collect(site)),
};

async fn collect(site: &Site) -> Services {
    let rds = client!(aws_sdk_rds, site);
    // 100 is the most that MaxRecords allows (RDS API reference).
    let instances = rds.describe_db_instances().into_paginator().page_size(100).send();
    let clusters = rds.describe_db_clusters().into_paginator().page_size(100).send();
    let (instances, clusters, snapshots, of_clusters) = tokio::join!(
        site.list_apart(
            &calls::rds::DESCRIBE_DB_INSTANCES,
            instances,
            |page| (page.db_instances, page.marker),
            instance,
        ),
        site.list_apart(
            &calls::rds::DESCRIBE_DB_CLUSTERS,
            clusters,
            |page| (page.db_clusters, page.marker),
            cluster,
        ),
        snapshots(site, &rds),
        cluster_snapshots(site, &rds),
    );
    let (snapshots, attributes) = snapshots;
    let (cluster_snapshots, cluster_attributes) = of_clusters;
    let rds = Rds {
        describe_db_instances: instances.map(|db_instances| DbInstances { db_instances }),
        describe_db_clusters: clusters.map(|db_clusters| DbClusters { db_clusters }),
        describe_db_snapshots: snapshots.map(|db_snapshots| DbSnapshots { db_snapshots }),
        describe_db_snapshot_attributes: attributes,
        describe_db_cluster_snapshots: cluster_snapshots
            .map(|db_cluster_snapshots| DbClusterSnapshots { db_cluster_snapshots }),
        describe_db_cluster_snapshot_attributes: cluster_attributes,
    };
    Services { rds, ..Services::default() }
}

/// The manual snapshots, which alone can be shared. The list of public ones is no shorter way: it
/// holds those of all accounts, and there is no filter by owner (RDS API reference,
/// DescribeDBSnapshots).
async fn snapshots(
    site: &Site,
    rds: &aws_sdk_rds::Client,
) -> (Known<Vec<DbSnapshot>>, BTreeMap<String, DbSnapshotAttributes>) {
    let pages = rds.describe_db_snapshots().snapshot_type("manual").into_paginator();
    let listed = site
        .list_apart(
            &calls::rds::DESCRIBE_DB_SNAPSHOTS,
            pages.page_size(100).send(),
            |page| (page.db_snapshots, page.marker),
            snapshot,
        )
        .await;
    let Known::Read(listed) = listed else { return (Known::Unread, BTreeMap::new()) };
    let asked = |one: &DbSnapshot| demand::sharing_matters(one.can_be_public(), site.plan());
    let (mut asked, mut all): (Vec<_>, Vec<_>) = listed.into_iter().partition(asked);
    let attributes = site
        .each(
            &calls::rds::DESCRIBE_DB_SNAPSHOT_ATTRIBUTES,
            &mut asked,
            |snapshot| &snapshot.db_snapshot_identifier,
            |id| rds.describe_db_snapshot_attributes().db_snapshot_identifier(id).send(),
            |answer| {
                let result = answer.db_snapshot_attributes_result.ok_or(NO_ATTRIBUTES)?;
                let read = result.db_snapshot_attributes.unwrap_or_default().into_iter();
                let read = read.map(|one| attribute(one.attribute_name, one.attribute_values));
                Ok(DbSnapshotAttributes {
                    db_snapshot_attributes_result: DbSnapshotAttributesResult {
                        db_snapshot_attributes: read.collect(),
                    },
                })
            },
        )
        .await;
    all.append(&mut asked);
    all.sort_by(|a, b| a.db_snapshot_identifier.cmp(&b.db_snapshot_identifier));
    (Known::Read(all), attributes)
}

/// As [`snapshots`], of clusters.
async fn cluster_snapshots(
    site: &Site,
    rds: &aws_sdk_rds::Client,
) -> (Known<Vec<DbClusterSnapshot>>, BTreeMap<String, DbClusterSnapshotAttributes>) {
    let pages = rds.describe_db_cluster_snapshots().snapshot_type("manual").into_paginator();
    let listed = site
        .list_apart(
            &calls::rds::DESCRIBE_DB_CLUSTER_SNAPSHOTS,
            pages.page_size(100).send(),
            |page| (page.db_cluster_snapshots, page.marker),
            cluster_snapshot,
        )
        .await;
    let Known::Read(listed) = listed else { return (Known::Unread, BTreeMap::new()) };
    let asked = |one: &DbClusterSnapshot| demand::sharing_matters(one.can_be_public(), site.plan());
    let (mut asked, mut all): (Vec<_>, Vec<_>) = listed.into_iter().partition(asked);
    let ask = |id: &str| {
        rds.describe_db_cluster_snapshot_attributes().db_cluster_snapshot_identifier(id).send()
    };
    let attributes = site
        .each(
            &calls::rds::DESCRIBE_DB_CLUSTER_SNAPSHOT_ATTRIBUTES,
            &mut asked,
            |snapshot| &snapshot.db_cluster_snapshot_identifier,
            ask,
            |answer| {
                let result = answer.db_cluster_snapshot_attributes_result.ok_or(NO_ATTRIBUTES)?;
                let read = result.db_cluster_snapshot_attributes.unwrap_or_default().into_iter();
                let read = read.map(|one| attribute(one.attribute_name, one.attribute_values));
                Ok(DbClusterSnapshotAttributes {
                    db_cluster_snapshot_attributes_result: DbClusterSnapshotAttributesResult {
                        db_cluster_snapshot_attributes: read.collect(),
                    },
                })
            },
        )
        .await;
    all.append(&mut asked);
    all.sort_by(|a, b| a.db_cluster_snapshot_identifier.cmp(&b.db_cluster_snapshot_identifier));
    (Known::Read(all), attributes)
}

const NO_ATTRIBUTES: &str = "an answer without attributes";

fn snapshot(from: types::DbSnapshot) -> DbSnapshot {
    DbSnapshot {
        db_snapshot_identifier: from.db_snapshot_identifier.unwrap_or_default(),
        db_snapshot_arn: from.db_snapshot_arn,
        db_instance_identifier: from.db_instance_identifier,
        engine: from.engine,
        encrypted: from.encrypted,
        kms_key_id: from.kms_key_id,
        snapshot_type: from.snapshot_type,
    }
}

fn cluster_snapshot(from: types::DbClusterSnapshot) -> DbClusterSnapshot {
    DbClusterSnapshot {
        db_cluster_snapshot_identifier: from.db_cluster_snapshot_identifier.unwrap_or_default(),
        db_cluster_snapshot_arn: from.db_cluster_snapshot_arn,
        db_cluster_identifier: from.db_cluster_identifier,
        engine: from.engine,
        storage_encrypted: from.storage_encrypted,
        kms_key_id: from.kms_key_id,
        snapshot_type: from.snapshot_type,
    }
}

fn attribute(name: Option<String>, values: Option<Vec<String>>) -> DbSnapshotAttribute {
    DbSnapshotAttribute { attribute_name: name, attribute_values: values.unwrap_or_default() }
}

fn cluster(from: types::DbCluster) -> DbCluster {
    DbCluster {
        db_cluster_identifier: from.db_cluster_identifier.unwrap_or_default(),
        db_cluster_arn: from.db_cluster_arn,
        engine: from.engine,
        status: from.status,
        publicly_accessible: from.publicly_accessible,
        internet_access_gateway_enabled: from.internet_access_gateway_enabled,
        vpc_networking_enabled: from.vpc_networking_enabled,
        master_user_authentication_type: None,
        port: from.port,
        vpc_security_groups: memberships(from.vpc_security_groups),
    }
}

fn instance(from: types::DbInstance) -> DbInstance {
    DbInstance {
        db_instance_identifier: from.db_instance_identifier.unwrap_or_default(),
        db_instance_arn: from.db_instance_arn,
        db_cluster_identifier: from.db_cluster_identifier,
        engine: from.engine,
        engine_version: from.engine_version,
        db_instance_status: from.db_instance_status,
        publicly_accessible: from.publicly_accessible,
        endpoint: from.endpoint.map(|e| Endpoint { address: e.address, port: e.port }),
        availability_zone: from.availability_zone,
        vpc_security_groups: memberships(from.vpc_security_groups),
        db_subnet_group: from.db_subnet_group.map(subnet_group),
    }
}

fn memberships(
    from: Option<Vec<types::VpcSecurityGroupMembership>>,
) -> Vec<VpcSecurityGroupMembership> {
    let all = from.unwrap_or_default().into_iter().map(|group| VpcSecurityGroupMembership {
        vpc_security_group_id: group.vpc_security_group_id.unwrap_or_default(),
        status: group.status,
    });
    all.collect()
}

fn subnet_group(from: types::DbSubnetGroup) -> DbSubnetGroup {
    DbSubnetGroup {
        vpc_id: from.vpc_id,
        subnets: from
            .subnets
            .unwrap_or_default()
            .into_iter()
            .map(|subnet| DbSubnet {
                subnet_identifier: subnet.subnet_identifier.unwrap_or_default(),
                subnet_availability_zone: subnet
                    .subnet_availability_zone
                    .map(|zone| AvailabilityZone { name: zone.name }),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use crate::inventory::aws::rds::is_public;
    use crate::providers::aws::tests::replay::{Asked, Cloud, Said, ok};

    fn error(status: u16, code: &str) -> Said {
        let error = format!("<Error><Code>{code}</Code><Message>no: {code}</Message></Error>");
        Said::Answer(status, format!("<ErrorResponse>{error}</ErrorResponse>"))
    }

    /// What RDS says of snapshots: `of` is `DB` or `DBCluster`, `encrypted` the name of that element.
    fn answer(asked: &Asked, of: &str, encrypted: &str, gone: &str) -> Said {
        let item = |id: &str, is: bool| {
            format!(
                "<{of}Snapshot><{of}SnapshotIdentifier>{id}</{of}SnapshotIdentifier>\
                 <{encrypted}>{is}</{encrypted}><SnapshotType>manual</SnapshotType></{of}Snapshot>"
            )
        };
        let list = |items: String, marker: &str| {
            ok(format!(
                "<Describe{of}SnapshotsResponse><Describe{of}SnapshotsResult><{of}Snapshots>{items}\
                 </{of}Snapshots>{marker}</Describe{of}SnapshotsResult>\
                 </Describe{of}SnapshotsResponse>"
            ))
        };
        let attributes = |inner: String| {
            let name = format!("Describe{of}SnapshotAttributes");
            ok(format!("<{name}Response><{name}Result>{inner}</{name}Result></{name}Response>"))
        };
        let of_id = |id: &str| asked.form.contains(&format!("SnapshotIdentifier={id}"));
        if asked.what == format!("Describe{of}Snapshots") {
            assert!(asked.form.contains("SnapshotType=manual"), "{}", asked.form);
            return match asked.form.contains("Marker=") {
                false => list(item("shut", true) + &item("open", false), "<Marker>2</Marker>"),
                true => {
                    list(item("gone", false) + &item("secret", false) + &item("odd", false), "")
                }
            };
        }
        assert_eq!(asked.what, format!("Describe{of}SnapshotAttributes"));
        assert!(!of_id("shut"), "an encrypted snapshot cannot be public");
        if of_id("gone") {
            return error(404, gone);
        }
        if of_id("secret") {
            return error(403, "AccessDenied");
        }
        if of_id("odd") {
            return attributes(String::new());
        }
        attributes(format!(
            "<{of}SnapshotAttributesResult><{of}SnapshotIdentifier>open</{of}SnapshotIdentifier>\
             <{of}SnapshotAttributes><{of}SnapshotAttribute><AttributeName>restore</AttributeName>\
             <AttributeValues><AttributeValue>999999999999</AttributeValue>\
             <AttributeValue>all</AttributeValue></AttributeValues></{of}SnapshotAttribute>\
             </{of}SnapshotAttributes></{of}SnapshotAttributesResult>"
        ))
    }

    #[test]
    fn snapshots_that_can_be_public_are_asked_with_whom_they_are_shared() {
        let cloud = Cloud::new(|asked| answer(asked, "DB", "Encrypted", "DBSnapshotNotFound"));
        let snapshot =
            cloud.collect(&["rds:DescribeDBSnapshots", "rds:DescribeDBSnapshotAttributes"]);
        let rds = &snapshot.regions["us-east-1"].rds;
        let listed = &rds.describe_db_snapshots.read().expect("the call was answered").db_snapshots;
        let ids: Vec<_> = listed.iter().map(|one| one.db_snapshot_identifier.as_str()).collect();
        assert_eq!(ids, ["odd", "open", "secret", "shut"], "what is gone is not there");
        let read = &rds.describe_db_snapshot_attributes;
        assert_eq!(read.keys().collect::<Vec<_>>(), ["open"]);
        assert!(is_public(&read["open"].db_snapshot_attributes_result.db_snapshot_attributes));
        let mut gaps: Vec<_> = snapshot.gaps.iter().filter_map(|g| g.resource.as_deref()).collect();
        gaps.sort_unstable();
        assert_eq!(gaps, ["odd", "secret"]);
    }

    #[test]
    fn snapshots_of_clusters_that_can_be_public_are_asked_with_whom_they_are_shared() {
        let cloud = Cloud::new(|asked| {
            answer(asked, "DBCluster", "StorageEncrypted", "DBClusterSnapshotNotFoundFault")
        });
        let snapshot = cloud.collect(&[
            "rds:DescribeDBClusterSnapshots",
            "rds:DescribeDBClusterSnapshotAttributes",
        ]);
        let rds = &snapshot.regions["us-east-1"].rds;
        let read = rds.describe_db_cluster_snapshots.read().expect("the call was answered");
        let listed = read.db_cluster_snapshots.iter();
        let ids: Vec<_> = listed.map(|one| one.db_cluster_snapshot_identifier.as_str()).collect();
        assert_eq!(ids, ["odd", "open", "secret", "shut"], "what is gone is not there");
        let read = &rds.describe_db_cluster_snapshot_attributes;
        assert_eq!(read.keys().collect::<Vec<_>>(), ["open"]);
        let of_open = &read["open"].db_cluster_snapshot_attributes_result;
        assert!(is_public(&of_open.db_cluster_snapshot_attributes));
        let mut gaps: Vec<_> = snapshot.gaps.iter().filter_map(|g| g.resource.as_deref()).collect();
        gaps.sort_unstable();
        assert_eq!(gaps, ["odd", "secret"]);
    }

    #[test]
    fn a_refused_list_of_snapshots_is_no_empty_list_and_asks_nothing_more() {
        let cloud = Cloud::new(|asked| match asked.what.as_str() {
            "DescribeDBSnapshots" | "DescribeDBClusterSnapshots" => error(403, "AccessDenied"),
            other => panic!("{other}"),
        });
        let snapshot = cloud.collect(&[
            "rds:DescribeDBSnapshots",
            "rds:DescribeDBSnapshotAttributes",
            "rds:DescribeDBClusterSnapshots",
            "rds:DescribeDBClusterSnapshotAttributes",
        ]);
        let rds = &snapshot.regions["us-east-1"].rds;
        assert!(rds.describe_db_snapshots.is_unread());
        assert!(rds.describe_db_cluster_snapshots.is_unread());
        assert_eq!(snapshot.gaps.len(), 2);
    }
}
