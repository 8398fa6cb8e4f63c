//! `outcrop policy`: documents as people have them, answers for people and for programs.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::run::{Outcrop, Ran, outcrop};

/// A policy of a bucket with one statement.
fn statement(principal: &Value, condition: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Sid": "AllowRead", "Effect": "Allow",
           "Principal": principal, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::site/*",
           "Condition": condition}]})
}

fn open() -> Value {
    statement(&json!("*"), &json!({}))
}

fn policy(text: &str, arguments: &[&str]) -> Outcrop {
    let run = outcrop(["policy", "p.json"]).args(arguments.iter().copied());
    run.file("p.json", text);
    run
}

/// Runs the binary with something on stdin.
fn piped(input: &[u8], arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_outcrop"))
        .args(arguments)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut stdin = child.stdin.take().expect("stdin is a pipe");
    let input = input.to_owned();
    let writer = std::thread::spawn(move || {
        // Whoever refuses the arguments reads nothing.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("all is written");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("output is UTF-8");
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[track_caller]
fn tells(ran: &Ran, told: &[&str]) {
    assert_eq!(ran.stdout, "", "nothing is reported\n{ran}");
    for told in told {
        assert!(ran.stderr.contains(told), "`{told}` is told\n{ran}");
    }
}

#[test]
fn exit_codes_say_whether_strangers_get_in() {
    let secret = json!({"StringEquals": {"acme:Thing": "x"}});
    let org = json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}});
    let account = json!({"AWS": "444455556666"});
    let cases = [
        (open(), 1, "public"),
        (statement(&json!("*"), &secret), 3, "conditional"),
        (statement(&json!("*"), &json!({"StringEqual": {"aws:username": "x"}})), 3, "error"),
        (statement(&json!("*"), &org), 0, "cross-account"),
        (statement(&account, &json!({})), 0, "cross-account"),
        (statement(&json!({"Service": "cloudtrail.amazonaws.com"}), &json!({})), 0, "service"),
        (statement(&json!({"AWS": "111122223333"}), &json!({})), 0, "private"),
    ];
    for (text, code, verdict) in cases {
        let flags = ["--account", "111122223333", "-f", "json"];
        let answer = policy(&text.to_string(), &flags).run().exits(code).json();
        assert_eq!(answer["ruling"]["verdict"], verdict, "{text}");
    }
}

#[test]
fn json_has_its_documented_fields() {
    let answer = policy(&open().to_string(), &["-f", "json"]).run().exits(1).json();
    let fields: Vec<&String> = answer.as_object().expect("an object").keys().collect();
    let documented = [
        "blocked_by",
        "explanation",
        "file",
        "owner_account",
        "refusals",
        "resource_arn",
        "resource_type",
        "ruling",
        "status",
    ];
    let mut sorted = fields.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, documented);
    assert_eq!(answer["file"], "p.json");
    assert_eq!(answer["resource_type"], "aws.s3.bucket");
    assert_eq!(answer["resource_arn"], "arn:aws:s3:::site");
    assert_eq!(answer["ruling"]["public"], true);
    assert_eq!(answer["ruling"]["aws_public"], true);
    let grant = &answer["ruling"]["grants"][0];
    assert_eq!(grant["who"], "anyone");
    assert_eq!(grant["verdict"], "public");
    assert_eq!(grant["access"], json!(["read"]));
    assert_eq!(grant["via"], json!(["AllowRead"]));
    assert_eq!(grant["bound"], json!([]));
    assert_eq!(grant["example"]["action"], "s3:GetObject");
    assert!(
        grant["example"]["resource"].as_str().is_some_and(|r| r.starts_with("arn:aws:s3:::site/"))
    );
}

#[test]
fn documents_are_taken_as_people_have_them() {
    let plain = open().to_string();
    let encoded: String = plain
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    let expected = policy(&plain, &["-f", "json"]).run().exits(1).json();
    let one = json!({"Version": "2012-10-17", "Statement": open()["Statement"][0]});
    for (what, text) in [
        ("a byte order mark", format!("\u{feff}{plain}")),
        ("line ends of Windows", format!("\r\n{:#}\r\n", open()).replace('\n', "\r\n")),
        ("one statement without a list", one.to_string()),
        ("percent-encoded, as IAM's API returns policies", encoded.clone()),
        ("aws s3api get-bucket-policy", json!({"Policy": plain}).to_string()),
        ("aws lambda get-policy", json!({"Policy": plain, "RevisionId": "1"}).to_string()),
        ("the same as JSON", json!({"Policy": open()}).to_string()),
        ("aws sqs get-queue-attributes", json!({"Attributes": {"Policy": plain}}).to_string()),
        ("aws ecr get-repository-policy", json!({"policyText": plain}).to_string()),
        ("aws secretsmanager get-resource-policy", json!({"ResourcePolicy": plain}).to_string()),
        ("aws iam get-role", json!({"Role": {"AssumeRolePolicyDocument": open()}}).to_string()),
        ("the API's answer", json!({"Role": {"AssumeRolePolicyDocument": encoded}}).to_string()),
        ("text in JSON", json!(plain).to_string()),
    ] {
        let ran = policy(&text, &["-f", "json"]).run().exits(1);
        assert_eq!(ran.json(), expected, "{what}");
    }
}

#[test]
fn a_key_that_stands_twice_is_seen_through_every_wrapper() {
    let statement = open()["Statement"][0].to_string();
    let twice = format!("{{\"Statement\":[],\"Statement\":[{statement}]}}");
    for text in
        [twice.clone(), format!("{{\"Policy\":{twice}}}"), json!({"Policy": twice}).to_string()]
    {
        let answer = policy(&text, &["-f", "json"]).run().exits(3).json();
        assert_eq!(answer["ruling"]["verdict"], "error", "{text}");
    }
}

#[test]
fn stdin_is_read_with_a_dash_and_without_files() {
    let wrapped = json!({"Policy": open().to_string()}).to_string();
    for arguments in [&["policy"][..], &["policy", "-"]] {
        let (code, stdout, stderr) = piped(wrapped.as_bytes(), arguments);
        assert_eq!((code, stderr.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(stdout.starts_with("stdin: aws.s3.bucket arn:aws:s3:::site\n"), "{stdout}");
        assert!(stdout.contains("statement `AllowRead` lets anyone `s3:GetObject`"), "{stdout}");
    }
}

#[test]
fn of_several_files_each_is_answered_and_the_worst_decides() {
    let run = outcrop(["policy", "good.json", "bad.json", "-f", "json"]);
    run.file("good.json", &statement(&json!({"AWS": "444455556666"}), &json!({})).to_string());
    run.file("bad.json", &open().to_string());
    let ran = run.run().exits(1);
    let answers: Vec<Value> = serde_json::Deserializer::from_str(&ran.stdout)
        .into_iter()
        .collect::<Result<_, _>>()
        .expect("one object after the other");
    let files: Vec<(&str, &str)> = answers
        .iter()
        .map(|one| {
            let text = |value: &'static str| one.pointer(value).and_then(Value::as_str);
            (text("/file").expect("a file"), text("/ruling/verdict").expect("a verdict"))
        })
        .collect();
    assert_eq!(files, [("good.json", "cross-account"), ("bad.json", "public")]);
}

#[test]
fn a_file_that_cannot_be_read_takes_no_answer_from_the_others() {
    let public = open().to_string();
    let named = statement(&json!({"AWS": "444455556666"}), &json!({})).to_string();
    for (good, code) in [(&public, 1), (&named, 2)] {
        let run = outcrop(["policy", "nowhere.json", "good.json", "torn.json"]);
        run.file("good.json", good);
        run.file("torn.json", "{\"Statement\": [");
        let ran = run.run().exits(code);
        assert!(ran.stdout.contains("good.json: aws.s3.bucket arn:aws:s3:::site"), "{ran}");
        for told in ["nowhere.json", "No such file", "torn.json", "line 1"] {
            assert!(ran.stderr.contains(told), "{told}: {ran}");
        }
    }
    let run = outcrop(["policy", "torn.json", "good.json", "-f", "json"]);
    run.file("good.json", &public);
    run.file("torn.json", "{");
    let ran = run.run().exits(1);
    let answers: Vec<Value> = serde_json::Deserializer::from_str(&ran.stdout)
        .into_iter()
        .collect::<Result<_, _>>()
        .expect("one object after the other");
    assert_eq!(answers[0]["file"], "torn.json");
    assert!(answers[0]["error"].as_str().is_some_and(|text| text.contains("line 1")), "{ran}");
    assert_eq!(answers[1]["ruling"]["verdict"], "public");
}

/// What is printed, its line breaks gone.
fn flat(text: &Value, flags: &[&str], code: i32) -> String {
    let ran = policy(&text.to_string(), flags).run().exits(code);
    ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_not_filled_in_cannot_be_judged_and_the_rest_is() {
    let account = ["--account", "111122223333"];
    let with = |resource: Value, condition: &Value| {
        let mut text = statement(&json!("*"), condition);
        text["Statement"][0]["Resource"] = resource;
        text
    };
    let plain = json!({});
    let org = json!({"StringEquals": {"aws:PrincipalOrgID": "${var.organization}"}});
    for (text, told) in [
        (with(json!("arn:aws:s3:::${var.site_bucket}/*"), &plain), "`${var.site_bucket}`"),
        (with(json!("arn:aws:s3:::${Bucket}/*"), &plain), "`${Bucket}`"),
        (with(json!("arn:${AWS::Partition}:s3:::b/*"), &plain), "`${AWS::Partition}`"),
        (with(json!(["arn:aws:s3:::{{ name }}/*"]), &plain), "`{{ name }}`"),
        (with(json!("my-bucket/*"), &plain), "`my-bucket/*` is no ARN"),
        (with(json!("arn:aws:s3:::site/*"), &org), "Condition holds `${var.organization}`"),
    ] {
        let said = flat(&text, &account, 3);
        assert!(said.contains("cannot be judged: it is a template"), "{said}");
        assert!(said.contains("statement AllowRead (number 1)") && said.contains(told), "{said}");
        assert!(!said.contains("private") && !said.contains("cross-account"), "{said}");
    }
    // What can be judged beside it is, the worst of it decides.
    let mut both = with(json!("arn:aws:s3:::${var.site_bucket}/*"), &plain);
    let open = open()["Statement"][0].clone();
    both["Statement"].as_array_mut().expect("a list").push(open);
    let said = flat(&both, &account, 1);
    assert!(said.contains("public: somebody") && said.contains("`${var.site_bucket}`"), "{said}");
    // A Deny that is not filled in may or may not keep strangers out.
    both["Statement"][0]["Effect"] = json!("Deny");
    assert!(flat(&both, &account, 3).contains("conditional"));
    // A template that is no JSON yet, and the file beside it.
    let run = outcrop(["policy", "template.json", "named.json"]);
    run.file("template.json", "{\"Statement\": [\n  {{ statements | join }}\n]}");
    run.file("named.json", &statement(&json!({"AWS": "444455556666"}), &plain).to_string());
    let ran = run.run().exits(3);
    assert!(ran.stderr.contains("template.json cannot be judged"), "{ran}");
    assert!(ran.stderr.contains("line 2"), "{ran}");
    assert!(ran.stdout.contains("named.json") && ran.stdout.contains("cross-account"), "{ran}");
}

#[test]
fn variables_of_policies_are_no_template() {
    let mut text = statement(&json!("*"), &json!({}));
    let default = "arn:aws:s3:::site/${aws:PrincipalTag/x, 'a'}";
    text["Statement"][0]["Resource"] = json!(default);
    assert!(flat(&text, &["--account", "111122223333"], 1).contains("lets anyone"));
    text["Statement"][0]["Resource"] = json!("arn:aws:s3:::site/${aws:username}/*");
    assert!(flat(&text, &["--account", "111122223333"], 1).contains("any AWS account"));
}

#[test]
fn a_name_that_is_the_callers_is_theirs_to_choose() {
    let text = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage",
        "Resource": "arn:aws:sqs:us-east-1:111122223333:${aws:username}"}]});
    let given = policy(&text.to_string(), &["-f", "json"]).run().exits(1).json();
    assert_eq!(given["ruling"]["grants"][0]["who"], "any-aws", "{given}");
    assert_eq!(given["owner_account"], "111122223333");
    let named = ["-f", "json", "--arn", "arn:aws:sqs:us-east-1:111122223333:jobs"];
    let given = policy(&text.to_string(), &named).run().exits(1).json();
    let example = &given["ruling"]["grants"][0]["example"];
    assert_eq!(example["keys"]["aws:username"], json!(["jobs"]), "{given}");
    let mut typed = text;
    typed["Statement"][0]["Condition"] =
        json!({"StringEquals": {"aws:PrincipalType": "AssumedRole"}});
    policy(&typed.to_string(), &named).run().exits(0);
}

#[test]
fn nobody_meets_at_will_what_is_not_theirs_to_decide() {
    const AT_WILL: &str = "that the caller meets at will";
    let sqs = |condition: &Value| {
        json!({"Version": "2012-10-17", "Statement": [{"Sid": "Send",
            "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage",
            "Resource": "arn:aws:sqs:us-east-1:111122223333:jobs", "Condition": condition}]})
    };
    for (condition, code) in [
        (json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), 0),
        (json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}), 1),
        (json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}), 0),
        (json!({"StringLike": {"aws:PrincipalOrgID": "o-*"}}), 1),
        (json!({"StringEquals": {"aws:PrincipalAccount": "444455556666"}}), 0),
        (json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:us-east-1:444455556666:*"}}), 0),
        (json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:us-east-1:*:news"}}), 1),
        (json!({"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}}), 0),
    ] {
        let said = flat(&sqs(&condition), &[], code);
        assert!(!said.contains(AT_WILL), "{said}");
    }
    let chosen = json!({"StringLike": {"aws:Referer": "https://acme.example/*"}});
    let said = flat(&sqs(&chosen), &[], 1);
    assert!(said.contains(AT_WILL) && said.contains("aws:Referer"), "{said}");
}

#[test]
fn the_example_is_a_request_that_people_send() {
    let mut text = open();
    text["Statement"][0]["Resource"] = json!(["arn:aws:s3:::site", "arn:aws:s3:::site/*"]);
    for actions in [json!("s3:*"), json!("*"), json!(["s3:Get*", "s3:List*"])] {
        text["Statement"][0]["Action"] = actions;
        let given = policy(&text.to_string(), &["-f", "json", "--type", "aws.s3.bucket"]);
        let given = given.run().exits(1).json();
        let example = &given["ruling"]["grants"][0]["example"];
        assert_eq!(example["action"], "s3:GetObject", "{given}");
        let resource = example["resource"].as_str().expect("an ARN");
        assert!(resource.starts_with("arn:aws:s3:::site/"), "{resource}");
    }
}

#[test]
fn output_that_names_its_resource_is_about_that() {
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"AWS": "444455556666"}, "Action": "sts:AssumeRole"}]});
    let arn = "arn:aws:iam::111122223333:role/ops/deploy";
    let queue = "arn:aws:sqs:eu-west-1:111122223333:jobs";
    let send = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
        "Action": "sqs:SendMessage", "Resource": "*"}]});
    for (text, kind, named) in [
        (
            json!({"Role": {"RoleName": "deploy", "Arn": arn, "AssumeRolePolicyDocument": trust}}),
            "aws.iam.role",
            arn,
        ),
        (
            json!({"Attributes": {"QueueArn": queue, "Policy": send.to_string()}}),
            "aws.sqs.queue",
            queue,
        ),
    ] {
        let given = policy(&text.to_string(), &["-f", "json"]).run().json();
        assert_eq!(given["resource_type"], kind, "{given}");
        assert_eq!(given["resource_arn"], named, "{given}");
        assert_eq!(given["owner_account"], "111122223333", "{given}");
    }
}

#[test]
fn a_policy_of_an_identity_is_called_one() {
    let text = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]});
    let said = flat(&text, &[], 3);
    assert!(said.contains("cannot be judged: it belongs to no resource"), "{said}");
    assert!(said.contains("an identity policy: no statement has a Principal"), "{said}");
    assert!(!said.contains("malformed"), "{said}");
}

#[test]
fn an_issuer_that_the_configuration_trusts_serves_one_customer() {
    let issuer = "keycloak.example.com/realms/main";
    let text = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"Federated": format!("arn:aws:iam::111122223333:oidc-provider/{issuer}")},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {format!("{issuer}:aud"): "sts.amazonaws.com"}}}]});
    let said = flat(&text, &["--account", "111122223333"], 3);
    let doubt = format!("not known whether {issuer} serves one customer or all");
    assert!(said.contains(&doubt), "{said}");
    let run = policy(&text.to_string(), &["--account", "111122223333", "-f", "json"]);
    run.file("outcrop.toml", "[trusted]\nissuers = [\"keycloak.example.com/*\"]\n");
    let given = run.run().exits(0).json();
    assert_eq!(given["ruling"]["verdict"], "cross-account", "{given}");
    let explained = given["explanation"].to_string();
    assert!(explained.contains(&format!("any identity of {issuer}")), "{explained}");
}

#[test]
fn what_is_no_policy_is_named_with_place_and_remedy() {
    for (text, told) in [
        (
            "{\n  \"Version\": }",
            &["p.json", "line 2 column 14", "Statement", "get-bucket-policy"][..],
        ),
        ("{\"Statement\": [", &["p.json", "line 1", "Statement"]),
        ("", &["p.json", "is empty", "policy document"]),
        (" \n\t", &["p.json", "is empty"]),
        ("[]", &["p.json", "no JSON object", "Statement"]),
        ("{}", &["p.json", "no `Statement`"]),
        ("{\"Policy\": null}", &["p.json", "no JSON object"]),
        ("{\"Policy\": \"not\"}", &["p.json", "line 1 column 2"]),
        ("%7B%zz", &["p.json", "line 1 column 1"]),
        ("<Policy/>", &["p.json", "line 1 column 1"]),
    ] {
        tells(&policy(text, &[]).run().exits(2), told);
    }
    let deep = format!("{{\"Statement\": {}{}}}", "[".repeat(5_000), "]".repeat(5_000));
    tells(&policy(&deep, &[]).run().exits(2), &["p.json", "recursion limit"]);
}

#[test]
fn files_that_cannot_be_read_are_named() {
    tells(&outcrop(["policy", "nowhere.json"]).run().exits(2), &["nowhere.json", "No such file"]);
    tells(&outcrop(["policy", "."]).run().exits(2), &["cannot read .", "directory"]);
    let (code, stdout, stderr) = piped(b"{\n\n\"a\": \"\xff\"}", &["policy"]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(stderr.contains("stdin") && stderr.contains("line 3"), "{stderr}");
}

#[test]
fn flags_that_make_no_sense_are_refused_with_what_was_expected() {
    for (flags, told) in [
        (
            ["--type", "aws.s3.bukcet"],
            &["--type", "aws.s3.bukcet", "did you mean `aws.s3.bucket`"][..],
        ),
        (["--type", "7"], &["--type", "known are", "aws.sqs.queue"]),
        (["--arn", "site"], &["--arn", "`site`", "arn:aws:s3:::my-bucket"]),
        (["--arn", "arn:aws:s3:::site/*"], &["--arn", "one resource"]),
        (["--account", "12345"], &["--account", "`12345`", "12 digits"]),
        (["--trusted-accounts", "444455556666,acme"], &["--trusted-accounts", "`acme`"]),
        (["--organization", "acme"], &["--organization", "`acme`", "o-a1b2c3d4e5"]),
    ] {
        tells(&policy(&open().to_string(), &flags).run().exits(2), told);
    }
    // Dashes in a kind do not matter, and kinds that no action names can be said.
    for kind in ["aws.efs.filesystem", "aws.efs.file-system", "aws.s3.access-point"] {
        let ran = policy(&open().to_string(), &["--type", kind, "-f", "json"]).run();
        assert_eq!(ran.json()["resource_type"], kind, "{ran}");
    }
}

#[test]
fn flags_say_whose_policy_it_is() {
    let text = statement(&json!({"AWS": ["444455556666", "777788889999"]}), &json!({})).to_string();
    let outsiders = |flags: &[&str]| {
        let answer = policy(&text, flags).args(["-f", "json"]).run().exits(0).json();
        let grants = answer["ruling"]["grants"].as_array().expect("a list").clone();
        grants.iter().map(|grant| grant["who"].clone()).collect::<Vec<_>>()
    };
    let both = [json!("account:444455556666"), json!("account:777788889999")];
    assert_eq!(outsiders(&[]), both);
    assert_eq!(outsiders(&["--account", "444455556666"]), both[1..]);
    let trusted = ["--account", "444455556666", "--trusted-accounts", "777788889999"];
    assert_eq!(outsiders(&trusted), [] as [Value; 0]);
    let unsaid = policy(&text, &[]).run().exits(0);
    assert!(unsaid.stdout.contains("(--account)"), "{unsaid}");
}

#[test]
fn each_grant_names_its_statement_and_each_refusal_what_keeps_strangers_out() {
    let wide = |sid: &str, effect: &str, condition: Value| {
        json!({"Sid": sid, "Effect": effect, "Principal": "*", "Action": "s3:GetObject",
               "Resource": "arn:aws:s3:::site/*", "Condition": condition})
    };
    let flat = |statements: Vec<Value>, code| {
        let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let ran = policy(&text, &["--account", "111122223333"]).run().exits(code);
        ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let org = json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}});
    let bounded = flat(vec![wide("Members", "Allow", org)], 0);
    let wanted = "statement `Members` names everybody, and this bounds it: StringEquals \
                  aws:PrincipalOrgID `o-a1b2c3d4e5`";
    assert!(bounded.contains(wanted), "{bounded}");
    assert!(bounded.contains("statement `Members` lets organization o-a1b2c3d4e5"), "{bounded}");

    let range = json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}});
    let bounded = flat(vec![wide("Office", "Allow", range)], 0);
    assert!(bounded.contains("bounded: statement `Office` lets anyone"), "{bounded}");
    assert!(bounded.contains("this bounds it: IpAddress aws:SourceIp"), "{bounded}");

    let own = json!({"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}});
    let private = flat(vec![wide("All", "Allow", json!({})), wide("Own", "Deny", own)], 0);
    let wanted = "statement `All` names everybody, and Deny `Own` keeps strangers out";
    assert!(private.contains("private: nobody outside") && private.contains(wanted), "{private}");

    let plain = json!({"Bool": {"aws:SecureTransport": "false"}});
    let public = flat(vec![wide("All", "Allow", json!({})), wide("Tls", "Deny", plain)], 1);
    assert!(public.contains("statement `All` lets anyone `s3:GetObject`"), "{public}");
    assert!(public.contains("Deny `Tls` does not reach all of it"), "{public}");
    assert!(public.contains("for example"), "{public}");
}

#[test]
fn hostile_names_neither_break_lines_nor_leave_eighty_columns() {
    let mut text = open();
    let names = [
        "\u{1b}[2J\u{1b}]0;owned\u{7}".to_owned(),
        "a\n::error::not a command\r::warning::nor this".to_owned(),
        "x".repeat(3_000),
        "\u{202e}drowssap\u{200b}".to_owned(),
        "ordinary words ".repeat(60),
        "\u{ff25}".repeat(200),
    ];
    for name in names {
        text["Statement"][0]["Sid"] = json!(name);
        text["Statement"][0]["Resource"] = json!(format!("arn:aws:s3:::site/{name}/*"));
        let ran = policy(&text.to_string(), &["--arn", "arn:aws:s3:::site"]).run().exits(1);
        for line in ran.stdout.lines() {
            let columns: usize = line
                .chars()
                .map(|c| if ('\u{ff01}'..='\u{ff60}').contains(&c) { 2 } else { 1 })
                .sum();
            assert!(columns <= 80, "{columns}: {line}");
            assert!(!line.trim_start().starts_with("::"), "{line}");
            let hidden = |c: char| c.is_control() || ('\u{200b}'..='\u{202e}').contains(&c);
            assert!(!line.contains(hidden), "{line:?}");
        }
    }
}

#[test]
fn every_vector_is_answered_by_name_and_agrees() {
    let mut lines = String::new();
    let mut expected: Vec<Value> = Vec::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/policy-vectors");
    for file in std::fs::read_dir(folder).expect("the vectors") {
        let text = std::fs::read_to_string(file.expect("a file").path()).expect("text");
        let vectors: Vec<Value> = serde_json::from_str(&text).expect("a list");
        for vector in vectors {
            lines.push_str(&format!("{vector}\n\n"));
            expected.push(vector);
        }
    }
    assert!(expected.len() >= 190, "{}", expected.len());
    let (code, stdout, stderr) = piped(lines.as_bytes(), &["policy", "--jsonl"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let answers: Vec<Value> =
        stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(answers.len(), expected.len(), "one line each");
    for (answer, vector) in answers.iter().zip(&expected) {
        assert_eq!(answer["name"], vector["name"]);
        let field = if vector["expect"].get("status").is_some() { "status" } else { "verdict" };
        assert_eq!(answer[field], vector["expect"][field], "{vector}");
    }
}

#[test]
fn a_case_that_is_none_gets_its_line_and_the_next_its_answer() {
    let case = json!({"name": "fine", "resource_type": "aws.s3.bucket",
        "resource_arn": "arn:aws:s3:::site", "owner_account": "111122223333", "policy": open()});
    let input = format!("{{\n{{\"name\": \"poor\"}}\n\u{feff}\n{case}");
    let (code, stdout, _) = piped(input.as_bytes(), &["policy", "--jsonl"]);
    assert_eq!(code, Some(0));
    let answers: Vec<Value> =
        stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(answers.len(), 4, "{stdout}");
    assert!(answers[0]["error"].as_str().is_some_and(|text| text.contains("not JSON")), "{stdout}");
    assert_eq!(answers[1]["name"], "poor");
    assert!(answers[1]["error"].as_str().is_some_and(|text| text.contains("resource_arn")));
    assert_eq!(answers[3]["verdict"], "public");
}
