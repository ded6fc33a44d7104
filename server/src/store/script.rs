//! Several statements sent as one: each trip to the connection's thread costs more than most statements do.

use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe, Encode, Sqlite, Type};

use super::{StoreError, Writing};

/// Statements with their values, run in order, up to the first that fails.
///
/// The text holds no value, only `?`, so the same shape of a decision is the same prepared statement.
#[derive(Debug, Default)]
pub(crate) struct Script {
    sql: String,
    values: SqliteArguments,
    fault: Option<sqlx::Error>,
}

impl Script {
    /// Adds a statement; its values follow by [`Script::with`], one for each `?`, in order.
    pub(crate) fn then(&mut self, statement: &'static str) -> &mut Self {
        self.sql.push_str(statement);
        self.sql.push(';');
        self
    }

    /// The next value.
    pub(crate) fn with<'v, T: Encode<'v, Sqlite> + Type<Sqlite>>(&mut self, value: T) -> &mut Self {
        if let Err(why) = self.values.add(value) {
            self.fault.get_or_insert(sqlx::Error::Encode(why));
        }
        self
    }

    /// Whether there is nothing to run.
    pub(crate) fn is_empty(&self) -> bool {
        self.sql.is_empty()
    }

    /// The same, all of it or nothing: when it fails, `ROLLBACK TO command` is due.
    pub(crate) fn in_savepoint(mut self) -> Self {
        self.sql.insert_str(0, "SAVEPOINT command;");
        self.then("RELEASE command");
        self
    }

    /// Runs it.
    pub(crate) async fn run(self, db: &mut Writing) -> Result<(), StoreError> {
        if let Some(fault) = self.fault {
            return Err(fault.into());
        }
        if !self.sql.is_empty() {
            sqlx::query_with(AssertSqlSafe(self.sql), self.values)
                .execute(db.connection())
                .await?;
        }
        Ok(())
    }
}
