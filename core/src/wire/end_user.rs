//! Between the widget and the server.

use serde::{Deserialize, Serialize};

use super::Refused;
use crate::ids::{ChatThreadId, ClientMessageId, EndUserId, Seq, SessionId};
use crate::message::ThreadEntry;
use crate::session::{EndReason, Placement, SessionState};
use crate::settings::Settings;
use crate::ticket::Status;
use crate::time::Timestamp;

/// Up: from the widget.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Up {
    /// The first frame of a connection: who, and from where to go on.
    Hello(Hello),
    /// The end user says something.
    Send(Send),
    /// The end user ends the session, where the account allows it (R17).
    End {
        /// The command's identity.
        cid: ClientMessageId,
        /// Which session.
        session: SessionId,
    },
    /// Has read up to this number.
    Read(Seq),
    /// Is typing, or has stopped.
    Typing(bool),
    /// Is there.
    Ping,
}

/// Who comes, and from where to go on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Hello {
    /// The site's key.
    pub site: String,
    /// The visitor's secret, made by the widget: 256 random bits in hexadecimal.
    pub secret: String,
    /// The language of the bot's words.
    pub locale: String,
    /// Who has logged in by it, as far as the client knows: then it is theirs, or nobody's any more, and no fresh
    /// visitor's (R47).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<EndUserId>,
    /// The epoch of what the client has, as the server told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u64>,
    /// The last number the client has; 0 for nothing.
    #[serde(default)]
    pub last: Seq,
}

/// A message to be placed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Send {
    /// Its identity, the same in every retry (R11).
    pub cid: ClientMessageId,
    /// What it says.
    pub text: String,
    /// The session it was composed against (R09).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// The last number its writer had seen (R10).
    #[serde(default)]
    pub seen: Seq,
}

/// Down: to the widget.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Down {
    /// The answer to [`Hello`]; what is missing follows as [`Down::Entries`], then live.
    Resumed(Resumed),
    /// Entries of the thread log, consecutive. What is known already is to be ignored.
    Entries(Vec<ThreadEntry>),
    /// The latest session's state, beside the log (R20).
    Session(SessionReport),
    /// A message stands.
    Ack(Ack),
    /// A command was not done.
    Refused(Refused),
    /// An agent is typing, or has stopped.
    Typing(bool),
    /// Somebody of the same end user has read up to this number.
    Read(Seq),
    /// The answer to a ping.
    Pong,
}

/// Where the connection goes on from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Resumed {
    /// The chat thread; none before the first message (R01).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<ChatThreadId>,
    /// The epoch of the server's data: another one than before means that the client forgets its log (I26).
    pub epoch: u64,
    /// The last number there is.
    pub head: Seq,
    /// The number up to which the end user has read.
    pub read: Seq,
    /// The latest session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionReport>,
    /// Which build serves: an older page reloads itself when it can.
    pub build: String,
    /// Whether the account lets end users end their sessions (R17). To be shown by; the command is judged anew.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub may_end: bool,
}

/// What the end user's side is told of the latest session: as much as the session rule asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SessionReport {
    /// Which session.
    pub id: SessionId,
    /// Its state.
    pub state: SessionState,
    /// Its ticket's status while the session lives; nothing is told of it afterwards (R19).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Status>,
    /// The reason, once ended, for the host page's event (R20).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<crate::session::EndReason>,
}

/// Where a message stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ack {
    /// Which message.
    pub cid: ClientMessageId,
    /// In which session.
    pub session: SessionId,
    /// Under which number.
    pub seq: Seq,
    /// By which rule.
    pub placement: Placement,
    /// It stands in another chat thread than the one that is read here: an earlier try of it was sent before a login
    /// (R11, R47).
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub elsewhere: bool,
}

/// What is posted to log in (R47); the secret that the device had before goes as a bearer token.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LoggingIn {
    /// The site's key.
    pub site: String,
    /// The language of the bot's words.
    #[serde(default)]
    pub locale: String,
    /// The device's new secret, made by the widget; the same in every retry. Or the one that it has, to be theirs for
    /// longer.
    pub secret: String,
    /// Whose that one is, as far as the client knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<EndUserId>,
    /// The site's JWT.
    pub token: String,
}

/// The answer to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LoggedIn {
    /// Whom the site has named.
    pub end_user: EndUserId,
    /// Until when the login lasts, at least.
    pub until: Timestamp,
}

impl SessionReport {
    /// What is told of a conversation.
    #[must_use]
    pub fn of(conversation: &crate::conversation::Conversation) -> Self {
        let end = conversation.session.ended();
        let (state, status) = conversation.standing();
        Self {
            id: conversation.id,
            state,
            ticket: if end.is_some() { None } else { status },
            ended: end.map(|end| end.by.reason()),
        }
    }

    /// As much of it as the account lets out: another's reason is for the embedding page alone (R20), the end user's own
    /// is no news to them.
    #[must_use]
    pub const fn let_out(self, settings: &Settings) -> Self {
        let ended = match self.ended {
            Some(EndReason::EndedByAgent | EndReason::EndedByTrigger | EndReason::EndedBySystem)
                if !settings.tell_host_page_of_end =>
            {
                None
            }
            told @ (None
            | Some(
                EndReason::EndedByAgent
                | EndReason::EndedByEndUser
                | EndReason::EndedByTrigger
                | EndReason::EndedBySystem,
            )) => told,
        };
        Self { ended, ..self }
    }
}
