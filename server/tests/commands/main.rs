//! The binary as people and scripts call it: what it prints, and how it ends (0 done, 1 refused, 2 wrong usage).

#![expect(clippy::unwrap_used, reason = "what is not as a test says ends the test")]

mod backups;
mod binary;
mod check;
mod cut_off;
mod data_folder;
mod erase;
mod erase_several;
mod export;
mod full_disk;
mod logs;
mod usage;
