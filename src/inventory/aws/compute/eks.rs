//! EKS: Kubernetes clusters.

use std::collections::BTreeMap;

use crate::model::Known;

operations! {
    /// Answers of EKS in one region.
    Eks {
        /// Names of the clusters.
        list_clusters: Known<KubernetesClusters>,
        /// What each cluster is, by its name.
        describe_cluster: BTreeMap<String, DescribedCluster>,
    }
}

responses! {
    "camelCase";
    /// Response of ListClusters.
    KubernetesClusters {
        clusters: Vec<String>,
    }

    /// Response of DescribeCluster.
    DescribedCluster {
        cluster: KubernetesCluster,
    }

    /// A cluster.
    KubernetesCluster {
        name: String,
        arn: Option<String>,
        /// `ACTIVE`, `CREATING`, …
        status: Option<String>,
        /// From where its API is reached.
        resources_vpc_config: Option<VpcConfig>,
    }

    /// From where the API of a cluster is reached.
    VpcConfig {
        /// True when from outside the VPC.
        endpoint_public_access: Option<bool>,
        /// True when from inside the VPC.
        endpoint_private_access: Option<bool>,
        /// The blocks that are let in from outside.
        public_access_cidrs: Vec<String>,
    }
}
