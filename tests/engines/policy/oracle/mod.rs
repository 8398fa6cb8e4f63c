//! The engine against brute force: concrete requests over small domains, a plain reading of the
//! rules, and the same words for the answer.
//!
//! `OUTCROP_ORACLE_CASES`, `OUTCROP_ORACLE_FIRST` and `OUTCROP_ORACLE_SEED` choose how many
//! policies and which; the same three always mean the same policies.

mod brute;
mod bucket;
mod callers;
mod conditions;
mod coverage;
mod evaluate;
mod examples;
mod generate;
mod places;
mod random;
mod subjects;
mod sum;
mod values;
mod world;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use outcrop::analysis::aws::policy::{
    Context, Ruling, Subject as Judged, Verdict, Who, Work, judge,
};
use random::Random;
pub use subjects::SUBJECTS;
use subjects::{OWN_ORG, OWNER, Subject};
use sum::Answer;
use world::World;

/// A generated policy, and what it is for.
pub struct Case {
    pub subject: &'static Subject,
    pub policy: Value,
    /// The owner's organization.
    pub org: Option<&'static str>,
}

impl Case {
    /// The case of a number.
    pub fn of(number: u64) -> Case {
        let mut random = Random::new(number);
        let subject = random.pick(SUBJECTS);
        let org = random.chance(30).then_some(OWN_ORG);
        Case { subject, policy: generate::policy(&mut random, subject), org }
    }

    /// What the engine makes of a writing of the policy.
    pub fn ruling(&self, text: &str) -> Ruling {
        let context = Context {
            now: Some("2026-01-01T00:00:00Z".parse().unwrap()),
            org_id: self.org.map(str::to_owned),
            function_url: Some(Some("NONE".to_owned())),
            ..Context::default()
        };
        let judged = Judged {
            kind: self.subject.kind,
            arn: self.subject.arn,
            owner_account: OWNER,
            context: &context,
        };
        judge(text, &judged)
    }

    fn expected(&self) -> Answer {
        let world = World::new(&self.policy, self.subject, self.org);
        sum::sum_up(&world, &brute::walk(&world))
    }

    /// The engine's answer, and what it did for it.
    fn given(&self) -> (Answer, Work) {
        let ruling = self.ruling(&self.policy.to_string());
        let complex = ruling.diagnostics.iter().any(|d| d.code == "too-complex");
        assert!(!complex, "{}", self.policy);
        let who = ruling.who().filter(|_| ruling.verdict == Verdict::Public);
        let answer = Answer {
            verdict: ruling.verdict.name().to_owned(),
            who: who.map(Who::text),
            access: ruling.access().into_iter().map(|access| access.name().to_owned()).collect(),
            cross_account: ruling.cross_account(),
            services: ruling.services(),
            confused_deputy: ruling.confused_deputies(),
        };
        (answer, ruling.work)
    }
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// The number of a case of a run.
fn case_number(seed: u64, case: u64) -> u64 {
    seed.wrapping_mul(1_000_003).wrapping_add(case)
}

#[test]
fn the_engine_agrees_with_brute_force() {
    /// Disagreements that are shown before a run ends.
    const SHOWN: usize = 5;
    let cases = number("OUTCROP_ORACLE_CASES", 500);
    let seed = number("OUTCROP_ORACLE_SEED", 1);
    let shown = usize::try_from(number("OUTCROP_ORACLE_SHOWN", SHOWN as u64)).unwrap();
    let mut disagreements = Vec::new();
    let mut times = (std::time::Duration::ZERO, std::time::Duration::ZERO);
    let (mut cases_asked, mut states) = ((0, 0), (0, 0));
    let mut verdicts: BTreeMap<String, usize> = BTreeMap::new();
    let first = number("OUTCROP_ORACLE_FIRST", 0);
    for number in first..first + cases {
        let case = Case::of(case_number(seed, number));
        let started = std::time::Instant::now();
        let (mut given, took) = case.given();
        cases_asked = cases_asked.max((took.cases, number));
        states = states.max((took.states, number));
        let between = std::time::Instant::now();
        let mut expected = case.expected();
        times.0 += between - started;
        times.1 += between.elapsed();
        *verdicts.entry(expected.verdict.clone()).or_default() += 1;
        if expected.verdict == "public" {
            // Whom a public policy names besides is not compared: policy vectors leave it open.
            // The same of services that it does not name.
            for answer in [&mut expected, &mut given] {
                answer.cross_account.clear();
                answer.services.remove("*");
                answer.confused_deputy.remove("*");
            }
        }
        if expected != given {
            let written =
                json!({"kind": case.subject.kind, "org": case.org, "policy": case.policy});
            disagreements.push(format!(
                "case {number}: {written}\n expected {expected:?}\n given    {given:?}"
            ));
            if disagreements.len() >= shown {
                break;
            }
        }
    }
    println!("{verdicts:?}; engine {:?}, brute force {:?}", times.0, times.1);
    for (what, (most, number)) in [("cases", cases_asked), ("states", states)] {
        let hardest = Case::of(case_number(seed, number));
        println!("at most {most} {what}, for case {number}: {}", hardest.policy);
    }
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n\n"));
}
