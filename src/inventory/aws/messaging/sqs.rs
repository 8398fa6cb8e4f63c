//! Answers of SQS. No message is ever read.

use std::collections::BTreeMap;

use crate::model::Known;

operations! {
    /// Answers of SQS.
    Sqs {
        list_queues: Known<Queues>,
        /// By the queue's URL.
        get_queue_attributes: BTreeMap<String, QueueAttributes>,
    }
}

responses! {
    /// Response of ListQueues.
    Queues {
        queue_urls: Vec<String>,
    }

    /// Response of GetQueueAttributes.
    QueueAttributes {
        attributes: Attributes,
    }

    /// The attributes that are asked for.
    Attributes {
        queue_arn: Option<String>,
        /// The policy as text; absent where the queue has none, which lets its account in only.
        policy: Option<String>,
    }
}
