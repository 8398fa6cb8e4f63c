//! Doors and locks: how ways in and the controls before them become a status.
//!
//! A door is a way in that was proven open. A lock is a control that could shut it. One shut lock
//! is enough; a lock that could not be read, with none shut, leaves the matter undecided. A door
//! that could not be read is no door here: it is a gap, and no finding.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One step of the proof, in the order in which a request meets it.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Step {
    /// What kind of thing it is, for instance `security-group`.
    pub kind: Cow<'static, str>,
    /// Its id, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What it says, in a sentence without a full stop.
    pub text: String,
    /// How it reads in a chain of steps, for instance `acl-1 rule 100`; absent where only the
    /// sentence says what it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brief: Option<String>,
}

impl Step {
    /// A step about a thing with an id.
    pub fn of(kind: &'static str, id: impl Into<String>, text: impl Into<String>) -> Step {
        Step { kind: kind.into(), id: Some(id.into()), text: text.into(), brief: None }
    }

    /// A step about a thing without an id of its own.
    pub fn new(kind: &'static str, text: impl Into<String>) -> Step {
        Step { kind: kind.into(), id: None, text: text.into(), brief: None }
    }

    /// The same with its form in a chain.
    #[must_use]
    pub fn in_brief(mut self, brief: impl Into<String>) -> Step {
        self.brief = Some(brief.into());
        self
    }

    /// The same, which its id alone stands for in a chain.
    #[must_use]
    pub fn known_by_id(mut self) -> Step {
        self.brief.clone_from(&self.id);
        self
    }
}

/// A control that shuts a way in.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Control {
    /// Its name, for instance `account-block-public-access`.
    pub control: String,
    /// How it shuts the way in.
    pub text: String,
}

/// What is missing for a decision.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Missing {
    /// The call whose answer would decide, for instance `s3:GetPublicAccessBlock`; absent where no
    /// call can tell, as with a condition on a key that only the caller knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// What the call is about, where it is about one resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// What is not known.
    pub text: String,
}

/// What a control does to a way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lock {
    /// It shuts the way in now.
    Shut(Control),
    /// It was read and does not.
    Open(Step),
    /// Whether it does is not known.
    Unknown(Missing),
}

impl Lock {
    /// Whether it shuts the way in.
    pub fn is_shut(&self) -> bool {
        matches!(self, Lock::Shut(_))
    }

    /// Whether it is not known what it does.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Lock::Unknown(_))
    }
}

/// Whether a way in is open.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Open, and every control that could shut it was read and does not.
    Exposed,
    /// Open as far as could be read.
    Undetermined,
    /// Shut by a named control.
    Latent,
    /// No way in by itself; a protection is missing.
    Weakness,
}

impl Status {
    /// All of them, worst first.
    pub const ALL: [Status; 4] =
        [Status::Exposed, Status::Undetermined, Status::Latent, Status::Weakness];

    /// The status of a way in that is proven open, by the controls before it: whether one shuts it,
    /// and whether something is not known. One shut control decides, whatever else is not known.
    pub fn behind(shut: bool, unknown: bool) -> Status {
        match (shut, unknown) {
            (true, _) => Status::Latent,
            (false, true) => Status::Undetermined,
            (false, false) => Status::Exposed,
        }
    }

    /// Whether somebody gets in now, as far as could be read.
    pub fn is_open(self) -> bool {
        matches!(self, Status::Exposed | Status::Undetermined)
    }

    /// The word used in reports and flags.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Exposed => "exposed",
            Status::Undetermined => "undetermined",
            Status::Latent => "latent",
            Status::Weakness => "weakness",
        }
    }
}

/// A way in that was proven open, before the controls are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    evidence: Vec<Step>,
}

impl Door {
    /// A way in, with what proves it.
    pub fn open(evidence: impl IntoIterator<Item = Step>) -> Door {
        Door { evidence: evidence.into_iter().collect() }
    }

    /// The status of this way in behind all the controls that could shut it.
    pub fn behind(self, locks: impl IntoIterator<Item = Lock>) -> Verdict {
        let mut evidence = self.evidence;
        let (mut blocked_by, mut undecided) = (Vec::new(), Vec::new());
        for lock in locks {
            match lock {
                Lock::Shut(control) => blocked_by.push(control),
                Lock::Open(step) => evidence.push(step),
                Lock::Unknown(missing) => undecided.push(missing),
            }
        }
        blocked_by.sort();
        blocked_by.dedup();
        undecided.sort();
        undecided.dedup();
        let status = Status::behind(!blocked_by.is_empty(), !undecided.is_empty());
        if status == Status::Latent {
            // A shut lock decides; what the others are does not matter to it.
            undecided.clear();
        }
        Verdict { status, evidence, blocked_by, undecided }
    }
}

/// What doors and locks together say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Open, shut, or open as far as could be read.
    pub status: Status,
    /// The proof, in order.
    pub evidence: Vec<Step>,
    /// Controls that shut it.
    pub blocked_by: Vec<Control>,
    /// What would decide it.
    pub undecided: Vec<Missing>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door() -> Door {
        Door::open([Step::new("policy", "lets anyone read")])
    }
    fn shut() -> Lock {
        Lock::Shut(Control { control: "block".into(), text: "is on".into() })
    }
    fn open() -> Lock {
        Lock::Open(Step::new("block", "is off"))
    }
    fn unknown() -> Lock {
        Lock::Unknown(Missing {
            operation: Some("s3:GetPublicAccessBlock".into()),
            resource: Some("bucket".into()),
            text: "?".into(),
        })
    }

    #[test]
    fn a_door_without_a_shut_lock_is_exposed() {
        assert_eq!(door().behind([]).status, Status::Exposed);
        let verdict = door().behind([open()]);
        assert_eq!(verdict.status, Status::Exposed);
        assert_eq!(verdict.evidence.len(), 2, "the open lock is part of the proof");
    }

    #[test]
    fn one_shut_lock_is_enough_even_beside_unread_ones() {
        let verdict = door().behind([unknown(), shut(), open()]);
        assert_eq!(verdict.status, Status::Latent);
        assert!(verdict.undecided.is_empty());
    }

    #[test]
    fn an_unread_lock_with_none_shut_decides_nothing() {
        let verdict = door().behind([open(), unknown(), unknown()]);
        assert_eq!(verdict.status, Status::Undetermined);
        assert_eq!(verdict.undecided.len(), 1);
    }
}
