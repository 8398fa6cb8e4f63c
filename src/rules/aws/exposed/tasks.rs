//! Tasks of ECS with an interface of their own that the internet reaches.

use std::collections::BTreeMap;

use super::doors;
use super::workload::{Assigned, Workload};
use crate::analysis::aws::tasks::{self, NamedBy};
use crate::inventory::aws::Ecs;
use crate::inventory::aws::calls::ecs::DESCRIBE_TASK_DEFINITION;
use crate::inventory::aws::ecs::Task;
use crate::inventory::aws::kinds;
use crate::model::{Arn, Resource, Status, Step};
use crate::rules::shapes::port::Opening;
use crate::rules::{Findings, Region};

/// What the tasks of one service, or a task without one, and one role have in common.
struct Tasks<'r, 'a> {
    resource: Resource,
    noun: &'static str,
    proof: Vec<Step>,
    openings: Vec<Opening<'r, 'a>>,
}

/// The services of ECS, and tasks without one, that the internet reaches. A task has no role where
/// neither it nor its definition names one: the role of the agent is not that of the containers (ECS
/// developer guide, "Amazon ECS task execution IAM role").
pub fn reached(region: &Region<'_, '_>, found: &mut Findings) -> Vec<Workload> {
    let ecs = &region.services.ecs;
    let network = region.network();
    let mut together: BTreeMap<(String, String), Tasks<'_, '_>> = BTreeMap::new();
    for interface in tasks::reached(network, &region.services.ec2) {
        let Some(task) = tasks::with_interface(ecs, interface) else {
            for (call, about) in tasks::unread(ecs) {
                match about {
                    Some(cluster) => found.unread_one(call, region.name, cluster),
                    None => found.unread(call, region.name),
                }
            }
            continue;
        };
        let Some((role, proof)) = role(ecs, task, interface, region.name, found) else { continue };
        let own = network.rows.iter().filter(|row| row.eni == Some(interface));
        let open = own.filter(|row| row.status != Status::Latent);
        let (resource, noun) = resource(region, task);
        let tasks = together.entry((resource.uid.clone(), role)).or_insert_with(|| Tasks {
            resource,
            noun,
            proof,
            openings: Vec::new(),
        });
        tasks.openings.extend(open.flat_map(doors::of));
    }
    let workloads = together.into_iter().filter_map(|((_, role), tasks)| {
        Some(Workload {
            label: format!("{} {}", tasks.noun, tasks.resource.id),
            resource: tasks.resource,
            to: "the internet",
            role: Assigned::Role(role, tasks.proof),
            door: doors::widest(region, tasks.openings)?,
            locks: Vec::new(),
            eased: Vec::new(),
            also: "",
        })
    });
    workloads.collect()
}

/// The role of a task's containers, with the proof.
fn role(
    ecs: &Ecs,
    task: &Task,
    interface: &str,
    region: &str,
    found: &mut Findings,
) -> Option<(String, Vec<Step>)> {
    let arn = task.task_arn.as_str();
    let has = |role: &str, how: &str| {
        let text = format!(
            "has the interface {interface}, and its containers the credentials of role {}, which \
             {how}",
            name(role)
        );
        (role.to_owned(), vec![Step::of("task", arn, text)])
    };
    match tasks::role_named_by(task) {
        NamedBy::Override(role) => Some(has(role, "it was started with")),
        NamedBy::Definition(definition) => {
            let Some(told) = ecs.describe_task_definition.get(definition) else {
                found.unread_one(&DESCRIBE_TASK_DEFINITION, region, definition);
                return None;
            };
            let role = told.task_definition.task_role_arn.as_deref();
            let role = role.filter(|role| !role.is_empty())?;
            // `arn:…:task-definition/<family>:<revision>`
            let definition = definition.rsplit('/').next().unwrap_or(definition);
            Some(has(role, &format!("its definition {definition} names")))
        }
        NamedBy::Nothing => None,
    }
}

/// The name of a role by its ARN.
fn name(role: &str) -> &str {
    role.rsplit('/').next().unwrap_or(role)
}

/// What a finding is about: tasks come and go, the service that starts them stays.
fn resource(region: &Region<'_, '_>, task: &Task) -> (Resource, &'static str) {
    let place = region.place();
    if let Some(service) = tasks::service(task) {
        return (kinds::ECS_SERVICE.resource(&place, &service), "service");
    }
    let arn = task.task_arn.as_str();
    let id = Arn::parse(arn).and_then(|arn| arn.resource.strip_prefix("task/")).unwrap_or(arn);
    (kinds::ECS_TASK.resource_of(&place, id, arn), "task")
}
