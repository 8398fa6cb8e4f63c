//! Asking cloud providers: the only place that knows their SDKs, and with `cli` the only
//! asynchronous one.
//!
//! It fills a `Snapshot` and knows nothing of what the facts mean: no rule, no verdict.

pub mod aws;
