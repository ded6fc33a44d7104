//! Causerie: tests.
