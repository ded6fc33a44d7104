//! A disk on which writes arrive in order and are safe only once they are synced: a power cut loses the tail, from any
//! write on. What a transaction wrote counts once its commit is there, whole or not at all, as in SQLite's log.

use causerie_core::Timestamp;

use crate::twin::{Refusal, Rows, Write};

use super::dice::Dice;

/// One write.
#[derive(Clone, Debug)]
enum Record {
    /// A row.
    Row(Box<Write>),
    /// What came before it, since the last of these, is one transaction.
    Commit,
}

/// The disk of the one node. It outlives the process.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    synced: Rows,
    tail: Vec<Record>,
    /// How many writes it has taken in all: the boundaries at which a crash can be asked for.
    pub writes: u64,
}

impl Disk {
    /// With these rows on it.
    #[must_use]
    pub const fn new(rows: Rows) -> Self {
        Self {
            synced: rows,
            tail: Vec::new(),
            writes: 0,
        }
    }

    /// What is safe. Readers see this: a commit is seen when its sync is done.
    #[must_use]
    pub const fn synced(&self) -> &Rows {
        &self.synced
    }

    /// A row of the transaction that is open.
    pub fn write(&mut self, row: Write) {
        self.tail.push(Record::Row(Box::new(row)));
        self.writes += 1;
    }

    /// The end of the transaction.
    pub fn commit(&mut self) {
        self.tail.push(Record::Commit);
        self.writes += 1;
    }

    /// All that was written is safe.
    pub fn sync(&mut self) {
        self.writes += 1;
        self.keep(self.tail.len());
    }

    /// The open transaction is taken back: the next one is written in its place.
    pub fn take_back(&mut self) {
        let whole = self
            .tail
            .iter()
            .rposition(|record| matches!(record, Record::Commit));
        self.tail.truncate(whole.map_or(0, |at| at + 1));
    }

    /// A backup is put in the place of all there is, in one transaction.
    ///
    /// # Errors
    /// Why somebody who was erased since cannot be erased in it.
    pub fn is_restored(&mut self, rows: Rows, now: Timestamp) -> Result<(), Refusal> {
        self.writes += 1;
        self.synced = rows.in_place_of(&self.synced, now)?;
        Ok(())
    }

    /// Another process has written, in one transaction.
    pub fn is_replaced(&mut self, rows: Rows) {
        self.writes += 1;
        self.synced = rows;
    }

    /// The process dies, and what it wrote stays.
    pub fn survives_a_kill(&mut self) -> usize {
        self.keep(self.tail.len())
    }

    /// The power goes: of what was not synced, only the first so many writes are there. Answers how many were lost.
    pub fn loses_power(&mut self, dice: &mut Dice) -> usize {
        let kept = dice.below(self.tail.len() + 1);
        self.keep(kept)
    }

    /// Applies the transactions that are whole among the first `kept` writes, and forgets the rest.
    fn keep(&mut self, kept: usize) -> usize {
        let lost = self.tail.len() - kept;
        let tail = std::mem::take(&mut self.tail);
        let mut open = Vec::new();
        for record in tail.into_iter().take(kept) {
            match record {
                Record::Row(row) => open.push(row),
                Record::Commit => {
                    for mut row in open.drain(..) {
                        self.synced.write(&mut row);
                    }
                }
            }
        }
        lost
    }
}
