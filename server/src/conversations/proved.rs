//! Whether the writer can write, for those who ask whether the server is ready.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::{Conversations, Refusal};
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
    /// Something could not be saved, or could again: on a full disk a small change may succeed where a message fails,
    /// so a failure counts for a while.
    pub(super) fn heed<T>(&self, answer: &Result<T, Refusal>) {
        match answer {
            Err(Refusal::Unavailable { .. }) => self.saw(Some(false)),
            Ok(_) if self.failed.load(Ordering::Relaxed) => self.saw(None),
            Ok(_)
            | Err(
                Refusal::Rejected(_)
                | Refusal::UnknownSender
                | Refusal::UnknownThread
                | Refusal::UnknownMacro
                | Refusal::UnknownClientId
                | Refusal::ClientIdReused
                | Refusal::Change(_),
            ) => {}
        }
    }

    fn saw(&self, could: Option<bool>) {
        self.failed.store(could == Some(false), Ordering::Relaxed);
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = could.map(|could| Seen {
            could,
            at: Instant::now(),
        });
    }

    fn said(&self) -> Option<bool> {
        let seen = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.filter(|seen| seen.at.elapsed() < GOOD_FOR)
            .map(|seen| seen.could)
    }
}

impl Conversations {
    /// Whether anything can be written: by what was seen a moment ago, else by a change that changes nothing.
    pub async fn can_write(&self) -> bool {
        if let Some(could) = self.proved.said() {
            return could;
        }
        let can = matches!(timeout(WITHIN, self.change(Change::Touch)).await, Ok(Ok(_)));
        self.proved.saw(Some(can));
        can
    }
}
