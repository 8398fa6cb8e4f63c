//! How the user wants AWS to be reached.

use std::time::Duration;

/// How to reach AWS, and what of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Profile of the AWS configuration files; used even when keys stand in the environment.
    pub profile: Option<String>,
    /// Roles to assume, one account each; empty for the caller's own account.
    pub roles: Vec<String>,
    /// External id sent when a role is assumed.
    pub external_id: Option<String>,
    /// Names or patterns; empty for all enabled regions.
    pub regions: Vec<String>,
    /// Names or patterns to leave out.
    pub exclude_regions: Vec<String>,
    /// Where all services are, instead of AWS's own addresses.
    pub endpoint_url: Option<String>,
    /// Calls in flight at once.
    pub concurrency: usize,
    /// Calls a second at most.
    pub max_rps: Option<f64>,
    /// Longest time for one call, its retries included.
    pub timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            profile: None,
            roles: Vec::new(),
            external_id: None,
            regions: Vec::new(),
            exclude_regions: Vec::new(),
            endpoint_url: None,
            concurrency: 64,
            max_rps: None,
            timeout: Duration::from_secs(120),
        }
    }
}
