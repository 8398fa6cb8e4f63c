//! The buckets and access points of one account: from its facts to who gets in.

use std::collections::HashMap;

use super::facts::{AclGrant, Bucket, ENFORCED, Grantee, Object, Point};
use super::paths::Composer;
use super::{Exposure, judge};
use crate::analysis::aws::policy::effective::{Closed, Path, Via};
use crate::analysis::aws::policy::{Context, Verdict};
use crate::inventory::Snapshot;
use crate::inventory::aws::calls::{self, Call};
use crate::inventory::aws::s3::{self as facts, PublicAccessBlockConfiguration, about};
use crate::inventory::aws::{S3Control, kinds, s3control};
use crate::model::{Control, GLOBAL, Known, Lock, Resource};

/// The four settings at one level; `Read(None)`: no configuration, all four off.
type Block = Known<Option<PublicAccessBlockConfiguration>>;

/// An account whose buckets are judged.
#[derive(Debug)]
pub struct Account<'a> {
    snapshot: &'a Snapshot,
    context: Context,
    block: Block,
    /// Listed buckets by name; `None` when they were not read.
    listed: Option<HashMap<&'a str, &'a facts::Bucket>>,
}

/// A bucket and what is known of who gets in.
#[derive(Debug)]
pub struct Judged {
    /// The bucket.
    pub resource: Resource,
    /// Every way in, and what stands before it.
    pub exposure: Exposure,
    /// Calls without whose answer a way in may be missing.
    pub unread: Vec<&'static Call>,
}

impl Judged {
    /// True when it is public as far as could be read.
    pub fn is_public(&self) -> bool {
        use crate::model::Status::{Exposed, Undetermined};
        matches!(self.exposure.summary().status, Some(Exposed | Undetermined))
    }
}

/// A bucket of which a sample of objects was looked at.
#[derive(Debug)]
pub struct JudgedSample {
    /// The bucket, the ways into it by its objects among others, and what was not read.
    pub bucket: Judged,
    /// Objects whose ACL was read.
    pub looked_at: usize,
    /// Whether the bucket holds more objects than were looked for.
    pub truncated: bool,
}

/// A bucket and the ways in of outsiders who are named.
#[derive(Debug)]
pub struct JudgedNamed {
    /// The bucket.
    pub resource: Resource,
    /// The ways in by its policy and its ACL.
    pub paths: Vec<Path>,
    /// Calls without whose answer one may be missing.
    pub unread: Vec<&'static Call>,
}

/// An access point and the ways through it.
#[derive(Debug)]
pub struct JudgedPoint {
    /// The access point.
    pub resource: Resource,
    /// The ways through it for the public or outsiders who are named, each with the bucket that it
    /// leads into.
    pub paths: Vec<(String, Path)>,
    /// The call without whose answer a way may be missing.
    pub unread: Option<&'static Call>,
    /// Whether no public way can be missing all the same.
    pub moot: bool,
}

/// A bucket behind an access point.
struct Behind<'p> {
    bucket: &'p str,
    /// Its account, where that is told.
    account: Option<&'p str>,
}

impl<'a> Account<'a> {
    /// The account of `snapshot`, seen from outside the zone of trust that `zone` draws.
    pub fn new(snapshot: &'a Snapshot, zone: Context) -> Account<'a> {
        let listed = snapshot.global.s3.list_buckets.read();
        let buckets = listed.map(|listed| listed.buckets.as_slice()).unwrap_or_default();
        let context = Context {
            canonical_id: listed.and_then(|listed| listed.owner.as_ref()?.id.clone()),
            owned_buckets: buckets.iter().map(|bucket| bucket.name.clone()).collect(),
            ..zone
        };
        Account {
            snapshot,
            context,
            block: settings(
                snapshot.global.s3control.get_public_access_block.as_ref().map(Option::as_ref),
            ),
            listed: listed.map(|listed| {
                listed.buckets.iter().map(|bucket| (bucket.name.as_str(), bucket)).collect()
            }),
        }
    }

    /// Whether the account lets nobody in from outside by a public policy, on any bucket or access
    /// point.
    pub fn restricts(&self) -> bool {
        restricts(&self.block)
    }

    fn listed_buckets(&self) -> &'a [facts::Bucket] {
        let listed = self.snapshot.global.s3.list_buckets.read();
        listed.map(|listed| listed.buckets.as_slice()).unwrap_or_default()
    }

    /// Every listed bucket, judged.
    pub fn buckets(&self) -> Vec<Judged> {
        let judged = self.listed_buckets().iter().map(|bucket| {
            let resource = resource(self.snapshot, bucket);
            let facts = self.facts(&resource);
            let exposure = judge(&facts);
            let doors = exposure.unread_doors.iter().copied();
            let unread = doors.filter(|call| !is_moot(call, &facts)).collect();
            Judged { resource, exposure, unread }
        });
        judged.collect()
    }

    /// Every listed bucket with the ways in of outsiders who are named, each with the controls before
    /// it, and the calls without whose answer one may be missing.
    pub fn named(&self) -> Vec<JudgedNamed> {
        let judged = self.listed_buckets().iter().map(|bucket| {
            let resource = resource(self.snapshot, bucket);
            let (paths, unread) = Composer::new(&self.facts(&resource)).named();
            JudgedNamed { resource, paths, unread: unread.into_iter().collect() }
        });
        judged.collect()
    }

    /// What is left of a bucket's policy without what lets outsiders in who are named; `shut`: or
    /// would, but for the policy's own Deny statements.
    pub fn without_named(&self, bucket: &Resource, shut: bool) -> Option<Closed> {
        Composer::new(&self.facts(bucket)).without_named(shut)
    }

    /// What is left of a bucket's policy when what lets the public in is taken out, or, of a way in
    /// that is `shut`, what would let it in.
    pub fn closed_policy(&self, bucket: &Resource, shut: bool) -> Option<Closed> {
        Composer::new(&self.facts(bucket)).closed_policy(shut)
    }

    /// Every listed bucket with the objects of it that were looked at.
    pub fn samples(&self) -> Vec<JudgedSample> {
        let s3 = &self.snapshot.global.s3;
        let judged = self.listed_buckets().iter().map(|bucket| {
            let resource = resource(self.snapshot, bucket);
            let sample = s3.list_objects_v2.get(&bucket.name);
            let facts = Bucket { objects: self.objects(&bucket.name), ..self.facts(&resource) };
            let exposure = judge(&facts);
            let unread = match sample {
                None if acls_are_moot(&facts) => None,
                None => Some(&calls::s3::LIST_OBJECTS_V2),
                Some(_) => exposure.unread_doors.get(&calls::s3::GET_OBJECT_ACL).copied(),
            };
            let looked_at = facts.objects.iter().filter(|object| !object.acl.is_unread()).count();
            JudgedSample {
                bucket: Judged { resource, exposure, unread: unread.into_iter().collect() },
                looked_at,
                truncated: sample.is_some_and(|sample| sample.is_truncated),
            }
        });
        judged.collect()
    }

    /// The access points of one region, judged.
    pub fn access_points(&self, region: &str) -> Known<Vec<JudgedPoint>> {
        let Some(services) = self.snapshot.regions.get(region) else { return Known::Unread };
        let control = &services.s3control;
        control.list_access_points.as_ref().map(|listed| {
            let points = listed.access_point_list.iter();
            points.map(|point| self.access_point(region, control, point)).collect()
        })
    }

    fn access_point(
        &self,
        region: &str,
        control: &S3Control,
        point: &s3control::AccessPoint,
    ) -> JudgedPoint {
        let place = self.snapshot.place(region);
        let kind = &kinds::S3_ACCESS_POINT;
        let arn = point.access_point_arn.clone();
        let arn = arn.unwrap_or_else(|| kind.arn(&place, &point.name));
        let facts = Point {
            name: point.name.clone(),
            arn,
            account: self.snapshot.account.clone(),
            // Judged as if it faced the internet; that it does not is a control like others.
            network_origin: Known::Read(Some("Internet".to_owned())),
            block: Known::from(control.get_access_point.get(&point.name))
                .map(|details| details.public_access_block_configuration),
            policy: Known::from(control.get_access_point_policy.get(&point.name))
                .map(|answer| answer.as_ref()?.policy.clone()),
            aws_public: Known::from(control.get_access_point_policy_status.get(&point.name))
                .map(|answer| answer.as_ref()?.policy_status.as_ref()?.is_public),
            multi_region: false,
        };
        let account = point.bucket_account_id.as_deref();
        let behind = [Behind { bucket: &point.bucket, account }];
        let vpc = point.network_origin.as_deref() == Some("VPC");
        self.point(kind.resource_of(&place, &point.name, &facts.arn), &facts, &behind, vpc)
    }

    /// The access points of several regions, judged.
    pub fn multi_region_access_points(&self) -> Known<Vec<JudgedPoint>> {
        let control = &self.snapshot.global.s3control;
        control.list_multi_region_access_points.as_ref().map(|listed| {
            let points = listed.access_points.iter();
            points.map(|point| self.multi_region_access_point(control, point)).collect()
        })
    }

    fn multi_region_access_point(
        &self,
        control: &S3Control,
        point: &s3control::MultiRegionAccessPoint,
    ) -> JudgedPoint {
        let kind = &kinds::S3_MULTI_REGION_ACCESS_POINT;
        let place = self.snapshot.place(GLOBAL);
        let arn = kind.arn(&place, point.alias.as_ref().unwrap_or(&point.name));
        let policies = &control.get_multi_region_access_point_policy;
        let statuses = &control.get_multi_region_access_point_policy_status;
        let facts = Point {
            name: point.name.clone(),
            arn,
            account: self.snapshot.account.clone(),
            network_origin: Known::Read(Some("Internet".to_owned())),
            block: Known::Read(point.public_access_block),
            policy: Known::from(policies.get(&point.name))
                .map(|answer| answer.as_ref()?.policy.established.as_ref()?.policy.clone()),
            aws_public: Known::from(statuses.get(&point.name))
                .map(|answer| answer.as_ref()?.established.as_ref()?.is_public),
            multi_region: true,
        };
        let behind: Vec<_> = point
            .regions
            .iter()
            .map(|one| Behind { bucket: &one.bucket, account: one.bucket_account_id.as_deref() })
            .collect();
        self.point(kind.resource_of(&place, &point.name, &facts.arn), &facts, &behind, false)
    }

    fn point(
        &self,
        resource: Resource,
        point: &Point,
        behind: &[Behind<'_>],
        vpc: bool,
    ) -> JudgedPoint {
        if point.policy.is_unread() {
            let moot = vpc || restricts(&point.block) || self.restricts();
            let unread = Some(point.policy_call());
            return JudgedPoint { resource, paths: Vec::new(), unread, moot };
        }
        let mut paths = Vec::new();
        for one in behind {
            let through = self.through(point, one, vpc).into_iter();
            paths.extend(through.map(|path| (one.bucket.to_owned(), path)));
        }
        JudgedPoint { resource, paths, unread: None, moot: false }
    }

    /// The ways through `point` into one bucket, of the public and of outsiders who are named.
    fn through(&self, point: &Point, behind: &Behind<'_>, vpc: bool) -> Vec<Path> {
        let listed = self.listed.as_ref();
        let bucket = listed.and_then(|listed| listed.get(behind.bucket)).copied();
        let own = behind.account.is_none_or(|id| id == self.snapshot.account);
        if own && listed.is_some() && bucket.is_none() {
            // Deleted, or in a region that is not scanned.
            return Vec::new();
        }
        let unlisted = facts::Bucket { name: behind.bucket.to_owned(), ..Default::default() };
        let mut resource = resource(self.snapshot, bucket.unwrap_or(&unlisted));
        if let Some(owner) = behind.account {
            owner.clone_into(&mut resource.account);
        }
        let facts = Bucket { access_points: vec![point.clone()], ..self.facts(&resource) };
        let mut paths = Composer::new(&facts).through_points();
        paths.retain(|path| path.via == Via::AccessPoint && path.verdict <= Verdict::CrossAccount);
        for path in paths.iter_mut().filter(|_| vpc) {
            path.locks.push(Lock::Shut(Control {
                control: "access-point:VPC".to_owned(),
                text: "the access point takes requests from its VPC only".to_owned(),
            }));
        }
        paths
    }

    /// What is known of one bucket, without its objects and access points.
    fn facts<'b>(&'b self, resource: &'b Resource) -> Bucket<'b> {
        let s3 = &self.snapshot.global.s3;
        let name = &resource.id;
        let ownership = about(&s3.get_bucket_ownership_controls, name);
        let status = about(&s3.get_bucket_policy_status, name);
        let payer = about(&s3.get_bucket_request_payment, name);
        let policy = about(&s3.get_bucket_policy, name);
        let acl = about(&s3.get_bucket_acl, name);
        Bucket {
            arn: &resource.uid,
            owner_account: &resource.account,
            context: &self.context,
            policy: policy.map(|answer| answer.map(|answer| answer.policy.clone())),
            acl: acl.map(|answer| answer.map(grants).unwrap_or_default()),
            objects: Vec::new(),
            ownership: ownership.map(|answer| {
                let rule = answer?.ownership_controls.rules.first()?;
                Some(rule.object_ownership.clone())
            }),
            // An organization's block shows in the account's answer (S3 user guide, Blocking
            // public access: organization-level settings).
            organization_block: None,
            account_block: self.block,
            bucket_block: settings(about(&s3.get_public_access_block, name)),
            aws_public: status.map(|answer| answer?.policy_status.as_ref()?.is_public),
            requester_pays: payer.map(|answer| Some(answer?.payer.as_deref() == Some("Requester"))),
            website: about(&s3.get_bucket_website, name).map(|answer| Some(answer.is_some())),
            access_points: Vec::new(),
        }
    }

    /// The objects of a bucket that were looked at.
    fn objects(&self, bucket: &str) -> Vec<Object> {
        let s3 = &self.snapshot.global.s3;
        let listed = s3.list_objects_v2.get(bucket).map(|listed| listed.contents.as_slice());
        let acls = s3.get_object_acl.get(bucket);
        let object = |key: &String| Object {
            key: key.clone(),
            acl: Known::from(acls.and_then(|acls| acls.get(key))).map(grants),
        };
        listed.unwrap_or_default().iter().map(|listed| object(&listed.key)).collect()
    }

    /// How many buckets would be open if the account's block were gone: they have no full block of
    /// their own, as far as was read. `None` when no bucket was.
    pub fn buckets_without_own_block(&self) -> Option<usize> {
        let blocks = &self.snapshot.global.s3.get_public_access_block;
        let own = self.listed_buckets().iter();
        let own: Vec<_> =
            own.filter_map(|bucket| settings(about(blocks, &bucket.name)).into_option()).collect();
        let full = |block: &&Option<_>| **block == Some(PublicAccessBlockConfiguration::ALL);
        (!own.is_empty()).then(|| own.iter().filter(|block| !full(block)).count())
    }
}

/// A bucket as a resource.
pub fn resource(snapshot: &Snapshot, bucket: &facts::Bucket) -> Resource {
    let region = bucket.bucket_region.as_deref().unwrap_or(GLOBAL);
    kinds::S3_BUCKET.resource(&snapshot.place(region), &bucket.name)
}

fn settings(answer: Known<Option<&facts::PublicAccessBlock>>) -> Block {
    answer.map(|answer| Some(answer?.public_access_block_configuration))
}

fn restricts(block: &Block) -> bool {
    matches!(block, Known::Read(Some(block)) if block.restrict_public_buckets)
}

/// Whether a door matters no more, because a control that was read shuts it whatever it holds.
fn is_moot(call: &Call, bucket: &Bucket<'_>) -> bool {
    if *call == calls::s3::GET_BUCKET_POLICY {
        return restricts(&bucket.account_block) || restricts(&bucket.bucket_block);
    }
    *call == calls::s3::GET_BUCKET_ACL && acls_are_moot(bucket)
}

/// Whether ACLs matter no more, because a control that was read takes all of their effect.
fn acls_are_moot(bucket: &Bucket<'_>) -> bool {
    let ignored =
        |block: &&Block| matches!(block, Known::Read(Some(block)) if block.ignore_public_acls);
    [&bucket.account_block, &bucket.bucket_block].iter().any(ignored)
        || matches!(&bucket.ownership, Known::Read(Some(owner)) if owner == ENFORCED)
}

fn grants(acl: &facts::Acl) -> Vec<AclGrant> {
    let owner = acl.owner.as_ref().and_then(|owner| owner.id.as_deref());
    acl.grants
        .iter()
        .filter_map(|grant| {
            let grantee = grant.grantee.as_ref()?;
            let grantee = match (&grantee.uri, &grantee.id) {
                (Some(uri), _) => Grantee::parse(uri),
                (None, Some(id)) if owner == Some(id.as_str()) => Grantee::Owner,
                (None, Some(id)) => Grantee::Canonical(id.clone()),
                (None, None) => return None,
            };
            Some(AclGrant { grantee, permission: grant.permission.clone()? })
        })
        .collect()
}
