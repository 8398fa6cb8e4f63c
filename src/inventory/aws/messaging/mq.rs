//! Amazon MQ: message brokers.

use std::collections::BTreeMap;

use crate::model::Known;

operations! {
    /// Answers of Amazon MQ in one region.
    Mq {
        list_brokers: Known<Brokers>,
        /// What each broker is, by its id.
        describe_broker: BTreeMap<String, Broker>,
    }
}

responses! {
    /// Response of ListBrokers.
    Brokers {
        broker_summaries: Vec<BrokerSummary>,
    }

    /// A broker as it is listed: without what decides who reaches it.
    BrokerSummary {
        /// `b-…`.
        broker_id: String,
        broker_name: Option<String>,
        broker_arn: Option<String>,
    }

    /// Response of DescribeBroker.
    Broker {
        /// `ACTIVEMQ` or `RABBITMQ`.
        engine_type: Option<String>,
        /// `RUNNING`, `CREATION_IN_PROGRESS`, …
        broker_state: Option<String>,
        /// True when it is reached from outside the VPC.
        publicly_accessible: Option<bool>,
        /// Subnets that it sits in.
        subnet_ids: Vec<String>,
        security_groups: Vec<String>,
    }
}
