//! SQLite's write-ahead log, read: which of its frames count, and whether one that does not should.
//!
//! SQLite takes the log up to the first frame whose checksum is wrong and drops whatever comes after it without a
//! word. That is right for the tail that a power cut tore, and wrong for a byte that flipped in what was committed
//! long ago. The two are told apart by this: there is one writer, and each commit is on the disk before the next is
//! written. So a frame that follows a commit, in this log and by its own checksum, proves that all before it was whole
//! once. And a frame that one changed word makes whole was whole: a torn one misses more.
//!
//! The format is SQLite's own: <https://www.sqlite.org/fileformat2.html#the_write_ahead_log>.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::backup::with_suffix;

/// The log's header.
const HEAD: usize = 32;

/// A frame's header; a page follows.
const FRAME: usize = 24;

/// The first word of a log whose checksums are of little-endian words; one more, and they are of big-endian ones.
const MAGIC: u32 = 0x377F_0682;

/// The salts that all frames of one run of the log bear.
pub(super) type Salts = (u32, u32);

/// A running checksum.
pub(super) type Sum = (u32, u32);

/// What a log holds.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// What its frames bear; none where there is no log.
    pub(super) salts: Option<Salts>,
    /// How many frames are committed.
    pub(super) frames: u32,
    /// How many pages the database has by the last commit.
    pub(super) pages: u32,
    /// Where each page's last committed content begins in the file.
    pub(super) last: HashMap<u32, u64>,
    /// The checksum of the last committed frame.
    pub(super) sum: Sum,
    /// What was committed and cannot be read any more, in a line.
    pub(super) damage: Option<String>,
}

/// What a log says of a page of the database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Holds {
    /// Its content.
    Content,
    /// That there is no such page any more: the file is about to be cut.
    Gone,
    /// Nothing: it is as it is in the database.
    Nothing,
}

impl Log {
    pub(super) fn holds_of(&self, page: u32) -> Holds {
        if self.frames > 0 && page > self.pages {
            Holds::Gone
        } else if self.last.contains_key(&page) {
            Holds::Content
        } else {
            Holds::Nothing
        }
    }

    /// How large the file of such a log is, if nothing else is in it.
    pub(super) fn size(&self, page: usize) -> u64 {
        HEAD as u64 + u64::from(self.frames) * (FRAME + page) as u64
    }
}

/// The log of a database.
pub(super) fn of(database: &Path) -> PathBuf {
    with_suffix(database, "-wal")
}

#[derive(Clone, Copy, Debug)]
struct Head {
    big_endian: bool,
    page: usize,
    salts: Salts,
    sum: Sum,
}

/// What stands in a frame's header.
#[derive(Clone, Copy, Debug)]
struct Stands {
    page: u32,
    commit: u32,
    salts: Salts,
    sum: Sum,
}

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..at + 4)
        .and_then(|word| word.try_into().ok())
        .map_or(0, u32::from_be_bytes)
}

fn pair(bytes: &[u8], at: usize) -> (u32, u32) {
    (word(bytes, at), word(bytes, at + 4))
}

/// The words of a frame that its checksum covers: the first eight bytes of its header, and the page.
fn covered(frame: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (head, page) = frame.split_at(FRAME.min(frame.len()));
    head.get(..8)
        .unwrap_or_default()
        .chunks_exact(8)
        .chain(page.chunks_exact(8))
}

fn summed<'a>(mut sum: Sum, big_endian: bool, words: impl Iterator<Item = &'a [u8]>) -> Sum {
    for two in words {
        let (mut first, mut second) = pair(two, 0);
        if !big_endian {
            (first, second) = (first.swap_bytes(), second.swap_bytes());
        }
        sum.0 = sum.0.wrapping_add(first).wrapping_add(sum.1);
        sum.1 = sum.1.wrapping_add(second).wrapping_add(sum.0);
    }
    sum
}

impl Stands {
    fn of(frame: &[u8]) -> Self {
        let (page, commit) = pair(frame, 0);
        Self {
            page,
            commit,
            salts: pair(frame, 8),
            sum: pair(frame, 16),
        }
    }
}

impl Head {
    /// The header, if it is whole.
    fn whole(bytes: &[u8]) -> Option<Self> {
        let head = Self::of(bytes, word(bytes, 8) as usize);
        let known = word(bytes, 0) & !1 == MAGIC && word(bytes, 4) == 3_007_000;
        let sum = summed((0, 0), head.big_endian, bytes.get(..24)?.chunks_exact(8));
        let a_size = head.page.is_power_of_two() && (512..=65536).contains(&head.page);
        (known && a_size && sum == head.sum).then_some(head)
    }

    fn of(bytes: &[u8], page: usize) -> Self {
        let magic = word(bytes, 0);
        Self {
            // Of a word that is damaged, the machine's own order is the guess.
            big_endian: if magic & !1 == MAGIC {
                magic & 1 == 1
            } else {
                cfg!(target_endian = "big")
            },
            page,
            salts: pair(bytes, 16),
            sum: pair(bytes, 24),
        }
    }
}

/// Reads the log of a database whose pages are this large.
pub(super) fn read(database: &Path, page: usize) -> std::io::Result<Log> {
    let file = match File::open(of(database)) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Log::default()),
        Err(error) => return Err(error),
    };
    let mut reader = BufReader::with_capacity(1 << 18, file);
    let mut head = [0; HEAD];
    if !filled(&mut reader, &mut head)? {
        return Ok(Log::default());
    }
    match Head::whole(&head).filter(|head| head.page == page) {
        Some(head) => frames(reader, head),
        None => without_a_head(reader, &head, page),
    }
}

/// Reads until the buffer is full; false at the end of the file.
fn filled(reader: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<bool> {
    match reader.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

fn frames(mut reader: impl Read, head: Head) -> std::io::Result<Log> {
    let mut log = Log {
        salts: Some(head.salts),
        sum: head.sum,
        ..Log::default()
    };
    let mut frame = vec![0; FRAME + head.page];
    let (mut at, mut sum) = (0_u32, head.sum);
    let mut since_commit: Vec<(u32, u64)> = Vec::new();
    while filled(&mut reader, &mut frame)? {
        at += 1;
        let stands = Stands::of(&frame);
        let its = summed(sum, head.big_endian, covered(&frame));
        if stands.salts != head.salts || stands.sum != its || stands.page == 0 {
            log.damage = damaged(reader, head, at, &frame, its)?;
            return Ok(log);
        }
        sum = its;
        let begins = HEAD as u64 + u64::from(at - 1) * frame.len() as u64 + FRAME as u64;
        since_commit.push((stands.page, begins));
        if stands.commit != 0 {
            log.frames = at;
            log.pages = stands.commit;
            log.sum = sum;
            log.last.extend(since_commit.drain(..));
        }
    }
    Ok(log)
}

/// Whether the first frame that does not count, and so all after it, was committed once.
fn damaged(
    mut reader: impl Read,
    head: Head,
    at: u32,
    broken: &[u8],
    its: Sum,
) -> std::io::Result<Option<String>> {
    let what = |why: &str| {
        Some(format!(
            "frame {at} of its log (-wal) is not what was written: {why}"
        ))
    };
    let first = Stands::of(broken);
    let ours = first.salts == head.salts;
    if first.sum == its {
        return Ok(what("its checksum is right and its salts are not"));
    }
    if ours {
        let one_is_right = (first.sum.0 == its.0) != (first.sum.1 == its.1);
        if one_is_right || one_word_mends(broken, its, first.sum) {
            return Ok(what("it is whole but for one word"));
        }
    }
    let mut before = first;
    let mut frame = vec![0; broken.len()];
    while filled(&mut reader, &mut frame)? {
        let stands = Stands::of(&frame);
        if before.salts == head.salts
            && before.commit != 0
            && stands.salts == head.salts
            && summed(before.sum, head.big_endian, covered(&frame)) == stands.sum
        {
            return Ok(what("a later commit follows it"));
        }
        before = stands;
    }
    Ok(None)
}

/// A log whose header is broken: was there anything in it?
fn without_a_head(mut reader: impl Read, bytes: &[u8], page: usize) -> std::io::Result<Log> {
    let head = Head::of(bytes, page);
    let mut log = Log::default();
    let mut frame = vec![0; FRAME + page];
    if !filled(&mut reader, &mut frame)? {
        return Ok(log);
    }
    let first = Stands::of(&frame);
    let of_head = summed(
        (0, 0),
        head.big_endian,
        bytes.get(..24).unwrap_or_default().chunks_exact(8),
    );
    let follows = |sum| summed(sum, head.big_endian, covered(&frame)) == first.sum;
    let head = Head {
        salts: first.salts,
        ..head
    };
    let was_there =
        follows(head.sum) || follows(of_head) || damaged(reader, head, 1, &frame, (!0, !0))?.is_some();
    if was_there {
        log.damage = Some("the beginning of its log (-wal) is not what was written".to_owned());
    }
    Ok(log)
}

/// Whether changing one of the words that are covered gives the checksum that stands.
///
/// The sum is linear in its words: a word that changes by d changes the two sums by d times what the pairs after it
/// make of it, all modulo 2^32. So each word gives one candidate for d, and two equations that it has to fit.
fn one_word_mends(frame: &[u8], its: Sum, stands: Sum) -> bool {
    let wanted = (stands.0.wrapping_sub(its.0), stands.1.wrapping_sub(its.1));
    if wanted == (0, 0) {
        return false;
    }
    let pairs = covered(frame).count();
    // What the pairs after this one make of a change of (first sum, second sum): a matrix by its columns.
    let (mut of_first, mut of_second) = ((1_u32, 0_u32), (0_u32, 1_u32));
    for _ in 0..pairs {
        // The first word of the pair changes both sums by d, the second the second one alone.
        let by_first = (
            of_first.0.wrapping_add(of_second.0),
            of_first.1.wrapping_add(of_second.1),
        );
        if fits(by_first, wanted) || fits(of_second, wanted) {
            return true;
        }
        // One pair more: the first sum takes in the second, then the second the first.
        of_second = (
            by_first.0.wrapping_add(of_second.0),
            by_first.1.wrapping_add(of_second.1),
        );
        of_first = by_first;
    }
    false
}

/// Whether there is a d with `d * by == wanted`.
fn fits(by: (u32, u32), wanted: (u32, u32)) -> bool {
    let d = if by.0 % 2 == 1 {
        inverse(by.0).wrapping_mul(wanted.0)
    } else if by.1 % 2 == 1 {
        inverse(by.1).wrapping_mul(wanted.1)
    } else {
        return false;
    };
    (d.wrapping_mul(by.0), d.wrapping_mul(by.1)) == wanted
}

/// Of an odd number, modulo 2^32: each step doubles the bits that are right.
const fn inverse(odd: u32) -> u32 {
    let mut inverse = odd;
    let mut round = 0;
    while round < 4 {
        inverse = inverse.wrapping_mul(2_u32.wrapping_sub(odd.wrapping_mul(inverse)));
        round += 1;
    }
    inverse
}

/// The end of a log that somebody writes: how far its commits go, followed as they come.
#[derive(Debug)]
pub(super) struct End {
    file: Option<File>,
    path: PathBuf,
    page: usize,
    /// What the frames bear.
    pub(super) salts: Salts,
    /// How many frames are committed.
    pub(super) frames: u32,
    /// The checksum of the last of them.
    pub(super) sum: Sum,
    buffer: Vec<u8>,
}

impl End {
    pub(super) fn of(database: &Path, page: usize) -> Self {
        Self {
            file: None,
            path: of(database),
            page,
            salts: (0, 0),
            frames: 0,
            sum: (0, 0),
            buffer: vec![0; FRAME + page],
        }
    }

    /// Follows to the last commit.
    pub(super) fn follow(&mut self) -> std::io::Result<()> {
        let file = match &self.file {
            Some(file) => file,
            none => {
                debug_assert!(none.is_none());
                self.file.insert(File::open(&self.path)?)
            }
        };
        let mut head = [0; HEAD];
        match file.read_exact_at(&mut head, 0) {
            Ok(()) => {}
            // Nothing was written yet: a commit of nothing leaves the log empty.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        }
        let Some(head) = Head::whole(&head) else {
            // Another process begins it anew at this moment.
            return Ok(());
        };
        if head.salts != self.salts {
            (self.salts, self.frames, self.sum) = (head.salts, 0, head.sum);
        }
        let (mut at, mut sum) = (self.frames, self.sum);
        loop {
            let begins = HEAD as u64 + u64::from(at) * (FRAME + self.page) as u64;
            match file.read_exact_at(&mut self.buffer, begins) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
                Err(error) => return Err(error),
            }
            let stands = Stands::of(&self.buffer);
            if stands.salts != self.salts {
                return Ok(());
            }
            sum = summed(sum, head.big_endian, covered(&self.buffer));
            if stands.sum != sum {
                return Ok(());
            }
            at += 1;
            if stands.commit != 0 {
                (self.frames, self.sum) = (at, sum);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame of bytes that have nothing in common, and the sum that it has after a sum of before.
    fn frame(seed: u8) -> (Vec<u8>, Sum, Sum) {
        let mut byte = seed;
        let bytes = (0..FRAME + 4096)
            .map(|_| {
                byte = byte.wrapping_mul(37).wrapping_add(11);
                byte
            })
            .collect::<Vec<u8>>();
        let before = (0x1234_5678, 0x9ABC_DEF1);
        let sum = summed(before, false, covered(&bytes));
        (bytes, before, sum)
    }

    #[test]
    fn a_frame_with_one_word_changed_is_known_to_have_been_whole_wherever_the_word_is() {
        let (bytes, before, stands) = frame(3);
        for at in (0..8).chain(FRAME..bytes.len()).step_by(7) {
            let mut changed = bytes.clone();
            changed[at] ^= 0x41;
            let its = summed(before, false, covered(&changed));
            assert_ne!(its, stands);
            assert!(one_word_mends(&changed, its, stands), "byte {at}");
        }
    }

    #[test]
    fn a_frame_that_misses_more_than_a_word_is_taken_for_torn() {
        let (bytes, before, stands) = frame(3);
        for sector in (FRAME..bytes.len()).step_by(512) {
            let mut torn = bytes.clone();
            let end = (sector + 512).min(torn.len());
            torn[sector..end].fill(0);
            let its = summed(before, false, covered(&torn));
            assert!(!one_word_mends(&torn, its, stands), "sector at {sector}");
        }
        let (another, ..) = frame(5);
        let its = summed(before, false, covered(&another));
        assert!(!one_word_mends(&another, its, stands));
    }
}
