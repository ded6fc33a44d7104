//! The team's commands, `cargo xtask …`. CI runs the same words (`.ci/run`).
//!
//! It describes no build of its own: cargo builds the binary, Trunk builds the front ends (`Trunk.toml`), and this
//! fetches what they need, runs them in order and prints what each step took. Start at [`run`].
#![expect(clippy::print_stdout, reason = "a command line speaks to its user")]

mod assets;
mod build;
mod dev;
mod process;
mod readme;
mod size;
mod stages;
mod test;
mod tools;
mod wasm_names;

use std::process::ExitCode;

use process::{Outcome, cargo};
use stages::Stages;

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  serve [-- ARGS]               build everything and start `causerie serve --demo ARGS` on 127.0.0.1:7878
  build                         build target/release/causerie, all assets inside
  test                          everything CI runs
  test core                     the rule tests alone, in under a minute
  test wasm                     what runs in the browser: the rule tests, the tests of the screens' parts
  test proof                    the model of one node checked, the simulator run, and each planted bug found
  test kills                    the release build killed 100 times under load, and its power cut
  test story [NAME] [--headed]  one browser story (or all); a picture of each step is left in target/stories/
  simulate [--seed S|--seeds N] one node and all who use it, under one clock: a seed told step by step, or many
  bench [NAME]                  benchmarks (idle, send, resume, decide); everything after the name goes to them
  size                          what a visitor downloads; fails above the budget
  fix                           mend the formatting
  dev [-- ARGS]                 like serve, unoptimised; rebuilds and reloads on change

`cargo xtask assets` is called by Trunk after each build of a front end.
Exit status: 0 done; 1 failed; 2 wrong usage.";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match run(&args) {
        Some(Ok(())) => ExitCode::SUCCESS,
        Some(Err(reason)) => {
            eprintln!("xtask: {reason}");
            ExitCode::FAILURE
        }
        None => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// Runs one command; nothing when there is no such command.
fn run(args: &[&str]) -> Option<Outcome> {
    Some(match args {
        ["serve"] => serve(&[]),
        ["serve", "--", rest @ ..] => serve(rest),
        ["build"] => finish(build::everything),
        ["test"] => finish(test::everything),
        ["test", "core"] => finish(test::core),
        ["test", "wasm"] => finish(test::wasm),
        ["test", "proof"] => finish(|stages| stages.run("proof", test::proof)),
        ["test", "kills"] => finish(test::kills),
        ["test", "story"] => finish(|stages| test::story(stages, None, false)),
        ["test", "story", "--headed"] => finish(|stages| test::story(stages, None, true)),
        ["test", "story", name] | ["test", "story", "--", name] if !name.starts_with('-') => {
            finish(|stages| test::story(stages, Some(name), false))
        }
        ["test", "story", name, "--headed"] | ["test", "story", "--headed", name] => {
            finish(|stages| test::story(stages, Some(name), true))
        }
        ["simulate", rest @ ..] => test::simulate(rest),
        ["bench", rest @ ..] => bench(rest),
        ["size"] => finish(|stages| {
            build::front_ends(stages)?;
            stages.run("size", size::print_and_check)
        }),
        ["fix"] => tools::rust_components().and_then(|()| cargo(["fmt", "--all"]).run()),
        ["dev"] => dev::run(&[]),
        ["dev", "--", rest @ ..] => dev::run(rest),
        ["assets"] => assets::settle_staged(),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => return None,
    })
}

/// Builds what is shipped and becomes the server: Ctrl-C and SIGTERM reach it directly.
fn serve(args: &[&str]) -> Outcome {
    finish(build::everything)?;
    process::become_program(
        process::command(build::binary())
            .args(["serve", "--demo"])
            .args(args),
    )
}

/// Runs the benchmark program against the release binary.
fn bench(args: &[&str]) -> Outcome {
    finish(build::everything)?;
    test::bench(args)
}

/// Runs a row of stages and prints the table of their times, whatever came of them.
fn finish(steps: impl FnOnce(&mut Stages) -> Outcome) -> Outcome {
    let mut stages = Stages::default();
    let outcome = steps(&mut stages);
    stages.print_table();
    outcome
}
