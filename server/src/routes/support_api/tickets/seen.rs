//! A ticket with its history, for an agent who sees it.

use causerie_core::TicketId;
use causerie_core::message::ThreadEntry;
use causerie_core::ticket::event::TicketEntry;
use causerie_core::wire::agent::TicketRow;

use super::super::audit::{Audit, Whose, audit};
use super::super::caller::Caller;
use super::super::fault::Fault;
use super::super::steps::{Step, steps};
use super::shape::requester_number;
use crate::state::App;

/// How much of a log is read at once.
const PORTION: u32 = 1000;

/// A ticket and who asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    /// The ticket.
    pub row: TicketRow,
    /// The requester's number.
    pub requester: u64,
}

/// A ticket's two logs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct History {
    said: Vec<ThreadEntry>,
    done: Vec<TicketEntry>,
}

impl Seen {
    /// A ticket, if there is one that this caller sees.
    ///
    /// # Errors
    /// 404.
    pub async fn find(app: &App, caller: &Caller, ticket: u64) -> Result<Self, Fault> {
        let seen = Self::after_a_change(app, ticket).await?;
        if caller.0.agent.sees(&seen.row.ticket) {
            Ok(seen)
        } else {
            Err(Fault::not_found())
        }
    }

    /// A ticket that the caller has just changed: who gives it away still learns what came of it.
    ///
    /// # Errors
    /// 404.
    pub async fn after_a_change(app: &App, ticket: u64) -> Result<Self, Fault> {
        let ticket = TicketId(ticket);
        let row = app.store.ticket(ticket).await?.ok_or_else(Fault::not_found)?;
        let requesters = app.store.requesters(&[ticket]).await?;
        let requester = requesters.first().map_or(0, |(_, known)| requester_number(known));
        Ok(Self { row, requester })
    }

    /// Its history.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn history(&self, app: &App) -> Result<History, Fault> {
        let (thread, session, ticket) = (self.row.thread, self.row.session_id, self.row.ticket.id);
        let (mut said, mut done): (Vec<ThreadEntry>, Vec<TicketEntry>) = (Vec::new(), Vec::new());
        loop {
            let after = said.last().map_or_else(Default::default, |last| last.seq);
            let more = app.store.session_entries(thread, session, after, PORTION).await?;
            if more.is_empty() {
                break;
            }
            said.extend(more);
        }
        loop {
            let after = done.last().map_or_else(Default::default, |last| last.seq);
            let more = app.store.ticket_entries(ticket, after, PORTION).await?;
            if more.is_empty() {
                break;
            }
            done.extend(more);
        }
        Ok(History { said, done })
    }

    /// The audit that a step of its history is.
    #[must_use]
    pub fn audit(&self, step: &Step<'_>) -> Audit {
        let whose = Whose {
            ticket: &self.row.ticket,
            requester: self.requester,
            conversation: self.row.thread.to_string(),
        };
        audit(&whose, step)
    }
}

impl History {
    /// What one command did is one step.
    #[must_use]
    pub fn steps(&self) -> Vec<Step<'_>> {
        steps(&self.said, &self.done)
    }
}
