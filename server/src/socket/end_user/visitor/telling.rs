//! What a visitor is told, in order and without a hole.

use causerie_core::Seq;
use causerie_core::message::ThreadEntry;
use causerie_core::wire::end_user::{Down, Resumed, SessionReport};
use tokio::time::sleep_until;

use super::super::super::{Close, Over, failed};
use super::{Line, Visitor};
use crate::notifier::ThreadNotice;
use crate::notifier::mailbox::Overflowed;
use crate::state::App;
use crate::store::ThreadHead;

impl Visitor {
    /// The next notice; none where it is time to look who this is ([`Self::is_still`]).
    pub(crate) async fn next(&mut self) -> Result<Option<ThreadNotice>, Overflowed> {
        match self.look_who_at {
            None => self.listener.next().await.map(Some),
            Some(at) => tokio::select! {
                told = self.listener.next() => told.map(Some),
                () = sleep_until(at) => Ok(None),
            },
        }
    }

    pub(crate) async fn told(
        &mut self,
        app: &App,
        line: &mut impl Line,
        notice: ThreadNotice,
    ) -> Result<(), Over> {
        match notice {
            ThreadNotice::Entries(entries) => {
                self.learn_thread(app, line).await?;
                self.entries(app, line, &entries).await
            }
            ThreadNotice::Session(report) => {
                self.reported = Some(report);
                line.say(&Down::Session(to_be_told(app, report).await?)).await
            }
            ThreadNotice::Typing(on) if line.stays() => line.say(&Down::Typing(on)).await,
            ThreadNotice::Typing(_) => Ok(()),
            ThreadNotice::LoggedIn => self.look_who(app, line).await,
            ThreadNotice::Read(upto) => {
                self.read = self.read.max(upto);
                line.say(&Down::Read(upto)).await
            }
            // The client comes again, is told the new epoch and reads everything anew.
            ThreadNotice::Restored => Err(Close::RESYNC.into()),
        }
    }

    /// Somebody has logged in, or a login's time is over: whoever this is no more comes again as who they are now.
    async fn look_who(&mut self, app: &App, line: &mut impl Line) -> Result<(), Over> {
        self.is_still(app, line).await?;
        let head = app.store.thread_of(&self.who).await.map_err(failed)?;
        let is_another = self.thread.is_some() && self.thread != head.map(|head| head.thread);
        if is_another {
            return Err(Close::RESYNC.into());
        }
        self.learn_thread(app, line).await
    }

    /// The first message, of this tab or of another, has made the chat thread: says which, once.
    pub(super) async fn learn_thread(&mut self, app: &App, line: &mut impl Line) -> Result<(), Over> {
        if self.thread.is_some() {
            return Ok(());
        }
        let Some(head) = app.store.thread_of(&self.who).await.map_err(failed)? else {
            return Ok(());
        };
        self.thread = Some(head.thread);
        self.goes_on(app, line, Some(&head)).await
    }

    /// Says anew where the connection goes on from.
    async fn goes_on(
        &mut self,
        app: &App,
        line: &mut impl Line,
        head: Option<&ThreadHead>,
    ) -> Result<(), Over> {
        let resumed = resumed(app, head, self.epoch).await?;
        self.reported = head.and_then(ThreadHead::session);
        self.read = resumed.read;
        self.may_end = resumed.may_end;
        line.say(&Down::Resumed(resumed)).await
    }

    /// Looks whether all was told: a notice may have been lost, and then it is made up for with the next heartbeat
    /// (I28). Whether end users may end sessions is told by the same way alone: nobody waits for it.
    pub(crate) async fn look(&mut self, app: &App, line: &mut impl Line) -> Result<(), Over> {
        if app.store.epoch() != self.epoch {
            return Err(Close::RESYNC.into());
        }
        self.look_who(app, line).await?;
        if self.thread.is_none() {
            return self.catch_up(app, line).await;
        }
        let Some(head) = app.store.thread_of(&self.who).await.map_err(failed)? else {
            return Ok(());
        };
        if head.head > self.said {
            self.catch_up(app, line).await?;
        }
        if self.may_end != may_end(app).await? {
            return self.goes_on(app, line, Some(&head)).await;
        }
        if head.read > self.read {
            self.told(app, line, ThreadNotice::Read(head.read)).await?;
        }
        match head.session() {
            Some(report) if self.reported != Some(report) => {
                self.told(app, line, ThreadNotice::Session(report)).await
            }
            Some(_) | None => Ok(()),
        }
    }

    /// More was told at once than waits for a listener: the log has what was missed, and the rest is said as it is.
    pub(crate) async fn missed(&mut self, app: &App, line: &mut impl Line) -> Result<(), Over> {
        self.look(app, line).await?;
        line.say(&Down::Typing(false)).await
    }

    /// Passes on what follows what was said; where something is missing, the log has it.
    async fn entries(
        &mut self,
        app: &App,
        line: &mut impl Line,
        entries: &[ThreadEntry],
    ) -> Result<(), Over> {
        let known = entries.partition_point(|entry| entry.seq <= self.said);
        let fresh = &entries[known..];
        match (fresh.first(), fresh.last()) {
            (Some(first), Some(last)) if first.seq == self.said.next() => {
                let upto = last.seq;
                line.say(&Down::Entries(fresh.to_vec())).await?;
                self.said = upto;
                Ok(())
            }
            (Some(_), Some(_)) => self.catch_up(app, line).await,
            (None, _) | (_, None) => Ok(()),
        }
    }

    /// Says the log from the last number said to its head, page by page.
    pub(super) async fn catch_up(&mut self, app: &App, line: &mut impl Line) -> Result<(), Over> {
        let Some(thread) = self.thread else { return Ok(()) };
        loop {
            let room = line.room();
            let page = app
                .store
                .thread_entries(thread, self.said, room)
                .await
                .map_err(failed)?;
            let (Some(last), count) = (page.last().map(|entry| entry.seq), page.len()) else {
                return Ok(());
            };
            line.say(&Down::Entries(page)).await?;
            self.said = last;
            if count < room as usize {
                return Ok(());
            }
        }
    }
}

/// Where a connection goes on from.
pub(super) async fn resumed(app: &App, head: Option<&ThreadHead>, epoch: u64) -> Result<Resumed, Over> {
    let session = match head.and_then(ThreadHead::session) {
        Some(report) => Some(to_be_told(app, report).await?),
        None => None,
    };
    Ok(Resumed {
        thread: head.map(|head| head.thread),
        epoch,
        head: head.map_or(Seq(0), |head| head.head),
        read: head.map_or(Seq(0), |head| head.read),
        session,
        build: app.build.clone(),
        may_end: may_end(app).await?,
    })
}

/// Whether end users may end sessions (R17).
pub(super) async fn may_end(app: &App) -> Result<bool, Over> {
    let settings = app.store.settings().await.map_err(failed)?;
    Ok(settings.end_users_can_end_sessions)
}

/// A session's state, as far as the account lets it out.
async fn to_be_told(app: &App, report: SessionReport) -> Result<SessionReport, Over> {
    if report.ended.is_none() {
        return Ok(report);
    }
    Ok(report.let_out(&app.store.settings().await.map_err(failed)?))
}
