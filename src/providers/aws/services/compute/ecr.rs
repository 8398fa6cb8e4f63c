//! Repositories of ECR, the policy on each, and the registry's policy over all of them.

use aws_sdk_ecr::Client;
use aws_sdk_ecr::types;

use crate::inventory::aws::calls::ecr::{
    DESCRIBE_REPOSITORIES, GET_REGISTRY_POLICY, GET_REPOSITORY_POLICY,
};
use crate::inventory::aws::ecr::{RegistryPolicy, Repositories, Repository, RepositoryPolicy};
use crate::inventory::aws::{Ecr, Services};
use crate::model::Known;
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Gone, Site, client};

pub(crate) static COLLECTOR: Collector = Collector {
    service: "ecr",
    scope: Scope::Region,
    calls: &[&DESCRIBE_REPOSITORIES, &GET_REGISTRY_POLICY, &GET_REPOSITORY_POLICY],
    collect: |site| Box::pin(collect(site)),
};

async fn collect(site: &Site) -> Services {
    let sdk = client!(aws_sdk_ecr, site);
    // 1000 is the most that maxResults allows (ECR API reference, DescribeRepositories).
    let pages = sdk.describe_repositories().into_paginator().page_size(1000).send();
    let open = |page: aws_sdk_ecr::operation::describe_repositories::DescribeRepositoriesOutput| {
        (page.repositories, page.next_token)
    };
    let listed = site.list_apart(&DESCRIBE_REPOSITORIES, pages, open, repository).await;
    let Known::Read(repositories) = listed else { return Services::default() };
    let mut ecr = Ecr::default();
    // Without a repository there is nothing that the registry's policy could open.
    if !repositories.is_empty() {
        ecr.get_registry_policy = registry_policy(site, &sdk).await;
    }
    let mut left = Vec::new();
    let asked = site.gather(repositories, |repository| about(site, &sdk, repository));
    for (repository, policy) in asked.await {
        if let Known::Read(policy) = policy {
            ecr.get_repository_policy.insert(repository.repository_name.clone(), policy);
        }
        left.push(repository);
    }
    left.sort_by(|one, other| one.repository_name.cmp(&other.repository_name));
    ecr.describe_repositories = Known::Read(Repositories { repositories: left });
    Services { ecr, ..Services::default() }
}

fn repository(from: types::Repository) -> Repository {
    Repository {
        repository_name: from.repository_name.unwrap_or_default(),
        repository_arn: from.repository_arn,
    }
}

async fn registry_policy(site: &Site, sdk: &Client) -> Known<Option<RegistryPolicy>> {
    let call = sdk.get_registry_policy().send();
    let policy = site.find(&GET_REGISTRY_POLICY, None, call, |answer| {
        let text = answer.policy_text.ok_or("an answer without a policy")?;
        Ok(RegistryPolicy { policy_text: Some(text) })
    });
    // Nothing is gone here: the call is about the account's own registry.
    policy.await.unwrap_or_default()
}

/// Asks for the policy of one repository.
async fn about(
    site: &Site,
    sdk: &Client,
    repository: Repository,
) -> Result<(Repository, Known<Option<RepositoryPolicy>>), Gone> {
    let name = repository.repository_name.as_str();
    let call = sdk.get_repository_policy().repository_name(name).send();
    let policy = site.find(&GET_REPOSITORY_POLICY, Some(name), call, |answer| {
        let text = answer.policy_text.ok_or("an answer without a policy")?;
        Ok(RepositoryPolicy { policy_text: Some(text) })
    });
    let policy = policy.await?;
    Ok((repository, policy))
}

#[cfg(test)]
mod tests {
    use crate::model::Outcome;
    use crate::providers::aws::tests::replay::{Cloud, json_error, ok};

    fn listed(name: &str) -> String {
        let arn = format!("arn:aws:ecr:us-east-1:1:repository/{name}");
        format!(r#"{{"repositoryName":"{name}","repositoryArn":"{arn}","registryId":"1"}}"#)
    }

    #[test]
    fn repositories_are_read_over_several_pages_each_with_its_policy_and_the_registrys_once() {
        let cloud = Cloud::new(|asked| match asked.what.as_str() {
            "DescribeRepositories" if asked.form.contains("nextToken") => {
                let more = [listed("gone"), listed("odd"), listed("plain")].join(",");
                ok(format!(r#"{{"repositories":[{more}]}}"#))
            }
            "DescribeRepositories" => {
                let first = [listed("open"), listed("denied")].join(",");
                ok(format!(r#"{{"repositories":[{first}],"nextToken":"more"}}"#))
            }
            "GetRegistryPolicy" => ok(r#"{"registryId":"1","policyText":"{}"}"#),
            "GetRepositoryPolicy" if asked.form.contains("\"open\"") => {
                ok(r#"{"registryId":"1","repositoryName":"open","policyText":"{}"}"#)
            }
            "GetRepositoryPolicy" if asked.form.contains("\"plain\"") => {
                json_error(400, "RepositoryPolicyNotFoundException")
            }
            "GetRepositoryPolicy" if asked.form.contains("\"gone\"") => {
                json_error(400, "RepositoryNotFoundException")
            }
            "GetRepositoryPolicy" if asked.form.contains("\"odd\"") => ok("{}"),
            "GetRepositoryPolicy" => json_error(400, "AccessDeniedException"),
            other => panic!("{other}"),
        });
        let snapshot = cloud.collect(&["ecr"]);
        let ecr = &snapshot.regions["us-east-1"].ecr;
        let repositories = &ecr.describe_repositories.read().expect("a list").repositories;
        let names: Vec<_> = repositories.iter().map(|one| one.repository_name.as_str()).collect();
        assert_eq!(names, ["denied", "odd", "open", "plain"], "what is gone is no gap");
        let text = |name: &str| {
            let policy = &ecr.get_repository_policy[name];
            policy.as_ref().and_then(|policy| policy.policy_text.as_deref())
        };
        assert_eq!((text("open"), text("plain")), (Some("{}"), None));
        assert_eq!(ecr.get_repository_policy.len(), 2);
        let registry =
            ecr.get_registry_policy.read().expect("an answer").as_ref().expect("a policy");
        assert_eq!(registry.policy_text.as_deref(), Some("{}"));
        assert_eq!(cloud.asked()["GetRegistryPolicy"], 1);
        let gaps: Vec<_> = snapshot.gaps.iter().map(|gap| (gap.call(), gap.outcome)).collect();
        let call = || "ecr:GetRepositoryPolicy".to_owned();
        assert_eq!(gaps, [(call(), Outcome::Denied), (call(), Outcome::Malformed)]);
    }

    #[test]
    fn a_registry_without_policy_is_no_gap_and_one_that_refuses_is() {
        let ask = |code: &'static str| {
            let cloud = Cloud::new(move |asked| match asked.what.as_str() {
                "DescribeRepositories" => ok(format!(r#"{{"repositories":[{}]}}"#, listed("a"))),
                "GetRegistryPolicy" => json_error(400, code),
                _ => json_error(400, "RepositoryPolicyNotFoundException"),
            });
            cloud.collect(&["ecr"])
        };
        let none = ask("RegistryPolicyNotFoundException");
        assert_eq!(none.gaps, []);
        assert_eq!(none.regions["us-east-1"].ecr.get_registry_policy.read(), Some(&None));
        let denied = ask("AccessDeniedException");
        assert!(denied.regions["us-east-1"].ecr.get_registry_policy.is_unread());
        let gaps: Vec<_> = denied.gaps.iter().map(|gap| (gap.call(), gap.outcome)).collect();
        assert_eq!(gaps, [("ecr:GetRegistryPolicy".to_owned(), Outcome::Denied)]);
    }

    #[test]
    fn a_region_without_repositories_costs_one_call() {
        let cloud = Cloud::new(|_| ok(r#"{"repositories":[]}"#));
        assert_eq!(cloud.collect(&["ecr"]).gaps, []);
        assert_eq!(cloud.asked(), [("DescribeRepositories".to_owned(), 1)].into());
    }
}
