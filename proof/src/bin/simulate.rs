//! Runs the simulator: one seed, told step by step, or as many as there is time for.
#![expect(clippy::print_stdout, reason = "a command line speaks to its user")]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use causerie_proof::sim::{Failure, Faults, Figures, Run, run};

const USAGE: &str = "\
Usage: cargo xtask simulate [--seed S | --seeds N] [--from S] [--for SECONDS] [--steps N] [--without FAULT,…]

  --seed S           one run, told step by step
  --seeds N          so many runs, from seed 1 or --from on
  --for SECONDS      as many as there is time for
  --steps N          steps of a run before it comes to rest
  --without FAULT,…  leave out: crashes, jumps, frames, notices, cuts, full, reloads, admin,
                      sharing, restores, erasures
  --crash-at N       one crash, when the disk has taken so many writes, and no other
Exit status: 0 nothing was found; 1 an invariant is broken; 2 wrong usage.";

/// The seed from which runs are counted where none is given.
const FIRST: u64 = 1;

/// What was asked for.
struct Asked {
    one: Option<u64>,
    from: u64,
    seeds: u64,
    within: Option<Duration>,
    run: Run,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some(asked) = asked(&args) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let found = match asked.one {
        Some(seed) => one(Run {
            seed,
            told: true,
            ..asked.run
        }),
        None => many(&asked),
    };
    match found {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            tell(&failure);
            ExitCode::FAILURE
        }
    }
}

fn one(it: Run) -> Result<(), Box<Failure>> {
    let figures = run(it)?;
    println!("seed {}: {figures:?}", it.seed);
    Ok(())
}

fn many(asked: &Asked) -> Result<(), Box<Failure>> {
    let began = Instant::now();
    let (mut all, mut seeds) = (Figures::default(), 0_u64);
    for seed in asked.from..asked.from.saturating_add(asked.seeds) {
        if asked.within.is_some_and(|within| began.elapsed() >= within) {
            break;
        }
        let one = run(Run { seed, ..asked.run })?;
        seeds += 1;
        all.add(&one);
    }
    let took = began.elapsed().as_secs_f64();
    println!(
        "{seeds} seeds from {} on, {} steps in {took:.1} s: {:.0} steps/s; {} messages acknowledged, {} sessions ended, \
         {} writes, {} crashes, {} restores, nothing found",
        asked.from,
        all.steps,
        all.steps as f64 / took,
        all.acknowledged,
        all.ends,
        all.writes,
        all.crashes,
        all.restores
    );
    for (what, often) in &all.seen {
        println!("{often:>10} {what}");
    }
    Ok(())
}

fn tell(failure: &Failure) {
    println!("\nThe last of what happened:");
    for line in &failure.told {
        println!("{line}");
    }
    let needless = needless(failure);
    let without = if needless.is_empty() {
        String::new()
    } else {
        format!(" --without {}", needless.join(","))
    };
    println!(
        "\nBROKEN at step {} of seed {}: {}",
        failure.step, failure.run.seed, failure.what
    );
    println!(
        "Replay it: cargo xtask simulate --seed {} --steps {}{without}",
        failure.run.seed, failure.run.steps
    );
}

/// The faults that the failure does not need: without all of these the same invariant is broken still.
fn needless(failure: &Failure) -> Vec<&'static str> {
    let invariant = |what: &str| what.split(':').next().unwrap_or_default().to_owned();
    let (mut faults, mut needless) = (failure.run.faults, Vec::new());
    for name in Faults::NAMES {
        let Some(fewer) = faults.without(name).filter(|fewer| *fewer != faults) else {
            continue;
        };
        let again = Run {
            faults: fewer,
            told: false,
            ..failure.run
        };
        if run(again).is_err_and(|other| invariant(&other.what) == invariant(&failure.what)) {
            faults = fewer;
            needless.push(name);
        }
    }
    needless
}

fn asked(args: &[String]) -> Option<Asked> {
    let mut asked = Asked {
        one: None,
        from: FIRST,
        seeds: u64::MAX,
        within: None,
        run: Run::of(FIRST),
    };
    let mut rest = args.iter();
    while let Some(option) = rest.next() {
        let value = rest.next()?;
        match option.as_str() {
            "--seed" => asked.one = Some(value.parse().ok()?),
            "--seeds" => asked.seeds = value.parse().ok()?,
            "--from" => asked.from = value.parse().ok()?,
            "--for" => asked.within = Some(Duration::from_secs(value.parse().ok()?)),
            "--steps" => asked.run.steps = value.parse().ok()?,
            "--crash-at" => asked.run.crash_at = Some(value.parse().ok()?),
            "--without" => {
                for name in value.split(',') {
                    asked.run.faults = asked.run.faults.without(name)?;
                }
            }
            _ => return None,
        }
    }
    if asked.seeds == u64::MAX && asked.within.is_none() {
        asked.seeds = 100;
    }
    Some(asked)
}
