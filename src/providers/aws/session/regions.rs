//! Which regions to look at: names and patterns against what the account has enabled.

use globset::{Glob, GlobSet, GlobSetBuilder};

use super::errors::ConnectError;
use crate::model::did_you_mean;

/// Regions that every account has without opting in, by partition (AWS account management guide,
/// enable or disable regions). Needed only when DescribeRegions is refused.
const BY_DEFAULT: &[(&str, &[&str])] = &[
    (
        "aws",
        &[
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-south-1",
            "ap-southeast-1",
            "ap-southeast-2",
            "ca-central-1",
            "eu-central-1",
            "eu-north-1",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
            "sa-east-1",
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2",
        ],
    ),
    ("aws-cn", &["cn-north-1", "cn-northwest-1"]),
    ("aws-us-gov", &["us-gov-east-1", "us-gov-west-1"]),
];

/// Regions of a partition that need no opting in.
pub(crate) fn by_default(partition: &str) -> &'static [&'static str] {
    let known = BY_DEFAULT.iter().find(|(name, _)| *name == partition);
    known.map(|(_, regions)| *regions).unwrap_or_default()
}

/// A region name most like `given` among those that every account has.
pub(crate) fn similar(given: &str) -> Option<String> {
    did_you_mean(given, BY_DEFAULT.iter().flat_map(|(_, regions)| regions.iter().copied()))
        .map(str::to_owned)
}

/// True for a name that every account of some partition has.
pub(crate) fn is_well_known(region: &str) -> bool {
    BY_DEFAULT.iter().any(|(_, regions)| regions.contains(&region))
}

/// A region of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) name: String,
    /// False when the account would have to opt in first.
    pub(crate) enabled: bool,
}

/// What the user asked for.
#[derive(Debug, Default)]
pub(crate) struct Choice {
    names: Vec<String>,
    include: GlobSet,
    exclude: GlobSet,
    excluded: Vec<String>,
}

fn is_pattern(name: &str) -> bool {
    name.contains(['*', '?', '[', '{'])
}

fn globs(patterns: &[String]) -> Result<GlobSet, ConnectError> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let glob = Glob::new(pattern)
            .map_err(|_| ConnectError::UnknownRegion { region: pattern.clone(), nearest: None })?;
        set.add(glob);
    }
    set.build().map_err(|_| ConnectError::NoRegion)
}

impl Choice {
    pub(crate) fn new(regions: &[String], exclude: &[String]) -> Result<Self, ConnectError> {
        Ok(Self {
            names: regions.to_vec(),
            include: globs(regions)?,
            exclude: globs(exclude)?,
            excluded: exclude.to_vec(),
        })
    }

    fn admits(&self, region: &str) -> bool {
        (self.names.is_empty() || self.include.is_match(region)) && !self.exclude.is_match(region)
    }

    /// True when every region was named in full, so that nothing has to be looked up.
    pub(crate) fn is_literal(&self) -> bool {
        !self.names.is_empty() && !self.names.iter().any(|name| is_pattern(name))
    }

    /// Regions to look at, from those the account told.
    pub(crate) fn of(self, account: &str, known: &[Region]) -> Result<Chosen, ConnectError> {
        for given in self.names.iter().chain(self.excluded.iter()) {
            let named = globs(std::slice::from_ref(given))?;
            let mut found = known.iter().filter(|region| named.is_match(&region.name)).peekable();
            let wanted = self.names.contains(given);
            if found.peek().is_none() && (wanted || !is_pattern(given)) {
                return Err(ConnectError::UnknownRegion {
                    region: given.clone(),
                    nearest: did_you_mean(given, known.iter().map(|region| region.name.as_str()))
                        .map(str::to_owned),
                });
            }
            if wanted && !is_pattern(given) && !found.any(|region| region.enabled) {
                return Err(ConnectError::RegionNotEnabled {
                    region: given.clone(),
                    account: account.to_owned(),
                });
            }
        }
        let enabled = known.iter().filter(|region| region.enabled);
        self.with(enabled.map(|region| region.name.clone()).collect())
    }

    /// Regions to look at when the account does not tell: the named ones as they are, else those
    /// that every account has.
    pub(crate) fn unseen(self, partition: &str) -> Result<Chosen, ConnectError> {
        let mut names: Vec<String> =
            by_default(partition).iter().map(|name| (*name).to_owned()).collect();
        names.extend(self.names.iter().filter(|name| !is_pattern(name)).cloned());
        self.with(names)
    }

    fn with(self, mut names: Vec<String>) -> Result<Chosen, ConnectError> {
        names.retain(|name| self.admits(name));
        names.sort();
        names.dedup();
        if names.is_empty() {
            return Err(ConnectError::NoRegion);
        }
        Ok(Chosen { regions: names, choice: self })
    }
}

/// The regions of one account that a scan looks at.
#[derive(Debug, Default)]
pub(crate) struct Chosen {
    pub(crate) regions: Vec<String>,
    choice: Choice,
}

impl Chosen {
    /// Whether something in `region` is in scope. Without a choice everything is, also what sits
    /// in a region that the account did not tell.
    pub(crate) fn admits(&self, region: &str) -> bool {
        self.choice.admits(region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(regions: &[&str], exclude: &[&str]) -> Result<Vec<String>, ConnectError> {
        let strings = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let known = ["us-east-1", "eu-west-1", "eu-west-2", "af-south-1"]
            .map(|name| Region { name: name.to_owned(), enabled: name != "af-south-1" });
        let choice = Choice::new(&strings(regions), &strings(exclude))?;
        choice.of("123456789012", &known).map(|chosen| chosen.regions)
    }

    #[test]
    fn without_a_choice_every_enabled_region_is_looked_at() {
        assert_eq!(choose(&[], &[]).expect("regions"), ["eu-west-1", "eu-west-2", "us-east-1"]);
    }

    #[test]
    fn names_and_patterns_choose_and_exclude() {
        assert_eq!(choose(&["eu-*"], &["*-2"]).expect("one region"), ["eu-west-1"]);
        assert_eq!(choose(&["us-east-1"], &[]).expect("one region"), ["us-east-1"]);
        assert_eq!(choose(&["eu-*"], &["eu-*"]), Err(ConnectError::NoRegion));
    }

    #[test]
    fn a_typing_error_names_what_was_meant() {
        let error = choose(&["us-eest-1"], &[]).expect_err("no such region");
        assert!(error.to_string().contains("did you mean `us-east-1`?"), "{error}");
        let error = choose(&["mars-*"], &[]).expect_err("nothing matches");
        assert!(error.to_string().contains("unknown AWS region `mars-*`"), "{error}");
        let error = choose(&[], &["us-eest-1"]).expect_err("no such region");
        assert!(error.to_string().contains("us-east-1"), "{error}");
    }

    #[test]
    fn a_region_that_is_not_enabled_says_how_to_enable_it() {
        let error = choose(&["af-south-1"], &[]).expect_err("not opted in");
        assert!(error.to_string().contains("aws account enable-region --region-name af-south-1"));
        assert!(choose(&["*"], &["af-south-1"]).is_ok());
    }

    #[test]
    fn when_nobody_tells_names_count_as_they_are() {
        let choice = Choice::new(&["xx-new-1".to_owned()], &[]).expect("valid names");
        assert!(choice.is_literal());
        assert_eq!(choice.unseen("aws").expect("regions").regions, ["xx-new-1"]);
        let all = Choice::new(&[], &[]).expect("no names").unseen("aws").expect("regions");
        assert_eq!(all.regions.len(), by_default("aws").len());
    }
}
