//! What all calls of one collection share.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use tokio::sync::{OnceCell, Semaphore};

use super::pace::Pace;
use super::places::lock;
use super::watch::{Event, Watch};
use crate::analysis::aws::demand::CollectionPlan;
use crate::inventory::aws::Services;
use crate::inventory::aws::calls::Call;
use crate::model::Gap;

/// The collection of one account.
pub(crate) struct Run {
    pub(super) watch: Watch,
    pub(super) global: Arc<Semaphore>,
    pub(super) pace: Option<Pace>,
    pub(crate) plan: Arc<CollectionPlan>,
    pub(super) gaps: Mutex<Vec<Gap>>,
    /// Services and regions where the credentials were refused once: one gap each says it all.
    pub(super) refused: Mutex<BTreeSet<(&'static str, String)>>,
    /// Answers on which several collectors depend.
    shared: Mutex<HashMap<&'static Call, Arc<OnceCell<Services>>>>,
}

impl Run {
    pub(crate) fn new(
        watch: Watch,
        global: Arc<Semaphore>,
        max_rps: Option<f64>,
        plan: Arc<CollectionPlan>,
    ) -> Arc<Self> {
        Arc::new(Self {
            watch,
            global,
            pace: max_rps.and_then(Pace::new),
            plan,
            gaps: Mutex::default(),
            refused: Mutex::default(),
            shared: Mutex::default(),
        })
    }

    pub(crate) fn tell(&self, event: Event) {
        self.watch.tell(event);
    }

    /// The place for an answer that is asked for once, whoever needs it first.
    pub(super) fn shared(&self, call: &'static Call) -> Arc<OnceCell<Services>> {
        Arc::clone(lock(&self.shared).entry(call).or_default())
    }

    /// Every call without an answer so far, in a stable order.
    pub(crate) fn take_gaps(&self) -> Vec<Gap> {
        let mut gaps = std::mem::take(&mut *lock(&self.gaps));
        gaps.sort();
        gaps.dedup();
        gaps
    }
}
