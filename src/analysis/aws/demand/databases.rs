//! Databases of RDS.

use super::{CollectionPlan, shares_matter};

/// With whom a snapshot is shared is asked where it can be everyone, or where named accounts matter as
/// well; a probe learns whether it would be refused.
pub fn sharing_matters(can_be_public: bool, plan: &CollectionPlan) -> bool {
    can_be_public || shares_matter(plan) || plan.probe.is_some()
}
