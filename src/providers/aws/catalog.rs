//! Every collector, in one list.

use std::future::Future;
use std::pin::Pin;

use super::site::Site;
use super::{Question, Wanted};
use crate::inventory::aws::Services;
use crate::inventory::aws::calls::Call;

/// How often a collector runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Once for the whole account.
    Account,
    /// Once in each chosen region.
    Region,
}

/// Puts what a collector learnt in its place.
pub(super) type Learnt = Box<dyn FnOnce(&mut Services) + Send>;
pub(super) type Collecting<'a> = Pin<Box<dyn Future<Output = Learnt> + Send + 'a>>;

/// Asks one service, and makes no other calls than it names.
pub struct Collector {
    /// Service in outcrop's terms.
    pub service: &'static str,
    /// How often it runs.
    pub scope: Scope,
    /// Calls it may make.
    pub calls: &'static [&'static Call],
    pub(super) collect: for<'a> fn(&'a Site<'a>, &'a Wanted) -> Collecting<'a>,
}

/// Asks one service in one region what other answers made worth asking.
pub struct Follower {
    /// Service in outcrop's terms.
    pub service: &'static str,
    /// Calls it may make.
    pub calls: &'static [&'static Call],
    pub(super) ask: for<'a> fn(&'a Site<'a>, &'a [Question]) -> Collecting<'a>,
}

/// All collectors, by service.
pub static COLLECTORS: &[&Collector] = &[
    &super::dms::COLLECTOR,
    &super::ec2::COLLECTOR,
    &super::eks::COLLECTOR,
    &super::elasticache::COLLECTOR,
    &super::elb::COLLECTOR,
    &super::elbv2::COLLECTOR,
    &super::kafka::COLLECTOR,
    &super::memorydb::COLLECTOR,
    &super::mq::COLLECTOR,
    &super::rds::COLLECTOR,
    &super::redshift::COLLECTOR,
    &super::redshift_serverless::COLLECTOR,
    &super::s3::COLLECTOR,
    &super::points::REGIONAL,
    &super::points::MULTI_REGION,
];

/// All followers, by service.
pub static FOLLOWERS: &[&Follower] = &[&super::elbv2::FOLLOWER];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::inventory::aws::calls::CALLS;

    #[test]
    fn every_declared_call_is_made_by_a_collector_or_by_connecting() {
        let connecting = CALLS.iter().copied().filter(|call| call.connecting);
        let made: BTreeSet<&Call> = COLLECTORS
            .iter()
            .flat_map(|collector| collector.calls.iter().copied())
            .chain(FOLLOWERS.iter().flat_map(|follower| follower.calls.iter().copied()))
            .chain(connecting)
            .collect();
        let declared: BTreeSet<&Call> = CALLS.iter().copied().collect();
        assert_eq!(made, declared);
    }
}
