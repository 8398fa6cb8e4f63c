//! What `--from` is given, with the real binary: what is no inventory, what nobody understands in
//! one, and flags that say how an account is asked.

use serde_json::{Value, json};

use crate::triage::{Place, saved};

const BUCKETS: [&str; 4] = ["--rule", "s3-bucket-public", "-f", "json"];

/// Everything that the rule about buckets needs: nothing is open, nothing is missing.
fn dump() -> Value {
    json!({"account": "111111111111", "region": "us-east-1",
        "s3control": {"GetPublicAccessBlock": null},
        "s3": {"ListBuckets": {"Buckets": []}}})
}

#[test]
fn a_report_is_no_inventory_and_says_what_reads_it() {
    let place = Place::new();
    place.json("run.json", &saved());
    let lines = place.outcrop(&["convert", "run.json", "-f", "jsonl"]).exits(0).stdout;
    place.file("run.jsonl", &lines);
    for (command, file) in [("scan", "run.json"), ("scan", "run.jsonl"), ("reach", "run.json")] {
        let ran = place.outcrop(&[command, "--from", file]).exits(2);
        let says = format!(
            "{file} is a report of outcrop and no inventory; to see it, use: outcrop convert {file}"
        );
        assert_eq!(ran.says(&says).stdout, "", "{command}");
    }
    place.json("dump.json", &dump());
    let says = "dump.json is an inventory and no report; to judge it, use: outcrop scan --from";
    place.outcrop(&["convert", "dump.json"]).exits(2).says(says);
    place.json("drift.json", &json!({"schema_version": 1, "new": []}));
    place.outcrop(&["scan", "--from", "drift.json"]).exits(2).says("a snapshot without `account`");
}

#[test]
fn a_misspelt_name_is_named_and_never_taken_for_an_answer() {
    let place = Place::new();
    let scan = |dump: &Value| {
        place.json("dump.json", dump);
        place.outcrop(&[&["scan", "--from", "dump.json"], &BUCKETS[..]].concat())
    };
    scan(&dump()).exits(0).silent_about("warn");
    // Everything else in an auditor's dump is said once, and leaves nothing open that is judged.
    let mut more = dump();
    more["cloudtrail"] = json!({"DescribeTrails": {"trailList": []}});
    more["support"] = json!({"DescribeCases": {"cases": []}});
    more["s3"]["GetBucketCors"] = json!({});
    let ran = scan(&more).exits(0);
    let ran = ran.says("dump.json: not judged, for want of rules: cloudtrail, support");
    ran.says("dump.json: not read of `s3`, for want of rules: GetBucketCors");
    let list = json!({"Buckets": []});
    let misspelt = |dump: Value, says: &str| {
        let ran = scan(&dump).exits(3).says(&format!("dump.json: {says}"));
        let told: Vec<_> = ran.value()["coverage"].as_array().expect("coverage").clone();
        let said =
            told.iter().find(|gap| gap["message"].as_str().is_some_and(|m| m.contains(says)));
        let said = said.unwrap_or_else(|| panic!("`{says}` in {told:#?}"));
        assert_eq!(
            (&said["outcome"], &said["affects"]),
            (&json!("malformed"), &json!(["s3-bucket-public"]))
        );
    };
    for name in ["ListBukets", "listBuckets", "list-buckets"] {
        let mut dump = dump();
        dump["s3"] = json!({ name: list });
        misspelt(dump, &format!("`s3` has `{name}`: did you mean `ListBuckets`?"));
    }
    for name in ["S3", "buckets"] {
        let mut dump = dump();
        dump.as_object_mut().expect("a dump").remove("s3");
        dump[name] = json!({"ListBuckets": list});
        misspelt(dump, &format!("`{name}` is no service that is read: did you mean `s3`?"));
    }
    let mut dump = dump();
    dump["s3"]["ListBuckets"] = json!({"Bucket": []});
    misspelt(dump.clone(), "`ListBuckets` has `Bucket`, where `Buckets` or `Owner` is expected");
    dump["s3"]["ListBuckets"] = json!({"Buckets": [], "ContinuationToken": "x"});
    misspelt(dump, "`ListBuckets` is not whole: `ContinuationToken` says that there is more");
}

#[test]
fn a_snapshot_with_a_name_that_outcrop_never_wrote_is_refused() {
    let place = Place::new();
    for (snapshot, says) in [
        (json!({"account": "1", "region_s": {}, "regions": {}}), "did you mean `regions`?"),
        (
            json!({"account": "1", "later": {}, "regions": {}}),
            "`later`, which this outcrop does not",
        ),
        (json!({"account": "1"}), "a snapshot without `regions`"),
        (json!({"regions": {}}), "a snapshot without `account`"),
    ] {
        let mut snapshot = snapshot;
        snapshot["schema_version"] = json!(1);
        place.json("snapshot.json", &snapshot);
        let ran = place.outcrop(&["scan", "--from", "snapshot.json"]).exits(2).says(says);
        assert_eq!(ran.stdout, "");
    }
}

#[test]
fn flags_that_say_how_an_account_is_asked_are_refused_where_none_is() {
    let place = Place::new();
    place.json("dump.json", &dump());
    let live = [
        ["--profile", "audit"],
        ["--role", "arn:aws:iam::111111111111:role/x"],
        ["--external-id", "x"],
        ["--endpoint-url", "http://localhost:1"],
        ["--concurrency", "8"],
        ["--max-rps", "5"],
        ["--timeout", "5s"],
    ];
    for flag in live {
        for command in [
            ["scan", "--from", "dump.json"].as_slice(),
            &["scan", "--demo"],
            &["reach", "--from", "dump.json"],
        ] {
            let ran = place.outcrop(&[command, &flag[..]].concat()).exits(2);
            assert_eq!(ran.says("cannot be used with").says(flag[0]).stdout, "", "{command:?}");
        }
    }
    place
        .outcrop(&["scan", "--demo", "--region", "eu-west-1"])
        .exits(2)
        .says("cannot be used with");
    place.file("named.toml", "profile = 'audit'\ntimeout = '5s'\nregion = 'us-*'\n");
    place.outcrop(&["scan", "--demo", "-c", "named.toml"]).exits(1);
    for flag in [["--type", "aws.sqs.queue"], ["--account", "111111111111"]] {
        let ran = place.outcrop(&[&["policy", "--jsonl"], &flag[..]].concat()).exits(2);
        ran.says("cannot be used with");
    }
}

#[test]
fn regions_of_a_file_are_chosen_as_those_of_an_account() {
    let place = Place::new();
    let policy = |bucket: &str| {
        let policy = json!({"Statement": {"Effect": "Allow", "Principal": "*",
            "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{bucket}/*")}});
        json!({"Policy": policy.to_string()})
    };
    place.json(
        "snapshot.json",
        &json!({"schema_version": 1, "account": "111111111111",
        "global": {"s3control": {"GetPublicAccessBlock": null}, "s3": {
            "ListBuckets": {"Buckets": [
                {"Name": "here", "BucketRegion": "us-east-1"},
                {"Name": "there", "BucketRegion": "eu-west-1"},
                {"Name": "anywhere"}]},
            "GetBucketPolicy": {"here": policy("here"), "there": policy("there"),
                "anywhere": policy("anywhere")}}},
        "regions": {"us-east-1": {}, "eu-west-1": {}},
        "gaps": [{"service": "s3", "operation": "GetBucketAcl", "region": "us-east-1",
            "resource": "there", "outcome": "denied"}]}),
    );
    let scan = |more: &[&str]| {
        place.outcrop(&[&["scan", "--from", "snapshot.json"], &BUCKETS[..], more].concat())
    };
    let found = |more: &[&str]| {
        // The buckets' own blocks were not read.
        let run = scan(more).exits(3).value();
        let findings = run["findings"].as_array().expect("findings").clone();
        let ids: Vec<String> =
            findings.iter().map(|f| f["resource"]["id"].as_str().expect("an id").into()).collect();
        let of_there = run["coverage"].to_string().contains("there");
        (ids, run["scan"]["regions"].clone(), of_there)
    };
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    let all = (ids(&["anywhere", "here", "there"]), json!(["eu-west-1", "us-east-1"]), true);
    assert_eq!(found(&[]), all);
    let here = (ids(&["anywhere", "here"]), json!(["us-east-1"]), false);
    assert_eq!(found(&["--region", "us-*"]), here);
    assert_eq!(found(&["--exclude-region", "eu-west-1"]), here);
    for (flag, region, says) in [
        ("--region", "us-eest-1", "the input has no region `us-eest-1`; did you mean `us-east-1`?"),
        ("--region", "mars-*", "there are eu-west-1, us-east-1"),
        ("--exclude-region", "us-eest-1", "did you mean `us-east-1`?"),
        ("--exclude-region", "*", "no region is left to judge"),
        ("--region", "a[", "is no region and no pattern"),
    ] {
        assert_eq!(scan(&[flag, region]).exits(2).says(says).stdout, "", "{flag} {region}");
    }
    let reach = ["reach", "--from", "snapshot.json", "--region", "eu-west-1"];
    place.outcrop(&reach).exits(3).says("eu-west-1: not read").silent_about("us-east-1");
}
