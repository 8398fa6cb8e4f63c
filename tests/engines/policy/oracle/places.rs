//! Where requests come from: addresses, VPC endpoints, access points.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::callers::one;
use super::evaluate::{self, Keys, Outcome, Request};
use super::subjects::OWNER;
use super::values::Marks;
use super::world::{NETWORK, POINT, World, entries};

/// Addresses, with whether they stand for a broad part of the internet.
pub const CELLS: &[(&str, bool)] = &[
    ("203.0.113.5", false),
    ("198.51.100.5", false),
    ("2600:1f00::5", false),
    ("9.1.1.1", true),
    ("50.1.1.1", true),
    ("150.1.1.1", true),
    ("2600:2::1", true),
    ("2a00::1", true),
];

/// The number of every VPC endpoint, behind those of the addresses.
pub const ENDPOINT: usize = CELLS.len();

/// One way of coming.
#[derive(Clone)]
pub struct Place {
    /// Index into [`CELLS`], or [`ENDPOINT`].
    pub cell: usize,
    /// Direct, or the number of an access point.
    pub point: usize,
    pub keys: Keys,
    pub marks: Marks,
}

/// All places, one of each sort that the statements tell apart. AWS services come from no network.
pub fn places(world: &World<'_>, statements: &[&Value], service: bool) -> Vec<Place> {
    let mut all = Vec::new();
    let inside = world.through.as_ref().is_some_and(|point| point.vpc);
    let networks = match world.is_networked() && !service {
        true if inside => networks(world).into_iter().filter(|n| n.cell == ENDPOINT).collect(),
        true => networks(world),
        false => {
            let cell = ENDPOINT - 1;
            vec![Place { cell, point: 0, keys: Keys::new(), marks: Marks::default() }]
        }
    };
    for (number, (point, bound)) in points(world).into_iter().enumerate() {
        for network in &networks {
            let mut place = network.clone();
            place.keys.extend(point.clone());
            place.point = number;
            place.marks.bound |= bound;
            all.push(place);
        }
    }
    let mut seen = BTreeSet::new();
    all.retain(|place| {
        let request = Request::nobody(place.keys.clone());
        let truth: Vec<bool> = statements
            .iter()
            .flat_map(|statement| entries(statement))
            .filter(|(operator, key, values)| {
                let key = key.to_lowercase();
                (NETWORK.contains(&key.as_str()) || POINT.contains(&key.as_str()))
                    && !evaluate::is_malformed(&json!({*operator: {*key: values}}))
            })
            .map(|(operator, key, values)| {
                evaluate::entry(operator, key, values, &request, true, true) != Outcome::No
            })
            .collect();
        let broad = CELLS.get(place.cell).map(|cell| cell.1);
        seen.insert((broad, place.point, place.marks, truth))
    });
    all
}

/// Whether the policy names the id somewhere without wildcard.
fn named_exactly(world: &World<'_>, id: &str) -> bool {
    world.policy.to_string().contains(&format!("\"{id}\""))
}

fn networks(world: &World<'_>) -> Vec<Place> {
    let mut all: Vec<Place> = CELLS
        .iter()
        .enumerate()
        .map(|(cell, (address, _))| {
            let keys = Keys::from([("aws:sourceip".to_owned(), one(address))]);
            Place { cell, point: 0, keys, marks: Marks::default() }
        })
        .collect();
    // What an endpoint adds to a request. Who owns it and in which organization is not linked
    // here, nor in the engine, which thereby answers for more owners than there may be.
    let paths =
        ["o-vvvv111122/r-ab12/", "o-vvvv111122/r-zzzz/", "o-zzzz/r-ab12/", "o-zzzz/r-zzzz/"];
    let mut vpcs = Vec::new();
    for region in ["us-east-1", "eu-west-1"] {
        for account in ["560000000001", "222299990000", "222233334444"] {
            for id in ["vpc-zzzz", "vpc-1a2b3c4d"] {
                vpcs.push(format!("arn:aws:ec2:{region}:{account}:vpc/{id}"));
            }
        }
    }
    let vpcs: Vec<&str> = vpcs.iter().map(String::as_str).collect();
    let pools: [(&str, &[&str], bool); 7] = [
        ("aws:sourcevpcarn", &vpcs, false),
        ("aws:sourcevpce", &["vpce-zzzz", "vpce-1a2bzz", "vpce-1a2b3c4d", "vpce-22223333"], false),
        ("aws:sourcevpc", &["vpc-zzzz", "vpc-9zzz", "vpc-91237329"], false),
        ("aws:vpceaccount", &["560000000001", "222299990000", "222233334444"], false),
        ("aws:vpceorgid", &["o-zzzz", "o-vvvv111122"], true),
        ("aws:vpceorgpaths", &paths, true),
        ("aws:vpcsourceip", &["10.0.0.5", "172.16.0.5"], false),
    ];
    let mut endpoints: Vec<(Keys, bool)> = vec![(Keys::new(), false)];
    for (key, values, absent) in pools {
        if !world.used.contains(key) {
            continue;
        }
        let mut next = Vec::new();
        for (keys, bound) in &endpoints {
            if absent {
                next.push((keys.clone(), *bound));
            }
            for value in values {
                let named = match key {
                    "aws:vpceorgpaths" => {
                        value.starts_with("o-vvvv111122")
                            && world.policy.to_string().contains("\"o-vvvv111122/")
                    }
                    "aws:vpcsourceip" => false,
                    // By its account or by its id: no two VPCs have one.
                    "aws:sourcevpcarn" => {
                        let text = world.policy.to_string();
                        let spelled = |end: &str| text.contains(&format!("{end}\""));
                        value.contains(":222233334444:") && spelled(":222233334444:vpc/*")
                            || value.ends_with("1a2b3c4d") && spelled("*:vpc/vpc-1a2b3c4d")
                            || named_exactly(world, value)
                    }
                    _ => named_exactly(world, value),
                };
                let mut keys = keys.clone();
                keys.insert(key.to_owned(), one(value));
                next.push((keys, *bound || named));
            }
        }
        endpoints = next;
    }
    all.extend(endpoints.into_iter().map(|(keys, bound)| {
        let marks = Marks { bound, ..Marks::default() };
        Place { cell: ENDPOINT, point: 0, keys, marks }
    }));
    all
}

/// Keys of an access point and whether its account is fixed; direct requests first.
fn points(world: &World<'_>) -> Vec<(Keys, bool)> {
    if let Some(point) = &world.through {
        let account = point.arn.split(':').nth(4).expect("ARNs of points have an account");
        let keys = Keys::from([
            ("s3:dataaccesspointaccount".to_owned(), one(account)),
            ("s3:dataaccesspointarn".to_owned(), one(&point.arn)),
        ]);
        return vec![(keys, point.vpc)];
    }
    let mut all = vec![(Keys::new(), false)];
    if !POINT.iter().any(|key| world.used.contains(*key)) {
        return all;
    }
    let text = world.policy.to_string();
    let fixed = text.contains("\"333344445555\"") || text.contains(":333344445555:accesspoint/");
    for (account, bound, names) in [
        (OWNER, true, &["zzzz"][..]),
        ("333344445555", fixed, &["zzzz", "shared"]),
        ("333399990000", false, &["zzzz"]),
        ("560000000001", false, &["zzzz"]),
    ] {
        // Those that span regions have none in their ARN.
        let multi_region =
            account == OWNER && text.contains("arn:aws:s3::111122223333:accesspoint");
        let regions = if multi_region { &["us-east-1", ""][..] } else { &["us-east-1"] };
        for (region, name) in
            regions.iter().flat_map(|region| names.iter().map(move |name| (region, name)))
        {
            let arn = format!("arn:aws:s3:{region}:{account}:accesspoint/{name}");
            let keys = Keys::from([
                ("s3:dataaccesspointaccount".to_owned(), one(account)),
                ("s3:dataaccesspointarn".to_owned(), one(&arn)),
            ]);
            all.push((keys, bound));
        }
    }
    all
}
