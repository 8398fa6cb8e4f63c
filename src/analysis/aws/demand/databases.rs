//! Databases of RDS.

use super::CollectionPlan;

/// With whom a snapshot is shared is asked where it can be everyone; a probe learns whether it would
/// be refused.
pub fn sharing_matters(can_be_public: bool, plan: &CollectionPlan) -> bool {
    can_be_public || plan.probe.is_some()
}
