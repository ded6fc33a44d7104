//! Business rules that people write. For now: macros, and the placeholders in their texts.

pub mod agent_macro;
pub mod placeholders;
