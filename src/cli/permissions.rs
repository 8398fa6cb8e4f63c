//! The read-only IAM policy that the chosen rules need, in three forms.

use std::collections::BTreeSet;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::options::Selection;
use super::plan::{calls, choose};
use crate::rules::Rule;

/// What `permissions` takes.
#[derive(Debug, Args)]
pub struct PermissionsArgs {
    /// Form of the policy
    #[arg(short, long, value_name = "FORMAT", default_value = "json")]
    pub format: PolicyFormat,
    /// What to look for
    #[command(flatten)]
    pub selection: Selection,
}

/// Form of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PolicyFormat {
    /// An IAM policy document.
    Json,
    /// A Terraform `aws_iam_policy`.
    Terraform,
    /// A CloudFormation template with a managed policy.
    Cloudformation,
}

/// Runs `outcrop permissions`.
pub fn print(args: &PermissionsArgs) -> anyhow::Result<String> {
    let actions = actions(&choose(&args.selection)?);
    Ok(match args.format {
        PolicyFormat::Json => format!("{:#}\n", document(&actions)),
        PolicyFormat::Terraform => terraform(&actions),
        PolicyFormat::Cloudformation => format!("{:#}\n", cloudformation(&actions)),
    })
}

/// The IAM actions behind the calls, sorted.
pub fn actions(rules: &[&'static Rule]) -> Vec<&'static str> {
    let actions = calls(rules).into_iter().map(|call| call.action);
    let actions: BTreeSet<_> = actions.filter(|action| !action.is_empty()).collect();
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
    use crate::inventory::aws::calls::CALLS;
    use crate::rules::RULES;

    #[test]
    fn every_declared_call_is_needed_by_a_rule_or_the_session() {
        let needed = calls(RULES);
        for call in CALLS {
            assert!(needed.contains(call), "nothing needs {call}");
        }
    }

    #[test]
    fn the_policy_names_actions_one_by_one() {
        let actions = actions(RULES);
        assert!(actions.contains(&"s3:GetAccountPublicAccessBlock"));
        assert!(!actions.iter().any(|action| action.contains('*') || action.starts_with("sts:")));
    }
}
