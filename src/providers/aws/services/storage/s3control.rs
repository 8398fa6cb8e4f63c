//! The account's own block, and access points of buckets. Where that block leaves no public policy
//! in force, access points are not asked anything.

use aws_sdk_s3control::{Client, types};

use crate::analysis::aws::demand::s3 as demand;
use crate::inventory::aws::calls::{self, Call};
use crate::inventory::aws::s3::{
    BucketPolicyStatus, PolicyStatus, PublicAccessBlock, PublicAccessBlockConfiguration,
};
use crate::inventory::aws::s3control::{
    AccessPoint, AccessPointDetails, AccessPointPolicy, AccessPoints, MultiRegionAccessPoint,
    MultiRegionAccessPoints, MultiRegionBucket, MultiRegionPolicy, MultiRegionPolicyDocument,
    MultiRegionPolicyStatus,
};
use crate::inventory::aws::{Merge, S3Control, Services};
use crate::model::Known;
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Gone, Site, client};

/// Those of one region.
pub(crate) static REGIONAL: Collector = Collector {
    service: "s3control",
    scope: Scope::Region,
    calls: &[
        &calls::s3control::GET_ACCESS_POINT,
        &calls::s3control::GET_ACCESS_POINT_POLICY,
        &calls::s3control::GET_ACCESS_POINT_POLICY_STATUS,
        &calls::s3control::LIST_ACCESS_POINTS,
    ],
    collect: |site| Box::pin(regional(site)),
};

/// Those of several regions.
pub(crate) static MULTI_REGION: Collector = Collector {
    service: "s3control",
    scope: Scope::Account,
    calls: &[
        &calls::s3control::GET_MULTI_REGION_ACCESS_POINT_POLICY,
        &calls::s3control::GET_MULTI_REGION_ACCESS_POINT_POLICY_STATUS,
        &calls::s3control::LIST_MULTI_REGION_ACCESS_POINTS,
    ],
    collect: |site| Box::pin(multi_region(site)),
};

/// The account's own block, which includes what its organization enforces. It is the same in every
/// region (S3 user guide, blocking public access).
/// Several collectors depend on it; it is asked once, in the account's home region.
pub(crate) async fn account_block(site: &Site) -> Known<Option<PublicAccessBlock>> {
    const CALL: &Call = &calls::s3control::GET_PUBLIC_ACCESS_BLOCK;
    let home = site.in_region(&site.account().home);
    let asked = site.once(CALL, async {
        let client = client!(aws_sdk_s3control, &home);
        let call = client.get_public_access_block().account_id(&home.account().id).send();
        let block = home.find(CALL, None, call, |answer| {
            let block = answer.public_access_block_configuration;
            let block = block.as_ref().map(settings).ok_or("an answer without settings")?;
            Ok(PublicAccessBlock { public_access_block_configuration: block })
        });
        let block = block.await.unwrap_or(Known::Unread);
        let s3control = S3Control { get_public_access_block: block, ..S3Control::default() };
        Services { s3control, ..Services::default() }
    });
    asked.await.s3control.get_public_access_block
}

/// Whether a public policy may take effect, or is wanted anyway.
async fn matter(site: &Site) -> bool {
    site.plan().latent || demand::access_points_matter(site.plan(), &account_block(site).await)
}

async fn regional(site: &Site) -> Services {
    if !site.plan().wants(&calls::s3control::LIST_ACCESS_POINTS) || !matter(site).await {
        return Services::default();
    }
    let client = client!(aws_sdk_s3control, site);
    let pages = client.list_access_points().account_id(&site.account().id).into_paginator();
    let listed = site
        .list_apart(
            &calls::s3control::LIST_ACCESS_POINTS,
            pages.send(),
            |page| (page.access_point_list, page.next_token),
            access_point,
        )
        .await;
    let mut s3control = S3Control::default();
    if let Known::Read(points) = listed {
        let facts = site.gather(points, |point| about(site, &client, point));
        let mut left = Vec::new();
        for (point, facts) in facts.await {
            s3control.merge(facts);
            left.push(point);
        }
        left.sort_by(|a, b| a.name.cmp(&b.name));
        s3control.list_access_points = Known::Read(AccessPoints { access_point_list: left });
    }
    Services { s3control, ..Services::default() }
}

/// Asks about one access point.
async fn about(
    site: &Site,
    client: &Client,
    point: AccessPoint,
) -> Result<(AccessPoint, S3Control), Gone> {
    let mut facts = S3Control::default();
    if !demand::access_point_matters(site.plan(), &point) {
        return Ok((point, facts));
    }
    let (account, name) = (&site.account().id, point.name.as_str());
    let call = client.get_access_point().account_id(account).name(name).send();
    let details = site.find(&calls::s3control::GET_ACCESS_POINT, Some(name), call, |answer| {
        let own = answer.public_access_block_configuration;
        let details =
            AccessPointDetails { public_access_block_configuration: own.as_ref().map(settings) };
        answer.name.map(|_| details).ok_or("an answer without its contents")
    });
    let details = details.await?.into_option().flatten();
    let own = details.as_ref().and_then(|details| details.public_access_block_configuration);
    if let Some(details) = details {
        facts.get_access_point.insert(name.to_owned(), details);
    }
    if !demand::access_point_policy_matters(site.plan(), own) {
        return Ok((point, facts));
    }
    let call = client.get_access_point_policy().account_id(account).name(name).send();
    let policy =
        site.find(&calls::s3control::GET_ACCESS_POINT_POLICY, Some(name), call, |answer| {
            let policy = answer.policy.ok_or("an answer without a policy")?;
            Ok(AccessPointPolicy { policy: Some(policy) })
        });
    let policy = policy.await?;
    let text = policy.read().and_then(|policy| policy.as_ref()?.policy.as_deref());
    let ruled = demand::access_point_ruling_matters(site.plan(), text);
    if let Known::Read(policy) = policy {
        facts.get_access_point_policy.insert(name.to_owned(), policy);
    }
    if ruled {
        let call = client.get_access_point_policy_status().account_id(account).name(name).send();
        let declared = &calls::s3control::GET_ACCESS_POINT_POLICY_STATUS;
        let status = site.find(declared, Some(name), call, |answer| {
            Ok(answer.policy_status.map(|ruling| BucketPolicyStatus {
                policy_status: Some(PolicyStatus { is_public: Some(ruling.is_public) }),
            }))
        });
        if let Known::Read(status) = status.await? {
            facts.get_access_point_policy_status.insert(name.to_owned(), status.flatten());
        }
    }
    Ok((point, facts))
}

/// Requests about them go to us-west-2 whatever their regions, and they exist in the commercial
/// partition only (S3 user guide, multi-region access points: restrictions and limitations).
async fn multi_region(site: &Site) -> Services {
    let asked = site.plan().wants(&calls::s3control::LIST_MULTI_REGION_ACCESS_POINTS);
    if !asked || site.account().partition != "aws" || !matter(site).await {
        return Services::default();
    }
    let there = &site.in_region("us-west-2");
    let client = client!(aws_sdk_s3control, there);
    let account = &there.account().id;
    let pages = client.list_multi_region_access_points().account_id(account).into_paginator();
    let listed = there
        .list_apart(
            &calls::s3control::LIST_MULTI_REGION_ACCESS_POINTS,
            pages.send(),
            |page| (page.access_points, page.next_token),
            multi_region_point,
        )
        .await;
    let mut s3control = S3Control::default();
    for point in listed.read().into_iter().flatten() {
        let own = point.public_access_block;
        if demand::access_point_policy_matters(there.plan(), own) {
            // What is gone since it was listed says nothing more.
            let facts = about_multi_region(there, &client, &point.name).await;
            s3control.merge(facts.unwrap_or_default());
        }
    }
    s3control.list_multi_region_access_points =
        listed.map(|access_points| MultiRegionAccessPoints { access_points });
    Services { s3control, ..Services::default() }
}

/// Asks about one multi-region access point.
async fn about_multi_region(site: &Site, client: &Client, name: &str) -> Result<S3Control, Gone> {
    let mut facts = S3Control::default();
    let account = &site.account().id;
    let call = client.get_multi_region_access_point_policy().account_id(account).name(name).send();
    let declared = &calls::s3control::GET_MULTI_REGION_ACCESS_POINT_POLICY;
    let policy = site.find(declared, Some(name), call, |answer| {
        Ok(answer.policy.map(|policy| {
            let established = policy.established.map(|e| AccessPointPolicy { policy: e.policy });
            MultiRegionPolicy { policy: MultiRegionPolicyDocument { established } }
        }))
    });
    let Known::Read(policy) = policy.await? else { return Ok(facts) };
    let policy = policy.flatten();
    let text = policy.as_ref().and_then(established);
    let ruled = demand::access_point_ruling_matters(site.plan(), text);
    facts.get_multi_region_access_point_policy.insert(name.to_owned(), policy);
    if ruled {
        let call = client
            .get_multi_region_access_point_policy_status()
            .account_id(account)
            .name(name)
            .send();
        let declared = &calls::s3control::GET_MULTI_REGION_ACCESS_POINT_POLICY_STATUS;
        let status = site.find(declared, Some(name), call, |answer| {
            let ruling = answer.established;
            Ok(MultiRegionPolicyStatus {
                established: ruling
                    .map(|ruling| PolicyStatus { is_public: Some(ruling.is_public) }),
            })
        });
        if let Ok(Known::Read(status)) = status.await {
            let status = status.unwrap_or_default();
            facts.get_multi_region_access_point_policy_status.insert(name.to_owned(), Some(status));
        }
    }
    Ok(facts)
}

/// The text of the policy in force.
fn established(policy: &MultiRegionPolicy) -> Option<&str> {
    policy.policy.established.as_ref()?.policy.as_deref()
}

/// Absent is off (S3 API reference, PublicAccessBlockConfiguration).
fn settings(from: &types::PublicAccessBlockConfiguration) -> PublicAccessBlockConfiguration {
    PublicAccessBlockConfiguration {
        block_public_acls: from.block_public_acls.unwrap_or_default(),
        ignore_public_acls: from.ignore_public_acls.unwrap_or_default(),
        block_public_policy: from.block_public_policy.unwrap_or_default(),
        restrict_public_buckets: from.restrict_public_buckets.unwrap_or_default(),
    }
}

fn access_point(from: types::AccessPoint) -> AccessPoint {
    AccessPoint {
        name: from.name,
        bucket: from.bucket,
        network_origin: Some(from.network_origin.as_str().to_owned()),
        access_point_arn: from.access_point_arn,
        bucket_account_id: from.bucket_account_id,
    }
}

fn multi_region_point(from: types::MultiRegionAccessPointReport) -> MultiRegionAccessPoint {
    let regions = from.regions.unwrap_or_default().into_iter().map(|region| MultiRegionBucket {
        bucket: region.bucket.unwrap_or_default(),
        region: region.region,
        bucket_account_id: region.bucket_account_id,
    });
    MultiRegionAccessPoint {
        name: from.name.unwrap_or_default(),
        alias: from.alias,
        public_access_block: from.public_access_block.map(|block| settings(&block)),
        status: from.status.map(|status| status.as_str().to_owned()),
        regions: regions.collect(),
    }
}
