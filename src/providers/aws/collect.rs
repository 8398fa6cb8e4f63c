//! A whole account: every collector that some chosen rule needs. Each region is a task of its own,
//! which then asks what its answers made worth asking and waits for no other.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::join_all;
use jiff::{Timestamp, Unit};
use tokio::task::JoinSet;

use super::Account;
use super::services::{COLLECTORS, Collector, Scope, ec2, ecs, elbv2};
use super::transport::places::lock;
use super::transport::run::Run;
use super::transport::site::Site;
use super::transport::watch::{Event, Watch};
use crate::analysis::aws::demand::{self, CollectionPlan, FollowUp};
use crate::inventory::aws::Services;
use crate::inventory::{SCHEMA_VERSION, Snapshot};

/// Asks `account` everything that is planned. When the watch says stop, the snapshot holds what was
/// answered until then and a gap for every call that was under way.
pub async fn collect(
    account: &Arc<Account>,
    plan: &Arc<CollectionPlan>,
    watch: &Watch,
) -> Snapshot {
    let started = now();
    let global = Arc::clone(&account.global);
    let run = Run::new(watch.clone(), global, account.max_rps, Arc::clone(plan));
    let chosen = |scope: Scope| -> Vec<&'static Collector> {
        let of_scope = COLLECTORS.iter().copied().filter(|collector| collector.scope == scope);
        of_scope.filter(|one| one.calls.iter().any(|call| plan.wants(call))).collect()
    };
    let (whole, regional) = (chosen(Scope::Account), chosen(Scope::Region));
    let once = whole.iter().map(|_| account.home.clone());
    let each = account.regions().iter().flat_map(|r| regional.iter().map(move |_| r.clone()));
    run.tell(Event::Planned { parts: once.chain(each).collect() });

    // Tasks, so that answers are parsed on all cores.
    let mut tasks = JoinSet::new();
    for collector in whole {
        let site = Site::new(account, &account.home, &run);
        tasks.spawn(async move { (None, one(collector, &site).await) });
    }
    for region in account.regions() {
        let site = Site::new(account, region, &run);
        let (region, collectors) = (region.clone(), regional.clone());
        tasks.spawn(async move { (Some(region), of_region(&collectors, &site).await) });
    }
    let regions = account.regions().iter().map(|r| (r.clone(), Services::default())).collect();
    let mut snapshot = Snapshot {
        schema_version: SCHEMA_VERSION,
        account: account.id.clone(),
        partition: account.partition.clone(),
        identity: Some(account.arn.clone()),
        started_at: Some(started),
        regions,
        ..Snapshot::default()
    };
    while let Some(done) = tasks.join_next().await {
        let (region, learnt) = match done {
            Ok(done) => done,
            // Nothing aborts a task, so it panicked: as if it had happened here.
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        match region {
            Some(region) => snapshot.regions.entry(region).or_default().merge(learnt),
            None => snapshot.global.merge(learnt),
        }
    }
    snapshot.gaps = account.gaps.clone();
    snapshot.gaps.extend(run.take_gaps());
    snapshot.calls = lock(&account.guard.counts).clone();
    snapshot.finished_at = Some(now());
    snapshot
}

async fn one(collector: &'static Collector, site: &Site) -> Services {
    let learnt = (collector.collect)(site).await;
    let region = site.region().to_owned();
    site.tell(Event::Done { service: collector.service, region });
    learnt
}

/// Everything of one region: the collectors side by side, then what follows from their answers.
async fn of_region(collectors: &[&'static Collector], site: &Site) -> Services {
    let mut services = Services::default();
    for learnt in join_all(collectors.iter().map(|collector| one(collector, site))).await {
        services.merge(learnt);
    }
    if !demand::controls_matter(&services.ec2, site.plan()) && demand::has_endpoints(&services) {
        services = ec2::controls(site, services).await;
    }
    let mut services = follow(site, services).await;
    let interfaces = demand::tasks_matter(&site.account().id, &services, site.plan());
    if !interfaces.is_empty() && site.plan().probe.is_none() {
        services.merge(ecs::follow_up(site, &interfaces).await);
    }
    services
}

/// Asks what is worth asking beyond what was answered, round by round. Each question is asked once.
async fn follow(site: &Site, mut services: Services) -> Services {
    let mut asked: BTreeSet<FollowUp> = BTreeSet::new();
    loop {
        let raised = demand::follow_ups(&site.account().id, &services).into_iter();
        let fresh: BTreeSet<FollowUp> = raised
            .filter(|question| site.plan().wants(question.call) && !asked.contains(question))
            .collect();
        if fresh.is_empty() {
            return services;
        }
        services.merge(elbv2::follow_up(site, &fresh).await);
        asked.extend(fresh);
    }
}

fn now() -> String {
    let now = Timestamp::now();
    now.round(Unit::Second).unwrap_or(now).to_string()
}
