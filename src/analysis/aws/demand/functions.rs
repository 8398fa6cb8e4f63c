//! Functions of Lambda.
//!
//! Every function costs two calls, its policy and its aliases, and every alias one more. URLs are
//! asked for only where one of the policies would open them, and concurrency only where a URL is
//! open: most functions have neither.

use super::CollectionPlan;
use crate::analysis::aws::functions::{self, Target};
use crate::analysis::aws::policy::Context;
use crate::inventory::aws::Lambda;
use crate::inventory::aws::kinds::Place;
use crate::inventory::aws::lambda::{FunctionConfiguration, FunctionUrlConfig};
use crate::model::Status;

/// Whether URLs are asked for: of a function whose policy, or that of an alias, would let somebody
/// in by one. Nobody gets in by a URL without a policy. Who is trusted is not known here, so nobody
/// is.
pub fn urls_matter(
    lambda: &Lambda,
    place: &Place<'_>,
    function: &FunctionConfiguration,
    plan: &CollectionPlan,
) -> bool {
    let aliases = functions::aliases(lambda, function).into_option().unwrap_or_default();
    let would = |target: &Target<'_>| {
        let bearer = functions::by_url(lambda, place, function, target);
        let open = functions::would_open(&bearer, &Context::default(), plan.latent);
        open.into_option() == Some(true)
    };
    plan.probe.is_some() || [functions::function(function, place)].iter().chain(&aliases).any(would)
}

/// Whether it is asked if any concurrency is left: of a function with a URL that nothing else shuts.
pub fn concurrency_matters(
    lambda: &Lambda,
    place: &Place<'_>,
    function: &FunctionConfiguration,
    plan: &CollectionPlan,
) -> bool {
    let urls = functions::urls(lambda, function).into_option().unwrap_or_default();
    let open = |url: &FunctionUrlConfig, target: &Target<'_>| {
        let bearer = functions::by_url(lambda, place, function, target);
        let context = functions::url_context(&Context::default(), url);
        functions::worst(&bearer, &context).is_some_and(|status| status != Status::Latent)
    };
    plan.probe.is_some() || urls.iter().any(|(url, target)| open(url, target))
}
