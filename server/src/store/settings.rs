//! The account's settings, and the groups: what nearly every decision asks for.

use causerie_core::agent::Group;
use causerie_core::settings::Settings;
use causerie_core::{GroupId, TicketId};
use sqlx::{Row, SqliteExecutor};

use super::codec::{self, Columns};
use super::{Store, StoreError, Writing};

/// What every decision of a commit may ask for, read under the write lock.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) settings: Settings,
    pub(crate) groups: Vec<Group>,
    pub(crate) someone_available: bool,
    pub(crate) fresh_ticket: TicketId,
}

impl Store {
    /// The account's settings.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn settings(&self) -> Result<Settings, StoreError> {
        let row = sqlx::query("SELECT settings FROM meta")
            .fetch_one(self.readers())
            .await?;
        Columns::of(&row, "meta").json("settings")
    }

    /// The groups, by name.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn groups(&self) -> Result<Vec<(GroupId, String)>, StoreError> {
        groups(self.readers()).await
    }
}

async fn groups(db: impl SqliteExecutor<'_>) -> Result<Vec<(GroupId, String)>, StoreError> {
    let rows = sqlx::query("SELECT id, name FROM agent_group ORDER BY name")
        .fetch_all(db)
        .await?;
    rows.iter()
        .map(|row| {
            let columns = Columns::of(row, "agent_group");
            Ok((GroupId(columns.number("id")?), columns.text("name")?))
        })
        .collect()
}

/// Reads what the decisions of a commit may ask for.
pub(crate) async fn account(db: &mut Writing) -> Result<Account, StoreError> {
    let row = sqlx::query(
        "SELECT settings,
            (SELECT json_group_array(json_array(g.id, g.name, EXISTS (
                SELECT 1 FROM membership m JOIN agent a ON a.id = m.agent
                WHERE m.agent_group = g.id AND a.availability = 'online' AND a.disabled_at IS NULL
            ))) FROM agent_group g) AS its_groups,
            EXISTS (SELECT 1 FROM agent WHERE availability = 'online' AND disabled_at IS NULL) AS available,
            max(coalesce((SELECT max(id) FROM ticket), 0), last_ticket) + 1 AS fresh_ticket
         FROM meta",
    )
    .fetch_one(db.connection())
    .await?;
    let columns = Columns::of(&row, "meta");
    let groups: Vec<(GroupId, String, u8)> = columns.json("its_groups")?;
    let group = |(id, name, online)| Group {
        id,
        name,
        someone_available: online != 0,
    };
    Ok(Account {
        settings: columns.json("settings")?,
        groups: groups.into_iter().map(group).collect(),
        someone_available: row.try_get("available")?,
        fresh_ticket: TicketId(columns.number("fresh_ticket")?),
    })
}

/// Writes the settings.
pub(super) async fn set_settings(db: &mut Writing, settings: &Settings) -> Result<(), StoreError> {
    sqlx::query("UPDATE meta SET settings = ?")
        .bind(codec::json(settings))
        .execute(db.connection())
        .await?;
    Ok(())
}
