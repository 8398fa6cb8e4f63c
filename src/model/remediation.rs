//! How to close what was found: words, and the commands that do it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How to close it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Saved", into = "Saved")]
pub struct Remediation {
    /// What to do, in a sentence.
    pub text: String,
    /// The commands that do it, in order, ready to be read and run: after all of them it is closed.
    pub commands: Vec<String>,
}

impl Remediation {
    /// Words alone: what no command does.
    pub fn in_words(text: impl Into<String>) -> Remediation {
        Remediation { text: text.into(), commands: Vec::new() }
    }
}

/// How programs read it. `command` was there before there could be several.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Remediation")]
struct Saved {
    /// What to do, in a sentence.
    text: String,
    /// The first of `commands`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    command: Option<String>,
    /// The commands that do it, in order, ready to be read and run: after all of them it is closed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    commands: Vec<String>,
}

impl From<Saved> for Remediation {
    fn from(saved: Saved) -> Remediation {
        let Saved { text, command, mut commands } = saved;
        if commands.is_empty() {
            commands.extend(command);
        }
        Remediation { text, commands }
    }
}

impl From<Remediation> for Saved {
    fn from(remediation: Remediation) -> Saved {
        let Remediation { text, commands } = remediation;
        Saved { text, command: commands.first().cloned(), commands }
    }
}

impl JsonSchema for Remediation {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        Saved::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let mut schema = Saved::json_schema(generator);
        schema.insert("description".to_owned(), "How to close it.".into());
        schema
    }
}

/// A command of the AWS CLI as a shell takes it: `words` follow `aws`.
pub fn aws<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let words = words.into_iter().map(quoted);
    ["aws".to_owned()].into_iter().chain(words).collect::<Vec<_>>().join(" ")
}

/// One word of a command as a POSIX shell takes it, whatever is in it: names come from the account,
/// and whoever can name something there must not get a command of their own run.
pub fn quoted(word: &str) -> String {
    // None of these means anything to a shell, wherever in a word it stands (POSIX.1-2024, Shell
    // Command Language, 2.2 Quoting); `~` and `=` do at the start of one.
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+,".contains(c);
    let inside = |(at, c): (usize, char)| plain(c) || (c == '=' && at > 0);
    if !word.is_empty() && word.char_indices().all(inside) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_command_stands_where_there_was_room_for_one() {
        let both = Remediation { text: "t".into(), commands: vec!["a".into(), "b".into()] };
        let json = serde_json::to_value(&both).expect("a form");
        assert_eq!(json, serde_json::json!({"text": "t", "command": "a", "commands": ["a", "b"]}));
        assert_eq!(serde_json::from_value::<Remediation>(json).expect("its own form"), both);
        let old = serde_json::json!({"text": "t", "command": "a"});
        let old: Remediation = serde_json::from_value(old).expect("the form of old runs");
        assert_eq!(old.commands, ["a"]);
        let none = serde_json::to_value(Remediation::in_words("t")).expect("a form");
        assert_eq!(none, serde_json::json!({"text": "t"}));
    }

    #[test]
    fn a_word_stays_one_word_whatever_is_in_it() {
        for plain in ["b", "arn:aws:s3:::b/x", "Id=i-1,Port=22", "--region", "10.0.0.0/8"] {
            assert_eq!(quoted(plain), plain);
        }
        for (word, shown) in [
            ("", "''"),
            ("a b", "'a b'"),
            ("$(rm -rf ~)", "'$(rm -rf ~)'"),
            ("x'; reboot; '", r"'x'\''; reboot; '\'''"),
            ("=ls", "'=ls'"),
            ("~root", "'~root'"),
            ("a\nb", "'a\nb'"),
            ("[1]", "'[1]'"),
        ] {
            assert_eq!(quoted(word), shown);
        }
        assert_eq!(
            aws(["s3api", "get-bucket-acl", "--bucket", "a&b"]),
            "aws s3api get-bucket-acl --bucket 'a&b'"
        );
    }
}
