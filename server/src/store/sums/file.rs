//! The file's form: a header, then the sum of each page.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;

use super::of;
use crate::store::{folder, wal};

/// What the file begins with.
const MAGIC: &[u8; 8] = b"csrsums1";

/// The header: magic, page size, a free word, how many sums, the same inverted, what is settled, the note.
const HEAD: u64 = 128;
const COUNT_AT: u64 = 16;
const SETTLED_AT: u64 = 32;
const NOTE_AT: u64 = 64;

/// Two times eight bytes for each page.
const ENTRY: usize = 16;

/// The sum of a page. Each step can be undone, so a page that differs in one word has another sum for certain, and one
/// that differs in more has the same by chance only, once in 2^64.
pub(super) fn sum(page: u32, bytes: &[u8]) -> u64 {
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
pub(super) struct Place {
    pub(super) salts: wal::Salts,
    pub(super) frames: u32,
    pub(super) sum: wal::Sum,
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
pub(super) struct Sums {
    pub(super) file: File,
    /// How many bytes a page has.
    pub(super) page: usize,
    /// Of how many pages there are sums.
    pub(super) count: u32,
}

impl Sums {
    /// Those beside a database; none where there are none that can be read.
    pub(super) fn open(database: &Path) -> std::io::Result<Option<Self>> {
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

    /// New ones, of no page yet. They have no name until they are whole.
    pub(super) fn begun(database: &Path, page: usize) -> std::io::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .mode(folder::OWNERS_FILE)
            .open(of(database))?;
        Ok(Self { file, page, count: 0 })
    }

    /// Every page that is has its sum: from here on they vouch for it.
    pub(super) fn are_whole(&self) -> std::io::Result<()> {
        let size = u32::try_from(self.page).unwrap_or_default();
        self.file.write_all_at(&size.to_le_bytes(), 8)?;
        self.file.write_all_at(&(!size).to_le_bytes(), 12)?;
        self.file.sync_all()?;
        self.file.write_all_at(MAGIC, 0)?;
        self.file.sync_all()
    }

    /// Notes how far the log goes. It is not synced: an old note says less, never too much.
    pub(super) fn note(&self, place: Place) -> std::io::Result<()> {
        self.file.write_all_at(&place.bytes(), NOTE_AT)
    }

    /// How far the log was taken in, and how far it was noted to go.
    pub(super) fn places(&self) -> std::io::Result<(Place, Place)> {
        Ok((self.place(SETTLED_AT)?, self.place(NOTE_AT)?))
    }

    fn place(&self, at: u64) -> std::io::Result<Place> {
        let mut bytes = [0; 24];
        self.file.read_exact_at(&mut bytes, at)?;
        Ok(Place::of(&bytes))
    }

    pub(super) fn write(&self, page: u32, sum: u64) -> std::io::Result<()> {
        let mut entry = [0; ENTRY];
        entry[..8].copy_from_slice(&sum.to_le_bytes());
        entry[8..].copy_from_slice(&(!sum).to_le_bytes());
        self.file
            .write_all_at(&entry, HEAD + u64::from(page - 1) * ENTRY as u64)
    }

    pub(super) fn grow(&mut self, count: u32) -> std::io::Result<()> {
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
    pub(super) fn entry(&self, page: u32) -> std::io::Result<Entry> {
        if page > self.count {
            return Ok(Entry::None);
        }
        let mut bytes = [0; ENTRY];
        self.file
            .read_exact_at(&mut bytes, HEAD + u64::from(page - 1) * ENTRY as u64)?;
        Ok(Entry::of(&bytes))
    }

    /// Takes in all that the log holds.
    pub(super) fn take_in(&mut self, log: &wal::Log, database: &Path) -> std::io::Result<()> {
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
pub(super) enum Entry {
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
    pub(super) fn is(self, page: u32, bytes: Option<&[u8]>) -> bool {
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

/// The entries one after the other, read in larger pieces.
pub(super) struct Entries(std::io::BufReader<File>, u32);

impl Entries {
    pub(super) fn of(sums: &Sums) -> std::io::Result<Self> {
        let mut file = sums.file.try_clone()?;
        file.seek(SeekFrom::Start(HEAD))?;
        Ok(Self(std::io::BufReader::with_capacity(1 << 18, file), sums.count))
    }

    pub(super) fn next(&mut self) -> std::io::Result<Entry> {
        if self.1 == 0 {
            return Ok(Entry::None);
        }
        self.1 -= 1;
        let mut bytes = [0; ENTRY];
        self.0.read_exact(&mut bytes)?;
        Ok(Entry::of(&bytes))
    }
}
