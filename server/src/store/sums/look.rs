//! A look at every page: whether the database is what was written.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::Duration;

use super::each_page;
use super::file::{Entries, Place, Sums};
use crate::store::wal::{self, Holds};

/// How often, and how soon again, a page is looked at that somebody may just be writing.
const TRIES: u32 = 3;
const TRY_AGAIN: Duration = Duration::from_millis(50);

/// What a look at all pages found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::store) enum Found {
    /// There are no sums to look by.
    NoSums,
    /// Every page is what was written, and the log is whole.
    AsWritten,
    /// Something is not; in a line.
    Damaged(String),
}

/// Looks whether the database is what was written, before anybody in this process has it open. `tell` hears how much
/// of it is done, as bytes of how many.
pub(in crate::store) fn look(database: &Path, tell: &mut dyn FnMut(u64, u64)) -> std::io::Result<Found> {
    let Some(sums) = Sums::open(database)? else {
        return Ok(Found::NoSums);
    };
    let mut log = match whole_log(&sums, database)? {
        Ok(log) => log,
        Err(what) => return Ok(Found::Damaged(what)),
    };
    let mut file = File::open(database)?;
    let whole = file.metadata()?.len();
    let mut others = Vec::new();
    let mut entries = Entries::of(&sums)?;
    let mut reached = 0;
    each_page(&mut file, sums.page, |at, bytes| {
        reached = at;
        if (u64::from(at) * sums.page as u64).is_multiple_of(64 << 20) {
            tell(u64::from(at) * sums.page as u64, whole);
        }
        let entry = entries.next()?;
        if log.holds_of(at) == Holds::Nothing && !entry.is(at, bytes) {
            others.push(at);
        }
        Ok(())
    })?;
    let pages = if log.frames > 0 { log.pages } else { sums.count };
    for missing in reached + 1..=pages {
        let entry = entries.next()?;
        if log.holds_of(missing) == Holds::Nothing && !entry.is(missing, None) {
            others.push(missing);
        }
    }
    // A command may be at work on it: what it writes is in the log first.
    for _ in 0..TRIES {
        if others.is_empty() {
            return Ok(Found::AsWritten);
        }
        std::thread::sleep(TRY_AGAIN);
        let Some(sums) = Sums::open(database)? else {
            return Ok(Found::NoSums);
        };
        log = wal::read(database, sums.page)?;
        let mut bytes = vec![0; sums.page];
        let mut still = Vec::new();
        for page in others {
            let read = file.read_exact_at(&mut bytes, u64::from(page - 1) * sums.page as u64);
            let there = match read {
                Ok(()) => Some(bytes.as_slice()),
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => None,
                Err(error) => return Err(error),
            };
            if log.holds_of(page) == Holds::Nothing && !sums.entry(page)?.is(page, there) {
                still.push(page);
            }
        }
        others = still;
    }
    let Some(first) = others.first() else {
        return Ok(Found::AsWritten);
    };
    let pages = sums.count.max(reached);
    Ok(Found::Damaged(if *first > reached {
        format!("it ends at page {reached} of {pages}")
    } else {
        format!(
            "{} of its {pages} pages are not what was written, the first of them is page {first}",
            others.len()
        )
    }))
}

/// The log, if it is whole and goes as far as was noted before it was read. A server may be at work on it, and begin
/// it anew at this moment: what is so for a moment only is no damage.
fn whole_log(sums: &Sums, database: &Path) -> std::io::Result<Result<wal::Log, String>> {
    let mut wrong = String::new();
    for round in 0..TRIES {
        if round > 0 {
            std::thread::sleep(TRY_AGAIN);
        }
        let (settled, note) = sums.places()?;
        let log = wal::read(database, sums.page)?;
        wrong = match (&log.damage, lost(settled, note, &log, database)) {
            (Some(what), _) => what.clone(),
            (None, Some(what)) => what,
            (None, None) => return Ok(Ok(log)),
        };
    }
    Ok(Err(wrong))
}

/// Whether the log ends before what was noted of it.
fn lost(settled: Place, note: Place, log: &wal::Log, database: &Path) -> Option<String> {
    let in_the_database = note.salts == settled.salts && note.frames <= settled.frames;
    if note == Place::default() || in_the_database {
        return None;
    }
    let reaches = log.salts == Some(note.salts) && log.frames >= note.frames;
    if reaches {
        return None;
    }
    let name = wal::of(database);
    let name = name.file_name().unwrap_or_default().to_string_lossy();
    Some(match log.salts {
        Some(salts) if salts == note.salts => format!(
            "its log ({name}) ends at frame {} of at least {}",
            log.frames, note.frames
        ),
        Some(_) | None => format!("its log ({name}) of at least {} frames is gone", note.frames),
    })
}
