//! The store and its twin: the same commands, drawn by dice, asked of the writer over an SQLite file and of the tables in
//! memory that the simulator stands on. Equal answers, equal rows and logs, equal queues and capacities (I33), after
//! each group, after the database was closed and opened, and where a command in a group fails as it is written.

mod both;
mod drawn;
mod rows;

use causerie_core::time::Span;

use self::both::Both;

/// How many worlds.
const SEEDS: u64 = 10;

/// How many groups of commands in each.
const GROUPS: usize = 120;

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
    let (mut done, mut refused, mut failed) = (0, 0, 0);
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
            if group % 5 == 0 {
                both.are_equal().await;
            }
            if group % 40 == 0 {
                both = both.reopened().await;
                both.are_equal().await;
            }
        }
        done += both.done;
        refused += both.refused;
        failed += both.failed;
    }
    println!("{done} commands done, {refused} refused, {failed} taken back");
    assert!(
        done > 1_000 && refused > 200 && failed > 20,
        "something happened: {done} done, {refused} refused, {failed} taken back"
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
        }
        both.are_equal().await;
        both = both.reopened().await;
        both.are_equal().await;
    }
}
