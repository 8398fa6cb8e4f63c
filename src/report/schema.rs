//! The JSON Schema of a run, made from its types.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema, json_schema};
use serde_json::{Value, json};

use crate::model::{Run, SCHEMA_VERSION, Severity};

/// The JSON Schema of what `json` writes: strict, so that a misspelt field is an error.
///
/// Programs that must accept later versions should ignore fields that they do not know, as the
/// contract asks; the schema describes this version.
pub fn schema() -> Value {
    let mut schema = of::<Run>("outcrop run");
    if let Some(exposed) = schema.pointer_mut("/$defs/Summary/properties/exposed") {
        let count = json!({ "type": "integer", "minimum": 0 });
        let names = Severity::ALL.map(Severity::as_str);
        *exposed = json_schema!({
            "description": "Open now, by severity.",
            "type": "object",
            "properties": names.map(|name| (name, count.clone()))
                .into_iter().collect::<std::collections::BTreeMap<_, _>>(),
            "required": names,
            "additionalProperties": false,
        })
        .to_value();
    }
    schema
}

/// The strict schema of another form that carries the version of runs.
pub(super) fn of<T: JsonSchema>(title: &str) -> Value {
    let mut schema = SchemaSettings::draft2020_12()
        .for_serialize()
        .with_transform(RecursiveTransform(close))
        .into_generator()
        .into_root_schema_for::<T>();
    schema.insert("title".into(), json!(title));
    if let Some(version) = schema.pointer_mut("/properties/schema_version") {
        *version = json!({ "description": "Version of this form.", "const": SCHEMA_VERSION });
    }
    schema.to_value()
}

/// Lets no further property into objects whose properties are listed.
fn close(schema: &mut Schema) {
    if schema.get("properties").is_some() && schema.get("additionalProperties").is_none() {
        schema.insert("additionalProperties".into(), json!(false));
    }
}
