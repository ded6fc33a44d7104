//! `causerie check`: bot flows before they are served, the data while it is, backups before they are needed.

use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use causerie_core::bot::Flow;
use clap::Args;

use super::{Done, Failure, print, with_runtime};
use crate::config::Place;
use crate::routes::public_api::iso;
use crate::store::{self, BackupFault, CutOff, StoreError};

/// The flow that is shipped.
const SHIPPED: &str = include_str!("../../../flows/demo.toml");

/// How every database begins, and so every backup.
const DATABASE: &[u8] = b"SQLite format 3\0";

#[derive(Args, Debug)]
pub(super) struct Check {
    /// Flows, backups or data folders [default: the flow that is shipped, and the data]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    place: Place,
}

/// What a file is taken for.
enum Kind {
    Flow,
    /// A backup, or a database by itself.
    Database,
    /// A data folder.
    Folder,
    /// Nothing is there.
    Nothing,
}

impl Kind {
    fn of(path: &Path) -> Self {
        if path.is_dir() {
            return Self::Folder;
        }
        if path
            .symlink_metadata()
            .is_err_and(|fault| fault.kind() == ErrorKind::NotFound)
        {
            return Self::Nothing;
        }
        let mut begin = [0; 16];
        let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut begin));
        if read.is_ok() && begin == DATABASE {
            Self::Database
        } else {
            Self::Flow
        }
    }
}

impl Check {
    pub(super) fn run(self) -> Done {
        with_runtime(async {
            let mut wrong = 0;
            if self.files.is_empty() {
                flow(None).map_err(|mut faults| Failure::new(faults.swap_remove(0)))?;
                print("The shipped flow: ok")?;
                let database = self.place.database()?;
                let folder = self.place.folder();
                if database.exists() {
                    wrong += tell(&database, data(&database).await?)?;
                } else if self.place.is_named() {
                    return Err(StoreError::Missing { path: folder }.into());
                } else {
                    print(format_args!("There is no data in {}.", folder.display()))?;
                }
            }
            for file in &self.files {
                let checked = match Kind::of(file) {
                    Kind::Flow => flow(Some(file)).map(|_| "ok".to_owned()),
                    Kind::Folder => {
                        let database = file.join("causerie.db");
                        if !database.exists() {
                            return Err(StoreError::Missing { path: file.clone() }.into());
                        }
                        data(&database).await?
                    }
                    Kind::Database => backup(file).await?,
                    Kind::Nothing => Err(vec![format!(
                        "There is no file {}. Give a flow of the bot, a backup or a data folder.",
                        file.display()
                    )]),
                };
                wrong += tell(file, checked)?;
            }
            match wrong {
                0 => Ok(()),
                1 => Err(Failure::new("one file is refused")),
                count => Err(Failure::new(format!("{count} files are refused"))),
            }
        })
    }
}

/// Says what came of one; answers how many are wrong.
fn tell(file: &Path, checked: Result<String, Vec<String>>) -> Result<usize, Failure> {
    match checked {
        Ok(well) => {
            print(format_args!("{}: {well}", file.display()))?;
            Ok(0)
        }
        Err(faults) => {
            for fault in faults {
                // With stderr closed there is nobody to tell.
                let _ = writeln!(std::io::stderr(), "{fault}");
            }
            Ok(1)
        }
    }
}

/// Looks at every page of the data, then at every row.
async fn data(database: &Path) -> Result<Result<String, Vec<String>>, Failure> {
    let named = |what: String| format!("{}: {what}", database.display());
    if let Some(what) = store::damage(database, &mut |_, _| {})? {
        return Ok(Err(vec![named(what)]));
    }
    let mut faults = store::check(database, &mut how_far()).await?;
    if faults.is_empty() {
        faults = store::left_in_files(database).await?.iter().map(left).collect();
    }
    Ok(if faults.is_empty() {
        Ok("the data is whole: every page is what was written, every log is numbered without a hole, and all rows fit together".to_owned())
    } else {
        Err(faults.into_iter().map(named).collect())
    })
}

/// What an erasure that was cut off has left to be done.
fn left(of: &CutOff) -> String {
    format!(
        "{of} was erased at {}, and the files may still hold words of theirs, for that was cut off. Run causerie \
         erase-user {} to have them cleared.",
        iso::seconds(of.at),
        of.name()
    )
}

/// A backup, or a database that lies somewhere by itself.
async fn backup(file: &Path) -> Result<Result<String, Vec<String>>, Failure> {
    match store::read_backup(file) {
        Ok(made) => {
            let faults = store::check(file, &mut how_far()).await?;
            Ok(if faults.is_empty() {
                Ok(format!(
                    "a whole backup of the data as it was at {}",
                    iso::seconds(made.at)
                ))
            } else {
                Err(faults
                    .into_iter()
                    .map(|what| format!("{}: {what}", file.display()))
                    .collect())
            })
        }
        Err(BackupFault::NoBackup { .. }) if file.extension().is_some_and(|its| its == "db") => {
            data(file).await
        }
        Err(fault) => Ok(Err(vec![fault.to_string()])),
    }
}

/// How far it is, now and then: only what takes long gets here.
fn how_far() -> impl FnMut(u64, u64) {
    let mut told = std::time::Instant::now();
    move |done, of| {
        if told.elapsed().as_secs() >= 2 {
            told = std::time::Instant::now();
            // With stderr closed there is nobody to tell.
            let _ = writeln!(std::io::stderr(), "{done} of {of} chat threads");
        }
    }
}

/// Reads a flow; without a file, the one that is shipped. What is wrong comes in lines that name file, line and step.
pub(super) fn flow(path: Option<&Path>) -> Result<Flow, Vec<String>> {
    let Some(path) = path else {
        return Flow::parse(SHIPPED).map_err(|faults| {
            faults
                .iter()
                .map(|fault| format!("flows/demo.toml: {fault}"))
                .collect()
        });
    };
    let name = path.display();
    let text = std::fs::read_to_string(path).map_err(|fault| vec![format!("{name}: {fault}")])?;
    Flow::parse(&text).map_err(|faults| faults.iter().map(|fault| format!("{name}: {fault}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_flow_is_right() {
        assert_eq!(flow(None).err(), None);
    }

    #[test]
    fn a_wrong_flow_is_refused_with_file_and_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mine.toml");
        std::fs::write(&file, "start = \"a\"\n[[step\n").unwrap();
        let faults = flow(Some(&file)).unwrap_err();
        assert!(faults[0].contains("mine.toml: line 2"), "{faults:?}");
    }
}
