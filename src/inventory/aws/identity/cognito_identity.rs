//! Answers of Amazon Cognito identity pools, which give credentials of AWS to users and guests.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use crate::model::Known;

operations! {
    /// Answers of Amazon Cognito identity pools in one region.
    CognitoIdentity {
        list_identity_pools: Known<IdentityPools>,
        /// By the pool's id.
        describe_identity_pool: BTreeMap<String, IdentityPool>,
        /// By the pool's id.
        get_identity_pool_roles: BTreeMap<String, IdentityPoolRoles>,
    }
}

responses! {
    /// Response of ListIdentityPools.
    IdentityPools {
        identity_pools: Vec<IdentityPoolName>,
    }

    /// A pool as the list tells it.
    IdentityPoolName {
        /// `<region>:<uuid>`.
        identity_pool_id: String,
        identity_pool_name: String,
    }

    /// Response of DescribeIdentityPool.
    IdentityPool {
        identity_pool_id: String,
        identity_pool_name: String,
        /// Whether guests get credentials.
        allow_unauthenticated_identities: Option<bool>,
        /// Whether a token of the pool may be had and taken to STS by oneself.
        allow_classic_flow: Option<bool>,
        /// Social providers. The ids of the applications are left where they are: that of Twitter
        /// has the secret in it (Cognito developer guide, "Setting up X/Twitter").
        #[serde(deserialize_with = "names")]
        supported_login_providers: BTreeMap<String, ()>,
        developer_provider_name: Option<String>,
        #[serde(rename = "OpenIdConnectProviderARNs", skip_serializing_if = "Vec::is_empty")]
        open_id_connect_provider_arns: Vec<String>,
        /// User pools.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        cognito_identity_providers: Vec<CognitoIdentityProvider>,
        #[serde(rename = "SamlProviderARNs", skip_serializing_if = "Vec::is_empty")]
        saml_provider_arns: Vec<String>,
        identity_pool_tags: BTreeMap<String, String>,
    }

    /// A user pool whose users a pool gives credentials.
    CognitoIdentityProvider {
        /// `cognito-idp.<region>.amazonaws.com/<user pool>`.
        provider_name: String,
        client_id: Option<String>,
        server_side_token_check: Option<bool>,
    }

    /// Response of GetIdentityPoolRoles.
    IdentityPoolRoles {
        identity_pool_id: Option<String>,
        /// ARNs of roles, by `authenticated` and `unauthenticated`.
        roles: BTreeMap<String, String>,
        /// By provider: `cognito-idp.<region>.amazonaws.com/<user pool>:<client>` and the like.
        role_mappings: BTreeMap<String, RoleMapping>,
    }

    /// How users of a provider get another role than the one for all.
    RoleMapping {
        /// `Token` or `Rules`.
        #[serde(rename = "Type")]
        kind: Option<String>,
        /// What those get who fit none: `AuthenticatedRole`, or `Deny`.
        ambiguous_role_resolution: Option<String>,
    }
}

/// The keys of a map.
fn names<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, ()>, D::Error> {
    let read = Option::<BTreeMap<String, IgnoredAny>>::deserialize(from)?;
    Ok(read.unwrap_or_default().into_keys().map(|name| (name, ())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_of_an_application_is_not_kept() {
        let told = r#"{"SupportedLoginProviders":{"api.twitter.com":"key;secret"}}"#;
        let pool: IdentityPool = serde_json::from_str(told).expect("a pool");
        let kept = serde_json::to_string(&pool).expect("text");
        assert!(kept.contains("api.twitter.com") && !kept.contains("secret"), "{kept}");
        assert_eq!(serde_json::from_str::<IdentityPool>(&kept).expect("its own form"), pool);
    }
}
