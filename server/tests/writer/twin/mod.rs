//! The store and its twin: the same commands, drawn by dice, asked of the writer over an SQLite file and of the tables in
//! memory that the simulator stands on. Equal answers, equal rows and logs, equal queues and capacities (I33), after
//! each group, after the database was closed and opened, and where a command in a group fails as it is written. People
//! log in and out among it (R47), and are erased beside it (SECURITY 27).

mod both;
mod drawn;
mod people;
mod rows;
mod to_server;

use causerie_core::time::Span;

use self::both::{Both, Counts};

/// How many worlds.
const SEEDS: u64 = 10;

/// How many groups of commands in each.
const GROUPS: usize = 160;

/// Says which seed it was when a comparison fails.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the seed was {}", self.0);
        }
    }
}

#[tokio::test]
async fn i33_the_store_does_what_its_twin_does() {
    let mut all = Counts::default();
    for seed in 1..=SEEDS {
        let seed = Seed(seed);
        let mut both = Both::new(seed.0).await;
        for group in 1..=GROUPS {
            both.a_group().await;
            if both.dice.one_in(4) {
                both.jobs_are_done().await;
            }
            if both.dice.one_in(6) {
                both.time_passes();
                both.sweeps().await;
            }
            if both.dice.one_in(20) {
                both.somebody_is_erased().await;
            }
            if group % 5 == 0 {
                both.are_equal().await;
            }
            if group % 40 == 0 {
                both = both.reopened().await;
                both.are_equal().await;
            }
        }
        all.add(both.counts);
    }
    println!("{all:?}");
    assert!(
        all.done > 1_000 && all.refused > 200 && all.failed > 20,
        "something happened: {all:?}"
    );
    assert!(
        all.moved > 20 && all.stayed > 10 && all.bare > 20 && all.logouts > 20 && all.erased > 20,
        "r47: {all:?}"
    );
}

/// I31: the same with a clock that is set back, and a year ahead.
#[tokio::test]
async fn i31_the_store_does_what_its_twin_does_whatever_the_clock_shows() {
    for seed in 100..103 {
        let seed = Seed(seed);
        let mut both = Both::new(seed.0).await;
        for _ in 0..60 {
            let days = [-365, -1, 0, 0, 1, 365];
            let by = both.dice.one_of(&days).copied().unwrap_or_default();
            both.house.clock.forward(Span::days(by));
            both.a_group().await;
            both.jobs_are_done().await;
            both.sweeps().await;
            if both.dice.one_in(15) {
                both.somebody_is_erased().await;
            }
        }
        both.are_equal().await;
        both = both.reopened().await;
        both.are_equal().await;
    }
}
