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

/// Of which kind a fault is, for whoever goes on by that.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// A constraint of the schema was about to be broken.
    Constraint,
    /// The file is damaged, or none of a database.
    Damage,
    /// Somebody else has the write lock, and kept it for longer than one waits.
    Busy,
    /// The place it is in: no permission, an I/O error, a full disk, read-only, cannot be opened.
    Place,
    /// Anything else that the database refuses.
    Database,
    /// A matter of this build's, and not of the database's.
    Ours,
}

impl Kind {
    fn of(error: &sqlx::Error) -> Self {
        let sqlx::Error::Database(error) = error else {
            return Self::Database;
        };
        // SQLite's own results.
        match primary(error.code().as_deref()) {
            Some(3 | 8 | 10 | 13 | 14) => Self::Place,
            Some(5) => Self::Busy,
            Some(11 | 26) => Self::Damage,
            Some(19) => Self::Constraint,
            Some(_) | None => Self::Database,
        }
    }
}

impl StoreError {
    fn kind(&self) -> Kind {
        match self {
            Self::Database(error) => Kind::of(error),
            Self::Damaged { .. } => Kind::Damage,
            Self::Folder { .. }
            | Self::Served { .. }
            | Self::Missing { .. }
            | Self::NewerVersion { .. }
            | Self::OlderServed { .. }
            | Self::Unreadable { .. }
            | Self::Randomness(_) => Kind::Ours,
        }
    }

    /// What failed because its folder cannot be written to says so.
    pub(super) fn in_folder(self, folder: &Path) -> Self {
        if self.kind() == Kind::Place
            && let Self::Database(sqlx::Error::Database(error)) = &self
        {
            return Self::Folder {
                path: folder.to_owned(),
                why: error.message().to_owned(),
            };
        }
        self
    }

    /// Whether a constraint of the schema was about to be broken: then only this command is at fault, and its
    /// neighbours in the same commit are not.
    pub(crate) fn is_constraint(&self) -> bool {
        self.kind() == Kind::Constraint
    }

    /// Whether the file is damaged, or none of a database.
    pub(super) fn is_damage(&self) -> bool {
        self.kind() == Kind::Damage
    }

    /// Whether somebody else has the write lock, and kept it for longer than one waits.
    pub(super) fn is_busy(&self) -> bool {
        self.kind() == Kind::Busy
    }

    /// Whether the database itself failed, so that nothing of the open transaction may be counted on.
    pub(crate) fn is_database(&self) -> bool {
        matches!(self, Self::Database(_)) && !self.is_constraint()
    }
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
            Self::Database(error) if Kind::of(error) == Kind::Busy => f.write_str(
                "Another causerie is writing to the data (an erasure or a restore, perhaps), and for longer than is \
                 waited for. Try again when it is done.",
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
