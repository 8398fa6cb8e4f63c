//! A plain reading of who reaches a bucket: every way in by itself, then the sum.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::brute;
use super::super::organization::{self, Control, merged, statements};
use super::super::subjects::{SUBJECTS, Subject};
use super::super::sum::{self, Found};
use super::super::world::Through;
use super::case::{ARN, Bucket, Door, Flags, Grant, OWN_ID};
use super::ruling;
use outcrop::model::Known;

/// What is compared.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Summary {
    pub status: &'static str,
    pub who: Option<String>,
    pub access: BTreeSet<String>,
    pub via: BTreeSet<String>,
    pub blocked_by: BTreeSet<String>,
    pub cross_account: BTreeSet<String>,
    /// Calls without whose answers a way in may be missing.
    pub unread: BTreeSet<&'static str>,
}

/// From the worst on.
pub const STATUSES: [&str; 4] = ["exposed", "undetermined", "latent", "none"];

/// The calls that read the policies of points in one region and in several.
pub const POINT_CALLS: [&str; 2] =
    ["s3control:GetAccessPointPolicy", "s3control:GetMultiRegionAccessPointPolicy"];

/// One way in.
#[derive(Default)]
struct Way {
    via: &'static str,
    public: bool,
    /// Whether nothing about the grant itself is in doubt.
    sure: bool,
    grants: BTreeSet<(String, String)>,
    outsiders: BTreeSet<String>,
    /// What these may do besides what everybody may.
    beside_public: bool,
    shut: BTreeSet<String>,
    /// A control was not read.
    unread: bool,
}

impl Way {
    fn status(&self) -> &'static str {
        match () {
            () if !self.public => "none",
            () if !self.shut.is_empty() => "latent",
            () if self.unread || !self.sure => "undetermined",
            () => "exposed",
        }
    }
}

/// What some statements give away.
struct Given {
    /// `public`, `error`, `conditional`, or something less.
    verdict: String,
    found: Found,
    outsiders: BTreeSet<String>,
}

impl Given {
    fn is_public(&self) -> bool {
        ["public", "error", "conditional"].contains(&self.verdict.as_str())
    }

    fn of(&self, verdict: &str) -> BTreeSet<(String, String)> {
        self.found.get(verdict).cloned().unwrap_or_default()
    }

    /// The way for those whom nobody named.
    fn open(&self, via: &'static str) -> Way {
        Way {
            via,
            public: true,
            sure: self.verdict == "public",
            grants: self.of(&self.verdict),
            ..Way::default()
        }
    }

    /// The ways for everybody else: named outsiders, fixed ways in, AWS services.
    fn named(self, via: &'static str) -> Vec<Way> {
        let public = self.verdict == "public";
        let mut ways = Vec::new();
        for verdict in ["cross-account", "bounded", "service"] {
            if self.found.contains_key(verdict) {
                let mut way = Way { via, grants: self.of(verdict), ..Way::default() };
                if verdict == "cross-account" {
                    way.outsiders.clone_from(&self.outsiders);
                    way.beside_public = public;
                }
                ways.push(way);
            }
        }
        ways
    }
}

/// Actions by which ACL grants are told apart from those of policies, besides those of the pool.
const ACTIONS: &[&str] = &[
    "s3:GetObject",
    "s3:PutObject",
    "s3:*",
    "s3:Get*",
    "s3:List*",
    "s3:ListBucket",
    "s3:PutObjectAcl",
    "s3:*Object",
    "s3:DeleteObject",
    "*",
    "s3:GetBucketAcl",
    "s3:Put*",
    "s3:ListBucketVersions",
    "s3:ListBucketMultipartUploads",
    "s3:PutBucketAcl",
    "s3:GetObjectVersion",
    "s3:GetObjectAcl",
    "s3:GetObjectVersionAcl",
    "s3:PutObjectVersionAcl",
];

/// Policy actions behind a permission of an ACL (S3 user guide, "ACL overview").
fn actions(permission: &str, object: bool) -> Vec<&'static str> {
    let bucket: [(&str, &[&str]); 4] = [
        ("READ", &["s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"]),
        ("WRITE", &["s3:PutObject"]),
        ("READ_ACP", &["s3:GetBucketAcl"]),
        ("WRITE_ACP", &["s3:PutBucketAcl"]),
    ];
    let of_object: [(&str, &[&str]); 4] = [
        ("READ", &["s3:GetObject", "s3:GetObjectVersion"]),
        ("WRITE", &[]),
        ("READ_ACP", &["s3:GetObjectAcl", "s3:GetObjectVersionAcl"]),
        ("WRITE_ACP", &["s3:PutObjectAcl", "s3:PutObjectVersionAcl"]),
    ];
    let table = if object { of_object } else { bucket };
    let meant =
        table.iter().filter(|(name, _)| permission == *name || permission == "FULL_CONTROL");
    meant.flat_map(|(_, actions)| actions.iter().copied()).collect()
}

fn is_deny(statement: &Value) -> bool {
    statement["Effect"] == "Deny"
}

fn allows(policy: &Value) -> Value {
    let mut policy = policy.clone();
    policy["Statement"].as_array_mut().unwrap().retain(|statement| !is_deny(statement));
    policy
}

/// The statements of both. Where only one of them knows variables, the other's are plain text.
/// Reads one bucket.
pub struct Reading<'b> {
    bucket: &'b Bucket,
    ways: Vec<Way>,
    unread: BTreeSet<&'static str>,
    /// Whether AWS calls the bucket policy public.
    ruled_public: bool,
}

/// The answer for a bucket; and words that it may leave out: the way by which nothing readable
/// comes, and outsiders named in a policy that is public anyway.
pub fn read(bucket: &Bucket) -> (Summary, BTreeSet<String>) {
    let mut reading =
        Reading { bucket, ways: Vec::new(), unread: BTreeSet::new(), ruled_public: false };
    reading.policy();
    reading.acls();
    for door in &bucket.doors {
        reading.door(door);
    }
    reading.sum()
}

/// Which of the organization's policies count, and whether what they deny is asked about.
struct Under<'c> {
    controls: Vec<&'c Control>,
    wanted: bool,
}

impl Reading<'_> {
    /// What a policy gives under nothing else.
    fn given(&self, policy: &Value, object: Option<&str>, through: Option<Through>) -> Given {
        let nothing = Under { controls: Vec::new(), wanted: false };
        self.given_under(policy, object, through, &nothing)
    }

    /// What the organization leaves of it.
    fn left(&self, policy: &Value, object: Option<&str>, through: Option<Through>) -> Given {
        let all = Under { controls: self.bucket.controls.iter().collect(), wanted: false };
        self.given_under(policy, object, through, &all)
    }

    /// The policies of the organization that leave nothing public of it.
    fn locks(
        &self,
        policy: &Value,
        object: Option<&str>,
        through: Option<&Through>,
    ) -> BTreeSet<String> {
        if self.bucket.controls.is_empty()
            || self.left(policy, object, through.cloned()).is_public()
        {
            return BTreeSet::new();
        }
        let is_public = |some: &[&Control]| {
            let under = Under { controls: some.to_vec(), wanted: false };
            self.given_under(policy, object, through.cloned(), &under).is_public()
        };
        let denies_part = |one: &Control| {
            let under = Under { controls: vec![one], wanted: true };
            let given = self.given_under(policy, object, through.cloned(), &under);
            let strangers = ["anyone", "any-aws", "federated"];
            given.found.values().flatten().any(|(who, _)| strangers.contains(&who.as_str()))
        };
        organization::shutting(&self.bucket.controls, is_public, denies_part)
    }

    fn given_under(
        &self,
        policy: &Value,
        object: Option<&str>,
        through: Option<Through>,
        under: &Under<'_>,
    ) -> Given {
        let place = object.map(|key| format!("{ARN}/{key}"));
        let unsigned = self.bucket.pays != Known::Read(Some(true));
        let one = SUBJECTS[0].samples.iter().find(|sample| Some(**sample) == place.as_deref());
        let samples = match one {
            Some(one) => std::slice::from_ref(one),
            None => SUBJECTS[0].samples,
        };
        let subject = Subject { unsigned, actions: ACTIONS, samples, ..SUBJECTS[0] };
        let all = organization::beside(policy, &under.controls);
        let mut world = organization::world(&all, &subject, self.bucket.org, under.wanted);
        world.through = through;
        let (answer, found) = sum::grants(&world, &brute::walk(&world));
        Given { verdict: answer.verdict, found, outsiders: answer.cross_account }
    }

    /// Which levels switch a setting on; whether one of them was not read.
    fn levels(&self, on: impl Fn(Flags) -> bool, name: &str) -> (BTreeSet<String>, bool) {
        let bucket = self.bucket;
        let levels = [
            ("organization", &Known::Read(bucket.organization)),
            ("account", &bucket.account),
            ("bucket", &bucket.bucket),
        ];
        let mut shut = BTreeSet::new();
        let mut unread = false;
        for (level, flags) in levels {
            match flags {
                Known::Read(flags) if flags.is_some_and(&on) => {
                    shut.insert(format!("{level}:{name}"));
                }
                Known::Read(_) => {}
                Known::Unread => unread = true,
            }
        }
        (shut, unread)
    }

    fn policy(&mut self) {
        let policy = match &self.bucket.policy {
            Known::Unread => {
                self.unread.insert("s3:GetBucketPolicy");
                return;
            }
            Known::Read(None) => return,
            Known::Read(Some(policy)) => policy,
        };
        self.ruled_public = match self.bucket.aws_public {
            Known::Read(Some(said)) => said,
            _ => ruling::is_public(policy, false, false),
        };
        let (shut, unread) = match self.ruled_public {
            true => self.levels(|flags| flags.restrict, "RestrictPublicBuckets"),
            false => (BTreeSet::new(), false),
        };
        let given = self.left(policy, None, None);
        let without = self.given(policy, None, None);
        let denied = statements(policy).iter().any(is_deny);
        if given.is_public() {
            let way = given.open("policy");
            self.ways.push(Way { shut: shut.clone(), unread, ..way });
        } else if without.verdict == "public" {
            let mut way = Way { shut: shut.clone(), unread, ..without.open("policy") };
            way.shut.extend(self.locks(policy, None, None));
            self.ways.push(way);
        } else if denied && !without.is_public() {
            let alone = self.given(&allows(policy), None, None);
            if alone.verdict == "public" {
                let mut way = Way { shut: shut.clone(), unread, ..alone.open("policy") };
                way.shut.insert("policy:Deny".into());
                way.shut.extend(self.locks(&allows(policy), None, None));
                self.ways.push(way);
            }
        }
        // Restricted, a policy gives nothing outside of the account but to AWS services.
        let mut left = given;
        if !shut.is_empty() {
            left.found.retain(|verdict, _| *verdict == "service");
            left.outsiders.clear();
        }
        self.ways.extend(left.named("policy"));
    }

    fn acls(&mut self) {
        let bucket = self.bucket;
        let enforced = bucket.ownership == Known::Read(Some("BucketOwnerEnforced"));
        let (ignored, _) = self.levels(|flags| flags.ignore_acls, "IgnorePublicAcls");
        let off = enforced || !ignored.is_empty();
        match &bucket.acl {
            Known::Read(grants) => grants.iter().for_each(|grant| self.acl(*grant, None)),
            // Whatever it grants to the public is cut.
            Known::Unread if off => {}
            Known::Unread => {
                self.unread.insert("s3:GetBucketAcl");
            }
        }
        for (key, grants) in &bucket.objects {
            match grants {
                Known::Read(grants) => grants.iter().for_each(|grant| self.acl(*grant, Some(key))),
                Known::Unread if off => {}
                Known::Unread => {
                    self.unread.insert("s3:GetObjectAcl");
                }
            }
        }
    }

    fn acl(&mut self, (to, permission): Grant, key: Option<&str>) {
        let actions = actions(permission, key.is_some());
        let group = ["AllUsers", "AuthenticatedUsers"].contains(&to);
        let canonical = to.strip_prefix("canonical:").filter(|id| *id != OWN_ID);
        if actions.is_empty() || !group && canonical.is_none() {
            return;
        }
        let mut grant = json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
        grant["Principal"] = match canonical {
            Some(id) => json!({"CanonicalUser": id}),
            None => json!("*"),
        };
        if to == "AuthenticatedUsers" {
            // AWS services are no AWS accounts, and who does not sign is nobody.
            grant["Condition"] = json!({"Bool": {"aws:PrincipalIsAWSService": "false"}});
        }
        let alone = json!({"Version": "2012-10-17", "Statement": [grant]});
        let mut both = alone.clone();
        let mut denied = false;
        if let Known::Read(Some(policy)) = &self.bucket.policy {
            let denies = statements(policy).into_iter().filter(is_deny);
            both["Statement"].as_array_mut().unwrap().extend(denies);
            both["Version"] = policy["Version"].clone();
            if policy.get("Version").is_none() {
                both.as_object_mut().unwrap().remove("Version");
            }
            denied = statements(&both).len() > 1;
        }
        let via = if key.is_some() { "object-acl" } else { "acl" };
        let own = if denied { &both } else { &alone };
        let given = self.left(own, key, None);
        let without = self.given(own, key, None);
        let (mut shut, mut unread) = match group {
            true => self.levels(|flags| flags.ignore_acls, "IgnorePublicAcls"),
            false => (BTreeSet::new(), false),
        };
        match self.bucket.ownership {
            Known::Read(Some("BucketOwnerEnforced")) => {
                shut.insert("ownership:BucketOwnerEnforced".into());
            }
            Known::Read(_) => {}
            Known::Unread => unread = true,
        }
        unread |= self.bucket.policy == Known::Unread;
        if given.is_public() {
            let way = given.open(via);
            self.ways.push(Way { shut: shut.clone(), unread, ..way });
        } else if group && without.verdict == "public" {
            let mut way = Way { shut: shut.clone(), unread, ..without.open(via) };
            way.shut.extend(self.locks(own, key, None));
            self.ways.push(way);
        } else if group && !without.is_public() {
            let mut way =
                Way { shut: shut.clone(), unread, ..self.given(&alone, key, None).open(via) };
            way.shut.insert("policy:Deny".into());
            way.shut.extend(self.locks(&alone, key, None));
            self.ways.push(way);
        }
        if shut.is_empty() {
            self.ways.extend(given.named(via));
        }
    }

    fn door(&mut self, door: &Door) {
        let own = match &door.policy {
            Known::Unread => {
                self.unread.insert(POINT_CALLS[usize::from(door.multi_region)]);
                return;
            }
            Known::Read(None) => return,
            Known::Read(Some(policy)) => policy,
        };
        // What a bucket policy that was not read may say is taken as all.
        let all = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]});
        let nothing = json!({"Version": "2012-10-17", "Statement": []});
        let behind = match &self.bucket.policy {
            Known::Unread => &all,
            Known::Read(None) => &nothing,
            Known::Read(Some(policy)) => policy,
        };
        let through =
            |own: &Value| Through { own: statements(own).len(), arn: door.arn(), vpc: door.vpc };
        let joint = |own: &Value, behind: &Value| {
            self.given(&merged(own, behind), None, Some(through(own)))
        };
        let locks = |own: &Value, behind: &Value| {
            self.locks(&merged(own, behind), None, Some(&through(own)))
        };
        let own_public = match door.aws_public {
            Known::Read(Some(said)) => said,
            _ => ruling::is_public(own, door.vpc, true),
        };
        let (mut shut, mut unread) = (BTreeSet::new(), self.bucket.policy == Known::Unread);
        if own_public || self.ruled_public {
            let levels = self.levels(|flags| flags.restrict, "RestrictPublicBuckets");
            shut = levels.0;
            unread |= levels.1;
            match door.flags {
                Known::Read(flags) if flags.is_some_and(|flags| flags.restrict) => {
                    shut.insert("access-point:RestrictPublicBuckets".into());
                }
                Known::Read(_) => {}
                Known::Unread => unread = true,
            }
        }
        let given = self.left(&merged(own, behind), None, Some(through(own)));
        let without = joint(own, behind);
        let mut ways = Vec::new();
        if given.is_public() {
            ways.push(Way { shut: shut.clone(), unread, ..given.open("access-point") });
        } else if without.verdict == "public" {
            let mut way = Way { shut: shut.clone(), unread, ..without.open("access-point") };
            way.shut.extend(locks(own, behind));
            ways.push(way);
        } else if !without.is_public() {
            let alone = joint(&allows(own), &all);
            let undenied = joint(&allows(own), &allows(behind));
            if alone.verdict == "public" {
                let (shown, control, past) = match undenied.verdict.as_str() {
                    "public" => (undenied, "policy:Deny", allows(behind)),
                    _ => (alone, "policy:no-delegation", all.clone()),
                };
                let beside = locks(&allows(own), &past);
                let mut way = Way { shut: shut.clone(), unread, ..shown.open("access-point") };
                way.shut.insert(control.into());
                way.shut.extend(beside);
                ways.push(way);
            }
        }
        let mut left = given;
        if !shut.is_empty() {
            left.found.retain(|verdict, _| *verdict == "service");
            left.outsiders.clear();
        }
        ways.extend(left.named("access-point"));
        self.ways.extend(ways);
    }

    fn sum(self) -> (Summary, BTreeSet<String>) {
        let rank = |status: &str| STATUSES.iter().position(|known| *known == status).unwrap();
        let status = self.ways.iter().map(Way::status).min_by_key(|status| rank(status));
        let status = status.unwrap_or("none");
        let reported: Vec<&Way> = self.ways.iter().filter(|way| way.status() == status).collect();
        let grants = || reported.iter().flat_map(|way| &way.grants);
        let who =
            ["anyone", "any-aws"].into_iter().find(|who| grants().any(|grant| grant.0 == *who));
        let public = self.ways.iter().filter(|way| way.public);
        let by: BTreeSet<&str> =
            reported.iter().filter(|way| !way.grants.is_empty()).map(|way| way.via).collect();
        let silent = reported.iter().map(|way| way.via).filter(|via| !by.contains(via));
        let (beside, firm): (Vec<&Way>, Vec<&Way>) =
            self.ways.iter().partition(|way| way.beside_public);
        let of = |ways: &[&Way]| -> BTreeSet<String> {
            ways.iter().flat_map(|way| way.outsiders.iter().cloned()).collect()
        };
        let mut optional: BTreeSet<String> = &of(&beside) - &of(&firm);
        optional.extend(silent.map(str::to_owned));
        let summary = Summary {
            status,
            who: who.filter(|_| status != "none").map(str::to_owned),
            access: grants().map(|grant| grant.1.clone()).collect(),
            via: reported.iter().map(|way| way.via.to_owned()).collect(),
            blocked_by: public.flat_map(|way| way.shut.iter().cloned()).collect(),
            cross_account: self.ways.iter().flat_map(|way| way.outsiders.iter().cloned()).collect(),
            unread: self.unread,
        };
        (summary, optional)
    }
}
