//! Chance that is the same for the same seed.

/// Numbers that look random and are the same for the same seed.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(2).wrapping_add(1))
    }

    pub fn roll(&mut self) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 32) as u32
    }

    /// True once in `n` rolls.
    pub fn one_in(&mut self, n: u32) -> bool {
        self.roll().is_multiple_of(n)
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.roll() as usize % n
    }
}
