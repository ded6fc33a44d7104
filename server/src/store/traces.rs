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
//!
//! All of this comes after the commit that erases, and may be cut off. So that commit writes down that there are traces
//! (the table `trace`); it is taken back once they are gone, and whoever comes next knows what is left to be done. And
//! it stays written that there were, until whoever asks for that erasure is told that it is done: asked for once more
//! by a name, which is nobody's any more or somebody else's, it could not be known again.

use core::fmt;
use std::path::Path;
use std::time::Duration;

use causerie_core::{EndUserId, Timestamp};
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;
use tokio::time::Instant;

use super::codec::{Columns, bytes};
use super::connect::Reading;
use super::{Script, Store, StoreError, Writing, folder, migrate, restore, wal};

/// How long a command tries it again where a reader is in the way.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// How long a server does by itself: should it be told to stop meanwhile, it ends no sooner.
const PATIENCE_OF_A_SERVER: Duration = Duration::from_secs(5);

/// The largest database that a server writes anew by itself, in bytes: it takes some seconds, in which commands wait.
const CHEAP: u64 = 512 * 1024 * 1024;

/// How soon again.
const AGAIN: Duration = Duration::from_millis(50);

/// Whether anything is left.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Traces {
    /// Nothing.
    Gone,
    /// Something may be, in pages or in the log: why, in a line.
    Left(String),
}

impl Traces {
    fn left(what: &str, fault: &StoreError) -> Self {
        let why = fault.to_string();
        Self::Left(format!("{what}: {}", why.trim_end_matches('.')))
    }
}

/// An erasure that stands, and whose end nobody was told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CutOff {
    /// Who was erased.
    pub id: EndUserId,
    /// Their number; none where their row is gone.
    pub number: Option<u64>,
    /// When.
    pub at: Timestamp,
    /// Whether the files may still hold something of them.
    pub in_files: bool,
}

impl CutOff {
    /// What a command calls them by.
    #[must_use]
    pub fn name(&self) -> String {
        self.number
            .map_or_else(|| self.id.to_string(), |number| number.to_string())
    }
}

impl fmt::Display for CutOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "end user {}", self.name())
    }
}

impl Store {
    /// The erasures whose end nobody was told.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn erasures_cut_off(&self) -> Result<Vec<CutOff>, StoreError> {
        let mut db = self.readers().acquire().await?;
        cut_off(&mut db).await
    }

    /// How many erasures there are of which the files may still hold something: at work now, or cut off.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn erasures_in_files(&self) -> Result<u64, StoreError> {
        let row = sqlx::query(
            "SELECT count(DISTINCT e.person) AS those FROM trace t JOIN erasure e ON e.end_user = t.end_user \
             WHERE t.in_files <> 0",
        )
        .fetch_one(self.readers())
        .await?;
        Columns::of(&row, "trace").number("those")
    }

    /// Takes away what erasures that were cut off have left in the files.
    ///
    /// # Errors
    /// When the data cannot be opened for it.
    pub async fn take_away_traces(&self) -> Result<Traces, StoreError> {
        let mut db = self.writing_beside().await?;
        let traces = take_away(&mut db, PATIENCE).await;
        db.close().await;
        Ok(traces)
    }

    /// For a server that has begun to serve: takes away what was left, if that takes no more than a moment, and says on
    /// the log what was done, or what is to be done. As beside `erase-user`, commands wait meanwhile or are refused for
    /// now; how long a slow disk takes for it keeps nobody from being served again.
    ///
    /// It is not to be dropped while it is at work: the sums of the pages are kept with its end. A kill is harmless.
    ///
    /// # Errors
    /// When the data cannot be read, or be opened for it.
    pub async fn finish_erasures(&self) -> Result<(), StoreError> {
        let mut cut_off = self.erasures_cut_off().await?;
        cut_off.retain(|it| it.in_files);
        let Some(first) = cut_off.first() else {
            return Ok(());
        };
        let (people, command) = (named(&cut_off), format!("causerie erase-user {}", first.name()));
        let mut db = self.writing_beside().await?;
        let size = db
            .path()
            .and_then(|path| path.metadata().ok())
            .map_or(0, |it| it.len());
        let traces = if size > CHEAP {
            Traces::Left("the database is so large that a server does not write it anew by itself".to_owned())
        } else {
            tracing::info!(
                "an erasure was cut off ({people}): the database is written anew, and what is to be written waits"
            );
            take_away(&mut db, PATIENCE_OF_A_SERVER).await
        };
        db.close().await;
        // A command may have been quicker.
        let traces = match traces {
            Traces::Left(_) if self.erasures_in_files().await? == 0 => Traces::Gone,
            traces @ (Traces::Gone | Traces::Left(_)) => traces,
        };
        match traces {
            Traces::Gone => tracing::info!("nothing of {people} is left in the files of the data"),
            Traces::Left(why) => tracing::warn!(
                "an erasure was cut off, and the files of the data may still hold words of {people}: {why}. Run \
                 {command}, also while this serves"
            ),
        }
        Ok(())
    }

    /// Whoever asked for these erasures is told that they are done, and nothing of them is left: they need not be
    /// remembered as cut off, nor those of whoever was erased with them.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn erasures_told(&self, people: &[EndUserId]) -> Result<(), StoreError> {
        let mut db = self.writing_beside().await?;
        let mut script = Script::default();
        for person in people {
            script
                .then(
                    "DELETE FROM trace WHERE in_files = 0 AND end_user IN (SELECT w.end_user FROM erasure e \
                     JOIN erasure w ON w.person = e.person WHERE e.end_user = ?)",
                )
                .with(bytes(person.0));
        }
        db.begin().await?;
        script.run(&mut db).await?;
        db.commit().await?;
        db.close().await;
        Ok(())
    }
}

/// The people, in a line.
fn named(those: &[CutOff]) -> String {
    let those: Vec<String> = those.iter().map(CutOff::to_string).collect();
    those.join(", ")
}

/// The erasures of which the files of a database may still hold something; none where it is of another version than
/// this build's.
///
/// # Errors
/// The store's faults.
pub async fn left_in_files(database: &Path) -> Result<Vec<CutOff>, StoreError> {
    let mut db = Reading::open(database).await?;
    let mut those = Vec::new();
    if migrate::version(db.connection()).await? == migrate::known() {
        those = cut_off(db.connection()).await?;
        those.retain(|it| it.in_files);
    }
    db.close().await;
    Ok(those)
}

/// A person who was erased with the visitors that they had been is one; only in data that is older than their login are
/// these by themselves.
pub(super) async fn cut_off(db: &mut SqliteConnection) -> Result<Vec<CutOff>, StoreError> {
    let rows = sqlx::query(
        "SELECT e.end_user, coalesce(u.number, e.number) AS number, min(e.at) AS at, max(t.in_files) AS in_files \
         FROM trace t JOIN erasure its ON its.end_user = t.end_user \
         LEFT JOIN end_user p ON p.id = its.person \
         JOIN erasure e ON e.end_user = coalesce(p.id, its.end_user) \
         LEFT JOIN end_user u ON u.id = e.end_user \
         GROUP BY e.end_user ORDER BY at, number",
    )
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            let columns = Columns::of(row, "trace");
            Ok(CutOff {
                id: EndUserId(columns.uuid("end_user")?),
                number: columns.opt_number("number")?,
                at: Timestamp(columns.int("at")?),
                in_files: columns.int("in_files")? != 0,
            })
        })
        .collect()
}

/// Writes down, in the transaction that erases, that the files will hold words that no row has.
pub(crate) async fn leave(db: &mut Writing, person: EndUserId) -> Result<(), StoreError> {
    let mut script = Script::default();
    script
        .then("INSERT INTO trace (end_user, in_files) VALUES (?, 1)")
        .with(bytes(person.0));
    script.run(db).await
}

/// The last that was written down.
pub(super) async fn last(db: &mut Writing) -> Result<i64, StoreError> {
    let row = sqlx::query("SELECT coalesce(max(id), 0) FROM trace")
        .fetch_one(db.connection())
        .await?;
    Ok(row.try_get(0)?)
}

/// Those that were written down after this one, and are gone, need not be remembered.
pub(super) async fn forget_after(db: &mut Writing, one: i64) -> Result<(), StoreError> {
    db.begin().await?;
    let mut script = Script::default();
    script
        .then("DELETE FROM trace WHERE in_files = 0 AND id > ?")
        .with(one);
    script.run(db).await?;
    db.commit().await
}

/// Writes the database anew and begins its log anew, beside whoever serves it. Whoever writes meanwhile waits.
pub(crate) async fn take_away(db: &mut Writing, patience: Duration) -> Traces {
    let Some(database) = db.path().map(Path::to_owned) else {
        return Traces::Gone;
    };
    // A restore that was cut off has left a whole copy of its backup.
    restore::tidy(&database);
    let until = Instant::now() + patience;
    // Whoever is erased from here on may still be in what is written anew now.
    let upto = match last(db).await {
        Ok(upto) => upto,
        Err(fault) => return Traces::left("what was left could not be read", &fault),
    };
    if let Err(fault) = written_anew(db, until).await {
        let what = "the database could not be written anew, which needs room for a copy of it in its folder and for \
                    another in the system's folder for temporary files";
        return Traces::left(what, &fault.in_folder(&folder::of(&database)));
    }
    match log_begun_anew(db, &database, until).await {
        Ok(true) => {}
        Ok(false) => {
            return Traces::Left(
                "somebody is reading the data (causerie backup or check, perhaps), so its log could not be begun anew"
                    .to_owned(),
            );
        }
        Err(fault) => {
            let fault = fault.in_folder(&folder::of(&database));
            return Traces::left("the log could not be begun anew", &fault);
        }
    }
    match noted_as_gone(db, upto).await {
        Ok(()) => Traces::Gone,
        Err(fault) => Traces::left("that nothing is left could not be noted", &fault),
    }
}

async fn noted_as_gone(db: &mut Writing, upto: i64) -> Result<(), StoreError> {
    db.begin().await?;
    let mut script = Script::default();
    script
        .then("UPDATE trace SET in_files = 0 WHERE in_files <> 0 AND id <= ?")
        .with(upto);
    script.run(db).await?;
    db.commit().await
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
