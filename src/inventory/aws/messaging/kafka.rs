//! MSK: Kafka clusters.

use crate::model::Known;

operations! {
    /// Answers of MSK in one region.
    Kafka {
        #[serde(rename = "ListClustersV2")]
        list_clusters_v2: Known<KafkaClusters>,
    }
}

responses! {
    /// Response of ListClustersV2.
    KafkaClusters {
        cluster_info_list: Vec<KafkaCluster>,
    }

    /// A cluster.
    KafkaCluster {
        cluster_name: String,
        cluster_arn: Option<String>,
        /// `PROVISIONED` or `SERVERLESS`.
        cluster_type: Option<String>,
        /// `ACTIVE`, `CREATING`, …
        state: Option<String>,
        /// What only clusters with brokers of their own have.
        provisioned: Option<Provisioned>,
    }

    /// Brokers of a provisioned cluster, and who may sign in.
    Provisioned {
        /// Where the brokers sit.
        broker_node_group_info: Option<BrokerNodeGroupInfo>,
        /// How clients sign in.
        client_authentication: Option<ClientAuthentication>,
    }

    /// Where brokers sit.
    BrokerNodeGroupInfo {
        /// Subnets, each with brokers.
        client_subnets: Vec<String>,
        security_groups: Vec<String>,
        /// From where they are reached.
        connectivity_info: Option<ConnectivityInfo>,
    }

    /// From where brokers are reached.
    ConnectivityInfo {
        /// From outside the VPC.
        public_access: Option<PublicAccess>,
    }

    /// Whether brokers have public addresses.
    PublicAccess {
        /// `DISABLED` or `SERVICE_PROVIDED_EIPS`.
        #[serde(rename = "Type")]
        r#type: Option<String>,
    }

    /// How clients sign in.
    ClientAuthentication {
        sasl: Option<Sasl>,
        tls: Option<Enabled>,
    }

    /// The two mechanisms of SASL.
    Sasl {
        scram: Option<Enabled>,
        iam: Option<Enabled>,
    }

    /// A switch.
    Enabled {
        enabled: bool,
    }
}
