//! Tickets and their logs, as readers see them.

use causerie_core::agent::{Agent, Role};
use causerie_core::ticket::Status;
use causerie_core::ticket::event::TicketEntry;
use causerie_core::wire::agent::TicketRow;
use causerie_core::{AgentId, ChatThreadId, EndUserId, Seq, TicketId, Timestamp};
use sqlx::sqlite::SqliteRow;

use super::codec::{Columns, bytes, int, json, name};
use super::conversation::{conversation, conversation_columns};
use super::{Store, StoreError, Whose, head};

/// Which tickets.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TicketFilter {
    /// Only those that this agent sees; none means all.
    pub seen_by: Option<Agent>,
    /// Only these; empty means all.
    pub ids: Vec<TicketId>,
    /// Only in one of these statuses; empty means any.
    pub statuses: Vec<Status>,
    /// Only this agent's.
    pub assignee: Option<AgentId>,
    /// In which order.
    pub order: TicketOrder,
    /// How many to leave out at the beginning.
    pub skip: u32,
    /// How many at most.
    pub limit: u32,
}

/// In which order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum TicketOrder {
    /// The newest change first.
    #[default]
    Changed,
    /// The newest ticket first.
    Newest,
    /// By number.
    Number,
}

macro_rules! tickets {
    ($what:expr, $rest:literal) => {
        concat!(
            "SELECT ",
            $what,
            " FROM ticket k JOIN conversation c ON c.id = k.session \
             JOIN chat_thread t ON t.id = k.thread JOIN end_user u ON u.id = t.end_user ",
            $rest
        )
    };
}

macro_rules! row_columns {
    () => {
        concat!(
            "k.thread AS k_thread, u.id AS u_id, u.name AS u_name, u.email AS u_email, u.erased_at AS u_erased_at, ",
            conversation_columns!()
        )
    };
}

macro_rules! filtered {
    ($what:expr, $rest:literal) => {
        concat!(
            tickets!(
                $what,
                "WHERE (?1 IS NULL OR k.assignee = ?1 OR k.agent_group IS NULL \
                 OR k.agent_group IN (SELECT value FROM json_each(?2))) \
                 AND (?3 IS NULL OR k.id IN (SELECT value FROM json_each(?3))) \
                 AND (?4 IS NULL OR k.status IN (SELECT value FROM json_each(?4))) \
                 AND (?5 IS NULL OR k.assignee = ?5) "
            ),
            $rest
        )
    };
}

impl Store {
    /// The tickets of a filter.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn tickets(&self, filter: &TicketFilter) -> Result<Vec<TicketRow>, StoreError> {
        let sql = match filter.order {
            TicketOrder::Changed => {
                filtered!(
                    row_columns!(),
                    "ORDER BY k.updated_at DESC, k.id DESC LIMIT ?6 OFFSET ?7"
                )
            }
            TicketOrder::Newest => filtered!(row_columns!(), "ORDER BY k.id DESC LIMIT ?6 OFFSET ?7"),
            TicketOrder::Number => filtered!(row_columns!(), "ORDER BY k.id LIMIT ?6 OFFSET ?7"),
        };
        let rows = filter.bind(sqlx::query(sql)).bind(filter.limit).bind(filter.skip);
        let rows = rows.fetch_all(self.readers()).await?;
        // The rows are what SQL may see at all; who sees what is core's to say.
        rows.iter()
            .map(row)
            .filter(|row| match (row, &filter.seen_by) {
                (Ok(row), Some(agent)) => agent.sees(&row.ticket),
                (Ok(_), None) | (Err(_), _) => true,
            })
            .collect()
    }

    /// How many tickets a filter has, whatever its limit.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn count_tickets(&self, filter: &TicketFilter) -> Result<u64, StoreError> {
        let row = filter
            .bind(sqlx::query(filtered!("count(*) AS tickets", "")))
            .fetch_one(self.readers())
            .await?;
        Columns::of(&row, "ticket").number("tickets")
    }

    /// One ticket.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn ticket(&self, ticket: TicketId) -> Result<Option<TicketRow>, StoreError> {
        let found = sqlx::query(tickets!(row_columns!(), "WHERE k.id = ?"))
            .bind(int(ticket.0))
            .fetch_optional(self.readers())
            .await?;
        found.as_ref().map(row).transpose()
    }

    /// Who listens to a ticket's chat thread.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn whose_ticket(&self, ticket: TicketId) -> Result<Option<Whose>, StoreError> {
        let found = sqlx::query(tickets!(
            "u.id, u.site, u.secret_hash, t.current",
            "WHERE k.id = ?"
        ))
        .bind(int(ticket.0))
        .fetch_optional(self.readers())
        .await?;
        let Some(row) = found else { return Ok(None) };
        let columns = Columns::of(&row, "end_user");
        head::whose(&columns, EndUserId(columns.uuid("id")?))
    }

    /// The entries of a ticket's log after a number, in order, at most `limit`.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn ticket_entries(
        &self,
        ticket: TicketId,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<TicketEntry>, StoreError> {
        let rows = sqlx::query(
            "SELECT seq, audit, after, at, by, what FROM ticket_entry \
             WHERE ticket = ? AND seq > ? ORDER BY seq LIMIT ?",
        )
        .bind(int(ticket.0))
        .bind(int(after.0))
        .bind(limit)
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(entry).collect()
    }

    /// Tickets that may wait for an agent, with their session's state: what [`causerie_core::routing::assign::waits`]
    /// then judges.
    pub(crate) async fn unassigned(&self) -> Result<Vec<TicketRow>, StoreError> {
        let rows = sqlx::query(tickets!(
            row_columns!(),
            "WHERE k.assignee IS NULL AND k.status NOT IN ('solved', 'closed') AND c.live = 1 \
             ORDER BY k.id LIMIT 5000"
        ))
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(row).collect()
    }
}

impl Store {
    /// An agent's tickets whose session lives: what [`causerie_core::routing::assign::returns`] then judges.
    pub(crate) async fn work_of(&self, agent: AgentId) -> Result<Vec<TicketId>, StoreError> {
        let rows = sqlx::query(tickets!(
            "k.id",
            "WHERE k.assignee = ? AND c.live = 1 ORDER BY k.id"
        ))
        .bind(int(agent.0))
        .fetch_all(self.readers())
        .await?;
        rows.iter()
            .map(|row| Ok(TicketId(Columns::of(row, "ticket").number("id")?)))
            .collect()
    }

    /// The tickets of an end user, by number.
    pub(crate) async fn tickets_of(&self, end_user: EndUserId) -> Result<Vec<TicketRow>, StoreError> {
        let rows = sqlx::query(tickets!(row_columns!(), "WHERE t.end_user = ? ORDER BY k.id"))
            .bind(bytes(end_user.0))
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(row).collect()
    }
}

impl TicketFilter {
    fn bind<'q>(
        &self,
        query: sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>,
    ) -> sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments> {
        let bounded = self.seen_by.as_ref().filter(|agent| match agent.role {
            Role::Admin => false,
            Role::Agent => true,
        });
        let statuses: Vec<String> = self.statuses.iter().map(name).collect();
        query
            .bind(bounded.map(|agent| int(agent.id.0)))
            .bind(bounded.map(|agent| json(&agent.groups)))
            .bind((!self.ids.is_empty()).then(|| json(&self.ids)))
            .bind((!statuses.is_empty()).then(|| json(&statuses)))
            .bind(self.assignee.map(|agent| int(agent.0)))
    }
}

/// Reads an entry of a ticket's log.
pub(super) fn entry(row: &SqliteRow) -> Result<TicketEntry, StoreError> {
    let columns = Columns::of(row, "ticket_entry");
    Ok(TicketEntry {
        seq: Seq(columns.number("seq")?),
        audit: Seq(columns.number("audit")?),
        after: Seq(columns.number("after")?),
        at: Timestamp(columns.int("at")?),
        by: columns.json("by")?,
        what: columns.json("what")?,
    })
}

fn row(row: &SqliteRow) -> Result<TicketRow, StoreError> {
    let columns = Columns::of(row, "ticket");
    let conversation = conversation(&columns)?;
    let ticket = conversation
        .ticket()
        .ok_or_else(|| columns.fault("id", &"missing"))?
        .clone();
    Ok(TicketRow {
        ticket,
        thread: ChatThreadId(columns.uuid("k_thread")?),
        end_user: Some(EndUserId(columns.uuid("u_id")?)),
        session_id: conversation.id,
        session: conversation.session,
        requester: columns.opt_text("u_name")?,
        email: columns.opt_text("u_email")?,
        erased: columns.opt_int("u_erased_at")?.is_some(),
        previous: conversation.previous,
        created_at: Timestamp(columns.int("k_created_at")?),
        updated_at: Timestamp(columns.int("k_updated_at")?),
    })
}
