//! What stands on the screen: a folder each, with behaviour and style. Values in by signals, intents out by callbacks.

pub mod avatar;
pub mod composer;
pub mod confirm;
pub mod header;
pub mod icon;
pub mod log;
pub mod menu;
pub mod message;
pub mod replies;
pub mod status;
pub mod welcome;
