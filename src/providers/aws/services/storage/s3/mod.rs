//! Buckets: who may read or write them, and what shuts the public out. What the account's own
//! block already decides is not asked bucket by bucket.

use std::collections::HashMap;
use std::sync::Mutex;

use aws_sdk_s3::Client;

use super::s3control::account_block;
use crate::analysis::aws::demand::s3::{self as demand, BucketAnswers};
use crate::inventory::aws::calls;
use crate::inventory::aws::s3::{Bucket, Buckets, ByBucket, Owner};
use crate::inventory::aws::{Merge, S3, Services};
use crate::model::Known;
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::places::lock;
use crate::providers::aws::transport::site::{Gone, Site, configured};

mod convert;
mod objects;

pub(crate) static COLLECTOR: Collector = Collector {
    service: "s3",
    scope: Scope::Account,
    calls: &[
        &calls::s3::GET_BUCKET_ACL,
        &calls::s3::GET_BUCKET_LOCATION,
        &calls::s3::GET_BUCKET_OWNERSHIP_CONTROLS,
        &calls::s3::GET_BUCKET_POLICY,
        &calls::s3::GET_BUCKET_POLICY_STATUS,
        &calls::s3::GET_BUCKET_REQUEST_PAYMENT,
        &calls::s3::GET_BUCKET_WEBSITE,
        &calls::s3::GET_OBJECT_ACL,
        &calls::s3::GET_PUBLIC_ACCESS_BLOCK,
        &calls::s3::LIST_BUCKETS,
        &calls::s3::LIST_OBJECTS_V2,
        &calls::s3control::GET_PUBLIC_ACCESS_BLOCK,
    ],
    collect: |site| Box::pin(collect(site)),
};

async fn collect(site: &Site) -> Services {
    let (block, listed) = tokio::join!(account_block(site), buckets(site));
    let questions = demand::Buckets::new(site.plan(), &block);
    let clients = Clients::default();
    let mut s3 = S3::default();
    if let Known::Read(mut buckets) = listed {
        let asked = std::mem::take(&mut buckets.buckets);
        let facts = site.gather(asked, |bucket| about(site, &clients, &questions, bucket)).await;
        for (bucket, facts) in facts.into_iter().flatten() {
            s3.merge(facts);
            buckets.buckets.push(bucket);
        }
        buckets.buckets.sort_by(|a, b| a.name.cmp(&b.name));
        s3.list_buckets = Known::Read(buckets);
    }
    let mut services = Services { s3, ..Services::default() };
    services.s3control.get_public_access_block = block;
    services
}

/// All buckets of the regions in scope.
async fn buckets(site: &Site) -> Known<Buckets> {
    // The region of a bucket is told only when the listing is asked for in pages (S3 API
    // reference, ListBuckets).
    let pages = client(site).list_buckets().max_buckets(1000).into_paginator().send();
    let mut owner = None;
    let mut answered = false;
    let listed = site
        .list_apart(
            &calls::s3::LIST_BUCKETS,
            pages,
            |page| {
                answered |= page.buckets.is_some() || page.owner.is_some();
                if let Some(found) = page.owner {
                    owner = Some(Owner { id: found.id });
                }
                (page.buckets, page.continuation_token)
            },
            |bucket| Bucket {
                name: bucket.name.unwrap_or_default(),
                bucket_region: bucket.bucket_region.filter(|region| !region.is_empty()),
            },
        )
        .await;
    if !listed.is_unread() && !answered {
        // An account without buckets is still named as their owner: this was no such answer.
        return site.malformed(&calls::s3::LIST_BUCKETS, "an answer without buckets or owner");
    }
    listed.map(|buckets| Buckets { buckets, owner })
}

/// The region of a bucket that the listing did not tell.
async fn locate(clients: &Clients, site: &Site, bucket: &str) -> Result<Option<String>, Gone> {
    let call = clients.of(site).get_bucket_location().bucket(bucket).send();
    let located = site.find(&calls::s3::GET_BUCKET_LOCATION, Some(bucket), call, |location| {
        // No constraint is us-east-1, and `EU` is what eu-west-1 was called at first (S3 API
        // reference, GetBucketLocation).
        Ok(match location.location_constraint.as_ref().map(|c| c.as_str()) {
            None | Some("") => "us-east-1".to_owned(),
            Some("EU") => "eu-west-1".to_owned(),
            Some(region) => region.to_owned(),
        })
    });
    Ok(located.await?.into_option().flatten())
}

fn client(site: &Site) -> Client {
    let config = configured!(aws_sdk_s3, site);
    let config = if site.account().path_style { config.force_path_style(true) } else { config };
    Client::from_conf(config.build())
}

/// Clients by region: buckets are asked in their own regions, thousands of them by few clients.
#[derive(Default)]
struct Clients(Mutex<HashMap<String, Client>>);

impl Clients {
    fn of(&self, site: &Site) -> Client {
        let mut made = lock(&self.0);
        made.entry(site.region().to_owned()).or_insert_with(|| client(site)).clone()
    }
}

/// Asks about one bucket, in such an order that what is decided is not asked. `None` for one that
/// is out of scope.
async fn about(
    site: &Site,
    clients: &Clients,
    questions: &demand::Buckets<'_>,
    mut bucket: Bucket,
) -> Result<Option<(Bucket, S3)>, Gone> {
    if questions.anything() && bucket.bucket_region.is_none() {
        bucket.bucket_region = locate(clients, site, &bucket.name).await?;
    }
    // A bucket whose region nobody told stays in: left out is left unjudged.
    if bucket.bucket_region.as_deref().is_some_and(|r| !site.account().chosen.admits(r)) {
        return Ok(None);
    }
    let mut s3 = S3::default();
    if !questions.anything() {
        return Ok(Some((bucket, s3)));
    }
    let name = bucket.name.as_str();
    let here = match &bucket.bucket_region {
        Some(region) => site.in_region(region),
        None => site.clone(),
    };
    let client = clients.of(&here);
    // Asks where it matters, and turns the SDK's answer into a fact.
    macro_rules! ask {
        ($matters:expr, $declared:ident, $call:ident, $convert:path) => {
            async {
                if !$matters {
                    return Ok(Known::Unread);
                }
                let call = client.$call().bucket(name).send();
                here.find(&calls::s3::$declared, Some(name), call, $convert).await
            }
        };
    }
    let mut answers = BucketAnswers::default();
    (answers.policy, answers.ownership) = tokio::try_join!(
        ask!(questions.policies, GET_BUCKET_POLICY, get_bucket_policy, convert::policy),
        ask!(
            questions.grants,
            GET_BUCKET_OWNERSHIP_CONTROLS,
            get_bucket_ownership_controls,
            convert::ownership
        ),
    )?;
    answers.acl =
        ask!(questions.acl(&answers), GET_BUCKET_ACL, get_bucket_acl, convert::bucket_acl).await?;
    answers.block = ask!(
        questions.block(&answers),
        GET_PUBLIC_ACCESS_BLOCK,
        get_public_access_block,
        convert::bucket_block
    )
    .await?;
    if questions.sample(&answers)
        && let Known::Read(sampled) =
            objects::sample(&client, &here, name, questions.objects).await?
    {
        answers.object_names_a_group = sampled.names_a_group();
        s3.list_objects_v2.insert(name.to_owned(), sampled.objects);
        s3.get_object_acl.insert(name.to_owned(), sampled.acls);
    }
    if questions.policy_for_its_denials(&answers) {
        answers.policy = ask!(true, GET_BUCKET_POLICY, get_bucket_policy, convert::policy).await?;
    }
    let details = questions.details(&answers);
    let (status, website, payment) = tokio::try_join!(
        ask!(
            questions.ruling(&answers),
            GET_BUCKET_POLICY_STATUS,
            get_bucket_policy_status,
            convert::status
        ),
        ask!(details, GET_BUCKET_WEBSITE, get_bucket_website, convert::website),
        ask!(details, GET_BUCKET_REQUEST_PAYMENT, get_bucket_request_payment, convert::payment),
    )?;
    let BucketAnswers { policy, ownership, acl, block, .. } = answers;
    put(&mut s3.get_bucket_policy, name, policy);
    put(&mut s3.get_bucket_ownership_controls, name, ownership);
    put(&mut s3.get_bucket_acl, name, acl);
    put(&mut s3.get_public_access_block, name, block);
    put(&mut s3.get_bucket_policy_status, name, status);
    put(&mut s3.get_bucket_website, name, website);
    put(&mut s3.get_bucket_request_payment, name, payment);
    Ok(Some((bucket, s3)))
}

fn put<T>(into: &mut ByBucket<T>, bucket: &str, fact: Known<Option<T>>) {
    if let Known::Read(fact) = fact {
        into.insert(bucket.to_owned(), fact);
    }
}
