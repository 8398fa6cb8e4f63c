//! Brokers of Amazon MQ, and what each of them is.

use aws_sdk_mq::operation::describe_broker::DescribeBrokerOutput;
use aws_sdk_mq::types;

use crate::inventory::aws::calls;
use crate::inventory::aws::mq::{Broker, BrokerSummary, Brokers};
use crate::inventory::aws::{Mq, Services};
use crate::model::Known;
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Site, client};

pub(crate) static COLLECTOR: Collector = Collector {
    service: "mq",
    scope: Scope::Region,
    calls: &[&calls::mq::DESCRIBE_BROKER, &calls::mq::LIST_BROKERS],
    collect: |site| Box::pin(collect(site)),
};

async fn collect(site: &Site) -> Services {
    let mq = client!(aws_sdk_mq, site);
    // 100 is the most that MaxResults allows (Amazon MQ API reference).
    let pages = mq.list_brokers().into_paginator().page_size(100).send();
    let listed = site
        .list_apart(
            &calls::mq::LIST_BROKERS,
            pages,
            |page| (page.broker_summaries, page.next_token),
            summary,
        )
        .await;
    let Known::Read(mut brokers) = listed else { return Services::default() };
    // The list does not tell which brokers are public.
    let described = site
        .each(
            &calls::mq::DESCRIBE_BROKER,
            &mut brokers,
            |summary| &summary.broker_id,
            |id| mq.describe_broker().broker_id(id).send(),
            |answer| match answer.engine_type {
                Some(_) => Ok(broker(answer)),
                None => Err("an answer without a broker"),
            },
        )
        .await;
    let mq = Mq {
        list_brokers: Known::Read(Brokers { broker_summaries: brokers }),
        describe_broker: described,
    };
    Services { mq, ..Services::default() }
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
