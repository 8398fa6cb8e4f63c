//! Identity pools of Cognito.

use super::CollectionPlan;
use crate::inventory::aws::calls::cognito_idp::DESCRIBE_USER_POOL;
use crate::inventory::aws::cognito_identity::IdentityPool;

/// Whether the roles of a pool are asked for: of one that lets guests in and, where it is looked at who
/// may sign up in user pools, of one that gives their users credentials.
pub fn pool_roles_matter(pool: &IdentityPool, plan: &CollectionPlan) -> bool {
    let users = !pool.cognito_identity_providers.is_empty() && plan.wants(&DESCRIBE_USER_POOL);
    plan.probe.is_some() || pool.allow_unauthenticated_identities == Some(true) || users
}
