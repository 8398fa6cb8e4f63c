//! Ways in by ACLs, of the bucket and of objects that were looked at.

use super::Exposure;
use super::facts::ENFORCED;
use super::facts::{AclGrant, Grantee};
use super::locks::{Setting, is_ownership, open};
use super::paths::{BUCKET, Composer};
use crate::analysis::aws::policy::Asked;
use crate::analysis::aws::policy::Verdict;
use crate::analysis::aws::policy::condition::Test;
use crate::analysis::aws::policy::document::{Names, Policy, Statement};
use crate::analysis::aws::policy::effective::{Path, Via, denied, not_public};
use crate::analysis::aws::policy::glob::Glob;
use crate::analysis::aws::policy::principal::{Principal, Principals};
use crate::analysis::aws::policy::resource::{Layer, Sample};
use crate::analysis::aws::policy::template::Template;
use crate::inventory::aws::calls;
use crate::model::{Control, Known, Lock};

impl Composer<'_> {
    pub(super) fn acl_paths(&self, exposure: &mut Exposure) {
        let bucket = self.bucket;
        let mut locks = Vec::new();
        self.levels(Setting::IgnorePublicAcls, &mut locks);
        let ownership = match &bucket.ownership {
            Known::Unread => Lock::Unknown(
                calls::s3::GET_BUCKET_OWNERSHIP_CONTROLS
                    .missing_of(self.name(), "whether ACLs are switched off was not read"),
            ),
            Known::Read(Some(mode)) if mode == ENFORCED => Lock::Shut(Control {
                control: format!("ownership:{ENFORCED}"),
                text: format!("object ownership is {ENFORCED}: ACLs are switched off"),
            }),
            // Without ownership controls the bucket is as old ones are: ACLs are in force.
            Known::Read(_) => open(
                format!("ownership:{ENFORCED}"),
                "object ownership leaves ACLs in force".to_owned(),
            ),
        };
        locks.push(ownership);
        let shut = locks.iter().any(Lock::is_shut);
        match &bucket.acl {
            Known::Read(grants) => {
                for grant in grants {
                    self.acl_path(grant, None, &locks, exposure);
                }
            }
            Known::Unread if shut => {}
            Known::Unread => {
                exposure.unread_doors.insert(&calls::s3::GET_BUCKET_ACL);
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
                    exposure.unread_doors.insert(&calls::s3::GET_OBJECT_ACL);
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
        let mut ways = vec![(Path::of(via, shown, shown.verdict), !left)];
        if public {
            // Beside a Deny a group may keep something only for outsiders whom the Deny spares.
            ways.extend(not_public(via, &ruling).into_iter().map(|path| (path, false)));
        }
        let on = if key.is_some() { "object" } else { "bucket" };
        let to = match &grant.grantee {
            Grantee::Canonical(id) => format!("canonical id {id}"),
            _ => format!("the group {group}"),
        };
        for (mut path, is_denied) in ways {
            if path.verdict == Verdict::Private {
                continue;
            }
            path.name = key.map(str::to_owned);
            path.resources = match key {
                Some(key) => [format!("{}/{key}", self.bucket.arn)].into(),
                None => [self.bucket.arn.to_owned()].into(),
            };
            path.evidence = vec![format!("the {on} ACL grants {to} {}", grant.permission)];
            path.locks = locks
                .iter()
                // Public access settings leave grants to a named account alone.
                .filter(|lock| public || is_ownership(lock))
                .cloned()
                .collect();
            match &self.policy {
                Known::Unread => {
                    path.locks.push(Lock::Unknown(calls::s3::GET_BUCKET_POLICY.missing_of(
                        self.name(),
                        "whether the bucket policy denies it was not read",
                    )))
                }
                Known::Read(Some(policy)) if is_denied => {
                    path.locks.push(denied(policy, "bucket policy"));
                }
                Known::Read(_) => {}
            }
            exposure.paths.push(path);
        }
    }
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
