//! Identity pools that give credentials of AWS to anyone.

use super::worth::Worth;
use crate::analysis::aws::cognito::Token;
use crate::analysis::aws::rights::{Class, Session};
use crate::inventory::aws::calls::Call;
use crate::inventory::aws::calls::cognito_identity::{
    DESCRIBE_IDENTITY_POOL, GET_IDENTITY_POOL_ROLES, LIST_IDENTITY_POOLS,
};
use crate::inventory::aws::calls::iam::GET_ACCOUNT_AUTHORIZATION_DETAILS;
use crate::inventory::aws::calls::s3::LIST_BUCKETS;
use crate::inventory::aws::cognito_identity::{IdentityPool, IdentityPoolRoles};
use crate::inventory::aws::iam::AccountAuthorizationDetails;
use crate::inventory::aws::kinds;
use crate::model::{
    Access, Arn, Category, Control, Door, Exposure, GLOBAL, Known, Lock, Missing, Remediation,
    Resource, Severity, Status, Step, Verdict, Who, aws,
};
use crate::rules::change::Change;
use crate::rules::{Context, Findings, Found, Region, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "cognito-identity-pool-guest",
    title: "An identity pool gives AWS credentials that are worth having to anyone",
    category: Category::Exposure,
    severity: Severity::Critical,
    kind: &kinds::COGNITO_IDENTITY_POOL,
    opt_in: false,
    never: &[],
    reads: &[
        &[&DESCRIBE_IDENTITY_POOL, &GET_IDENTITY_POOL_ROLES, &LIST_IDENTITY_POOLS],
        IAM,
    ],
    reads_more: &[&LIST_BUCKETS],
    docs: "\
## What it finds
Identity pools of Amazon Cognito with guest access whose guests get a role that may do something. What the
role may do is what its policies allow, less what they deny, cut by its permissions boundary; its trust
policy has to let guests of the pool in. In the enhanced flow (GetCredentialsForIdentity) AWS cuts the
credentials of guests by a session policy to a list of services, S3, DynamoDB, Lambda and others: only what
that leaves is counted. Where the classic flow is on, guests get a token of the pool instead, and take it to
STS for any role that trusts it, with all its rights: then every role of the account is looked at.

What the console gives guests by itself (mobileanalytics:PutEvents, cognito-sync:*, cognito-identity:*) and
the measurements of CloudWatch RUM (rum:PutRumEvents) are not counted. Conditions are not decided, and stand
in the evidence.

## Why it matters
The id of the pool is in the code of the application, which everybody has: two calls without a signature
make it credentials of AWS. With them a stranger calls the services directly, not through the application.
Rights to everything, and ways to them, are critical; all others are high.

## When it is latent
Guests are let in and get nothing: the pool names no role for them, the role is gone or does not trust them,
its policies allow nothing beyond what is not counted, or the session policy leaves nothing of it. The next
policy on the role opens it.

## How to close it
Switch guest access off where the application does not need it. UpdateIdentityPool sets to its default what
it is not given, so give it all other settings of the pool again. Where guests are needed, give their role
what they need and no more, on named resources, and leave the classic flow off.
",
    evaluate,
};

const IAM: &[&Call] = &[&GET_ACCOUNT_AUTHORIZATION_DETAILS];

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    for region in cx.regions() {
        let pools = &region.services.cognito_identity;
        let Some(listed) = pools.list_identity_pools.read() else {
            found.unread(&LIST_IDENTITY_POOLS, region.name);
            continue;
        };
        for listed in &listed.identity_pools {
            let id = listed.identity_pool_id.as_str();
            let pool = pools.describe_identity_pool.get(id);
            match pool.and_then(|pool| Some((pool, pool.allow_unauthenticated_identities?))) {
                None => found.unread_one(&DESCRIBE_IDENTITY_POOL, region.name, id),
                Some((_, false)) => {}
                Some((pool, true)) => {
                    let roles = Known::from(pools.get_identity_pool_roles.get(id));
                    judge(cx, found, &region, &Guests { id, pool, roles });
                }
            }
        }
    }
}

/// A pool that lets guests in.
struct Guests<'a> {
    id: &'a str,
    pool: &'a IdentityPool,
    roles: Known<&'a IdentityPoolRoles>,
}

impl<'a> Guests<'a> {
    fn role(&self) -> Option<&'a str> {
        let roles = self.roles.into_option()?;
        roles.roles.get("unauthenticated").map(String::as_str)
    }

    /// Whether guests may take a token of the pool to STS. AWS refuses that where a pool chooses roles
    /// by the provider ("Basic (classic) flow is not supported with RoleMappings").
    fn is_classic(&self) -> bool {
        let plain = self.roles.into_option().is_some_and(|roles| roles.role_mappings.is_empty());
        self.pool.allow_classic_flow == Some(true) && plain
    }

    /// How guests get credentials (Cognito developer guide, "Identity pools authentication flow").
    fn steps(&self) -> Vec<Step> {
        let text = "guests are let in: whoever knows the id of the pool, which is in the code of \
                    the application, gets an identity without signing in";
        let flow = match (self.is_classic(), self.pool.allow_classic_flow == Some(true)) {
            (false, true) if self.roles.is_unread() => {
                "the classic flow is on: a guest takes a token of the pool to STS, unless the pool \
                 has role mappings"
            }
            (true, _) => {
                "the classic flow is on: a guest takes a token of the pool to STS, and gets \
                 credentials that no session policy cuts of any role that trusts it"
            }
            (_, true) => {
                "the classic flow is on, but AWS refuses it for a pool with role mappings: guests \
                 get credentials by the enhanced flow, which a session policy of AWS cuts"
            }
            _ => {
                "the classic flow is off: guests get credentials by the enhanced flow, which a \
                 session policy of AWS cuts to a list of services"
            }
        };
        vec![Step::of("identity-pool", self.id, text), Step::of("flow", self.id, flow)]
    }
}

fn judge(cx: &Context<'_>, found: &mut Findings, region: &Region<'_, '_>, guests: &Guests<'_>) {
    let account = &cx.snapshot.global.iam.get_account_authorization_details;
    let worths = match account {
        Known::Read(account) => worths(cx, account, guests),
        Known::Unread => Vec::new(),
    };
    if worths.iter().any(Worth::is_in_part) {
        found.unread(&GET_ACCOUNT_AUTHORIZATION_DETAILS, GLOBAL);
    }
    let open = |worth: &&Worth<'_>| worth.locks().iter().all(|lock| matches!(lock, Lock::Open(_)));
    let mut ways: Vec<&Worth<'_>> = worths.iter().filter(open).collect();
    let mut further = Vec::new();
    if ways.is_empty() {
        further = without_a_role(cx, guests);
        // What may be open decides nothing, but says more than what is shut.
        let shut = |worth: &&Worth<'_>| worth.locks().iter().any(Lock::is_shut);
        ways = worths.iter().filter(|worth| !shut(worth)).collect();
        if further.iter().any(Lock::is_unknown) || !ways.is_empty() {
            further.retain(|lock| !lock.is_shut());
        } else {
            ways = worths.iter().collect();
        }
    }
    let mut evidence = guests.steps();
    let mut locks = further;
    for worth in &ways {
        let name = worth.role.role_name.as_str();
        let text = match guests.role() == Some(worth.role.arn.as_str()) {
            true => "is the role of the pool for guests",
            false => {
                "trusts tokens of guests of the pool, though the pool does not name it for them"
            }
        };
        evidence.push(Step::of("role", name, text));
        for lock in worth.locks() {
            match lock {
                Lock::Open(step) => evidence.push(step),
                other => locks.push(other),
            }
        }
        evidence.extend(worth.steps(cx));
    }
    let verdict = Door::open(evidence).behind(locks);
    report(found, region, guests, &ways, verdict);
}

/// What guests get, worst first: by the enhanced flow the role of the pool, by the classic one all
/// that trust them.
fn worths<'a>(
    cx: &Context<'_>,
    account: &'a AccountAuthorizationDetails,
    guests: &Guests<'_>,
) -> Vec<Worth<'a>> {
    let token = Token::of_guest(guests.id);
    let classic = guests.is_classic();
    let session = (!classic).then(Session::of_guests);
    let own = guests.role();
    let mut all: Vec<(bool, Worth<'a>)> = Vec::new();
    for role in &account.role_detail_list {
        let is_own = own == Some(role.arn.as_str());
        if is_own || classic {
            let worth = Worth::of(cx, account, role, &token, session);
            let counts = !worth.is_refused() && (worth.is_something() || worth.is_in_part());
            if is_own || counts {
                all.push((is_own, worth));
            }
        }
    }
    let class = |worth: &Worth<'_>| (worth.worst().is_none(), worth.worst());
    all.sort_by_key(|(is_own, worth)| (class(worth), !is_own));
    all.into_iter().map(|(_, worth)| worth).collect()
}

/// Why guests get no role that is known here.
fn without_a_role(cx: &Context<'_>, guests: &Guests<'_>) -> Vec<Lock> {
    let account = &cx.snapshot.global.iam.get_account_authorization_details;
    let shut = |control: &str, text: String| {
        vec![Lock::Shut(Control { control: control.to_owned(), text })]
    };
    let id = guests.id;
    let Known::Read(_) = guests.roles else {
        let missing = GET_IDENTITY_POOL_ROLES.missing_of(id, "which role guests get");
        return vec![Lock::Unknown(missing)];
    };
    let Some(arn) = guests.role() else {
        if guests.is_classic() && account.is_unread() {
            let text = "which roles trust tokens of guests of the pool";
            return vec![Lock::Unknown(GET_ACCOUNT_AUTHORIZATION_DETAILS.missing(text))];
        }
        return shut("guest-role", format!("identity pool {id} names no role for guests"));
    };
    let Known::Read(account) = account else {
        let text = format!("what role {arn} may do");
        return vec![Lock::Unknown(GET_ACCOUNT_AUTHORIZATION_DETAILS.missing(text))];
    };
    if account.role_detail_list.iter().any(|role| role.arn == arn) {
        return Vec::new();
    }
    // `arn:aws:iam::<account>:role/…`
    if Arn::parse(arn).is_some_and(|arn| arn.account == cx.snapshot.account) {
        return shut("guest-role", format!("role {arn}, which guests would get, does not exist"));
    }
    let text = format!("what role {arn} of another account may do");
    vec![Lock::Unknown(Missing { operation: None, resource: Some(arn.to_owned()), text })]
}

fn report(
    found: &mut Findings,
    region: &Region<'_, '_>,
    guests: &Guests<'_>,
    ways: &[&Worth<'_>],
    verdict: Verdict,
) {
    let pool = guests.pool;
    let kind = &kinds::COGNITO_IDENTITY_POOL;
    let name = Some(pool.identity_pool_name.clone()).filter(|name| !name.is_empty());
    let resource = Resource { name, ..kind.resource(&region.place(), guests.id) };
    let label = resource.name.clone().unwrap_or_else(|| resource.id.clone());
    let worst = ways.iter().filter_map(|worth| worth.worst()).min();
    let of_role = ways.iter().find(|worth| worth.is_something());
    let title = match (verdict.status, of_role) {
        (Status::Exposed, Some(worth)) => format!(
            "anyone gets credentials of role {}, which {}, from identity pool {label}",
            worth.role.role_name,
            worth.says()
        ),
        (Status::Latent, _) => {
            format!(
                "guests of identity pool {label} could get credentials of AWS that are worth \
                 having but for a control"
            )
        }
        (_, Some(worth)) => format!(
            "anyone may be able to get credentials of role {}, which {}, from identity pool {label}",
            worth.role.role_name,
            worth.says()
        ),
        (_, None) => {
            format!(
                "guests of identity pool {label} may get credentials of AWS that are worth having"
            )
        }
    };
    let (remediation, changes) = fix(&resource, pool, verdict.status);
    let finding = Found {
        way_in: "guest",
        severity: match worst {
            Some(Class::Admin | Class::Escalation) => Severity::Critical,
            _ => Severity::High,
        },
        title,
        exposure: Some(Exposure {
            who: Who::Anyone.into(),
            access: vec![match worst {
                Some(Class::Admin | Class::Escalation) => Access::Permissions,
                Some(Class::Data) => Access::Read,
                None => Access::Other,
            }],
            ..Exposure::default()
        }),
        verdict,
        remediation,
        resource,
    };
    found.push_closed_by(finding, changes);
}

/// Guest access is switched off, with all other settings as they were (Cognito identity pools API
/// reference, UpdateIdentityPool: a parameter without a value is set to its default).
fn fix(resource: &Resource, pool: &IdentityPool, status: Status) -> (Remediation, Vec<Change>) {
    let first = match status {
        Status::Latent => "switch guest access off, so that nothing depends on what guests get",
        _ => {
            "switch guest access off; or, where the application needs guests, give their role what \
             they need and no more, on named resources"
        }
    };
    if !pool.supported_login_providers.is_empty() {
        let text = format!(
            "{first}; UpdateIdentityPool sets to its default what it is not given, and the \
             applications of the pool's social providers are not read here, so do it in the \
             console, or give it all other settings again"
        );
        return (Remediation::in_words(text), Vec::new());
    }
    let text = format!(
        "{first}; the command gives all other settings of the pool again as they were read, since \
         UpdateIdentityPool sets to its default what it is not given"
    );
    let change = Change::close(RULE.kind, resource, &resource.id);
    (Remediation { text, commands: vec![command(resource, pool)] }, change.into_iter().collect())
}

fn command(resource: &Resource, pool: &IdentityPool) -> String {
    let mut words = vec!["cognito-identity", "update-identity-pool", "--region", &resource.region];
    words.extend(["--identity-pool-id", &resource.id]);
    words.extend(["--identity-pool-name", &pool.identity_pool_name]);
    words.push("--no-allow-unauthenticated-identities");
    words.extend(pool.allow_classic_flow.map(|on| match on {
        true => "--allow-classic-flow",
        false => "--no-allow-classic-flow",
    }));
    if let Some(name) = &pool.developer_provider_name {
        words.extend(["--developer-provider-name", name]);
    }
    let json = |value: serde_json::Result<String>| value.unwrap_or_default();
    let providers = json(serde_json::to_string(&pool.cognito_identity_providers));
    if !pool.cognito_identity_providers.is_empty() {
        words.extend(["--cognito-identity-providers", &providers]);
    }
    for (option, arns) in [
        ("--open-id-connect-provider-arns", &pool.open_id_connect_provider_arns),
        ("--saml-provider-arns", &pool.saml_provider_arns),
    ] {
        if !arns.is_empty() {
            words.push(option);
            words.extend(arns.iter().map(String::as_str));
        }
    }
    let tags = json(serde_json::to_string(&pool.identity_pool_tags));
    if !pool.identity_pool_tags.is_empty() {
        words.extend(["--identity-pool-tags", &tags]);
    }
    aws(words)
}
