//! What S3 itself calls a public policy (S3 user guide, "The meaning of public"). It differs from
//! the effective answer and matters all the same: RestrictPublicBuckets acts on it.

use crate::analysis::aws::policy::breadth::BOUNDING_KEYS;
use crate::analysis::aws::policy::context::Subject;
use crate::analysis::aws::policy::language::arn::ArnPattern;
use crate::analysis::aws::policy::language::condition::{Quantifier, Test, Values};
use crate::analysis::aws::policy::language::document::{Policy, Statement};
use crate::analysis::aws::policy::language::glob::Glob;
use crate::analysis::aws::policy::language::principal::Principal;
use crate::analysis::aws::policy::language::template::Template;
use crate::analysis::aws::policy::services::Kind;

/// Keys that make a statement non-public as [`BOUNDING_KEYS`] do, though nobody bounds a policy for
/// everybody by them.
const FIXING_TOO: &[&str] =
    &["aws:sourceowner", "aws:userid", "s3:x-amz-server-side-encryption-aws-kms-key-id"];

/// Whether one Allow statement is public, which makes the whole policy so. Deny statements and
/// what a grant is good for do not count.
pub fn is_public(policy: &Policy, kind: &Kind, subject: &Subject<'_>) -> bool {
    let point = kind.is_access_point();
    if point && subject.context.network_origin.as_deref() == Some("VPC") {
        return false;
    }
    policy.statements.iter().any(|statement| statement.allow && !is_fixed(statement, point))
}

fn is_fixed(statement: &Statement, point: bool) -> bool {
    let principals = &statement.principals;
    let open = principals.negated
        || !principals.invalid.is_empty()
        || principals.named.iter().any(|principal| {
            matches!(principal, Principal::Everyone | Principal::AnySigned | Principal::AnyService)
        });
    !open || statement.tests.iter().any(|test| fixes(test, point))
}

fn fixes(test: &Test, point: bool) -> bool {
    let key = test.key.as_str();
    let delegation = key.starts_with("s3:dataaccesspoint");
    if !(BOUNDING_KEYS.contains(&key) || FIXING_TOO.contains(&key))
        || test.negated
        || test.if_exists
        || test.empty
        || test.quantifier == Quantifier::All
        || delegation && point
    {
        return false;
    }
    match &test.values {
        Values::Text { any, .. } => any.iter().all(|value| is_fixed_value(key, value)),
        // Ranges wider than /8 or /32 are not fixed; each is looked at alone.
        Values::Blocks(blocks) => blocks.iter().all(|block| {
            let span = block.high - block.low;
            if block.six { span < 1 << 96 } else { span < 1 << 24 }
        }),
        _ => false,
    }
}

fn is_fixed_value(key: &str, value: &Template) -> bool {
    let text = value.text();
    if text.contains("${") {
        return false;
    }
    if !text.contains(['*', '?']) {
        return true;
    }
    // Only the name of an access point may be a pattern, while its account is fixed.
    key == "s3:dataaccesspointarn" && ArnPattern::whole(Glob::pattern(text)).account().is_some()
}
