//! A sample of a bucket's objects, and who is granted what on each. Names are read, never contents.

use std::collections::BTreeMap;

use aws_sdk_s3::Client;

use super::convert;
use crate::analysis::aws::demand::s3::grants_to_a_group;
use crate::inventory::aws::calls;
use crate::inventory::aws::s3::{Acl, Object, Objects};
use crate::model::Known;
use crate::providers::aws::transport::site::{Gone, Site};

/// Folders of a bucket that a sample looks into: keys come in alphabetical order, and the first
/// thousand of a large bucket may all be of one kind.
const FOLDERS: usize = 10;

/// Objects that were looked at.
#[derive(Debug, Default)]
pub(crate) struct Sampled {
    /// Which ones.
    pub(crate) objects: Objects,
    /// Their ACLs by key; missing is unread.
    pub(crate) acls: BTreeMap<String, Acl>,
}

impl Sampled {
    /// True when something is granted to a group: all users, or all AWS accounts.
    pub(crate) fn names_a_group(&self) -> bool {
        self.acls.values().any(grants_to_a_group)
    }
}

/// Looks at up to `most` objects, spread over the bucket's folders.
pub(super) async fn sample(
    client: &Client,
    site: &Site,
    bucket: &str,
    most: usize,
) -> Result<Known<Sampled>, Gone> {
    let Known::Read(top) = list(client, site, bucket, None).await? else {
        return Ok(Known::Unread);
    };
    let mut keys = top.keys;
    let mut truncated = top.more;
    truncated |= top.folders.len() > FOLDERS;
    for folder in spread(top.folders, FOLDERS) {
        let Known::Read(inside) = list(client, site, bucket, Some(&folder)).await? else {
            return Ok(Known::Unread);
        };
        truncated |= inside.more;
        keys.extend(inside.keys);
    }
    truncated |= keys.len() > most;
    let asked = site.gather(spread(keys, most), |key| async move {
        let call = client.get_object_acl().bucket(bucket).key(&key).send();
        // Objects of one bucket are refused for one reason: one gap for all of them.
        let declared = &calls::s3::GET_OBJECT_ACL;
        let acl = site.find(declared, Some(bucket), call, convert::object_acl).await?;
        Ok((key, acl.into_option().flatten()))
    });
    let mut sampled = Sampled::default();
    for (key, acl) in asked.await {
        if let Some(acl) = acl {
            sampled.acls.insert(key.clone(), acl);
        }
        sampled.objects.contents.push(Object { key });
    }
    sampled.objects.contents.sort_by(|a, b| a.key.cmp(&b.key));
    sampled.objects.is_truncated = truncated;
    Ok(Known::Read(sampled))
}

/// One page of keys.
struct Page {
    keys: Vec<String>,
    folders: Vec<String>,
    more: bool,
}

/// The first page of the top of a bucket, or of everything below a folder.
async fn list(
    client: &Client,
    site: &Site,
    bucket: &str,
    folder: Option<&str>,
) -> Result<Known<Page>, Gone> {
    let call = client
        .list_objects_v2()
        .bucket(bucket)
        .set_prefix(folder.map(str::to_owned))
        .set_delimiter(folder.is_none().then(|| "/".to_owned()))
        .send();
    let answer = site.find(&calls::s3::LIST_OBJECTS_V2, Some(bucket), call, |answer| {
        // S3 always says how many keys an answer holds (S3 API reference, ListObjectsV2).
        if answer.key_count.is_none() && answer.name.is_none() {
            return Err("an answer without a list");
        }
        let objects = answer.contents.unwrap_or_default().into_iter();
        let folders = answer.common_prefixes.unwrap_or_default().into_iter();
        Ok(Page {
            more: answer.is_truncated.unwrap_or_default(),
            // A folder that a console made is an empty object.
            keys: objects.filter_map(|object| object.key).collect(),
            folders: folders.filter_map(|prefix| prefix.prefix).collect(),
        })
    });
    Ok(answer.await?.into_option().flatten().into())
}

/// At most `most` of them, evenly spaced, the first among them: the same ones for the same list.
fn spread(all: Vec<String>, most: usize) -> Vec<String> {
    let count = all.len();
    if count <= most {
        return all;
    }
    let wanted = (0..most).map(|n| n * count / most);
    let mut wanted = wanted.peekable();
    let chosen = all.into_iter().enumerate().filter(|(n, _)| wanted.next_if_eq(n).is_some());
    chosen.map(|(_, key)| key).collect()
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn a_sample_is_spread_over_the_list_and_always_the_same() {
        let keys: Vec<String> = (0..10).map(|n| n.to_string()).collect();
        assert_eq!(spread(keys.clone(), 3), ["0", "3", "6"]);
        assert_eq!(spread(keys.clone(), 10), keys);
        assert_eq!(spread(keys.clone(), 99), keys);
        assert!(spread(keys, 0).is_empty());
    }
}
