//! Which rules a user means: ids, globs and families, and categories.

use super::{RULES, Rule};
use crate::model::{Category, did_you_mean};

/// A selector that names no rule.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown rule `{given}`{}; `outcrop rules` lists them", nearest.as_ref().map(|n| format!(", did you mean `{n}`?")).unwrap_or_default())]
pub struct UnknownRule {
    /// What the user wrote.
    pub given: String,
    /// The rule with the nearest name.
    pub nearest: Option<&'static str>,
}

/// Rules by what the user asked for.
///
/// A selector is an id, a glob (`s3-*`) or a family, which is the first words of ids
/// (`ec2-port-public`). Rules that are named count whatever their category. Rules that run only if
/// they are asked for count with `opted_in`, or by their own id.
///
/// # Errors
/// When a selector matches no rule.
pub fn select(
    include: &[String],
    exclude: &[String],
    categories: &[Category],
    opted_in: bool,
) -> Result<Vec<&'static Rule>, UnknownRule> {
    for given in include.iter().chain(exclude) {
        named(given)?;
    }
    let wanted = |rule: &&&Rule| {
        let included = if rule.opt_in {
            opted_in || include.iter().any(|given| given == rule.id)
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
        let nearest = did_you_mean(selector, RULES.iter().map(|rule| rule.id));
        return Err(UnknownRule { given: selector.to_owned(), nearest });
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
        select(&own(include), &own(exclude), &[Category::Exposure], false)
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
        let chosen = select(&[], &[], &[Category::Exposure], true).expect("no selectors");
        assert!(chosen.iter().any(|rule| rule.id == sampling));
        let without = select(&[], &["s3-object-public".into()], &[Category::Exposure], true);
        assert!(without.expect("a known rule").iter().all(|rule| rule.id != sampling));
    }

    #[test]
    fn an_unknown_rule_is_refused_with_the_nearest_one() {
        let error = select(&["s3-bucket-pubic".into()], &[], &[], false).expect_err("no such rule");
        assert_eq!(error.nearest, Some("s3-bucket-public"));
        assert!(error.to_string().contains("did you mean `s3-bucket-public`?"), "{error}");
        assert!(select(&["nope-*".into()], &[], &[], false).is_err());
    }
}
