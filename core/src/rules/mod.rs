//! Business rules that people write. For now: macros.

pub mod agent_macro;
