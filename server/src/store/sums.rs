//! A checksum of each page of the database, in a file beside it (`causerie.db-sums`): so that a start reads every page
//! and knows whether it is what was written, after a crash as after a clean stop. SQLite itself takes what it reads.
//!
//! What keeps this true is one order. Pages get into the database by a checkpoint alone, from the log. Before each
//! checkpoint, under the write lock, the sums of what the log holds are written here and synced ([`settle`]); only
//! then may the log begin anew. So at any moment, whatever stops the machine, a page is in the log, which has
//! checksums of its own, or is what its sum says. All who write see to that: none leaves a checkpoint to SQLite.
//!
//! And a note is kept of how far the log went, after each commit and unsynced: a log that ends before it lost what
//! was acknowledged. After a power cut the note may be old, and then it says less, never too much.
//!
//! Each sum stands twice, the second time inverted, so that damage here is not taken for damage there.
//!
//! `file` is the file, `look` looks at the database by it.

mod file;
mod look;

use std::fs::File;
use std::io::{ErrorKind, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use self::file::{Place, Sums, sum};
pub(super) use self::look::{Found, look};
use super::backup::with_suffix;
use super::wal;

/// The file beside a database.
pub(super) fn of(database: &Path) -> PathBuf {
    with_suffix(database, "-sums")
}

/// Takes the sums away: the next start reads everything through instead.
pub(super) fn forget(database: &Path) {
    match std::fs::remove_file(of(database)) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            tracing::error!(%error, "the sums of the pages are out of date and cannot be taken away");
        }
        Ok(()) | Err(_) => {}
    }
}

/// Takes in all that the log holds, so that it may be put into the database. Whoever calls has the write lock. Where
/// there are no sums, there is nothing to be done.
pub(super) fn settle(database: &Path) -> std::io::Result<()> {
    let Some(mut sums) = Sums::open(database)? else {
        return Ok(());
    };
    let log = wal::read(database, sums.page)?;
    sums.take_in(&log, database)
}

/// Makes the sums of a database as it is. Whoever calls has the write lock, has read through all of it, and lets go of
/// the database before of what is answered: closing the file any earlier would take SQLite's own locks with it.
pub(super) fn make(database: &Path) -> std::io::Result<File> {
    let mut file = File::open(database)?;
    let mut head = [0; 32];
    file.read_exact(&mut head)?;
    let page = match u16::from_be_bytes([head[16], head[17]]) {
        1 => 65536,
        page => usize::from(page),
    };
    let mut sums = Sums::begun(database, page)?;
    let pages = file.metadata()?.len() / page as u64;
    sums.grow(u32::try_from(pages).unwrap_or(u32::MAX))?;
    file.seek(SeekFrom::Start(0))?;
    each_page(&mut file, page, |at, bytes| match bytes {
        Some(bytes) if at <= sums.count => sums.write(at, sum(at, bytes)),
        Some(_) | None => Ok(()),
    })?;
    let log = wal::read(database, page)?;
    sums.take_in(&log, database)?;
    sums.are_whole()?;
    Ok(file)
}

/// Notes how far the log goes, commit by commit.
#[derive(Debug)]
pub(super) struct Noting {
    sums: Sums,
    end: wal::End,
}

impl Noting {
    /// None where there are no sums.
    pub(super) fn of(database: &Path) -> std::io::Result<Option<Self>> {
        Ok(Sums::open(database)?.map(|sums| Self {
            end: wal::End::of(database, sums.page),
            sums,
        }))
    }

    /// After a commit: answers how many frames the log has.
    pub(super) fn committed(&mut self) -> std::io::Result<u32> {
        self.end.follow()?;
        if self.end.frames == 0 {
            return Ok(0);
        }
        self.sums.note(Place {
            salts: self.end.salts,
            frames: self.end.frames,
            sum: self.end.sum,
        })?;
        Ok(self.end.frames)
    }
}

/// Reads a file page by page, from 1.
fn each_page(
    file: &mut File,
    page: usize,
    mut found: impl FnMut(u32, Option<&[u8]>) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let mut reader = std::io::BufReader::with_capacity(1 << 20, file);
    let mut bytes = vec![0; page];
    for at in 1.. {
        match reader.read_exact(&mut bytes) {
            Ok(()) => found(at, Some(&bytes))?,
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
