//! Tasks of ECS: asked for where the internet reaches an interface of one.
//!
//! ECS is asked for clusters, then for the tasks of each, then what each task is (a hundred a call),
//! and for the definitions of those alone whose interface is reached. An account without such an
//! interface costs no call.

use std::collections::BTreeSet;

use super::CollectionPlan;
use crate::analysis::aws::network;
use crate::analysis::aws::tasks::{self, NamedBy, is_of_a_task};
use crate::inventory::aws::calls::ecs::LIST_CLUSTERS;
use crate::inventory::aws::{Ecs, Services};

/// The interfaces of tasks that the internet reaches: where there is none, ECS is not asked.
pub fn tasks_matter(account: &str, services: &Services, plan: &CollectionPlan) -> BTreeSet<String> {
    let listed = services.ec2.describe_network_interfaces.read();
    let mut listed = listed.into_iter().flat_map(|read| &read.network_interfaces);
    if !plan.wants(&LIST_CLUSTERS) || !listed.any(is_of_a_task) {
        return BTreeSet::new();
    }
    let network = network::analyse(account, services);
    tasks::reached(&network, &services.ec2).into_iter().map(str::to_owned).collect()
}

/// The task definitions that name the roles of the tasks with these interfaces; for a probe those of
/// whatever tasks it looked at.
pub fn definitions_matter(
    ecs: &Ecs,
    interfaces: &BTreeSet<String>,
    plan: &CollectionPlan,
) -> BTreeSet<String> {
    let all = || ecs.describe_tasks.values().flat_map(|described| &described.tasks);
    let probed = plan.probe.into_iter().flat_map(|most| all().take(most));
    let reached = interfaces.iter().filter_map(|own| tasks::with_interface(ecs, own));
    let named = reached.chain(probed).filter_map(|task| match tasks::role_named_by(task) {
        NamedBy::Definition(definition) => Some(definition.to_owned()),
        NamedBy::Override(_) | NamedBy::Nothing => None,
    });
    named.collect()
}
