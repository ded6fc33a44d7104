//! Whether the writer can write, for those who ask whether the server is ready.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::Conversations;
use crate::store::Change;

/// How long the last word is good: a probe a second is not a write a second.
const GOOD_FOR: Duration = Duration::from_secs(5);

/// How long the writer may take to give it.
const WITHIN: Duration = Duration::from_secs(3);

/// What was last seen of it.
#[derive(Debug, Default)]
pub(super) struct Proved {
    seen: Mutex<Option<Seen>>,
    /// Whether that was a failure: of what is acknowledged all the time, only the first after one is looked at.
    failed: AtomicBool,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    could: bool,
    at: Instant,
}

impl Proved {
    /// Nothing can be saved: a commit failed, or there is no writer any more.
    pub(super) fn failed(&self) {
        self.saw(false);
    }

    /// Something has found its place on the disk. After a failure it is looked at anew: on a full disk a small change
    /// may succeed where a message fails, so only what adds to a log is heeded.
    pub(super) fn wrote(&self) {
        if self.failed.swap(false, Ordering::Relaxed) {
            *self.seen() = None;
        }
    }

    fn saw(&self, could: bool) {
        self.failed.store(!could, Ordering::Relaxed);
        *self.seen() = Some(Seen {
            could,
            at: Instant::now(),
        });
    }

    fn seen(&self) -> MutexGuard<'_, Option<Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn said(&self) -> Option<bool> {
        let seen = *self.seen();
        seen.filter(|seen| seen.at.elapsed() < GOOD_FOR)
            .map(|seen| seen.could)
    }
}

impl Conversations {
    /// Whether anything can be written: by what was seen a moment ago, else by writing a message's worth that is
    /// nobody's.
    pub async fn can_write(&self) -> bool {
        if let Some(could) = self.proved.said() {
            return could;
        }
        let can = matches!(timeout(WITHIN, self.change(Change::Probe)).await, Ok(Ok(_)));
        self.proved.saw(can);
        can
    }
}
