//! Snapshots and AWS dumps from text.
//!
//! A dump is what an auditor gets: `{"account", "region", "<service>": {"<Operation>": response}}`
//! with responses as the AWS CLI prints them. Both forms come as one JSON object or as several
//! after each other (a file of snapshots holds one per account), by themselves or as the field
//! `inventory` of a larger object, as in files that keep a dump together with notes on it.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::aws::{S3Control, Services};
use super::unknown::{self, Unknown};
use super::{SCHEMA_VERSION, Snapshot};
use crate::model::GLOBAL;

/// Why a text is no inventory.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Not JSON, or a field of the wrong form.
    #[error("line {line}, column {column}: {reason}")]
    Json {
        /// Line of the text, from 1.
        line: usize,
        /// Column of the line, from 1.
        column: usize,
        /// What was expected.
        reason: String,
    },
    /// JSON of another kind.
    #[error("object {index}: {reason}")]
    Form {
        /// Which object of the text, from 1.
        index: usize,
        /// What is missing or wrong.
        reason: String,
    },
    /// What outcrop itself found, and nothing to find something in.
    #[error("object {index}: it is a report and no inventory")]
    Report {
        /// Which object of the text, from 1.
        index: usize,
    },
}

/// Reads every snapshot or dump in `text` and hands each to `with`, so that only one is in memory.
///
/// # Errors
/// When the text is not JSON, a known field has the wrong form, or an object is neither snapshot
/// nor dump. `with` has then seen the objects before it.
pub fn load(text: &str, mut with: impl FnMut(Snapshot)) -> Result<usize, LoadError> {
    let mut count = 0;
    for object in serde_json::Deserializer::from_str(text).into_iter::<Box<RawObject>>() {
        let object = object.map_err(|error| LoadError::Json {
            line: error.line(),
            column: error.column(),
            reason: plain(&error),
        })?;
        count += 1;
        with(object.into_snapshot(count)?);
    }
    if count == 0 {
        return Err(LoadError::Form { index: 1, reason: "the text holds no JSON object".into() });
    }
    Ok(count)
}

/// serde_json's message without the position, which callers print themselves.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// Either form: the marker fields of both, and everything else of each.
#[derive(Deserialize)]
struct RawObject {
    #[serde(default)]
    schema_version: Option<u32>,
    #[serde(default)]
    region: Option<String>,
    #[serde(default)]
    inventory: Option<Box<RawObject>>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl RawObject {
    fn into_snapshot(self, index: usize) -> Result<Snapshot, LoadError> {
        let form = |reason: String| LoadError::Form { index, reason };
        if let Some(inventory) = self.inventory {
            return inventory.into_snapshot(index);
        }
        let mut rest = self.rest;
        // A run, or a line of one (`jsonl`): report/json.rs writes both.
        if rest.contains_key("fingerprint")
            || (rest.contains_key("scan") && rest.contains_key("tool"))
        {
            return Err(LoadError::Report { index });
        }
        let mut unknown = Unknown::default();
        match (self.schema_version, self.region) {
            (Some(SCHEMA_VERSION), None) => {
                unknown::in_snapshot(&rest).map_err(form)?;
                if let Some(Value::Object(global)) = rest.get_mut("global") {
                    unknown::in_services(global, GLOBAL, &mut unknown);
                }
                if let Some(Value::Object(regions)) = rest.get_mut("regions") {
                    for (region, services) in regions {
                        if let Value::Object(services) = services {
                            unknown::in_services(services, region, &mut unknown);
                        }
                    }
                }
                let mut snapshot: Snapshot = serde_json::from_value(Value::Object(rest))
                    .map_err(|error| form(format!("not a snapshot: {error}")))?;
                snapshot.schema_version = SCHEMA_VERSION;
                snapshot.gaps.append(&mut unknown.gaps);
                snapshot.notes = unknown.notes;
                Ok(snapshot)
            }
            (Some(version), None) => Err(form(format!(
                "snapshot version {version} is not {SCHEMA_VERSION}; collect again with this outcrop"
            ))),
            (None, Some(region)) => {
                // What is beside the services says whose they are.
                let whose = ["account", "partition"].map(|key| rest.remove_entry(key));
                unknown::in_services(&mut rest, &region, &mut unknown);
                rest.extend(whose.into_iter().flatten());
                let dump: Dump = serde_json::from_value(Value::Object(rest))
                    .map_err(|error| form(format!("not an AWS dump: {error}")))?;
                Ok(Snapshot {
                    gaps: unknown.gaps,
                    notes: unknown.notes,
                    ..dump.into_snapshot(region)
                })
            }
            _ => Err(form(
                "neither a snapshot (`schema_version`) nor an AWS dump (`account`, `region` and \
                 services)"
                    .into(),
            )),
        }
    }
}

/// An AWS dump: services of one region beside each other.
#[derive(Deserialize)]
struct Dump {
    account: String,
    #[serde(default)]
    partition: Option<String>,
    #[serde(flatten)]
    services: Services,
}

impl Dump {
    /// What is answered for the whole account goes where a scan puts it.
    fn into_snapshot(self, region: String) -> Snapshot {
        let mut services = self.services;
        let mut global = Services {
            iam: std::mem::take(&mut services.iam),
            organizations: std::mem::take(&mut services.organizations),
            s3: std::mem::take(&mut services.s3),
            ..Services::default()
        };
        // Access points are the one part that S3 Control answers region by region.
        let control = &mut services.s3control;
        global.s3control = S3Control {
            list_access_points: std::mem::take(&mut control.list_access_points),
            get_access_point: std::mem::take(&mut control.get_access_point),
            get_access_point_policy: std::mem::take(&mut control.get_access_point_policy),
            get_access_point_policy_status: std::mem::take(
                &mut control.get_access_point_policy_status,
            ),
            ..S3Control::default()
        };
        std::mem::swap(&mut global.s3control, control);
        let partition = self.partition.unwrap_or_else(|| partition_of(&region).to_owned());
        Snapshot {
            schema_version: SCHEMA_VERSION,
            account: self.account,
            partition,
            global,
            regions: [(region, services)].into(),
            ..Snapshot::default()
        }
    }
}

/// Partition by the region's name (AWS General Reference, Amazon Resource Names).
pub(crate) fn partition_of(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Known;

    fn one(text: &str) -> Result<Snapshot, LoadError> {
        let mut found = None;
        load(text, |snapshot| found = Some(snapshot))?;
        Ok(found.expect("load answers at least one snapshot"))
    }

    #[test]
    fn a_dump_is_a_snapshot_of_one_region_and_its_missing_operations_are_unread() {
        let dump = r#"{"account":"123456789012","region":"eu-west-1",
            "ec2":{"DescribeVpcs":{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}]}},
            "s3":{"ListBuckets":{"Buckets":[{"Name":"b"}]},"GetBucketPolicy":{"b":null}}}"#;
        let snapshot = one(dump).expect("a valid dump");
        let ec2 = &snapshot.regions["eu-west-1"].ec2;
        assert_eq!(ec2.describe_vpcs.read().map(|r| r.vpcs.len()), Some(1));
        assert!(ec2.describe_subnets.is_unread());
        let s3 = &snapshot.global.s3;
        assert!(s3.list_buckets.read().is_some(), "S3 answers for the whole account");
        assert_eq!(crate::inventory::aws::s3::about(&s3.get_bucket_policy, "b"), Known::Read(None));
        assert!(snapshot.global.s3control.get_public_access_block.is_unread());
    }

    #[test]
    fn services_and_operations_are_named_as_the_aws_cli_names_them() {
        let dump = r#"{"account":"1","region":"eu-west-1",
            "dms":{"DescribeReplicationInstances":{"ReplicationInstances":[{}]}},
            "eks":{"ListClusters":{"clusters":["k"]},
                   "DescribeCluster":{"k":{"cluster":{"name":"k"}}}},
            "elasticache":{"DescribeCacheClusters":{"CacheClusters":[{"ARN":"a"}]}},
            "kafka":{"ListClustersV2":{"ClusterInfoList":[{"ClusterName":"c"}]}},
            "memorydb":{"DescribeClusters":{"Clusters":[{"ARN":"a"}]}},
            "mq":{"ListBrokers":{"BrokerSummaries":[{"BrokerId":"b"}]},
                  "DescribeBroker":{"b":{"EngineType":"RABBITMQ"}}},
            "rds":{"DescribeDBClusters":{"DBClusters":[{"DBClusterIdentifier":"c"}]}},
            "redshift":{"DescribeClusters":{"Clusters":[{"ClusterIdentifier":"c"}]}},
            "redshift-serverless":{"ListWorkgroups":{"workgroups":[{"workgroupName":"w"}]}}}"#;
        let snapshot = one(dump).expect("a valid dump");
        let text = serde_json::to_string(&snapshot).expect("snapshots serialise");
        assert_eq!(one(&text).expect("and parse"), snapshot);
        let read = &snapshot.regions["eu-west-1"];
        assert_eq!(read.eks.describe_cluster["k"].cluster.name, "k");
        assert_eq!(read.mq.describe_broker["b"].engine_type.as_deref(), Some("RABBITMQ"));
        let lists = [
            read.dms.describe_replication_instances.read().map(|r| r.replication_instances.len()),
            read.elasticache.describe_cache_clusters.read().map(|r| r.cache_clusters.len()),
            read.kafka.list_clusters_v2.read().map(|r| r.cluster_info_list.len()),
            read.memorydb.describe_clusters.read().map(|r| r.clusters.len()),
            read.rds.describe_db_clusters.read().map(|r| r.db_clusters.len()),
            read.redshift.describe_clusters.read().map(|r| r.clusters.len()),
            read.redshift_serverless.list_workgroups.read().map(|r| r.workgroups.len()),
        ];
        assert_eq!(lists, [Some(1); 7]);
        assert!(read.rds.describe_db_instances.is_unread());
    }

    #[test]
    fn a_snapshot_survives_writing_and_reading() {
        let snapshot = one(r#"{"account":"1","region":"cn-north-1","ec2":{"DescribeVpcs":{}}}"#)
            .expect("a valid dump");
        assert_eq!(snapshot.partition, "aws-cn");
        let text = serde_json::to_string(&snapshot).expect("snapshots serialise");
        assert_eq!(one(&text).expect("and parse"), snapshot);
    }

    #[test]
    fn an_inventory_may_be_kept_together_with_notes_on_it() {
        let kept = r#"{"id":"a case","inventory":{"account":"1","region":"eu-west-1"}}"#;
        assert_eq!(one(kept).expect("the inventory").account, "1");
    }

    #[test]
    fn several_objects_are_several_accounts() {
        let mut accounts = Vec::new();
        let text = r#"{"account":"1","region":"eu-west-1"} {"account":"2","region":"eu-west-1"}"#;
        load(text, |s| accounts.push(s.account)).expect("two dumps");
        assert_eq!(accounts, ["1", "2"]);
    }

    #[test]
    fn what_is_no_inventory_is_refused_with_its_place() {
        let broken = one("{\n \"account\": }").expect_err("broken JSON");
        assert!(broken.to_string().starts_with("line 2, column 13"), "{broken}");
        let other = one(r#"{"a":1}"#).expect_err("another kind of JSON");
        assert!(other.to_string().contains("neither a snapshot"), "{other}");
        let old = one(r#"{"schema_version":99}"#).expect_err("a newer snapshot");
        assert!(old.to_string().contains("version 99"), "{old}");
        let wrong = one(r#"{"account":"1","region":"r","ec2":{"DescribeVpcs":{"Vpcs":7}}}"#)
            .expect_err("a field of the wrong form");
        assert!(wrong.to_string().contains("expected a sequence"), "{wrong}");
        assert!(one("").is_err());
    }
}
