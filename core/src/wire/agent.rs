//! Between the workspace and the server.

use serde::{Deserialize, Serialize};

use super::Refused;
use crate::agent::{Availability, Role};
use crate::chat_thread::Outcome;
use crate::conversation::Previous;
use crate::ids::{
    AgentId, ChatThreadId, ClientMessageId, EndUserId, GroupId, MacroId, Seq, SessionId, TicketId,
};
use crate::message::ThreadEntry;
use crate::rules::agent_macro::Macro;
use crate::session::Session;
use crate::settings::Settings;
use crate::ticket::event::TicketEntry;
use crate::ticket::{Ticket, Update};
use crate::time::Timestamp;

/// Up: from the workspace.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Up {
    /// The first frame of a connection.
    Hello {
        /// The connect token: single use, good for 30 seconds.
        token: String,
    },
    /// Follow a ticket's two logs from these numbers on. One ticket at a time: another replaces it.
    Open {
        /// Which one.
        ticket: TicketId,
        /// The last number of the thread log the client has of this ticket; 0 for nothing.
        thread: Seq,
        /// The last number of the ticket log the client has; 0 for nothing.
        log: Seq,
    },
    /// Follow no ticket.
    Close,
    /// Change a ticket, as one step.
    Update {
        /// The command's identity.
        cid: ClientMessageId,
        /// Which ticket.
        ticket: TicketId,
        /// What.
        update: Box<Update>,
    },
    /// End a ticket's session.
    End {
        /// The command's identity.
        cid: ClientMessageId,
        /// Which ticket.
        ticket: TicketId,
    },
    /// Apply a macro, as one step.
    Macro {
        /// The command's identity.
        cid: ClientMessageId,
        /// Which ticket.
        ticket: TicketId,
        /// Which macro.
        id: MacroId,
    },
    /// Set one's own availability.
    Availability(Availability),
    /// Is typing to the customer, or has stopped.
    Typing {
        /// On which ticket.
        ticket: TicketId,
        /// Which of the two.
        on: bool,
    },
    /// Is there.
    Ping,
}

/// Down: to the workspace.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Down {
    /// The answer to a hello: everything the screens need but the logs.
    Welcome(Box<Welcome>),
    /// A ticket is new or has changed.
    Ticket(Box<TicketRow>),
    /// A ticket is not visible to this agent any more.
    Gone(TicketId),
    /// An agent is new or has changed: availability, capacity.
    Agent(AgentRow),
    /// The account's settings have changed.
    Settings(Settings),
    /// The macros have changed.
    Macros(Vec<Macro>),
    /// Entries of the followed ticket's logs. What is known already is to be ignored.
    Entries {
        /// Whose.
        ticket: TicketId,
        /// Of the thread log.
        thread: Vec<ThreadEntry>,
        /// Of the ticket log.
        log: Vec<TicketEntry>,
    },
    /// The customer is typing, or has stopped.
    Typing {
        /// On which ticket.
        ticket: TicketId,
        /// Which of the two.
        on: bool,
    },
    /// A command is done.
    Done {
        /// Which one.
        cid: ClientMessageId,
        /// What came of it.
        outcome: Outcome,
    },
    /// A command was not done.
    Refused(Refused),
    /// The answer to a ping.
    Pong,
}

/// Everything the screens need but the logs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Welcome {
    /// Who is signed in.
    pub me: AgentId,
    /// All agents.
    pub agents: Vec<AgentRow>,
    /// All groups, by name.
    pub groups: Vec<(GroupId, String)>,
    /// The macros.
    pub macros: Vec<Macro>,
    /// The account's settings.
    pub settings: Settings,
    /// The tickets this agent sees, newest change first, at most 500.
    pub tickets: Vec<TicketRow>,
    /// Whether there are more tickets than these: the list says so.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub more: bool,
    /// Whether a mail server is set up: without one, public replies wait (R28).
    pub mail: bool,
    /// The epoch of the server's data.
    pub epoch: u64,
    /// Which build serves.
    pub build: String,
}

/// A ticket as the list and the head of its screen show it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TicketRow {
    /// The ticket itself.
    pub ticket: Ticket,
    /// Its chat thread.
    pub thread: ChatThreadId,
    /// Whose it is: the id by which an operator exports or erases a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_user: Option<EndUserId>,
    /// Its session.
    pub session_id: SessionId,
    /// Its session's state.
    pub session: Session,
    /// The requester's name, if known.
    pub requester: Option<String>,
    /// The requester's email, if known.
    pub email: Option<String>,
    /// The requester was erased: what the ticket held of them is gone.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub erased: bool,
    /// The conversation before it (R13).
    pub previous: Option<Previous>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When anything of it last changed.
    pub updated_at: Timestamp,
}

/// An agent as colleagues see them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AgentRow {
    /// Which one.
    pub id: AgentId,
    /// The name.
    pub name: String,
    /// The role.
    pub role: Role,
    /// The groups.
    pub groups: Vec<GroupId>,
    /// The status.
    pub availability: Availability,
    /// Messaging slots in use, derived (R33).
    pub messaging_used: u32,
    /// Messaging slots there are.
    pub messaging_max: u32,
    /// Email slots in use.
    pub email_used: u32,
    /// Email slots there are.
    pub email_max: u32,
}
