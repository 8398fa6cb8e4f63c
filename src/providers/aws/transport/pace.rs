//! The rate limit that a user sets.

use std::time::Duration;

use tokio::time::Instant;

/// At most so many calls a second, evenly spaced.
pub(crate) struct Pace {
    step: Duration,
    next: tokio::sync::Mutex<Instant>,
}

impl Pace {
    pub(crate) fn new(max_rps: f64) -> Option<Self> {
        let step = Duration::try_from_secs_f64(1.0 / max_rps).ok()?;
        Some(Self { step, next: tokio::sync::Mutex::new(Instant::now()) })
    }

    /// Waits for the next place in the row.
    pub(crate) async fn turn(&self) {
        let mut next = self.next.lock().await;
        let at = (*next).max(Instant::now());
        *next = at + self.step;
        drop(next);
        tokio::time::sleep_until(at).await;
    }
}
