//! What a user decided beforehand: findings to leave out, severities to change, whom to trust.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;
use jiff::civil::Date;

use super::NamePattern;
use crate::model::{Coverage, Exposure, Finding, Location, Severity, Suppressed, Who};
use crate::rules::Trusted;

/// Decisions, in the order in which they are applied: trust, ignores, severities.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exceptions {
    /// Findings to leave out.
    pub ignores: Vec<Ignore>,
    /// How bad a rule's exposures are, by rule.
    pub severities: BTreeMap<String, Severity>,
    /// Who may get in.
    pub trusted: Trusted,
}

/// Findings to leave out. What is not given matches everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignore {
    /// Where it is written, as `outcrop.toml:12`.
    pub place: String,
    /// Rules that are meant; none given, all of them.
    pub rules: Vec<&'static str>,
    /// `uid` of the resource.
    pub resource: Option<NamePattern>,
    /// Account of the resource.
    pub account: Option<NamePattern>,
    /// Region of the resource.
    pub region: Option<NamePattern>,
    /// Why, for whoever reads it next.
    pub reason: String,
    /// The last day on which it counts (UTC).
    pub expires: Option<Date>,
}

/// What a run looked at, for telling what an ignore could have matched.
#[derive(Debug)]
pub struct RunScope<'a> {
    /// Accounts in scope.
    pub accounts: &'a BTreeSet<String>,
    /// Regions in scope.
    pub regions: &'a BTreeSet<String>,
    /// Rules that were applied.
    pub rules: &'a [String],
    /// What was not seen.
    pub coverage: &'a [Coverage],
}

/// What came of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Findings that were left out.
    pub suppressed: Vec<Suppressed>,
    /// What the user should look at in the configuration.
    pub warnings: Vec<String>,
}

impl Exceptions {
    /// Applies the decisions to `findings`, as of `today`.
    pub fn apply(&self, findings: &mut Vec<Finding>, scope: &RunScope<'_>, today: Date) -> Applied {
        let mut applied = Applied::default();
        let mut matched = vec![0_usize; self.ignores.len()];
        findings.retain(|finding| {
            for (ignore, matched) in self.ignores.iter().zip(&mut matched) {
                *matched += usize::from(ignore.matches(finding));
            }
            let Some(reason) = self.reason(finding, today) else { return true };
            applied.suppressed.push(Suppressed {
                fingerprint: finding.fingerprint.clone(),
                rule: finding.rule.clone(),
                resource: finding.resource.uid.clone(),
                reason,
            });
            false
        });
        for finding in findings {
            let by_rule = finding.severity;
            finding.severity = self.severity(finding);
            if by_rule != finding.severity {
                finding.default_severity = Some(by_rule);
            }
        }
        let warnings = self.ignores.iter().zip(matched);
        applied.warnings =
            warnings.filter_map(|(ignore, n)| ignore.warning(n, scope, today)).collect();
        applied
    }

    /// Why a finding is left out as of `today`; `None` where it is not.
    pub fn reason(&self, finding: &Finding, today: Date) -> Option<String> {
        let mut ignores = self.ignores.iter().filter(|ignore| !ignore.expired(today));
        let ignored = || Some(ignores.find(|ignore| ignore.matches(finding))?.reason.clone());
        self.trusted.reason(finding).or_else(ignored)
    }

    /// How bad a finding is to the user.
    pub fn severity(&self, finding: &Finding) -> Severity {
        let chosen = self.severities.get(&finding.rule);
        chosen.map_or(finding.severity, |severity| severity.when(finding.status))
    }
}

impl Ignore {
    fn matches(&self, finding: &Finding) -> bool {
        let meant = |pattern: &Option<NamePattern>, name: &str| {
            pattern.as_ref().is_none_or(|pattern| pattern.matches(name))
        };
        let resource = &finding.resource;
        (self.rules.is_empty() || self.rules.contains(&finding.rule.as_str()))
            && meant(&self.resource, &resource.uid)
            && meant(&self.account, &resource.account)
            && meant(&self.region, &resource.region)
    }

    fn expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| last < today)
    }

    fn warning(&self, matched: usize, scope: &RunScope<'_>, today: Date) -> Option<String> {
        let place = &self.place;
        if let (true, Some(last)) = (self.expired(today), self.expires) {
            let back = match matched {
                0 => "and matches nothing; remove it".to_owned(),
                1 => "and its finding is back".to_owned(),
                n => format!("and its {n} findings are back"),
            };
            return Some(format!("{place}: this ignore expired on {last}, {back}"));
        }
        (matched == 0 && self.could_match(scope)).then(|| {
            format!("{place}: this ignore matches no finding; what it was for may be gone")
        })
    }

    /// Whether everything was read that a finding it means would have come from.
    fn could_match(&self, scope: &RunScope<'_>) -> bool {
        let one_of = |pattern: &Option<NamePattern>, names: &BTreeSet<String>| {
            pattern.as_ref().is_none_or(|pattern| names.iter().any(|name| pattern.matches(name)))
        };
        let resource = self.resource.as_ref().map(NamePattern::as_str).unwrap_or_default();
        let place = Location::of_pattern(resource);
        let (region, account) =
            (place.region.map(NamePattern::of), place.account.map(NamePattern::of));
        let means = |rule: &str| self.rules.is_empty() || self.rules.contains(&rule);
        let unread = scope.coverage.iter().any(|gap| {
            let meant = |pattern: &Option<NamePattern>, name: &str| {
                pattern.as_ref().is_none_or(|pattern| pattern.matches(name))
            };
            gap.affects.iter().any(|rule| means(rule))
                && meant(&self.account, &gap.account)
                && meant(&account, &gap.account)
        });
        scope.rules.iter().any(|rule| means(rule))
            && one_of(&self.account, scope.accounts)
            && one_of(&self.region, scope.regions)
            && one_of(&account, scope.accounts)
            && one_of(&region, scope.regions)
            && !unread
    }
}

impl Trusted {
    /// Why nobody gets in by this finding who is not trusted; `None` where somebody does.
    fn reason(&self, finding: &Finding) -> Option<String> {
        let exposure = finding.exposure.as_ref()?;
        if !exposure.who.is_empty() && exposure.who.iter().all(|who| self.knows(who)) {
            return Some(format!("trusted: {}", exposure.who));
        }
        self.holds_all(exposure).then(|| format!("trusted: {}", exposure.cidrs.join(", ")))
    }

    fn knows(&self, who: &Who) -> bool {
        match who {
            Who::Org(id) => self.organizations.contains(id),
            other => other.account().is_some_and(|id| self.accounts.contains(id)),
        }
    }

    /// Whether every source is an address range within a trusted one. A source that is no range
    /// (a prefix list) is not trusted.
    fn holds_all(&self, exposure: &Exposure) -> bool {
        let trusted = |cidr: &String| {
            let range = cidr.parse::<IpNet>();
            range.is_ok_and(|range| self.ranges.iter().any(|trusted| trusted.contains(&range)))
        };
        !exposure.cidrs.is_empty() && exposure.cidrs.iter().all(trusted)
    }
}
