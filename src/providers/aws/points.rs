//! Access points of buckets. Where the account's own block leaves no public policy in force,
//! nothing is asked.

use std::collections::BTreeMap;

use aws_sdk_s3control::{Client, types};
use futures_util::{StreamExt, stream};

use super::Wanted;
use super::calls::Gone;
use super::catalog::{Collector, Learnt, Scope};
use super::s3::doors::{Anyone, names_anyone};
use super::s3::{account_block, convert};
use super::site::{Site, configured};
use crate::inventory::aws::calls;
use crate::inventory::aws::s3::{
    AccessPoint, AccessPointDetails, AccessPointPolicy, AccessPoints, BucketPolicyStatus,
    MultiRegionAccessPoint, MultiRegionAccessPoints, MultiRegionBucket, MultiRegionPolicy,
    MultiRegionPolicyDocument, MultiRegionPolicyStatus, PolicyStatus,
    PublicAccessBlockConfiguration, S3Control,
};
use crate::model::Known;

/// Those of one region.
pub(super) static REGIONAL: Collector = Collector {
    service: "s3control",
    scope: Scope::Region,
    calls: &[
        &calls::s3control::GET_ACCESS_POINT,
        &calls::s3control::GET_ACCESS_POINT_POLICY,
        &calls::s3control::GET_ACCESS_POINT_POLICY_STATUS,
        &calls::s3control::LIST_ACCESS_POINTS,
    ],
    collect: |site, wanted| Box::pin(regional(site, wanted)),
};

/// Those of several regions.
pub(super) static MULTI_REGION: Collector = Collector {
    service: "s3control",
    scope: Scope::Account,
    calls: &[
        &calls::s3control::GET_MULTI_REGION_ACCESS_POINT_POLICY,
        &calls::s3control::GET_MULTI_REGION_ACCESS_POINT_POLICY_STATUS,
        &calls::s3control::LIST_MULTI_REGION_ACCESS_POINTS,
    ],
    collect: |site, wanted| Box::pin(multi_region(site, wanted)),
};

fn client(site: &Site<'_>) -> Client {
    Client::from_conf(configured!(aws_sdk_s3control, site).build())
}

/// Whether a public policy may take effect, or is wanted anyway.
async fn open(site: &Site<'_>, wanted: &Wanted) -> bool {
    if wanted.latent {
        return true;
    }
    match account_block(site, wanted).await {
        Known::Read(Some(block)) => {
            !block.public_access_block_configuration.restrict_public_buckets
        }
        Known::Read(None) | Known::Unread => true,
    }
}

async fn regional(site: &Site<'_>, wanted: &Wanted) -> Learnt {
    let mut learnt = S3Control::default();
    if wanted.has(&calls::s3control::LIST_ACCESS_POINTS) && open(site, wanted).await {
        let client = client(site);
        let calls = site.calls("s3control");
        let pages = client.list_access_points().account_id(&site.account.id).into_paginator();
        let listed = calls
            .list_apart(&calls::s3control::LIST_ACCESS_POINTS, pages.send(), |page| {
                (page.access_point_list, page.next_token)
            })
            .await;
        if let Known::Read(listed) = listed {
            let mut points = Vec::new();
            let mut facts = stream::iter(listed)
                .map(|point| about(site, wanted, &client, access_point(point)))
                .buffer_unordered(calls.width());
            while let Some(facts) = facts.next().await {
                // Deleted since it was listed.
                let Ok(Facts { point, details, policy, status }) = facts else { continue };
                if let Known::Read(details) = details {
                    learnt.get_access_point.insert(point.name.clone(), details);
                }
                if let Known::Read(policy) = policy {
                    learnt.get_access_point_policy.insert(point.name.clone(), policy);
                }
                if let Known::Read(status) = status {
                    learnt.get_access_point_policy_status.insert(point.name.clone(), status);
                }
                points.push(point);
            }
            drop(facts);
            points.sort_by(|a, b| a.name.cmp(&b.name));
            learnt.list_access_points = Known::Read(AccessPoints { access_point_list: points });
        }
    }
    Box::new(move |services| services.s3control = learnt)
}

/// What one access point answered; `Unread` also where nothing was asked.
struct Facts {
    point: AccessPoint,
    details: Known<AccessPointDetails>,
    policy: Known<Option<AccessPointPolicy>>,
    status: Known<Option<BucketPolicyStatus>>,
}

/// Whether AWS is asked for its ruling on a policy: where it may differ from ours and matter.
fn may_be_ruled_public(wanted: &Wanted, policy: &str) -> bool {
    let least = if wanted.latent { Anyone::Nowhere } else { Anyone::Bounded };
    names_anyone(policy) > least
}

/// Asks about one access point. Its policy says nothing more where its own block or origin shuts
/// the public out.
async fn about(
    site: &Site<'_>,
    wanted: &Wanted,
    client: &Client,
    point: AccessPoint,
) -> Result<Facts, Gone> {
    let calls = site.calls("s3control");
    let (account, name) = (&site.account.id, point.name.as_str());
    let (mut details, mut policy) = (Known::Unread, Known::Unread);
    let mut status = Known::Unread;
    let inside = point.network_origin.as_deref() == Some("VPC");
    if inside && !wanted.latent {
        return Ok(Facts { point, details, policy, status });
    }
    if wanted.has(&calls::s3control::GET_ACCESS_POINT) {
        let call = client.get_access_point().account_id(account).name(name).send();
        let answer = calls.find(&calls::s3control::GET_ACCESS_POINT, Some(name), call).await?;
        details = answer.and_then(|answer| match answer {
            Some(answer) if answer.name.is_some() => Known::Read(AccessPointDetails {
                public_access_block_configuration: answer
                    .public_access_block_configuration
                    .map(|block| settings(&block)),
            }),
            _ => calls.malformed(
                &calls::s3control::GET_ACCESS_POINT,
                Some(name),
                "an answer without its contents",
            ),
        });
    }
    let restricted = details
        .read()
        .and_then(|details| details.public_access_block_configuration)
        .is_some_and(|block| block.restrict_public_buckets);
    if wanted.has(&calls::s3control::GET_ACCESS_POINT_POLICY) && (wanted.latent || !restricted) {
        let call = client.get_access_point_policy().account_id(account).name(name).send();
        let answer =
            calls.find(&calls::s3control::GET_ACCESS_POINT_POLICY, Some(name), call).await?;
        policy = answer.and_then(|answer| match answer.map(|answer| answer.policy) {
            None => Known::Read(None),
            Some(Some(policy)) => Known::Read(Some(AccessPointPolicy { policy: Some(policy) })),
            Some(None) => calls.malformed(
                &calls::s3control::GET_ACCESS_POINT_POLICY,
                Some(name),
                "an answer without a policy",
            ),
        });
    }
    let text = policy.read().and_then(|p| p.as_ref()?.policy.as_deref());
    if wanted.has(&calls::s3control::GET_ACCESS_POINT_POLICY_STATUS)
        && text.is_some_and(|text| may_be_ruled_public(wanted, text))
    {
        let call = client.get_access_point_policy_status().account_id(account).name(name).send();
        let answer =
            calls.find(&calls::s3control::GET_ACCESS_POINT_POLICY_STATUS, Some(name), call).await?;
        status = answer.map(|answer| {
            let ruling = answer?.policy_status?;
            let policy_status = Some(PolicyStatus { is_public: Some(ruling.is_public) });
            Some(BucketPolicyStatus { policy_status })
        });
    }
    Ok(Facts { point, details, policy, status })
}

/// Requests about them go to us-west-2 whatever their regions, and they exist in the commercial
/// partition only (S3 user guide, multi-region access points: restrictions and limitations).
async fn multi_region(site: &Site<'_>, wanted: &Wanted) -> Learnt {
    let mut listed = Known::Unread;
    let mut policies = BTreeMap::new();
    let mut statuses = BTreeMap::new();
    let asked = wanted.has(&calls::s3control::LIST_MULTI_REGION_ACCESS_POINTS);
    if asked && site.account.partition == "aws" && open(site, wanted).await {
        let there = site.in_region("us-west-2");
        let client = client(&there);
        let calls = there.calls("s3control");
        let account = &site.account.id;
        let pages = client.list_multi_region_access_points().account_id(account).into_paginator();
        let points = calls
            .list_apart(&calls::s3control::LIST_MULTI_REGION_ACCESS_POINTS, pages.send(), |page| {
                (page.access_points, page.next_token)
            })
            .await;
        listed = points.map(|points| MultiRegionAccessPoints {
            access_points: points.into_iter().map(multi_region_point).collect(),
        });
        for point in listed.read().map(|all| all.access_points.as_slice()).unwrap_or_default() {
            let restricted =
                point.public_access_block.is_some_and(|block| block.restrict_public_buckets);
            let ask = wanted.has(&calls::s3control::GET_MULTI_REGION_ACCESS_POINT_POLICY);
            if !ask || (restricted && !wanted.latent) {
                continue;
            }
            let name = point.name.as_str();
            let call =
                client.get_multi_region_access_point_policy().account_id(account).name(name).send();
            let answer = calls
                .find(&calls::s3control::GET_MULTI_REGION_ACCESS_POINT_POLICY, Some(name), call)
                .await;
            if let Ok(Known::Read(answer)) = answer {
                let policy = answer.and_then(|answer| answer.policy).map(|policy| {
                    let established =
                        policy.established.map(|e| AccessPointPolicy { policy: e.policy });
                    MultiRegionPolicy { policy: MultiRegionPolicyDocument { established } }
                });
                let text = policy.as_ref().and_then(established);
                let asked = text.is_some_and(|text| may_be_ruled_public(wanted, text));
                policies.insert(name.to_owned(), policy);
                if asked
                    && wanted.has(&calls::s3control::GET_MULTI_REGION_ACCESS_POINT_POLICY_STATUS)
                {
                    let call = client
                        .get_multi_region_access_point_policy_status()
                        .account_id(account)
                        .name(name)
                        .send();
                    let ruled = &calls::s3control::GET_MULTI_REGION_ACCESS_POINT_POLICY_STATUS;
                    if let Ok(Known::Read(answer)) = calls.find(ruled, Some(name), call).await {
                        let ruling = answer.and_then(|answer| answer.established);
                        let established =
                            ruling.map(|ruling| PolicyStatus { is_public: Some(ruling.is_public) });
                        let status = MultiRegionPolicyStatus { established };
                        statuses.insert(name.to_owned(), Some(status));
                    }
                }
            }
        }
    }
    Box::new(move |services| {
        services.s3control.list_multi_region_access_points = listed;
        services.s3control.get_multi_region_access_point_policy = policies;
        services.s3control.get_multi_region_access_point_policy_status = statuses;
    })
}

/// The text of the policy in force.
fn established(policy: &MultiRegionPolicy) -> Option<&str> {
    policy.policy.established.as_ref()?.policy.as_deref()
}

fn settings(from: &types::PublicAccessBlockConfiguration) -> PublicAccessBlockConfiguration {
    convert::account_block(from).public_access_block_configuration
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
