//! Conversations and their tickets, as rows.

use causerie_core::conversation::{Conversation, Previous, Stage};
use causerie_core::session::{End, Session, SessionState};
use causerie_core::ticket::Ticket;
use causerie_core::{AgentId, GroupId, Seq, SessionId, TicketId, Timestamp};

use super::StoreError;
use super::codec::Columns;

/// The columns that [`conversation`] reads, of `conversation c` and `ticket k`.
macro_rules! conversation_columns {
    () => {
        "c.id AS c_id, c.state, c.since, c.ended_by, c.subject AS c_subject, c.first, c.previous_session, \
         c.previous_ticket, c.started_at, c.last_message_at, c.silent_since, c.status_since, c.progress, \
         k.id AS k_id, k.subject AS k_subject, k.status, k.priority, k.assignee, k.agent_group, k.tags, \
         k.fields, k.channel, k.routing, k.head AS k_head, k.created_at AS k_created_at, \
         k.updated_at AS k_updated_at"
    };
}
pub(super) use conversation_columns;

/// Reads a conversation with its ticket.
pub(super) fn conversation(columns: &Columns<'_>) -> Result<Conversation, StoreError> {
    let since = Timestamp(columns.int("since")?);
    let session = match columns.named::<SessionState>("state")? {
        SessionState::Active => Session::Active { since },
        SessionState::Inactive => Session::Inactive { since },
        SessionState::Ended => {
            let by = columns
                .opt_json("ended_by")?
                .ok_or_else(|| columns.fault("ended_by", &"missing"))?;
            Session::Ended(End { at: since, by })
        }
    };
    let stage = match columns.opt_number("k_id")? {
        Some(id) => Stage::HandedOff(Box::new(ticket(TicketId(id), columns)?)),
        None => Stage::Bot(
            columns
                .opt_json("progress")?
                .ok_or_else(|| columns.fault("progress", &"missing"))?,
        ),
    };
    let previous = columns.opt_uuid("previous_session")?.map(SessionId);
    let previous_ticket = columns.opt_number("previous_ticket")?.map(TicketId);
    Ok(Conversation {
        id: SessionId(columns.uuid("c_id")?),
        session,
        stage,
        subject: columns.text("c_subject")?,
        first: Seq(columns.number("first")?),
        previous: previous.map(|session| Previous {
            session,
            ticket: previous_ticket,
        }),
        started_at: Timestamp(columns.int("started_at")?),
        last_message_at: Timestamp(columns.int("last_message_at")?),
        silent_since: Timestamp(columns.int("silent_since")?),
        status_since: Timestamp(columns.int("status_since")?),
    })
}

fn ticket(id: TicketId, columns: &Columns<'_>) -> Result<Ticket, StoreError> {
    Ok(Ticket {
        id,
        subject: columns.text("k_subject")?,
        status: columns.named("status")?,
        priority: columns.named("priority")?,
        assignee: columns.opt_number("assignee")?.map(AgentId),
        group: columns.opt_number("agent_group")?.map(GroupId),
        tags: columns.json("tags")?,
        fields: columns.json("fields")?,
        channel: columns.named("channel")?,
        routing: columns.named("routing")?,
        head: Seq(columns.number("k_head")?),
    })
}
