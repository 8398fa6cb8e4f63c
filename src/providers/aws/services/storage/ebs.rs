//! Copies of disks that every account may use: images, and snapshots of EBS, which are confirmed one
//! by one, with the region's blocks; whether the account has any that these would keep private; and,
//! where that is asked for, with whom each one of all is shared.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{self, ImageAttributeName, SnapshotAttributeName};

use crate::analysis::aws::demand;
use crate::inventory::aws::calls::ec2::{
    DESCRIBE_IMAGE_ATTRIBUTE, DESCRIBE_IMAGES, DESCRIBE_SNAPSHOT_ATTRIBUTE, DESCRIBE_SNAPSHOTS,
    GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE, GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE,
};
use crate::inventory::aws::ec2::{
    BlockDeviceMapping, CreateVolumePermission, EbsBlockDevice, Image, ImageAttribute,
    ImageBlockPublicAccess, Images, LaunchPermission, Snapshot, SnapshotAttribute,
    SnapshotBlockPublicAccess, Snapshots,
};
use crate::inventory::aws::{Each, Ec2, Merge, Services, Tag};
use crate::model::Known;
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Site, client};

pub(crate) static COLLECTOR: Collector = Collector {
    service: "ec2",
    scope: Scope::Region,
    calls: &[
        &DESCRIBE_IMAGE_ATTRIBUTE,
        &DESCRIBE_IMAGES,
        &DESCRIBE_SNAPSHOTS,
        &DESCRIBE_SNAPSHOT_ATTRIBUTE,
        &GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE,
        &GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE,
    ],
    collect: |site| Box::pin(collect(site)),
};

async fn collect(site: &Site) -> Services {
    let ec2 = client!(aws_sdk_ec2, site);
    let (images, snapshots) = tokio::join!(images(site, &ec2), snapshots(site, &ec2));
    let mut ec2 = images;
    ec2.merge(snapshots);
    Services { ec2, ..Services::default() }
}

/// The image itself says whether it is public (EC2 API reference, Image: Public), so its permissions
/// are asked for only where named accounts matter, of all images. Disabled ones are not listed, and have no launch permissions.
async fn images(site: &Site, ec2: &aws_sdk_ec2::Client) -> Ec2 {
    let asked = ec2.get_image_block_public_access_state().send();
    let block = site.get(&GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE, asked, |answer| {
        let state = answer.image_block_public_access_state.ok_or("an answer without a state")?;
        Ok(ImageBlockPublicAccess { image_block_public_access_state: Some(state) })
    });
    let mut facts = Ec2 { get_image_block_public_access_state: block.await, ..Ec2::default() };
    let mut asked = ec2.describe_images().owners("self");
    let shares = demand::shares_matter(site.plan());
    if !shares && !demand::own_images_matter(&facts, site.plan()) {
        asked = asked.filters(types::Filter::builder().name("is-public").values("true").build());
    }
    let pages = asked.into_paginator().page_size(1000).send();
    let open = |page: aws_sdk_ec2::operation::describe_images::DescribeImagesOutput| {
        (page.images, page.next_token)
    };
    let own = site.account().id.as_str();
    let listed = site.list_apart(&DESCRIBE_IMAGES, pages, open, image).await;
    if shares {
        facts.describe_image_attribute = Each(Known::Read(BTreeMap::new()));
    }
    let Known::Read(mut images) = listed else { return facts };
    images.retain(|image| image.is_owned_by(own));
    if shares {
        let ask = |id: &str| {
            let asked = ec2.describe_image_attribute().image_id(id);
            asked.attribute(ImageAttributeName::LaunchPermission).send()
        };
        let read = site.each(
            &DESCRIBE_IMAGE_ATTRIBUTE,
            &mut images,
            |image| &image.image_id,
            ask,
            |answer| match answer.image_id {
                Some(_) => {
                    Ok(ImageAttribute { launch_permissions: launchers(answer.launch_permissions) })
                }
                None => Err("an answer without an image"),
            },
        );
        facts.describe_image_attribute = Each(Known::Read(read.await));
    }
    facts.describe_images = Known::Read(Images { images });
    facts
}

async fn snapshots(site: &Site, ec2: &aws_sdk_ec2::Client) -> Ec2 {
    let judged = demand::sharing_blocks_matter(site.plan());
    let mut facts = Ec2::default();
    if judged {
        facts.get_snapshot_block_public_access_state = snapshot_block(site, ec2).await;
    }
    let mut snapshots = Vec::new();
    let all = demand::shares_matter(site.plan());
    let public = all || demand::public_snapshots_matter(site.plan());
    if public {
        let Known::Read(listed) = own_snapshots(site, ec2, all).await else { return facts };
        snapshots = listed;
    }
    let any = demand::own_snapshots_matter(&facts, site.plan());
    if any && snapshots.is_empty() {
        let Known::Read(one) = one_snapshot(site, ec2).await else { return facts };
        snapshots = one;
    }
    if !public && !any {
        return facts;
    }
    let ask = |id: &str| {
        let asked = ec2.describe_snapshot_attribute().snapshot_id(id);
        asked.attribute(SnapshotAttributeName::CreateVolumePermission).send()
    };
    facts.describe_snapshot_attribute = site
        .each(
            &DESCRIBE_SNAPSHOT_ATTRIBUTE,
            &mut snapshots,
            |snapshot| &snapshot.snapshot_id,
            ask,
            |answer| match answer.snapshot_id {
                Some(_) => Ok(SnapshotAttribute {
                    create_volume_permissions: permissions(answer.create_volume_permissions),
                }),
                None => Err("an answer without a snapshot"),
            },
        )
        .await;
    if !judged && demand::snapshot_block_matters(&facts, site.plan()) {
        facts.get_snapshot_block_public_access_state = snapshot_block(site, ec2).await;
    }
    facts.describe_snapshots = Known::Read(Snapshots { snapshots });
    facts
}

async fn snapshot_block(
    site: &Site,
    ec2: &aws_sdk_ec2::Client,
) -> Known<SnapshotBlockPublicAccess> {
    let asked = ec2.get_snapshot_block_public_access_state().send();
    let block = site.get(&GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE, asked, |answer| {
        let state = answer.state.ok_or("an answer without a state")?;
        Ok(SnapshotBlockPublicAccess { state: Some(state.as_str().to_owned()) })
    });
    block.await
}

/// An account may have tens of thousands of snapshots: AWS picks those that are restorable by `all`,
/// unless `all` of them are wanted. It can pick those that are restorable by one account as well, and
/// not those that are by any (EC2 API reference, DescribeSnapshots: RestorableByUserIds).
async fn own_snapshots(site: &Site, ec2: &aws_sdk_ec2::Client, all: bool) -> Known<Vec<Snapshot>> {
    let asked = ec2.describe_snapshots().owner_ids("self");
    let asked = if all { asked } else { asked.restorable_by_user_ids("all") };
    let pages = asked.into_paginator().page_size(1000).send();
    let open = |page: aws_sdk_ec2::operation::describe_snapshots::DescribeSnapshotsOutput| {
        (page.snapshots, page.next_token)
    };
    let own = site.account().id.as_str();
    site.list_apart(&DESCRIBE_SNAPSHOTS, pages, open, snapshot).await.map(|mut snapshots| {
        snapshots.retain(|snapshot| snapshot.is_owned_by(own));
        snapshots
    })
}

/// One of the account's snapshots, where it has any: pages are read up to the first that holds one.
/// Five is the least that a page may hold (EC2 API reference, DescribeSnapshots: MaxResults).
async fn one_snapshot(site: &Site, ec2: &aws_sdk_ec2::Client) -> Known<Vec<Snapshot>> {
    let pages = ec2.describe_snapshots().owner_ids("self").into_paginator().page_size(5).send();
    let own = site.account().id.as_str();
    let open = |page: aws_sdk_ec2::operation::describe_snapshots::DescribeSnapshotsOutput| {
        let mut snapshots = page.snapshots.unwrap_or_default();
        snapshots.retain(|one| one.owner_id.as_deref().is_none_or(|owner| owner == own));
        snapshots.truncate(1);
        let more = page.next_token.filter(|_| snapshots.is_empty());
        (Some(snapshots), more)
    };
    site.list(&DESCRIBE_SNAPSHOTS, pages, open, snapshot).await
}

fn image(from: types::Image) -> Image {
    Image {
        image_id: from.image_id.unwrap_or_default(),
        name: from.name,
        owner_id: from.owner_id,
        public: from.public,
        state: from.state.map(|state| state.as_str().to_owned()),
        block_device_mappings: disks(from.block_device_mappings),
    }
}

fn disks(from: Option<Vec<types::BlockDeviceMapping>>) -> Vec<BlockDeviceMapping> {
    let volume = |ebs: types::EbsBlockDevice| EbsBlockDevice {
        snapshot_id: ebs.snapshot_id,
        encrypted: ebs.encrypted,
    };
    let all = from.unwrap_or_default().into_iter();
    all.map(|one| BlockDeviceMapping { ebs: one.ebs.map(volume) }).collect()
}

fn launchers(from: Option<Vec<types::LaunchPermission>>) -> Vec<LaunchPermission> {
    let all = from.unwrap_or_default().into_iter().map(|one| LaunchPermission {
        group: one.group.map(|group| group.as_str().to_owned()),
        user_id: one.user_id,
        organization_arn: one.organization_arn,
        organizational_unit_arn: one.organizational_unit_arn,
    });
    all.collect()
}

fn snapshot(from: types::Snapshot) -> Snapshot {
    let tags = from.tags.unwrap_or_default().into_iter();
    Snapshot {
        snapshot_id: from.snapshot_id.unwrap_or_default(),
        owner_id: from.owner_id,
        volume_id: from.volume_id,
        volume_size: from.volume_size,
        encrypted: from.encrypted,
        kms_key_id: from.kms_key_id,
        tags: tags
            .map(|tag| Tag {
                key: tag.key.unwrap_or_default(),
                value: tag.value.unwrap_or_default(),
            })
            .collect(),
    }
}

fn permissions(from: Option<Vec<types::CreateVolumePermission>>) -> Vec<CreateVolumePermission> {
    let all = from.unwrap_or_default().into_iter().map(|one| CreateVolumePermission {
        group: one.group.map(|group| group.as_str().to_owned()),
        user_id: one.user_id,
    });
    all.collect()
}

#[cfg(test)]
mod tests {
    use crate::providers::aws::tests::replay::{Cloud, ec2_error, ok};

    #[test]
    fn public_images_are_asked_for_and_nothing_more_about_them() {
        let page = |id: &str, owner: &str, token: &str| {
            ok(format!(
                "<DescribeImagesResponse><imagesSet><item><imageId>{id}</imageId><name>web</name>\
                 <imageOwnerId>{owner}</imageOwnerId><isPublic>true</isPublic>\
                 <imageState>available</imageState></item></imagesSet>{token}\
                 </DescribeImagesResponse>"
            ))
        };
        let cloud = Cloud::new(move |asked| {
            assert_eq!(asked.what, "DescribeImages");
            for part in ["Owner.1=self", "Filter.1.Name=is-public", "Filter.1.Value.1=true"] {
                assert!(asked.form.contains(part), "{}", asked.form);
            }
            match asked.form.contains("NextToken") {
                false => page("ami-own", "123456789012", "<nextToken>more</nextToken>"),
                true => page("ami-other", "999999999999", ""),
            }
        });
        let snapshot = cloud.collect(&["ec2:DescribeImages"]);
        assert_eq!(snapshot.gaps, []);
        let read = snapshot.regions["us-east-1"].ec2.describe_images.read();
        let images = &read.expect("the call was answered").images;
        let [own] = images.as_slice() else { panic!("{images:?}") };
        assert_eq!((own.image_id.as_str(), own.name.as_deref()), ("ami-own", Some("web")));
        assert_eq!(own.is_public(), Some(true));
    }

    #[test]
    fn images_and_snapshots_do_not_hide_each_other() {
        let cloud = Cloud::new(|asked| match asked.what.as_str() {
            "DescribeImages" => ec2_error(403, "UnauthorizedOperation"),
            "DescribeSnapshots" => {
                ok("<DescribeSnapshotsResponse><snapshotSet/></DescribeSnapshotsResponse>")
            }
            other => panic!("{other}"),
        });
        let snapshot = cloud.collect(&["ec2:DescribeImages", "ec2:DescribeSnapshots"]);
        let ec2 = &snapshot.regions["us-east-1"].ec2;
        assert!(ec2.describe_images.is_unread());
        assert!(ec2.describe_snapshots.read().is_some());
        let gaps: Vec<_> = snapshot.gaps.iter().map(|gap| gap.call()).collect();
        assert_eq!(gaps, ["ec2:DescribeImages"]);
    }

    #[test]
    fn an_image_that_does_not_say_whether_it_is_public_is_kept_without_an_answer() {
        let cloud = Cloud::new(|_| {
            ok("<DescribeImagesResponse><imagesSet><item><imageId>ami-odd</imageId></item>\
                </imagesSet></DescribeImagesResponse>")
        });
        let snapshot = cloud.collect(&["ec2:DescribeImages"]);
        let read = snapshot.regions["us-east-1"].ec2.describe_images.read();
        let images = &read.expect("the call was answered").images;
        assert_eq!(images.len(), 1);
        assert_eq!(images[0].is_public(), None);
    }

    #[test]
    fn public_snapshots_are_asked_for_confirmed_and_their_block_read_where_there_are_any() {
        let page = |snapshots: &str, token: &str| {
            ok(format!(
                "<DescribeSnapshotsResponse><snapshotSet>{snapshots}</snapshotSet>{token}\
                 </DescribeSnapshotsResponse>"
            ))
        };
        let item = |id: &str, owner: &str| {
            format!("<item><snapshotId>{id}</snapshotId><ownerId>{owner}</ownerId></item>")
        };
        let cloud = Cloud::new(move |asked| match asked.what.as_str() {
            "DescribeSnapshots" => {
                assert!(asked.form.contains("RestorableBy.1=all"), "{}", asked.form);
                assert!(asked.form.contains("Owner.1=self"), "{}", asked.form);
                match asked.form.contains("NextToken") {
                    false => page(
                        &(item("snap-open", "123456789012") + &item("snap-gone", "123456789012")),
                        "<nextToken>more</nextToken>",
                    ),
                    true => page(
                        &(item("snap-secret", "123456789012")
                            + &item("snap-other", "999999999999")),
                        "",
                    ),
                }
            }
            "DescribeSnapshotAttribute" if asked.form.contains("snap-open") => {
                ok("<DescribeSnapshotAttributeResponse><snapshotId>snap-open</snapshotId>\
                 <createVolumePermission><item><group>all</group></item></createVolumePermission>\
                 </DescribeSnapshotAttributeResponse>")
            }
            "DescribeSnapshotAttribute" if asked.form.contains("snap-gone") => {
                ec2_error(400, "InvalidSnapshot.NotFound")
            }
            "DescribeSnapshotAttribute" => ec2_error(403, "UnauthorizedOperation"),
            "GetSnapshotBlockPublicAccessState" => {
                ok("<GetSnapshotBlockPublicAccessStateResponse><state>block-new-sharing</state>\
                 </GetSnapshotBlockPublicAccessStateResponse>")
            }
            other => panic!("{other}"),
        });
        let snapshot = cloud.collect(&[
            "ec2:DescribeSnapshots",
            "ec2:DescribeSnapshotAttribute",
            "ec2:GetSnapshotBlockPublicAccessState",
        ]);
        let ec2 = &snapshot.regions["us-east-1"].ec2;
        let listed = &ec2.describe_snapshots.read().expect("the call was answered").snapshots;
        let ids: Vec<_> = listed.iter().map(|one| one.snapshot_id.as_str()).collect();
        assert_eq!(ids, ["snap-open", "snap-secret"], "of the account, and there");
        assert!(ec2.describe_snapshot_attribute["snap-open"].is_public());
        let state =
            ec2.get_snapshot_block_public_access_state.read().expect("the call was answered");
        assert_eq!(state.state.as_deref(), Some("block-new-sharing"));
        let gaps: Vec<_> =
            snapshot.gaps.iter().map(|g| (g.call(), g.resource.as_deref())).collect();
        assert_eq!(gaps, [("ec2:DescribeSnapshotAttribute".to_owned(), Some("snap-secret"))]);
    }

    #[test]
    fn without_a_public_snapshot_their_block_is_not_asked_for() {
        let cloud = Cloud::new(|asked| match asked.what.as_str() {
            "DescribeSnapshots" => {
                ok("<DescribeSnapshotsResponse><snapshotSet/></DescribeSnapshotsResponse>")
            }
            other => panic!("{other}"),
        });
        let calls = ["ec2:DescribeSnapshots", "ec2:GetSnapshotBlockPublicAccessState"];
        let snapshot = cloud.collect(&calls);
        assert_eq!(snapshot.gaps, []);
        assert!(snapshot.regions["us-east-1"].ec2.describe_snapshots.read().is_some());
    }

    #[test]
    fn where_named_accounts_matter_all_copies_are_listed_and_each_is_asked() {
        let cloud = Cloud::new(|asked| {
            let page = |inner: &str| {
                let name = &asked.what;
                ok(format!("<{name}Response>{inner}</{name}Response>"))
            };
            let id = |id: &str| asked.form.contains(id);
            match asked.what.as_str() {
                "DescribeImages" => {
                    assert!(!id("is-public"), "{}", asked.form);
                    let item = |id: &str| {
                        format!(
                            "<item><imageId>{id}</imageId><isPublic>false</isPublic>\
                             <blockDeviceMapping><item><ebs><snapshotId>snap-disk</snapshotId>\
                             <encrypted>true</encrypted></ebs></item></blockDeviceMapping></item>"
                        )
                    };
                    let all = ["ami-a", "ami-gone", "ami-secret"].map(item).concat();
                    page(&format!("<imagesSet>{all}</imagesSet>"))
                }
                "DescribeImageAttribute" if id("ami-a") => page(
                    "<imageId>ami-a</imageId><launchPermission><item><userId>444455556666</userId>\
                     </item><item><organizationArn>arn:aws:organizations::1:organization/o-b\
                     </organizationArn></item></launchPermission>",
                ),
                "DescribeImageAttribute" if id("ami-gone") => {
                    ec2_error(400, "InvalidAMIID.NotFound")
                }
                "DescribeImageAttribute" => ec2_error(403, "UnauthorizedOperation"),
                "DescribeSnapshots" => {
                    assert!(!id("RestorableBy"), "{}", asked.form);
                    page(
                        "<snapshotSet><item><snapshotId>snap-a</snapshotId>\
                         <encrypted>true</encrypted><kmsKeyId>arn:key</kmsKeyId></item>\
                         </snapshotSet>",
                    )
                }
                "DescribeSnapshotAttribute" => page(
                    "<snapshotId>snap-a</snapshotId><createVolumePermission><item>\
                     <userId>444455556666</userId></item></createVolumePermission>",
                ),
                other => panic!("{other}"),
            }
        });
        let snapshot = cloud.collect(&[
            "ec2:DescribeImageAttribute",
            "ec2:DescribeImages",
            "ec2:DescribeSnapshotAttribute",
            "ec2:DescribeSnapshots",
        ]);
        let ec2 = &snapshot.regions["us-east-1"].ec2;
        let images = &ec2.describe_images.read().expect("the call was answered").images;
        let ids: Vec<_> = images.iter().map(|image| image.image_id.as_str()).collect();
        assert_eq!(ids, ["ami-a", "ami-secret"], "one is gone");
        let disk = images[0].block_device_mappings[0].ebs.as_ref().expect("a volume");
        assert_eq!((disk.snapshot_id.as_deref(), disk.encrypted), (Some("snap-disk"), Some(true)));
        let told = ec2.describe_image_attribute.about("ami-a").into_option().expect("an answer");
        let [account, organization] = told.launch_permissions.as_slice() else {
            panic!("{told:?}")
        };
        assert_eq!(account.user_id.as_deref(), Some("444455556666"));
        assert!(organization.organization_arn.is_some());
        assert!(ec2.describe_image_attribute.about("ami-secret").is_unread());
        let snapshots = &ec2.describe_snapshots.read().expect("the call was answered").snapshots;
        assert_eq!(snapshots[0].kms_key_id.as_deref(), Some("arn:key"));
        let permissions = &ec2.describe_snapshot_attribute["snap-a"].create_volume_permissions;
        assert_eq!(permissions[0].user_id.as_deref(), Some("444455556666"));
        let gaps: Vec<_> =
            snapshot.gaps.iter().map(|gap| (gap.call(), gap.resource.as_deref())).collect();
        assert_eq!(gaps, [("ec2:DescribeImageAttribute".to_owned(), Some("ami-secret"))]);
    }

    #[test]
    fn where_images_are_refused_it_is_known_that_all_were_asked_for() {
        let cloud = Cloud::new(|asked| match asked.what.as_str() {
            "DescribeImages" => ec2_error(403, "UnauthorizedOperation"),
            other => panic!("{other}"),
        });
        let snapshot = cloud.collect(&["ec2:DescribeImageAttribute", "ec2:DescribeImages"]);
        let ec2 = &snapshot.regions["us-east-1"].ec2;
        assert!(ec2.describe_images.is_unread() && !ec2.describe_image_attribute.is_unread());
        assert_eq!(snapshot.gaps.len(), 1);
    }

    #[test]
    fn where_blocks_are_judged_one_copy_of_the_account_is_looked_for_where_they_are_off() {
        let cloud = |state: &'static str| {
            Cloud::new(move |asked| {
                let page = |inner: &str| {
                    let name = &asked.what;
                    ok(format!("<{name}Response>{inner}</{name}Response>"))
                };
                let item = |id: &str, owner: &str| {
                    format!("<item><snapshotId>{id}</snapshotId><ownerId>{owner}</ownerId></item>")
                };
                match asked.what.as_str() {
                    "GetSnapshotBlockPublicAccessState" => page(&format!("<state>{state}</state>")),
                    "GetImageBlockPublicAccessState" => page(&format!(
                        "<imageBlockPublicAccessState>{state}</imageBlockPublicAccessState>"
                    )),
                    "DescribeImages" => {
                        assert_eq!(asked.form.contains("is-public"), state != "unblocked");
                        page("<imagesSet/>")
                    }
                    "DescribeSnapshots" if asked.form.contains("RestorableBy.1=all") => {
                        page("<snapshotSet/>")
                    }
                    "DescribeSnapshots" => {
                        assert!(asked.form.contains("MaxResults=5"), "{}", asked.form);
                        let set = |items: &str, token: &str| {
                            page(&format!("<snapshotSet>{items}</snapshotSet>{token}"))
                        };
                        let more = |token: &str| format!("<nextToken>{token}</nextToken>");
                        if asked.form.contains("NextToken=b") {
                            let two =
                                item("snap-1", "123456789012") + &item("snap-2", "123456789012");
                            set(&two, &more("c"))
                        } else if asked.form.contains("NextToken=a") {
                            set(&item("snap-other", "999999999999"), &more("b"))
                        } else {
                            set("", &more("a"))
                        }
                    }
                    "DescribeSnapshotAttribute" => page("<snapshotId>snap-1</snapshotId>"),
                    other => panic!("{other}"),
                }
            })
        };
        let guardrail = [
            "ec2:DescribeImages",
            "ec2:DescribeSnapshots",
            "ec2:GetImageBlockPublicAccessState",
            "ec2:GetSnapshotBlockPublicAccessState",
        ];
        let beside = [guardrail.as_slice(), &["ec2:DescribeSnapshotAttribute"]].concat();
        let asked = |state: &'static str, calls: &[&str]| {
            let snapshot = cloud(state).collect(calls);
            assert_eq!(snapshot.gaps, []);
            let ec2 = &snapshot.regions["us-east-1"].ec2;
            let listed = ec2.describe_snapshots.read().map(|read| {
                let ids = read.snapshots.iter().map(|one| one.snapshot_id.clone());
                ids.collect::<Vec<_>>()
            });
            let of = |call: &str| snapshot.calls.get(call).copied().unwrap_or_default();
            let attributes = ec2.describe_snapshot_attribute.len();
            (listed, of("ec2:DescribeSnapshots"), of("ec2:DescribeImages"), attributes)
        };
        let one = Some(vec!["snap-1".to_owned()]);
        assert_eq!(asked("unblocked", &guardrail), (one.clone(), 3, 1, 0));
        assert_eq!(asked("unblocked", &beside), (one, 4, 1, 1), "what is kept is judged too");
        assert_eq!(asked("block-new-sharing", &guardrail), (None, 0, 1, 0));
        assert_eq!(asked("block-new-sharing", &beside), (Some(vec![]), 1, 1, 0));
    }

    #[test]
    fn blocks_that_are_refused_or_say_nothing_are_gaps_and_lead_no_further() {
        let cloud = Cloud::new(|asked| match asked.what.as_str() {
            "GetSnapshotBlockPublicAccessState" => ec2_error(403, "UnauthorizedOperation"),
            "GetImageBlockPublicAccessState" => ok("<GetImageBlockPublicAccessStateResponse/>"),
            "DescribeImages" => ok("<DescribeImagesResponse><imagesSet/></DescribeImagesResponse>"),
            other => panic!("{other}"),
        });
        let snapshot = cloud.collect(&[
            "ec2:DescribeImages",
            "ec2:DescribeSnapshots",
            "ec2:GetImageBlockPublicAccessState",
            "ec2:GetSnapshotBlockPublicAccessState",
        ]);
        let ec2 = &snapshot.regions["us-east-1"].ec2;
        assert!(ec2.get_image_block_public_access_state.is_unread());
        assert!(ec2.get_snapshot_block_public_access_state.is_unread());
        assert!(ec2.describe_snapshots.is_unread());
        let mut gaps: Vec<_> = snapshot.gaps.iter().map(|gap| gap.call()).collect();
        gaps.sort();
        assert_eq!(
            gaps,
            ["ec2:GetImageBlockPublicAccessState", "ec2:GetSnapshotBlockPublicAccessState"]
        );
    }

    #[test]
    fn a_refused_list_of_the_own_snapshots_is_no_empty_one() {
        let cloud = Cloud::new(|asked| match asked.what.as_str() {
            "GetSnapshotBlockPublicAccessState" => {
                ok("<GetSnapshotBlockPublicAccessStateResponse><state>unblocked</state>\
                    </GetSnapshotBlockPublicAccessStateResponse>")
            }
            "GetImageBlockPublicAccessState" => ec2_error(403, "UnauthorizedOperation"),
            "DescribeSnapshots" if asked.form.contains("RestorableBy.1=all") => {
                ok("<DescribeSnapshotsResponse><snapshotSet/></DescribeSnapshotsResponse>")
            }
            "DescribeSnapshots" => ec2_error(403, "UnauthorizedOperation"),
            other => panic!("{other}"),
        });
        let snapshot = cloud.collect(&[
            "ec2:DescribeSnapshotAttribute",
            "ec2:DescribeSnapshots",
            "ec2:GetImageBlockPublicAccessState",
            "ec2:GetSnapshotBlockPublicAccessState",
        ]);
        let ec2 = &snapshot.regions["us-east-1"].ec2;
        assert!(ec2.describe_snapshots.is_unread());
        let gaps: Vec<_> = snapshot.gaps.iter().map(|gap| gap.call()).collect();
        assert!(gaps.contains(&"ec2:DescribeSnapshots".to_owned()), "{gaps:?}");
    }
}
