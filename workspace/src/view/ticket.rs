//! What can be done with a ticket now: core's answers, put into words so that a part can draw them.

use causerie_core::client::agent::AgentClient;
use causerie_core::ids::TicketId;
use causerie_core::rules::agent_macro::CannotApply;
use causerie_core::session::EndedBy;
use causerie_core::settings::Settings;
use causerie_core::ticket::composer::{CHANNELS, ChannelClosed};
use causerie_core::ticket::ending::CannotEnd;
use causerie_core::ticket::{CannotSet, CommentTo};
use causerie_core::wire::agent::TicketRow;

use super::Names;
use crate::dates::{Detail, shown};
use crate::parts::composer::{Offer, Refusal};
use crate::parts::log::OnItsWay;
use crate::parts::macro_menu::Prepared;
use crate::words::Words;

/// What the end will do, in one sentence: to the customer, the ticket, the capacity and the composer.
#[must_use]
pub fn consequence_of_end(row: &TicketRow, settings: &Settings, words: &Words) -> String {
    let default = words.say(channel_key(row.default_after_end()));
    let status = words.say(&format!("status.{}", row.ticket.status.name()));
    let key = match row.slot_of(settings) {
        Some(_) => "end_session.consequence",
        None => "end_session.consequence_no_slot",
    };
    words.fill(key, &[("status", &status), ("channel", &default)])
}

/// The replies and notes of a ticket that are being sent.
#[must_use]
pub fn replies_on_their_way(client: &AgentClient, id: TicketId) -> Vec<OnItsWay> {
    client
        .comments_on_their_way(id)
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
            choose: client.waits_for_another_way(id),
        }
    });
    fault.or(refused)
}

/// The channels, each open or with its reason.
#[must_use]
pub fn offers(row: &TicketRow, words: &Words, names: &Names) -> Vec<Offer> {
    let offered = row.composer();
    let offer = |to| Offer {
        to,
        closed: offered
            .closed(to)
            .map(|why| closed_because(why, row, words, names)),
    };
    CHANNELS.map(offer).to_vec()
}

/// The macros, each with why it cannot be applied, if it cannot (R15, R30).
#[must_use]
pub fn macros(client: &AgentClient, row: &TicketRow, words: &Words, names: &Names) -> Vec<Prepared> {
    let prepared =
        |(prepared, applies): (&causerie_core::rules::agent_macro::Macro, Result<(), CannotApply>)| {
            Prepared {
                id: prepared.id,
                title: prepared.title.clone(),
                text: prepared.text.as_ref().map(|text| text.as_str().to_owned()),
                ends: prepared.end_session,
                closed: applies
                    .err()
                    .map(|why| inapplicable_because(why, row, words, names)),
            }
        };
    client.macros_for(row).map(prepared).collect()
}

/// Why a macro cannot be applied, in words.
#[must_use]
pub fn inapplicable_because(why: CannotApply, row: &TicketRow, words: &Words, names: &Names) -> String {
    match why {
        CannotApply::Say(why) => closed_because(why, row, words, names),
        CannotApply::Placeholders => words.say("closed.macro_placeholders"),
        CannotApply::End(CannotEnd::SwitchedOff) => words.say("end_session.switched_off"),
        CannotApply::End(CannotEnd::NotTheirs) => words.say("end_session.not_theirs"),
        CannotApply::End(CannotEnd::Ended(end)) => {
            closed_because(ChannelClosed::SessionEnded(end), row, words, names)
        }
        CannotApply::End(CannotEnd::TicketClosed) | CannotApply::TicketClosed => {
            closed_because(ChannelClosed::TicketClosed, row, words, names)
        }
        CannotApply::Status(CannotSet::NeedsAssignee) => words.say("refused.solving_needs_assignee"),
        CannotApply::Status(CannotSet::NotByHand(status)) => {
            let status = words.say(&format!("status.{}", status.name()));
            words.fill("closed.status_not_settable", &[("status", &status)])
        }
    }
}

/// Why a channel is closed, in words.
#[must_use]
pub fn closed_because(why: ChannelClosed, row: &TicketRow, words: &Words, names: &Names) -> String {
    match why {
        ChannelClosed::SessionEnded(end) => {
            let at = shown(end.at, Detail::Time, words.locale());
            let requester = super::named_requester(row, words);
            let name = ended_by(end.by, requester.as_deref(), words, names);
            words.fill("closed.session_ended", &[("name", &name), ("at", &at)])
        }
        ChannelClosed::EmailUnknown => words.say("closed.email_unknown"),
        ChannelClosed::TicketClosed => words.say("closed.ticket_closed"),
    }
}

/// Who ended a session, by name, as it stands inside a sentence.
#[must_use]
pub fn ended_by(by: EndedBy, requester: Option<&str>, words: &Words, names: &Names) -> String {
    match by {
        EndedBy::Agent(id) => names.agent(id),
        EndedBy::EndUser => the_customer(requester, words),
        EndedBy::Trigger(_) => words.say("session_ended_by.trigger"),
        EndedBy::System => words.say("author.system"),
    }
}

/// The customer by name, as it stands inside a sentence.
#[must_use]
pub fn the_customer(requester: Option<&str>, words: &Words) -> String {
    requester.map_or_else(|| words.say("session_ended_by.customer"), str::to_owned)
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
