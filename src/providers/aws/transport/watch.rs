//! The outside's hold on a running collection: it hears what happens and may stop it.

use std::sync::Arc;

use tokio::sync::watch;

/// Something that happened during a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The work is known: so many services and regions will report [`Event::Done`].
    Planned {
        /// The region of each.
        parts: Vec<String>,
    },
    /// A call was answered, refused or given up.
    Answered {
        /// Service in outcrop's terms.
        service: &'static str,
        /// Region that was asked.
        region: String,
    },
    /// A service of a region is finished.
    Done {
        /// Service in outcrop's terms.
        service: &'static str,
        /// Region that was asked.
        region: String,
    },
}

/// Hears events and carries the stop signal.
#[derive(Clone)]
pub struct Watch {
    stop: watch::Receiver<bool>,
    listener: Arc<dyn Fn(Event) + Send + Sync>,
}

impl Watch {
    /// A collection that ends early, with what it has, once `stop` is true.
    pub fn new(
        stop: watch::Receiver<bool>,
        listener: impl Fn(Event) + Send + Sync + 'static,
    ) -> Self {
        Self { stop, listener: Arc::new(listener) }
    }

    /// Nobody listens and nothing stops it.
    pub fn silent() -> Self {
        Self::new(watch::channel(false).1, |_| ())
    }

    pub(crate) fn tell(&self, event: Event) {
        (self.listener)(event);
    }

    /// Completes when the collection is to stop; never, when nobody can stop it any more.
    pub(crate) async fn stopped(&self) {
        if self.stop.clone().wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
