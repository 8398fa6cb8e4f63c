//! Engines for tests, from statements of a bucket policy.

use serde_json::{Value, json};

use super::engine::Engine;
use crate::analysis::aws::policy::Context;
use crate::analysis::aws::policy::language::document::{self, Statement};
use crate::analysis::aws::policy::language::resource::Layer;
use crate::analysis::aws::policy::services::Kind;

/// The bucket that the statements belong to.
pub(crate) const BUCKET: &str = "arn:aws:s3:::acme";

/// The statements of a policy of the bucket.
pub(crate) fn statements(statements: &Value) -> Vec<Statement> {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let policy = document::parse(&text, &Kind::of("aws.s3.bucket", BUCKET));
    assert!(policy.errors.is_empty(), "{:?}", policy.errors);
    policy.statements
}

/// An Allow for everyone: actions, resources below the bucket, a condition.
pub(crate) fn allow(action: &str, below: &str, condition: &Value) -> Value {
    json!({"Effect": "Allow", "Principal": "*", "Action": action,
           "Resource": format!("{BUCKET}/{below}"), "Condition": condition})
}

/// Calls `check` with the engine of a bucket policy.
pub(crate) fn with_engine(json: &Value, check: impl FnOnce(&Engine<'_>)) {
    let kind = Kind::of("aws.s3.bucket", BUCKET);
    let statements = statements(json);
    let layer = Layer { statements: &statements, kind: &kind };
    let context = Context::default();
    check(&Engine::new(vec![layer], "111122223333", &context, None, None, 1));
}
