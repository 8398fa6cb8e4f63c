//! Caches of ElastiCache.

use aws_sdk_elasticache::types;

use crate::inventory::aws::calls;
use crate::inventory::aws::elasticache::{
    CacheCluster, CacheClusters, CacheNode, SecurityGroupMembership, ServerlessCache,
    ServerlessCaches,
};
use crate::inventory::aws::rds::Endpoint;
use crate::inventory::aws::{ElastiCache, Services};
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Site, client};

pub(crate) static COLLECTOR: Collector = Collector {
    service: "elasticache",
    scope: Scope::Region,
    calls: &[
        &calls::elasticache::DESCRIBE_CACHE_CLUSTERS,
        &calls::elasticache::DESCRIBE_SERVERLESS_CACHES,
    ],
    collect: |site| Box::pin(collect(site)),
};

async fn collect(site: &Site) -> Services {
    let caches = client!(aws_sdk_elasticache, site);
    // 100 is the most that MaxRecords allows; ports of Redis stand at the nodes only (ElastiCache
    // API reference, DescribeCacheClusters).
    let pages = caches.describe_cache_clusters().show_cache_node_info(true).into_paginator();
    let serverless = caches.describe_serverless_caches().into_paginator();
    let (listed, serverless) = tokio::join!(
        site.list_apart(
            &calls::elasticache::DESCRIBE_CACHE_CLUSTERS,
            pages.page_size(100).send(),
            |page| (page.cache_clusters, page.marker),
            cluster,
        ),
        // 50 is the most that MaxResults allows (ElastiCache API reference,
        // DescribeServerlessCaches).
        site.list_apart(
            &calls::elasticache::DESCRIBE_SERVERLESS_CACHES,
            serverless.page_size(50).send(),
            |page| (page.serverless_caches, page.next_token),
            serverless_cache,
        ),
    );
    let elasticache = ElastiCache {
        describe_cache_clusters: listed.map(|cache_clusters| CacheClusters { cache_clusters }),
        describe_serverless_caches: serverless
            .map(|serverless_caches| ServerlessCaches { serverless_caches }),
    };
    Services { elasticache, ..Services::default() }
}

fn serverless_cache(from: types::ServerlessCache) -> ServerlessCache {
    ServerlessCache {
        serverless_cache_name: from.serverless_cache_name.unwrap_or_default(),
        arn: from.arn,
        status: from.status,
        engine: from.engine,
        connection_type: from.connection_type.map(|kind| kind.as_str().to_owned()),
        endpoint: from.endpoint.map(endpoint),
        subnet_ids: from.subnet_ids.unwrap_or_default(),
    }
}

fn cluster(from: types::CacheCluster) -> CacheCluster {
    let nodes = from.cache_nodes.unwrap_or_default().into_iter();
    let groups = from.security_groups.unwrap_or_default().into_iter();
    CacheCluster {
        cache_cluster_id: from.cache_cluster_id.unwrap_or_default(),
        arn: from.arn,
        cache_cluster_status: from.cache_cluster_status,
        engine: from.engine,
        configuration_endpoint: from.configuration_endpoint.map(endpoint),
        cache_nodes: nodes
            .map(|node| CacheNode { endpoint: node.endpoint.map(endpoint) })
            .collect(),
        security_groups: groups
            .map(|group| SecurityGroupMembership {
                security_group_id: group.security_group_id.unwrap_or_default(),
                status: group.status,
            })
            .collect(),
    }
}

fn endpoint(from: types::Endpoint) -> Endpoint {
    Endpoint { address: from.address, port: from.port }
}

#[cfg(test)]
mod tests {
    use crate::model::Outcome;
    use crate::providers::aws::tests::replay::{Cloud, Said, ok};

    #[test]
    fn caches_without_nodes_are_read_over_several_pages() {
        let item = |name: &str, more: &str| {
            format!(
                "<member><ServerlessCacheName>{name}</ServerlessCacheName>\
                 <Status>available</Status>{more}</member>"
            )
        };
        let page = |items: String, token: &str| {
            ok(format!(
                "<DescribeServerlessCachesResponse><DescribeServerlessCachesResult>\
                 <ServerlessCaches>{items}</ServerlessCaches>{token}\
                 </DescribeServerlessCachesResult></DescribeServerlessCachesResponse>"
            ))
        };
        let cloud = Cloud::new(move |asked| match asked.form.contains("NextToken=") {
            false => page(
                item("open", "<ConnectionType>public</ConnectionType>"),
                "<NextToken>2</NextToken>",
            ),
            true => page(item("inside", "<SubnetIds><member>subnet-1</member></SubnetIds>"), ""),
        });
        let snapshot = cloud.collect(&["elasticache:DescribeServerlessCaches"]);
        let caches = &snapshot.regions["us-east-1"].elasticache.describe_serverless_caches;
        let read = &caches.read().expect("the call was answered").serverless_caches;
        let [open, inside] = read.as_slice() else { panic!("{read:?}") };
        assert_eq!(open.connection_type.as_deref(), Some("public"));
        assert!(open.subnet_ids.is_empty());
        assert_eq!(inside.connection_type, None);
        assert_eq!(snapshot.gaps, []);
    }

    #[test]
    fn a_refused_list_of_caches_without_nodes_is_no_empty_list() {
        let cloud = Cloud::new(|_| {
            let error = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>";
            Said::Answer(403, format!("<ErrorResponse>{error}</ErrorResponse>"))
        });
        let snapshot = cloud.collect(&["elasticache:DescribeServerlessCaches"]);
        assert!(snapshot.regions["us-east-1"].elasticache.describe_serverless_caches.is_unread());
        let gaps: Vec<_> = snapshot.gaps.iter().map(|gap| (gap.call(), gap.outcome)).collect();
        let call = "elasticache:DescribeServerlessCaches".to_owned();
        assert_eq!(gaps, [(call, Outcome::Denied)]);
    }
}
