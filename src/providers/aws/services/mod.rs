//! Every service that is asked: the only files that name the SDK crate of a service.

mod collector;

mod compute {
    pub(crate) mod ec2;
    pub(super) mod ecr;
    pub(crate) mod ecs;
    pub(super) mod eks;
    pub(super) mod lambda;
}
mod databases {
    pub(super) mod dms;
    pub(super) mod elasticache;
    pub(super) mod memorydb;
    pub(super) mod opensearch;
    pub(super) mod rds;
    pub(super) mod redshift;
    pub(super) mod redshift_serverless;
}
mod identity {
    pub(super) mod cognito_identity;
    pub(super) mod cognito_idp;
    pub(super) mod iam;
    pub(super) mod kms;
    pub(super) mod organizations;
    pub(super) mod secretsmanager;
    pub(crate) mod sts;
}
mod management {
    pub(super) mod codebuild;
    pub(super) mod ssm;
}
mod messaging {
    pub(super) mod kafka;
    pub(super) mod mq;
    pub(super) mod sns;
    pub(super) mod sqs;
}
mod network {
    pub(super) mod appsync;
    pub(super) mod elb;
    pub(crate) mod elbv2;
}
mod storage {
    pub(super) mod ebs;
    pub(super) mod s3;
    pub(super) mod s3control;
}

pub use collector::{Collector, Scope};
pub(crate) use compute::{ec2, ecs};
use compute::{ecr, eks, lambda};
use databases::{dms, elasticache, memorydb, opensearch, rds, redshift, redshift_serverless};
pub(crate) use identity::sts;
use identity::{cognito_identity, cognito_idp, iam, kms, organizations, secretsmanager};
use management::{codebuild, ssm};
use messaging::{kafka, mq, sns, sqs};
pub(crate) use network::elbv2;
use network::{appsync, elb};
use storage::{ebs, s3, s3control};

/// All collectors, by service. Several may ask one service: what they learn is joined operation by
/// operation.
pub static COLLECTORS: &[&Collector] = &[
    &appsync::COLLECTOR,
    &codebuild::COLLECTOR,
    &cognito_identity::COLLECTOR,
    &cognito_idp::COLLECTOR,
    &dms::COLLECTOR,
    &ebs::COLLECTOR,
    &ec2::COLLECTOR,
    &ecr::COLLECTOR,
    &ecs::COLLECTOR,
    &eks::COLLECTOR,
    &elasticache::COLLECTOR,
    &elb::COLLECTOR,
    &elbv2::COLLECTOR,
    &iam::COLLECTOR,
    &kafka::COLLECTOR,
    &kms::COLLECTOR,
    &lambda::COLLECTOR,
    &memorydb::COLLECTOR,
    &mq::COLLECTOR,
    &opensearch::COLLECTOR,
    &organizations::COLLECTOR,
    &rds::COLLECTOR,
    &redshift::COLLECTOR,
    &redshift_serverless::COLLECTOR,
    &s3::COLLECTOR,
    &s3control::REGIONAL,
    &s3control::MULTI_REGION,
    &secretsmanager::COLLECTOR,
    &sns::COLLECTOR,
    &sqs::COLLECTOR,
    &ssm::COLLECTOR,
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
