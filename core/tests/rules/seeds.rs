//! Worlds from seeds: each is run to its end, and where a check fails the seed is told, to be run again alone.

/// Says which seed it was when a check fails.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the seed was {}", self.0);
        }
    }
}

/// Runs a world for each seed, one after the other.
pub(crate) fn each(seeds: core::ops::Range<u64>, mut run: impl FnMut(u64)) {
    for seed in seeds {
        let seed = Seed(seed);
        run(seed.0);
    }
}
