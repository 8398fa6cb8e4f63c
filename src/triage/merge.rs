//! Several runs as one.

use std::collections::{BTreeMap, BTreeSet};

use super::actions;
use crate::model::{Coverage, Finding, NotExamined, Run, Scan, Summary};

/// Runs that cannot be one.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotMergeable {
    /// There is nothing to join.
    #[error("no runs to merge")]
    Nothing,
    /// Runs of different providers.
    #[error("runs of {0} and of {1} cannot be merged")]
    Providers(String, String),
    /// Runs whose form has different versions.
    #[error("runs of schema_version {0} and {1} cannot be merged; make them with one outcrop")]
    Versions(u32, u32),
}

/// Joins runs: of a finding that several of them have, the latest run's form is taken.
///
/// # Errors
/// When they are not of one kind.
pub fn merge(mut runs: Vec<Run>) -> Result<Run, NotMergeable> {
    // Stable: runs that do not say when they were made keep their order, before those that do.
    runs.sort_by(|a, b| a.scan.finished_at.cmp(&b.scan.finished_at));
    let Some(last) = runs.last().cloned() else { return Err(NotMergeable::Nothing) };
    for run in &runs {
        if run.schema_version != last.schema_version {
            return Err(NotMergeable::Versions(run.schema_version, last.schema_version));
        }
        if run.scan.provider != last.scan.provider {
            let (one, other) = (run.scan.provider.clone(), last.scan.provider);
            return Err(NotMergeable::Providers(one, other));
        }
    }
    let mut findings = BTreeMap::new();
    let mut suppressed = BTreeMap::new();
    // Findings that a run counts and does not list; nobody can say which of them are the same.
    let (mut unlisted_latent, mut unlisted_suppressed) = (0, 0);
    for run in &runs {
        let listed = Summary::of(&run.findings, run.suppressed.len() as u64);
        unlisted_latent += run.summary.latent.saturating_sub(listed.latent);
        unlisted_suppressed += run.summary.suppressed.saturating_sub(listed.suppressed);
        for finding in &run.findings {
            suppressed.remove(&finding.fingerprint);
            findings.insert(finding.fingerprint.clone(), finding.clone());
        }
        for finding in &run.suppressed {
            findings.remove(&finding.fingerprint);
            suppressed.insert(finding.fingerprint.clone(), finding.clone());
        }
    }
    let mut findings: Vec<Finding> = findings.into_values().collect();
    findings.sort_by(Finding::report_order);
    let mut summary = Summary::of(&findings, suppressed.len() as u64 + unlisted_suppressed);
    summary.latent += unlisted_latent;
    let coverage: BTreeSet<Coverage> = runs.iter().flat_map(|run| run.coverage.clone()).collect();
    let all = |of: fn(&Scan) -> &Vec<String>| -> Vec<String> {
        let all: BTreeSet<&String> = runs.iter().flat_map(|run| of(&run.scan)).collect();
        all.into_iter().cloned().collect()
    };
    let not_examined: BTreeSet<NotExamined> =
        runs.iter().flat_map(|run| run.scan.not_examined.clone()).collect();
    // RFC 3339 texts of one zone sort as times do.
    let started_at = runs.iter().filter_map(|run| run.scan.started_at.clone()).min();
    if runs.iter().any(|run| run.summary.new.is_some()) {
        summary.count_beside_baseline();
    }
    // The latest of each first, as of findings.
    let lists = runs.iter().rev().map(|run| run.actions.clone()).collect();
    Ok(Run {
        actions: actions::joined(lists),
        // Each may have been accepted for another reason.
        accepted: None,
        scan: Scan {
            provider: last.scan.provider,
            accounts: all(|scan| &scan.accounts),
            regions: all(|scan| &scan.regions),
            rules: all(|scan| &scan.rules),
            not_examined: not_examined.into_iter().collect(),
            started_at,
            finished_at: last.scan.finished_at,
            complete: runs.iter().all(|run| run.scan.complete),
            api_calls: runs.iter().map(|run| run.scan.api_calls).sum(),
        },
        summary,
        findings,
        suppressed: suppressed.into_values().collect(),
        coverage: coverage.into_iter().collect(),
        ..last
    })
}

/// Rules that only some of the runs applied: of the others' accounts they say nothing.
pub fn not_everywhere(runs: &[Run]) -> Vec<String> {
    let all: BTreeSet<&String> = runs.iter().flat_map(|run| &run.scan.rules).collect();
    let everywhere = |rule: &String| runs.iter().all(|run| run.scan.rules.contains(rule));
    all.into_iter().filter(|rule| !everywhere(rule)).cloned().collect()
}
