//! The commands that take statements out of the policies of functions and layers.

use std::collections::BTreeSet;

use crate::analysis::aws::functions::{self, Target};
use crate::analysis::aws::policy::effective::Bearer;
use crate::inventory::aws::Lambda;
use crate::inventory::aws::calls::lambda::LIST_ALIASES;
use crate::inventory::aws::kinds::{self, Place};
use crate::inventory::aws::lambda::FunctionConfiguration;
use crate::model::{Known, Status, aws};
use crate::rules::Findings;
use crate::rules::change::Change;

/// A function with its aliases; that they were not read is said.
pub fn targets<'a>(
    found: &mut Findings,
    lambda: &'a Lambda,
    place: &Place<'_>,
    function: &'a FunctionConfiguration,
) -> Vec<Target<'a>> {
    let mut targets = vec![functions::function(function, place)];
    match functions::aliases(lambda, function) {
        Known::Read(aliases) => targets.extend(aliases),
        Known::Unread => found.unread_one(&LIST_ALIASES, place.region, &function.function_name),
    }
    targets
}

/// Takes these statements out of the policy on a function or alias; without them, all of it, which
/// lets its own account in only. The call takes an alias with the name (Lambda API reference,
/// RemovePermission). Commands, and what they change.
pub fn remove(
    bearer: &Bearer<'_>,
    statements: Option<&BTreeSet<String>>,
) -> (Vec<String>, Vec<Change>) {
    let resource = &bearer.resource;
    let region = resource.region.as_str();
    let left = statements.and_then(|statements| left(bearer, statements));
    let change = Change::policy(&kinds::LAMBDA_FUNCTION, resource, bearer.asked_of, left);
    let commands = match statements {
        None => {
            let arn = resource.uid.as_str();
            let words = ["delete-resource-policy", "--region", region, "--resource-arn", arn];
            vec![aws(["lambda"].into_iter().chain(words))]
        }
        Some(statements) => {
            let remove = statements.iter().map(|sid| {
                let words = ["lambda", "remove-permission", "--region", region, "--function-name"];
                aws(words.into_iter().chain([bearer.asked_of, "--statement-id", sid]))
            });
            remove.collect()
        }
    };
    (commands, change.into_iter().collect())
}

/// What is left of the policy of `bearer` without these statements; `None`: nothing.
pub fn left(bearer: &Bearer<'_>, statements: &BTreeSet<String>) -> Option<String> {
    let text = bearer.policy.into_option().flatten()?;
    let mut policy: serde_json::Value = serde_json::from_str(text).ok()?;
    let all = policy.get_mut("Statement")?.as_array_mut()?;
    let is_gone = |sid: &str| statements.contains(sid);
    all.retain(|statement| !statement["Sid"].as_str().is_some_and(is_gone));
    (!all.is_empty()).then(|| policy.to_string())
}

/// What the commands do, for people.
pub fn taken_away(status: Status, statements: Option<&BTreeSet<String>>) -> &'static str {
    match (status, statements.map(BTreeSet::len)) {
        (Status::Latent, Some(1)) => {
            "take the statement out of the policy, so that nothing depends on the control"
        }
        (Status::Latent, Some(_)) => {
            "take the statements out of the policy, so that nothing depends on the control"
        }
        (_, Some(1)) => "take the statement for everyone out of the policy",
        (_, Some(_)) => "take the statements for everyone out of the policy",
        (_, None) => {
            "name who needs it in the policy; the command takes the whole policy away, after which \
             only its own account gets in"
        }
    }
}
