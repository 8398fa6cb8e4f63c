//! Whether a fact was read: the difference between "there is none" and "nobody could look".

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A fact that a provider was asked for.
///
/// Absent on the provider's side is an answer, so it is `Read` (of `None` or of an empty list).
/// `Unread` means that no answer was had: the call was refused, failed, or was not made. In JSON
/// an unread fact is a missing field, hence every `Known` field carries
/// `#[serde(default, skip_serializing_if = "Known::is_unread")]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Known<T> {
    /// No answer was had.
    #[default]
    Unread,
    /// The provider's answer.
    Read(T),
}

impl<T> Known<T> {
    /// True when no answer was had.
    pub fn is_unread(&self) -> bool {
        matches!(self, Known::Unread)
    }

    /// The answer, if there is one.
    pub fn read(&self) -> Option<&T> {
        match self {
            Known::Unread => None,
            Known::Read(fact) => Some(fact),
        }
    }

    /// The same knowledge of a borrowed fact.
    pub fn as_ref(&self) -> Known<&T> {
        match self {
            Known::Unread => Known::Unread,
            Known::Read(fact) => Known::Read(fact),
        }
    }

    /// Applies `meaning` to an answer; what was not read stays unread.
    pub fn map<U>(self, meaning: impl FnOnce(T) -> U) -> Known<U> {
        match self {
            Known::Unread => Known::Unread,
            Known::Read(fact) => Known::Read(meaning(fact)),
        }
    }

    /// Applies a further question to an answer.
    pub fn and_then<U>(self, further: impl FnOnce(T) -> Known<U>) -> Known<U> {
        match self {
            Known::Unread => Known::Unread,
            Known::Read(fact) => further(fact),
        }
    }

    /// The answer as an option: `None` when unread.
    pub fn into_option(self) -> Option<T> {
        match self {
            Known::Unread => None,
            Known::Read(fact) => Some(fact),
        }
    }
}

impl<T> From<Option<T>> for Known<T> {
    /// `None` is taken as unread: for lookups in what was collected, not for a provider's answers.
    fn from(found: Option<T>) -> Self {
        found.map_or(Known::Unread, Known::Read)
    }
}

impl<T: Serialize> Serialize for Known<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Known::Unread => serializer.serialize_none(),
            Known::Read(fact) => fact.serialize(serializer),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Known<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Known::Read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(default)]
    struct Facts {
        #[serde(skip_serializing_if = "Known::is_unread")]
        policy: Known<Option<String>>,
    }

    #[test]
    fn a_missing_field_is_unread_and_null_is_an_answer() {
        let parse = |text| serde_json::from_str::<Facts>(text).expect("valid facts").policy;
        assert_eq!(parse("{}"), Known::Unread);
        assert_eq!(parse(r#"{"policy":null}"#), Known::Read(None));
        assert_eq!(parse(r#"{"policy":"{}"}"#), Known::Read(Some("{}".into())));
    }

    #[test]
    fn knowledge_survives_a_round_trip() {
        for policy in [Known::Unread, Known::Read(None), Known::Read(Some("x".to_owned()))] {
            let facts = Facts { policy };
            let text = serde_json::to_string(&facts).expect("facts serialise");
            assert_eq!(serde_json::from_str::<Facts>(&text).expect("and parse"), facts, "{text}");
        }
    }
}
