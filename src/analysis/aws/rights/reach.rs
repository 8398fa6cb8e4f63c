//! What an action may be done to by policies: patterns of ARNs, less what is denied, within what a
//! boundary allows.

use std::collections::BTreeSet;

use crate::analysis::aws::policy::Budget;
use crate::analysis::aws::policy::condition::{Test, Values};
use crate::analysis::aws::policy::document::{Names, Policy, Statement};
use crate::analysis::aws::policy::glob::Glob;
use crate::analysis::aws::policy::template::Template;

/// Everything, as a pattern of ARNs.
const EVERYTHING: &str = "*";
/// The condition key that says to which service a role may be passed (IAM user guide, "Grant a user
/// permissions to pass a role to an AWS service").
const PASSED_TO: &str = "iam:passedtoservice";

/// An action, or `*` and the like for many at once.
pub struct Action {
    /// In lower case.
    name: String,
    /// The service in ARNs of what it is about; empty where it is about all.
    service: String,
    /// Whether it is about what is inside of buckets.
    of_objects: bool,
    /// Whether it is one of those that policies name, and so perhaps many at once.
    named: bool,
    /// Whether every ARN may be of what it is about.
    of_any: bool,
}

impl Action {
    pub fn new(name: &str) -> Action {
        let name = name.to_lowercase();
        let prefix = name.split_once(':').map_or("", |(prefix, _)| prefix);
        // The ARNs of the Data API are those of RDS (Service Authorization Reference).
        let service = if prefix == "rds-data" { "rds" } else { prefix };
        let of_objects = name == "s3:getobject";
        Action { service: service.to_owned(), of_objects, named: false, of_any: false, name }
    }

    /// An action, or a pattern of several, that policies name. The `own` ones of a role stand beside
    /// ARNs that they are about, of whatever service; what only a bound names may have nothing to do
    /// with the ARNs of the role.
    pub fn named(name: &str, own: bool) -> Action {
        Action { named: true, of_any: own, ..Action::new(name) }
    }

    pub fn passes_a_role(&self) -> bool {
        self.name == "iam:passrole"
    }

    /// Whether a statement is about it. Many actions at once are allowed only by a pattern for as
    /// many, not by all but some.
    fn is_of(&self, statement: &Statement, budget: &Budget) -> bool {
        if self.named && statement.actions.negated {
            return statement.is_about(&self.name, budget);
        }
        if self.name.ends_with('*') && statement.actions.negated {
            return false;
        }
        statement.is_about(&self.name, budget)
    }

    /// What a statement with NotAction leaves out of the actions that it matches.
    fn left_out(&self, statement: &Statement) -> Option<String> {
        let own = Glob::pattern(&self.name);
        let all = statement.actions.any.iter().filter(|left_out| !left_out.excludes(&own));
        let names: Vec<String> = all.map(Glob::text).collect();
        let partly = self.named && statement.actions.negated && !names.is_empty();
        partly.then(|| format!("all but {}", names.join(", ")))
    }

    /// Whether a pattern can match something that it is about.
    fn is_about(&self, pattern: &str) -> bool {
        if self.of_any {
            return true;
        }
        if pattern == EVERYTHING || self.service.is_empty() {
            return pattern == EVERYTHING;
        }
        let mut parts = pattern.splitn(6, ':').skip(2);
        let (service, resource) = (parts.next(), parts.nth(2));
        let of_service = match service {
            Some(service) => Glob::pattern(service).matches(&self.service),
            // A star before the service spans the rest.
            None => pattern.contains('*'),
        };
        let inside = resource.is_none_or(|it| it.contains('/') || it.ends_with('*'));
        of_service && (!self.of_objects || inside)
    }
}

/// Something that an action may be done to.
#[derive(Debug, Clone, PartialEq)]
pub struct Reach<S> {
    /// The pattern of ARNs.
    pub pattern: String,
    /// What gives it.
    pub by: S,
    /// What was not decided.
    pub but: BTreeSet<String>,
}

impl<S> Reach<S> {
    /// Whether it may be more than one thing.
    pub fn is_wild(&self) -> bool {
        self.pattern.contains(['*', '?']) || self.pattern.contains("${")
    }
}

/// What `policy` allows the action on.
pub fn allowed<S: Clone>(
    policy: &Policy,
    action: &Action,
    passed_to: Option<&str>,
    by: &S,
) -> Vec<Reach<S>> {
    let budget = budget(policy);
    let mut all = Vec::new();
    for statement in policy.statements.iter().filter(|statement| statement.allow) {
        if !action.is_of(statement, &budget) || !may_pass_to(statement, action, passed_to) {
            continue;
        }
        let mut but = conditions(statement, action);
        but.extend(action.left_out(statement));
        let patterns: Vec<String> = match statement.resources.negated {
            false => statement.resources.any.iter().map(|one| one.text().to_owned()).collect(),
            true => {
                let left_out = statement.resources.any.iter().map(Template::text);
                but.insert(format!("all but {}", left_out.collect::<Vec<_>>().join(", ")));
                vec![EVERYTHING.to_owned()]
            }
        };
        let about = patterns.into_iter().filter(|pattern| action.is_about(pattern));
        all.extend(about.map(|pattern| Reach { pattern, by: by.clone(), but: but.clone() }));
    }
    all
}

/// Takes away what `policy` denies; what it may deny in part or under conditions is told.
pub fn deny<S>(left: &mut Vec<Reach<S>>, policy: &Policy, action: &Action, whose: &str) {
    let budget = budget(policy);
    let denies = policy.statements.iter().filter(|statement| !statement.allow);
    for statement in denies.filter(|statement| statement.is_about(&action.name, &budget)) {
        let surely = statement.tests.is_empty() && statement.doubt.is_none();
        left.retain_mut(|reach| match reached(&statement.resources, &reach.pattern) {
            Overlap::None => true,
            Overlap::All if surely => false,
            Overlap::All | Overlap::Part => {
                let label = &statement.label;
                reach.but.insert(format!("Deny `{label}` of {whose} may cut it"));
                true
            }
        });
    }
}

/// What is left of `left` within what a boundary allows.
pub fn within<S: Clone>(left: Vec<Reach<S>>, boundary: &[Reach<()>]) -> Vec<Reach<S>> {
    let mut kept = Vec::new();
    for reach in left {
        for bound in boundary {
            let pattern = match overlap(&bound.pattern, &reach.pattern) {
                Overlap::None => continue,
                Overlap::All => reach.pattern.clone(),
                Overlap::Part if overlap(&reach.pattern, &bound.pattern) == Overlap::All => {
                    bound.pattern.clone()
                }
                Overlap::Part => reach.pattern.clone(),
            };
            let but = reach.but.union(&bound.but).cloned().collect();
            kept.push(Reach { pattern, by: reach.by.clone(), but });
        }
    }
    kept
}

/// How much of a pattern another one has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Overlap {
    None,
    Part,
    All,
}

/// How much of `inner` `outer` has. A pattern is taken as one text: what a pattern matches as text,
/// stars and all, it has whole.
fn overlap(outer: &str, inner: &str) -> Overlap {
    let (wide, narrow) = (Glob::pattern(outer), Glob::pattern(inner));
    if outer == inner || wide.matches(inner) && !outer.contains("${") {
        Overlap::All
    } else if wide.excludes(&narrow) && !outer.contains("${") && !inner.contains("${") {
        Overlap::None
    } else {
        Overlap::Part
    }
}

/// How much of `pattern` a Resource or NotResource element has.
fn reached(resources: &Names<Template>, pattern: &str) -> Overlap {
    let each = resources.any.iter().map(|one| overlap(one.text(), pattern));
    let most = each.max_by_key(|overlap| *overlap as u8).unwrap_or(Overlap::None);
    match (resources.negated, most) {
        (false, most) => most,
        (true, Overlap::None) => Overlap::All,
        (true, Overlap::Part) => Overlap::Part,
        (true, Overlap::All) => Overlap::None,
    }
}

/// Whether a statement lets a role be passed to the service.
fn may_pass_to(statement: &Statement, action: &Action, service: Option<&str>) -> bool {
    let Some(service) = service.filter(|_| action.passes_a_role()) else { return true };
    let of_service = |test: &&Test| test.key == PASSED_TO && !test.negated;
    statement.tests.iter().filter(of_service).all(|test| {
        let patterns = test.templates();
        let named = |one: &Template| one.fixed().is_none_or(|glob| glob.matches(service));
        !matches!(test.values, Values::Text { .. }) || patterns.iter().any(named)
    })
}

/// The conditions of a statement, as they are written.
fn conditions(statement: &Statement, action: &Action) -> BTreeSet<String> {
    let told = |test: &&Test| !(action.passes_a_role() && test.key == PASSED_TO && !test.negated);
    let tests = statement.tests.iter().filter(told);
    tests.map(|test| format!("under the condition {}", test.shown)).collect()
}

/// Enough for one question about each statement, whatever somebody wrote into it.
fn budget(policy: &Policy) -> Budget {
    Budget::full(policy.statements.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_has_of_another_all_some_or_nothing() {
        for (outer, inner, expected) in [
            ("*", "arn:aws:s3:::b/*", Overlap::All),
            ("arn:aws:s3:::b/*", "arn:aws:s3:::b/*", Overlap::All),
            ("arn:aws:s3:::b*", "arn:aws:s3:::b/x", Overlap::All),
            ("arn:aws:s3:::b/x", "arn:aws:s3:::b/*", Overlap::Part),
            ("arn:aws:s3:::b/*", "*", Overlap::Part),
            ("arn:aws:s3:::b/*", "arn:aws:s3:::c/*", Overlap::None),
            ("arn:aws:s3:::${aws:username}/*", "arn:aws:s3:::c/*", Overlap::Part),
        ] {
            assert_eq!(overlap(outer, inner), expected, "{outer} of {inner}");
        }
    }

    #[test]
    fn an_action_is_about_arns_of_its_service() {
        for (action, pattern, expected) in [
            ("s3:GetObject", "arn:aws:s3:::b/*", true),
            ("s3:GetObject", "arn:aws:s3:::b*", true),
            ("s3:GetObject", "arn:aws:s3:::b", false),
            ("kms:Decrypt", "arn:aws:s3:::b/*", false),
            ("kms:Decrypt", "*", true),
            ("rds-data:ExecuteStatement", "arn:aws:rds:eu-west-1:1:cluster:c", true),
            ("*", "arn:aws:s3:::b/*", false),
            ("iam:*", "*", true),
        ] {
            assert_eq!(Action::new(action).is_about(pattern), expected, "{action} {pattern}");
        }
    }
}
