//! The network vectors, judged exactly: a missing row is a door overlooked, an extra one a false
//! alarm, and every field of a row counts.

use std::collections::BTreeSet;

use libtest_mimic::{Failed, Trial};
use outcrop::analysis::aws::network::analyse;
use outcrop::report::reach::rows_json;
use serde_json::Value;

/// A row with the controls that were not verified by their names, as vectors write them.
fn named(mut row: Value) -> String {
    if let Some(all) = row.get_mut("not_verified").and_then(Value::as_array_mut) {
        all.iter_mut().for_each(|one| *one = one["control"].take());
    }
    row.to_string()
}

/// The rows that are not what the vector expects.
fn check(vector: &Value) -> Result<(), Failed> {
    let mut found = BTreeSet::new();
    outcrop::inventory::load(&vector["inventory"].to_string(), |snapshot| {
        for services in snapshot.regions.values() {
            let rows = rows_json(&analyse(&snapshot.account, services).rows);
            found.extend(rows.into_iter().map(named));
        }
    })?;
    let rows = vector["expected"]["exposures"].as_array().unwrap();
    let expected: BTreeSet<String> = rows.iter().map(Value::to_string).collect();
    if found == expected {
        return Ok(());
    }
    let extra: Vec<_> = found.difference(&expected).collect();
    let lacking: Vec<_> = expected.difference(&found).collect();
    let title = &vector["title"];
    Err(format!("{title}: expected and not found {lacking:#?}, not expected {extra:#?}").into())
}

/// One trial for each file, by the file's name.
pub(super) fn trials() -> Vec<Trial> {
    let trials = super::files("network-vectors").into_iter().map(|(path, vector)| {
        let name = format!("network/{}", path.file_stem().unwrap().to_string_lossy());
        Trial::test(name, move || check(&vector))
    });
    super::counted(trials.collect(), 74)
}
