//! The promise, *an acknowledged message is on disk, appears once, in one order for everyone, and never in an ended
//! session*, checked by machines on the real rules: nothing of `core` is copied here, it is called.
//!
//! - [`model`]: every interleaving of a small world (two tabs of one visitor, two agents, one node that crashes, a
//!   network that loses, doubles and reorders), each state checked against the invariants.
//! - [`sim`]: long runs of the whole: every client's machine, a server that crashes, a disk that loses its tail, clocks
//!   that jump; the same seed is the same run.
//! - [`twin`]: the store in memory, of the simulation.

pub mod model;
pub mod sim;
pub mod twin;
