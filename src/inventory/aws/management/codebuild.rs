//! Answers of CodeBuild. No log and no artifact is ever read.

use crate::model::Known;

operations! {
    /// Answers of CodeBuild in one region.
    CodeBuild {
        /// Names of the projects.
        list_projects: Known<ProjectNames>,
        /// What they are, all batches together.
        batch_get_projects: Known<Projects>,
    }
}

responses! {
    "camelCase";
    /// Response of ListProjects.
    ProjectNames {
        projects: Vec<String>,
    }

    /// Response of BatchGetProjects.
    Projects {
        projects: Vec<Project>,
    }

    /// A project.
    Project {
        name: String,
        arn: Option<String>,
        /// `PUBLIC_READ` or `PRIVATE`.
        project_visibility: Option<String>,
        /// What stands in the public address of its builds.
        public_project_alias: Option<String>,
        /// The role by which public readers get logs and artifacts.
        resource_access_role: Option<String>,
        /// The role that builds have.
        service_role: Option<String>,
        source: Option<ProjectSource>,
        /// What starts builds from outside; absent where nothing does.
        webhook: Option<Webhook>,
    }

    /// Where the code comes from.
    ProjectSource {
        /// `GITHUB`, `BITBUCKET`, `CODECOMMIT`, …
        #[serde(rename = "type")]
        kind: Option<String>,
        /// The address of the repository.
        location: Option<String>,
    }

    /// What starts builds from outside.
    Webhook {
        /// Groups of filters: a build starts where all filters of any group agree.
        filter_groups: Vec<Vec<WebhookFilter>>,
        /// `ACTIVE`, `CREATING`, …; absent in older answers.
        status: Option<String>,
        /// Whose pull requests wait for somebody's word.
        pull_request_build_policy: Option<PullRequestBuildPolicy>,
    }

    /// One condition on an event.
    WebhookFilter {
        /// `EVENT`, `ACTOR_ACCOUNT_ID`, `HEAD_REF`, …
        #[serde(rename = "type")]
        kind: String,
        /// For `EVENT` a list of events, otherwise a regular expression.
        pattern: String,
        /// Whether a build starts where the pattern does not match.
        exclude_matched_pattern: Option<bool>,
    }

    /// Whose pull requests wait for somebody's word.
    PullRequestBuildPolicy {
        /// `DISABLED`, `ALL_PULL_REQUESTS` or `FORK_PULL_REQUESTS`.
        requires_comment_approval: Option<String>,
        /// Who may give it, for instance `GITHUB_WRITE`.
        approver_roles: Vec<String>,
    }
}
