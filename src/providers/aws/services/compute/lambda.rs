//! Functions of Lambda, the policies and URLs by which they are reached, and layers.

use std::collections::BTreeMap;

use aws_sdk_lambda::{Client, types};

use crate::analysis::aws::demand;
use crate::inventory::aws::calls::lambda::{
    GET_FUNCTION_CONCURRENCY, GET_LAYER_VERSION_POLICY, GET_POLICY, LIST_ALIASES,
    LIST_FUNCTION_URL_CONFIGS, LIST_FUNCTIONS, LIST_LAYER_VERSIONS, LIST_LAYERS,
};
use crate::inventory::aws::kinds::Place;
use crate::inventory::aws::lambda::{
    AliasConfiguration, Aliases, Cors, FunctionConcurrency, FunctionConfiguration,
    FunctionUrlConfig, FunctionUrlConfigs, Functions, Layer, LayerVersion, LayerVersions, Layers,
    ResourcePolicy, name_in,
};
use crate::inventory::aws::{Lambda, Services};
use crate::model::Known;
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Converted, Site, client};

pub(crate) static COLLECTOR: Collector = Collector {
    service: "lambda",
    scope: Scope::Region,
    calls: &[
        &GET_FUNCTION_CONCURRENCY,
        &GET_LAYER_VERSION_POLICY,
        &GET_POLICY,
        &LIST_ALIASES,
        &LIST_FUNCTION_URL_CONFIGS,
        &LIST_FUNCTIONS,
        &LIST_LAYER_VERSIONS,
        &LIST_LAYERS,
    ],
    collect: |site| Box::pin(collect(site)),
};

/// The most that a page of ListFunctions, ListFunctionUrlConfigs, ListLayers and ListLayerVersions
/// holds (Lambda API reference).
const PAGE: i32 = 50;

async fn collect(site: &Site) -> Services {
    let client = client!(aws_sdk_lambda, site);
    let (functions, layers) = tokio::join!(functions(site, &client), layers(site, &client));
    let lambda = Lambda {
        list_layers: layers.list_layers,
        list_layer_versions: layers.list_layer_versions,
        get_layer_version_policy: layers.get_layer_version_policy,
        ..functions
    };
    Services { lambda, ..Services::default() }
}

async fn functions(site: &Site, client: &Client) -> Lambda {
    let pages = client.list_functions().into_paginator().page_size(PAGE).send();
    let open = |page: aws_sdk_lambda::operation::list_functions::ListFunctionsOutput| {
        (page.functions, page.next_marker)
    };
    let listed = site.list_apart(&LIST_FUNCTIONS, pages, open, function).await;
    let Known::Read(functions) = listed else { return Lambda::default() };
    // Gathered before anything is awaited: closures over references are not general enough for a
    // future that is sent between threads.
    let ids: Vec<String> = functions.iter().map(|one| one.function_name.clone()).collect();
    let aliases = site.each_list(
        &LIST_ALIASES,
        ids.clone(),
        |name| client.list_aliases().function_name(name).into_paginator().send(),
        |page| (page.aliases, page.next_marker),
        alias,
    );
    let list_aliases: BTreeMap<_, _> =
        aliases.await.into_iter().map(|(name, aliases)| (name, Aliases { aliases })).collect();
    let names = with_aliases(ids, &list_aliases);
    let get_policy = policies(site, client, names).await;
    let mut lambda = Lambda { list_aliases, get_policy, ..Lambda::default() };

    let account = site.account();
    let place =
        Place { partition: account.partition(), region: site.region(), account: account.id() };
    let matter =
        |one: &&FunctionConfiguration| demand::urls_matter(&lambda, &place, one, site.plan());
    let asked: Vec<String> =
        functions.iter().filter(matter).map(|one| one.function_name.clone()).collect();
    let urls = site.each_list(
        &LIST_FUNCTION_URL_CONFIGS,
        asked,
        |name| {
            let urls = client.list_function_url_configs().function_name(name);
            urls.into_paginator().page_size(PAGE).send()
        },
        |page| (Some(page.function_url_configs), page.next_marker),
        url,
    );
    let urls = urls.await.into_iter();
    lambda.list_function_url_configs = urls
        .map(|(name, function_url_configs)| (name, FunctionUrlConfigs { function_url_configs }))
        .collect();

    let open = |one: &&FunctionConfiguration| {
        demand::concurrency_matters(&lambda, &place, one, site.plan())
    };
    let mut asked: Vec<String> =
        functions.iter().filter(open).map(|one| one.function_name.clone()).collect();
    let ask = |name: &str| client.get_function_concurrency().function_name(name).send();
    lambda.get_function_concurrency = site
        .each(
            &GET_FUNCTION_CONCURRENCY,
            &mut asked,
            |name| name,
            ask,
            |answer| {
                let reserved_concurrent_executions = answer.reserved_concurrent_executions;
                Ok(FunctionConcurrency { reserved_concurrent_executions })
            },
        )
        .await;
    lambda.list_functions = Known::Read(Functions { functions });
    lambda
}

/// The names of functions and of their aliases.
fn with_aliases(mut names: Vec<String>, aliases: &BTreeMap<String, Aliases>) -> Vec<String> {
    let all = aliases.values().flat_map(|listed| &listed.aliases);
    names.extend(all.filter_map(|alias| Some(name_in(alias.alias_arn.as_deref()?)?.to_owned())));
    names
}

/// The policies on functions and aliases, each by its name.
async fn policies(
    site: &Site,
    client: &Client,
    names: Vec<String>,
) -> BTreeMap<String, Option<ResourcePolicy>> {
    let asked = site.gather(names, |name| async move {
        let (function, alias) = match name.split_once(':') {
            Some((function, alias)) => (function, Some(alias.to_owned())),
            None => (name.as_str(), None),
        };
        let call = client.get_policy().function_name(function).set_qualifier(alias).send();
        let answer = site.find(&GET_POLICY, Some(&name), call, |answer| policy(answer.policy));
        let answer = answer.await?.into_option();
        Ok((name, answer))
    });
    read(asked.await)
}

async fn layers(site: &Site, client: &Client) -> Lambda {
    let pages = client.list_layers().into_paginator().page_size(PAGE).send();
    let open = |page: aws_sdk_lambda::operation::list_layers::ListLayersOutput| {
        (page.layers, page.next_marker)
    };
    let listed = site.list_apart(&LIST_LAYERS, pages, open, layer).await;
    let Known::Read(layers) = listed else { return Lambda::default() };
    let names: Vec<String> = layers.iter().map(|one| one.layer_name.clone()).collect();
    let versions = site.each_list(
        &LIST_LAYER_VERSIONS,
        names,
        |name| {
            let versions = client.list_layer_versions().layer_name(name);
            versions.into_paginator().page_size(PAGE).send()
        },
        |page| (page.layer_versions, page.next_marker),
        version,
    );
    let versions = versions.await;
    let all = versions.iter().flat_map(|(name, versions)| {
        versions.iter().map(move |one| (name.clone(), one.version, one.layer_version_arn.clone()))
    });
    let all: Vec<_> = all.collect();
    let asked = site.gather(all, |(layer, version, arn)| async move {
        let call =
            client.get_layer_version_policy().layer_name(layer).version_number(version).send();
        let answer =
            site.find(&GET_LAYER_VERSION_POLICY, Some(&arn), call, |answer| policy(answer.policy));
        let answer = answer.await?.into_option();
        Ok((arn, answer))
    });
    let versions =
        versions.into_iter().map(|(name, layer_versions)| (name, LayerVersions { layer_versions }));
    Lambda {
        get_layer_version_policy: read(asked.await),
        list_layer_versions: versions.collect(),
        list_layers: Known::Read(Layers { layers }),
        ..Lambda::default()
    }
}

/// Those that were answered: also that there is no policy is an answer.
fn read(
    answers: Vec<(String, Option<Option<ResourcePolicy>>)>,
) -> BTreeMap<String, Option<ResourcePolicy>> {
    answers.into_iter().filter_map(|(name, answer)| Some((name, answer?))).collect()
}

fn policy(text: Option<String>) -> Converted<ResourcePolicy> {
    Ok(ResourcePolicy { policy: Some(text.ok_or("an answer without a policy")?) })
}

/// What a function is given (its environment) is not kept.
fn function(from: types::FunctionConfiguration) -> FunctionConfiguration {
    FunctionConfiguration {
        function_name: from.function_name.unwrap_or_default(),
        function_arn: from.function_arn,
        role: from.role,
    }
}

fn alias(from: types::AliasConfiguration) -> AliasConfiguration {
    AliasConfiguration { alias_arn: from.alias_arn, name: from.name.unwrap_or_default() }
}

fn url(from: types::FunctionUrlConfig) -> FunctionUrlConfig {
    FunctionUrlConfig {
        function_url: from.function_url,
        function_arn: Some(from.function_arn),
        auth_type: Some(from.auth_type.as_str().to_owned()),
        creation_time: Some(from.creation_time),
        cors: from.cors.map(|cors| Cors { allow_origins: cors.allow_origins.unwrap_or_default() }),
    }
}

fn layer(from: types::LayersListItem) -> Layer {
    Layer { layer_name: from.layer_name.unwrap_or_default() }
}

fn version(from: types::LayerVersionsListItem) -> LayerVersion {
    LayerVersion {
        layer_version_arn: from.layer_version_arn.unwrap_or_default(),
        version: from.version,
    }
}
