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

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Seek as _, SeekFrom};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::backup::with_suffix;
use super::wal::Holds;
use super::{folder, wal};

/// What the file begins with.
const MAGIC: &[u8; 8] = b"csrsums1";

/// The header: magic, page size, a free word, how many sums, the same inverted, what is settled, the note.
const HEAD: u64 = 128;
const COUNT_AT: u64 = 16;
const SETTLED_AT: u64 = 32;
const NOTE_AT: u64 = 64;

/// Two times eight bytes for each page.
const ENTRY: usize = 16;

/// How often, and how soon again, a page is looked at that somebody may just be writing.
const TRIES: u32 = 3;
const TRY_AGAIN: Duration = Duration::from_millis(50);

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

/// The sum of a page. Each step can be undone, so a page that differs in one word has another sum for certain, and one
/// that differs in more has the same by chance only, once in 2^64.
fn sum(page: u32, bytes: &[u8]) -> u64 {
    const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut sum = u64::from(page).wrapping_mul(ODD) ^ bytes.len() as u64;
    for word in bytes.chunks_exact(8) {
        let word = word.try_into().map_or(0, u64::from_le_bytes);
        sum = (sum ^ word).wrapping_mul(ODD);
        sum ^= sum >> 29;
    }
    sum.max(1)
}

/// A place in the log: so many frames of this run.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
struct Place {
    salts: wal::Salts,
    frames: u32,
    sum: wal::Sum,
}

impl Place {
    fn bytes(self) -> [u8; 24] {
        let words = [
            self.salts.0,
            self.salts.1,
            self.frames,
            self.sum.0,
            self.sum.1,
            self.check(),
        ];
        let mut bytes = [0; 24];
        for (into, word) in bytes.chunks_exact_mut(4).zip(words) {
            into.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    /// What was written; one that was damaged says nothing.
    fn of(bytes: &[u8]) -> Self {
        let word = |at: usize| {
            bytes
                .get(at..at + 4)
                .and_then(|word| word.try_into().ok())
                .map_or(0, u32::from_le_bytes)
        };
        let place = Self {
            salts: (word(0), word(4)),
            frames: word(8),
            sum: (word(12), word(16)),
        };
        if place.check() == word(20) {
            place
        } else {
            Self::default()
        }
    }

    fn check(self) -> u32 {
        let mut check = 1_u32;
        for word in [self.salts.0, self.salts.1, self.frames, self.sum.0, self.sum.1] {
            check = (check ^ word).wrapping_mul(0x9E37_79B1).rotate_left(13);
        }
        check
    }
}

/// The sums of a database, open.
#[derive(Debug)]
struct Sums {
    file: File,
    page: usize,
    count: u32,
}

impl Sums {
    /// Those beside a database; none where there are none that can be read.
    fn open(database: &Path) -> std::io::Result<Option<Self>> {
        let file = match OpenOptions::new().read(true).write(true).open(of(database)) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut head = [0; 32];
        match file.read_exact_at(&mut head, 0) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error),
        }
        let number = |at: usize| {
            head.get(at..at + 4)
                .and_then(|word| word.try_into().ok())
                .map_or(0, u32::from_le_bytes)
        };
        let (page, count) = (number(8) as usize, number(16));
        let whole = head.starts_with(MAGIC)
            && number(12) == !number(8)
            && number(20) == !count
            && page.is_power_of_two()
            && (512..=65536).contains(&page)
            && file.metadata()?.len() >= HEAD + u64::from(count) * ENTRY as u64;
        Ok(whole.then_some(Self { file, page, count }))
    }

    fn place(&self, at: u64) -> std::io::Result<Place> {
        let mut bytes = [0; 24];
        self.file.read_exact_at(&mut bytes, at)?;
        Ok(Place::of(&bytes))
    }

    fn write(&self, page: u32, sum: u64) -> std::io::Result<()> {
        let mut entry = [0; ENTRY];
        entry[..8].copy_from_slice(&sum.to_le_bytes());
        entry[8..].copy_from_slice(&(!sum).to_le_bytes());
        self.file
            .write_all_at(&entry, HEAD + u64::from(page - 1) * ENTRY as u64)
    }

    fn grow(&mut self, count: u32) -> std::io::Result<()> {
        if count > self.count {
            self.file.set_len(HEAD + u64::from(count) * ENTRY as u64)?;
            self.write_count(count)?;
        }
        Ok(())
    }

    /// The database has become smaller: of what it had beyond there is nothing to know any more.
    fn shrink(&mut self, count: u32) -> std::io::Result<()> {
        if count < self.count {
            self.write_count(count)?;
            // What is cut off and comes back is zero, as of a page that was never written.
            self.file.set_len(HEAD + u64::from(count) * ENTRY as u64)?;
        }
        Ok(())
    }

    fn write_count(&mut self, count: u32) -> std::io::Result<()> {
        let mut bytes = [0; 8];
        bytes[..4].copy_from_slice(&count.to_le_bytes());
        bytes[4..].copy_from_slice(&(!count).to_le_bytes());
        self.file.write_all_at(&bytes, COUNT_AT)?;
        self.count = count;
        Ok(())
    }

    /// What is known of a page.
    fn entry(&self, page: u32) -> std::io::Result<Entry> {
        if page > self.count {
            return Ok(Entry::None);
        }
        let mut bytes = [0; ENTRY];
        self.file
            .read_exact_at(&mut bytes, HEAD + u64::from(page - 1) * ENTRY as u64)?;
        Ok(Entry::of(&bytes))
    }

    /// Takes in all that the log holds.
    fn take_in(&mut self, log: &wal::Log, database: &Path) -> std::io::Result<()> {
        let Some(salts) = log.salts.filter(|_| log.frames > 0) else {
            return Ok(());
        };
        let file = File::open(wal::of(database))?;
        let mut bytes = vec![0; self.page];
        let there = || log.last.iter().filter(|(page, _)| **page <= log.pages);
        self.grow(there().map(|(page, _)| *page).max().unwrap_or_default())?;
        self.shrink(log.pages)?;
        for (page, at) in there() {
            file.read_exact_at(&mut bytes, *at)?;
            self.write(*page, sum(*page, &bytes))?;
        }
        let place = Place {
            salts,
            frames: log.frames,
            sum: log.sum,
        };
        self.file.write_all_at(&place.bytes(), SETTLED_AT)?;
        self.file.write_all_at(&place.bytes(), NOTE_AT)?;
        self.file.sync_data()
    }
}

/// What is known of a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Entry {
    /// It was never written.
    None,
    /// Its sum is one of these: they are the same, or one is damaged.
    Sum(u64, u64),
}

impl Entry {
    fn of(bytes: &[u8]) -> Self {
        let half = |at: usize| {
            bytes
                .get(at..at + 8)
                .and_then(|half| half.try_into().ok())
                .map_or(0, u64::from_le_bytes)
        };
        match (half(0), half(8)) {
            (0, 0) => Self::None,
            (first, second) => Self::Sum(first, !second),
        }
    }

    /// Whether a page is what was written; none where the file does not reach so far.
    fn is(self, page: u32, bytes: Option<&[u8]>) -> bool {
        match (self, bytes) {
            // The database grew by it and nothing was ever put there.
            (Self::None, bytes) => bytes.is_none_or(|bytes| bytes.iter().all(|byte| *byte == 0)),
            (Self::Sum(..), None) => false,
            (Self::Sum(first, second), Some(bytes)) => {
                let its = sum(page, bytes);
                its == first || its == second
            }
        }
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
    let made = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .mode(folder::OWNERS_FILE)
        .open(of(database))?;
    let mut sums = Sums {
        file: made,
        page,
        count: 0,
    };
    let pages = file.metadata()?.len() / page as u64;
    sums.grow(u32::try_from(pages).unwrap_or(u32::MAX))?;
    file.seek(SeekFrom::Start(0))?;
    each_page(&mut file, page, |at, bytes| match bytes {
        Some(bytes) if at <= sums.count => sums.write(at, sum(at, bytes)),
        Some(_) | None => Ok(()),
    })?;
    let log = wal::read(database, page)?;
    sums.take_in(&log, database)?;
    let size = u32::try_from(page).unwrap_or_default();
    sums.file.write_all_at(&size.to_le_bytes(), 8)?;
    sums.file.write_all_at(&(!size).to_le_bytes(), 12)?;
    sums.file.sync_all()?;
    // What is not whole yet has no name.
    sums.file.write_all_at(MAGIC, 0)?;
    sums.file.sync_all()?;
    Ok(file)
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

/// What a look at all pages found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Found {
    /// There are no sums to look by.
    NoSums,
    /// Every page is what was written, and the log is whole.
    AsWritten,
    /// Something is not; in a line.
    Damaged(String),
}

/// Looks whether the database is what was written, before anybody in this process has it open. `tell` hears how much
/// of it is done, as bytes of how many.
pub(super) fn look(database: &Path, tell: &mut dyn FnMut(u64, u64)) -> std::io::Result<Found> {
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
        let (settled, note) = (sums.place(SETTLED_AT)?, sums.place(NOTE_AT)?);
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

/// The entries one after the other, read in larger pieces.
struct Entries(std::io::BufReader<File>, u32);

impl Entries {
    fn of(sums: &Sums) -> std::io::Result<Self> {
        let mut file = sums.file.try_clone()?;
        file.seek(SeekFrom::Start(HEAD))?;
        Ok(Self(std::io::BufReader::with_capacity(1 << 18, file), sums.count))
    }

    fn next(&mut self) -> std::io::Result<Entry> {
        if self.1 == 0 {
            return Ok(Entry::None);
        }
        self.1 -= 1;
        let mut bytes = [0; ENTRY];
        self.0.read_exact(&mut bytes)?;
        Ok(Entry::of(&bytes))
    }
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
        let place = Place {
            salts: self.end.salts,
            frames: self.end.frames,
            sum: self.end.sum,
        };
        self.sums.file.write_all_at(&place.bytes(), NOTE_AT)?;
        Ok(self.end.frames)
    }
}
