//! What a rule may look at: an account's facts, what analysis makes of them, and the time.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::Trusted;
use super::s3::{self, Bucket};
use crate::analysis::aws::network::{self, Reachability};
use crate::inventory::Snapshot;
use crate::inventory::aws::{Services, kinds};
use crate::model::{GLOBAL, Resource};

/// One account, ready to be judged. What several rules ask of it is worked out once.
pub struct Context<'a> {
    /// The account's facts.
    pub snapshot: &'a Snapshot,
    /// The time against which conditions on dates are judged.
    pub now: jiff::Timestamp,
    /// Who counts as inside, besides the account itself.
    pub trusted: &'a Trusted,
    /// Whether what a control shuts is wanted. Facts that tell nothing else are not missed without.
    pub latent: bool,
    networks: BTreeMap<&'a str, OnceCell<Reachability<'a>>>,
    buckets: OnceCell<Vec<Bucket>>,
}

/// A region in scope.
#[derive(Clone, Copy)]
pub struct Region<'c, 'a> {
    /// Its name.
    pub name: &'a str,
    /// What its services answered.
    pub services: &'a Services,
    network: &'c OnceCell<Reachability<'a>>,
}

impl<'c, 'a> Region<'c, 'a> {
    /// What the internet can open in it.
    pub fn network(&self) -> &'c Reachability<'a> {
        self.network.get_or_init(|| network::analyse(self.services))
    }
}

impl<'a> Context<'a> {
    /// Prepares an account.
    pub fn new(snapshot: &'a Snapshot, now: jiff::Timestamp) -> Context<'a> {
        let regions = snapshot.regions.keys();
        Context {
            snapshot,
            now,
            trusted: Trusted::NOBODY,
            latent: true,
            networks: regions.map(|name| (name.as_str(), OnceCell::new())).collect(),
            buckets: OnceCell::new(),
        }
    }

    /// The same account, where these count as inside.
    pub fn trusting(self, trusted: &'a Trusted) -> Context<'a> {
        Context { trusted, ..self }
    }

    /// The same account, where what a control shuts is wanted or not.
    pub fn wanting_latent(self, latent: bool) -> Context<'a> {
        Context { latent, ..self }
    }

    /// Regions in scope with their facts.
    pub fn regions(&self) -> impl Iterator<Item = Region<'_, 'a>> {
        self.snapshot
            .regions
            .iter()
            .zip(self.networks.values())
            .map(|((name, services), network)| Region { name: name.as_str(), services, network })
    }

    /// Every bucket that was listed, with the ruling on it.
    pub fn buckets(&self) -> &[Bucket] {
        self.buckets.get_or_init(|| s3::judge(self))
    }

    /// The account itself as a resource.
    pub fn account(&self) -> Resource {
        kinds::ACCOUNT.resource(&self.snapshot.place(GLOBAL), &self.snapshot.account)
    }
}
