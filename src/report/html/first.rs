//! What to do first.

use super::super::clean::markup;
use super::super::words;
use crate::model::{Action, Run};

/// One action.
pub struct Item {
    pub text: String,
    pub effects: Vec<Effect>,
    pub warning: String,
    pub commands: Vec<String>,
}

/// What it does to findings.
pub struct Effect {
    pub verb: &'static str,
    pub what: String,
}

/// The actions of a run.
pub fn of(run: &Run) -> Vec<Item> {
    run.actions.iter().map(|action| item(run, action)).collect()
}

fn item(run: &Run, action: &Action) -> Item {
    let effects = words::effects(run, action).into_iter();
    Item {
        text: markup(&action.text),
        effects: effects.map(|(verb, what)| Effect { verb, what: markup(&what) }).collect(),
        warning: markup(action.warning.as_deref().unwrap_or_default()),
        commands: action.commands.iter().map(|command| markup(command)).collect(),
    }
}
