//! Commands: what is asked of a chat thread, and by whom.

use super::ChatThread;
use crate::agent::{Agent, Group};
use crate::bot::Flow;
use crate::conversation::Conversation;
use crate::end_user::EndUser;
use crate::ids::{AgentId, ClientMessageId, Seq, SessionId, TicketId};
use crate::message::Text;
use crate::routing::capacity::Room;
use crate::settings::Settings;
use crate::ticket::event::By;
use crate::ticket::{Set, Update};
use crate::time::Timestamp;

/// What is asked of a chat thread.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// The end user says something (R08). Refused of nobody but one who was erased: the session rule has a place for it.
    CustomerMessage(CustomerMessage),
    /// Control passes from the bot to people (R03).
    HandOff,
    /// The business says something through the Conversations API.
    BusinessMessage {
        /// The command's identity.
        cid: ClientMessageId,
        /// The name it gives itself.
        name: String,
        /// What it says.
        text: Text,
        /// Quick replies offered with it.
        replies: Vec<String>,
    },
    /// Who the end user is, as far as it was said. Unverified.
    DescribeEndUser {
        /// A name.
        name: Option<String>,
        /// An address.
        email: Option<String>,
    },
    /// The end user has identified themself, by a device on which they were this chat thread's visitor (R47).
    LogIn {
        /// Who they are.
        person: Box<EndUser>,
        /// The latest conversation of each chat thread that is theirs already.
        theirs: Vec<Conversation>,
        /// Whether they have tickets already, in whichever chat thread.
        has_tickets: bool,
    },
    /// Ends a session (R15–R18).
    EndSession {
        /// Which one.
        session: SessionId,
        /// Who ends it; the reason follows from that.
        by: Actor,
    },
    /// Ends the latest conversation if only the bot had it and its time is over (R44).
    EndForgotten,
    /// Erases its end user (SECURITY 27): all that lives here is over, and what was said of them is forgotten.
    Erase,
    /// Changes a ticket, as one step.
    UpdateTicket {
        /// Which one.
        ticket: TicketId,
        /// Who.
        by: Actor,
        /// What.
        update: Update,
        /// The command's identity, borne by a message it makes.
        cid: Option<ClientMessageId>,
    },
    /// Gives a waiting ticket to the agent of [`Circumstances::room`] (R31).
    Assign {
        /// Which one.
        ticket: TicketId,
    },
    /// Takes a ticket back from the agent of [`Circumstances::room`], who went offline (R34).
    ReturnToQueue {
        /// Which one.
        ticket: TicketId,
    },
    /// Makes a ticket's session inactive if the end user has been silent for long enough (R06).
    TurnInactive {
        /// Which ticket's.
        ticket: TicketId,
    },
    /// Closes a ticket if it has been solved for long enough (R43).
    CloseSolved {
        /// Which one.
        ticket: TicketId,
    },
}

/// A message of the end user's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CustomerMessage {
    /// Its identity: the same id is the same message, however often it comes (R11).
    pub cid: ClientMessageId,
    /// What it says.
    pub text: Text,
    /// The last number its writer had seen: a bot's question that came after is not answered by it (R10).
    pub seen: Seq,
    /// The session it was composed against, as its writer knew (R09). It decides nothing: the server notes in its
    /// log where a message was placed in another.
    pub composed_against: Option<SessionId>,
}

/// Who acts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Actor {
    /// An agent.
    Agent(Agent),
    /// The end user of this chat thread.
    EndUser,
    /// A ticket trigger.
    Rule {
        /// Which one.
        id: u64,
        /// Its title.
        title: String,
    },
    /// The system itself.
    System,
}

impl Actor {
    /// As the history names them.
    #[must_use]
    pub fn named(&self) -> By {
        match self {
            Self::Agent(agent) => By::Agent {
                id: agent.id,
                name: agent.name.clone(),
            },
            Self::EndUser => By::EndUser,
            Self::Rule { id, title } => By::Rule {
                id: *id,
                title: title.clone(),
            },
            Self::System => By::System,
        }
    }
}

impl Command {
    /// The agent whose [`Circumstances::room`] its decision asks for, as far as the command and the chat thread tell:
    /// whoever gives work away, or takes it back, names the agent beside it.
    #[must_use]
    pub fn asks_for_room_of(&self, thread: &ChatThread) -> Option<AgentId> {
        match self {
            Self::UpdateTicket { update, .. } => update.assignee.and_then(Set::value),
            Self::CustomerMessage(_) => thread.would_wake(),
            Self::HandOff
            | Self::BusinessMessage { .. }
            | Self::DescribeEndUser { .. }
            | Self::LogIn { .. }
            | Self::EndSession { .. }
            | Self::EndForgotten
            | Self::Erase
            | Self::Assign { .. }
            | Self::ReturnToQueue { .. }
            | Self::TurnInactive { .. }
            | Self::CloseSolved { .. } => None,
        }
    }
}

/// All that a decision needs beyond the chat thread itself, read by the shell at the ordering point.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// The time. A decision never dates anything below the chat thread's last entry (I31).
    pub now: Timestamp,
    /// The id of the session that may start.
    pub fresh_session: SessionId,
    /// The number of the ticket that may be created.
    pub fresh_ticket: TicketId,
    /// The account's settings.
    pub settings: &'a Settings,
    /// The bot's flow.
    pub flow: &'a Flow,
    /// The groups there are.
    pub groups: &'a [Group],
    /// Whether an agent is online, of whatever group (R46).
    pub someone_available: bool,
    /// The agent that the command would assign to, take work from, or wake work of
    /// ([`ChatThread::would_wake`](super::ChatThread::would_wake)), if there is one.
    pub room: Option<&'a Room>,
}
