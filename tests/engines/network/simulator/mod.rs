//! A second reading of the rules, packet by packet, to hold the engine against.
//!
//! It shares no code with the engine: it takes concrete packets at the edges of every rule, asks
//! every control in turn, and counts addresses by adding up the stretches between edges. Slow, and
//! meant to be obviously right.

mod balancers;
mod generate;
mod generate_services;
mod packets;
mod random;
mod verdicts;

use std::collections::BTreeSet;

use serde_json::Value;

use outcrop::inventory::aws::Services;
use outcrop::inventory::{SCHEMA_VERSION, Snapshot};
use outcrop::rules::RULES;

use crate::claims;
use crate::proof::prove;

use outcrop::analysis::aws::network::analyse;
use outcrop::report::reach::rows_json;

/// How many random networks, and which: set to repeat a failure or to look for longer.
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

#[test]
fn the_engine_agrees_with_single_packets_on_random_networks() {
    run(setting("OUTCROP_SIM_CASES", 500), setting("OUTCROP_SIM_SEED", 1));
}

/// Judges `cases` random networks with both and compares every row.
fn run(cases: u64, seed: u64) {
    for case in 0..cases {
        let mut random = random::Random::new(seed.wrapping_add(case));
        let services = generate::region(&mut random);
        let expected = expected(&services);
        let found: BTreeSet<String> =
            rows_json(&analyse(generate::ACCOUNT, &services).rows).into_iter().map(named).collect();
        let extra: Vec<_> = found.difference(&expected).collect();
        let lacking: Vec<_> = expected.difference(&found).collect();
        assert!(
            extra.is_empty() && lacking.is_empty(),
            "network {}: only the engine has {extra:#?}, only the simulator has {lacking:#?} in {}",
            seed.wrapping_add(case),
            serde_json::to_string(&services).unwrap_or_default(),
        );
    }
}

/// A row with the controls that were not verified by their names.
fn named(mut row: Value) -> String {
    if let Some(all) = row.get_mut("not_verified").and_then(Value::as_array_mut) {
        all.iter_mut().for_each(|one| *one = one["control"].take());
        all.sort_by_key(Value::to_string);
        all.dedup();
    }
    row.to_string()
}

#[test]
fn what_is_found_in_random_networks_is_closed_by_its_own_commands() {
    let mut closed = 0;
    for (name, snapshot) in random_accounts(setting("OUTCROP_CLOSE_CASES", 1_000)) {
        closed += prove(&name, &snapshot, RULES);
    }
    println!("{closed} findings closed");
    assert!(closed > 0);
}

#[test]
fn every_claim_of_every_action_is_so_in_random_networks() {
    let mut closed = 0;
    for (name, snapshot) in random_accounts(setting("OUTCROP_ACTION_CASES", 200)) {
        closed += claims::prove(&name, &snapshot);
    }
    println!("{closed} findings closed");
    assert!(closed > 40);
}

/// Accounts with one random network each.
fn random_accounts(cases: u64) -> impl Iterator<Item = (String, Snapshot)> {
    let seed = setting("OUTCROP_SIM_SEED", 1);
    (0..cases).map(move |case| {
        let mut random = random::Random::new(seed.wrapping_add(case));
        let services = generate::region(&mut random);
        let snapshot = Snapshot {
            schema_version: SCHEMA_VERSION,
            account: "111122223333".to_owned(),
            regions: [("eu-west-1".to_owned(), services)].into(),
            ..Snapshot::default()
        };
        (format!("network {}", seed.wrapping_add(case)), snapshot)
    })
}

fn expected(services: &Services) -> BTreeSet<String> {
    let world = packets::World::new(services);
    let mut rows = world.interface_rows();
    rows.extend(world.service_rows());
    rows.extend(world.group_rows());
    rows.extend(balancers::rows(&world));
    rows.iter().map(ToString::to_string).collect()
}
