//! Scans of the emulator, and how most tests start them.

mod accounts;
mod balancers;
mod doctor;
mod economy;
mod empty_account;
mod first_minutes;
mod fleet;
mod interrupted;
mod loopback;
mod objects;
mod refused;
mod services;

use crate::support::loopback::{
    Loopback, Rule, block_public_access_off, buckets_with_regions, images_unblocked, loopback,
    no_access_points, no_odd_times, no_public_snapshots, no_serverless_caches, no_workgroups,
    one_function_url, one_role_for_guests, snapshots_unblocked, the_owner_pays,
};
use crate::support::moto::Filled;
use crate::support::run::{Outcrop, outcrop};

/// The emulator behind a server that answers `rules`, and otherwise what AWS would and the
/// emulator cannot: VPC block public access and those of snapshots and images (off), public snapshots
/// (none), the regions of buckets, who pays for requests, access points (none), workgroups (none),
/// serverless caches (none), the URL of a function, the roles of identity pools, times.
pub fn aws(filled: &Filled, rules: impl IntoIterator<Item = Rule>) -> Loopback {
    let usual = [
        block_public_access_off(),
        no_public_snapshots(),
        snapshots_unblocked(),
        images_unblocked(),
        buckets_with_regions(filled),
        the_owner_pays(),
        no_serverless_caches(),
        no_workgroups(),
        one_role_for_guests(),
    ];
    let usual = usual.into_iter().chain(one_function_url());
    loopback(rules.into_iter().chain(usual).chain(no_access_points()).chain(no_odd_times()))
}

/// `outcrop <arguments>` as an identity of `filled`, asking `aws`.
pub fn ask<'a>(
    aws: &Loopback,
    filled: &Filled,
    arguments: impl IntoIterator<Item = &'a str>,
) -> Outcrop {
    outcrop(arguments).keys(&filled.keys).endpoint(&aws.url()).env("AWS_REGION", "us-east-1")
}
