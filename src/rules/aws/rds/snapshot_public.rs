//! Snapshots of database instances that every AWS account may restore.

use super::snapshots;
use crate::inventory::aws::calls::rds::{DESCRIBE_DB_SNAPSHOT_ATTRIBUTES, DESCRIBE_DB_SNAPSHOTS};
use crate::inventory::aws::kinds;
use crate::model::{Category, Known, Severity, Status};
use crate::rules::shapes::share::{self, Share, ShareRule, SharedKind};
use crate::rules::{Region, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "rds-snapshot-public",
    title: "A database snapshot can be restored by any AWS account",
    category: Category::Exposure,
    severity: Severity::Critical,
    kind: &kinds::RDS_SNAPSHOT,
    opt_in: false,
    never: &[Status::Latent, Status::Undetermined],
    reads: &[&[&DESCRIBE_DB_SNAPSHOTS, &DESCRIBE_DB_SNAPSHOT_ATTRIBUTES]],
    reads_more: &[],
    docs: "\
## What it finds
Manual snapshots of RDS instances that are public: their restore attribute holds `all`, so that any AWS
account can copy them and start a database from them. Encrypted snapshots cannot be public, and
automated ones cannot be shared. Snapshots that are shared with named accounts only are not meant, and
those of clusters are reported by `rds-cluster-snapshot-public`.

## Why it matters
A snapshot is the whole database, and whoever restores it sets a new master password: no password of
the old one is needed. Public snapshots are listed by one call, and people search them all day.

## When it is latent
Never: RDS has no control that shuts what is public already.

## How to close it
Take `all` out of the snapshot's restore attribute, and keep databases encrypted: their snapshots
cannot be made public. Whoever copied the snapshot keeps the copy: change the passwords and keys in it.
",
    evaluate: |cx, found| share::evaluate(cx, found, &SHAPE),
};

const SHAPE: ShareRule = ShareRule {
    verb: "restore",
    list: &DESCRIBE_DB_SNAPSHOTS,
    shares,
    lock: None,
    severity: Severity::Critical,
    fix: |share| {
        let named = ["modify-db-snapshot-attribute", "--db-snapshot-identifier"];
        snapshots::fix(&share.resource, "rds", named)
    },
};

fn shares<'a>(region: &Region<'_, 'a>) -> Known<Vec<Share<'a>>> {
    let rds = &region.services.rds;
    let place = region.place();
    rds.describe_db_snapshots.as_ref().map(|listed| {
        let own = listed.db_snapshots.iter().filter(|one| one.is_own(place.account));
        let shares = own.map(|snapshot| {
            let id = snapshot.db_snapshot_identifier.as_str();
            let resource = match snapshot.db_snapshot_arn.as_deref() {
                Some(arn) => kinds::RDS_SNAPSHOT.resource_of(&place, id, arn),
                None => kinds::RDS_SNAPSHOT.resource(&place, id),
            };
            let read = rds.describe_db_snapshot_attributes.get(id);
            let attributes = read.map(|read| &read.db_snapshot_attributes_result);
            let attributes = attributes.map(|read| read.db_snapshot_attributes.as_slice());
            Share {
                resource,
                noun: "database snapshot",
                public: snapshots::public(id, snapshot.can_be_public(), attributes),
                asked: &DESCRIBE_DB_SNAPSHOT_ATTRIBUTES,
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
    asked: &DESCRIBE_DB_SNAPSHOT_ATTRIBUTES,
    with: |region, id| {
        let told = Known::from(region.services.rds.describe_db_snapshot_attributes.get(id));
        told.map(|told| {
            snapshots::accounts(&told.db_snapshot_attributes_result.db_snapshot_attributes)
        })
    },
    key: |region, id| {
        let listed = region.services.rds.describe_db_snapshots.read()?;
        let snapshot = listed.db_snapshots.iter().find(|one| one.db_snapshot_identifier == id)?;
        share::key(snapshot.encrypted, snapshot.kms_key_id.as_deref())
    },
    stop: |share, with| {
        let named = ["modify-db-snapshot-attribute", "--db-snapshot-identifier"];
        snapshots::stop(&share.resource, "rds", named, with)
    },
};
