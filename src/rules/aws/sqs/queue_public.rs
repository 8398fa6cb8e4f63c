//! Queues that anyone, or any AWS account, may send to, receive from or empty.

use serde_json::json;

use crate::analysis::aws::policy::effective::Bearer;
use crate::inventory::aws::calls::sqs::{GET_QUEUE_ATTRIBUTES, LIST_QUEUES};
use crate::inventory::aws::kinds;
use crate::model::{Category, Known, Severity, aws};
use crate::rules::shapes::named::NamedKind;
use crate::rules::shapes::policy::{self, PolicyRule};
use crate::rules::{Region, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "sqs-queue-public",
    title: "A queue is open to anyone",
    category: Category::Exposure,
    severity: Severity::High,
    kind: &kinds::SQS_QUEUE,
    opt_in: false,
    never: &[],
    reads: &[&[&GET_QUEUE_ATTRIBUTES, &LIST_QUEUES]],
    reads_more: &[],
    docs: "\
## What it finds
Queues of SQS whose policy lets anyone, or any AWS account, send, receive or delete messages, or empty
the queue. SQS takes requests without a signature where a policy allows everyone. Conditions are judged:
a queue that only the account's own topics or buckets may fill is not public. What a policy cannot give
to another account (to delete a queue, or to change its attributes) counts for nothing.

## Why it matters
What waits in a queue is data on its way (orders, events, messages), and whoever receives it can delete
it as well. Whoever can send makes the workers behind the queue do things.

## When it is latent
The policy grants it to anyone, and a Deny statement of the same policy, or a resource control policy
of the organization, leaves nothing of the grant. Remove that and the queue is open.

## How to close it
Name the principals that need the queue, or bound the statement by aws:SourceArn, aws:SourceAccount or
aws:PrincipalOrgID. A queue without a policy lets its own account in only.
",
    evaluate: |cx, found| policy::evaluate(cx, found, &SHAPE),
};

/// What it lends to the rule about outsiders who are named.
pub static NAMED: NamedKind = NamedKind::of(&RULE, &SHAPE);

const SHAPE: PolicyRule = PolicyRule {
    noun: "queue",
    service: "SQS",
    list: &LIST_QUEUES,
    bearers,
    further: None,
    severity: |_| Severity::High,
    closing: None,
    leaves: None,
    close: |queue| {
        let (region, url) = (&queue.resource.region, queue.asked_of);
        let none = ["--region", region, "--queue-url", url, "--attributes", r#"{"Policy":""}"#];
        aws(["sqs", "set-queue-attributes"].into_iter().chain(none))
    },
    put: |queue, policy| {
        let (region, url) = (&queue.resource.region, queue.asked_of);
        let attributes = json!({ "Policy": policy }).to_string();
        let set = ["--region", region, "--queue-url", url, "--attributes", &attributes];
        aws(["sqs", "set-queue-attributes"].into_iter().chain(set))
    },
};

fn bearers<'a>(region: &Region<'_, 'a>) -> Known<Vec<Bearer<'a>>> {
    let sqs = &region.services.sqs;
    let place = region.place();
    sqs.list_queues.as_ref().map(|listed| {
        let bearers = listed.queue_urls.iter().map(|url| {
            let told = sqs.get_queue_attributes.get(url).map(|answer| &answer.attributes);
            // Without names of attributes the AWS CLI asks for none: such an answer says nothing.
            let told = told.filter(|told| told.queue_arn.is_some() || told.policy.is_some());
            // https://sqs.<region>.amazonaws.com/<account>/<name>
            let name = url.rsplit('/').next().unwrap_or(url);
            let arn = told.and_then(|told| told.queue_arn.clone());
            let arn = arn.unwrap_or_else(|| kinds::SQS_QUEUE.arn(&place, name));
            Bearer {
                resource: kinds::SQS_QUEUE.resource_of(&place, name, &arn),
                policy: Known::from(told)
                    .map(|told| told.policy.as_deref().filter(|text| !text.is_empty())),
                asked: &GET_QUEUE_ATTRIBUTES,
                asked_of: url,
                further: Vec::new(),
                locks: Vec::new(),
            }
        });
        bearers.collect()
    })
}
