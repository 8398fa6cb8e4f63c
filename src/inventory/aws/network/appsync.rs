//! Answers of AppSync. No key is ever listed: the list of keys tells the keys themselves.

use std::collections::BTreeMap;

use crate::model::Known;

operations! {
    /// Answers of AppSync in one region.
    AppSync {
        list_graphql_apis: Known<GraphqlApis>,
        /// APIs that hand events on.
        list_apis: Known<EventApis>,
        /// By the id of the event API.
        list_channel_namespaces: BTreeMap<String, ChannelNamespaces>,
    }
}

responses! {
    "camelCase";
    /// Response of ListGraphqlApis.
    GraphqlApis {
        graphql_apis: Vec<GraphqlApi>,
    }

    /// A GraphQL API.
    GraphqlApi {
        name: String,
        api_id: String,
        arn: Option<String>,
        /// `API_KEY`, `AWS_IAM`, `AMAZON_COGNITO_USER_POOLS`, …
        authentication_type: Option<String>,
        /// Further ways to authenticate.
        additional_authentication_providers: Vec<AuthenticationProvider>,
        /// `GLOBAL` or `PRIVATE`; absent means global (AppSync API reference, GraphqlApi).
        visibility: Option<String>,
        /// Addresses by kind: `GRAPHQL`, `REALTIME`.
        uris: BTreeMap<String, String>,
        waf_web_acl_arn: Option<String>,
    }

    /// A way to authenticate.
    AuthenticationProvider {
        authentication_type: Option<String>,
    }

    /// Response of ListApis.
    EventApis {
        apis: Vec<EventApi>,
    }

    /// An API that hands events on.
    EventApi {
        api_id: String,
        name: String,
        api_arn: Option<String>,
        event_config: Option<EventConfig>,
        /// Addresses by kind: `HTTP`, `REALTIME`.
        dns: BTreeMap<String, String>,
        waf_web_acl_arn: Option<String>,
    }

    /// How clients of an event API authenticate.
    EventConfig {
        connection_auth_modes: Vec<AuthMode>,
        default_publish_auth_modes: Vec<AuthMode>,
        default_subscribe_auth_modes: Vec<AuthMode>,
    }

    /// A way to authenticate.
    AuthMode {
        auth_type: String,
    }

    /// Response of ListChannelNamespaces.
    ChannelNamespaces {
        channel_namespaces: Vec<ChannelNamespace>,
    }

    /// A part of the channels of an event API.
    ChannelNamespace {
        name: String,
        /// Where it is empty, the API's own hold.
        subscribe_auth_modes: Vec<AuthMode>,
        publish_auth_modes: Vec<AuthMode>,
    }
}

/// The way to authenticate that is a static key, which clients carry.
pub const API_KEY: &str = "API_KEY";

/// Whether a key is among these ways to authenticate.
pub fn takes_a_key(modes: &[AuthMode]) -> bool {
    modes.iter().any(|mode| mode.auth_type == API_KEY)
}
