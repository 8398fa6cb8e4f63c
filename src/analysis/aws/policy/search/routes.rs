//! The routes of a request: networks, classes of source addresses, access points.

use std::collections::{BTreeMap, BTreeSet};

use super::candidates::{Attainability, Candidate};
use super::engine::{AddressClass, Engine, Network, Point, PointAccount, Route};
use crate::analysis::aws::policy::addresses::{AddressSet, Block, pieces};
use crate::analysis::aws::policy::language::condition::{ResolvedTest, Test, Values};
use crate::analysis::aws::policy::language::glob::Glob;
use crate::analysis::aws::policy::language::keys::Class;
use crate::analysis::aws::policy::search::principals::caller::{Caller, Form};

impl Engine<'_> {
    /// The routes by which this caller may come.
    pub(super) fn routes(&self, caller: &Caller) -> Vec<Route> {
        let mut routes = Vec::new();
        for network in self.networks(caller) {
            for point in 0..self.points.len() {
                let addresses = match network {
                    Network::Internet => self.classes.len(),
                    Network::Endpoint => 1,
                };
                routes.extend((0..addresses).map(|address| Route { network, point, address }));
            }
        }
        routes
    }

    /// The networks that make a difference for this caller.
    fn networks(&self, caller: &Caller) -> Vec<Network> {
        let vpc_only = self.forced.as_ref().is_some_and(|point| point.vpc_only);
        if vpc_only {
            return vec![Network::Endpoint];
        }
        let distinguished = self.named_principals.has(&[
            Class::SourceIp,
            Class::Endpoint,
            Class::EndpointOrgPath,
            Class::EndpointIp,
        ]);
        if distinguished && !matches!(caller.form, Form::Service(_)) {
            vec![Network::Internet, Network::Endpoint]
        } else {
            vec![Network::Internet]
        }
    }

    /// Public addresses outside the trusted ranges, in classes that all tests treat alike.
    pub(super) fn address_classes(&self) -> Vec<AddressClass> {
        let Some(key) = self.keys.iter().position(|key| key == "aws:sourceip") else {
            return vec![AddressClass { set: AddressSet::internet(), sample: String::new() }];
        };
        let tests: Vec<&Test> = self.tests_of(key).collect();
        let mut edges: Vec<Block> = Vec::new();
        for test in &tests {
            match &test.values {
                Values::Blocks(blocks) => edges.extend(blocks),
                // Text operators read the address as text; people write patterns of whole octets.
                _ => edges.extend(test.templates().iter().filter_map(|t| octets(t.text()))),
            }
        }
        let trusted = self.context.trusted_ranges.iter().map(|range| Block::of(*range));
        let trusted: Vec<Block> = trusted.collect();
        edges.extend(&trusted);
        edges.sort_unstable();
        edges.dedup();
        let mut classes: BTreeMap<Vec<bool>, Vec<Block>> = BTreeMap::new();
        let asked: Vec<ResolvedTest<'_>> =
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

    /// Access points of other kinds than none: of the owner, of accounts that the policy names, of
    /// accounts that it does not name.
    pub(super) fn other_points(&self) -> Vec<Point> {
        let point = |id: String, named| Point { account: Some(PointAccount { id, named }) };
        let asked = self.named_principals.has(&[Class::AccessPointAccount, Class::AccessPointArn]);
        if !asked || self.forced.is_some() {
            return Vec::new();
        }
        let fixed =
            self.named_principals.point_accounts.iter().cloned().chain([self.owner.to_owned()]);
        let mut points: Vec<Point> = fixed.map(|account| point(account, true)).collect();
        let unnamed =
            self.callers.iter().find(|c| c.form == Form::Signed && c.attributes.count() == 0);
        let open = unnamed.map(|caller| caller.account.clone());
        points.extend(
            open.into_iter()
                .chain(self.named_principals.open_accounts.iter().cloned())
                .filter(|account| !self.named_principals.point_accounts.contains(account))
                .filter(|account| account != self.owner)
                .map(|account| point(account, false)),
        );
        self.distinguished(points)
    }

    /// Without points of unnamed accounts that every test treats like the point of another one.
    fn distinguished(&self, mut points: Vec<Point>) -> Vec<Point> {
        let number = |class| self.classes_of_keys.iter().position(|of_key| *of_key == class);
        let Some(key) = number(Class::AccessPointAccount) else { return points };
        let varies = self.tests[key].varies || self.variables.contains(&key);
        if varies || number(Class::AccessPointArn).is_some() {
            return points;
        }
        let asked: Vec<ResolvedTest<'_>> =
            self.tests_of(key).map(|test| test.with(&|_| None, &self.budget)).collect();
        let mut seen = BTreeSet::new();
        points.retain(|point| match &point.account {
            Some(account) if !account.named => {
                let value = [account.id.clone()];
                let holds = |test: &ResolvedTest<'_>| test.holds(Some(&value), &self.budget);
                seen.insert(asked.iter().map(holds).collect::<Vec<bool>>())
                    || self.budget.is_spent()
            }
            _ => true,
        });
        points
    }

    /// Candidates of a key about the access point of a route.
    pub(super) fn point_candidates(&self, class: Class, point: usize) -> Vec<Candidate> {
        if let Some(forced) = &self.forced {
            let value = match class {
                Class::AccessPointAccount => &forced.account,
                _ => &forced.arn,
            };
            return vec![Candidate::one(value.clone(), Attainability::FREE)];
        }
        let Some(PointAccount { id: account, named }) = &self.points[point].account else {
            return vec![Candidate::absent(Attainability::FREE)];
        };
        let attainability = if *named { Attainability::BOUND } else { Attainability::FREE };
        if class == Class::AccessPointAccount {
            return vec![Candidate::one(account.clone(), attainability)];
        }
        let unnamed: String = std::iter::repeat_n(self.fresh.letter, self.fresh.run).collect();
        let mut found = vec![Candidate::one(
            format!("arn:aws:s3:us-east-1:{account}:accesspoint/{unnamed}"),
            attainability,
        )];
        for pattern in &self.named_principals.point_arns {
            if !self.budget.cases(1) {
                break;
            }
            let [partition, _, region] = pattern.head();
            let head = [partition, "s3".to_owned(), region];
            let of = Glob::exact(account);
            let arns = pattern.arns(&head, &of, "accesspoint/?*", &self.fresh);
            found.extend(arns.into_iter().map(|arn| Candidate::one(arn, attainability)));
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
