//! Random buckets: every fact that decides who reaches one, read or not.

use serde_json::{Value, json};

use super::super::generate;
use super::super::organization::{self, Control};
use super::super::random::Random;
use super::super::subjects::{OWN_ORG, OWNER, SUBJECTS, Subject};
use outcrop::model::Known;

/// The canonical id of the owner.
pub const OWN_ID: &str = "0aa00001";

/// The bucket that policies of the pool name.
pub const ARN: &str = "arn:aws:s3:::acme-data";

/// The four settings of block public access.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Flags {
    pub block_acls: bool,
    pub ignore_acls: bool,
    pub block_policy: bool,
    pub restrict: bool,
}

/// One grant of an ACL: to whom and what.
pub type Grant = (&'static str, &'static str);

/// An access point.
#[derive(Debug, Clone)]
pub struct Door {
    pub name: &'static str,
    /// The account that owns it.
    pub account: &'static str,
    /// Whether it spans regions.
    pub multi_region: bool,
    pub vpc: bool,
    pub flags: Known<Option<Flags>>,
    /// In the writing of the bucket: its statements name the bucket where they mean the point.
    pub policy: Known<Option<Value>>,
    pub aws_public: Known<Option<bool>>,
}

impl Door {
    pub fn arn(&self) -> String {
        let region = if self.multi_region { "" } else { "us-east-1" };
        format!("arn:aws:s3:{region}:{}:accesspoint/{}", self.account, self.name)
    }

    /// The policy as it stands at the access point.
    pub fn written(&self) -> Known<Option<String>> {
        self.policy.as_ref().map(|policy| {
            policy.as_ref().map(|policy| {
                let mut policy = policy.clone();
                for statement in policy["Statement"].as_array_mut().unwrap() {
                    for element in ["Resource", "NotResource"] {
                        for text in statement[element].as_array_mut().into_iter().flatten() {
                            let own = text.as_str().unwrap().replace(ARN, &self.arn());
                            *text = own
                                .replace(&format!("/{}/", self.name), &{
                                    format!("/{}/object/", self.name)
                                })
                                .into();
                        }
                    }
                    for element in ["Resource", "NotResource"] {
                        if statement[element].is_null() {
                            statement.as_object_mut().unwrap().remove(element);
                        }
                    }
                }
                policy.to_string()
            })
        })
    }
}

/// A bucket and everything around it.
#[derive(Debug, Clone)]
pub struct Bucket {
    pub org: Option<&'static str>,
    pub policy: Known<Option<Value>>,
    pub acl: Known<Vec<Grant>>,
    pub objects: Vec<(&'static str, Known<Vec<Grant>>)>,
    pub ownership: Known<Option<&'static str>>,
    pub organization: Option<Flags>,
    pub account: Known<Option<Flags>>,
    pub bucket: Known<Option<Flags>>,
    pub aws_public: Known<Option<bool>>,
    pub pays: Known<Option<bool>>,
    pub website: Known<Option<bool>>,
    pub doors: Vec<Door>,
    /// Resource control policies that reach the owner.
    pub controls: Vec<Control>,
}

/// Statements of access points: on what lies behind them, and of actions that are done through
/// them (an action that their table does not know is in doubt).
fn point_subject() -> Subject {
    Subject {
        actions: &[
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
            "s3:Put*",
        ],
        resources: &[
            "arn:aws:s3:::acme-data",
            "arn:aws:s3:::acme-data/*",
            "arn:aws:s3:::acme-data/*",
            "arn:aws:s3:::acme-data/public/*",
            "arn:aws:s3:::acme-data/private/*",
            "arn:aws:s3:::acme-data/public/a",
            "*",
        ],
        ..SUBJECTS[0]
    }
}

fn flags(random: &mut Random) -> Option<Flags> {
    match random.below(10) {
        0..=4 => None,
        5..=6 => Some(Flags::default()),
        7 => {
            Some(Flags { block_acls: true, ignore_acls: true, block_policy: true, restrict: true })
        }
        _ => Some(Flags {
            block_acls: random.chance(50),
            ignore_acls: random.chance(30),
            block_policy: random.chance(50),
            restrict: random.chance(30),
        }),
    }
}

fn grants(random: &mut Random, most: usize) -> Vec<Grant> {
    let to = [
        "owner",
        "AllUsers",
        "AllUsers",
        "AuthenticatedUsers",
        "LogDelivery",
        "canonical:cafe0001",
        "canonical:0aa00001",
    ];
    let permissions = ["READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL"];
    let count = random.below(most + 1);
    (0..count).map(|_| (*random.pick(&to), *random.pick(&permissions))).collect()
}

fn door(random: &mut Random, name: &'static str) -> Door {
    let policy = match random.below(10) {
        0 => None,
        1..=4 => Some(open(random)),
        _ => Some(generate::policy(random, &point_subject())),
    };
    let multi_region = random.chance(20);
    Door {
        name: if multi_region { "mfzwi23gnjvgw.mrap" } else { name },
        account: if random.chance(20) { "333344445555" } else { OWNER },
        multi_region,
        vpc: !multi_region && random.chance(25),
        flags: Known::Read(flags(random)),
        policy: Known::Read(policy),
        aws_public: said(random),
    }
}

fn said(random: &mut Random) -> Known<Option<bool>> {
    match random.below(4) {
        0 => Known::Read(Some(true)),
        1 => Known::Read(Some(false)),
        2 => Known::Read(None),
        _ => Known::Unread,
    }
}

/// A policy of an access point that lets strangers in.
fn open(random: &mut Random) -> Value {
    let action = random.pick(&["s3:GetObject", "s3:*", "s3:ListBucket"]);
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
           "Action": [action], "Resource": [ARN, format!("{ARN}/*")]}]})
}

/// A bucket policy that leaves access to the access points of an account, mostly the owner.
fn delegating(random: &mut Random) -> Value {
    let (key, value) = *random.pick(&[
        ("s3:DataAccessPointAccount", OWNER),
        ("s3:DataAccessPointAccount", OWNER),
        ("s3:DataAccessPointAccount", "333344445555"),
        ("s3:DataAccessPointArn", "arn:aws:s3:us-east-1:333344445555:accesspoint/*"),
        ("s3:DataAccessPointArn", "arn:aws:s3::111122223333:accesspoint/*"),
    ]);
    let operator = random.pick(&["StringEquals", "StringLike"]);
    let mut policy = generate::policy(random, &SUBJECTS[0]);
    policy["Version"] = json!("2012-10-17");
    let statements = policy["Statement"].as_array_mut().unwrap();
    statements.truncate(random.below(2));
    statements.push(json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["s3:*"],
        "Resource": [ARN, format!("{ARN}/*")],
        "Condition": {*operator: {key: value}}}));
    policy
}

impl Bucket {
    /// The bucket of a number, with everything read.
    pub fn of(number: u64) -> Bucket {
        let mut random = Random::new(number ^ 0x0b0c_4e75);
        let random = &mut random;
        let doors = match random.below(10) {
            0..=5 => 0,
            6..=8 => 1,
            _ => 2,
        };
        let doors: Vec<Door> =
            ["shared", "other"].into_iter().take(doors).map(|name| door(random, name)).collect();
        let policy = match random.below(10) {
            0..=2 => None,
            3..=5 if !doors.is_empty() => Some(delegating(random)),
            _ => Some(generate::policy(random, &SUBJECTS[0])),
        };
        let mut objects = Vec::new();
        for key in ["public/a", "zzzz", "private/zzzz"] {
            if random.chance(15) {
                objects.push((key, Known::Read(grants(random, 2))));
            }
        }
        let modes =
            [None, Some("ObjectWriter"), Some("BucketOwnerPreferred"), Some("BucketOwnerEnforced")];
        Bucket {
            org: random.chance(30).then_some(OWN_ORG),
            policy: Known::Read(policy),
            acl: Known::Read(grants(random, 3)),
            objects,
            ownership: Known::Read(*random.pick(&modes)),
            organization: match random.below(10) {
                0 => Some(Flags {
                    block_acls: true,
                    ignore_acls: true,
                    block_policy: true,
                    restrict: true,
                }),
                1 => Some(Flags::default()),
                _ => None,
            },
            account: Known::Read(flags(random)),
            bucket: Known::Read(flags(random)),
            aws_public: said(random),
            pays: Known::Read(*random.pick(&[None, Some(false), Some(false), Some(true)])),
            website: Known::Read(*random.pick(&[None, Some(false), Some(true)])),
            doors,
            controls: match random.chance(25) {
                true => organization::controls(random, &SUBJECTS[0]),
                false => Vec::new(),
            },
        }
    }

    /// The same with some facts not read, and the same with those facts absent.
    pub fn with_gaps(&self, number: u64) -> (Bucket, Bucket) {
        fn gap<T: Clone>(random: &mut Random, fact: &mut Known<T>, absent: &mut Known<T>, none: T) {
            if random.chance(25) {
                *fact = Known::Unread;
                *absent = Known::Read(none);
            }
        }
        let mut random = Random::new(number ^ 0x6a95);
        let random = &mut random;
        let (mut gaps, mut absent) = (self.clone(), self.clone());
        gap(random, &mut gaps.policy, &mut absent.policy, None);
        gap(random, &mut gaps.acl, &mut absent.acl, Vec::new());
        for (gaps, absent) in gaps.objects.iter_mut().zip(&mut absent.objects) {
            gap(random, &mut gaps.1, &mut absent.1, Vec::new());
        }
        gap(random, &mut gaps.ownership, &mut absent.ownership, None);
        gap(random, &mut gaps.account, &mut absent.account, None);
        gap(random, &mut gaps.bucket, &mut absent.bucket, None);
        gap(random, &mut gaps.pays, &mut absent.pays, None);
        gap(random, &mut gaps.website, &mut absent.website, None);
        for (gaps, absent) in gaps.doors.iter_mut().zip(&mut absent.doors) {
            gap(random, &mut gaps.flags, &mut absent.flags, None);
            gap(random, &mut gaps.policy, &mut absent.policy, None);
        }
        if gaps.policy == Known::Unread {
            // There is nothing that AWS could have called public.
            gaps.aws_public = Known::Unread;
            absent.aws_public = Known::Unread;
        }
        (gaps, absent)
    }
}
