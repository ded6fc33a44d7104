//! What can be done with a ticket now: core's rules, put so that a part can draw them.

use causerie_core::agent::Agent;
use causerie_core::client::agent::{AgentClient, Ask};
use causerie_core::ids::TicketId;
use causerie_core::session::{EndedBy, Session};
use causerie_core::ticket::composer::{ChannelClosed, Composer, composer};
use causerie_core::ticket::{CommentTo, Set, Status, Update};
use causerie_core::wire::agent::{AgentRow, TicketRow, Welcome};

use super::Names;
use crate::dates::{Detail, shown};
use crate::parts::composer::{Offer, Refusal};
use crate::parts::log::OnItsWay;
use crate::words::Words;

/// The channels, in the order they are offered.
pub const CHANNELS: [CommentTo; 3] = [CommentTo::Messaging, CommentTo::Email, CommentTo::Note];

/// What core's composer offers on a ticket (R28).
#[must_use]
pub fn offered(row: &TicketRow) -> Composer {
    composer(&row.session, row.ticket.status, row.email.is_some())
}

/// The channel that is chosen: the one picked by hand while it is open, else core's default.
#[must_use]
pub fn chosen(offered: &Composer, picked: Option<CommentTo>) -> CommentTo {
    picked
        .filter(|to| offered.resolve(*to) == Ok(*to))
        .unwrap_or(offered.default)
}

/// Whether a channel is open.
///
/// # Errors
/// Why not.
pub const fn channel(offered: &Composer, to: CommentTo) -> Result<(), ChannelClosed> {
    match to {
        CommentTo::Messaging => offered.messaging,
        CommentTo::Email => offered.public_reply,
        CommentTo::Note => offered.internal_note,
        CommentTo::Public => match offered.messaging {
            Ok(()) => Ok(()),
            Err(_) => offered.public_reply,
        },
    }
}

/// The end button.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EndButton {
    /// There is none: switched off, or nothing left to end.
    Absent,
    /// It is there and cannot be pressed: not theirs to end (R16).
    NotTheirs,
    /// It is there.
    Offered,
}

/// The end button of a ticket, for an agent (R15, R16).
#[must_use]
pub fn end_button(row: &TicketRow, me: Option<&AgentRow>, desk: Option<&Welcome>) -> EndButton {
    let allowed = desk.is_some_and(|desk| desk.settings.agents_can_end_sessions);
    let Some(me) = me.filter(|_| allowed && !is_closed(row)) else {
        return EndButton::Absent;
    };
    match row.session {
        Session::Ended(_) => EndButton::Absent,
        Session::Active { .. } | Session::Inactive { .. } if agent(me).may_end(&row.ticket) => {
            EndButton::Offered
        }
        Session::Active { .. } | Session::Inactive { .. } => EndButton::NotTheirs,
    }
}

/// Whether the ticket is closed: nothing changes it any more (R43).
#[must_use]
pub const fn is_closed(row: &TicketRow) -> bool {
    match row.ticket.status {
        Status::New | Status::Open | Status::Pending | Status::Hold | Status::Solved => false,
        Status::Closed => true,
    }
}

/// What the end will do, in one sentence: to the customer, the ticket, the capacity and the composer.
#[must_use]
pub fn consequence_of_end(row: &TicketRow, words: &Words) -> String {
    let default = words.say(channel_key(default_after_end(row)));
    let status = words.say(&format!("status.{}", row.ticket.status.name()));
    words.fill(
        "end_session.consequence",
        &[("status", &status), ("channel", &default)],
    )
}

/// A ticket with what is asked of it already: a choice shows at once, and goes back if it is refused.
#[must_use]
pub fn as_asked(client: &AgentClient, id: TicketId) -> Option<TicketRow> {
    let mut row = client.ticket(id)?.clone();
    for asked in client
        .on_their_way()
        .iter()
        .filter(|asked| asked.body.ticket == id && !asked.is_failed())
    {
        match &asked.body.ask {
            Ask::Update(update) => overlay(&mut row, update),
            Ask::End | Ask::Macro(_) => {}
        }
    }
    Some(row)
}

fn overlay(row: &mut TicketRow, update: &Update) {
    let ticket = &mut row.ticket;
    ticket.status = update.status.unwrap_or(ticket.status);
    ticket.priority = update.priority.unwrap_or(ticket.priority);
    ticket.assignee = update.assignee.map_or(ticket.assignee, Set::value);
    ticket.group = update.group.map_or(ticket.group, Set::value);
    if let Some(tags) = &update.tags {
        ticket.tags.clone_from(tags);
    }
}

/// The replies and notes of a ticket that are being sent.
#[must_use]
pub fn replies_on_their_way(client: &AgentClient, id: TicketId) -> Vec<OnItsWay> {
    let of_ticket = client
        .on_their_way()
        .iter()
        .filter(|asked| asked.body.ticket == id);
    let comments = of_ticket.filter_map(|asked| asked.body.comment());
    comments
        .map(|comment| OnItsWay {
            channel: channel_key(comment.to),
            text: comment.text.as_str().to_owned(),
        })
        .collect()
}

/// What was refused last, in words; a reply that came too late for messaging gets two ways to go on (R21).
#[must_use]
pub fn refusal(client: &AgentClient, id: TicketId, words: &Words) -> Option<Refusal> {
    let fault = client.draft_fault(id).map(|_| Refusal {
        why: words.say("refused.text_too_long"),
        choose: false,
    });
    let refused = client.refusal(id).map(|refused| {
        let why = words
            .find(&format!("refused.{}", refused.code))
            .unwrap_or_else(|| refused.message.clone());
        Refusal {
            why,
            choose: refused.code == "session_ended" && !client.draft(id).is_empty(),
        }
    });
    fault.or(refused)
}

/// The channels, each open or with its reason.
#[must_use]
pub fn offers(row: &TicketRow, words: &Words, names: &Names) -> Vec<Offer> {
    let offered = offered(row);
    let offer = |to| Offer {
        to,
        closed: channel(&offered, to)
            .err()
            .map(|why| closed_because(why, words, names)),
    };
    CHANNELS.map(offer).to_vec()
}

/// The channel that follows the end of a ticket's session: core's own default for it.
#[must_use]
pub fn default_after_end(row: &TicketRow) -> CommentTo {
    let ended = Session::Ended(causerie_core::session::End {
        at: row.updated_at,
        by: EndedBy::System,
    });
    composer(&ended, row.ticket.status, row.email.is_some()).default
}

/// Why a channel is closed, in words.
#[must_use]
pub fn closed_because(why: ChannelClosed, words: &Words, names: &Names) -> String {
    match why {
        ChannelClosed::SessionEnded(end) => {
            let at = shown(end.at, Detail::Time, words.locale());
            words.fill(
                "closed.session_ended",
                &[("name", &ended_by(end.by, words, names)), ("at", &at)],
            )
        }
        ChannelClosed::EmailUnknown => words.say("closed.email_unknown"),
        ChannelClosed::TicketClosed => words.say("closed.ticket_closed"),
    }
}

/// Who ended a session, by name.
#[must_use]
pub fn ended_by(by: EndedBy, words: &Words, names: &Names) -> String {
    match by {
        EndedBy::Agent(id) => names.agent(id),
        EndedBy::EndUser => words.say("author.customer"),
        EndedBy::Trigger(_) => words.say("author.trigger"),
        EndedBy::System => words.say("author.system"),
    }
}

/// The key of a channel's name.
#[must_use]
pub const fn channel_key(to: CommentTo) -> &'static str {
    match to {
        CommentTo::Messaging => "channel.messaging",
        CommentTo::Email | CommentTo::Public => "channel.public_reply",
        CommentTo::Note => "channel.note",
    }
}

fn agent(row: &AgentRow) -> Agent {
    Agent {
        id: row.id,
        name: row.name.clone(),
        role: row.role,
        groups: row.groups.clone(),
    }
}
