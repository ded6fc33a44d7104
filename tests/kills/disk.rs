//! A disk that loses what was not synced.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use causerie_tests::Story;

use crate::recording::Did;

/// Which syncs this disk believes in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Syncs {
    /// All that there were.
    All,
    /// As if SQLite had been told `synchronous=NORMAL`: those of a checkpoint, not those of a commit.
    OfCheckpoints,
    /// As if it had been told `synchronous=OFF`: none.
    None,
}

/// The files of the database: what is certainly on the disk, and what was done to them since, in order.
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    syncs: Syncs,
    synced: BTreeMap<String, Vec<u8>>,
    since: Vec<Did>,
}

impl Disk {
    /// As it is in this folder now.
    pub(crate) fn of(data: &Path, syncs: Syncs) -> Story<Self> {
        let mut synced = BTreeMap::new();
        for entry in fs::read_dir(data)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with("causerie.db") && !name.ends_with("-shm") {
                synced.insert(name, fs::read(entry.path())?);
            }
        }
        Ok(Self {
            syncs,
            synced,
            since: Vec::new(),
        })
    }

    /// The same was done here.
    pub(crate) fn does(&mut self, did: &Did) {
        match did {
            // A folder's entries are taken to be on the disk at once.
            Did::Made(file) => {
                self.synced.entry(file.clone()).or_default();
            }
            Did::Removed(file) => {
                self.synced.remove(file);
                self.since.retain(|did| did.changed() != Some(file.as_str()));
            }
            Did::Wrote(file, ..) | Did::Cut(file, _) => {
                if self.syncs == Syncs::OfCheckpoints && !beside_the_database(file) {
                    // Before it writes into the database, a checkpoint syncs what it copies from.
                    self.syncs(&format!("{file}-wal"));
                }
                self.since.push(did.clone());
            }
            Did::Synced(file) => match self.syncs {
                Syncs::All => self.syncs(file),
                Syncs::OfCheckpoints if beside_the_database(file) => {}
                Syncs::OfCheckpoints => self.syncs(file),
                Syncs::None => {}
            },
            Did::Acknowledged(_) => {}
        }
    }

    fn syncs(&mut self, file: &str) {
        let (of_it, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.since)
            .into_iter()
            .partition(|did| did.changed() == Some(file));
        self.since = others;
        for did in &of_it {
            apply(&mut self.synced, did);
        }
    }

    /// The power fails: what the disk has is put into this folder, in place of what is there. Of what was not synced,
    /// it has what is `kept`.
    pub(crate) fn loses_power(mut self, data: &Path, mut kept: impl FnMut() -> bool) -> Story {
        for did in self.since.iter().filter(|_| kept()) {
            apply(&mut self.synced, did);
        }
        if data.exists() {
            fs::remove_dir_all(data)?;
        }
        fs::create_dir_all(data)?;
        for (name, bytes) in &self.synced {
            fs::write(data.join(name), bytes)?;
        }
        Ok(())
    }
}

fn beside_the_database(file: &str) -> bool {
    file.ends_with("-wal") || file.ends_with("-journal")
}

fn apply(files: &mut BTreeMap<String, Vec<u8>>, did: &Did) {
    match did {
        Did::Wrote(file, at, bytes) => {
            let file = files.entry(file.clone()).or_default();
            let end = at + bytes.len();
            if file.len() < end {
                file.resize(end, 0);
            }
            if let Some(there) = file.get_mut(*at..end) {
                there.copy_from_slice(bytes);
            }
        }
        Did::Cut(file, length) => files.entry(file.clone()).or_default().resize(*length, 0),
        Did::Made(_) | Did::Removed(_) | Did::Synced(_) | Did::Acknowledged(_) => {}
    }
}
