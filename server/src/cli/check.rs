//! `causerie check`: bot flows, before they are served.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use causerie_core::bot::Flow;
use clap::Args;

use super::{Done, Failure, print};
use crate::config::Place;

/// The flow that is shipped.
const SHIPPED: &str = include_str!("../../../flows/demo.toml");

#[derive(Args, Debug)]
pub(super) struct Check {
    /// The files [default: the flow that is shipped]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Taken as every command takes it; nothing of the data is needed for flows
    #[command(flatten)]
    _place: Place,
}

impl Check {
    pub(super) fn run(self) -> Done {
        if self.files.is_empty() {
            flow(None).map_err(|mut faults| Failure::new(faults.swap_remove(0)))?;
            return print("The shipped flow: ok");
        }
        let mut wrong = 0;
        for file in &self.files {
            match flow(Some(file)) {
                Ok(_) => print(format_args!("{}: ok", file.display()))?,
                Err(faults) => {
                    wrong += 1;
                    for fault in faults {
                        // With stderr closed there is nobody to tell.
                        let _ = writeln!(std::io::stderr(), "{fault}");
                    }
                }
            }
        }
        match wrong {
            0 => Ok(()),
            1 => Err(Failure::new("one file is refused")),
            count => Err(Failure::new(format!("{count} files are refused"))),
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
