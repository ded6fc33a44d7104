//! `causerie erase-user`: all that is held about one end user is erased, for good, while the server runs or not.

use std::io::{BufRead as _, IsTerminal as _};
use std::path::Path;

use clap::Args;

use super::place::Opened;
use super::{Done, Failure, print, tell, with_runtime};
use crate::config::Place;
use crate::conversations::{self, EraseFault};
use crate::routes::public_api::iso;
use crate::store::{Named, NamedFault, Traces};

#[derive(Args, Debug)]
pub(super) struct EraseUser {
    /// Whose: the id or the number that the APIs show, or the name that the site gives them (external_id)
    #[arg(value_name = "ID")]
    id: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    place: Place,
}

impl EraseUser {
    pub(super) fn run(self) -> Done {
        with_runtime(async {
            let opened = Opened::at(&self.place).await?;
            let whose = opened.store().named(&self.id).await?;
            tell(format_args!("This is {whose}: {}.", held(&whose)));
            if whose.erased_at.is_none() && !self.yes {
                confirmed(&whose)?;
            }
            let erased = conversations::erase(opened.store(), whose.id, opened.clock()).await?;
            opened.store().close().await;
            if erased.already {
                print(format_args!(
                    "End user {} is erased since {}.",
                    whose.number,
                    iso::seconds(erased.at)
                ))?;
            } else {
                print(format_args!(
                    "End user {} is erased: {}. It cannot be undone.",
                    whose.number,
                    amounts(&whose)
                ))?;
            }
            for line in kept_beside(&self.place.folder()) {
                print(line)?;
            }
            match erased.traces {
                Traces::Gone => Ok(()),
                Traces::Left(why) => Err(Failure::new(format!(
                    "End user {} is erased, but the files of the data may still hold some of it: {why}. Run \
                     causerie erase-user {} once more.",
                    whose.number, whose.number
                ))),
            }
        })
    }
}

impl From<NamedFault> for Failure {
    fn from(fault: NamedFault) -> Self {
        Self::new(fault)
    }
}

impl From<EraseFault> for Failure {
    fn from(fault: EraseFault) -> Self {
        Self::new(fault)
    }
}

/// What there is of somebody, and since when nothing has come.
fn held(whose: &Named) -> String {
    if let Some(at) = whose.erased_at {
        return format!("erased since {}", iso::seconds(at));
    }
    let last = whose.last_at.map_or_else(
        || "nothing was ever written".to_owned(),
        |at| format!("last written {}", iso::seconds(at)),
    );
    format!("{}, {last}", amounts(whose))
}

fn amounts(whose: &Named) -> String {
    let count = |count: u64, what: &str| match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    };
    format!(
        "{}, {}, {}",
        count(whose.threads, "chat"),
        count(whose.messages, "message"),
        count(whose.tickets, "ticket")
    )
}

/// Asks whoever sits at the terminal. Where there is none, nobody can be asked.
fn confirmed(whose: &Named) -> Done {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new(
            "There is no terminal to ask at whether that is who you mean. If it is, give --yes. Nothing is changed.",
        ));
    }
    tell(format_args!(
        "All of it is erased for good, here and in every restore of a backup that is older. Type the number {} to go on:",
        whose.number
    ));
    let mut typed = String::new();
    std::io::stdin().lock().read_line(&mut typed).map_err(|fault| {
        Failure::new(format!(
            "The terminal cannot be read: {fault}. Nothing is changed."
        ))
    })?;
    if typed.trim() == whose.number.to_string() {
        Ok(())
    } else {
        Err(Failure::new("That is another number. Nothing is changed."))
    }
}

/// What a restore has set aside in the data folder holds what it held.
fn kept_beside(folder: &Path) -> Vec<String> {
    let Ok(files) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut kept: Vec<String> = files
        .filter_map(|file| Some(file.ok()?.path()))
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("before-restore-") || name.ends_with(".part")
        })
        .map(|path| {
            format!(
                "{} may still hold it: delete it when you don't need it any more.",
                path.display()
            )
        })
        .collect();
    kept.sort();
    kept
}
