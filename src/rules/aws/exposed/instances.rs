//! Instances that the internet reaches, by an address of their own or through a load balancer.

use std::collections::BTreeMap;

use super::doors;
use super::workload::{Assigned, Workload};
use crate::inventory::aws::calls::ec2::DESCRIBE_INSTANCES;
use crate::inventory::aws::ec2::{Instance, MetadataOptions};
use crate::inventory::aws::kinds;
use crate::model::{Control, Known, Lock, Status, Step};
use crate::rules::shapes::port::Opening;
use crate::rules::{Findings, Region};

/// The instances that the internet reaches.
pub fn reached(region: &Region<'_, '_>, found: &mut Findings) -> Vec<Workload> {
    let mut openings: BTreeMap<&str, Vec<Opening<'_, '_>>> = BTreeMap::new();
    for row in &region.network().rows {
        if row.resource.kind == &kinds::EC2_INSTANCE && row.status != Status::Latent {
            openings.entry(row.resource.id).or_default().extend(doors::of(row));
        }
    }
    if openings.is_empty() {
        return Vec::new();
    }
    let Known::Read(listed) = &region.services.ec2.describe_instances else {
        found.unread(&DESCRIBE_INSTANCES, region.name);
        return Vec::new();
    };
    let instances = listed.reservations.iter().flat_map(|reservation| &reservation.instances);
    let instances: BTreeMap<&str, &Instance> =
        instances.map(|instance| (instance.instance_id.as_str(), instance)).collect();
    let workloads = openings.into_iter().filter_map(|(id, openings)| {
        let instance = instances.get(id)?;
        let profile = instance.iam_instance_profile.as_ref()?.arn.clone()?;
        let resource = openings.first()?.row.resource.resource(&region.place());
        let metadata = instance.metadata_options.as_ref();
        Some(Workload {
            label: resource.name.as_deref().unwrap_or(&resource.id).to_owned(),
            resource,
            to: "the internet",
            role: Assigned::Profile(profile),
            door: doors::widest(region, openings)?,
            locks: metadata.into_iter().filter_map(|options| metadata_off(id, options)).collect(),
            eased: metadata.map(|options| metadata_eases(id, options)).unwrap_or_default(),
            also: ", and demand tokens of the metadata service",
        })
    });
    workloads.collect()
}

/// Without the metadata service nothing on an instance gets the credentials of its role (EC2 user
/// guide, "Configure the instance metadata options").
fn metadata_off(id: &str, options: &MetadataOptions) -> Option<Lock> {
    let off = options.http_endpoint.as_deref() == Some("disabled");
    off.then(|| {
        Lock::Shut(Control {
            control: "metadata-service-off".into(),
            text: format!("the metadata service of {id} is off: it gives nobody the credentials"),
        })
    })
}

/// Settings by which more than the software that is meant gets credentials of the metadata service
/// (EC2 user guide, "Use the Instance Metadata Service to access instance metadata").
fn metadata_eases(id: &str, options: &MetadataOptions) -> Vec<Step> {
    let mut steps = Vec::new();
    if options.http_tokens.as_deref() == Some("optional") {
        let text = "the metadata service answers without a token (IMDSv1): a request that somebody \
                    makes the machine send is enough for the credentials";
        steps.push(Step::of("metadata-service", id, text));
    }
    if let Some(hops) = options.http_put_response_hop_limit.filter(|hops| *hops > 1) {
        let text = format!(
            "tokens of the metadata service travel {hops} hops: containers on the machine get the \
             credentials"
        );
        steps.push(Step::of("metadata-service", id, text));
    }
    steps
}
