//! User pools of Amazon Cognito, and who makes users in each. No user is read.

use aws_sdk_cognitoidentityprovider::operation::describe_user_pool::DescribeUserPoolOutput;
use aws_sdk_cognitoidentityprovider::operation::list_user_pools::ListUserPoolsOutput;
use aws_sdk_cognitoidentityprovider::{Client, types};

use crate::inventory::aws::calls::cognito_idp::{DESCRIBE_USER_POOL, LIST_USER_POOLS};
use crate::inventory::aws::cognito_idp::{
    AdminCreateUserConfig, DescribedUserPool, LambdaConfig, UserPool, UserPoolName, UserPools,
};
use crate::inventory::aws::{CognitoIdp, Services};
use crate::model::Known;
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Converted, Site, configured};

pub(crate) static COLLECTOR: Collector = Collector {
    service: "cognito-idp",
    scope: Scope::Region,
    calls: &[&DESCRIBE_USER_POOL, &LIST_USER_POOLS],
    collect: |site| Box::pin(collect(site)),
};

async fn collect(site: &Site) -> Services {
    let retries = site.retries("cognito-idp");
    let config = configured!(aws_sdk_cognitoidentityprovider, site).retry_config(retries);
    let sdk = Client::from_conf(config.build());
    // 60 is the most that MaxResults allows (Cognito user pools API reference, ListUserPools).
    let pages = sdk.list_user_pools().max_results(60).into_paginator().send();
    let open = |page: ListUserPoolsOutput| (page.user_pools, page.next_token);
    let listed = site.list_apart(&LIST_USER_POOLS, pages, open, listed).await;
    let Known::Read(mut pools) = listed else { return Services::default() };
    let ask = |id: &str| sdk.describe_user_pool().user_pool_id(id).send();
    let described =
        site.each(&DESCRIBE_USER_POOL, &mut pools, |pool| pool.id.as_str(), ask, pool).await;
    let cognito_idp = CognitoIdp {
        list_user_pools: Known::Read(UserPools { user_pools: pools }),
        describe_user_pool: described,
    };
    Services { cognito_idp, ..Services::default() }
}

fn listed(from: types::UserPoolDescriptionType) -> UserPoolName {
    UserPoolName { id: from.id.unwrap_or_default(), name: from.name.unwrap_or_default() }
}

/// Every pool has the configuration (Cognito user pools API reference, UserPoolType). The SDK turns a
/// switch that is missing in it into one that is off, which lets users sign themselves up.
fn pool(from: DescribeUserPoolOutput) -> Converted<DescribedUserPool> {
    let from = from.user_pool.ok_or("an answer without a pool")?;
    let config =
        from.admin_create_user_config.ok_or("an answer that does not say who makes users")?;
    Ok(DescribedUserPool {
        user_pool: UserPool {
            id: from.id.unwrap_or_default(),
            name: from.name.unwrap_or_default(),
            arn: from.arn,
            domain: from.domain,
            custom_domain: from.custom_domain,
            admin_create_user_config: Some(AdminCreateUserConfig {
                allow_admin_create_user_only: Some(config.allow_admin_create_user_only),
            }),
            lambda_config: from.lambda_config.and_then(|functions| {
                let pre_sign_up = functions.pre_sign_up;
                pre_sign_up.map(|function| LambdaConfig { pre_sign_up: Some(function) })
            }),
        },
    })
}

#[cfg(test)]
mod tests {
    use crate::model::Outcome;
    use crate::providers::aws::tests::replay::{Cloud, json_error, ok};

    fn listed(names: &[&str]) -> String {
        let pool = |name: &&str| format!(r#"{{"Id":"us-east-1_{name}","Name":"{name}"}}"#);
        names.iter().map(pool).collect::<Vec<_>>().join(",")
    }

    fn described(name: &str, more: &str) -> String {
        let arn = format!("arn:aws:cognito-idp:us-east-1:1:userpool/us-east-1_{name}");
        format!(r#"{{"UserPool":{{"Id":"us-east-1_{name}","Name":"{name}","Arn":"{arn}"{more}}}}}"#)
    }

    #[test]
    fn pools_are_read_over_several_pages_and_each_is_described() {
        const OPEN: &str = r#","AdminCreateUserConfig":{"AllowAdminCreateUserOnly":false},
            "LambdaConfig":{"PreSignUp":"arn:aws:lambda:us-east-1:1:function:check"},
            "Domain":"shop""#;
        const CLOSED: &str = r#","AdminCreateUserConfig":{"AllowAdminCreateUserOnly":true},
            "LambdaConfig":{}"#;
        let cloud = Cloud::new(|asked| match (asked.what.as_str(), asked.form.as_str()) {
            ("ListUserPools", form) => {
                assert!(form.contains(r#""MaxResults":60"#), "{form}");
                if form.contains("NextToken") {
                    let more = listed(&["gone", "odd", "closed", "silent"]);
                    ok(format!(r#"{{"UserPools":[{more}]}}"#))
                } else {
                    let first = listed(&["open", "denied"]);
                    ok(format!(r#"{{"UserPools":[{first}],"NextToken":"more"}}"#))
                }
            }
            (_, form) if form.contains("_open") => ok(described("open", OPEN)),
            (_, form) if form.contains("_closed") => ok(described("closed", CLOSED)),
            (_, form) if form.contains("_silent") => ok(described("silent", "")),
            (_, form) if form.contains("_gone") => json_error(400, "ResourceNotFoundException"),
            (_, form) if form.contains("_odd") => ok("{}"),
            _ => json_error(400, "AccessDeniedException"),
        });
        let snapshot = cloud.collect(&["cognito-idp"]);
        let read = &snapshot.regions["us-east-1"].cognito_idp;
        let pools = &read.list_user_pools.read().expect("a list").user_pools;
        let names: Vec<_> = pools.iter().map(|pool| pool.name.as_str()).collect();
        assert_eq!(names, ["closed", "denied", "odd", "open", "silent"], "what is gone is no gap");
        let open = &read.describe_user_pool["us-east-1_open"].user_pool;
        let only = |pool: &str| {
            let pool = &read.describe_user_pool[pool].user_pool;
            pool.admin_create_user_config.as_ref().and_then(|it| it.allow_admin_create_user_only)
        };
        assert_eq!(only("us-east-1_open"), Some(false));
        assert_eq!(only("us-east-1_closed"), Some(true));
        assert_eq!(open.domain.as_deref(), Some("shop"));
        let functions = open.lambda_config.as_ref().expect("functions");
        assert!(functions.pre_sign_up.as_deref().expect("one").ends_with(":check"));
        assert_eq!(read.describe_user_pool.len(), 2);
        let gaps = snapshot.gaps.iter();
        let gaps: Vec<_> =
            gaps.map(|gap| (gap.resource.as_deref().unwrap_or(""), gap.outcome)).collect();
        assert_eq!(
            gaps,
            [
                ("us-east-1_denied", Outcome::Denied),
                ("us-east-1_odd", Outcome::Malformed),
                ("us-east-1_silent", Outcome::Malformed),
            ]
        );
    }

    #[test]
    fn a_region_without_pools_costs_one_call_and_a_refused_list_is_one_gap() {
        let cloud = Cloud::new(|_| ok(r#"{"UserPools":[]}"#));
        assert_eq!(cloud.collect(&["cognito-idp"]).gaps, []);
        assert_eq!(cloud.asked(), [("ListUserPools".to_owned(), 1)].into());
        let cloud = Cloud::new(|_| json_error(400, "AccessDeniedException"));
        let snapshot = cloud.collect(&["cognito-idp"]);
        assert!(snapshot.regions["us-east-1"].cognito_idp.list_user_pools.is_unread());
        let gaps: Vec<_> = snapshot.gaps.iter().map(|gap| (gap.call(), gap.outcome)).collect();
        assert_eq!(gaps, [("cognito-idp:ListUserPools".to_owned(), Outcome::Denied)]);
    }
}
