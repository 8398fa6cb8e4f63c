//! What an open door leads to: workloads that the internet reaches and whose role is worth having.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::aws::network::reads;
use crate::analysis::aws::rights::{self, Class, Rights, Source};
use crate::inventory::aws::calls::Call;
use crate::inventory::aws::calls::ec2::DESCRIBE_INSTANCES;
use crate::inventory::aws::calls::iam::GET_ACCOUNT_AUTHORIZATION_DETAILS;
use crate::inventory::aws::calls::s3::LIST_BUCKETS;
use crate::inventory::aws::ec2::{Instance, MetadataOptions};
use crate::inventory::aws::iam::RoleDetail;
use crate::inventory::aws::kinds;
use crate::model::{
    Category, Control, Door, Exposure, GLOBAL, Known, Lock, Remediation, Resource, Severity,
    Sources, Status, Step, Verdict, aws, first_few,
};
use crate::rules::change::Change;
use crate::rules::shapes::port::{Group, Opening, exposure, note_unread, verdict};
use crate::rules::shapes::rights::steps;
use crate::rules::{Context, Findings, Found, Region, Rule};

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
        IAM,
    ],
    reads_more: &[&LIST_BUCKETS],
    docs: "\
## What it finds
Instances that the internet reaches on any port, web ports among them, by an address of their own or
through a load balancer, and whose role (by the instance profile) may do everything, may get there (the
known ways of escalation in IAM), or reads what the account stores: objects, tables, databases, secrets,
keys, parameters. What the role may do is what its attached and inline policies allow, less what they
deny, cut by its permissions boundary. Conditions are not decided, and stand in the evidence.

Each right of the table has a published source. AmazonSSMManagedInstanceCore, which many instances have,
is among what is found: it reads every parameter of Parameter Store.

## Why it matters
A hole in a web application is a nuisance until the machine has a role: whoever runs code there, or only
makes the machine send a request to its metadata service, has the credentials of the role and goes on
from anywhere. Rights to everything and ways to them are critical, reading of data is high. It is one
level more where the metadata service answers without a token (IMDSv1), so that a forged request is
enough, or lets its answer travel more than one hop, to containers on the machine.

## When it is latent
The metadata service of the instance is off, so that nothing on it gets the credentials of the role.
Doors that a control keeps shut are reported by the rules about ports, and not followed.

## How to close it
Give the role what the workload takes and no more, on named resources, and demand tokens of the metadata
service (`HttpTokens` `required`, hop limit 1). Close the door if nobody has to come in by it.
",
    evaluate,
};

const IAM: &[&Call] = &[&GET_ACCOUNT_AUTHORIZATION_DETAILS];

/// A workload that the internet reaches. Other kinds (functions behind a URL, tasks of ECS) are told
/// by functions of their own beside [`instances`]; what follows is the same for all.
struct Workload {
    resource: Resource,
    /// How it gets its role, in words, where it has one.
    role: Option<Assigned>,
    exposure: Exposure,
    /// That it is open, and the controls before the credentials of its role.
    door: Verdict,
    locks: Vec<Lock>,
    /// By what its credentials are had more easily.
    eased: Vec<Step>,
}

/// What names the role of a workload.
enum Assigned {
    /// The ARN of an instance profile.
    Profile(String),
}

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    let iam = &cx.snapshot.global.iam.get_account_authorization_details;
    if iam.is_unread() {
        found.unread(&GET_ACCOUNT_AUTHORIZATION_DETAILS, GLOBAL);
    }
    for region in cx.regions() {
        note_unread(&region, found);
        for workload in instances(&region, found) {
            let (Known::Read(account), Some(assigned)) = (iam, &workload.role) else { continue };
            let mut roles = account.role_detail_list.iter();
            // An instance profile may be without a role, or gone: then there are no credentials.
            let Some(role) = roles.find(|role| assigned.is(role)) else { continue };
            let rights = rights::of(account, role);
            if !rights.unknown.is_empty() {
                found.unread(&GET_ACCOUNT_AUTHORIZATION_DETAILS, GLOBAL);
            }
            if let Some(worst) = rights.worst() {
                report(cx, found, workload, (role, &rights, worst));
            }
        }
    }
}

impl Assigned {
    fn is(&self, role: &RoleDetail) -> bool {
        let Assigned::Profile(arn) = self;
        role.instance_profile_list.iter().any(|profile| profile.arn == *arn)
    }
}

/// The instances that the internet reaches.
fn instances(region: &Region<'_, '_>, found: &mut Findings) -> Vec<Workload> {
    let mut openings: BTreeMap<&str, Vec<Opening<'_, '_>>> = BTreeMap::new();
    for row in &region.network().rows {
        if row.resource.kind != &kinds::EC2_INSTANCE || row.status == Status::Latent {
            continue;
        }
        let own = openings.entry(row.resource.id).or_default();
        match &row.front {
            None => own.extend(Opening::of(row)),
            Some(front) => own.extend(front.paths.iter().filter_map(|path| {
                let port = path.to?;
                let through = row.part(&[(port, port)]);
                let usage = Opening::of(&through).pop()?.usage;
                let ports = Some((port, port));
                Some(Opening { row, ports, usage, severity: Severity::Low, path: Some(path) })
            })),
        }
    }
    if openings.is_empty() {
        return Vec::new();
    }
    let Known::Read(listed) = &region.services.ec2.describe_instances else {
        found.unread(&DESCRIBE_INSTANCES, region.name);
        return Vec::new();
    };
    let instances = listed.reservations.iter().flat_map(|reservation| &reservation.instances);
    let instances: BTreeMap<&str, &Instance> =
        instances.map(|instance| (instance.instance_id.as_str(), instance)).collect();
    let mut workloads = Vec::new();
    for (id, mut openings) in openings {
        openings.retain(|opening| Group::of(opening.usage.class).is_some());
        let Some(instance) = instances.get(id) else { continue };
        let Some(status) = openings.iter().map(Opening::status).min() else { continue };
        openings.retain(|opening| opening.status() == status);
        let openings: Vec<&Opening<'_, '_>> = openings.iter().collect();
        let profile = instance.iam_instance_profile.as_ref().and_then(|one| one.arn.clone());
        let metadata = instance.metadata_options.as_ref();
        workloads.push(Workload {
            resource: openings[0].row.resource.resource(&region.place()),
            role: profile.map(Assigned::Profile),
            exposure: exposure(region, &openings),
            door: verdict(region, &openings),
            locks: metadata.into_iter().filter_map(|options| metadata_off(id, options)).collect(),
            eased: metadata.map(|options| metadata_eases(id, options)).unwrap_or_default(),
        });
    }
    workloads
}

/// Without the metadata service nothing on an instance gets the credentials of its role (EC2 user
/// guide, "Configure the instance metadata options").
fn metadata_off(id: &str, options: &MetadataOptions) -> Option<Lock> {
    let off = options.http_endpoint.as_deref() == Some("disabled");
    off.then(|| {
        Lock::Shut(Control {
            control: "metadata-service-off".into(),
            text: format!("the metadata service of {id} is off: it gives nobody the credentials"),
        })
    })
}

/// Settings by which more than the software that is meant gets credentials of the metadata service
/// (EC2 user guide, "Use the Instance Metadata Service to access instance metadata").
fn metadata_eases(id: &str, options: &MetadataOptions) -> Vec<Step> {
    let mut steps = Vec::new();
    if options.http_tokens.as_deref() == Some("optional") {
        let text = "the metadata service answers without a token (IMDSv1): a request that somebody \
                    makes the machine send is enough for the credentials";
        steps.push(Step::of("metadata-service", id, text));
    }
    if let Some(hops) = options.http_put_response_hop_limit.filter(|hops| *hops > 1) {
        let text = format!(
            "tokens of the metadata service travel {hops} hops: containers on the machine get the \
             credentials"
        );
        steps.push(Step::of("metadata-service", id, text));
    }
    steps
}

fn report(
    cx: &Context<'_>,
    found: &mut Findings,
    workload: Workload,
    (role, rights, worst): (&RoleDetail, &Rights<'_>, Class),
) {
    let Workload { resource, role: assigned, exposure, door, mut locks, eased } = workload;
    let severity = severity(worst, exposure.source, !eased.is_empty());
    let mut evidence = door.evidence;
    if let Some(Assigned::Profile(arn)) = assigned {
        let text = format!("gives the instance the credentials of role {}", role.role_name);
        evidence.push(Step::of("instance-profile", arn, text));
    }
    evidence.extend(steps(cx.snapshot, &role.role_name, rights));
    for unknown in &rights.unknown {
        let text = format!("{unknown} was not told or cannot be read: what it says is not counted");
        evidence.push(Step::of("note", &*role.role_name, text));
    }
    evidence.extend(eased);
    locks.extend(door.undecided.into_iter().map(Lock::Unknown));
    let boundary_unknown =
        rights.unknown.iter().find(|one| one.starts_with("permissions boundary"));
    locks.extend(boundary_unknown.map(|boundary| {
        Lock::Unknown(
            GET_ACCOUNT_AUTHORIZATION_DETAILS.missing(format!("what the {boundary} leaves of it")),
        )
    }));
    let verdict = Door::open(evidence).behind(locks);
    let what = match worst {
        Class::Admin => "may do everything in the account",
        Class::Escalation => "can get every right of the account",
        Class::Data => "reads what the account stores",
    };
    let label = resource.name.as_deref().unwrap_or(&resource.id);
    let role_name = &role.role_name;
    let title = match verdict.status {
        Status::Latent => format!(
            "{label} is open to the internet; but for a control it would give role {role_name}, \
             which {what}"
        ),
        Status::Undetermined => {
            format!("{label} may be open to the internet and has role {role_name}, which {what}")
        }
        _ => format!("{label} is open to the internet and has role {role_name}, which {what}"),
    };
    let (remediation, changes) = remediation(role, rights);
    let finding = Found {
        way_in: "role",
        severity,
        title,
        exposure: Some(exposure),
        verdict,
        remediation,
        resource,
    };
    found.push_closed_by(finding, changes);
}

/// Everything, or a way to it, for whoever finds a hole in what listens is critical; data is one
/// level less, as is a door for a part of the internet only. Credentials that are had more easily
/// are one level more.
fn severity(worst: Class, source: Option<Sources>, eased: bool) -> Severity {
    let by_rights = match worst {
        Class::Admin | Class::Escalation => Severity::Critical,
        Class::Data => Severity::High,
    };
    let lower = source.is_some_and(|source| source < Sources::Internet);
    match (by_rights, lower, eased) {
        (severity, true, true) | (severity, false, false) => severity,
        (_, false, true) => Severity::Critical,
        (Severity::Critical, true, false) => Severity::High,
        (_, true, false) => Severity::Medium,
    }
}

/// The policies that give the rights are taken from the role: the door may be meant to be open.
fn remediation(role: &RoleDetail, rights: &Rights<'_>) -> (Remediation, Vec<Change>) {
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
        "give role {name} what the workload takes and no more, on named resources, and demand \
         tokens of the metadata service; the commands take {names} from the role, for everything \
         that uses it"
    );
    (Remediation { text, commands }, vec![change])
}
