//! Which rules a user means: ids, globs and families, and categories.

use super::{RULES, Rule};
use crate::model::{Category, did_you_mean};

/// Ids that rules had, with those that they have now. An old id is never used again, and never
/// selects anything: whoever wrote it down is told what to write.
pub static RENAMED: &[(&str, &[&str])] = &[
    (
        "cache-cluster-security-group-open",
        &["elasticache-cluster-security-group-open", "memorydb-cluster-security-group-open"],
    ),
    ("eni-port-public", &["ec2-interface-port-public"]),
];

/// The ids that a rule had before.
pub fn formerly(id: &str) -> Vec<&'static str> {
    let was = RENAMED.iter().filter(|(_, now)| now.contains(&id));
    was.map(|(old, _)| *old).collect()
}

/// A selector that names no rule.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub struct UnknownRule {
    /// What the user wrote.
    pub given: String,
    /// The rule with the nearest name.
    pub nearest: Option<&'static str>,
    /// Entries of [`RENAMED`] that it means.
    pub renamed: Vec<&'static (&'static str, &'static [&'static str])>,
}

impl UnknownRule {
    /// Says what was most likely meant.
    pub fn new(given: &str) -> UnknownRule {
        UnknownRule {
            given: given.to_owned(),
            nearest: did_you_mean(given, RULES.iter().map(|rule| rule.id)),
            renamed: RENAMED.iter().filter(|(old, _)| matches(given, old)).collect(),
        }
    }

    fn message(&self) -> String {
        let UnknownRule { given, nearest, renamed } = self;
        let now = renamed.iter().map(|(old, now)| {
            let now: Vec<_> = now.iter().map(|id| format!("`{id}`")).collect();
            format!("`{old}` is now called {}", now.join(" and "))
        });
        let now = now.collect::<Vec<_>>().join(", ");
        match (renamed.as_slice(), nearest) {
            ([(old, _)], _) if old == given => format!("rule {now}"),
            ([], None) => format!("unknown rule `{given}`; `outcrop rules` lists them"),
            ([], Some(nearest)) => format!(
                "unknown rule `{given}`, did you mean `{nearest}`?; `outcrop rules` lists them"
            ),
            _ => format!("unknown rule `{given}`: {now}"),
        }
    }
}

/// Rules by what the user asked for.
///
/// A selector is an id, a glob (`s3-*`) or a family, which is the first words of ids
/// (`ec2-port-public`). Rules that are named count whatever their category. Rules that run only if
/// they are asked for count by their own id, which another option may stand for (`opted_in`).
///
/// # Errors
/// When a selector matches no rule.
pub fn select(
    include: &[String],
    exclude: &[String],
    categories: &[Category],
    opted_in: &[&str],
) -> Result<Vec<&'static Rule>, UnknownRule> {
    for given in include.iter().chain(exclude) {
        named(given)?;
    }
    let wanted = |rule: &&&Rule| {
        let included = if rule.opt_in {
            opted_in.contains(&rule.id) || include.iter().any(|given| given == rule.id)
        } else if include.is_empty() {
            categories.contains(&rule.category)
        } else {
            include.iter().any(|given| matches(given, rule.id))
        };
        included && !exclude.iter().any(|given| matches(given, rule.id))
    };
    Ok(RULES.iter().filter(wanted).copied().collect())
}

/// Every rule that a selector names.
///
/// # Errors
/// When there is none.
pub fn named(selector: &str) -> Result<Vec<&'static Rule>, UnknownRule> {
    let rules: Vec<_> = RULES.iter().filter(|rule| matches(selector, rule.id)).copied().collect();
    if rules.is_empty() {
        return Err(UnknownRule::new(selector));
    }
    Ok(rules)
}

fn matches(selector: &str, id: &str) -> bool {
    let family =
        id.strip_prefix(selector).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    family
        || selector.contains(['*', '?'])
            && globset::Glob::new(selector).is_ok_and(|glob| glob.compile_matcher().is_match(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(include: &[&str], exclude: &[&str]) -> Vec<&'static str> {
        let own = |given: &[&str]| given.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        select(&own(include), &own(exclude), &[Category::Exposure], &[])
            .expect("known selectors")
            .iter()
            .map(|rule| rule.id)
            .collect()
    }

    #[test]
    fn ids_globs_and_families_select() {
        assert_eq!(ids(&["s3-bucket-public"], &[]), ["s3-bucket-public"]);
        assert!(ids(&["ec2-port-public"], &[]).len() >= 5);
        assert_eq!(ids(&["ec2-port-public*"], &[]), ids(&["ec2-port-public"], &[]));
        assert!(!ids(&[], &["s3-*"]).contains(&"s3-bucket-public"));
    }

    #[test]
    fn a_named_rule_counts_whatever_its_category() {
        let guardrail = "s3-account-block-public-access-off";
        assert!(!ids(&[], &[]).contains(&guardrail));
        assert_eq!(ids(&[guardrail], &[]), [guardrail]);
    }

    #[test]
    fn a_rule_that_must_be_asked_for_is_named_in_full_or_opted_into() {
        let sampling = "s3-object-public";
        for others in [&[][..], &["s3-*"], &["s3"], &["s3-object"]] {
            assert!(!ids(others, &[]).contains(&sampling), "{others:?}");
        }
        assert_eq!(ids(&[sampling], &[]), [sampling]);
        let chosen = select(&[], &[], &[Category::Exposure], &[sampling]).expect("no selectors");
        assert!(chosen.iter().any(|rule| rule.id == sampling));
        assert!(!chosen.iter().any(|rule| rule.id == "lambda-layer-public"));
        let without = select(&[], &["s3-object-public".into()], &[Category::Exposure], &[sampling]);
        assert!(without.expect("a known rule").iter().all(|rule| rule.id != sampling));
    }

    #[test]
    fn an_old_id_is_refused_with_the_new_ones() {
        let said = |given: &str| {
            let asked = select(&[given.to_owned()], &[], &[], &[]).expect_err("an old id");
            let left_out = select(&[], &[given.to_owned()], &[], &[]).expect_err("an old id");
            assert_eq!(asked, left_out);
            asked.to_string()
        };
        assert_eq!(
            said("eni-port-public"),
            "rule `eni-port-public` is now called `ec2-interface-port-public`"
        );
        let caches = "`cache-cluster-security-group-open` is now called \
                      `elasticache-cluster-security-group-open` and \
                      `memorydb-cluster-security-group-open`";
        assert_eq!(said("cache-cluster-security-group-open"), format!("rule {caches}"));
        assert_eq!(said("cache-*"), format!("unknown rule `cache-*`: {caches}"));
        assert_eq!(said("cache-cluster"), format!("unknown rule `cache-cluster`: {caches}"));
    }

    #[test]
    fn no_old_id_is_used_again_and_every_new_one_is_a_rule() {
        let is_rule = |id: &str| RULES.iter().any(|rule| rule.id == id);
        for (old, now) in RENAMED {
            assert!(!is_rule(old), "{old}");
            assert!(!now.is_empty() && now.iter().all(|id| is_rule(id)), "{old}: {now:?}");
            assert!(now.iter().all(|id| formerly(id).contains(old)), "{old}");
        }
    }

    #[test]
    fn an_unknown_rule_is_refused_with_the_nearest_one() {
        let error = select(&["s3-bucket-pubic".into()], &[], &[], &[]).expect_err("no such rule");
        assert_eq!(error.nearest, Some("s3-bucket-public"));
        assert!(error.to_string().contains("did you mean `s3-bucket-public`?"), "{error}");
        assert!(select(&["nope-*".into()], &[], &[], &[]).is_err());
    }
}
