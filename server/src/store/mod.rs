//! The store: SQLite in the data folder. SQL is in this folder and nowhere else, one file per noun.
//!
//! Readers ask [`Store`], from any task, beside the writer. Who writes is one connection: the writer's
//! ([`crate::conversations`]), or a command's that opens the database itself while the server runs.
//!
//! - [`open`](Store::open): the data folder, the migrations, the seeds.
//! - `head`: a chat thread as the writer loads it; `write`: what a decision writes.
//! - [`Change`]: everything else that is written.
//! - `sums`, `wal`: whether what is on the disk is what was written.
//! - [`back_up`], [`restore()`]: the data as one file, and back.
//! - `erasure`, `traces`: what is left of a person who is erased, and of the words in the files.

mod agent;
mod agent_macro;
mod api_search;
mod backup;
mod change;
mod codec;
mod command;
mod connect;
mod conversation;
mod device;
mod dump;
mod end_user;
mod erasure;
mod error;
mod export;
mod folder;
mod head;
mod job;
mod key;
mod migrate;
mod named;
mod perform;
mod person;
mod restore;
mod script;
mod seed;
mod settings;
mod sign_in;
mod site;
mod sound;
mod sums;
mod thread;
mod through;
mod ticket;
mod traces;
mod wal;
mod whose;
mod write;

pub use agent::AgentAccount;
pub use api_search::{Holds, TicketSearch};
pub use backup::{BackupFault, Made, back_up, read as read_backup};
pub use change::{Change, ChangeRefused, Changed, NewSession, SecretHash};
pub use connect::Store;
pub use device::{Shut, Standing};
pub use dump::Bearing;
pub use end_user::KnownEndUser;
pub use error::StoreError;
pub use export::{ExportFault, export_end_user};
pub use folder::{Serving, others_may_read};
pub use job::NO_MAIL_SERVER;
pub use key::{KeyScope, SiteKey};
pub use named::{Named, NamedFault};
pub use restore::{Again as ErasedAgain, Before as BeforeRestore, Restored, restore};
pub use sign_in::AgentSession;
pub use site::{Site, SiteId};
pub use sound::{damage, undamaged};
pub use thread::ThreadHead;
pub use through::check;
pub use ticket::{TicketFilter, TicketOrder};
pub use traces::{CutOff, Traces, left_in_files};
pub use whose::{EndUserIdentity, Whose};

pub(crate) use agent::{actor, room};
pub(crate) use agent_macro::macro_by_id;
pub(crate) use command::{Known, remember};
pub(crate) use connect::Writing;
pub(crate) use device::{
    anonymous, end_user_by_id, has_tickets, live_of, log_in_device, person, retire, standing, write_person,
};
pub(crate) use end_user::read_upto;
pub(crate) use erasure::{
    Counted, begin_anew, bury, entomb, erased_at, forget_commands, identities_of, risen,
};
pub(crate) use head::{Head, Loaded, Wanted, load};
pub(crate) use job::{JobKind, finish};
pub(crate) use perform::{Performed, Touches, perform};
pub(crate) use person::id_of as id_of_person;
pub(crate) use script::Script;
pub(crate) use settings::{Account, account};
pub(crate) use traces::{PATIENCE, leave as leave_trace, take_away as take_away_traces};
pub(crate) use write::{Before, last_change, write};
