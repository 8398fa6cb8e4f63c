//! What the trust policy of a role says of those that it names, beside who gets in by it: which
//! principals are dead, who has to know a secret, and how much of what an identity provider vouches
//! for is let in.

use std::collections::BTreeSet;

use super::policy::condition::{Test, Values};
use super::policy::document::{self, Policy, Statement};
use super::policy::keys;
use super::policy::principal::Principal;
use super::policy::services::Kind;
use crate::inventory::aws::kinds;

/// The condition key of a secret that a third party has to know (IAM user guide, "Access to AWS
/// accounts owned by third parties").
const EXTERNAL_ID: &str = "sts:externalid";
const GITHUB: &str = "token.actions.githubusercontent.com";
const GITLAB: &str = "gitlab.com";

/// A trust policy, read.
pub struct Trust {
    policy: Policy,
}

/// Something that an identity provider vouches for, and that more may have than meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Loose {
    /// The provider's host.
    pub host: String,
    /// What the policy asks of the subject.
    pub subject: String,
    /// Who that is.
    pub who: String,
}

impl Trust {
    /// Reads the policy of the role of this ARN.
    pub fn read(text: &str, arn: &str) -> Trust {
        Trust { policy: document::parse(text, &Kind::of(kinds::IAM_ROLE.name, arn)) }
    }

    fn allowing(&self) -> impl Iterator<Item = &Statement> {
        self.policy.statements.iter().filter(|statement| statement.allow)
    }

    /// The unique ids of principals that were deleted. IAM stores the id of a user or role that a
    /// trust policy names, and shows it where there is no such user or role any more; one that is
    /// made anew has another id (IAM user guide, "IAM identifiers").
    pub fn dead(&self) -> BTreeSet<&str> {
        let named = self.allowing().flat_map(|statement| &statement.principals.named);
        let dead = named.filter_map(|principal| match principal {
            Principal::Deleted(id) => Some(id.as_str()),
            _ => None,
        });
        dead.collect()
    }

    /// The hosts of the identity providers that it names.
    pub fn issuers(&self) -> BTreeSet<&str> {
        self.allowing().flat_map(issuers).collect()
    }

    /// Whether every one of the statements with these labels asks for an external id.
    pub fn asks_for_external_id(&self, labels: &BTreeSet<String>) -> bool {
        if labels.is_empty() {
            return false;
        }
        let mut own = self.allowing().filter(|statement| labels.contains(&statement.label));
        own.all(|statement| statement.tests.iter().any(|test| is_asked(test, EXTERNAL_ID)))
    }

    /// The subjects of code forges that more than one branch or environment can have.
    pub fn loose(&self) -> BTreeSet<Loose> {
        let mut all = BTreeSet::new();
        for (host, statement) in self.forges() {
            for subject in subjects(statement, host) {
                if let Some(who) = whoever(host, subject) {
                    let (host, subject) = (host.to_owned(), subject.to_owned());
                    all.insert(Loose { host, subject, who });
                }
            }
        }
        all
    }

    /// The names of owners at code forges to which nothing but the name holds the grant: whoever
    /// registers a name anew, after its owner was renamed or deleted, has it (GitHub Actions OpenID
    /// Connect reference, immutable subject claims).
    pub fn names_alone(&self) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for (host, statement) in self.forges() {
            let ids = ["repository_owner_id", "repository_id", "enterprise_id"];
            let by_id = statement
                .tests
                .iter()
                .any(|test| ids.iter().any(|claim| is_asked(test, &format!("{host}:{claim}"))));
            if by_id {
                continue;
            }
            for subject in subjects(statement, host) {
                let owner = owner(host, subject).filter(|owner| !owner.contains(['*', '?', '@']));
                all.extend(owner.map(|owner| format!("{owner} at {host}")));
            }
        }
        all
    }

    fn forges(&self) -> impl Iterator<Item = (&str, &Statement)> {
        self.allowing().flat_map(|statement| {
            let forges = issuers(statement).filter(|host| [GITHUB, GITLAB].contains(host));
            forges.map(move |host| (host, statement))
        })
    }
}

fn issuers(statement: &Statement) -> impl Iterator<Item = &str> {
    statement.principals.named.iter().filter_map(|principal| match principal {
        Principal::Provider(provider) => Some(keys::issuer(provider)),
        _ => None,
    })
}

/// Whether a test asks for values of the key, so that a request without one fails.
fn is_asked(test: &Test, key: &str) -> bool {
    test.key == key
        && !test.negated
        && !test.if_exists
        && matches!(test.values, Values::Text { .. })
}

/// The subjects that a statement asks of tokens of `host`.
fn subjects<'s>(statement: &'s Statement, host: &str) -> impl Iterator<Item = &'s str> {
    let key = format!("{host}:sub");
    // The subject is in every token: `IfExists` changes nothing.
    let asked = move |test: &&Test| test.key == key && !test.negated;
    statement.tests.iter().filter(asked).flat_map(Test::templates).map(|one| one.text())
}

/// What stands before the owner in subjects of a code forge.
fn front(host: &str) -> &'static str {
    if host == GITLAB { "project_path:" } else { "repo:" }
}

fn owner<'s>(host: &str, subject: &'s str) -> Option<&'s str> {
    let rest = subject.strip_prefix(front(host))?;
    Some(rest.split(['/', ':']).next().unwrap_or(rest))
}

/// Who has a subject, where that is more than one branch, tag or environment of one repository.
fn whoever(host: &str, subject: &str) -> Option<String> {
    let path = subject.strip_prefix(front(host))?;
    let (repository, rest) = path.split_once(':').unwrap_or((path, "*"));
    let owner = owner(host, subject)?;
    if owner.contains(['*', '?']) {
        return None; // No owner is fixed: that is another matter.
    }
    let wild = repository.contains(['*', '?']);
    let whose = match wild {
        // An immutable subject may leave the id open and fix the name (`app@*`).
        true if repository.ends_with("@*") && !repository.trim_end_matches("@*").contains('*') => {
            repository.to_owned()
        }
        true => format!("any repository that matches {repository}"),
        false => repository.to_owned(),
    };
    match rest {
        "*" => Some(format!("any branch, tag, environment or pull request of {whose}")),
        "pull_request" => Some(format!("any pull request of {whose}")),
        _ if rest.starts_with("ref:refs/heads/*") || rest.starts_with("ref:*") => {
            Some(format!("any branch of {whose}"))
        }
        _ if whose.starts_with("any repository") => Some(whose),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_that_many_can_have_are_told_apart_from_one_branch() {
        for (host, subject, expected) in [
            (
                GITHUB,
                "repo:acme/app:*",
                Some("any branch, tag, environment or pull request of acme/app"),
            ),
            (GITHUB, "repo:acme/app:pull_request", Some("any pull request of acme/app")),
            (GITHUB, "repo:acme/app:ref:refs/heads/*", Some("any branch of acme/app")),
            (GITHUB, "repo:acme/app:ref:refs/heads/main", None),
            (GITHUB, "repo:acme/app:environment:prod", None),
            (
                GITHUB,
                "repo:acme/*",
                Some(
                    "any branch, tag, environment or pull request of any repository that matches acme/*",
                ),
            ),
            (GITHUB, "repo:acme/*:environment:prod", Some("any repository that matches acme/*")),
            (GITHUB, "repo:acme@1/app@2:pull_request", Some("any pull request of acme@1/app@2")),
            (GITHUB, "repo:*", None),
            (
                GITLAB,
                "project_path:acme/app:*",
                Some("any branch, tag, environment or pull request of acme/app"),
            ),
            (GITLAB, "project_path:acme/app:ref_type:branch:ref:main", None),
        ] {
            assert_eq!(whoever(host, subject).as_deref(), expected, "{subject}");
        }
    }

    #[test]
    fn names_that_others_can_register_are_told_where_no_id_holds_the_grant() {
        let trust = |condition: &str| {
            let text = format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Federated":
                "arn:aws:iam::1:oidc-provider/{GITHUB}"}},"Action":"sts:AssumeRoleWithWebIdentity",
                "Condition":{{"StringLike":{condition}}}}}]}}"#
            );
            let trust = Trust::read(&text, "arn:aws:iam::1:role/r");
            trust.names_alone().into_iter().collect::<Vec<_>>()
        };
        let sub = |subject: &str| format!(r#"{{"{GITHUB}:sub":"{subject}"}}"#);
        assert_eq!(trust(&sub("repo:acme/app:*")), [format!("acme at {GITHUB}")]);
        assert!(trust(&sub("repo:acme@12/app@7:*")).is_empty());
        let by_id =
            format!(r#"{{"{GITHUB}:sub":"repo:acme/*","{GITHUB}:repository_owner_id":"12"}}"#);
        assert!(trust(&by_id).is_empty());
    }
}
