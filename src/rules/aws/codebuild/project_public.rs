//! Projects of CodeBuild whose builds everyone can see.

use super::projects::{self, resource};
use crate::inventory::aws::calls::codebuild::{BATCH_GET_PROJECTS, LIST_PROJECTS};
use crate::inventory::aws::codebuild::Project;
use crate::inventory::aws::kinds;
use crate::model::{
    Access, Category, Control, Door, Exposure, Lock, Remediation, Severity, Sources, Status, Step,
    Who, aws,
};
use crate::rules::change::Change;
use crate::rules::{Context, Findings, Found, Region, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "codebuild-project-public",
    title: "The builds of a CodeBuild project can be seen by everyone",
    category: Category::Exposure,
    severity: Severity::High,
    kind: &kinds::CODEBUILD_PROJECT,
    opt_in: false,
    never: &[Status::Undetermined],
    reads: &[&[&BATCH_GET_PROJECTS, &LIST_PROJECTS]],
    reads_more: &[],
    docs: "\
## What it finds
Projects of CodeBuild whose visibility is `PUBLIC_READ`: the history of their builds has a public
address, where everyone sees each build, its environment and, through the project's resource access
role, its logs and artifacts. No log and no artifact is read.

## Why it matters
Builds print what they do: tokens, names of internal hosts, paths to artifacts. Logs of years become
public at once, and what was printed by mistake is found by those who look for it. Environment
variables that are no parameters or secrets are shown in plain text.

## When it is latent
The project has no resource access role: the builds and their environment are listed, and their logs and
artifacts are not shown until it has one. This is medium then.

## How to close it
Make the project private, and change what its logs and variables gave away. An organization can refuse
`codebuild:UpdateProjectVisibility` to everyone.
",
    evaluate,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    for region in cx.regions() {
        for project in projects::of(&region, found) {
            if project.project_visibility.as_deref() == Some("PUBLIC_READ") {
                report(&region, found, project);
            }
        }
    }
}

fn report(region: &Region<'_, '_>, found: &mut Findings, project: &Project) {
    let name = project.name.as_str();
    let mut evidence = vec![
        Step::new("internet", "anyone on the internet can open the public address of the builds"),
        Step::of("project", name, "its visibility is PUBLIC_READ"),
    ];
    // Public readers get logs and artifacts with this role (CodeBuild user guide, "Get public build
    // project URLs"): without it there are the builds alone.
    let role = project.resource_access_role.as_deref().filter(|role| !role.is_empty());
    let locks = match role {
        Some(role) => {
            let text = "gives public readers the logs and artifacts that it may read itself";
            evidence.push(Step::of("resource-access-role", role, text));
            Vec::new()
        }
        None => vec![Lock::Shut(Control {
            control: "no-resource-access-role".to_owned(),
            text: "the project has no resource access role: builds are listed, their logs and \
                   artifacts are not shown"
                .to_owned(),
        })],
    };
    let verdict = Door::open(evidence).behind(locks);
    let title = match verdict.status {
        Status::Latent => format!("anyone could see logs of project {name} but for a control"),
        _ => format!("anyone can see the builds and logs of project {name}"),
    };
    let resource = resource(region, project);
    let change = Change::close(&kinds::CODEBUILD_PROJECT, &resource, name);
    let command = aws([
        "codebuild",
        "update-project-visibility",
        "--region",
        region.name,
        "--project-arn",
        &resource.uid,
        "--project-visibility",
        "PRIVATE",
    ]);
    let finding = Found {
        way_in: "visibility",
        severity: Severity::High,
        title,
        exposure: Some(Exposure {
            who: Who::Anyone.into(),
            access: vec![Access::List, Access::Read],
            source: Some(Sources::Internet),
            ..Exposure::default()
        }),
        verdict,
        remediation: Remediation {
            text: "make the project private, and change the secrets that its logs and variables \
                   gave away"
                .to_owned(),
            commands: vec![command],
        },
        resource,
    };
    found.push_closed_by(finding, change.into_iter().collect());
}
