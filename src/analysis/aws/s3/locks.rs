//! Controls that can shut a way into a bucket, at each level.

use crate::inventory::aws::calls;
use crate::inventory::aws::s3::PublicAccessBlockConfiguration;
use crate::model::{Control, Known, Lock, Missing, Step};

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

    pub(super) fn of(self, block: &PublicAccessBlockConfiguration) -> bool {
        match self {
            Setting::IgnorePublicAcls => block.ignore_public_acls,
            Setting::RestrictPublicBuckets => block.restrict_public_buckets,
        }
    }
}

/// The lock that one setting is at one level.
pub(super) fn level(
    setting: Setting,
    name: &str,
    block: &Known<Option<PublicAccessBlockConfiguration>>,
    missing: impl FnOnce(String) -> Missing,
) -> Lock {
    let control = format!("{name}:{}", setting.name());
    let setting_name = setting.name();
    match block {
        Known::Unread => Lock::Unknown(missing(format!(
            "whether {setting_name} is on for the {name} was not read"
        ))),
        // No configuration at a level means that all four settings are off there.
        Known::Read(block) if setting.of(&block.unwrap_or_default()) => {
            let text = format!("{setting_name} is on for the {name}");
            Lock::Shut(Control { control, text })
        }
        Known::Read(_) => open(control, format!("{setting_name} is off for the {name}")),
    }
}

/// A control that was read and does not shut.
pub(super) fn open(control: String, text: String) -> Lock {
    Lock::Open(Step::of("control", control, text))
}

pub(super) fn is_ownership(lock: &Lock) -> bool {
    match lock {
        Lock::Shut(control) => control.control.starts_with("ownership:"),
        Lock::Open(step) => step.id.as_ref().is_some_and(|id| id.starts_with("ownership:")),
        Lock::Unknown(missing) => {
            let call = missing.operation.as_deref().and_then(calls::named);
            call == Some(&calls::s3::GET_BUCKET_OWNERSHIP_CONTROLS)
        }
    }
}
