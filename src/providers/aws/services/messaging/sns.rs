//! Topics of SNS, and the policy on each.

use aws_sdk_sns::operation::get_topic_attributes::GetTopicAttributesOutput;
use aws_sdk_sns::operation::list_topics::ListTopicsOutput;

use crate::inventory::aws::calls::sns::{GET_TOPIC_ATTRIBUTES, LIST_TOPICS};
use crate::inventory::aws::sns::{Topic, TopicAnswer, TopicAttributes, Topics};
use crate::inventory::aws::{Services, Sns};
use crate::model::Known;
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Converted, Site, client};

pub(crate) static COLLECTOR: Collector = Collector {
    service: "sns",
    scope: Scope::Region,
    calls: &[&GET_TOPIC_ATTRIBUTES, &LIST_TOPICS],
    collect: |site| Box::pin(collect(site)),
};

async fn collect(site: &Site) -> Services {
    let sns = client!(aws_sdk_sns, site);
    // A page has 100 topics, whatever is asked for (SNS API reference, ListTopics).
    let pages = sns.list_topics().into_paginator().send();
    let open = |page: ListTopicsOutput| (page.topics, page.next_token);
    let topic =
        |from: aws_sdk_sns::types::Topic| Topic { topic_arn: from.topic_arn.unwrap_or_default() };
    let listed = site.list_apart(&LIST_TOPICS, pages, open, topic).await;
    let Known::Read(mut topics) = listed else { return Services::default() };
    let ask = |arn: &str| sns.get_topic_attributes().topic_arn(arn).send();
    let attributes = site
        .each(&GET_TOPIC_ATTRIBUTES, &mut topics, |topic| &topic.topic_arn, ask, attributes)
        .await;
    let sns = Sns { list_topics: Known::Read(Topics { topics }), get_topic_attributes: attributes };
    Services { sns, ..Services::default() }
}

fn attributes(answer: GetTopicAttributesOutput) -> Converted<TopicAnswer> {
    let mut told = answer.attributes.unwrap_or_default();
    // Every topic has an ARN: an answer without it is none.
    let topic_arn = Some(told.remove("TopicArn").ok_or("an answer without the topic's ARN")?);
    let policy = told.remove("Policy").filter(|policy| !policy.is_empty());
    Ok(TopicAnswer { attributes: TopicAttributes { topic_arn, policy } })
}

#[cfg(test)]
mod tests {
    use crate::model::Outcome;
    use crate::providers::aws::tests::replay::{Cloud, Said, ok};

    fn refused(status: u16, code: &str) -> Said {
        let error = format!("<Error><Type>Sender</Type><Code>{code}</Code></Error>");
        Said::Answer(status, format!("<ErrorResponse>{error}</ErrorResponse>"))
    }

    fn topics(names: &[&str], next: &str) -> Said {
        let member = |name: &&str| {
            format!("<member><TopicArn>arn:aws:sns:us-east-1:1:{name}</TopicArn></member>")
        };
        let members: String = names.iter().map(member).collect();
        ok(format!(
            "<ListTopicsResponse><ListTopicsResult><Topics>{members}</Topics>{next}\
             </ListTopicsResult></ListTopicsResponse>"
        ))
    }

    fn answer(attributes: &[(&str, &str)]) -> Said {
        let entry = |(key, value): &(&str, &str)| {
            format!("<entry><key>{key}</key><value>{value}</value></entry>")
        };
        let entries: String = attributes.iter().map(entry).collect();
        ok(format!(
            "<GetTopicAttributesResponse><GetTopicAttributesResult><Attributes>{entries}\
             </Attributes></GetTopicAttributesResult></GetTopicAttributesResponse>"
        ))
    }

    #[test]
    fn topics_are_read_over_several_pages_and_each_is_asked_for_its_policy() {
        let cloud = Cloud::new(|asked| {
            let about = |name: &str| asked.form.contains(&format!("us-east-1%3A1%3A{name}"));
            match asked.what.as_str() {
                "ListTopics" if asked.form.contains("NextToken") => topics(&["gone", "odd"], ""),
                "ListTopics" => topics(&["open", "denied"], "<NextToken>more</NextToken>"),
                "GetTopicAttributes" if about("open") => {
                    let arn = "arn:aws:sns:us-east-1:1:open";
                    answer(&[("TopicArn", arn), ("Policy", "{}"), ("DisplayName", "x")])
                }
                "GetTopicAttributes" if about("gone") => refused(404, "NotFound"),
                "GetTopicAttributes" if about("odd") => answer(&[]),
                "GetTopicAttributes" => refused(403, "AuthorizationError"),
                other => panic!("{other}"),
            }
        });
        let snapshot = cloud.collect(&["sns"]);
        let sns = &snapshot.regions["us-east-1"].sns;
        let listed = &sns.list_topics.read().expect("a list").topics;
        let names: Vec<_> =
            listed.iter().filter_map(|topic| topic.topic_arn.rsplit(':').next()).collect();
        assert_eq!(names, ["denied", "odd", "open"], "what is gone is no gap");
        let read: Vec<_> = sns.get_topic_attributes.iter().collect();
        let [(arn, told)] = read.as_slice() else { panic!("{read:?}") };
        assert_eq!(*arn, "arn:aws:sns:us-east-1:1:open");
        assert_eq!(told.attributes.policy.as_deref(), Some("{}"));
        let gaps: Vec<_> = snapshot.gaps.iter().map(|gap| (gap.call(), gap.outcome)).collect();
        let call = || "sns:GetTopicAttributes".to_owned();
        assert_eq!(gaps, [(call(), Outcome::Denied), (call(), Outcome::Malformed)]);
    }

    #[test]
    fn a_refused_list_of_topics_is_one_gap() {
        let cloud = Cloud::new(|_| refused(403, "AuthorizationError"));
        let snapshot = cloud.collect(&["sns"]);
        assert!(snapshot.regions["us-east-1"].sns.list_topics.is_unread());
        let gaps: Vec<_> = snapshot.gaps.iter().map(|gap| (gap.call(), gap.outcome)).collect();
        assert_eq!(gaps, [("sns:ListTopics".to_owned(), Outcome::Denied)]);
    }
}
