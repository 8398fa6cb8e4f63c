//! How long a policy takes to decide: a typical one, many statements, and hostile 20 KB documents.
//!
//! `cargo bench --no-default-features --bench policy` prints all of them and the worst that a
//! random search found; with `-- --enforce` it fails where a bound is broken. The search is the
//! same every time; `OUTCROP_BENCH_SEARCH` documents make it longer and `OUTCROP_BENCH_SEED`
//! another one; `-- --show` prints the document that it found. `-- --file policy.json` times one
//! document instead, as the policy of a bucket or of `OUTCROP_BENCH_KIND`.

mod documents;
mod search;

use std::time::{Duration, Instant};

use documents::{document, hostile};
use outcrop::analysis::aws::policy::{Context, Ruling, Subject, Verdict, judge};
use serde_json::{Value, json};

/// A document of this size is as long as AWS takes for a bucket.
const SIZE: usize = 20 * 1024;
const HOSTILE: Duration = Duration::from_millis(300);
const STATEMENTS: Duration = Duration::from_millis(200);
const TYPICAL: Duration = Duration::from_millis(1);
const ARN: &str = "arn:aws:s3:::acme-data";

/// A document and what it is the policy of.
struct Hard {
    kind: &'static str,
    arn: &'static str,
    text: String,
}

impl Hard {
    fn of_bucket(text: String) -> Hard {
        Hard { kind: "aws.s3.bucket", arn: ARN, text }
    }

    fn ruled(&self) -> Ruling {
        let context = Context {
            now: Some("2026-01-01T00:00:00Z".parse().expect("a time")),
            org_id: Some("o-own0000001".to_owned()),
            ..Context::default()
        };
        let subject = Subject {
            kind: self.kind,
            arn: self.arn,
            owner_account: "111122223333",
            context: &context,
        };
        judge(&self.text, &subject)
    }
}

/// Time that this process had a processor for, so that a busy machine changes nothing; the clock
/// on the wall where the kernel does not tell.
fn processor_time(since: Instant) -> Duration {
    // Linux: the first number is nanoseconds on a processor (Documentation/scheduler/sched-stats).
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let spent = stat.and_then(|text| text.split(' ').next()?.parse().ok());
    spent.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

fn once(hard: &Hard) -> (Duration, Ruling) {
    let started = Instant::now();
    let before = processor_time(started);
    let ruling = hard.ruled();
    let wall = started.elapsed();
    let spent = processor_time(started).saturating_sub(before);
    // Processor time is counted in ticks of some milliseconds.
    (if spent < Duration::from_millis(20) { wall } else { spent.min(wall) }, ruling)
}

/// The best of three, and the ruling.
fn timed(hard: &Hard) -> (Duration, Ruling) {
    let once = || once(hard);
    (0..2).map(|_| once()).chain([once()]).min_by_key(|(took, _)| *took).unwrap_or_else(once)
}

fn report(name: &str, hard: &Hard, bound: Duration, broken: &mut Vec<String>) -> Duration {
    let (took, ruling) = timed(hard);
    let complex = ruling.diagnostics.iter().any(|diagnostic| diagnostic.code == "too-complex");
    let complex = if complex { ", too complex" } else { "" };
    println!(
        "{took:>12.1?} {:>7} cases {:>8} states {:>6} bytes  {}{complex}  {name}",
        ruling.work.cases,
        ruling.work.states,
        hard.text.len(),
        ruling.verdict.name()
    );
    if took > bound {
        broken.push(format!("{name}: {took:?} instead of {bound:?}"));
    }
    if !complex.is_empty() && ruling.verdict > Verdict::Conditional {
        broken.push(format!("{name}: undecided, and yet {}", ruling.verdict.name()));
    }
    took
}

fn main() {
    let enforce = std::env::args().any(|argument| argument == "--enforce");
    let mut broken = Vec::new();
    let file = std::env::args().skip_while(|argument| argument != "--file").nth(1);
    if let Some(file) = file {
        let text = std::fs::read_to_string(&file).expect("a file with a policy");
        let kind = std::env::var("OUTCROP_BENCH_KIND").ok();
        let subject = search::subject(kind.as_deref().unwrap_or("aws.s3.bucket"));
        let (kind, arn) = subject.expect("a kind that the search knows");
        report(&file, &Hard { kind, arn, text }, HOSTILE, &mut broken);
        return;
    }
    let typical = document(&[
        json!({"Sid": "Read", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": format!("{ARN}/*"),
               "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-aaaa111122"}}}),
        json!({"Sid": "Tls", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [ARN, format!("{ARN}/*")],
               "Condition": {"Bool": {"aws:SecureTransport": "false"}}}),
    ]);
    report("a typical policy", &Hard::of_bucket(typical), TYPICAL, &mut broken);
    let statements: Vec<Value> = (0..2_000)
        .map(|n| {
            json!({"Sid": format!("s{n}"), "Effect": if n % 3 == 0 { "Deny" } else { "Allow" },
                   "Principal": {"AWS": format!("{:012}", 222_200_000_000_u64 + n)},
                   "Action": "s3:GetObject", "Resource": format!("{ARN}/{n}/*")})
        })
        .collect();
    report("2,000 statements", &Hard::of_bucket(document(&statements)), STATEMENTS, &mut broken);
    let mut worst = (Duration::ZERO, String::new());
    for (name, text) in hostile() {
        assert!(text.len() <= SIZE, "{name} has {} bytes", text.len());
        let took = report(name, &Hard::of_bucket(text), HOSTILE, &mut broken);
        worst = worst.max((took, name.to_owned()));
    }
    let set = |name: &str, default: usize| {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let searched = set("OUTCROP_BENCH_SEARCH", 1_000);
    let mut random =
        search::Random::new(0x1234_5678_9abc_def1 ^ set("OUTCROP_BENCH_SEED", 0) as u64);
    let verbose = std::env::args().any(|argument| argument == "--verbose");
    let mut longest = Duration::ZERO;
    let mut measure = |hard: &Hard| {
        let (took, ruling) = once(hard);
        if verbose && took > longest {
            longest = took;
            println!("{took:>12.1?}  {:?}, {}: {}", ruling.work, hard.kind, hard.text);
        }
        took
    };
    if let Some(hard) = search::hardest(searched, &mut random, &mut measure) {
        let name = format!("the worst of {searched} random documents, for {}", hard.kind);
        let took = report(&name, &hard, HOSTILE, &mut broken);
        worst = worst.max((took, name));
        if std::env::args().any(|argument| argument == "--show") {
            println!("{}", hard.text);
        }
    }
    println!("the worst: {:.1?}, {}", worst.0, worst.1);
    for line in &broken {
        println!("broken: {line}");
    }
    if enforce && !broken.is_empty() {
        std::process::exit(1);
    }
}
