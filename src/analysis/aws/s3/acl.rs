//! Ways in by ACLs, of the bucket and of objects that were looked at.

use super::Exposure;
use super::facts::ENFORCED;
use super::facts::{AclGrant, Grantee};
use super::locks::{Setting, is_ownership, open};
use super::paths::{BUCKET, Composer};
use crate::analysis::aws::policy::Asked;
use crate::analysis::aws::policy::condition::Test;
use crate::analysis::aws::policy::document::{Names, Policy, Statement};
use crate::analysis::aws::policy::effective::{Path, Via, denied, not_public};
use crate::analysis::aws::policy::glob::Glob;
use crate::analysis::aws::policy::organization::Beside;
use crate::analysis::aws::policy::principal::{Principal, Principals};
use crate::analysis::aws::policy::resource::{Layer, Sample};
use crate::analysis::aws::policy::template::Template;
use crate::analysis::aws::policy::{Ruling, Verdict};
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
        let judged = |denies: &[Statement], beside: &Beside| {
            let mut policy = Policy::default();
            policy.statements.push(statement.clone());
            policy.statements.extend(denies.iter().cloned());
            let denying = beside.denying(&policy);
            let lists = [&denying[..]].into_iter().chain(beside.only.as_deref());
            let layers = lists.map(|statements| Layer { statements, kind: &self.kind }).collect();
            let asked = Asked { layers, point: None, only: sample.clone() };
            let subject = self.subject(BUCKET, self.bucket.arn, &self.context);
            crate::analysis::aws::policy::answer(asked, &[&policy], &subject, false)
        };
        let nothing = Beside::default();
        let all = self.guard.beside();
        let alone = judged(&[], &nothing);
        let denies: Vec<Statement> = match &self.policy {
            Known::Read(Some(policy)) => {
                policy.statements.iter().filter(|statement| !statement.allow).cloned().collect()
            }
            _ => Vec::new(),
        };
        let denying = !denies.is_empty() || !self.guard.is_empty();
        let ruling = if denying { judged(&denies, &all) } else { alone.clone() };
        let via = if key.is_some() { Via::ObjectAcl } else { Via::Acl };
        let public = !group.is_empty();
        let is_left = |ruling: &Ruling| match public {
            true => ruling.verdict <= Verdict::Conditional,
            false => ruling.verdict < Verdict::Private,
        };
        let mut ways = Vec::new();
        if is_left(&ruling) {
            let path = Path::of(via, &ruling, ruling.verdict);
            ways.push(Path { locks: self.guard.open().into_iter().collect(), ..path });
        } else {
            let by_organization = |denies: &[Statement]| {
                let beside = |beside: &Beside| judged(denies, beside);
                let shut = !self.guard.is_empty() && !is_left(&beside(&all));
                if shut { self.guard.leaving_nothing(beside, is_left) } else { Vec::new() }
            };
            let own = match &self.policy {
                Known::Read(Some(policy)) => Some(denied(policy, "bucket policy")),
                _ => None,
            };
            let without = match self.guard.is_empty() {
                true => ruling.clone(),
                false => judged(&denies, &nothing),
            };
            // As by a policy: what its own Deny statements leave in doubt is not spoken of.
            let (shown, controls) = match is_left(&without) {
                true if public && without.verdict != Verdict::Public => (None, Vec::new()),
                true => (Some(without), by_organization(&denies)),
                false => {
                    let mut controls = by_organization(&[]);
                    controls.extend(own);
                    (Some(alone), controls)
                }
            };
            ways.extend(shown.map(|shown| Path {
                locks: controls.into_iter().map(Lock::Shut).collect(),
                ..Path::of(via, &shown, shown.verdict)
            }));
        }
        if public {
            // Beside a Deny a group may keep something only for outsiders whom the Deny spares.
            ways.extend(not_public(via, &ruling));
        }
        let on = if key.is_some() { "object" } else { "bucket" };
        let to = match &grant.grantee {
            Grantee::Canonical(id) => format!("canonical id {id}"),
            _ => format!("the group {group}"),
        };
        for mut path in ways {
            if path.verdict == Verdict::Private {
                continue;
            }
            path.name = key.map(str::to_owned);
            path.resources = match key {
                Some(key) => [format!("{}/{key}", self.bucket.arn)].into(),
                None => [self.bucket.arn.to_owned()].into(),
            };
            path.evidence = vec![format!("the {on} ACL grants {to} {}", grant.permission)];
            // Public access settings leave grants to a named account alone.
            let before = locks.iter().filter(|lock| public || is_ownership(lock)).cloned();
            path.locks = before.chain(path.locks).collect();
            if self.policy.is_unread() {
                path.locks.push(Lock::Unknown(
                    calls::s3::GET_BUCKET_POLICY.missing_of(
                        self.name(),
                        "whether the bucket policy denies it was not read",
                    ),
                ));
            }
            exposure.paths.push(path);
        }
    }
}

/// A policy that allows everybody everything, by a statement of this name.
pub(super) fn anything(label: &str) -> Policy {
    let statement = acl_statement(Principal::Everyone, &["*"]);
    let actions = Names { negated: false, any: vec![Glob::pattern("*")] };
    let statement = Statement { label: label.to_owned(), actions, ..statement };
    Policy { statements: vec![statement], ..Policy::default() }
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
        spares: &[],
    }
}
