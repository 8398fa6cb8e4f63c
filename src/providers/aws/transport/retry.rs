//! What is not worth asking again.

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};

/// Forbids retries of web pages.
///
/// A page with status 500 or 501 is not AWS, whose services answer in XML or JSON: emulators send
/// one for what they lack. Eight attempts would wait half a minute for the same page. Pages with
/// 502 to 504 come from gateways on the way and pass.
#[derive(Debug)]
pub(crate) struct NotForPages;

impl ClassifyRetry for NotForPages {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(response) = context.response() else { return RetryAction::NoActionIndicated };
        let kind = response.headers().get("content-type").unwrap_or_default();
        match response.status().as_u16() {
            500 | 501 if kind.starts_with("text/html") => RetryAction::RetryForbidden,
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "NotForPages"
    }
}
