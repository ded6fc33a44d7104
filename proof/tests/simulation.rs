//! The simulator on seeds that are the same each time: nothing is found without a planted bug, and each of those is.

use causerie_core::planted::{self, Bug};
use causerie_proof::sim::{Faults, Figures, Run, run};

/// How many seeds are run without a bug. `cargo xtask simulate --for` runs as many as there is time for.
const SEEDS: u64 = 400;

/// How many seeds a planted bug may hide from.
const HIDES: u64 = 2_000;

/// How far the run goes in which a crash comes at every write in turn.
const SHORT: usize = 400;

fn clean(it: Run) -> Figures {
    match run(it) {
        Ok(figures) => figures,
        Err(failure) => panic!(
            "seed {}, step {}: {}\n{}",
            it.seed,
            failure.step,
            failure.what,
            failure.told.join("\n")
        ),
    }
}

#[test]
fn many_seeds_keep_the_invariants_and_come_to_rest() {
    let mut all = Figures::default();
    for seed in 1..=SEEDS {
        all.add(&clean(Run::of(seed)));
    }
    println!("{SEEDS} seeds, {all:#?}");
    assert!(all.acknowledged > 10 * SEEDS && all.crashes > SEEDS);
    for what in [
        "assignments from the queue",
        "closed tickets",
        "ends by agents",
        "ends by end users",
        "forgotten conversations",
        "handoffs",
        "messages that began anew",
        "messages that reopened a ticket",
        "people erased",
        "returns to the queue",
        "second ends",
        "silent sessions",
    ] {
        let often = all.seen.get(what).copied().unwrap_or_default();
        assert!(
            often >= 10,
            "only {often} {what}: a simulation in which nothing happens finds nothing"
        );
    }
}

#[test]
fn the_same_seed_is_the_same_run() {
    for seed in [1, 77, 20_261_126] {
        assert_eq!(run(Run::of(seed)), run(Run::of(seed)));
    }
}

/// I22: one crash, at each write that the disk takes in turn.
#[test]
fn i22_a_crash_at_every_write_boundary_loses_nothing_acknowledged_and_tears_nothing() {
    let mut boundaries = 0;
    for seed in 1..=8 {
        let quiet = Run {
            steps: SHORT,
            faults: Faults {
                crashes: false,
                ..Faults::ALL
            },
            ..Run::of(seed)
        };
        let writes = clean(quiet).writes;
        for at in 1..=writes {
            let crashed = clean(Run {
                crash_at: Some(at),
                ..quiet
            });
            boundaries += crashed.crashes;
        }
    }
    println!("{boundaries} crashes, each at another write");
    assert!(boundaries > 1_000, "only {boundaries} boundaries");
}

#[test]
fn each_planted_bug_is_found() {
    let mut missed = Vec::new();
    for bug in Bug::ALL {
        planted::plant(Some(bug));
        let mut steps = 0;
        let found = (1..=HIDES).find_map(|seed| match run(Run::of(seed)) {
            Ok(figures) => {
                steps += figures.steps;
                None
            }
            Err(failure) => Some((seed, failure)),
        });
        planted::plant(None);
        match found {
            Some((seed, failure)) => println!(
                "{bug:?}: found in seed {seed}, after {} steps in all, by \"{}\"",
                steps + failure.step,
                failure.what.split(':').next().unwrap_or_default()
            ),
            None => missed.push(bug),
        }
    }
    assert!(missed.is_empty(), "the simulator does not find {missed:?}");
}
