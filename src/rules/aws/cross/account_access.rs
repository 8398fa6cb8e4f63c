//! Resources whose policies let in outsiders who are named: the register of who else has access.

use super::{buckets, kinds};
use crate::inventory::aws::calls::organizations::{DESCRIBE_ORGANIZATION, LIST_ACCOUNTS};
use crate::inventory::aws::calls::{kms, s3, s3control};
use crate::inventory::aws::kinds::S3_BUCKET;
use crate::model::{Category, Severity};
use crate::rules::shapes::named;
use crate::rules::{Context, Findings, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "cross-account-access",
    title: "A policy lets another account in",
    category: Category::Sharing,
    severity: Severity::High,
    // The chief of them; the page names all.
    kind: &S3_BUCKET,
    opt_in: false,
    never: &[],
    reads: kinds::READS,
    reads_more: &[
        &DESCRIBE_ORGANIZATION,
        &LIST_ACCOUNTS,
        &kms::LIST_ALIASES,
        &s3::GET_BUCKET_POLICY_STATUS,
        &s3control::GET_ACCESS_POINT_POLICY_STATUS,
        &s3control::GET_MULTI_REGION_ACCESS_POINT_POLICY_STATUS,
    ],
    docs: "\
## What it finds
Resources to which an account outside, another organization, or a principal there has access because a
policy names it: buckets, by policy or ACL, and access points of S3, queues, topics, keys, secrets,
repositories of container images, functions of Lambda with their aliases, and layers. It says who may do
what, and by which statement; vendors that publish their account are called by their name. Inside, and no
finding, are the account itself, whom the configuration trusts (`[trusted]`), the account's own
organization, and AWS where its services act by an account (logs of load balancers and of CloudFront).
Members of the organization are listed where that is allowed, which is to its management account and to
delegated administrators; elsewhere an account of yours counts as outside, and the evidence says so.
Services of AWS are no outsiders, whomever they act for. Roles have a rule of their own
(`iam-role-external`), and what everyone may do is reported by the rules about the public, as is a policy
that cannot be read. It asks for what the rules about the public ask, and for the policies that those
leave out as decided.

## Why it matters
Each of them is a door that somebody else guards: a break-in there is one here. Who may only read takes
the data out of reach of your own controls, which is medium; who may write, or change the permissions
themselves, is high. Accounts of former vendors and of projects that ended stay in policies for years.

## When it is latent
A Deny statement of the policy, or a resource control policy of the organization, leaves nothing of what
the outsiders who are named are granted; or the resource cannot be used in its state (a key that is
disabled, a secret that is about to be deleted); or AWS calls the policy of a bucket public and
RestrictPublicBuckets is on, which keeps named accounts out as well; or an access point takes requests
from its VPC only.

## How to close it
Ask whose the account is and whether it is still needed; put those that belong to you into the
configuration (`[trusted]`). Name single roles in place of whole accounts, and only the actions that the
task takes. A key that is shared is needed for what is encrypted with it: take it away with the data.
",
    evaluate,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    let zone = cx.zone_of_the_organization();
    buckets::evaluate(cx, found, &zone);
    for kind in kinds::KINDS {
        named::evaluate(cx, found, &zone, kind);
    }
}
