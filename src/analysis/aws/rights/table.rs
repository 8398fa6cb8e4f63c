//! The rights that count: what makes a role worth having for whoever gets hold of it.

use std::sync::OnceLock;

use serde::Deserialize;

/// What a right amounts to; worse first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Everything.
    Admin,
    /// A way to more rights, in the end to everything.
    Escalation,
    /// Reading what the account stores.
    Data,
}

/// A right.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Right {
    /// Its name in the table.
    pub id: String,
    /// What it amounts to.
    pub class: Class,
    /// The actions that make it up: all of them are needed.
    pub actions: Vec<String>,
    /// What its holder does, after "it".
    pub does: String,
    /// The publication that says so.
    pub source: String,
    /// The service to which it passes a role, where it does.
    pub passed_to: Option<String>,
}

/// The table.
pub fn rights() -> &'static [Right] {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        #[serde(rename = "about")]
        _about: String,
        rights: Vec<Right>,
    }
    static TABLE: OnceLock<Vec<Right>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let file: File = serde_json::from_str(include_str!("rights.json"))
            .expect("the embedded table is parsed by a test of this module");
        file.rights
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_right_has_actions_and_a_source_and_stands_in_the_table_once() {
        let mut seen = BTreeSet::new();
        for right in rights() {
            assert!(seen.insert(&right.actions), "{} stands twice", right.id);
            assert!(right.source.starts_with("https://"), "{}", right.id);
            let named = |action: &String| action == "*" || action.split_once(':').is_some();
            assert!(!right.actions.is_empty() && right.actions.iter().all(named), "{}", right.id);
            let passes = right.actions.iter().any(|action| action == "iam:PassRole");
            assert_eq!(passes, right.passed_to.is_some(), "{}", right.id);
        }
        let actions: BTreeSet<_> = rights().iter().flat_map(|right| &right.actions).collect();
        assert!(actions.len() > 40, "{}", actions.len());
        assert!(rights().windows(2).all(|pair| pair[0].class <= pair[1].class), "worst first");
    }
}
