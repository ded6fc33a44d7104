//! Flows as they are declared.

use super::{Move, Progress, Surroundings};

/// A flow.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Flow {}

impl Flow {
    /// A conversation begins.
    #[must_use]
    pub fn begin(&self, _around: &Surroundings<'_>) -> (Progress, Vec<Move>) {
        (Progress::default(), Vec::new())
    }

    /// The end user has written.
    #[must_use]
    pub fn answer(
        &self,
        progress: &Progress,
        _text: &str,
        _around: &Surroundings<'_>,
    ) -> (Progress, Vec<Move>) {
        (progress.clone(), Vec::new())
    }

    /// What is said before a handoff that the flow did not come to by itself.
    #[must_use]
    pub fn before_handoff(&self, _around: &Surroundings<'_>) -> Vec<Move> {
        Vec::new()
    }

    /// What the panel shows before the end user has written (R01).
    #[must_use]
    pub fn welcome(&self, _locale: &str) -> &str {
        ""
    }
}
