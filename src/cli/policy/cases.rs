//! Cases in the form of the vectors, one JSON object each, and their answers: what
//! `outcrop policy --jsonl` speaks.

use serde::Serialize;
use serde_json::{Value, json};

use crate::analysis::aws::policy::{self, Access, Context, Json, Public, Ruling, Subject, Who};
use crate::analysis::aws::s3::{self, AclGrant, Bucket, Grantee, Object, Point};
use crate::inventory::aws::s3::PublicAccessBlockConfiguration;
use crate::model::Known;

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
    let bucket_fields = ["acl", "account_bpa", "bucket_bpa", "access_points", "objects"];
    if case.get("resource_type").is_none() && bucket_fields.iter().any(|f| case.get(f).is_some()) {
        return bucket_line(case, arn, owner, &context);
    }
    let kind = text("resource_type")?;
    let policy = case.get("policy").ok_or("no `policy`")?;
    let subject = Subject { kind, arn, owner_account: owner, context: &context };
    Ok(line(&policy::judge_json(policy, &subject)))
}

fn line(ruling: &Ruling) -> Value {
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
    }
    let line = Line {
        public: ruling.public,
        verdict: ruling.verdict.name(),
        who: ruling.who().map(Who::text),
        access: ruling.access().into_iter().map(Access::name).collect(),
        cross_account: ruling.cross_account().into_iter().collect(),
        services: ruling.services().into_iter().collect(),
        confused_deputy: ruling.confused_deputies().into_iter().collect(),
        aws_public: ruling.aws_public,
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
    Ok(json!({
        "status": summary.status_word(),
        "who": summary.who.map(|who| who.text()),
        "access": summary.access.iter().map(|access| access.name()).collect::<Vec<_>>(),
        "via": summary.via.iter().map(|via| via.name()).collect::<Vec<_>>(),
        "blocked_by": summary.blocked_by,
        "cross_account": summary.cross_account,
    }))
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
