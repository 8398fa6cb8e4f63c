//! Actions: which there are, which a statement names, and who can call one at all.

use std::collections::BTreeSet;

use super::budget::Budget;
use super::callers::{Caller, Form};
use super::context::Context;
use super::document::Names;
use super::glob::Glob;
use super::resource::Layer;
use super::services::{Access, Action, Kind, Place};
use crate::inventory::aws::kinds::Unsigned;

/// Actions of the kind, and those that a statement allows although no table has them.
pub fn actions(layers: &[Layer<'_>], budget: &Budget) -> Vec<Action> {
    let kind = layers[0].kind;
    let mut actions = kind.actions.clone();
    let mut unknown = BTreeSet::new();
    for statement in layers.iter().flat_map(|layer| layer.statements) {
        if !statement.allow || statement.actions.negated {
            continue;
        }
        for glob in &statement.actions.any {
            let known = actions.iter().any(|action| glob.matches_within(&action.name, budget));
            if budget.is_spent() {
                break;
            }
            let own = kind.prefixes.iter().any(|prefix| {
                glob.fixed_prefix().starts_with(prefix.as_str())
                    || kind.actions.is_empty() && !glob.after(prefix).is_empty()
            });
            if own && !known {
                let text = glob.text();
                let text = match text.as_str() {
                    "*" => format!("{}*", kind.prefixes.first().map_or("", String::as_str)),
                    _ => text,
                };
                unknown.insert(text.replace(['*', '?'], "x"));
            }
        }
    }
    actions.extend(unknown.into_iter().map(|name| Action {
        shown: name.clone(),
        name,
        access: Access::Other,
        place: Place::Any,
    }));
    actions
}

/// Whether Action or NotAction names it.
pub fn names_action(names: &Names<Glob>, action: &str, budget: &Budget) -> bool {
    names.any.iter().any(|glob| glob.matches_within(action, budget)) != names.negated
}

/// Actions that not every form of caller can call are kept apart: see `engine::admits`.
pub fn category(action: &str) -> u8 {
    match action {
        "sts:assumerolewithwebidentity" => 1,
        "sts:assumerolewithsaml" => 2,
        "sts:assumerole" => 3,
        "lambda:invokefunctionurl" => 4,
        _ => 0,
    }
}

/// Whether this form of caller can call the action at all, and whether that is in doubt.
pub fn admits(caller: &Caller, action: &str, kind: &Kind, context: &Context) -> Option<bool> {
    let federated = match &caller.form {
        Form::Federated { provider, .. } => Some(provider.contains(":saml-provider/")),
        _ => None,
    };
    match action {
        // STS: tokens of providers and signed requests have operations of their own.
        "sts:assumerolewithwebidentity" => (federated == Some(false)).then_some(false),
        "sts:assumerolewithsaml" => (federated == Some(true)).then_some(false),
        "sts:assumerole" => federated.is_none().then_some(false),
        "lambda:invokefunctionurl" => match &context.function_url {
            // Without a URL there is nothing to call; unsigned calls need authentication NONE.
            Some(None) => None,
            Some(Some(auth)) => (auth == "NONE" || caller.form != Form::Unsigned).then_some(false),
            None => Some(true),
        },
        _ if caller.form == Form::Unsigned && kind.unsigned() == Unsigned::FunctionUrl => None,
        _ => Some(false),
    }
}
