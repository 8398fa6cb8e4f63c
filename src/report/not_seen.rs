//! What was not seen, for formats that know findings only: an entry for each account and region
//! with a call without an answer, so that the file of an account that could not be read does not
//! look like that of a closed one.

use std::collections::BTreeMap;

use super::words;
use crate::model::{Coverage, Provider, Run, fingerprint};

/// What such an entry has in the place of a rule, and of a status where there is room for one.
pub const CHECK: &str = "not-seen";

/// Calls of one account and region that had no answer.
pub struct NotSeen<'a> {
    /// Whose account it is.
    pub provider: Provider,
    /// Account that was asked.
    pub account: &'a str,
    /// Region that was asked.
    pub region: &'a str,
    /// The calls.
    pub gaps: Vec<&'a Coverage>,
}

/// One for each account and region in which something was not seen.
pub fn of(run: &Run) -> Vec<NotSeen<'_>> {
    let named = |provider: &Provider| provider.as_str() == run.scan.provider;
    let provider = Provider::ALL.into_iter().find(named).unwrap_or_default();
    let mut places: BTreeMap<(&str, &str), Vec<&Coverage>> = BTreeMap::new();
    for gap in &run.coverage {
        places.entry((&gap.account, &gap.region)).or_default().push(gap);
    }
    let place = |((account, region), gaps)| NotSeen { provider, account, region, gaps };
    places.into_iter().map(place).collect()
}

impl NotSeen<'_> {
    /// The same from run to run, and that of no finding.
    pub fn fingerprint(&self) -> String {
        fingerprint(CHECK, self.account, self.region)
    }

    /// One line for people.
    pub fn title(&self) -> String {
        let calls = words::count(self.gaps.len() as u64, "call");
        format!("not seen: {calls} without an answer in {} {}", self.account, self.region)
    }

    /// The calls and why they had no answer, and the rules that could not judge, one line each.
    pub fn details(&self) -> Vec<String> {
        let mut rules: Vec<&str> =
            self.gaps.iter().flat_map(|gap| &gap.affects).map(String::as_str).collect();
        rules.sort_unstable();
        rules.dedup();
        let mut lines = Vec::new();
        if !rules.is_empty() {
            lines.push(format!("unjudged: {}", rules.join(", ")));
        }
        lines.extend(self.gaps.iter().map(|gap| words::gap(gap)));
        lines
    }
}
