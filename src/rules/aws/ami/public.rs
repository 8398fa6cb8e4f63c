//! Machine images that every AWS account may launch.

use crate::inventory::aws::calls::ec2::DESCRIBE_IMAGES;
use crate::inventory::aws::kinds;
use crate::model::{Category, Known, Remediation, Severity, Status, Step, aws};
use crate::rules::shapes::share::{self, Share, ShareRule};
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
