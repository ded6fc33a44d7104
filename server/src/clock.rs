//! The one place that reads time, and the fresh ids that are made of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use causerie_core::Timestamp;
use causerie_core::time::Span;
use uuid::Uuid;

/// Where the time comes from: the machine, or a test that moves it by hand.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's.
    #[default]
    Machine,
    /// A test's, in milliseconds since 1970.
    ByHand(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands still until [`Clock::forward`].
    #[must_use]
    pub fn by_hand(start: Timestamp) -> Self {
        Self::ByHand(Arc::new(AtomicI64::new(start.0)))
    }

    /// Moves a clock by hand; the machine's goes by itself.
    pub fn forward(&self, span: Span) {
        match self {
            Self::Machine => {}
            Self::ByHand(at) => {
                at.fetch_add(span.0, Ordering::SeqCst);
            }
        }
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::Machine => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            Self::ByHand(at) => Timestamp(at.load(Ordering::SeqCst)),
        }
    }

    /// A fresh id: a `UUIDv7` of this moment, so that what is made together is stored together.
    ///
    /// # Errors
    /// When the machine has no randomness to give.
    pub fn fresh_id(&self) -> Result<Uuid, getrandom::Error> {
        let mut random = [0; 10];
        getrandom::fill(&mut random)?;
        let millis = u64::try_from(self.now().0).unwrap_or_default();
        Ok(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }
}
