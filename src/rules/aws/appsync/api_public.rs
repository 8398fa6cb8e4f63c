//! APIs of AppSync that take a key which every client carries.

use crate::inventory::aws::appsync::{
    API_KEY, AuthMode, ChannelNamespace, EventApi, EventConfig, GraphqlApi, takes_a_key,
};
use crate::inventory::aws::calls::appsync::{
    LIST_APIS, LIST_CHANNEL_NAMESPACES, LIST_GRAPHQL_APIS,
};
use crate::inventory::aws::kinds;
use crate::model::{
    Access, Category, Control, Door, Exposure, Lock, Remediation, Severity, Sources, Status, Step,
    Who, first_few,
};
use crate::rules::{Context, Findings, Found, Region, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "appsync-api-public",
    title: "An API of AppSync takes a key that every client carries",
    category: Category::Exposure,
    severity: Severity::High,
    kind: &kinds::APPSYNC_API,
    opt_in: false,
    never: &[Status::Undetermined],
    reads: &[&[&LIST_APIS, &LIST_CHANNEL_NAMESPACES, &LIST_GRAPHQL_APIS]],
    reads_more: &[],
    docs: "\
## What it finds
GraphQL APIs of AppSync that are visible on the internet and take an API key, as their own way to
authenticate or as a further one; and event APIs to which a key connects and which let it publish or
subscribe, by their own setting or by that of a namespace. Keys are not listed, because the list tells
the keys themselves: whether one is valid now is not known.

## Why it matters
A key is one text for everybody. It ships with the page or the app, where anyone reads it, and says
nothing of who asks; AWS means it for development and for data that is public anyway. It is medium, and
high where a key may publish events, which every subscriber receives.

## When it is latent
The GraphQL API is private: only who is inside a VPC with an endpoint of AppSync reaches it.

## How to close it
Let clients authenticate by Cognito, OpenID Connect, IAM or a function, and take API_KEY out of the ways to
authenticate; or make a GraphQL API anew as a private one, since the visibility cannot be changed.
",
    evaluate,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    for region in cx.regions() {
        let appsync = &region.services.appsync;
        match appsync.list_graphql_apis.read() {
            None => found.unread(&LIST_GRAPHQL_APIS, region.name),
            Some(read) => read.graphql_apis.iter().for_each(|api| graph(&region, found, api)),
        }
        match appsync.list_apis.read() {
            None => found.unread(&LIST_APIS, region.name),
            Some(read) => read.apis.iter().for_each(|api| event_api(&region, found, api)),
        }
    }
}

fn graph(region: &Region<'_, '_>, found: &mut Findings, api: &GraphqlApi) {
    let further = &api.additional_authentication_providers;
    let own = api.authentication_type.as_deref() == Some(API_KEY);
    let one_of = further.iter().any(|one| one.authentication_type.as_deref() == Some(API_KEY));
    if !own && !one_of {
        return;
    }
    let name = api.name.as_str();
    let key = match own {
        true => "its way to authenticate is API_KEY: a key that every client carries",
        false => "API_KEY is among its ways to authenticate: a key that every client carries",
    };
    let mut evidence = vec![Step::of("api", name, key)];
    // An API without the field is from before there were private ones (AppSync API reference,
    // GraphqlApi: visibility).
    let private = api.visibility.as_deref() == Some("PRIVATE");
    let locks = private.then(|| {
        Lock::Shut(Control {
            control: "private-api".to_owned(),
            text: "the API is private: only VPCs with an endpoint of AppSync reach it".to_owned(),
        })
    });
    let address = api.uris.get("GRAPHQL").map(String::as_str);
    notes(&mut evidence, address, api.waf_web_acl_arn.as_deref());
    let verdict = Door::open(evidence).behind(locks);
    let title = match verdict.status {
        Status::Latent => format!("anyone with the key could query API {name} but for a control"),
        _ => format!("anyone with the key can query API {name}"),
    };
    let arn = api.arn.clone();
    report(
        region,
        found,
        (&api.api_id, name, arn),
        Said {
            severity: Severity::Medium,
            title,
            access: vec![Access::Read, Access::Write],
            verdict,
        },
    );
}

/// What a key may do in some namespace: each has modes of its own or takes those of the API (AppSync
/// API reference, ChannelNamespace).
fn lets_in(
    namespaces: &[ChannelNamespace],
    own: fn(&ChannelNamespace) -> &[AuthMode],
    default: &[AuthMode],
) -> Vec<String> {
    let open = namespaces.iter().filter(|one| match own(one) {
        [] => takes_a_key(default),
        modes => takes_a_key(modes),
    });
    open.map(|one| format!("`{}`", one.name)).collect()
}

fn event_api(region: &Region<'_, '_>, found: &mut Findings, api: &EventApi) {
    let Some(config) = &api.event_config else { return };
    let EventConfig { connection_auth_modes, .. } = config;
    if !takes_a_key(connection_auth_modes) {
        return;
    }
    let told = region.services.appsync.list_channel_namespaces.get(&api.api_id);
    let Some(told) = told else {
        return found.unread_one(&LIST_CHANNEL_NAMESPACES, region.name, &api.api_id);
    };
    let namespaces = &told.channel_namespaces;
    let publish =
        lets_in(namespaces, |one| &one.publish_auth_modes, &config.default_publish_auth_modes);
    let subscribe =
        lets_in(namespaces, |one| &one.subscribe_auth_modes, &config.default_subscribe_auth_modes);
    // An API without a namespace has no channel.
    if publish.is_empty() && subscribe.is_empty() {
        return;
    }
    let name = api.name.as_str();
    let key = "a key that every client carries connects to it";
    let mut evidence = vec![Step::of("api", name, key)];
    for (verb, open) in [("publish to", &publish), ("subscribe to", &subscribe)] {
        if !open.is_empty() {
            let text = format!("a key may {verb} namespace {}", first_few(open, 3));
            evidence.push(Step::of("namespaces", name, text));
        }
    }
    notes(&mut evidence, api.dns.get("HTTP").map(String::as_str), api.waf_web_acl_arn.as_deref());
    let verbs = match (publish.is_empty(), subscribe.is_empty()) {
        (false, false) => "publish and read events of",
        (false, true) => "publish events to",
        (true, _) => "read events of",
    };
    let mut access = Vec::new();
    access.extend((!subscribe.is_empty()).then_some(Access::Read));
    access.extend((!publish.is_empty()).then_some(Access::Write));
    report(
        region,
        found,
        (&api.api_id, name, api.api_arn.clone()),
        Said {
            severity: if publish.is_empty() { Severity::Medium } else { Severity::High },
            title: format!("anyone with the key can {verbs} API {name}"),
            access,
            verdict: Door::open(evidence).behind([]),
        },
    );
}

/// What is known beside: where it is, what else may stand before it, and that no key is listed.
fn notes(evidence: &mut Vec<Step>, address: Option<&str>, firewall: Option<&str>) {
    if let Some(address) = address {
        evidence.push(Step::of("endpoint", address, "the address of the API"));
    }
    if let Some(arn) = firewall {
        let text = "a web ACL of WAF is before it, whose rules are not analysed";
        evidence.push(Step::of("web-acl", arn, text));
    }
    let text = "keys are not listed, since the list tells them: whether one is valid is not known";
    evidence.push(Step::new("note", text));
}

/// What is said of one API.
struct Said {
    severity: Severity,
    title: String,
    access: Vec<Access>,
    verdict: crate::model::Verdict,
}

fn report(
    region: &Region<'_, '_>,
    found: &mut Findings,
    (id, name, arn): (&str, &str, Option<String>),
    Said { severity, title, access, verdict }: Said,
) {
    let (place, kind) = (region.place(), &kinds::APPSYNC_API);
    let arn = arn.unwrap_or_else(|| kind.arn(&place, id));
    let mut resource = kind.resource_of(&place, id, &arn);
    resource.name = Some(name.to_owned()).filter(|name| name != id);
    found.push(Found {
        way_in: "api-key",
        severity,
        title,
        exposure: Some(Exposure {
            who: Who::Anyone.into(),
            access,
            source: Some(Sources::Internet),
            ..Exposure::default()
        }),
        verdict,
        // A command that sets a way to authenticate puts every other setting back as well.
        remediation: Remediation::in_words(
            "let clients authenticate by Cognito, OpenID Connect, IAM or a function, and take \
             API_KEY out of the ways to authenticate; delete the keys that were handed out",
        ),
        resource,
    });
}
