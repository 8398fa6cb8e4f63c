//! The URLs of functions, as a way in.

use super::policy::Ways;
use crate::inventory::aws::lambda::FunctionUrlConfig;
use crate::model::{Step, Verdict};

/// The ways in by a URL with their proof, and what stands before them.
pub fn verdict(ways: &Ways<'_>, url: &FunctionUrlConfig) -> Verdict {
    let mut verdict = ways.verdict("Lambda", &[]);
    // What the steps after the first are about: they are of the policy.
    verdict.evidence.splice(1..1, steps(url));
    verdict
}

/// The URL, and whom it takes requests of.
fn steps(url: &FunctionUrlConfig) -> Vec<Step> {
    let address = url.function_url.as_str();
    let mut steps = vec![match url.auth_type.as_deref() {
        Some("NONE") => Step::of(
            "url",
            address,
            "its type is NONE: it takes requests without a signature, where the policy grants \
             `lambda:InvokeFunctionUrl` and `lambda:InvokeFunction`",
        ),
        Some(auth) => Step::of(
            "url",
            address,
            format!(
                "its type is {auth}: it takes signed requests, where the policy grants \
                 `lambda:InvokeFunctionUrl` and `lambda:InvokeFunction`"
            ),
        ),
        None => {
            Step::of("url", address, "whether it takes requests without a signature is not known")
        }
    }];
    if url.cors.as_ref().is_some_and(|cors| !cors.allow_origins.is_empty()) {
        let text = "what it says of other sites (CORS) is for browsers and keeps nobody out";
        steps.push(Step::of("url", address, text));
    }
    steps
}
