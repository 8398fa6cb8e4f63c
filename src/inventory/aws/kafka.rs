//! MSK: Kafka clusters.

use serde::{Deserialize, Serialize};

use crate::model::Known;

/// Answers of MSK in one region.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Kafka {
    /// Clusters.
    #[serde(rename = "ListClustersV2", skip_serializing_if = "Known::is_unread")]
    pub list_clusters_v2: Known<KafkaClusters>,
}

/// Response of ListClustersV2.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct KafkaClusters {
    /// All pages together.
    pub cluster_info_list: Vec<KafkaCluster>,
}

/// A cluster.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct KafkaCluster {
    /// Its name.
    pub cluster_name: String,
    /// ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_arn: Option<String>,
    /// `PROVISIONED` or `SERVERLESS`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_type: Option<String>,
    /// `ACTIVE`, `CREATING`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// What only clusters with brokers of their own have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisioned: Option<Provisioned>,
}

/// Brokers of a provisioned cluster, and who may sign in.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Provisioned {
    /// Where the brokers sit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broker_node_group_info: Option<BrokerNodeGroupInfo>,
    /// How clients sign in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_authentication: Option<ClientAuthentication>,
}

/// Where brokers sit.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct BrokerNodeGroupInfo {
    /// Subnets, each with brokers.
    pub client_subnets: Vec<String>,
    /// Security groups.
    pub security_groups: Vec<String>,
    /// From where they are reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connectivity_info: Option<ConnectivityInfo>,
}

/// From where brokers are reached.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ConnectivityInfo {
    /// From outside the VPC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_access: Option<PublicAccess>,
}

/// Whether brokers have public addresses.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct PublicAccess {
    /// `DISABLED` or `SERVICE_PROVIDED_EIPS`.
    #[serde(rename = "Type", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
}

/// How clients sign in.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ClientAuthentication {
    /// By SASL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sasl: Option<Sasl>,
    /// By certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<Enabled>,
}

/// The two mechanisms of SASL.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Sasl {
    /// User and password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scram: Option<Enabled>,
    /// IAM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iam: Option<Enabled>,
}

/// A switch.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Enabled {
    /// True when on.
    pub enabled: bool,
}
