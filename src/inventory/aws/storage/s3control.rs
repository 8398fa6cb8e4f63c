//! S3 Control: the account's own block, and access points with their policies.

use std::collections::BTreeMap;

use super::s3::{
    BucketPolicyStatus, PolicyStatus, PublicAccessBlock, PublicAccessBlockConfiguration,
};
use crate::model::Known;

operations! {
    /// Answers of S3 Control.
    S3Control {
        /// Account level block public access; `null` is no configuration.
        get_public_access_block: Known<Option<PublicAccessBlock>>,
        /// Access points of the region.
        list_access_points: Known<AccessPoints>,
        /// Access points one by one, by name.
        get_access_point: BTreeMap<String, AccessPointDetails>,
        /// Policies of access points, by name; `null` is no policy.
        get_access_point_policy: BTreeMap<String, Option<AccessPointPolicy>>,
        /// AWS's own rulings on those policies, by name.
        get_access_point_policy_status: BTreeMap<String, Option<BucketPolicyStatus>>,
        /// Access points that span regions, of the whole account.
        list_multi_region_access_points: Known<MultiRegionAccessPoints>,
        /// Their policies, by name; `null` is no policy.
        get_multi_region_access_point_policy: BTreeMap<String, Option<MultiRegionPolicy>>,
        /// AWS's own rulings on those policies, by name.
        get_multi_region_access_point_policy_status: BTreeMap<String, Option<MultiRegionPolicyStatus>>,
    }
}

responses! {
    /// Response of ListAccessPoints.
    AccessPoints {
        /// The access points, all pages together.
        access_point_list: Vec<AccessPoint>,
    }

    /// An access point: a door of its own to a bucket, with its own policy.
    AccessPoint {
        /// Its name, unique in account and region.
        name: String,
        /// The bucket behind it.
        bucket: String,
        /// `Internet` or `VPC`.
        network_origin: Option<String>,
        access_point_arn: Option<String>,
        /// Account of the bucket, which may be another than that of the access point.
        bucket_account_id: Option<String>,
    }

    /// Response of GetAccessPoint.
    AccessPointDetails {
        /// Its own four settings, fixed when it was made.
        public_access_block_configuration: Option<PublicAccessBlockConfiguration>,
    }

    /// Response of GetAccessPointPolicy.
    AccessPointPolicy {
        /// The policy document as text.
        policy: Option<String>,
    }

    /// Response of ListMultiRegionAccessPoints.
    MultiRegionAccessPoints {
        /// The access points, all pages together.
        access_points: Vec<MultiRegionAccessPoint>,
    }

    /// An access point before buckets in several regions. It always faces the internet.
    MultiRegionAccessPoint {
        name: String,
        /// The name in its ARN and host, `….mrap`.
        alias: Option<String>,
        /// Its own four settings, fixed when it was made.
        public_access_block: Option<PublicAccessBlockConfiguration>,
        /// `READY`, `CREATING` and others.
        status: Option<String>,
        /// The buckets behind it.
        regions: Vec<MultiRegionBucket>,
    }

    /// A bucket behind a multi-region access point.
    MultiRegionBucket {
        bucket: String,
        /// Where it is kept.
        region: Option<String>,
        bucket_account_id: Option<String>,
    }

    /// Response of GetMultiRegionAccessPointPolicy.
    MultiRegionPolicy {
        /// The policy in force and the one under way.
        policy: MultiRegionPolicyDocument,
    }

    /// The policy of a multi-region access point.
    MultiRegionPolicyDocument {
        /// The one in force.
        established: Option<AccessPointPolicy>,
    }

    /// Response of GetMultiRegionAccessPointPolicyStatus.
    MultiRegionPolicyStatus {
        /// The ruling on the policy in force.
        established: Option<PolicyStatus>,
    }
}
