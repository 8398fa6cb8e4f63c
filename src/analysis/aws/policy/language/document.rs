//! From policy text to typed statements. Strict: what AWS would refuse is never read as a grant,
//! as a bound or as nothing.

use serde::Serialize;

use super::action::names_action;
use super::condition::{self, Test};
use super::glob::Glob;
use super::json::Json;
use super::placeholders;
use super::principal::{self, Principal, Principals};
use super::template::Template;
use crate::analysis::aws::policy::budget::Budget;
use crate::analysis::aws::policy::services::Kind;
use crate::model::percent_decoded;

/// Larger documents are not read: AWS stores no resource policy above 1 MiB.
pub const LARGEST: usize = 1 << 20;

/// Something about a policy that people should see besides the verdict.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Diagnostic {
    /// Stable name: `malformed`, `dangling`, `invalid-principal`, `too-complex`, …
    pub code: &'static str,
    /// The statement, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
    /// What is wrong.
    pub text: String,
}

/// The code of a document that belongs to an identity.
pub const IDENTITY_POLICY: &str = "identity-policy";
/// The code of a statement that is not filled in.
pub const TEMPLATE: &str = "template";

/// A list of patterns, or everything but them.
#[derive(Debug, Clone, PartialEq)]
pub struct Names<T> {
    /// NotAction, NotResource.
    pub negated: bool,
    /// The patterns.
    pub any: Vec<T>,
}

/// One statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Its Sid, or its place: `#1` for the first.
    pub label: String,
    /// Allow or Deny.
    pub allow: bool,
    /// Principal or NotPrincipal.
    pub principals: Principals,
    /// Action or NotAction, in lower case.
    pub actions: Names<Glob>,
    /// Resource or NotResource.
    pub resources: Names<Template>,
    /// The condition block.
    pub tests: Vec<Test>,
    /// Why it is not certain that this statement has the effect it seems to have.
    pub doubt: Option<String>,
    /// Actions that it does not reach although it names them, in lower case.
    pub spares: &'static [&'static str],
}

impl Statement {
    /// Whether it is about this action, whose name is in lower case.
    pub fn is_about(&self, action: &str, budget: &Budget) -> bool {
        !self.spares.contains(&action) && names_action(&self.actions, action, budget)
    }

    /// Whether it is an Allow for everyone, so that only a bound makes it harmless.
    pub fn allows_everyone(&self) -> bool {
        let wide = |p: &Principal| matches!(p, Principal::Everyone | Principal::AnySigned);
        self.allow && (self.principals.negated || self.principals.named.iter().any(wide))
    }
}

/// A policy, read.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Statements that can have an effect.
    pub statements: Vec<Statement>,
    /// What makes the policy, or statements that may allow something, unreadable.
    pub errors: Vec<String>,
    /// Everything to report.
    pub diagnostics: Vec<Diagnostic>,
    /// Documents beyond the first that it was read from.
    pub further: usize,
}

impl Policy {
    fn unreadable(text: String) -> Policy {
        let diagnostic = Diagnostic { code: "malformed", statement: None, text: text.clone() };
        Policy { errors: vec![text], diagnostics: vec![diagnostic], ..Policy::default() }
    }

    /// This policy as one of several, all of whose words name it.
    pub(crate) fn called(mut self, name: &str) -> Policy {
        for statement in &mut self.statements {
            statement.label = format!("{} of {name}", statement.label);
        }
        for error in &mut self.errors {
            *error = format!("policy {name}: {error}");
        }
        for diagnostic in &mut self.diagnostics {
            diagnostic.text = format!("policy {name}: {}", diagnostic.text);
            if let Some(label) = &mut diagnostic.statement {
                *label = format!("{label} of {name}");
            }
        }
        self
    }
}

/// Policies of one resource are one: a request needs an Allow in any of them and no Deny in any
/// (IAM user guide, "Policy evaluation logic"). Each was read by its own Version.
impl FromIterator<Policy> for Policy {
    fn from_iter<T: IntoIterator<Item = Policy>>(policies: T) -> Policy {
        let mut all = Policy::default();
        for (index, policy) in policies.into_iter().enumerate() {
            all.further += policy.further + usize::from(index > 0);
            all.statements.extend(policy.statements);
            all.errors.extend(policy.errors);
            all.diagnostics.extend(policy.diagnostics);
        }
        all
    }
}

/// Whose document it is, and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    /// A resource's, as AWS stores it.
    Resource,
    /// A resource's, in a file, which may be the template of a policy.
    File,
    /// A user's, group's or role's, or a boundary of one: it names no principal.
    Identity,
}

/// Reads policy text: JSON, perhaps behind a byte order mark, perhaps percent-encoded as IAM
/// returns trust policies.
pub fn parse(text: &str, kind: &Kind) -> Policy {
    parse_as(text, kind, Of::Resource)
}

/// Reads the text of a policy that says what its holder may do (IAM user guide, "Identity-based
/// policies and resource-based policies"): each statement is about whoever it is attached to.
pub fn parse_identity(text: &str) -> Policy {
    parse_as(text, &Kind::of("", ""), Of::Identity)
}

/// Reads the text of a file, which may be the template of a policy: statements that are not filled in
/// are not judged.
pub fn parse_file(text: &str, kind: &Kind) -> Policy {
    parse_as(text, kind, Of::File)
}

fn parse_as(text: &str, kind: &Kind, of: Of) -> Policy {
    if text.len() > LARGEST {
        return Policy::unreadable(format!("larger than {LARGEST} bytes"));
    }
    let text = text.trim_start_matches('\u{feff}').trim();
    let decoded;
    let text = if text.starts_with('%') {
        decoded = percent_decoded(text);
        decoded.as_deref().unwrap_or(text)
    } else {
        text
    };
    match Json::parse(text) {
        Ok(json) => read_as(&json, kind, of),
        Err(problem) => Policy::unreadable(format!("not JSON: {problem}")),
    }
}

/// Reads a policy that is JSON already; text inside of it is parsed.
pub fn read(json: &Json, kind: &Kind) -> Policy {
    read_as(json, kind, Of::Resource)
}

fn read_as(json: &Json, kind: &Kind, of: Of) -> Policy {
    let members = match json {
        Json::Text(text) => return parse_as(text, kind, of),
        Json::Object(members) => members,
        _ => return Policy::unreadable("a policy is a JSON object".into()),
    };
    if let Some(key) = json.repeated_key() {
        return Policy::unreadable(format!("`{key}` stands twice in one object"));
    }
    let variables = match json.get("Version") {
        None => false, // absent means 2008-10-17, which has no variables
        Some(Json::Text(version)) if version == "2012-10-17" => true,
        Some(Json::Text(version)) if version == "2008-10-17" => false,
        Some(_) => return Policy::unreadable("unknown Version".into()),
    };
    let statements: &[Json] = match json.get("Statement") {
        Some(Json::List(items)) => items,
        Some(object @ Json::Object(_)) => std::slice::from_ref(object),
        _ => return Policy::unreadable("no Statement".into()),
    };
    let mut policy = Policy::default();
    // Policies of users, groups and roles have no Principal: it is whoever they are attached to (IAM
    // user guide, "Identity-based policies and resource-based policies").
    let of_nobody = |statement: &Json| {
        matches!(statement, Json::Object(_))
            && statement.get("Principal").or(statement.get("NotPrincipal")).is_none()
    };
    let allows = |statement: &Json| statement.get("Effect").and_then(Json::text) == Some("Allow");
    let has_holder = of == Of::Identity;
    if !has_holder && statements.iter().all(of_nobody) && statements.iter().any(allows) {
        let text = "an identity policy: no statement has a Principal, so that it says what its \
                    holder may do, and not who may use a resource";
        let (code, text) = (IDENTITY_POLICY, text.to_owned());
        policy.errors.push(text.clone());
        policy.diagnostics.push(Diagnostic { code, statement: None, text });
        return policy;
    }
    for (name, _) in members {
        if !["Version", "Id", "Statement"].contains(&name.as_str()) {
            policy.diagnostics.push(Diagnostic {
                code: "unknown-element",
                statement: None,
                text: format!("`{name}` is no element of a policy"),
            });
        }
    }
    for (index, json) in statements.iter().enumerate() {
        let label = match json.get("Sid").and_then(Json::text) {
            Some(sid) if !sid.is_empty() => sid.to_owned(),
            _ => format!("#{}", index + 1),
        };
        let open = if of == Of::File { placeholders::in_statement(json) } else { Vec::new() };
        if !open.is_empty() {
            policy.diagnostics.push(Diagnostic {
                code: TEMPLATE,
                statement: Some(label.clone()),
                text: format!("statement {label} (number {}): {}", index + 1, open.join("; ")),
            });
        }
        statement(json, label, variables, (kind, of), open, &mut policy);
    }
    policy
}

fn statement(
    json: &Json,
    label: String,
    variables: bool,
    (kind, of): (&Kind, Of),
    mut problems: Vec<String>,
    policy: &mut Policy,
) {
    let is_template = !problems.is_empty();
    let mut note = |code, text: String| {
        policy.diagnostics.push(Diagnostic { code, statement: Some(label.clone()), text });
    };
    let mut checked = |part: Result<(), String>| problems.extend(part.err());
    let Json::Object(members) = json else {
        let text = format!("statement {label} is not an object");
        note("malformed", text.clone());
        policy.errors.push(text);
        return;
    };
    for (name, _) in members {
        let known = [
            "Sid",
            "Effect",
            "Principal",
            "NotPrincipal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        ];
        if !known.contains(&name.as_str()) {
            checked(Err(format!("`{name}` is no element of a statement")));
        }
    }
    let allow = match json.get("Effect").and_then(Json::text) {
        Some("Allow") => true,
        Some("Deny") => false,
        _ => {
            checked(Err("Effect is neither `Allow` nor `Deny`".into()));
            true
        }
    };

    let everyone = || Principals { named: vec![Principal::Everyone], ..Principals::default() };
    let principals = match of {
        // IAM refuses a Principal there; whoever asks is the holder.
        Of::Identity => Ok(everyone()),
        Of::Resource | Of::File => either(json, "Principal", "NotPrincipal")
            .and_then(|(element, negated)| principal::parse(element, negated)),
    };
    // Where an element of a Deny cannot be read, the Deny may reach anything.
    let mut principals = principals.unwrap_or_else(|problem| {
        checked(Err(problem));
        everyone()
    });
    let actions = either(json, "Action", "NotAction").and_then(|(element, negated)| {
        let any = names(element, "Action")?;
        Ok(Names { negated, any: any.iter().map(|a| Glob::pattern(&a.to_lowercase())).collect() })
    });
    let mut actions = actions.unwrap_or_else(|problem| {
        checked(Err(problem));
        Names { negated: false, any: vec![Glob::pattern("*")] }
    });
    let everything = || Names { negated: false, any: vec![Template::parse("*", true, false)] };
    let resources = match either(json, "Resource", "NotResource") {
        Ok((element, negated)) => names(element, "Resource").map(|any| Names {
            negated,
            any: any
                .iter()
                .map(|text| Template::parse(&kind.full_resource(text), true, variables))
                .collect(),
        }),
        // Trust policies and repository policies belong to one resource and name none.
        Err(_) if kind.resource_optional() && json.get("Resource").is_none() => Ok(everything()),
        Err(problem) => Err(problem),
    };
    let mut resources = resources.unwrap_or_else(|problem| {
        checked(Err(problem));
        everything()
    });
    let conditions = match json.get("Condition") {
        None => Ok(condition::Conditions::default()),
        Some(block) => condition::parse(block, variables),
    };
    let mut conditions = conditions.unwrap_or_else(|problem| {
        checked(Err(problem));
        condition::Conditions::default()
    });

    let mut doubt = None;
    if !problems.is_empty() {
        let text = format!("statement {label} is malformed: {}", problems.join("; "));
        if !is_template {
            note("malformed", text.clone());
        }
        if allow {
            policy.errors.push(text);
            return;
        }
        doubt = Some(text);
        if is_template {
            // What it will name is not known: it may deny anything.
            (principals, actions, resources) =
                (everyone(), Names { negated: false, any: vec![Glob::pattern("*")] }, everything());
        }
        // It may deny whatever caller, action and resource it names, under no condition.
        conditions = condition::Conditions::default();
    }
    for id in &principals.named {
        if let Principal::Deleted(id) = id {
            note("dangling", format!("`{id}` is the id of a deleted principal and matches nobody"));
        }
    }
    for value in &principals.invalid {
        let text = format!("AWS does not store the principal `{value}`");
        note("invalid-principal", text.clone());
        doubt.get_or_insert(text);
    }
    for entry in &conditions.unclear {
        let text = format!("{entry}: what an empty list of values does is not documented clearly");
        note("empty-values", text.clone());
        if !allow {
            return; // such a Deny proves nothing
        }
        doubt.get_or_insert(text);
    }
    // An empty list of principals, actions or resources leaves the statement without effect
    // (Access Analyzer policy check reference). For the negated elements that is not documented.
    for (empty, negated) in [
        (principals.named.is_empty(), principals.negated),
        (actions.any.is_empty(), actions.negated),
        (resources.any.is_empty(), resources.negated),
    ] {
        if empty && !negated {
            note("no-effect", "an empty list leaves the statement without effect".into());
            return;
        }
        if empty {
            doubt.get_or_insert_with(|| "an empty list is negated".into());
        }
    }
    let tests = conditions.tests;
    policy.statements.push(Statement {
        label,
        allow,
        principals,
        actions,
        resources,
        tests,
        doubt,
        spares: &[],
    });
}

/// The element or its negation; it is an error to have none or both.
fn either<'a>(json: &'a Json, plain: &str, negated: &str) -> Result<(&'a Json, bool), String> {
    match (json.get(plain), json.get(negated)) {
        (Some(element), None) => Ok((element, false)),
        (None, Some(element)) => Ok((element, true)),
        (None, None) => Err(format!("neither {plain} nor {negated}")),
        (Some(_), Some(_)) => Err(format!("both {plain} and {negated}")),
    }
}

fn names(element: &Json, what: &str) -> Result<Vec<String>, String> {
    match element {
        Json::Text(text) => Ok(vec![text.clone()]),
        Json::List(items) => items
            .iter()
            .map(|item| item.text().map(str::to_owned))
            .collect::<Option<Vec<String>>>()
            .ok_or_else(|| format!("a value of {what} is not text")),
        _ => Err(format!("{what} is neither text nor a list")),
    }
}
