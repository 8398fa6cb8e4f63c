//! An account whose AWS is a function. Nothing leaves the process, so no test can leak.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use tokio::sync::Semaphore;

use crate::analysis::aws::demand::CollectionPlan;
use crate::inventory::Snapshot;
use crate::inventory::aws::calls::CALLS;
use crate::providers::aws::session::account::Account;
use crate::providers::aws::session::regions::Choice;
use crate::providers::aws::transport::guard::Guard;
use crate::providers::aws::transport::places::Places;
use crate::providers::aws::{Watch, collect};

/// What the canned AWS says to one request.
pub(crate) enum Said {
    /// Status and body.
    Answer(u16, String),
    /// Nothing, ever.
    Silence,
    /// No connection: there is no such host.
    Nowhere,
}

pub(crate) fn ok(body: impl Into<String>) -> Said {
    Said::Answer(200, body.into())
}

/// An error of S3.
pub(crate) fn s3_error(status: u16, code: &str) -> Said {
    Said::Answer(status, format!("<Error><Code>{code}</Code><Message>no: {code}</Message></Error>"))
}

/// An error of EC2.
pub(crate) fn ec2_error(status: u16, code: &str) -> Said {
    let error = format!("<Error><Code>{code}</Code><Message>no: {code}</Message></Error>");
    Said::Answer(status, format!("<Response><Errors>{error}</Errors></Response>"))
}

/// An error of a service that speaks JSON.
pub(crate) fn json_error(status: u16, code: &str) -> Said {
    Said::Answer(status, format!(r#"{{"__type":"{code}","message":"no: {code}"}}"#))
}

/// A request in words: `DescribeSubnets`, or `GET /bucket?policy`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) what: String,
    pub(crate) host: String,
    /// The body: form fields of the query protocols, or JSON.
    pub(crate) form: String,
}

impl Asked {
    fn new(request: &HttpRequest) -> Self {
        let form = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        let (host, path) = request
            .uri()
            .split_once("://")
            .map(|(_, rest)| rest.split_at(rest.find('/').unwrap_or(rest.len())))
            .unwrap_or_default();
        let target = request.headers().get("x-amz-target");
        let what = match (form.strip_prefix("Action="), target) {
            (Some(action), _) => action.split('&').next().unwrap_or_default().to_owned(),
            (None, Some(target)) => target.rsplit('.').next().unwrap_or_default().to_owned(),
            (None, None) => format!("{} {path}", request.method()),
        };
        Self { what, host: host.to_owned(), form }
    }
}

type Answers = dyn Fn(&Asked) -> Said + Send + Sync;

#[derive(Clone)]
struct Replay {
    answers: Arc<Answers>,
    seen: Arc<Mutex<Vec<Asked>>>,
}

impl std::fmt::Debug for Replay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Replay")
    }
}

impl HttpConnector for Replay {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let asked = Asked::new(&request);
        self.seen.lock().unwrap().push(asked.clone());
        match (self.answers)(&asked) {
            Said::Answer(status, body) => HttpConnectorFuture::ready(Ok(HttpResponse::new(
                status.try_into().unwrap(),
                SdkBody::from(body),
            ))),
            Said::Nowhere => {
                let error = std::io::Error::other("failed to lookup address information");
                HttpConnectorFuture::ready(Err(ConnectorError::io(error.into())))
            }
            Said::Silence => HttpConnectorFuture::new(std::future::pending::<
                Result<HttpResponse, ConnectorError>,
            >()),
        }
    }
}

/// A canned account.
pub(crate) struct Cloud {
    pub(crate) account: Arc<Account>,
    pub(crate) seen: Arc<Mutex<Vec<Asked>>>,
}

impl Cloud {
    pub(crate) fn new(answers: impl Fn(&Asked) -> Said + Send + Sync + 'static) -> Self {
        Self::within("us-east-1", answers)
    }

    /// An account that is looked at in one region.
    pub(crate) fn within(
        region: &str,
        answers: impl Fn(&Asked) -> Said + Send + Sync + 'static,
    ) -> Self {
        let seen = Arc::default();
        let replay = Replay { answers: Arc::new(answers), seen: Arc::clone(&seen) };
        let client = http_client_fn(move |_, _| SharedHttpConnector::new(replay.clone()));
        let credentials = Credentials::new("AKIA", "secret", None, None, "test");
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("us-east-1"))
            .endpoint_url("http://aws.test")
            .http_client(client)
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .retry_config(
                RetryConfig::standard()
                    .with_max_attempts(3)
                    .with_initial_backoff(Duration::from_millis(1)),
            )
            .timeout_config(
                TimeoutConfig::builder().operation_timeout(Duration::from_millis(500)).build(),
            )
            .build();
        let names = [region.to_owned()];
        let account = Account {
            id: "123456789012".to_owned(),
            arn: "arn:aws:iam::123456789012:user/test".to_owned(),
            partition: "aws".to_owned(),
            home: "us-east-1".to_owned(),
            chosen: Choice::new(&names, &[]).unwrap().unseen("aws").unwrap(),
            sdk,
            path_style: true,
            guard: Guard::default(),
            places: Places::default(),
            global: Arc::new(Semaphore::new(64)),
            max_rps: None,
            gaps: Vec::new(),
        };
        Self { account: Arc::new(account), seen }
    }

    /// Collects what the calls of one service tell.
    pub(crate) fn collect(&self, services: &[&str]) -> Snapshot {
        self.collect_with(&wanted(services), &Watch::silent())
    }

    pub(crate) fn collect_with(&self, plan: &CollectionPlan, watch: &Watch) -> Snapshot {
        runtime().block_on(collect(&self.account, &Arc::new(plan.clone()), watch))
    }

    /// How often each thing was asked, retries included.
    pub(crate) fn asked(&self) -> BTreeMap<String, usize> {
        let mut times = BTreeMap::new();
        for asked in self.seen.lock().unwrap().iter() {
            *times.entry(asked.what.clone()).or_default() += 1;
        }
        times
    }
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// All declared calls of the services, and the calls that are named themselves.
pub(crate) fn wanted(names: &[&str]) -> CollectionPlan {
    let named = |name: &str| names.contains(&name);
    let calls = CALLS.iter().filter(|call| named(call.service) || named(&call.name()));
    CollectionPlan { calls: calls.copied().collect(), ..CollectionPlan::default() }
}
