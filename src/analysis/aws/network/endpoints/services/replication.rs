//! Replication instances of the Database Migration Service.

use crate::inventory::aws::dms::ReplicationInstance;
use crate::inventory::aws::{calls, kinds};

use super::{Placement, ServiceEndpoint, ServiceListeners, active, in_zone, switch, vpc_of};
use crate::analysis::aws::network::endpoints::states;
use crate::analysis::aws::network::facts::RegionFacts;
use crate::analysis::aws::network::protocol::Proto;
use crate::analysis::aws::network::rows::ResourceRef;

/// Replication instances.
pub(crate) fn instances<'a>(facts: &RegionFacts<'a>, all: &mut ServiceListeners<'a>) {
    let Some(read) = facts.services.dms.describe_replication_instances.read() else {
        return all.unread(&calls::dms::DESCRIBE_REPLICATION_INSTANCES);
    };
    for listed in &read.replication_instances {
        all.uses(&listed.vpc_security_groups);
        let placement = Placement::InVpc(instance(facts, listed));
        let id = listed.replication_instance_identifier.as_str();
        let resource = ResourceRef::new(&kinds::DMS_REPLICATION_INSTANCE, id);
        all.push(resource.with_arn(listed.replication_instance_arn.as_deref()), placement);
    }
}

/// It is documented as a client of databases, and no port on which it listens is (DMS user guide,
/// "Setting up a network for a replication instance"): whatever its groups admit may be answered.
fn instance<'a>(facts: &RegionFacts<'a>, instance: &'a ReplicationInstance) -> ServiceEndpoint<'a> {
    let groups = active(&instance.vpc_security_groups);
    let zone = instance.availability_zone.as_deref();
    let subnets = instance.replication_subnet_group.as_ref().map_or_else(Vec::new, |group| {
        let vpc = group.vpc_id.as_deref().or_else(|| vpc_of(facts, &groups));
        in_zone(facts, &group.subnets, zone, vpc.unwrap_or_default())
    });
    ServiceEndpoint {
        subnets,
        unplaced: None,
        groups,
        listens: [Proto::Tcp, Proto::Udp].map(|proto| (proto, (0, u16::MAX))).into(),
        shut: switch(instance.publicly_accessible),
        state: states::DMS.of(instance.replication_instance_status.as_deref()),
    }
}
