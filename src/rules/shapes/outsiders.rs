//! What rules say of outsiders who are named.

use crate::analysis::aws::policy::explain;
use crate::analysis::aws::{organization, vendors};
use crate::model::{Step, Who};
use crate::rules::Context;

/// Who, in words; an account by the name of its vendor, where it is one's.
pub fn called(who: &Who) -> String {
    let text = explain::people(who);
    match who.account().and_then(vendors::named) {
        Some(vendor) => format!("{text} ({vendor})"),
        None => text,
    }
}

/// That an account is a vendor's, where it is.
pub fn vendor(account: &str) -> Option<Step> {
    let vendor = vendors::named(account)?;
    Some(Step::of("vendor", account, format!("{vendor} publishes {account} as its own")))
}

/// What is not known of those who count as outside: whether they are of the organization. `accounts`:
/// some of them are.
pub fn not_known(cx: &Context<'_>, accounts: bool) -> Option<Step> {
    let text = if organization::management_account(cx.snapshot).is_unread() {
        "the organization was not read: whoever is named may be of it"
    } else if accounts && organization::members(cx.snapshot).is_unread() {
        "the members of the organization were not read: an account may be one of them"
    } else {
        return None;
    };
    Some(Step::new("note", text))
}
