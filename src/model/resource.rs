//! The thing that a finding is about.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Arn, Provider};

/// Region of what belongs to the whole account: the name that the provider's tools know.
pub const GLOBAL: &str = "aws-global";

/// Names one resource of one account.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "Written")]
pub struct Resource {
    /// Its name among all resources of all providers, whatever the machine or the run: at AWS the
    /// ARN.
    pub uid: String,
    /// Amazon Resource Name; absent at other providers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// Kind in outcrop's terms, for instance `aws.s3.bucket`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The id the provider's tools take, for instance a bucket name or `i-…`.
    pub id: String,
    /// The name people gave it (tag `Name`), where that differs from the id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Region, or `aws-global` for what has none.
    pub region: String,
    /// Account that owns it.
    pub account: String,
    /// Whose it is.
    #[serde(skip)]
    pub provider: Provider,
    /// The provider's separate world that it is in, for instance `aws-cn`; empty where its uid
    /// does not tell.
    #[serde(skip)]
    pub partition: String,
    /// Its service as ARNs name it, for instance `elasticloadbalancing`; empty where its uid does
    /// not tell. Calls have names of their own for some (`elbv2`).
    #[serde(skip)]
    pub service: String,
    /// Whether only its region knows it, as its ARN then says (AWS General Reference, Amazon
    /// Resource Names); buckets and accounts are known everywhere.
    #[serde(skip)]
    pub regional: bool,
}

/// As it is read: runs that were saved before there was a `uid` have none.
#[derive(Deserialize, JsonSchema)]
struct Written {
    uid: Option<String>,
    arn: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    id: String,
    name: Option<String>,
    region: String,
    account: String,
}

impl TryFrom<Written> for Resource {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Resource, &'static str> {
        let Written { uid, arn, kind, id, name, region, account } = written;
        let Some(uid) = uid.or_else(|| arn.clone()) else { return Err("missing field `uid`") };
        let mut read = Resource { arn, name, ..Resource::unnamed(&kind, &id, &region, &account) };
        read.name_by(uid);
        Ok(read)
    }
}

impl Resource {
    /// A resource of AWS.
    pub fn of_arn(arn: &str, kind: &str, id: &str, region: &str, account: &str) -> Resource {
        Resource::unnamed(kind, id, region, account).with_arn(arn)
    }

    /// The same under the ARN that AWS itself tells.
    #[must_use]
    pub fn with_arn(mut self, arn: &str) -> Resource {
        self.arn = Some(arn.to_owned());
        self.name_by(arn.to_owned());
        self
    }

    fn unnamed(kind: &str, id: &str, region: &str, account: &str) -> Resource {
        Resource {
            uid: String::new(),
            arn: None,
            kind: kind.to_owned(),
            id: id.to_owned(),
            name: None,
            region: region.to_owned(),
            account: account.to_owned(),
            provider: Provider::default(),
            partition: String::new(),
            service: String::new(),
            regional: false,
        }
    }

    /// Takes `uid` as its name, with all that it tells.
    fn name_by(&mut self, uid: String) {
        let arn = Arn::parse(&uid);
        self.provider = Provider::naming(&uid).unwrap_or_default();
        self.partition = arn.map(|arn| arn.partition.to_owned()).unwrap_or_default();
        self.service = arn.map(|arn| arn.service.to_owned()).unwrap_or_default();
        self.regional = arn.is_some_and(|arn| !arn.region.is_empty());
        self.uid = uid;
    }

    /// Address of the console's page about it, up to where its `uid` goes.
    pub fn console(&self) -> Option<&'static str> {
        self.provider.console(&self.partition)
    }

    /// Its kind without the provider, for instance `s3.bucket`.
    pub fn local_kind(&self) -> &str {
        let kind = self.kind.strip_prefix(self.provider.as_str());
        kind.and_then(|kind| kind.strip_prefix('.')).unwrap_or(&self.kind)
    }

    /// The family that its kind belongs to, for instance `s3`.
    pub fn family(&self) -> &str {
        self.local_kind().split('.').next().unwrap_or_default()
    }

    /// What its kind is within the family, for instance `bucket`.
    pub fn noun(&self) -> &str {
        self.kind.rsplit('.').next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Resource {
        serde_json::from_str(text).expect("a resource")
    }

    #[test]
    fn a_resource_that_was_saved_without_uid_has_its_arn_for_one() {
        let arn = "arn:aws-cn:rds:cn-north-1:1:db:d";
        let old = format!(
            r#"{{"arn":"{arn}","type":"aws.rds.instance","id":"d","region":"cn-north-1","account":"1"}}"#
        );
        let old = read(&old);
        assert_eq!(old, Resource::of_arn(arn, "aws.rds.instance", "d", "cn-north-1", "1"));
        assert_eq!(old.uid, arn);
        assert_eq!((&*old.partition, &*old.service, old.regional), ("aws-cn", "rds", true));
        assert_eq!(
            (old.local_kind(), old.family(), old.noun()),
            ("rds.instance", "rds", "instance")
        );
        let again = read(&serde_json::to_string(&old).expect("JSON"));
        assert_eq!(again, old);
    }

    #[test]
    fn a_resource_needs_a_name() {
        let nameless = r#"{"type":"aws.s3.bucket","id":"b","region":"r","account":"1"}"#;
        let error = serde_json::from_str::<Resource>(nameless).expect_err("no name");
        assert!(error.to_string().contains("uid"), "{error}");
    }

    #[test]
    fn whatever_the_provider_a_uid_is_a_name() {
        let other = r#"{"uid":"//x/y","type":"gcp.sql","id":"y","region":"r","account":"1"}"#;
        let other = read(other);
        assert_eq!((&*other.uid, other.arn.as_deref(), other.console()), ("//x/y", None, None));
        assert!(!serde_json::to_string(&other).expect("JSON").contains("arn"));
    }
}
