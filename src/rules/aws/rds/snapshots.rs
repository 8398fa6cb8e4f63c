//! What the rules about snapshots of instances and of clusters have in common.

use crate::inventory::aws::rds::{DbSnapshotAttribute, is_public, shared_with};
use crate::model::{Known, Remediation, Resource, Step, aws};
use crate::rules::shapes::share::Recipient;

/// Whether every AWS account may restore a snapshot. One that cannot be public is asked nothing.
pub fn public(
    id: &str,
    can_be: bool,
    attributes: Option<&[DbSnapshotAttribute]>,
) -> Known<Option<Step>> {
    if !can_be {
        return Known::Read(None);
    }
    let step = || {
        let text = "its restore attribute holds `all`: every AWS account";
        Step::of("snapshot", id, text)
    };
    Known::from(attributes).map(|read| is_public(read).then(step))
}

/// Takes `all` away with the product's own command: `service`, and what it calls a snapshot.
pub fn fix(resource: &Resource, service: &str, [operation, option]: [&str; 2]) -> Remediation {
    Remediation {
        text: "take `all` out of the snapshot's restore attribute, and change the passwords and \
               keys in the database: copies that others made stay theirs"
            .to_owned(),
        commands: vec![aws([
            service,
            operation,
            "--region",
            &resource.region,
            option,
            &resource.id,
            "--attribute-name",
            "restore",
            "--values-to-remove",
            "all",
        ])],
    }
}

/// The accounts with which a snapshot is shared.
pub fn accounts(attributes: &[DbSnapshotAttribute]) -> Vec<Recipient<'_>> {
    shared_with(attributes).map(Recipient::Account).collect()
}

/// The command that stops sharing a snapshot with these, as [`fix`] does with all.
pub fn stop(
    resource: &Resource,
    service: &str,
    [operation, option]: [&str; 2],
    with: &[Recipient<'_>],
) -> String {
    let named = [service, operation, "--region", &resource.region, option, &resource.id];
    let taken = ["--attribute-name", "restore", "--values-to-remove"];
    aws(named.into_iter().chain(taken).chain(with.iter().map(|one| one.name())))
}
