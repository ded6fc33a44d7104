//! How far the load has come, and whether the server was killed under it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::Notify;

/// What everybody who writes in a round shares.
#[derive(Clone, Debug)]
pub(crate) struct Load(Arc<Inside>);

#[derive(Debug)]
struct Inside {
    enough_at: u64,
    acknowledged: AtomicU64,
    enough: Notify,
    killed: AtomicBool,
}

impl Load {
    /// One that is enough after this many acknowledgements.
    pub(crate) fn of(acknowledgements: u64) -> Self {
        Self(Arc::new(Inside {
            enough_at: acknowledgements,
            acknowledged: AtomicU64::new(0),
            enough: Notify::new(),
            killed: AtomicBool::new(false),
        }))
    }

    /// Somebody got one more.
    pub(crate) fn acknowledged(&self) {
        if self.0.acknowledged.fetch_add(1, Ordering::Relaxed) + 1 == self.0.enough_at {
            self.0.enough.notify_one();
        }
    }

    /// How many there were.
    pub(crate) fn count(&self) -> u64 {
        self.0.acknowledged.load(Ordering::Relaxed)
    }

    /// Waits until there were enough.
    pub(crate) async fn is_enough(&self) {
        self.0.enough.notified().await;
    }

    /// From now on it is no failure that a socket breaks.
    pub(crate) fn kills(&self) {
        self.0.killed.store(true, Ordering::Relaxed);
    }

    pub(crate) fn was_killed(&self) -> bool {
        self.0.killed.load(Ordering::Relaxed)
    }
}
