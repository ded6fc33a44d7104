//! The place of a database: its folder, made for its owner alone, and the lock that lets one server at a time serve it.
//!
//! Commands take no lock: they work while a server runs.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::StoreError;

/// Visitors' words and agents' addresses are nobody else's business.
const OWNERS_FOLDER: u32 = 0o700;
pub(super) const OWNERS_FILE: u32 = 0o600;

/// How often the lock is tried, and how soon again.
const TRIES: u32 = 20;
const TRY_AGAIN: Duration = Duration::from_millis(50);

/// This process serves a database, until this is dropped or the process is gone, however it goes.
#[derive(Debug)]
pub struct Serving {
    _locked: File,
}

impl Serving {
    /// Takes the lock beside a database; makes the folder where there is none.
    ///
    /// # Errors
    /// When another server has it, or the folder cannot be written to.
    pub fn of(database: &Path) -> Result<Self, StoreError> {
        let folder = make(database)?;
        let fault = |error: std::io::Error| unwritable(&folder, &error);
        let mut file = lock_file(database, &folder)?;
        match locked(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut by = String::new();
                // Who has it is told as far as it can be read; that somebody has it is enough.
                let _ = file.read_to_string(&mut by);
                return Err(StoreError::Served {
                    path: folder,
                    by: by.trim().parse().ok(),
                });
            }
            Err(TryLockError::Error(error)) => return Err(fault(error)),
        }
        file.set_len(0).map_err(fault)?;
        writeln!(file, "{}", std::process::id()).map_err(fault)?;
        Ok(Self { _locked: file })
    }

    /// Takes the lock if nobody has it: for what may not be done while a server runs.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub(super) fn if_free(database: &Path) -> Result<Option<Self>, StoreError> {
        let folder = make(database)?;
        let file = lock_file(database, &folder)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _locked: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(unwritable(&folder, &error)),
        }
    }
}

fn lock_file(database: &Path, folder: &Path) -> Result<File, StoreError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(OWNERS_FILE)
        .open(database.with_extension("lock"))
        .map_err(|error| unwritable(folder, &error))
}

/// Takes the lock, with a moment's patience: a server that was killed just now may not be quite gone.
fn locked(file: &File) -> Result<(), TryLockError> {
    for _ in 0..TRIES {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(TRY_AGAIN),
            done @ (Ok(()) | Err(TryLockError::Error(_))) => return done,
        }
    }
    file.try_lock()
}

/// The folder of a database, made for its owner alone where there is none; one that is there stays as it is.
pub(super) fn make(database: &Path) -> Result<PathBuf, StoreError> {
    let folder = of(database);
    let fault = |error: std::io::Error| unwritable(&folder, &error);
    if folder.is_dir() {
        return Ok(folder);
    }
    if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        std::fs::create_dir_all(parent).map_err(fault)?;
    }
    match DirBuilder::new().mode(OWNERS_FOLDER).create(&folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => Ok(folder),
        Err(error) => Err(fault(error)),
        Ok(()) => Ok(folder),
    }
}

/// The database's file, made empty for its owner alone where there is none: SQLite gives its other files the same mode.
pub(super) fn make_file(database: &Path) -> Result<(), StoreError> {
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(OWNERS_FILE)
        .open(database);
    match made {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(unwritable(&of(database), &error)),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Whether others on this machine may read a database: its folder lets them in, and its file does as well. One that
/// was made by an earlier version, or by hand, stays as it was made.
#[must_use]
pub fn others_may_read(database: &Path) -> bool {
    const ENTER: u32 = 0o011;
    const READ: u32 = 0o044;
    let mode = |path: &Path| std::fs::metadata(path).map_or(0, |it| it.permissions().mode());
    mode(&of(database)) & ENTER != 0 && mode(database) & READ != 0
}

/// The folder that a database is in.
pub(super) fn of(database: &Path) -> PathBuf {
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new(".")).to_owned()
}

fn unwritable(folder: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Folder {
        path: folder.to_owned(),
        why: error.to_string(),
    }
}
