//! Backups, and what a restore makes of the world: the data of before under a fresh epoch, and every socket closed.
//!
//! What was acknowledged since the backup is gone with what it replaces; a restore says so, and keeps it in a backup of
//! its own. From then on the invariants hold over what is there now: the history goes back with the rows. Whoever has
//! not heard of it yet shows what was so before, and is looked at again once they have.

use super::checks::{Acknowledged, Check, History};
use super::steps::Step;
use super::world::World;
use crate::twin::Rows;

/// The data at one moment, and what had come of it.
#[derive(Clone, Debug)]
pub struct Backup {
    rows: Rows,
    history: History,
    acknowledged: Acknowledged,
}

impl World {
    /// A backup is made, or put back while the server is at work or while it is not.
    pub(super) fn backs_up_or_restores(&mut self) -> Step {
        // A restore has the disk's write lock to itself.
        let free = self.process.as_ref().is_none_or(|process| !process.is_writing());
        match self.backup.take() {
            Some(backup) if free && self.dice.one_in(2) => {
                self.restores(*backup)?;
            }
            Some(_) | None => {
                self.trace.say(|| "a backup is made".to_owned());
                self.backup = Some(Box::new(Backup {
                    rows: self.disk.synced().clone(),
                    history: self.history.clone(),
                    acknowledged: self.acknowledged.clone(),
                }));
            }
        }
        Ok(true)
    }

    fn restores(&mut self, backup: Backup) -> Check {
        let Backup {
            rows,
            history,
            acknowledged,
        } = backup;
        self.restores += 1;
        self.trace.say(|| "a backup is put back".to_owned());
        let now = self.machine_time();
        self.disk
            .is_restored(rows, now)
            .map_err(|why| format!("a restore erases again whoever was erased: {why:?}"))?;
        let before = std::mem::replace(&mut self.history, history);
        self.acknowledged = acknowledged;
        for browser in &mut self.browsers {
            for wrote in browser.wrote.values_mut() {
                // It may come again, from an outbox that has not heard of it, or not.
                wrote.retain(|cid| {
                    self.history.where_stands(*cid).is_some() || before.where_stands(*cid).is_none()
                });
            }
        }
        self.everybody_begins_anew();
        self.erased_are_forgotten()?;
        self.history.grows(self.disk.synced())
    }

    /// There is other data, under another epoch: every socket is closed, and whoever comes again reads all of it.
    pub(super) fn everybody_begins_anew(&mut self) {
        if let Some(process) = &mut self.process {
            process.finds_other_data(&self.disk);
        }
        self.late.clear();
        for socket in self.widgets.values_mut() {
            (socket.served, socket.of_before) = (false, true);
            socket.up.clear();
        }
        for socket in self.workspaces.values_mut() {
            (socket.served, socket.of_before) = (false, true);
            socket.up.clear();
        }
        self.widgets.retain(|_, socket| !socket.is_over());
        self.workspaces.retain(|_, socket| !socket.is_over());
    }
}
