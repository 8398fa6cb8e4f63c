//! Every kind of resource that is collected and bears a policy, but for those of S3: a line each. What
//! one is stands with the rule about the public.

use crate::inventory::aws::calls::Call;
use crate::rules::shapes::named::NamedKind;

/// Lists the kinds that rules lend, and what these read.
macro_rules! kinds {
    ($($family:ident::$rule:ident)*) => {
        /// The kinds.
        pub static KINDS: &[&NamedKind] = &[$(&super::super::$family::$rule::NAMED),*];

        /// The calls that tell the policies: of S3 and of [`KINDS`].
        pub static READS: &[&[&Call]] = &[
            super::super::s3::bucket_public::RULE.reads[0],
            super::super::s3::access_point_public::RULE.reads[0],
            super::super::s3::multi_region_access_point_public::RULE.reads[0],
            $(super::super::$family::$rule::RULE.reads[0]),*
        ];
    };
}

kinds! {
    ecr::repository_public
    kms::key_public
    lambda::function_public
    lambda::layer_public
    opensearch::domain_public
    secretsmanager::secret_public
    sns::topic_public
    sqs::queue_public
}
