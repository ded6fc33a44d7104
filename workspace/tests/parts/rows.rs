//! A ticket, an agent and a time to show.

use causerie_core::Timestamp;
use causerie_core::agent::{Availability, Role};
use causerie_core::ids::{AgentId, ChatThreadId, EndUserId, GroupId, Seq, SessionId, TicketId};
use causerie_core::session::{End, EndedBy, Session};
use causerie_core::ticket::{Channel, Priority, Status, Ticket};
use causerie_core::wire::agent::{AgentRow, TicketRow};

pub(crate) const NOW: Timestamp = Timestamp(1_790_000_000_000);

/// A live ticket of agent 1's, its customer's email known.
pub(crate) fn ticket() -> TicketRow {
    TicketRow {
        ticket: Ticket {
            id: TicketId(17),
            subject: "Where is my order?".into(),
            status: Status::Open,
            priority: Priority::Normal,
            assignee: Some(AgentId(1)),
            group: None,
            tags: vec!["order".into()],
            fields: vec![("Order".into(), "A-1042".into())],
            channel: Channel::Messaging,
            routing: Channel::Messaging,
            head: Seq(1),
        },
        thread: ChatThreadId(uuid::Uuid::nil()),
        end_user: Some(EndUserId(uuid::Uuid::from_u128(9))),
        session_id: SessionId(uuid::Uuid::nil()),
        session: Session::Active { since: NOW },
        requester: Some("Camille".into()),
        email: Some("camille@example.org".into()),
        erased: false,
        previous: None,
        created_at: NOW,
        updated_at: NOW,
    }
}

/// The same, its session ended by agent 1.
pub(crate) fn ended() -> TicketRow {
    let session = Session::Ended(End {
        at: NOW,
        by: EndedBy::Agent(AgentId(1)),
    });
    TicketRow { session, ..ticket() }
}

/// Agent 1.
pub(crate) fn agent() -> AgentRow {
    AgentRow {
        id: AgentId(1),
        name: "Amélie".into(),
        role: Role::Agent,
        groups: vec![GroupId(1)],
        availability: Availability::Online,
        messaging_used: 2,
        messaging_max: 3,
        email_used: 1,
        email_max: 5,
    }
}
