//! Machine images that every AWS account may launch.

use crate::inventory::aws::calls::ec2::{DESCRIBE_IMAGE_ATTRIBUTE, DESCRIBE_IMAGES};
use crate::inventory::aws::kinds;
use crate::model::{Category, Known, Remediation, Resource, Severity, Status, Step, aws};
use crate::rules::shapes::share::{self, Recipient, Share, ShareRule, SharedKind};
use crate::rules::{Region, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "ami-public",
    title: "A machine image can be launched by any AWS account",
    category: Category::Exposure,
    severity: Severity::High,
    kind: &kinds::EC2_IMAGE,
    opt_in: false,
    never: &[Status::Latent, Status::Undetermined],
    reads: &[&[&DESCRIBE_IMAGES]],
    reads_more: &[],
    docs: "\
## What it finds
Machine images (AMIs) of the account that are public: their launch permissions hold the group `all`, so
that any AWS account can start a machine from them. Images that are shared with named accounts or
organizations only are not meant, nor are images that are not available.

## Why it matters
Who launches an image gets its disks as they were: source, keys, passwords in scripts, logs. Public
images are listed by one call and searched for secrets by machine. Some are public on purpose, which is
why this is high and not critical: accept those, and look at what is on their disks.

## When it is latent
Never. Block public access for AMIs stops images from being made public, and leaves those public that
are already. An image that is disabled loses its launch permissions, and is no finding.

## How to close it
Take the group `all` out of the image's launch permissions, and block public access for AMIs in every
region. Whoever copied or launched the image keeps what was on it: change the secrets.
",
    evaluate: |cx, found| share::evaluate(cx, found, &SHAPE),
};

const SHAPE: ShareRule = ShareRule {
    verb: "launch",
    list: &DESCRIBE_IMAGES,
    shares,
    // "If you already have public AMIs, they remain publicly available" (EC2 user guide, block
    // public access for AMIs): the region's block changes nothing of what is found.
    lock: None,
    severity: Severity::High,
    fix,
};

fn shares<'a>(region: &Region<'_, 'a>) -> Known<Vec<Share<'a>>> {
    let place = region.place();
    region.services.ec2.describe_images.as_ref().map(|listed| {
        // Without an owner the AWS CLI lists the public images of all accounts.
        let own = listed.images.iter().filter(|one| one.is_owned_by(place.account));
        let shares = own.map(|image| {
            let id = image.image_id.as_str();
            let mut resource = kinds::EC2_IMAGE.resource(&place, id);
            resource.name = image.name.clone().filter(|name| !name.is_empty());
            let step = || {
                let text = "public: its launch permissions hold the group `all`, every AWS account";
                Step::of("image", id, text)
            };
            Share {
                resource,
                noun: "image",
                public: match image.is_public() {
                    Some(public) => Known::Read(public.then(step)),
                    None => Known::Unread,
                },
                asked: &DESCRIBE_IMAGES,
                asked_of: id,
            }
        });
        shares.collect()
    })
}

fn fix(share: &Share<'_>) -> Remediation {
    Remediation {
        text: "take the group `all` out of the image's launch permissions, and change the secrets \
               that were on its disks: copies that others made stay theirs"
            .to_owned(),
        commands: vec![aws([
            "ec2",
            "modify-image-attribute",
            "--region",
            &share.resource.region,
            "--image-id",
            &share.resource.id,
            "--launch-permission",
            "Remove=[{Group=all}]",
        ])],
    }
}

/// What it lends to the rule about accounts that are named.
pub static SHARED: SharedKind = SharedKind {
    rule: &RULE,
    shape: &SHAPE,
    asked: &DESCRIBE_IMAGE_ATTRIBUTE,
    with: |region, id| {
        region.services.ec2.describe_image_attribute.about(id).map(|told| {
            let all = told.launch_permissions.iter().filter_map(|one| {
                let account = one.user_id.as_deref().map(Recipient::Account);
                let organization = one.organization_arn.as_deref().map(Recipient::Organization);
                let unit = one.organizational_unit_arn.as_deref().map(Recipient::Unit);
                account.or(organization).or(unit)
            });
            all.collect()
        })
    },
    // "You must share any KMS keys that were used to encrypt snapshots that the AMI references" (EC2
    // user guide, "Share an AMI with specific AWS accounts").
    key: |region, id| {
        let listed = region.services.ec2.describe_images.read()?;
        let image = listed.images.iter().find(|one| one.image_id == id)?;
        let mut disks = image.block_device_mappings.iter().filter_map(|one| one.ebs.as_ref());
        let encrypted = disks.find(|disk| disk.encrypted == Some(true))?;
        let snapshot = encrypted.snapshot_id.as_deref().unwrap_or("of a disk");
        let text = "is encrypted, and on a disk of the image: whoever launches it needs the \
                    snapshot's key as well, by the key's own policy";
        Some(Step::of("snapshot", snapshot, text))
    },
    stop: |share, with| {
        let Resource { region, id, .. } = &share.resource;
        let with = with.iter().map(|one| match one {
            Recipient::Account(id) => format!("{{UserId={id}}}"),
            Recipient::Organization(arn) => format!("{{OrganizationArn={arn}}}"),
            Recipient::Unit(arn) => format!("{{OrganizationalUnitArn={arn}}}"),
        });
        let removed = format!("Remove=[{}]", with.collect::<Vec<_>>().join(","));
        let named = ["--region", region, "--image-id", id, "--launch-permission", &removed];
        aws(["ec2", "modify-image-attribute"].into_iter().chain(named))
    },
};
