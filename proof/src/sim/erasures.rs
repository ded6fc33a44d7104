//! Erasures (SECURITY 27): an operator erases an end user beside the server at work or while it is not, by a command in
//! a process of its own, in one transaction. Whoever serves the data learns of it by the epoch, as of a restore.

use causerie_core::bot::Flow;
use causerie_core::{ChatThreadId, EndUserId, SessionId};
use uuid::Uuid;

use super::checks::{Check, no_word_is_left};
use super::steps::Step;
use super::world::World;
use crate::twin::{self, Around, Fresh};

/// A word that is said by a visitor, and to or about them, and of nobody else.
pub(super) fn word_of(browser: usize) -> String {
    format!("of-{browser}-only")
}

impl World {
    /// Somebody is erased; now and then again.
    pub(super) fn somebody_is_erased(&mut self) -> Step {
        // An erasure has the disk's write lock to itself.
        if self.process.as_ref().is_some_and(|process| process.is_writing()) {
            return Ok(false);
        }
        let rows = self.disk.synced();
        let again = self.dice.one_in(8);
        let all: Vec<EndUserId> = rows
            .end_users
            .iter()
            .filter(|(_, it)| it.end_user.erased == again)
            .map(|(id, _)| *id)
            .collect();
        let Some(whom) = self.dice.one_of(&all).copied() else {
            return Ok(false);
        };
        self.trace.say(|| format!("the end user {whom} is erased"));
        let nobody = Uuid::nil();
        let around = Around {
            now: self.machine_time(),
            fresh: Fresh {
                session: SessionId(nobody),
                thread: ChatThreadId(nobody),
                end_user: EndUserId(nobody),
            },
            flow: &Flow::default(),
        };
        let mut rows = rows.clone();
        let before = self.decisions.before(&rows);
        let erased = twin::erase(&mut rows, whom, &around)
            .map_err(|why| format!("s27 whoever is there can be erased: {whom}: {why:?}"))?;
        self.decisions.erased(&before, &erased, &rows);
        if let Some(broken) = &self.decisions.broken {
            return Err(broken.clone());
        }
        self.disk.is_replaced(rows);
        if !erased.already {
            self.everybody_begins_anew();
        }
        self.erased_are_forgotten()?;
        self.history.grows(self.disk.synced())?;
        Ok(true)
    }

    /// After an erasure, or a restore that has made erasures again: what was said there is in nobody's history.
    pub(super) fn erased_are_forgotten(&mut self) -> Check {
        let rows = self.disk.synced();
        let stood: Vec<_> = self.history.standing().collect();
        self.history.forgets(rows, &mut self.acknowledged)?;
        for browser in &mut self.browsers {
            for wrote in browser.wrote.values_mut() {
                wrote.retain(|cid| !stood.contains(cid) || self.history.where_stands(*cid).is_some());
            }
        }
        let threads: Vec<ChatThreadId> = self.history.erased().collect();
        let words: Vec<String> = (0..self.browsers.len()).map(word_of).collect();
        no_word_is_left(rows, &threads, &words)
    }
}
