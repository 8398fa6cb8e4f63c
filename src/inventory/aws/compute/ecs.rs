//! Answers of ECS: which task has which interface, and the role of its containers.

use std::collections::BTreeMap;

use crate::model::Known;

operations! {
    /// Answers of ECS in one region (asked for only where the internet reaches an interface of a
    /// task).
    Ecs {
        list_clusters: Known<ContainerClusters>,
        /// By the cluster's ARN.
        list_tasks: BTreeMap<String, TaskArns>,
        /// By the cluster's ARN.
        describe_tasks: BTreeMap<String, DescribedTasks>,
        /// By its ARN (asked for only where a task of it has such an interface).
        describe_task_definition: BTreeMap<String, DescribedTaskDefinition>,
    }
}

responses! {
    "camelCase";
    /// Response of ListClusters.
    ContainerClusters {
        cluster_arns: Vec<String>,
    }

    /// Response of ListTasks.
    TaskArns {
        task_arns: Vec<String>,
    }

    /// Response of DescribeTasks.
    DescribedTasks {
        tasks: Vec<Task>,
    }

    /// Containers that run together.
    Task {
        task_arn: String,
        cluster_arn: Option<String>,
        task_definition_arn: Option<String>,
        /// `service:<name>` where a service started it.
        group: Option<String>,
        /// `ecs-svc/<deployment>` where a service started it.
        started_by: Option<String>,
        attachments: Vec<Attachment>,
        /// What differs from the task definition.
        overrides: Option<TaskOverride>,
    }

    /// What a task has beside its containers: an interface, a disk.
    Attachment {
        id: Option<String>,
        /// `ElasticNetworkInterface`, …
        #[serde(rename = "type")]
        kind: Option<String>,
        /// `networkInterfaceId` among them, where it is an interface. No other is kept.
        details: Vec<Detail>,
    }

    /// A name with its value.
    Detail {
        name: Option<String>,
        value: Option<String>,
    }

    /// What a task has otherwise than its definition says.
    TaskOverride {
        task_role_arn: Option<String>,
    }

    /// Response of DescribeTaskDefinition.
    DescribedTaskDefinition {
        task_definition: TaskDefinition,
    }

    /// What tasks are made by.
    TaskDefinition {
        task_definition_arn: String,
        /// The role of the containers. That of the agent (`executionRoleArn`) is not theirs.
        task_role_arn: Option<String>,
    }
}
