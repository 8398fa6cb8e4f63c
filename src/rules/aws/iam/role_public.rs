//! Roles that every AWS account may assume.

use super::roles::{self, TrustRule};
use crate::analysis::aws::policy::Who;
use crate::inventory::aws::calls::iam::GET_ACCOUNT_AUTHORIZATION_DETAILS;
use crate::inventory::aws::kinds;
use crate::model::{Category, Severity};
use crate::rules::Rule;

/// The rule.
pub static RULE: Rule = Rule {
    id: "iam-role-public",
    title: "A role can be assumed by any AWS account",
    category: Category::Exposure,
    severity: Severity::Critical,
    kind: &kinds::IAM_ROLE,
    opt_in: false,
    never: &[],
    reads: &[&[&GET_ACCOUNT_AUTHORIZATION_DETAILS]],
    reads_more: &[],
    docs: "\
## What it finds
Roles whose trust policy lets any AWS account assume them: the principal is `*` or has a wildcard for
its account, and no condition bounds it, as one on aws:PrincipalOrgID does. With nothing but an external
id before it the finding is undetermined: that is one secret, which stands in every request and in the
settings of whoever uses the role, and no list of who may come in.

## Why it matters
Whoever knows the account id and the name of the role is the role. Names of roles are guessed from lists
by machine, and a failed guess leaves no trace in the account. What the role may do decides how bad it
is; the evidence names the rights by which it has the account, where there are any.

## When it is latent
The trust policy grants it to any AWS account, and a Deny statement of the same policy, or a resource
control policy of the organization, leaves nothing of the grant. Remove that and the role is open.

## How to close it
Name the accounts or roles that need it as principals, or bound the statement by aws:PrincipalOrgID.
Add an external id besides where a third party assumes it, not instead.
",
    evaluate: |cx, found| roles::evaluate(cx, found, &SHAPE),
};

const SHAPE: TrustRule = TrustRule {
    keep: |grant| grant.who != Who::Federated,
    unreadable: true,
    who: |_| "any AWS account".to_owned(),
    instead: "name the accounts or roles that need the role in its trust policy, or bound the \
              statement by aws:PrincipalOrgID",
};
