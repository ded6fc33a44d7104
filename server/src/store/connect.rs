//! Connections: one that writes, a few that read.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, Row};

use super::sums::{self, Noting};
use super::{Change, ChangeRefused, Changed, StoreError, folder, migrate, perform, restore, seed, sound};
use crate::clock::Clock;

/// How many readers there are: more than the cores of a small machine do not read faster.
const READERS: u32 = 4;

/// With how many frames the log is long, as SQLite has it too.
const LONG: u32 = 1000;

/// How long a writer waits for another process's: a command's transaction is short.
const BUSY: Duration = Duration::from_secs(5);

/// The database. Cheap to clone. Reads; what is written goes through the writer, or [`Store::change`].
#[derive(Clone, Debug)]
pub struct Store {
    inside: Arc<Inside>,
}

#[derive(Debug)]
struct Inside {
    path: PathBuf,
    readers: SqlitePool,
    epoch: AtomicU64,
    page_limit: AtomicU32,
}

impl Store {
    /// Opens the database file, makes it and its folder where there is none, brings it to this build's version, and
    /// seeds a new one.
    ///
    /// # Errors
    /// When the folder cannot be written to, or the database is a newer build's.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        folder::make(path)?;
        let nobody_serves = sound::may_be_migrated(path).await?;
        let epoch = Self::made_ready(path).await?;
        drop(nobody_serves);
        Self::ready(path, epoch).await
    }

    /// [`Store::open`] for who serves it, and so has the lock: only what is as it was written. Each page is looked at;
    /// where nothing vouches for them, all of it is read through, and from then on something does. `tell` hears how
    /// much is looked at, as bytes of how many.
    ///
    /// # Errors
    /// As [`Store::open`], and when anything is damaged.
    pub async fn open_to_serve(path: &Path, tell: &mut dyn FnMut(u64, u64)) -> Result<Self, StoreError> {
        restore::tidy(path);
        let vouched = sound::judged(path, tell).await?;
        let epoch = Self::made_ready(path).await?;
        if !vouched {
            sound::vouch_for(path).await?;
        }
        Self::ready(path, epoch).await
    }

    async fn made_ready(path: &Path) -> Result<u64, StoreError> {
        let folder = folder::make(path)?;
        sound::is_nothing(path)?;
        folder::make_file(path)?;
        Self::prepare(path)
            .await
            .map_err(|fault| fault.in_folder(&folder))
    }

    async fn ready(path: &Path, epoch: u64) -> Result<Self, StoreError> {
        let options = options(path).read_only(true).pragma("cache_size", "-1024");
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .min_connections(0)
            .test_before_acquire(false)
            .connect_with(options)
            .await?;
        let inside = Inside {
            path: path.to_owned(),
            readers,
            epoch: AtomicU64::new(epoch),
            page_limit: AtomicU32::new(0),
        };
        Ok(Self {
            inside: Arc::new(inside),
        })
    }

    /// [`Store::open`], but only where there is a database already. Where nobody serves it, it is looked whether it is
    /// what was written.
    ///
    /// # Errors
    /// As [`Store::open`], and when there is none, or it is damaged.
    pub async fn open_existing(path: &Path) -> Result<Self, StoreError> {
        sound::undamaged(path)?;
        Self::open(path).await
    }

    /// Migrates and seeds, and sees that the database can be written to; answers the epoch.
    async fn prepare(path: &Path) -> Result<u64, StoreError> {
        let mut db = Writing::open(path).await?;
        migrate::migrate(&mut db, path).await?;
        let epoch = seed::seed(&mut db).await?;
        // A file that may only be read opens all the same, and its transactions begin: only a change tells.
        db.begin().await?;
        migrate::mark_again(&mut db).await?;
        db.rollback().await?;
        db.close().await;
        Ok(epoch)
    }

    /// The epoch of the data as it was last seen: another one than a client knows means that it forgets its log (I26).
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.inside.epoch.load(Ordering::SeqCst)
    }

    /// Another epoch was seen, which a restore or an erasure makes; answers whether it is news.
    pub(crate) fn saw_epoch(&self, epoch: u64) -> bool {
        self.inside.epoch.swap(epoch, Ordering::SeqCst) != epoch
    }

    /// Reads the epoch.
    pub(crate) async fn look_at_epoch(&self) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT epoch FROM meta")
            .fetch_one(self.readers())
            .await?;
        seed::epoch(&row)
    }

    /// Makes a change by a connection of its own: for the commands, which work while a server runs.
    ///
    /// # Errors
    /// The store's faults. A change that is refused is the inner error.
    pub async fn change(
        &self,
        change: Change,
        clock: &Clock,
    ) -> Result<Result<Changed, ChangeRefused>, StoreError> {
        let mut db = self.writing_beside().await?;
        db.begin().await?;
        let performed = perform::perform(&mut db, &change, clock).await?;
        match performed {
            Ok(done) => {
                db.commit().await?;
                db.close().await;
                Ok(Ok(done.changed))
            }
            Err(refused) => {
                db.rollback().await?;
                db.close().await;
                Ok(Err(refused))
            }
        }
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").fetch_one(self.readers()).await?;
        Ok(())
    }

    /// Ends the readers; what was committed is on disk already.
    pub async fn close(&self) {
        self.inside.readers.close().await;
    }

    /// Lets the database grow to this many pages and no further, 0 for no bound: a full disk, for tests.
    #[doc(hidden)]
    pub fn limit_pages(&self, pages: u32) {
        self.inside.page_limit.store(pages, Ordering::SeqCst);
    }

    /// How many pages the database has.
    #[doc(hidden)]
    pub async fn pages(&self) -> Result<u32, StoreError> {
        let row = sqlx::query("PRAGMA page_count").fetch_one(self.readers()).await?;
        Ok(row.try_get(0)?)
    }

    /// The writing connection of the one writer.
    pub(crate) async fn writing(&self) -> Result<Writing, StoreError> {
        Writing::open(&self.inside.path).await?.who_serves().await
    }

    /// A writing connection beside whoever serves, for a command.
    pub(crate) async fn writing_beside(&self) -> Result<Writing, StoreError> {
        Writing::open(&self.inside.path).await
    }

    pub(crate) fn page_limit(&self) -> u32 {
        self.inside.page_limit.load(Ordering::SeqCst)
    }

    pub(super) fn readers(&self) -> &SqlitePool {
        &self.inside.readers
    }
}

/// A connection that writes. Whoever has it open a transaction has the database to themselves.
#[derive(Debug)]
pub(crate) struct Writing {
    /// Goes before the connection does.
    settling: Settling,
    connection: SqliteConnection,
    page_limit: u32,
    noting: Option<Noting>,
    /// At how many frames the log is put away next.
    put_away_at: u32,
    /// Puts the log away while this has the write lock.
    beside: Option<SqliteConnection>,
}

/// Takes in what the log holds before a connection goes: the last one to go leaves the log in the database.
#[derive(Debug)]
struct Settling {
    path: Option<PathBuf>,
    /// Somebody else had the write lock when it was asked for last. They add to the log, and this is not the last to go.
    others_write: bool,
}

impl Settling {
    fn settle(&self) {
        if let Some(path) = &self.path
            && !self.others_write
            && let Err(error) = sums::settle(path)
        {
            tracing::warn!(%error, "the sums of the pages cannot be kept: the next start reads everything through");
            sums::forget(path);
        }
    }
}

impl Drop for Settling {
    fn drop(&mut self) {
        self.settle();
    }
}

impl Writing {
    pub(super) async fn open(path: &Path) -> Result<Self, StoreError> {
        let options = options(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .statement_cache_capacity(256)
            // Nothing gets into the database that was not taken in before: see `sums`.
            .pragma("wal_autocheckpoint", "0");
        Ok(Self::over(options.connect().await?, Some(path.to_owned())))
    }

    const fn over(connection: SqliteConnection, path: Option<PathBuf>) -> Self {
        Self {
            settling: Settling {
                path,
                others_write: false,
            },
            connection,
            page_limit: 0,
            noting: None,
            put_away_at: LONG,
            beside: None,
        }
    }

    /// The one that serves: it notes how far the log goes, and puts it away when it is long. Without sums, that is left
    /// to SQLite.
    async fn who_serves(mut self) -> Result<Self, StoreError> {
        self.noting = self.settling.path.as_deref().and_then(|path| {
            Noting::of(path)
                .inspect_err(|error| {
                    tracing::warn!(%error, "the sums of the pages cannot be read: the next start reads everything through");
                    // From here on pages get into the database that they do not know.
                    sums::forget(path);
                })
                .ok()
                .flatten()
        });
        if self.noting.is_none() {
            self.leave_the_log_to_sqlite().await?;
        }
        Ok(self)
    }

    async fn leave_the_log_to_sqlite(&mut self) -> Result<(), StoreError> {
        self.execute("PRAGMA wal_autocheckpoint = 1000").await
    }

    /// After a commit, when everybody is answered: notes how far the log goes, and puts it away when it is long.
    pub(crate) async fn tidy(&mut self) -> Result<(), StoreError> {
        let Some(noting) = &mut self.noting else {
            return Ok(());
        };
        match noting.committed() {
            Ok(frames) if frames >= self.put_away_at => {
                // Where a reader holds it up, not with each commit anew.
                self.put_away_at = frames.saturating_add(LONG);
                self.put_away().await
            }
            Ok(frames) => {
                if frames < LONG {
                    self.put_away_at = LONG;
                }
                Ok(())
            }
            Err(error) => {
                tracing::warn!(%error, "the end of the log cannot be noted: the next start reads everything through");
                if let Some(path) = &self.settling.path {
                    sums::forget(path);
                }
                self.noting = None;
                self.leave_the_log_to_sqlite().await
            }
        }
    }

    /// Puts the log into the database, as far as no reader holds it up. What it holds is taken in before, under the
    /// write lock, so that nobody adds to it in between.
    pub(super) async fn put_away(&mut self) -> Result<(), StoreError> {
        let Some(path) = self.settling.path.clone() else {
            return Ok(());
        };
        self.begin().await?;
        self.settling.settle();
        let put_away = self.checkpoint(&path).await;
        self.rollback().await?;
        put_away
    }

    /// By a connection beside this one: who has the write lock cannot.
    async fn checkpoint(&mut self, path: &Path) -> Result<(), StoreError> {
        let beside = match &mut self.beside {
            Some(beside) => beside,
            none => {
                let options = options(path)
                    .synchronous(SqliteSynchronous::Full)
                    .pragma("wal_autocheckpoint", "0");
                none.insert(options.connect().await?)
            }
        };
        sqlx::query("PRAGMA wal_checkpoint(PASSIVE)")
            .execute(beside)
            .await?;
        Ok(())
    }

    /// One over a copy that is thrown away when anything goes wrong: nothing is synced, all of it is in one file.
    pub(super) async fn scratch(path: &Path) -> Result<Self, StoreError> {
        let options = options(path)
            .foreign_keys(false)
            .journal_mode(SqliteJournalMode::Memory)
            .synchronous(SqliteSynchronous::Off);
        Ok(Self::over(options.connect().await?, None))
    }

    /// Begins a transaction, with the write lock at once, and answers the epoch of what it is on.
    pub(crate) async fn begin_at_epoch(&mut self) -> Result<u64, StoreError> {
        let begun = sqlx::query("BEGIN IMMEDIATE; SELECT epoch FROM meta")
            .fetch_one(self.connection())
            .await
            .map_err(StoreError::from);
        self.settling.others_write = begun.as_ref().is_err_and(StoreError::is_busy);
        seed::epoch(&begun?)
    }

    /// Begins a transaction, with the write lock at once.
    pub(crate) async fn begin(&mut self) -> Result<(), StoreError> {
        let begun = self.execute("BEGIN IMMEDIATE").await;
        self.settling.others_write = begun.as_ref().is_err_and(StoreError::is_busy);
        begun
    }

    /// Commits: after this it is on disk.
    pub(crate) async fn commit(&mut self) -> Result<(), StoreError> {
        self.execute("COMMIT").await
    }

    /// Takes back what the transaction did.
    pub(crate) async fn rollback(&mut self) -> Result<(), StoreError> {
        self.execute("ROLLBACK").await
    }

    /// Takes back what was done since `SAVEPOINT command`.
    pub(crate) async fn rollback_command(&mut self) -> Result<(), StoreError> {
        self.execute("ROLLBACK TO command; RELEASE command").await
    }

    /// Follows [`Store::limit_pages`].
    pub(crate) async fn heed_page_limit(&mut self, limit: u32) -> Result<(), StoreError> {
        if self.page_limit != limit {
            let most = if limit == 0 { 0xFFFF_FFFE } else { limit };
            let pragma = format!("PRAGMA max_page_count = {most}");
            sqlx::raw_sql(sqlx::AssertSqlSafe(pragma))
                .execute(&mut self.connection)
                .await?;
            self.page_limit = limit;
        }
        Ok(())
    }

    pub(crate) async fn execute(&mut self, sql: &'static str) -> Result<(), StoreError> {
        sqlx::query(sql).execute(&mut self.connection).await?;
        Ok(())
    }

    pub(crate) async fn close(mut self) {
        // What matters was committed; a failure to close is none. Under the write lock, which a transaction that was not
        // finished has already.
        let _ = self.begin().await;
        let Self {
            settling,
            connection,
            beside,
            ..
        } = self;
        if let Some(beside) = beside {
            let _ = beside.close().await;
        }
        drop(settling);
        let _ = connection.close().await;
    }

    pub(crate) const fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }

    /// The database's file; none of a scratch.
    pub(super) fn path(&self) -> Option<&Path> {
        self.settling.path.as_deref()
    }
}

/// A connection that reads, beside whoever writes.
#[derive(Debug)]
pub(super) struct Reading(SqliteConnection);

impl Reading {
    pub(super) async fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self(options(path).read_only(true).connect().await?))
    }

    /// How many bytes the database has.
    pub(super) async fn size(&mut self) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
            .fetch_one(&mut self.0)
            .await?;
        Ok(u64::try_from(row.try_get::<i64, _>(0)?).unwrap_or_default())
    }

    pub(super) async fn close(self) {
        // It only read: a failure to close is none.
        let _ = self.0.close().await;
    }

    pub(super) const fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.0
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY)
        .foreign_keys(true)
        .disable_statement_logging()
}
