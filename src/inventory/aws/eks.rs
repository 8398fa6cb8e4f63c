//! EKS: Kubernetes clusters.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::Known;

/// Answers of EKS in one region.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Eks {
    /// Names of the clusters.
    #[serde(skip_serializing_if = "Known::is_unread")]
    pub list_clusters: Known<KubernetesClusters>,
    /// What each cluster is, by its name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub describe_cluster: BTreeMap<String, DescribedCluster>,
}

/// Response of ListClusters.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct KubernetesClusters {
    /// All pages together.
    pub clusters: Vec<String>,
}

/// Response of DescribeCluster.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct DescribedCluster {
    /// The cluster.
    pub cluster: KubernetesCluster,
}

/// A cluster.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct KubernetesCluster {
    /// Its name.
    pub name: String,
    /// ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// `ACTIVE`, `CREATING`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// From where its API is reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources_vpc_config: Option<VpcConfig>,
}

/// From where the API of a cluster is reached.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct VpcConfig {
    /// True when from outside the VPC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint_public_access: Option<bool>,
    /// True when from inside the VPC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint_private_access: Option<bool>,
    /// The blocks that are let in from outside.
    pub public_access_cidrs: Vec<String>,
}
