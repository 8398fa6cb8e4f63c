//! Amazon Resource Names, taken apart here and nowhere else.

use std::fmt;

/// The parts of an ARN: `arn:partition:service:region:account:resource` (AWS General Reference,
/// Amazon Resource Names). Those that a kind of resource does not use are empty, as region and
/// account are in the ARNs of buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov` or another partition.
    pub partition: &'a str,
    /// Namespace of the service, for instance `elasticloadbalancing`.
    pub service: &'a str,
    /// Region, empty for what is named for the whole account or world.
    pub region: &'a str,
    /// Account, empty where the name alone is unique.
    pub account: &'a str,
    /// All the rest, colons and slashes included.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Takes `text` apart; `None` where it has not all the parts.
    pub fn parse(text: &'a str) -> Option<Arn<'a>> {
        let mut parts = text.strip_prefix("arn:")?.splitn(5, ':');
        let mut next = || parts.next();
        Some(Arn {
            partition: next()?,
            service: next()?,
            region: next()?,
            account: next()?,
            resource: next()?,
        })
    }

    /// The same of a pattern, whose parts may hold wildcards and of which the end may be missing.
    pub(super) fn of_pattern(text: &'a str) -> Option<Arn<'a>> {
        let mut parts = text.strip_prefix("arn:")?.splitn(5, ':');
        let mut next = || parts.next().unwrap_or_default();
        Some(Arn {
            partition: next(),
            service: next(),
            region: next(),
            account: next(),
            resource: next(),
        })
    }
}

impl fmt::Display for Arn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Arn { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_put_together_as_it_was_taken_apart() {
        for text in [
            "arn:aws:s3:::bucket/key:with:colons",
            "arn:aws-cn:rds:cn-north-1:123456789012:db:name",
            "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/a/b",
            "arn:::::",
        ] {
            assert_eq!(Arn::parse(text).expect(text).to_string(), text);
        }
        let bucket = Arn::parse("arn:aws:s3:::b").expect("an ARN");
        assert_eq!((bucket.region, bucket.account, bucket.resource), ("", "", "b"));
        for text in ["", "b", "arn:aws:s3", "urn:a:b:c:d:e", "arn:aws:rds:us-east-1:1"] {
            assert_eq!(Arn::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_pattern_may_end_early() {
        let arn = Arn::of_pattern("arn:aws:rds:us-*:1111*").expect("one of an ARN");
        assert_eq!((arn.region, arn.account, arn.resource), ("us-*", "1111*", ""));
        assert_eq!(Arn::of_pattern("*web*"), None);
    }
}
