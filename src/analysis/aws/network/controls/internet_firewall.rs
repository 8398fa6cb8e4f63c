//! Automated Internet Firewall: a network firewall that AWS puts between a VPC and its internet
//! gateway.
//!
//! Routes go on naming the gateway, so only the VPC and its subnets tell of it (EC2 API reference,
//! Vpc `NetworkFirewallAssociations` and Subnet `NetworkFirewallConnectivityType`; Network Security
//! Manager API reference, IgwFirewallConfig). Its rules are never looked into.

use std::collections::HashMap;

use super::bpa::Effect;
use crate::analysis::aws::network::controls::{Control, Unverified};
use crate::inventory::aws::calls::{self, Call};
use crate::inventory::aws::ec2::{Ec2, NetworkFirewallAssociation, Subnet, Vpc};

/// The firewalls of a region's VPCs.
#[derive(Debug)]
pub(crate) struct InternetFirewalls<'a> {
    /// By VPC; `None` when VPCs were not read.
    by_vpc: Option<HashMap<&'a str, &'a [NetworkFirewallAssociation]>>,
    /// True when there is a firewall of which no VPC tells.
    pub(crate) untold: bool,
}

/// What the firewall of a VPC, by its ARN or else by the VPC's id, does with connections from the
/// internet to one of its subnets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Treatment<'a> {
    /// There is none.
    NoFirewall,
    /// It looks at them, by rules that are not analysed.
    Inspects(&'a str),
    /// It does not see them.
    Bypassed(&'a str),
    /// It drops them.
    Drops(&'a str),
    /// Nobody knows.
    Unknown(Unverified),
}

impl<'a> InternetFirewalls<'a> {
    pub(crate) fn new(ec2: &'a Ec2) -> Self {
        let by_vpc: Option<HashMap<_, _>> = ec2.describe_vpcs.read().map(|read| {
            let firewalls =
                |vpc: &'a Vpc| (vpc.vpc_id.as_str(), vpc.network_firewall_associations.as_slice());
            read.vpcs.iter().map(firewalls).collect()
        });
        // The firewall answers by elastic addresses of its own (EC2 API reference, Address
        // `ServiceManaged`). An SDK that lacks the fields of VPCs shows those alone.
        let addresses = ec2.describe_addresses.read().map_or(&[][..], |read| &read.addresses);
        let answers = addresses
            .iter()
            .any(|address| address.service_managed.as_deref() == Some("igw-firewall"));
        let told = by_vpc.iter().flatten().any(|(_, firewalls)| !firewalls.is_empty());
        InternetFirewalls { by_vpc, untold: answers && !told }
    }

    /// What happens to connections from the internet to a subnet of a VPC.
    pub(crate) fn treatment(&self, vpc: &str, subnet: Option<&Subnet>) -> Treatment<'a> {
        let missing =
            |call: &'static Call| Treatment::Unknown(Unverified::of(Control::IgwFirewall, call));
        let Some((vpc, firewalls)) = self.by_vpc.as_ref().and_then(|all| all.get_key_value(vpc))
        else {
            return missing(&calls::ec2::DESCRIBE_VPCS);
        };
        let Some(first) = firewalls.first() else { return Treatment::NoFirewall };
        let in_force = firewalls.iter().find(|firewall| {
            firewall.firewall_onboarding_status.as_deref() == Some("active")
                && firewall.firewall_mode.as_deref() == Some("enforce")
        });
        let name = |of: &'a NetworkFirewallAssociation| of.firewall_arn.as_deref().unwrap_or(vpc);
        let own = subnet.and_then(|own| own.network_firewall_connectivity_type.as_deref());
        match (own, in_force) {
            (Some("flexible" | "bidirectional"), _) => {
                Treatment::Inspects(name(in_force.unwrap_or(first)))
            }
            (Some("exclude" | "az-unsupported"), _) => Treatment::Bypassed(name(first)),
            (Some("outbound-only"), Some(firewall)) => Treatment::Drops(name(firewall)),
            // "Might not inspect traffic yet"; whether one that only monitors drops anything is
            // not documented.
            (Some("outbound-only"), None) => Treatment::Unknown(Unverified {
                control: Control::IgwFirewall,
                call: None,
                resource: Some(name(first).to_owned()),
            }),
            _ => missing(&calls::ec2::DESCRIBE_SUBNETS),
        }
    }
}

impl Treatment<'_> {
    /// Whether connections get through, as far as that is known.
    pub(crate) fn effect(self) -> Effect {
        match self {
            Treatment::NoFirewall | Treatment::Inspects(_) | Treatment::Bypassed(_) => Effect::Open,
            Treatment::Drops(_) => Effect::Shut,
            Treatment::Unknown(missing) => Effect::Unknown(missing),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::aws::ec2::Addresses;
    use crate::model::Known;
    use serde_json::{Value, json};

    fn region(firewalls: Value) -> Ec2 {
        let vpc = json!({"VpcId": "vpc-1", "NetworkFirewallAssociations": firewalls});
        serde_json::from_value(json!({"DescribeVpcs": {"Vpcs": [vpc]}})).expect("the API's form")
    }

    fn firewall(status: &str, mode: &str) -> Value {
        json!({"FirewallArn": "arn", "FirewallOnboardingStatus": status, "FirewallMode": mode})
    }

    fn effect(ec2: &Ec2, own: Option<&str>) -> Effect {
        let own = own.map(|word| Subnet {
            network_firewall_connectivity_type: Some(word.into()),
            ..Subnet::default()
        });
        InternetFirewalls::new(ec2).treatment("vpc-1", own.as_ref()).effect()
    }

    fn asks(effect: Effect) -> Option<String> {
        match effect {
            Effect::Unknown(missing) => missing.call.map(Call::name),
            Effect::Open | Effect::Shut => None,
        }
    }

    #[test]
    fn a_firewall_in_force_drops_what_is_unasked_for_in_outbound_only_subnets() {
        let active = region(json!([firewall("pending", "enforce"), firewall("active", "enforce")]));
        assert_eq!(effect(&active, Some("outbound-only")), Effect::Shut);
        for open in ["flexible", "bidirectional", "exclude", "az-unsupported"] {
            assert_eq!(effect(&active, Some(open)), Effect::Open, "{open}");
        }
        assert_eq!(effect(&region(json!([])), Some("outbound-only")), Effect::Open);
    }

    #[test]
    fn what_a_firewall_does_that_is_not_in_force_is_not_known() {
        for (status, mode) in
            [("pending", "enforce"), ("disabling", "enforce"), ("active", "monitor")]
        {
            let ec2 = region(json!([firewall(status, mode)]));
            let said = effect(&ec2, Some("outbound-only"));
            assert!(
                matches!(&said, Effect::Unknown(missing) if missing.call.is_none()),
                "{said:?}"
            );
            assert_eq!(effect(&ec2, Some("flexible")), Effect::Open);
        }
    }

    #[test]
    fn a_firewall_without_an_arn_goes_by_its_vpc() {
        let nameless = json!({"FirewallOnboardingStatus": "active", "FirewallMode": "enforce"});
        let ec2 = region(json!([nameless]));
        let flexible = Subnet {
            network_firewall_connectivity_type: Some("flexible".into()),
            ..Subnet::default()
        };
        let said = InternetFirewalls::new(&ec2).treatment("vpc-1", Some(&flexible));
        assert_eq!(said, Treatment::Inspects("vpc-1"));
    }

    #[test]
    fn what_was_not_told_is_not_known() {
        let active = region(json!([firewall("active", "enforce")]));
        for own in [None, Some("something-new")] {
            assert_eq!(asks(effect(&active, own)).as_deref(), Some("ec2:DescribeSubnets"));
        }
        assert_eq!(asks(effect(&Ec2::default(), None)).as_deref(), Some("ec2:DescribeVpcs"));
        assert_eq!(effect(&region(json!([])), None), Effect::Open);
    }

    #[test]
    fn a_firewall_that_only_an_address_tells_of_is_known_to_be_there() {
        let address = json!({"Addresses": [{"ServiceManaged": "igw-firewall"}]});
        let addresses: Addresses = serde_json::from_value(address).expect("the API's form");
        for (firewalls, untold) in
            [(json!([]), true), (json!([firewall("active", "enforce")]), false)]
        {
            let mut ec2 = region(firewalls);
            assert!(!InternetFirewalls::new(&ec2).untold);
            ec2.describe_addresses = Known::Read(addresses.clone());
            assert_eq!(InternetFirewalls::new(&ec2).untold, untold);
        }
    }
}
