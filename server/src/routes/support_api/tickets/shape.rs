//! A ticket as this API shows it.

use causerie_core::wire::agent::TicketRow;
use causerie_core::{AgentId, GroupId, TicketId};
use serde::Serialize;

use super::super::address::full;
use super::super::event::state_name;
use super::super::person::{Person, Via};
use crate::routes::public_api::iso;
use crate::state::App;
use crate::store::{KnownEndUser, StoreError};

/// A ticket.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Shape {
    /// The number.
    pub id: u64,
    /// Where this is to be read.
    pub url: String,
    /// What others call it: nothing.
    pub external_id: Option<String>,
    /// One line.
    pub subject: String,
    /// The same.
    pub raw_subject: String,
    /// The same again: the beginning of the first message.
    pub description: String,
    /// DOMAIN's status.
    pub status: &'static str,
    /// How urgent.
    pub priority: &'static str,
    /// Of no kind in particular.
    #[serde(rename = "type")]
    pub kind: Option<&'static str>,
    /// Who asks.
    pub requester_id: u64,
    /// Who opened it.
    pub submitter_id: u64,
    /// Who works on it.
    pub assignee_id: Option<u64>,
    /// Whose it is.
    pub group_id: Option<u64>,
    /// Which language, site: nothing to tell apart.
    pub brand_id: Option<u64>,
    /// How it came in.
    pub via: Via,
    /// Labels.
    pub tags: Vec<String>,
    /// Fields by number: none.
    pub custom_fields: [(); 0],
    /// The same under its other name.
    pub fields: [(); 0],
    /// What the bot asked for and got.
    pub collected: Vec<Collected>,
    /// When it was created.
    pub created_at: String,
    /// When anything of it last changed.
    pub updated_at: String,
    /// Whether the customer is in it.
    pub is_public: bool,
    /// Whether it came by messaging.
    pub from_messaging_channel: bool,
    /// The session, ours.
    pub messaging_session: SessionShape,
    /// Its requester was erased, and with them what it held of them.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub erased: bool,
}

/// Something that the bot asked for and got.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Collected {
    /// What.
    pub field: String,
    /// The answer.
    pub value: String,
}

/// A ticket's session.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SessionShape {
    /// Which one.
    pub id: String,
    /// In which conversation.
    pub conversation_id: String,
    /// `active`, `inactive` or `ended`.
    pub state: &'static str,
    /// When it ended.
    pub ended_at: Option<String>,
    /// Why.
    pub end_reason: Option<&'static str>,
}

/// The shape of a ticket with its requester.
#[must_use]
pub fn shape(app: &App, row: &TicketRow, requester: u64) -> Shape {
    let ticket = &row.ticket;
    let end = row.session.ended();
    Shape {
        id: ticket.id.0,
        url: full(app, &format!("tickets/{}.json", ticket.id)),
        external_id: None,
        subject: ticket.subject.clone(),
        raw_subject: ticket.subject.clone(),
        description: ticket.subject.clone(),
        status: ticket.status.name(),
        priority: ticket.priority.name(),
        kind: None,
        requester_id: requester,
        submitter_id: requester,
        assignee_id: ticket.assignee.map(|AgentId(id)| id),
        group_id: ticket.group.map(|GroupId(id)| id),
        brand_id: None,
        via: Via::channel(match ticket.channel {
            causerie_core::ticket::Channel::Messaging => "native_messaging",
            causerie_core::ticket::Channel::Email => "email",
        }),
        tags: ticket.tags.clone(),
        custom_fields: [],
        fields: [],
        collected: ticket
            .fields
            .iter()
            .map(|(field, value)| Collected {
                field: field.clone(),
                value: value.clone(),
            })
            .collect(),
        created_at: iso::seconds(row.created_at),
        updated_at: iso::seconds(row.updated_at),
        is_public: true,
        from_messaging_channel: ticket.channel == causerie_core::ticket::Channel::Messaging,
        messaging_session: SessionShape {
            id: row.session_id.to_string(),
            conversation_id: row.thread.to_string(),
            state: state_name(row.session.state()),
            ended_at: end.map(|end| iso::seconds(end.at)),
            end_reason: end.map(|end| end.by.reason().name()),
        },
        erased: row.erased,
    }
}

/// The shapes of tickets, in their order.
///
/// # Errors
/// The store's faults.
pub async fn shapes(app: &App, rows: &[TicketRow]) -> Result<Vec<Shape>, StoreError> {
    let ids: Vec<TicketId> = rows.iter().map(|row| row.ticket.id).collect();
    let requesters = app.store.requesters(&ids).await?;
    let of = |ticket| requesters.iter().find(|(its, _)| *its == ticket);
    Ok(rows
        .iter()
        .map(|row| {
            shape(
                app,
                row,
                of(row.ticket.id).map_or(0, |(_, known)| requester_number(known)),
            )
        })
        .collect())
}

/// An end user's number in this API.
#[must_use]
pub const fn requester_number(known: &KnownEndUser) -> u64 {
    Person::EndUser(known.number).number()
}
