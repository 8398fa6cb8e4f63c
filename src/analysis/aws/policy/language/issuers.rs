//! Identity providers: whom an issuer serves, and which claims of its tokens say whose they are.
//!
//! AWS sorts issuers into private ones, whose address is one customer's, and shared ones, where a
//! claim tells whose a token is (IAM user guide, "Identity-provider controls for shared OIDC
//! providers", read 2026-11).

use super::glob::Glob;

/// Whom an issuer serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tenancy {
    /// Everybody: claims tell whose a token is.
    Shared,
    /// One customer: the issuer tells whose a token is.
    Private,
    /// That is not known.
    Unknown,
}

/// What a pattern of a claim leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pin {
    /// Tokens of one owner.
    Owner,
    /// Perhaps tokens of everybody.
    Doubt,
    /// Tokens of everybody.
    Nothing,
}

/// How the value of a claim names an owner.
enum Grammar {
    /// By all of it.
    Whole,
    /// By what stands behind one of these words.
    After(&'static [&'static str]),
    /// By what stands before the first slash.
    Front,
    /// By all of it, or by what stands behind its first word, whatever that is.
    AnyWord,
}
use Grammar::{After, AnyWord, Front, Whole};

/// An issuer that serves everybody.
struct Shared {
    issuer: &'static str,
    /// The claims that name the owner of a token, the one that AWS asks for first.
    claims: &'static [(&'static str, Grammar)],
    /// Claims of which it is not known whether others can have their values.
    doubtful: &'static [&'static str],
    /// Claims that are in every token, besides `sub` and `aud`.
    always: &'static [&'static str],
}

const fn shared(issuer: &'static str, claims: &'static [(&'static str, Grammar)]) -> Shared {
    Shared { issuer, claims, doubtful: &[], always: &[] }
}

/// Words that begin subjects of GitHub and name an owner: others can be had by whoever customizes
/// the subject of an own repository (GitHub Actions OpenID Connect reference, customizing the token
/// claims).
const GITHUB_WORDS: &[&str] = &[
    "repo:",
    "repository:",
    "repository_id:",
    "repository_owner:",
    "repository_owner_id:",
    "enterprise:",
    "enterprise_id:",
];

/// Shared issuers: those of the IAM user guide's list, then three that AWS knows without a provider
/// of the account (IAM user guide, "Available keys for AWS OIDC federation").
const SHARED: &[Shared] = &[
    Shared {
        issuer: "token.actions.githubusercontent.com",
        claims: &[
            ("sub", After(GITHUB_WORDS)),
            ("repository", Front),
            ("repository_id", Whole),
            ("repository_owner", Whole),
            ("repository_owner_id", Whole),
            ("enterprise_id", Whole),
        ],
        // A public reusable workflow can be called from any repository; who starts a run does not
        // say where.
        doubtful: &["job_workflow_ref", "actor", "actor_id"],
        always: &[
            "actor",
            "actor_id",
            "job_workflow_ref",
            "ref",
            "repository",
            "repository_id",
            "repository_owner_id",
            "workflow",
        ],
    },
    shared("vstoken.actions.githubusercontent.com", &[("sub", After(GITHUB_WORDS))]),
    shared("oidc-configuration.audit-log.githubusercontent.com", &[("sub", AnyWord)]),
    shared("gitlab.com", &[("sub", After(&["project_path:"]))]),
    shared("app.terraform.io", &[("sub", After(&["organization:"]))]),
    shared("agent.buildkite.com", &[("sub", After(&["organization:"]))]),
    shared("oidc.codefresh.io", &[("sub", After(&["account:"]))]),
    shared("scalr.io", &[("sub", After(&["account:"]))]),
    shared("proidc.upbound.io", &[("sub", AnyWord)]),
    shared("studio.datachain.ai/api", &[("sub", AnyWord)]),
    shared("tokens.cloud.shisho.dev", &[("sub", AnyWord)]),
    shared("oidc.vercel.com", &[("aud", Whole), ("sub", After(&["owner:"]))]),
    shared("api.pulumi.com/oidc", &[("aud", Whole), ("sub", After(PULUMI_WORDS))]),
    shared("sandboxes.cloud", &[("aud", Whole)]),
    // The audience is the identity pool, which belongs to one account.
    shared(COGNITO, &[("aud", Whole), ("sub", Whole)]),
    // Microsoft Sentinel sets the name of the session to the workspace.
    shared("sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d", &[(SESSION_NAME, Whole)]),
    // IBM Turbonomic.
    shared("oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb", &[("sub", Whole)]),
    shared("oidc.op1.openshiftapps.com/2c51blsaqa9gkjt0o9rt11mle8mmropu", &[("sub", Whole)]),
    shared(
        "rh-oidc.s3.us-east-1.amazonaws.com/22ejnvnnturfmt6km08idd0nt4hekbn7",
        &[("sub", Whole)],
    ),
    shared(
        "rh-oidc.s3.us-east-1.amazonaws.com/23e3sd27sju1hoou6ohfs68vbno607tr",
        &[("sub", Whole)],
    ),
    shared(
        "rh-oidc.s3.us-east-1.amazonaws.com/23ne21h005qjl3n33d8dui5dlrmv2tmg",
        &[("sub", Whole)],
    ),
    shared(
        "rh-oidc.s3.us-east-1.amazonaws.com/24jrf12m5dj7ljlfb4ta2frhrcoadm26",
        &[("sub", Whole)],
    ),
    shared("accounts.google.com", &[("aud", Whole), ("sub", Whole)]),
    shared("www.amazon.com", &[("app_id", Whole), ("user_id", Whole)]),
    shared("graph.facebook.com", &[("app_id", Whole), ("id", Whole)]),
];

/// Before the organization in subjects of Pulumi Cloud.
const PULUMI_WORDS: &[&str] =
    &["pulumi:deploy:org:", "pulumi:environments:org:", "pulumi:insights:org:"];

/// Issuer of Amazon Cognito identity pools, shared by all accounts.
pub const COGNITO: &str = "cognito-identity.amazonaws.com";
/// The key of a session's name, which some issuers decide.
pub const SESSION_NAME: &str = "sts:rolesessionname";

/// Claims about the application that a token is for, and about how its holder signed in: whoever
/// asks for a token has them.
const OF_APPLICATION: &[&str] = &["aud", "azp", "oaud", "iss", "amr"];
/// Claims that every customer of the issuer sets at will.
const CHOSEN: &[&str] = &[
    "ref",
    "ref_type",
    "base_ref",
    "head_ref",
    "workflow",
    "environment",
    "event_name",
    "runner_environment",
    "repository_visibility",
    "run_id",
    "run_number",
    "run_attempt",
    "sha",
];

fn row(issuer: &str) -> Option<&'static Shared> {
    SHARED.iter().find(|shared| shared.issuer == issuer)
}

/// Whom an issuer serves, in lower case. `trusted`: patterns of issuers that the user says serve one
/// customer.
pub fn tenancy(issuer: &str, trusted: &[String]) -> Tenancy {
    let vouched = |pattern: &String| Glob::pattern(&pattern.to_lowercase()).matches(issuer);
    match row(issuer) {
        Some(_) => Tenancy::Shared,
        None if is_private(issuer) || trusted.iter().any(vouched) => Tenancy::Private,
        None => Tenancy::Unknown,
    }
}

/// Whether the address of an issuer is one customer's (the guide's list of private providers).
fn is_private(issuer: &str) -> bool {
    let (host, path) = issuer.split_once('/').unwrap_or((issuer, ""));
    let below = |front: &str| path.strip_prefix(front).is_some_and(|rest| !rest.is_empty());
    let of_cluster = || path.split_once("id/").is_some_and(|(_, id)| !id.is_empty());
    match host {
        "sts.windows.net" | "login.microsoftonline.com" | "oidc.vercel.com" => below(""),
        "oidc.circleci.com" => below("org/"),
        "api.bitbucket.org" => below("2.0/workspaces/"),
        _ if host.starts_with("oidc.eks.") && host.contains(".amazonaws.com") => of_cluster(),
        _ if host.starts_with("oidc-eks.") => of_cluster(),
        _ => host.ends_with(".okta.com") || host.ends_with(".auth0.com"),
    }
}

/// Whether the issuer decides the name of the session, and by it tells whose a token is.
pub fn names_sessions(issuer: &str) -> bool {
    row(issuer).is_some_and(|row| row.claims.iter().any(|(claim, _)| *claim == SESSION_NAME))
}

/// Whether the claim is in every token of the issuer.
pub fn is_always_there(issuer: &str, claim: &str) -> bool {
    matches!(claim, "sub" | "aud" | SESSION_NAME)
        || issuer == COGNITO && claim == "amr"
        || row(issuer).is_some_and(|row| row.always.contains(&claim))
}

/// What a pattern of the claim leaves of an issuer's tokens.
pub fn pin(issuer: &str, claim: &str, pattern: &Glob) -> Pin {
    let literal = pattern.literal().is_some();
    let of_everybody = OF_APPLICATION.contains(&claim) || CHOSEN.contains(&claim);
    let doubt = if literal { Pin::Doubt } else { Pin::Nothing };
    let Some(row) = row(issuer) else {
        return match names_owner(&AnyWord, pattern) && !of_everybody {
            true => Pin::Owner,
            false => Pin::Nothing,
        };
    };
    match row.claims.iter().find(|(name, _)| *name == claim) {
        Some((_, grammar)) if names_owner(grammar, pattern) => Pin::Owner,
        // A value that is not written as the issuer writes its owners.
        Some((_, After(_))) => doubt,
        Some(_) => Pin::Nothing,
        None if row.doubtful.contains(&claim) => doubt,
        None if of_everybody => Pin::Nothing,
        None => doubt,
    }
}

/// Whether every value that matches has the same owner. A name ends at `/`, `:` and, in GitHub's
/// immutable subjects, at `@` (GitHub Actions OpenID Connect reference).
fn names_owner(grammar: &Grammar, pattern: &Glob) -> bool {
    const ENDS: [char; 3] = ['/', ':', '@'];
    let prefix = pattern.fixed_prefix();
    let literal = pattern.literal().is_some();
    let is_whole = |owner: &str| owner.find(ENDS).map_or(literal && !owner.is_empty(), |at| at > 0);
    match grammar {
        Whole => literal,
        Front => match prefix.split_once('/') {
            Some((owner, _)) => !owner.is_empty(),
            None => false,
        },
        After(words) => words.iter().filter_map(|word| prefix.strip_prefix(word)).any(is_whole),
        AnyWord if literal => true,
        // Some issuers separate the parts of a subject by `:` (`organization:acme:project:*`).
        AnyWord => match prefix.split_once(':') {
            Some((_, owner)) => is_whole(owner),
            None => prefix.split_once('/').is_some_and(|(owner, _)| !owner.is_empty()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GITHUB: &str = "token.actions.githubusercontent.com";

    #[test]
    fn claims_pin_when_they_name_a_whole_owner() {
        for (issuer, claim, pattern, expected) in [
            (GITHUB, "sub", "repo:acme/*", Pin::Owner),
            (GITHUB, "sub", "repo:acme@*/app@*:*", Pin::Owner),
            (GITHUB, "sub", "repo:acme@12345*", Pin::Owner),
            (GITHUB, "sub", "repo:acme/app:ref:refs/heads/main", Pin::Owner),
            (GITHUB, "sub", "repo:acme*", Pin::Nothing),
            (GITHUB, "sub", "repo:acme*/app@*:*", Pin::Nothing),
            (GITHUB, "sub", "repo:*@1234567/*", Pin::Nothing),
            (GITHUB, "sub", "repo:*", Pin::Nothing),
            // Whoever customizes the subject of an own repository has it.
            (GITHUB, "sub", "environment:prod", Pin::Doubt),
            (GITHUB, "aud", "sts.amazonaws.com", Pin::Nothing),
            (GITHUB, "ref", "refs/heads/main", Pin::Nothing),
            (GITHUB, "repository", "acme/*", Pin::Owner),
            (GITHUB, "repository", "acme/app", Pin::Owner),
            (GITHUB, "repository", "acme*", Pin::Nothing),
            (GITHUB, "repository_id", "12*", Pin::Nothing),
            (GITHUB, "enterprise_id", "12", Pin::Owner),
            (GITHUB, "job_workflow_ref", "acme/w/.github/workflows/x.yml@main", Pin::Doubt),
            ("gitlab.com", "sub", "project_path:acme/*", Pin::Owner),
            ("gitlab.com", "sub", "project_path:*", Pin::Nothing),
            ("app.terraform.io", "sub", "organization:acme:project:*", Pin::Owner),
            ("api.pulumi.com/oidc", "aud", "aws:acme", Pin::Owner),
            ("api.pulumi.com/oidc", "aud", "aws:*", Pin::Nothing),
            ("api.pulumi.com/oidc", "sub", "pulumi:deploy:org:acme:*", Pin::Owner),
            ("api.pulumi.com/oidc", "sub", "pulumi:deploy:org:*", Pin::Nothing),
            (COGNITO, "aud", "us-east-1:pool", Pin::Owner),
            ("keycloak.example.com", "sub", "someone", Pin::Owner),
            ("keycloak.example.com", "aud", "app", Pin::Nothing),
        ] {
            let given = pin(issuer, claim, &Glob::pattern(pattern));
            assert_eq!(given, expected, "{issuer}:{claim} {pattern}");
        }
    }

    #[test]
    fn an_issuer_serves_one_customer_or_all_or_nobody_knows() {
        let trusted = ["keycloak.example.com/realms/*".to_owned()];
        for (issuer, expected) in [
            (GITHUB, Tenancy::Shared),
            ("sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d", Tenancy::Shared),
            ("sts.windows.net/11111111-4d64-4f8c-a055-5bdaffd5e33d", Tenancy::Private),
            ("oidc.eks.us-east-1.amazonaws.com/id/abcdef", Tenancy::Private),
            ("oidc.eks.cn-north-1.amazonaws.com.cn/id/abcdef", Tenancy::Private),
            ("oidc.vercel.com", Tenancy::Shared),
            ("oidc.vercel.com/acme", Tenancy::Private),
            ("acme.okta.com/oauth2/default", Tenancy::Private),
            ("evil.example/x.okta.com", Tenancy::Unknown),
            ("keycloak.example.com/realms/main", Tenancy::Private),
            ("keycloak.example.org/realms/main", Tenancy::Unknown),
        ] {
            assert_eq!(tenancy(issuer, &trusted), expected, "{issuer}");
        }
    }
}
