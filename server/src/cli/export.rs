//! `causerie export-user`: all that is held about one end user, for whoever asks for it.

use std::fs::OpenOptions;
use std::io::{BufWriter, ErrorKind};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{Done, Failure, tell, with_runtime};
use crate::clock::Clock;
use crate::config::Place;
use crate::store::{self, Named};

#[derive(Args, Debug)]
pub(super) struct ExportUser {
    /// Whose: the Customer ID that the workspace shows, the number that the APIs show, or the name that the site gives
    /// them (external_id)
    #[arg(value_name = "ID")]
    id: String,
    /// The file to make [default: stdout]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Leave out what agents wrote among themselves
    #[arg(long)]
    without_notes: bool,
    #[command(flatten)]
    place: Place,
}

impl ExportUser {
    pub(super) fn run(self) -> Done {
        with_runtime(async {
            let database = self.place.database()?;
            store::undamaged(&database)?;
            let (now, notes) = (Clock::default().now(), !self.without_notes);
            // A number may be somebody else's name: who it is, is always said, beside the document.
            let mut found = |whose: &Named| {
                let erased = if whose.erased_at.is_some() {
                    ", who is erased"
                } else {
                    ""
                };
                tell(format_args!("This is {whose}{erased}."));
            };
            let written = match &self.file {
                None => {
                    let mut out = BufWriter::new(std::io::stdout());
                    store::export_end_user(&database, &self.id, notes, now, &mut found, &mut out).await
                }
                Some(path) => {
                    let file = OpenOptions::new()
                        .write(true)
                        .create_new(true)
                        .mode(0o600)
                        .open(path)
                        .map_err(|fault| not_made(path, &fault))?;
                    let mut out = BufWriter::new(file);
                    let written =
                        store::export_end_user(&database, &self.id, notes, now, &mut found, &mut out).await;
                    if written.is_err() {
                        // Half a document is none.
                        let _ = std::fs::remove_file(path);
                    }
                    written
                }
            };
            written.map_err(|fault| Failure::new(format!("{}: {fault}", self.id)))?;
            if let Some(path) = &self.file {
                tell(format_args!("{} is written.", path.display()));
            }
            Ok(())
        })
    }
}

fn not_made(path: &Path, fault: &std::io::Error) -> Failure {
    Failure::new(if fault.kind() == ErrorKind::AlreadyExists {
        format!(
            "There is a file {} already, and it is left as it is. Give another name.",
            path.display()
        )
    } else {
        format!(
            "{} cannot be made: {fault}. See that its folder is there and that you may write to it.",
            path.display()
        )
    })
}
