//! Flow files: read, and refused with the step, the line and a sentence each, all faults at once.
//!
//! A flow that passes always comes to a question or to a handoff: every `goto` has its step, every step can be
//! reached, and no steps run in a circle without a question. `read.rs` knows the file's form (by `fields.rs`),
//! `paths.rs` the ways through it.

mod fields;
mod paths;
mod read;

use core::fmt;

use toml::de::DeTable;

use super::Flow;

/// Something wrong in a flow file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FlowFault {
    /// The step it is in, if it is in one.
    pub step: Option<String>,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong: a sentence for whoever writes the file.
    pub problem: String,
}

impl fmt::Display for FlowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(step) = &self.step {
            write!(f, ", step \"{step}\"")?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl core::error::Error for FlowFault {}

impl Flow {
    /// Reads a flow file.
    ///
    /// # Errors
    /// All that is wrong with it, by line; of faults in the form of TOML the first one only.
    pub fn parse(file: &str) -> Result<Self, Vec<FlowFault>> {
        let mut faults = Faults::of(file);
        match DeTable::parse(file) {
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                let step = step_above(file, at);
                faults.add(
                    step.as_deref(),
                    at,
                    format!("This is not valid TOML: {}.", error.message()),
                );
            }
            Ok(table) => {
                let drawn = read::read(table.get_ref(), &mut faults);
                paths::check(&drawn, &mut faults);
                if faults.list.is_empty() {
                    return Ok(drawn.flow);
                }
            }
        }
        faults.list.sort_by_key(|fault| fault.line);
        Err(faults.list)
    }
}

/// The faults found so far.
struct Faults {
    /// Where each line of the file ends.
    line_ends: Vec<usize>,
    list: Vec<FlowFault>,
}

impl Faults {
    fn of(file: &str) -> Self {
        Self {
            line_ends: file.match_indices('\n').map(|(at, _)| at).collect(),
            list: Vec::new(),
        }
    }

    /// Adds one, found at a byte of the file.
    fn add(&mut self, step: Option<&str>, at: usize, problem: impl Into<String>) {
        let line = 1 + self.line_ends.partition_point(|end| *end < at);
        self.list.push(FlowFault {
            step: step.map(str::to_owned),
            line,
            problem: problem.into(),
        });
    }
}

/// The step that a byte of a file that cannot be read stands in, as far as the lines above tell.
fn step_above(file: &str, at: usize) -> Option<String> {
    let mut step = None;
    let mut passed = 0;
    for line in file.split_inclusive('\n') {
        if passed > at {
            break;
        }
        passed += line.len();
        if line.trim_start().starts_with("[[") {
            step = None;
        } else if let Some((key, value)) = line.split_once('=')
            && key.trim() == "id"
        {
            step = value.split(['"', '\'']).nth(1).map(str::to_owned);
        }
    }
    step
}
