//! What becomes of calls that are refused, garbled, hanging, stopped, or in pages.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::replay::{Cloud, Said, ec2_error, ok, runtime, wanted};
use crate::analysis::aws::demand::CollectionPlan;
use crate::inventory::aws::calls;
use crate::model::{Gap, Known, Outcome};
use crate::providers::aws::transport::run::Run;
use crate::providers::aws::transport::site::{Site, client};
use crate::providers::aws::{Event, Watch};

const DATABASES: &str = "rds:DescribeDBInstances";

fn page(names: &[&str], marker: Option<&str>) -> String {
    let instance = |name: &&str| {
        format!("<DBInstance><DBInstanceIdentifier>{name}</DBInstanceIdentifier></DBInstance>")
    };
    let instances: String = names.iter().map(instance).collect();
    let marker = marker.map(|m| format!("<Marker>{m}</Marker>")).unwrap_or_default();
    format!(
        "<DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances>{instances}\
         </DBInstances>{marker}</DescribeDBInstancesResult></DescribeDBInstancesResponse>"
    )
}

fn refusal(status: u16, code: &str) -> Said {
    let error = format!("<Error><Code>{code}</Code><Message>no: {code}</Message></Error>");
    Said::Answer(status, format!("<ErrorResponse>{error}</ErrorResponse>"))
}

/// The only gap of a collection of databases of which none was read.
fn gap(answers: impl Fn() -> Said + Send + Sync + 'static) -> (Gap, Cloud) {
    let (read, gap, cloud) = partly(answers);
    assert_eq!(read, None);
    (gap, cloud)
}

/// How many databases were read of a list with a gap, if it was read at all.
fn partly(answers: impl Fn() -> Said + Send + Sync + 'static) -> (Option<usize>, Gap, Cloud) {
    let cloud = Cloud::new(move |_| answers());
    let mut snapshot = cloud.collect(&[DATABASES]);
    assert_eq!(snapshot.gaps.len(), 1, "{:?}", snapshot.gaps);
    let gap = snapshot.gaps.remove(0);
    assert_eq!(gap.call(), "rds:DescribeDBInstances");
    let read = snapshot.regions["us-east-1"].rds.describe_db_instances.read();
    (read.map(|read| read.db_instances.len()), gap, cloud)
}

#[test]
fn a_refusal_is_a_gap_with_code_and_words() {
    let (gap, cloud) = gap(|| refusal(403, "AccessDenied"));
    assert_eq!(gap.outcome, Outcome::Denied);
    assert_eq!(gap.code.as_deref(), Some("AccessDenied"));
    assert_eq!(gap.message, "no: AccessDenied");
    assert_eq!(cloud.asked()["DescribeDBInstances"], 1, "a refusal is not asked again");
}

#[test]
fn throttling_is_retried_and_counted_as_one_call() {
    let (gap, cloud) = gap(|| refusal(400, "Throttling"));
    assert_eq!(gap.outcome, Outcome::Throttled);
    assert_eq!(cloud.asked()["DescribeDBInstances"], 3);
    let counts = cloud.account.guard.counts.lock().unwrap().clone();
    assert_eq!(counts, [("rds:DescribeDBInstances".to_owned(), 1)].into());
}

#[test]
fn garbage_is_malformed_and_a_servers_failure_an_error() {
    for garbage in ["<html>hello</html>", "not even markup", "", "<DescribeDBInstancesResponse>"] {
        let (gap, _) = gap(move || ok(garbage));
        assert_eq!(gap.outcome, Outcome::Malformed, "{garbage:?}: {}", gap.message);
    }
    let (gap, _) = gap(|| Said::Answer(501, "<html>not implemented</html>".into()));
    assert_eq!(gap.outcome, Outcome::Error);
    assert!(gap.message.contains("501"), "{}", gap.message);
}

#[test]
fn silence_is_a_timeout() {
    let (gap, _) = gap(|| Said::Silence);
    assert_eq!(gap.outcome, Outcome::Timeout);
}

#[test]
fn all_pages_are_read_and_each_is_a_call() {
    let cloud = Cloud::new(|asked| match asked.form.contains("Marker=2") {
        false => ok(page(&["a", "b"], Some("2"))),
        true => ok(page(&["c"], None)),
    });
    let snapshot = cloud.collect(&[DATABASES]);
    let Known::Read(read) = &snapshot.regions["us-east-1"].rds.describe_db_instances else {
        panic!("unread: {:?}", snapshot.gaps)
    };
    assert_eq!(read.db_instances.len(), 3);
    assert_eq!(snapshot.calls["rds:DescribeDBInstances"], 2);
}

#[test]
fn a_lost_page_is_a_gap_and_what_was_read_before_is_kept() {
    let count = AtomicUsize::new(0);
    let (read, gap, _) = partly(move || match count.fetch_add(1, Ordering::SeqCst) {
        0 => ok(page(&["a"], Some("2"))),
        _ => refusal(403, "AccessDenied"),
    });
    assert_eq!(read, Some(1));
    assert_eq!(gap.outcome, Outcome::Denied);
    assert!(gap.message.ends_with("(after 1 pages were read)"), "{}", gap.message);
}

#[test]
fn a_lost_page_makes_a_list_unread_where_the_rest_may_depend_on_it() {
    let count = AtomicUsize::new(0);
    let cloud = Cloud::new(move |asked| match asked.what.as_str() {
        "DescribeSecurityGroups" if count.fetch_add(1, Ordering::SeqCst) == 0 => {
            ok("<DescribeSecurityGroupsResponse><securityGroupInfo><item><groupId>sg-1</groupId>\
             </item></securityGroupInfo><nextToken>2</nextToken></DescribeSecurityGroupsResponse>")
        }
        _ => ec2_error(403, "UnauthorizedOperation"),
    });
    let snapshot = cloud.collect(&["ec2"]);
    assert!(snapshot.regions["us-east-1"].ec2.describe_security_groups.is_unread());
}

#[test]
fn a_page_that_names_itself_as_the_next_does_not_pass_for_a_whole_list() {
    let (_, gap, cloud) = partly(|| ok(page(&["a"], Some("2"))));
    assert_eq!(gap.outcome, Outcome::Malformed);
    assert_eq!(cloud.asked()["DescribeDBInstances"], 2);
}

#[test]
fn refused_credentials_are_one_gap_per_service() {
    let cloud = Cloud::new(|asked| match asked.what.as_str() {
        "DescribeDBInstances" => refusal(403, "InvalidClientTokenId"),
        _ => ec2_error(401, "AuthFailure"),
    });
    let snapshot = cloud.collect(&["ec2", DATABASES]);
    let services: Vec<_> = snapshot.gaps.iter().map(|gap| gap.service.as_str()).collect();
    assert_eq!(services, ["ec2", "rds"]);
    assert!(snapshot.gaps.iter().all(|gap| gap.outcome == Outcome::Expired));
}

#[test]
fn a_stop_ends_everything_at_once_and_says_so() {
    let cloud = Cloud::new(|asked| match asked.what.as_str() {
        "DescribeSecurityGroups" => ok("<DescribeSecurityGroupsResponse><securityGroupInfo/>\
             </DescribeSecurityGroupsResponse>"),
        _ => Said::Silence,
    });
    // Events come in the order of answers, and nothing else is answered.
    let (stop, heard) = tokio::sync::watch::channel(false);
    let stop = Mutex::new(Some(stop));
    let watch = Watch::new(heard, move |event| {
        if matches!(event, Event::Answered { .. })
            && let Some(stop) = stop.lock().unwrap().take()
        {
            let _ = stop.send(true);
            // The sender stays alive: gone, nobody could stop anything.
            std::mem::forget(stop);
        }
    });
    let began = Instant::now();
    let snapshot = cloud.collect_with(&wanted(&["ec2", DATABASES]), &watch);
    assert!(began.elapsed() < Duration::from_millis(400), "{:?}", began.elapsed());
    assert!(snapshot.regions["us-east-1"].ec2.describe_security_groups.read().is_some());
    assert!(snapshot.gaps.len() >= 7, "{:?}", snapshot.gaps);
    assert!(snapshot.gaps.iter().all(|gap| gap.outcome == Outcome::Interrupted));
}

#[test]
fn only_wanted_calls_are_made() {
    let cloud = Cloud::new(|_| ec2_error(403, "UnauthorizedOperation"));
    let calls = [&calls::ec2::DESCRIBE_SUBNETS].into();
    cloud.collect_with(&CollectionPlan { calls, ..CollectionPlan::default() }, &Watch::silent());
    assert_eq!(cloud.asked(), [("DescribeSubnets".to_owned(), 1)].into());
}

#[test]
fn an_undeclared_call_never_leaves() {
    let cloud = Cloud::new(|_| ok(""));
    let global = Arc::clone(&cloud.account.global);
    let run = Run::new(Watch::silent(), global, None, Arc::default());
    let site = &Site::new(&cloud.account, "us-east-1", &run);
    let s3 = client!(aws_sdk_s3, site);
    let refused = runtime().block_on(s3.delete_bucket().bucket("b").send()).unwrap_err();
    let text = crate::providers::aws::transport::failure::chain(&refused);
    assert!(text.contains("S3 DeleteBucket is not a declared call"), "{text}");
    assert!(cloud.asked().is_empty());
    assert!(cloud.account.guard.counts.lock().unwrap().is_empty());
}

#[test]
fn a_rate_limit_spaces_calls() {
    let mut cloud = Cloud::new(|_| ec2_error(403, "UnauthorizedOperation"));
    Arc::get_mut(&mut cloud.account).expect("not shared yet").max_rps = Some(50.0);
    let began = Instant::now();
    let snapshot = cloud.collect(&["ec2"]);
    assert_eq!(snapshot.gaps.len(), 13);
    assert!(began.elapsed() >= Duration::from_millis(8 * 20 - 5), "{:?}", began.elapsed());
}
