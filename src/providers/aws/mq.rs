//! Brokers of Amazon MQ, and what each of them is.

use aws_sdk_mq::operation::describe_broker::DescribeBrokerOutput;
use aws_sdk_mq::{Client, types};
use futures_util::{StreamExt, stream};

use super::Wanted;
use super::calls::{Calls, Gone};
use super::catalog::{Collector, Learnt, Scope};
use super::site::{Site, configured};
use crate::inventory::aws::Mq;
use crate::inventory::aws::calls::{self, Call};
use crate::inventory::aws::mq::{Broker, BrokerSummary, Brokers};
use crate::model::Known;

pub(super) static COLLECTOR: Collector = Collector {
    service: "mq",
    scope: Scope::Region,
    calls: &[&calls::mq::DESCRIBE_BROKER, &calls::mq::LIST_BROKERS],
    collect: |site, wanted| Box::pin(collect(site, wanted)),
};

async fn collect(site: &Site<'_>, wanted: &Wanted) -> Learnt {
    let mq = Client::from_conf(configured!(aws_sdk_mq, site).build());
    let calls = site.calls("mq");
    // 100 is the most that MaxResults allows (Amazon MQ API reference).
    let pages = mq.list_brokers().into_paginator().page_size(100).send();
    let listed = calls
        .list_apart(&calls::mq::LIST_BROKERS, pages, |page| {
            (page.broker_summaries, page.next_token)
        })
        .await;
    let Known::Read(listed) = listed else { return Box::new(|_| ()) };
    let mut learnt = Mq::default();
    let mut summaries = Vec::new();
    // The list does not tell which brokers are public.
    let described =
        stream::iter(listed).map(|listed| describe(&mq, &calls, wanted, summary(listed)));
    let mut described = described.buffer_unordered(calls.width());
    while let Some(described) = described.next().await {
        // Deleted since it was listed.
        let Ok((summary, broker)) = described else { continue };
        if let Known::Read(broker) = broker {
            learnt.describe_broker.insert(summary.broker_id.clone(), broker);
        }
        summaries.push(summary);
    }
    drop(described);
    summaries.sort_by(|a, b| a.broker_id.cmp(&b.broker_id));
    learnt.list_brokers = Known::Read(Brokers { broker_summaries: summaries });
    Box::new(|services| services.mq = learnt)
}

async fn describe(
    mq: &Client,
    calls: &Calls,
    wanted: &Wanted,
    summary: BrokerSummary,
) -> Result<(BrokerSummary, Known<Broker>), Gone> {
    const CALL: &Call = &calls::mq::DESCRIBE_BROKER;
    if !wanted.has(CALL) {
        return Ok((summary, Known::Unread));
    }
    let id = summary.broker_id.as_str();
    let call = mq.describe_broker().broker_id(id).send();
    let answer = calls.find(CALL, Some(id), call).await?.and_then(|answer| match answer {
        Some(answer) if answer.engine_type.is_some() => Known::Read(broker(answer)),
        _ => calls.malformed(CALL, Some(id), "an answer without a broker"),
    });
    Ok((summary, answer))
}

fn summary(from: types::BrokerSummary) -> BrokerSummary {
    BrokerSummary {
        broker_id: from.broker_id.unwrap_or_default(),
        broker_name: from.broker_name,
        broker_arn: from.broker_arn,
    }
}

fn broker(from: DescribeBrokerOutput) -> Broker {
    Broker {
        engine_type: from.engine_type.map(|engine| engine.as_str().to_owned()),
        broker_state: from.broker_state.map(|state| state.as_str().to_owned()),
        publicly_accessible: from.publicly_accessible,
        subnet_ids: from.subnet_ids.unwrap_or_default(),
        security_groups: from.security_groups.unwrap_or_default(),
    }
}
