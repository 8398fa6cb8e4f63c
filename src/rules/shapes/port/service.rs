//! What the rules about managed services share: from the network's rows to findings.

use super::opening::severity;
use super::report::{note_unread_of, openings, report_closing};
use crate::analysis::aws::network::catalogue::Class;
use crate::analysis::aws::network::reads::CONTROLS;
use crate::analysis::aws::network::{ResourceKind, Sources};
use crate::inventory::aws::{Services, kinds};
use crate::model::{Remediation, Resource, Severity};
use crate::rules::Region;
use crate::rules::{Context, Findings};

/// How a rule reports the endpoints of a service.
pub struct Service {
    /// What its rows are about.
    pub kind: ResourceKind,
    /// True when there is any, so that facts of the network matter.
    pub any: fn(&Services) -> bool,
    /// How bad it is that the internet, or a large part of it, reaches one.
    pub severity: fn(&Services, &str, Sources) -> Severity,
    /// What listens, where the port alone does not tell.
    pub product: fn(&Services, &str) -> Product,
    /// How to close one that no security group guards: region and name are given.
    pub close: fn(&str, &str) -> Remediation,
}

/// What listens on an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// What usually listens on its port.
    OfPort,
    /// This.
    Named(&'static str),
    /// Nobody knows.
    Unknown,
}

/// A database that is open is as bad whatever its port.
pub fn database(_: &Services, _: &str, sources: Sources) -> Severity {
    severity(Class::Database, sources)
}

/// What usually listens on the port.
pub fn of_port(_: &Services, _: &str) -> Product {
    Product::OfPort
}

/// The remedy where there is nothing but groups to narrow.
pub fn by_groups(_: &str, _: &str) -> Remediation {
    let text = "make it not publicly accessible, or guard it with a security group that admits \
                only the addresses that need it";
    Remediation { text: text.to_owned(), command: None }
}

/// Reports what the internet can open of a service.
pub fn evaluate(cx: &Context<'_>, found: &mut Findings, service: &Service) {
    for region in cx.regions() {
        // Without word of the service itself that is missing; the network's facts matter only
        // where there is something.
        note_unread_of(&region, found, |call| {
            let wanted = cx.latent || !call.only_latent;
            let of_network = CONTROLS.contains(&call);
            wanted && (!of_network || (service.any)(region.services))
        });
        let rows = openings(&region, |row| row.kind == service.kind);
        for mut openings in rows.into_values() {
            let Some(id) = openings.first().map(|opening| opening.row.resource) else { continue };
            for opening in &mut openings {
                opening.severity = (service.severity)(region.services, id, opening.row.sources);
                match (service.product)(region.services, id) {
                    Product::OfPort => {}
                    Product::Named(name) => opening.usage.products = vec![name],
                    Product::Unknown => opening.usage.products.clear(),
                }
            }
            report_closing(cx, &region, found, openings, |by_groups| match by_groups.command {
                Some(_) => by_groups,
                None => (service.close)(region.name, id),
            });
        }
    }
}

/// What a service says of one of its resources.
struct Listed<'s> {
    kind: &'static kinds::Kind,
    arn: Option<&'s str>,
    name: Option<&'s str>,
}

/// A resource of a service, with the ARN that the service tells.
pub fn resource(
    cx: &Context<'_>,
    region: &Region<'_, '_>,
    kind: ResourceKind,
    id: &str,
) -> Resource {
    let Listed { kind, arn, name } = listed(region.services, kind, id);
    let mut resource = kind.resource(&cx.snapshot.place(region.name), id);
    if let Some(arn) = arn {
        resource = resource.with_arn(arn);
    }
    resource.name = name.filter(|name| *name != id).map(str::to_owned);
    resource
}

fn listed<'s>(services: &'s Services, kind: ResourceKind, id: &str) -> Listed<'s> {
    let of = |kind, arn| Listed { kind, arn, name: None };
    match kind {
        ResourceKind::DatabaseCluster => {
            let read = services.rds.describe_db_clusters.read();
            let mut all = read.into_iter().flat_map(|read| &read.db_clusters);
            let own = all.find(|cluster| cluster.db_cluster_identifier == id);
            let arn = own.and_then(|cluster| cluster.db_cluster_arn.as_deref());
            of(&kinds::RDS_CLUSTER, arn)
        }
        ResourceKind::Cluster => of(&kinds::REDSHIFT_CLUSTER, None),
        ResourceKind::Workgroup => {
            let read = services.redshift_serverless.list_workgroups.read();
            let mut all = read.into_iter().flat_map(|read| &read.workgroups);
            let own = all.find(|workgroup| workgroup.workgroup_name == id);
            let arn = own.and_then(|workgroup| workgroup.workgroup_arn.as_deref());
            of(&kinds::REDSHIFT_SERVERLESS_WORKGROUP, arn)
        }
        ResourceKind::ReplicationInstance => {
            let read = services.dms.describe_replication_instances.read();
            let mut all = read.into_iter().flat_map(|read| &read.replication_instances);
            let own = all.find(|instance| instance.replication_instance_identifier == id);
            let arn = own.and_then(|instance| instance.replication_instance_arn.as_deref());
            of(&kinds::DMS_REPLICATION_INSTANCE, arn)
        }
        ResourceKind::KafkaCluster => {
            let read = services.kafka.list_clusters_v2.read();
            let mut all = read.into_iter().flat_map(|read| &read.cluster_info_list);
            let own = all.find(|cluster| cluster.cluster_name == id);
            let arn = own.and_then(|cluster| cluster.cluster_arn.as_deref());
            of(&kinds::MSK_CLUSTER, arn)
        }
        ResourceKind::Broker => {
            let read = services.mq.list_brokers.read();
            let mut all = read.into_iter().flat_map(|read| &read.broker_summaries);
            let own = all.find(|broker| broker.broker_id == id);
            let arn = own.and_then(|broker| broker.broker_arn.as_deref());
            let name = own.and_then(|broker| broker.broker_name.as_deref());
            Listed { name, ..of(&kinds::MQ_BROKER, arn) }
        }
        ResourceKind::KubernetesCluster => {
            let own = services.eks.describe_cluster.get(id);
            let arn = own.and_then(|own| own.cluster.arn.as_deref());
            of(&kinds::EKS_CLUSTER, arn)
        }
        ResourceKind::Cache => {
            let read = services.elasticache.describe_cache_clusters.read();
            let mut all = read.into_iter().flat_map(|read| &read.cache_clusters);
            let own = all.find(|cluster| cluster.cache_cluster_id == id);
            let arn = own.and_then(|cluster| cluster.arn.as_deref());
            of(&kinds::ELASTICACHE_CLUSTER, arn)
        }
        ResourceKind::MemoryCluster => {
            let read = services.memorydb.describe_clusters.read();
            let mut all = read.into_iter().flat_map(|read| &read.clusters);
            let own = all.find(|cluster| cluster.name == id);
            let arn = own.and_then(|cluster| cluster.arn.as_deref());
            of(&kinds::MEMORYDB_CLUSTER, arn)
        }
        _ => of(&kinds::RDS_INSTANCE, None),
    }
}
