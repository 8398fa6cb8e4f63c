//! The URL of a Lambda function asks for two permissions: lambda:InvokeFunctionUrl, judged with the
//! URL's kind of authentication, and lambda:InvokeFunction, judged as a call through a URL. One
//! caller needs both (Lambda developer guide, "Control access to Lambda function URLs"). A request
//! to it has to pass the statements about each, as one through an access point passes two policies.

use super::Verdict;
use super::answer::ruling::Ruling;
use super::budget::Budget;
use super::context::FunctionUrl;
use super::document::{Policy, Statement};
use super::language::document::Names;
use super::language::glob::Glob;
use crate::model::Control;

/// A permission that the URL asks for.
pub(super) struct Permission {
    /// In lower case.
    action: &'static str,
    /// As AWS writes it.
    shown: &'static str,
    /// The key of the other one, which requests for this one do not have (Service Authorization
    /// Reference, Lambda: condition keys of each action).
    lacks: &'static str,
    /// What is missing where nobody has it.
    absence: (&'static str, &'static str),
}

/// To call the URL.
pub(super) const INVOKE_URL: &Permission = &Permission {
    action: "lambda:invokefunctionurl",
    shown: "lambda:InvokeFunctionUrl",
    lacks: "lambda:invokedviafunctionurl",
    absence: (
        "policy:no-invoke-function-url",
        "the policy lets nobody `lambda:InvokeFunctionUrl` who may `lambda:InvokeFunction`, and the \
         URL asks for both",
    ),
};

/// To run the function by it.
pub(super) const INVOKE: &Permission = &Permission {
    action: "lambda:invokefunction",
    shown: "lambda:InvokeFunction",
    lacks: "lambda:functionurlauthtype",
    absence: (
        "policy:no-invoke-function",
        "the policy lets nobody `lambda:InvokeFunction` who may `lambda:InvokeFunctionUrl`, and the \
         URL asks for both",
    ),
};

/// The statements about one of the permissions, as statements about a request to the URL.
pub(super) fn about(permission: &Permission, policy: &Policy, budget: &Budget) -> Vec<Statement> {
    let about = policy.statements.iter();
    let about = about.filter(|one| one.is_about(permission.action, budget));
    let mut found: Vec<Statement> = about.cloned().collect();
    for statement in &mut found {
        let request = Glob::exact(INVOKE_URL.action);
        statement.actions = Names { negated: false, any: vec![request] };
    }
    // What a test of an absent key says is the same for every request.
    let absent_holds =
        |test: &super::condition::Test| test.with(&|_| None, budget).holds(None, budget);
    let lacking = |test: &super::condition::Test| test.key == permission.lacks;
    found.retain(|one| one.tests.iter().filter(|test| lacking(test)).all(absent_holds));
    for statement in &mut found {
        statement.tests.retain(|test| !lacking(test));
    }
    found
}

/// Names in a ruling on requests that stand for several permissions those that were granted.
pub(super) fn naming(permissions: &[&Permission], mut ruling: Ruling) -> Ruling {
    for grant in &mut ruling.grants {
        grant.actions = permissions.iter().map(|one| one.shown.to_owned()).collect();
    }
    ruling
}

/// What keeps the public out, where it has one of the permissions: `alone` judges by one of them.
pub(super) fn missing(alone: impl Fn(&Permission) -> Ruling) -> Vec<(Control, Ruling)> {
    let missing = [(INVOKE_URL, INVOKE), (INVOKE, INVOKE_URL)].map(|(granted, other)| {
        let ruling = naming(&[granted], alone(granted));
        let (control, text) = other.absence;
        let control = Control { control: control.to_owned(), text: text.to_owned() };
        (ruling.verdict == Verdict::Public).then_some((control, ruling))
    });
    missing.into_iter().flatten().collect()
}

/// Whether AWS may answer with lambda:InvokeFunctionUrl alone: URLs without authentication that were
/// made before October 2025 went on so until 2026-11-01 (AWS's notice of the change), and whether
/// one still does cannot be read.
pub(super) fn may_be_excepted(url: &FunctionUrl) -> bool {
    /// 2025-10-01T00:00:00Z.
    const CHANGED: i64 = 1_759_276_800;
    let open = url.auth_type.as_deref().is_none_or(|auth| auth == "NONE");
    open && url.created.is_none_or(|created| created.as_second() < CHANGED)
}

/// What such a URL's first permission grants, in doubt.
pub(super) fn excepted(mut ruling: Ruling) -> Ruling {
    ruling.grants.retain(|grant| grant.verdict <= Verdict::Conditional);
    for grant in &mut ruling.grants {
        grant.verdict = Verdict::Conditional;
        grant.bound.insert(
            "AWS's exception for older URLs ended on 2026-11-01; whether it is still answered \
             cannot be read"
                .to_owned(),
        );
    }
    ruling.verdict = Verdict::Conditional;
    ruling.public = ruling.verdict.public();
    ruling
}
