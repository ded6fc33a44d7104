//! Backups: a snapshot of the database in one file, with what is needed to judge it later.
//!
//! The file is a SQLite database followed by a seal: what it is as JSON, the SHA-256 of everything before it, a
//! mark. A file that was cut or changed by a single bit has another sum, so that no damage gets past [`read`]; and
//! whoever has nothing else at hand can still open it with any SQLite.
//!
//! What puts one back is in `restore`.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use causerie_core::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::connect::Reading;
use super::error::primary;
use super::{StoreError, folder, migrate};

/// The form of the seal. Another number is a newer Causerie's.
const FORMAT: u32 = 1;

/// What a backup ends in.
const MARK: &[u8; 16] = b"causerie backup\n";

/// How a SQLite database begins.
const SQLITE: &[u8; 16] = b"SQLite format 3\0";

/// The sum, the length of the JSON, the mark.
const TAIL: usize = 32 + 4 + MARK.len();

/// More JSON than this is none of ours.
const MOST_JSON: u64 = 64 * 1024;

/// How often it is told how far it is.
const TELL_EVERY: Duration = Duration::from_millis(500);

/// What a backup says of itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Made {
    /// The form of this seal.
    format: u32,
    /// The database's version.
    pub version: i64,
    /// When it was made.
    pub at: Timestamp,
    /// By which Causerie.
    pub by: String,
    /// How many bytes of the file are the database.
    pub size: u64,
}

/// What is wrong with a backup, or with its place.
#[derive(Debug)]
pub enum BackupFault {
    /// There is a file already.
    Exists(PathBuf),
    /// There is no such file.
    Missing(PathBuf),
    /// The file cannot be read or written.
    File {
        /// Which one.
        path: PathBuf,
        /// What was done to it.
        doing: &'static str,
        /// What the system says.
        why: String,
    },
    /// It is no backup, or only the beginning of one.
    NoBackup {
        /// Which file.
        path: PathBuf,
        /// Whether it begins as a database does.
        begins_as_one: bool,
    },
    /// It is not what was written.
    Changed(PathBuf),
    /// It was made by a newer Causerie.
    Newer {
        /// Which file.
        path: PathBuf,
        /// By which one.
        by: String,
    },
    /// What is in it does not fit together.
    Unsound {
        /// Which file.
        path: PathBuf,
        /// What is wrong, in a line.
        what: String,
    },
    /// Somebody else makes a backup of that name at this moment.
    Making(PathBuf),
    /// Somebody else puts a backup back at this moment.
    Busy(PathBuf),
    /// Whoever was erased since cannot be erased again: why.
    Risen(String),
    /// The data is damaged and a server runs on it.
    Served {
        /// Which data folder.
        path: PathBuf,
        /// What is wrong, in a line.
        what: String,
    },
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for BackupFault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<sqlx::Error> for BackupFault {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl core::fmt::Display for BackupFault {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Risen(why) => write!(
                f,
                "Somebody who was erased since the backup was made cannot be erased in it: {why} Nothing was changed."
            ),
            Self::Exists(path) => write!(
                f,
                "There is a file {} already, and it is left as it is. Give another name, or --replace to put the \
                 backup in its place.",
                path.display()
            ),
            Self::Missing(path) => write!(
                f,
                "There is no file {}. Nothing was changed. Give a file that was made by causerie backup.",
                path.display()
            ),
            Self::File { path, doing, why } => write!(
                f,
                "{} cannot be {doing}: {why}. Nothing was changed. See that there is room and that the user who runs \
                 causerie may do that.",
                path.display()
            ),
            Self::NoBackup { path, begins_as_one } => {
                write!(f, "{} is no whole backup: ", path.display())?;
                f.write_str(if *begins_as_one {
                    "it begins as one but does not end as one, so it was cut short or was not made by causerie \
                     backup. Nothing was changed. Give another backup."
                } else {
                    "it does not begin as one. Nothing was changed. Give a file that was made by causerie backup."
                })
            }
            Self::Changed(path) => write!(
                f,
                "{} is damaged: its bytes are not those that causerie backup wrote. Nothing was changed. Give another \
                 backup.",
                path.display()
            ),
            Self::Newer { path, by } => write!(
                f,
                "{} was made by a newer Causerie ({by}), and this one cannot read it. Nothing was changed. Restore it \
                 with that one.",
                path.display()
            ),
            Self::Unsound { path, what } => write!(
                f,
                "What is in {} does not fit together: {what}. Nothing was changed. Give another backup.",
                path.display()
            ),
            Self::Making(path) => write!(
                f,
                "Another causerie backup is at work on {}. Wait until it is done, or give another name.",
                path.display()
            ),
            Self::Busy(path) => write!(
                f,
                "Another causerie restore is at work in {}. Wait until it is done.",
                path.display()
            ),
            Self::Served { path, what } => write!(
                f,
                "The data in {} is damaged ({what}), and a server runs on it. Stop the server and restore again: \
                 the damaged files are then set aside.",
                path.display()
            ),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BackupFault {}

pub(super) fn file_fault(path: &Path, doing: &'static str) -> impl Fn(std::io::Error) -> BackupFault {
    let path = path.to_owned();
    move |error| BackupFault::File {
        path: path.clone(),
        doing,
        why: if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
            "there is no room left".to_owned()
        } else {
            error.to_string()
        },
    }
}

/// What SQLite could not do for want of room, or of the right to, is said of the file it was done to.
fn written(path: &Path, error: sqlx::Error) -> BackupFault {
    let code = error.as_database_error().and_then(|error| error.code());
    match primary(code.as_deref()) {
        Some(13) => file_fault(path, "written")(ErrorKind::StorageFull.into()),
        Some(3 | 8 | 10 | 14) => BackupFault::File {
            path: path.to_owned(),
            doing: "written",
            why: error.to_string(),
        },
        Some(_) | None => error.into(),
    }
}

/// A file that is taken away again unless it was kept.
#[derive(Debug)]
pub(super) struct Draft(Option<PathBuf>);

impl Draft {
    pub(super) const fn at(path: PathBuf) -> Self {
        Self(Some(path))
    }

    pub(super) fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            for beside in ["", "-journal", "-wal", "-shm"] {
                // What is not there need not be taken away.
                let _ = std::fs::remove_file(with_suffix(path, beside));
            }
        }
    }
}

/// A file's name with something behind it.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Makes a backup of the database as it is at this moment, while a server may be at work on it. Either the whole of it
/// is at `to` afterwards, synced, or nothing is. A file that is there stays, unless it is to be replaced. `tell` hears
/// how much of it is done, as bytes of how many.
///
/// # Errors
/// Why it could not be made.
pub async fn back_up(
    database: &Path,
    to: &Path,
    replace: bool,
    at: Timestamp,
    tell: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Made, BackupFault> {
    if !replace && to.symlink_metadata().is_ok() {
        return Err(BackupFault::Exists(to.to_owned()));
    }
    let part = with_suffix(to, ".part");
    let held = held(&part)?;
    let draft = Draft::at(part.clone());
    let version = snapshot(database, &part, tell).await?;
    let made = sealed(&part, version, at).map_err(file_fault(to, "written"))?;
    put_in_place(&part, to, replace)?;
    draft.keep();
    drop(held);
    Ok(made)
}

/// Makes a file that is not whole yet, for its owner alone. One that a command left that was cut off is begun anew; one
/// that a command is at work on is its own.
fn held(part: &Path) -> Result<File, BackupFault> {
    let fault = file_fault(part, "made");
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(folder::OWNERS_FILE)
        .open(part)
        .map_err(&fault)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(BackupFault::Making(part.to_owned())),
        Err(TryLockError::Error(error)) => return Err(fault(error)),
    }
    file.set_len(0).map_err(fault)?;
    Ok(file)
}

/// Copies the database as it is at this moment; answers its version.
async fn snapshot(
    database: &Path,
    part: &Path,
    tell: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<i64, BackupFault> {
    let mut db = Reading::open(database).await?;
    let version = migrate::version(db.connection()).await?;
    migrate::not_newer(database, version)?;
    let whole = db.size().await?;
    let target = part.to_string_lossy().into_owned();
    let copied = {
        let mut copying = std::pin::pin!(sqlx::query("VACUUM INTO ?").bind(target).execute(db.connection()));
        loop {
            match tokio::time::timeout(TELL_EVERY, copying.as_mut()).await {
                Ok(copied) => break copied,
                Err(_) => tell(
                    std::fs::metadata(part).map_or(0, |part| part.len()).min(whole),
                    whole,
                ),
            }
        }
    };
    copied.map_err(|error| written(part, error))?;
    db.close().await;
    Ok(version)
}

/// Sums a copy up, adds the seal, and sees that it is on the disk.
fn sealed(part: &Path, version: i64, at: Timestamp) -> std::io::Result<Made> {
    let mut file = OpenOptions::new().read(true).write(true).open(part)?;
    let made = Made {
        format: FORMAT,
        version,
        at,
        by: env!("CARGO_PKG_VERSION").to_owned(),
        size: file.metadata()?.len(),
    };
    let json = serde_json::to_vec(&made)?;
    let mut sum = Sha256::new();
    summed(&mut file, made.size, &mut sum)?;
    sum.update(&json);
    file.seek(SeekFrom::End(0))?;
    file.write_all(&json)?;
    file.write_all(&sum.finalize())?;
    file.write_all(&u32::try_from(json.len()).unwrap_or_default().to_le_bytes())?;
    file.write_all(MARK)?;
    file.sync_all()?;
    Ok(made)
}

fn summed(file: &mut File, length: u64, sum: &mut Sha256) -> std::io::Result<()> {
    let mut buffer = vec![0; 1 << 18];
    let mut left = length;
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(buffer.len()).min(buffer.len());
        let Some(into) = buffer.get_mut(..most) else { break };
        let read = file.read(into)?;
        if read == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        sum.update(&buffer[..read]);
        left -= read as u64;
    }
    Ok(())
}

/// Gives a file that is synced its name, and sees that the folder has it. Without `replace`, whoever was quicker wins.
fn put_in_place(part: &Path, to: &Path, replace: bool) -> Result<(), BackupFault> {
    let fault = file_fault(to, "made");
    if replace {
        std::fs::rename(part, to).map_err(&fault)?;
    } else {
        match std::fs::hard_link(part, to) {
            Ok(()) => std::fs::remove_file(part).map_err(&fault)?,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Err(BackupFault::Exists(to.to_owned()));
            }
            // A file system that knows no second name for a file.
            Err(_) if to.symlink_metadata().is_err() => std::fs::rename(part, to).map_err(&fault)?,
            Err(_) => return Err(BackupFault::Exists(to.to_owned())),
        }
    }
    sync_folder(to).map_err(fault)
}

/// Sees that a folder has the names that were given in it.
pub(super) fn sync_folder(of: &Path) -> std::io::Result<()> {
    File::open(folder::of(of))?.sync_all()
}

/// Reads what a file says of itself, and sees that it is what was written, to the last bit.
///
/// # Errors
/// What is wrong with it.
pub fn read(path: &Path) -> Result<Made, BackupFault> {
    Ok(opened(path)?.0)
}

/// [`read`], and the file that was judged: whoever puts another in its place meanwhile changes nothing.
pub(super) fn opened(path: &Path) -> Result<(Made, File), BackupFault> {
    let fault = file_fault(path, "read");
    let mut file = File::open(path).map_err(|error| {
        if error.kind() == ErrorKind::NotFound {
            BackupFault::Missing(path.to_owned())
        } else {
            fault(error)
        }
    })?;
    let length = file.metadata().map_err(&fault)?.len();
    let mut begin = [0; 16];
    let begins_as_one = file.read_exact(&mut begin).is_ok() && &begin == SQLITE;
    let no_backup = || BackupFault::NoBackup {
        path: path.to_owned(),
        begins_as_one,
    };
    let before_tail = length.checked_sub(TAIL as u64).ok_or_else(no_backup)?;
    let mut tail = [0; TAIL];
    file.seek(SeekFrom::Start(before_tail)).map_err(&fault)?;
    file.read_exact(&mut tail).map_err(&fault)?;
    let (sum, rest) = tail.split_at(32);
    let (json, mark) = rest.split_at(4);
    if !begins_as_one && mark != MARK {
        return Err(no_backup());
    }
    if mark != MARK {
        // A mark that is nearly one was damaged; anything else is a file that ends early.
        let as_written = mark.iter().zip(MARK).filter(|(it, was)| it == was).count();
        return Err(if as_written >= MARK.len() / 2 {
            BackupFault::Changed(path.to_owned())
        } else {
            no_backup()
        });
    }
    let changed = || BackupFault::Changed(path.to_owned());
    let json = json.try_into().map_or(0, u32::from_le_bytes);
    let size = before_tail
        .checked_sub(u64::from(json))
        .filter(|_| u64::from(json) <= MOST_JSON)
        .ok_or_else(changed)?;
    file.seek(SeekFrom::Start(0)).map_err(&fault)?;
    let mut its = Sha256::new();
    summed(&mut file, size, &mut its).map_err(&fault)?;
    let mut made = vec![0; json as usize];
    file.read_exact(&mut made).map_err(&fault)?;
    its.update(&made);
    if its.finalize().as_slice() != sum {
        return Err(changed());
    }
    let form: Form = serde_json::from_slice(&made).map_err(|_| changed())?;
    if form.format > FORMAT {
        return Err(BackupFault::Newer {
            path: path.to_owned(),
            by: form.by,
        });
    }
    let made: Made = serde_json::from_slice(&made).map_err(|_| changed())?;
    if made.size != size {
        return Err(changed());
    }
    if made.version > migrate::known() {
        return Err(BackupFault::Newer {
            path: path.to_owned(),
            by: made.by,
        });
    }
    Ok((made, file))
}

/// What every form of the seal has.
#[derive(Deserialize)]
struct Form {
    format: u32,
    by: String,
}

/// Copies the database out of a backup that was judged, by the same open file.
pub(super) fn taken_out(path: &Path, made: &Made, from: File, into: &mut File) -> Result<(), BackupFault> {
    let mut from = from;
    from.seek(SeekFrom::Start(0)).map_err(file_fault(path, "read"))?;
    let copied = std::io::copy(&mut from.take(made.size), into).map_err(file_fault(path, "copied"))?;
    if copied == made.size {
        Ok(())
    } else {
        Err(BackupFault::Changed(path.to_owned()))
    }
}
