//! Actions: those of a kind of resource, those that only statements know, and which a statement names.

use std::collections::BTreeSet;

use super::document::Names;
use super::glob::Glob;
use super::resource::Layer;
use crate::analysis::aws::policy::budget::Budget;
use crate::analysis::aws::policy::services::{Access, Action, Place};

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
            let names = actions.iter().map(|action| &action.name).chain(&kind.own_actions);
            let known = { names }.any(|name| glob.matches_within(name, budget));
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
pub(super) fn names_action(names: &Names<Glob>, action: &str, budget: &Budget) -> bool {
    names.any.iter().any(|glob| glob.matches_within(action, budget)) != names.negated
}

/// Actions that not every form of caller can call have a category of their own.
pub fn category(action: &str) -> u8 {
    match action {
        "sts:assumerolewithwebidentity" => 1,
        "sts:assumerolewithsaml" => 2,
        "sts:assumerole" => 3,
        "lambda:invokefunctionurl" => 4,
        _ => 0,
    }
}
