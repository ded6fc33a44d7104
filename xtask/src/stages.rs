//! A row of stages, each with its time.

use std::time::{Duration, Instant};

use crate::process::Outcome;

/// The stages run so far.
#[derive(Debug, Default)]
pub(crate) struct Stages {
    done: Vec<Stage>,
}

#[derive(Debug)]
struct Stage {
    name: String,
    took: Duration,
    failure: Option<String>,
}

impl Stages {
    /// Runs one stage and prints its time.
    pub(crate) fn run(&mut self, name: &str, work: impl FnOnce() -> Outcome) -> Outcome {
        println!("\n==> {name}");
        let start = Instant::now();
        let outcome = work();
        let took = start.elapsed();
        let failure = outcome.as_ref().err().cloned();
        match &failure {
            None => println!("<== {name}: {}", seconds(took)),
            Some(reason) => println!("<== {name}: FAILED after {}: {reason}", seconds(took)),
        }
        self.done.push(Stage {
            name: name.to_owned(),
            took,
            failure,
        });
        outcome
    }

    /// Prints all stages with their times, and how many failed.
    pub(crate) fn print_table(&self) {
        let width = self.done.iter().map(|stage| stage.name.len()).max().unwrap_or(0);
        println!();
        for Stage { name, took, failure } in &self.done {
            let mark = if failure.is_some() { "FAILED" } else { "ok" };
            println!("{name:width$}  {:>8}  {mark}", seconds(*took));
        }
        let total = self.done.iter().map(|stage| stage.took).sum();
        let failed = self.done.iter().filter(|stage| stage.failure.is_some()).count();
        let passed = self.done.len() - failed;
        println!(
            "{:width$}  {:>8}  {passed} stages passed, {failed} failed",
            "total",
            seconds(total)
        );
    }

    /// An error when any stage failed.
    pub(crate) fn outcome(&self) -> Outcome {
        let failed: Vec<_> = self
            .done
            .iter()
            .filter(|stage| stage.failure.is_some())
            .map(|stage| &*stage.name)
            .collect();
        if failed.is_empty() {
            Ok(())
        } else {
            Err(format!("failed: {}", failed.join(", ")))
        }
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
