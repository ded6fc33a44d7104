//! `causerie erase-user`: all that is held about end users is erased, for good, while the server runs or not.
//!
//! An erasure that was cut off is finished by whichever comes next, of whomever; and it is told of until somebody asks
//! for it once more. The name that their site gave them does for that only as long as it is not that of somebody new,
//! who is not to be erased for them.

use std::io::{BufRead as _, IsTerminal as _};
use std::path::Path;

use clap::Args;

use super::place::Opened;
use super::{Done, Failure, print, tell, with_runtime};
use crate::config::Place;
use crate::conversations::{self, EraseFault, Gone};
use crate::routes::public_api::iso;
use crate::store::{CutOff, Named, NamedFault, Traces};

#[derive(Args, Debug)]
pub(super) struct EraseUser {
    /// Whose: the Customer ID that the workspace shows, the number that the APIs show, or the name that the site gives
    /// them (external_id)
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
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
            let cut_off = opened.store().erasures_cut_off().await?;
            for it in &cut_off {
                tell(format_args!(
                    "{} was erased at {} by a command that was cut off.",
                    sentence(it),
                    iso::seconds(it.at)
                ));
            }
            let whom = match self.whom(&opened, &cut_off).await {
                Ok(whom) => whom,
                Err(why) => return Err(finished(&opened, &cut_off, why).await),
            };
            let ids: Vec<_> = whom.iter().map(|it| it.id).collect();
            let erased = conversations::erase(opened.store(), &ids, opened.clock()).await?;
            for (whose, gone) in whom.iter().zip(&erased.people) {
                print(done(whose, gone))?;
            }
            for line in kept_beside(&self.place.folder()) {
                print(line)?;
            }
            let told = match erased.traces {
                Traces::Gone => Ok(opened.store().erasures_told(&ids).await?),
                Traces::Left(why) => Err(Failure::new(format!(
                    "{} erased, but the files of the data may still hold some of it: {why}. Run causerie erase-user \
                     {} once more.",
                    are(&whom),
                    numbers(&whom)
                ))),
            };
            opened.store().close().await;
            told
        })
    }

    /// Who is erased: each of them is somebody, and is meant.
    async fn whom(&self, opened: &Opened, cut_off: &[CutOff]) -> Result<Vec<Named>, Failure> {
        let mut whom: Vec<Named> = Vec::with_capacity(self.ids.len());
        for id in &self.ids {
            let named = opened.store().named(id).await;
            let whose = named.map_err(|fault| {
                let since = match &fault {
                    NamedFault::Erased(at) => format!(" That was at {}.", iso::seconds(*at)),
                    NamedFault::Nobody | NamedFault::Several(_) | NamedFault::Store(_) => String::new(),
                };
                Failure::new(format!("{id}: {fault}{since} {UNCHANGED}"))
            })?;
            tell(format_args!("This is {whose}: {}.", held(&whose)));
            if self.yes && whose.erased_at.is_none() && whose.external_id.as_deref() == Some(id) {
                let before = opened.store().cut_off_before(&whose, cut_off).await?;
                is_not_another(before, id, &whose)?;
            }
            if whom.iter().all(|it| it.id != whose.id) {
                whom.push(whose);
            }
        }
        if !self.yes && whom.iter().any(|it| it.erased_at.is_none()) {
            confirmed(&whom)?;
        }
        Ok(whom)
    }
}

const UNCHANGED: &str = "Nothing is changed.";

/// Whoever has the name of somebody whose erasure was cut off may be taken for them: given again, the command would
/// erase whoever came after.
fn is_not_another(before: Option<&CutOff>, id: &str, whose: &Named) -> Done {
    let Some(before) = before else { return Ok(()) };
    Err(Failure::new(format!(
        "{id} is end user {}, who came after {before} was erased by a command that was cut off, perhaps this one. \
         {UNCHANGED} If you mean end user {}, give that number.",
        whose.number, whose.number
    )))
}

/// Where nobody is erased after all, what was cut off is finished all the same.
async fn finished(opened: &Opened, cut_off: &[CutOff], Failure(why): Failure) -> Failure {
    let Some(first) = cut_off.first() else {
        return Failure(why);
    };
    let traces = if cut_off.iter().any(|it| it.in_files) {
        opened.store().take_away_traces().await
    } else {
        Ok(Traces::Gone)
    };
    opened.store().close().await;
    let those: Vec<String> = cut_off.iter().map(CutOff::to_string).collect();
    let (those, command) = (those.join(", "), format!("causerie erase-user {}", first.name()));
    let left = match traces {
        Ok(Traces::Gone) => {
            return Failure::new(format!(
                "{why} Nothing is left in the files of {those}, whose erasure was cut off: if that is whom you mean, \
                 run {command}, which says so."
            ));
        }
        Ok(Traces::Left(left)) => left,
        Err(fault) => fault.to_string(),
    };
    Failure::new(format!(
        "{why} The files of the data may still hold words of {those}, whose erasure was cut off: {left}. Run {command}."
    ))
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

fn sentence(of: &CutOff) -> String {
    format!("End user {}", of.name())
}

fn done(whose: &Named, gone: &Gone) -> String {
    if gone.already {
        format!(
            "End user {} is erased since {}.",
            whose.number,
            iso::seconds(gone.at)
        )
    } else {
        format!(
            "End user {} is erased: {}. It cannot be undone.",
            whose.number,
            amounts(whose)
        )
    }
}

fn are(whom: &[Named]) -> String {
    match whom {
        [one] => format!("End user {} is", one.number),
        several => format!("End users {} are", numbers(several)),
    }
}

fn numbers(whom: &[Named]) -> String {
    let numbers: Vec<String> = whom.iter().map(|it| it.number.to_string()).collect();
    numbers.join(" ")
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
fn confirmed(whom: &[Named]) -> Done {
    let (these, numbers) = match whom {
        [_] => ("that is who you mean. If it is", "number"),
        _ => ("these are whom you mean. If they are", "numbers"),
    };
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new(format!(
            "There is no terminal to ask at whether {these}, give --yes. {UNCHANGED}"
        )));
    }
    let expected = self::numbers(whom);
    tell(format_args!(
        "All of it is erased for good, here and in every restore of a backup that is older. Type the {numbers} \
         {expected} to go on:"
    ));
    let mut typed = String::new();
    let read = std::io::stdin().lock().read_line(&mut typed);
    let read =
        read.map_err(|fault| Failure::new(format!("The terminal cannot be read: {fault}. {UNCHANGED}")))?;
    if read == 0 || typed.trim().is_empty() {
        return Err(Failure::new(format!("No number was typed. {UNCHANGED}")));
    }
    if typed.split_whitespace().eq(expected.split_whitespace()) {
        Ok(())
    } else if whom.len() == 1 {
        Err(Failure::new(format!("That is another number. {UNCHANGED}")))
    } else {
        Err(Failure::new(format!("Those are other numbers. {UNCHANGED}")))
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
