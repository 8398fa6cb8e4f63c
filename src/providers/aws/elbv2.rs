//! Application and network load balancers with their listeners; where the internet gets in, the rules,
//! target groups and targets behind them.

use std::collections::BTreeMap;
use std::future::Future;

use aws_sdk_elasticloadbalancingv2::Client;
use futures_util::{StreamExt, stream};

use super::calls::{Calls, Gone};
use super::catalog::{Collector, Follower, Learnt, Scope};
use super::site::{Site, configured};
use super::{Question, Wanted};
use crate::inventory::aws::Elbv2;
use crate::inventory::aws::calls::{self, Call};
use crate::inventory::aws::elbv2::{
    Listeners, LoadBalancer, LoadBalancers, Rules, TargetGroupAttributes, TargetGroups,
    TargetHealthDescriptions,
};
use crate::model::Known;

mod convert;

pub(super) static COLLECTOR: Collector = Collector {
    service: "elbv2",
    scope: Scope::Region,
    calls: &[&calls::elbv2::DESCRIBE_LISTENERS, &calls::elbv2::DESCRIBE_LOAD_BALANCERS],
    collect: |site, wanted| Box::pin(collect(site, wanted)),
};

pub(super) static FOLLOWER: Follower = Follower {
    service: "elbv2",
    calls: &[
        &calls::elbv2::DESCRIBE_LISTENERS,
        &calls::elbv2::DESCRIBE_RULES,
        &calls::elbv2::DESCRIBE_TARGET_GROUP_ATTRIBUTES,
        &calls::elbv2::DESCRIBE_TARGET_GROUPS,
        &calls::elbv2::DESCRIBE_TARGET_HEALTH,
    ],
    ask: |site, questions| Box::pin(ask(site, questions)),
};

/// The largest page that the API reference allows for every list here.
const PAGE: i32 = 400;

fn client(site: &Site<'_>) -> Client {
    Client::from_conf(configured!(aws_sdk_elasticloadbalancingv2, site).build())
}

async fn collect(site: &Site<'_>, wanted: &Wanted) -> Learnt {
    let (elbv2, calls) = (client(site), site.calls("elbv2"));
    let pages = elbv2.describe_load_balancers().page_size(PAGE).into_paginator().send();
    let listed = calls
        .list_apart(&calls::elbv2::DESCRIBE_LOAD_BALANCERS, pages, |page| {
            (page.load_balancers, page.next_marker)
        })
        .await
        .map(|all| LoadBalancers {
            load_balancers: all.into_iter().map(convert::balancer).collect(),
        });
    let mut facts = Elbv2 { describe_load_balancers: listed, ..Elbv2::default() };
    let all = facts.describe_load_balancers.read();
    let asked = all.into_iter().flat_map(|read| &read.load_balancers);
    let asked = asked.filter(|balancer| {
        wanted.has(&calls::elbv2::DESCRIBE_LISTENERS) && may_listen(balancer, wanted)
    });
    let arns: Vec<String> = asked.map(|balancer| balancer.load_balancer_arn.clone()).collect();
    let asked = arns.into_iter().map(|arn| listeners(&elbv2, &calls, arn));
    facts.describe_listeners = each(&calls, asked).await;
    Box::new(|services| services.elbv2 = facts)
}

/// Whether a load balancer's listeners can change an answer: not those of gateway load balancers,
/// which are no destination, and of internal ones only where what is shut is wanted too.
fn may_listen(balancer: &LoadBalancer, wanted: &Wanted) -> bool {
    let internal = balancer.scheme.as_deref() == Some("internal");
    balancer.kind.as_deref() != Some("gateway") && (wanted.latent || !internal)
}

/// Waits for the answers to questions about several things. What had no answer is left out: a gap
/// tells of it.
async fn each<T, Answer>(
    calls: &Calls,
    asked: impl IntoIterator<Item = Answer>,
) -> BTreeMap<String, T>
where
    Answer: Future<Output = Option<(String, T)>>,
{
    let answers = stream::iter(asked).buffer_unordered(calls.width());
    answers.filter_map(|found| async { found }).collect().await
}

async fn listeners(elbv2: &Client, calls: &Calls, balancer: String) -> Option<(String, Listeners)> {
    let pages = elbv2.describe_listeners().load_balancer_arn(&balancer).page_size(PAGE);
    let pages = pages.into_paginator().send();
    calls
        .list(&calls::elbv2::DESCRIBE_LISTENERS, Some(&balancer), pages, |page| {
            (page.listeners, page.next_marker)
        })
        .await
        .map(|all| Listeners { listeners: all.into_iter().map(convert::listener).collect() })
        .into_option()
        .map(|read| (balancer, read))
}

async fn rules(elbv2: &Client, calls: &Calls, listener: String) -> Option<(String, Rules)> {
    let pages = elbv2.describe_rules().listener_arn(&listener).page_size(PAGE);
    let pages = pages.into_paginator().send();
    calls
        .list(&calls::elbv2::DESCRIBE_RULES, Some(&listener), pages, |page| {
            (page.rules, page.next_marker)
        })
        .await
        .map(|all| Rules { rules: all.into_iter().map(convert::rule).collect() })
        .into_option()
        .map(|read| (listener, read))
}

async fn groups(elbv2: &Client, calls: &Calls) -> Known<TargetGroups> {
    let pages = elbv2.describe_target_groups().page_size(PAGE).into_paginator().send();
    calls
        .list(&calls::elbv2::DESCRIBE_TARGET_GROUPS, None, pages, |page| {
            (page.target_groups, page.next_marker)
        })
        .await
        .map(|all| TargetGroups { target_groups: all.into_iter().map(convert::group).collect() })
}

async fn health(
    elbv2: &Client,
    calls: &Calls,
    group: String,
) -> Option<(String, TargetHealthDescriptions)> {
    let call = elbv2.describe_target_health().target_group_arn(&group).send();
    match calls.find(&calls::elbv2::DESCRIBE_TARGET_HEALTH, Some(&group), call).await {
        Ok(answer) => {
            let read = answer.into_option()?;
            Some((group, read.map(convert::health).unwrap_or_default()))
        }
        Err(Gone) => Some((group, TargetHealthDescriptions::default())),
    }
}

async fn attributes(
    elbv2: &Client,
    calls: &Calls,
    group: String,
) -> Option<(String, TargetGroupAttributes)> {
    let call = elbv2.describe_target_group_attributes().target_group_arn(&group).send();
    match calls.find(&calls::elbv2::DESCRIBE_TARGET_GROUP_ATTRIBUTES, Some(&group), call).await {
        Ok(answer) => {
            let read = answer.into_option()?;
            Some((group, read.map(convert::attributes).unwrap_or_default()))
        }
        Err(Gone) => Some((group, TargetGroupAttributes::default())),
    }
}

async fn ask(site: &Site<'_>, questions: &[Question]) -> Learnt {
    let (elbv2, calls) = (&client(site), &site.calls("elbv2"));
    let about = |call: &Call| -> Vec<String> {
        let own = questions.iter().filter(|question| question.call == call);
        own.filter_map(|question| question.about.clone()).collect()
    };
    let list = Question { call: &calls::elbv2::DESCRIBE_TARGET_GROUPS, about: None };
    let (listened, ruled, grouped, healthy, set) = tokio::join!(
        each(
            calls,
            about(&calls::elbv2::DESCRIBE_LISTENERS)
                .into_iter()
                .map(|arn| listeners(elbv2, calls, arn))
        ),
        each(
            calls,
            about(&calls::elbv2::DESCRIBE_RULES).into_iter().map(|arn| rules(elbv2, calls, arn))
        ),
        async {
            match questions.contains(&list) {
                true => groups(elbv2, calls).await,
                false => Known::Unread,
            }
        },
        each(
            calls,
            about(&calls::elbv2::DESCRIBE_TARGET_HEALTH)
                .into_iter()
                .map(|arn| health(elbv2, calls, arn))
        ),
        each(
            calls,
            about(&calls::elbv2::DESCRIBE_TARGET_GROUP_ATTRIBUTES)
                .into_iter()
                .map(|arn| attributes(elbv2, calls, arn)),
        ),
    );
    Box::new(|services| {
        let facts = &mut services.elbv2;
        facts.describe_listeners.extend(listened);
        facts.describe_rules.extend(ruled);
        facts.describe_target_health.extend(healthy);
        facts.describe_target_group_attributes.extend(set);
        if !grouped.is_unread() {
            facts.describe_target_groups = grouped;
        }
    })
}
