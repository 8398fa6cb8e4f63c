//! Which findings the calls without an answer leave unjudged, found without asking every call.

use std::collections::{BTreeMap, HashMap};

use crate::model::{Coverage, Finding, GLOBAL};

/// The calls without an answer of a run, by what they may leave unjudged.
pub struct Unjudged<'r>(HashMap<(&'r str, &'r str), OfRule<'r>>);

/// Those of one account that a rule needed.
#[derive(Default)]
struct OfRule<'r> {
    /// Calls about one resource, by the last part of its name.
    about: HashMap<&'r str, Vec<&'r Coverage>>,
    /// All of them, by place and by what they are about.
    places: BTreeMap<&'r str, BTreeMap<Kind<'r>, Vec<&'r Coverage>>>,
}

/// What calls are about: nothing in particular, or resources that look alike.
type Kind<'r> = Option<(&'r str, Option<&'r str>)>;

impl<'r> Unjudged<'r> {
    pub fn of(coverage: &'r [Coverage]) -> Unjudged<'r> {
        let mut found: HashMap<(&str, &str), OfRule<'_>> = HashMap::new();
        for gap in coverage {
            for rule in &gap.affects {
                let of_rule = found.entry((&gap.account, rule)).or_default();
                if let Some(resource) = &gap.resource {
                    of_rule.about.entry(last(resource)).or_default().push(gap);
                }
                let kind = gap.resource.as_deref().map(|id| (gap.service.as_str(), shape(id)));
                let place = of_rule.places.entry(&gap.region).or_default();
                place.entry(kind).or_default().push(gap);
            }
        }
        Unjudged(found)
    }

    /// The calls that may be the reason that nothing is said of a finding.
    ///
    /// A call about one resource concerns others that depend on it (an instance whose group names a
    /// prefix list), and only surely not those of its own kind.
    pub fn leaving(&self, finding: &Finding) -> Vec<Coverage> {
        let of = &finding.resource;
        let Some(of_rule) = self.0.get(&(of.account.as_str(), finding.rule.as_str())) else {
            return Vec::new();
        };
        let mut found: Vec<&Coverage> = Vec::new();
        // The objects of a bucket are named after it.
        let whole = |name: &'_ str| name.strip_suffix("/*").unwrap_or(name).to_owned();
        let (id, uid) = (whole(&of.id), whole(&of.uid));
        for gap in of_rule.about.get(last(&uid)).into_iter().chain(of_rule.about.get(last(&id))) {
            let itself = |gap: &&&Coverage| {
                let named = gap.resource.as_deref().unwrap_or_default();
                is_tail(&uid, named) || is_tail(named, &id)
            };
            found.extend(gap.iter().filter(itself));
        }
        let here = |place: &str| place == of.region || !of.regional || place == GLOBAL;
        for (_, kinds) in of_rule.places.iter().filter(|(place, _)| here(place)) {
            let others = kinds.iter().filter(|(kind, _)| {
                kind.is_none_or(|(service, kind)| service != of.service || kind != shape(&of.id))
            });
            found.extend(others.flat_map(|(_, gaps)| gaps));
        }
        let mut found: Vec<Coverage> = found.into_iter().cloned().collect();
        found.sort();
        found.dedup();
        found
    }
}

/// The last part of a name.
fn last(name: &str) -> &str {
    name.rsplit(['/', ':']).next().unwrap_or(name)
}

/// Whether `part` is a name or its last parts: `b` is the end of `arn:aws:s3:::b`, not of `…:::ab`.
fn is_tail(name: &str, part: &str) -> bool {
    let before = name.strip_suffix(part);
    !part.is_empty()
        && before.is_some_and(|before| before.is_empty() || before.ends_with([':', '/']))
}

fn shape(id: &str) -> Option<&str> {
    crate::model::Provider::default().kind_of_id(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_not_the_end_of_another() {
        assert!(is_tail("arn:aws:s3:::b1", "b1") && is_tail("b1", "b1"));
        assert!(is_tail("https://sqs.eu-west-1.amazonaws.com/1/jobs", "jobs"));
        assert!(!is_tail("arn:aws:s3:::web-b1", "b1") && !is_tail("arn:aws:s3:::b1", ""));
    }
}
