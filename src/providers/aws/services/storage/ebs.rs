//! Copies of disks that every account may use: images, and snapshots of EBS, which are confirmed one
//! by one, with the region's block.

use aws_sdk_ec2::types::{self, SnapshotAttributeName};

use crate::analysis::aws::demand;
use crate::inventory::aws::calls::ec2::{
    DESCRIBE_IMAGES, DESCRIBE_SNAPSHOT_ATTRIBUTE, DESCRIBE_SNAPSHOTS,
    GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE,
};
use crate::inventory::aws::ec2::{
    CreateVolumePermission, Image, Images, Snapshot, SnapshotAttribute, SnapshotBlockPublicAccess,
    Snapshots,
};
use crate::inventory::aws::{Ec2, Services, Tag};
use crate::model::Known;
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Site, client};

pub(crate) static COLLECTOR: Collector = Collector {
    service: "ec2",
    scope: Scope::Region,
    calls: &[
        &DESCRIBE_IMAGES,
        &DESCRIBE_SNAPSHOTS,
        &DESCRIBE_SNAPSHOT_ATTRIBUTE,
        &GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE,
    ],
    collect: |site| Box::pin(collect(site)),
};

async fn collect(site: &Site) -> Services {
    let ec2 = client!(aws_sdk_ec2, site);
    let (images, facts) = tokio::join!(images(site, &ec2), snapshots(site, &ec2));
    let ec2 = Ec2 { describe_images: images.map(|images| Images { images }), ..facts };
    Services { ec2, ..Services::default() }
}

/// The image itself says whether it is public (EC2 API reference, Image: Public), so its permissions
/// are not asked for. Disabled ones are not listed, and have no launch permissions.
async fn images(site: &Site, ec2: &aws_sdk_ec2::Client) -> Known<Vec<Image>> {
    let public = types::Filter::builder().name("is-public").values("true").build();
    let asked = ec2.describe_images().owners("self").filters(public);
    let pages = asked.into_paginator().page_size(1000).send();
    let open = |page: aws_sdk_ec2::operation::describe_images::DescribeImagesOutput| {
        (page.images, page.next_token)
    };
    let own = site.account().id.as_str();
    site.list_apart(&DESCRIBE_IMAGES, pages, open, image).await.map(|mut images| {
        images.retain(|image| image.is_owned_by(own));
        images
    })
}

async fn snapshots(site: &Site, ec2: &aws_sdk_ec2::Client) -> Ec2 {
    // An account may have tens of thousands of snapshots: AWS picks those that are restorable by
    // `all` (EC2 API reference, DescribeSnapshots).
    let asked = ec2.describe_snapshots().owner_ids("self").restorable_by_user_ids("all");
    let pages = asked.into_paginator().page_size(1000).send();
    let open = |page: aws_sdk_ec2::operation::describe_snapshots::DescribeSnapshotsOutput| {
        (page.snapshots, page.next_token)
    };
    let listed = site.list_apart(&DESCRIBE_SNAPSHOTS, pages, open, snapshot).await;
    let Known::Read(mut snapshots) = listed else { return Ec2::default() };
    let own = site.account().id.as_str();
    snapshots.retain(|snapshot| snapshot.is_owned_by(own));
    let ask = |id: &str| {
        let asked = ec2.describe_snapshot_attribute().snapshot_id(id);
        asked.attribute(SnapshotAttributeName::CreateVolumePermission).send()
    };
    let attributes = site
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
    let mut facts = Ec2 { describe_snapshot_attribute: attributes, ..Ec2::default() };
    if demand::snapshot_block_matters(&facts, site.plan()) {
        facts.get_snapshot_block_public_access_state = site
            .get(
                &GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE,
                ec2.get_snapshot_block_public_access_state().send(),
                |answer| {
                    let state = answer.state.ok_or("an answer without a state")?;
                    Ok(SnapshotBlockPublicAccess { state: Some(state.as_str().to_owned()) })
                },
            )
            .await;
    }
    facts.describe_snapshots = Known::Read(Snapshots { snapshots });
    facts
}

fn image(from: types::Image) -> Image {
    Image {
        image_id: from.image_id.unwrap_or_default(),
        name: from.name,
        owner_id: from.owner_id,
        public: from.public,
        state: from.state.map(|state| state.as_str().to_owned()),
    }
}

fn snapshot(from: types::Snapshot) -> Snapshot {
    let tags = from.tags.unwrap_or_default().into_iter();
    Snapshot {
        snapshot_id: from.snapshot_id.unwrap_or_default(),
        owner_id: from.owner_id,
        volume_id: from.volume_id,
        volume_size: from.volume_size,
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
}
