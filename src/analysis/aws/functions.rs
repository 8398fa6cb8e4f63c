//! Lambda functions: what of them bears a policy, and the two ways in, by the API and by a URL.
//!
//! A function and each of its aliases have policies and URLs of their own (Lambda developer guide,
//! "Creating and managing Lambda function URLs" and "Working with resource-based policies in
//! Lambda"). Policies of single published versions are not looked at: those would be a call for each
//! version.

use super::policy::effective::{Bearer, effective};
use super::policy::{self, FunctionUrl, FunctionWay};
use crate::inventory::aws::Lambda;
use crate::inventory::aws::calls::lambda::{GET_FUNCTION_CONCURRENCY, GET_POLICY};
use crate::inventory::aws::kinds::{Kind, LAMBDA_FUNCTION, LAMBDA_FUNCTION_URL, Place};
use crate::inventory::aws::lambda::{FunctionConfiguration, FunctionUrlConfig, about, name_in};
use crate::model::{Control, Known, Lock, Status, Step};

/// A function or an alias of one.
#[derive(Debug, Clone)]
pub struct Target<'a> {
    /// What calls know it by: `resize`, or `resize:live`.
    pub name: &'a str,
    /// Its ARN.
    pub arn: String,
}

/// The function itself.
pub fn function<'a>(function: &'a FunctionConfiguration, place: &Place<'_>) -> Target<'a> {
    let name = function.function_name.as_str();
    let told = function.function_arn.clone();
    Target { name, arn: told.unwrap_or_else(|| LAMBDA_FUNCTION.arn(place, name)) }
}

/// Its aliases.
pub fn aliases<'a>(lambda: &'a Lambda, function: &FunctionConfiguration) -> Known<Vec<Target<'a>>> {
    Known::from(lambda.list_aliases.get(&function.function_name)).and_then(|listed| {
        let named = listed.aliases.iter().map(|alias| target(alias.alias_arn.as_deref()?));
        named.collect::<Option<_>>().into()
    })
}

/// What an ARN that a service told names.
fn target(arn: &str) -> Option<Target<'_>> {
    Some(Target { name: name_in(arn)?, arn: arn.to_owned() })
}

/// Its URLs, each with what it calls.
pub fn urls<'a>(
    lambda: &'a Lambda,
    function: &FunctionConfiguration,
) -> Known<Vec<(&'a FunctionUrlConfig, Target<'a>)>> {
    Known::from(lambda.list_function_url_configs.get(&function.function_name)).and_then(|listed| {
        let urls = listed.function_url_configs.iter();
        let called = urls.map(|url| Some((url, target(url.function_arn.as_deref()?)?)));
        called.collect::<Option<_>>().into()
    })
}

/// The policy on a function or alias, for the way by the API.
pub fn by_api<'a>(lambda: &'a Lambda, place: &Place<'_>, target: &Target<'a>) -> Bearer<'a> {
    bearer(lambda, &LAMBDA_FUNCTION, place, target)
}

/// The same policy, for the way by a URL. Without reserved concurrency nobody gets in by it.
pub fn by_url<'a>(
    lambda: &'a Lambda,
    place: &Place<'_>,
    function: &FunctionConfiguration,
    target: &Target<'a>,
) -> Bearer<'a> {
    let locks = vec![concurrency(lambda, &function.function_name)];
    Bearer { locks, ..bearer(lambda, &LAMBDA_FUNCTION_URL, place, target) }
}

fn bearer<'a>(
    lambda: &'a Lambda,
    kind: &Kind,
    place: &Place<'_>,
    target: &Target<'a>,
) -> Bearer<'a> {
    let policy = about(&lambda.get_policy, target.name);
    Bearer {
        resource: kind.resource_of(place, target.name, &target.arn),
        policy: policy.map(|answer| answer.and_then(|answer| answer.policy.as_deref())),
        further: Vec::new(),
        asked: &GET_POLICY,
        asked_of: target.name,
        locks: Vec::new(),
    }
}

/// What is known of the callers by the API.
pub fn api_context(zone: &policy::Context) -> policy::Context {
    policy::Context { way: FunctionWay::Api, ..zone.clone() }
}

/// What is known of the callers of a URL.
pub fn url_context(zone: &policy::Context, url: &FunctionUrlConfig) -> policy::Context {
    let created = url.creation_time.as_deref().and_then(|time| time.parse().ok());
    url_of(zone, FunctionUrl { auth_type: url.auth_type.clone(), created })
}

fn url_of(zone: &policy::Context, url: FunctionUrl) -> policy::Context {
    policy::Context { way: FunctionWay::Url(url), ..zone.clone() }
}

/// Whether the policy of `bearer` lets the public in by a URL, if there is one: whatever its
/// authentication, whenever it was made. Unread where the policy is.
pub fn would_open(bearer: &Bearer<'_>, zone: &policy::Context, latent: bool) -> Known<bool> {
    bearer.policy.map(|policy| {
        policy.is_some()
            && ["NONE", "AWS_IAM"].iter().any(|auth| {
                let url = FunctionUrl { auth_type: Some((*auth).to_owned()), created: None };
                let status = worst(bearer, &url_of(zone, url));
                status.is_some_and(|status| latent || status != Status::Latent)
            })
    })
}

/// Whether the public gets in by the policy of `bearer`; `None` where it does not.
pub fn worst(bearer: &Bearer<'_>, context: &policy::Context) -> Option<Status> {
    let effective = effective(bearer, context).into_option().flatten()?;
    effective.paths.iter().filter_map(|path| path.status()).min()
}

/// "To deactivate your function URL, set reserved concurrency to 0": requests are answered with 429
/// (Lambda developer guide, "Creating and managing Lambda function URLs", throttling).
fn concurrency(lambda: &Lambda, function: &str) -> Lock {
    let Some(answer) = lambda.get_function_concurrency.get(function) else {
        let text = "whether any concurrency is left to the function was not read";
        return Lock::Unknown(GET_FUNCTION_CONCURRENCY.missing_of(function, text));
    };
    match answer.reserved_concurrent_executions {
        Some(0) => Lock::Shut(Control {
            control: "lambda:reserved-concurrency".to_owned(),
            text: "the function's reserved concurrency is 0, so that nobody can run it".to_owned(),
        }),
        _ => Lock::Open(Step::of(
            "control",
            "lambda:reserved-concurrency",
            "the function's concurrency is not reserved to 0",
        )),
    }
}
