//! What a role may do, as far as it matters to whoever gets hold of it: what its policies allow, less
//! what they deny, cut by its permissions boundary (IAM user guide, "Policy evaluation logic").
//!
//! Conditions are not decided: they are told. It deliberately does not know service control
//! policies or the policies of resources: the first only take away, the last give to a role what is
//! not its own. Of session policies it knows those that AWS sets for guests of an application.

mod allowed;
mod reach;
mod session;
mod table;

use std::collections::BTreeSet;

pub use allowed::{Allowed, allowed};
pub use session::{Session, harmless};
pub use table::{Class, Right, rights};

use super::policy::document::{self, Policy};
use crate::inventory::aws::iam::{AccountAuthorizationDetails, Document, RoleDetail};
use reach::{Action, Reach};

/// A policy of a role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source<'a> {
    /// Attached to it, by its ARN.
    Attached {
        /// Its name.
        name: &'a str,
        /// Its ARN.
        arn: &'a str,
    },
    /// Part of it, by its name.
    Inline(&'a str),
}

impl<'a> Source<'a> {
    /// The name that people know it by.
    pub fn name(&self) -> &'a str {
        match self {
            Source::Attached { name, .. } | Source::Inline(name) => name,
        }
    }
}

/// A right that a role has.
#[derive(Debug)]
pub struct Held<'a> {
    /// The right.
    pub right: &'static Right,
    /// On what: patterns of ARNs, as the statements write them.
    pub on: BTreeSet<String>,
    /// The policies that give it.
    pub by: BTreeSet<Source<'a>>,
    /// What was not decided: conditions, and statements that may cut it.
    pub but: BTreeSet<String>,
}

/// The rights of a role that count.
#[derive(Debug, Default)]
pub struct Rights<'a> {
    /// Those that it has, worst first. Who may do everything has one.
    pub held: Vec<Held<'a>>,
    /// Policies of which the text was not in the answer, or cannot be read.
    pub unknown: Vec<String>,
}

impl Rights<'_> {
    /// The worst class of what is held.
    pub fn worst(&self) -> Option<Class> {
        self.held.iter().map(|held| held.right.class).min()
    }

    /// Whether the role may do everything, under no condition that is not decided.
    pub fn is_admin(&self) -> bool {
        self.held.iter().any(|held| held.right.class == Class::Admin && held.but.is_empty())
    }
}

/// The rights of `role` that count.
pub fn of<'a>(account: &'a AccountAuthorizationDetails, role: &'a RoleDetail) -> Rights<'a> {
    of_session(account, role, None)
}

/// The same of a session of `role` that `session` cuts.
pub fn of_session<'a>(
    account: &'a AccountAuthorizationDetails,
    role: &'a RoleDetail,
    session: Option<&Session>,
) -> Rights<'a> {
    let holder = Holder::new(account, role).within(session);
    let mut held: Vec<Held<'a>> = Vec::new();
    for right in rights() {
        // Whoever may do everything has every other right.
        if held.iter().any(|known| known.right.class == Class::Admin) {
            break;
        }
        held.extend(holder.holds(right, account));
    }
    Rights { held, unknown: holder.unknown }
}

/// Whether `role` may do everything.
fn is_admin(account: &AccountAuthorizationDetails, role: &RoleDetail) -> bool {
    let holder = Holder::new(account, role);
    let mut admin = rights().iter().filter(|right| right.class == Class::Admin);
    admin.any(|right| holder.holds(right, account).is_some())
}

/// A role with its policies, read.
struct Holder<'a> {
    policies: Vec<(Source<'a>, Policy)>,
    /// What cuts them, by what people call it.
    bounds: Vec<(&'static str, Policy)>,
    unknown: Vec<String>,
}

impl<'a> Holder<'a> {
    fn new(account: &'a AccountAuthorizationDetails, role: &'a RoleDetail) -> Holder<'a> {
        let mut unknown = Vec::new();
        let mut policies = Vec::new();
        let managed = role.attached_managed_policies.iter().map(|policy| {
            let (name, arn) = (policy.policy_name.as_str(), policy.policy_arn.as_str());
            let text = account.managed_policy(arn).and_then(|policy| policy.document());
            (Source::Attached { name, arn }, text)
        });
        let inline = role
            .role_policy_list
            .iter()
            .map(|policy| (Source::Inline(&policy.policy_name), policy.policy_document.as_ref()));
        for (source, text) in managed.chain(inline) {
            match read(text) {
                Some(policy) => policies.push((source, policy)),
                None => unknown.push(format!("policy {}", source.name())),
            }
        }
        let boundary = role.permissions_boundary.as_ref().map(|boundary| {
            let arn = boundary.permissions_boundary_arn.as_deref().unwrap_or_default();
            read(account.managed_policy(arn).and_then(|policy| policy.document())).unwrap_or_else(
                || {
                    unknown.push(format!("permissions boundary {arn}"));
                    // Nobody knows what it leaves; the rights are told with that doubt.
                    everything()
                },
            )
        });
        let bounds = boundary.map(|policy| ("the permissions boundary", policy));
        Holder { policies, bounds: bounds.into_iter().collect(), unknown }
    }

    /// The same in a session.
    fn within(mut self, session: Option<&Session>) -> Holder<'a> {
        self.bounds.extend(session.map(|session| ("the session policy", session.policy().clone())));
        self
    }

    /// The right, if the role has it.
    fn holds(
        &self,
        right: &'static Right,
        account: &'a AccountAuthorizationDetails,
    ) -> Option<Held<'a>> {
        let mut held =
            Held { right, on: BTreeSet::new(), by: BTreeSet::new(), but: BTreeSet::new() };
        for name in &right.actions {
            let action = Action::new(name);
            let mut reaches = self.reaches(&action, right.passed_to.as_deref());
            if right.class == Class::Admin {
                // On one thing only it is no more than the single rights say.
                reaches.retain(Reach::is_wild);
            } else if action.passes_a_role() {
                reaches.retain(|reach| passes_more(reach, account));
            }
            if reaches.is_empty() {
                return None;
            }
            for reach in reaches {
                held.on.insert(reach.pattern);
                held.by.insert(reach.by);
                held.but.extend(reach.but);
            }
        }
        Some(held)
    }

    /// What the role may do the action to.
    fn reaches(&self, action: &Action, passed_to: Option<&str>) -> Vec<Reach<Source<'a>>> {
        let allowed = self
            .policies
            .iter()
            .flat_map(|(source, policy)| reach::allowed(policy, action, passed_to, source));
        let mut left = allowed.collect::<Vec<_>>();
        for (source, policy) in &self.policies {
            reach::deny(&mut left, policy, action, source.name());
        }
        for (name, bound) in &self.bounds {
            let within = reach::allowed(bound, action, passed_to, &());
            left = reach::within(left, &within);
            reach::deny(&mut left, bound, action, name);
        }
        left
    }
}

/// A policy that could be read as one.
fn read(text: Option<&Document>) -> Option<Policy> {
    let policy = document::parse_identity(text?);
    policy.errors.is_empty().then_some(policy)
}

/// A policy that leaves everything.
fn everything() -> Policy {
    let text =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    document::parse_identity(text)
}

/// Whether a role that may be passed is more than nothing: any role, or one that may do everything.
fn passes_more<S>(reach: &Reach<S>, account: &AccountAuthorizationDetails) -> bool {
    if reach.is_wild() {
        return true;
    }
    let mut roles = account.role_detail_list.iter();
    roles.any(|role| role.arn == reach.pattern && is_admin(account, role))
}
