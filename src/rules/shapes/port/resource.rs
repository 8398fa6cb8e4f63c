//! The resource that an open port belongs to, and the name that people gave it.

use super::service;
use crate::analysis::aws::network::{ResourceKind, Row};
use crate::inventory::aws::kinds;
use crate::model::Resource;
use crate::rules::Context;
use crate::rules::Region;
use crate::rules::shapes::port::Opening;

/// What a finding is about: of a way through a load balancer its target group or, where there are
/// none of those, the load balancer.
pub fn resource(cx: &Context<'_>, region: &Region<'_, '_>, worst: &Opening<'_, '_>) -> Resource {
    let Some(path) = worst.path else { return resource_of_row(cx, region, worst.row) };
    let place = cx.snapshot.place(region.name);
    match path.group {
        Some(group) => {
            let arn = group.target_group_arn.as_str();
            let id = group.target_group_name.as_deref().unwrap_or(arn);
            kinds::ELB_TARGET_GROUP.resource_of(&place, id, arn.to_owned())
        }
        None => kinds::ELB_LOAD_BALANCER.resource(&place, path.balancer),
    }
}

/// What a row is about.
pub fn resource_of_row(cx: &Context<'_>, region: &Region<'_, '_>, row: &Row<'_>) -> Resource {
    let (kind, id) = (row.kind, row.resource);
    let of = |kind: &kinds::Kind| kind.resource(&cx.snapshot.place(region.name), id);
    let mut resource = match kind {
        ResourceKind::Instance => of(&kinds::EC2_INSTANCE),
        ResourceKind::Interface => of(&kinds::EC2_NETWORK_INTERFACE),
        ResourceKind::SecurityGroup => of(&kinds::EC2_SECURITY_GROUP),
        ResourceKind::LoadBalancer => of(&kinds::ELB_LOAD_BALANCER),
        ResourceKind::Function => of(&kinds::LAMBDA_FUNCTION),
        of_service => return service::resource(cx, region, of_service, id),
    };
    if let Some(arn) = row.arn {
        resource = resource.with_arn(arn);
    }
    resource.name = name(region, kind, id);
    resource
}

/// The name that people gave it.
fn name(region: &Region<'_, '_>, kind: ResourceKind, id: &str) -> Option<String> {
    let ec2 = &region.services.ec2;
    match kind {
        ResourceKind::Instance => {
            let instances = ec2.describe_instances.read()?;
            let mut all = instances.reservations.iter().flat_map(|r| &r.instances);
            let instance = all.find(|instance| instance.instance_id == id)?;
            let tag = instance.tags.iter().find(|tag| tag.key == "Name")?;
            (!tag.value.is_empty()).then(|| tag.value.clone())
        }
        ResourceKind::Interface => {
            let interfaces = ec2.describe_network_interfaces.read()?;
            let mut all = interfaces.network_interfaces.iter();
            let interface = all.find(|interface| interface.network_interface_id == id)?;
            (!interface.description.is_empty()).then(|| interface.description.clone())
        }
        ResourceKind::SecurityGroup => {
            let groups = ec2.describe_security_groups.read()?;
            let group = groups.security_groups.iter().find(|group| group.group_id == id)?;
            group.group_name.clone()
        }
        _ => None,
    }
}
