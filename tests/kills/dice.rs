//! Chance, the same again for the same seed.

/// A row of numbers that follow from a seed (SplitMix64).
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// From `CAUSERIE_SEED`, else a fresh one; printed, so that the same can be tried again.
    #[expect(clippy::print_stdout, reason = "whoever sees it fail needs the seed")]
    pub(crate) fn of_this_run() -> Self {
        let given = std::env::var("CAUSERIE_SEED")
            .ok()
            .and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| uuid::Uuid::new_v4().as_u64_pair().0 >> 32);
        println!("CAUSERIE_SEED={seed}");
        Self(seed)
    }

    /// Dice of its own for one of many.
    pub(crate) const fn another(&mut self) -> Self {
        Self(self.next())
    }

    /// From 0 up to, and without, `end`.
    pub(crate) const fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
