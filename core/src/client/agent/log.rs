//! The two logs of the ticket that is open, in their one order.

use super::{AgentClient, Effect};
use crate::client::is_due;
use crate::client::moment::{CATCH_UP_WITHIN, Moment};
use crate::ids::{Seq, TicketId};
use crate::message::{Author, ThreadEntry};
use crate::ticket::event::{By, Erased, TicketEntry, TicketEvent};
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

/// Through what something was done, besides by whom.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Through<'a> {
    /// The macro of this title, applied in the same step.
    Macro(&'a str),
    /// The rule of this title.
    Rule(&'a str),
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
                | TicketEvent::SessionEnded { .. }
                | TicketEvent::Tombstone(Erased::Note | Erased::Email) => true,
                TicketEvent::Created { .. }
                | TicketEvent::MacroApplied(_)
                | TicketEvent::Status { .. }
                | TicketEvent::Priority { .. }
                | TicketEvent::Assignee { .. }
                | TicketEvent::Group { .. }
                | TicketEvent::Tags { .. }
                | TicketEvent::SessionState { .. }
                | TicketEvent::RoutingChannel { .. }
                | TicketEvent::Requester { .. }
                | TicketEvent::RequesterErased
                | TicketEvent::Tombstone(Erased::Tags | Erased::Requester) => false,
            },
        }
    }

    /// Whether it is told between the messages too, in a quiet line: who has it, how far it is, where it began.
    #[must_use]
    pub const fn is_landmark(&self) -> bool {
        match self {
            Self::Said(_) => false,
            Self::Happened(entry) => match entry.what {
                TicketEvent::Created { .. }
                | TicketEvent::MacroApplied(_)
                | TicketEvent::Status { .. }
                | TicketEvent::Assignee { .. }
                | TicketEvent::Requester { .. }
                | TicketEvent::RequesterErased
                | TicketEvent::Tombstone(Erased::Requester) => true,
                TicketEvent::Noted { .. }
                | TicketEvent::Emailed { .. }
                | TicketEvent::Priority { .. }
                | TicketEvent::Group { .. }
                | TicketEvent::Tags { .. }
                | TicketEvent::SessionState { .. }
                | TicketEvent::SessionEnded { .. }
                | TicketEvent::RoutingChannel { .. }
                | TicketEvent::Tombstone(Erased::Note | Erased::Email | Erased::Tags) => false,
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
}

impl<'a> Through<'a> {
    /// Through what an entry of this log was done (R37): the macro of its own step, else a rule.
    #[must_use]
    pub fn of(entry: &'a TicketEntry, log: &[LogItem<'a>]) -> Option<Self> {
        let applied = log.iter().find_map(|other| match other {
            LogItem::Happened(other) if other.audit == entry.audit && other.seq < entry.seq => {
                other.what.macro_applied()
            }
            LogItem::Happened(_) | LogItem::Said(_) => None,
        });
        match (applied, &entry.by) {
            (Some(reference), _) => Some(Self::Macro(&reference.title)),
            (None, By::Rule { title, .. }) => Some(Self::Rule(title)),
            (None, By::EndUser | By::Bot | By::Agent { .. } | By::Business { .. } | By::System) => None,
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
            if self.next_said() != Some(entry.seq) {
                return false;
            }
            if entry.author == Author::EndUser {
                self.customer_typing = false;
            }
            self.thread.push(entry);
        }
        true
    }

    /// The number that follows: at first, the one with which the ticket's transcript begins; none while its log has not
    /// come, for what comes then may be from the middle.
    fn next_said(&self) -> Option<Seq> {
        match (self.thread.last(), self.log.first().map(|first| &first.what)) {
            (Some(last), _) => Some(last.seq.next()),
            (None, Some(TicketEvent::Created { from, .. })) => Some(*from),
            (None, _) => None,
        }
    }
}

impl AgentClient {
    pub(super) fn entries_came(
        &mut self,
        ticket: TicketId,
        thread: Vec<ThreadEntry>,
        log: Vec<TicketEntry>,
        at: Moment,
    ) {
        let Some(followed) = self
            .followed
            .as_mut()
            .filter(|followed| followed.ticket == ticket)
        else {
            return;
        };
        if followed.take(thread, log) {
            followed.asked = false;
            followed.ask_again_at = None;
        } else if !followed.asked {
            // A hole is asked for, once: whatever else comes before the answer has the same hole.
            followed.ask_again_at = Some(at.now.after(CATCH_UP_WITHIN));
            let open = followed.open();
            self.effects.push(Effect::Send(open));
        }
    }

    pub(super) fn ticket_opened(&mut self, ticket: TicketId) {
        if self.followed() == Some(ticket) {
            return;
        }
        self.stop_typing();
        let mut followed = Followed::new(ticket);
        self.send_if_live(followed.open());
        self.followed = Some(followed);
        self.changed = true;
    }

    pub(super) fn ticket_left(&mut self) {
        self.stop_typing();
        if self.followed.take().is_some() {
            self.send_if_live(Up::Close);
            self.changed = true;
        }
    }

    /// The ticket's row tells how long its log is; what does not come by itself is asked for.
    pub(super) fn ask_for_what_is_missing(&mut self, at: Moment) {
        let Some(followed) = &self.followed else { return };
        let head = self.ticket(followed.ticket).map(|row| row.ticket.head);
        let is_behind = head.is_some_and(|head| followed.log_head() < head);
        let Some(followed) = &mut self.followed else {
            return;
        };
        let due = is_due(followed.ask_again_at, at.now);
        if due || ((is_behind || followed.asked) && followed.ask_again_at.is_none()) {
            followed.ask_again_at = Some(at.now.after(CATCH_UP_WITHIN));
        }
        if due {
            let open = followed.open();
            self.effects.push(Effect::Send(open));
        }
    }
}
