//! What may be asked of the twin, and what it answers: the same as of the server's writer.

use causerie_core::agent::{Availability, Role};
use causerie_core::chat_thread::{Outcome, Rejection};
use causerie_core::end_user::Vouched;
use causerie_core::message::Text;
use causerie_core::rules::agent_macro::Macro;
use causerie_core::settings::Settings;
use causerie_core::ticket::Update;
use causerie_core::wire::{self, end_user::Send};
use causerie_core::{
    AgentId, ChatThreadId, ClientMessageId, EndUserId, GroupId, MacroId, Seq, SessionId, TicketId, Timestamp,
};

/// A site.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SiteId(pub i64);

/// A visitor's secret, hashed.
pub type SecretHash = [u8; 32];

/// Whoever has a secret: an anonymous visitor, or a person on one of their devices.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    /// On which site.
    pub site: SiteId,
    /// The secret, hashed.
    pub secret_hash: SecretHash,
    /// The language of the bot's words.
    pub locale: String,
}

/// Somebody logs in, by a token that was verified (R47).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogIn {
    /// The device, by its new secret.
    pub who: Identity,
    /// Whose device it is already, as it believes.
    pub believed: Option<EndUserId>,
    /// The secret that it had before, if any.
    pub before: Option<SecretHash>,
    /// Whom the token names.
    pub whom: Vouched,
    /// Until when the login lasts.
    pub until: Timestamp,
}

/// What is asked of a chat thread.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "as the server's `Request`, field by field")]
pub enum Request {
    /// A customer's message.
    Send { who: Identity, send: Send },
    /// The end user ends the session (R17).
    EndByEndUser {
        who: Identity,
        cid: ClientMessageId,
        session: SessionId,
    },
    /// The end user has read up to a number (I30).
    Read { who: Identity, upto: Seq },
    /// An agent changes a ticket, as one step.
    Update {
        agent: AgentId,
        cid: Option<ClientMessageId>,
        ticket: TicketId,
        update: Update,
    },
    /// An agent ends a ticket's session (R16).
    End {
        agent: AgentId,
        cid: Option<ClientMessageId>,
        ticket: TicketId,
    },
    /// An agent applies a macro, as one step (R30).
    Macro {
        agent: AgentId,
        cid: Option<ClientMessageId>,
        ticket: TicketId,
        id: MacroId,
    },
    /// The business says something.
    Business {
        site: SiteId,
        thread: ChatThreadId,
        cid: ClientMessageId,
        name: String,
        text: Text,
        replies: Vec<String>,
    },
    /// Control passes from the bot to people.
    HandOff { site: SiteId, thread: ChatThreadId },
    /// Who the end user is, as far as it was said.
    Describe {
        site: SiteId,
        thread: ChatThreadId,
        name: Option<String>,
        email: Option<String>,
    },
    /// The worker gives a waiting ticket to an agent (R33).
    Assign { ticket: TicketId, agent: AgentId },
    /// The worker takes a ticket back from an agent who went offline (R34).
    ReturnToQueue { ticket: TicketId, agent: AgentId },
    /// The worker makes a silent session inactive (R06).
    TurnInactive { ticket: TicketId },
    /// The worker closes a solved ticket (R43).
    CloseSolved { ticket: TicketId },
    /// The worker ends a conversation that only the bot had (R44).
    EndForgotten { thread: ChatThreadId },
}

/// What else is written.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "as the server's `Change`, field by field")]
pub enum Change {
    /// An agent, by email.
    AddAgent {
        name: String,
        email: String,
        role: Option<Role>,
        group: Option<String>,
    },
    /// An agent's status.
    SetAvailability { agent: AgentId, to: Availability },
    /// An agent's slots.
    SetSlots {
        agent: AgentId,
        messaging: u32,
        email: u32,
    },
    /// The account's settings.
    SetSettings(Settings),
    /// A macro; number 0 is a new one.
    SaveMacro(Macro),
    /// A macro goes.
    RemoveMacro(MacroId),
    /// A group, by name.
    AddGroup { name: String },
    /// A login is over: its secret opens nothing any more (R47).
    LogOut { site: SiteId, secret: SecretHash },
    /// Secrets that nobody needs any more since then go.
    SweepSecrets { before: Timestamp },
    /// A job was done.
    Finish(u64),
}

/// What came of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The chat thread.
    pub thread: ChatThreadId,
    /// The outcome: of this request, or of the first with the same client id (R11).
    pub outcome: Outcome,
    /// Whether it was done before.
    pub repeated: bool,
}

/// What came of a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "as the server's `Changed`")]
pub enum Changed {
    Done,
    Agent(AgentId),
    Group(GroupId),
    Macro(MacroId),
}

/// Why something is not done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "as the server's `Refusal`")]
pub enum Refusal {
    Rejected(Rejection),
    UnknownSender,
    UnknownThread,
    UnknownAgent,
    UnknownMacro,
    UnknownClientId,
    ClientIdReused,
    Erased,
    LoginExpired,
    SecretRetired,
    SecretTaken,
    /// Nothing can be written now.
    Unavailable,
}

impl Refusal {
    /// A stable name for machines, the server's.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Rejected(rejection) => rejection.code(),
            Self::UnknownSender => "unknown_sender",
            Self::UnknownThread => "unknown_conversation",
            Self::UnknownAgent => "unknown_agent",
            Self::UnknownMacro => "unknown_macro",
            Self::UnknownClientId => "cid_unknown",
            Self::ClientIdReused => "cid_reused",
            Self::Erased => wire::ERASED,
            Self::LoginExpired => wire::LOGIN_EXPIRED,
            Self::SecretRetired => wire::SECRET_RETIRED,
            Self::SecretTaken => wire::SECRET_TAKEN,
            Self::Unavailable => "unavailable",
        }
    }

    /// Whether the same request may be done later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Unavailable | Self::LoginExpired | Self::SecretRetired => true,
            Self::Rejected(_)
            | Self::UnknownSender
            | Self::UnknownThread
            | Self::UnknownAgent
            | Self::UnknownMacro
            | Self::UnknownClientId
            | Self::ClientIdReused
            | Self::Erased
            | Self::SecretTaken => false,
        }
    }

    /// Whether it was decided otherwise since the request was thought of.
    #[must_use]
    pub const fn is_overtaken(&self) -> bool {
        match self {
            Self::Rejected(_) | Self::UnknownSender | Self::UnknownThread => true,
            Self::UnknownAgent
            | Self::UnknownMacro
            | Self::UnknownClientId
            | Self::ClientIdReused
            | Self::Erased
            | Self::LoginExpired
            | Self::SecretRetired
            | Self::SecretTaken
            | Self::Unavailable => false,
        }
    }
}

/// The ids that a decision may need, drawn by whoever asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fresh {
    /// For a session that starts.
    pub session: SessionId,
    /// For a chat thread that is made.
    pub thread: ChatThreadId,
    /// For an end user who is made.
    pub end_user: EndUserId,
}
