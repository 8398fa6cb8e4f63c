//! Queues of SQS, and the policy on each.

use aws_sdk_sqs::operation::get_queue_attributes::GetQueueAttributesOutput;
use aws_sdk_sqs::types::QueueAttributeName::{Policy, QueueArn};

use super::{Collector, Scope};
use crate::inventory::aws::calls::sqs::{GET_QUEUE_ATTRIBUTES, LIST_QUEUES};
use crate::inventory::aws::sqs::{Attributes, QueueAttributes, Queues};
use crate::inventory::aws::{Services, Sqs};
use crate::model::Known;
use crate::providers::aws::transport::site::{Converted, Site, client};

pub(crate) static COLLECTOR: Collector = Collector {
    service: "sqs",
    scope: Scope::Region,
    calls: &[&GET_QUEUE_ATTRIBUTES, &LIST_QUEUES],
    collect: |site| Box::pin(collect(site)),
};

async fn collect(site: &Site) -> Services {
    let sqs = client!(aws_sdk_sqs, site);
    // Pages come only where their size is given; 1000 is the largest (SQS API reference,
    // ListQueues).
    let pages = sqs.list_queues().into_paginator().page_size(1000).send();
    let open = |page: aws_sdk_sqs::operation::list_queues::ListQueuesOutput| {
        (page.queue_urls, page.next_token)
    };
    let listed = site.list_apart(&LIST_QUEUES, pages, open, |url| url).await;
    let Known::Read(mut urls) = listed else { return Services::default() };
    let ask = |url: &str| {
        let call = sqs.get_queue_attributes().queue_url(url);
        call.attribute_names(QueueArn).attribute_names(Policy).send()
    };
    let attributes = site.each(&GET_QUEUE_ATTRIBUTES, &mut urls, |url| url, ask, attributes).await;
    let sqs = Sqs {
        list_queues: Known::Read(Queues { queue_urls: urls }),
        get_queue_attributes: attributes,
    };
    Services { sqs, ..Services::default() }
}

fn attributes(answer: GetQueueAttributesOutput) -> Converted<QueueAttributes> {
    let mut told = answer.attributes.unwrap_or_default();
    // Every queue has an ARN: an answer without it is none.
    let queue_arn = Some(told.remove(&QueueArn).ok_or("an answer without the queue's ARN")?);
    let policy = told.remove(&Policy).filter(|policy| !policy.is_empty());
    Ok(QueueAttributes { attributes: Attributes { queue_arn, policy } })
}
