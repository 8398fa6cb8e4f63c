//! Snapshots and images that are shared with outsiders who are named.

use super::super::{ami, ebs, rds};
use crate::inventory::aws::calls::ec2::{
    DESCRIBE_IMAGE_ATTRIBUTE, DESCRIBE_IMAGES, DESCRIBE_SNAPSHOT_ATTRIBUTE, DESCRIBE_SNAPSHOTS,
};
use crate::inventory::aws::calls::organizations::{DESCRIBE_ORGANIZATION, LIST_ACCOUNTS};
use crate::inventory::aws::calls::rds::{
    DESCRIBE_DB_CLUSTER_SNAPSHOT_ATTRIBUTES, DESCRIBE_DB_CLUSTER_SNAPSHOTS,
    DESCRIBE_DB_SNAPSHOT_ATTRIBUTES, DESCRIBE_DB_SNAPSHOTS,
};
use crate::inventory::aws::kinds;
use crate::model::{Category, Severity, Status};
use crate::rules::shapes::share::{self, SharedKind};
use crate::rules::{Context, Findings, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "shared-snapshot-external",
    title: "A snapshot or image is shared with another account",
    category: Category::Sharing,
    severity: Severity::Medium,
    // The chief of them; the page names all.
    kind: &kinds::EC2_SNAPSHOT,
    opt_in: false,
    never: &[Status::Latent, Status::Undetermined],
    reads: &[&[
        &DESCRIBE_DB_CLUSTER_SNAPSHOT_ATTRIBUTES,
        &DESCRIBE_DB_CLUSTER_SNAPSHOTS,
        &DESCRIBE_DB_SNAPSHOT_ATTRIBUTES,
        &DESCRIBE_DB_SNAPSHOTS,
        &DESCRIBE_IMAGE_ATTRIBUTE,
        &DESCRIBE_IMAGES,
        &DESCRIBE_SNAPSHOT_ATTRIBUTE,
        &DESCRIBE_SNAPSHOTS,
    ]],
    reads_more: &[&DESCRIBE_ORGANIZATION, &LIST_ACCOUNTS],
    docs: "\
## What it finds
Snapshots of EBS volumes, machine images (AMIs), and manual snapshots of database instances and clusters
(RDS, Aurora, DocumentDB, Neptune) that are shared with an account outside, or an image with another
organization or a unit of one. Inside, and no finding, are whom the configuration trusts (`[trusted]`),
and the account's own organization with its members, as far as these could be listed; the evidence says
where they were not. Vendors that publish their account are called by their name. What is encrypted is
shared all the same, and the evidence names the key, without which nobody can use the copy. What is
shared with everyone is reported by rules of its own. It takes a call for each snapshot and image of the
account, which only this rule asks for.

## Why it matters
A copy of a disk or a database is outside for good once somebody has made a copy of their own: none of
your controls reaches it any more. Copies that were shared once, for a migration or with a vendor, stay
shared until somebody looks.

## When it is latent
Never. Block public access for snapshots and images leaves accounts that are named alone.

## How to close it
Ask whose the account is; put those that belong to you into the configuration (`[trusted]`). Stop sharing
with the others, and take them out of the policy of the key. Whoever copied it keeps the copy: change the
passwords and keys that were in it.
",
    evaluate,
};

const KINDS: [&SharedKind; 4] = [
    &ami::public::SHARED,
    &ebs::snapshot_public::SHARED,
    &rds::cluster_snapshot_public::SHARED,
    &rds::snapshot_public::SHARED,
];

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    let zone = cx.zone_of_the_organization();
    for region in cx.regions() {
        // A scan that asks of no image with whom it is shared lists those alone that are public, and
        // so it does of snapshots.
        if region.services.ec2.describe_image_attribute.is_unread() {
            found.unread(&DESCRIBE_IMAGE_ATTRIBUTE, region.name);
        }
    }
    for kind in KINDS {
        share::evaluate_named(cx, found, &zone, kind);
    }
}
