//! The resource that an open port belongs to.

use super::opening::Opening;
use crate::inventory::aws::kinds;
use crate::model::Resource;
use crate::rules::Region;

/// What a finding is about: of a way through a load balancer its target group or, where there are
/// none of those, the load balancer.
pub fn resource(region: &Region<'_, '_>, worst: &Opening<'_, '_>) -> Resource {
    let place = region.place();
    let Some(path) = worst.path else { return worst.row.resource.resource(&place) };
    match path.group {
        Some(group) => {
            let arn = group.target_group_arn.as_str();
            let id = group.target_group_name.as_deref().unwrap_or(arn);
            kinds::ELB_TARGET_GROUP.resource_of(&place, id, arn)
        }
        None => kinds::ELB_LOAD_BALANCER.resource(&place, path.balancer),
    }
}
