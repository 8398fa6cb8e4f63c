//! User pools in which anyone makes oneself a user.

use super::worth::Worth;
use crate::analysis::aws::cognito::Token;
use crate::inventory::aws::calls::cognito_identity::{
    DESCRIBE_IDENTITY_POOL, GET_IDENTITY_POOL_ROLES, LIST_IDENTITY_POOLS,
};
use crate::inventory::aws::calls::cognito_idp::{DESCRIBE_USER_POOL, LIST_USER_POOLS};
use crate::inventory::aws::calls::elbv2;
use crate::inventory::aws::calls::iam::GET_ACCOUNT_AUTHORIZATION_DETAILS;
use crate::inventory::aws::calls::s3::LIST_BUCKETS;
use crate::inventory::aws::cognito_identity::{CognitoIdentityProvider, IdentityPoolRoles};
use crate::inventory::aws::cognito_idp::UserPool;
use crate::inventory::aws::elbv2::{Action, LoadBalancer};
use crate::inventory::aws::kinds;
use crate::model::{
    Access, Category, Door, Exposure, Known, Lock, Missing, Remediation, Resource, Severity,
    Status, Step, Who,
};
use crate::rules::{Context, Findings, Found, Region, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "cognito-user-pool-self-signup",
    title: "Anyone can sign up in a user pool",
    category: Category::Exposure,
    severity: Severity::High,
    kind: &kinds::COGNITO_USER_POOL,
    opt_in: false,
    // Sign-up is on or off; what else may refuse one cannot be read.
    never: &[Status::Latent],
    reads: &[&[&DESCRIBE_USER_POOL, &LIST_USER_POOLS]],
    reads_more: &[
        &DESCRIBE_IDENTITY_POOL,
        &GET_IDENTITY_POOL_ROLES,
        &LIST_IDENTITY_POOLS,
        &elbv2::DESCRIBE_LISTENERS,
        &elbv2::DESCRIBE_LOAD_BALANCERS,
        &elbv2::DESCRIBE_RULES,
        &GET_ACCOUNT_AUTHORIZATION_DETAILS,
        &LIST_BUCKETS,
    ],
    docs: "\
## What it finds
User pools of Amazon Cognito in which users make themselves (`AllowAdminCreateUserOnly` is false, which is
what a pool has that was made by the API or a template and does not say otherwise). The evidence names what
takes a user of the pool for somebody who may come in: load balancers on the internet that ask for a login
by the pool (`authenticate-cognito`), and identity pools that give its users credentials of AWS. App clients
are not read: without one nobody signs up, but whatever uses the pool has one.

A pool that asks a function before each sign-up (PreSignUp) is undetermined: the function may refuse
strangers, which cannot be read.

## Why it matters
Many applications are meant to have users that come by themselves. Where one is not, as with a tool for the
own staff behind a load balancer, a login stops nobody who may make one. Alone this is low; it is medium
where something is seen that lets users of the pool in, and high where they get credentials of AWS by which
they may do something.

## When it is latent
Never: sign-up is on or off.

## How to close it
Have administrators alone make users (`AllowAdminCreateUserOnly` true), in the console under Sign-up,
Self-service sign-up. UpdateUserPool sets to its default what it is not given: a command with this one
setting takes the others away, the functions of the pool and its second factor among them. Then look at
the users that are there. Where sign-up is meant, have the application look at who somebody is, not only
that there is a login.
",
    evaluate,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    for region in cx.regions() {
        let pools = &region.services.cognito_idp;
        let Some(listed) = pools.list_user_pools.read() else {
            found.unread(&LIST_USER_POOLS, region.name);
            continue;
        };
        for listed in &listed.user_pools {
            let told = pools.describe_user_pool.get(&listed.id).map(|told| &told.user_pool);
            let only_administrators = told
                .and_then(|pool| pool.admin_create_user_config.as_ref())
                .and_then(|config| config.allow_admin_create_user_only);
            match told.zip(only_administrators) {
                None => found.unread_one(&DESCRIBE_USER_POOL, region.name, &listed.id),
                Some((_, true)) => {}
                Some((pool, false)) => {
                    let pool = Pool { id: &listed.id, name: &listed.name, pool };
                    found.push(open(cx, &region, &pool));
                }
            }
        }
    }
}

/// A pool in which anyone signs up.
struct Pool<'a> {
    id: &'a str,
    name: &'a str,
    pool: &'a UserPool,
}

/// Something that lets users of a pool in.
struct Use {
    /// What it does, after "whose users".
    says: String,
    /// What proves it.
    steps: Vec<Step>,
    /// Whether users get credentials of AWS by which they may do something.
    rights: bool,
}

/// What lets users of a pool in, of one kind.
type Uses = fn(&Context<'_>, &Region<'_, '_>, &Pool<'_>) -> Vec<Use>;

/// All kinds.
const USES: &[Uses] = &[identity_pools, load_balancers];

fn open(cx: &Context<'_>, region: &Region<'_, '_>, pool: &Pool<'_>) -> Found {
    let kind = &kinds::COGNITO_USER_POOL;
    let place = region.place();
    let arn = pool.pool.arn.clone().unwrap_or_else(|| kind.arn(&place, pool.id));
    let name = Some(pool.name.to_owned()).filter(|name| !name.is_empty());
    let resource = Resource { name, ..kind.resource_of(&place, pool.id, &arn) };
    let mut uses: Vec<Use> = USES.iter().flat_map(|of| of(cx, region, pool)).collect();
    uses.sort_by_key(|one| !one.rights);
    let severity = match uses.first() {
        Some(Use { rights: true, .. }) => Severity::High,
        Some(_) => Severity::Medium,
        None => Severity::Low,
    };
    let label = resource.name.as_deref().unwrap_or(pool.id);
    let mut evidence = sign_up(region.name, pool);
    evidence.extend(not_seen(region, pool, &uses));
    let whose = uses.first().map(|one| format!(", whose users {}", one.says)).unwrap_or_default();
    evidence.extend(uses.into_iter().flat_map(|one| one.steps));
    let verdict = Door::open(evidence).behind(asked_before(pool));
    let title = match verdict.status {
        Status::Undetermined => {
            format!("anyone may be able to sign up in user pool {label}{whose}")
        }
        _ => format!("anyone can sign up in user pool {label}{whose}"),
    };
    Found {
        way_in: "sign-up",
        severity,
        title,
        exposure: Some(Exposure {
            who: Who::Anyone.into(),
            access: vec![Access::Other],
            ..Exposure::default()
        }),
        verdict,
        remediation: Remediation::in_words(
            "have administrators alone make users, if the application is not for everyone: in the \
             console, under Sign-up, Self-service sign-up; `aws cognito-idp update-user-pool` with \
             this setting alone would set all others of the pool to their defaults. Then look at the \
             users that are there",
        ),
        resource,
    }
}

/// How a stranger signs up: SignUp takes no signature (Cognito user pools API reference, SignUp).
fn sign_up(region: &str, pool: &Pool<'_>) -> Vec<Step> {
    let text = "`AllowAdminCreateUserOnly` is false: whoever knows the id of an app client, which is \
                in the application, signs up without a signature";
    let mut steps = vec![Step::of("user-pool", pool.id, text)];
    let own = pool.pool.custom_domain.clone();
    let prefix = pool.pool.domain.as_ref();
    let domain =
        own.or_else(|| prefix.map(|name| format!("{name}.auth.{region}.amazoncognito.com")));
    if let Some(domain) = domain.filter(|domain| !domain.is_empty()) {
        let text = "its login pages are there, with one to sign up";
        steps.push(Step::of("login-page", domain, text));
    }
    steps
}

/// What cannot be said of the uses of the pool.
fn not_seen(region: &Region<'_, '_>, pool: &Pool<'_>, uses: &[Use]) -> Option<Step> {
    let balancers = region.services.elbv2.describe_load_balancers.is_unread();
    let pools = region.services.cognito_identity.list_identity_pools.is_unread();
    let text = match (pools, balancers) {
        (true, true) => {
            "identity pools and load balancers were not read: they may let its users in"
        }
        (true, false) => "identity pools were not read: they may give its users credentials of AWS",
        (false, true) => "load balancers were not read: they may let its users in",
        (false, false) if uses.is_empty() => {
            "nothing was seen that lets users of the pool in; applications that ask it by \
             themselves cannot be seen here"
        }
        (false, false) => return None,
    };
    Some(Step::of("note", pool.id, text))
}

/// The function that Cognito asks before a sign-up: an error of it refuses that (Cognito developer
/// guide, "Pre sign-up Lambda trigger").
fn asked_before(pool: &Pool<'_>) -> Option<Lock> {
    let function = pool.pool.lambda_config.as_ref()?.pre_sign_up.as_deref()?;
    let name = function.split(":function:").nth(1).unwrap_or(function);
    Some(Lock::Unknown(Missing {
        operation: None,
        resource: Some(function.to_owned()),
        text: format!(
            "whether function {name}, which Cognito asks before each sign-up (PreSignUp), refuses \
             strangers"
        ),
    }))
}

/// Load balancers on the internet that ask for a login by the pool. One that forwards requests without
/// a login as well lets everybody in, signed up or not.
fn load_balancers(_: &Context<'_>, region: &Region<'_, '_>, pool: &Pool<'_>) -> Vec<Use> {
    let elbv2 = &region.services.elbv2;
    let all = elbv2.describe_load_balancers.read();
    let all = all.into_iter().flat_map(|read| &read.load_balancers);
    let asks = |action: &Action| {
        let config = action.authenticate_cognito_config.as_ref();
        action.kind.as_deref() == Some("authenticate-cognito")
            && config.is_some_and(|config| {
                let id = config.user_pool_arn.as_deref().and_then(|arn| arn.rsplit('/').next());
                id == Some(pool.id) && config.on_unauthenticated_request.as_deref() != Some("allow")
            })
    };
    let by = |balancer: &LoadBalancer| {
        let listeners = elbv2.describe_listeners.get(&balancer.load_balancer_arn)?;
        let mut listeners = listeners.listeners.iter();
        let asking = listeners.find(|listener| {
            let rules = elbv2.describe_rules.get(&listener.listener_arn);
            let rules = rules.into_iter().flat_map(|read| &read.rules);
            let of_rules = rules.flat_map(|rule| &rule.actions);
            listener.default_actions.iter().chain(of_rules).any(asks)
        })?;
        let name = balancer.load_balancer_name.as_str();
        let port = asking.port.map(|port| format!(" on port {port}")).unwrap_or_default();
        let text = format!("asks for a login by this pool{port} (`authenticate-cognito`)");
        Some(Use {
            says: format!("load balancer {name} lets in"),
            steps: vec![Step::of("load-balancer", name, text)],
            rights: false,
        })
    };
    let on_the_internet = all.filter(|balancer| balancer.scheme.as_deref() != Some("internal"));
    on_the_internet.filter_map(by).collect()
}

/// Identity pools, in whatever region, that give users of the pool credentials of AWS.
fn identity_pools(cx: &Context<'_>, _: &Region<'_, '_>, pool: &Pool<'_>) -> Vec<Use> {
    let regions = cx.snapshot.regions.values().map(|services| &services.cognito_identity);
    let all = regions.flat_map(|pools| {
        let described = pools.describe_identity_pool.iter();
        described.map(|(id, one)| (id, one, pools.get_identity_pool_roles.get(id)))
    });
    let mut uses = Vec::new();
    for (id, identity_pool, roles) in all {
        // `cognito-idp.<region>.amazonaws.com/<user pool>`
        let is_own =
            |one: &&CognitoIdentityProvider| one.provider_name.rsplit('/').next() == Some(pool.id);
        let Some(provider) = identity_pool.cognito_identity_providers.iter().find(is_own) else {
            continue;
        };
        let text = "takes users of the pool in, to give them credentials of AWS";
        let mut steps = vec![Step::of("identity-pool", id, text)];
        let role = of_new_users(id, provider, roles, &mut steps);
        let name = &identity_pool.identity_pool_name;
        let worth = role.and_then(|arn| worth(cx, (id, provider), arn, &mut steps));
        let says = match &worth {
            Some(worth) => format!(
                "get credentials of role {}, which {}, from identity pool {name}",
                worth.role.role_name,
                worth.says()
            ),
            None => format!("identity pool {name} takes in"),
        };
        uses.push(Use { says, steps, rights: worth.is_some() });
    }
    uses
}

/// The role that a user gets who is in no group (Cognito developer guide, "Using role-based access
/// control").
fn of_new_users<'a>(
    id: &str,
    provider: &CognitoIdentityProvider,
    roles: Option<&'a IdentityPoolRoles>,
    steps: &mut Vec<Step>,
) -> Option<&'a str> {
    let mut note = |text: String| steps.push(Step::of("note", id, text));
    let Some(roles) = roles else {
        note("which role they get was not read".to_owned());
        return None;
    };
    let client = provider.client_id.as_deref().unwrap_or_default();
    let mapping = roles.role_mappings.get(&format!("{}:{client}", provider.provider_name));
    if let Some(mapping) = mapping {
        if mapping.ambiguous_role_resolution.as_deref() == Some("Deny") {
            note(match mapping.kind.as_deref() {
                Some("Token") => "users without a group get no role".to_owned(),
                _ => "the role is chosen by rules about claims, which are not judged".to_owned(),
            });
            return None;
        }
        note("some users get another role, by a group or by rules about claims".to_owned());
    }
    let role = roles.roles.get("authenticated").map(String::as_str);
    if role.is_none() {
        note("the pool names no role for users".to_owned());
    }
    role
}

/// What the role gives, where it is something that a user gets.
fn worth<'a>(
    cx: &Context<'a>,
    (id, provider): (&str, &CognitoIdentityProvider),
    arn: &str,
    steps: &mut Vec<Step>,
) -> Option<Worth<'a>> {
    let mut note = |text: &str| steps.push(Step::of("role", arn, text));
    let Known::Read(account) = &cx.snapshot.global.iam.get_account_authorization_details else {
        note("is what they get; what it may do was not read");
        return None;
    };
    let Some(role) = account.role_detail_list.iter().find(|role| role.arn == arn) else {
        note("is what they would get, and is not among the roles of the account");
        return None;
    };
    // Session policies of AWS are for guests alone.
    let token = Token::of_user(id, &provider.provider_name);
    let worth = Worth::of(cx, account, role, &token, None);
    if worth.is_refused() {
        note("is what they would get, but its trust policy does not let them in");
        return None;
    }
    note(match (worth.is_something() || worth.is_in_part(), worth.is_trusted()) {
        (false, _) => "is what they get, and gives nothing but what every user is meant to have",
        (_, true) => "is what they get",
        (_, false) => "is what they may get: its trust policy has conditions that are not decided",
    });
    steps.extend(worth.steps(cx));
    worth.is_something().then_some(worth)
}
