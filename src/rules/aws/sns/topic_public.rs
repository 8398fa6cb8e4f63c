//! Topics that anyone, or any AWS account, may subscribe to, publish to or manage.

use serde_json::json;

use crate::analysis::aws::policy::effective::Bearer;
use crate::inventory::aws::calls::sns::{GET_TOPIC_ATTRIBUTES, LIST_TOPICS};
use crate::inventory::aws::kinds;
use crate::model::{Category, Known, Severity, aws};
use crate::rules::shapes::named::NamedKind;
use crate::rules::shapes::policy::{self, PolicyRule};
use crate::rules::{Region, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "sns-topic-public",
    title: "A topic is open to anyone",
    category: Category::Exposure,
    severity: Severity::High,
    kind: &kinds::SNS_TOPIC,
    opt_in: false,
    never: &[],
    reads: &[&[&GET_TOPIC_ATTRIBUTES, &LIST_TOPICS]],
    reads_more: &[],
    docs: "\
## What it finds
Topics of SNS whose policy lets anyone, or any AWS account, subscribe, publish, or change the topic. SNS
takes requests without a signature where a policy allows everyone. Conditions are judged: the policy
that every new topic has names everyone and is bounded to the topic's own account by `AWS:SourceOwner`,
so it is not public. The finding says what is open: to subscribe is to read, to publish is to write.

## Why it matters
Whoever subscribes gets every message from then on: alarms, events, sometimes tokens and personal data.
Whoever publishes makes the subscribers (functions, queues, people who read mail) do things, in the name
of the system that they trust.

## When it is latent
The policy grants it to anyone, and a Deny statement of the same policy leaves nothing of the grant.
Remove that and the topic is open. Resource control policies do not reach SNS.

## How to close it
Name the principals that need the topic, or bound the statement by aws:SourceArn, aws:SourceAccount or
aws:PrincipalOrgID. A topic always has a policy: that of a new one lets its own account in only. Then
look through the subscriptions for those that nobody knows: they stay when the policy changes.
",
    evaluate: |cx, found| policy::evaluate(cx, found, &SHAPE),
};

/// What it lends to the rule about outsiders who are named.
pub static NAMED: NamedKind = NamedKind::of(&RULE, &SHAPE);

const SHAPE: PolicyRule = PolicyRule {
    noun: "topic",
    service: "SNS",
    list: &LIST_TOPICS,
    bearers,
    further: None,
    severity: |_| Severity::High,
    closing: Some(
        "the command puts back the policy of a new topic, by which only its own account gets in; \
         look through its subscriptions too",
    ),
    leaves: Some(|topic| policy_of_a_new_topic(topic).to_string()),
    close: |topic| put(topic, &policy_of_a_new_topic(topic).to_string()),
    put,
};

fn put(topic: &Bearer<'_>, policy: &str) -> String {
    let (region, arn) = (&topic.resource.region, topic.asked_of);
    let set = ["--attribute-name", "Policy", "--attribute-value", policy];
    let named = ["sns", "set-topic-attributes", "--region", region, "--topic-arn", arn];
    aws(named.into_iter().chain(set))
}

/// The policy that SNS gives a topic for which nobody says one (SNS API reference,
/// SetTopicAttributes: "By default, only the topic owner can publish or subscribe to the topic").
fn policy_of_a_new_topic(topic: &Bearer<'_>) -> serde_json::Value {
    json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": [
                "SNS:GetTopicAttributes",
                "SNS:SetTopicAttributes",
                "SNS:AddPermission",
                "SNS:RemovePermission",
                "SNS:DeleteTopic",
                "SNS:Subscribe",
                "SNS:ListSubscriptionsByTopic",
                "SNS:Publish",
            ],
            "Resource": topic.asked_of,
            "Condition": {"StringEquals": {"AWS:SourceOwner": topic.resource.account}},
        }],
    })
}

fn bearers<'a>(region: &Region<'_, 'a>) -> Known<Vec<Bearer<'a>>> {
    let sns = &region.services.sns;
    let place = region.place();
    sns.list_topics.as_ref().map(|listed| {
        let bearers = listed.topics.iter().map(|topic| {
            let arn = topic.topic_arn.as_str();
            let told = sns.get_topic_attributes.get(arn).map(|answer| &answer.attributes);
            let told = told.filter(|told| told.topic_arn.is_some() || told.policy.is_some());
            // arn:aws:sns:<region>:<account>:<name>
            let name = arn.rsplit(':').next().unwrap_or(arn);
            Bearer {
                resource: kinds::SNS_TOPIC.resource_of(&place, name, arn),
                policy: Known::from(told)
                    .map(|told| told.policy.as_deref().filter(|text| !text.is_empty())),
                asked: &GET_TOPIC_ATTRIBUTES,
                asked_of: arn,
                further: Vec::new(),
                locks: Vec::new(),
            }
        });
        bearers.collect()
    })
}
