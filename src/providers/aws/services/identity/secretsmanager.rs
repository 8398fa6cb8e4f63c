//! Secrets of Secrets Manager, and the policy on each. No value is read.

use aws_sdk_secretsmanager::operation::get_resource_policy::GetResourcePolicyOutput;
use aws_sdk_secretsmanager::operation::list_secrets::ListSecretsOutput;
use aws_sdk_secretsmanager::types::SecretListEntry;

use crate::inventory::aws::calls::secretsmanager::{GET_RESOURCE_POLICY, LIST_SECRETS};
use crate::inventory::aws::secretsmanager::{Secret, SecretPolicy, Secrets};
use crate::inventory::aws::{SecretsManager, Services};
use crate::model::Known;
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Converted, Site, client};

pub(crate) static COLLECTOR: Collector = Collector {
    service: "secretsmanager",
    scope: Scope::Region,
    calls: &[&GET_RESOURCE_POLICY, &LIST_SECRETS],
    collect: |site| Box::pin(collect(site)),
};

async fn collect(site: &Site) -> Services {
    let sdk = client!(aws_sdk_secretsmanager, site);
    // 100 is the most that MaxResults allows. Secrets whose deletion was asked for are not listed
    // unless that is wanted (Secrets Manager API reference, ListSecrets).
    let pages = sdk.list_secrets().into_paginator().page_size(100).send();
    let open = |page: ListSecretsOutput| (page.secret_list, page.next_token);
    let listed = site.list_apart(&LIST_SECRETS, pages, open, secret).await;
    let Known::Read(mut secrets) = listed else { return Services::default() };
    let ask = |arn: &str| sdk.get_resource_policy().secret_id(arn).send();
    let policies =
        site.each(&GET_RESOURCE_POLICY, &mut secrets, |secret| &secret.arn, ask, policy).await;
    let secretsmanager = SecretsManager {
        list_secrets: Known::Read(Secrets { secret_list: secrets }),
        get_resource_policy: policies,
    };
    Services { secretsmanager, ..Services::default() }
}

fn secret(from: SecretListEntry) -> Secret {
    Secret {
        arn: from.arn.unwrap_or_default(),
        name: from.name.unwrap_or_default(),
        kms_key_id: from.kms_key_id,
        deleted_date: from.deleted_date.map(|date| date.to_string().into()),
    }
}

fn policy(answer: GetResourcePolicyOutput) -> Converted<SecretPolicy> {
    // Whose policy it is stands in every answer: one without it says nothing.
    let arn = Some(answer.arn.ok_or("an answer without the secret's ARN")?);
    let resource_policy = answer.resource_policy.filter(|policy| !policy.is_empty());
    Ok(SecretPolicy { arn, resource_policy })
}

#[cfg(test)]
mod tests {
    use crate::model::Outcome;
    use crate::providers::aws::tests::replay::{Cloud, json_error, ok};

    fn arn(name: &str) -> String {
        format!("arn:aws:secretsmanager:us-east-1:1:secret:{name}-AbCdEf")
    }

    fn listed(name: &str) -> String {
        format!(r#"{{"ARN":"{}","Name":"{name}","KmsKeyId":"alias/own"}}"#, arn(name))
    }

    #[test]
    fn secrets_are_read_over_several_pages_and_each_is_asked_for_its_policy() {
        let cloud = Cloud::new(|asked| match asked.what.as_str() {
            "ListSecrets" if asked.form.contains("NextToken") => {
                let plain = format!(r#"{{"ARN":"{}","Name":"plain"}}"#, arn("plain"));
                let more = [listed("gone"), listed("odd"), plain].join(",");
                ok(format!(r#"{{"SecretList":[{more}]}}"#))
            }
            "ListSecrets" => {
                assert!(!asked.form.contains("IncludePlannedDeletion"), "{}", asked.form);
                let first = [listed("open"), listed("denied")].join(",");
                ok(format!(r#"{{"SecretList":[{first}],"NextToken":"more"}}"#))
            }
            "GetResourcePolicy" if asked.form.contains("secret:open") => {
                let arn = arn("open");
                ok(format!(r#"{{"ARN":"{arn}","Name":"open","ResourcePolicy":"{{}}"}}"#))
            }
            "GetResourcePolicy" if asked.form.contains("secret:plain") => {
                ok(format!(r#"{{"ARN":"{}","Name":"plain"}}"#, arn("plain")))
            }
            "GetResourcePolicy" if asked.form.contains("secret:gone") => {
                json_error(400, "ResourceNotFoundException")
            }
            "GetResourcePolicy" if asked.form.contains("secret:odd") => ok("{}"),
            "GetResourcePolicy" => json_error(400, "AccessDeniedException"),
            other => panic!("{other}"),
        });
        let snapshot = cloud.collect(&["secretsmanager"]);
        let read = &snapshot.regions["us-east-1"].secretsmanager;
        let secrets = &read.list_secrets.read().expect("a list").secret_list;
        let names: Vec<_> = secrets.iter().map(|secret| secret.name.as_str()).collect();
        assert_eq!(names, ["denied", "odd", "open", "plain"], "what is gone is no gap");
        assert_eq!(secrets[2].kms_key_id.as_deref(), Some("alias/own"));
        assert_eq!(secrets[3].kms_key_id, None);
        let policies: Vec<_> = read
            .get_resource_policy
            .values()
            .map(|answer| answer.resource_policy.as_deref())
            .collect();
        assert_eq!(policies, [Some("{}"), None], "of `open` and `plain`");
        let gaps: Vec<_> = snapshot.gaps.iter().map(|gap| (gap.call(), gap.outcome)).collect();
        let call = || "secretsmanager:GetResourcePolicy".to_owned();
        assert_eq!(gaps, [(call(), Outcome::Denied), (call(), Outcome::Malformed)]);
    }

    #[test]
    fn a_region_without_secrets_costs_one_call_and_a_refused_list_is_one_gap() {
        let cloud = Cloud::new(|_| ok(r#"{"SecretList":[]}"#));
        assert_eq!(cloud.collect(&["secretsmanager"]).gaps, []);
        assert_eq!(cloud.asked(), [("ListSecrets".to_owned(), 1)].into());
        let cloud = Cloud::new(|_| json_error(400, "AccessDeniedException"));
        let snapshot = cloud.collect(&["secretsmanager"]);
        assert!(snapshot.regions["us-east-1"].secretsmanager.list_secrets.is_unread());
        let gaps: Vec<_> = snapshot.gaps.iter().map(|gap| (gap.call(), gap.outcome)).collect();
        assert_eq!(gaps, [("secretsmanager:ListSecrets".to_owned(), Outcome::Denied)]);
    }
}
