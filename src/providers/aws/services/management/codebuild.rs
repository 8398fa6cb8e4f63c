//! Projects of CodeBuild: who sees their builds, and what starts one.

use aws_sdk_codebuild::operation::batch_get_projects::BatchGetProjectsOutput;
use aws_sdk_codebuild::operation::list_projects::ListProjectsOutput;
use aws_sdk_codebuild::types;

use crate::inventory::aws::calls::codebuild::{BATCH_GET_PROJECTS, LIST_PROJECTS};
use crate::inventory::aws::codebuild::{
    Project, ProjectNames, ProjectSource, Projects, PullRequestBuildPolicy, Webhook, WebhookFilter,
};
use crate::inventory::aws::{CodeBuild, Services};
use crate::model::Known;
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Converted, Site, client};

/// The most that one call takes (CodeBuild API reference, BatchGetProjects).
const BATCH: usize = 100;

pub(crate) static COLLECTOR: Collector = Collector {
    service: "codebuild",
    scope: Scope::Region,
    calls: &[&BATCH_GET_PROJECTS, &LIST_PROJECTS],
    collect: |site| Box::pin(collect(site)),
};

async fn collect(site: &Site) -> Services {
    let sdk = client!(aws_sdk_codebuild, site);
    // A page holds 100 names (CodeBuild API reference, ListProjects).
    let pages = sdk.list_projects().into_paginator().send();
    let open = |page: ListProjectsOutput| (page.projects, page.next_token);
    let Known::Read(names) = site.list_apart(&LIST_PROJECTS, pages, open, |name| name).await else {
        return Services::default();
    };
    let ask = |names| sdk.batch_get_projects().set_names(Some(names)).send();
    let read = site.batches(&BATCH_GET_PROJECTS, (&names, BATCH), ask, projects).await;
    let projects = read.map(|mut projects| {
        projects.sort_by(|a, b| a.name.cmp(&b.name));
        Projects { projects }
    });
    let codebuild = CodeBuild {
        list_projects: Known::Read(ProjectNames { projects: names }),
        batch_get_projects: projects,
    };
    Services { codebuild, ..Services::default() }
}

fn projects(answer: BatchGetProjectsOutput) -> Converted<Vec<Project>> {
    let projects = answer.projects.ok_or("an answer without projects")?;
    Ok(projects.into_iter().map(project).collect())
}

fn project(from: types::Project) -> Project {
    Project {
        name: from.name.unwrap_or_default(),
        arn: from.arn,
        project_visibility: from.project_visibility.map(|kind| kind.as_str().to_owned()),
        public_project_alias: from.public_project_alias,
        resource_access_role: from.resource_access_role,
        service_role: from.service_role,
        source: from.source.map(|source| ProjectSource {
            kind: Some(source.r#type.as_str().to_owned()),
            location: source.location,
        }),
        webhook: from.webhook.map(webhook),
    }
}

fn webhook(from: types::Webhook) -> Webhook {
    let groups = from.filter_groups.unwrap_or_default().into_iter();
    Webhook {
        filter_groups: groups.map(|group| group.into_iter().map(filter).collect()).collect(),
        status: from.status.map(|status| status.as_str().to_owned()),
        pull_request_build_policy: from.pull_request_build_policy.map(|policy| {
            let roles = policy.approver_roles.unwrap_or_default().into_iter();
            PullRequestBuildPolicy {
                requires_comment_approval: Some(
                    policy.requires_comment_approval.as_str().to_owned(),
                ),
                approver_roles: roles.map(|role| role.as_str().to_owned()).collect(),
            }
        }),
    }
}

fn filter(from: types::WebhookFilter) -> WebhookFilter {
    WebhookFilter {
        kind: from.r#type.as_str().to_owned(),
        pattern: from.pattern,
        exclude_matched_pattern: from.exclude_matched_pattern,
    }
}

#[cfg(test)]
mod tests {
    use crate::model::Outcome;
    use crate::providers::aws::tests::replay::{Cloud, json_error, ok};

    #[test]
    fn projects_are_listed_in_pages_and_read_a_hundred_at_a_time() {
        let cloud = Cloud::new(|asked| match asked.what.as_str() {
            "ListProjects" if asked.form.contains("nextToken") => ok(r#"{"projects":["last"]}"#),
            "ListProjects" => {
                let names: Vec<String> = (0..100).map(|n| format!(r#""p{n}""#)).collect();
                ok(format!(r#"{{"projects":[{}],"nextToken":"2"}}"#, names.join(",")))
            }
            "BatchGetProjects" if asked.form.contains("last") => ok(r#"{"projects":[{
                "name":"last","arn":"arn:aws:codebuild:us-east-1:1:project/last",
                "projectVisibility":"PUBLIC_READ","publicProjectAlias":"abc",
                "serviceRole":"arn:aws:iam::1:role/build",
                "source":{"type":"GITHUB","location":"https://github.com/a/b.git"},
                "webhook":{"url":"u","status":"ACTIVE","filterGroups":[[
                    {"type":"EVENT","pattern":"PULL_REQUEST_CREATED","excludeMatchedPattern":false}]],
                    "pullRequestBuildPolicy":{"requiresCommentApproval":"DISABLED"}}}]}"#),
            "BatchGetProjects" => {
                assert_eq!(asked.form.matches("\"p").count(), 100, "{}", asked.form);
                ok(r#"{"projects":[{"name":"p0"}],"projectsNotFound":["p1"]}"#)
            }
            other => panic!("{other}"),
        });
        let snapshot = cloud.collect(&["codebuild"]);
        assert_eq!(snapshot.gaps, []);
        let read = &snapshot.regions["us-east-1"].codebuild;
        let projects = &read.batch_get_projects.read().expect("projects").projects;
        let [last, p0] = projects.as_slice() else { panic!("{projects:?}") };
        assert_eq!(p0.webhook, None);
        assert_eq!(last.project_visibility.as_deref(), Some("PUBLIC_READ"));
        let webhook = last.webhook.as_ref().expect("a webhook");
        assert_eq!(webhook.filter_groups[0][0].pattern, "PULL_REQUEST_CREATED");
        let policy = webhook.pull_request_build_policy.as_ref().expect("a policy");
        assert_eq!(policy.requires_comment_approval.as_deref(), Some("DISABLED"));
        assert_eq!(cloud.asked()["BatchGetProjects"], 2);
    }

    #[test]
    fn a_region_without_projects_costs_one_call_and_refusals_are_gaps() {
        let cloud = Cloud::new(|_| ok(r#"{"projects":[]}"#));
        assert_eq!(cloud.collect(&["codebuild"]).gaps, []);
        assert_eq!(cloud.asked(), [("ListProjects".to_owned(), 1)].into());
        let cloud = Cloud::new(|asked| match asked.what.as_str() {
            "ListProjects" => ok(r#"{"projects":["a"]}"#),
            _ => json_error(400, "AccessDeniedException"),
        });
        let snapshot = cloud.collect(&["codebuild"]);
        let read = &snapshot.regions["us-east-1"].codebuild;
        assert!(read.list_projects.read().is_some() && read.batch_get_projects.is_unread());
        let gaps: Vec<_> = snapshot.gaps.iter().map(|gap| (gap.call(), gap.outcome)).collect();
        assert_eq!(gaps, [("codebuild:BatchGetProjects".to_owned(), Outcome::Denied)]);
    }
}
