//! What a decision is made of: events are past, effects are requests, the outcome answers the sender.

use serde::{Deserialize, Serialize};

use super::ChatThread;
use crate::bot::Progress;
use crate::conversation::Conversation;
use crate::end_user::EndUser;
use crate::ids::{Seq, SessionId, TicketId};
use crate::message::ThreadEntry;
use crate::session::{End, Placement, Session};
use crate::ticket::Ticket;
use crate::ticket::event::TicketEntry;

/// Something that has happened. Written together with the state it leads to, in one transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// A conversation began, with its session, in the bot's hands.
    ConversationStarted(Box<Conversation>),
    /// An entry of the thread log.
    Said(ThreadEntry),
    /// The bot's place in its flow.
    BotMoved {
        /// Whose bot.
        session: SessionId,
        /// The place.
        progress: Progress,
    },
    /// Who the end user is, as far as it was said.
    EndUserDescribed {
        /// A name.
        name: Option<String>,
        /// An address.
        email: Option<String>,
    },
    /// The chat thread is this identified person's now (R47).
    MovedTo(Box<EndUser>),
    /// A session's state.
    SessionChanged {
        /// Which one.
        session: SessionId,
        /// What it is now.
        to: Session,
    },
    /// A ticket was created for the conversation.
    TicketCreated {
        /// Whose.
        session: SessionId,
        /// The ticket, before its first entry.
        ticket: Box<Ticket>,
    },
    /// An entry of a ticket's log.
    TicketLogged {
        /// Whose session.
        session: SessionId,
        /// Which ticket.
        ticket: TicketId,
        /// The entry.
        entry: TicketEntry,
    },
    /// All that was said in the chat thread, and of its end user, is erased. Of each entry of its logs there is left
    /// what [`ThreadEntry::tombstone`] and [`TicketEntry::tombstone`] say.
    Erased,
}

/// Something to be done after the commit, or no more: a job row that is written or taken away in the same transaction.
/// What is done is done at least once.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Look at the queue: there may be a waiting ticket and an agent with room (R33).
    AssignWaiting,
    /// Send a public reply by email.
    SendEmail {
        /// Of which ticket.
        ticket: TicketId,
        /// Which entry of its log.
        entry: Seq,
    },
    /// Send none of a ticket's public replies that wait to be sent: their reader is erased.
    ForgetEmails {
        /// Of which ticket.
        ticket: TicketId,
    },
}

/// What the sender is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A message stands in the log.
    Said {
        /// In this session.
        session: SessionId,
        /// Under this number.
        seq: Seq,
        /// By this rule.
        placement: Placement,
    },
    /// The session is over: by this end, be it now or before (R18).
    Ended {
        /// Which session.
        session: SessionId,
        /// The end that stands.
        end: End,
        /// Whether it stood already.
        already: bool,
    },
    /// It is done, and made no message.
    Done {},
}

/// What was decided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision {
    /// What happened, in order.
    pub events: Vec<Event>,
    /// What is to be done.
    pub effects: Vec<Effect>,
    /// What the sender is told.
    pub outcome: Outcome,
    /// The state after: the events folded into the state before.
    pub after: ChatThread,
}
