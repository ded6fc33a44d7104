//! What an erasure leaves in the files: pages, and the log, with the words that no row has any more.
//!
//! A row that is changed leaves its old bytes in its page until something is put there; a page that was split has
//! copies of what moved on. `PRAGMA secure_delete` clears the first and misses some of the second (4 texts of 649, tried
//! out), and costs each write something. So all of the database is written anew by `VACUUM` instead,
//! from its rows alone: nothing that is in none of them gets into it. It is rare, and costs as much as the data is
//! large.
//!
//! Then the log is put away, and begun anew and cut: what lies behind the end of a log that has begun anew is pages of
//! before. SQLite's own `TRUNCATE` would take in whatever another process commits in between, before its sums are
//! kept (see `sums`): so it is put away as ever, and the next commit cuts it.

use std::path::Path;
use std::time::Duration;

use sqlx::Row;
use tokio::time::Instant;

use super::{StoreError, Writing, migrate, restore, wal};

/// How long it is tried again where a reader is in the way.
const PATIENCE: Duration = Duration::from_secs(30);

/// How soon again.
const AGAIN: Duration = Duration::from_millis(50);

/// Whether anything is left.
#[derive(Debug)]
pub enum Traces {
    /// Nothing.
    Gone,
    /// Something may be, in pages or in the log: why, in a line.
    Left(String),
}

/// Writes the database anew and begins its log anew, beside whoever serves it. Whoever writes meanwhile waits.
pub(crate) async fn take_away(db: &mut Writing) -> Traces {
    let Some(database) = db.path().map(Path::to_owned) else {
        return Traces::Gone;
    };
    // A restore that was cut off has left a whole copy of its backup.
    restore::tidy(&database);
    let until = Instant::now() + PATIENCE;
    if let Err(fault) = written_anew(db, until).await {
        return Traces::Left(format!("the database could not be written anew: {fault}"));
    }
    match log_begun_anew(db, &database, until).await {
        Ok(true) => Traces::Gone,
        Ok(false) => Traces::Left(
            "somebody is reading the data (causerie backup or check, perhaps), so its log could not be begun anew"
                .to_owned(),
        ),
        Err(fault) => Traces::Left(format!("the log could not be begun anew: {fault}")),
    }
}

async fn written_anew(db: &mut Writing, until: Instant) -> Result<(), StoreError> {
    loop {
        match db.execute("VACUUM").await {
            Err(fault) if fault.is_busy() && Instant::now() < until => tokio::time::sleep(AGAIN).await,
            done @ (Ok(()) | Err(_)) => return done,
        }
    }
}

/// Answers whether nothing is in the log but what was committed since it began anew.
async fn log_begun_anew(db: &mut Writing, database: &Path, until: Instant) -> Result<bool, StoreError> {
    db.execute("PRAGMA journal_size_limit = 0").await?;
    let row = sqlx::query("PRAGMA page_size").fetch_one(db.connection()).await?;
    let page = usize::try_from(row.try_get::<i64, _>(0)?).unwrap_or_default();
    let unreadable = |error: std::io::Error| StoreError::Folder {
        path: database.to_owned(),
        why: error.to_string(),
    };
    let before = wal::read(database, page).map_err(unreadable)?.salts;
    loop {
        let tried = tried(db).await;
        let log = wal::read(database, page).map_err(unreadable)?;
        let size = wal::of(database).metadata().map_or(0, |file| file.len());
        if log.salts != before && size == log.size(page) {
            return Ok(true);
        }
        match tried {
            Ok(()) => {}
            Err(fault) if fault.is_busy() => {}
            Err(fault) => return Err(fault),
        }
        if Instant::now() >= until {
            return Ok(false);
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// The first commit after a log was put away, all of it, begins it anew and cuts it: this one, unless somebody was
/// quicker.
async fn tried(db: &mut Writing) -> Result<(), StoreError> {
    db.put_away().await?;
    db.begin().await?;
    migrate::mark_again(db).await?;
    db.commit().await
}
