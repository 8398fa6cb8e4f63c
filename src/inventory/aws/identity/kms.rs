//! Answers of the Key Management Service. Nothing is ever encrypted or decrypted.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Known;

operations! {
    /// Answers of KMS in one region.
    Kms {
        list_keys: Known<KeyList>,
        list_aliases: Known<Aliases>,
        /// The policy called `default`, by the key's id. There is no other (KMS API reference,
        /// GetKeyPolicy).
        get_key_policy: BTreeMap<String, KeyPolicy>,
        /// By the key's id.
        describe_key: BTreeMap<String, DescribedKey>,
    }
}

responses! {
    /// Response of ListKeys.
    KeyList {
        keys: Vec<Key>,
    }

    /// A key.
    Key {
        key_id: String,
        key_arn: Option<String>,
    }

    /// Response of ListAliases.
    Aliases {
        aliases: Vec<Alias>,
    }

    /// A name of a key.
    Alias {
        /// `alias/aws/…` is a name that only AWS can give (KMS API reference, CreateAlias).
        alias_name: String,
        /// Absent where AWS keeps a name for a key that is not made yet.
        target_key_id: Option<String>,
    }

    /// Response of GetKeyPolicy.
    KeyPolicy {
        /// Every key has a policy.
        policy: Option<String>,
    }

    /// Response of DescribeKey.
    DescribedKey {
        key_metadata: KeyMetadata,
    }

    /// What a key is.
    KeyMetadata {
        /// `Enabled`, `Disabled`, `PendingDeletion`, …
        key_state: Option<String>,
    }
}

impl Aliases {
    /// Ids of the AWS managed keys: each has a name below `alias/aws/` (KMS developer guide, AWS
    /// managed keys).
    pub fn managed_by_aws(&self) -> BTreeSet<&str> {
        let managed =
            self.aliases.iter().filter(|alias| alias.alias_name.starts_with("alias/aws/"));
        managed.filter_map(|alias| alias.target_key_id.as_deref()).collect()
    }

    /// The first name of the key `id`, as people use it.
    pub fn of(&self, id: &str) -> Option<&str> {
        let mut own = self.aliases.iter().filter(|one| one.target_key_id.as_deref() == Some(id));
        own.next().map(|alias| alias.alias_name.as_str())
    }
}
