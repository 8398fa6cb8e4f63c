//! Who can use a resource by the policies on it.
//!
//! [`judge`] answers for one policy, by asking for a request of an outsider that is allowed rather
//! than by looking at single statements. Resource control policies of the organization deny beside
//! them, where they were read. It knows nothing of service control policies or policies of callers:
//! those can only take away. It does no I/O and never fails: what cannot be read is a verdict too.

mod addresses;
mod answer;
mod breadth;
mod budget;
mod context;
pub mod effective;
mod function;
mod language;
mod locked;
pub mod named;
pub mod organization;
mod search;
pub mod services;

pub(crate) use answer::aws_public;
pub use answer::explain;
pub use answer::grant::{Example, Grant, Who};
pub use answer::ruling::Ruling;
pub use answer::verdict::{Public, Verdict};
pub use breadth::PrincipalBreadth;
pub(crate) use budget::Budget;
pub use budget::{CASES, PARTS, PLAIN, STATES, Work};
pub use context::{Context, FunctionUrl, FunctionWay, Subject};
pub use language::document::{Diagnostic, IDENTITY_POLICY, TEMPLATE};
pub use language::json::Json;
pub use language::keys::class as key_class;
pub use language::placeholders::placeholder;
pub(crate) use language::{condition, document, glob, keys, principal, resource, template};
pub use locked::Locked;
pub(crate) use search::engine::AccessPoint;
pub use services::Access;

use std::borrow::Cow;

use answer::{collect, ruling};
use document::{Policy, Statement};
use organization::Beside;
use resource::Layer;
use search::engine::Engine;
use services::Kind;

/// Judges policy text.
pub fn judge(document: &str, subject: &Subject<'_>) -> Ruling {
    let kind = Kind::of(subject.kind, subject.arn);
    locked::judged(&document::parse(document, &kind), &kind, subject).ruling
}

/// Judges the text of a file, which may be the template of a policy, and says why each Allow for
/// everyone that is not public is not.
pub fn judge_file(document: &str, subject: &Subject<'_>) -> (Locked, Vec<String>) {
    let kind = Kind::of(subject.kind, subject.arn);
    let policy = document::parse_file(document, &kind);
    let locked = locked::judged(&policy, &kind, subject);
    // What a control shuts is public as far as the policy goes.
    let ruling = locked.without.as_ref().unwrap_or(&locked.ruling);
    let refused = answer::refusal::refusals(&policy, &kind, subject, ruling);
    (locked, refused)
}

/// Judges a policy that is JSON already.
pub fn judge_json(document: &Json, subject: &Subject<'_>) -> Locked {
    let kind = Kind::of(subject.kind, subject.arn);
    locked::judged(&document::read(document, &kind), &kind, subject)
}

/// One of the documents on a resource, by its name: those of Secrets Manager are called `default`
/// and as services call theirs (Secrets Manager API reference, ListResourcePolicies).
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it says.
    pub policy: &'a Json,
}

/// Judges all documents of one resource together.
pub fn judge_documents(documents: &[Document<'_>], subject: &Subject<'_>) -> Locked {
    let kind = Kind::of(subject.kind, subject.arn);
    let read = documents.iter().map(|one| document::read(one.policy, &kind).called(one.name));
    locked::judged(&read.collect(), &kind, subject)
}

/// Judges a policy that was read, and nothing beside it.
pub(crate) fn ruling(policy: &Policy, kind: &Kind, subject: &Subject<'_>) -> Ruling {
    ruling_beside(policy, kind, subject, &Beside::default())
}

/// Judges a policy together with what is beside it.
pub(crate) fn ruling_beside(
    policy: &Policy,
    kind: &Kind,
    subject: &Subject<'_>,
    beside: &Beside,
) -> Ruling {
    let statements = [beside.denying(policy)];
    layered(&statements, policy, kind, subject, beside.only.as_deref())
}

/// Judges requests that have to pass each list of `statements` from `policy`, and one of `only`.
fn layered(
    statements: &[Cow<'_, [Statement]>],
    policy: &Policy,
    kind: &Kind,
    subject: &Subject<'_>,
    only: Option<&[Statement]>,
) -> Ruling {
    let lists = statements.iter().map(AsRef::as_ref).chain(only);
    let layers = lists.map(|statements| Layer { statements, kind }).collect();
    let aws_public = aws_public::is_public(policy, kind, subject);
    let asked = Asked { layers, point: access_point(kind, subject), only: None };
    answer(asked, &[policy], subject, aws_public)
}

/// What requests are about: the policies they have to pass, the access point they come through,
/// and the resources, when not all are of interest.
pub(crate) struct Asked<'a> {
    pub(crate) layers: Vec<Layer<'a>>,
    pub(crate) point: Option<AccessPoint>,
    pub(crate) only: Option<Vec<resource::Sample>>,
}

/// Judges requests that have to pass every policy of `asked`; `read` are all policies that were
/// read for it.
pub(crate) fn answer(
    asked: Asked<'_>,
    read: &[&Policy],
    subject: &Subject<'_>,
    aws_public: bool,
) -> Ruling {
    let kind = asked.layers[0].kind;
    let Asked { layers, point, only } = asked;
    let documents = 1 + read.iter().map(|policy| policy.further).sum::<usize>();
    let (owner, context) = (subject.owner_account, subject.context);
    let engine = Engine::new(layers, owner, context, point, only, documents);
    let mut grants = collect::grants(&engine, kind);
    let mut diagnostics: Vec<Diagnostic> =
        read.iter().flat_map(|policy| policy.diagnostics.clone()).collect();
    let unreadable = read.iter().any(|policy| !policy.errors.is_empty());
    let mut verdict = ruling::verdict(&grants, unreadable);
    if engine.budget.has_given_up() {
        diagnostics.push(Diagnostic {
            code: ruling::TOO_COMPLEX,
            statement: None,
            text: "the policy is too complex to be decided within bounds".into(),
        });
        verdict = verdict.min(Verdict::Conditional);
    }
    grants.sort_by(|one, other| (one.verdict, &one.who).cmp(&(other.verdict, &other.who)));
    diagnostics.sort_unstable();
    diagnostics.dedup();
    Ruling {
        verdict,
        public: verdict.public(),
        grants,
        diagnostics,
        aws_public,
        work: engine.budget.work(),
    }
}

/// Requests that an access point's own policy sees always come through it.
fn access_point(kind: &Kind, subject: &Subject<'_>) -> Option<AccessPoint> {
    let own = kind.is_access_point();
    own.then(|| AccessPoint {
        account: subject.owner_account.to_owned(),
        arn: subject.arn.to_owned(),
        vpc_only: subject.context.network_origin.as_deref() == Some("VPC"),
    })
}
