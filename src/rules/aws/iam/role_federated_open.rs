//! Roles that everybody at a shared identity provider may assume.

use super::roles::{self, TrustRule};
use crate::analysis::aws::policy::Who;
use crate::inventory::aws::calls::iam::GET_ACCOUNT_AUTHORIZATION_DETAILS;
use crate::inventory::aws::kinds;
use crate::model::{Category, Severity, first_few};
use crate::rules::Rule;

/// The rule.
pub static RULE: Rule = Rule {
    id: "iam-role-federated-open",
    title: "A role can be assumed by anyone at an identity provider",
    category: Category::Exposure,
    severity: Severity::Critical,
    kind: &kinds::IAM_ROLE,
    opt_in: false,
    never: &[],
    reads: &[&[&GET_ACCOUNT_AUTHORIZATION_DETAILS]],
    reads_more: &[],
    docs: "\
## What it finds
Roles whose trust policy lets an identity provider in that serves everybody (GitHub Actions, GitLab,
Terraform Cloud, Google, Cognito, Vercel, Pulumi and others of AWS's list of shared providers), and asks
for no claim that says whose the token is: no subject, one without an owner (`repo:*`), or one that
others can have as well (`repo:acme*` is also `repo:acme-evil`). An audience alone fixes nobody where
every customer chooses it. Providers that serve one customer by their address (EKS, Okta, Entra ID) are
not meant. Of a provider that is not known the finding is undetermined; name yours as trusted
(`[trusted] issuers`) where it serves you alone.

## Why it matters
Anyone can have a token of such a provider: a repository of one's own and ten lines of a workflow are
enough. AWS refuses such trust policies since June 2025 when they are written, and leaves those that
stood before.

## When it is latent
The trust policy grants it to anyone at the provider, and a Deny statement of the same policy, or a
resource control policy of the organization, leaves nothing of the grant.

## How to close it
Ask for the claim that names the owner: for GitHub `token.actions.githubusercontent.com:sub` with
`repo:<owner>/<repository>:` and the branch or environment, better still with the ids that do not
change (`repository_owner_id`); for Cognito the identity pool as audience.
",
    evaluate: |cx, found| roles::evaluate(cx, found, &SHAPE),
};

const SHAPE: TrustRule = TrustRule {
    keep: |grant| grant.who == Who::Federated,
    unreadable: false,
    who: |trust| match trust.issuers() {
        issuers if issuers.is_empty() => "anyone at an identity provider".to_owned(),
        issuers => format!("anyone at {}", first_few(issuers, 2)),
    },
    instead: "ask in the trust policy for the claim that names the owner (for GitHub the subject, \
              with owner, repository and branch or environment)",
};
