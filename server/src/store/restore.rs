//! Puts a backup back, while a server is at work on the data or while none is.
//!
//! The backup is judged first and brought to this build's version in a copy beside the data. Then all of it replaces
//! what was there in *one* transaction of the live database, with a fresh epoch: whoever reads sees the old data or
//! the new, a crash leaves the old, and every client learns by the epoch that it has to forget what it knows (I26).
//! What was there is backed up under the same lock, so that nothing that was acknowledged is missing from that.
//!
//! Only where what is there is damaged, or nothing is, the file itself is replaced; then no server may run.
//!
//! Whoever was erased since the backup was made is erased in it as well, before anybody sees it: the present data knows
//! of whom. What a login or a logout has retired since then opens nothing in it, and a person is still known to have been
//! the visitors of before, for what these had written to be found with them. Where the present data is damaged or gone,
//! nobody knows of either.
//!
//! What is not taken from a backup: sign-ins and sign-in links, which are as they are now and not as they were; and
//! numbers. A ticket, an end user or a job that comes later has a number that none before it ever had, so that
//! whatever was meant for an old one never reaches another.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use causerie_core::Timestamp;
use sqlx::{AssertSqlSafe, Row};

use super::backup::{self, BackupFault, Draft, Made, file_fault, sync_folder, taken_out, with_suffix};
use super::sums::{self, Found};
use super::through::read_through;
use super::{
    CutOff, Script, Serving, StoreError, Traces, Writing, codec, folder, job, migrate, seed, sound,
    take_away_traces, traces, wal,
};
use crate::clock::Clock;
use crate::conversations::{EraseFault, erase_again};

/// What a backup replaced.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Restored {
    /// What the backup says of itself.
    pub made: Made,
    /// What was there before.
    pub before: Before,
    /// The epoch of the data from now on.
    pub epoch: u64,
    /// Who was erased since the backup was made, and is erased in it again.
    pub again: Again,
}

/// Erasures that are younger than a backup.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Again {
    /// So many people's were made again.
    Made(usize),
    /// The same, but words of people who are erased may be left in the files.
    Traced {
        /// How many people's were made again.
        people: usize,
        /// Whose words these are, of whatever erasure.
        of: Vec<CutOff>,
        /// Why, in a line.
        why: String,
    },
    /// Nobody knows of any: what was there before is gone, and with it the memory of them.
    Unknown,
}

/// What became of the data that was there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Before {
    /// There was none.
    Nothing,
    /// It is in this backup.
    BackedUp(PathBuf),
    /// It was damaged, and its files are in this folder.
    SetAside {
        /// Which folder.
        folder: PathBuf,
        /// What is wrong with it, in a line.
        what: String,
    },
}

/// Puts a backup back. `keep` names what is kept of the data that is there, for a file and for a folder.
///
/// # Errors
/// Why it is not done; then the data is as it was.
pub async fn restore(
    database: &Path,
    from: &Path,
    keep: &Path,
    now: Timestamp,
    tell: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Restored, BackupFault> {
    let (made, judged) = backup::opened(from)?;
    let its_folder = folder::make(database)?;
    let copy = with_suffix(database, ".restoring");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(folder::OWNERS_FILE)
        .open(&copy)
        .map_err(file_fault(&copy, "made"))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(BackupFault::Busy(its_folder)),
        Err(TryLockError::Error(error)) => return Err(file_fault(&copy, "made")(error)),
    }
    let draft = Draft::at(copy.clone());
    file.set_len(0).map_err(file_fault(&copy, "made"))?;
    taken_out(from, &made, judged, &mut file)?;
    let epoch = prepared(&copy, from).await?;
    let (before, again) = match state_of(database).await? {
        State::Missing(serving) => {
            replace_file(&copy, database, keep)?;
            drop(serving);
            draft.keep();
            (Before::Nothing, Again::Unknown)
        }
        State::Damaged(serving, what) => {
            replace_file(&copy, database, keep)?;
            drop(serving);
            draft.keep();
            let before = Before::SetAside {
                folder: keep.to_owned(),
                what,
            };
            (before, Again::Unknown)
        }
        State::Whole => {
            let backup = with_suffix(keep, ".backup");
            let again = replace_data(database, &copy, &backup, now, tell).await?;
            (Before::BackedUp(backup), again)
        }
    };
    Ok(Restored {
        made,
        before,
        epoch,
        again,
    })
}

/// Takes away what a restore left that was cut off.
pub(super) fn tidy(database: &Path) {
    let copy = with_suffix(database, ".restoring");
    if File::open(&copy).is_ok_and(|file| file.try_lock().is_ok()) {
        drop(Draft::at(copy));
    }
}

/// Brings the copy to this build's version, sees that it fits together, and gives it a fresh epoch, which is answered.
async fn prepared(copy: &Path, from: &Path) -> Result<u64, BackupFault> {
    let mut db = Writing::scratch(copy).await?;
    let unsound = |what: String| BackupFault::Unsound {
        path: from.to_owned(),
        what,
    };
    if let Some(what) = read_through(db.connection()).await? {
        return Err(unsound(what));
    }
    migrate::migrate(&mut db, copy).await?;
    let epoch = seed::fresh_epoch()?;
    let mut script = Script::default();
    script.then("DELETE FROM agent_session");
    script.then("DELETE FROM sign_in_link");
    // A backup is written from rows alone: whatever the files held when it was made, it does not hold.
    script.then("DELETE FROM trace");
    script.then("UPDATE meta SET epoch = ?").with(codec::int(epoch));
    script.run(&mut db).await?;
    db.close().await;
    Ok(epoch)
}

/// The data that is there. No server starts on it while what is answered lives.
enum State {
    Missing(Serving),
    Damaged(Serving, String),
    Whole,
}

async fn state_of(database: &Path) -> Result<State, BackupFault> {
    let serving = Serving::if_free(database)?;
    if database.metadata().map_or(0, |file| file.len()) == 0 {
        return match serving {
            // Where a log or sums are left, it was more once.
            Some(serving) if sums::of(database).exists() || wal::of(database).exists() => {
                Ok(State::Damaged(serving, "its file is empty or gone".to_owned()))
            }
            Some(serving) => Ok(State::Missing(serving)),
            None => Err(BackupFault::Served {
                path: folder::of(database),
                what: "its file is empty or gone".to_owned(),
            }),
        };
    }
    let what = match serving {
        // A server looked when it started. What has happened since shows when the data is replaced.
        None => None,
        Some(_) => damage(database).await?,
    };
    match (serving, what) {
        (Some(serving), Some(what)) => Ok(State::Damaged(serving, what)),
        (Some(_) | None, _) => Ok(State::Whole),
    }
}

/// What is wrong with the data, if it is damaged; other faults are its reader's to tell.
async fn damage(database: &Path) -> Result<Option<String>, BackupFault> {
    match sums::look(database, &mut |_, _| {}).map_err(file_fault(database, "read"))? {
        Found::Damaged(what) => return Ok(Some(what)),
        Found::AsWritten => return Ok(None),
        Found::NoSums => {}
    }
    let looked = async {
        let mut db = Writing::open(database).await?;
        migrate::version(db.connection()).await?;
        let found = read_through(db.connection()).await?;
        db.close().await;
        Ok::<_, StoreError>(found)
    };
    match looked.await {
        Ok(found) => Ok(found),
        Err(fault) if fault.is_damage() => Ok(Some(fault.to_string())),
        Err(fault) => Err(fault.into()),
    }
}

/// Puts the copy in the place of the database's file. What is there is set aside into a folder, its log before its
/// file: a new file never meets an old log, which SQLite would put over it without a word.
fn replace_file(copy: &Path, database: &Path, aside: &Path) -> Result<(), BackupFault> {
    File::open(copy)
        .and_then(|copy| copy.sync_all())
        .map_err(file_fault(copy, "written"))?;
    let there = |beside: &&str| with_suffix(database, beside).exists();
    let is_begun = database.metadata().is_ok_and(|file| file.len() > 0);
    if is_begun || ["-wal", "-shm", "-journal"].iter().any(there) {
        let fault = file_fault(aside, "made");
        folder::make(&aside.join("x"))?;
        let kept = |path: &Path| aside.join(path.file_name().unwrap_or_default());
        if database.exists() && std::fs::hard_link(database, kept(database)).is_err() {
            std::fs::copy(database, kept(database)).map_err(&fault)?;
        }
        for beside in ["-wal", "-shm", "-journal"] {
            let path = with_suffix(database, beside);
            if path.exists() {
                std::fs::rename(&path, kept(&path)).map_err(&fault)?;
            }
        }
        sync_folder(database).map_err(fault)?;
    }
    std::fs::rename(copy, database)
        .and_then(|()| sync_folder(database))
        .map_err(file_fault(database, "replaced"))?;
    // Not before: a new file with old sums is refused, but an old one without sums and log could be believed.
    sums::forget(database);
    Ok(())
}

/// Puts all that is in the copy in the place of all that is in the database, in one transaction, having backed up what
/// is there under the same lock.
async fn replace_data(
    database: &Path,
    copy: &Path,
    backup: &Path,
    now: Timestamp,
    tell: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Again, BackupFault> {
    let nobody_serves = sound::may_be_migrated(database).await?;
    let mut db = Writing::open(database).await?;
    migrate::migrate(&mut db, database).await?;
    drop(nobody_serves);
    sqlx::query("ATTACH ? AS restored")
        .bind(copy.to_string_lossy().into_owned())
        .execute(db.connection())
        .await?;
    // The copy was judged whole, so what its rows name is there at the end; in between it need not be.
    db.execute("PRAGMA foreign_keys = OFF").await?;
    db.begin().await?;
    let replaced: Result<(usize, i64), BackupFault> = async {
        backup::back_up(database, backup, false, now, tell).await?;
        // A backup of what stays as it is would only fill the disk.
        let backed_up = Draft::at(backup.to_owned());
        let others = traces::last(&mut db).await?;
        let again = replaced(&mut db, now).await?;
        db.commit().await?;
        backed_up.keep();
        Ok((again, others))
    }
    .await;
    // From here on the data is what was put back: what fails is no failure of the restore.
    let again = match replaced {
        Ok((again, others)) => Ok(cleared(&mut db, again, others).await),
        Err(fault) => Err(fault),
    };
    // Closing takes back what was not committed.
    db.close().await;
    match again {
        Err(BackupFault::Store(fault)) if fault.is_damage() => Err(BackupFault::Served {
            path: folder::of(database),
            what: fault.to_string(),
        }),
        Err(BackupFault::Store(fault)) => Err(fault.in_folder(&folder::of(database)).into()),
        done @ (Ok(_) | Err(_)) => done,
    }
}

/// Takes away what those who are erased again have left in the files, and those before them whose erasure was cut off
/// (`others` is the last of these). Where there is nothing of either, the log is put away.
async fn cleared(db: &mut Writing, people: usize, others: i64) -> Again {
    let left = match db.execute("DETACH restored").await {
        Ok(()) => cleared_if_any(db, others).await,
        Err(fault) => Err(fault),
    };
    let why = match left {
        Ok(Traces::Gone) => return Again::Made(people),
        Ok(Traces::Left(why)) => why,
        Err(fault) => fault.to_string(),
    };
    let mut of = traces::cut_off(db.connection()).await.unwrap_or_default();
    of.retain(|it| it.in_files);
    if of.is_empty() {
        Again::Made(people)
    } else {
        Again::Traced { people, of, why }
    }
}

async fn cleared_if_any(db: &mut Writing, others: i64) -> Result<Traces, StoreError> {
    if !traces::cut_off(db.connection())
        .await?
        .iter()
        .any(|it| it.in_files)
    {
        if let Err(fault) = db.put_away().await {
            // It stands in the log; the server puts that away sooner or later.
            tracing::warn!(%fault, "the log could not be put away");
        }
        return Ok(Traces::Gone);
    }
    let left = take_away_traces(db, traces::PATIENCE).await;
    // Whoever restores is told of those.
    if left == Traces::Gone
        && let Err(fault) = traces::forget_after(db, others).await
    {
        tracing::warn!(%fault, "who was erased again stays remembered as cut off");
    }
    Ok(left)
}

/// Answers how many people are erased in it again.
async fn replaced(db: &mut Writing, now: Timestamp) -> Result<usize, BackupFault> {
    // Whoever is signed in stays so, if they are in the backup as well.
    for table in ["agent_session", "sign_in_link"] {
        let sql = format!(
            "DELETE FROM main.{table} WHERE NOT EXISTS (SELECT 1 FROM main.agent a JOIN restored.agent r \
             ON r.id = a.id AND r.email = a.email AND r.disabled_at IS NULL WHERE a.id = {table}.agent)"
        );
        run(db, sql).await?;
    }
    let last_ticket: i64 = sqlx::query(
        "SELECT max(coalesce((SELECT max(id) FROM main.ticket), 0), (SELECT last_ticket FROM main.meta), \
         coalesce((SELECT max(id) FROM restored.ticket), 0), (SELECT last_ticket FROM restored.meta))",
    )
    .fetch_one(db.connection())
    .await?
    .try_get(0)?;
    let people_key: Vec<u8> = sqlx::query("SELECT people_key FROM main.meta")
        .fetch_one(db.connection())
        .await?
        .try_get(0)?;
    let triggers = texts(
        db,
        "SELECT name, sql FROM main.sqlite_schema WHERE type = 'trigger'",
    )
    .await?;
    for (name, _) in &triggers {
        run(db, format!("DROP TRIGGER main.\"{name}\"")).await?;
    }
    let tables = texts(
        db,
        "SELECT name, type FROM restored.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' \
         ESCAPE '\\' AND name NOT IN ('agent_session', 'sign_in_link', 'retired_secret', 'erasure', 'trace')",
    )
    .await?;
    for (table, _) in &tables {
        run(db, format!("DELETE FROM main.\"{table}\"")).await?;
        // Both are of one version, so both have the same columns in the same order.
        run(
            db,
            format!("INSERT INTO main.\"{table}\" SELECT * FROM restored.\"{table}\""),
        )
        .await?;
    }
    // What is remembered of erasures is never forgotten.
    db.execute("INSERT OR IGNORE INTO main.erasure SELECT * FROM restored.erasure")
        .await?;
    stay_retired(db).await?;
    for (_, sql) in triggers {
        run(db, sql).await?;
    }
    db.execute(
        "UPDATE main.sqlite_sequence SET seq = max(seq, coalesce((SELECT r.seq FROM restored.sqlite_sequence r \
         WHERE r.name = sqlite_sequence.name), 0))",
    )
    .await?;
    // The worker may be about to finish a job of before: none of these has its number.
    db.execute("UPDATE main.job SET id = id + (SELECT seq FROM main.sqlite_sequence WHERE name = 'job')")
        .await?;
    db.execute(
        "UPDATE main.sqlite_sequence SET seq = max(seq, coalesce((SELECT max(id) FROM main.job), 0)) \
         WHERE name = 'job'",
    )
    .await?;
    let mut script = Script::default();
    script
        .then("UPDATE main.meta SET last_ticket = ?")
        .with(last_ticket);
    // A backup of before there was one: whoever came since is known by the ids that this one makes.
    script
        .then("UPDATE main.meta SET people_key = ? WHERE people_key = x''")
        .with(people_key);
    job::assign_waiting(&mut script, now);
    script.run(db).await?;
    erase_again(db, &Clock::by_hand(now))
        .await
        .map_err(|fault| match fault {
            EraseFault::Store(fault) => fault.into(),
            EraseFault::Nobody(_) | EraseFault::Refused(_) => BackupFault::Risen(fault.to_string()),
        })
}

/// What a login or a logout has retired since the backup opens nothing in what was put back either (SECURITY 4, 11), and
/// a person is still known to have been the visitors of before (R47, SECURITY 27).
async fn stay_retired(db: &mut Writing) -> Result<(), StoreError> {
    for sql in [
        // Where both know of one, the backup's word is the one that goes with its rows.
        "DELETE FROM main.retired_secret WHERE (site, secret_hash) IN \
         (SELECT site, secret_hash FROM restored.retired_secret)",
        "INSERT OR IGNORE INTO main.retired_secret SELECT * FROM restored.retired_secret",
        "DELETE FROM main.device WHERE (site, secret_hash) IN (SELECT site, secret_hash FROM main.retired_secret)",
        "UPDATE main.end_user SET secret_hash = NULL WHERE secret_hash IS NOT NULL \
         AND (site, secret_hash) IN (SELECT site, secret_hash FROM main.retired_secret)",
    ] {
        db.execute(sql).await?;
    }
    Ok(())
}

async fn run(db: &mut Writing, sql: String) -> Result<(), StoreError> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(db.connection()).await?;
    Ok(())
}

async fn texts(db: &mut Writing, sql: &'static str) -> Result<Vec<(String, String)>, StoreError> {
    let rows = sqlx::query(sql).fetch_all(db.connection()).await?;
    rows.iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect()
}
