//! Application and network load balancers with their listeners; where the internet gets in, the rules,
//! target groups and targets behind them.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::future::Future;

use aws_sdk_elasticloadbalancingv2::Client;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::analysis::aws::demand::{self, FollowUp};
use crate::inventory::aws::calls::{self, Call};
use crate::inventory::aws::elbv2::{Listeners, LoadBalancers, Rules, TargetGroups};
use crate::inventory::aws::{Elbv2, Services};
use crate::model::Known;
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Site, client};

mod convert;

pub(crate) static COLLECTOR: Collector = Collector {
    service: "elbv2",
    scope: Scope::Region,
    calls: &[
        &calls::elbv2::DESCRIBE_LISTENERS,
        &calls::elbv2::DESCRIBE_LOAD_BALANCERS,
        &calls::elbv2::DESCRIBE_RULES,
        &calls::elbv2::DESCRIBE_TARGET_GROUP_ATTRIBUTES,
        &calls::elbv2::DESCRIBE_TARGET_GROUPS,
        &calls::elbv2::DESCRIBE_TARGET_HEALTH,
    ],
    collect: |site| Box::pin(collect(site)),
};

/// The largest page that the API reference allows for every list here.
const PAGE: i32 = 400;

async fn collect(site: &Site) -> Services {
    let client = client!(aws_sdk_elasticloadbalancingv2, site);
    let pages = client.describe_load_balancers().page_size(PAGE).into_paginator().send();
    let listed = site
        .list_apart(
            &calls::elbv2::DESCRIBE_LOAD_BALANCERS,
            pages,
            |page| (page.load_balancers, page.next_marker),
            convert::balancer,
        )
        .await;
    let all = listed.read().into_iter().flatten();
    let asked = all.filter(|balancer| demand::listeners_matter(balancer, site.plan()));
    let arns: Vec<String> = asked.map(|balancer| balancer.load_balancer_arn.clone()).collect();
    let elbv2 = Elbv2 {
        describe_listeners: listeners(&client, site, arns).await,
        describe_load_balancers: listed.map(|load_balancers| LoadBalancers { load_balancers }),
        ..Elbv2::default()
    };
    Services { elbv2, ..Services::default() }
}

/// Asks what other answers made worth asking.
pub(crate) async fn follow_up(site: &Site, questions: &BTreeSet<FollowUp>) -> Services {
    let client = client!(aws_sdk_elasticloadbalancingv2, site);
    let about = |call: &Call| -> Vec<String> {
        let own = questions.iter().filter(|question| question.call == call);
        own.filter_map(|question| question.resource.clone()).collect()
    };
    let grouped = questions.iter().any(|q| q.call == &calls::elbv2::DESCRIBE_TARGET_GROUPS);
    let groups = client.describe_target_groups().page_size(PAGE).into_paginator().send();
    let (listeners, rules, groups, health, attributes) = tokio::join!(
        listeners(&client, site, about(&calls::elbv2::DESCRIBE_LISTENERS)),
        rules(&client, site, about(&calls::elbv2::DESCRIBE_RULES)),
        async {
            if !grouped {
                return Known::Unread;
            }
            site.list(
                &calls::elbv2::DESCRIBE_TARGET_GROUPS,
                groups,
                |page| (page.target_groups, page.next_marker),
                convert::group,
            )
            .await
        },
        about_groups(
            site,
            &calls::elbv2::DESCRIBE_TARGET_HEALTH,
            about(&calls::elbv2::DESCRIBE_TARGET_HEALTH),
            |arn| client.describe_target_health().target_group_arn(arn).send(),
            convert::health,
        ),
        about_groups(
            site,
            &calls::elbv2::DESCRIBE_TARGET_GROUP_ATTRIBUTES,
            about(&calls::elbv2::DESCRIBE_TARGET_GROUP_ATTRIBUTES),
            |arn| client.describe_target_group_attributes().target_group_arn(arn).send(),
            convert::attributes,
        ),
    );
    let elbv2 = Elbv2 {
        describe_listeners: listeners,
        describe_rules: rules,
        describe_target_groups: groups.map(|target_groups| TargetGroups { target_groups }),
        describe_target_health: health,
        describe_target_group_attributes: attributes,
        ..Elbv2::default()
    };
    Services { elbv2, ..Services::default() }
}

/// Listeners, by load balancer.
async fn listeners(
    client: &Client,
    site: &Site,
    balancers: Vec<String>,
) -> BTreeMap<String, Listeners> {
    let read = site.each_list(
        &calls::elbv2::DESCRIBE_LISTENERS,
        balancers,
        |arn| {
            let asked = client.describe_listeners().load_balancer_arn(arn).page_size(PAGE);
            asked.into_paginator().send()
        },
        |page| (page.listeners, page.next_marker),
        convert::listener,
    );
    let read = read.await.into_iter();
    read.map(|(arn, listeners)| (arn, Listeners { listeners })).collect()
}

/// Rules, by listener.
async fn rules(client: &Client, site: &Site, listeners: Vec<String>) -> BTreeMap<String, Rules> {
    let read = site.each_list(
        &calls::elbv2::DESCRIBE_RULES,
        listeners,
        |arn| {
            let asked = client.describe_rules().listener_arn(arn).page_size(PAGE);
            asked.into_paginator().send()
        },
        |page| (page.rules, page.next_marker),
        convert::rule,
    );
    read.await.into_iter().map(|(arn, rules)| (arn, Rules { rules })).collect()
}

/// Answers about target groups. One that is gone has no targets and no settings.
async fn about_groups<T, E, U, F>(
    site: &Site,
    call: &'static Call,
    groups: Vec<String>,
    ask: impl Fn(&str) -> F,
    convert: impl Fn(T) -> U,
) -> BTreeMap<String, U>
where
    U: Default,
    E: ProvideErrorMetadata + Error + 'static,
    F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
{
    let mut left = groups.clone();
    let mut read =
        site.each(call, &mut left, String::as_str, ask, |answer| Ok(convert(answer))).await;
    let left: BTreeSet<String> = left.into_iter().collect();
    let gone = groups.into_iter().filter(|group| !left.contains(group));
    read.extend(gone.map(|group| (group, U::default())));
    read
}
