//! From judged accounts to one run. An account is dropped as soon as it is judged.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::aws::organization::GivenPolicy;
use crate::inventory::Snapshot;
use crate::model::{
    Action, Coverage, Finding, NotExamined, Provider, Run, SCHEMA_VERSION, Scan, Status, Summary,
    Tool,
};
use crate::rules::{Context, Judgement, Rule, judge};
use crate::triage::actions::{self, Again};
use crate::triage::{Baseline, Exceptions, RunScope};

/// A run in the making.
pub struct Assembly<'p> {
    rules: Vec<&'static Rule>,
    now: jiff::Timestamp,
    exceptions: &'p Exceptions,
    latent: bool,
    /// Accounts' actions, as the accounts come.
    actions: Vec<Vec<Action>>,
    provider: Provider,
    accounts: BTreeSet<String>,
    regions: BTreeSet<String>,
    findings: Vec<Finding>,
    coverage: Vec<Coverage>,
    started_at: Option<String>,
    finished_at: Option<String>,
    /// What is not looked at and a reader may take for examined.
    pub not_examined: Vec<NotExamined>,
    /// What does not count again.
    pub baseline: Option<&'p Baseline>,
    /// Resource control policies that the user gave.
    pub organization_policies: Option<Vec<GivenPolicy>>,
    /// Calls to the provider by name.
    pub calls: BTreeMap<String, u64>,
}

impl<'p> Assembly<'p> {
    /// An empty run of `rules`, under what the user decided beforehand. Shut ways in are listed only
    /// with `latent`.
    pub fn new(
        rules: Vec<&'static Rule>,
        now: jiff::Timestamp,
        exceptions: &'p Exceptions,
        latent: bool,
    ) -> Assembly<'p> {
        Assembly {
            rules,
            now,
            exceptions,
            latent,
            actions: Vec::new(),
            provider: Provider::default(),
            accounts: BTreeSet::new(),
            regions: BTreeSet::new(),
            findings: Vec::new(),
            coverage: Vec::new(),
            started_at: None,
            finished_at: None,
            not_examined: Vec::new(),
            baseline: None,
            organization_policies: None,
            calls: BTreeMap::new(),
        }
    }

    /// An account as it is judged.
    fn context<'a>(&'a self, snapshot: &'a Snapshot) -> Context<'a> {
        let cx = Context::new(snapshot, self.now).trusting(&self.exceptions.trusted);
        cx.wanting_latent(self.latent).given_policies(self.organization_policies.as_deref())
    }

    /// Judges one account.
    pub fn add(&mut self, snapshot: Snapshot) {
        let judgement = judge(&self.context(&snapshot), &self.rules);
        self.provider = snapshot.provider;
        self.accounts.insert(snapshot.account.clone());
        self.regions.extend(snapshot.regions.keys().cloned());
        for (call, count) in &snapshot.calls {
            *self.calls.entry(call.clone()).or_default() += count;
        }
        // RFC 3339 texts of one zone sort as times do; `None` sorts first and is no beginning.
        let starts = [self.started_at.take(), snapshot.started_at.clone()];
        self.started_at = starts.into_iter().flatten().min();
        self.finished_at = self.finished_at.take().max(snapshot.finished_at.clone());
        self.actions.push(self.first(snapshot, &judgement));
        self.findings.extend(judgement.findings);
        self.coverage.extend(judgement.coverage);
        self.not_examined.extend(judgement.not_examined);
    }

    /// What to do first in an account that was judged.
    fn first(&self, snapshot: Snapshot, judgement: &Judgement) -> Vec<Action> {
        let today = self.today();
        let open = judgement.findings.iter().filter(|finding| finding.status.is_open());
        let left: Vec<&Finding> =
            open.filter(|finding| self.exceptions.reason(finding, today).is_none()).collect();
        let there: BTreeSet<String> = match self.baseline {
            Some(_) => left.iter().map(|finding| finding.fingerprint.clone()).collect(),
            None => BTreeSet::new(),
        };
        let mut counted = BTreeMap::new();
        for finding in left {
            let severity = self.exceptions.severity(finding);
            let known = self.baseline.is_some_and(|baseline| {
                baseline.knows(&Finding { severity, ..finding.clone() }, &there)
            });
            if !known {
                counted.insert(finding.fingerprint.clone(), severity);
            }
        }
        let judge = |snapshot: &Snapshot, region: Option<&str>, rules: &[&'static Rule]| {
            judge(&self.context(snapshot).only_in(region), rules).findings
        };
        actions::first(snapshot, judgement, &counted, &Again { rules: &self.rules, judge: &judge })
    }

    fn today(&self) -> jiff::civil::Date {
        jiff::tz::Offset::UTC.to_datetime(self.now).date()
    }

    /// The run, and what the user should look at in the configuration. Shut ways in are counted
    /// even when they are not listed.
    pub fn finish(mut self) -> (Run, Vec<String>) {
        self.findings.sort_by(Finding::report_order);
        // The same scope may come twice, as two files of one account.
        self.findings.dedup();
        self.coverage.sort();
        self.coverage.dedup();
        // What holds for every account is said once.
        let mut said = BTreeSet::new();
        self.not_examined.retain(|one| said.insert(one.clone()));
        let rules: Vec<String> = self.rules.iter().map(|rule| rule.id.to_owned()).collect();
        let scope = RunScope {
            accounts: &self.accounts,
            regions: &self.regions,
            rules: &rules,
            coverage: &self.coverage,
        };
        let today = self.today();
        let applied = self.exceptions.apply(&mut self.findings, &scope, today);
        // Severities may have changed.
        self.findings.sort_by(Finding::report_order);
        let summary = Summary::of(&self.findings, applied.suppressed.len() as u64);
        if !self.latent {
            self.findings.retain(|finding| finding.status != Status::Latent);
        }
        let mut run = Run {
            schema_version: SCHEMA_VERSION,
            tool: Tool {
                name: env!("CARGO_PKG_NAME").to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            accepted: None,
            scan: Scan {
                provider: self.provider.as_str().to_owned(),
                accounts: self.accounts.into_iter().collect(),
                regions: self.regions.into_iter().collect(),
                rules,
                not_examined: self.not_examined,
                started_at: self.started_at,
                finished_at: self.finished_at,
                complete: self.coverage.is_empty(),
                api_calls: self.calls.values().sum(),
            },
            summary,
            actions: Vec::new(),
            findings: self.findings,
            suppressed: applied.suppressed,
            coverage: self.coverage,
        };
        run.actions = actions::shown(&run, &actions::joined(self.actions));
        (run, applied.warnings)
    }
}
