//! What a scan of an account costs that has nothing, which most regions of most accounts have.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::live::{ask, aws};
use crate::support::moto::moto;

/// The regions that every account has without opting in (AWS Account Management reference guide,
/// "AWS Regions": enabled by default).
const REGIONS: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

#[test]
fn an_empty_account_costs_one_call_for_each_list_and_region_as_the_readme_says() {
    let filled = moto().filled("nothing", "400000000005");
    let aws = aws(&filled, []);
    let regions = REGIONS.join(",");
    ask(&aws, &filled, ["scan", "-f", "json", "-r", &regions]).run().exits(0);

    let mut asked: BTreeMap<(String, String), BTreeMap<String, usize>> = BTreeMap::new();
    for call in aws.calls() {
        let regions = asked.entry((call.service, call.operation)).or_default();
        *regions.entry(call.region).or_default() += 1;
    }
    let mut table = String::new();
    for ((service, operation), regions) in &asked {
        for (region, calls) in regions {
            assert_eq!(*calls, 1, "{service}:{operation} in {region}");
        }
        table.push_str(&format!("{service}:{operation} {}\n", regions.len()));
    }
    // EC2 holds machines, their network, disks and images: a list each.
    let mut lists: BTreeMap<&str, usize> = BTreeMap::new();
    for ((service, _), regions) in &asked {
        if regions.len() > 1 {
            *lists.entry(service).or_default() += 1;
        }
    }

    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let golden = root.join("fixtures/reports/calls-of-an-empty-account.txt");
    if std::env::var_os("OUTCROP_BLESS").is_some() {
        fs::write(&golden, &table).unwrap();
    }
    let kept = fs::read_to_string(&golden).unwrap_or_default();
    assert_eq!(kept, table, "what an empty account costs is not as {}", golden.display());

    let total = aws.calls().len();
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let said = format!("An empty account with {} regions costs {total} calls", REGIONS.len());
    let flat = readme.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains(&said), "the README does not say: {said}\n{lists:?}\n{table}");
}
