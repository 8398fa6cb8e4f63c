//! Whole buckets against a plain reading: ACLs, ownership, the four settings at every level, the
//! bucket policy, access points; everything read, and with gaps.
//!
//! `OUTCROP_ORACLE_CASES`, `OUTCROP_ORACLE_FIRST` and `OUTCROP_ORACLE_SEED` choose the buckets.

mod case;
mod reading;
mod ruling;

use std::collections::BTreeMap;

use super::organization;
use super::subjects::OWNER;
use super::{case_number, number};
use case::{ARN, Bucket, Flags, Grant, OWN_ID};
use outcrop::analysis::aws::policy::Context;
use outcrop::analysis::aws::s3::{self, AclGrant, Grantee, Object, Point};
use outcrop::inventory::aws::s3::PublicAccessBlockConfiguration;
use outcrop::model::Known;
use reading::{POINT_CALLS, STATUSES, Summary};

fn block(flags: Flags) -> PublicAccessBlockConfiguration {
    PublicAccessBlockConfiguration {
        block_public_acls: flags.block_acls,
        ignore_public_acls: flags.ignore_acls,
        block_public_policy: flags.block_policy,
        restrict_public_buckets: flags.restrict,
    }
}

fn acl(grants: &Known<Vec<Grant>>) -> Known<Vec<AclGrant>> {
    let grant = |(to, permission): &Grant| AclGrant {
        grantee: Grantee::parse(to),
        permission: (*permission).to_owned(),
    };
    grants.as_ref().map(|grants| grants.iter().map(grant).collect())
}

/// What the judge makes of a bucket.
fn judged(bucket: &Bucket) -> Summary {
    let context = Context {
        now: Some("2026-01-01T00:00:00Z".parse().unwrap()),
        org_id: bucket.org.map(str::to_owned),
        canonical_id: Some(OWN_ID.to_owned()),
        control_policies: organization::read(&bucket.controls, OWNER),
        ..Context::default()
    };
    let flags = |flags: &Known<Option<Flags>>| flags.as_ref().map(|flags| flags.map(block));
    let points = bucket.doors.iter().map(|door| Point {
        name: door.name.to_owned(),
        arn: door.arn(),
        account: door.account.to_owned(),
        network_origin: Known::Read(Some(if door.vpc { "VPC" } else { "Internet" }.to_owned())),
        block: flags(&door.flags),
        policy: door.written(),
        aws_public: door.aws_public,
        multi_region: door.multi_region,
    });
    let objects = bucket
        .objects
        .iter()
        .map(|(key, grants)| Object { key: (*key).to_owned(), acl: acl(grants) });
    let exposure = s3::judge(&s3::Bucket {
        arn: ARN,
        owner_account: OWNER,
        context: &context,
        policy: bucket.policy.as_ref().map(|policy| policy.as_ref().map(ToString::to_string)),
        acl: acl(&bucket.acl),
        objects: objects.collect(),
        ownership: bucket.ownership.as_ref().map(|mode| mode.map(str::to_owned)),
        organization_block: bucket.organization.map(block),
        account_block: flags(&bucket.account),
        bucket_block: flags(&bucket.bucket),
        aws_public: bucket.aws_public,
        requester_pays: bucket.pays,
        website: bucket.website,
        access_points: points.collect(),
    });
    let summary = exposure.summary();
    let known = ["s3:GetBucketPolicy", "s3:GetBucketAcl", "s3:GetObjectAcl"];
    let known = known.into_iter().chain(POINT_CALLS);
    Summary {
        status: summary.status_word(),
        who: summary.who.map(|who| who.text()),
        access: summary.access.iter().map(|access| access.name().to_owned()).collect(),
        via: summary.via.iter().map(|via| via.name().to_owned()).collect(),
        blocked_by: summary.blocked_by,
        cross_account: summary.cross_account,
        unread: known
            .filter(|name| exposure.unread_doors.iter().any(|call| call.name() == *name))
            .collect(),
    }
}

/// Says nothing of what AWS calls a policy that it would not store.
fn settled(mut bucket: Bucket) -> Bucket {
    let readable = |policy: &Known<Option<serde_json::Value>>| {
        policy.read().and_then(Option::as_ref).is_none_or(ruling::is_readable)
    };
    if !readable(&bucket.policy) && bucket.aws_public.read().copied().flatten().is_none() {
        bucket.aws_public = Known::Read(Some(true));
    }
    for door in &mut bucket.doors {
        if !readable(&door.policy) && door.aws_public.read().copied().flatten().is_none() {
            door.aws_public = Known::Read(Some(true));
        }
    }
    bucket
}

/// Buckets of the run, and what was found to be wrong with them.
fn run(mut check: impl FnMut(u64, Bucket, &mut BTreeMap<String, usize>) -> Result<(), String>) {
    let cases = number("OUTCROP_ORACLE_CASES", 15);
    let seed = number("OUTCROP_ORACLE_SEED", 1);
    let shown = usize::try_from(number("OUTCROP_ORACLE_SHOWN", 5)).unwrap();
    let first = number("OUTCROP_ORACLE_FIRST", 0);
    let mut counts = BTreeMap::new();
    let mut wrong = Vec::new();
    for number in first..first + cases {
        let bucket = settled(Bucket::of(case_number(seed, number)));
        if let Err(text) = check(case_number(seed, number), bucket, &mut counts) {
            wrong.push(format!("case {number}: {text}"));
            if wrong.len() >= shown {
                break;
            }
        }
    }
    println!("{counts:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    for status in STATUSES {
        let some = counts.iter().any(|(key, count)| key.ends_with(status) && *count > 0);
        assert!(some || cases < 150, "no bucket was {status}");
    }
}

fn compared(bucket: &Bucket) -> Result<Summary, String> {
    let (expected, optional) = reading::read(bucket);
    let given = judged(bucket);
    let required = |summary: &Summary| {
        let mut summary = summary.clone();
        summary.via.retain(|word| !optional.contains(word));
        summary.cross_account.retain(|word| !optional.contains(word));
        summary
    };
    match required(&expected) == required(&given) {
        true => Ok(given),
        false => Err(format!("{bucket:?}\n expected {expected:?}\n given    {given:?}")),
    }
}

#[test]
fn whole_buckets_are_judged_as_a_plain_reading_has_it() {
    run(|_, bucket, counts| {
        let given = compared(&bucket)?;
        *counts.entry(given.status.to_owned()).or_default() += 1;
        Ok(())
    });
}

#[test]
fn what_was_not_read_never_makes_a_bucket_look_better() {
    run(|number, bucket, counts| {
        let (gaps, absent) = bucket.with_gaps(number);
        let given = compared(&settled(gaps))?;
        let without = judged(&settled(absent));
        *counts.entry(format!("{} for {}", given.status, without.status)).or_default() += 1;
        // A control that was not read makes a way uncertain, and never shuts it.
        let fine = match without.status {
            "exposed" => ["exposed", "undetermined"].contains(&given.status),
            "undetermined" => ["exposed", "undetermined"].contains(&given.status),
            "latent" => given.status != "none",
            _ => true,
        };
        match fine {
            true => Ok(()),
            false => Err(format!("{bucket:?}: absent {without:?}, unread {given:?}")),
        }
    });
}
