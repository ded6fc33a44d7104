//! What can go wrong with the store. None of it is the sender's fault, so a sender only learns that it may try again.

use core::fmt;
use std::path::{Path, PathBuf};

/// A fault of the store.
#[derive(Debug)]
pub enum StoreError {
    /// The data folder cannot be made or written to.
    Folder {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// Another server serves it.
    Served {
        /// Which data folder.
        path: PathBuf,
        /// The other server's process.
        by: Option<u32>,
    },
    /// There is no database where one is needed.
    Missing {
        /// In which data folder.
        path: PathBuf,
    },
    /// The database was written by a newer Causerie.
    NewerVersion {
        /// Which one.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest that this build knows.
        known: i64,
    },
    /// The database is an older build's that serves it at this moment, and may not be changed under it.
    OlderServed {
        /// Which data folder.
        path: PathBuf,
    },
    /// What is on the disk is not what was written.
    Damaged {
        /// Which database.
        path: PathBuf,
        /// What is wrong, in a line.
        what: String,
    },
    /// The database refuses.
    Database(sqlx::Error),
    /// A value that this build cannot read.
    Unreadable {
        /// Of which table.
        table: &'static str,
        /// In which column.
        column: &'static str,
        /// Why.
        why: String,
    },
    /// The machine has no randomness to give.
    Randomness(getrandom::Error),
}

impl StoreError {
    /// What failed because its folder cannot be written to says so.
    pub(super) fn in_folder(self, folder: &Path) -> Self {
        match &self {
            Self::Database(sqlx::Error::Database(error)) if is_of_the_folder(error.code().as_deref()) => {
                Self::Folder {
                    path: folder.to_owned(),
                    why: error.message().to_owned(),
                }
            }
            Self::Database(_)
            | Self::Folder { .. }
            | Self::Served { .. }
            | Self::Missing { .. }
            | Self::NewerVersion { .. }
            | Self::Damaged { .. }
            | Self::OlderServed { .. }
            | Self::Unreadable { .. }
            | Self::Randomness(_) => self,
        }
    }

    /// Whether a constraint of the schema was about to be broken: then only this command is at fault, and its
    /// neighbours in the same commit are not.
    pub(crate) fn is_constraint(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Database(error)) => {
                error.is_unique_violation()
                    || error.is_foreign_key_violation()
                    || error.is_check_violation()
                    // SQLITE_CONSTRAINT_NOTNULL and SQLITE_CONSTRAINT_TRIGGER.
                    || error.code().is_some_and(|code| code == "1299" || code == "1811")
            }
            Self::Database(_)
            | Self::Folder { .. }
            | Self::Served { .. }
            | Self::Missing { .. }
            | Self::NewerVersion { .. }
            | Self::Damaged { .. }
            | Self::OlderServed { .. }
            | Self::Unreadable { .. }
            | Self::Randomness(_) => false,
        }
    }

    /// Whether the file is damaged, or none of a database: SQLITE_CORRUPT and SQLITE_NOTADB.
    pub(super) fn is_damage(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Database(error)) => {
                matches!(primary(error.code().as_deref()), Some(11 | 26))
            }
            Self::Damaged { .. } => true,
            Self::Database(_)
            | Self::Folder { .. }
            | Self::Served { .. }
            | Self::Missing { .. }
            | Self::NewerVersion { .. }
            | Self::OlderServed { .. }
            | Self::Unreadable { .. }
            | Self::Randomness(_) => false,
        }
    }

    /// Whether somebody else has the write lock, and kept it for longer than one waits.
    pub(super) fn is_busy(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Database(error)) => primary(error.code().as_deref()) == Some(5),
            Self::Database(_)
            | Self::Folder { .. }
            | Self::Served { .. }
            | Self::Missing { .. }
            | Self::NewerVersion { .. }
            | Self::Damaged { .. }
            | Self::OlderServed { .. }
            | Self::Unreadable { .. }
            | Self::Randomness(_) => false,
        }
    }

    /// Whether the database itself failed, so that nothing of the open transaction may be counted on.
    pub(crate) fn is_database(&self) -> bool {
        match self {
            Self::Database(_) => !self.is_constraint(),
            Self::Folder { .. }
            | Self::Served { .. }
            | Self::Missing { .. }
            | Self::NewerVersion { .. }
            | Self::Damaged { .. }
            | Self::OlderServed { .. }
            | Self::Unreadable { .. }
            | Self::Randomness(_) => false,
        }
    }
}

/// Of SQLite's results those that come of the place a database is in: no permission, an I/O error, a full disk,
/// read-only, cannot be opened.
fn is_of_the_folder(code: Option<&str>) -> bool {
    matches!(primary(code), Some(3 | 8 | 10 | 13 | 14))
}

/// The low byte of an extended code is its primary one.
pub(super) fn primary(code: Option<&str>) -> Option<u32> {
    code.and_then(|code| code.parse::<u32>().ok())
        .map(|code| code & 0xFF)
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder { path, why } => {
                write!(
                    f,
                    "The data folder {} cannot be written to: {why}. See that there is room and that the user who \
                     runs causerie may write there, or give another folder with --data.",
                    path.display()
                )
            }
            Self::Served { path, by } => {
                write!(
                    f,
                    "Another causerie serves the data folder {} already",
                    path.display()
                )?;
                if let Some(by) = by {
                    write!(f, " (process {by})")?;
                }
                f.write_str(". Stop that one, or give this one a folder of its own with --data.")
            }
            Self::Missing { path } => write!(
                f,
                "There is no Causerie data in {}. Give the folder that causerie serve uses with --data, or start it \
                 first.",
                path.display()
            ),
            Self::NewerVersion { path, found, known } => write!(
                f,
                "The database {} was written by a newer Causerie (version {found}; this one knows up to {known}). \
                 Start that one, or restore a backup.",
                path.display()
            ),
            Self::OlderServed { path } => write!(
                f,
                "An older Causerie serves the data folder {} at this moment, and this one would change the database \
                 under it. Restart the server with this version first.",
                path.display()
            ),
            Self::Damaged { path, what } => write!(
                f,
                "The database {} is damaged: {what}. Nothing of it is served. Put a backup in its place with causerie \
                 restore FILE, which sets the damaged files aside. If another program has changed it and that was \
                 right, delete {}-sums and start again: then all of it is read through instead.",
                path.display(),
                path.display()
            ),
            Self::Database(error) => write!(f, "The database refuses: {error}"),
            Self::Unreadable { table, column, why } => {
                write!(f, "A value in {table}.{column} cannot be read: {why}")
            }
            Self::Randomness(error) => write!(f, "The machine gives no randomness: {error}"),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<getrandom::Error> for StoreError {
    fn from(error: getrandom::Error) -> Self {
        Self::Randomness(error)
    }
}
