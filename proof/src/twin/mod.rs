//! The store's twin: the same commands over tables in memory, as plainly as they can be written.
//!
//! It is the store of the simulator ([`crate::sim`]), and the reference that the SQLite store is held to: the same
//! commands have to give equal answers, equal rows and equal logs (`server/tests/writer/twin.rs`). It decides nothing
//! itself: core's `handle` does, on the whole chat thread, whatever the real store may leave out.
//!
//! - `request`: what may be asked. `rows`: the tables.
//! - `decide`: one request, one change; `writing`: row by row. `views`: what readers see.

mod decide;
mod request;
mod rows;
mod views;
mod writing;

pub use decide::{Around, Done, Performed, ask, change};
pub use request::{Answer, Change, Changed, Fresh, Identity, Refusal, Request, SiteId};
pub use rows::{AgentRecord, Job, JobKind, Known, Rows, SentBy, ThreadRecord, TicketRecord, Write};
pub use writing::Written;
