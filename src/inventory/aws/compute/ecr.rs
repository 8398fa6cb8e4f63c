//! Answers of the Elastic Container Registry. No image is ever pulled.

use std::collections::BTreeMap;

use crate::model::Known;

operations! {
    /// Answers of ECR in one region.
    Ecr {
        describe_repositories: Known<Repositories>,
        /// The policy over all repositories of the registry; `null` is no policy.
        get_registry_policy: Known<Option<RegistryPolicy>>,
        /// Policies of repositories, by name; `null` is no policy.
        get_repository_policy: BTreeMap<String, Option<RepositoryPolicy>>,
    }
}

responses! {
    "camelCase";
    /// Response of DescribeRepositories.
    Repositories {
        repositories: Vec<Repository>,
    }

    /// A repository of images.
    Repository {
        /// Its name, unique in account and region.
        repository_name: String,
        repository_arn: Option<String>,
    }

    /// Response of GetRegistryPolicy.
    RegistryPolicy {
        /// The policy document as text.
        policy_text: Option<String>,
    }

    /// Response of GetRepositoryPolicy.
    RepositoryPolicy {
        /// The policy document as text.
        policy_text: Option<String>,
    }
}
