//! The first five minutes: whatever is missing, one clear message with the line to type.

use std::time::Duration;

use crate::live::{ask, aws};
use crate::support::judged::{found, unseen};
use crate::support::loopback::{Answer, loopback, on, on_all};
use crate::support::moto::moto;
use crate::support::run::{Keys, Outcrop, Ran, outcrop};

/// Runs to exit code 2: quickly, nothing on stdout, one message that holds all of `told`.
#[track_caller]
fn refuses(run: Outcrop, told: &[&str]) -> Ran {
    let ran = run.run().exits(2);
    assert_eq!(ran.stdout, "", "no report on stdout\n{ran}");
    assert!(ran.took < Duration::from_secs(5), "{ran}");
    let message = ran.stderr.to_lowercase();
    for part in told {
        assert!(message.contains(&part.to_lowercase()), "`{part}` is told\n{ran}");
    }
    // One message, not a chain of logs or a panic.
    assert!(!message.contains("panicked"), "{ran}");
    let starts = |line: &&str| line.starts_with("outcrop:") || line.starts_with("error:");
    assert_eq!(ran.stderr.lines().filter(starts).count(), 1, "one message\n{ran}");
    assert!(ran.stderr.lines().count() <= 12, "short\n{ran}");
    assert!(!ran.stderr.contains("\\n"), "line breaks are line breaks\n{ran}");
    ran
}

#[test]
fn no_credentials_tells_how_to_get_them() {
    let ran = refuses(outcrop(["scan", "-r", "us-east-1"]), &["credentials"]);
    let lines = ["aws configure", "aws sso login", "--profile", "AWS_PROFILE"];
    assert!(lines.iter().any(|line| ran.stderr.contains(line)), "a line to type\n{ran}");
    assert!(ran.stderr.contains("--demo"), "what works without an account\n{ran}");
}

#[test]
fn an_unknown_profile_is_named_with_the_nearest_one() {
    let run = outcrop(["scan", "-p", "prodution"])
        .aws_config("[profile production]\nregion = eu-west-1\n[profile sandbox]\n");
    refuses(run, &["prodution", "production"]);
}

/// A profile of AWS's own single sign-on.
const SSO: &str = "\
[profile corp]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Auditor
region = eu-west-1
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access
";

#[test]
fn an_expired_sso_token_tells_the_login_line() {
    let run = outcrop(["scan", "-p", "corp", "-r", "eu-west-1"]).aws_config(SSO);
    // The AWS CLI names the cached token for the SHA-1 of the session's name.
    run.file(
        ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
        r#"{"startUrl": "https://corp.awsapps.com/start", "region": "eu-west-1",
            "accessToken": "not-a-token", "expiresAt": "2020-01-01T00:00:00Z"}"#,
    );
    refuses(run, &["aws sso login --profile corp"]);
}

#[test]
fn a_missing_sso_token_tells_the_login_line() {
    let run = outcrop(["scan", "-p", "corp", "-r", "eu-west-1"]).aws_config(SSO);
    refuses(run, &["aws sso login --profile corp"]);
}

#[test]
fn a_profile_that_needs_a_second_factor_tells_how_to_give_it() {
    let config = "\
[profile base]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = not-a-secret
[profile admin]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = base
mfa_serial = arn:aws:iam::123456789012:mfa/me
";
    let run = outcrop(["scan", "-p", "admin", "-r", "eu-west-1"]).aws_config(config);
    refuses(run, &["mfa", "aws ", "admin"]);
}

#[test]
fn keys_that_aws_does_not_know_are_told_as_such() {
    let aws = loopback([on_all("*", Answer::Error(403, "InvalidClientTokenId"))]);
    let run = outcrop(["scan", "-r", "us-east-1"]).keys(&Keys::dummy()).endpoint(&aws.url());
    refuses(run, &["InvalidClientTokenId", "aws "]);
}

#[test]
fn expired_keys_are_told_as_such() {
    let aws = loopback([on_all("*", Answer::Error(403, "ExpiredToken"))]);
    let run = outcrop(["scan", "-r", "us-east-1"]).keys(&Keys::dummy()).endpoint(&aws.url());
    refuses(run, &["expired", "aws "]);
}

#[test]
fn an_identity_without_any_permission_is_incomplete_and_never_green() {
    // STS answers everybody: GetCallerIdentity needs no permission.
    let rules = || [on_all("sts", Answer::Pass), on_all("*", Answer::Denied)];
    for arguments in [&["-r", "us-east-1"][..], &[]] {
        let aws = loopback(rules());
        let run = outcrop(["scan", "-f", "json"]).args(arguments.iter().copied());
        let run = run.keys(&Keys::dummy()).endpoint(&aws.url()).env("AWS_REGION", "us-east-1");
        let ran = run.run().exits(3);
        // Refusals are not asked for again: with retries it would be minutes.
        assert!(ran.took < Duration::from_secs(20), "{ran}");
        let report = ran.json();
        assert!(found(&report).is_empty(), "{ran}");
        assert_eq!(report["scan"]["complete"], false, "{ran}");
        let unseen = unseen(&report);
        for service in ["s3:", "ec2:", "rds:", "eks:", "kafka:", "redshift:"] {
            assert!(unseen.iter().any(|entry| entry.call.starts_with(service)), "{unseen:#?}");
        }
        assert!(unseen.iter().all(|entry| entry.outcome == "denied"), "{unseen:#?}");
        assert!(unseen.iter().any(|entry| !entry.affects.is_empty()), "{unseen:#?}");
    }
}

#[test]
fn a_text_report_without_any_permission_tells_how_to_get_it() {
    let aws = loopback([on_all("sts", Answer::Pass), on_all("*", Answer::Denied)]);
    let run = outcrop(["scan", "-r", "us-east-1"]).keys(&Keys::dummy()).endpoint(&aws.url());
    let ran = run.run().exits(3);
    let text = format!("{}{}", ran.stdout, ran.stderr);
    assert!(text.contains("outcrop permissions"), "the line to type\n{ran}");
}

#[test]
fn a_region_that_is_not_opted_in_tells_how_to_opt_in() {
    let filled = moto().filled("private", "600000000001");
    // The emulator's accounts, as AWS's new ones, have no Hong Kong.
    let aws = aws(&filled, []);
    refuses(ask(&aws, &filled, ["scan", "-r", "ap-east-1"]), &["ap-east-1", "enable-region"]);
}

#[test]
fn an_unknown_region_is_named_with_the_nearest_one() {
    let filled = moto().filled("private", "600000000001");
    let aws = aws(&filled, []);
    refuses(ask(&aws, &filled, ["scan", "-r", "eu-wset-1"]), &["eu-wset-1", "eu-west-1"]);
    // Which regions there are is AWS's to say; nothing else may have been asked.
    let asked = |operation: &str| ["GetCallerIdentity", "DescribeRegions"].contains(&operation);
    assert!(aws.calls().iter().all(|call| asked(&call.operation)), "{:#?}", aws.counts());
}

#[test]
fn an_endpoint_where_nobody_listens_is_told_with_its_address() {
    let run = outcrop(["scan", "-r", "us-east-1"]).keys(&Keys::dummy());
    refuses(run.endpoint("http://127.0.0.1:9").env("AWS_MAX_ATTEMPTS", "2"), &["127.0.0.1:9"]);
}

#[test]
fn a_retry_setting_that_the_sdk_would_die_of_is_an_error_with_its_name() {
    for (name, value) in [("AWS_MAX_ATTEMPTS", "many"), ("AWS_RETRY_MODE", "stubborn")] {
        let run = outcrop(["scan", "-r", "us-east-1"]).keys(&Keys::dummy());
        refuses(run.endpoint("http://127.0.0.1:9").env(name, value), &[name, value]);
    }
}

#[test]
fn a_role_that_may_not_be_assumed_is_told_with_its_name() {
    let aws = loopback([on("sts", "AssumeRole", Answer::Denied)]);
    let role = "arn:aws:iam::123456789012:role/auditor";
    let run = outcrop(["scan", "-r", "us-east-1", "--role", role]).keys(&Keys::dummy());
    refuses(run.endpoint(&aws.url()), &[role, "AccessDenied"]);
}
