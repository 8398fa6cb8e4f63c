//! The loopback AWS itself: tests that stand on it are worth what it is worth.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::support::loopback::{Answer, loopback, on};
use crate::support::moto::moto;

fn ask(url: &str, service: &str, line: &str, body: &str) -> String {
    let address = url.trim_start_matches("http://");
    let scope = format!("AKIAIOSFODNN7EXAMPLE/20260101/eu-west-1/{service}/aws4_request");
    let request = format!(
        "{line} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n\
         X-Amz-Date: 20260101T000000Z\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.write_all(request.as_bytes()).expect("it reads");
    stream.shutdown(std::net::Shutdown::Write).expect("no more requests");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

#[test]
fn chosen_calls_are_answered_and_the_rest_comes_from_the_emulator() {
    let filled = moto().filled("private", "600000000001");
    assert!(filled.truth.is_empty(), "nothing is exposed there");
    let aws = loopback([
        on("ec2", "DescribeRegions", Answer::Denied),
        on("s3", "GetBucketPolicy", Answer::Throttled).of("b"),
        on("sts", "GetCallerIdentity", Answer::MorePages).within("us-east-1"),
    ]);
    let refused = ask(&aws.url(), "ec2", "POST /", "Action=DescribeRegions&Version=2016-11-15");
    assert!(refused.starts_with("HTTP/1.1 403"), "{refused}");
    assert!(refused.contains("<Code>UnauthorizedOperation</Code>"), "{refused}");
    let throttled = ask(&aws.url(), "s3", "GET /b?policy", "");
    assert!(throttled.contains("<Code>SlowDown</Code>"), "{throttled}");
    let identity = ask(&aws.url(), "sts", "POST /", "Action=GetCallerIdentity&Version=2011-06-15");
    assert!(identity.contains("<Account>123456789012</Account>"), "{identity}");
    let listed = ask(&aws.url(), "s3", "GET /?max-buckets=1000&x-id=ListBuckets", "");
    assert!(listed.contains("ListAllMyBucketsResult"), "{listed}");
    let none = ask(&aws.url(), "s3", "GET /v20180820/configuration/publicAccessBlock", "");
    assert!(none.starts_with("HTTP/1.1 4"), "{none}");

    let calls: Vec<_> =
        aws.calls().into_iter().map(|c| format!("{}:{}", c.service, c.operation)).collect();
    let expected = [
        "ec2:DescribeRegions",
        "s3:GetBucketPolicy",
        "sts:GetCallerIdentity",
        "s3:ListBuckets",
        "s3control:GetPublicAccessBlock",
    ];
    assert_eq!(calls, expected);
    assert_eq!(aws.calls()[1].resource.as_deref(), Some("b"));
    assert_eq!(aws.calls()[1].region, "eu-west-1");
    assert_eq!(aws.counts()["s3:ListBuckets"], 1);
}
