//! Whether a database may be opened at all: what is damaged is not served, and is not worked on either.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use super::connect::Reading;
use super::sums::{self, Found};
use super::through::read_through;
use super::{Serving, StoreError, Writing, folder, migrate, wal};

/// What takes so long to be read through that it is said, in bytes.
const LARGE: u64 = 100 * 1024 * 1024;

/// What stands at the beginning of every database: its page size, its version.
struct Head {
    page: usize,
    version: i64,
}

/// None where there is no database yet.
fn head(path: &Path) -> std::io::Result<Option<Head>> {
    let mut bytes = [0; 100];
    match File::open(path).and_then(|mut file| file.read_exact(&mut bytes)) {
        Ok(()) => {}
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::UnexpectedEof) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    }
    Ok(Some(Head {
        page: match u16::from_be_bytes([bytes[16], bytes[17]]) {
            1 => 65536,
            page => usize::from(page),
        },
        version: i64::from(i32::from_be_bytes([bytes[60], bytes[61], bytes[62], bytes[63]])),
    }))
}

/// Whether there is no database yet. One of which something is left is an error: it was more once, and a new one in its
/// place would be taken for all there was.
pub(super) fn is_nothing(path: &Path) -> Result<bool, StoreError> {
    if path.metadata().is_ok_and(|file| file.len() > 0) {
        return Ok(false);
    }
    let log = wal::of(path).metadata().is_ok_and(|log| log.len() > 0);
    if log || sums::of(path).exists() {
        return Err(StoreError::Damaged {
            path: path.to_owned(),
            what: "its file is empty or gone, and what lies beside it is not".to_owned(),
        });
    }
    Ok(true)
}

/// Looks at the database of whoever has the lock to serve it. Answers whether something vouches for its pages; what is
/// damaged is an error.
pub(super) async fn judged(path: &Path, tell: &mut dyn FnMut(u64, u64)) -> Result<bool, StoreError> {
    let damaged = |what: String| StoreError::Damaged {
        path: path.to_owned(),
        what,
    };
    let unreadable = |error: std::io::Error| StoreError::Folder {
        path: folder::of(path),
        why: error.to_string(),
    };
    if is_nothing(path)? {
        return Ok(false);
    }
    let found = head(path).map_err(unreadable)?;
    if let Some(head) = &found {
        migrate::not_newer(path, head.version)?;
    }
    match sums::look(path, tell).map_err(unreadable)? {
        Found::AsWritten => return Ok(true),
        Found::Damaged(what) => return Err(damaged(what)),
        Found::NoSums => {}
    }
    if let Some(head) = found
        && let Some(what) = wal::read(path, head.page).map_err(unreadable)?.damage
    {
        return Err(damaged(what));
    }
    if path.metadata().map_or(0, |file| file.len()) > LARGE {
        tracing::info!(
            "nothing vouches for the pages of {}: all of it is read through, which takes a while",
            path.display()
        );
    }
    let read = async {
        let mut db = Writing::open(path).await?;
        let found = read_through(db.connection()).await?;
        db.close().await;
        Ok::<_, StoreError>(found)
    };
    match read.await {
        Ok(None) => Ok(false),
        Ok(Some(what)) => Err(damaged(what)),
        Err(fault) if fault.is_damage() => Err(damaged(fault.to_string())),
        Err(fault) => Err(fault.in_folder(&folder::of(path))),
    }
}

/// Makes the sums of a database that was read through. Where they cannot be kept, the next start reads through again.
pub(super) async fn vouch_for(path: &Path) -> Result<(), StoreError> {
    let mut db = Writing::open(path).await?;
    db.begin().await?;
    let made = sums::make(path);
    db.close().await;
    if let Err(error) = made {
        tracing::warn!(%error, "the sums of the pages cannot be kept: the next start reads everything through");
        sums::forget(path);
    }
    Ok(())
}

/// For a command: a database that an older build serves at this moment is not to be migrated under it. No server begins
/// while what is answered lives: it is for as long as the migration takes.
pub(super) async fn may_be_migrated(path: &Path) -> Result<Option<Serving>, StoreError> {
    if is_nothing(path)? {
        return Ok(None);
    }
    if let Some(nobody_serves) = Serving::if_free(path)? {
        return Ok(Some(nobody_serves));
    }
    let mut db = Reading::open(path).await?;
    let found = migrate::version(db.connection()).await?;
    db.close().await;
    if found < migrate::known() {
        return Err(StoreError::OlderServed {
            path: folder::of(path),
        });
    }
    Ok(None)
}

/// For a command: where nobody serves the database, whether it is what was written. Who serves it has looked.
///
/// # Errors
/// When it is damaged, a newer build's, or not there.
pub fn undamaged(path: &Path) -> Result<(), StoreError> {
    if !path.is_file() {
        return Err(StoreError::Missing {
            path: folder::of(path),
        });
    }
    let Some(_serving) = Serving::if_free(path)? else {
        return Ok(());
    };
    let fault = |error: std::io::Error| StoreError::Folder {
        path: folder::of(path),
        why: error.to_string(),
    };
    if let Some(head) = head(path).map_err(fault)? {
        migrate::not_newer(path, head.version)?;
    }
    match sums::look(path, &mut |_, _| {}).map_err(fault)? {
        Found::AsWritten | Found::NoSums => Ok(()),
        Found::Damaged(what) => Err(StoreError::Damaged {
            path: path.to_owned(),
            what,
        }),
    }
}

/// What is not as it was written, in a line, also while a server is at work on it; none where all is, or where nothing
/// vouches for it.
///
/// # Errors
/// When it cannot be read.
pub fn damage(path: &Path, tell: &mut dyn FnMut(u64, u64)) -> Result<Option<String>, StoreError> {
    match sums::look(path, tell) {
        Ok(Found::AsWritten | Found::NoSums) => Ok(None),
        Ok(Found::Damaged(what)) => Ok(Some(what)),
        Err(error) => Err(StoreError::Folder {
            path: folder::of(path),
            why: error.to_string(),
        }),
    }
}
