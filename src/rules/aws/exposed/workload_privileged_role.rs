//! What an open door leads to: workloads that the internet reaches and whose role is worth having.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::workload::{Assigned, Workload};
use super::{functions, instances, tasks};
use crate::analysis::aws::network::reads;
use crate::analysis::aws::rights::{self, Class, Rights, Source};
use crate::inventory::aws::calls::Call;
use crate::inventory::aws::calls::ecs::{
    DESCRIBE_TASK_DEFINITION, DESCRIBE_TASKS, LIST_CLUSTERS, LIST_TASKS,
};
use crate::inventory::aws::calls::iam::GET_ACCOUNT_AUTHORIZATION_DETAILS;
use crate::inventory::aws::calls::lambda::{
    GET_FUNCTION_CONCURRENCY, GET_POLICY, LIST_ALIASES, LIST_FUNCTION_URL_CONFIGS, LIST_FUNCTIONS,
};
use crate::inventory::aws::calls::s3::LIST_BUCKETS;
use crate::inventory::aws::calls::secretsmanager::LIST_SECRETS;
use crate::inventory::aws::iam::{AccountAuthorizationDetails, RoleDetail};
use crate::inventory::aws::kinds;
use crate::model::{
    Category, Door, GLOBAL, Lock, Remediation, Severity, Sources, Status, Step, aws, first_few,
};
use crate::rules::change::Change;
use crate::rules::shapes::port::note_unread;
use crate::rules::shapes::rights::steps;
use crate::rules::{Context, Findings, Found, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "exposed-workload-privileged-role",
    title: "A workload that the internet reaches has a privileged role",
    category: Category::Exposure,
    severity: Severity::Critical,
    kind: &kinds::EC2_INSTANCE,
    opt_in: false,
    never: &[],
    reads: &[
        reads::CONTROLS,
        reads::INTERFACES,
        reads::INSTANCES,
        reads::LOAD_BALANCERS,
        reads::TARGETS,
        ECS,
        IAM,
        LAMBDA,
    ],
    reads_more: &[&LIST_BUCKETS, &LIST_SECRETS],
    docs: "\
## What it finds
Workloads that strangers get to and whose role may do everything, may get there (the known ways of
escalation in IAM), or reads what the account stores: objects, tables, databases, secrets, keys,
parameters. Workloads are

- instances that the internet reaches on any port, web ports among them, by an address of their own or
  through a load balancer, with the role of their instance profile;
- tasks of ECS with an interface of their own (all on Fargate) that the internet reaches in the same ways,
  with the role that the task or its definition names. The role by which ECS starts them is not theirs.
  What a service keeps running is one finding. Containers that use the network of their instance are found
  as that instance, with its role alone;
- functions of Lambda that anyone calls by a URL, that any AWS account invokes or changes by the API, or
  that the internet reaches through a load balancer, with the role of the function.

What the role may do is what its attached and inline policies allow, less what they deny, cut by its
permissions boundary. Conditions are not decided, and stand in the evidence.

Each right of the table has a published source. AmazonSSMManagedInstanceCore, which many instances have,
is among what is found: it reads every parameter of Parameter Store.

## Why it matters
A hole in a web application is a nuisance until the workload has a role: whoever runs code there has the
credentials of the role and goes on from anywhere; on an instance it is enough to make the machine send a
request to its metadata service. Rights to everything and ways to them are critical, reading of data is
high; one level less where a part of the internet only gets in, or a load balancer asks for a login. It is
one level more where the metadata service answers without a token (IMDSv1), so that a forged request is
enough, or lets its answer travel more than one hop, to containers on the machine.

## When it is latent
The metadata service of the instance is off, so that nothing on it gets the credentials of the role.
Doors that a control keeps shut are reported by the rules about ports, functions and their URLs, and not
followed.

## How to close it
Give the role what the workload takes and no more, on named resources, and demand tokens of the metadata
service of instances (`HttpTokens` `required`, hop limit 1). Close the door if nobody has to come in by it.
",
    evaluate,
};

const IAM: &[&Call] = &[&GET_ACCOUNT_AUTHORIZATION_DETAILS];
const ECS: &[&Call] = &[&DESCRIBE_TASK_DEFINITION, &DESCRIBE_TASKS, &LIST_CLUSTERS, &LIST_TASKS];
const LAMBDA: &[&Call] = &[
    &GET_FUNCTION_CONCURRENCY,
    &GET_POLICY,
    &LIST_ALIASES,
    &LIST_FUNCTION_URL_CONFIGS,
    &LIST_FUNCTIONS,
];

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    let iam = &cx.snapshot.global.iam.get_account_authorization_details;
    if iam.is_unread() {
        found.unread(&GET_ACCOUNT_AUTHORIZATION_DETAILS, GLOBAL);
    }
    let mut roles = iam.read().map(Roles::new);
    for region in cx.regions() {
        note_unread(&region, found);
        let mut workloads = instances::reached(&region, found);
        workloads.extend(tasks::reached(&region, found));
        let matters = |role: &Assigned| roles.as_mut().is_some_and(|roles| roles.matter(role));
        workloads.extend(functions::reached(cx, &region, found, matters));
        let Some(roles) = &mut roles else { continue };
        // The tasks of a service may have several roles while it is deployed anew: the worst counts.
        let mut worst: BTreeMap<String, (Severity, Workload, Judged<'_>)> = BTreeMap::new();
        for workload in workloads {
            // An instance profile may be without a role, or a role gone: then there are no
            // credentials.
            let Some(judged) = roles.of(&workload.role) else { continue };
            if !judged.rights.unknown.is_empty() {
                found.unread(&GET_ACCOUNT_AUTHORIZATION_DETAILS, GLOBAL);
            }
            let Some(class) = judged.rights.worst() else { continue };
            let severity = severity(class, &workload);
            let known = worst.get(&workload.resource.uid);
            if known.is_none_or(|(known, ..)| *known < severity) {
                let uid = workload.resource.uid.clone();
                worst.insert(uid, (severity, workload, judged));
            }
        }
        for (severity, workload, judged) in worst.into_values() {
            report(cx, found, workload, &judged, severity);
        }
    }
}

/// A role with its rights that count.
#[derive(Clone)]
struct Judged<'a> {
    role: &'a RoleDetail,
    rights: Rc<Rights<'a>>,
}

/// The roles of the account, each judged once.
struct Roles<'a> {
    account: &'a AccountAuthorizationDetails,
    judged: BTreeMap<&'a str, Rc<Rights<'a>>>,
}

impl<'a> Roles<'a> {
    fn new(account: &'a AccountAuthorizationDetails) -> Roles<'a> {
        Roles { account, judged: BTreeMap::new() }
    }

    fn of(&mut self, assigned: &Assigned) -> Option<Judged<'a>> {
        let mut roles = self.account.role_detail_list.iter();
        let role = roles.find(|role| assigned.is(role))?;
        let rights = self.judged.entry(role.arn.as_str());
        let rights = rights.or_insert_with(|| Rc::new(rights::of(self.account, role)));
        Some(Judged { role, rights: Rc::clone(rights) })
    }

    /// Whether it matters who gets hold of a role: it is worth having, or nobody can tell.
    fn matter(&mut self, assigned: &Assigned) -> bool {
        let judged = self.of(assigned);
        judged.is_some_and(|judged| {
            judged.rights.worst().is_some() || !judged.rights.unknown.is_empty()
        })
    }
}

fn report(
    cx: &Context<'_>,
    found: &mut Findings,
    workload: Workload,
    judged: &Judged<'_>,
    severity: Severity,
) {
    let Judged { role, rights } = judged;
    let Workload { resource, label, to, role: assigned, door, mut locks, eased, also } = workload;
    let mut evidence = door.verdict.evidence;
    evidence.extend(assigned.proof(role));
    evidence.extend(steps(cx.snapshot, &role.role_name, rights));
    for unknown in &rights.unknown {
        let text = format!("{unknown} was not told or cannot be read: what it says is not counted");
        evidence.push(Step::of("note", &*role.role_name, text));
    }
    evidence.extend(eased);
    locks.extend(door.verdict.undecided.into_iter().map(Lock::Unknown));
    let boundary_unknown =
        rights.unknown.iter().find(|one| one.starts_with("permissions boundary"));
    locks.extend(boundary_unknown.map(|boundary| {
        Lock::Unknown(
            GET_ACCOUNT_AUTHORIZATION_DETAILS.missing(format!("what the {boundary} leaves of it")),
        )
    }));
    let verdict = Door::open(evidence).behind(locks);
    let what = match rights.worst() {
        Some(Class::Admin) => "may do everything in the account",
        Some(Class::Escalation) => "can get every right of the account",
        Some(Class::Data) | None => "reads what the account stores",
    };
    let role_name = &role.role_name;
    let title = match verdict.status {
        Status::Latent => format!(
            "{label} is open to {to}; but for a control it would give role {role_name}, which {what}"
        ),
        Status::Undetermined => {
            format!("{label} may be open to {to} and has role {role_name}, which {what}")
        }
        _ => format!("{label} is open to {to} and has role {role_name}, which {what}"),
    };
    let (remediation, changes) = remediation(role, rights, also);
    let finding = Found {
        way_in: "role",
        severity,
        title,
        exposure: Some(door.exposure),
        verdict,
        remediation,
        resource,
    };
    found.push_closed_by(finding, changes);
}

/// Everything, or a way to it, for whoever finds a hole in what listens is critical; data is one
/// level less, as is a door for a part of the internet only, or one that asks for a login. Credentials
/// that are had more easily are one level more.
fn severity(worst: Class, workload: &Workload) -> Severity {
    let door = &workload.door;
    let part = door.exposure.source.is_some_and(|source| source < Sources::Internet);
    let (lower, eased) = (part || door.hindered, !workload.eased.is_empty());
    let by_rights = match worst {
        Class::Admin | Class::Escalation => Severity::Critical,
        Class::Data => Severity::High,
    };
    match (by_rights, lower, eased) {
        (severity, true, true) | (severity, false, false) => severity,
        (_, false, true) => Severity::Critical,
        (Severity::Critical, true, false) => Severity::High,
        (_, true, false) => Severity::Medium,
    }
}

/// The policies that give the rights are taken from the role: the door may be meant to be open.
fn remediation(role: &RoleDetail, rights: &Rights<'_>, also: &str) -> (Remediation, Vec<Change>) {
    let name = role.role_name.as_str();
    let policies: BTreeSet<&Source<'_>> = rights.held.iter().flat_map(|held| &held.by).collect();
    let commands = policies.iter().map(|source| match source {
        Source::Attached { arn, .. } => {
            aws(["iam", "detach-role-policy", "--role-name", name, "--policy-arn", arn])
        }
        Source::Inline(policy) => {
            aws(["iam", "delete-role-policy", "--role-name", name, "--policy-name", policy])
        }
    });
    let commands = commands.collect();
    let mut attached = Vec::new();
    let mut inline = Vec::new();
    for source in &policies {
        match source {
            Source::Attached { arn, .. } => attached.push((*arn).to_owned()),
            Source::Inline(policy) => inline.push((*policy).to_owned()),
        }
    }
    let change = Change::RolePolicies { role: name.to_owned(), attached, inline };
    let names = first_few(policies.iter().map(|source| source.name()), 3);
    let text = format!(
        "give role {name} what the workload takes and no more, on named resources{also}; the \
         commands take {names} from the role, for everything that uses it"
    );
    (Remediation { text, commands }, vec![change])
}
