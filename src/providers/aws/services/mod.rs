//! Every service that is asked: the only files that name the SDK crate of a service.

mod collector;
mod dms;
mod ebs;
pub(crate) mod ec2;
mod eks;
mod elasticache;
mod elb;
pub(crate) mod elbv2;
mod kafka;
mod memorydb;
mod mq;
mod organizations;
mod rds;
mod redshift;
mod redshift_serverless;
mod s3;
mod s3control;
mod sqs;
pub(crate) mod sts;

pub use collector::{Collector, Scope};

/// All collectors, by service. Several may ask one service: what they learn is joined operation by
/// operation.
pub static COLLECTORS: &[&Collector] = &[
    &dms::COLLECTOR,
    &ebs::COLLECTOR,
    &ec2::COLLECTOR,
    &eks::COLLECTOR,
    &elasticache::COLLECTOR,
    &elb::COLLECTOR,
    &elbv2::COLLECTOR,
    &kafka::COLLECTOR,
    &memorydb::COLLECTOR,
    &mq::COLLECTOR,
    &organizations::COLLECTOR,
    &rds::COLLECTOR,
    &redshift::COLLECTOR,
    &redshift_serverless::COLLECTOR,
    &s3::COLLECTOR,
    &s3control::REGIONAL,
    &s3control::MULTI_REGION,
    &sqs::COLLECTOR,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::inventory::aws::calls::{CALLS, Call};

    #[test]
    fn every_declared_call_is_made_by_a_collector_or_by_connecting() {
        let connecting = CALLS.iter().copied().filter(|call| call.connecting);
        let made: BTreeSet<&Call> = COLLECTORS
            .iter()
            .flat_map(|collector| collector.calls.iter().copied())
            .chain(connecting)
            .collect();
        let declared: BTreeSet<&Call> = CALLS.iter().copied().collect();
        assert_eq!(made, declared);
    }
}
