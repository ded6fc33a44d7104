//! Between columns and the types of core.

use serde::Serialize;
use serde::de::value::{Error as NameError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::StoreError;

/// Reads the columns of one row, and says which table and column it was when one cannot be read.
#[derive(Clone, Copy)]
pub(super) struct Columns<'r> {
    row: &'r SqliteRow,
    table: &'static str,
}

impl<'r> Columns<'r> {
    pub(super) const fn of(row: &'r SqliteRow, table: &'static str) -> Self {
        Self { row, table }
    }

    pub(super) fn int(&self, column: &'static str) -> Result<i64, StoreError> {
        self.read(column)
    }

    pub(super) fn opt_int(&self, column: &'static str) -> Result<Option<i64>, StoreError> {
        self.read(column)
    }

    /// A number that is never negative.
    pub(super) fn number(&self, column: &'static str) -> Result<u64, StoreError> {
        u64::try_from(self.int(column)?).map_err(|why| self.fault(column, &why))
    }

    pub(super) fn opt_number(&self, column: &'static str) -> Result<Option<u64>, StoreError> {
        self.opt_int(column)?
            .map(u64::try_from)
            .transpose()
            .map_err(|why| self.fault(column, &why))
    }

    pub(super) fn text(&self, column: &'static str) -> Result<String, StoreError> {
        self.read(column)
    }

    pub(super) fn opt_text(&self, column: &'static str) -> Result<Option<String>, StoreError> {
        self.read(column)
    }

    pub(super) fn blob(&self, column: &'static str) -> Result<Vec<u8>, StoreError> {
        self.read(column)
    }

    pub(super) fn uuid(&self, column: &'static str) -> Result<Uuid, StoreError> {
        let bytes: &[u8] = self.read(column)?;
        Uuid::from_slice(bytes).map_err(|why| self.fault(column, &why))
    }

    pub(super) fn opt_uuid(&self, column: &'static str) -> Result<Option<Uuid>, StoreError> {
        let bytes: Option<&[u8]> = self.read(column)?;
        bytes
            .map(Uuid::from_slice)
            .transpose()
            .map_err(|why| self.fault(column, &why))
    }

    pub(super) fn opt_hash(&self, column: &'static str) -> Result<Option<[u8; 32]>, StoreError> {
        let bytes: Option<&[u8]> = self.read(column)?;
        bytes
            .map(<[u8; 32]>::try_from)
            .transpose()
            .map_err(|why| self.fault(column, &why))
    }

    /// A value kept as JSON.
    pub(super) fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        let text: &str = self.read(column)?;
        serde_json::from_str(text).map_err(|why| self.fault(column, &why))
    }

    pub(super) fn opt_json<T: DeserializeOwned>(
        &self,
        column: &'static str,
    ) -> Result<Option<T>, StoreError> {
        let text: Option<&str> = self.read(column)?;
        text.map(serde_json::from_str)
            .transpose()
            .map_err(|why| self.fault(column, &why))
    }

    /// A variant kept by its name.
    pub(super) fn named<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        let name: &str = self.read(column)?;
        let from: StrDeserializer<'_, NameError> = name.into_deserializer();
        T::deserialize(from).map_err(|why| self.fault(column, &why))
    }

    pub(super) fn fault(&self, column: &'static str, why: &dyn core::fmt::Display) -> StoreError {
        StoreError::Unreadable {
            table: self.table,
            column,
            why: why.to_string(),
        }
    }

    fn read<T>(&self, column: &'static str) -> Result<T, StoreError>
    where
        T: sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
    {
        self.row.try_get(column).map_err(StoreError::Database)
    }
}

/// As JSON. Our own types never fail to be written.
pub(super) fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A variant by its name.
pub(super) fn name<T: Serialize>(value: &T) -> String {
    json(value).trim_matches('"').to_owned()
}

/// A number as the database keeps it. One that is too large is nobody's, and finds nothing.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// An id as the database keeps it.
pub(super) fn bytes(id: Uuid) -> Vec<u8> {
    id.as_bytes().to_vec()
}
