//! Queues of SQS, and the policy on each.

use aws_sdk_sqs::operation::get_queue_attributes::GetQueueAttributesOutput;
use aws_sdk_sqs::types::QueueAttributeName::{Policy, QueueArn};

use crate::inventory::aws::calls::sqs::{GET_QUEUE_ATTRIBUTES, LIST_QUEUES};
use crate::inventory::aws::sqs::{Attributes, QueueAttributes, Queues};
use crate::inventory::aws::{Services, Sqs};
use crate::model::Known;
use crate::providers::aws::services::{Collector, Scope};
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

#[cfg(test)]
mod tests {
    use crate::model::Outcome;
    use crate::providers::aws::tests::replay::{Cloud, json_error, ok};

    #[test]
    fn queues_are_read_over_several_pages_and_each_is_asked_for_its_policy() {
        let url = |name: &str| format!("https://sqs.us-east-1.amazonaws.com/1/{name}");
        let cloud = Cloud::new(move |asked| match asked.what.as_str() {
            "ListQueues" if asked.form.contains("NextToken") => {
                ok(format!(r#"{{"QueueUrls":["{}","{}"]}}"#, url("gone"), url("odd")))
            }
            "ListQueues" => ok(format!(
                r#"{{"QueueUrls":["{}","{}"],"NextToken":"more"}}"#,
                url("open"),
                url("secret")
            )),
            "GetQueueAttributes" if asked.form.contains("1/open") => {
                ok(r#"{"Attributes":{"QueueArn":"arn:aws:sqs:us-east-1:1:open","Policy":"{}"}}"#)
            }
            "GetQueueAttributes" if asked.form.contains("1/gone") => {
                json_error(400, "com.amazonaws.sqs#QueueDoesNotExist")
            }
            "GetQueueAttributes" if asked.form.contains("1/odd") => ok("{}"),
            "GetQueueAttributes" => json_error(403, "AccessDenied"),
            other => panic!("{other}"),
        });
        let snapshot = cloud.collect(&["sqs"]);
        let sqs = &snapshot.regions["us-east-1"].sqs;
        let names = |urls: Vec<&String>| {
            let names = urls
                .into_iter()
                .map(|url| url.rsplit('/').next().expect("a split has a part").to_owned());
            names.collect::<Vec<_>>()
        };
        let listed = &sqs.list_queues.read().expect("the call was answered").queue_urls;
        assert_eq!(
            names(listed.iter().collect()),
            ["odd", "open", "secret"],
            "what is gone is no gap"
        );
        assert_eq!(names(sqs.get_queue_attributes.keys().collect()), ["open"]);
        let read = &sqs.get_queue_attributes.values().next().expect("a queue was read").attributes;
        assert_eq!(read.policy.as_deref(), Some("{}"));
        let gaps: Vec<_> = snapshot.gaps.iter().map(|gap| (gap.call(), gap.outcome)).collect();
        let call = || "sqs:GetQueueAttributes".to_owned();
        assert_eq!(gaps, [(call(), Outcome::Malformed), (call(), Outcome::Denied)]);
    }

    #[test]
    fn a_refused_list_of_queues_is_one_gap() {
        let cloud = Cloud::new(|_| json_error(403, "AccessDenied"));
        let snapshot = cloud.collect(&["sqs"]);
        assert!(snapshot.regions["us-east-1"].sqs.list_queues.is_unread());
        let gaps: Vec<_> = snapshot.gaps.iter().map(|gap| (gap.call(), gap.outcome)).collect();
        assert_eq!(gaps, [("sqs:ListQueues".to_owned(), Outcome::Denied)]);
    }
}
