//! The logs of the ticket that an agent has open: read to their heads first, then passed on as they grow, leaving out
//! what is said already; where something is missing, the logs have it.

use causerie_core::message::ThreadEntry;
use causerie_core::ticket::event::TicketEntry;
use causerie_core::wire::agent::{Down, TicketRow};
use causerie_core::{ChatThreadId, Seq, SessionId, TicketId};

use super::super::{Over, Pipe, failed};
use crate::state::App;

/// How many entries of each log one frame carries at most.
const PAGE: u32 = 50;

/// A ticket, and how far its logs were said.
#[derive(Debug)]
pub(super) struct Followed {
    ticket: TicketId,
    chat: ChatThreadId,
    session: SessionId,
    thread: Seq,
    log: Seq,
}

impl Followed {
    /// From these numbers on; `head` is the last of the thread log.
    pub(super) fn new(row: &TicketRow, head: Seq, thread: Seq, log: Seq) -> Self {
        // A client that knows more of a log than there is has it from another past.
        let log = if log <= row.ticket.head { log } else { Seq(0) };
        let thread = if thread <= head { thread } else { Seq(0) };
        Self {
            ticket: row.ticket.id,
            chat: row.thread,
            session: row.session_id,
            thread,
            log,
        }
    }

    /// Which one.
    pub(super) const fn ticket(&self) -> TicketId {
        self.ticket
    }

    /// Says what there is; at least one frame, so that the screen knows that it has all.
    pub(super) async fn begin(&mut self, app: &App, pipe: &mut Pipe) -> Result<(), Over> {
        if !self.page(app, pipe, true).await? {
            return Ok(());
        }
        self.catch_up(app, pipe).await
    }

    /// What was added to the logs.
    pub(super) async fn told(
        &mut self,
        app: &App,
        pipe: &mut Pipe,
        thread: &[ThreadEntry],
        log: &[TicketEntry],
    ) -> Result<(), Over> {
        let thread = &thread[thread.partition_point(|entry| entry.seq <= self.thread)..];
        let log = &log[log.partition_point(|entry| entry.seq <= self.log)..];
        if thread.is_empty() && log.is_empty() {
            return Ok(());
        }
        // The first of a session has no neighbour to be next to: the log tells.
        let follows = thread.first().is_none_or(|first| first.seq == self.thread.next())
            && log.first().is_none_or(|first| first.seq == self.log.next());
        if !follows {
            return self.catch_up(app, pipe).await;
        }
        self.say(pipe, thread.to_vec(), log.to_vec()).await
    }

    /// Says what there is beyond what was said.
    pub(super) async fn catch_up(&mut self, app: &App, pipe: &mut Pipe) -> Result<(), Over> {
        while self.page(app, pipe, false).await? {}
        Ok(())
    }

    /// Says the next page of both logs; answers whether there may be more.
    async fn page(&mut self, app: &App, pipe: &mut Pipe, even_if_empty: bool) -> Result<bool, Over> {
        let thread = app
            .store
            .session_entries(self.chat, self.session, self.thread, PAGE)
            .await
            .map_err(failed)?;
        let log = app
            .store
            .ticket_entries(self.ticket, self.log, PAGE)
            .await
            .map_err(failed)?;
        let full = PAGE as usize;
        let more = thread.len() == full || log.len() == full;
        if even_if_empty || !thread.is_empty() || !log.is_empty() {
            self.say(pipe, thread, log).await?;
        }
        Ok(more)
    }

    async fn say(
        &mut self,
        pipe: &mut Pipe,
        thread: Vec<ThreadEntry>,
        log: Vec<TicketEntry>,
    ) -> Result<(), Over> {
        self.thread = thread.last().map_or(self.thread, |entry| entry.seq);
        self.log = log.last().map_or(self.log, |entry| entry.seq);
        pipe.say(&Down::Entries {
            ticket: self.ticket,
            thread,
            log,
        })
        .await
    }
}
