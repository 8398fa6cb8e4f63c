//! An AWS of our own on loopback: answers chosen calls in recorded form, hands the rest to the
//! emulator, and remembers every call.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use super::moto::{Filled, moto};
pub use super::wire::Call;
use super::wire::Message;

/// What is answered to a call.
#[derive(Debug, Clone)]
pub enum Answer {
    /// The refusal of a service for want of a permission.
    Denied,
    /// The service's demand to slow down.
    Throttled,
    /// Status 200 and no document of the service.
    Malformed,
    /// Nothing, for as long as the caller waits.
    Hang,
    /// An error of the service: status and code.
    Error(u16, &'static str),
    /// A refusal with the service's code and words.
    Refused(&'static str, &'static str),
    /// A response as recorded under `fixtures/wire`.
    Recorded(&'static str),
    /// The emulator's answer, with the word that there is another page.
    MorePages,
    /// The emulator's list of buckets, with the regions that AWS names and the emulator does not.
    WithRegions(BTreeMap<String, String>),
    /// The emulator's answer in JSON without this field, which it writes as AWS does not.
    Without(&'static str),
    /// The emulator's answer.
    Pass,
}

/// Which calls an answer is for. All that is set must be equal.
#[derive(Debug, Clone)]
pub struct Rule {
    service: &'static str,
    operation: Option<&'static str>,
    resource: Option<String>,
    region: Option<&'static str>,
    further_page: Option<bool>,
    answer: Answer,
}

/// An answer to every call of an operation.
pub fn on(service: &'static str, operation: &'static str, answer: Answer) -> Rule {
    Rule { operation: Some(operation), ..on_all(service, answer) }
}

/// An answer to every call of a service (`*`: of all).
pub fn on_all(service: &'static str, answer: Answer) -> Rule {
    Rule { service, operation: None, resource: None, region: None, further_page: None, answer }
}

impl Rule {
    /// Only about this bucket.
    pub fn of(self, resource: &str) -> Rule {
        Rule { resource: Some(resource.to_owned()), ..self }
    }

    /// Only in this region.
    pub fn within(self, region: &'static str) -> Rule {
        Rule { region: Some(region), ..self }
    }

    /// Only for the first page (or only for the others).
    pub fn first_page(self, first: bool) -> Rule {
        Rule { further_page: Some(!first), ..self }
    }

    fn is_for(&self, call: &Call) -> bool {
        (self.service == "*" || self.service == call.service)
            && self.operation.is_none_or(|operation| operation == call.operation)
            && self
                .resource
                .as_ref()
                .is_none_or(|resource| Some(resource) == call.resource.as_ref())
            && self.region.is_none_or(|region| region == call.region)
            && self.further_page.is_none_or(|further| further == call.further_page)
    }
}

/// VPC block public access, which the emulator lacks, switched off: what most accounts have.
pub fn block_public_access_off() -> Rule {
    on(
        "ec2",
        "DescribeVpcBlockPublicAccessOptions",
        Answer::Recorded("ec2/DescribeVpcBlockPublicAccessOptions.xml"),
    )
}

/// No public snapshots. The emulator heeds none of the filters and answers with all that it made up:
/// 1,300 a region, which takes it seconds. `snapshots_of_the_emulator` asks it all the same.
pub fn no_public_snapshots() -> Rule {
    on("ec2", "DescribeSnapshots", Answer::Recorded("ec2/DescribeSnapshots.xml"))
}

/// The emulator's snapshots, the account's among them.
pub fn snapshots_of_the_emulator() -> Rule {
    on("ec2", "DescribeSnapshots", Answer::Pass)
}

/// The region's block of public snapshots, off: the emulator does not know the call.
pub fn snapshots_unblocked() -> Rule {
    on(
        "ec2",
        "GetSnapshotBlockPublicAccessState",
        Answer::Recorded("ec2/GetSnapshotBlockPublicAccessState.xml"),
    )
}

/// The region's block of public images, off: the emulator does not know the call.
pub fn images_unblocked() -> Rule {
    on(
        "ec2",
        "GetImageBlockPublicAccessState",
        Answer::Recorded("ec2/GetImageBlockPublicAccessState.xml"),
    )
}

/// Who pays for requests, which the emulator answers with the bucket's contents.
pub fn the_owner_pays() -> Rule {
    let answer = Answer::Recorded("s3/GetBucketRequestPayment.xml");
    on("s3", "GetBucketRequestPayment", answer)
}

/// No workgroups of Redshift Serverless, which the emulator lacks.
pub fn no_workgroups() -> Rule {
    let answer = Answer::Recorded("redshift-serverless/ListWorkgroups.json");
    on("redshift-serverless", "ListWorkgroups", answer)
}

/// No caches without nodes, which the emulator lacks.
pub fn no_serverless_caches() -> Rule {
    let answer = Answer::Recorded("elasticache/DescribeServerlessCaches.xml");
    on("elasticache", "DescribeServerlessCaches", answer)
}

/// The roles of identity pools, which the emulator lacks: all pools name `guest` for guests.
pub fn one_role_for_guests() -> Rule {
    let answer = Answer::Recorded("cognito-identity/GetIdentityPoolRoles.json");
    on("cognito-identity", "GetIdentityPoolRoles", answer)
}

/// URLs of functions, which the emulator does not list: the function `page` has one.
pub fn one_function_url() -> [Rule; 2] {
    let recorded = |file| on("lambda", "ListFunctionUrlConfigs", Answer::Recorded(file));
    [
        recorded("lambda/ListFunctionUrlConfigs.json").of("page"),
        recorded("lambda/ListFunctionUrlConfigs.none.json"),
    ]
}

/// Times, which the emulator tells services that speak JSON in a form of its own.
pub fn no_odd_times() -> [Rule; 2] {
    [
        ("dms", "DescribeReplicationInstances", "InstanceCreateTime"),
        ("kafka", "ListClustersV2", "creationTime"),
    ]
    .map(|(service, operation, field)| on(service, operation, Answer::Without(field)))
}

/// An organization whose policies this account may read: one of them is for its own identities only.
pub fn a_readable_organization() -> [Rule; 6] {
    [
        ("DescribeOrganization", "organizations/DescribeOrganization.json"),
        ("DescribePolicy", "organizations/DescribePolicy.json"),
        ("ListAccounts", "organizations/ListAccounts.json"),
        ("ListParents", "organizations/ListParents.json"),
        ("ListPoliciesForTarget", "organizations/ListPoliciesForTarget.json"),
        ("ListRoots", "organizations/ListRoots.json"),
    ]
    .map(|(operation, file)| on("organizations", operation, Answer::Recorded(file)))
}

/// No access points, which the emulator does not list.
pub fn no_access_points() -> [Rule; 2] {
    [
        ("ListAccessPoints", "s3control/ListAccessPoints.xml"),
        ("ListMultiRegionAccessPoints", "s3control/ListMultiRegionAccessPoints.xml"),
    ]
    .map(|(operation, file)| on("s3control", operation, Answer::Recorded(file)))
}

/// The list of buckets as AWS gives it.
pub fn buckets_with_regions(filled: &Filled) -> Rule {
    on("s3", "ListBuckets", Answer::WithRegions(filled.buckets.clone()))
}

/// The running server; it ends with its owner.
pub struct Loopback {
    address: String,
    shared: Arc<Shared>,
}

struct Shared {
    rules: Vec<Rule>,
    calls: Mutex<Vec<Call>>,
    ended: AtomicBool,
    changed: Condvar,
}

/// A server with `rules`, the first that fits deciding; what fits none is asked of the emulator.
pub fn loopback(rules: impl IntoIterator<Item = Rule>) -> Loopback {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address").to_string();
    let shared = Arc::new(Shared {
        rules: rules.into_iter().collect(),
        calls: Mutex::default(),
        ended: AtomicBool::new(false),
        changed: Condvar::new(),
    });
    let server = Arc::clone(&shared);
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            if server.ended.load(Ordering::SeqCst) {
                return;
            }
            let server = Arc::clone(&server);
            // A caller that goes away, as one does after a time-out, ends its connection only.
            thread::spawn(move || server.serve(connection));
        }
    });
    Loopback { address, shared }
}

impl Loopback {
    /// `http://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All calls until now, in the order of their arrival.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.calls.lock().expect("the list of calls").clone()
    }

    /// How often each `service:Operation` was called.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for call in self.calls() {
            *counts.entry(format!("{}:{}", call.service, call.operation)).or_default() += 1;
        }
        counts
    }

    /// Waits until an operation was asked for.
    pub fn wait_for(&self, operation: &str) {
        let calls = self.shared.calls.lock().expect("the list of calls");
        let asked = |calls: &mut Vec<Call>| !calls.iter().any(|call| call.operation == operation);
        let patience = Duration::from_secs(30);
        let waited = self.shared.changed.wait_timeout_while(calls, patience, asked);
        let (calls, timeout) = waited.expect("the list of calls");
        assert!(!timeout.timed_out(), "{operation} is never asked for: {calls:?}");
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        // Wakes what hangs, and the one that accepts.
        self.shared.changed.notify_all();
        let _ = TcpStream::connect(&self.address);
    }
}

impl Shared {
    fn serve(&self, connection: TcpStream) -> io::Result<()> {
        connection.set_nodelay(true)?;
        let mut to = connection.try_clone()?;
        let mut from = BufReader::new(connection);
        while let Some(message) = Message::read(&mut from)? {
            let call = message.call();
            let rule = self.rules.iter().find(|rule| rule.is_for(&call));
            let answer = rule.map_or(Answer::Pass, |rule| rule.answer.clone());
            self.calls.lock().expect("the list of calls").push(call.clone());
            self.changed.notify_all();
            if matches!(answer, Answer::Hang) {
                return self.hang();
            }
            to.write_all(&respond(&answer, &call, &message)?)?;
        }
        Ok(())
    }

    fn hang(&self) -> io::Result<()> {
        let calls = self.calls.lock().expect("the list of calls");
        let hanging = |_: &mut Vec<Call>| !self.ended.load(Ordering::SeqCst);
        let _ended = self.changed.wait_while(calls, hanging).expect("the list of calls");
        Ok(())
    }
}

fn respond(answer: &Answer, call: &Call, message: &Message) -> io::Result<Vec<u8>> {
    let (status, body) = match answer {
        Answer::Denied => {
            let code = match call.service.as_str() {
                "ec2" => "UnauthorizedOperation",
                service if speaks_json(service) => "AccessDeniedException",
                _ => "AccessDenied",
            };
            (403, error(call, code, None))
        }
        Answer::Refused(code, words) => (403, error(call, code, Some(words))),
        // Codes as in each service's own list of common errors.
        Answer::Throttled => match call.service.as_str() {
            "ec2" => (503, error(call, "RequestLimitExceeded", None)),
            "s3" | "s3control" => (503, error(call, "SlowDown", None)),
            service if speaks_json(service) => (429, error(call, "TooManyRequestsException", None)),
            _ => (400, error(call, "Throttling", None)),
        },
        Answer::Error(status, code) => (*status, error(call, code, None)),
        Answer::Malformed => (200, "<html><body>It works!".to_owned()),
        Answer::Recorded(file) => (200, recorded(file)),
        Answer::MorePages
        | Answer::WithRegions(_)
        | Answer::Without(_)
        | Answer::Pass
        | Answer::Hang => {
            return pass(answer, call, message);
        }
    };
    Ok(response(&format!("{status} Answered"), &["Content-Type: text/xml"], body.as_bytes()))
}

/// The emulator's answer, as it is or with a token for another page.
fn pass(answer: &Answer, call: &Call, message: &Message) -> io::Result<Vec<u8>> {
    let (head, mut body) = message.forward(&moto().address)?;
    if let Answer::WithRegions(regions) = answer {
        let mut text = String::from_utf8_lossy(&body).into_owned();
        for (name, region) in regions {
            let (name, region) =
                (format!("<Name>{name}</Name>"), format!("<BucketRegion>{region}</BucketRegion>"));
            text = text.replace(&name, &format!("{name}{region}"));
        }
        body = text.into_bytes();
    }
    if let Answer::Without(field) = answer
        && let Ok(mut answered) = serde_json::from_slice(&body)
    {
        remove(&mut answered, field);
        body = answered.to_string().into_bytes();
    }
    if matches!(answer, Answer::MorePages) {
        let (before, token) = match call.service.as_str() {
            "ec2" => (format!("</{}Response>", call.operation), "<nextToken>2</nextToken>"),
            "elb" | "elbv2" => {
                (format!("</{}Result>", call.operation), "<NextMarker>2</NextMarker>")
            }
            "rds" | "redshift" | "elasticache" => {
                (format!("</{}Result>", call.operation), "<Marker>2</Marker>")
            }
            _ => {
                ("</ListAllMyBucketsResult>".to_owned(), "<ContinuationToken>2</ContinuationToken>")
            }
        };
        let text = String::from_utf8_lossy(&body);
        assert!(text.contains(&before), "{call:?} is answered by a list: {text}");
        body = text.replace(&before, &format!("{token}{before}")).into_bytes();
    }
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split_once(' ')).map_or("500 ?", |(_, s)| s);
    let hop = ["connection:", "content-length:", "transfer-encoding:"];
    let kept: Vec<_> = lines
        .filter(|line| !hop.iter().any(|name| line.to_ascii_lowercase().starts_with(name)))
        .collect();
    Ok(response(status, &kept, &body))
}

/// Takes a field out of every object.
fn remove(from: &mut serde_json::Value, field: &str) {
    match from {
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| remove(item, field)),
        serde_json::Value::Object(members) => {
            members.remove(field);
            members.values_mut().for_each(|member| remove(member, field));
        }
        _ => {}
    }
}

fn response(status: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// Services whose protocol is JSON; the others speak XML.
fn speaks_json(service: &str) -> bool {
    const JSON: [&str; 14] = [
        "appsync",
        "codebuild",
        "cognito-identity",
        "cognito-idp",
        "dms",
        "eks",
        "kafka",
        "lambda",
        "memorydb",
        "mq",
        "opensearch",
        "organizations",
        "redshift-serverless",
        "ssm",
    ];
    JSON.contains(&service)
}

/// An error in the form of the call's service.
fn error(call: &Call, code: &str, words: Option<&str>) -> String {
    let id = "<RequestId>0a1b</RequestId>";
    let message = words.map_or_else(|| format!("{code} for {}", call.operation), str::to_owned);
    if speaks_json(&call.service) {
        return serde_json::json!({"__type": code, "message": message}).to_string();
    }
    let inner = format!("<Code>{code}</Code><Message>{message}</Message>");
    match call.service.as_str() {
        "ec2" => format!(
            "<Response><Errors><Error>{inner}</Error></Errors><RequestID>0a1b</RequestID></Response>"
        ),
        "s3" => format!("<Error>{inner}{id}</Error>"),
        _ => {
            format!("<ErrorResponse><Error><Type>Sender</Type>{inner}</Error>{id}</ErrorResponse>")
        }
    }
}

fn recorded(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/wire").join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
