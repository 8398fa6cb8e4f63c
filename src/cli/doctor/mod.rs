//! `doctor`: who asks, where, and which of the needed calls are refused. It makes the calls of a
//! scan, each for the first things of every list only, and judges nothing.

use std::io::Write;

use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::options::{Common, Scope, Selection, When};
use super::plan::{self, choose};
use super::{output, scan};
use crate::inventory::Snapshot;
use crate::model::Outcome;
use crate::model::{SCHEMA_VERSION, Tool};
use crate::report::doctor::{self, Answered, Diagnosis, Examined, Tried};
use crate::rules::{Rule, unanswered};

mod remedy;

/// What `doctor` takes.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 every call was answered, 2 nobody to ask, 3 some were not.")]
pub struct DoctorArgs {
    /// Form of the answer
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub format: DoctorFormat,
    /// Where to look
    #[command(flatten)]
    pub scope: Scope,
    /// What to look for
    #[command(flatten)]
    pub selection: Selection,
}

/// Form of what `doctor` answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DoctorFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Runs `outcrop doctor`.
pub fn doctor(args: &DoctorArgs, common: &Common) -> anyhow::Result<Exit> {
    let rules = choose(&args.selection)?;
    let plan = plan::probe(&rules);
    let mut accounts = Vec::new();
    let stopped = scan::live(&args.scope, common, plan, &mut |snapshot| {
        accounts.push(examine(&snapshot, &rules));
    })?;
    let complete = stopped.is_none() && accounts.iter().all(Examined::is_ready);
    let tool = Tool {
        name: env!("CARGO_PKG_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let diagnosis = Diagnosis { schema_version: SCHEMA_VERSION, tool, complete, accounts };
    let mut stdout = std::io::BufWriter::new(output::Destination::stdout().open()?);
    match args.format {
        DoctorFormat::Json => doctor::write_json(&diagnosis, &mut stdout)?,
        DoctorFormat::Text => {
            let style = output::style(common, When::Never, &output::Place::Stdout);
            doctor::write_text(&diagnosis, &style, &mut stdout)?;
        }
    }
    stdout.flush()?;
    Ok(match stopped {
        Some(stopped) => stopped,
        None if complete => Exit::Fine,
        None => Exit::Incomplete,
    })
}

/// What one account answered to the calls that `rules` need.
fn examine(snapshot: &Snapshot, rules: &[&'static Rule]) -> Examined {
    let calls = plan::calls(rules).into_iter().map(|call| {
        let asked = snapshot.calls.get(&call.name()).copied().unwrap_or_default();
        let mut gaps = snapshot.gaps.iter().filter(|gap| call.is_missing(gap)).peekable();
        let outcome = match (gaps.peek().is_some(), asked) {
            (true, _) if gaps.any(|gap| gap.outcome == Outcome::Denied) => Answered::Refused,
            (true, _) => Answered::Failed,
            (false, 0) => Answered::NotAsked,
            (false, _) => Answered::Answered,
        };
        let action = (!call.action.is_empty()).then(|| call.action.to_owned());
        Tried { call: call.name(), action, asked, outcome }
    });
    Examined {
        account: snapshot.account.clone(),
        partition: snapshot.partition.clone(),
        identity: snapshot.identity.clone(),
        regions: snapshot.regions.keys().cloned().collect(),
        calls: calls.collect(),
        coverage: unanswered(snapshot, rules),
        remedies: remedy::remedies(snapshot),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Gap;
    use crate::rules::RULES;

    fn gap(service: &str, operation: &str, outcome: Outcome, message: &str) -> Gap {
        Gap {
            service: service.to_owned(),
            operation: operation.to_owned(),
            region: "eu-west-1".to_owned(),
            resource: None,
            outcome,
            code: None,
            message: message.to_owned(),
        }
    }

    #[test]
    fn a_call_is_refused_failed_answered_or_not_asked() {
        let snapshot = Snapshot {
            calls: [("s3:ListBuckets", 1), ("s3:GetBucketPolicy", 2), ("s3:GetBucketAcl", 2)]
                .map(|(call, n)| (call.to_owned(), n))
                .into(),
            gaps: vec![
                gap("s3", "GetBucketPolicy", Outcome::Timeout, ""),
                gap("s3", "GetBucketAcl", Outcome::Timeout, ""),
                gap("s3", "GetBucketAcl", Outcome::Denied, ""),
            ],
            ..Snapshot::default()
        };
        let rules: Vec<_> =
            RULES.iter().filter(|rule| rule.id == "s3-bucket-public").copied().collect();
        let examined = examine(&snapshot, &rules);
        let outcome = |name: &str| {
            examined.calls.iter().find(|tried| tried.call == name).map(|tried| tried.outcome)
        };
        assert_eq!(outcome("s3:ListBuckets"), Some(Answered::Answered));
        assert_eq!(outcome("s3:GetBucketPolicy"), Some(Answered::Failed));
        assert_eq!(outcome("s3:GetBucketAcl"), Some(Answered::Refused));
        assert_eq!(outcome("s3:GetBucketWebsite"), Some(Answered::NotAsked));
        assert_eq!(outcome("rds:DescribeDBInstances"), None, "not needed by this rule");
        assert_eq!(examined.coverage.len(), 3);
        assert!(examined.coverage.iter().all(|entry| entry.affects == ["s3-bucket-public"]));
    }
}
