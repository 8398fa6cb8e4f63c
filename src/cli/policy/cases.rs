//! Cases in the form of the vectors, one JSON object each, and their answers: what
//! `outcrop policy --jsonl` speaks.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};

use crate::analysis::aws::policy::organization::{
    ControlPolicies, ControlPolicy, Effect, Exempt, Reach,
};
use crate::analysis::aws::policy::services::Kind;
use crate::analysis::aws::policy::{
    self, Access, Context, Document, FunctionWay, Json, Locked, Public, Subject, Who,
};
use crate::analysis::aws::s3::{self, AclGrant, Bucket, Grantee, Object, Point};
use crate::inventory::aws::kinds;
use crate::inventory::aws::s3::PublicAccessBlockConfiguration;
use crate::model::{Known, Status};

/// The answer to one case, or why it is none.
pub fn answer(line: &str, now: jiff::Timestamp) -> Value {
    match Json::parse(line) {
        Ok(case) => answer_case(&case, now),
        Err(problem) => json!({"error": format!("not JSON: {problem}")}),
    }
}

fn answer_case(case: &Json, now: jiff::Timestamp) -> Value {
    let name = case.get("name").and_then(Json::text).unwrap_or_default();
    match judged(case, now) {
        Ok(answer) => {
            let mut answer = answer;
            answer["name"] = name.into();
            answer
        }
        Err(problem) => json!({"name": name, "error": problem}),
    }
}

fn judged(case: &Json, now: jiff::Timestamp) -> Result<Value, String> {
    let text = |field: &str| {
        case.get(field).and_then(Json::text).ok_or_else(|| format!("no text `{field}`"))
    };
    let mut context: Context = match case.get("context") {
        Some(context) => serde_json::from_value(context.to_value())
            .map_err(|problem| format!("context: {problem}"))?,
        None => Context::default(),
    };
    context.now = context.now.or(Some(now));
    let arn = text("resource_arn")?;
    let owner = text("owner_account")?;
    context.control_policies = ControlPolicies { account: owner.to_owned(), reach: reach(case)? };
    let bucket_fields = ["acl", "account_bpa", "bucket_bpa", "access_points", "objects"];
    if case.get("resource_type").is_none() && bucket_fields.iter().any(|f| case.get(f).is_some()) {
        return bucket_line(case, arn, owner, &context);
    }
    let kind = text("resource_type")?;
    context.way = way(case, kind)?;
    let policy = case.get("policy").ok_or("no `policy`")?;
    let subject = Subject { kind, arn, owner_account: owner, context: &context };
    let locked = match case.get("policies") {
        None => policy::judge_json(policy, &subject),
        Some(others) => policy::judge_documents(&documents(policy, others)?, &subject),
    };
    Ok(line(&locked))
}

/// The way into a Lambda function that a case is about: with a `url`, one of two.
fn way(case: &Json, kind: &str) -> Result<FunctionWay, String> {
    let Some(url) = case.get("url") else { return Ok(FunctionWay::Either) };
    if kind != kinds::LAMBDA_FUNCTION_URL.name {
        return Ok(FunctionWay::Api);
    }
    let url =
        serde_json::from_value(url.to_value()).map_err(|problem| format!("url: {problem}"))?;
    Ok(FunctionWay::Url(url))
}

/// The resource control policies that reach the owner's account, where a case speaks of them.
fn reach(case: &Json) -> Result<Reach, String> {
    let Some(organization) = case.get("organization") else { return Ok(Reach::Aside) };
    let is = |field: &str| organization.get(field) == Some(&Json::Bool(true));
    if !is("member") {
        return Ok(Reach::Exempt(Exempt::NoMember));
    }
    if !is("rcp_read") {
        return Ok(Reach::Unread);
    }
    let policies = items(case.get("organization_policies")).map(|given| {
        let id =
            given.get("id").and_then(Json::text).ok_or("an organization policy has no `id`")?;
        let document = given.get("document").ok_or_else(|| format!("{id}: no `document`"))?;
        Ok(ControlPolicy { id: id.to_owned(), document: document.clone() })
    });
    policies.collect::<Result<Vec<_>, String>>().map(|read| Reach::Read(read.into()))
}

/// The documents on a resource: the default one, where there is one, and others.
fn documents<'a>(default: &'a Json, others: &'a Json) -> Result<Vec<Document<'a>>, String> {
    let default = Some(default).filter(|policy| **policy != Json::Null);
    let default = default.map(|policy| Ok(Document { name: "default", policy }));
    let others = items(Some(others)).map(|other| {
        let name = other.get("name").and_then(Json::text).ok_or("a policy has no `name`")?;
        let policy =
            other.get("document").ok_or_else(|| format!("policy {name}: no `document`"))?;
        Ok(Document { name, policy })
    });
    default.into_iter().chain(others).collect()
}

fn line(locked: &Locked) -> Value {
    #[derive(Serialize)]
    struct Line {
        public: Public,
        verdict: &'static str,
        who: Option<String>,
        access: Vec<&'static str>,
        cross_account: Vec<String>,
        services: Vec<String>,
        confused_deputy: Vec<String>,
        aws_public: bool,
        status: &'static str,
        blocked_by: BTreeSet<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        rcp: Option<&'static str>,
    }
    let ruling = &locked.ruling;
    let line = Line {
        public: ruling.public,
        verdict: ruling.verdict.name(),
        who: ruling.who().map(Who::text),
        access: ruling.access().into_iter().map(Access::name).collect(),
        cross_account: ruling.cross_account().into_iter().collect(),
        services: ruling.services().into_iter().collect(),
        confused_deputy: ruling.confused_deputies().into_iter().collect(),
        aws_public: ruling.aws_public,
        status: locked.status().map_or("none", Status::as_str),
        blocked_by: locked.controls.iter().map(|control| control.control.clone()).collect(),
        rcp: locked.organization.map(Effect::name),
    };
    serde_json::to_value(line).unwrap_or_default()
}

/// A whole bucket. What a case leaves out is absent, and not unread.
fn bucket_line(case: &Json, arn: &str, owner: &str, context: &Context) -> Result<Value, String> {
    let flag = |field: &str| case.get(field).map(|value| *value == Json::Bool(true));
    let objects = items(case.get("objects"))
        .map(|object| {
            let key = object.get("key").and_then(Json::text).ok_or("an object has no `key`")?;
            Ok(Object { key: key.to_owned(), acl: Known::Read(acl(object.get("acl"))?) })
        })
        .collect::<Result<Vec<_>, String>>()?;
    let points = items(case.get("access_points"))
        .map(|given| {
            let field = |name: &str| given.get(name).and_then(Json::text).map(str::to_owned);
            let name = field("name").ok_or("an access point has no `name`")?;
            let policy = policy_text(given.get("policy"));
            let account = field("account").unwrap_or_else(|| owner.to_owned());
            let arn = field("arn").unwrap_or_else(|| point_arn(policy.as_deref(), &account, &name));
            Ok(Point {
                arn,
                account,
                network_origin: Known::Read(field("network_origin")),
                block: Known::Read(block(given.get("bpa"))?),
                policy: Known::Read(policy),
                aws_public: Known::Unread,
                multi_region: false,
                name,
            })
        })
        .collect::<Result<Vec<_>, String>>()?;
    let bucket = Bucket {
        arn,
        owner_account: owner,
        context,
        policy: Known::Read(policy_text(case.get("policy"))),
        acl: Known::Read(acl(case.get("acl"))?),
        objects,
        ownership: Known::Read(case.get("ownership").and_then(Json::text).map(str::to_owned)),
        organization_block: block(case.get("organization_bpa"))?,
        account_block: Known::Read(block(case.get("account_bpa"))?),
        bucket_block: Known::Read(block(case.get("bucket_bpa"))?),
        aws_public: Known::Unread,
        requester_pays: Known::Read(flag("requester_pays")),
        website: Known::Read(flag("website")),
        access_points: points,
    };
    let summary = s3::judge(&bucket).summary();
    let mut answer = json!({
        "status": summary.status_word(),
        "who": summary.who.map(|who| who.text()),
        "access": summary.access.iter().map(|access| access.name()).collect::<Vec<_>>(),
        "via": summary.via.iter().map(|via| via.name()).collect::<Vec<_>>(),
        "blocked_by": summary.blocked_by,
        "cross_account": summary.cross_account,
    });
    let kind = Kind::of(kinds::S3_BUCKET.name, arn);
    if let Some(effect) = context.control_policies.effect(&kind, owner) {
        answer["rcp"] = effect.name().into();
    }
    Ok(answer)
}

fn items(list: Option<&Json>) -> impl Iterator<Item = &Json> {
    match list {
        Some(Json::List(items)) => items.iter(),
        _ => [].iter(),
    }
}

fn policy_text(policy: Option<&Json>) -> Option<String> {
    match policy {
        None | Some(Json::Null) => None,
        Some(Json::Text(text)) => Some(text.clone()),
        Some(json) => Some(json.to_string()),
    }
}

fn acl(grants: Option<&Json>) -> Result<Vec<AclGrant>, String> {
    items(grants)
        .map(|grant| {
            let field = |name: &str| {
                grant
                    .get(name)
                    .and_then(Json::text)
                    .ok_or_else(|| format!("a grant has no `{name}`"))
            };
            Ok(AclGrant {
                grantee: Grantee::parse(field("grantee")?),
                permission: field("permission")?.to_owned(),
            })
        })
        .collect()
}

fn block(block: Option<&Json>) -> Result<Option<PublicAccessBlockConfiguration>, String> {
    match block {
        None | Some(Json::Null) => Ok(None),
        // An organization switches all four settings on, or none.
        Some(Json::Text(text)) if text == "all" => Ok(Some(PublicAccessBlockConfiguration::ALL)),
        Some(Json::Text(text)) if text == "none" => Ok(None),
        Some(settings @ Json::Object(_)) => serde_json::from_value(settings.to_value())
            .map(Some)
            .map_err(|problem| format!("public access block: {problem}")),
        Some(_) => Err("a public access block is no object".into()),
    }
}

/// The ARN that the access point's own policy uses for it.
fn point_arn(policy: Option<&str>, account: &str, name: &str) -> String {
    let tail = format!(":{account}:accesspoint/{name}");
    let region = policy.and_then(|text| {
        let end = text.find(&tail)?;
        let start = text[..end].rfind(':')? + 1;
        Some(text[start..end].to_owned())
    });
    let region = region.filter(|region| !region.contains(['*', '?', '"']));
    format!("arn:aws:s3:{}{tail}", region.as_deref().unwrap_or("us-east-1"))
}
