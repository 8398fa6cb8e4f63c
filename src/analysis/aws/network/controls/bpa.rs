//! VPC block public access: a region-wide switch before every internet gateway.
//!
//! Both block modes stop what comes in; an exclusion for the VPC or the subnet opens it again only
//! when it allows both directions (VPC user guide, "Block public access to VPCs and subnets").

use crate::inventory::aws::calls;
use crate::inventory::aws::calls::Call;
use std::collections::{HashMap, HashSet};

use crate::inventory::aws::ec2::{BlockPublicAccessStates, Ec2, VpcBlockPublicAccessExclusion};

use crate::analysis::aws::network::controls::{Control, Unverified};
use crate::analysis::aws::network::owners::Owners;

const OPTIONS: &Call = &calls::ec2::DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_OPTIONS;
const SUBNETS: &Call = &calls::ec2::DESCRIBE_SUBNETS;
const EXCLUSIONS: &Call = &calls::ec2::DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_EXCLUSIONS;

/// Whether a control lets traffic through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect {
    Open,
    Shut,
    Unknown(Unverified),
}

/// The switch of a region.
#[derive(Debug)]
pub(crate) struct BlockPublicAccess<'a> {
    mode: Option<&'a str>,
    /// Ids of VPCs and subnets that are left out; `None` when not read.
    excluded: Option<HashSet<&'a str>>,
    /// What the subnets of other owners say of themselves. The account's options and exclusions act
    /// on what it owns (EC2 API reference, VpcBlockPublicAccessOptions); a subnet that another
    /// account shares tells what that one's do to it (BlockPublicAccessStates).
    others: HashMap<&'a str, Option<&'a str>>,
}

impl<'a> BlockPublicAccess<'a> {
    pub(crate) fn new(ec2: &'a Ec2, owners: &Owners<'a>) -> Self {
        let options = ec2.describe_vpc_block_public_access_options.read();
        let mode = options.map(|read| {
            let mode = &read.vpc_block_public_access_options.internet_gateway_block_mode;
            mode.as_deref().unwrap_or("off")
        });
        // Where the organization allows no exclusions, those that were made have no effect (EC2 API
        // reference, VpcBlockPublicAccessOptions: ExclusionsAllowed).
        let void = options
            .is_some_and(|read| !read.vpc_block_public_access_options.allows_exclusions())
            .then(HashSet::new);
        let read = ec2.describe_vpc_block_public_access_exclusions.read();
        let excluded = void.or(read.map(|read| {
            let list = &read.vpc_block_public_access_exclusions;
            list.iter().filter_map(opened).collect()
        }));
        let subnets = ec2.describe_subnets.read().map_or(&[][..], |read| &read.subnets);
        let others = subnets.iter().filter(|s| owners.of_subnet(&s.subnet_id).is_some());
        let others =
            others.map(|subnet| (&*subnet.subnet_id, word(&subnet.block_public_access_states)));
        BlockPublicAccess { mode, excluded, others: others.collect() }
    }

    /// The mode that is in force in a subnet, exclusions apart, where it was read.
    pub(crate) fn mode(&self, subnet: &str) -> Option<&'a str> {
        self.others.get(subnet).copied().unwrap_or(self.mode)
    }

    /// Whether the switch lets traffic into a subnet. The subnet's own word is what remains when
    /// the region's settings could not be read.
    pub(crate) fn of(
        &self,
        subnet: &str,
        vpc: &str,
        own: Option<&BlockPublicAccessStates>,
    ) -> Effect {
        if self.others.contains_key(subnet) {
            return match by_subnet(own, SUBNETS) {
                Effect::Unknown(missing) => {
                    Effect::Unknown(Unverified { resource: Some(subnet.to_owned()), ..missing })
                }
                told => told,
            };
        }
        let Some(mode) = self.mode else { return by_subnet(own, OPTIONS) };
        if mode == "off" {
            return Effect::Open;
        }
        match &self.excluded {
            Some(excluded) if excluded.contains(subnet) || excluded.contains(vpc) => Effect::Open,
            Some(_) => Effect::Shut,
            None => by_subnet(own, EXCLUSIONS),
        }
    }

    /// The same for what the gateway's route table leads to an interface: exclusions of subnets do
    /// not work for ingress routing (VPC user guide, "Block public access to VPCs and subnets"), so
    /// that a subnet which says that it is open may be so for other traffic only.
    pub(crate) fn of_ingress_routing(
        &self,
        subnet: &str,
        vpc: &str,
        own: Option<&BlockPublicAccessStates>,
    ) -> Effect {
        let by_subnet = |call| match by_subnet(own, call) {
            Effect::Open => Effect::Unknown(Unverified::of(Control::VpcBpa, call)),
            other => other,
        };
        if self.others.contains_key(subnet) {
            return by_subnet(SUBNETS);
        }
        match (self.mode, &self.excluded) {
            (None, _) => by_subnet(OPTIONS),
            (Some("off"), _) => Effect::Open,
            (_, Some(excluded)) if excluded.contains(vpc) => Effect::Open,
            (_, Some(_)) => Effect::Shut,
            (_, None) => by_subnet(EXCLUSIONS),
        }
    }
}

/// The mode that a subnet tells.
fn word(states: &Option<BlockPublicAccessStates>) -> Option<&str> {
    states.as_ref()?.internet_gateway_block_mode.as_deref()
}

fn by_subnet(own: Option<&BlockPublicAccessStates>, call: &'static Call) -> Effect {
    match own.and_then(|states| states.internet_gateway_block_mode.as_deref()) {
        Some("off") => Effect::Open,
        Some("block-bidirectional" | "block-ingress") => Effect::Shut,
        _ => Effect::Unknown(Unverified::of(Control::VpcBpa, call)),
    }
}

/// The VPC or subnet that an exclusion opens to the internet, if it does.
pub(crate) fn opened(exclusion: &VpcBlockPublicAccessExclusion) -> Option<&str> {
    opens(exclusion).then(|| id(exclusion)).flatten()
}

fn opens(exclusion: &VpcBlockPublicAccessExclusion) -> bool {
    let state = exclusion.state.as_deref().unwrap_or_default();
    exclusion.internet_gateway_exclusion_mode.as_deref() == Some("allow-bidirectional")
        && (matches!(state, "create-complete" | "delete-in-progress")
            || state.starts_with("update-"))
}

fn id(exclusion: &VpcBlockPublicAccessExclusion) -> Option<&str> {
    exclusion.resource_arn.as_deref()?.rsplit('/').next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::aws::ec2::{Subnet, Subnets};
    use crate::model::Known;

    fn effect(ec2: &Ec2, own: Option<&str>) -> Effect {
        let own = own
            .map(|mode| BlockPublicAccessStates { internet_gateway_block_mode: Some(mode.into()) });
        let owners = Owners::new("111122223333", ec2);
        BlockPublicAccess::new(ec2, &owners).of("subnet-1", "vpc-1", own.as_ref())
    }

    fn region(mode: &str) -> Ec2 {
        let mut ec2 = Ec2::default();
        let mut options = crate::inventory::aws::ec2::VpcBlockPublicAccess::default();
        options.vpc_block_public_access_options.internet_gateway_block_mode = Some(mode.into());
        ec2.describe_vpc_block_public_access_options = Known::Read(options);
        ec2
    }

    #[test]
    fn a_refused_switch_is_unknown_unless_the_subnet_tells() {
        let unknown = Effect::Unknown(Unverified::of(Control::VpcBpa, OPTIONS));
        assert_eq!(effect(&Ec2::default(), None), unknown);
        assert_eq!(effect(&Ec2::default(), Some("off")), Effect::Open);
        assert_eq!(effect(&Ec2::default(), Some("block-ingress")), Effect::Shut);
    }

    #[test]
    fn a_switch_that_is_on_is_unknown_while_its_exclusions_are() {
        let unknown = Effect::Unknown(Unverified::of(Control::VpcBpa, EXCLUSIONS));
        assert_eq!(effect(&region("block-bidirectional"), None), unknown);
        let mut ec2 = region("block-bidirectional");
        ec2.describe_vpc_block_public_access_exclusions = Known::Read(Default::default());
        assert_eq!(effect(&ec2, None), Effect::Shut);
        assert_eq!(effect(&region("off"), None), Effect::Open);
    }

    #[test]
    fn exclusions_count_only_where_the_organization_allows_them() {
        let mut ec2 = region("block-bidirectional");
        let exclusion = VpcBlockPublicAccessExclusion {
            resource_arn: Some("arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1".into()),
            internet_gateway_exclusion_mode: Some("allow-bidirectional".into()),
            state: Some("create-complete".into()),
            ..Default::default()
        };
        ec2.describe_vpc_block_public_access_exclusions =
            Known::Read(crate::inventory::aws::ec2::VpcBlockPublicAccessExclusions {
                vpc_block_public_access_exclusions: vec![exclusion],
            });
        for (word, meant) in [
            (None, Effect::Open),
            (Some("allowed"), Effect::Open),
            (Some("not-allowed"), Effect::Shut),
        ] {
            let Known::Read(read) = &mut ec2.describe_vpc_block_public_access_options else {
                panic!("a region's switch");
            };
            read.vpc_block_public_access_options.exclusions_allowed = word.map(str::to_owned);
            assert_eq!(effect(&ec2, None), meant, "{word:?}");
        }
    }

    #[test]
    fn a_subnet_of_another_owner_answers_for_itself() {
        for mode in ["off", "block-bidirectional"] {
            let mut ec2 = region(mode);
            ec2.describe_vpc_block_public_access_exclusions = Known::Read(Default::default());
            let subnet = Subnet {
                subnet_id: "subnet-1".into(),
                vpc_id: "vpc-1".into(),
                owner_id: Some("444455556666".into()),
                ..Default::default()
            };
            ec2.describe_subnets = Known::Read(Subnets { subnets: vec![subnet] });
            assert_eq!(effect(&ec2, Some("off")), Effect::Open);
            assert_eq!(effect(&ec2, Some("block-ingress")), Effect::Shut);
            let missing = Unverified::of(Control::VpcBpa, SUBNETS);
            let missing = Unverified { resource: Some("subnet-1".into()), ..missing };
            assert_eq!(effect(&ec2, None), Effect::Unknown(missing));
        }
    }

    #[test]
    fn an_exclusion_of_the_subnet_does_not_open_ingress_routing() {
        let mut ec2 = region("block-bidirectional");
        let mut excluded = |what: &str| {
            ec2.describe_vpc_block_public_access_exclusions =
                Known::Read(crate::inventory::aws::ec2::VpcBlockPublicAccessExclusions {
                    vpc_block_public_access_exclusions: vec![VpcBlockPublicAccessExclusion {
                        resource_arn: Some(format!("arn:aws:ec2:r:1:{what}")),
                        internet_gateway_exclusion_mode: Some("allow-bidirectional".into()),
                        state: Some("create-complete".into()),
                        ..Default::default()
                    }],
                });
            let owners = Owners::new("111122223333", &ec2);
            BlockPublicAccess::new(&ec2, &owners).of_ingress_routing("subnet-1", "vpc-1", None)
        };
        assert_eq!(excluded("subnet/subnet-1"), Effect::Shut);
        assert_eq!(excluded("vpc/vpc-1"), Effect::Open);
        let says_off =
            Some(BlockPublicAccessStates { internet_gateway_block_mode: Some("off".into()) });
        let nothing = Ec2::default();
        let owners = Owners::new("111122223333", &nothing);
        let unread = BlockPublicAccess::new(&nothing, &owners);
        let unknown = Effect::Unknown(Unverified::of(Control::VpcBpa, OPTIONS));
        assert_eq!(unread.of_ingress_routing("subnet-1", "vpc-1", says_off.as_ref()), unknown);
    }

    #[test]
    fn an_exclusion_opens_only_both_ways_and_in_a_live_state() {
        let mut exclusion = VpcBlockPublicAccessExclusion {
            resource_arn: Some("arn:aws:ec2:r:1:vpc/vpc-1".into()),
            internet_gateway_exclusion_mode: Some("allow-bidirectional".into()),
            ..Default::default()
        };
        for (state, open) in [
            ("create-complete", true),
            ("update-in-progress", true),
            ("delete-in-progress", true),
            ("create-in-progress", false),
            ("create-failed", false),
            ("delete-complete", false),
            ("disable-complete", false),
        ] {
            exclusion.state = Some(state.into());
            assert_eq!(opens(&exclusion), open, "{state}");
        }
        assert_eq!(id(&exclusion), Some("vpc-1"));
    }
}
