//! A whole account: every collector that some chosen rule needs, in every region at once.

use futures_util::future::join_all;
use jiff::{Timestamp, Unit};

use super::calls::{Run, lock};
use super::catalog::{COLLECTORS, Scope};
use super::site::Site;
use super::watch::{Event, Watch};
use super::{Account, Wanted};
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
    run.tell(Event::Planned { parts: parts.len() });
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
    snapshot.gaps = account.gaps.clone();
    snapshot.gaps.extend(run.take_gaps());
    snapshot.calls = lock(&account.guard.counts).clone();
    snapshot.finished_at = Some(now());
    snapshot
}

fn now() -> String {
    let now = Timestamp::now();
    now.round(Unit::Second).unwrap_or(now).to_string()
}
