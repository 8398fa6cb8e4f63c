//! The forms that answers of AWS have in snapshots and dumps, and how answers are joined.

pub mod names;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::Known;

/// Takes in what somebody else learnt of the same thing.
pub trait Merge {
    /// Adds `other`; where both know an answer, that of `other` stays.
    fn merge(&mut self, other: Self);
}

impl<T> Merge for Known<T> {
    fn merge(&mut self, other: Self) {
        if !other.is_unread() {
            *self = other;
        }
    }
}

/// Answers about one resource each.
impl<T> Merge for BTreeMap<String, T> {
    fn merge(&mut self, other: Self) {
        self.extend(other);
    }
}

/// Answers about one resource each, where it matters whether any was asked: none of them says that
/// there is nothing, or nothing at all.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Each<T>(pub Known<BTreeMap<String, T>>);

impl<T> Each<T> {
    /// True when none was asked.
    pub fn is_unread(&self) -> bool {
        self.0.is_unread()
    }

    /// The answer about one; unread where there is none.
    pub fn about(&self, id: &str) -> Known<&T> {
        Known::from(self.0.read().and_then(|all| all.get(id)))
    }
}

impl<T> Merge for Each<T> {
    fn merge(&mut self, other: Self) {
        match (&mut self.0, other.0) {
            (Known::Read(all), Known::Read(others)) => all.extend(others),
            (mine, others @ Known::Read(_)) => *mine = others,
            (_, Known::Unread) => {}
        }
    }
}

pub(super) fn is_default<T: Default + PartialEq>(facts: &T) -> bool {
    *facts == T::default()
}

/// Structs that are read and written as the AWS CLI prints them. What has no value is left out;
/// for a [`Known`] that is what unread means. Names are in Pascal case unless the first word says
/// otherwise.
macro_rules! responses {
    ($case:literal; $($(#[$meta:meta])* $name:ident {
        $($(#[$attr:meta])* $field:ident: $of:ty),* $(,)?
    })*) => {$(
        $(#[$meta])*
        #[serde_with::apply(
            Option => #[serde(skip_serializing_if = "Option::is_none")],
            Known => #[serde(skip_serializing_if = "Known::is_unread")],
            Each => #[serde(skip_serializing_if = "Each::is_unread")],
            BTreeMap => #[serde(skip_serializing_if = "BTreeMap::is_empty")],
            ByBucket => #[serde(skip_serializing_if = "BTreeMap::is_empty")],
        )]
        #[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
        #[serde(default, rename_all = $case)]
        pub struct $name {
            $($(#[$attr])* pub $field: $of,)*
        }
    )*};
    ($($any:tt)*) => { responses! { "PascalCase"; $($any)* } };
}

/// The answers of one service: a field for each operation, joined operation by operation.
macro_rules! operations {
    ($(#[$meta:meta])* $name:ident {
        $($(#[$attr:meta])* $field:ident: $of:ty),* $(,)?
    }) => {
        responses! {
            $(#[$meta])*
            $name { $($(#[$attr])* $field: $of,)* }
        }

        impl $crate::inventory::aws::Merge for $name {
            fn merge(&mut self, other: Self) {
                $($crate::inventory::aws::Merge::merge(&mut self.$field, other.$field);)*
            }
        }

        impl $name {
            /// What files call its operations and the keys of their answers.
            pub fn operations() -> Vec<$crate::inventory::aws::OperationNames> {
                use $crate::inventory::aws::{Keys, OperationNames, names_of};
                let keys = [$(<$of as Keys>::keys(),)*];
                let names = names_of::<$name>().iter().zip(keys);
                names.map(|(name, keys)| OperationNames { name, keys }).collect()
            }
        }
    };
}

/// The one list of services, by family: a module and a field of `Services` for each.
macro_rules! services {
    ($($(#[$about:meta])* $family:ident {
        $($(#[$meta:meta])* $service:ident: $of:ident,)*
    })*) => {
        $(
            $(#[$about])*
            pub mod $family {
                $(pub mod $service;)*
            }
            pub use $family::{$($service),*};
            $(pub use $service::$of;)*
        )*

        /// The answers of every service in one scope: a region, or the account as a whole.
        #[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        pub struct Services {
            $($($(#[$meta])* #[serde(skip_serializing_if = "forms::is_default")] pub $service: $of,)*)*
        }

        /// What files call the services, with what each can be asked.
        pub fn services() -> Vec<ServiceNames> {
            let operations = [$($($of::operations(),)*)*];
            let names = names_of::<Services>().iter().zip(operations);
            names.map(|(name, operations)| ServiceNames { name, operations }).collect()
        }

        impl Services {
            /// Takes in what another collector learnt, operation by operation.
            pub fn merge(&mut self, other: Services) {
                $($(Merge::merge(&mut self.$service, other.$service);)*)*
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::super::ec2::{Subnets, VpcEndpoints};
    use super::super::{Ec2, Services};
    use crate::model::Known;

    #[test]
    fn what_several_collectors_learn_of_one_service_is_joined_operation_by_operation() {
        let ec2 = |ec2| Services { ec2, ..Services::default() };
        let subnets = Known::Read(Subnets::default());
        let mut services = ec2(Ec2 {
            describe_subnets: subnets.clone(),
            get_managed_prefix_list_entries: [("pl-1".to_owned(), Default::default())].into(),
            ..Ec2::default()
        });
        services.merge(ec2(Ec2 {
            describe_vpc_endpoints: Known::Read(VpcEndpoints::default()),
            get_managed_prefix_list_entries: [("pl-2".to_owned(), Default::default())].into(),
            ..Ec2::default()
        }));
        assert_eq!(services.ec2.describe_subnets, subnets, "unread adds nothing");
        assert!(!services.ec2.describe_vpc_endpoints.is_unread());
        let lists: Vec<_> = services.ec2.get_managed_prefix_list_entries.keys().collect();
        assert_eq!(lists, ["pl-1", "pl-2"]);
    }
}
