//! The model, checked to its end: some small worlds completely, the large one by long walks.

use std::time::{Duration, Instant};

use causerie_proof::model::{Budget, OneNode, World};
use stateright::{Checker, Model, UniformChooser};

/// Two tabs, two agents, three messages, two ends and a handoff: the least of each world.
const LEAST: Budget = Budget::LEAST;

/// Worlds that are checked completely: every state that can be reached, every order of steps.
const COMPLETE: [(&str, Budget); 5] = [
    (
        "the timer of a silent session",
        Budget {
            ends: 0,
            takes: 1,
            half_days: 1,
            sweeps: 1,
            ..LEAST
        },
    ),
    (
        "a queue: somebody else waits too, and a ticket is taken by hand",
        Budget {
            ends: 1,
            takes: 1,
            queue: true,
            ..LEAST
        },
    ),
    (
        "a crash, and a frame that gets lost",
        Budget {
            crashes: 1,
            losses: 1,
            ..LEAST
        },
    ),
    (
        "a frame that comes twice, and one that overtakes another",
        Budget {
            ends: 1,
            doubles: 1,
            overtakings: 1,
            ..LEAST
        },
    ),
    (
        "a timer: half a day passes twice",
        Budget {
            ends: 1,
            half_days: 2,
            sweeps: 1,
            ..LEAST
        },
    ),
];

/// All of it at once, and more of each: too large to be complete.
const LARGE: Budget = Budget {
    ends: 2,
    handoffs: 1,
    takes: 1,
    answers: 1,
    half_days: 2,
    sweeps: 2,
    solves: 1,
    others: 1,
    crashes: 2,
    losses: 2,
    doubles: 2,
    overtakings: 2,
    switches: 1,
    queue: true,
};

/// Fewer states than this in all, and the model has become too small to tell anything.
const AT_LEAST: usize = 1_000_000;

/// How long the large world is walked through.
const WALK: Duration = Duration::from_secs(20);

/// The walks are the same each time.
const SEED: u64 = 20_261_125;

#[test]
fn every_order_of_steps_in_the_small_worlds_keeps_the_invariants() {
    let mut states = 0;
    for (what, budget) in COMPLETE {
        let began = Instant::now();
        let checked = OneNode { budget }.checker().threads(2).spawn_dfs().join();
        states += tell(what, &checked, began);
        let mut broken = checked.discoveries().into_keys();
        let broken =
            broken.find(|name| checked.discovery_classification(name).to_string() == "counterexample");
        assert_eq!(broken, None, "{what}");
        // Where nobody ends a session, no message can be seen to come after the end.
        if budget.ends > 0 {
            checked.assert_properties();
        }
    }
    println!("{states} states in all");
    assert!(states >= AT_LEAST, "only {states} states: fewer than {AT_LEAST}");
}

#[test]
fn long_walks_through_the_large_world_keep_the_invariants() {
    println!("seed {SEED}");
    let began = Instant::now();
    let checked = OneNode { budget: LARGE }
        .checker()
        .threads(2)
        .timeout(WALK)
        .spawn_simulation(SEED, UniformChooser)
        .join();
    tell("walks through the large world", &checked, began);
    for name in causerie_proof::model::properties::invariants() {
        checked.assert_no_discovery(name);
    }
}

/// Prints the figures and the shortest way to each thing that was found; answers how many states there are.
#[expect(clippy::print_stdout, reason = "the figures are what a proof is read for")]
fn tell(what: &str, checked: &impl Checker<OneNode>, began: Instant) -> usize {
    let took = began.elapsed().as_secs_f64();
    let states = checked.unique_state_count();
    println!(
        "{what}: {states} states, {} steps, depth {}, {took:.1} s, {:.0} states/s",
        checked.state_count(),
        checked.max_depth(),
        states as f64 / took
    );
    for (name, path) in checked.discoveries() {
        if checked.discovery_classification(name).to_string() == "counterexample" {
            let last: &World = path.last_state();
            println!("BROKEN: {name}\n  {last:?}\n  {:?}", path.clone().into_actions());
        }
    }
    states
}
