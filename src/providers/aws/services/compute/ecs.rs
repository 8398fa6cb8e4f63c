//! Tasks of ECS with their interfaces, and the roles of their containers: where the internet reaches
//! such an interface.
//!
//! Services are not asked for. They tell in which subnets and groups their tasks are, not which
//! interface is whose, nor with what role one was started, and not every task has a service.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ecs::{Client, types};

use crate::analysis::aws::demand;
use crate::analysis::aws::tasks::INTERFACE_ID;
use crate::inventory::aws::calls::ecs::{
    DESCRIBE_TASK_DEFINITION, DESCRIBE_TASKS, LIST_CLUSTERS, LIST_TASKS,
};
use crate::inventory::aws::ecs::{
    Attachment, ContainerClusters, DescribedTaskDefinition, DescribedTasks, Detail, Task, TaskArns,
    TaskDefinition, TaskOverride,
};
use crate::inventory::aws::{Ecs, Services};
use crate::model::Known;
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Site, client};

pub(crate) static COLLECTOR: Collector = Collector {
    service: "ecs",
    scope: Scope::Region,
    calls: &[&DESCRIBE_TASK_DEFINITION, &DESCRIBE_TASKS, &LIST_CLUSTERS, &LIST_TASKS],
    collect: |site| Box::pin(collect(site)),
};

/// The most that a page of ListClusters and ListTasks holds, and that DescribeTasks is asked about at
/// once (ECS API reference).
const MOST: usize = 100;

/// Nothing is known of interfaces yet, so nothing is asked; but a probe learns what would be refused.
async fn collect(site: &Site) -> Services {
    match site.plan().probe {
        Some(_) => follow_up(site, &BTreeSet::new()).await,
        None => Services::default(),
    }
}

/// Asks for the tasks that have these interfaces. Which cluster a task is in is not told beforehand.
pub(crate) async fn follow_up(site: &Site, interfaces: &BTreeSet<String>) -> Services {
    let client = client!(aws_sdk_ecs, site);
    let size = i32::try_from(MOST).unwrap_or(i32::MAX);
    let pages = client.list_clusters().into_paginator().page_size(size).send();
    let open = |page: aws_sdk_ecs::operation::list_clusters::ListClustersOutput| {
        (page.cluster_arns, page.next_token)
    };
    let listed = site.list_apart(&LIST_CLUSTERS, pages, open, |arn| arn).await;
    let Known::Read(cluster_arns) = listed else { return Services::default() };
    let listed = site.each_list(
        &LIST_TASKS,
        cluster_arns.clone(),
        |cluster| client.list_tasks().cluster(cluster).into_paginator().page_size(size).send(),
        |page| (page.task_arns, page.next_token),
        |arn| arn,
    );
    let listed = listed.await;
    let mut ecs = Ecs { describe_tasks: tasks(site, &client, &listed).await, ..Ecs::default() };
    let mut definitions: Vec<String> =
        demand::definitions_matter(&ecs, interfaces, site.plan()).into_iter().collect();
    ecs.describe_task_definition = site
        .each(
            &DESCRIBE_TASK_DEFINITION,
            &mut definitions,
            String::as_str,
            |arn| client.describe_task_definition().task_definition(arn).send(),
            |answer| match answer.task_definition {
                Some(found) => Ok(DescribedTaskDefinition { task_definition: definition(found) }),
                None => Err("an answer without a task definition"),
            },
        )
        .await;
    ecs.list_clusters = Known::Read(ContainerClusters { cluster_arns });
    let listed = listed.into_iter();
    ecs.list_tasks = listed.map(|(arn, task_arns)| (arn, TaskArns { task_arns })).collect();
    Services { ecs, ..Services::default() }
}

/// The tasks of each cluster. Those that stopped since they were listed are not among the answers.
async fn tasks(
    site: &Site,
    client: &Client,
    listed: &BTreeMap<String, Vec<String>>,
) -> BTreeMap<String, DescribedTasks> {
    let parts = listed.iter().flat_map(|(cluster, tasks)| {
        tasks.chunks(MOST).map(move |part| (cluster.clone(), part.to_vec()))
    });
    let parts: Vec<_> = parts.collect();
    let asked = site.gather(parts, |(cluster, part)| async move {
        let call = client.describe_tasks().cluster(&cluster).set_tasks(Some(part)).send();
        let convert = |answer: aws_sdk_ecs::operation::describe_tasks::DescribeTasksOutput| {
            let tasks = answer.tasks.ok_or("an answer without tasks")?;
            Ok(tasks.into_iter().map(task).collect::<Vec<_>>())
        };
        let answer = site.find(&DESCRIBE_TASKS, Some(&cluster), call, convert).await?;
        Ok((cluster, answer.into_option().flatten()))
    });
    let mut described: BTreeMap<String, DescribedTasks> = BTreeMap::new();
    for (cluster, tasks) in asked.await {
        // Each task stands for itself: those of parts that were answered are kept, beside the gap.
        if let Some(tasks) = tasks {
            described.entry(cluster).or_default().tasks.extend(tasks);
        }
    }
    for cluster in described.values_mut() {
        cluster.tasks.sort_by(|a, b| a.task_arn.cmp(&b.task_arn));
    }
    described
}

/// What containers are given and what they were told to run is not kept.
fn task(from: types::Task) -> Task {
    Task {
        task_arn: from.task_arn.unwrap_or_default(),
        cluster_arn: from.cluster_arn,
        task_definition_arn: from.task_definition_arn,
        group: from.group,
        started_by: from.started_by,
        attachments: from.attachments.unwrap_or_default().into_iter().map(attachment).collect(),
        overrides: from.overrides.map(|own| TaskOverride { task_role_arn: own.task_role_arn }),
    }
}

fn attachment(from: types::Attachment) -> Attachment {
    let details = from.details.unwrap_or_default().into_iter();
    let details = details.filter(|detail| detail.name.as_deref() == Some(INTERFACE_ID));
    Attachment {
        id: from.id,
        kind: from.r#type,
        details: details.map(|own| Detail { name: own.name, value: own.value }).collect(),
    }
}

fn definition(from: types::TaskDefinition) -> TaskDefinition {
    TaskDefinition {
        task_definition_arn: from.task_definition_arn.unwrap_or_default(),
        task_role_arn: from.task_role_arn,
    }
}
