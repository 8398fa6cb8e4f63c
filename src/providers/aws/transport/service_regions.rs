//! Which services a region does not have. There nothing can be, and nobody answers.

/// Regions without a service whose other regions are named by the AWS General Reference ("AWS
/// AppSync endpoints and quotas", "Amazon MemoryDB …", "Amazon Redshift …"), from the endpoint data
/// of botocore 1.44.5 (November 2026). Whatever else is asked is offered in every region of these
/// data. A region that is not listed is asked as if it had everything.
const NOT_AVAILABLE: &[(&str, &[&str])] = &[
    ("appsync", &["ap-east-2", "ap-southeast-6", "mx-central-1"]),
    // Of user pools China has none, of identity pools Ningxia ("Amazon Cognito endpoints and quotas").
    ("cognito-identity", &["cn-northwest-1"]),
    ("cognito-idp", &["cn-north-1", "cn-northwest-1"]),
    (
        "memorydb",
        &[
            "af-south-1",
            "ap-east-2",
            "ap-northeast-3",
            "ap-south-2",
            "ap-southeast-3",
            "ap-southeast-4",
            "ap-southeast-5",
            "ap-southeast-6",
            "ap-southeast-7",
            "ca-west-1",
            "eu-central-2",
            "il-central-1",
            "me-central-1",
            "me-south-1",
            "mx-central-1",
        ],
    ),
    ("redshift-serverless", &["me-south-1"]),
];

/// True where a service was not offered when the table was made. By itself this is no answer, since
/// services spread: only together with an endpoint that cannot be reached it is.
pub(crate) fn is_unavailable(region: &str, service: &str) -> bool {
    NOT_AVAILABLE.iter().any(|(name, regions)| *name == service && regions.contains(&region))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::aws::calls::CALLS;

    #[test]
    fn the_table_names_services_that_are_asked_and_sorted_regions() {
        for (service, regions) in NOT_AVAILABLE {
            assert!(CALLS.iter().any(|call| call.service == *service), "{service}");
            assert!(regions.is_sorted() && !regions.is_empty(), "{service}");
        }
        assert!(is_unavailable("me-south-1", "redshift-serverless"));
        assert!(!is_unavailable("eu-west-1", "memorydb"));
        assert!(!is_unavailable("xx-new-1", "memorydb"), "an unknown region is asked");
    }
}
