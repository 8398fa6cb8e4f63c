//! What the rules about access points share: each with the ways through it into its buckets.

use super::s3;
use super::s3_ways::{severity, title, verdict};
use super::{Context, Findings, Found};
use crate::analysis::aws::policy::s3::{
    self as ruling, Lock, Path, Point, PublicAccessBlock, Status as Ruled, Via,
};
use crate::analysis::aws::policy::{Context as PolicyContext, Who};
use crate::inventory::Snapshot;
use crate::inventory::aws::calls::{self, Call};
use crate::inventory::aws::kinds;
use crate::inventory::aws::s3::{AccessPoint, MultiRegionAccessPoint};
use crate::model::Known;
use crate::model::Status;
use crate::model::{Exposure, GLOBAL, Remediation, Resource};

/// A bucket behind an access point.
struct Behind<'a> {
    bucket: &'a str,
    /// Its account, where that is told.
    account: Option<&'a str>,
}

/// Judges access points of one account.
pub struct Judge<'c, 'a> {
    snapshot: &'a Snapshot,
    context: PolicyContext,
    account_block: Known<Option<PublicAccessBlock>>,
    found: &'c mut Findings,
}

impl<'c, 'a> Judge<'c, 'a> {
    /// One that reports to `found`.
    pub fn new(cx: &Context<'a>, found: &'c mut Findings) -> Self {
        let snapshot = cx.snapshot;
        Judge {
            snapshot,
            context: s3::context(cx),
            account_block: s3::account_block(snapshot),
            found,
        }
    }

    /// Whether the account lets nobody in from outside by a public policy, on any bucket or access
    /// point: then none of them is asked.
    fn account_restricts(&self) -> bool {
        restricts(&self.account_block)
    }

    /// Notes that a list of access points was not had, unless it cannot matter.
    pub fn unlisted(&mut self, call: &'static Call, region: &str) {
        if !self.account_restricts() {
            self.found.unread(call, region);
        }
    }

    /// An access point of one region.
    pub fn regional(&mut self, region: &str, point: &AccessPoint) {
        let Some(services) = self.snapshot.regions.get(region) else { return };
        let control = &services.s3control;
        let place = self.snapshot.place(region);
        let mut resource = kinds::S3_ACCESS_POINT.resource(&place, &point.name);
        if let Some(arn) = &point.access_point_arn {
            resource.arn.clone_from(arn);
        }
        let details = control.get_access_point.get(&point.name);
        let policy = control.get_access_point_policy.get(&point.name);
        let vpc = point.network_origin.as_deref() == Some("VPC");
        let facts = Point {
            name: point.name.clone(),
            arn: resource.arn.clone(),
            account: self.snapshot.account.clone(),
            // Judged as if it faced the internet; that it does not is a control like others.
            network_origin: Known::Read(Some("Internet".to_owned())),
            block: Known::from(details)
                .map(|details| details.public_access_block_configuration.map(s3::settings)),
            policy: Known::from(policy).map(|answer| answer.as_ref()?.policy.clone()),
            aws_public: Known::from(control.get_access_point_policy_status.get(&point.name))
                .map(|answer| answer.as_ref()?.policy_status.as_ref()?.is_public),
            multi_region: false,
        };
        let account = point.bucket_account_id.as_deref();
        let behind = [Behind { bucket: &point.bucket, account }];
        let command = format!(
            "aws s3control delete-access-point-policy --account-id {} --name {} --region {region}",
            self.snapshot.account, point.name
        );
        self.report(resource, &facts, &behind, vpc, command);
    }

    /// An access point of several regions.
    pub fn multi_region(&mut self, point: &MultiRegionAccessPoint) {
        let control = &self.snapshot.global.s3control;
        let policies = &control.get_multi_region_access_point_policy;
        let statuses = &control.get_multi_region_access_point_policy_status;
        let account = &self.snapshot.account;
        let kind = &kinds::S3_MULTI_REGION_ACCESS_POINT;
        let place = self.snapshot.place(GLOBAL);
        let arn = kind.arn(&place, point.alias.as_ref().unwrap_or(&point.name));
        let resource = kind.resource_of(&place, &point.name, arn);
        let facts = Point {
            name: point.name.clone(),
            arn: resource.arn.clone(),
            account: account.clone(),
            network_origin: Known::Read(Some("Internet".to_owned())),
            block: Known::Read(point.public_access_block.map(s3::settings)),
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
        let command = format!(
            "aws s3control get-multi-region-access-point-policy --account-id {account} --name {} \
             --region us-west-2",
            point.name
        );
        self.report(resource, &facts, &behind, false, command);
    }

    fn report(
        &mut self,
        resource: Resource,
        point: &Point,
        behind: &[Behind<'_>],
        vpc: bool,
        command: String,
    ) {
        if point.policy.is_unread() {
            if !vpc && !restricts(&point.block) && !self.account_restricts() {
                let call = if point.multi_region {
                    &calls::s3control::GET_MULTI_REGION_ACCESS_POINT_POLICY
                } else {
                    &calls::s3control::GET_ACCESS_POINT_POLICY
                };
                self.found.unread_about(call, &resource.region, &resource.id);
            }
            return;
        }
        let mut ways: Vec<(&str, Path)> = Vec::new();
        for one in behind {
            ways.extend(self.paths(point, one, vpc).into_iter().map(|path| (one.bucket, path)));
        }
        let worst = ways.iter().map(|(_, path)| path.status()).min().unwrap_or(Ruled::None);
        ways.retain(|(_, path)| path.status() == worst);
        let status = match worst {
            Ruled::Exposed => Status::Exposed,
            Ruled::Undetermined => Status::Undetermined,
            Ruled::Latent => Status::Latent,
            Ruled::None => return,
        };
        let paths: Vec<&Path> = ways.iter().map(|(_, path)| path).collect();
        let access = paths.iter().flat_map(|path| path.access.iter().copied()).collect();
        let who = paths.iter().filter_map(|path| path.who.clone()).min();
        let mut buckets: Vec<_> = ways.iter().map(|(bucket, _)| *bucket).collect();
        buckets.dedup();
        let what = format!(
            "bucket {} through {}access point {}",
            buckets.join(", "),
            if point.multi_region { "multi-region " } else { "" },
            resource.id
        );
        let text = match status {
            Status::Latent => {
                "take the access point's policy statement away, so that nothing depends on the \
                 control"
            }
            _ => {
                "take the access point's policy statement away, and block public access to the \
                 bucket; an access point's own block is fixed when it is made"
            }
        };
        let found = Found {
            way_in: "access-point",
            severity: severity(&access),
            title: title(&what, status, who.as_ref(), &access),
            exposure: Some(Exposure {
                who: who.as_ref().map(Who::text).unwrap_or_default(),
                access: access.iter().map(|access| access.name().to_owned()).collect(),
                source: Some("internet".to_owned()),
                ..Exposure::default()
            }),
            verdict: verdict(&[], status, &paths),
            remediation: Remediation { text: text.to_owned(), command: Some(command) },
            resource,
        };
        self.found.push(found);
    }

    /// The ways through `point` into one bucket.
    fn paths(&self, point: &Point, behind: &Behind<'_>, vpc: bool) -> Vec<Path> {
        let account = &self.snapshot.account;
        let listed = self.snapshot.global.s3.list_buckets.read();
        let bucket = listed.and_then(|l| l.buckets.iter().find(|b| b.name == behind.bucket));
        let own = behind.account.is_none_or(|id| id == account);
        if own && listed.is_some() && bucket.is_none() {
            // Deleted, or in a region that is not scanned.
            return Vec::new();
        }
        let unlisted = crate::inventory::aws::s3::Bucket {
            name: behind.bucket.to_owned(),
            ..Default::default()
        };
        let mut resource = s3::resource(self.snapshot, bucket.unwrap_or(&unlisted));
        if let Some(owner) = behind.account {
            owner.clone_into(&mut resource.account);
        }
        let s3 = &self.snapshot.global.s3;
        let mut facts = s3::facts(s3, &resource, self.account_block, &self.context);
        facts.access_points = vec![point.clone()];
        let mut paths = ruling::judge(&facts).paths;
        paths.retain(|path| path.via == Via::AccessPoint && path.is_public());
        for path in paths.iter_mut().filter(|_| vpc) {
            path.locks.push(Lock::Shut {
                control: "access-point:VPC".to_owned(),
                text: "the access point takes requests from its VPC only".to_owned(),
            });
        }
        paths
    }
}

fn restricts(block: &Known<Option<PublicAccessBlock>>) -> bool {
    matches!(block, Known::Read(Some(block)) if block.restrict_public_buckets)
}
