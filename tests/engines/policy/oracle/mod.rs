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
mod organization;
mod places;
mod random;
mod subjects;
mod sum;
mod values;
mod world;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use organization::{Control, merged};
use outcrop::analysis::aws::policy::{
    Context, Document, FunctionUrl, FunctionWay, Json, Locked, Ruling, Subject as Judged, Verdict,
    Who, Work, judge, judge_documents,
};
use outcrop::model::Status;
use random::Random;
pub use subjects::SUBJECTS;
use subjects::{OWN_ORG, OWNER, Subject};
use sum::Answer;
use world::{Asks, Way, World};

/// A generated policy, and what it is for.
pub struct Case {
    pub subject: &'static Subject,
    pub policy: Value,
    /// The owner's organization.
    pub org: Option<&'static str>,
    /// Further documents on the resource.
    pub others: Vec<Value>,
    /// Resource control policies that reach the owner.
    pub controls: Vec<Control>,
    /// The way into a function that is judged, where not both are.
    pub way: Option<Way>,
}

impl Case {
    /// The case of a number.
    pub fn of(number: u64) -> Case {
        let mut random = Random::new(number);
        let subject = random.pick(SUBJECTS);
        let org = random.chance(30).then_some(OWN_ORG);
        let policy = generate::policy(&mut random, subject);
        let others = match random.chance(10) {
            true => (0..=random.below(2)).map(|_| generate::policy(&mut random, subject)).collect(),
            false => Vec::new(),
        };
        let controls = match random.chance(20) {
            true => organization::controls(&mut random, subject),
            false => Vec::new(),
        };
        let is_function = subject.kind == "aws.lambda.function";
        let way = match random.below(5) {
            1 if is_function => Some(Way::Api),
            2.. if is_function => Some(Way::Url {
                auth: if random.below(3) == 0 { "AWS_IAM" } else { "NONE" },
                old: random.chance(20),
                asks: Asks::Both,
            }),
            _ => None,
        };
        Case { subject, policy, org, others, controls, way }
    }

    /// All documents as one.
    fn whole(&self) -> Value {
        self.others.iter().fold(self.policy.clone(), |all, other| merged(&all, other))
    }

    /// The controls that count for this kind of resource.
    fn reaching(&self) -> Vec<&Control> {
        self.controls.iter().filter(|_| organization::reaches(self.subject.kind)).collect()
    }

    /// What the engine makes of a writing of the policy by itself.
    pub fn ruling(&self, text: &str) -> Ruling {
        let context = self.context();
        judge(text, &self.judged(&context))
    }

    /// What the engine makes of all documents under the organization's policies.
    fn locked(&self) -> Locked {
        let control_policies = organization::read(&self.controls, OWNER);
        let way = match self.way {
            None => FunctionWay::Either,
            Some(Way::Api) => FunctionWay::Api,
            Some(Way::Url { auth, old, .. }) => FunctionWay::Url(FunctionUrl {
                auth_type: Some(auth.to_owned()),
                created: Some(if old { "2025-09-30T23:59:59Z" } else { "2025-10-01T00:00:00Z" })
                    .map(|at| at.parse().unwrap()),
            }),
        };
        let context = Context { control_policies, way, ..self.context() };
        let mut judged = self.judged(&context);
        if matches!(self.way, Some(Way::Url { .. })) {
            judged.kind = "aws.lambda.function-url";
        }
        let parsed = |policy: &Value| Json::parse(&policy.to_string()).unwrap();
        let read: Vec<Json> = [&self.policy].into_iter().chain(&self.others).map(parsed).collect();
        let names = ["default", "one", "other"];
        let named = names.iter().zip(&read);
        let documents: Vec<Document<'_>> =
            named.map(|(name, policy)| Document { name, policy }).collect();
        judge_documents(&documents, &judged)
    }

    fn context(&self) -> Context {
        Context {
            now: Some("2026-01-01T00:00:00Z".parse().unwrap()),
            org_id: self.org.map(str::to_owned),
            function_url: Some(Some("NONE".to_owned())),
            ..Context::default()
        }
    }

    fn judged<'c>(&self, context: &'c Context) -> Judged<'c> {
        let Subject { kind, arn, .. } = self.subject;
        Judged { kind, arn, owner_account: OWNER, context }
    }

    fn expected(&self) -> Answer {
        let whole = self.whole();
        if let Some(Way::Url { auth, old, .. }) = self.way {
            return self.expected_by_url(&whole, auth, old);
        }
        let under = |controls: &[&Control], wanted: bool| {
            let all = organization::beside(&whole, controls);
            let mut world = organization::world(&all, self.subject, self.org, wanted);
            world.way = self.way;
            sum::grants(&world, &brute::walk(&world))
        };
        let reaching = self.reaching();
        let mut answer = under(&reaching, false).0;
        answer.status = status(&answer);
        if answer.status == "none" && under(&[], false).0.verdict == "public" {
            answer.status = "latent";
            let denies_part = |one: &Control| {
                let strangers = ["anyone", "any-aws", "federated"];
                let (_, found) = under(&[one], true);
                found.values().flatten().any(|(who, _)| strangers.contains(&who.as_str()))
            };
            let is_public = |some: &[&Control]| is_left(&under(some, false).0);
            answer.blocked_by = organization::shutting(&self.controls, is_public, denies_part);
        }
        answer
    }

    /// The URL asks one caller for both permissions.
    fn expected_by_url(&self, whole: &Value, auth: &'static str, old: bool) -> Answer {
        let under = |asks: Asks| {
            let mut world = World::new(whole, self.subject, self.org);
            world.way = Some(Way::Url { auth, old, asks });
            sum::sum_up(&world, &brute::walk(&world))
        };
        let mut answer = under(Asks::Both);
        answer.status = status(&answer);
        if answer.status != "none" {
            return answer;
        }
        let (by_url, by_function) = (under(Asks::CallUrl), under(Asks::Invoke));
        if old && auth == "NONE" && is_left(&by_url) {
            // What older URLs still answer is not known.
            let verdict = "conditional".to_owned();
            let access = by_url.access;
            return Answer { verdict, access, status: "undetermined", ..Answer::default() };
        }
        for (has, lacks) in
            [(by_url, "no-invoke-function"), (by_function, "no-invoke-function-url")]
        {
            if has.verdict == "public" {
                answer.status = "latent";
                answer.blocked_by.insert(format!("policy:{lacks}"));
            }
        }
        answer
    }

    /// The engine's answer, and what it did for it.
    fn given(&self) -> (Answer, Work) {
        let locked = self.locked();
        let ruling = &locked.ruling;
        let complex = ruling.diagnostics.iter().any(|d| d.code == "too-complex");
        assert!(!complex, "{} {:?} {:?} {:?}", self.policy, self.others, self.way, self.controls);
        let who = ruling.who().filter(|_| ruling.verdict == Verdict::Public);
        let answer = Answer {
            verdict: ruling.verdict.name().to_owned(),
            who: who.map(Who::text),
            access: ruling.access().into_iter().map(|access| access.name().to_owned()).collect(),
            cross_account: ruling.cross_account(),
            services: ruling.services(),
            confused_deputy: ruling.confused_deputies(),
            status: locked.status().map_or("none", Status::as_str),
            blocked_by: locked.controls.iter().map(|one| one.control.clone()).collect(),
        };
        (answer, ruling.work)
    }
}

/// Whether something is left to the public, or may be.
fn is_left(answer: &Answer) -> bool {
    ["public", "error", "conditional"].contains(&answer.verdict.as_str())
}

fn status(answer: &Answer) -> &'static str {
    match answer.verdict.as_str() {
        "public" => "exposed",
        _ if is_left(answer) => "undetermined",
        _ => "none",
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
    let cases = number("OUTCROP_ORACLE_CASES", 200);
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
            let written = json!({"kind": case.subject.kind, "org": case.org, "policy": case.policy,
                "others": case.others, "way": format!("{:?}", case.way), "controls": format!("{:?}", case.controls)});
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
