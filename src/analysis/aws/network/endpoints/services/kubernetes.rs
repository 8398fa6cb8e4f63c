//! The API of Kubernetes clusters of EKS.

use crate::inventory::aws::eks::VpcConfig;
use crate::inventory::aws::{calls, kinds};

use super::{ANYWHERE, Placement, ServiceListeners, ServiceManagedEndpoint};
use crate::analysis::aws::network::endpoints::states;
use crate::analysis::aws::network::facts::RegionFacts;
use crate::analysis::aws::network::rows::ResourceRef;

/// Clusters. What they are is told cluster by cluster.
pub(crate) fn clusters<'a>(facts: &RegionFacts<'a>, all: &mut ServiceListeners<'a>) {
    let Some(read) = facts.services.eks.list_clusters.read() else {
        return all.unread(&calls::eks::LIST_CLUSTERS);
    };
    for name in &read.clusters {
        let Some(described) = facts.services.eks.describe_cluster.get(name) else {
            all.unread_one(&calls::eks::DESCRIBE_CLUSTER, name);
            continue;
        };
        let access = described.cluster.resources_vpc_config.as_ref();
        if let Some(blocks) = blocks(access) {
            let placement = Placement::ServiceManaged(ServiceManagedEndpoint {
                blocks,
                ports: vec![443],
                why: "the public endpoint of the Kubernetes API".into(),
                state: states::EKS.of(described.cluster.status.as_deref()),
            });
            let resource = ResourceRef::new(&kinds::EKS_CLUSTER, name);
            all.push(resource.with_arn(described.cluster.arn.as_deref()), placement);
        }
    }
}

/// The blocks from which the API is reached; `None` where there is no public endpoint. It stands
/// outside the account's VPCs, public for everyone unless told otherwise (EKS API reference,
/// VpcConfigRequest: `endpointPublicAccess`, `publicAccessCidrs`).
pub(crate) fn blocks(access: Option<&VpcConfig>) -> Option<Vec<&str>> {
    if access.is_some_and(|access| access.endpoint_public_access == Some(false)) {
        return None;
    }
    let named = access.map_or(&[][..], |access| &access.public_access_cidrs);
    Some(match named {
        [] => ANYWHERE.to_vec(),
        named => named.iter().map(String::as_str).collect(),
    })
}
