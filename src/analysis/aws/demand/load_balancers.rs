//! Load balancers: listeners first; where the internet gets in, what is behind them.

use std::collections::BTreeSet;

use super::{CollectionPlan, FollowUp};
use crate::analysis::aws::network::{self, reads};
use crate::inventory::aws::Services;
use crate::inventory::aws::calls::elbv2;
use crate::inventory::aws::elbv2::LoadBalancer;

/// Whether a load balancer's listeners can change an answer: not those of gateway load balancers,
/// which are no destination, and of internal ones only where what is shut is wanted too.
pub fn listeners_matter(balancer: &LoadBalancer, plan: &CollectionPlan) -> bool {
    let internal = balancer.scheme.as_deref() == Some("internal");
    balancer.kind.as_deref() != Some("gateway") && (plan.latent || !internal)
}

/// What the network engine lacks of the load balancers in one region of the account. It follows only what the
/// internet gets in to, so what is behind a load balancer that nobody can open is never asked for.
/// Answers raise further questions, until nothing new comes up.
pub fn follow_ups(account: &str, services: &Services) -> BTreeSet<FollowUp> {
    if services.elbv2.describe_listeners.is_empty() {
        return BTreeSet::new();
    }
    let unread = network::analyse(account, services).unread.into_iter();
    unread
        .filter(|unread| {
            unread.call == &elbv2::DESCRIBE_LISTENERS || reads::TARGETS.contains(&unread.call)
        })
        .map(|unread| FollowUp { call: unread.call, resource: unread.resource })
        .collect()
}
