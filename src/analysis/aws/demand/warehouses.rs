//! Data warehouses of Redshift.

use super::CollectionPlan;
use crate::inventory::aws::Redshift;

/// Where a cluster sits matters once it may be reached there.
pub fn subnet_groups_matter(redshift: &Redshift, plan: &CollectionPlan) -> bool {
    redshift.describe_clusters.read().is_some_and(|read| {
        let mut clusters = read.clusters.iter();
        clusters.any(|cluster| plan.latent || cluster.publicly_accessible.unwrap_or_default())
    })
}
