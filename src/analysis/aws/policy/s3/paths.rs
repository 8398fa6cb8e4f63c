//! The ways into a bucket, each with its locks.

use std::collections::BTreeSet;

use crate::inventory::Known;

use super::facts::{AclGrant, Bucket, Grantee, Point, PublicAccessBlock};
use super::{Exposure, Lock, Path, Via};
use crate::analysis::aws::policy::{
    Asked, Context, Subject, aws_public,
    condition::Test,
    document::{self, Names, Policy, Statement},
    engine::AccessPoint,
    explain,
    glob::Glob,
    principal::{Principal, Principals},
    services::Kind,
    targets::{Layer, Sample},
    template::Template,
    verdict::{Ruling, Verdict},
};

const BUCKET: &str = "aws.s3.bucket";
const GET_POLICY: &str = "s3:GetBucketPolicy";

/// Builds the paths of one bucket.
pub struct Composer<'b> {
    bucket: &'b Bucket<'b>,
    kind: Kind,
    context: Context,
    policy: Known<Option<Policy>>,
}

/// Which of the four settings a path has to pass.
#[derive(Clone, Copy)]
enum Setting {
    IgnorePublicAcls,
    RestrictPublicBuckets,
}

impl Setting {
    fn name(self) -> &'static str {
        match self {
            Setting::IgnorePublicAcls => "IgnorePublicAcls",
            Setting::RestrictPublicBuckets => "RestrictPublicBuckets",
        }
    }

    fn of(self, block: &PublicAccessBlock) -> bool {
        match self {
            Setting::IgnorePublicAcls => block.ignore_public_acls,
            Setting::RestrictPublicBuckets => block.restrict_public_buckets,
        }
    }
}

impl<'b> Composer<'b> {
    /// For this bucket.
    pub fn new(bucket: &'b Bucket<'b>) -> Composer<'b> {
        let kind = Kind::of(BUCKET, bucket.arn);
        let policy = bucket
            .policy
            .as_ref()
            .map(|text| text.as_ref().map(|text| document::parse(text, &kind)));
        // A requester-pays bucket refuses unsigned requests, whatever grants them (S3 user guide,
        // "Requester Pays"). Unread counts as off: the wider answer.
        let requester_pays = bucket.requester_pays.read().copied().flatten().unwrap_or_default();
        let context = Context {
            requester_pays: requester_pays || bucket.context.requester_pays,
            ..bucket.context.clone()
        };
        Composer { bucket, kind, context, policy }
    }

    /// All paths.
    pub fn compose(&self) -> Exposure {
        let mut exposure = Exposure {
            paths: Vec::new(),
            unread_doors: BTreeSet::new(),
            notes: Vec::new(),
            policy: None,
        };
        self.policy_path(&mut exposure);
        self.acl_paths(&mut exposure);
        self.point_paths(&mut exposure);
        if self.bucket.website.read().copied().flatten() == Some(true) {
            exposure.notes.push(
                "the static website endpoint serves the same grants over plain HTTP".to_owned(),
            );
        }
        if !self.bucket.objects.is_empty() {
            let count = self.bucket.objects.len();
            exposure.notes.push(format!("the ACLs of {count} objects were looked at"));
        }
        exposure
    }

    fn subject<'s>(&'s self, kind: &'s str, arn: &'s str, context: &'s Context) -> Subject<'s> {
        Subject { kind, arn, owner_account: self.bucket.owner_account, context }
    }

    fn judge_bucket(&self, policy: &Policy) -> Ruling {
        let subject = self.subject(BUCKET, self.bucket.arn, &self.context);
        crate::analysis::aws::policy::ruling(policy, &self.kind, &subject)
    }

    fn policy_path(&self, exposure: &mut Exposure) {
        let policy = match &self.policy {
            Known::Unread => {
                exposure.unread_doors.insert(GET_POLICY.to_owned());
                return;
            }
            Known::Read(None) => return,
            Known::Read(Some(policy)) => policy,
        };
        let mut ruling = self.judge_bucket(policy);
        let by_text = ruling.aws_public;
        let live = self.bucket.aws_public.read().copied().flatten();
        if let Some(live) = live {
            ruling.aws_public = live;
            if live != by_text {
                exposure.notes.push(format!(
                    "AWS calls the policy {}; by the wording of its documentation it would be {}",
                    public_word(live),
                    public_word(by_text),
                ));
            }
        }
        let public = ruling.verdict <= Verdict::Conditional;
        if public != ruling.aws_public {
            exposure.notes.push(format!(
                "effectively the policy is {}, while AWS calls it {}",
                ruling.verdict.name(),
                public_word(ruling.aws_public),
            ));
        }
        let mut restrict = Vec::new();
        if ruling.aws_public {
            self.levels(Setting::RestrictPublicBuckets, &mut restrict);
        }
        if public {
            let mut path = path_of(Via::Policy, &ruling, ruling.verdict);
            path.locks.clone_from(&restrict);
            exposure.paths.push(path);
        } else if let Some(alone) = self.without_denies(policy) {
            let mut path = path_of(Via::Policy, &alone, alone.verdict);
            // Judged without its Deny statements: the sentence must not say that none cuts it.
            let deciding = alone.grants.iter().filter(|grant| grant.verdict == alone.verdict);
            path.evidence = deciding.map(explain::allowing).collect();
            path.locks.push(denied(policy));
            path.locks.extend(restrict.iter().cloned());
            exposure.paths.push(path);
        }
        // Named outsiders, anyone by a fixed way, services: not public, and reported as such.
        let mut named = ruling.clone();
        named.grants.retain(|grant| grant.verdict > Verdict::Conditional);
        let worst = named.grants.iter().map(|grant| grant.verdict).min();
        if let Some(worst) = worst {
            let mut path = path_of(Via::Policy, &named, worst);
            // RestrictPublicBuckets leaves AWS services their access.
            if worst != Verdict::Service {
                path.locks = restrict;
            }
            exposure.paths.push(path);
        }
        exposure.policy = Some(ruling);
    }

    /// The ruling on the Allow statements alone, if that is public and there is a Deny.
    fn without_denies(&self, policy: &Policy) -> Option<Ruling> {
        let mut alone = policy.clone();
        alone.statements.retain(|statement| statement.allow);
        if alone.statements.len() == policy.statements.len() {
            return None;
        }
        Some(self.judge_bucket(&alone)).filter(|ruling| ruling.verdict == Verdict::Public)
    }

    fn acl_paths(&self, exposure: &mut Exposure) {
        let bucket = self.bucket;
        let mut locks = Vec::new();
        self.levels(Setting::IgnorePublicAcls, &mut locks);
        let ownership = match &bucket.ownership {
            Known::Unread => Lock::Unread {
                operation: "s3:GetBucketOwnershipControls".into(),
                text: "whether ACLs are switched off was not read".into(),
            },
            Known::Read(Some(mode)) if mode == "BucketOwnerEnforced" => Lock::Shut {
                control: "ownership:BucketOwnerEnforced".into(),
                text: "object ownership is BucketOwnerEnforced: ACLs are switched off".into(),
            },
            // Without ownership controls the bucket is as old ones are: ACLs are in force.
            Known::Read(_) => Lock::Open {
                control: "ownership:BucketOwnerEnforced".into(),
                text: "object ownership leaves ACLs in force".into(),
            },
        };
        locks.push(ownership);
        let shut = locks.iter().any(|lock| matches!(lock, Lock::Shut { .. }));
        match &bucket.acl {
            Known::Read(grants) => {
                for grant in grants {
                    self.acl_path(grant, None, &locks, exposure);
                }
            }
            Known::Unread if shut => {}
            Known::Unread => {
                exposure.unread_doors.insert("s3:GetBucketAcl".into());
            }
        }
        for object in &bucket.objects {
            match &object.acl {
                Known::Read(grants) => {
                    for grant in grants {
                        self.acl_path(grant, Some(&object.key), &locks, exposure);
                    }
                }
                Known::Unread if shut => {}
                Known::Unread => {
                    exposure.unread_doors.insert("s3:GetObjectAcl".into());
                }
            }
        }
    }

    fn acl_path(
        &self,
        grant: &AclGrant,
        key: Option<&str>,
        locks: &[Lock],
        exposure: &mut Exposure,
    ) {
        let (principal, group) = match &grant.grantee {
            Grantee::AllUsers => (Principal::Everyone, "AllUsers"),
            Grantee::AuthenticatedUsers => (Principal::AnySigned, "AuthenticatedUsers"),
            Grantee::Canonical(id) if Some(id) != self.context.canonical_id.as_ref() => {
                (Principal::Canonical(id.clone()), "")
            }
            Grantee::LogDelivery | Grantee::Owner | Grantee::Canonical(_) => return,
        };
        let actions = grant.actions(key.is_some());
        if actions.is_empty() {
            return;
        }
        let statement = acl_statement(principal, actions);
        // An ACL grant of WRITE is on the bucket, and what it lets write are objects.
        let sample = key.map(|key| vec![Sample::Below(key.to_owned())]);
        let judged = |denies: &[Statement]| {
            let mut policy = Policy::default();
            policy.statements.push(statement.clone());
            policy.statements.extend(denies.iter().cloned());
            let layer = Layer { statements: &policy.statements, kind: &self.kind };
            let asked = Asked { layers: vec![layer], point: None, only: sample.clone() };
            let subject = self.subject(BUCKET, self.bucket.arn, &self.context);
            crate::analysis::aws::policy::answer(asked, &[&policy], &subject, false)
        };
        let alone = judged(&[]);
        let denies: Vec<Statement> = match &self.policy {
            Known::Read(Some(policy)) => {
                policy.statements.iter().filter(|statement| !statement.allow).cloned().collect()
            }
            _ => Vec::new(),
        };
        let ruling = if denies.is_empty() { alone.clone() } else { judged(&denies) };
        let via = if key.is_some() { Via::ObjectAcl } else { Via::Acl };
        let public = !group.is_empty();
        let left = if public {
            ruling.verdict <= Verdict::Conditional
        } else {
            ruling.verdict < Verdict::Private
        };
        let shown = if left { &ruling } else { &alone };
        let mut path = path_of(via, shown, shown.verdict);
        path.name = key.map(str::to_owned);
        path.resources = match key {
            Some(key) => [format!("{}/{key}", self.bucket.arn)].into(),
            None => [self.bucket.arn.to_owned()].into(),
        };
        let on = if key.is_some() { "object" } else { "bucket" };
        let to = match &grant.grantee {
            Grantee::Canonical(id) => format!("canonical id {id}"),
            _ => format!("the group {group}"),
        };
        path.evidence = vec![format!("the {on} ACL grants {to} {}", grant.permission)];
        path.locks = locks
            .iter()
            // Public access settings leave grants to a named account alone.
            .filter(|lock| public || is_ownership(lock))
            .cloned()
            .collect();
        match &self.policy {
            Known::Unread => path.locks.push(Lock::Unread {
                operation: GET_POLICY.into(),
                text: "whether the bucket policy denies it was not read".into(),
            }),
            Known::Read(Some(policy)) if !left => path.locks.push(denied(policy)),
            Known::Read(_) => {}
        }
        if path.verdict < Verdict::Private {
            exposure.paths.push(path);
        }
    }

    fn point_paths(&self, exposure: &mut Exposure) {
        for point in &self.bucket.access_points {
            let operation = if point.multi_region {
                "s3control:GetMultiRegionAccessPointPolicy"
            } else {
                "s3control:GetAccessPointPolicy"
            };
            match &point.policy {
                Known::Unread => {
                    exposure.unread_doors.insert(operation.into());
                }
                Known::Read(None) => {}
                Known::Read(Some(text)) => self.point_path(point, text, exposure),
            }
        }
    }

    fn point_path(&self, point: &Point, text: &str, exposure: &mut Exposure) {
        let kind_name = if point.multi_region {
            "aws.s3.multi-region-access-point"
        } else {
            "aws.s3.access-point"
        };
        let kind = Kind::of(kind_name, &point.arn);
        let policy = document::parse(text, &kind);
        let origin = point.network_origin.read().cloned().flatten();
        let context = Context { network_origin: origin.clone(), ..self.context.clone() };
        let subject = self.subject(kind_name, &point.arn, &context);
        let nothing = Policy::default();
        let bucket_policy = match &self.policy {
            Known::Read(Some(policy)) => Some(policy),
            Known::Read(None) => Some(&nothing),
            Known::Unread => None,
        };
        let joint = |own: &Policy, bucket: Option<&Policy>| {
            let mut layers = vec![Layer { statements: &own.statements, kind: &kind }];
            let mut read = vec![own];
            if let Some(bucket) = bucket {
                layers.push(Layer { statements: &bucket.statements, kind: &self.kind });
                read.push(bucket);
            }
            let through = AccessPoint {
                account: point.account.clone(),
                arn: point.arn.clone(),
                vpc_only: origin.as_deref() == Some("VPC"),
            };
            let asked = Asked { layers, point: Some(through), only: None };
            crate::analysis::aws::policy::answer(asked, &read, &subject, false)
        };
        let allows = |policy: &Policy| {
            let mut alone = policy.clone();
            alone.statements.retain(|statement| statement.allow);
            alone
        };
        let own_public = match point.aws_public.read().copied().flatten() {
            Some(live) => live,
            None => aws_public::is_public(&policy, &kind, &subject),
        };
        let bucket_public = exposure.policy.as_ref().is_some_and(|ruling| ruling.aws_public);
        let mut restrict = Vec::new();
        if own_public || bucket_public {
            self.levels(Setting::RestrictPublicBuckets, &mut restrict);
            restrict.push(level(
                Setting::RestrictPublicBuckets,
                "access-point",
                &point.block,
                "s3control:GetAccessPoint",
            ));
        }
        let ruling = joint(&policy, bucket_policy);
        let mut add = |shown: &Ruling, verdict: Verdict, lock: Option<Lock>| {
            let mut path = path_of(Via::AccessPoint, shown, verdict);
            path.name = Some(point.name.clone());
            path.locks.extend(lock);
            path.locks.extend(restrict.iter().cloned());
            if bucket_policy.is_none() {
                path.locks.push(Lock::Unread {
                    operation: GET_POLICY.into(),
                    text: "whether the bucket policy lets the access point pass was not read"
                        .into(),
                });
            }
            exposure.paths.push(path);
        };
        if ruling.verdict <= Verdict::Conditional {
            add(&ruling, ruling.verdict, None);
        } else {
            let own = joint(&allows(&policy), None);
            if own.verdict == Verdict::Public {
                let undenied = joint(&allows(&policy), bucket_policy.map(&allows).as_ref());
                if undenied.verdict == Verdict::Public {
                    add(&undenied, Verdict::Public, Some(denied(&policy)));
                } else {
                    let lock = Lock::Shut {
                        control: "policy:no-delegation".into(),
                        text:
                            "the bucket policy does not let requests through the access point pass"
                                .into(),
                    };
                    add(&own, Verdict::Public, Some(lock));
                }
            }
        }
        let mut named = ruling;
        named.grants.retain(|grant| grant.verdict > Verdict::Conditional);
        let worst = named.grants.iter().map(|grant| grant.verdict).min();
        if let Some(worst) = worst {
            add(&named, worst, None);
        }
    }

    /// The locks of one setting at the levels above the bucket and at the bucket.
    fn levels(&self, setting: Setting, locks: &mut Vec<Lock>) {
        if let Some(block) = self.bucket.organization_block {
            locks.push(level(setting, "organization", &Known::Read(Some(block)), ""));
        }
        let account = &self.bucket.account_block;
        locks.push(level(setting, "account", account, "s3control:GetPublicAccessBlock"));
        locks.push(level(setting, "bucket", &self.bucket.bucket_block, "s3:GetPublicAccessBlock"));
    }
}

fn is_ownership(lock: &Lock) -> bool {
    match lock {
        Lock::Shut { control, .. } | Lock::Open { control, .. } => {
            control.starts_with("ownership:")
        }
        Lock::Unread { operation, .. } => operation == "s3:GetBucketOwnershipControls",
    }
}

fn level(
    setting: Setting,
    name: &str,
    block: &Known<Option<PublicAccessBlock>>,
    operation: &str,
) -> Lock {
    let control = format!("{name}:{}", setting.name());
    let setting_name = setting.name();
    match block {
        Known::Unread => Lock::Unread {
            operation: operation.into(),
            text: format!("whether {setting_name} is on for the {name} was not read"),
        },
        // No configuration at a level means that all four settings are off there.
        Known::Read(block) if setting.of(&block.unwrap_or_default()) => {
            Lock::Shut { control, text: format!("{setting_name} is on for the {name}") }
        }
        Known::Read(_) => {
            Lock::Open { control, text: format!("{setting_name} is off for the {name}") }
        }
    }
}

fn denied(policy: &Policy) -> Lock {
    let labels: Vec<String> = policy
        .statements
        .iter()
        .filter(|statement| !statement.allow)
        .map(|statement| format!("`{}`", statement.label))
        .collect();
    Lock::Shut {
        control: "policy:Deny".into(),
        text: if labels.is_empty() {
            "a Deny in the bucket policy takes all of it away".into()
        } else {
            format!("the bucket policy denies all of it ({})", labels.join(", "))
        },
    }
}

fn path_of(via: Via, ruling: &Ruling, verdict: Verdict) -> Path {
    let deciding = || ruling.grants.iter().filter(move |grant| grant.verdict == verdict);
    Path {
        via,
        name: None,
        verdict,
        who: deciding().map(|grant| grant.who.clone()).min(),
        access: deciding().flat_map(|grant| grant.access.iter().copied()).collect(),
        resources: deciding().flat_map(|grant| grant.resources.iter().cloned()).collect(),
        outsiders: ruling.cross_account(),
        evidence: deciding().map(explain::sentence).collect(),
        locks: Vec::new(),
    }
}

fn public_word(public: bool) -> &'static str {
    if public { "public" } else { "not public" }
}

fn acl_statement(principal: Principal, actions: &[&str]) -> Statement {
    Statement {
        label: "acl".into(),
        allow: true,
        principals: Principals { named: vec![principal], ..Principals::default() },
        actions: Names {
            negated: false,
            any: actions.iter().map(|action| Glob::exact(action)).collect(),
        },
        resources: Names { negated: false, any: vec![Template::parse("*", true, false)] },
        tests: Vec::<Test>::new(),
        doubt: None,
    }
}
