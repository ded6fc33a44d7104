//! What may be asked of the writer, and what it answers.

use core::fmt;

use causerie_core::chat_thread::{Outcome, Rejection};
use causerie_core::message::Text;
use causerie_core::ticket::Update;
use causerie_core::wire::{self, end_user::Send};
use causerie_core::{AgentId, ChatThreadId, ClientMessageId, MacroId, Seq, SessionId, TicketId};

use crate::store::{ChangeRefused, EndUserIdentity, Shut, SiteId};

/// Who sends a customer's message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Sender {
    /// A visitor with the widget. The first message of all makes the end user and the chat thread (R01, R05).
    Visitor(EndUserIdentity),
    /// The end user of a chat thread, in whose name the Conversations API speaks.
    Of {
        /// On which site.
        site: SiteId,
        /// Which chat thread.
        thread: ChatThreadId,
    },
}

/// What is asked of a chat thread.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Request {
    /// A customer's message, by whatever way: socket, POST, Conversations API.
    Send {
        /// Who.
        who: Sender,
        /// What.
        send: Send,
    },
    /// The end user ends the session (R17).
    EndByEndUser {
        /// Who.
        who: EndUserIdentity,
        /// The command's identity.
        cid: ClientMessageId,
        /// Which session.
        session: SessionId,
    },
    /// The end user has read up to a number (I30).
    Read {
        /// Who.
        who: Sender,
        /// Up to where.
        upto: Seq,
    },
    /// An agent changes a ticket, as one step.
    Update {
        /// Who.
        agent: AgentId,
        /// The command's identity; none from the Support API.
        cid: Option<ClientMessageId>,
        /// Which ticket.
        ticket: TicketId,
        /// What.
        update: Update,
    },
    /// An agent ends a ticket's session (R16).
    End {
        /// Who.
        agent: AgentId,
        /// The command's identity; none from the Support API.
        cid: Option<ClientMessageId>,
        /// Which ticket.
        ticket: TicketId,
    },
    /// An agent applies a macro, as one step (R30).
    Macro {
        /// Who.
        agent: AgentId,
        /// The command's identity.
        cid: Option<ClientMessageId>,
        /// Which ticket.
        ticket: TicketId,
        /// Which macro.
        id: MacroId,
    },
    /// The business says something (Conversations API).
    Business {
        /// On which site.
        site: SiteId,
        /// In which chat thread.
        thread: ChatThreadId,
        /// The command's identity.
        cid: ClientMessageId,
        /// The name it gives itself.
        name: String,
        /// What it says.
        text: Text,
        /// Quick replies offered with it.
        replies: Vec<String>,
    },
    /// Control passes from the bot to people (Conversations API).
    HandOff {
        /// On which site.
        site: SiteId,
        /// Which chat thread.
        thread: ChatThreadId,
    },
    /// Who the end user of a chat thread is, as far as it was said (unverified).
    Describe {
        /// On which site.
        site: SiteId,
        /// Which chat thread.
        thread: ChatThreadId,
        /// A name.
        name: Option<String>,
        /// An address.
        email: Option<String>,
    },
    /// The jobs' worker gives a waiting ticket to an agent (R33).
    Assign {
        /// Which ticket.
        ticket: TicketId,
        /// To whom.
        agent: AgentId,
    },
    /// The jobs' worker takes a ticket back from an agent who went offline (R34).
    ReturnToQueue {
        /// Which ticket.
        ticket: TicketId,
        /// From whom.
        agent: AgentId,
    },
    /// The jobs' worker makes a session inactive, if its end user has been silent for long enough (R06).
    TurnInactive {
        /// Which ticket's.
        ticket: TicketId,
    },
    /// The jobs' worker closes a ticket, if it has been solved for long enough (R43).
    CloseSolved {
        /// Which ticket.
        ticket: TicketId,
    },
    /// The jobs' worker ends a conversation that only the bot had, if its time is over (R44).
    EndForgotten {
        /// In which chat thread.
        thread: ChatThreadId,
    },
}

/// What came of a request; it is on disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The chat thread.
    pub thread: ChatThreadId,
    /// The outcome: of this request, or of the first that came with the same client id (R11).
    pub outcome: Outcome,
    /// Whether it was done before, by an earlier try.
    pub repeated: bool,
}

/// Why a request is not done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// Core refuses it.
    Rejected(Rejection),
    /// No such end user, or no such agent any more.
    UnknownSender,
    /// No such chat thread on this site.
    UnknownThread,
    /// No such macro.
    UnknownMacro,
    /// The client id is somebody else's: nothing is told about it.
    UnknownClientId,
    /// The client id stands for another command of the same sender's.
    ClientIdReused,
    /// Whom the device has believed to be logged in is erased.
    Erased,
    /// The login's time is over: the site has to vouch anew (R47).
    LoginExpired,
    /// Nothing is known of the login any more: the site has to vouch anew, if it can (R47).
    LoginUnknown,
    /// The secret is nobody's any more: a login has taken its place (R47).
    SecretRetired,
    /// A login's secret stands for somebody else, or for nobody any more.
    SecretTaken,
    /// A change of what the installation knows is refused.
    Change(ChangeRefused),
    /// Nothing can be written now: the disk is full, the database is busy, the server is closing.
    Unavailable {
        /// When to try again, in milliseconds.
        retry_after_ms: u32,
    },
}

impl From<Shut> for Refusal {
    fn from(shut: Shut) -> Self {
        match shut {
            Shut::Expired => Self::LoginExpired,
            Shut::Retired => Self::SecretRetired,
            Shut::Unknown => Self::LoginUnknown,
            Shut::Erased => Self::Erased,
        }
    }
}

impl Refusal {
    /// The server is closing.
    pub(crate) const fn closing() -> Self {
        Self::Unavailable { retry_after_ms: 1000 }
    }

    /// Whether the same request may be done later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Unavailable { .. } | Self::LoginExpired | Self::LoginUnknown | Self::SecretRetired => true,
            Self::Rejected(_)
            | Self::UnknownSender
            | Self::UnknownThread
            | Self::UnknownMacro
            | Self::UnknownClientId
            | Self::ClientIdReused
            | Self::Erased
            | Self::SecretTaken
            | Self::Change(_) => false,
        }
    }

    /// Whether it was decided otherwise since the request was thought of: what a job was to do is not to be done any
    /// more.
    pub(crate) const fn is_overtaken(&self) -> bool {
        match self {
            Self::Rejected(_) | Self::UnknownSender | Self::UnknownThread => true,
            Self::Unavailable { .. }
            | Self::UnknownMacro
            | Self::UnknownClientId
            | Self::ClientIdReused
            | Self::Erased
            | Self::LoginExpired
            | Self::LoginUnknown
            | Self::SecretRetired
            | Self::SecretTaken
            | Self::Change(_) => false,
        }
    }

    /// A stable name for machines.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Rejected(rejection) => rejection.code(),
            Self::UnknownSender => "unknown_sender",
            Self::UnknownThread => "unknown_conversation",
            Self::UnknownMacro => "unknown_macro",
            Self::UnknownClientId => wire::CID_UNKNOWN,
            Self::ClientIdReused => "cid_reused",
            Self::Erased => wire::ERASED,
            Self::LoginExpired => wire::LOGIN_EXPIRED,
            Self::LoginUnknown => wire::LOGIN_UNKNOWN,
            Self::SecretRetired => wire::SECRET_RETIRED,
            Self::SecretTaken => wire::SECRET_TAKEN,
            Self::Change(refused) => refused.code(),
            Self::Unavailable { .. } => "unavailable",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected(rejection) => rejection.fmt(f),
            Self::UnknownSender => f.write_str("The sender is not known here any more."),
            Self::UnknownThread => f.write_str("There is no such conversation."),
            Self::UnknownMacro => f.write_str("There is no such macro."),
            Self::UnknownClientId => f.write_str("This client id is not known here. Use a fresh one."),
            Self::ClientIdReused => {
                f.write_str("This client id stands for another command already. Use a fresh one.")
            }
            Self::Erased => f.write_str("Whoever was logged in here has been erased."),
            Self::LoginExpired => f.write_str("The login is over. Log in again."),
            Self::LoginUnknown => f.write_str("Nothing is known of this login. Log in again."),
            Self::SecretRetired => f.write_str("This visitor has logged in since."),
            Self::SecretTaken => f.write_str(
                "This secret can't be theirs: it is somebody else's, or nobody's any more. Make a fresh one.",
            ),
            Self::Change(refused) => refused.fmt(f),
            Self::Unavailable { .. } => f.write_str("Nothing can be saved at the moment. Try again shortly."),
        }
    }
}
