//! Tasks of ECS: which interface is one's, whose task it is, and the role of its containers.
//!
//! Tasks of the network mode `awsvpc`, as all on Fargate are, have an interface of their own (ECS
//! developer guide, "Task networking options"). Those that use the network of their instance are told
//! apart by nothing that is read here: they are reached as the instance is.

use std::collections::BTreeSet;

use super::network::Reachability;
use crate::inventory::aws::Ecs;
use crate::inventory::aws::calls::Call;
use crate::inventory::aws::calls::ecs::{DESCRIBE_TASKS, LIST_CLUSTERS, LIST_TASKS};
use crate::inventory::aws::ec2::{Ec2, NetworkInterface};
use crate::inventory::aws::ecs::Task;
use crate::model::{Arn, Status};

/// What ECS calls the attachment of an interface in a task.
const INTERFACE: &str = "ElasticNetworkInterface";
/// The detail of such an attachment that names the interface (ECS API reference, Attachment).
pub const INTERFACE_ID: &str = "networkInterfaceId";

/// Whether ECS made the interface for a task: it describes it by the ARN of the attachment. Whoever
/// owns the interface wrote that, so it is no more than a reason to ask ECS.
pub fn is_of_a_task(interface: &NetworkInterface) -> bool {
    let arn = Arn::parse(&interface.description);
    arn.is_some_and(|arn| arn.service == "ecs" && arn.resource.starts_with("attachment/"))
}

/// The interfaces of the account's tasks that the internet reaches, by themselves or through a load
/// balancer.
pub fn reached<'a>(network: &Reachability<'a>, ec2: &'a Ec2) -> BTreeSet<&'a str> {
    let listed = ec2.describe_network_interfaces.read();
    let listed = listed.into_iter().flat_map(|read| &read.network_interfaces);
    let of_tasks = listed.filter(|interface| is_of_a_task(interface));
    let of_tasks: BTreeSet<&str> =
        of_tasks.map(|interface| interface.network_interface_id.as_str()).collect();
    // What another account runs in a shared subnet only that account is told of.
    let own = network.rows.iter().filter(|row| row.resource.owner.is_none());
    let open = own.filter(|row| row.status != Status::Latent);
    open.filter_map(|row| row.eni).filter(|eni| of_tasks.contains(eni)).collect()
}

/// The task that has the interface, among those that were described.
pub fn with_interface<'e>(ecs: &'e Ecs, interface: &str) -> Option<&'e Task> {
    let mut tasks = ecs.describe_tasks.values().flat_map(|described| &described.tasks);
    tasks.find(|task| interfaces(task).any(|own| own == interface))
}

/// The interfaces of a task. It has other attachments: disks, Service Connect.
fn interfaces(task: &Task) -> impl Iterator<Item = &str> {
    let own = task.attachments.iter();
    let own = own.filter(|one| one.kind.as_deref().is_none_or(|kind| kind == INTERFACE));
    let details = own.flat_map(|one| &one.details);
    let named = details.filter(|detail| detail.name.as_deref() == Some(INTERFACE_ID));
    named.filter_map(|detail| detail.value.as_deref())
}

/// What names the role of a task's containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedBy<'e> {
    /// The task itself, which was started with another role than its definition names.
    Override(&'e str),
    /// Its definition, by its ARN.
    Definition(&'e str),
    /// Nothing that was told.
    Nothing,
}

/// What names the role of a task's containers: what it was started with goes before its definition
/// (ECS API reference, TaskOverride `taskRoleArn`).
pub fn role_named_by(task: &Task) -> NamedBy<'_> {
    let filled = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.is_empty());
    let overrides = task.overrides.as_ref().map(|overrides| &overrides.task_role_arn);
    match (overrides.filter(|role| filled(role)), &task.task_definition_arn) {
        (Some(Some(role)), _) => NamedBy::Override(role),
        (_, Some(definition)) => NamedBy::Definition(definition),
        _ => NamedBy::Nothing,
    }
}

/// The service that keeps the task running, by cluster and name (`prod/web`). Any task may be started
/// with any group; those of services say by which deployment they were (ECS API reference, Task
/// `startedBy`).
pub fn service(task: &Task) -> Option<String> {
    let name = task.group.as_deref()?.strip_prefix("service:")?;
    task.started_by.as_deref()?.strip_prefix("ecs-svc/")?;
    let cluster = Arn::parse(task.cluster_arn.as_deref()?)?.resource.strip_prefix("cluster/")?;
    Some(format!("{cluster}/{name}"))
}

/// The calls that could have told of a task that was not found, each with what it is about; empty
/// where all were answered, and the task is gone.
pub fn unread(ecs: &Ecs) -> Vec<(&'static Call, Option<&str>)> {
    let Some(listed) = ecs.list_clusters.read() else { return vec![(&LIST_CLUSTERS, None)] };
    let clusters = listed.cluster_arns.iter().map(String::as_str);
    let missing = clusters.filter_map(|cluster| match ecs.list_tasks.get(cluster) {
        None => Some((&LIST_TASKS, Some(cluster))),
        Some(tasks) if tasks.task_arns.is_empty() => None,
        Some(_) if ecs.describe_tasks.contains_key(cluster) => None,
        Some(_) => Some((&DESCRIBE_TASKS, Some(cluster))),
    });
    missing.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::aws::ecs::{Attachment, Detail, TaskOverride};

    #[test]
    fn an_interface_is_of_a_task_where_its_description_is_an_attachment_of_ecs() {
        for (description, expected) in [
            ("arn:aws:ecs:eu-west-1:111122223333:attachment/1-2", true),
            ("arn:aws-us-gov:ecs:us-gov-west-1:111122223333:attachment/1-2", true),
            ("arn:aws:ecs:eu-west-1:111122223333:cluster/prod", false),
            ("arn:aws:eks:eu-west-1:111122223333:attachment/1-2", false),
            ("aws-K8S-i-1", false),
            ("", false),
        ] {
            let interface =
                NetworkInterface { description: description.to_owned(), ..Default::default() };
            assert_eq!(is_of_a_task(&interface), expected, "{description}");
        }
    }

    fn attachment(kind: &str, name: &str, value: &str) -> Attachment {
        let detail = Detail { name: Some(name.to_owned()), value: Some(value.to_owned()) };
        Attachment { kind: Some(kind.to_owned()), details: vec![detail], ..Default::default() }
    }

    #[test]
    fn a_task_has_the_interface_that_its_attachment_of_that_type_names() {
        let task = Task {
            attachments: vec![
                attachment("Service Connect", INTERFACE_ID, "eni-0"),
                attachment(INTERFACE, "subnetId", "eni-1"),
                attachment(INTERFACE, INTERFACE_ID, "eni-2"),
            ],
            ..Task::default()
        };
        assert_eq!(interfaces(&task).collect::<Vec<_>>(), ["eni-2"]);
    }

    #[test]
    fn the_role_that_a_task_was_started_with_goes_before_that_of_its_definition() {
        let of = |role: Option<&str>, definition: Option<&str>| {
            let overrides = TaskOverride { task_role_arn: role.map(str::to_owned) };
            let task = Task {
                overrides: Some(overrides),
                task_definition_arn: definition.map(str::to_owned),
                ..Task::default()
            };
            format!("{:?}", role_named_by(&task))
        };
        assert_eq!(of(Some("r"), Some("d")), r#"Override("r")"#);
        assert_eq!(of(Some(""), Some("d")), r#"Definition("d")"#);
        assert_eq!(of(None, Some("d")), r#"Definition("d")"#);
        assert_eq!(of(None, None), "Nothing");
    }

    #[test]
    fn a_task_is_of_a_service_where_both_its_group_and_its_starter_say_so() {
        let of = |group: &str, by: &str| {
            service(&Task {
                group: Some(group.to_owned()),
                started_by: Some(by.to_owned()),
                cluster_arn: Some("arn:aws:ecs:eu-west-1:111122223333:cluster/prod".to_owned()),
                ..Task::default()
            })
        };
        assert_eq!(of("service:web", "ecs-svc/123").as_deref(), Some("prod/web"));
        assert_eq!(of("service:web", "somebody"), None);
        assert_eq!(of("family:web", "ecs-svc/123"), None);
    }
}
