//! Projects of CodeBuild that build what strangers send in a pull request.

use super::projects::{self, resource};
use crate::analysis::aws::rights::{self, Class};
use crate::inventory::aws::calls::codebuild::{BATCH_GET_PROJECTS, LIST_PROJECTS};
use crate::inventory::aws::calls::iam::GET_ACCOUNT_AUTHORIZATION_DETAILS;
use crate::inventory::aws::codebuild::{Project, PullRequestBuildPolicy, Webhook, WebhookFilter};
use crate::inventory::aws::kinds;
use crate::model::{
    Access, Category, Control, Door, Exposure, Lock, Remediation, Severity, Sources, Status, Step,
    Who, aws, first_few,
};
use crate::rules::change::{CODEBUILD_WEBHOOK, Change};
use crate::rules::shapes::rights::steps;
use crate::rules::{Context, Findings, Found, Region, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "codebuild-webhook-untrusted-build",
    title: "A CodeBuild project builds the pull requests of strangers",
    category: Category::Exposure,
    severity: Severity::Critical,
    kind: &kinds::CODEBUILD_PROJECT,
    opt_in: false,
    never: &[Status::Undetermined],
    reads: &[&[&BATCH_GET_PROJECTS, &LIST_PROJECTS]],
    reads_more: &[&GET_ACCOUNT_AUTHORIZATION_DETAILS],
    docs: "\
## What it finds
Projects of CodeBuild whose webhook starts a build for a pull request, whoever opened it: a group of
filters lets `PULL_REQUEST_CREATED`, `PULL_REQUEST_UPDATED` or `PULL_REQUEST_REOPENED` through (or there
is no filter at all), no build waits for a comment of somebody who may write to the repository, and no
filter on ACTOR_ACCOUNT_ID lists fixed accounts from start to end. A pattern such as `123|456` is no such
list: it also matches `91234`, and accounts with such numbers can be made. Filters on branches, paths and
messages bound nobody, because whoever opens a pull request chooses them. Sources at GitHub, GitLab and
Bitbucket are meant; whether a repository is public cannot be read from AWS.

## Why it matters
The build runs the code of the pull request, its build specification among it, with the project's role:
what the role may do, a stranger may do. In the CodeBreach report of January 2026 two missing anchors in
such a pattern were enough to take over repositories of AWS itself. It is high, and critical where the
role has administrative rights, a way to them, or reads stored data.

## When it is latent
Builds of pull requests wait for a comment of somebody who may write to the repository, or an
ACTOR_ACCOUNT_ID filter lists fixed accounts, anchored at both ends.

## How to close it
Let builds of pull requests wait for approval (`requiresCommentApproval` `ALL_PULL_REQUESTS`, by
maintainers only), or list the accounts that may start them as `^(123|456)$`. Give projects that build
pull requests a role of their own, without rights that matter.
",
    evaluate,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    for region in cx.regions() {
        for project in projects::of(&region, found) {
            let Some(webhook) = project.webhook.as_ref().filter(|hook| is_active(hook)) else {
                continue;
            };
            if is_public_host(project) {
                report(cx, &region, found, project, webhook);
            }
        }
    }
}

/// Absent from answers that are older than the field; one that is made or deleted starts nothing
/// (CodeBuild API reference, Webhook: status).
fn is_active(webhook: &Webhook) -> bool {
    webhook.status.as_deref().is_none_or(|status| status == "ACTIVE")
}

/// Sources where anyone can have an account. A server of one's own (GITHUB_ENTERPRISE,
/// GITLAB_SELF_MANAGED) knows no strangers (CodeBuild API reference, ProjectSource: type).
fn is_public_host(project: &Project) -> bool {
    let kind = project.source.as_ref().and_then(|source| source.kind.as_deref());
    kind.is_some_and(|kind| ["GITHUB", "GITLAB", "BITBUCKET"].contains(&kind))
}

/// What a group of filters says of a pull request that a stranger opens.
enum Stranger {
    /// No build is started.
    Nothing,
    /// Only accounts of a list start one.
    Listed(String),
    /// A build is started; why the filter on accounts keeps nobody out, where there is one.
    Build(Option<String>),
}

/// A group starts a build where all of its filters agree (CodeBuild user guide, "Filter GitHub
/// webhook events").
fn group(filters: &[WebhookFilter]) -> Stranger {
    let events = filters.iter().filter(|filter| filter.kind == "EVENT");
    if !events.clone().all(lets_pull_requests) {
        return Stranger::Nothing;
    }
    let actors = filters.iter().filter(|filter| filter.kind == "ACTOR_ACCOUNT_ID");
    let mut loose = None;
    for actor in actors {
        let pattern = &actor.pattern;
        if actor.exclude_matched_pattern == Some(true) {
            loose = Some(format!("its filter leaves out accounts that match `{pattern}` alone"));
        } else if is_fixed_list(pattern) {
            return Stranger::Listed(pattern.clone());
        } else {
            loose = Some(format!(
                "its pattern for accounts, `{pattern}`, is no fixed list that is anchored at both \
                 ends"
            ));
        }
    }
    Stranger::Build(loose)
}

/// Whether a filter of events lets one through that a pull request raises before it is merged.
fn lets_pull_requests(filter: &WebhookFilter) -> bool {
    const RAISED: [&str; 3] =
        ["PULL_REQUEST_CREATED", "PULL_REQUEST_UPDATED", "PULL_REQUEST_REOPENED"];
    let named: Vec<&str> = filter.pattern.split(',').map(str::trim).collect();
    let excluded = filter.exclude_matched_pattern == Some(true);
    RAISED.iter().any(|event| named.contains(event) != excluded)
}

/// Whether a pattern matches a fixed list of accounts and nothing else: `^(1|2)$`, or `^1$|^2$`.
/// Patterns are searched for anywhere in the account id unless they say where (CodeBuild user guide,
/// ACTOR_ACCOUNT_ID).
fn is_fixed_list(pattern: &str) -> bool {
    // Ids of GitHub are numbers, those of Bitbucket may be in braces or have a colon.
    let is_id = |id: &str| {
        let id = id.replace("\\{", "").replace("\\}", "").replace("\\-", "-");
        !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || ":_-{}".contains(c))
    };
    let inside = pattern.strip_prefix('^').and_then(|rest| rest.strip_suffix('$'));
    let grouped = inside.and_then(|inside| {
        let inside = inside.strip_prefix("(?:").or_else(|| inside.strip_prefix('('))?;
        inside.strip_suffix(')')
    });
    if let Some(list) = grouped {
        return list.split('|').all(is_id);
    }
    pattern
        .split('|')
        .all(|one| one.strip_prefix('^').and_then(|one| one.strip_suffix('$')).is_some_and(is_id))
}

/// Builds that wait for the word of somebody who may write to the repository. Everyone may read a
/// public one, so that a reader's word is a stranger's; without roles those who may write are meant
/// (CodeBuild API reference, PullRequestBuildPolicy).
fn waits(policy: &PullRequestBuildPolicy) -> bool {
    let asks = policy.requires_comment_approval.as_deref();
    let asks = asks.is_some_and(|asks| asks != "DISABLED");
    asks && !policy.approver_roles.iter().any(|role| role.ends_with("_READ"))
}

fn report(
    cx: &Context<'_>,
    region: &Region<'_, '_>,
    found: &mut Findings,
    project: &Project,
    webhook: &Webhook,
) {
    let name = project.name.as_str();
    let mut listed = Vec::new();
    let mut open = webhook.filter_groups.is_empty().then_some(None);
    for filters in &webhook.filter_groups {
        match group(filters) {
            Stranger::Nothing => {}
            Stranger::Listed(pattern) => listed.push(pattern),
            Stranger::Build(loose) => open = Some(open.flatten().or(loose)),
        }
    }
    if open.is_none() && listed.is_empty() {
        return;
    }
    let mut evidence = vec![Step::new(
        "internet",
        "anyone with an account where the repository is can open a pull request, if it is public",
    )];
    let source = project.source.as_ref();
    if let Some(location) = source.and_then(|source| source.location.as_deref()) {
        evidence.push(Step::of("repository", location, "whether it is public AWS does not tell"));
    }
    let starts = match (&open, webhook.filter_groups.is_empty()) {
        (_, true) => "has no filters: every pull request starts a build".to_owned(),
        (Some(Some(loose)), _) => format!("starts a build for pull requests; {loose}"),
        (Some(None), _) => "starts a build for pull requests, whoever opened them".to_owned(),
        (None, _) => "starts a build for pull requests".to_owned(),
    };
    evidence.push(Step::of("webhook", name, starts));
    let mut locks = Vec::new();
    if open.is_none() {
        let patterns = first_few(listed.iter().map(|pattern| format!("`{pattern}`")), 3);
        locks.push(Lock::Shut(Control {
            control: "webhook-actor-filter".to_owned(),
            text: format!("only accounts that match {patterns} start a build"),
        }));
    }
    match webhook.pull_request_build_policy.as_ref() {
        Some(policy) if waits(policy) => locks.push(Lock::Shut(Control {
            control: "webhook-comment-approval".to_owned(),
            text: format!(
                "builds wait for the comment of a maintainer ({})",
                policy.requires_comment_approval.as_deref().unwrap_or_default()
            ),
        })),
        Some(policy) if !policy.approver_roles.is_empty() => {
            let roles = policy.approver_roles.join(", ");
            let text = format!("who may read the repository may approve its builds ({roles})");
            evidence.push(Step::of("approval", name, text));
        }
        _ => evidence.push(Step::of("approval", name, "no build waits for anybody's word")),
    }
    let severity = role(cx, project, &mut evidence);
    let verdict = Door::open(evidence).behind(locks);
    let title = match verdict.status {
        Status::Latent => {
            format!("project {name} would build pull requests of strangers but for a control")
        }
        _ => format!("project {name} builds pull requests of strangers"),
    };
    let resource = resource(region, project);
    let change = Change::close_by(&CODEBUILD_WEBHOOK, &resource, name);
    let approve = aws([
        "codebuild",
        "update-webhook",
        "--region",
        region.name,
        "--project-name",
        name,
        "--pull-request-build-policy",
        "requiresCommentApproval=ALL_PULL_REQUESTS",
    ]);
    let remediation = match verdict.status {
        Status::Latent => Remediation::in_words(
            "take the events of pull requests out of the webhook where nobody needs such builds",
        ),
        _ => Remediation {
            text: "let builds of pull requests wait for a maintainer's comment, or list the \
                   accounts that may start them, anchored at both ends; the command does the first"
                .to_owned(),
            commands: vec![approve],
        },
    };
    let finding = Found {
        way_in: "webhook",
        severity,
        title,
        exposure: Some(Exposure {
            who: Who::Federated.into(),
            access: vec![Access::Write],
            source: Some(Sources::Internet),
            ..Exposure::default()
        }),
        verdict,
        remediation,
        resource,
    };
    found.push_closed_by(finding, vec![change]);
}

/// How bad it is, by what the project's role may do, which is shown.
fn role(cx: &Context<'_>, project: &Project, evidence: &mut Vec<Step>) -> Severity {
    let Some(arn) = project.service_role.as_deref() else { return Severity::High };
    let account = cx.snapshot.global.iam.get_account_authorization_details.read();
    let Some(account) = account else {
        let text = "builds have this role; what it may do was not read";
        evidence.push(Step::of("role", arn, text));
        return Severity::High;
    };
    evidence.push(Step::of("role", arn, "builds have this role"));
    let mut roles = account.role_detail_list.iter();
    let Some(role) = roles.find(|role| role.arn == arn) else { return Severity::High };
    let rights = rights::of(account, role);
    evidence.extend(steps(cx.snapshot, &role.role_name, &rights));
    match rights.worst() {
        Some(Class::Admin | Class::Escalation | Class::Data) => Severity::Critical,
        None => Severity::High,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_patterns_that_are_anchored_at_both_ends_are_lists() {
        for list in ["^123$", "^123$|^456$", "^(123|456)$", "^(?:123|456)$", "^\\{a-b1\\}$"] {
            assert!(is_fixed_list(list), "{list}");
        }
        for loose in
            ["123", "123|456", "^123", "123$", "^123|456$", "^12.*$", "^(123|.*)$", "^()$", ""]
        {
            assert!(!is_fixed_list(loose), "{loose}");
        }
    }

    #[test]
    fn an_event_filter_lets_through_what_it_names_or_what_it_does_not_exclude() {
        let filter = |pattern: &str, exclude| WebhookFilter {
            kind: "EVENT".to_owned(),
            pattern: pattern.to_owned(),
            exclude_matched_pattern: exclude,
        };
        assert!(lets_pull_requests(&filter("PUSH, PULL_REQUEST_UPDATED", None)));
        assert!(!lets_pull_requests(&filter("PUSH, PULL_REQUEST_MERGED", Some(false))));
        assert!(lets_pull_requests(&filter("PUSH", Some(true))));
        let all = "PULL_REQUEST_CREATED,PULL_REQUEST_UPDATED,PULL_REQUEST_REOPENED";
        assert!(!lets_pull_requests(&filter(all, Some(true))));
    }
}
