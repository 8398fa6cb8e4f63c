//! Controls that can shut a way into a bucket, at each level.

use super::Lock;
use super::facts::PublicAccessBlock;
use super::paths::Composer;
use crate::analysis::aws::policy::document::Policy;
use crate::inventory::aws::calls;
use crate::model::Known;
use crate::model::Missing;

/// Which of the four settings a path has to pass.
#[derive(Clone, Copy)]
pub(super) enum Setting {
    IgnorePublicAcls,
    RestrictPublicBuckets,
}

impl Setting {
    pub(super) fn name(self) -> &'static str {
        match self {
            Setting::IgnorePublicAcls => "IgnorePublicAcls",
            Setting::RestrictPublicBuckets => "RestrictPublicBuckets",
        }
    }

    pub(super) fn of(self, block: &PublicAccessBlock) -> bool {
        match self {
            Setting::IgnorePublicAcls => block.ignore_public_acls,
            Setting::RestrictPublicBuckets => block.restrict_public_buckets,
        }
    }
}

impl Composer<'_> {
    /// The locks of one setting at the levels above the bucket and at the bucket.
    pub(super) fn levels(&self, setting: Setting, locks: &mut Vec<Lock>) {
        if let Some(block) = self.bucket.organization_block {
            // It is given, never read: no call tells it apart from the account's.
            let unread = |text| Missing { operation: None, resource: None, text };
            locks.push(level(setting, "organization", &Known::Read(Some(block)), unread));
        }
        let account = &self.bucket.account_block;
        let of_account = |text| calls::s3control::GET_PUBLIC_ACCESS_BLOCK.missing(text);
        locks.push(level(setting, "account", account, of_account));
        let of_bucket = |text| calls::s3::GET_PUBLIC_ACCESS_BLOCK.missing_of(self.name(), text);
        locks.push(level(setting, "bucket", &self.bucket.bucket_block, of_bucket));
    }
}

pub(super) fn level(
    setting: Setting,
    name: &str,
    block: &Known<Option<PublicAccessBlock>>,
    missing: impl FnOnce(String) -> Missing,
) -> Lock {
    let control = format!("{name}:{}", setting.name());
    let setting_name = setting.name();
    match block {
        Known::Unread => Lock::Unread(missing(format!(
            "whether {setting_name} is on for the {name} was not read"
        ))),
        // No configuration at a level means that all four settings are off there.
        Known::Read(block) if setting.of(&block.unwrap_or_default()) => {
            Lock::Shut { control, text: format!("{setting_name} is on for the {name}") }
        }
        Known::Read(_) => {
            Lock::Open { control, text: format!("{setting_name} is off for the {name}") }
        }
    }
}

/// The Deny statements of `policy`, which is `whose`, leave nothing of a grant.
pub(super) fn denied(policy: &Policy, whose: &str) -> Lock {
    let labels: Vec<String> = policy
        .statements
        .iter()
        .filter(|statement| !statement.allow)
        .map(|statement| format!("`{}`", statement.label))
        .collect();
    Lock::Shut {
        control: "policy:Deny".into(),
        text: format!("the {whose} denies all of it ({})", labels.join(", ")),
    }
}

pub(super) fn is_ownership(lock: &Lock) -> bool {
    match lock {
        Lock::Shut { control, .. } | Lock::Open { control, .. } => {
            control.starts_with("ownership:")
        }
        Lock::Unread(missing) => {
            let call = missing.operation.as_deref().and_then(calls::named);
            call == Some(&calls::s3::GET_BUCKET_OWNERSHIP_CONTROLS)
        }
    }
}
