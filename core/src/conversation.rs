//! The conversation: the whole life of one request, with its one session and at most one ticket.

use serde::{Deserialize, Serialize};

use crate::bot::Progress;
use crate::ids::{Seq, SessionId, TicketId};
use crate::planted::{self, Bug};
use crate::session::{Session, SessionState};
use crate::settings::Settings;
use crate::ticket::{Status, Ticket};
use crate::time::Timestamp;

/// From the first message to the closing of its ticket.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Conversation {
    /// The session, and so the conversation.
    pub id: SessionId,
    /// Its state.
    pub session: Session,
    /// Who has it. A ticket exists from the handoff on, and only then: two handoffs cannot be written (I18).
    pub stage: Stage,
    /// One line that says what it is about: the beginning of its first message.
    pub subject: String,
    /// The thread log's number of that message.
    pub first: Seq,
    /// The conversation before it in the same chat thread (R13).
    pub previous: Option<Previous>,
    /// When it began.
    pub started_at: Timestamp,
    /// When its last message was committed (R44).
    pub last_message_at: Timestamp,
    /// Since when the end user has written nothing to whoever has the ticket: since their last message, or since it was
    /// given to somebody after that (R06).
    pub silent_since: Timestamp,
    /// Since when its ticket has its status (R43); without one, since it began.
    pub status_since: Timestamp,
}

/// What time alone will do to a conversation with people. At most one of them runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timer {
    /// Its session becomes inactive by the end user's silence (R06).
    Silence,
    /// Its solved ticket closes (R43).
    Closing,
}

/// Who has the conversation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The bot, which answers first in every conversation (R02).
    Bot(Progress),
    /// People: handed off, so it has its ticket (R03).
    HandedOff(Box<Ticket>),
}

/// What a fresh conversation knows of the one before (R13).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Previous {
    /// Its session.
    pub session: SessionId,
    /// Its ticket, if it came to one.
    pub ticket: Option<TicketId>,
}

impl Conversation {
    /// The ticket, once handed off.
    #[must_use]
    pub fn ticket(&self) -> Option<&Ticket> {
        match &self.stage {
            Stage::Bot(_) => None,
            Stage::HandedOff(ticket) => Some(ticket),
        }
    }

    /// The ticket, to be changed.
    pub(crate) fn ticket_mut(&mut self) -> Option<&mut Ticket> {
        match &mut self.stage {
            Stage::Bot(_) => None,
            Stage::HandedOff(ticket) => Some(ticket),
        }
    }

    /// Lets go of all that was said in it of its end user, who was erased.
    pub(crate) fn forget(&mut self) {
        self.subject.clear();
        match &mut self.stage {
            Stage::Bot(progress) => *progress = Progress::default(),
            Stage::HandedOff(ticket) => ticket.forget(),
        }
    }

    /// What the session rule asks about it.
    #[must_use]
    pub fn standing(&self) -> (SessionState, Option<Status>) {
        (self.session.state(), self.ticket().map(|ticket| ticket.status))
    }

    /// Whether it still lives: neither ended nor closed. At most one per chat thread does (R05).
    #[must_use]
    pub fn is_live(&self) -> bool {
        let (session, ticket) = self.standing();
        session.is_live(ticket)
    }

    /// Whether the customer's next message makes its session active again (R06).
    #[must_use]
    pub fn wakes(&self) -> bool {
        match self.session.state() {
            SessionState::Inactive => self.is_live(),
            SessionState::Active | SessionState::Ended => false,
        }
    }

    /// The timer that runs for it. An ended session cannot become inactive, but its solved ticket closes all the same.
    #[must_use]
    pub fn timer(&self) -> Option<Timer> {
        let ticket = self.ticket()?;
        match (self.session.state(), ticket.status) {
            (SessionState::Active | SessionState::Inactive | SessionState::Ended, Status::Solved) => {
                Some(Timer::Closing)
            }
            (SessionState::Active, Status::New | Status::Open | Status::Pending | Status::Hold) => {
                ticket.assignee.map(|_| Timer::Silence)
            }
            (
                SessionState::Inactive | SessionState::Ended,
                Status::New | Status::Open | Status::Pending | Status::Hold,
            )
            | (SessionState::Active | SessionState::Inactive | SessionState::Ended, Status::Closed) => None,
        }
    }

    /// Whether this timer runs for it and its time has come, on what is known of it now (I21).
    #[must_use]
    pub fn is_due(&self, timer: Timer, now: Timestamp, settings: &Settings) -> bool {
        let at = match timer {
            Timer::Silence => self.silent_since.after(settings.inactive_after),
            Timer::Closing => self.status_since.after(settings.solved_closes_after),
        };
        self.timer() == Some(timer) && now >= at
    }

    /// Whether only the bot had it and its time is over (R44).
    #[must_use]
    pub fn is_forgotten(&self, now: Timestamp, settings: &Settings) -> bool {
        match (&self.stage, self.session) {
            (Stage::Bot(_), Session::Active { .. } | Session::Inactive { .. }) => {
                let since = if planted::is(Bug::TimerIgnoresMessages) {
                    self.started_at
                } else {
                    self.last_message_at
                };
                now >= since.after(settings.bot_only_ends_after)
            }
            (Stage::Bot(_), Session::Ended(_)) | (Stage::HandedOff(_), _) => false,
        }
    }
}
