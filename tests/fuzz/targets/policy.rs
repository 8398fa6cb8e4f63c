//! Any bytes as a policy: never a panic, never a hang, and a public verdict has its example.

#![no_main]

use libfuzzer_sys::fuzz_target;
use outcrop::analysis::aws::policy::{Context, Subject, Verdict, judge};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let context = Context::default();
    for (kind, arn) in [
        ("aws.s3.bucket", "arn:aws:s3:::bucket"),
        ("aws.sqs.queue", "arn:aws:sqs:us-east-1:111122223333:queue"),
        ("aws.iam.role", "arn:aws:iam::111122223333:role/role"),
    ] {
        let subject = Subject { kind, arn, owner_account: "111122223333", context: &context };
        let ruling = judge(&text, &subject);
        assert!(ruling.verdict != Verdict::Public || !ruling.grants.is_empty());
    }
});
