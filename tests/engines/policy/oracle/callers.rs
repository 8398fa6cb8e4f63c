//! Everybody who may call, over a few accounts, organizations and sources.

use std::collections::BTreeMap;

use super::evaluate::{Form, Keys};
use super::subjects::{OWN_ORG, OWNER};
use super::world::World;

/// A caller of the brute force.
#[derive(Clone)]
pub struct Caller {
    pub form: Form,
    pub account: String,
    pub canonical: Option<String>,
    /// The ARN of the role session, where that is one that policies name.
    pub session: Option<String>,
    pub keys: Keys,
    /// What the policy calls it by; empty for strangers.
    pub named: BTreeMap<&'static str, String>,
    /// A service acting for the owner.
    pub own: bool,
    /// A service call that says nothing of whom it is for.
    pub sourceless: bool,
    /// A guest of an identity pool.
    pub guest: bool,
    /// Of an issuer that may serve one customer or all.
    pub unknown: bool,
}

/// Accounts that nobody names; the others are like the patterns `4444*` and `*6666`.
const STRANGERS: [&str; 3] = ["560000000001", "444499990000", "560000006666"];
/// Accounts that policies name.
const NAMED: [&str; 2] = ["444455556666", "777788889999"];
/// The bucket that policies name as the source of calls. Its name says nothing of its owner.
const BUCKET: &str = "arn:aws:s3:::partner-uploads";

pub fn one(value: &str) -> Vec<String> {
    vec![value.to_owned()]
}

fn caller(form: Form, account: &str) -> Caller {
    Caller {
        form,
        account: account.to_owned(),
        canonical: None,
        session: None,
        keys: Keys::new(),
        named: BTreeMap::new(),
        own: false,
        sourceless: false,
        guest: false,
        unknown: false,
    }
}

/// The identities of an account that patterns of ARNs can tell apart.
fn signed(account: &str) -> Vec<Caller> {
    let identities = [
        ("iam", "role/zzzz", "AssumedRole"),
        ("iam", "role/etl", "AssumedRole"),
        ("iam", "role/Admin", "AssumedRole"),
        ("iam", "user/zzzz", "User"),
        // The path of a user may hold a colon (IAM API reference, CreateUser: Path).
        ("iam", "user/zzzz:role/Admin", "User"),
        ("iam", "user/:444455556666:role/zzzz", "User"),
        ("iam", "user/6666:/zzzz", "User"),
        ("iam", "root", "Account"),
        ("sts", "federated-user/zzzz", "FederatedUser"),
    ];
    let mut all: Vec<Caller> = identities
        .iter()
        .map(|(service, name, identity)| {
            let mut found = caller(Form::Signed, account);
            let arn = format!("arn:aws:{service}::{account}:{name}");
            found.keys.insert("aws:principaltype".into(), one(identity));
            found.keys.insert("aws:principalarn".into(), one(&arn));
            for key in ["aws:principalaccount", "kms:calleraccount", "aws:sourceowner"] {
                found.keys.insert(key.into(), one(account));
            }
            found.keys.insert("aws:principalisawsservice".into(), one("false"));
            found
        })
        .collect();
    let mut session = all[1].clone();
    session.session = Some(format!("arn:aws:sts::{account}:assumed-role/etl/deploy"));
    all.push(session);
    all
}

pub fn callers(world: &World<'_>) -> Vec<Caller> {
    let mut all = vec![anonymous()];
    let uses = |key: &str| world.used.contains(key);
    let text = world.policy.to_string();
    let identities = ["aws:principalarn", "aws:principaltype", "aws:username", "aws:userid"]
        .iter()
        .any(|k| uses(k))
        || text.contains("role/");
    let mut orgs: Vec<(Option<&str>, bool)> = vec![(None, false)];
    if uses("aws:principalorgid") || uses("aws:principalorgpaths") {
        orgs.extend([(Some("o-zzzz"), false), (Some("o-azzz"), false)]);
        orgs.extend([(Some("o-aaaa111122"), true), (Some("o-bbbb333344"), true)]);
        orgs.push((Some(OWN_ORG), true));
    }
    let accounts = STRANGERS.map(|a| (a, false)).into_iter().chain(NAMED.map(|a| (a, true)));
    // Whose canonical id it is, nobody knows: a named account's, a member's, a stranger's.
    let canonicals =
        if text.contains("cafe0001") { &[None, Some("cafe0001")][..] } else { &[None][..] };
    let everybody = accounts.flat_map(|account| canonicals.iter().map(move |id| (account, *id)));
    for ((account, named), canonical) in everybody {
        let kinds = if identities { usize::MAX } else { 1 };
        for base in signed(account).into_iter().take(kinds) {
            for (org, org_named) in &orgs {
                for unique in [None, Some("AIDAEXAMPLEUSERID0001")] {
                    let is_user = base.keys["aws:principaltype"] == ["User"];
                    if unique.is_some() && !(uses("aws:userid") && is_user) {
                        continue;
                    }
                    let mut caller = base.clone();
                    if named {
                        caller.named.insert("account", account.to_owned());
                    }
                    if let Some(org) = org {
                        caller.keys.insert("aws:principalorgid".into(), one(org));
                        if *org_named {
                            caller.named.insert("org", (*org).to_owned());
                        }
                    }
                    if let Some(id) = unique {
                        caller.named.insert("unique", id.to_owned());
                    }
                    if let Some(id) = canonical {
                        caller.canonical = Some(id.to_owned());
                        caller.named.insert("canonical", id.to_owned());
                    }
                    all.push(caller);
                }
            }
        }
    }
    all.extend(services(world));
    if world.subject.kind == "aws.iam.role" {
        all.extend(federated());
    }
    all
}

fn anonymous() -> Caller {
    let mut anonymous = caller(Form::Unsigned, "anonymous");
    anonymous.keys.insert("aws:principalaccount".into(), one("anonymous"));
    anonymous.keys.insert("aws:principaltype".into(), one("Anonymous"));
    anonymous
}

/// On whose behalf a service calls.
struct Source {
    account: &'static str,
    arn: String,
    org: Option<String>,
    named: BTreeMap<&'static str, String>,
    own: bool,
}

fn sources(world: &World<'_>) -> Vec<Source> {
    let mut all = Vec::new();
    let topic = |account: &str, name: &str| format!("arn:aws:sns:us-east-1:{account}:{name}");
    let name = |key: &'static str, name: &str| BTreeMap::from([(key, name.to_owned())]);
    for arn in [
        topic(OWNER, "alerts"),
        topic(OWNER, "zzzz"),
        "arn:aws:cloudwatch:us-east-1:111122223333:alarm:zzzz".to_owned(),
        "arn:aws:s3:::logs-111122223333-us-east-1-an".to_owned(),
        "arn:aws:s3:::logs-111122223333-zzzz-an".to_owned(),
        BUCKET.to_owned(),
    ] {
        let org = world.org.map(str::to_owned);
        all.push(Source { account: OWNER, arn, org, named: name("source", OWNER), own: true });
    }
    let mut orgs: Vec<(Option<&str>, bool)> = vec![(None, false)];
    if world.used.contains("aws:sourceorgid") || world.used.contains("aws:sourceorgpaths") {
        orgs.extend([(Some("o-zzzz"), false), (Some("o-aaaa111122"), true)]);
        orgs.push((Some(OWN_ORG), true));
    }
    for account in [STRANGERS[0], STRANGERS[1], STRANGERS[2], NAMED[0]] {
        let alarm = |name: &str| format!("arn:aws:cloudwatch:us-east-1:{account}:alarm:{name}");
        let mut arns = vec![
            topic(account, "news"),
            topic(account, "zzzz"),
            // The name of an alarm may hold colons (CloudWatch API reference, PutMetricAlarm).
            alarm("zzzz"),
            alarm("111122223333:alarm:zzzz"),
            alarm("444455556666:zzzz"),
            alarm("zzzz:news"),
            "arn:aws:s3:::zzzz".to_owned(),
            "arn:aws:s3:::logs-111122223333-zzzz-an".to_owned(),
            BUCKET.to_owned(),
        ];
        // Buckets that say whose they are (S3 user guide, namespaces for general purpose buckets).
        if account == NAMED[0] {
            arns.push("arn:aws:s3:::logs-444455556666-us-east-1-an".to_owned());
            arns.push("arn:aws:s3:::zzzz-444455556666-us-east-1-an".to_owned());
        }
        for arn in arns {
            for (org, org_named) in &orgs {
                let mut named = BTreeMap::new();
                if account == NAMED[0] {
                    named.extend(name("source", account));
                }
                if arn == BUCKET {
                    named.extend(name("arn", BUCKET));
                }
                if let Some(org) = org.filter(|_| *org_named) {
                    named.extend(name("org", org));
                }
                let org = org.map(str::to_owned);
                all.push(Source { account, arn: arn.clone(), org, named, own: false });
            }
        }
    }
    all
}

fn services(world: &World<'_>) -> Vec<Caller> {
    let asked = ["account", "arn", "orgid", "orgpaths"]
        .iter()
        .any(|key| world.used.contains(&format!("aws:source{key}")));
    let mut sources: Vec<Option<Source>> = vec![None];
    if asked {
        sources.extend(self::sources(world).into_iter().map(Some));
    }
    let names = ["sns", "cloudtrail", "ec2", "s3"].map(|name| format!("{name}.amazonaws.com"));
    let mut all = Vec::new();
    for service in [None].into_iter().chain(names.iter().map(Some)) {
        let name = service.cloned().unwrap_or_else(|| "zzzz.amazonaws.com".to_owned());
        for source in &sources {
            let mut found = caller(Form::Service(name.clone()), "000000000001");
            found.keys.insert("aws:principalaccount".into(), one("000000000001"));
            found.keys.insert("aws:principalisawsservice".into(), one("true"));
            found.keys.insert("aws:principalservicename".into(), one(&name));
            found.keys.insert("aws:principaltype".into(), one("Service"));
            found.keys.insert("aws:userid".into(), one("zzzz"));
            if let Some(source) = source {
                found.keys.insert("aws:sourceaccount".into(), one(source.account));
                found.keys.insert("aws:sourcearn".into(), one(&source.arn));
                if let Some(org) = &source.org {
                    found.keys.insert("aws:sourceorgid".into(), one(org));
                }
                found.named.clone_from(&source.named);
                found.own = source.own;
            } else {
                found.sourceless = true;
            }
            if let Some(service) = service {
                found.named.insert("service", service.clone());
            }
            all.push(found);
        }
    }
    all
}

/// Holders of tokens. Those of SAML providers are the account's own identities: a provider of
/// another account cannot be named in AssumeRoleWithSAML (STS API reference).
fn federated() -> Vec<Caller> {
    let github = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
    let cognito = "cognito-identity.amazonaws.com";
    // An issuer that STS knows without being told, and that no generated policy names.
    let known = "accounts.google.com";
    // An issuer of one customer, and one of which nobody knows (IAM user guide, identity-provider
    // controls for shared OIDC providers).
    let (private, unknown) = ("acme.okta.com", "keycloak.example.com");
    let own = |host: &str| format!("arn:aws:iam::111122223333:oidc-provider/{host}");
    let of = |provider: &str| caller(Form::Federated(provider.to_owned()), "");
    let mut all = vec![of(github), of(cognito), of(cognito), of(known)];
    all[2].guest = true;
    let mut one_customer = of(&own(private));
    one_customer.named.insert("provider", private.to_owned());
    let mut nobody_knows = of(&own(unknown));
    nobody_knows.unknown = true;
    all.extend([one_customer, nobody_knows]);
    all
}
