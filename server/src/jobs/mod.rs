//! The jobs' worker: does what a commit left to be done, at least once, and what is due by time. It writes through the
//! one writer, so that everything it does is decided at the ordering point, on the state as it is then.
//!
//! - `assign`: waiting tickets to agents with room (R31, R33).
//! - `return_work`: the work of an agent who went offline, back to its queue (R34).
//! - `forgotten`: conversations that only the bot had, ended in time (R44).
//! - `devices`: secrets that nobody needs any more, taken out (R47).
//! - `timed`: silent sessions become inactive (R06), solved tickets close (R43).
//!
//! Public replies by email are jobs as well; they wait in their rows for a mail server (R28).

mod assign;
mod devices;
mod forgotten;
mod return_work;
mod timed;

use core::fmt;
use std::sync::Arc;
use std::time::Duration;

use causerie_core::conversation::Timer;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use crate::clock::Clock;
use crate::conversations::{Conversations, Refusal};
use crate::store::{JobKind, Store, StoreError};

/// How often the worker looks for jobs that nobody woke it for: those of a command, or from before a restart.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How often it looks for what is due by time. It is found by index: a look costs what is due, not what exists.
const SWEEP_EVERY: Duration = Duration::from_secs(15);

/// How many of what is due are read at once.
const BATCH: u32 = 100;

/// How many batches in one sweep: the rest has time until the next.
const BATCHES: usize = 20;

/// Does the jobs, one after the other.
#[derive(Clone, Debug)]
pub struct Worker {
    store: Store,
    conversations: Conversations,
    clock: Clock,
}

/// Why a job is not done yet; it stays, and is tried again.
#[derive(Debug)]
enum NotYet {
    Store(StoreError),
    Refused(Refusal),
}

impl fmt::Display for NotYet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Refused(refusal) => refusal.fmt(f),
        }
    }
}

impl From<StoreError> for NotYet {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Refusal> for NotYet {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Worker {
    /// A worker; [`Worker::run`] sets it to work.
    #[must_use]
    pub const fn new(store: Store, conversations: Conversations, clock: Clock) -> Self {
        Self {
            store,
            conversations,
            clock,
        }
    }

    /// Works for as long as the task lives. `wake` is told when a commit left a job.
    pub async fn run(self, wake: Arc<Notify>) {
        let mut swept: Option<Instant> = None;
        loop {
            if let Err(why) = self.work().await {
                tracing::warn!(%why, "a job is not done yet");
            }
            if swept.is_none_or(|at| at.elapsed() >= SWEEP_EVERY) {
                swept = Some(Instant::now());
                if let Err(why) = self.sweep().await {
                    tracing::warn!(%why, "what is due by time is not done yet");
                }
            }
            // Woken or not: what is due is done.
            let _ = timeout(LOOK_EVERY, wake.notified()).await;
        }
    }

    /// Does the jobs that there are.
    async fn work(&self) -> Result<(), NotYet> {
        loop {
            let jobs = self.store.jobs_to_do().await?;
            if jobs.is_empty() {
                return Ok(());
            }
            for job in jobs {
                match job.kind {
                    JobKind::Assign => assign::assign_waiting(self).await?,
                    JobKind::Return(agent) => return_work::return_work(self, agent).await?,
                }
                self.conversations.finish(job.id).await?;
            }
        }
    }

    /// Does what is due by time now; one kind that fails does not hold up the others.
    async fn sweep(&self) -> Result<(), NotYet> {
        let forgotten = forgotten::sweep(self).await;
        let silent = timed::sweep(self, Timer::Silence).await;
        let solved = timed::sweep(self, Timer::Closing).await;
        let devices = devices::sweep(self).await;
        forgotten.and(silent).and(solved).and(devices)
    }

    /// Does now the jobs that there are, for tests that ask one thing after the other.
    #[doc(hidden)]
    pub async fn work_now(&self) -> bool {
        self.work().await.is_ok()
    }

    /// Does now what is due by time, for tests that move the clock.
    #[doc(hidden)]
    pub async fn sweep_now(&self) -> bool {
        self.sweep().await.is_ok()
    }
}
