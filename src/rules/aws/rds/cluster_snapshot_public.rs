//! Snapshots of database clusters that every AWS account may restore.

use super::snapshots;
use crate::inventory::aws::calls::rds::{
    DESCRIBE_DB_CLUSTER_SNAPSHOT_ATTRIBUTES, DESCRIBE_DB_CLUSTER_SNAPSHOTS,
};
use crate::inventory::aws::kinds;
use crate::model::{Category, Known, Severity, Status};
use crate::rules::shapes::share::{self, Share, ShareRule, SharedKind};
use crate::rules::{Region, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "rds-cluster-snapshot-public",
    title: "A snapshot of a database cluster can be restored by any AWS account",
    category: Category::Exposure,
    severity: Severity::Critical,
    kind: &kinds::RDS_CLUSTER_SNAPSHOT,
    opt_in: false,
    never: &[Status::Latent, Status::Undetermined],
    reads: &[&[&DESCRIBE_DB_CLUSTER_SNAPSHOTS, &DESCRIBE_DB_CLUSTER_SNAPSHOT_ATTRIBUTES]],
    reads_more: &[],
    docs: "\
## What it finds
Manual snapshots of clusters that are public: of Aurora, of DocumentDB, of Neptune and of Multi-AZ
clusters of RDS, which share one list. Their restore attribute holds `all`, so that any AWS account can
copy them and start a cluster from them. Encrypted snapshots cannot be public, and automated ones cannot
be shared. Snapshots that are shared with named accounts only are not meant.

## Why it matters
A snapshot is every database of the cluster, and whoever restores it sets the passwords and policies of
the new cluster: none of the old ones is needed. Public snapshots are listed by one call, and people
search them all day.

## When it is latent
Never: there is no control that shuts what is public already.

## How to close it
Take `all` out of the snapshot's restore attribute, and keep clusters encrypted: their snapshots cannot
be made public. Whoever copied the snapshot keeps the copy: change the passwords and keys in it.
",
    evaluate: |cx, found| share::evaluate(cx, found, &SHAPE),
};

const SHAPE: ShareRule = ShareRule {
    verb: "restore",
    list: &DESCRIBE_DB_CLUSTER_SNAPSHOTS,
    shares,
    lock: None,
    severity: Severity::Critical,
    fix: |share| {
        let named = ["modify-db-cluster-snapshot-attribute", "--db-cluster-snapshot-identifier"];
        snapshots::fix(&share.resource, service(share.noun), named)
    },
};

/// The product whose commands are for these.
fn service(noun: &str) -> &'static str {
    match noun {
        DOCUMENTDB => "docdb",
        NEPTUNE => "neptune",
        _ => "rds",
    }
}

const DOCUMENTDB: &str = "DocumentDB snapshot";
const NEPTUNE: &str = "Neptune snapshot";

/// The product that an engine is of (RDS, DocumentDB and Neptune API references, CreateDBCluster:
/// Engine).
fn noun(engine: Option<&str>) -> &'static str {
    match engine {
        Some("docdb") => DOCUMENTDB,
        Some("neptune") => NEPTUNE,
        Some(engine) if engine.starts_with("aurora") => "Aurora snapshot",
        _ => "cluster snapshot",
    }
}

fn shares<'a>(region: &Region<'_, 'a>) -> Known<Vec<Share<'a>>> {
    let rds = &region.services.rds;
    let place = region.place();
    rds.describe_db_cluster_snapshots.as_ref().map(|listed| {
        let own = listed.db_cluster_snapshots.iter().filter(|one| one.is_own(place.account));
        let shares = own.map(|snapshot| {
            let id = snapshot.db_cluster_snapshot_identifier.as_str();
            let resource = match snapshot.db_cluster_snapshot_arn.as_deref() {
                Some(arn) => kinds::RDS_CLUSTER_SNAPSHOT.resource_of(&place, id, arn),
                None => kinds::RDS_CLUSTER_SNAPSHOT.resource(&place, id),
            };
            let read = rds.describe_db_cluster_snapshot_attributes.get(id);
            let attributes = read.map(|read| &read.db_cluster_snapshot_attributes_result);
            let attributes = attributes.map(|read| read.db_cluster_snapshot_attributes.as_slice());
            Share {
                resource,
                noun: noun(snapshot.engine.as_deref()),
                public: snapshots::public(id, snapshot.can_be_public(), attributes),
                asked: &DESCRIBE_DB_CLUSTER_SNAPSHOT_ATTRIBUTES,
                asked_of: id,
            }
        });
        shares.collect()
    })
}

/// What it lends to the rule about accounts that are named.
pub static SHARED: SharedKind = SharedKind {
    rule: &RULE,
    shape: &SHAPE,
    asked: &DESCRIBE_DB_CLUSTER_SNAPSHOT_ATTRIBUTES,
    with: |region, id| {
        let all = &region.services.rds.describe_db_cluster_snapshot_attributes;
        Known::from(all.get(id)).map(|told| {
            let result = &told.db_cluster_snapshot_attributes_result;
            snapshots::accounts(&result.db_cluster_snapshot_attributes)
        })
    },
    key: |region, id| {
        let listed = region.services.rds.describe_db_cluster_snapshots.read()?;
        let mut all = listed.db_cluster_snapshots.iter();
        let snapshot = all.find(|one| one.db_cluster_snapshot_identifier == id)?;
        share::key(snapshot.storage_encrypted, snapshot.kms_key_id.as_deref())
    },
    stop: |share, with| {
        let named = ["modify-db-cluster-snapshot-attribute", "--db-cluster-snapshot-identifier"];
        snapshots::stop(&share.resource, service(share.noun), named, with)
    },
};
