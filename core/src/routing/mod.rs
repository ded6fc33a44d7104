//! Who gets what: capacity, derived and never counted (R33), and the choice of an agent (R31).

pub mod assign;
pub mod capacity;
