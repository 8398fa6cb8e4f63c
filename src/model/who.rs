//! Who gets in by a way that is open.
//!
//! In JSON each is the word that it has always been: `anyone`, `account:123456789012`. Words of a
//! later version are kept as they are, so that a saved run is not changed by being read.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Arn;

/// Somebody, or everybody of a kind, from outside; widest first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// Anyone, without credentials.
    Anyone,
    /// Anyone with an AWS account.
    AnyAws,
    /// Anyone with an account at an identity provider.
    Federated,
    /// An account.
    Account(String),
    /// One principal.
    Principal(String),
    /// An organization.
    Org(String),
    /// An account by canonical id.
    Canonical(String),
    /// A user or role by unique id.
    Unique(String),
    /// A source, by ARN, whose owner is not known.
    Source(String),
    /// Identities of a provider that a claim pins.
    Provider(String),
    /// A service of the provider.
    Service(String),
    /// A word that this version does not know.
    Other(String),
}

impl Who {
    /// As written in reports.
    pub fn text(&self) -> String {
        self.to_string()
    }

    /// The account that is named, by itself or as the owner of the principal that is.
    pub fn account(&self) -> Option<&str> {
        match self {
            Who::Account(id) => Some(id),
            Who::Principal(arn) => Some(Arn::parse(arn)?.account),
            _ => None,
        }
    }
}

impl From<&str> for Who {
    fn from(text: &str) -> Who {
        match text {
            "anyone" => return Who::Anyone,
            "any-aws" => return Who::AnyAws,
            "federated" => return Who::Federated,
            _ => {}
        }
        let Some((kind, id)) = text.split_once(':') else { return Who::Other(text.to_owned()) };
        let id = id.to_owned();
        match kind {
            "account" => Who::Account(id),
            "principal" => Who::Principal(id),
            "org" => Who::Org(id),
            "canonical" => Who::Canonical(id),
            "unique" => Who::Unique(id),
            "bucket" => Who::Source(id),
            "provider" => Who::Provider(id),
            "service" => Who::Service(id),
            _ => Who::Other(text.to_owned()),
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, id) = match self {
            Who::Anyone => return f.write_str("anyone"),
            Who::AnyAws => return f.write_str("any-aws"),
            Who::Federated => return f.write_str("federated"),
            Who::Other(text) => return f.write_str(text),
            Who::Account(id) => ("account", id),
            Who::Principal(arn) => ("principal", arn),
            Who::Org(id) => ("org", id),
            Who::Canonical(id) => ("canonical", id),
            Who::Unique(id) => ("unique", id),
            Who::Source(arn) => ("bucket", arn),
            Who::Provider(host) => ("provider", host),
            Who::Service(name) => ("service", name),
        };
        write!(f, "{kind}:{id}")
    }
}

impl Serialize for Who {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// All who get in by one way: in JSON one text, with commas between several.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Audience(Vec<Who>);

impl Audience {
    /// Whether nobody is named: the finding is about something else than getting in.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them, in the order of the text.
    pub fn iter(&self) -> impl Iterator<Item = &Who> {
        self.0.iter()
    }

    /// The widest of them.
    pub fn widest(&self) -> Option<&Who> {
        self.0.iter().min()
    }
}

impl From<Who> for Audience {
    fn from(who: Who) -> Audience {
        Audience(vec![who])
    }
}

impl From<Option<Who>> for Audience {
    fn from(who: Option<Who>) -> Audience {
        Audience(who.into_iter().collect())
    }
}

impl From<&str> for Audience {
    /// A comma divides only where a known word stands on either side of it: names of principals
    /// may hold commas as well (IAM API reference, CreateRole: `[\w+=,.@-]+`).
    fn from(text: &str) -> Audience {
        if text.is_empty() {
            return Audience::default();
        }
        let all: Vec<Who> = text.split(',').map(|one| Who::from(one.trim())).collect();
        match all.iter().any(|who| matches!(who, Who::Other(_))) {
            true => Audience(vec![Who::from(text)]),
            false => Audience(all),
        }
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, who) in self.0.iter().enumerate() {
            let comma = if n > 0 { ", " } else { "" };
            write!(f, "{comma}{who}")?;
        }
        Ok(())
    }
}

impl Serialize for Audience {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Audience, D::Error> {
        Ok(Audience::from(&*Cow::<'_, str>::deserialize(deserializer)?))
    }
}

impl JsonSchema for Audience {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Audience".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_survives_a_round_trip_known_or_not() {
        for text in [
            "",
            "anyone",
            "any-aws",
            "federated",
            "account:123456789012",
            "principal:arn:aws:iam::123456789012:role/a,b",
            "org:o-a1b2c3d4e5",
            "canonical:79a5",
            "unique:AROAEXAMPLEROLEID12345",
            "bucket:arn:aws:s3:::b",
            "provider:token.actions.githubusercontent.com",
            "service:sns.amazonaws.com",
            "account:1, org:o-1",
            "anything, of a later version",
            "planet:earth",
        ] {
            let read = Audience::from(text);
            assert_eq!(read.to_string(), text);
            let json = serde_json::to_string(&read).expect("a text");
            assert_eq!(serde_json::from_str::<Audience>(&json).expect("a text"), read);
        }
    }

    #[test]
    fn only_words_that_are_known_are_told_apart_by_commas() {
        let named = |text: &str| Audience::from(text).iter().cloned().collect::<Vec<_>>();
        let two = vec![Who::Account("1".into()), Who::Org("o-1".into())];
        assert_eq!(named("account:1,org:o-1"), two);
        assert_eq!(named("account:1, friends"), vec![Who::Account("1, friends".into())]);
        assert_eq!(Audience::from("org:o-1, any-aws").widest(), Some(&Who::AnyAws));
    }

    #[test]
    fn the_account_of_a_principal_is_that_of_its_arn() {
        let account = |text: &str| Who::from(text).account().map(str::to_owned);
        assert_eq!(
            account("principal:arn:aws:iam::123456789012:root").as_deref(),
            Some("123456789012")
        );
        assert_eq!(account("account:1").as_deref(), Some("1"));
        assert_eq!(account("principal:nobody"), None);
        assert_eq!(account("anyone"), None);
    }
}
