//! The JSON Schema of the file, for editors: made from the command line and the rules.

use std::any::TypeId;

use clap::{Arg, ArgAction, Command};
use serde_json::{Map, Value, json};

use super::flags::{keys, takes_many};
use crate::model::Severity;
use crate::rules::RULES;

/// The schema of `outcrop.toml`; `command` is the program's command line.
pub fn schema(command: &Command) -> Value {
    let mut properties = Map::new();
    for key in keys(command) {
        properties.insert(key.name.clone(), flag(&key.arg));
    }
    let severities = Severity::ALL.map(Severity::as_str);
    let text = |about: &str| json!({ "description": about, "type": "string" });
    let texts = |about: &str| json!({ "description": about, "type": "array", "items": { "type": "string" } });
    properties.insert(
        "ignore".into(),
        json!({
            "description": "Findings to leave out.",
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "rule": text("Rule, glob (`s3-*`) or family (`ec2-port-public`)."),
                    "resource": text("ARN, exact or with `*` and `?`."),
                    "account": text("Account of the resource, exact or with `*` and `?`."),
                    "region": text("Region of the resource, exact or with `*` and `?`."),
                    "reason": { "description": "Why.", "type": "string", "minLength": 1 },
                    "expires": text("The last day on which it counts, as 2027-01-31 (UTC)."),
                },
                "required": ["reason"],
                "anyOf": [
                    { "required": ["rule"] }, { "required": ["resource"] },
                    { "required": ["account"] }, { "required": ["region"] },
                ],
                "additionalProperties": false,
            },
        }),
    );
    let rules: Map<String, Value> = RULES
        .iter()
        .map(|rule| (rule.id.to_owned(), json!({ "description": rule.title, "enum": severities })))
        .collect();
    properties.insert(
        "severity".into(),
        json!({
            "description": "How bad a rule's exposures are, by rule.",
            "type": "object", "properties": rules, "additionalProperties": false,
        }),
    );
    properties.insert(
        "trusted".into(),
        json!({
            "description": "Who may get in without being reported.",
            "type": "object",
            "properties": {
                "accounts": texts("Accounts: twelve digits."),
                "organizations": texts("Organizations: o-…"),
                "issuers": texts(
                    "Identity providers that serve one customer: host and path, with * and ?."
                ),
                "ip-ranges": texts("Address ranges, at most a /8 of IPv4 or a /32 of IPv6."),
            },
            "additionalProperties": false,
        }),
    );
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": super::FILE,
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}

fn flag(arg: &Arg) -> Value {
    let about = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let one = match arg.get_action() {
        ArgAction::SetTrue => json!({ "type": "boolean" }),
        ArgAction::Count => json!({ "type": "integer", "minimum": 0, "maximum": 9 }),
        _ => value(arg),
    };
    let mut schema = match takes_many(arg) {
        // A text may hold several, with commas, as on the command line.
        true => json!({ "type": ["string", "array"], "items": one }),
        false => one,
    };
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".into(), json!(about));
    }
    schema
}

fn value(arg: &Arg) -> Value {
    let known = arg.get_possible_values();
    let kind = arg.get_value_parser().type_id();
    if !known.is_empty() {
        json!({ "enum": known.iter().map(clap::builder::PossibleValue::get_name).collect::<Vec<_>>() })
    } else if kind == TypeId::of::<u16>() {
        json!({ "type": "integer", "minimum": 1 })
    } else if kind == TypeId::of::<f64>() {
        json!({ "type": "number", "exclusiveMinimum": 0 })
    } else {
        json!({ "type": "string" })
    }
}
