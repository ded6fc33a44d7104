//! `causerie backup` and `causerie restore`: all of the data as one file, and back, while the server runs.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;

use super::{Done, Failure, print, with_runtime};
use crate::clock::Clock;
use crate::config::Place;
use crate::routes::public_api::iso;
use crate::store::{self, BackupFault, BeforeRestore, CutOff, ErasedAgain};

#[derive(Args, Debug)]
pub(super) struct Backup {
    /// The file to make
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Put it in the place of a file that is there
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Args, Debug)]
pub(super) struct Restore {
    /// A file that causerie backup made
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    place: Place,
}

impl Backup {
    pub(super) fn run(self) -> Done {
        with_runtime(async {
            let database = self.place.database()?;
            store::undamaged(&database)?;
            let at = Clock::default().now();
            let made = store::back_up(&database, &self.file, self.replace, at, &mut tell).await?;
            print(format_args!(
                "{}: {}, as the data was at {}",
                self.file.display(),
                size(made.size),
                iso::seconds(made.at)
            ))
        })
    }
}

impl Restore {
    pub(super) fn run(self) -> Done {
        with_runtime(async {
            let database = self.place.database()?;
            let now = Clock::default().now();
            let when = iso::millis(now).replace(':', "-");
            let keep = database.with_file_name(format!("before-restore-{when}"));
            let restored = store::restore(&database, &self.file, &keep, now, &mut tell).await?;
            print(format_args!(
                "The data is as it was at {}, by {}.",
                iso::seconds(restored.made.at),
                self.file.display()
            ))?;
            match restored.before {
                BeforeRestore::Nothing => {}
                BeforeRestore::BackedUp(path) => print(format_args!(
                    "What was there before is in {}: causerie restore takes it as well.",
                    path.display()
                ))?,
                BeforeRestore::SetAside { folder, what } => print(format_args!(
                    "What was there before was damaged ({what}). Its files are in {}.",
                    folder.display()
                ))?,
            }
            match restored.again {
                ErasedAgain::Made(0) => Ok(()),
                ErasedAgain::Made(people) => print(again(people)),
                ErasedAgain::Traced { people, of, why } => {
                    if people > 0 {
                        print(again(people))?;
                    }
                    let those: Vec<String> = of.iter().map(CutOff::to_string).collect();
                    let command = of.first().map(CutOff::name).unwrap_or_default();
                    Err(Failure::new(format!(
                        "The files of the data may still hold words of {}, who are erased: {why}. Run causerie \
                         erase-user {command} to have them cleared.",
                        those.join(", ")
                    )))
                }
                ErasedAgain::Unknown => print(
                    "Whoever was erased since that backup was made is in the data again, for what was known of it is \
                     gone: erase them once more with causerie erase-user.",
                ),
            }
        })
    }
}

fn again(people: usize) -> String {
    match people {
        1 => "One end user who was erased since is erased again.".to_owned(),
        people => format!("{people} end users who were erased since are erased again."),
    }
}

impl From<BackupFault> for Failure {
    fn from(fault: BackupFault) -> Self {
        Self::new(fault)
    }
}

/// How far it is, on one line of stderr after the other: only what takes long gets here.
fn tell(done: u64, of: u64) {
    // With stderr closed there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "{} of about {}", size(done), size(of));
}

fn size(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    if bytes < 10 * MIB {
        format!("{} KiB", bytes.div_ceil(1024))
    } else {
        format!("{} MiB", bytes / MIB)
    }
}
