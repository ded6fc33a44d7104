//! Searches of tickets, for the Support API: which tickets, by everything that agents look for.

use causerie_core::agent::{Agent, Role};
use causerie_core::ticket::{Priority, Status};
use causerie_core::{AgentId, GroupId, TicketId};

use super::codec::{Columns, int, json, name};
use super::{Store, StoreError, TicketOrder};

/// What is searched for: all of it at once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TicketSearch {
    /// Only what this agent sees.
    pub seen_by: Agent,
    /// In one of these statuses.
    pub statuses: Vec<Status>,
    /// Of one of these priorities.
    pub priorities: Vec<Priority>,
    /// Whose work.
    pub assignee: Holds<AgentId>,
    /// Which group's.
    pub group: Holds<GroupId>,
    /// Who asked: an end user's number, external id, address, or a part of the name.
    pub requester: Option<String>,
    /// With all of these.
    pub tags: Vec<String>,
    /// With none of these.
    pub without_tags: Vec<String>,
    /// This one.
    pub id: Option<TicketId>,
    /// With each of these in its subject.
    pub words: Vec<String>,
    /// In which order.
    pub order: TicketOrder,
    /// Whether from the other end.
    pub backwards: bool,
}

/// What a field that may hold nothing shall hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Holds<T> {
    /// Whatever it is.
    #[default]
    Any,
    /// Nothing.
    Nobody,
    /// This.
    This(T),
}

impl<T: Copy> Holds<T> {
    /// The parameter: none for any, 0 (which nobody has) for nothing.
    fn parameter(self, number: impl Fn(T) -> u64) -> Option<i64> {
        match self {
            Self::Any => None,
            Self::Nobody => Some(0),
            Self::This(it) => Some(int(number(it))),
        }
    }
}

macro_rules! found {
    ($what:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $what,
            " FROM ticket k JOIN chat_thread t ON t.id = k.thread JOIN end_user u ON u.id = t.end_user \
             WHERE (?1 IS NULL OR k.assignee = ?1 OR k.agent_group IS NULL \
                 OR k.agent_group IN (SELECT value FROM json_each(?2))) \
             AND k.status IN (SELECT value FROM json_each(?3)) \
             AND k.priority IN (SELECT value FROM json_each(?4)) \
             AND (?5 IS NULL OR coalesce(k.assignee, 0) = ?5) \
             AND (?6 IS NULL OR coalesce(k.agent_group, 0) = ?6) \
             AND (?7 IS NULL OR u.external_id = ?7 OR lower(u.email) = lower(?7) \
                 OR CAST(u.number AS TEXT) = ?7 OR instr(lower(u.name), lower(?7)) > 0) \
             AND NOT EXISTS (SELECT 1 FROM json_each(?8) w \
                 WHERE w.value NOT IN (SELECT value FROM json_each(k.tags))) \
             AND NOT EXISTS (SELECT 1 FROM json_each(?9) w \
                 WHERE w.value IN (SELECT value FROM json_each(k.tags))) \
             AND (?10 IS NULL OR k.id = ?10) \
             AND NOT EXISTS (SELECT 1 FROM json_each(?11) w \
                 WHERE instr(lower(k.subject), lower(w.value)) = 0) ",
            $rest
        )
    };
}

type Asked = sqlx::query::Query<'static, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

impl Store {
    /// The tickets of a search, in its order: `limit` of them after the first `skip`.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn search_tickets(
        &self,
        search: &TicketSearch,
        skip: u32,
        limit: u32,
    ) -> Result<Vec<TicketId>, StoreError> {
        let sql = match (search.order, search.backwards) {
            (TicketOrder::Changed, false) => {
                found!(
                    "k.id",
                    "ORDER BY k.updated_at DESC, k.id DESC LIMIT ?12 OFFSET ?13"
                )
            }
            (TicketOrder::Changed, true) => {
                found!("k.id", "ORDER BY k.updated_at, k.id LIMIT ?12 OFFSET ?13")
            }
            (TicketOrder::Newest, false) | (TicketOrder::Number, true) => {
                found!("k.id", "ORDER BY k.id DESC LIMIT ?12 OFFSET ?13")
            }
            (TicketOrder::Newest, true) | (TicketOrder::Number, false) => {
                found!("k.id", "ORDER BY k.id LIMIT ?12 OFFSET ?13")
            }
        };
        let rows = search
            .bind(sqlx::query(sql))
            .bind(limit)
            .bind(skip)
            .fetch_all(self.readers())
            .await?;
        rows.iter()
            .map(|row| Ok(TicketId(Columns::of(row, "ticket").number("id")?)))
            .collect()
    }

    /// How many tickets a search has in all.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn count_search(&self, search: &TicketSearch) -> Result<u64, StoreError> {
        let asked = search.bind(sqlx::query(found!("count(*) AS tickets", "")));
        let row = asked.fetch_one(self.readers()).await?;
        Columns::of(&row, "ticket").number("tickets")
    }
}

impl TicketSearch {
    fn bind(&self, query: Asked) -> Asked {
        let bounded = match self.seen_by.role {
            Role::Admin => None,
            Role::Agent => Some(&self.seen_by),
        };
        query
            .bind(bounded.map(|agent| int(agent.id.0)))
            .bind(bounded.map(|agent| json(&agent.groups)))
            .bind(json(&self.statuses.iter().map(name).collect::<Vec<_>>()))
            .bind(json(&self.priorities.iter().map(name).collect::<Vec<_>>()))
            .bind(self.assignee.parameter(|agent| agent.0))
            .bind(self.group.parameter(|group| group.0))
            .bind(self.requester.clone())
            .bind(json(&self.tags))
            .bind(json(&self.without_tags))
            .bind(self.id.map(|id| int(id.0)))
            .bind(json(&self.words))
    }
}
