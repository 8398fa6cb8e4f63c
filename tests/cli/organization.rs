//! Resource control policies of an organization: given in a file, read from a dump, or not known.

use serde_json::{Value, json};

use crate::support::run::{Outcrop, outcrop};

/// A queue that its policy opens to everybody.
fn queue(organizations: &Value) -> String {
    let url = "https://sqs.us-east-1.amazonaws.com/111122223333/jobs";
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": "*", "Action": "sqs:SendMessage",
        "Resource": "arn:aws:sqs:us-east-1:111122223333:jobs"}]});
    let attributes = json!({"QueueArn": "arn:aws:sqs:us-east-1:111122223333:jobs",
        "Policy": policy.to_string()});
    let sqs = json!({"ListQueues": {"QueueUrls": [url]},
        "GetQueueAttributes": {url: {"Attributes": attributes}}});
    json!({"account": "111122223333", "region": "us-east-1", "sqs": sqs,
        "organizations": organizations})
    .to_string()
}

/// What the organization allows its own identities and AWS services only.
fn perimeter() -> Value {
    json!([{"id": "p-perimeter01", "document": {"Version": "2012-10-17", "Statement": [
        {"Sid": "EnforceOrgIdentities", "Effect": "Deny", "Principal": "*",
         "Action": ["s3:*", "sqs:*"], "Resource": "*",
         "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-aaaa111122"},
                       "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}},
        {"Sid": "EnforceConfusedDeputyProtection", "Effect": "Deny", "Principal": "*",
         "Action": ["s3:*", "sqs:*"], "Resource": "*",
         "Condition": {"StringNotEqualsIfExists": {"aws:SourceOrgID": "o-aaaa111122"},
                       "Bool": {"aws:PrincipalIsAWSService": "true"}}}]}}])
}

fn scan(organizations: &Value, policies: Option<&str>) -> Outcrop {
    let flags =
        ["scan", "--from", "d.json", "--rule", "sqs-queue-public", "--latent", "-f", "json"];
    let run = outcrop(flags);
    run.file("d.json", &queue(organizations));
    match policies {
        None => run,
        Some(text) => {
            run.file("rcp.json", text);
            run.args(["--organization-policies", "rcp.json"])
        }
    }
}

/// Status, names of the controls and texts of the evidence of the one finding.
fn finding(report: &Value) -> (&str, Vec<&str>, Vec<&str>) {
    let [finding] = &report["findings"].as_array().expect("findings")[..] else {
        panic!("{report:#}")
    };
    let texts = |list: &'static str, field: &'static str| {
        let items = finding[list].as_array().map(Vec::as_slice).unwrap_or_default();
        items.iter().filter_map(|one| one[field].as_str()).collect::<Vec<&str>>()
    };
    let status = finding["status"].as_str().expect("a status");
    (status, texts("blocked_by", "control"), texts("evidence", "text"))
}

const NOT_READ: &str = "resource control policies of the organization were not read";

#[test]
fn what_is_not_read_is_said_once_and_leaves_the_scan_complete() {
    let member = json!({"DescribeOrganization": {"Organization": {"MasterAccountId": "1"}}});
    let report = scan(&member, None).run().exits(1).json();
    let (status, _, evidence) = finding(&report);
    assert_eq!(status, "exposed");
    assert!(evidence.contains(&NOT_READ), "{evidence:?}");
    assert_eq!(report["scan"]["complete"], true);
    let entry = json!([{"what": "resource control policies of the organization",
        "why": "only the management account and delegated administrators can read them; give them \
                with --organization-policies",
        "affects": ["sqs-queue-public"]}]);
    assert_eq!(report["scan"]["not_examined"], entry);
    assert_eq!(report["coverage"], json!([]));
    let flags = ["scan", "--from", "d.json", "--rule", "sqs-queue-public"];
    let run = outcrop(flags);
    run.file("d.json", &queue(&member));
    let ran = run.run().exits(1);
    let said = "not examined: resource control policies of the organization";
    assert!(ran.stdout.contains(said), "{ran}");
}

#[test]
fn a_policy_that_is_given_shuts_what_it_denies() {
    let given = perimeter().to_string();
    let report = scan(&json!({}), Some(&given)).run().exits(0).json();
    let (status, controls, evidence) = finding(&report);
    assert_eq!((status, controls), ("latent", vec!["organization:rcp:p-perimeter01"]));
    assert!(!evidence.contains(&NOT_READ), "{evidence:?}");
    assert!(report["scan"]["not_examined"].is_null(), "{report:#}");

    let mut other = perimeter();
    other[0]["accounts"] = json!(["444455556666"]);
    let report = scan(&json!({}), Some(&other.to_string())).run().exits(1).json();
    assert_eq!(finding(&report).0, "exposed", "it reaches another account");

    let management =
        json!({"DescribeOrganization": {"Organization": {"MasterAccountId": "111122223333"}}});
    let report = scan(&management, Some(&given)).run().exits(1).json();
    let (status, _, evidence) = finding(&report);
    assert_eq!(status, "exposed", "they have no effect in the management account");
    assert!(evidence.iter().any(|text| text.contains("management account")), "{evidence:?}");
}

#[test]
fn the_variable_and_the_file_say_the_same_as_the_flag() {
    let given = perimeter().to_string();
    let by_variable = scan(&json!({}), None).env("OUTCROP_ORGANIZATION_POLICIES", "rcp.json");
    by_variable.file("rcp.json", &given);
    assert_eq!(finding(&by_variable.run().exits(0).json()).0, "latent");
    let by_file = scan(&json!({}), None);
    by_file.file("rcp.json", &given);
    by_file.file("outcrop.toml", "organization-policies = 'rcp.json'\n");
    assert_eq!(finding(&by_file.run().exits(0).json()).0, "latent");
}

#[test]
fn a_file_that_is_none_is_refused_with_its_name_and_place() {
    for (text, expected) in [
        ("[{\"id\":\n7}]", "line 2 column 1"),
        (r#"[{"id":"p-a","document":{},"acounts":[]}]"#, "unknown field `acounts`"),
        (r#"[{"id":"p-a","document":{}}]"#, "entry 1 (`p-a`): no Statement"),
    ] {
        let ran = scan(&json!({}), Some(text)).run().exits(2);
        assert!(ran.stderr.contains("rcp.json") && ran.stderr.contains(expected), "{ran}");
        assert!(ran.stdout.is_empty(), "{ran}");
    }
    let ran = scan(&json!({}), None).args(["--organization-policies", "none.json"]).run().exits(2);
    assert!(ran.stderr.contains("none.json"), "{ran}");
}

#[test]
fn the_policy_command_heeds_them() {
    let open = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::site/*"}]});
    let run = |given: Option<&Value>| {
        let run = outcrop(["policy", "p.json", "-f", "json", "--account", "111122223333"]);
        run.file("p.json", &open.to_string());
        match given {
            None => run,
            Some(given) => {
                run.file("rcp.json", &given.to_string());
                run.args(["--organization-policies", "rcp.json"])
            }
        }
    };
    assert_eq!(run(None).run().exits(1).json()["status"], "exposed");
    let answer = run(Some(&perimeter())).run().exits(0).json();
    assert_eq!(answer["status"], "latent");
    assert_eq!(answer["blocked_by"][0]["control"], "organization:rcp:p-perimeter01");
}

#[cfg(feature = "aws")]
mod live {
    use serde_json::Value;

    use crate::live::{ask, aws};
    use crate::support::judged::found;
    use crate::support::loopback::{Answer, Rule, a_readable_organization, on};
    use crate::support::moto::moto;
    use crate::support::run::Ran;

    fn company(rules: impl IntoIterator<Item = Rule>, arguments: &[&str]) -> Ran {
        let filled = moto().filled("company", "200000000002");
        let aws = aws(&filled, rules);
        ask(&aws, &filled, arguments.iter().copied()).run()
    }

    const SCAN: [&str; 7] = ["scan", "-f", "json", "-r", "us-east-1", "--rule", "s3-bucket-public"];

    fn statuses(report: &Value) -> Vec<(String, String)> {
        let all = found(report).into_iter();
        all.map(|one| (one.id.clone(), one.status.clone())).collect()
    }

    /// What is said of control policies that were not read.
    fn of_policies(report: &Value) -> Option<&Value> {
        let told = report["scan"]["not_examined"].as_array()?;
        told.iter().find(|one| one["what"] == "resource control policies of the organization")
    }

    #[test]
    fn what_the_organization_denies_is_latent_where_its_policies_can_be_read() {
        let without = company([], &SCAN).exits(1).json();
        let exposed: Vec<_> = statuses(&without);
        assert!(exposed.iter().any(|(_, status)| status == "exposed"), "{exposed:?}");
        let with = company(a_readable_organization(), &[&SCAN[..], &["--latent"]].concat());
        let with = with.exits(0).json();
        assert_eq!(with["scan"]["complete"], true);
        assert_eq!(of_policies(&with), None);
        for (resource, status) in &exposed {
            let now = with["findings"].as_array().into_iter().flatten();
            let now = now.filter(|one| one["resource"]["id"] == **resource).collect::<Vec<_>>();
            assert_eq!(now.len(), 1, "{resource} {status}: {with:#}");
            assert_eq!(now[0]["status"], "latent", "{resource}");
            let by = now[0]["blocked_by"][0]["control"].as_str();
            assert_eq!(by, Some("organization:rcp:p-perimeter1"), "{resource}");
        }
    }

    #[test]
    fn a_member_that_may_not_read_them_lacks_nothing_else() {
        let refused = || {
            let [organization, ..] = a_readable_organization();
            [organization, on("organizations", "ListRoots", Answer::Denied)]
        };
        let without = company([], &SCAN).exits(1).json();
        let with = company(refused(), &SCAN).exits(1).json();
        assert_eq!(statuses(&without), statuses(&with));
        assert_eq!(with["scan"]["complete"], true);
        assert_eq!(with["coverage"], serde_json::json!([]));
        let told = of_policies(&with).expect("it is said once");
        assert_eq!(told["affects"], serde_json::json!(["s3-bucket-public"]));
        // Not even knowing the organization is a gap.
        let unknown = [on("organizations", "DescribeOrganization", Answer::Denied)];
        let unknown = company(unknown, &SCAN).exits(1).json();
        assert_eq!(unknown["scan"]["complete"], true);
        assert_eq!(of_policies(&unknown), Some(told));
        let doctor = company(refused(), &["doctor", "-r", "us-east-1"]).exits(0);
        assert!(doctor.stdout.contains("--organization-policies FILE"), "{doctor}");
        assert!(!doctor.stdout.contains("allow organizations:ListRoots"), "{doctor}");
    }
}
