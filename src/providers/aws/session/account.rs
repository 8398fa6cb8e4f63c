//! An account that answered who we are, ready to be asked everything else.

use std::fmt;
use std::sync::Arc;

use aws_config::SdkConfig;
use tokio::sync::Semaphore;

use super::regions::Chosen;
use crate::model::Gap;
use crate::providers::aws::transport::guard::Guard;
use crate::providers::aws::transport::places::Places;

/// One account, with its credentials and the regions to look at.
pub struct Account {
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) partition: String,
    pub(crate) home: String,
    pub(crate) chosen: Chosen,
    pub(crate) sdk: SdkConfig,
    /// True when S3 is asked at an endpoint of its own: then bucket names go into the path.
    pub(crate) path_style: bool,
    pub(crate) guard: Guard,
    pub(crate) places: Places,
    pub(crate) global: Arc<Semaphore>,
    pub(crate) max_rps: Option<f64>,
    /// What connecting could not learn.
    pub(crate) gaps: Vec<Gap>,
}

impl Account {
    /// The account's twelve digits.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// ARN of the identity that asks.
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// `aws`, `aws-us-gov` or `aws-cn`.
    pub fn partition(&self) -> &str {
        &self.partition
    }

    /// Regions that will be asked, sorted.
    pub fn regions(&self) -> &[String] {
        &self.chosen.regions
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("id", &self.id)
            .field("arn", &self.arn)
            .field("regions", &self.chosen.regions)
            .finish_non_exhaustive()
    }
}
