//! **The one writer.** Every change of a chat thread or a ticket, by whatever way it comes, is a [`Request`] that
//! waits in one line; so is every [`Change`] of what the installation knows.
//!
//! The writer takes the requests that wait, decides each on the state as it is at that moment, writes all of them in
//! one commit (a SAVEPOINT each, so that one that fails leaves its neighbours alone), and only then answers: an
//! acknowledged message is on disk. It is the only caller of [`causerie_core::chat_thread::handle`].
//!
//! - `request`: what may be asked, and the answers.
//! - `writer`: the line and the group commit.
//! - `asked`, `decide`: one request: look up its client id, load, decide, write.
//! - [`erase()`]: people, by a command in a process of its own.
//! - `login`: an anonymous chat thread and the person that its visitor turns out to be.
//! - `told`: who is told after the commit.
//! - `proved`: whether anything can be written.

mod asked;
mod decide;
mod erase;
mod login;
mod proved;
mod request;
mod told;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use causerie_core::bot::Flow;
use tokio::sync::{Notify, mpsc, oneshot};

pub(crate) use erase::erase_again;

pub use crate::store::EndUserIdentity;
pub use erase::{EraseFault, Erased, Gone, erase};
pub use login::{LogIn, LoggedIn};
pub use request::{Answer, Refusal, Request, Sender};

use crate::clock::Clock;
use crate::notifier::Notifier;
use crate::store::{Change, Changed, Store};

/// How many requests may wait before a sender waits with its next.
const LINE: usize = 4096;

/// The way to the one writer. Cheap to clone; the writer goes when the last clone is gone.
#[derive(Clone, Debug)]
pub struct Conversations {
    line: mpsc::Sender<writer::Waiting>,
    commits: Arc<AtomicU64>,
    proved: Arc<proved::Proved>,
}

impl Conversations {
    /// Starts the writer. `wake` is told after each commit that left something to be done by the jobs' worker.
    #[must_use]
    pub fn start(store: Store, flow: Arc<Flow>, clock: Clock, notifier: Notifier, wake: Arc<Notify>) -> Self {
        let (line, waiting) = mpsc::channel(LINE);
        let commits = Arc::default();
        let proved = Arc::default();
        let seen = writer::Seen {
            commits: Arc::clone(&commits),
            proved: Arc::clone(&proved),
        };
        let writer = writer::Writer::new(store, flow, clock, notifier, wake, seen);
        tokio::spawn(writer.run(waiting));
        Self {
            line,
            commits,
            proved,
        }
    }

    /// How many commits the writer has made since its start: one fsync each, save where nothing was to be written.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Asks for a change of a chat thread. The answer comes after the commit.
    ///
    /// # Errors
    /// Why it is not done; then nothing of it is.
    pub async fn ask(&self, request: Request) -> Result<Answer, Refusal> {
        self.ask_for(request, None).await
    }

    /// [`Conversations::ask`] for somebody who has composed it against the data of an epoch. On the data of another,
    /// what they have seen is another log's numbers (R10): it is refused for now, and they come again with what is so.
    ///
    /// # Errors
    /// As [`Conversations::ask`].
    pub async fn ask_knowing(&self, epoch: u64, request: Request) -> Result<Answer, Refusal> {
        self.ask_for(request, Some(epoch)).await
    }

    async fn ask_for(&self, request: Request, epoch: Option<u64>) -> Result<Answer, Refusal> {
        let (answer, answered) = oneshot::channel();
        let waiting = writer::Waiting::Request {
            request,
            epoch,
            answer,
        };
        self.wait(waiting, answered).await
    }

    /// Asks for a login (R47). The answer comes after the commit; asked again with the same new secret, it is the same.
    ///
    /// # Errors
    /// Why it is not done; then nothing of it is.
    pub async fn log_in(&self, asked: LogIn) -> Result<LoggedIn, Refusal> {
        let (answer, answered) = oneshot::channel();
        let asked = Box::new(asked);
        self.wait(writer::Waiting::LogIn { asked, answer }, answered)
            .await
    }

    /// Asks for a change of what the installation knows: agents, sites, settings, macros, keys, sign-ins.
    ///
    /// # Errors
    /// Why it is not done; then nothing of it is.
    pub async fn change(&self, change: Change) -> Result<Changed, Refusal> {
        let (answer, answered) = oneshot::channel();
        self.wait(writer::Waiting::Change { change, answer }, answered)
            .await
    }

    /// Takes away a job that was done.
    pub(crate) async fn finish(&self, job: i64) -> Result<(), Refusal> {
        let (answer, answered) = oneshot::channel();
        self.wait(writer::Waiting::Finish { job, answer }, answered).await
    }

    /// Ends the line: what waits before this is done, whoever comes after is refused, and the writer lets go of the
    /// database.
    pub async fn close(&self) {
        let (answer, answered) = oneshot::channel();
        // Where it is closed already, there is nothing to wait for.
        if self.line.send(writer::Waiting::Close { answer }).await.is_ok() {
            let _ = answered.await;
        }
    }

    async fn wait<T>(
        &self,
        waiting: writer::Waiting,
        answered: oneshot::Receiver<Result<T, Refusal>>,
    ) -> Result<T, Refusal> {
        if self.line.send(waiting).await.is_ok()
            && let Ok(answer) = answered.await
        {
            return answer;
        }
        self.proved.failed();
        Err(Refusal::closing())
    }
}
