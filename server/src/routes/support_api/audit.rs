//! The audits of a ticket: what one command did is one audit, with an event for each thing it did (R37).

use causerie_core::ticket::Ticket;
use causerie_core::ticket::event::TicketEvent;
use serde::Serialize;

use super::comment::{Metadata, audit_number};
use super::event::{Event, events};
use super::person::{Via, author_id};
use super::steps::{Item, Step};
use crate::routes::public_api::iso;

/// An audit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Audit {
    /// Its number.
    pub id: u64,
    /// Of which ticket.
    pub ticket_id: u64,
    /// When.
    pub created_at: String,
    /// Who.
    pub author_id: i64,
    /// How.
    pub via: Via,
    /// Always there.
    pub metadata: Metadata,
    /// What.
    pub events: Vec<Event>,
}

/// Whose history it is.
#[derive(Clone, Debug)]
pub struct Whose<'a> {
    /// The ticket as it is now.
    pub ticket: &'a Ticket,
    /// The requester's number.
    pub requester: u64,
    /// The public id of its chat thread.
    pub conversation: String,
}

/// The audit that a step is.
#[must_use]
pub fn audit(whose: &Whose<'_>, step: &Step<'_>) -> Audit {
    let ticket = whose.ticket.id;
    let id = audit_number(ticket, step);
    Audit {
        id,
        ticket_id: ticket.0,
        created_at: iso::seconds(step.at),
        author_id: author_id(&step.by, whose.requester),
        via: Via::of(&step.by),
        metadata: Metadata::default(),
        events: step
            .items
            .iter()
            .flat_map(|item| events(whose, id, *item))
            .collect(),
    }
}

/// The end of the session in a history.
#[must_use]
pub fn is_the_end(step: &Step<'_>) -> bool {
    step.items.iter().any(|item| match item {
        Item::Said(_) => false,
        Item::Done(entry) => matches!(entry.what, TicketEvent::SessionEnded { .. }),
    })
}

#[cfg(test)]
mod tests {
    use causerie_core::message::Author;
    use causerie_core::session::{EndReason, SessionState};
    use causerie_core::ticket::event::{By, TicketEntry};
    use causerie_core::ticket::{Channel, Priority, Status};
    use causerie_core::{AgentId, Seq, SessionId, TicketId};
    use serde_json::json;

    use super::super::steps::steps;
    use super::super::steps::tests::{amy, born, by_amy, done, said, to_pending};
    use super::*;

    fn ticket() -> Ticket {
        Ticket {
            id: TicketId(3),
            subject: "Where is it?".to_owned(),
            status: Status::Open,
            priority: Priority::Normal,
            assignee: None,
            group: None,
            tags: Vec::new(),
            fields: Vec::new(),
            channel: Channel::Messaging,
            routing: Channel::Messaging,
            head: Seq(9),
        }
    }

    fn audits(said: &[causerie_core::message::ThreadEntry], done: &[TicketEntry]) -> Vec<serde_json::Value> {
        let ticket = ticket();
        let whose = Whose {
            ticket: &ticket,
            requester: 99,
            conversation: "c".to_owned(),
        };
        let audits = steps(said, done)
            .iter()
            .map(|step| audit(&whose, step))
            .collect::<Vec<_>>();
        audits
            .iter()
            .map(|audit| serde_json::to_value(audit).unwrap())
            .collect()
    }

    #[test]
    fn r22_the_end_of_a_session_is_one_audit() {
        let session = SessionId(uuid::Uuid::from_u128(5));
        let ended = TicketEvent::SessionEnded {
            session,
            from: SessionState::Active,
            reason: EndReason::EndedByAgent,
        };
        let routed = TicketEvent::RoutingChannel {
            from: Channel::Messaging,
            to: Channel::Email,
        };
        let log = [said(1, 1, Author::EndUser, "Hi")];
        let changes = [
            born(1),
            done((2, 2, 1), 20, amy(), ended),
            done((3, 2, 1), 20, amy(), routed),
        ];
        let audits = audits(&log, &changes);
        let mut events = audits[1]["events"].clone();
        let ids: std::collections::BTreeSet<u64> = events
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["id"].as_u64().unwrap())
            .collect();
        assert_eq!(ids.len(), 4, "each event has its own number");
        for event in events.as_array_mut().unwrap() {
            event.as_object_mut().unwrap().remove("id");
        }
        assert_eq!(
            events,
            json!([
                {"type": "MessagingSessionEnded", "reason": "ended_by_agent",
                 "session_id": session.to_string(), "conversation_id": "c"},
                {"type": "Change", "field_name": "messaging_session_state",
                 "previous_value": "active", "value": "ended"},
                {"type": "Change", "field_name": "messaging_session_end_reason",
                 "previous_value": null, "value": "ended_by_agent"},
                {"type": "RoutingChannelEvent", "previous": "messaging", "current": "email"},
            ])
        );
        assert_eq!(audits[1]["author_id"], 7);
        assert_eq!(audits[1]["ticket_id"], 3);
        assert_eq!(audits[1]["created_at"], "1970-01-01T00:00:00Z");
    }

    #[test]
    fn a_birth_tells_its_fields_and_its_transcript() {
        let audits = audits(&[said(1, 1, Author::EndUser, "Hi")], &[born(1)]);
        let events = audits[0]["events"].as_array().unwrap();
        assert_eq!(events[0]["type"], "Create");
        assert_eq!(events[0]["field_name"], "subject");
        assert_eq!(events[0]["value"], "Where is it?");
        let comment = events.last().unwrap();
        assert_eq!(
            (&comment["type"], &comment["body"]),
            (&json!("Comment"), &json!("Hi"))
        );
        assert_eq!(comment["author_id"], 99);
    }

    #[test]
    fn numbers_of_others_are_told_as_text_and_nobody_as_null() {
        let to = TicketEvent::Assignee {
            from: None,
            to: Some(AgentId(7)),
            over_capacity: false,
        };
        let audits = audits(&[], &[born(0), done((2, 2, 0), 20, By::System, to)]);
        let event = &audits[1]["events"][0];
        assert_eq!(
            (&event["field_name"], &event["value"]),
            (&json!("assignee_id"), &json!("7"))
        );
        assert!(event["previous_value"].is_null());
        assert_eq!(audits[1]["author_id"], -1);
    }

    #[test]
    fn a_reply_with_a_status_is_one_audit() {
        let log = [said(1, 1, Author::EndUser, "Hi"), by_amy(2, 20)];
        let audits = audits(&log, &[born(1), done((2, 2, 2), 20, amy(), to_pending())]);
        let types: Vec<_> = audits[1]["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["type"].clone())
            .collect();
        assert_eq!(types, ["Comment", "Change"]);
    }
}
