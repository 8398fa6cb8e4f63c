//! The names that files use for services, operations and the keys of answers: asked of the readers
//! themselves, so that there is no second list of them.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde::de::value::Error;
use serde::de::{DeserializeOwned, Deserializer, Error as _, Visitor};

use super::Each;
use crate::model::Known;

/// A service as files name it.
#[derive(Debug)]
pub struct ServiceNames {
    /// Its key in a dump, for instance `ec2`.
    pub name: &'static str,
    /// What it can be asked.
    pub operations: Vec<OperationNames>,
}

/// An operation as files name it.
#[derive(Debug)]
pub struct OperationNames {
    /// Its key in a service, for instance `DescribeVpcs`.
    pub name: &'static str,
    /// The keys of its answer that are read; `None` where there is an answer for each resource.
    pub keys: Option<&'static [&'static str]>,
}

/// An answer that knows its keys.
pub trait Keys {
    /// They, as in [`OperationNames::keys`].
    fn keys() -> Option<&'static [&'static str]>;
}

impl<T: DeserializeOwned> Keys for Known<T> {
    fn keys() -> Option<&'static [&'static str]> {
        Some(names_of::<T>())
    }
}

impl<T> Keys for BTreeMap<String, T> {
    fn keys() -> Option<&'static [&'static str]> {
        None
    }
}

impl<T> Keys for Each<T> {
    fn keys() -> Option<&'static [&'static str]> {
        None
    }
}

/// What files call the fields of a struct.
pub fn names_of<T: DeserializeOwned>() -> &'static [&'static str] {
    let names = Cell::new(&[][..]);
    // Its reader says which fields it takes before it is told that there is nothing to read.
    let _ = T::deserialize(Asking(&names));
    names.get()
}

/// An input that only wants to know what it is to hold.
struct Asking<'a>(&'a Cell<&'static [&'static str]>);

impl<'de> Deserializer<'de> for Asking<'_> {
    type Error = Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        self.0.set(fields);
        Err(Error::custom("there is nothing to read"))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("there is nothing to read"))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use crate::inventory::aws::calls::CALLS;
    use crate::inventory::aws::services;

    #[test]
    fn every_call_that_is_made_has_its_place_in_a_file() {
        let services = services();
        for call in CALLS.iter().filter(|call| !call.connecting) {
            let service = services.iter().find(|service| service.name == call.service);
            let service = service.unwrap_or_else(|| panic!("{call}: no such service"));
            let known = service.operations.iter().any(|known| known.name == call.operation);
            // Where a bucket is stands in the list of buckets.
            assert!(known || call.operation == "GetBucketLocation", "{call}: no such operation");
        }
    }

    #[test]
    fn answers_tell_their_keys() {
        let services = services();
        let keys = |service: &str, operation: &str| {
            let service = services.iter().find(|known| known.name == service).expect("known");
            service.operations.iter().find(|known| known.name == operation).expect("known").keys
        };
        assert_eq!(keys("ec2", "DescribeVpcs"), Some(&["Vpcs"][..]));
        assert_eq!(keys("kafka", "ListClustersV2"), Some(&["ClusterInfoList"][..]));
        let block = Some(&["PublicAccessBlockConfiguration"][..]);
        assert_eq!(keys("s3control", "GetPublicAccessBlock"), block, "also one that may be absent");
        assert_eq!(keys("s3", "GetBucketPolicy"), None, "by bucket");
    }
}
