//! What differs between providers where findings are told: how they name things, and where a
//! person looks at one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Arn;

/// A cloud provider.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Amazon Web Services; what snapshots and runs are of that do not say.
    #[default]
    Aws,
}

impl Provider {
    /// All of them.
    pub const ALL: [Provider; 1] = [Provider::Aws];

    /// The word used in runs, and the first part of kinds of resources.
    pub fn as_str(self) -> &'static str {
        match self {
            Provider::Aws => "aws",
        }
    }

    /// Its name in front of people.
    pub fn title(self) -> &'static str {
        match self {
            Provider::Aws => "AWS",
        }
    }

    /// What it calls the `uid` of a resource.
    pub fn uid_name(self) -> &'static str {
        match self {
            Provider::Aws => "ARN",
        }
    }

    /// The provider whose uids start as `uid` does, be it a whole one or a pattern.
    pub fn naming(uid: &str) -> Option<Provider> {
        uid.starts_with("arn:").then_some(Provider::Aws)
    }

    /// Address of the console's page about a resource, up to where its `uid` goes.
    pub fn console(self, partition: &str) -> Option<&'static str> {
        match self {
            // The deep link by ARN exists in the commercial partition.
            Provider::Aws => {
                (partition == "aws").then_some("https://console.aws.amazon.com/go/view?arn=")
            }
        }
    }

    /// What an id says of its kind, where it does: at AWS those of EC2 start with it (`i-`, `pl-`)
    /// and end in hexadecimal digits (EC2 user guide, Resource IDs).
    pub fn kind_of_id(self, id: &str) -> Option<&str> {
        match self {
            Provider::Aws => {
                let (kind, rest) = id.split_once('-')?;
                let digits = rest.len() >= 8 && rest.chars().all(|c| c.is_ascii_hexdigit());
                digits.then_some(kind)
            }
        }
    }
}

/// The place that stands in a `uid`, as far as it does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Location<'a> {
    /// Its region.
    pub region: Option<&'a str>,
    /// Its account.
    pub account: Option<&'a str>,
}

impl<'a> Location<'a> {
    /// Where everything is that `pattern` means, a `uid` whose parts may hold wildcards. Buckets
    /// and others have an empty part there, which says nothing.
    pub fn of_pattern(pattern: &'a str) -> Location<'a> {
        let Some(arn) = Arn::of_pattern(pattern) else { return Location::default() };
        let told = |part: &'a str| (!part.is_empty()).then_some(part);
        Location { region: told(arn.region), account: told(arn.account) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_says_where_its_resources_are_or_nothing() {
        let of = |pattern| {
            let place = Location::of_pattern(pattern);
            (place.region, place.account)
        };
        assert_eq!(of("arn:aws:rds:us-*:1111*:db:x"), (Some("us-*"), Some("1111*")));
        assert_eq!(of("arn:aws:rds:us-east-1"), (Some("us-east-1"), None));
        assert_eq!(of("arn:aws:s3:::b"), (None, None));
        assert_eq!(of("*:b"), (None, None));
    }

    #[test]
    fn ids_of_ec2_say_what_they_are() {
        let kind = |id| Provider::Aws.kind_of_id(id);
        assert_eq!(kind("i-0a1b2c3d4e5f60718"), Some("i"));
        assert_eq!(kind("pl-12345678"), Some("pl"));
        assert_eq!(kind("my-bucket"), None);
    }
}
