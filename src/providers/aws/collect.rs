//! A whole account: every collector that some chosen rule needs, in every region at once; then, region
//! by region, what the answers made worth asking.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use jiff::{Timestamp, Unit};

use super::calls::{Run, lock};
use super::catalog::{COLLECTORS, FOLLOWERS, Scope};
use super::site::Site;
use super::watch::{Event, Watch};
use super::{Account, Question, Wanted};
use crate::inventory::aws::Services;
use crate::inventory::{SCHEMA_VERSION, Snapshot};

/// Asks `account` everything that is wanted. When the watch says stop, the snapshot holds what was
/// answered until then and a gap for every call that was under way.
pub async fn collect(account: &Account, wanted: &Wanted, watch: &Watch) -> Snapshot {
    let started = now();
    let run = Run::new(watch.clone(), account.global.clone(), account.max_rps, wanted.probe);
    let mut parts = Vec::new();
    for collector in COLLECTORS {
        if !collector.calls.iter().any(|call| wanted.has(call)) {
            continue;
        }
        let site = |region: &str| Site { account, region: region.to_owned(), run: run.clone() };
        match collector.scope {
            Scope::Account => parts.push((collector, None, site(&account.home))),
            Scope::Region => parts
                .extend(account.regions().iter().map(|r| (collector, Some(r.as_str()), site(r)))),
        }
    }
    let regions = parts.iter().map(|(_, _, site)| site.region.clone());
    run.tell(Event::Planned { parts: regions.collect() });
    let learnt = join_all(parts.iter().map(|(collector, region, site)| async {
        let learnt = (collector.collect)(site, wanted).await;
        run.tell(Event::Done { service: collector.service, region: site.region.clone() });
        (*region, learnt)
    }))
    .await;

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
    for (region, learnt) in learnt {
        match region.and_then(|region| snapshot.regions.get_mut(region)) {
            Some(services) => learnt(services),
            None => learnt(&mut snapshot.global),
        }
    }
    let regions = std::mem::take(&mut snapshot.regions).into_iter().map(|(region, services)| {
        let site = Site { account, region, run: run.clone() };
        async {
            let services = follow(&site, wanted, services).await;
            (site.region, services)
        }
    });
    snapshot.regions = join_all(regions).await.into_iter().collect();
    snapshot.gaps = account.gaps.clone();
    snapshot.gaps.extend(run.take_gaps());
    snapshot.calls = lock(&account.guard.counts).clone();
    snapshot.finished_at = Some(now());
    snapshot
}

/// Asks what is worth asking beyond what was answered, round by round. Each question is asked once.
async fn follow(site: &Site<'_>, wanted: &Wanted, mut services: Services) -> Services {
    let Some(further) = wanted.further else { return services };
    let mut asked: BTreeSet<Question> = BTreeSet::new();
    loop {
        let fresh: BTreeSet<Question> = further(&services)
            .into_iter()
            .filter(|question| wanted.has(question.call) && !asked.contains(question))
            .collect();
        let rounds: Vec<_> = FOLLOWERS
            .iter()
            .map(|follower| {
                let own = fresh.iter().filter(|question| follower.calls.contains(&question.call));
                (follower, own.cloned().collect::<Vec<_>>())
            })
            .filter(|(_, own)| !own.is_empty())
            .collect();
        if rounds.is_empty() {
            return services;
        }
        let learnt = join_all(rounds.iter().map(|(follower, own)| (follower.ask)(site, own))).await;
        for learnt in learnt {
            learnt(&mut services);
        }
        asked.extend(fresh);
    }
}

fn now() -> String {
    let now = Timestamp::now();
    now.round(Unit::Second).unwrap_or(now).to_string()
}
