//! Cases in the form of the vectors, one JSON object each, and their answers: what
//! `outcrop policy --jsonl` speaks.

use serde::Serialize;
use serde_json::{Value, json};

use super::context::{Context, Subject};
use super::json::Json;
use super::verdict::Ruling;

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
    let Some(kind) = case.get("resource_type").and_then(Json::text) else {
        return Err("no text `resource_type`".into());
    };
    let policy = case.get("policy").ok_or("no `policy`")?;
    let subject = Subject { kind, arn, owner_account: owner, context: &context };
    Ok(line(&super::judge_json(policy, &subject)))
}

fn line(ruling: &Ruling) -> Value {
    #[derive(Serialize)]
    struct Line {
        public: super::Public,
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
        who: ruling.who().map(super::Who::text),
        access: ruling.access().into_iter().map(super::Access::name).collect(),
        cross_account: ruling.cross_account().into_iter().collect(),
        services: ruling.services().into_iter().collect(),
        confused_deputy: ruling.confused_deputies().into_iter().collect(),
        aws_public: ruling.aws_public,
    };
    serde_json::to_value(line).unwrap_or_default()
}
