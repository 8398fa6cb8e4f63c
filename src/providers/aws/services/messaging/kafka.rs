//! Kafka clusters of MSK.

use aws_sdk_kafka::types;

use crate::inventory::aws::calls;
use crate::inventory::aws::kafka::{
    BrokerNodeGroupInfo, ClientAuthentication, ConnectivityInfo, Enabled, KafkaCluster,
    KafkaClusters, Provisioned, PublicAccess, Sasl,
};
use crate::inventory::aws::{Kafka, Services};
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Site, client};

pub(crate) static COLLECTOR: Collector = Collector {
    service: "kafka",
    scope: Scope::Region,
    calls: &[&calls::kafka::LIST_CLUSTERS_V2],
    collect: |site| Box::pin(collect(site)),
};

async fn collect(site: &Site) -> Services {
    let kafka = client!(aws_sdk_kafka, site);
    // 100 is the most that MaxResults allows (MSK API reference).
    let pages = kafka.list_clusters_v2().into_paginator().page_size(100).send();
    let listed = site
        .list_apart(
            &calls::kafka::LIST_CLUSTERS_V2,
            pages,
            |page| (page.cluster_info_list, page.next_token),
            cluster,
        )
        .await
        .map(|cluster_info_list| KafkaClusters { cluster_info_list });
    Services { kafka: Kafka { list_clusters_v2: listed }, ..Services::default() }
}

fn cluster(from: types::Cluster) -> KafkaCluster {
    KafkaCluster {
        cluster_name: from.cluster_name.unwrap_or_default(),
        cluster_arn: from.cluster_arn,
        cluster_type: from.cluster_type.map(|kind| kind.as_str().to_owned()),
        state: from.state.map(|state| state.as_str().to_owned()),
        provisioned: from.provisioned.map(provisioned),
    }
}

fn provisioned(from: types::Provisioned) -> Provisioned {
    Provisioned {
        broker_node_group_info: from.broker_node_group_info.map(|info| BrokerNodeGroupInfo {
            client_subnets: info.client_subnets.unwrap_or_default(),
            security_groups: info.security_groups.unwrap_or_default(),
            connectivity_info: info.connectivity_info.map(|info| ConnectivityInfo {
                public_access: info
                    .public_access
                    .map(|access| PublicAccess { r#type: access.r#type }),
            }),
        }),
        client_authentication: from.client_authentication.map(|by| ClientAuthentication {
            sasl: by.sasl.map(|sasl| Sasl {
                scram: sasl.scram.map(|scram| switch(scram.enabled)),
                iam: sasl.iam.map(|iam| switch(iam.enabled)),
            }),
            tls: by.tls.map(|tls| switch(tls.enabled)),
        }),
    }
}

fn switch(enabled: Option<bool>) -> Enabled {
    Enabled { enabled: enabled.unwrap_or_default() }
}
