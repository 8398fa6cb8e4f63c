//! Patterns of ARNs: the account that one names, and ARNs that match it.
//!
//! `ArnEquals` and `ArnLike` compare the six fields of an ARN each by itself; text operators compare
//! the whole, so that a star runs over colons (IAM user guide, "ARN condition operators"). Then an
//! account behind a star is in its place only where no resource of the service can have a colon.

use super::common::common;
use super::fresh::Fresh;
use super::glob::{Glob, Token};
use super::principal::{is_account, is_identifier};

/// A pattern that ARNs are compared with.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ArnPattern {
    /// The whole of it.
    pub glob: Glob,
    /// Compared field by field.
    pub by_field: bool,
}

/// Services whose resources may have more than one colon in their part of the ARN: what it looks
/// like, and how many parts it has at most. All others have `name` or `type:name` (service
/// authorization reference, resource types of each service). Where a name of the account's choice
/// may hold a colon there is no end.
const WITH_COLONS: &[(&str, &str, usize)] = &[
    // An alarm's name is any text (CloudWatch API reference, PutMetricAlarm: AlarmName).
    ("cloudwatch", "alarm:?*", usize::MAX),
    // `log-group:NAME:log-stream:NAME`, `log-group:NAME:*`.
    ("logs", "log-group:?*", usize::MAX),
    // Policies of groups (EC2 Auto Scaling API reference, PutScalingPolicy: PolicyName).
    ("autoscaling", "scalingPolicy:?*", usize::MAX),
    // The path of a request (API Gateway developer guide, resource path parts take a colon).
    ("execute-api", "?*/?*", usize::MAX),
    // Names of things hold colons (IoT API reference, CreateThing: `[a-zA-Z0-9:_-]+`).
    ("iot", "thing/?*", usize::MAX),
    // Paths of users and roles are any printable text (IAM API reference, CreateUser: Path).
    ("iam", "user/?*/?*", usize::MAX),
    // `function:NAME:ALIAS`, `layer:NAME:VERSION`.
    ("lambda", "function:?*", 3),
    // `execution:MACHINE:NAME`, `express:MACHINE:NAME:ID`.
    ("states", "execution:?*", 4),
];

/// Whether a resource of the service can have this part behind its account: what stands before the
/// first colon is a word of the service, or a path.
fn can_be_resource(service: &str, resource: &str) -> bool {
    const USUAL: usize = 2;
    let row = WITH_COLONS.iter().find(|(name, ..)| *name == service);
    let most = row.map_or(USUAL, |(_, _, parts)| *parts);
    match resource.split_once(':') {
        None => true,
        Some((first, _)) => {
            let is_word = |c: char| c.is_alphabetic() || c == '-';
            (first.contains('/') || first.chars().all(is_word))
                && resource.split(':').count() <= most
        }
    }
}

/// The account field: any twelve digits.
pub fn any_account() -> Glob {
    Glob::from_tokens([Token::Digit; 12])
}

/// Partition, service and region of an ARN.
pub type Head = [String; 3];

impl ArnPattern {
    /// Compared as a whole.
    pub fn whole(glob: Glob) -> ArnPattern {
        ArnPattern { glob, by_field: false }
    }

    /// The account in the fifth field, where that is one account. Whether ARNs of other accounts
    /// match all the same, [`is_stretchable`](ArnPattern::is_stretchable) tells.
    pub fn account(&self) -> Option<String> {
        let parts = self.glob.arn_parts()?;
        parts[4].literal().filter(|account| is_account(account)).map(str::to_owned)
    }

    /// Whether a wildcard in front of the fifth field's end can stand for other fields.
    pub fn is_stretchable(&self) -> bool {
        const FIELDS: usize = 5;
        !self.by_field
            && self.glob.literal().is_none()
            && self.glob.fixed_prefix().matches(':').count() < FIELDS
    }

    /// Partition, service and region that ARNs matching the pattern can have: its own where it has
    /// no wildcard there, else usual ones that fit.
    pub fn head(&self) -> Head {
        const PARTITIONS: &[&str] = &["aws", "aws-cn", "aws-us-gov"];
        const SERVICES: &[&str] =
            &["sns", "s3", "sqs", "events", "lambda", "cloudwatch", "logs", "kms", "iam", "sts"];
        const REGIONS: &[&str] = &[
            "us-east-1",
            "us-west-2",
            "eu-west-1",
            "eu-central-1",
            "ap-southeast-1",
            "ap-northeast-1",
            "ca-central-1",
            "sa-east-1",
            "me-south-1",
            "af-south-1",
            "il-central-1",
            "mx-central-1",
            "cn-north-1",
            "us-gov-west-1",
            "",
        ];
        let parts = self.glob.arn_parts();
        // A star in front may stand for several fields; what is before it counts nevertheless.
        let before: Vec<&str> = self.glob.fixed_prefix().split(':').collect();
        let field = |index: usize, usual: &[&str]| {
            let own = parts.as_ref().map(|parts| &parts[index]);
            if let Some(whole) = own.and_then(Glob::literal) {
                return whole.to_owned();
            }
            if let Some(complete) = before.get(index).filter(|_| index + 1 < before.len()) {
                return (*complete).to_owned();
            }
            let fits = |one: &&&str| own.is_none_or(|own| own.matches(one));
            usual.iter().find(fits).unwrap_or(&usual[0]).to_string()
        };
        [field(1, PARTITIONS), field(2, SERVICES), field(3, REGIONS)]
    }

    /// ARNs that match, of an account's resources of whatever kind: of the service in the pattern's
    /// place, and of one whose names hold colons, where a star can stand for the service and for
    /// what is behind it.
    pub fn resources(&self, account: &Glob, fresh: &Fresh) -> Vec<String> {
        let head = self.head();
        let mut found = self.arns(&head, account, "?*", fresh);
        if self.is_stretchable() {
            let is_wild = self.glob.fixed_prefix().matches(':').count() < 3;
            let service = if is_wild { "cloudwatch" } else { head[1].as_str() };
            let row = WITH_COLONS.iter().find(|(name, ..)| *name == service);
            if let Some((_, shape, _)) = row {
                let head = [head[0].clone(), service.to_owned(), head[2].clone()];
                found.extend(self.arns(&head, account, shape, fresh));
            }
        }
        found
    }

    /// ARNs that match, of an account and with a resource of these shapes. None of a resource that
    /// the service cannot have.
    pub fn arns(&self, head: &Head, account: &Glob, resource: &str, fresh: &Fresh) -> Vec<String> {
        arns(&[self], head, account, resource, fresh)
    }
}

/// ARNs that match all of one or two patterns, as [`ArnPattern::arns`].
pub fn arns(
    patterns: &[&ArnPattern],
    head: &Head,
    account: &Glob,
    resource: &str,
    fresh: &Fresh,
) -> Vec<String> {
    let [partition, service, region] = head;
    let mut found = match patterns.iter().all(|pattern| pattern.by_field) {
        true => by_fields(patterns, head, account, &Glob::pattern(resource), fresh),
        false => {
            let front = format!("arn:{partition}:{service}:{region}:");
            let front = front.chars().map(Token::Char);
            let back = Glob::pattern(&format!(":{resource}"));
            let shape = front.chain(account.tokens().iter().copied());
            let shape = Glob::from_tokens(shape.chain(back.tokens().iter().copied()));
            let mut all: Vec<&Glob> = patterns.iter().map(|pattern| &pattern.glob).collect();
            all.push(&shape);
            common(&all, fresh)
        }
    };
    found.retain(|arn| {
        let mut fields = arn.splitn(6, ':').skip(4);
        let whose = fields.next().is_some_and(|field| account.matches(field));
        let resource = fields.next().unwrap_or_default();
        whose && is_identifier(arn) && can_be_resource(service, resource)
    });
    found
}

fn by_fields(
    patterns: &[&ArnPattern],
    head: &Head,
    account: &Glob,
    resource: &Glob,
    fresh: &Fresh,
) -> Vec<String> {
    let parts: Option<Vec<[Glob; 6]>> =
        patterns.iter().map(|pattern| pattern.glob.arn_parts()).collect();
    let Some(parts) = parts else { return Vec::new() };
    let characters = patterns.iter().map(|pattern| pattern.glob.tokens().len()).sum();
    if !fresh.budget.states(characters) {
        return Vec::new();
    }
    let [partition, service, region] = head;
    let fixed = ["arn", partition, service, region];
    let fits = |own: &[Glob; 6]| own.iter().zip(fixed).all(|(glob, field)| glob.matches(field));
    if !parts.iter().all(fits) {
        return Vec::new();
    }
    let with = |index: usize, shape: &Glob| {
        let all: Vec<&Glob> = parts.iter().map(|own| &own[index]).chain([shape]).collect();
        common(&all, fresh)
    };
    let Some(account) = with(4, account).into_iter().next() else { return Vec::new() };
    let resources = with(5, resource).into_iter();
    resources
        .map(|resource| format!("arn:{partition}:{service}:{region}:{account}:{resource}"))
        .collect()
}

/// The account that alone can create a bucket of this name: one of its regional namespace, called
/// `<prefix>-<account>-<region>-an` (S3 user guide, "Namespaces for general purpose buckets"). The
/// last such ending counts.
pub fn bucket_account(name: &str) -> Option<&str> {
    let rest = name.strip_suffix("-an")?;
    let places = rest.rmatch_indices('-');
    places.map(|(at, _)| at).find_map(|at| {
        let account = rest.get(at + 1..at + 13).filter(|id| is_account(id))?;
        let region = rest.get(at + 13..)?.strip_prefix('-')?;
        is_region(region).then_some(account)
    })
}

/// `us-east-1`, `us-gov-west-1`.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [first, middle @ .., last] = &parts[..] else { return false };
    let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    !middle.is_empty()
        && [first].into_iter().chain(middle).all(is_word)
        && !last.is_empty()
        && last.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::aws::policy::budget::Budget;

    fn found(pattern: &str, by_field: bool, account: &Glob) -> Vec<String> {
        let pattern = ArnPattern { glob: Glob::pattern(pattern), by_field };
        let fresh = Fresh::new('z', 4, &Budget::full(0));
        pattern.resources(account, &fresh)
    }

    #[test]
    fn an_account_behind_a_star_is_in_its_place_where_names_hold_no_colon() {
        let stranger = Glob::exact("666666666666");
        for (pattern, by_field, open) in [
            ("arn:aws:cloudwatch:*:111122223333:alarm:*", false, true),
            ("arn:aws:cloudwatch:*:111122223333:alarm:*", true, false),
            ("arn:aws:cloudwatch:us-east-1:111122223333:alarm:*", false, false),
            ("arn:aws:logs:*:111122223333:*", false, true),
            ("arn:aws:sns:*:111122223333:*", false, false),
            ("arn:aws:lambda:*:111122223333:*", false, true),
            ("arn:aws:lambda:*:111122223333:function:*", false, false),
            ("arn:aws:iam::111122223333:role/*", false, false),
            ("arn:aws:sns:eu-*:*:news", true, true),
            ("arn:aws:sns:eu-*:*:news", false, true),
            ("*", true, false),
        ] {
            let found = found(pattern, by_field, &stranger);
            assert_eq!(!found.is_empty(), open, "{pattern} {by_field}: {found:?}");
        }
    }

    #[test]
    fn a_partly_wild_account_is_that_of_many() {
        for (pattern, by_field, expected) in [
            ("arn:aws:iam::4444*:role/*", true, "444477777777"),
            ("arn:aws:iam::4444*:role/*", false, "444477777777"),
            ("arn:aws:iam::*6666:*", true, "777777776666"),
            ("arn:aws:iam::44445555666?:role/x", true, "444455556667"),
        ] {
            let all = found(pattern, by_field, &any_account());
            let accounts: Vec<&str> = all.iter().filter_map(|arn| arn.split(':').nth(4)).collect();
            assert!(accounts.contains(&expected), "{pattern} {by_field}: {all:?}");
        }
    }

    #[test]
    fn a_bucket_of_an_account_says_so_at_its_end() {
        for (name, expected) in [
            ("logs-444455556666-us-east-1-an", Some("444455556666")),
            ("logs-444455556666-us-gov-west-1-an", Some("444455556666")),
            ("logs-111122223333-x-999988887777-us-east-1-an", Some("999988887777")),
            ("logs-44445555666-us-east-1-an", None),
            ("logs-444455556666-us-east-1", None),
            ("444455556666-us-east-1-an", None),
            ("logs-444455556666-zzzz-an", None),
        ] {
            assert_eq!(bucket_account(name), expected, "{name}");
        }
    }
}
