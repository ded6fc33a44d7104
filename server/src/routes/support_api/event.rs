//! What was done, one event for each thing.

use causerie_core::session::SessionState;
use causerie_core::ticket::Status;
use causerie_core::ticket::event::{Erased, TicketEntry, TicketEvent};
use serde::Serialize;

use super::audit::Whose;
use super::comment::{Comment, comment, number};
use super::person::Via;
use super::steps::Item;

/// One thing that was done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Event {
    /// Its number.
    pub id: u64,
    /// What it is.
    #[serde(flatten)]
    pub what: What,
}

/// What was done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "type")]
#[expect(missing_docs, reason = "each field is named as the API names it")]
pub enum What {
    /// A field of the new ticket.
    Create { field_name: &'static str, value: Value },
    /// A field that changed.
    Change {
        field_name: &'static str,
        value: Value,
        previous_value: Value,
    },
    /// Something said.
    Comment(Said),
    /// An email.
    Notification { recipients: Vec<String>, via: Via },
    /// A macro.
    MacroReference { macro_id: u64, macro_title: String },
    /// What the ticket counts as for agents.
    RoutingChannelEvent {
        previous: &'static str,
        current: &'static str,
    },
    /// What the event was is erased with the requester: which kind of thing it was.
    Erased { was: &'static str },
    /// The requester was erased.
    RequesterErased,
    /// The end of the session (R22).
    MessagingSessionEnded {
        reason: &'static str,
        session_id: String,
        conversation_id: String,
    },
}

/// A comment as an event shows it; its type and its number stand outside.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Said {
    /// Whose.
    pub author_id: i64,
    /// What it says.
    pub body: String,
    /// The same as markup.
    pub html_body: String,
    /// The same again.
    pub plain_body: String,
    /// Whether the customer gets it.
    pub public: bool,
    /// Files.
    pub attachments: [(); 0],
    /// The audit.
    pub audit_id: u64,
    /// How it came.
    pub via: Via,
    /// What it said was erased with its ticket's requester.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub erased: bool,
}

/// A field's value.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// A name, or a number as text.
    Text(String),
    /// Several.
    List(Vec<String>),
    /// None.
    Nothing,
}

/// The events that an item is.
#[must_use]
pub fn events(whose: &Whose<'_>, audit: u64, item: Item<'_>) -> Vec<Event> {
    let ticket = whose.ticket.id;
    let said = comment(ticket, whose.requester, audit, item).map(|it| What::Comment(Said::from(it)));
    let done = match item {
        Item::Said(_) => Vec::new(),
        Item::Done(entry) => changes(whose, entry),
    };
    // What was said has the item's own number: the comment's.
    let ids = number(ticket, item)..;
    ids.zip(said.into_iter().chain(done))
        .map(|(id, what)| Event { id, what })
        .collect()
}

fn changes(whose: &Whose<'_>, entry: &TicketEntry) -> Vec<What> {
    let changed = |field_name, from: Value, to: Value| {
        vec![What::Change {
            field_name,
            value: to,
            previous_value: from,
        }]
    };
    let number = |id: Option<u64>| id.map_or(Value::Nothing, |id| Value::Text(id.to_string()));
    match &entry.what {
        TicketEvent::Created { .. } => birth(whose),
        TicketEvent::MacroApplied(applied) => {
            vec![What::MacroReference {
                macro_id: applied.id.0,
                macro_title: applied.title.clone(),
            }]
        }
        TicketEvent::Noted { .. } => Vec::new(),
        TicketEvent::Emailed { to, .. } => {
            vec![What::Notification {
                recipients: vec![to.clone()],
                via: Via::of(&entry.by),
            }]
        }
        TicketEvent::Status { from, to } => changed("status", name(from.name()), name(to.name())),
        TicketEvent::Priority { from, to } => changed("priority", name(from.name()), name(to.name())),
        TicketEvent::Assignee { from, to, .. } => changed(
            "assignee_id",
            number(from.map(|id| id.0)),
            number(to.map(|id| id.0)),
        ),
        TicketEvent::Group { from, to } => {
            changed("group_id", number(from.map(|id| id.0)), number(to.map(|id| id.0)))
        }
        TicketEvent::Tags { from, to } => changed("tags", Value::List(from.clone()), Value::List(to.clone())),
        TicketEvent::SessionState { from, to } => {
            changed("messaging_session_state", state(*from), state(*to))
        }
        TicketEvent::SessionEnded {
            session,
            from,
            reason,
        } => vec![
            What::MessagingSessionEnded {
                reason: reason.name(),
                session_id: session.to_string(),
                conversation_id: whose.conversation.clone(),
            },
            What::Change {
                field_name: "messaging_session_state",
                value: state(SessionState::Ended),
                previous_value: state(*from),
            },
            What::Change {
                field_name: "messaging_session_end_reason",
                value: name(reason.name()),
                previous_value: Value::Nothing,
            },
        ],
        TicketEvent::RoutingChannel { from, to } => {
            vec![What::RoutingChannelEvent {
                previous: from.name(),
                current: to.name(),
            }]
        }
        TicketEvent::Requester {
            from,
            to,
            external_id,
        } => vec![
            What::Change {
                field_name: "requester",
                value: name(to),
                previous_value: from.as_deref().map_or(Value::Nothing, name),
            },
            What::Change {
                field_name: "requester_external_id",
                value: name(external_id),
                previous_value: Value::Nothing,
            },
        ],
        TicketEvent::RequesterErased => vec![What::RequesterErased],
        // What is left of it is the comment.
        TicketEvent::Tombstone(Erased::Note | Erased::Email) => Vec::new(),
        TicketEvent::Tombstone(Erased::Tags) => vec![What::Erased { was: "tags" }],
        TicketEvent::Tombstone(Erased::Requester) => vec![What::Erased { was: "requester" }],
    }
}

/// What a ticket is born with; what was set at once and changed later is told by the changes.
fn birth(whose: &Whose<'_>) -> Vec<What> {
    let create = |field_name, value| What::Create { field_name, value };
    vec![
        create("subject", name(&whose.ticket.subject)),
        create("status", name(Status::New.name())),
        create("requester_id", Value::Text(whose.requester.to_string())),
        create("messaging_session_state", state(SessionState::Active)),
    ]
}

fn name(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn state(state: SessionState) -> Value {
    name(state_name(state))
}

/// A session's state as the API names it.
#[must_use]
pub const fn state_name(state: SessionState) -> &'static str {
    match state {
        SessionState::Active => "active",
        SessionState::Inactive => "inactive",
        SessionState::Ended => "ended",
    }
}

impl From<Comment> for Said {
    fn from(comment: Comment) -> Self {
        Self {
            author_id: comment.author_id,
            body: comment.body,
            html_body: comment.html_body,
            plain_body: comment.plain_body,
            public: comment.public,
            attachments: comment.attachments,
            audit_id: comment.audit_id,
            via: comment.via,
            erased: comment.erased,
        }
    }
}
