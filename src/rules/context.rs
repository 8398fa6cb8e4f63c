//! What a rule may look at: an account's facts, what analysis makes of them, and the time.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::Trusted;
use crate::analysis::aws::network::{self, Reachability};
use crate::analysis::aws::organization::{self, GivenPolicy};
use crate::analysis::aws::policy::organization::ControlPolicies;
use crate::analysis::aws::{policy, s3, vendors};
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
    only: Option<&'a str>,
    given_policies: Option<&'a [GivenPolicy]>,
    control_policies: OnceCell<ControlPolicies>,
    networks: BTreeMap<&'a str, OnceCell<Reachability<'a>>>,
    buckets: OnceCell<Vec<s3::Judged>>,
}

/// A region in scope.
#[derive(Clone, Copy)]
pub struct Region<'c, 'a> {
    /// Its name.
    pub name: &'a str,
    /// What its services answered.
    pub services: &'a Services,
    snapshot: &'a Snapshot,
    network: &'c OnceCell<Reachability<'a>>,
}

impl<'c, 'a> Region<'c, 'a> {
    /// Where its resources are named.
    pub fn place(&self) -> kinds::Place<'a> {
        self.snapshot.place(self.name)
    }

    /// What the internet can open in it.
    pub fn network(&self) -> &'c Reachability<'a> {
        self.network.get_or_init(|| network::analyse(&self.snapshot.account, self.services))
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
            only: None,
            given_policies: None,
            control_policies: OnceCell::new(),
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

    /// The same account, where what is about one region is looked at in `region` alone, if one is
    /// given.
    pub fn only_in(self, region: Option<&'a str>) -> Context<'a> {
        Context { only: region, ..self }
    }

    /// The same account, with resource control policies that the user gave.
    pub fn given_policies(self, given_policies: Option<&'a [GivenPolicy]>) -> Context<'a> {
        Context { given_policies, ..self }
    }

    /// The resource control policies of the account's organization.
    pub fn control_policies(&self) -> &ControlPolicies {
        self.control_policies.get_or_init(|| ControlPolicies {
            account: self.snapshot.account.clone(),
            reach: organization::reach(self.snapshot, self.given_policies),
        })
    }

    /// Regions in scope with their facts.
    pub fn regions(&self) -> impl Iterator<Item = Region<'_, 'a>> {
        let snapshot = self.snapshot;
        snapshot
            .regions
            .iter()
            .zip(self.networks.values())
            .filter(|((name, _), _)| self.only.is_none_or(|only| only == *name))
            .map(move |((name, services), network)| Region { name, services, snapshot, network })
    }

    /// Every bucket that was listed, judged.
    pub fn buckets(&self) -> &[s3::Judged] {
        self.buckets.get_or_init(|| self.s3().buckets())
    }

    /// Buckets and access points of the account.
    pub fn s3(&self) -> s3::Account<'a> {
        s3::Account::new(self.snapshot, self.zone_of_trust())
    }

    /// Who is no outsider to a policy, and when it is judged.
    pub fn zone_of_trust(&self) -> policy::Context {
        policy::Context {
            now: Some(self.now),
            org_id: organization::id(self.snapshot),
            control_policies: self.control_policies().clone(),
            trusted_accounts: self.trusted.accounts.iter().cloned().collect(),
            trusted_organizations: self.trusted.organizations.iter().cloned().collect(),
            trusted_issuers: self.trusted.issuers.clone(),
            trusted_ranges: self.trusted.ranges.clone(),
            ..policy::Context::default()
        }
    }

    /// The same for rules about outsiders who are named. Inside are all accounts of the organization,
    /// as far as they could be listed, and its management account, which no member can keep out
    /// (Organizations user guide, "Accessing member accounts"); and AWS itself where a service acts by
    /// an account.
    pub fn zone_of_the_organization(&self) -> policy::Context {
        let mut zone = self.zone_of_trust();
        let members = organization::members(self.snapshot).into_option().unwrap_or_default();
        let management = organization::management_account(self.snapshot).into_option().flatten();
        zone.org_accounts = members.into_iter().chain(management).map(str::to_owned).collect();
        zone.trusted_accounts.extend(zone.org_accounts.iter().cloned());
        zone.trusted_accounts.extend(vendors::of_aws().map(str::to_owned));
        zone.trusted_organizations.extend(zone.org_id.iter().cloned());
        zone
    }

    /// The account itself as a resource.
    pub fn account(&self) -> Resource {
        kinds::ACCOUNT.resource(&self.snapshot.place(GLOBAL), &self.snapshot.account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_judged_with_all_that_the_user_trusts() {
        let trusted = Trusted {
            accounts: ["222222222222".to_owned()].into(),
            organizations: ["o-aaaa111122".to_owned()].into(),
            issuers: vec!["keycloak.example.com/realms/*".to_owned()],
            ranges: vec!["198.51.100.0/24".parse().expect("a range")],
        };
        let snapshot = Snapshot::default();
        let cx = Context::new(&snapshot, jiff::Timestamp::UNIX_EPOCH).trusting(&trusted);
        let zone = cx.zone_of_trust();
        assert_eq!(zone.trusted_accounts, ["222222222222"]);
        assert_eq!(zone.trusted_organizations, ["o-aaaa111122"]);
        assert_eq!(zone.trusted_issuers, trusted.issuers);
        assert_eq!(zone.trusted_ranges, trusted.ranges);
    }
}
