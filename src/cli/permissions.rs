//! The read-only IAM policy that the chosen rules need, in three forms.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::args::{PermissionsArgs, PolicyFormat};
use super::scan::choose;
use crate::inventory::aws::calls::CALLS;
use crate::rules::Rule;

/// Calls that a scan makes before any rule is asked: who am I, and which regions are there.
pub const OF_THE_SESSION: [&str; 2] = ["ec2:DescribeRegions", "sts:GetCallerIdentity"];

/// Runs `outcrop permissions`.
pub fn print(args: &PermissionsArgs) -> anyhow::Result<String> {
    let actions = actions(&choose(&args.selection)?);
    Ok(match args.format {
        PolicyFormat::Json => format!("{:#}\n", document(&actions)),
        PolicyFormat::Terraform => terraform(&actions),
        PolicyFormat::Cloudformation => format!("{:#}\n", cloudformation(&actions)),
    })
}

/// The calls that these rules may cause, by name.
pub fn calls(rules: &[&'static Rule]) -> BTreeSet<&'static str> {
    OF_THE_SESSION.into_iter().chain(rules.iter().flat_map(|rule| rule.calls())).collect()
}

/// The IAM actions behind the calls, sorted.
pub fn actions(rules: &[&'static Rule]) -> Vec<&'static str> {
    let calls = calls(rules);
    let needed = CALLS.iter().filter(|call| calls.contains(call.name().as_str()));
    let actions: BTreeSet<_> =
        needed.map(|call| call.action).filter(|action| !action.is_empty()).collect();
    actions.into_iter().collect()
}

fn document(actions: &[&str]) -> Value {
    // None of these actions can be limited to resources that are known beforehand.
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "OutcropReadOnly", "Effect": "Allow", "Action": actions, "Resource": "*",
        }],
    })
}

fn terraform(actions: &[&str]) -> String {
    let actions: String = actions.iter().map(|action| format!("        \"{action}\",\n")).collect();
    format!(
        "resource \"aws_iam_policy\" \"outcrop\" {{\n  name   = \"outcrop-read-only\"\n  policy = \
         jsonencode({{\n    Version = \"2012-10-17\"\n    Statement = [{{\n      Sid      = \
         \"OutcropReadOnly\"\n      Effect   = \"Allow\"\n      Action   = \
         [\n{actions}      ]\n      Resource = \"*\"\n    }}]\n  }})\n}}\n"
    )
}

fn cloudformation(actions: &[&str]) -> Value {
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "What outcrop may read",
        "Resources": {
            "OutcropReadOnly": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": { "PolicyDocument": document(actions) },
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RULES;

    #[test]
    fn every_call_of_every_rule_is_declared() {
        let declared: BTreeSet<String> = CALLS.iter().map(|call| call.name()).collect();
        for call in calls(RULES) {
            assert!(declared.contains(call), "{call} is not declared");
        }
    }

    #[test]
    fn every_declared_call_is_needed_by_a_rule_or_the_session() {
        let needed = calls(RULES);
        for call in CALLS {
            assert!(needed.contains(call.name().as_str()), "nothing needs {}", call.name());
        }
    }

    #[test]
    fn the_policy_names_actions_one_by_one() {
        let actions = actions(RULES);
        assert!(actions.contains(&"s3:GetAccountPublicAccessBlock"));
        assert!(!actions.iter().any(|action| action.contains('*') || action.starts_with("sts:")));
    }
}
