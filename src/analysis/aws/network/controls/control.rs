//! The controls between the internet and an endpoint, by name.

use crate::inventory::aws::calls::Call;

/// A control that can shut a way in. The order is that of the names, so that lists are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u32)]
pub enum Control {
    /// The internet gateway's route table drops or diverts the traffic.
    EdgeRoute = 1,
    /// The instance does not run.
    InstanceState = 1 << 1,
    /// The load balancer's scheme is internal.
    InternalScheme = 1 << 2,
    /// The network ACL denies the request.
    NaclIn = 1 << 3,
    /// The network ACL denies the reply.
    NaclOut = 1 << 4,
    /// The subnet's routes do not lead to an attached internet gateway.
    NoIgwRoute = 1 << 5,
    /// There is no public address.
    NoPublicIp = 1 << 6,
    /// Attached to nothing.
    NotAttached = 1 << 7,
    /// The service's own switch for public access is off.
    NotPubliclyAccessible = 1 << 8,
    /// VPC block public access is on.
    VpcBpa = 1 << 9,
    /// Whether a target sees the client's address, on which depends what its groups admit.
    ClientIpPreservation = 1 << 10,
    /// A rule of the listener may take the traffic before the default action does.
    ListenerRule = 1 << 11,
    /// The DMS replication instance does not listen.
    DmsState = 1 << 12,
    /// The Kubernetes API of the EKS cluster does not listen.
    EksState = 1 << 13,
    /// The cache does not listen.
    ElasticacheState = 1 << 14,
    /// The MemoryDB cluster does not listen.
    MemorydbState = 1 << 15,
    /// The broker of Amazon MQ does not listen.
    MqState = 1 << 16,
    /// The Kafka cluster of MSK does not listen.
    MskState = 1 << 17,
    /// The database does not listen.
    RdsState = 1 << 18,
    /// The Redshift cluster does not listen.
    RedshiftState = 1 << 19,
    /// The workgroup of Redshift Serverless does not listen.
    RedshiftServerlessState = 1 << 20,
    /// Nobody read what has the address of a target, nor what guards it.
    TargetUnknown = 1 << 21,
    /// A firewall between the VPC and its internet gateway drops what comes in unasked.
    IgwFirewall = 1 << 22,
}

impl Control {
    /// All of them, sorted by name.
    pub const ALL: [Control; 23] = [
        Control::ClientIpPreservation,
        Control::DmsState,
        Control::EdgeRoute,
        Control::EksState,
        Control::ElasticacheState,
        Control::IgwFirewall,
        Control::InstanceState,
        Control::InternalScheme,
        Control::ListenerRule,
        Control::MemorydbState,
        Control::MqState,
        Control::MskState,
        Control::NaclIn,
        Control::NaclOut,
        Control::NoIgwRoute,
        Control::NoPublicIp,
        Control::NotAttached,
        Control::NotPubliclyAccessible,
        Control::RdsState,
        Control::RedshiftServerlessState,
        Control::RedshiftState,
        Control::TargetUnknown,
        Control::VpcBpa,
    ];

    /// Those by which what listens shuts, or does not listen at all.
    pub(crate) const OF_LISTENER: [Control; 11] = [
        Control::NotAttached,
        Control::InstanceState,
        Control::DmsState,
        Control::EksState,
        Control::ElasticacheState,
        Control::MemorydbState,
        Control::MqState,
        Control::MskState,
        Control::RdsState,
        Control::RedshiftServerlessState,
        Control::RedshiftState,
    ];

    /// The name used in rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Control::ClientIpPreservation => "client-ip-preservation",
            Control::DmsState => "dms-state",
            Control::EdgeRoute => "edge-route",
            Control::EksState => "eks-state",
            Control::ElasticacheState => "elasticache-state",
            Control::IgwFirewall => "igw-firewall",
            Control::InstanceState => "instance-state",
            Control::InternalScheme => "internal-scheme",
            Control::ListenerRule => "listener-rule",
            Control::MemorydbState => "memorydb-state",
            Control::MqState => "mq-state",
            Control::MskState => "msk-state",
            Control::NaclIn => "nacl-in",
            Control::NaclOut => "nacl-out",
            Control::NoIgwRoute => "no-igw-route",
            Control::NoPublicIp => "no-public-ip",
            Control::NotAttached => "not-attached",
            Control::NotPubliclyAccessible => "not-publicly-accessible",
            Control::RdsState => "rds-state",
            Control::RedshiftServerlessState => "redshift-serverless-state",
            Control::RedshiftState => "redshift-state",
            Control::TargetUnknown => "target-unknown",
            Control::VpcBpa => "vpc-bpa",
        }
    }
}

/// A set of controls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Controls(u32);

impl Controls {
    /// None of them.
    pub const NONE: Controls = Controls(0);

    /// Adds one.
    pub fn insert(&mut self, control: Control) {
        self.0 |= control as u32;
    }

    /// Whether one is in the set.
    pub fn contains(self, control: Control) -> bool {
        self.0 & control as u32 != 0
    }

    /// True when there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those in either set.
    pub fn union(self, other: Controls) -> Controls {
        Controls(self.0 | other.0)
    }

    /// Those in both sets.
    pub fn intersection(self, other: Controls) -> Controls {
        Controls(self.0 & other.0)
    }

    /// The controls, sorted by name.
    pub fn iter(self) -> impl Iterator<Item = Control> {
        Control::ALL.into_iter().filter(move |&control| self.contains(control))
    }
}

impl FromIterator<Control> for Controls {
    fn from_iter<I: IntoIterator<Item = Control>>(controls: I) -> Self {
        let mut set = Controls::NONE;
        controls.into_iter().for_each(|control| set.insert(control));
        set
    }
}

/// A control that was taken as passing because nobody could look.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unverified {
    /// The control.
    pub control: Control,
    /// The call whose answer would tell, for instance `ec2:DescribeNetworkAcls`; absent where
    /// none would.
    pub call: Option<&'static Call>,
    /// What the call is about, where it is about one thing (the id of a prefix list).
    pub resource: Option<String>,
}

impl Unverified {
    pub(crate) fn of(control: Control, call: &'static Call) -> Unverified {
        Unverified { control, call: Some(call), resource: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_listed_by_name() {
        let names: Vec<_> = Control::ALL.map(Control::as_str).into();
        assert!(names.is_sorted());
        let set: Controls = [Control::VpcBpa, Control::NaclIn].into_iter().collect();
        assert_eq!(set.iter().map(Control::as_str).collect::<Vec<_>>(), ["nacl-in", "vpc-bpa"]);
    }
}
