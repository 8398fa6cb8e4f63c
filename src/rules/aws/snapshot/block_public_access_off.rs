//! The region's blocks of public snapshots and images, where there is something to keep private.

use crate::inventory::aws::calls::Call;
use crate::inventory::aws::calls::ec2::{
    DESCRIBE_IMAGES, DESCRIBE_SNAPSHOTS, GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE,
    GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE,
};
use crate::inventory::aws::ec2::UNBLOCKED;
use crate::inventory::aws::kinds;
use crate::model::{Category, Known, Remediation, Severity, Step, aws};
use crate::rules::shapes::setting;
use crate::rules::{Context, Findings, Region, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "snapshot-block-public-access-off",
    title: "Nothing would stop the next snapshot or image from being made public",
    category: Category::Guardrail,
    severity: Severity::Low,
    kind: &kinds::EC2_REGION,
    opt_in: false,
    never: &[],
    reads: &[&[
        &DESCRIBE_IMAGES,
        &DESCRIBE_SNAPSHOTS,
        &GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE,
        &GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE,
    ]],
    reads_more: &[],
    docs: "\
## What it finds
Regions in which the account has EBS snapshots and public sharing of snapshots is not blocked, and
regions in which it has machine images (AMIs) and public sharing of images is not blocked. Regions in
which it has none are not meant.

## Why it matters
A snapshot or image is made public by one call, and whoever copies it meanwhile keeps the copy. With the
region's block on that call is refused, whoever makes it.

## When it is latent
Never: this is a missing protection, not a way in. What is public now is reported by
`ebs-snapshot-public` and `ami-public`.

## How to close it
Switch both blocks on. `block-all-sharing` also makes private again what is shared with everyone: where
a snapshot has to stay public, choose `block-new-sharing`. Images that are public already stay public.
",
    evaluate,
};

/// The block of one kind of copy.
struct Block<'a> {
    /// Kind of evidence, and what tells one block from the other.
    way_in: &'static str,
    /// What it keeps private.
    noun: &'static str,
    /// The call that tells its state.
    asked: &'static Call,
    /// Its state as AWS writes it.
    state: Option<&'a str>,
    /// The call that lists the copies.
    list: &'static Call,
    /// One of the account's copies, where there is any.
    one: Known<Option<&'a str>>,
    /// How to switch it on.
    remediation: Remediation,
}

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    for region in cx.regions() {
        for block in [snapshots(&region), images(&region)] {
            judge(&region, block, found);
        }
    }
}

fn judge(region: &Region<'_, '_>, block: Block<'_>, found: &mut Findings) {
    match block.state {
        Some(UNBLOCKED) => {}
        // Both words that there are besides (EC2 API reference, GetSnapshotBlockPublicAccessState)
        // refuse new public sharing.
        Some("block-all-sharing" | "block-new-sharing") => return,
        _ => return found.unread(block.asked, region.name),
    }
    let Known::Read(one) = block.one else { return found.unread(block.list, region.name) };
    let Some(one) = one else { return };
    let noun = block.noun;
    let place = region.place();
    let arn = kinds::EC2_REGION.arn(&place, "");
    setting::Off {
        resource: kinds::EC2_REGION.resource_of(&place, region.name, &arn),
        way_in: block.way_in,
        severity: Severity::Low,
        title: format!("{} does not block public sharing of {noun}s", region.name),
        evidence: vec![
            Step::new(block.way_in, format!("{UNBLOCKED} in {}", region.name)),
            Step::of(noun, one, format!("the account has {noun}s there, this one for instance")),
        ],
        remediation: block.remediation,
    }
    .report(found);
}

fn snapshots<'a>(region: &Region<'_, 'a>) -> Block<'a> {
    let ec2 = &region.services.ec2;
    let account = region.place().account;
    let state = ec2.get_snapshot_block_public_access_state.read();
    Block {
        way_in: "snapshot-block-public-access",
        noun: "snapshot",
        asked: &GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE,
        state: state.and_then(|read| read.state.as_deref()),
        list: &DESCRIBE_SNAPSHOTS,
        one: ec2.describe_snapshots.as_ref().map(|listed| {
            let own = listed.snapshots.iter().find(|one| one.is_owned_by(account));
            own.map(|one| one.snapshot_id.as_str())
        }),
        remediation: Remediation {
            text:
                "block public sharing of snapshots in the region; choose block-new-sharing where \
                   one has to stay public"
                    .to_owned(),
            commands: vec![aws([
                "ec2",
                "enable-snapshot-block-public-access",
                "--region",
                region.name,
                "--state",
                "block-all-sharing",
            ])],
        },
    }
}

fn images<'a>(region: &Region<'_, 'a>) -> Block<'a> {
    let ec2 = &region.services.ec2;
    let account = region.place().account;
    let state = ec2.get_image_block_public_access_state.read();
    Block {
        way_in: "image-block-public-access",
        noun: "image",
        asked: &GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE,
        state: state.and_then(|read| read.image_block_public_access_state.as_deref()),
        list: &DESCRIBE_IMAGES,
        one: ec2.describe_images.as_ref().map(|listed| {
            let own = listed.images.iter().find(|one| one.is_owned_by(account));
            own.map(|one| one.image_id.as_str())
        }),
        remediation: Remediation {
            text: "block public sharing of images in the region; those that are public already \
                   stay public"
                .to_owned(),
            commands: vec![aws([
                "ec2",
                "enable-image-block-public-access",
                "--region",
                region.name,
                "--image-block-public-access-state",
                "block-new-sharing",
            ])],
        },
    }
}
