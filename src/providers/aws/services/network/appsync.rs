//! APIs of AppSync: how clients authenticate. No key is listed.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_appsync::operation::list_apis::ListApisOutput;
use aws_sdk_appsync::operation::list_channel_namespaces::ListChannelNamespacesOutput;
use aws_sdk_appsync::operation::list_graphql_apis::ListGraphqlApisOutput;
use aws_sdk_appsync::types;

use crate::inventory::aws::appsync::{
    AuthMode, AuthenticationProvider, ChannelNamespace, ChannelNamespaces, EventApi, EventApis,
    EventConfig, GraphqlApi, GraphqlApis, takes_a_key,
};
use crate::inventory::aws::calls::appsync::{
    LIST_APIS, LIST_CHANNEL_NAMESPACES, LIST_GRAPHQL_APIS,
};
use crate::inventory::aws::{AppSync, Services};
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Site, client};

pub(crate) static COLLECTOR: Collector = Collector {
    service: "appsync",
    scope: Scope::Region,
    calls: &[&LIST_APIS, &LIST_CHANNEL_NAMESPACES, &LIST_GRAPHQL_APIS],
    collect: |site| Box::pin(collect(site)),
};

async fn collect(site: &Site) -> Services {
    let sdk = client!(aws_sdk_appsync, site);
    // 25 is the most that maxResults allows (AppSync API reference, ListGraphqlApis, ListApis).
    let graphs = sdk.list_graphql_apis().into_paginator().page_size(25).send();
    let events = sdk.list_apis().into_paginator().page_size(25).send();
    let (graphs, events) = tokio::join!(
        site.list_apart(
            &LIST_GRAPHQL_APIS,
            graphs,
            |page: ListGraphqlApisOutput| (page.graphql_apis, page.next_token),
            graph,
        ),
        site.list_apart(
            &LIST_APIS,
            events,
            |page: ListApisOutput| (page.apis, page.next_token),
            event_api,
        ),
    );
    // Only of APIs to which a key connects: without one nothing that a namespace says lets it in.
    let keyed = events.read().into_iter().flatten().filter(|api| {
        let config = api.event_config.as_ref();
        config.is_some_and(|config| takes_a_key(&config.connection_auth_modes))
    });
    let keyed: Vec<String> = keyed.map(|api| api.api_id.clone()).collect();
    let namespaces = site
        .each_list(
            &LIST_CHANNEL_NAMESPACES,
            keyed,
            |id| sdk.list_channel_namespaces().api_id(id).into_paginator().page_size(25).send(),
            |page: ListChannelNamespacesOutput| (page.channel_namespaces, page.next_token),
            namespace,
        )
        .await;
    let namespaces = namespaces.into_iter();
    let appsync = AppSync {
        list_graphql_apis: graphs.map(|graphql_apis| GraphqlApis { graphql_apis }),
        list_apis: events.map(|apis| EventApis { apis }),
        list_channel_namespaces: namespaces
            .map(|(id, channel_namespaces)| (id, ChannelNamespaces { channel_namespaces }))
            .collect(),
    };
    Services { appsync, ..Services::default() }
}

fn graph(from: types::GraphqlApi) -> GraphqlApi {
    let further = from.additional_authentication_providers.unwrap_or_default().into_iter();
    GraphqlApi {
        name: from.name.unwrap_or_default(),
        api_id: from.api_id.unwrap_or_default(),
        arn: from.arn,
        authentication_type: from.authentication_type.map(|kind| kind.as_str().to_owned()),
        additional_authentication_providers: further
            .map(|one| AuthenticationProvider {
                authentication_type: one.authentication_type.map(|kind| kind.as_str().to_owned()),
            })
            .collect(),
        visibility: from.visibility.map(|visibility| visibility.as_str().to_owned()),
        uris: sorted(from.uris),
        waf_web_acl_arn: from.waf_web_acl_arn,
    }
}

fn event_api(from: types::Api) -> EventApi {
    EventApi {
        api_id: from.api_id.unwrap_or_default(),
        name: from.name.unwrap_or_default(),
        api_arn: from.api_arn,
        event_config: from.event_config.map(|config| EventConfig {
            connection_auth_modes: modes(config.connection_auth_modes),
            default_publish_auth_modes: modes(config.default_publish_auth_modes),
            default_subscribe_auth_modes: modes(config.default_subscribe_auth_modes),
        }),
        dns: sorted(from.dns),
        waf_web_acl_arn: from.waf_web_acl_arn,
    }
}

fn namespace(from: types::ChannelNamespace) -> ChannelNamespace {
    ChannelNamespace {
        name: from.name.unwrap_or_default(),
        subscribe_auth_modes: modes(from.subscribe_auth_modes.unwrap_or_default()),
        publish_auth_modes: modes(from.publish_auth_modes.unwrap_or_default()),
    }
}

fn modes(from: Vec<types::AuthMode>) -> Vec<AuthMode> {
    let mode = |mode: types::AuthMode| AuthMode { auth_type: mode.auth_type.as_str().to_owned() };
    from.into_iter().map(mode).collect()
}

fn sorted(from: Option<HashMap<String, String>>) -> BTreeMap<String, String> {
    from.unwrap_or_default().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use crate::model::Outcome;
    use crate::providers::aws::tests::replay::{Cloud, json_error, ok};

    #[test]
    fn apis_are_read_in_pages_and_namespaces_where_a_key_connects() {
        let event = |id: &str, kind: &str| {
            format!(
                r#"{{"apiId":"{id}","name":"{id}","eventConfig":{{"authProviders":[],
                    "connectionAuthModes":[{{"authType":"{kind}"}}],
                    "defaultPublishAuthModes":[],"defaultSubscribeAuthModes":[]}}}}"#
            )
        };
        let cloud = Cloud::new(move |asked| match asked.what.as_str() {
            what if what.contains("channelNamespaces") && what.contains("keyed") => {
                ok(r#"{"channelNamespaces":[{"apiId":"keyed","name":"default",
                    "publishAuthModes":[{"authType":"API_KEY"}]}]}"#)
            }
            what if what.contains("channelNamespaces") => json_error(403, "AccessDeniedException"),
            what if what.contains("/v2/apis") => ok(format!(
                r#"{{"apis":[{},{},{}]}}"#,
                event("keyed", "API_KEY"),
                event("refused", "API_KEY"),
                event("signed", "AWS_IAM")
            )),
            what if what.contains("nextToken=2") => {
                ok(r#"{"graphqlApis":[{"name":"b","apiId":"b","visibility":"PRIVATE"}]}"#)
            }
            _ => ok(r#"{"graphqlApis":[{"name":"a","apiId":"a","authenticationType":"API_KEY"}],
                "nextToken":"2"}"#),
        });
        let snapshot = cloud.collect(&["appsync"]);
        let read = &snapshot.regions["us-east-1"].appsync;
        let graphs = &read.list_graphql_apis.read().expect("a list").graphql_apis;
        assert_eq!(graphs.len(), 2, "{:?}", cloud.asked());
        let spaces = &read.list_channel_namespaces;
        assert_eq!(spaces.keys().collect::<Vec<_>>(), ["keyed"]);
        let gaps: Vec<_> = snapshot.gaps.iter().map(|gap| (gap.call(), gap.outcome)).collect();
        assert_eq!(gaps, [("appsync:ListChannelNamespaces".to_owned(), Outcome::Denied)]);
    }
}
