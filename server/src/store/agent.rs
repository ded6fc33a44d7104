//! Agents, their groups, and how much of their capacity is in use: recomputed from the sessions (R33, I09).

use std::collections::BTreeMap;

use causerie_core::agent::{Agent, Availability};
use causerie_core::routing::assign::Candidate;
use causerie_core::routing::capacity::{self, Room};
use causerie_core::session::SessionState;
use causerie_core::settings::Settings;
use causerie_core::ticket::Status;
use causerie_core::wire::agent::AgentRow;
use causerie_core::{AgentId, GroupId, Timestamp};
use sqlx::SqliteExecutor;
use sqlx::sqlite::SqliteRow;

use super::codec::{Columns, int};
use super::{Store, StoreError, Writing};

/// An agent with what signing in and the settings need.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AgentAccount {
    /// As the rules know them.
    pub agent: Agent,
    /// The address to sign in with.
    pub email: String,
    /// The password's hash, in PHC form; none before the first sign-in.
    pub password_hash: Option<String>,
    /// The status.
    pub availability: Availability,
    /// Messaging slots.
    pub messaging_max: u32,
    /// Email slots.
    pub email_max: u32,
    /// Since when the agent has got nothing new.
    pub idle_since: Timestamp,
}

macro_rules! agents {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.name, a.email, a.role, a.availability, a.messaging_max, a.email_max, \
             a.password_hash, a.idle_since, \
             (SELECT json_group_array(m.agent_group) FROM membership m WHERE m.agent = a.id) AS its_groups \
             FROM agent a ",
            $rest
        )
    };
}
pub(super) use agents;

impl Store {
    /// All agents with their capacity, by name.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn agents(&self) -> Result<Vec<AgentRow>, StoreError> {
        let settings = self.settings().await?;
        let rows = sqlx::query(agents!("WHERE a.disabled_at IS NULL ORDER BY a.name, a.id"))
            .fetch_all(self.readers())
            .await?;
        let used = used(self.readers(), &settings).await?;
        rows.iter()
            .map(|row| {
                let account = account(row)?;
                let used = used.get(&account.agent.id).copied().unwrap_or_default();
                Ok(AgentRow {
                    id: account.agent.id,
                    name: account.agent.name,
                    role: account.agent.role,
                    groups: account.agent.groups,
                    availability: account.availability,
                    messaging_used: used.messaging,
                    messaging_max: account.messaging_max,
                    email_used: used.email,
                    email_max: account.email_max,
                })
            })
            .collect()
    }

    /// One agent, unless disabled.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn agent(&self, agent: AgentId) -> Result<Option<AgentAccount>, StoreError> {
        let row = sqlx::query(agents!("WHERE a.id = ? AND a.disabled_at IS NULL"))
            .bind(int(agent.0))
            .fetch_optional(self.readers())
            .await?;
        row.as_ref().map(account).transpose()
    }

    /// The agent of an email, whatever its letter case, unless disabled.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn agent_by_email(&self, email: &str) -> Result<Option<AgentAccount>, StoreError> {
        let row = sqlx::query(agents!("WHERE a.email = ? AND a.disabled_at IS NULL"))
            .bind(email.trim().to_lowercase())
            .fetch_optional(self.readers())
            .await?;
        row.as_ref().map(account).transpose()
    }

    /// Those who might take waiting work.
    pub(crate) async fn candidates(&self, settings: &Settings) -> Result<Vec<Candidate>, StoreError> {
        let rows = sqlx::query(agents!(
            "WHERE a.disabled_at IS NULL AND a.availability = 'online'"
        ))
        .fetch_all(self.readers())
        .await?;
        let used = used(self.readers(), settings).await?;
        rows.iter()
            .map(|row| {
                let account = account(row)?;
                let used = used.get(&account.agent.id).copied().unwrap_or_default();
                Ok(Candidate {
                    idle_since: account.idle_since,
                    room: room_of(account, used),
                })
            })
            .collect()
    }
}

/// The agent who acts, judged at the ordering point (I08).
pub(crate) async fn actor(db: &mut Writing, agent: AgentId) -> Result<Option<Agent>, StoreError> {
    let row = sqlx::query(agents!("WHERE a.id = ? AND a.disabled_at IS NULL"))
        .bind(int(agent.0))
        .fetch_optional(db.connection())
        .await?;
    Ok(row
        .as_ref()
        .map(account)
        .transpose()?
        .map(|account| account.agent))
}

/// The capacity of the agent whom a command would assign to, read under the lock (I11).
pub(crate) async fn room(
    db: &mut Writing,
    agent: AgentId,
    settings: &Settings,
) -> Result<Option<Room>, StoreError> {
    let row = sqlx::query(agents!("WHERE a.id = ? AND a.disabled_at IS NULL"))
        .bind(int(agent.0))
        .fetch_optional(db.connection())
        .await?;
    let Some(row) = row else { return Ok(None) };
    let used = used(db.connection(), settings).await?;
    Ok(Some(room_of(
        account(&row)?,
        used.get(&agent).copied().unwrap_or_default(),
    )))
}

/// Reads the columns of [`agents`].
pub(super) fn account(row: &SqliteRow) -> Result<AgentAccount, StoreError> {
    let columns = Columns::of(row, "agent");
    let slots = |column| {
        columns
            .number(column)
            .and_then(|slots| u32::try_from(slots).map_err(|why| columns.fault(column, &why)))
    };
    let mut groups: Vec<GroupId> = columns.json("its_groups")?;
    groups.sort();
    Ok(AgentAccount {
        agent: Agent {
            id: AgentId(columns.number("id")?),
            name: columns.text("name")?,
            role: columns.named("role")?,
            groups,
        },
        email: columns.text("email")?,
        password_hash: columns.opt_text("password_hash")?,
        availability: columns.named("availability")?,
        messaging_max: slots("messaging_max")?,
        email_max: slots("email_max")?,
        idle_since: Timestamp(columns.int("idle_since")?),
    })
}

fn room_of(account: AgentAccount, used: Used) -> Room {
    Room {
        agent: account.agent.id,
        name: account.agent.name,
        groups: account.agent.groups,
        availability: account.availability,
        used: used.messaging,
        max: account.messaging_max,
    }
}

/// Slots in use.
#[derive(Clone, Copy, Default)]
struct Used {
    messaging: u32,
    email: u32,
}

/// Slots in use per agent. SQL counts what may count at all, by state and status; which of it does is core's rule.
async fn used(
    db: impl SqliteExecutor<'_>,
    settings: &Settings,
) -> Result<BTreeMap<AgentId, Used>, StoreError> {
    let rows = sqlx::query(
        "SELECT k.assignee, c.state, k.status, k.channel = 'email' AS by_email, count(*) AS tickets \
         FROM ticket k JOIN conversation c ON c.id = k.session \
         WHERE k.assignee IS NOT NULL AND k.status NOT IN ('solved', 'closed') \
         GROUP BY k.assignee, c.state, k.status, by_email",
    )
    .fetch_all(db)
    .await?;
    let mut used: BTreeMap<AgentId, Used> = BTreeMap::new();
    for row in &rows {
        let columns = Columns::of(row, "ticket");
        let agent = AgentId(columns.number("assignee")?);
        let (state, status): (SessionState, Status) = (columns.named("state")?, columns.named("status")?);
        let tickets = u32::try_from(columns.number("tickets")?).unwrap_or(u32::MAX);
        let its = used.entry(agent).or_default();
        if capacity::counts_for(state, status, Some(agent), settings).is_some() {
            its.messaging += tickets;
        }
        if columns.int("by_email")? != 0 && status == Status::Open {
            its.email += tickets;
        }
    }
    Ok(used)
}
