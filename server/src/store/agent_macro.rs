//! Macros.

use causerie_core::MacroId;
use causerie_core::rules::agent_macro::Macro;
use sqlx::sqlite::SqliteRow;

use super::codec::{Columns, int, json};
use super::{Store, StoreError, Writing};

impl Store {
    /// The macros, in the order they were made.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn macros(&self) -> Result<Vec<Macro>, StoreError> {
        let rows = sqlx::query("SELECT definition FROM agent_macro ORDER BY id")
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(definition).collect()
    }
}

/// One macro.
pub(crate) async fn macro_by_id(db: &mut Writing, id: MacroId) -> Result<Option<Macro>, StoreError> {
    let row = sqlx::query("SELECT definition FROM agent_macro WHERE id = ?")
        .bind(int(id.0))
        .fetch_optional(db.connection())
        .await?;
    row.as_ref().map(definition).transpose()
}

/// Changes a macro, or adds it where its id is 0. None where there is no such macro.
pub(super) async fn save(db: &mut Writing, it: &Macro) -> Result<Option<MacroId>, StoreError> {
    let fresh = it.id == MacroId(0);
    let id = if fresh {
        let row = sqlx::query("SELECT coalesce(max(id), 0) + 1 AS id FROM agent_macro")
            .fetch_one(db.connection())
            .await?;
        MacroId(Columns::of(&row, "agent_macro").number("id")?)
    } else if macro_by_id(db, it.id).await?.is_some() {
        it.id
    } else {
        return Ok(None);
    };
    sqlx::query("INSERT OR REPLACE INTO agent_macro (id, definition) VALUES (?, ?)")
        .bind(int(id.0))
        .bind(json(&Macro { id, ..it.clone() }))
        .execute(db.connection())
        .await?;
    Ok(Some(id))
}

/// Takes a macro away; false where there is none such.
pub(super) async fn remove(db: &mut Writing, id: MacroId) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM agent_macro WHERE id = ?")
        .bind(int(id.0))
        .execute(db.connection())
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Reads a macro.
pub(super) fn definition(row: &SqliteRow) -> Result<Macro, StoreError> {
    Columns::of(row, "agent_macro").json("definition")
}
