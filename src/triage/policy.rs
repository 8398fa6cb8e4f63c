//! What a user decided beforehand: findings to leave out, severities to change, whom to trust.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;
use jiff::civil::Date;

use super::Pattern;
use crate::model::{Coverage, Exposure, Finding, Severity, Suppressed};
use crate::rules::Trusted;

/// Decisions, in the order in which they are applied: trust, ignores, severities.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
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
    /// ARN.
    pub resource: Option<Pattern>,
    /// Account of the resource.
    pub account: Option<Pattern>,
    /// Region of the resource.
    pub region: Option<Pattern>,
    /// Why, for whoever reads it next.
    pub reason: String,
    /// The last day on which it counts (UTC).
    pub expires: Option<Date>,
}

/// What a run looked at, for telling what an ignore could have matched.
#[derive(Debug)]
pub struct Looked<'a> {
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

impl Policy {
    /// Applies the decisions to `findings`, as of `today`.
    pub fn apply(&self, findings: &mut Vec<Finding>, looked: &Looked<'_>, today: Date) -> Applied {
        let mut applied = Applied::default();
        let mut matched = vec![0_usize; self.ignores.len()];
        findings.retain(|finding| {
            let mut reason = self.trusted.reason(finding);
            for (ignore, matched) in self.ignores.iter().zip(&mut matched) {
                if ignore.matches(finding) {
                    *matched += 1;
                    if !ignore.expired(today) {
                        reason.get_or_insert_with(|| ignore.reason.clone());
                    }
                }
            }
            let Some(reason) = reason else { return true };
            applied.suppressed.push(Suppressed {
                fingerprint: finding.fingerprint.clone(),
                rule: finding.rule.clone(),
                resource: finding.resource.arn.clone(),
                reason,
            });
            false
        });
        for finding in findings {
            if let Some(severity) = self.severities.get(&finding.rule) {
                let by_rule = finding.severity;
                finding.severity = severity.when(finding.status);
                finding.default_severity = (by_rule != finding.severity).then_some(by_rule);
            }
        }
        let warnings = self.ignores.iter().zip(matched);
        applied.warnings =
            warnings.filter_map(|(ignore, n)| ignore.warning(n, looked, today)).collect();
        applied
    }
}

impl Ignore {
    fn matches(&self, finding: &Finding) -> bool {
        let meant = |pattern: &Option<Pattern>, name: &str| {
            pattern.as_ref().is_none_or(|pattern| pattern.matches(name))
        };
        let resource = &finding.resource;
        (self.rules.is_empty() || self.rules.contains(&finding.rule.as_str()))
            && meant(&self.resource, &resource.arn)
            && meant(&self.account, &resource.account)
            && meant(&self.region, &resource.region)
    }

    fn expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| last < today)
    }

    fn warning(&self, matched: usize, looked: &Looked<'_>, today: Date) -> Option<String> {
        let place = &self.place;
        if let (true, Some(last)) = (self.expired(today), self.expires) {
            let back = match matched {
                0 => "and matches nothing; remove it".to_owned(),
                1 => "and its finding is back".to_owned(),
                n => format!("and its {n} findings are back"),
            };
            return Some(format!("{place}: this ignore expired on {last}, {back}"));
        }
        (matched == 0 && self.could_match(looked)).then(|| {
            format!("{place}: this ignore matches no finding; what it was for may be gone")
        })
    }

    /// Whether everything was read that a finding it means would have come from.
    fn could_match(&self, looked: &Looked<'_>) -> bool {
        let one_of = |pattern: &Option<Pattern>, names: &BTreeSet<String>| {
            pattern.as_ref().is_none_or(|pattern| names.iter().any(|name| pattern.matches(name)))
        };
        // Account and region stand in an ARN (AWS General Reference, Amazon Resource Names); an
        // empty part, as in those of buckets, says nothing.
        let arn: Vec<&str> =
            self.resource.as_ref().map(|arn| arn.as_str().split(':').collect()).unwrap_or_default();
        let part =
            |n: usize| arn.get(n).filter(|part| !part.is_empty()).map(|part| Pattern::of(*part));
        let means = |rule: &str| self.rules.is_empty() || self.rules.contains(&rule);
        let unread = looked.coverage.iter().any(|gap| {
            let meant = |pattern: &Option<Pattern>, name: &str| {
                pattern.as_ref().is_none_or(|pattern| pattern.matches(name))
            };
            gap.affects.iter().any(|rule| means(rule))
                && meant(&self.account, &gap.account)
                && meant(&part(4), &gap.account)
        });
        looked.rules.iter().any(|rule| means(rule))
            && one_of(&self.account, looked.accounts)
            && one_of(&self.region, looked.regions)
            && one_of(&part(4), looked.accounts)
            && one_of(&part(3), looked.regions)
            && !unread
    }
}

impl Trusted {
    /// Why nobody gets in by this finding who is not trusted; `None` where somebody does.
    fn reason(&self, finding: &Finding) -> Option<String> {
        let exposure = finding.exposure.as_ref()?;
        let named = exposure.who.split(',').map(str::trim);
        if !exposure.who.is_empty() && named.clone().all(|who| self.knows(who)) {
            return Some(format!("trusted: {}", exposure.who));
        }
        self.holds_all(exposure).then(|| format!("trusted: {}", exposure.cidrs.join(", ")))
    }

    fn knows(&self, who: &str) -> bool {
        match who.split_once(':') {
            Some(("account", id)) => self.accounts.contains(id),
            Some(("org", id)) => self.organizations.contains(id),
            // The fifth part of a principal's ARN is its account.
            Some(("principal", arn)) => {
                arn.split(':').nth(4).is_some_and(|id| self.accounts.contains(id))
            }
            _ => false,
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
