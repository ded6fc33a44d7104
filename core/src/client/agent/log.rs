//! The two logs of the ticket that is open, in their one order.

use crate::ids::{Seq, TicketId};
use crate::message::{Author, ThreadEntry};
use crate::ticket::event::{TicketEntry, TicketEvent};
use crate::time::Timestamp;
use crate::wire::agent::Up;

/// One thing in the one order of both logs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogItem<'a> {
    /// An entry of the thread log.
    Said(&'a ThreadEntry),
    /// An entry of the ticket log.
    Happened(&'a TicketEntry),
}

/// The ticket that is open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Followed {
    pub(super) ticket: TicketId,
    /// Consecutive: the sessions of a chat thread lie end to end.
    thread: Vec<ThreadEntry>,
    /// Numbers 1, 2, 3 … without holes.
    log: Vec<TicketEntry>,
    pub(super) customer_typing: bool,
    /// Whether what follows was asked for, and has not come yet.
    pub(super) asked: bool,
    /// While entries are missing: when they are asked for again.
    pub(super) ask_again_at: Option<Timestamp>,
}

impl LogItem<'_> {
    /// Whether it belongs to the exchange itself: what was said, noted or mailed, and the end of the session.
    #[must_use]
    pub const fn is_of_conversation(&self) -> bool {
        match self {
            Self::Said(_) => true,
            Self::Happened(entry) => match entry.what {
                TicketEvent::Noted { .. }
                | TicketEvent::Emailed { .. }
                | TicketEvent::SessionEnded { .. } => true,
                TicketEvent::Created { .. }
                | TicketEvent::MacroApplied(_)
                | TicketEvent::Status { .. }
                | TicketEvent::Priority { .. }
                | TicketEvent::Assignee { .. }
                | TicketEvent::Group { .. }
                | TicketEvent::Tags { .. }
                | TicketEvent::SessionState { .. }
                | TicketEvent::RoutingChannel { .. } => false,
            },
        }
    }

    /// Whether it belongs to the ticket's history (R37): all that was done to it, public replies and notes as well.
    #[must_use]
    pub const fn is_of_history(&self) -> bool {
        match self {
            Self::Happened(_) => true,
            Self::Said(entry) => match entry.author {
                Author::Agent { .. } | Author::Business { .. } => true,
                Author::EndUser | Author::Bot => false,
            },
        }
    }

    /// When.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Said(entry) => entry.at,
            Self::Happened(entry) => entry.at,
        }
    }
}

impl Followed {
    pub(super) const fn new(ticket: TicketId) -> Self {
        Self {
            ticket,
            thread: Vec::new(),
            log: Vec::new(),
            customer_typing: false,
            asked: false,
            ask_again_at: None,
        }
    }

    pub(super) fn log_head(&self) -> Seq {
        self.log.last().map_or(Seq(0), |last| last.seq)
    }

    fn thread_head(&self) -> Seq {
        self.thread.last().map_or(Seq(0), |last| last.seq)
    }

    /// Asks for what follows.
    pub(super) fn open(&mut self) -> Up {
        self.asked = true;
        Up::Open {
            ticket: self.ticket,
            thread: self.thread_head(),
            log: self.log_head(),
        }
    }

    pub(super) fn items(&self) -> Vec<LogItem<'_>> {
        let mut items = Vec::with_capacity(self.thread.len() + self.log.len());
        let mut happened = self.log.iter().peekable();
        for said in &self.thread {
            while let Some(entry) = happened.next_if(|entry| entry.after < said.seq) {
                items.push(LogItem::Happened(entry));
            }
            items.push(LogItem::Said(said));
        }
        items.extend(happened.map(LogItem::Happened));
        items
    }

    /// Takes what follows and ignores what is known; answers whether there was no hole.
    pub(super) fn take(&mut self, thread: Vec<ThreadEntry>, log: Vec<TicketEntry>) -> bool {
        for entry in log {
            if entry.seq <= self.log_head() {
                continue;
            }
            if entry.seq != self.log_head().next() {
                return false;
            }
            self.log.push(entry);
        }
        for entry in thread {
            if entry.seq <= self.thread_head() {
                continue;
            }
            if self.next_said().is_some_and(|next| next != entry.seq) {
                return false;
            }
            if entry.author == Author::EndUser {
                self.customer_typing = false;
            }
            self.thread.push(entry);
        }
        true
    }

    /// The number that follows: at first, the one with which the ticket's transcript begins.
    fn next_said(&self) -> Option<Seq> {
        match (self.thread.last(), self.log.first().map(|first| &first.what)) {
            (Some(last), _) => Some(last.seq.next()),
            (None, Some(TicketEvent::Created { from, .. })) => Some(*from),
            (None, _) => None,
        }
    }
}
