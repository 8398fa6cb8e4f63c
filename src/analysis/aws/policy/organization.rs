//! Resource control policies: what an organization denies on the resources of its member accounts
//! (Organizations user guide, "Resource control policies").
//!
//! They grant nothing: only their Deny statements count, beside those of the resource's own
//! policies. Which of them reach an account is for whoever read them to say.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use serde::Deserialize;

use super::Verdict;
use super::answer::grant::Who;
use super::answer::ruling::Ruling;
use super::document::{self, Policy, Statement};
use super::language::document::Names;
use super::language::glob::Glob;
use super::language::json::Json;
use super::language::principal::{Principal, Principals};
use super::language::template::Template;
use super::services::Kind;
use crate::inventory::aws::kinds;
use crate::model::{Control, Lock, Step};

/// A resource control policy.
#[derive(Debug, Clone, PartialEq)]
pub struct ControlPolicy {
    /// Its id, `p-…`.
    pub id: String,
    /// What it says.
    pub document: Json,
}

impl ControlPolicy {
    /// Why it is none that AWS would store, if so.
    pub fn problem(&self) -> Option<String> {
        let read = document::read(&self.document, &Kind::of(kinds::S3_BUCKET.name, ""));
        let of_statement = read.statements.into_iter().find_map(|statement| statement.doubt);
        read.errors.into_iter().next().or(of_statement)
    }
}

/// The resource control policies of an account's organization.
#[derive(Debug, Clone, Default)]
pub struct ControlPolicies {
    /// The account whose resources they may reach.
    pub account: String,
    /// Which of them do.
    pub reach: Reach,
}

/// Which resource control policies reach an account.
#[derive(Debug, Clone, Default)]
pub enum Reach {
    /// Nobody asked for them: they are not spoken of.
    #[default]
    Aside,
    /// None does, and why.
    Exempt(Exempt),
    /// They were not read.
    Unread,
    /// These do.
    Read(Arc<[ControlPolicy]>),
}

/// Why no resource control policy reaches an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exempt {
    /// It is in no organization.
    NoOrganization,
    /// It is the management account, whose resources they never affect.
    ManagementAccount,
    /// Its organization has not enabled them.
    NotEnabled,
    /// One or the other: it is no member account.
    NoMember,
}

impl Exempt {
    /// The reason as a sentence.
    pub fn text(self) -> &'static str {
        match self {
            Exempt::NoOrganization => {
                "the account is in no organization, so no resource control policy applies"
            }
            Exempt::ManagementAccount => {
                "resource control policies have no effect in the management account of an \
                 organization"
            }
            Exempt::NotEnabled => "the organization has not enabled resource control policies",
            Exempt::NoMember => {
                "the account is no member of an organization, so no resource control policy applies"
            }
        }
    }
}

/// What evidence says where they were not read.
pub const NOT_READ: &str = "resource control policies of the organization were not read";

/// What they do to one resource, in the word of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// They are judged with the resource's own policies.
    Applied,
    /// They never reach it.
    DoesNotApply,
    /// What they say is not known.
    NotRead,
}

impl Effect {
    /// The word used in answers.
    pub fn name(self) -> &'static str {
        match self {
            Effect::Applied => "applied",
            Effect::DoesNotApply => "does-not-apply",
            Effect::NotRead => "not-read",
        }
    }
}

impl ControlPolicies {
    /// What they do to a resource of `owner`; `None` where they are not spoken of.
    pub fn effect(&self, kind: &Kind, owner: &str) -> Option<Effect> {
        match &self.reach {
            Reach::Aside => None,
            _ if owner != self.account => None,
            _ if !is_supported(kind) => Some(Effect::DoesNotApply),
            Reach::Exempt(_) => Some(Effect::DoesNotApply),
            Reach::Unread => Some(Effect::NotRead),
            Reach::Read(_) => Some(Effect::Applied),
        }
    }

    /// What they deny on a resource of `owner`.
    pub(crate) fn guard(&self, kind: &Kind, owner: &str) -> Guard {
        let mut guard = Guard::default();
        match &self.reach {
            _ if !is_supported(kind) || owner != self.account => {}
            Reach::Aside => {}
            Reach::Exempt(why) => guard.left_open = Some(Step::new("note", why.text())),
            Reach::Unread => guard.left_open = Some(Step::new("note", NOT_READ)),
            Reach::Read(policies) => {
                let denies =
                    policies.iter().map(|policy| (policy.id.clone(), denies(policy, kind)));
                guard.policies = denies.filter(|(_, denies)| !denies.is_empty()).collect();
                let text = "the resource control policies of the organization leave it open";
                guard.left_open = Some(Step::of("control", "organization:rcp", text));
            }
        }
        guard
    }
}

/// Whether resource control policies may decide who gets in to resources of this kind, by a policy
/// or an ACL of theirs.
pub fn is_supported_by(kind: &kinds::Kind) -> bool {
    let bears = kind.policy.is_some() || *kind == kinds::S3_OBJECT;
    bears && is_supported(&Kind::of(kind.name, &format!("arn:aws:{}:::", kind.service)))
}

/// Whether the service supports resource control policies.
fn is_supported(kind: &Kind) -> bool {
    #[derive(Deserialize)]
    struct File {
        prefixes: Vec<String>,
    }
    static SUPPORTED: OnceLock<Vec<String>> = OnceLock::new();
    let supported = SUPPORTED.get_or_init(|| {
        let file: File = serde_json::from_str(include_str!("organization.json"))
            .expect("the embedded list is parsed by a test of this module");
        file.prefixes
    });
    let prefixes = kind.prefixes.iter().filter_map(|prefix| prefix.strip_suffix(':'));
    prefixes.into_iter().any(|prefix| supported.iter().any(|known| known == prefix))
}

/// Actions that no resource control policy affects (KMS developer guide, "Resource control
/// policies").
const EXEMPT_ACTIONS: &[&str] = &["kms:retiregrant"];

/// The Deny statements of one policy, by whose words it is named.
fn denies(policy: &ControlPolicy, kind: &Kind) -> Vec<Statement> {
    let read = document::read(&policy.document, kind).called(&policy.id);
    let mut denies = read.statements;
    denies.retain(|statement| !statement.allow);
    for deny in &mut denies {
        // The resource's own tags are no choice of the caller; where they were not read, the Deny
        // may apply or not.
        let before = deny.tests.len();
        deny.tests.retain(|test| !test.key.starts_with("aws:resourcetag/"));
        if deny.tests.len() < before {
            let text =
                format!("`{}` depends on tags of the resource, which were not read", deny.label);
            deny.doubt.get_or_insert(text);
        }
        deny.spares = EXEMPT_ACTIONS;
    }
    // What cannot be read may deny anything.
    denies.extend(read.errors.into_iter().map(|error| anything(policy, error)));
    denies
}

/// A Deny of everything, in doubt.
fn anything(policy: &ControlPolicy, doubt: String) -> Statement {
    Statement {
        label: policy.id.clone(),
        allow: false,
        principals: Principals { named: vec![Principal::Everyone], ..Principals::default() },
        actions: Names { negated: false, any: vec![Glob::pattern("*")] },
        resources: Names { negated: false, any: vec![Template::parse("*", true, false)] },
        tests: Vec::new(),
        doubt: Some(doubt),
        spares: EXEMPT_ACTIONS,
    }
}

/// What an organization denies on one resource.
#[derive(Debug, Clone, Default)]
pub(crate) struct Guard {
    policies: Vec<(String, Vec<Statement>)>,
    /// What is to be said of a way in that they do not shut.
    left_open: Option<Step>,
}

/// What is judged beside the policies of a resource.
#[derive(Debug, Clone, Default)]
pub(crate) struct Beside {
    /// Statements that deny as well.
    pub(crate) denies: Vec<Statement>,
    /// Requests that none of these allows are not asked about.
    pub(crate) only: Option<Vec<Statement>>,
}

impl Guard {
    /// Whether it denies nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.policies.is_empty()
    }

    /// All that it denies.
    pub(crate) fn beside(&self) -> Beside {
        let denies = self.policies.iter().flat_map(|(_, denies)| denies.iter().cloned()).collect();
        Beside { denies, only: None }
    }

    /// The policies that shut what is public without them, as `judge` says: each that does so
    /// alone; where none does, each that denies a part of it.
    pub(crate) fn shutting(&self, judge: impl Fn(&Beside) -> Ruling) -> Vec<Control> {
        self.leaving_nothing(judge, |left| left.verdict <= Verdict::Conditional)
    }

    /// The same for what `is_left` finds in a ruling.
    pub(crate) fn leaving_nothing(
        &self,
        judge: impl Fn(&Beside) -> Ruling,
        is_left: impl Fn(&Ruling) -> bool,
    ) -> Vec<Control> {
        let control = |(id, _): &(String, _), how: &str| Control {
            control: format!("organization:rcp:{id}"),
            text: format!("the resource control policy {id} of the organization denies {how}"),
        };
        let is_shut = |(_, denies): &&(String, Vec<Statement>)| {
            let beside = Beside { denies: denies.clone(), only: None };
            !is_left(&judge(&beside))
        };
        let alone: Vec<Control> =
            self.policies.iter().filter(is_shut).map(|one| control(one, "all of it")).collect();
        if !alone.is_empty() {
            return alone;
        }
        let is_cut = |(_, denies): &&(String, Vec<Statement>)| {
            let certain = denies.iter().filter(|deny| deny.doubt.is_none());
            let only = certain.map(|deny| Statement { allow: true, ..deny.clone() }).collect();
            let cut = judge(&Beside { denies: Vec::new(), only: Some(only) });
            let stranger = |who: &Who| matches!(who, Who::Anyone | Who::AnyAws | Who::Federated);
            is_left(&cut) || cut.grants.iter().any(|grant| stranger(&grant.who))
        };
        let mut parts: Vec<Control> =
            self.policies.iter().filter(is_cut).map(|one| control(one, "a part of it")).collect();
        if parts.is_empty() {
            // Together they leave nothing, whichever of them it is.
            parts.extend(self.policies.iter().map(|one| control(one, "it together with others")));
        }
        parts
    }

    /// The locks that they are on a way in that is public with them.
    pub(crate) fn open(&self) -> Option<Lock> {
        self.left_open.clone().map(Lock::Open)
    }
}

impl Beside {
    /// The statements of `policy` and those that deny beside it.
    pub(crate) fn denying<'p>(&self, policy: &'p Policy) -> Cow<'p, [Statement]> {
        if self.denies.is_empty() {
            return Cow::Borrowed(&policy.statements);
        }
        policy.statements.iter().chain(&self.denies).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_that_do_not_support_them_are_never_reached() {
        let effect = |kind: &str| {
            let policies =
                ControlPolicies { account: "1".into(), reach: Reach::Read(Arc::from([])) };
            assert_eq!(policies.effect(&Kind::of(kind, "arn:x"), "2"), None, "of another account");
            policies.effect(&Kind::of(kind, "arn:x"), "1").map(Effect::name)
        };
        for kind in ["aws.s3.bucket", "aws.s3.access-point", "aws.sqs.queue", "aws.iam.role"] {
            assert_eq!(effect(kind), Some("applied"), "{kind}");
        }
        for kind in ["aws.sns.topic", "aws.lambda.function", "aws.efs.file-system"] {
            assert_eq!(effect(kind), Some("does-not-apply"), "{kind}");
        }
    }
}
