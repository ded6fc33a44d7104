//! The ticket: born at the handoff, worked on by agents, and going on when its session has ended.
//!
//! - [`event`]: its history (R37), one numbered log per ticket.
//! - [`composer`]: which channels a reply may take, and which is offered first (R21, R28).
//! - [`ending`]: whether an agent may end its session, and so whether there is a button for it (R15, R16).
//! - [`Update`]: what a person, a macro or the API may ask of it, as one step.

pub mod composer;
pub mod ending;
pub mod event;

use serde::{Deserialize, Serialize};

use crate::ids::{AgentId, GroupId, MacroId, Seq, TicketId};
use crate::message::Text;

/// A ticket's status (R43).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nobody has had it yet. Never again once it was open.
    New,
    /// Somebody works on it.
    Open,
    /// The customer's turn.
    Pending,
    /// A third party's turn.
    Hold,
    /// Done, unless the customer writes.
    Solved,
    /// Done, for good.
    Closed,
}

impl Status {
    /// Every status, in the order of a ticket's life.
    pub const ALL: [Self; 6] = [
        Self::New,
        Self::Open,
        Self::Pending,
        Self::Hold,
        Self::Solved,
        Self::Closed,
    ];

    /// Those that a person or a macro may set (R43): *new* is never again, *closed* is the system's and the rules'.
    pub const BY_HAND: [Self; 4] = [Self::Open, Self::Pending, Self::Hold, Self::Solved];

    /// Whether a person or a macro may set it (R43).
    #[must_use]
    pub const fn is_set_by_hand(self) -> bool {
        match self {
            Self::Open | Self::Pending | Self::Hold | Self::Solved => true,
            Self::New | Self::Closed => false,
        }
    }

    /// Whether nothing changes the ticket any more (R43).
    #[must_use]
    pub const fn is_closed(self) -> bool {
        match self {
            Self::New | Self::Open | Self::Pending | Self::Hold | Self::Solved => false,
            Self::Closed => true,
        }
    }

    /// The public name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Open => "open",
            Self::Pending => "pending",
            Self::Hold => "hold",
            Self::Solved => "solved",
            Self::Closed => "closed",
        }
    }
}

/// How urgent it is; a queue's first order (R31).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Can wait.
    Low,
    /// As usual.
    #[default]
    Normal,
    /// Before others.
    High,
    /// Now.
    Urgent,
}

impl Priority {
    /// Every priority, lowest first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Normal, Self::High, Self::Urgent];

    /// The public name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }
}

/// How a reply travels.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// In the chat.
    Messaging,
    /// By email.
    Email,
}

impl Channel {
    /// The public name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Messaging => "messaging",
            Self::Email => "email",
        }
    }
}

/// One request, as agents work on it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ticket {
    /// Its number.
    pub id: TicketId,
    /// One line that says what it is about.
    pub subject: String,
    /// Its status.
    pub status: Status,
    /// How urgent it is.
    pub priority: Priority,
    /// Who works on it.
    pub assignee: Option<AgentId>,
    /// Whose it is, as a set of agents.
    pub group: Option<GroupId>,
    /// Labels, sorted, each once.
    pub tags: Vec<String>,
    /// What the bot asked for and got: field and value, in the order asked.
    pub fields: Vec<(String, String)>,
    /// How it came in. Never changes.
    pub channel: Channel,
    /// What it counts as for agents: email after its session's end (R23).
    pub routing: Channel,
    /// The last number of its log.
    pub head: Seq,
}

impl Ticket {
    /// Whether a person or a macro may set this status (R43). The one it has may be set to no effect, whichever it is.
    ///
    /// # Errors
    /// Why not.
    pub fn may_become(&self, to: Status) -> Result<(), CannotSet> {
        if to == self.status {
            return Ok(());
        }
        match to {
            Status::New | Status::Closed => Err(CannotSet::NotByHand(to)),
            Status::Solved if self.assignee.is_none() => Err(CannotSet::NeedsAssignee),
            Status::Open | Status::Pending | Status::Hold | Status::Solved => Ok(()),
        }
    }

    /// Every status, and whether it can be chosen: what nobody sets by hand shows while it is so (R43).
    #[must_use]
    pub fn statuses(&self) -> [(Status, bool); 6] {
        Status::ALL.map(|status| (status, self.may_become(status).is_ok()))
    }

    /// Whether an agent may take it: it is not theirs yet, and can still be changed (R31).
    #[must_use]
    pub fn is_takable_by(&self, agent: AgentId) -> bool {
        self.assignee != Some(agent) && !self.status.is_closed()
    }

    /// Lets go of all that was said of who asks (see [`event::TicketEvent::RequesterErased`]).
    pub(crate) fn forget(&mut self) {
        self.subject.clear();
        self.fields.clear();
        self.tags.clear();
    }

    /// The ticket as it will be once this is done. The session and the log are no part of it.
    pub fn take_over(&mut self, update: &Update) {
        self.status = update.status.unwrap_or(self.status);
        self.priority = update.priority.unwrap_or(self.priority);
        self.assignee = update.assignee.map_or(self.assignee, Set::value);
        self.group = update.group.map_or(self.group, Set::value);
        if let Some(tags) = &update.tags {
            self.tags.clone_from(tags);
        }
    }
}

/// Why a status cannot be set (R43).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CannotSet {
    /// Nobody sets it by hand.
    NotByHand(Status),
    /// Solving needs an assignee.
    NeedsAssignee,
}

/// Where a comment goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommentTo {
    /// To the customer, in the chat.
    Messaging,
    /// To the customer, by email.
    Email,
    /// To the customer, by whatever way is open: the chat while the session lives, else email.
    Public,
    /// To colleagues only.
    Note,
}

/// Something said on a ticket by those who work on it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Comment {
    /// Where it goes.
    pub to: CommentTo,
    /// What it says.
    pub text: Text,
}

/// A field that may hold nothing is set or cleared.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Set<T> {
    /// To this.
    To(T),
    /// To nothing.
    Nothing,
}

impl<T> Set<T> {
    /// The value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::To(value) => Some(value),
            Self::Nothing => None,
        }
    }
}

/// A macro as the history names it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MacroReference {
    /// Which one.
    pub id: MacroId,
    /// Its title at that time.
    pub title: String,
}

/// What is asked of a ticket, done as one step or not at all: first the comment, then the fields, then the end of
/// the session (R30).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Update {
    /// The macro this comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_macro: Option<MacroReference>,
    /// Something to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<Comment>,
    /// A new status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// A new priority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// A new assignee.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Set<AgentId>>,
    /// A new group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<Set<GroupId>>,
    /// The tags it shall have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// End the session after all that.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub end_session: bool,
}

/// Tags as they are kept: lower case, without blanks, sorted, each once.
#[must_use]
pub fn tidy_tags<I: IntoIterator<Item = S>, S: AsRef<str>>(tags: I) -> Vec<String> {
    let mut tidy: Vec<String> = tags
        .into_iter()
        .map(|tag| {
            tag.as_ref()
                .trim()
                .to_lowercase()
                .replace(char::is_whitespace, "_")
        })
        .filter(|tag| !tag.is_empty())
        .collect();
    tidy.sort();
    tidy.dedup();
    tidy
}
