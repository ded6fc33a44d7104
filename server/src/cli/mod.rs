//! The commands, one file per noun. What people ask for goes to stdout, what went wrong is one line on stderr.
//! Exit status: 0 done; 1 refused or failed; 2 wrong usage.

mod agent;
mod backup;
mod check;
mod erase;
mod export;
mod place;
mod serve;
mod site;
mod token;

use std::fmt::Display;
use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{ConfigFault, ServeFlags};
use crate::store::StoreError;

/// Chat with the visitors of your website; one binary, one file of data.
#[derive(Parser, Debug)]
#[command(
    name = "causerie",
    version,
    about = "Chat with the visitors of your website; one binary, one file of data.",
    max_term_width = 100
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Serve the widget, the workspace and the APIs
    Serve(ServeFlags),
    /// The people who answer
    #[command(subcommand)]
    Agent(agent::Command),
    /// Tokens for the Support API
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Keys of a site, for machines
    #[command(subcommand)]
    Key(token::KeyCommand),
    /// The sites that embed the widget
    #[command(subcommand)]
    Site(site::Command),
    /// Make a backup: all of the data, as it is now, in one file
    Backup(backup::Backup),
    /// Put a backup back, with the server running or not
    Restore(backup::Restore),
    /// Write all that is held about an end user, as JSON
    ExportUser(export::ExportUser),
    /// Erase all that is held about an end user, for good
    EraseUser(erase::EraseUser),
    /// Check bot flows, the data and backups: each error names the file and the line, or the table and the row
    Check(check::Check),
}

/// Why a command is not done, in one line.
#[derive(Debug)]
struct Failure(String);

type Done = Result<(), Failure>;

/// Runs the command that the arguments name.
#[must_use]
pub fn run() -> ExitCode {
    // Wrong usage ends here, with 2.
    let done = match Cli::parse().command {
        Command::Serve(flags) => serve::run(flags),
        Command::Agent(command) => command.run(),
        Command::Token(command) => command.run(),
        Command::Key(command) => command.run(),
        Command::Site(command) => command.run(),
        Command::Backup(backup) => backup.run(),
        Command::Restore(restore) => restore.run(),
        Command::ExportUser(export) => export.run(),
        Command::EraseUser(erase) => erase.run(),
        Command::Check(check) => check.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(why)) => {
            // With stderr closed there is nobody to tell.
            let _ = writeln!(std::io::stderr(), "causerie: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Prints what was asked for.
fn print(line: impl Display) -> Done {
    writeln!(std::io::stdout(), "{line}").map_err(|fault| Failure::new(format!("stdout: {fault}")))
}

/// Says what is beside what was asked for, on stderr.
fn tell(line: impl Display) {
    // With stderr closed there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Runs a command that needs little: one thread is enough.
fn with_runtime(work: impl Future<Output = Done>) -> Done {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|fault| Failure::new(format!("no runtime: {fault}")))?
        .block_on(work)
}

impl Failure {
    fn new(why: impl Display) -> Self {
        let why = why.to_string();
        Self(why.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

impl From<StoreError> for Failure {
    fn from(fault: StoreError) -> Self {
        Self::new(fault)
    }
}

impl From<ConfigFault> for Failure {
    fn from(fault: ConfigFault) -> Self {
        Self::new(fault)
    }
}

impl From<getrandom::Error> for Failure {
    fn from(fault: getrandom::Error) -> Self {
        Self::new(format!("The machine gives no randomness: {fault}"))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_commands_are_well_formed() {
        Cli::command().debug_assert();
    }
}
