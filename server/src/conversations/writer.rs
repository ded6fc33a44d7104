//! The line and the group commit: what waits is written in one transaction, a SAVEPOINT each, and all of it is
//! answered by how the COMMIT went. No state is kept from one commit to the next.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use causerie_core::bot::Flow;
use tokio::sync::{Notify, mpsc, oneshot};

use super::decide::{Deciding, Done, Fault};
use super::login::{LogIn, LoggedIn, LoginDone};
use super::proved::Proved;
use super::{Answer, Refusal, Request};
use crate::clock::Clock;
use crate::notifier::mailbox::ROOM;
use crate::notifier::{AgentNotice, Notifier, ThreadNotice, Whose};
use crate::store::{self, Account, Change, Changed, Performed, Store, StoreError, Touches, Writing};

/// How many requests go into one commit at most.
const GROUP: usize = 128;

// Each request of a group may bring a listener an entry and a session's state.
const _: () = assert!(2 * GROUP <= ROOM, "a burst of one commit has room");

/// When a sender may try again after a failure of the disk.
const RETRY_AFTER_MS: u32 = 2000;

/// Somebody who waits in the line, and where their answer goes.
#[derive(Debug)]
pub(super) enum Waiting {
    /// A change of a chat thread.
    Request {
        request: Request,
        /// The epoch of the data that it was composed against, where that matters.
        epoch: Option<u64>,
        answer: oneshot::Sender<Result<Answer, Refusal>>,
    },
    /// A login.
    LogIn {
        asked: Box<LogIn>,
        answer: oneshot::Sender<Result<LoggedIn, Refusal>>,
    },
    /// A change of what the installation knows.
    Change {
        change: Change,
        answer: oneshot::Sender<Result<Changed, Refusal>>,
    },
    /// A job that was done.
    Finish {
        job: i64,
        answer: oneshot::Sender<Result<(), Refusal>>,
    },
    /// The last in the line: the writer goes.
    Close {
        answer: oneshot::Sender<Result<(), Refusal>>,
    },
}

impl Waiting {
    /// Whether it was composed against other data than that of this epoch.
    fn is_of_another(&self, epoch: u64) -> bool {
        match self {
            Self::Request { epoch: its, .. } => its.is_some_and(|its| its != epoch),
            Self::LogIn { .. } | Self::Change { .. } | Self::Finish { .. } | Self::Close { .. } => false,
        }
    }
}

/// What came of one, if the commit has its way.
enum Settled {
    Request(Result<Done, Refusal>),
    LogIn(Result<LoginDone, Refusal>),
    Change(Result<Performed, Refusal>),
    Finish,
    Close,
    /// It alone could not be done.
    Failed,
}

impl Settled {
    const fn adds_to_a_log(&self) -> bool {
        match self {
            Self::Request(Ok(done)) => done.adds_to_a_log,
            Self::LogIn(Ok(done)) => done.adds_to_a_log,
            Self::Request(Err(_))
            | Self::LogIn(Err(_))
            | Self::Change(_)
            | Self::Finish
            | Self::Close
            | Self::Failed => false,
        }
    }
}

/// What others see of the writer.
pub(super) struct Seen {
    /// How many commits it has made.
    pub(super) commits: Arc<AtomicU64>,
    /// Whether it can write.
    pub(super) proved: Arc<Proved>,
}

/// The one writer.
pub(super) struct Writer {
    store: Store,
    flow: Arc<Flow>,
    clock: Clock,
    notifier: Notifier,
    wake: Arc<Notify>,
    seen: Seen,
    /// None before the first commit and after one that failed.
    db: Option<Writing>,
}

impl Writer {
    pub(super) const fn new(
        store: Store,
        flow: Arc<Flow>,
        clock: Clock,
        notifier: Notifier,
        wake: Arc<Notify>,
        seen: Seen,
    ) -> Self {
        Self {
            store,
            flow,
            clock,
            notifier,
            wake,
            seen,
            db: None,
        }
    }

    /// Serves the line until it is closed, or the last sender is gone, and what waited is done.
    pub(super) async fn run(mut self, mut line: mpsc::Receiver<Waiting>) {
        let mut group = Vec::with_capacity(GROUP);
        let mut closed = None;
        while closed.is_none() && line.recv_many(&mut group, GROUP).await > 0 {
            closed = group
                .iter()
                .position(|waiting| matches!(waiting, Waiting::Close { .. }))
                .map(|last| group.split_off(last));
            if !group.is_empty() {
                self.serve(&mut group).await;
            }
        }
        line.close();
        if let Some(db) = self.db.take() {
            db.close().await;
        }
        for waiting in closed.into_iter().flatten() {
            match waiting {
                Waiting::Close { answer } => {
                    // Whoever closed may not have waited.
                    let _ = answer.send(Ok(()));
                }
                late @ (Waiting::Request { .. }
                | Waiting::LogIn { .. }
                | Waiting::Change { .. }
                | Waiting::Finish { .. }) => {
                    late.refuse(&Refusal::closing());
                }
            }
        }
    }

    async fn serve(&mut self, group: &mut Vec<Waiting>) {
        match self.commit(group).await {
            Ok(settled) => {
                if settled.iter().any(Settled::adds_to_a_log) {
                    self.seen.proved.wrote();
                }
                let mut afterwards = Afterwards::default();
                for (waiting, settled) in group.drain(..).zip(settled) {
                    answer(waiting, settled, &mut afterwards);
                }
                afterwards.tell(&self.notifier, &self.wake);
                if let Some(db) = &mut self.db
                    && let Err(fault) = db.tidy().await
                {
                    tracing::error!(%fault, "the log could not be put away");
                    self.start_over().await;
                }
            }
            Err(fault) => {
                tracing::error!(%fault, commands = group.len(), "a commit failed: nothing of it is written");
                self.seen.proved.failed();
                self.start_over().await;
                for waiting in group.drain(..) {
                    waiting.refuse(&Refusal::Unavailable {
                        retry_after_ms: RETRY_AFTER_MS,
                    });
                }
            }
        }
    }

    /// Decides all of a group and commits it; a fault means that nothing of it stands.
    async fn commit(&mut self, group: &[Waiting]) -> Result<Vec<Settled>, StoreError> {
        let db = match &mut self.db {
            Some(db) => db,
            none => none.insert(self.store.writing().await?),
        };
        db.heed_page_limit(self.store.page_limit()).await?;
        let epoch = db.begin_at_epoch().await?;
        if self.store.saw_epoch(epoch) {
            // Before anybody hears of what is decided on other data than they know.
            self.notifier.tell_restored();
            self.wake.notify_one();
        }
        let mut account = None;
        let mut settled = Vec::with_capacity(group.len());
        for waiting in group {
            let one = if waiting.is_of_another(epoch) {
                Ok(Settled::Request(Err(Refusal::Unavailable {
                    retry_after_ms: RETRY_AFTER_MS,
                })))
            } else {
                settle(db, &mut account, &self.flow, &self.clock, waiting).await
            };
            settled.push(match one {
                Ok(one) => one,
                Err(fault) if fault.is_database() => return Err(fault),
                Err(fault) => {
                    tracing::error!(%fault, "a command failed, its neighbours did not");
                    Settled::Failed
                }
            });
        }
        db.commit().await?;
        self.seen.commits.fetch_add(1, Ordering::Relaxed);
        Ok(settled)
    }

    /// After a fault nothing of the connection is counted on.
    async fn start_over(&mut self) {
        if let Some(mut db) = self.db.take() {
            // SQLite may have taken the transaction back by itself already.
            let _ = db.rollback().await;
            db.close().await;
        }
    }
}

async fn settle(
    db: &mut Writing,
    account: &mut Option<Account>,
    flow: &Flow,
    clock: &Clock,
    waiting: &Waiting,
) -> Result<Settled, StoreError> {
    match waiting {
        Waiting::Request { request, .. } => {
            match (Deciding {
                db,
                account,
                flow,
                clock,
            })
            .request(request)
            .await
            {
                Ok(done) => Ok(Settled::Request(Ok(done))),
                Err(Fault::Refused(refusal)) => Ok(Settled::Request(Err(refusal))),
                Err(Fault::Store(fault)) => Err(fault),
            }
        }
        Waiting::LogIn { asked, .. } => {
            let deciding = Deciding {
                db,
                account,
                flow,
                clock,
            };
            match Box::pin(deciding.log_in(asked)).await {
                Ok(done) => Ok(Settled::LogIn(Ok(done))),
                Err(Fault::Refused(refusal)) => Ok(Settled::LogIn(Err(refusal))),
                Err(Fault::Store(fault)) => Err(fault),
            }
        }
        Waiting::Change { change, .. } => {
            // What the decisions after it are made on may have changed.
            *account = None;
            db.execute("SAVEPOINT command").await?;
            match store::perform(db, change, clock).await {
                Ok(Ok(performed)) => {
                    db.execute("RELEASE command").await?;
                    Ok(Settled::Change(Ok(performed)))
                }
                Ok(Err(refused)) => {
                    db.rollback_command().await?;
                    Ok(Settled::Change(Err(Refusal::Change(refused))))
                }
                Err(fault) if fault.is_database() => Err(fault),
                Err(fault) => {
                    db.rollback_command().await?;
                    Err(fault)
                }
            }
        }
        Waiting::Finish { job, .. } => {
            store::finish(db, *job).await?;
            Ok(Settled::Finish)
        }
        // It is not decided on: it ends the line.
        Waiting::Close { .. } => Ok(Settled::Close),
    }
}

/// Answers one, after the commit. That nobody waits for the answer any more is no failure.
fn answer(waiting: Waiting, settled: Settled, afterwards: &mut Afterwards) {
    match (waiting, settled) {
        (Waiting::Request { answer, .. }, Settled::Request(result)) => {
            let _ = answer.send(result.map(|done| {
                afterwards.told.extend(done.told);
                afterwards.wake |= done.wake;
                done.answer
            }));
        }
        (Waiting::LogIn { answer, .. }, Settled::LogIn(result)) => {
            let _ = answer.send(result.map(|done| {
                afterwards.told.extend(done.told);
                afterwards.wake |= done.wake;
                done.logged_in
            }));
        }
        (Waiting::Change { answer, .. }, Settled::Change(result)) => {
            let _ = answer.send(result.map(|performed| {
                afterwards.touches.push(performed.touches);
                afterwards.wake |= performed.wake;
                performed.changed
            }));
        }
        (Waiting::Finish { answer, .. }, Settled::Finish) => {
            let _ = answer.send(Ok(()));
        }
        (
            waiting,
            Settled::Request(_)
            | Settled::LogIn(_)
            | Settled::Change(_)
            | Settled::Finish
            | Settled::Close
            | Settled::Failed,
        ) => {
            waiting.refuse(&Refusal::Unavailable {
                retry_after_ms: RETRY_AFTER_MS,
            });
        }
    }
}

impl Waiting {
    fn refuse(self, refusal: &Refusal) {
        match self {
            Self::Request { answer, .. } => {
                let _ = answer.send(Err(refusal.clone()));
            }
            Self::LogIn { answer, .. } => {
                let _ = answer.send(Err(refusal.clone()));
            }
            Self::Change { answer, .. } => {
                let _ = answer.send(Err(refusal.clone()));
            }
            Self::Finish { answer, .. } | Self::Close { answer } => {
                let _ = answer.send(Err(refusal.clone()));
            }
        }
    }
}

/// What follows a commit.
#[derive(Default)]
struct Afterwards {
    told: Vec<super::told::Told>,
    touches: Vec<Touches>,
    wake: bool,
}

impl Afterwards {
    fn tell(self, notifier: &Notifier, wake: &Notify) {
        for told in self.told {
            told.tell(notifier);
        }
        for touches in self.touches {
            match touches {
                Touches::Nothing => {}
                Touches::Agents => notifier.tell_agents(AgentNotice::Agents),
                // Which sessions count may have changed with them.
                Touches::Settings => {
                    notifier.tell_agents(AgentNotice::Settings);
                    notifier.tell_agents(AgentNotice::Agents);
                }
                Touches::Macros => notifier.tell_agents(AgentNotice::Macros),
                Touches::Devices(of) => {
                    notifier.tell_thread(&Whose::Identified(of), &ThreadNotice::LoggedIn);
                }
                Touches::EndUser(id) => notifier.tell_agents(AgentNotice::EndUser(id)),
            }
        }
        if self.wake {
            wake.notify_one();
        }
    }
}
