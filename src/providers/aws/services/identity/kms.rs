//! Keys of KMS, the policy on each, and the state of those whose policy may let anyone in.

use std::collections::{BTreeSet, HashSet};

use aws_sdk_kms::Client;
use aws_sdk_kms::operation::list_aliases::ListAliasesOutput;
use aws_sdk_kms::operation::list_keys::ListKeysOutput;
use aws_sdk_kms::types;

use crate::analysis::aws::demand;
use crate::inventory::aws::calls::kms::{DESCRIBE_KEY, GET_KEY_POLICY, LIST_ALIASES, LIST_KEYS};
use crate::inventory::aws::kms::{
    Alias, Aliases, DescribedKey, Key, KeyList, KeyMetadata, KeyPolicy,
};
use crate::inventory::aws::{Kms, Services};
use crate::model::Known;
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Site, client};

pub(crate) static COLLECTOR: Collector = Collector {
    service: "kms",
    scope: Scope::Region,
    calls: &[&DESCRIBE_KEY, &GET_KEY_POLICY, &LIST_ALIASES, &LIST_KEYS],
    collect: |site| Box::pin(collect(site)),
};

async fn collect(site: &Site) -> Services {
    let sdk = client!(aws_sdk_kms, site);
    // 1000 is the most that Limit allows here (KMS API reference, ListKeys).
    let pages = sdk.list_keys().into_paginator().page_size(1000).send();
    let open = |page: ListKeysOutput| (page.keys, page.next_marker);
    let listed = site.list_apart(&LIST_KEYS, pages, open, key).await;
    let Known::Read(keys) = listed else { return Services::default() };
    let mut kms = Kms::default();
    if !keys.is_empty() {
        kms.list_aliases = aliases(site, &sdk).await;
    }
    // One list spares a question about each AWS managed key. Without it all are asked.
    let managed = kms.list_aliases.read().map(Aliases::managed_by_aws).unwrap_or_default();
    let is_managed = |key: &Key| managed.contains(key.key_id.as_str());
    let (mut left, mut own): (Vec<Key>, Vec<Key>) = keys.into_iter().partition(is_managed);
    kms.get_key_policy = site
        .each(
            &GET_KEY_POLICY,
            &mut own,
            |key| &key.key_id,
            |id| sdk.get_key_policy().key_id(id).policy_name("default").send(),
            |answer| {
                // Every key has a policy: an answer without one is none.
                let policy = answer.policy.ok_or("an answer without a policy")?;
                Ok(KeyPolicy { policy: Some(policy) })
            },
        )
        .await;
    describe(site, &sdk, &mut own, &mut kms).await;
    left.append(&mut own);
    left.sort_by(|one, other| one.key_id.cmp(&other.key_id));
    kms.list_keys = Known::Read(KeyList { keys: left });
    Services { kms, ..Services::default() }
}

fn key(from: types::KeyListEntry) -> Key {
    Key { key_id: from.key_id.unwrap_or_default(), key_arn: from.key_arn }
}

async fn aliases(site: &Site, sdk: &Client) -> Known<Aliases> {
    // 100 is the most that Limit allows here (KMS API reference, ListAliases).
    let pages = sdk.list_aliases().into_paginator().page_size(100).send();
    let open = |page: ListAliasesOutput| (page.aliases, page.next_marker);
    let alias = |from: types::AliasListEntry| Alias {
        alias_name: from.alias_name.unwrap_or_default(),
        target_key_id: from.target_key_id,
    };
    let listed = site.list_apart(&LIST_ALIASES, pages, open, alias).await;
    listed.map(|aliases| Aliases { aliases })
}

/// Asks what those of `own` are whose policy may let anyone in; takes out what is gone.
async fn describe(site: &Site, sdk: &Client, own: &mut Vec<Key>, kms: &mut Kms) {
    let account = &site.account().id;
    let matters = |key: &&Key| {
        let answer = kms.get_key_policy.get(&key.key_id);
        let policy = answer.and_then(|answer| answer.policy.as_deref());
        let arn = key.key_arn.as_deref().unwrap_or_default();
        demand::key_state_matters(policy, arn, account, site.plan())
    };
    let open: BTreeSet<String> = own.iter().filter(matters).map(|key| key.key_id.clone()).collect();
    let mut there: Vec<String> = open.iter().cloned().collect();
    kms.describe_key = site
        .each(
            &DESCRIBE_KEY,
            &mut there,
            String::as_str,
            |id| sdk.describe_key().key_id(id).send(),
            |answer| {
                let described = answer.key_metadata.ok_or("an answer without a key")?;
                let state = described.key_state.map(|state| state.as_str().to_owned());
                Ok(DescribedKey { key_metadata: KeyMetadata { key_state: state } })
            },
        )
        .await;
    let there: HashSet<&String> = there.iter().collect();
    own.retain(|key| there.contains(&key.key_id) || !open.contains(&key.key_id));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::model::Outcome;
    use crate::providers::aws::tests::replay::{Asked, Cloud, Said, json_error, ok};

    fn listed(id: &str) -> serde_json::Value {
        json!({"KeyId": id, "KeyArn": format!("arn:aws:kms:us-east-1:123456789012:key/{id}")})
    }

    fn policy(principal: &str) -> Said {
        let statement = json!({"Effect": "Allow", "Principal": {"AWS": principal},
            "Action": "kms:Decrypt", "Resource": "*"});
        let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        ok(json!({"Policy": policy, "PolicyName": "default"}).to_string())
    }

    fn about(asked: &Asked, id: &str) -> bool {
        asked.form.contains(&format!("\"{id}\""))
    }

    fn answer(asked: &Asked) -> Said {
        match asked.what.as_str() {
            "ListKeys" if asked.form.contains("Marker") => {
                let keys = ["gone", "odd", "own", "vanished"].map(listed);
                ok(json!({"Keys": keys, "Truncated": false}).to_string())
            }
            "ListKeys" => {
                let keys = ["open", "denied", "managed"].map(listed);
                ok(json!({"Keys": keys, "Truncated": true, "NextMarker": "more"}).to_string())
            }
            "ListAliases" if asked.form.contains("Marker") => {
                let managed = json!({"AliasName": "alias/aws/ebs", "TargetKeyId": "managed"});
                let later = json!({"AliasName": "alias/aws/rds"});
                ok(json!({"Aliases": [managed, later], "Truncated": false}).to_string())
            }
            "ListAliases" => {
                let own = json!({"AliasName": "alias/open", "TargetKeyId": "open"});
                let answer = json!({"Aliases": [own], "Truncated": true, "NextMarker": "more"});
                ok(answer.to_string())
            }
            "GetKeyPolicy" if about(asked, "open") || about(asked, "vanished") => policy("*"),
            "GetKeyPolicy" if about(asked, "own") || about(asked, "managed") => {
                policy("arn:aws:iam::123456789012:root")
            }
            "GetKeyPolicy" if about(asked, "gone") => json_error(400, "NotFoundException"),
            "GetKeyPolicy" if about(asked, "odd") => ok("{}"),
            "GetKeyPolicy" => json_error(400, "AccessDeniedException"),
            "DescribeKey" if about(asked, "open") => {
                ok(json!({"KeyMetadata": {"KeyId": "open", "KeyState": "Disabled"}}).to_string())
            }
            "DescribeKey" => json_error(400, "NotFoundException"),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn keys_are_read_over_several_pages_and_only_open_ones_are_asked_for_their_state() {
        let cloud = Cloud::new(answer);
        let snapshot = cloud.collect(&["kms"]);
        let kms = &snapshot.regions["us-east-1"].kms;
        let keys = &kms.list_keys.read().expect("a list").keys;
        let ids: Vec<_> = keys.iter().map(|key| key.key_id.as_str()).collect();
        assert_eq!(ids, ["denied", "managed", "odd", "open", "own"], "what is gone is no gap");
        let managed = kms.list_aliases.read().expect("a list").managed_by_aws();
        assert_eq!(managed, ["managed"].into());
        let read: Vec<_> = kms.get_key_policy.keys().collect();
        assert_eq!(read, ["open", "own", "vanished"], "not of the AWS managed key");
        let described: Vec<_> = kms.describe_key.iter().collect();
        let [(id, told)] = described.as_slice() else { panic!("{described:?}") };
        assert_eq!(
            (id.as_str(), told.key_metadata.key_state.as_deref()),
            ("open", Some("Disabled"))
        );
        let asked = cloud.asked();
        assert_eq!((asked["ListAliases"], asked["GetKeyPolicy"], asked["DescribeKey"]), (2, 6, 2));
        let gaps: Vec<_> = snapshot.gaps.iter().map(|gap| (gap.call(), gap.outcome)).collect();
        let call = || "kms:GetKeyPolicy".to_owned();
        assert_eq!(gaps, [(call(), Outcome::Denied), (call(), Outcome::Malformed)]);
    }

    #[test]
    fn without_the_aliases_every_key_is_asked() {
        let cloud = Cloud::new(|asked| match asked.what.as_str() {
            "ListAliases" => json_error(400, "AccessDeniedException"),
            _ => answer(asked),
        });
        let snapshot = cloud.collect(&["kms"]);
        assert_eq!(cloud.asked()["GetKeyPolicy"], 7);
        assert!(snapshot.regions["us-east-1"].kms.get_key_policy.contains_key("managed"));
        let refused = |gap: &&crate::model::Gap| gap.call() == "kms:ListAliases";
        assert_eq!(snapshot.gaps.iter().filter(refused).count(), 1);
    }

    #[test]
    fn a_region_without_keys_costs_one_call_and_a_refused_list_is_one_gap() {
        let cloud = Cloud::new(|_| ok(r#"{"Keys":[],"Truncated":false}"#));
        assert_eq!(cloud.collect(&["kms"]).gaps, []);
        assert_eq!(cloud.asked(), [("ListKeys".to_owned(), 1)].into());
        let cloud = Cloud::new(|_| json_error(400, "AccessDeniedException"));
        let snapshot = cloud.collect(&["kms"]);
        assert!(snapshot.regions["us-east-1"].kms.list_keys.is_unread());
        let gaps: Vec<_> = snapshot.gaps.iter().map(|gap| (gap.call(), gap.outcome)).collect();
        assert_eq!(gaps, [("kms:ListKeys".to_owned(), Outcome::Denied)]);
    }
}
