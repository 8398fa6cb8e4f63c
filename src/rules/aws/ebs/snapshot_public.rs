//! Snapshots of EBS that every AWS account may restore a volume from.

use crate::inventory::aws::calls::ec2::{
    DESCRIBE_SNAPSHOT_ATTRIBUTE, DESCRIBE_SNAPSHOTS, GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE,
};
use crate::inventory::aws::ec2::SnapshotAttribute;
use crate::inventory::aws::kinds;
use crate::model::{Category, Control, Known, Lock, Remediation, Resource, Severity, Step, aws};
use crate::rules::shapes::share::{self, Recipient, Share, ShareRule, SharedKind};
use crate::rules::{Region, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "ebs-snapshot-public",
    title: "A disk snapshot can be restored by any AWS account",
    category: Category::Exposure,
    severity: Severity::Critical,
    kind: &kinds::EC2_SNAPSHOT,
    opt_in: false,
    never: &[],
    reads: &[&[
        &DESCRIBE_SNAPSHOTS,
        &DESCRIBE_SNAPSHOT_ATTRIBUTE,
        &GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE,
    ]],
    reads_more: &[],
    docs: "\
## What it finds
Snapshots of EBS volumes that are shared with the group `all`: any AWS account can make a volume of its
own from them. Snapshots that are shared with named accounts only are not meant.

## Why it matters
A disk image holds whatever the machine held: source, keys, databases. Public snapshots are listed by
one call, and people search them all day.

## When it is latent
The region blocks public sharing of snapshots altogether (`block-all-sharing`): the permission stays and
nobody can use it. `block-new-sharing` leaves in force what is shared already. A scan asks for what AWS
lists as restorable by everyone, which may leave out what a region's block shuts.

## How to close it
Take the group `all` out of the snapshot's permissions, and block public sharing of snapshots in every
region. Whoever copied the snapshot keeps the copy: change what was on the disk.
",
    evaluate: |cx, found| share::evaluate(cx, found, &SHAPE),
};

const SHAPE: ShareRule = ShareRule {
    verb: "restore",
    list: &DESCRIBE_SNAPSHOTS,
    shares,
    lock: Some(lock),
    severity: Severity::Critical,
    fix,
};

fn shares<'a>(region: &Region<'_, 'a>) -> Known<Vec<Share<'a>>> {
    let ec2 = &region.services.ec2;
    let place = region.place();
    ec2.describe_snapshots.as_ref().map(|listed| {
        // Without an owner the AWS CLI lists the public snapshots of all accounts.
        let own = listed.snapshots.iter().filter(|one| one.is_owned_by(place.account));
        let shares = own.map(|snapshot| {
            let id = snapshot.snapshot_id.as_str();
            let mut resource = kinds::EC2_SNAPSHOT.resource(&place, id);
            let named = snapshot.tags.iter().find(|tag| tag.key == "Name");
            resource.name = named.map(|tag| tag.value.clone()).filter(|name| !name.is_empty());
            let step = || {
                let text = "its createVolumePermission holds the group `all`: every AWS account";
                Step::of("snapshot", id, text)
            };
            let attribute = Known::from(ec2.describe_snapshot_attribute.get(id));
            Share {
                resource,
                noun: "snapshot",
                public: attribute.map(SnapshotAttribute::is_public).map(|all| all.then(step)),
                asked: &DESCRIBE_SNAPSHOT_ATTRIBUTE,
                asked_of: id,
            }
        });
        shares.collect()
    })
}

/// Only `block-all-sharing` reaches what is shared already (EBS user guide, block public access for
/// snapshots).
fn lock(region: &Region<'_, '_>) -> Lock {
    const CONTROL: &str = "snapshot-block-public-access";
    let state = region.services.ec2.get_snapshot_block_public_access_state.read();
    match state.and_then(|read| read.state.as_deref()) {
        None => Lock::Unknown(
            GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE
                .missing("whether the region blocks public sharing of snapshots was not read"),
        ),
        Some("block-all-sharing") => Lock::Shut(Control {
            control: CONTROL.to_owned(),
            text: format!("{} blocks all public sharing of snapshots", region.name),
        }),
        Some(state @ ("block-new-sharing" | "unblocked")) => {
            let text = format!("{state} in {}: what is shared stays shared", region.name);
            Lock::Open(Step::new(CONTROL, text))
        }
        Some(state) => Lock::Unknown(
            GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE
                .missing(format!("what the block `{state}` of the region does is not known")),
        ),
    }
}

fn fix(share: &Share<'_>) -> Remediation {
    Remediation {
        text: "take the group `all` out of the snapshot's permissions, and change what was on the \
               disk: copies that others made stay theirs"
            .to_owned(),
        commands: vec![aws([
            "ec2",
            "modify-snapshot-attribute",
            "--region",
            &share.resource.region,
            "--snapshot-id",
            &share.resource.id,
            "--attribute",
            "createVolumePermission",
            "--operation-type",
            "remove",
            "--group-names",
            "all",
        ])],
    }
}

/// What it lends to the rule about accounts that are named.
pub static SHARED: SharedKind = SharedKind {
    rule: &RULE,
    shape: &SHAPE,
    asked: &DESCRIBE_SNAPSHOT_ATTRIBUTE,
    with: |region, id| {
        let told = Known::from(region.services.ec2.describe_snapshot_attribute.get(id));
        told.map(|told| {
            let all = told.create_volume_permissions.iter();
            all.filter_map(|one| one.user_id.as_deref().map(Recipient::Account)).collect()
        })
    },
    // "You must also share the customer managed key" (EBS user guide, "Share an Amazon EBS
    // snapshot"); the AWS managed key cannot be (EC2 API reference, ModifySnapshotAttribute).
    key: |region, id| {
        let listed = region.services.ec2.describe_snapshots.read()?;
        let snapshot = listed.snapshots.iter().find(|one| one.snapshot_id == id)?;
        share::key(snapshot.encrypted, snapshot.kms_key_id.as_deref())
    },
    stop: |share, with| {
        let Resource { region, id, .. } = &share.resource;
        let named = ["--region", region, "--snapshot-id", id];
        let taken = ["--attribute", "createVolumePermission", "--operation-type", "remove"];
        let with = with.iter().map(|one| one.name());
        let words = ["ec2", "modify-snapshot-attribute"].into_iter().chain(named).chain(taken);
        aws(words.chain(["--user-ids"]).chain(with))
    },
};
