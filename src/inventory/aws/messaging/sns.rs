//! Answers of SNS. No message is ever read or sent.

use std::collections::BTreeMap;

use crate::model::Known;

operations! {
    /// Answers of SNS in one region.
    Sns {
        list_topics: Known<Topics>,
        /// By the topic's ARN.
        get_topic_attributes: BTreeMap<String, TopicAnswer>,
    }
}

responses! {
    /// Response of ListTopics.
    Topics {
        topics: Vec<Topic>,
    }

    /// A topic.
    Topic {
        topic_arn: String,
    }

    /// Response of GetTopicAttributes.
    TopicAnswer {
        attributes: TopicAttributes,
    }

    /// The attributes that are kept.
    TopicAttributes {
        topic_arn: Option<String>,
        /// The policy as text. A new topic has one that lets its own account in.
        policy: Option<String>,
    }
}
