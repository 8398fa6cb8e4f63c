//! What a failed call means, read from the SDK's error after its own retries gave up.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::inventory::aws::calls::Call;
use crate::model::{Gap, Outcome};

/// A call without an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) outcome: Outcome,
    pub(crate) code: Option<String>,
    pub(crate) message: String,
    /// True when there was no connection: the name is not known, or nobody answers there.
    pub(crate) unreached: bool,
}

impl Failure {
    /// An answer was had that cannot be right.
    pub(crate) fn malformed(why: &str) -> Failure {
        Failure {
            outcome: Outcome::Malformed,
            code: None,
            message: why.to_owned(),
            unreached: false,
        }
    }

    /// Whether AWS's error code is among `codes`.
    pub(crate) fn is_one_of(&self, codes: &[&str]) -> bool {
        self.code.as_deref().is_some_and(|code| codes.contains(&code))
    }

    /// The gap that it leaves: `call`, sent to `region`, has no answer.
    pub(crate) fn gap(self, call: &Call, region: &str, resource: Option<&str>) -> Gap {
        Gap {
            service: call.service.to_owned(),
            operation: call.operation.to_owned(),
            region: region.to_owned(),
            resource: resource.map(str::to_owned),
            outcome: self.outcome,
            code: self.code,
            message: self.message,
        }
    }
}

/// Error codes by what they mean. Common errors of the AWS API references, EC2 error codes, S3
/// error responses.
const CODES: &[(Outcome, &[&str])] = &[
    (
        Outcome::Denied,
        &[
            "AccessDenied",
            "AccessDeniedException",
            "AllAccessDisabled",
            "AuthorizationError",
            "AuthorizationErrorException",
            "Client.UnauthorizedOperation",
            // MSK and Amazon MQ API references, status codes 401 and 403.
            "ForbiddenException",
            "NotAuthorized",
            "UnauthorizedAccess",
            "UnauthorizedException",
            "UnauthorizedOperation",
        ],
    ),
    (
        Outcome::Expired,
        &[
            // A region that the account has not enabled knows no credentials of the account: EC2
            // answers AuthFailure there, the others InvalidClientTokenId.
            "AuthFailure",
            "ExpiredToken",
            "ExpiredTokenException",
            "IncompleteSignature",
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "InvalidToken",
            "MissingAuthenticationToken",
            "RequestExpired",
            "RequestTimeTooSkewed",
            "SignatureDoesNotMatch",
            "TokenRefreshRequired",
            "UnrecognizedClientException",
        ],
    ),
    (
        Outcome::Throttled,
        &[
            "BandwidthLimitExceeded",
            "EC2ThrottledException",
            "LimitExceededException",
            "PriorRequestNotComplete",
            "ProvisionedThroughputExceededException",
            "RequestLimitExceeded",
            "RequestThrottled",
            "RequestThrottledException",
            "SlowDown",
            "ThrottledException",
            "Throttling",
            "ThrottlingException",
            "TooManyRequestsException",
            "TransactionInProgressException",
        ],
    ),
    (Outcome::Timeout, &["RequestTimeout", "RequestTimeoutException"]),
];

/// Reads an error of any operation.
pub(crate) fn failure<E>(error: &SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    let code = error
        .as_service_error()
        .and_then(|e| e.code())
        .map(str::to_owned)
        .or_else(|| error.raw_response().and_then(code_in));
    let outcome = match error {
        SdkError::TimeoutError(_) => Outcome::Timeout,
        SdkError::DispatchFailure(dispatch) if dispatch.is_timeout() => Outcome::Timeout,
        _ if has_source::<CredentialsError>(error) => Outcome::Expired,
        _ => match (&code, status) {
            (Some(code), status) => of_code(code, status),
            (None, Some(status)) => of_status(status),
            (None, None) => Outcome::Error,
        },
    };
    let said = error.as_service_error().and_then(|e| e.message()).filter(|text| !text.is_empty());
    let mut message = said.map_or_else(|| chain(error), str::to_owned);
    if let (None, Some(status)) = (&code, status) {
        message = format!("HTTP {status} without an AWS error: {message}");
    }
    let unreached = matches!(error, SdkError::DispatchFailure(failed) if failed.is_io());
    Failure { outcome, code, message: one_line(&message), unreached }
}

/// The code of an error whose envelope is not the one that the SDK expects: services behind one
/// front end do not all wrap errors alike.
fn code_in(response: &HttpResponse) -> Option<String> {
    if response.status().is_success() {
        return None;
    }
    let body = std::str::from_utf8(response.body().bytes()?).ok()?;
    let (_, rest) = body.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    let plain = !code.is_empty() && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.');
    plain.then(|| code.to_owned())
}

fn of_code(code: &str, status: Option<u16>) -> Outcome {
    CODES.iter().find(|(_, codes)| codes.contains(&code)).map_or_else(
        // Services make up codes; 429 always means the same.
        || if status == Some(429) { Outcome::Throttled } else { Outcome::Error },
        |(outcome, _)| *outcome,
    )
}

/// Without a code the body was no error of AWS: a proxy's page, garbage, half an answer.
fn of_status(status: u16) -> Outcome {
    match status {
        401 | 403 => Outcome::Denied,
        429 => Outcome::Throttled,
        500.. => Outcome::Error,
        _ => Outcome::Malformed,
    }
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |cause: &&'a (dyn Error + 'static)| (*cause).source())
}

fn has_source<T: Error + 'static>(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|cause| cause.is::<T>())
}

/// The whole chain of causes: the SDK's own `Display` says only "service error".
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in causes(error) {
        let text = cause.to_string();
        if !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
    }
    parts.join(": ")
}

/// One line of at most 500 characters: messages come from outside and go to terminals and tables.
fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(500) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_say_what_happened_and_unknown_ones_are_errors() {
        for (code, outcome) in [
            ("UnauthorizedOperation", Outcome::Denied),
            ("AccessDeniedException", Outcome::Denied),
            ("InvalidClientTokenId", Outcome::Expired),
            ("SlowDown", Outcome::Throttled),
            ("NoSuchThing", Outcome::Error),
        ] {
            assert_eq!(of_code(code, Some(400)), outcome, "{code}");
        }
        assert_eq!(of_code("OutOfBreath", Some(429)), Outcome::Throttled);
    }

    #[test]
    fn without_a_code_the_status_decides() {
        assert_eq!(of_status(200), Outcome::Malformed);
        assert_eq!(of_status(404), Outcome::Malformed);
        assert_eq!(of_status(403), Outcome::Denied);
        assert_eq!(of_status(501), Outcome::Error);
    }

    #[test]
    fn messages_are_one_short_line_without_control_characters() {
        assert_eq!(one_line("a\n  b\u{1b}[31mc\t"), "a b [31mc");
        assert!(one_line(&"word ".repeat(500)).chars().count() <= 501);
        assert_eq!(one_line(&"x".repeat(5000)).chars().count(), 501);
    }
}
