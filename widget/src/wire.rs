//! Frames, what is kept, and words between tabs, as JSON: read and written by the browser, picked apart by hand.
//!
//! The shapes are those of core's own serde forms; a test holds the two against each other, frame by frame. It is done
//! by hand here because a general reader would be a fifth of all that a visitor downloads.
//! What can't be read is nothing: a newer server's frame is ignored, an older page's item is left out.

mod read;
mod words;
mod write;

pub use read::{end_user_id, frame, login_answer, message_id, report, session_id, written};
pub use words::{heard, passed_on, word};
pub use write::{login_json, report_json, site_json, up, written_json};
