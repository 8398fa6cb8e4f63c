//! Managed services: what is asked, what is kept of the answers, and what a failure means.

use super::replay::{Asked, Cloud, Said, json_error, ok, wanted};
use crate::analysis::aws::demand::CollectionPlan;
use crate::inventory::Snapshot;
use crate::inventory::aws::Services;
use crate::model::Outcome;
use crate::providers::aws::Watch;

fn region(snapshot: &Snapshot) -> &Services {
    snapshot.regions.values().next().unwrap()
}

fn with_latent(cloud: &Cloud, services: &[&str]) -> Snapshot {
    let wanted = CollectionPlan { latent: true, ..wanted(services) };
    cloud.collect_with(&wanted, &Watch::silent())
}

/// Two pages of a service that speaks XML; `item` is put into `list`.
fn xml(asked: &Asked, list: &str, item: impl Fn(u32) -> String) -> Said {
    let (number, next) = match asked.form.contains("Marker=2") {
        false => (1, "<Marker>2</Marker>"),
        true => (2, ""),
    };
    ok(format!(
        "<{0}Response><{0}Result><{list}>{1}</{list}>{next}</{0}Result></{0}Response>",
        asked.what,
        item(number)
    ))
}

/// Two pages of a service that speaks JSON.
fn json(asked: &Asked, list: &str, token: &str, item: impl Fn(u32) -> String) -> Said {
    let further = asked.form.contains("\"2\"") || asked.what.contains("oken=2");
    let (number, next) = match further {
        false => (1, format!(r#","{token}":"2""#)),
        true => (2, String::new()),
    };
    ok(format!(r#"{{"{list}":[{}]{next}}}"#, item(number)))
}

#[test]
fn clusters_of_rds_are_read_beside_its_instances() {
    let cloud = Cloud::new(|asked| match asked.what.as_str() {
        "DescribeDBClusters" => xml(asked, "DBClusters", |number| {
            format!(
                "<DBCluster><DBClusterIdentifier>c{number}</DBClusterIdentifier><Engine>mysql\
                 </Engine><PubliclyAccessible>true</PubliclyAccessible><Port>3306</Port>\
                 <VpcSecurityGroups><VpcSecurityGroupMembership><VpcSecurityGroupId>sg-1\
                 </VpcSecurityGroupId><Status>active</Status></VpcSecurityGroupMembership>\
                 </VpcSecurityGroups></DBCluster>"
            )
        }),
        _ => xml(asked, "DBInstances", |_| String::new()),
    });
    let snapshot = cloud.collect(&["rds:DescribeDBClusters", "rds:DescribeDBInstances"]);
    assert_eq!(snapshot.gaps, []);
    let read = region(&snapshot).rds.describe_db_clusters.read().unwrap();
    let names: Vec<_> = read.db_clusters.iter().map(|c| c.db_cluster_identifier.as_str()).collect();
    assert_eq!(names, ["c1", "c2"]);
    assert_eq!(read.db_clusters[0].publicly_accessible, Some(true));
    assert_eq!(read.db_clusters[0].internet_access_gateway_enabled, None);
    assert_eq!(read.db_clusters[0].port, Some(3306));
    assert_eq!(read.db_clusters[0].vpc_security_groups[0].vpc_security_group_id, "sg-1");
}

fn warehouse(asked: &Asked, public: bool) -> Said {
    match asked.what.as_str() {
        "DescribeClusters" => xml(asked, "Clusters", |number| {
            format!(
                "<Cluster><ClusterIdentifier>dw-{number}</ClusterIdentifier><PubliclyAccessible>\
                 {public}</PubliclyAccessible><Endpoint><Port>5439</Port></Endpoint>\
                 <ClusterSubnetGroupName>own</ClusterSubnetGroupName></Cluster>"
            )
        }),
        _ => xml(asked, "ClusterSubnetGroups", |number| {
            format!(
                "<ClusterSubnetGroup><ClusterSubnetGroupName>g{number}</ClusterSubnetGroupName>\
                 <VpcId>vpc-1</VpcId><Subnets><Subnet><SubnetIdentifier>subnet-1\
                 </SubnetIdentifier><SubnetAvailabilityZone><Name>us-east-1a</Name>\
                 </SubnetAvailabilityZone></Subnet></Subnets></ClusterSubnetGroup>"
            )
        }),
    }
}

#[test]
fn subnets_of_warehouses_are_asked_for_only_where_one_may_be_reached() {
    let private = Cloud::new(|asked| warehouse(asked, false));
    let snapshot = private.collect(&["redshift"]);
    assert!(region(&snapshot).redshift.describe_cluster_subnet_groups.is_unread());
    assert_eq!(private.asked().get("DescribeClusterSubnetGroups"), None);
    assert!(
        !region(&with_latent(&private, &["redshift"]))
            .redshift
            .describe_cluster_subnet_groups
            .is_unread()
    );

    let public = Cloud::new(|asked| warehouse(asked, true));
    let snapshot = public.collect(&["redshift"]);
    let redshift = &region(&snapshot).redshift;
    assert_eq!(redshift.describe_clusters.read().unwrap().clusters.len(), 2);
    let groups = redshift.describe_cluster_subnet_groups.read().unwrap();
    assert_eq!(groups.cluster_subnet_groups.len(), 2);
    assert_eq!(groups.cluster_subnet_groups[0].subnets[0].subnet_identifier, "subnet-1");
}

#[test]
fn lists_that_carry_the_answer_are_read_whole() {
    let cloud = Cloud::new(|asked| match asked.what.as_str() {
        "ListWorkgroups" => json(asked, "workgroups", "nextToken", |number| {
            format!(
                r#"{{"workgroupName":"w{number}","publiclyAccessible":true,"port":5439,
                    "subnetIds":["subnet-1"],"securityGroupIds":["sg-1"]}}"#
            )
        }),
        "DescribeReplicationInstances" => json(asked, "ReplicationInstances", "Marker", |number| {
            format!(
                r#"{{"ReplicationInstanceIdentifier":"r{number}","PubliclyAccessible":true,
                        "AvailabilityZone":"us-east-1a",
                        "VpcSecurityGroups":[{{"VpcSecurityGroupId":"sg-1","Status":"active"}}],
                        "ReplicationSubnetGroup":{{"VpcId":"vpc-1",
                          "Subnets":[{{"SubnetIdentifier":"subnet-1"}}]}}}}"#
            )
        }),
        path if path.starts_with("GET /api/v2/clusters") => {
            json(asked, "clusterInfoList", "nextToken", |number| {
                format!(
                    r#"{{"clusterName":"k{number}","clusterType":"PROVISIONED","provisioned":{{
                        "brokerNodeGroupInfo":{{"clientSubnets":["subnet-1"],
                          "securityGroups":["sg-1"],"connectivityInfo":{{
                            "publicAccess":{{"type":"SERVICE_PROVIDED_EIPS"}}}}}},
                        "clientAuthentication":{{"sasl":{{"iam":{{"enabled":true}}}}}}}}}}"#
                )
            })
        }
        other => panic!("{other}"),
    });
    let snapshot = cloud.collect(&["redshift-serverless", "dms", "kafka"]);
    assert_eq!(snapshot.gaps, []);
    let of = region(&snapshot);
    let workgroups = &of.redshift_serverless.list_workgroups.read().unwrap().workgroups;
    let names: Vec<_> = workgroups.iter().map(|w| w.workgroup_name.as_str()).collect();
    assert_eq!(names, ["w1", "w2"]);
    assert_eq!(workgroups[0].publicly_accessible, Some(true));
    assert_eq!(workgroups[0].subnet_ids, ["subnet-1"]);
    let instances = of.dms.describe_replication_instances.read().unwrap();
    assert_eq!(instances.replication_instances.len(), 2);
    let group = instances.replication_instances[0].replication_subnet_group.as_ref().unwrap();
    assert_eq!(group.subnets[0].subnet_identifier, "subnet-1");
    let clusters = &of.kafka.list_clusters_v2.read().unwrap().cluster_info_list;
    assert_eq!(clusters.len(), 2);
    let own = clusters[0].provisioned.as_ref().unwrap();
    let info = own.broker_node_group_info.as_ref().unwrap();
    assert_eq!(info.security_groups, ["sg-1"]);
    let sasl = own.client_authentication.as_ref().unwrap().sasl.as_ref().unwrap();
    assert!(sasl.iam.as_ref().unwrap().enabled && sasl.scram.is_none());
}

#[test]
fn brokers_are_described_one_by_one_and_what_is_gone_is_no_gap() {
    let cloud = Cloud::new(|asked| match asked.what.as_str() {
        "GET /v1/brokers/open" => ok(r#"{"brokerId":"open","engineType":"RABBITMQ",
            "publiclyAccessible":true,"subnetIds":[],"securityGroups":[]}"#),
        "GET /v1/brokers/gone" => json_error(404, "NotFoundException"),
        "GET /v1/brokers/secret" => json_error(403, "ForbiddenException"),
        "GET /v1/brokers/odd" => ok("{}"),
        _ => ok(r#"{"brokerSummaries":[{"brokerId":"secret"},{"brokerId":"open"},
            {"brokerId":"gone"},{"brokerId":"odd"}]}"#),
    });
    let snapshot = cloud.collect(&["mq"]);
    let mq = &region(&snapshot).mq;
    let listed = &mq.list_brokers.read().unwrap().broker_summaries;
    let ids: Vec<_> = listed.iter().map(|broker| broker.broker_id.as_str()).collect();
    assert_eq!(ids, ["odd", "open", "secret"]);
    assert_eq!(mq.describe_broker.keys().collect::<Vec<_>>(), ["open"]);
    assert_eq!(mq.describe_broker["open"].publicly_accessible, Some(true));
    let gaps: Vec<_> =
        snapshot.gaps.iter().map(|gap| (gap.resource.as_deref().unwrap(), gap.outcome)).collect();
    assert_eq!(gaps, [("odd", Outcome::Malformed), ("secret", Outcome::Denied)]);
}

#[test]
fn clusters_of_eks_are_described_one_by_one() {
    let cloud = Cloud::new(|asked| match asked.what.as_str() {
        "GET /clusters/open" => ok(r#"{"cluster":{"name":"open","resourcesVpcConfig":{
            "endpointPublicAccess":true,"publicAccessCidrs":["0.0.0.0/0"]}}}"#),
        "GET /clusters/plain" => ok(r#"{"cluster":{"name":"plain","resourcesVpcConfig":{}}}"#),
        "GET /clusters/inside" => ok(r#"{"cluster":{"name":"inside","resourcesVpcConfig":{
            "endpointPublicAccess":false,"endpointPrivateAccess":true}}}"#),
        "GET /clusters/gone" => json_error(404, "ResourceNotFoundException"),
        "GET /clusters/secret" => json_error(403, "AccessDeniedException"),
        _ => ok(r#"{"clusters":["open","plain","inside","gone","secret"]}"#),
    });
    let snapshot = cloud.collect(&["eks"]);
    let eks = &region(&snapshot).eks;
    let listed = &eks.list_clusters.read().unwrap().clusters;
    assert_eq!(*listed, ["inside", "open", "plain", "secret"]);
    let public = |name: &str| {
        let access = eks.describe_cluster[name].cluster.resources_vpc_config.clone();
        access.unwrap().endpoint_public_access
    };
    assert_eq!(public("open"), Some(true));
    assert_eq!(public("inside"), Some(false));
    assert_eq!(public("plain"), None, "the SDK's `false` for what is not told is no answer");
    let gaps: Vec<_> = snapshot.gaps.iter().map(|gap| gap.resource.as_deref().unwrap()).collect();
    assert_eq!(gaps, ["secret"]);
}

#[test]
fn caches_are_asked_for_only_when_latent_findings_are_wanted() {
    let cloud = Cloud::new(|asked| match asked.what.as_str() {
        "DescribeCacheClusters" => {
            assert!(asked.form.contains("ShowCacheNodeInfo=true"), "ports stand at the nodes");
            xml(asked, "CacheClusters", |number| {
                format!(
                    "<CacheCluster><CacheClusterId>c{number}</CacheClusterId><CacheNodes><CacheNode>\
                     <Endpoint><Port>6379</Port></Endpoint></CacheNode></CacheNodes><SecurityGroups>\
                     <member><SecurityGroupId>sg-1</SecurityGroupId><Status>active</Status></member>\
                     </SecurityGroups></CacheCluster>"
                )
            })
        }
        "DescribeClusters" => json(asked, "Clusters", "NextToken", |number| {
            format!(
                r#"{{"Name":"m{number}","ClusterEndpoint":{{"Port":6379}},
                    "SecurityGroups":[{{"SecurityGroupId":"sg-1","Status":"active"}}]}}"#
            )
        }),
        other => panic!("{other}"),
    });
    let services = ["elasticache:DescribeCacheClusters", "memorydb"];
    let snapshot = cloud.collect(&services);
    assert_eq!(cloud.asked().len(), 0, "{:?}", cloud.asked());
    assert_eq!(snapshot.gaps, []);
    let snapshot = with_latent(&cloud, &services);
    assert_eq!(snapshot.gaps, []);
    let of = region(&snapshot);
    let caches = &of.elasticache.describe_cache_clusters.read().unwrap().cache_clusters;
    assert_eq!(caches.len(), 2);
    assert_eq!(caches[0].cache_nodes[0].endpoint.as_ref().unwrap().port, Some(6379));
    assert_eq!(caches[0].security_groups[0].security_group_id, "sg-1");
    let clusters = &of.memorydb.describe_clusters.read().unwrap().clusters;
    assert_eq!(clusters.len(), 2);
    assert_eq!(clusters[1].cluster_endpoint.as_ref().unwrap().port, Some(6379));
}

#[test]
fn a_refused_list_is_a_gap_and_no_empty_list() {
    let all = ["dms", "eks", "elasticache", "kafka", "memorydb", "mq", "rds", "redshift"];
    let cloud = Cloud::new(|asked| match asked.form.starts_with("Action=") {
        true => Said::Answer(
            403,
            "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>".to_owned(),
        ),
        false => json_error(400, "AccessDeniedException"),
    });
    let snapshot = with_latent(&cloud, &[&all[..], &["redshift-serverless"]].concat());
    let calls: Vec<_> = snapshot.gaps.iter().map(|gap| (gap.call(), gap.outcome)).collect();
    let expected = [
        "dms:DescribeReplicationInstances",
        "eks:ListClusters",
        "elasticache:DescribeCacheClusters",
        "elasticache:DescribeServerlessCaches",
        "kafka:ListClustersV2",
        "memorydb:DescribeClusters",
        "mq:ListBrokers",
        "rds:DescribeDBClusterSnapshots",
        "rds:DescribeDBClusters",
        "rds:DescribeDBInstances",
        "rds:DescribeDBSnapshots",
        "redshift:DescribeClusters",
        "redshift-serverless:ListWorkgroups",
    ];
    assert_eq!(calls, expected.map(|call| (call.to_owned(), Outcome::Denied)));
    assert!(region(&snapshot).is_empty(), "{snapshot:#?}");
}

#[test]
fn a_region_without_a_service_has_nothing_of_it() {
    let cloud = Cloud::within("ap-northeast-3", |_| Said::Nowhere);
    let snapshot = with_latent(&cloud, &["memorydb"]);
    assert_eq!(snapshot.gaps, []);
    let read = region(&snapshot).memorydb.describe_clusters.read();
    assert_eq!(read.unwrap().clusters, []);
    assert_eq!(cloud.asked().len(), 1);
    assert_eq!(cloud.asked()["DescribeClusters"], 1, "an endpoint that is not there is asked once");
}

#[test]
fn an_endpoint_that_cannot_be_reached_is_a_gap_where_the_service_is_offered() {
    let cloud = Cloud::within("eu-west-1", |_| Said::Nowhere);
    let snapshot = with_latent(&cloud, &["memorydb", "kafka"]);
    let calls: Vec<_> = snapshot.gaps.iter().map(|gap| (gap.call(), gap.outcome)).collect();
    assert_eq!(
        calls,
        [
            ("kafka:ListClustersV2".to_owned(), Outcome::Error),
            ("memorydb:DescribeClusters".to_owned(), Outcome::Error)
        ]
    );
    assert!(region(&snapshot).is_empty());
}

#[test]
fn a_service_that_answers_is_heard_also_where_it_was_not_offered() {
    let answers = Cloud::within("ap-northeast-3", |_| ok(r#"{"Clusters":[{"Name":"new"}]}"#));
    let snapshot = with_latent(&answers, &["memorydb"]);
    let read = region(&snapshot).memorydb.describe_clusters.read();
    assert_eq!(read.unwrap().clusters[0].name, "new");
    let refuses = Cloud::within("ap-northeast-3", |_| json_error(400, "AccessDeniedException"));
    let snapshot = with_latent(&refuses, &["memorydb"]);
    assert_eq!(snapshot.gaps[0].outcome, Outcome::Denied, "a refusal is no answer");
}
