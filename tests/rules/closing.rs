//! Every finding of every fixture and of every network vector is closed by its own commands, and
//! proven by rules of its own.

use std::path::Path;

use outcrop::rules::RULES;
use serde_json::Value;

use super::cases;
use super::proof::{found, prove};

#[test]
fn the_commands_of_every_fixture_close_what_was_found() {
    let mut closed = 0;
    for (place, facts) in cases::all() {
        closed += prove(&place, &cases::snapshot(&facts), RULES);
    }
    assert!(closed > 150, "{closed}");
}

#[test]
fn the_commands_of_every_network_vector_close_what_was_found() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/network-vectors");
    let mut closed = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let vector: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let snapshot = cases::snapshot(&vector["inventory"]);
        closed += prove(&path.display().to_string(), &snapshot, RULES);
    }
    assert!(closed > 60, "{closed}");
}

#[test]
fn one_group_with_two_ports_gives_two_findings_that_know_nothing_of_each_other() {
    for (rule, own, other) in [("admin", 3389, 6379), ("database", 6379, 3389)] {
        let id = format!("ec2-port-public-{rule}");
        let rule = RULES.iter().find(|known| known.id == id).unwrap();
        let facts = cases::facts(rule, "exposed_two_rules_in_one_group");
        let found = found(&cases::snapshot(&facts), &[rule]);
        let [finding] = found.as_slice() else { panic!("{found:#?}") };
        let exposure = finding.exposure.as_ref().unwrap();
        assert_eq!(exposure.cidrs, ["0.0.0.0/0"], "the office opens nothing");
        assert_eq!(exposure.opened_by, ["sg-0both"]);
        let said = serde_json::to_string(finding).unwrap();
        assert!(said.contains(&format!("admits tcp {own} from")), "{said}");
        assert!(!said.contains(&other.to_string()), "{said}");
        let [command] = finding.remediation.commands.as_slice() else { panic!("{said}") };
        assert!(command.contains(&format!("\"FromPort\":{own},\"ToPort\":{own}")), "{command}");
        assert!(finding.remediation.text.starts_with("narrow this security group rule"), "{said}");
        assert!(!finding.remediation.text.contains("also closes"), "{said}");
    }
}
