//! Amazon MQ: message brokers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::Known;

/// Answers of Amazon MQ in one region.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Mq {
    /// Brokers.
    #[serde(skip_serializing_if = "Known::is_unread")]
    pub list_brokers: Known<Brokers>,
    /// What each broker is, by its id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub describe_broker: BTreeMap<String, Broker>,
}

/// Response of ListBrokers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Brokers {
    /// All pages together.
    pub broker_summaries: Vec<BrokerSummary>,
}

/// A broker as it is listed: without what decides who reaches it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct BrokerSummary {
    /// `b-…`.
    pub broker_id: String,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broker_name: Option<String>,
    /// ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broker_arn: Option<String>,
}

/// Response of DescribeBroker.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Broker {
    /// `ACTIVEMQ` or `RABBITMQ`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine_type: Option<String>,
    /// `RUNNING`, `CREATION_IN_PROGRESS`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broker_state: Option<String>,
    /// True when it is reached from outside the VPC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publicly_accessible: Option<bool>,
    /// Subnets that it sits in.
    pub subnet_ids: Vec<String>,
    /// Security groups.
    pub security_groups: Vec<String>,
}
