//! Every row of every table, as text: for the test that the old ticket is untouched, which must not miss a table
//! that is added later.

use causerie_core::{SessionId, TicketId};
use sqlx::{AssertSqlSafe, Row};

use super::{Store, StoreError};

/// What a row must bear to be shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bearing {
    /// This session, and so its conversation.
    Session(SessionId),
    /// This ticket.
    Ticket(TicketId),
}

impl Store {
    /// Each row that bears any of these, in whatever table and column, as `table: column=value, …`; sorted. Values that
    /// are JSON count as well: a job's payload, an entry's words.
    ///
    /// # Errors
    /// The store's faults.
    #[doc(hidden)]
    pub async fn rows_bearing(&self, what: &[Bearing]) -> Result<Vec<String>, StoreError> {
        Ok(self
            .dump()
            .await?
            .into_iter()
            .filter(|(table, cells)| {
                what.iter()
                    .any(|it| cells.iter().any(|cell| bears(table, cell, *it)))
            })
            .map(shown)
            .collect())
    }

    /// Every row of every table, as `table: column=value, …`.
    ///
    /// # Errors
    /// The store's faults.
    #[doc(hidden)]
    pub async fn every_row(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.dump().await?.into_iter().map(shown).collect())
    }

    async fn dump(&self) -> Result<Vec<(String, Vec<(String, String)>)>, StoreError> {
        let tables = sqlx::query(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
        )
        .fetch_all(self.readers())
        .await?;
        let mut rows = Vec::new();
        for table in &tables {
            let table: String = table.try_get(0)?;
            let columns = sqlx::query("SELECT name FROM pragma_table_info(?)")
                .bind(table.clone())
                .fetch_all(self.readers())
                .await?;
            let columns: Vec<String> = columns
                .iter()
                .map(|row| row.try_get(0))
                .collect::<Result<_, sqlx::Error>>()?;
            let quoted: Vec<String> = columns
                .iter()
                .map(|column| format!("quote(\"{column}\")"))
                .collect();
            let select = format!("SELECT {} FROM \"{table}\" ORDER BY 1, 2", quoted.join(", "));
            for row in sqlx::query(AssertSqlSafe(select))
                .fetch_all(self.readers())
                .await?
            {
                let cells = columns
                    .iter()
                    .enumerate()
                    .map(|(at, column)| Ok((column.clone(), row.try_get::<String, _>(at)?)))
                    .collect::<Result<_, sqlx::Error>>()?;
                rows.push((table.clone(), cells));
            }
        }
        Ok(rows)
    }
}

fn shown((table, cells): (String, Vec<(String, String)>)) -> String {
    let cells: Vec<String> = cells
        .into_iter()
        .map(|(column, value)| format!("{column}={value}"))
        .collect();
    format!("{table}: {}", cells.join(", "))
}

fn bears(table: &str, (column, value): &(String, String), what: Bearing) -> bool {
    match what {
        Bearing::Session(session) => {
            let blob = session.0.simple().to_string().to_uppercase();
            value.to_uppercase().contains(&blob) || value.contains(&session.to_string())
        }
        Bearing::Ticket(ticket) => {
            let names_it = (table == "ticket" && column == "id") || column.contains("ticket");
            (names_it && *value == ticket.to_string())
                || value.contains(&format!("\"ticket\":{ticket}}}"))
                || value.contains(&format!("\"ticket\":{ticket},"))
        }
    }
}
