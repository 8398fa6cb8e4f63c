//! Keys of KMS.

use super::CollectionPlan;
use crate::analysis::aws::policy::{self, Context, Subject, Verdict};
use crate::inventory::aws::kinds;

/// The state of the key `arn` of `owner_account` is asked for where its policy may let the public
/// in, or outsiders who are named where these matter; a probe learns whether it would be refused. What else is known of the account can only make
/// a policy less public.
pub fn key_state_matters(
    policy: Option<&str>,
    arn: &str,
    owner_account: &str,
    plan: &CollectionPlan,
) -> bool {
    if plan.probe.is_some() {
        return true;
    }
    let context = Context::default();
    let subject = Subject { kind: kinds::KMS_KEY.name, arn, owner_account, context: &context };
    let least = if plan.named { Verdict::CrossAccount } else { Verdict::Conditional };
    policy.is_some_and(|text| policy::judge(text, &subject).verdict <= least)
}
