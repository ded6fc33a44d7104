//! The store's twin: the same commands over tables in memory, as plainly as they can be written.
//!
//! It is the store of the simulator ([`crate::sim`]), and the reference that the SQLite store is held to: the same
//! commands have to give equal answers, equal rows and equal logs (`server/tests/writer/twin.rs`). It decides nothing
//! itself: core's `handle` does, on the whole chat thread, whatever the real store may leave out.
//!
//! - `request`: what may be asked. `rows`: the tables.
//! - `decide`: one request, one change; `writing`: row by row. `views`: what readers see.
//! - `login`: who a secret stands for, and a login (R47). `erase`: the erasure of a person.

mod decide;
mod erase;
mod login;
mod request;
mod rows;
mod views;
mod writing;

pub use decide::{Around, Done, Performed, ask, change};
pub use erase::{Erased, erase};
pub use login::{LoginDone, Standing, log_in};
pub use request::{Answer, Change, Changed, Fresh, Identity, LogIn, Refusal, Request, SecretHash, SiteId};
pub use rows::{
    AgentRecord, Device, EndUserRecord, Erasure, Job, JobKind, Known, Retired, Rows, SecretKey, SentBy,
    ThreadRecord, TicketRecord, Write,
};
pub use writing::Written;
