//! Identity pools of Amazon Cognito, and the roles of those that let strangers in: guests, or whoever
//! signs up in a user pool.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_cognitoidentity::operation::describe_identity_pool::DescribeIdentityPoolOutput;
use aws_sdk_cognitoidentity::operation::get_identity_pool_roles::GetIdentityPoolRolesOutput;
use aws_sdk_cognitoidentity::operation::list_identity_pools::ListIdentityPoolsOutput;
use aws_sdk_cognitoidentity::{Client, types};

use crate::analysis::aws::demand;
use crate::inventory::aws::calls::cognito_identity::{
    DESCRIBE_IDENTITY_POOL, GET_IDENTITY_POOL_ROLES, LIST_IDENTITY_POOLS,
};
use crate::inventory::aws::cognito_identity::{
    CognitoIdentityProvider, IdentityPool, IdentityPoolName, IdentityPoolRoles, IdentityPools,
    RoleMapping,
};
use crate::inventory::aws::{CognitoIdentity, Services};
use crate::model::Known;
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Converted, Site, configured};

pub(crate) static COLLECTOR: Collector = Collector {
    service: "cognito-identity",
    scope: Scope::Region,
    calls: &[&DESCRIBE_IDENTITY_POOL, &GET_IDENTITY_POOL_ROLES, &LIST_IDENTITY_POOLS],
    collect: |site| Box::pin(collect(site)),
};

async fn collect(site: &Site) -> Services {
    let retries = site.retries("cognito-identity");
    let config = configured!(aws_sdk_cognitoidentity, site).retry_config(retries);
    let sdk = Client::from_conf(config.build());
    // 60 is the most that MaxResults allows (Cognito identity pools API reference).
    let pages = sdk.list_identity_pools().max_results(60).into_paginator().send();
    let open = |page: ListIdentityPoolsOutput| (page.identity_pools, page.next_token);
    let listed = site.list_apart(&LIST_IDENTITY_POOLS, pages, open, listed).await;
    let Known::Read(mut pools) = listed else { return Services::default() };
    let ask = |id: &str| sdk.describe_identity_pool().identity_pool_id(id).send();
    let described = site
        .each(&DESCRIBE_IDENTITY_POOL, &mut pools, |pool| &pool.identity_pool_id, ask, pool)
        .await;
    let asked = described.values().filter(|pool| demand::pool_roles_matter(pool, site.plan()));
    let mut asked: Vec<String> = asked.map(|pool| pool.identity_pool_id.clone()).collect();
    let ask = |id: &str| sdk.get_identity_pool_roles().identity_pool_id(id).send();
    let got = site.each(&GET_IDENTITY_POOL_ROLES, &mut asked, String::as_str, ask, roles).await;
    let cognito_identity = CognitoIdentity {
        list_identity_pools: Known::Read(IdentityPools { identity_pools: pools }),
        describe_identity_pool: described,
        get_identity_pool_roles: got,
    };
    Services { cognito_identity, ..Services::default() }
}

fn listed(from: types::IdentityPoolShortDescription) -> IdentityPoolName {
    IdentityPoolName {
        identity_pool_id: from.identity_pool_id.unwrap_or_default(),
        identity_pool_name: from.identity_pool_name.unwrap_or_default(),
    }
}

/// The SDK turns a switch that the answer lacks into one that is off, and an id into none: an answer
/// without the id says nothing.
fn pool(from: DescribeIdentityPoolOutput) -> Converted<IdentityPool> {
    if from.identity_pool_id.is_empty() {
        return Err("an answer without the pool's id");
    }
    let providers = from.cognito_identity_providers.unwrap_or_default().into_iter();
    Ok(IdentityPool {
        identity_pool_id: from.identity_pool_id,
        identity_pool_name: from.identity_pool_name,
        allow_unauthenticated_identities: Some(from.allow_unauthenticated_identities),
        allow_classic_flow: from.allow_classic_flow,
        supported_login_providers: from
            .supported_login_providers
            .unwrap_or_default()
            .into_keys()
            .map(|name| (name, ()))
            .collect(),
        developer_provider_name: from.developer_provider_name.filter(|name| !name.is_empty()),
        open_id_connect_provider_arns: from.open_id_connect_provider_arns.unwrap_or_default(),
        cognito_identity_providers: providers.map(provider).collect(),
        saml_provider_arns: from.saml_provider_arns.unwrap_or_default(),
        identity_pool_tags: sorted(from.identity_pool_tags),
    })
}

fn provider(from: types::CognitoIdentityProvider) -> CognitoIdentityProvider {
    CognitoIdentityProvider {
        provider_name: from.provider_name.unwrap_or_default(),
        client_id: from.client_id,
        server_side_token_check: from.server_side_token_check,
    }
}

fn roles(from: GetIdentityPoolRolesOutput) -> Converted<IdentityPoolRoles> {
    let id = from.identity_pool_id.filter(|id| !id.is_empty());
    let mappings = from.role_mappings.unwrap_or_default().into_iter();
    let mapping = |from: types::RoleMapping| RoleMapping {
        kind: Some(from.r#type.as_str().to_owned()),
        ambiguous_role_resolution: from
            .ambiguous_role_resolution
            .map(|resolution| resolution.as_str().to_owned()),
    };
    Ok(IdentityPoolRoles {
        identity_pool_id: Some(id.ok_or("an answer without the pool's id")?),
        roles: sorted(from.roles),
        role_mappings: mappings.map(|(provider, from)| (provider, mapping(from))).collect(),
    })
}

fn sorted(map: Option<HashMap<String, String>>) -> BTreeMap<String, String> {
    map.unwrap_or_default().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use crate::model::Outcome;
    use crate::providers::aws::tests::replay::{Cloud, json_error, ok};

    fn listed(names: &[&str]) -> String {
        let pool = |name: &&str| {
            format!(r#"{{"IdentityPoolId":"us-east-1:{name}","IdentityPoolName":"{name}"}}"#)
        };
        names.iter().map(pool).collect::<Vec<_>>().join(",")
    }

    fn described(name: &str, guests: bool, more: &str) -> String {
        format!(
            r#"{{"IdentityPoolId":"us-east-1:{name}","IdentityPoolName":"{name}",
            "AllowUnauthenticatedIdentities":{guests}{more}}}"#
        )
    }

    #[test]
    fn pools_are_described_and_those_that_let_strangers_in_are_asked_for_their_roles() {
        const USERS: &str = r#","CognitoIdentityProviders":[{"ClientId":"c",
            "ProviderName":"cognito-idp.us-east-1.amazonaws.com/us-east-1_u"}]"#;
        const MORE: &str = r#","AllowClassicFlow":true,
            "SupportedLoginProviders":{"api.twitter.com":"key;secret"},
            "OpenIdConnectProviderARNs":["o"],"SamlProviderARNs":["s"],
            "DeveloperProviderName":"d","IdentityPoolTags":{"team":"shop"}"#;
        let cloud = Cloud::new(|asked| match (asked.what.as_str(), asked.form.as_str()) {
            ("ListIdentityPools", form) => {
                assert!(form.contains(r#""MaxResults":60"#), "{form}");
                if form.contains("NextToken") {
                    ok(format!(r#"{{"IdentityPools":[{}]}}"#, listed(&["users", "gone", "odd"])))
                } else {
                    let first = listed(&["guests", "denied", "closed"]);
                    ok(format!(r#"{{"IdentityPools":[{first}],"NextToken":"more"}}"#))
                }
            }
            ("DescribeIdentityPool", form) if form.contains(":guests") => {
                ok(described("guests", true, MORE))
            }
            ("DescribeIdentityPool", form) if form.contains(":users") => {
                ok(described("users", false, USERS))
            }
            ("DescribeIdentityPool", form) if form.contains(":closed") => {
                ok(described("closed", false, ""))
            }
            ("DescribeIdentityPool", form) if form.contains(":gone") => {
                json_error(400, "ResourceNotFoundException")
            }
            ("DescribeIdentityPool", form) if form.contains(":odd") => ok("{}"),
            ("DescribeIdentityPool", _) => json_error(400, "AccessDeniedException"),
            ("GetIdentityPoolRoles", form) if form.contains(":guests") => {
                ok(r#"{"IdentityPoolId":"us-east-1:guests",
                "Roles":{"unauthenticated":"arn:aws:iam::1:role/guest"},
                "RoleMappings":{"p:c":{"Type":"Token","AmbiguousRoleResolution":"Deny"}}}"#)
            }
            ("GetIdentityPoolRoles", _) => json_error(400, "AccessDeniedException"),
            ("ListUserPools", _) => ok(r#"{"UserPools":[]}"#),
            other => panic!("{other:?}"),
        });
        let snapshot = cloud.collect(&["cognito-identity", "cognito-idp"]);
        let read = &snapshot.regions["us-east-1"].cognito_identity;
        let pools = &read.list_identity_pools.read().expect("a list").identity_pools;
        let names: Vec<_> = pools.iter().map(|pool| pool.identity_pool_name.as_str()).collect();
        assert_eq!(names, ["closed", "denied", "guests", "odd", "users"], "what is gone is no gap");
        let guests = &read.describe_identity_pool["us-east-1:guests"];
        assert_eq!(guests.allow_unauthenticated_identities, Some(true));
        assert_eq!(guests.allow_classic_flow, Some(true));
        assert!(guests.supported_login_providers.contains_key("api.twitter.com"));
        assert_eq!(
            (guests.saml_provider_arns.len(), guests.open_id_connect_provider_arns.len()),
            (1, 1)
        );
        assert_eq!(guests.developer_provider_name.as_deref(), Some("d"));
        assert_eq!(guests.identity_pool_tags["team"], "shop");
        let users = &read.describe_identity_pool["us-east-1:users"].cognito_identity_providers;
        assert_eq!(users[0].client_id.as_deref(), Some("c"));
        assert_eq!(read.describe_identity_pool.len(), 3);
        let roles = &read.get_identity_pool_roles["us-east-1:guests"];
        assert_eq!(roles.roles["unauthenticated"], "arn:aws:iam::1:role/guest");
        assert_eq!(roles.role_mappings["p:c"].kind.as_deref(), Some("Token"));
        assert_eq!(cloud.asked()["GetIdentityPoolRoles"], 2, "of `guests` and `users`");
        let gaps = snapshot.gaps.iter().filter(|gap| gap.service == "cognito-identity");
        let gaps: Vec<_> = gaps
            .map(|gap| (gap.operation.as_str(), gap.resource.as_deref().unwrap_or(""), gap.outcome))
            .collect();
        assert_eq!(
            gaps,
            [
                ("DescribeIdentityPool", "us-east-1:denied", Outcome::Denied),
                ("DescribeIdentityPool", "us-east-1:odd", Outcome::Malformed),
                ("GetIdentityPoolRoles", "us-east-1:users", Outcome::Denied),
            ]
        );
    }

    #[test]
    fn without_a_rule_about_user_pools_only_pools_with_guests_are_asked_for_their_roles() {
        const USERS: &str = r#","CognitoIdentityProviders":[{"ProviderName":"p/u"}]"#;
        let cloud = Cloud::new(|asked| match asked.what.as_str() {
            "ListIdentityPools" => ok(format!(r#"{{"IdentityPools":[{}]}}"#, listed(&["users"]))),
            _ => ok(described("users", false, USERS)),
        });
        assert_eq!(cloud.collect(&["cognito-identity"]).gaps, []);
        assert_eq!(
            cloud.asked(),
            [("DescribeIdentityPool".to_owned(), 1), ("ListIdentityPools".to_owned(), 1)].into()
        );
    }

    #[test]
    fn a_region_without_pools_costs_one_call_and_a_refused_list_is_one_gap() {
        let cloud = Cloud::new(|_| ok(r#"{"IdentityPools":[]}"#));
        assert_eq!(cloud.collect(&["cognito-identity"]).gaps, []);
        assert_eq!(cloud.asked(), [("ListIdentityPools".to_owned(), 1)].into());
        let cloud = Cloud::new(|_| json_error(400, "AccessDeniedException"));
        let snapshot = cloud.collect(&["cognito-identity"]);
        assert!(snapshot.regions["us-east-1"].cognito_identity.list_identity_pools.is_unread());
        let gaps: Vec<_> = snapshot.gaps.iter().map(|gap| (gap.call(), gap.outcome)).collect();
        assert_eq!(gaps, [("cognito-identity:ListIdentityPools".to_owned(), Outcome::Denied)]);
    }
}
