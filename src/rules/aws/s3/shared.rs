//! What the rules about S3 share: how bad a way in is, and the command that shuts the public out.

use std::collections::BTreeSet;

use crate::analysis::aws::policy::Access;
use crate::model::{Severity, aws};
use crate::rules::change::ALL_BLOCKED;

/// Whole contents and changes are worst; what needs a known key, or only names, is less.
pub fn severity(access: &BTreeSet<Access>) -> Severity {
    let has = |class| access.contains(&class);
    let changes = has(Access::Write) || has(Access::Permissions);
    if changes || (has(Access::List) && has(Access::Read)) {
        Severity::Critical
    } else {
        Severity::High
    }
}

/// The command that shuts the public out of a bucket.
pub fn block_command(bucket: &str) -> String {
    aws([
        "s3api",
        "put-public-access-block",
        "--bucket",
        bucket,
        "--public-access-block-configuration",
        ALL_BLOCKED,
    ])
}
