//! Buckets: who may read or write them, and what shuts the public out. What the account's own
//! block already decides is not asked bucket by bucket.

use aws_sdk_s3::Client;
use futures_util::{StreamExt, stream};

use super::Wanted;
use super::calls::Gone;
use super::catalog::{Collector, Learnt, Scope};
use super::site::{Site, configured};
use crate::inventory::aws::calls::{self, Call};
use crate::inventory::aws::s3::{
    Acl, Bucket, BucketOwnershipControls, BucketPolicy, BucketPolicyStatus, BucketRequestPayment,
    BucketWebsite, Buckets, Owner, PublicAccessBlock, PublicAccessBlockConfiguration, S3,
};
use crate::model::Known;

pub(super) mod convert;
pub(super) mod doors;
mod objects;

use doors::Anyone;
use objects::Sampled;

pub(super) static COLLECTOR: Collector = Collector {
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
    collect: |site, wanted| Box::pin(collect(site, wanted)),
};

async fn collect(site: &Site<'_>, wanted: &Wanted) -> Learnt {
    let (block, listed) = tokio::join!(account_block(site, wanted), buckets(site, wanted));
    let plan = Plan::new(wanted, &block);
    let mut s3 = S3::default();
    if let Known::Read(mut buckets) = listed {
        let ask = std::mem::take(&mut buckets.buckets);
        let width = site.calls("s3").width();
        let mut facts =
            stream::iter(ask).map(|bucket| about(site, &plan, bucket)).buffer_unordered(width);
        while let Some(facts) = facts.next().await {
            // Deleted since it was listed, or out of scope.
            if let Ok(Some(facts)) = facts {
                buckets.buckets.push(facts.enter(&mut s3));
            }
        }
        drop(facts);
        buckets.buckets.sort_by(|a, b| a.name.cmp(&b.name));
        s3.list_buckets = Known::Read(buckets);
    }
    Box::new(move |services| {
        services.s3 = s3;
        services.s3control.get_public_access_block = block;
    })
}

/// The account's own block, which includes what its organization enforces. It is the same in every
/// region (S3 user guide, blocking public access).
/// Several collectors depend on it; it is asked once, in the account's home region.
pub(super) async fn account_block(
    site: &Site<'_>,
    wanted: &Wanted,
) -> Known<Option<PublicAccessBlock>> {
    if !wanted.has(&calls::s3control::GET_PUBLIC_ACCESS_BLOCK) {
        return Known::Unread;
    }
    let home = site.in_region(&site.account.home);
    site.run.account_block.get_or_init(|| ask_account_block(&home)).await.clone()
}

async fn ask_account_block(site: &Site<'_>) -> Known<Option<PublicAccessBlock>> {
    let config = configured!(aws_sdk_s3control, site).build();
    let client = aws_sdk_s3control::Client::from_conf(config);
    let calls = site.calls("s3control");
    let call = client.get_public_access_block().account_id(&site.account.id).send();
    let answer = calls
        .find(&calls::s3control::GET_PUBLIC_ACCESS_BLOCK, None, call)
        .await
        .unwrap_or(Known::Unread);
    answer.and_then(|answer| match answer.map(|a| a.public_access_block_configuration) {
        None => Known::Read(None),
        Some(Some(block)) => Known::Read(Some(convert::account_block(&block))),
        Some(None) => calls.malformed(
            &calls::s3control::GET_PUBLIC_ACCESS_BLOCK,
            None,
            "an answer without settings",
        ),
    })
}

/// All buckets of the regions in scope.
async fn buckets(site: &Site<'_>, wanted: &Wanted) -> Known<Buckets> {
    if !wanted.has(&calls::s3::LIST_BUCKETS) {
        return Known::Unread;
    }
    let client = client(site);
    let calls = site.calls("s3");
    // The region of a bucket is told only when the listing is asked for in pages (S3 API
    // reference, ListBuckets).
    let pages = client.list_buckets().max_buckets(1000).into_paginator().send();
    let mut owner = None;
    let mut answered = false;
    let listed = calls
        .list_apart(&calls::s3::LIST_BUCKETS, pages, |page| {
            answered |= page.buckets.is_some() || page.owner.is_some();
            if let Some(found) = page.owner {
                owner = Some(Owner { id: found.id });
            }
            (page.buckets, page.continuation_token)
        })
        .await;
    if !listed.is_unread() && !answered {
        // An account without buckets is still named as their owner: this was no such answer.
        return calls.malformed(
            &calls::s3::LIST_BUCKETS,
            None,
            "an answer without buckets or owner",
        );
    }
    let Known::Read(listed) = listed else { return Known::Unread };
    let buckets = listed.into_iter().map(|bucket| Bucket {
        name: bucket.name.unwrap_or_default(),
        bucket_region: bucket.bucket_region.filter(|region| !region.is_empty()),
    });
    Known::Read(Buckets { buckets: buckets.collect(), owner })
}

/// The region of a bucket that the listing did not tell.
async fn locate(site: &Site<'_>, bucket: &str) -> Result<Option<String>, Gone> {
    let client = site.account.places.s3(&site.region, || client(site));
    let call = client.get_bucket_location().bucket(bucket).send();
    let answer = site.calls("s3").find(&calls::s3::GET_BUCKET_LOCATION, Some(bucket), call).await?;
    Ok(answer.into_option().flatten().map(|location| {
        // No constraint is us-east-1, and `EU` is what eu-west-1 was called at first (S3 API
        // reference, GetBucketLocation).
        match location.location_constraint.as_ref().map(|c| c.as_str()) {
            None | Some("") => "us-east-1".to_owned(),
            Some("EU") => "eu-west-1".to_owned(),
            Some(region) => region.to_owned(),
        }
    }))
}

fn client(site: &Site<'_>) -> Client {
    let config = configured!(aws_sdk_s3, site);
    let config = if site.account.path_style { config.force_path_style(true) } else { config };
    Client::from_conf(config.build())
}

/// Which questions are still open when the account's own block is known.
struct Plan<'a> {
    wanted: &'a Wanted,
    /// Ask for policies: public ones may take effect, or are wanted anyway.
    policies: bool,
    /// Ask for grants: public ones may take effect, or are wanted anyway.
    grants: bool,
    /// Ask for every bucket's block, open or not.
    blocks: bool,
    /// Ask for so many ACLs of objects. With IgnorePublicAcls on they read as if nothing public
    /// were granted (S3 user guide, Blocking public access: block public access settings).
    objects: usize,
}

impl<'a> Plan<'a> {
    fn new(wanted: &'a Wanted, block: &Known<Option<PublicAccessBlock>>) -> Self {
        let account: PublicAccessBlockConfiguration = match block {
            Known::Read(Some(block)) => block.public_access_block_configuration,
            // Unread shuts nothing as far as anybody knows.
            Known::Read(None) | Known::Unread => PublicAccessBlockConfiguration::default(),
        };
        let all_on = account.block_public_acls
            && account.ignore_public_acls
            && account.block_public_policy
            && account.restrict_public_buckets;
        Self {
            wanted,
            policies: wanted.latent || !account.restrict_public_buckets,
            grants: wanted.latent || !account.ignore_public_acls,
            blocks: wanted.protections && !all_on,
            objects: if account.ignore_public_acls { 0 } else { wanted.objects },
        }
    }

    fn asks(&self, open: bool, call: &Call) -> bool {
        open && self.wanted.has(call)
    }
}

/// What one bucket answered; `Unread` also where nothing was asked.
struct Facts {
    bucket: Bucket,
    policy: Known<Option<BucketPolicy>>,
    ownership: Known<Option<BucketOwnershipControls>>,
    acl: Known<Option<Acl>>,
    block: Known<Option<PublicAccessBlock>>,
    status: Known<Option<BucketPolicyStatus>>,
    website: Known<Option<BucketWebsite>>,
    payment: Known<Option<BucketRequestPayment>>,
    objects: Known<Sampled>,
}

impl Facts {
    fn enter(self, s3: &mut S3) -> Bucket {
        fn put<T>(
            into: &mut crate::inventory::aws::s3::ByBucket<T>,
            bucket: &str,
            fact: Known<Option<T>>,
        ) {
            if let Known::Read(fact) = fact {
                into.insert(bucket.to_owned(), fact);
            }
        }
        let name = &self.bucket.name;
        put(&mut s3.get_bucket_policy, name, self.policy);
        put(&mut s3.get_bucket_ownership_controls, name, self.ownership);
        put(&mut s3.get_bucket_acl, name, self.acl);
        put(&mut s3.get_public_access_block, name, self.block);
        put(&mut s3.get_bucket_policy_status, name, self.status);
        put(&mut s3.get_bucket_website, name, self.website);
        put(&mut s3.get_bucket_request_payment, name, self.payment);
        if let Known::Read(sampled) = self.objects {
            s3.list_objects_v2.insert(name.clone(), sampled.objects);
            s3.get_object_acl.insert(name.clone(), sampled.acls);
        }
        self.bucket
    }
}

/// Asks about one bucket, in such an order that what is decided is not asked.
async fn about(
    site: &Site<'_>,
    plan: &Plan<'_>,
    mut bucket: Bucket,
) -> Result<Option<Facts>, Gone> {
    let open = plan.policies || plan.grants || plan.blocks || plan.objects > 0;
    if open && bucket.bucket_region.is_none() && plan.wanted.has(&calls::s3::GET_BUCKET_LOCATION) {
        bucket.bucket_region = locate(site, &bucket.name).await?;
    }
    // A bucket whose region nobody told stays in: left out is left unjudged.
    if bucket.bucket_region.as_deref().is_some_and(|r| !site.account.chosen.admits(r)) {
        return Ok(None);
    }
    let mut facts = Facts {
        bucket,
        policy: Known::Unread,
        ownership: Known::Unread,
        acl: Known::Unread,
        block: Known::Unread,
        status: Known::Unread,
        website: Known::Unread,
        payment: Known::Unread,
        objects: Known::Unread,
    };
    if !open {
        return Ok(Some(facts));
    }
    let name = facts.bucket.name.clone();
    let here = match &facts.bucket.bucket_region {
        Some(region) => site.in_region(region),
        None => site.clone(),
    };
    let client = site.account.places.s3(&here.region, || self::client(&here));
    let calls = here.calls("s3");
    // `$open` and the call wanted: ask, and turn the SDK's answer into a fact; else unread.
    macro_rules! ask {
        ($open:expr, $declared:expr, $call:ident, $convert:expr) => {
            async {
                if !plan.asks($open, $declared) {
                    return Ok(Known::Unread);
                }
                let call = client.$call().bucket(&name).send();
                let answer = calls.find($declared, Some(&name), call).await?;
                Ok(answer.and_then(|answer| match answer.map($convert) {
                    None => Known::Read(None),
                    Some(Some(fact)) => Known::Read(Some(fact)),
                    Some(None) => {
                        calls.malformed($declared, Some(&name), "an answer without its contents")
                    }
                }))
            }
        };
    }
    (facts.policy, facts.ownership) = tokio::try_join!(
        ask!(plan.policies, &calls::s3::GET_BUCKET_POLICY, get_bucket_policy, convert::policy),
        ask!(
            plan.grants,
            &calls::s3::GET_BUCKET_OWNERSHIP_CONTROLS,
            get_bucket_ownership_controls,
            convert::ownership
        ),
    )?;
    // With ACLs switched off the ACL reads as the owner's alone, whatever was granted before.
    let live = plan.grants && !doors::acls_are_off(&facts.ownership);
    facts.acl = ask!(live, &calls::s3::GET_BUCKET_ACL, get_bucket_acl, convert::bucket_acl).await?;

    let asked_policy = plan.asks(plan.policies, &calls::s3::GET_BUCKET_POLICY);
    let asked_acl = plan.asks(live, &calls::s3::GET_BUCKET_ACL);
    let names = doors::policy_names_anyone(&facts.policy);
    let group = doors::acl_names_a_group(&facts.acl);
    // A block acts on what is public: on nothing that is granted to named accounts only.
    let policy_opens = asked_policy && (facts.policy.is_unread() || names > Anyone::Nowhere);
    let acl_opens = asked_acl && (facts.acl.is_unread() || group);
    let samples = plan.objects > 0
        && plan.wanted.has(&calls::s3::LIST_OBJECTS_V2)
        && !doors::acls_are_off(&facts.ownership);
    facts.block = ask!(
        plan.blocks || policy_opens || acl_opens || samples,
        &calls::s3::GET_PUBLIC_ACCESS_BLOCK,
        get_public_access_block,
        convert::bucket_block
    )
    .await?;

    let by_object = samples && !doors::shuts_acls(&facts.block);
    if by_object {
        facts.objects = objects::sample(&client, &calls, &name, plan.objects).await?;
    }
    // A Deny statement cuts grants too: where a grant opens the bucket the policy is asked although
    // none of its own grants can take effect.
    let granted = acl_opens && !doors::shuts_acls(&facts.block)
        || facts.objects.read().is_some_and(Sampled::names_a_group);
    if granted && !plan.policies {
        facts.policy =
            ask!(true, &calls::s3::GET_BUCKET_POLICY, get_bucket_policy, convert::policy).await?;
    }

    // What follows opens no door: it is asked where anybody may get in.
    let latent = plan.wanted.latent;
    let by_policy = names > Anyone::Bounded && !doors::shuts_policies(&facts.block);
    let by_acl = group && !doors::shuts_acls(&facts.block);
    let ruling = by_policy || (latent && names > Anyone::Nowhere);
    let anyone = by_policy || by_acl || (latent && (names > Anyone::Nowhere || group));
    (facts.status, facts.website, facts.payment) = tokio::try_join!(
        ask!(ruling, &calls::s3::GET_BUCKET_POLICY_STATUS, get_bucket_policy_status, |a| Some(
            convert::status(a)
        )),
        ask!(anyone, &calls::s3::GET_BUCKET_WEBSITE, get_bucket_website, |a| Some(
            convert::website(a)
        )),
        ask!(anyone, &calls::s3::GET_BUCKET_REQUEST_PAYMENT, get_bucket_request_payment, |a| Some(
            convert::payment(a)
        )),
    )?;
    Ok(Some(facts))
}
