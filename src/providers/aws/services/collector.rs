//! What a collector is.

use futures_util::future::BoxFuture;

use crate::inventory::aws::Services;
use crate::inventory::aws::calls::Call;
use crate::providers::aws::transport::site::Site;

/// How often a collector runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Once for the whole account.
    Account,
    /// Once in each chosen region.
    Region,
}

/// Asks one service, and makes no other calls than it names.
pub struct Collector {
    /// Service in outcrop's terms.
    pub service: &'static str,
    /// How often it runs.
    pub scope: Scope,
    /// Calls it may make.
    pub calls: &'static [&'static Call],
    /// Answers with what it learnt; what it did not ask or learn stays unread.
    pub(crate) collect: for<'a> fn(&'a Site) -> BoxFuture<'a, Services>,
}
