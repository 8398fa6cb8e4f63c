//! Redshift Serverless: data warehouses without clusters.

use serde::{Deserialize, Serialize};

use crate::model::Known;

/// Answers of Redshift Serverless in one region.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct RedshiftServerless {
    /// What clients connect to.
    #[serde(skip_serializing_if = "Known::is_unread")]
    pub list_workgroups: Known<Workgroups>,
}

/// Response of ListWorkgroups.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Workgroups {
    /// All pages together.
    pub workgroups: Vec<Workgroup>,
}

/// A workgroup: compute with an endpoint.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Workgroup {
    /// Its name.
    pub workgroup_name: String,
    /// ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workgroup_arn: Option<String>,
    /// `AVAILABLE`, `CREATING`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// True when it has a public address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publicly_accessible: Option<bool>,
    /// Port as it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i32>,
    /// Where clients connect to; absent while it is created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<WorkgroupEndpoint>,
    /// Subnets that it sits in.
    pub subnet_ids: Vec<String>,
    /// Security groups.
    pub security_group_ids: Vec<String>,
}

/// Where clients of a workgroup connect to.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WorkgroupEndpoint {
    /// Host name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i32>,
}
