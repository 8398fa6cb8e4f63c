//! The ways a request can come: networks, classes of source addresses, access points.

use std::collections::{BTreeMap, BTreeSet};

use super::{AddressClass, Engine, Network, Point};
use crate::analysis::aws::policy::addresses::{AddressSet, Block, pieces};
use crate::analysis::aws::policy::callers::{Caller, Form};
use crate::analysis::aws::policy::choices::{self, BOUND, Choice, FREE};
use crate::analysis::aws::policy::condition::{Settled, Test, Values};
use crate::analysis::aws::policy::glob::{Glob, common};
use crate::analysis::aws::policy::keys::{self, Class};

impl Engine<'_> {
    /// Network, access point and class of addresses, for every way that this caller may come.
    pub(super) fn ways(&self, caller: &Caller) -> Vec<(Network, usize, usize)> {
        let mut ways = Vec::new();
        for network in self.networks(caller) {
            for point in 0..self.points.len() {
                let addresses = match network {
                    Network::Internet => self.classes.len(),
                    Network::Endpoint => 1,
                };
                ways.extend((0..addresses).map(|address| (network, point, address)));
            }
        }
        ways
    }

    pub(super) fn networks(&self, caller: &Caller) -> Vec<Network> {
        let vpc_only = self.forced.as_ref().is_some_and(|point| point.vpc_only);
        if vpc_only {
            return vec![Network::Endpoint];
        }
        let told_apart = self.mentions.has(&[
            Class::SourceIp,
            Class::Endpoint,
            Class::EndpointOrgPath,
            Class::EndpointIp,
        ]);
        if told_apart && !matches!(caller.form, Form::Service(_)) {
            vec![Network::Internet, Network::Endpoint]
        } else {
            vec![Network::Internet]
        }
    }

    pub(super) fn address_classes(&self) -> Vec<AddressClass> {
        let Some(key) = self.keys.iter().position(|key| key == "aws:sourceip") else {
            return vec![AddressClass { set: AddressSet::internet(), sample: String::new() }];
        };
        let tests: Vec<&Test> = self.tests_of(key).collect();
        let mut edges: Vec<Block> = Vec::new();
        for test in &tests {
            match &test.values {
                Values::Blocks(blocks) => edges.extend(blocks),
                // Text operators see the address as text; whole octets in front of a star are
                // the only patterns that people write.
                _ => edges.extend(test.templates().iter().filter_map(|t| octets(t.text()))),
            }
        }
        let trusted = self.context.trusted_ranges.iter().map(|range| Block::of(*range));
        let trusted: Vec<Block> = trusted.collect();
        edges.extend(&trusted);
        edges.sort_unstable();
        edges.dedup();
        let mut classes: BTreeMap<Vec<bool>, Vec<Block>> = BTreeMap::new();
        let asked: Vec<Settled<'_>> =
            tests.iter().map(|test| test.with(&|_| None, &self.budget)).collect();
        let inside = |piece: &Block| trusted.iter().any(|range| range.covers(piece));
        for piece in pieces(&edges).into_iter().filter(|piece| !inside(piece)) {
            let sample = AddressSet::of([piece]).first().map(|a| a.to_string());
            let present = sample.map(|sample| vec![sample]);
            let truth =
                asked.iter().map(|test| test.holds(present.as_deref(), &self.budget)).collect();
            if self.budget.is_spent() {
                break;
            }
            classes.entry(truth).or_default().push(piece);
        }
        classes
            .into_values()
            .map(|blocks| {
                let set = AddressSet::of(blocks);
                let sample = set.first().map(|a| a.to_string()).unwrap_or_default();
                AddressClass { set, sample }
            })
            .collect()
    }

    pub(super) fn other_points(&self) -> Vec<Point> {
        let asked = self.mentions.has(&[Class::AccessPointAccount, Class::AccessPointArn]);
        if !asked || self.forced.is_some() {
            return Vec::new();
        }
        let fixed = self.mentions.point_accounts.iter().cloned().chain([self.owner.to_owned()]);
        let mut points: Vec<Point> =
            fixed.map(|account| Point { account: Some((account, true)) }).collect();
        let stranger = self.callers.iter().find(|c| c.form == Form::Signed && c.names.count() == 0);
        let open = stranger.map(|caller| caller.account.clone());
        points.extend(
            open.into_iter()
                .chain(self.mentions.open_accounts.iter().cloned())
                .filter(|account| !self.mentions.point_accounts.contains(account))
                .filter(|account| account != self.owner)
                .map(|account| Point { account: Some((account, false)) }),
        );
        self.told_apart(points)
    }

    /// Without access points of strangers that every test treats like those of another stranger.
    fn told_apart(&self, mut points: Vec<Point>) -> Vec<Point> {
        let number = |class| self.classes_of_keys.iter().position(|of_key| *of_key == class);
        let Some(key) = number(Class::AccessPointAccount) else { return points };
        let varies = self.tests[key].varies || self.variables.contains(&key);
        if varies || number(Class::AccessPointArn).is_some() {
            return points;
        }
        let asked: Vec<Settled<'_>> =
            self.tests_of(key).map(|test| test.with(&|_| None, &self.budget)).collect();
        let mut seen = BTreeSet::new();
        points.retain(|point| match &point.account {
            Some((account, false)) => {
                let value = [account.clone()];
                let holds = |test: &Settled<'_>| test.holds(Some(&value), &self.budget);
                seen.insert(asked.iter().map(holds).collect::<Vec<bool>>())
                    || self.budget.is_spent()
            }
            _ => true,
        });
        points
    }

    pub(super) fn point_choices(&self, class: Class, point: usize) -> Vec<Choice> {
        if let Some(forced) = &self.forced {
            let value = match class {
                Class::AccessPointAccount => &forced.account,
                _ => &forced.arn,
            };
            return vec![Choice::one(value.clone(), FREE)];
        }
        let Some((account, fixed)) = &self.points[point].account else {
            return vec![Choice::absent(FREE)];
        };
        let flags = if *fixed { BOUND } else { FREE };
        if class == Class::AccessPointAccount {
            return vec![Choice::one(account.clone(), flags)];
        }
        let unnamed: String = std::iter::repeat_n(self.fresh.letter, self.fresh.run).collect();
        let mut found = vec![Choice::one(
            format!("arn:aws:s3:us-east-1:{account}:accesspoint/{unnamed}"),
            flags,
        )];
        for glob in &self.mentions.point_arns {
            if !self.budget.take(90) {
                break;
            }
            if keys::arn_account(glob).is_some_and(|pinned| pinned != *account) {
                continue;
            }
            let [partition, _, region] = keys::arn_head(glob);
            let shape = format!("arn:{partition}:s3:{region}:{account}:accesspoint/?*");
            let shape = Glob::pattern(&shape);
            found.extend(
                common(&[glob, &shape], &self.fresh)
                    .into_iter()
                    .filter(|arn| arn.split(':').nth(4) == Some(account))
                    .filter(|arn| choices::is_identifier(arn))
                    .map(|arn| Choice::one(arn, flags)),
            );
        }
        found
    }
}

/// `203.0.113.*` as a block; a single address too.
fn octets(text: &str) -> Option<Block> {
    if let Some(block) = Block::parse(text).filter(|_| !text.contains('/')) {
        return Some(block);
    }
    let prefix = text.strip_suffix(".*")?;
    let count = prefix.split('.').count();
    let padded = format!("{prefix}{}", ".0".repeat(4_usize.checked_sub(count)?));
    Block::parse(&format!("{padded}/{}", count * 8))
}
